"""What goes out beside a post: kept apart from its text, timed from the post, told where it is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.delivery import LATE_AFTER, Delivery, PartProgress, PartState, State, part_due, too_late
from bot.domain.extras import (
    LEFT_OUT,
    Extras,
    body_of,
    dressed,
    extra_lines,
    extras_of,
    remarks,
    with_link,
    without_link,
)
from bot.domain.platform import Feature, Level
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Variant, fingerprint
from bot.domain.spans import LONGEST, parse_span, say_span
from bot.errors import BadInput

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ALL = Feature.TEXT | Feature.IMAGE | Feature.MULTI_IMAGE | Feature.COMMENT | Feature.ARTICLE
PICTURE = Media(sha256="0" * 64, name="a.png", mime="image/png", kind=MediaKind.IMAGE, size=1)

TEXTS = st.text(min_size=1, max_size=20).filter(str.strip)
LINKS = st.none() | st.builds(Link, url=st.just("https://example.com/a"), title=st.text(max_size=9))
EXTRAS = st.builds(
    Extras,
    comment=TEXTS,
    comment_after=st.integers(0, 9_000),
    follow_ups=st.lists(
        st.tuples(st.integers(1, 90_000), TEXTS), max_size=4, unique_by=lambda pair: pair[0]
    ).map(lambda pairs: tuple(sorted(pairs))),
    link=LINKS,
)


def body(*texts: str, media: tuple[Media, ...] = ()) -> Variant:
    parts = tuple(Part(text=t, media=media if i == 0 else ()) for i, t in enumerate(texts))
    return Variant(account="a", platform="p", parts=parts)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3), EXTRAS)
def test_what_was_asked_for_can_be_read_back(texts: list[str], extras: Extras) -> None:
    variant = dressed(body(*texts), extras, ALL)
    assert extras_of(variant) == extras
    assert [p.text for p in body_of(variant.parts)] == texts
    assert dressed(variant, extras, ALL) == variant
    assert all(p.after >= 0 for p in variant.parts)


@settings(max_examples=50, deadline=None)
@given(EXTRAS)
def test_each_comes_so_long_after_the_post_as_was_said(extras: Extras) -> None:
    parts = dressed(body("Post"), extras, ALL).parts
    at, found = 0, []
    for part in parts[1:]:
        at += part.after
        found.append((at, part.role, part.text))
    later = [(s, PartRole.FOLLOW_UP, t) for s, t in extras.follow_ups]
    assert sorted(found) == sorted([(extras.comment_after, PartRole.COMMENT, extras.comment), *later])
    assert [f[0] for f in found] == sorted(f[0] for f in found)


@settings(max_examples=50, deadline=None)
@given(EXTRAS, EXTRAS)
def test_approval_covers_the_extras(one: Extras, other: Extras) -> None:
    def signed(extras: Extras) -> str:
        return fingerprint(dressed(body("Post"), extras, ALL), "now")

    assert (signed(one) == signed(other)) == (one == other)


@settings(max_examples=50, deadline=None)
@given(EXTRAS)
def test_a_platform_without_comments_gets_the_post_and_the_card_says_so(extras: Extras) -> None:
    variant = dressed(body("Post"), extras, Feature.TEXT)
    assert [p.text for p in variant.parts] == ["Post"]
    said = {f.code: f for f in remarks(variant, Feature.TEXT, "Demo")}
    assert said["no_comment"].level is Level.WARN
    assert said["no_comment"].text.startswith("Demo takes no comments")
    assert ("no_follow_ups" in said) == bool(extras.follow_ups)
    assert ("link_in_text" in said) == (extras.link is not None)
    assert not [f for f in said.values() if f.level is Level.BLOCK]


def test_nothing_asked_for_leaves_nothing_behind() -> None:
    plain = body("Post", media=(PICTURE,))
    assert dressed(plain, Extras(), Feature.TEXT | Feature.IMAGE) == plain
    assert list(remarks(plain, ALL, "X")) == []
    assert extra_lines([plain]) == []


def test_one_picture_where_only_one_can_go() -> None:
    two = body("Post", media=(PICTURE, PICTURE))
    variant = dressed(two, Extras(), Feature.TEXT | Feature.IMAGE)
    assert variant.media == (PICTURE,)
    assert variant.options == {LEFT_OUT: ["images"]}
    assert "takes one picture" in next(iter(remarks(variant, Feature.IMAGE, "Demo"))).text
    assert dressed(two, Extras(), ALL) == two


@settings(max_examples=50, deadline=None)
@given(TEXTS, LINKS, st.booleans(), st.booleans())
def test_a_link_in_the_text_comes_and_goes(text: str, link: Link | None, card: bool, media: bool) -> None:
    features = ALL if card else Feature.TEXT
    whole = with_link(text, link, (PICTURE,) if media else (), features)
    if link is None or (card and not media):
        assert whole == text
    else:
        assert whole.count(link.url) == 1
        assert without_link(whole, link) == text
        assert with_link(whole, link, (), Feature.TEXT) == whole


def test_the_card_tells_everything_that_is_signed() -> None:
    link = Link(url="https://example.com/why", title="Why", description="A story")
    extras = Extras(comment="First", comment_after=600, follow_ups=((7200, "Later"),), link=link)
    lines = extra_lines([dressed(body("Post"), extras, ALL), dressed(body("Other"), extras, ALL)])
    assert lines == [
        "🔗 Why · https://example.com/why",
        "💬 first comment 10 minutes later: First",
        "↪ 2 hours later: Later",
    ]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, LONGEST))
def test_a_span_is_read_as_it_is_written(seconds: int) -> None:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    text = f"{days}d{hours}h {minutes}min {rest} sec"
    assert parse_span(text) == seconds
    assert say_span(seconds)


@pytest.mark.parametrize("text", ["", "soon", "10", "-5m", "1 month", "h", "10m later", "1e3s", "31d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_span(text)


def delivery(*, after: int, out_at: datetime | None, due: datetime | None) -> Delivery:
    variant = dressed(body("Post"), Extras(comment="First", comment_after=after), ALL)
    parts = (PartProgress(index=0, state=PartState.OUT, ref="1", out_at=out_at),) if out_at else ()
    return Delivery(
        id=1,
        post_id=1,
        brand="b",
        account="a",
        platform="p",
        variant=variant,
        fingerprint="",
        version=1,
        state=State.SCHEDULED,
        due=due,
        parts=parts,
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, LONGEST), st.integers(-LONGEST, LONGEST), st.integers(0, 100 * LONGEST))
def test_lateness_counts_from_the_parts_own_time(after: int, due: int, waited: int) -> None:
    out_at = NOW
    row = delivery(after=after, out_at=out_at, due=NOW + timedelta(seconds=due))
    own = part_due(row)
    assert own == NOW + timedelta(seconds=max(after, due))
    now = NOW + timedelta(seconds=waited)
    assert too_late(row, now) == (now - own > LATE_AFTER)
    assert not too_late(row, own + LATE_AFTER)


def test_the_post_itself_is_due_when_its_wish_says() -> None:
    row = delivery(after=60, out_at=None, due=NOW)
    assert part_due(row) == NOW
    assert part_due(delivery(after=60, out_at=None, due=None)) is None
    assert part_due(delivery(after=60, out_at=NOW, due=None)) == NOW + timedelta(seconds=60)
