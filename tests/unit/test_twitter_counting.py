"""X's weighted length against the vectors of its own library, and the thread splitter on anything."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.twitter.counting import cashtags, invalid_points, links, weigh
from plugins.twitter.split import split

ROOT = Path(__file__).parents[2]
URL = "https://example.com/x"
VECTORS = [
    ("Hello, world! 👋", 16),
    ("a" * 280, 280),
    ("a" * 281, 281),
    ("日" * 140, 280),
    ("日" * 141, 282),
    ("a" * 256 + " " + URL, 280),
    ("a" * 257 + " " + URL, 281),
    ("日本語", 6),
    ("한국어", 6),
    ("Привет", 6),
    ("नमस्ते", 6),
    ("ไทย", 3),
    ("أهلا", 4),
    ("👨‍👩‍👧‍👦", 2),
    *((text, 2) for text in ("🇩🇪", "1️⃣", "❤", "❤️", "☎", "ℹ️", "©️")),
    *((text, 1) for text in ("©", "®", "—", "–", "′", "“", "”")),
    *((text, 2) for text in ("…", "•", "€", "→", "™", "✓", "‰", "ﷺ")),
    ("e\u0301", 1),
    ("\u200b", 1),
    ("https://example.com/very/long", 23),
    ("See https://example.com.", 28),
    ("(https://example.com/a_(b))", 25),
    ("日本語https://example.com/a です", 34),
    ("http://例え.jp/あ", 25),
    ("HTTP://EXAMPLE.COM", 23),
    *((text, 23) for text in ("www.example.com", "foo.bar", "bit.ly/abc")),
    *((text, 23) for text in ("readme.md", "python.py", "pkg.rs", "a.sh", "asp.net")),
    *((text, 7) for text in ("main.go", "node.js", "next.js")),
    ("file.txt", 8),
    ("x@y.com", 7),
    ("user@example.com", 16),
    ("http://localhost:8080/x", 23),
    ("http://192.168.0.1/", 19),
    ("ftp://example.com", 17),
    ("//example.com", 13),
    ("a\r\nb", 3),
    ("", 0),
]


@pytest.mark.parametrize(("text", "length"), VECTORS)
def test_length(text: str, length: int) -> None:
    assert weigh(text) == length


def test_links_are_what_x_makes_links_of() -> None:
    assert links("see example.com/why, readme.md and node.js") == ("example.com/why", "readme.md")


@pytest.mark.parametrize("bad", ["\ufeff", "\ufffe", "\uffff", "\ud83d"])
def test_invalid_points_are_named(bad: str) -> None:
    assert invalid_points(f"a{bad}b{bad}") == (f"U+{ord(bad):04X}",)


def test_cashtags() -> None:
    assert cashtags("$AAPL up, $BRK.A down; $5 and US$X and a$b are none") == ("$AAPL", "$BRK.A")


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split("Short. " + URL) == ("Short. " + URL,)


def test_cuts_at_sentence_ends_and_numbers_the_parts() -> None:
    parts = split("Clarion 1.0 is out today. " * 30)
    assert [p[-4:] for p in parts] == [" 1/3", " 2/3", " 3/3"]
    assert all(p[:-4].endswith("today.") for p in parts)


def test_cuts_at_words_where_no_sentence_ends() -> None:
    words = [f"word{n}" for n in range(120)]
    parts = split(" ".join(words))
    assert [w for p in parts for w in p.split()[:-1]] == words


def test_never_cuts_a_link_or_an_emoji() -> None:
    link, family = "https://example.com/" + "x" * 400, "👨‍👩‍👧‍👦"
    parts = split(" ".join([link, family * 150] * 3))
    together = "".join(p.rpartition(" ")[0] for p in parts)
    assert together.count(link) == 3
    assert all(p.rpartition(" ")[0].count("\u200d") % 3 == 0 for p in parts)


def test_a_cut_that_makes_a_link_is_moved() -> None:
    text = "日" * 135 + "!x.com" + "m" * 300
    assert links(text) == ()
    parts = split(text)
    assert max(weigh(p) for p in parts) <= 280
    assert not any(links(p) for p in parts)


def test_an_accent_stays_with_its_letter() -> None:
    parts = split("q" + "q\u0301" * 400)
    assert not any(p.startswith("\u0301") for p in parts)


def test_counting_is_loaded_when_needed() -> None:
    code = (
        "import sys, plugins.twitter; print(sorted({'aiohttp', 'twitter_text', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_thread_of_more_than_nine_parts() -> None:
    parts = split("word " * 1000)
    assert len(parts) > 9
    assert parts[-1].endswith(f" {len(parts)}/{len(parts)}")
    assert max(weigh(p) for p in parts) <= 280


PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["https://example.com/a?b=c", "readme.md", "x.com", "👩🏽‍🚀", "🇩🇪", "。", "\n\n", "e\u0301", " "]
    ),
    st.text(alphabet="ab. \n日!", max_size=80),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert max(weigh(p) for p in parts) <= 280
    if len(parts) > 1:
        suffixes = [f" {n}/{len(parts)}" for n in range(1, len(parts) + 1)]
        assert all(p.endswith(s) for p, s in zip(parts, suffixes, strict=True))
        parts = tuple(p.removesuffix(s) for p, s in zip(parts, suffixes, strict=True))
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    assert "".join("".join(parts).split()) == "".join(plain.split())
