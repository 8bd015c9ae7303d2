"""What people choose for one platform: read from words, checked against what is offered, told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fitting import Fill, MediaRules, PictureRule, Taste
from bot.domain.options import (
    TASTES,
    allowed,
    assignments,
    option_findings,
    option_named,
    option_words,
    options_of,
    read_option,
    taste_of,
    unchosen,
)
from bot.domain.platform import Facts, OptionKind, PostOption
from bot.errors import BadInput

WHO = PostOption(
    name="who",
    title="Who can see it",
    help="Who",
    kind=OptionKind.CHOICE,
    choices=(("PUBLIC_TO_EVERYONE", "Everyone"), ("SELF_ONLY", "Only me")),
    choices_from="offered",
    required=True,
)
PAID = PostOption(name="paid_for", title="Paid", help="Paid", kind=OptionKind.FLAG)
TAGS = PostOption(name="tags", title="Tags", help="Tags", kind=OptionKind.LIST, most=3)
TITLE = PostOption(name="title", title="Title", help="Title", most=10)
ALL = (WHO, PAID, TAGS, TITLE)
NONE = Facts()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("who=me", {"who": "me"}),
        ("who=only me title=Launch day", {"who": "only me", "title": "Launch day"}),
        ("title=“Launch day” who=x", {"title": "Launch day", "who": "x"}),
        ("title=", {"title": ""}),
        ("title=a=b", {"title": "a=b"}),
        ("  who=x ", {"who": "x"}),
    ],
)
def test_assignments(text: str, pairs: dict[str, str]) -> None:
    assert assignments(text) == pairs


@pytest.mark.parametrize("text", ["", "me", "=me", "me who=x", "who=a who=b", "1=2"])
def test_what_is_no_assignment(text: str) -> None:
    with pytest.raises(BadInput):
        assignments(text)


@given(st.text(max_size=80))
def test_any_text_is_pairs_or_refused(text: str) -> None:
    try:
        found = assignments(text)
    except BadInput:
        return
    assert found
    assert all(name in text for name in found)


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (WHO, "only me", "SELF_ONLY"),
        (WHO, "self_only", "SELF_ONLY"),
        (WHO, "Public to everyone", "PUBLIC_TO_EVERYONE"),
        (WHO, "", None),
        (PAID, "yes", True),
        (PAID, "Off", False),
        (TAGS, "a, b,, a", ["a", "b"]),
        (TITLE, " Launch ", "Launch"),
    ],
)
def test_reading(option: PostOption, text: str, value: object) -> None:
    assert read_option(option, text, NONE) == value


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        (WHO, "friends", "who is Everyone (PUBLIC_TO_EVERYONE) or Only me (SELF_ONLY), not “friends”"),
        (PAID, "perhaps", "paid_for is yes or no"),
        (TAGS, "a,b,c,d", "tags takes 3, these are 4"),
        (TITLE, "much too long a title", "title takes 10 characters, this has 21"),
        (TASTES[0], "stretch", "fit is crop, blur or pad"),
        (TASTES[1], "5-2", "ends before it begins"),
        (TASTES[1], "soon", "no part of a video"),
        (TASTES[2], "round", "no shape"),
        (TASTES[2], "1:90", "no shape"),
    ],
)
def test_what_cannot_be_chosen_says_what_can(option: PostOption, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        read_option(option, text, NONE)


def test_only_what_is_offered_now_can_be_chosen() -> None:
    now = Facts(values={"offered": ["SELF_ONLY", "SOMETHING_NEW"]})
    assert allowed(WHO, now) == (("SELF_ONLY", "Only me"), ("SOMETHING_NEW", "something new"))
    assert read_option(WHO, "something new", now) == "SOMETHING_NEW"
    with pytest.raises(BadInput):
        read_option(WHO, "everyone", now)


def test_a_required_choice_is_asked_for_and_a_stale_one_too() -> None:
    (found,) = option_findings(ALL, {}, NONE, account="acme-tt", post="P1")
    assert (found.text, found.fix) == ("choose who: Everyone or Only me", "/set P1 acme-tt who=…")
    assert unchosen(ALL, {"who": "SELF_ONLY"}) == ()
    assert list(option_findings(ALL, {"who": "SELF_ONLY"}, NONE, account="a")) == []
    gone = Facts(values={"offered": ["SELF_ONLY"]})
    (found,) = option_findings(ALL, {"who": "PUBLIC_TO_EVERYONE"}, gone, account="a", post="P1")
    assert found.text == "who “Everyone” is not offered for this account now"


def test_words_for_a_card() -> None:
    chosen = {"who": "SELF_ONLY", "paid_for": False, "tags": ["a", "b"], "strange": 1}
    assert option_words(ALL, chosen, NONE) == ("who: Only me", "paid_for: no", "tags: a, b")


def test_names_are_forgiving_and_wrong_ones_answered() -> None:
    assert option_named(ALL, "Paid-For", "Demo") is PAID
    with pytest.raises(BadInput, match="did you mean 'title'"):
        option_named(ALL, "titel", "Demo")
    with pytest.raises(BadInput, match="nothing to choose"):
        option_named((), "title", "Demo")


def test_tastes_are_offered_where_files_have_rules_and_own_options_win() -> None:
    rules = MediaRules(picture=PictureRule(formats=("image/png",), most_bytes=1))
    own = PostOption(name="shape", title="Shape", help="Its own")
    assert [o.name for o in options_of((own,), rules)] == ["shape", "fit", "trim", "level"]
    assert options_of((own,), None) == (own,)


@pytest.mark.parametrize(
    ("chosen", "taste"),
    [
        ({}, Taste()),
        ({"fit": "blur"}, Taste(fill=Fill.BLUR)),
        ({"shape": "9:16"}, Taste(shape=(9, 16))),
        ({"shape": "1.91:1"}, Taste(shape=(191, 100))),
        ({"trim": "0:05-0:35"}, Taste(start=5, end=35)),
        ({"level": True}, Taste(level=True)),
        ({"level": False}, Taste()),
        ({"trim": "5-35"}, Taste(start=5, end=35)),
        ({"trim": "1:00:05-"}, Taste(start=3605)),
        ({"trim": "-0:02.5"}, Taste(end=2.5)),
    ],
)
def test_tastes(chosen: dict[str, str], taste: Taste) -> None:
    assert taste_of(chosen) == taste
