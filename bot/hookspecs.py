"""The hooks a plugin may implement.

Three families, told apart by what they return. *Register* hooks hand over values: plain
functions, called once at load, no I/O; a name that is already taken is a `PluginError`
that names both plugins. *Review* hooks answer with findings and may be ``async``. *Event*
hooks return nothing and may be ``async``: they are called after the commit, at least once,
each plugin with its own time limit, and a failure is logged once and never reaches the post.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

if TYPE_CHECKING:
    from bot.commands.spec import Command
    from bot.domain.alerts import Milestone
    from bot.domain.delivery import Delivery
    from bot.domain.platform import Finding
    from bot.domain.post import Post
    from bot.domain.report import Report
    from bot.domain.snapshot import Snapshot
    from bot.ports import ChatSpec, GeneratorSpec, Optimizer, Platform, Renderer, ReportSection

NAME = "clarion"
API = 1
"""The version of the plugin API; it grows when a plugin written for the last one would no longer work."""

F = TypeVar("F", bound=Callable[..., Any])
hookspec = cast("Callable[[F], F]", pluggy.HookspecMarker(NAME))
hookimpl = cast("Callable[[F], F]", pluggy.HookimplMarker(NAME))


@hookspec
def register_platforms() -> Iterable[Platform[Any]]:
    """Platforms this plugin can publish to. Called once, at load."""
    return ()


@hookspec
def register_optimizers() -> Iterable[Optimizer]:
    """Advisers. Called once, at load."""
    return ()


@hookspec
def register_generators() -> Iterable[GeneratorSpec[Any]]:
    """Makers of texts. Called once, at load."""
    return ()


@hookspec
def register_renderers() -> Iterable[Renderer]:
    """Media transformers. Called once, at load; the first that accepts a job does it."""
    return ()


@hookspec
def register_chats() -> Iterable[ChatSpec[Any]]:
    """Chat services. Called once, at load."""
    return ()


@hookspec
def register_commands() -> Iterable[Command]:
    """More commands. Called once, at load; an existing name is an error, never an override."""
    return ()


@hookspec
def register_report_sections() -> Iterable[ReportSection]:
    """Blocks of the weekly report. Called once, at load."""
    return ()


@hookspec
def review_post(
    post: Post, deliveries: tuple[Delivery, ...]
) -> Iterable[Finding] | Awaitable[Iterable[Finding]]:
    """What a reviewer finds in a new version, before its card is shown; may be ``async``.

    BLOCK needs an ADMIN's approval, WARN and NOTE are shown. A reviewer that fails or
    takes too long is itself shown as a WARN: silence is never consent.
    """
    return ()


@hookspec
def bot_started() -> Awaitable[None] | None:
    """Everything runs. Called once a start."""


@hookspec
def bot_stopping() -> Awaitable[None] | None:
    """The bot is about to stop; nothing new begins."""


@hookspec
def post_drafted(post: Post) -> Awaitable[None] | None:
    """A post, or a new version of it, was written."""


@hookspec
def post_decided(post: Post, delivery: Delivery) -> Awaitable[None] | None:
    """People approved, rejected or sent back one target of a post; its state says which."""


@hookspec
def post_published(post: Post, delivery: Delivery) -> Awaitable[None] | None:
    """A delivery is live; its parts carry refs, links and the proof."""


@hookspec
def post_failed(post: Post, delivery: Delivery) -> Awaitable[None] | None:
    """A delivery was refused by its platform; ``delivery.reason`` holds the platform's words."""


@hookspec
def metrics_collected(post: Post, delivery: Delivery, snapshot: Snapshot) -> Awaitable[None] | None:
    """Numbers of a live delivery were read and written down."""


@hookspec
def milestone_reached(post: Post, delivery: Delivery, milestone: Milestone) -> Awaitable[None] | None:
    """A count of a live delivery reached a level for the first time."""


@hookspec
def report_ready(report: Report) -> Awaitable[None] | None:
    """A weekly or monthly report was made; it is about to be said in the brand's channels."""
