"""What a web page says about itself, in its own letters, whatever is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.page import about, decoded


@pytest.mark.parametrize(
    ("body", "kind", "title"),
    [
        ("<title>Grüße</title>".encode(), "text/html", "Grüße"),
        ("<title>Grüße</title>".encode("latin-1"), "text/html; charset=ISO-8859-1", "Grüße"),
        ('<meta charset="windows-1251"><title>Привет</title>'.encode("cp1251"), "text/html", "Привет"),
        ("\ufeff<title>日本</title>".encode("utf-16"), "text/html", "日本"),
        (b"<title>ok\xff</title>", "text/html; charset=nonsense", "ok\ufffd"),
        (b"<title>ok</title>", "text/html; charset=hex", "ok"),
    ],
)
def test_a_page_is_read_in_its_own_letters(body: bytes, kind: str, title: str) -> None:
    assert about(decoded(body, kind)).title == title


@settings(deadline=None)
@given(st.text(), st.binary(max_size=200))
def test_no_page_breaks_the_reader(text: str, raw: bytes) -> None:
    found = about(text + decoded(raw, f"text/html; charset={text[:10]}"))
    assert len(found.title) <= 200
    assert "\n" not in found.title


def test_a_title_is_one_line_without_tricks() -> None:
    tricky = "<title>pay\u202emoc.elgoog\n to\x07 me</title>" + "<title>second</title>"
    assert about(tricky).title == "pay moc.elgoog to me"
    assert about("<meta property='og:title' content='  '><title>T</title>").title == "T"
    assert about(f"<title>{'x' * 500}</title>").title.endswith("…")
