"""The commands, declared once for every chat. No SDK, no SQL."""

from __future__ import annotations

from bot.commands.decide import approve, changes, reject, withdraw
from bot.commands.help import make_help
from bot.commands.plan import cancel, confirm, delete, retry, schedule
from bot.commands.post import edit, post, preview
from bot.commands.spec import Command
from bot.commands.watch import accounts, halt, queue, resume, status

BUILT_IN: tuple[Command, ...] = (
    post,
    edit,
    preview,
    approve,
    reject,
    changes,
    withdraw,
    schedule,
    queue,
    cancel,
    delete,
    confirm,
    halt,
    resume,
    retry,
    accounts,
    status,
)


def all_commands(more: tuple[Command, ...] = ()) -> tuple[Command, ...]:
    """The built-in commands, those of plugins, and the help that lists them all."""
    commands = (*BUILT_IN, *more)
    return (*commands, make_help(commands))
