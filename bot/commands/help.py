"""/help: every command, from its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from bot.commands.context import Context
from bot.commands.spec import Command, Opt, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.words import did_you_mean, listed
from bot.errors import NotFound

FIRST: Mapping[str, str] = MappingProxyType(
    {
        "post": "drafts a post; its card comes here, with what each account will get and who is asked",
        "queue": "what waits for you, and everything unfinished",
        "approve": "so do the button and ✅ on a card; ❌ says no, ⏸ holds it, ♻ keeps what is published",
        "edit": "changes a post; whoever's part changes is asked again",
        "schedule": "gives it another time",
        "halt": "stops sending at once",
        "whoami": "who you are here and what you may do",
        "link": "says that you are the same person in another chat",
    }
)
"""What most people come for, in this order."""


def _short(ctx: Context, known: Mapping[str, Command]) -> Message:
    """What one can do here, for whoever calls us by name."""
    role = ctx.brand.role_of(ctx.user)
    rows = [
        Field(name=f"/{name}", value=words)
        for name, words in FIRST.items()
        if name in known and role >= known[name].role
    ]
    admins = listed(ctx.brand.who(Role.ADMIN), "or") or "whoever keeps the configuration"
    text = {
        Role.NONE: f"You are not a member of {ctx.brand.name} yet; {admins} can add you.",
        Role.VIEW: f"I publish for {ctx.brand.name}. You can look at everything.",
        Role.CREATE: f"I publish for {ctx.brand.name}. You can write posts; others approve them.",
    }.get(role, f"I publish for {ctx.brand.name}. You can write posts and approve those of others.")
    return Message(
        title=f"Clarion · {ctx.brand.name}",
        text=text,
        fields=tuple(rows),
        footer="/help all lists everything, /help post explains one",
    )


def make_help(commands: tuple[Command, ...]) -> Command:
    """The help command for a set of commands; it lists itself too."""

    async def help_(
        ctx: Context,
        *,
        about: Annotated[str, Opt("A command's name, or all", positional=True)] = "",
    ) -> Message:
        """List the commands, or explain one."""
        known = {c.name: c for c in (*commands, this)}
        name = about.removeprefix("/").casefold()
        if not name and ctx.target.chat in ctx.svc.teams:
            return _short(ctx, known)
        if name in ("", "all"):
            rows = tuple(Field(name=f"/{c.name}", value=c.help) for c in known.values())
            return Message(
                title="What I understand",
                fields=rows,
                text="/help post explains one of them.",
            )
        if name not in known:
            raise NotFound(f"There is no /{name}{did_you_mean(name, known) or '.'}")
        found = known[name]
        rows = tuple(Field(name=usage, value=text) for usage, _, text in found.describe())
        least = f"for everybody with the role {found.role.name.lower()}" if found.role > Role.NONE else ""
        return Message(
            title=found.usage,
            text="\n".join(filter(None, [found.help, found.long_help])),
            fields=rows,
            footer=least,
        )

    help_.__name__ = "help"
    this = command(role=Role.NONE, name="help")(help_)
    return this
