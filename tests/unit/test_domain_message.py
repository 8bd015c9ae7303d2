"""Buttons' wire form, emoji, words that changed, and small words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.diff import differences, word_changes
from bot.domain.message import ACTION_LIMIT, Action, Target, fold_emoji
from bot.domain.post import Media, MediaKind, Part, Variant
from bot.domain.words import clean, did_you_mean, listed, nearest
from bot.errors import BadInput

VERBS = st.text("abcdefghijklmnopqrstuvwxyz_-", min_size=1, max_size=30)


@given(VERBS, VERBS, st.integers(0, 2**53), st.integers(0, 2**31))
def test_a_button_survives_a_restart(verb: str, kind: str, id_: int, version: int) -> None:
    action = Action(verb=verb, kind=kind, id=id_, version=version)
    if len(f"{verb}:{kind}:{id_}:{version}") > ACTION_LIMIT:
        with pytest.raises(ValueError, match="longer than 100"):
            action.encode()
        return
    assert len(action.encode()) <= ACTION_LIMIT
    assert Action.decode(action.encode()) == action


@pytest.mark.parametrize(
    "text",
    [
        "",
        "approve",
        "approve:post:1",
        "approve:post:1:2:3",
        "approve:post:x:1",
        "a:b:-1:0",
        "a:b:1:1\n",
        "A:b:1:1",
    ],
)
def test_a_strangers_button_is_not_ours(text: str) -> None:
    with pytest.raises(BadInput, match="not one of mine"):
        Action.decode(text)


def test_skin_tones_and_variation_selectors_are_folded() -> None:
    tones = [chr(0x1F3FB + i) for i in range(5)]
    assert {fold_emoji(f"👍{tone}") for tone in tones} == {"👍"}
    assert fold_emoji("✔️") == fold_emoji("✔︎") == "✔"
    assert fold_emoji("✅") == "✅" != fold_emoji("☑️")


def test_a_target_has_an_address() -> None:
    assert Target(chat="room", channel="a:b", thread=3).address == "room:a:b"


def test_what_went_and_what_came_are_marked() -> None:
    assert word_changes("Hello big world", "Hello small world") == "Hello ‹−big−› ‹+small+› world"
    assert word_changes("", "new") == "‹+new+›"
    assert word_changes("old", "") == "‹−old−›"


def test_long_unchanged_stretches_are_shortened() -> None:
    same = " ".join(f"w{i}" for i in range(20))
    assert word_changes(f"{same} a", f"{same} b") == "… w17 w18 w19 ‹−a−› ‹+b+›"


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=8).map(" ".join)


@given(WORDS, WORDS)
def test_the_marks_tell_both_versions(old: str, new: str) -> None:
    shown = word_changes(old, new).split()
    text = " ".join(shown)
    for opening, closing, other_open, other_close, wanted in (
        ("‹−", "−›", "‹+", "+›", old),
        ("‹+", "+›", "‹−", "−›", new),
    ):
        rest = text
        while other_open in rest:
            start = rest.index(other_open)
            rest = rest[:start] + rest[rest.index(other_close, start) + 2 :]
        assert rest.replace(opening, "").replace(closing, "").split() == wanted.split()


PICTURE = Media(sha256="a", name="a.png", mime="image/png", kind=MediaKind.IMAGE, size=1, alt="one")


def variant(account: str, *texts: str, media: tuple[Media, ...] = ()) -> Variant:
    parts = tuple(Part(text=t, media=media if i == 0 else ()) for i, t in enumerate(texts))
    return Variant(account=account, platform="demo", parts=parts)


def lines(old: Variant, new: Variant, *, was: str = "now", will: str = "now") -> tuple[str, ...]:
    return differences({old.account: old}, {new.account: new}, old_wish=was, new_wish=will)


def test_differences_name_each_thing_once() -> None:
    plain, pictured = variant("x", "hi there"), variant("x", "hi there", media=(PICTURE,))
    assert lines(plain, plain) == ()
    assert lines(plain, variant("x", "hi you")) == ("x text: hi ‹−there−› ‹+you+›",)
    assert lines(plain, pictured) == ("x media: no media → a.png", "x alt text of a.png: “one”")
    assert lines(pictured, plain) == ("x media: a.png → no media",)
    described = variant("x", "hi there", media=(Media(**{**vars(PICTURE), "alt": "two"}),))
    assert lines(pictured, described) == ("x alt text of a.png: ‹−one−› ‹+two+›",)
    cut = ("x: 1 → 2 parts", "x part 1 text: hi ‹−there−›", "x part 2: new: ‹+there+›")
    assert lines(plain, variant("x", "hi", "there")) == cut
    assert lines(plain, variant("x", "hi\nthere")) == ("x text: spaces and line breaks",)
    assert lines(plain, plain, will="fri 17:30") == ("time: now → fri 17:30",)


def test_accounts_that_come_and_go_are_named() -> None:
    x, y = variant("x", "hi"), variant("y", "hi")
    assert differences({"x": x}, {"y": y}, old_wish="now", new_wish="now") == ("y: added", "x: dropped")


def test_lists_as_people_say_them() -> None:
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], last="or") == "a or b"


def test_the_nearest_name() -> None:
    assert nearest("platfrom", ["brand", "platform"]) == "platform"
    assert nearest("PLATFORM", ["platform"]) == "platform"
    assert nearest("zzz", ["platform"]) is None
    assert did_you_mean("brnad", ["brand"]) == ", did you mean 'brand'?"
    assert did_you_mean("zzz", ["brand"]) == ""


@given(st.text(st.characters()))
def test_clean_text_cannot_steer_a_terminal(text: str) -> None:
    shown = clean(text)
    assert not [c for c in shown if (ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) <= 0x9F]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert clean(shown) == shown
