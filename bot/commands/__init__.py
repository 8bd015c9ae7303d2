"""The commands, declared once for every chat. No SDK, no SQL."""

from __future__ import annotations

from bot.commands.accounts import accounts
from bot.commands.alerts import alerts
from bot.commands.audit import audit
from bot.commands.besttime import besttime
from bot.commands.budget import budget
from bot.commands.calendar import blackout, queue, skip, slots
from bot.commands.choosing import cover, set_
from bot.commands.decide import approve, changes, hold, reject, unhold, withdraw
from bot.commands.diff import diff
from bot.commands.experiment import experiment
from bot.commands.export import export
from bot.commands.help import make_help
from bot.commands.keep import keep, unkeep
from bot.commands.link import link, unlink, whoami
from bot.commands.paid import paid
from bot.commands.plan import cancel, confirm, delete, retry, schedule
from bot.commands.post import edit, post, preview
from bot.commands.proposals import proposals
from bot.commands.report import report
from bot.commands.spec import Command
from bot.commands.stats import stats
from bot.commands.tips import suggest
from bot.commands.watch import halt, resume, status
from bot.commands.why import why

BUILT_IN: tuple[Command, ...] = (
    post,
    edit,
    set_,
    cover,
    preview,
    approve,
    reject,
    changes,
    withdraw,
    hold,
    unhold,
    why,
    suggest,
    diff,
    audit,
    schedule,
    besttime,
    skip,
    queue,
    slots,
    blackout,
    cancel,
    delete,
    confirm,
    halt,
    resume,
    retry,
    keep,
    unkeep,
    accounts,
    alerts,
    budget,
    experiment,
    export,
    paid,
    proposals,
    report,
    stats,
    status,
    whoami,
    link,
    unlink,
)


def all_commands(more: tuple[Command, ...] = ()) -> tuple[Command, ...]:
    """The built-in commands, those of plugins, and the help that lists them all."""
    commands = (*BUILT_IN, *more)
    return (*commands, make_help(commands))
