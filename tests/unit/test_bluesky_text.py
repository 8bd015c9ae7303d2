"""Text as Bluesky counts, cuts and links it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Rejected
from plugins.bluesky.captions import as_vtt
from plugins.bluesky.counting import graphemes, length, size
from plugins.bluesky.richtext import Kind, facets, handles, spans
from plugins.bluesky.split import fits, split

SIGNS = [*"abc  ..!?\n#@/:()", "é", "e\u0301", "👩‍👩‍👧", "🇵🇹", "👍🏽", "日", "한", "مر", "example.com "]
LETTERS = st.one_of(st.sampled_from(SIGNS), st.characters(codec="utf-8"))
WORDS = st.tuples(st.lists(LETTERS, max_size=25), st.integers(1, 40)).map(lambda t: "".join(t[0]) * t[1])


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("👩‍👩‍👧", 1),
        ("🇵🇹🇩🇪", 2),
        ("👍🏽!", 2),
        ("\r\n", 1),
        ("각", 1),
    ],
)
def test_a_sign_is_what_a_reader_sees(text: str, signs: int) -> None:
    assert length(text) == signs


def found(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.value) for s in spans(text)]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.com/a?b=c#d.", ["https://example.com/a?b=c#d"]),
        ("(https://example.com/x)", ["https://example.com/x"]),
        ("https://en.wikipedia.org/wiki/Rust_(film) is", ["https://en.wikipedia.org/wiki/Rust_(film)"]),
        ("example.com", ["https://example.com"]),
        ("Example.COM/Path, and", ["https://Example.COM/Path"]),
        ("see example.com/why!", ["https://example.com/why"]),
        ("a.b.co.uk:8080/x", ["https://a.b.co.uk:8080/x"]),
        ("main.py and README.md", []),
        ("mail ann@example.com now", []),
        ("1.5 and 3.com.", ["https://3.com"]),
        ("https://", []),
        ("x.https://example.com", []),
        ("“example.com”", []),
        ("日本 https://例え.テスト/道", ["https://例え.テスト/道"]),
    ],
)
def test_links(text: str, links: list[str]) -> None:
    assert [s.value for s in spans(text) if s.kind is Kind.LINK] == links


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#start", ["start"]),
        ("go #läuft.", ["läuft"]),
        ("#1 #2026 #a1", ["a1"]),
        ("#日本語 ＃全角", ["日本語", "全角"]),
        ("a#b", []),
        ("# no", []),
        ("#it's", ["it's"]),
        ("#" + "x" * 64, ["x" * 64]),
        ("#" + "x" * 65, []),
        ("#️⃣ key", []),
        ("#a\u200bb", ["a"]),
    ],
)
def test_tags(text: str, tags: list[str]) -> None:
    assert [s.value for s in spans(text) if s.kind is Kind.TAG] == tags


def test_mentions_and_their_bytes() -> None:
    text = "Grüße @Ann.test, (@bob.example.com) x@no.test @nodot https://a.test/@in.test"
    assert handles(text) == ("ann.test", "bob.example.com")
    made = facets(text, {"ann.test": "did:plc:ann"})
    raw = text.encode()
    shown = [(raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0]) for f in made]
    assert shown == [
        ("@Ann.test", {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ann"}),
        (
            "https://a.test/@in.test",
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.test/@in.test"},
        ),
    ]


@given(WORDS)
def test_facets_cut_no_sign_and_do_not_overlap(text: str) -> None:
    made = facets(text, dict.fromkeys(handles(text), "did:plc:x"))
    raw, end = text.encode(), 0
    for facet in made:
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert end <= start < stop <= len(raw)
        raw[start:stop].decode()
        end = stop


@given(WORDS)
def test_every_part_of_a_thread_fits_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert all(fits(p) for p in parts)
    if len(parts) == 1:
        assert parts == (text.strip(),)
        return
    bodies = [p.rpartition(" ")[0] for p in parts]
    assert [p.rpartition(" ")[2] for p in parts] == [f"{n}/{len(parts)}" for n in range(1, len(parts) + 1)]
    assert "".join("".join(bodies).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["👩‍👩‍👧", "🇵🇹", "👍🏽", "e\u0301", "x"]), min_size=10, max_size=20))
def test_no_sign_is_cut(signs: list[str]) -> None:
    text = "".join(signs) * 32
    bodies = [p.rpartition(" ")[0] for p in split(text)]
    assert [g for body in bodies for g in graphemes(body)] == graphemes(text)


def test_a_thread_is_cut_where_a_reader_pauses() -> None:
    first, second = "One sentence here. " * 14, "Another one there. " * 10
    parts = split(f"{first.strip()}\n\n{second.strip()}")
    assert parts[0] == f"{first.strip()} 1/2"
    assert parts[1].startswith("Another one there.")
    link = "https://example.com/" + "x" * 60
    parts = split("word " * 55 + link + " end")
    assert any(link in p for p in parts)


def test_bytes_bind_where_signs_do_not() -> None:
    family = "👩‍👩‍👧"
    assert (length(family * 200), size(family * 200)) == (200, 3600)
    assert len(split(family * 200)) == 2


def test_subtitles_become_webvtt() -> None:
    assert as_vtt(b"WEBVTT\r\n\r\nx") == b"WEBVTT\n\nx"
    assert as_vtt(b"\xef\xbb\xbfWEBVTT\n") == b"WEBVTT\n"
    srt = b"1\n00:00:01,000 --> 00:00:02,250\nAt 10,000 they said\n"
    assert as_vtt(srt) == b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.250\nAt 10,000 they said\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "UTF-8"), (b"just words", "neither"), (b"WEBVTT\n" + b"x" * 20_000, "20,000 bytes")],
)
def test_subtitles_that_do_not_go(content: bytes, words: str) -> None:
    with pytest.raises(Rejected, match=words) as caught:
        as_vtt(content)
    assert caught.value.fix
