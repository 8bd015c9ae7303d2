"""/help: every command, from its declaration."""

from __future__ import annotations

from typing import Annotated

from bot.commands.context import Context
from bot.commands.spec import Command, Opt, command
from bot.domain.message import Field, Message
from bot.domain.people import Role
from bot.domain.words import did_you_mean
from bot.errors import NotFound


def make_help(commands: tuple[Command, ...]) -> Command:
    """The help command for a set of commands; it lists itself too."""

    async def help_(
        ctx: Context,
        *,
        about: Annotated[str, Opt("A command's name", positional=True)] = "",
    ) -> Message:
        """List the commands, or explain one."""
        known = {c.name: c for c in (*commands, this)}
        name = about.removeprefix("/").casefold()
        if not name:
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
