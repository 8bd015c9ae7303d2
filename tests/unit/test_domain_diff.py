"""Differences that a person can check: word by word, part by part, in any direction of writing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.diff import LONGEST, LRM, RLM, differences, word_changes
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Variant, fingerprint
from bot.domain.words import clean

WORDS = st.lists(
    st.sampled_from(["launch", "day", "is", "friday", "مرحبا", "לשבונה", "…", "1.0"]), max_size=30
)


def media(name: str = "a.png", sha: str = "1", alt: str = "") -> Media:
    return Media(sha256=sha, name=name, mime="image/png", kind=MediaKind.IMAGE, size=1, alt=alt)


def variant(*parts: Part, **options: Any) -> Variant:
    return Variant(account="acme-x", platform="demo", parts=parts or (Part(text="Hello"),), options=options)


def lines(old: Variant, new: Variant) -> tuple[str, ...]:
    return differences({"acme-x": old}, {"acme-x": new}, old_wish="now", new_wish="now")


def test_what_went_and_what_came_stand_in_brackets() -> None:
    assert word_changes("Launch day is Friday", "Launch day is on Monday") == (
        "Launch day is ‹−Friday−› ‹+on Monday+›"
    )


def test_long_stretches_show_only_the_side_that_touches_a_change() -> None:
    old = " ".join(f"w{n}" for n in range(60))
    found = word_changes(old, old.replace("w30", "NEW"))
    assert found == "… w27 w28 w29 ‹−w30−› ‹+NEW+› w31 w32 w33 …"
    both = word_changes(old, old.replace("w5 ", "A ").replace("w50", "B"))
    assert both == ("w0 w1 w2 w3 w4 ‹−w5−› ‹+A+› w6 w7 w8 … w47 w48 w49 ‹−w50−› ‹+B+› w51 w52 w53 …")


def test_a_difference_is_cut_and_says_how_much_is_missing() -> None:
    found = word_changes("a", "b " * 3000)
    assert len(found) < 3 * LONGEST
    assert "more characters" in found
    assert found.endswith("+›")
    many = word_changes(" ".join(f"w{n} x" for n in range(80)), " ".join(f"v{n} x" for n in range(80)))
    assert len(many) < 3 * LONGEST
    assert re.search(r"… and \d+ more changes$", many)


def test_two_texts_that_would_take_seconds_are_wholly_rewritten() -> None:
    """Nine hundred words that repeat: compared one by one that took a minute."""
    old = "first " + " ".join(f"w{n} x" for n in range(900)) + " last"
    found = word_changes(old, old.replace("w", "v"))
    assert found.startswith("first ‹−w0 x w1")
    assert "−› ‹+v0 x v1" in found
    assert len(found) < 3 * LONGEST


def test_arabic_words_stay_where_they_are() -> None:
    """Brackets take the direction of the text around them, with marks that no chat takes out."""
    found = word_changes("مرحبا بكم في لشبونة", "مرحبا بكم في Porto")
    bare = found.replace(RLM, "")
    assert bare == "مرحبا بكم في ‹−لشبونة−› ‹+Porto+›"
    assert found.count(RLM) == 8
    assert clean(found) == found
    latin = word_changes("See you at قهوة on Friday please", "See you at مقهى on Friday please")
    assert latin.replace(LRM, "") == "See you at ‹−قهوة−› ‹+مقهى+› on Friday please"
    assert RLM not in latin
    assert LRM not in word_changes("plain words", "plain text")


@given(WORDS, WORDS)
def test_old_and_new_can_be_read_out_of_it_while_nothing_is_shortened(old: list[str], new: list[str]) -> None:
    found = word_changes(" ".join(old), " ".join(new)).replace(LRM, "").replace(RLM, "")
    if "…" in found and ("…" not in old and "…" not in new):
        return  # a long stretch is shortened
    if len(old) > 8 or len(new) > 8:
        return
    kept_new = re.sub(r"‹−.*?−› ?", "", found)
    assert re.sub(r"‹\+(.*?)\+›", r"\1", kept_new).split() == new
    kept_old = re.sub(r"‹\+.*?\+› ?", "", found)
    assert re.sub(r"‹−(.*?)−›", r"\1", kept_old).split() == old


CHANGED: list[tuple[Variant, Variant, tuple[str, ...]]] = [
    (
        variant(Part(text="one"), Part(text="two")),
        variant(Part(text="one"), Part(text="2")),
        ("acme-x part 2 text: ‹−two−› ‹+2+›",),
    ),
    (
        variant(Part(text="one")),
        variant(Part(text="one"), Part(text="see you", role=PartRole.COMMENT, after=90)),
        ("acme-x: 1 → 2 parts", "acme-x part 2: new, comment, 1 min later: ‹+see you+›"),
    ),
    (
        variant(Part(text="one"), Part(text="two")),
        variant(Part(text="one")),
        ("acme-x: 2 → 1 parts", "acme-x part 2: taken out: ‹−two−›"),
    ),
    (variant(Part(text="a  b")), variant(Part(text="a b")), ("acme-x text: spaces and line breaks",)),
    (
        variant(Part(text="x", after=60)),
        variant(Part(text="x", after=7200)),
        ("acme-x: 1 min later → 2 h later",),
    ),
    (
        variant(Part(text="x", role=PartRole.COMMENT)),
        variant(Part(text="x", role=PartRole.FOLLOW_UP)),
        ("acme-x: comment → follow-up",),
    ),
    (
        variant(Part(text="x", media=(media(),))),
        variant(Part(text="x", media=(media("b.png", "2"),))),
        ("acme-x media: a.png → b.png",),
    ),
    (
        variant(Part(text="x", media=(media(),))),
        variant(Part(text="x", media=(media(sha="2"),))),
        ("acme-x media: another file, also called a.png",),
    ),
    (
        variant(Part(text="x", media=(media(alt="a red door"), media("b.png", "2")))),
        variant(Part(text="x", media=(media(alt="a blue door"), media("b.png", "2", alt="a cat")))),
        ("acme-x alt text of a.png: a ‹−red−› ‹+blue+› door", "acme-x alt text of b.png: “a cat”"),
    ),
    (
        variant(Part(text="x", link=Link(url="https://a", title="Old news"))),
        variant(Part(text="x", link=Link(url="https://b", title="Old tricks", image=media()))),
        (
            "acme-x link card: https://a → https://b",
            "acme-x link card’s title: Old ‹−news−› ‹+tricks+›",
            "acme-x link card’s media: no media → a.png",
        ),
    ),
    (variant(Part(text="x"), mode="a"), variant(Part(text="x")), ("acme-x mode: a → usual",)),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGED)
def test_everything_that_is_signed_is_named_when_it_changes(
    old: Variant, new: Variant, expected: tuple[str, ...]
) -> None:
    assert lines(old, new) == expected
    assert lines(old, old) == ()


TEXTS = st.sampled_from(["", "a", "a b", "b a"])
FILES = st.lists(st.builds(media, sha=st.sampled_from("12"), alt=TEXTS), max_size=2).map(tuple)
PARTS = st.builds(
    Part,
    text=TEXTS,
    media=FILES,
    role=st.sampled_from([*PartRole]),
    after=st.sampled_from([0, 60]),
    link=st.none()
    | st.builds(
        Link, url=st.sampled_from(["u", "v"]), title=TEXTS, image=st.none() | st.builds(media, alt=TEXTS)
    ),
    options=st.sampled_from([{}, {"k": 1}]),
)
VARIANTS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: variant(*parts))


@given(VARIANTS, VARIANTS)
def test_whatever_voids_a_signature_is_shown(old: Variant, new: Variant) -> None:
    """No difference in what is signed without a line about it."""
    if fingerprint(old, "now") != fingerprint(new, "now"):
        assert lines(old, new)
    else:
        assert lines(old, new) == ()


def test_accounts_and_the_wish() -> None:
    old, new = variant(), replace(variant(), account="acme-li")
    assert differences({"acme-x": old}, {"acme-li": new}, old_wish="now", new_wish="fri 17:30") == (
        "acme-li: added",
        "acme-x: dropped",
        "time: now → fri 17:30",
    )
