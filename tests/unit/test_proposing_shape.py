"""The same post for another account: as it is, in parts, shortened, or with a file made to fit."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import make_log
from bot.config import Secret
from bot.domain.platform import Facts
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Stream, Variant
from bot.ports import Deps, Platform
from bot.registry import load
from bot.services.context import Connected
from bot.services.proposing.shaping import Shaped, shape
from bot.testing.clock import FakeClock

PICTURE = Media(
    sha256="a" * 64,
    name="card.png",
    mime="image/png",
    kind=MediaKind.IMAGE,
    size=90_000,
    width=1600,
    height=900,
    alt="A card",
    stream=Stream(pixels="rgb"),
)
SETTINGS: dict[str, dict[str, Any]] = {
    "twitter": {},
    "linkedin": {"author": "urn:li:organization:1"},
    "bluesky": {},
    "youtube": {},
    "tiktok": {},
    "instagram": {},
}


class Nothing:
    """What a publisher is lent that only looks at texts here."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody should ask for {name}")


@pytest.fixture(scope="module")
def platforms() -> dict[str, Platform[Any]]:
    return dict(load(log=make_log(io.StringIO()), entry_points=()).platforms)


def connected(platform: Platform[Any]) -> Connected:
    given_: dict[str, Any] = dict(SETTINGS.get(platform.name, {}))
    simulated = platform.simulated
    values: dict[str, Any] = {**(dict(simulated.settings) if simulated else {}), **given_}
    if simulated is not None:
        values |= {name: Secret(value) for name, value in simulated.secrets.items()}
    fields = set(platform.settings.__dataclass_fields__)
    made = platform.settings(**{k: v for k, v in values.items() if k in fields})
    deps = Deps(http=Nothing(), clock=FakeClock(), media=Nothing(), log=make_log(io.StringIO()))
    return Connected(
        name=f"acme-{platform.name}",
        brand="acme",
        platform=platform,
        publisher=platform.connect(made, deps),
        facts=Facts(),
    )


def said(text: str, *media: Media, **more: Any) -> Variant:
    return Variant(account="acme-src", platform="src", parts=(Part(text=text, media=media, **more),))


def shaped(target: Connected, source: Variant) -> Shaped:
    found = shape(target, source, source.media, origin="LinkedIn")
    assert isinstance(found, Shaped), found
    return found


def test_what_fits_goes_as_it_is(platforms: dict[str, Platform[Any]]) -> None:
    for name in ("twitter", "linkedin", "bluesky"):
        found = shaped(connected(platforms[name]), said("Why our card has three previews."))
        assert found.how == "as it is"
        assert found.variant.body == "Why our card has three previews."
        assert found.variant.account == f"acme-{name}"


def test_a_long_text_becomes_a_thread_or_whole_sentences(platforms: dict[str, Platform[Any]]) -> None:
    target = connected(platforms["twitter"])
    some = "One sentence that says what it says. " * 12
    found = shaped(target, said(some.strip()))
    assert found.how == "as a thread of 2"
    essay = "One sentence that says what it says. " * 80
    found = shaped(target, said(essay.strip()))
    assert found.how.startswith("shortened from 2,959 to ")
    assert len(found.variant.parts) == 1
    assert found.variant.body.endswith("says.")
    assert not [f for f in target.inspect(found.variant) if f.level.value == "block"]


def test_one_endless_sentence_is_cut_between_words(platforms: dict[str, Platform[Any]]) -> None:
    platform = replace(platforms["bluesky"], split=None)
    found = shaped(connected(platform), said("word " * 200))
    assert found.variant.body.endswith("word…")
    assert len(found.variant.body) <= 300


def test_a_picture_goes_along_and_nobody_knows_its_marks(platforms: dict[str, Platform[Any]]) -> None:
    found = shaped(connected(platforms["linkedin"]), said("Look", PICTURE))
    assert [m.name for m in found.variant.media] == ["card.png"]
    assert "Whether card.png carries the mark of another platform is not known." in found.notes


def test_words_alone_do_not_go_where_films_live(platforms: dict[str, Platform[Any]]) -> None:
    for name in ("youtube", "tiktok", "instagram"):
        found = shape(connected(platforms[name]), said("Only words"), (), origin="X")
        assert found == f"{platforms[name].title} takes no post without a file that it knows"


def test_names_of_the_other_platform_are_pointed_out(platforms: dict[str, Platform[Any]]) -> None:
    found = shaped(connected(platforms["linkedin"]), said("With @bob and @carol.x, mail me@example.com"))
    assert found.notes == ("@bob and @carol.x are names on LinkedIn; check before it goes out.",)


def test_its_link_stays_and_its_comments_do_not(platforms: dict[str, Platform[Any]]) -> None:
    link = Link(url="https://example.com/why", title="Why")
    source = Variant(
        account="acme-src",
        platform="src",
        parts=(
            Part(text="Read why\n\nhttps://example.com/why", link=link),
            Part(text="More below", role=PartRole.COMMENT),
            Part(text="Later", role=PartRole.FOLLOW_UP, after=60),
        ),
    )
    found = shaped(connected(platforms["twitter"]), source)
    assert found.variant.body == "Read why\n\nhttps://example.com/why"
    assert len(found.variant.parts) == 1


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1, max_size=900))
def test_whatever_was_said_what_is_proposed_could_go_out(text: str) -> None:
    every = load(log=make_log(io.StringIO()), entry_points=()).platforms
    for name in ("twitter", "bluesky"):
        target = connected(every[name])
        found = shape(target, said(text), (), origin="LinkedIn")
        if isinstance(found, Shaped):
            assert not [f for f in target.inspect(found.variant) if f.level.value == "block"]
