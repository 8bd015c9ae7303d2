"""Events and reviews reach every plugin, and no plugin can hurt another, the bot, or the post."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.delivery import Delivery
from bot.domain.platform import Finding, Level
from bot.domain.post import Post
from bot.hookspecs import hookimpl
from bot.registry import Registry, Source

POST = Post(
    id=42,
    brand="acme",
    author="alice",
    brief="b",
    wish="now",
    version=1,
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
)
NOTE = Finding(level=Level.NOTE, code="tone", text="Friendly.")


class Journal:
    """A `Log` that remembers its warnings."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **facts: Any) -> None:
        self.lines.append({"event": event, **facts})

    debug = info = error = warning


class Plugin:
    """Answers every hook here by calling ``act`` with what it was told."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self.act = act

    @hookimpl
    def post_drafted(self, post: Post) -> Any:
        return self.act(post)

    @hookimpl
    def review_post(self, post: Post) -> Any:
        return self.act(post)


def bot(journal: Journal | None = None, timeout: float = 10.0, **acts: Callable[..., Any]) -> Registry:
    registry = Registry(journal or Journal(), timeout)
    for name, act in acts.items():
        registry._admit(Source(name=name, origin="test", load=lambda act=act: Plugin(act)))  # type: ignore[misc]
    assert not registry.problems
    return registry


async def test_everybody_hears_it_plain_or_async() -> None:
    heard: list[tuple[str, Post]] = []

    async def later(post: Post) -> None:
        await asyncio.sleep(0)
        heard.append(("later", post))

    await bot(now=lambda post: heard.append(("now", post)), later=later).emit("post_drafted", post=POST)
    assert heard == [("now", POST), ("later", POST)]


async def test_a_hook_takes_only_the_facts_it_names() -> None:
    seen: list[Any] = []

    class Narrow:
        @hookimpl
        def post_decided(self, delivery: Any) -> None:
            seen.append(delivery)

        @hookimpl
        def post_published(self) -> None:
            seen.append("published")

    registry = Registry(Journal(), 10.0)
    registry._admit(Source(name="narrow", origin="test", load=Narrow))
    await registry.emit("post_decided", post=POST, delivery="d")
    await registry.emit("post_published", post=POST, delivery="d")
    assert seen == ["d", "published"]


def fail(post: Post) -> None:
    raise ValueError("broken")


async def fail_later(post: Post) -> None:
    raise KeyError(post.id)


def leave(post: Post) -> None:
    raise SystemExit(1)


async def give_up(post: Post) -> None:
    raise asyncio.CancelledError


async def forever(post: Post) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (fail, "ValueError: broken"),
        (fail_later, "KeyError: 42"),
        (leave, "SystemExit: 1"),
        (give_up, "CancelledError"),
        (forever, "took longer than 0.01 s"),
    ],
)
async def test_a_failure_is_logged_once_and_touches_nobody(act: Callable[..., Any], told: str) -> None:
    journal, heard = Journal(), list[Post]()
    registry = bot(journal, 0.01, before=heard.append, broken=act, behind=heard.append)
    for _ in range(3):
        await registry.emit("post_drafted", post=POST)
    assert heard == [POST] * 6
    assert registry.failures == {("broken", "post_drafted"): 3}
    (line,) = journal.lines
    assert (line["event"], line["plugin"], line["hook"]) == ("plugin_failed", "broken", "post_drafted")
    assert line["error"] == told


async def test_another_hook_of_the_same_plugin_is_logged_too() -> None:
    journal = Journal()
    registry = bot(journal, broken=fail)
    await registry.emit("post_drafted", post=POST)
    await registry.review(POST, ())
    assert [line["hook"] for line in journal.lines] == ["post_drafted", "review_post"]


async def test_stopping_the_bot_stops_the_plugins() -> None:
    stopped: list[str] = []

    async def wait(post: Post) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("yes")

    registry = bot(slow=wait)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(registry.emit("post_drafted", post=POST))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    assert stopped == ["yes"]
    assert not registry.failures


async def test_our_own_mistakes_are_not_a_plugins() -> None:
    registry = bot(one=lambda post: None)
    with pytest.raises(TypeError, match="no hook post_drafed takes"):
        await registry.emit("post_drafed", post=POST)
    with pytest.raises(TypeError, match="no hook post_drafted takes"):
        await registry.emit("post_drafted", pots=POST)


async def test_reviews_are_merged_in_load_order() -> None:
    warn = Finding(level=Level.WARN, code="risk", text="Hm.")

    async def later(post: Post) -> list[Finding]:
        await asyncio.sleep(0)
        return [warn]

    registry = bot(later=later, plain=lambda post: (NOTE, NOTE), nothing=lambda post: None)
    assert await registry.review(POST, ()) == [warn, NOTE, NOTE]


def half(post: Post) -> Any:
    yield NOTE
    raise ValueError("halfway")


@pytest.mark.parametrize("act", [fail, fail_later, leave, give_up, forever, half, lambda post: ["text"]])
async def test_a_reviewer_that_says_nothing_is_a_warning(act: Callable[..., Any]) -> None:
    registry = bot(None, 0.01, brand_voice=act, other=lambda post: [NOTE])
    silence, note = await registry.review(POST, ())
    assert (silence.level, silence.code) == (Level.WARN, "reviewer")
    assert "brand_voice" in silence.text
    assert "broken" not in silence.text
    assert note == NOTE
    assert registry.failures == {("brand_voice", "review_post"): 1}


async def test_reviewers_may_look_at_the_deliveries() -> None:
    seen: list[Any] = []

    class Narrow:
        @hookimpl
        def review_post(self, deliveries: tuple[Delivery, ...]) -> None:
            seen.append(deliveries)

    registry = Registry(Journal(), 10.0)
    registry._admit(Source(name="narrow", origin="test", load=Narrow))
    assert await registry.review(POST, ()) == []
    assert seen == [()]
