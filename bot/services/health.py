"""How an account signs in, and until when: the words for the terminal and for the chat."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.grant import Grant, GrantState

DASH = "—"


def signs_in(grant: Grant | None, *, granted: bool) -> str:
    """With which of its secrets an account speaks, when it has two as well."""
    if granted:
        return "connected by its owner"
    return "its own keys (they win over clarion connect)" if grant is not None else "its own keys"


def until(grant: Grant | None, now: datetime) -> str:
    """When a person has to do something again; a dash when nobody said."""
    if grant is None:
        return DASH
    if grant.state is GrantState.LOST:
        return "lost; connect it again"
    ends = grant.ends_at
    if ends is None:
        return "renews itself" if grant.renewable else DASH
    return "ended" if ends <= now else f"{days(ends - now)} ({ends:%d %b %Y})"


def days(left: timedelta) -> str:
    """A span as people count it."""
    if left < timedelta(hours=1):
        return "less than an hour"
    if left < timedelta(days=1):
        hours = left // timedelta(hours=1)
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{left.days} day{'s' if left.days > 1 else ''}"
