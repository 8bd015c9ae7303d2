"""What kind of post something is, and what a look at it costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.content import content_type
from bot.domain.counting import Counting
from bot.domain.money import Price
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Variant

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def media(kind: MediaKind) -> Media:
    return Media(sha256="a" * 64, name="x", mime="x/y", kind=kind, size=1)


def kind(*parts: Part) -> str:
    return content_type(Variant(account="a", platform="p", parts=parts))


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ((Part(text="hello"),), "text"),
        ((Part(text="see https://example.com/a"),), "link"),
        ((Part(text="hello", link=Link(url="https://example.com")),), "link"),
        ((Part(text="https://example.com", media=(media(MediaKind.IMAGE),)),), "picture"),
        ((Part(text="", media=(media(MediaKind.GIF),)),), "picture"),
        ((Part(text="", media=(media(MediaKind.VIDEO),)),), "video"),
        ((Part(text="", media=(media(MediaKind.DOCUMENT),)),), "document"),
        ((Part(text="1"), Part(text="2", media=(media(MediaKind.VIDEO),))), "thread"),
        ((Part(text="1"), Part(text="see https://example.com", role=PartRole.COMMENT)), "text"),
    ],
)
def test_kinds(parts: tuple[Part, ...], name: str) -> None:
    assert kind(*parts) == name


def test_a_post_is_paid_for_once_a_day_where_the_platform_says_so() -> None:
    price = Price(micros=5000, as_of=date(2026, 9, 1), source="the platform")
    counting = Counting(price=price, once_a_day=True)
    costs = [counting.costs(then, NOW) for then in (None, NOW - timedelta(hours=1), NOW - timedelta(days=1))]
    assert costs == [5000, 0, 5000]
    assert counting.costs(NOW, NOW + timedelta(hours=2)) == 5000  # another UTC day
    assert Counting(price=price).costs(NOW, NOW) == 5000
    assert Counting().costs(None, NOW) == 0


def test_questions_and_what_they_hold() -> None:
    counting = Counting(at_once=50, calls=2)
    assert [counting.questions(n) for n in (0, 1, 50, 51)] == [0, 2, 2, 4]
    assert [counting.fits(n) for n in (0, 1, 2, 5)] == [0, 0, 50, 100]
