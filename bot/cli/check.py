"""``clarion check``: every account and chat proves itself with real calls; ``clarion accounts`` without."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bot.cli.columns import columns
from bot.cli.exits import FAILED, OK
from bot.cli.options import add_config, config_file
from bot.cli.quality import QUALITY, quality
from bot.cli.screen import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.app.beside import Beside
    from bot.cli.options import Commands
    from bot.commands.spec import Command
    from bot.ports import TeamChat
    from bot.services.context import Connected

NOBODY = "No account is configured, so there is nothing to check; everything would be simulated.\n"


@runtime_checkable
class Registering(Protocol):
    """A chat whose service has to be told the commands beforehand."""

    async def unregistered(self, channels: Sequence[str], commands: Iterable[Command]) -> Sequence[str]: ...


def add(commands: Commands) -> None:
    """``clarion check`` and ``clarion accounts``."""
    for name, words, calls in (
        ("check", "ask every platform and chat whether it knows you", True),
        ("accounts", "list the accounts and how they are, without asking anybody", False),
    ):
        parser = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        add_config(parser)
        if calls:
            parser.add_argument("--quality", action="store_true", help=QUALITY)
        parser.set_defaults(run=_check, calls=calls)


async def _check(args: argparse.Namespace) -> int:
    from bot.app.beside import open_beside
    from bot.app.building import load_plugins
    from bot.app.chats import CONSOLE
    from bot.clock import SystemClock
    from bot.config import load_config
    from bot.log import make_log
    from bot.redaction import Redaction

    config = load_config(config_file(args.config), env=os.environ)
    if args.calls and args.quality:
        platforms = load_plugins(config, make_log(io.StringIO())).platforms
        return OK if await quality(tuple(platforms.values())) else FAILED
    chats = [name for name in config.chat_use if name != CONSOLE] if args.calls else []
    if not config.accounts:
        write(NOBODY)
        if not chats:
            return OK
    redaction = Redaction()
    log = make_log(sys.stderr, redaction=redaction)
    async with open_beside(
        config, env=os.environ, clock=SystemClock(), log=log, redaction=redaction
    ) as beside:
        if not args.calls:
            return await _list(beside)
        accounts = await _ask(beside) if config.accounts else OK
        web = await _ask_web(beside) if config.web is not None else OK
        return max(accounts, web, await _ask_chats(beside) if chats else OK)


async def _list(beside: Beside) -> int:
    from bot.domain.records import Health
    from bot.services.health import DASH, signs_in, until

    rows = [("ACCOUNT", "BRAND", "PLATFORM", "SIGNS IN WITH", "AS", "UNTIL", "STATE")]
    now, planned = beside.lent.clock.now(), {p.account.name: p for p in beside.plan.accounts}
    for account in beside.config.accounts:
        grant, state, item = (
            beside.grants.get(account.name),
            beside.states.get(account.name),
            planned.get(account.name),
        )
        paused = state is not None and state.health is not Health.OK
        rows.append(
            (
                account.name,
                account.brand,
                _title(beside, account.platform),
                signs_in(grant, granted=item.granted) if item else "nothing yet",
                (state.handle if state else "") or DASH,
                until(grant if item and item.granted else None, now),
                f"paused: {state.why}" if state and paused else ("ready" if item else "not connected"),
            )
        )
    write(columns(rows))
    return _tell(beside)


async def _ask(beside: Beside) -> int:
    from bot.services.health import DASH, signs_in, until

    rows, well = [("ACCOUNT", "PLATFORM", "SIGNS IN WITH", "ANSWER", "UNTIL")], True
    now, notes = beside.lent.clock.now(), list[str]()
    for connected in (await beside.connected()).values():
        good, answer, more = await _answer(connected)
        well, notes = well and good, [*notes, *more]
        grant = beside.grants.get(connected.name)
        rows.append(
            (
                connected.name,
                connected.platform.title,
                signs_in(grant, granted=connected.granted),
                f"{'ok' if good else 'NOT WELL'}: {answer}" if answer else DASH,
                until(grant if connected.granted else None, now),
            )
        )
    if len(rows) > 1:
        write(columns(rows))
    for note in notes:
        write(f"Note: {note}\n")
    return max(_tell(beside), OK if well else FAILED)


async def _answer(connected: Connected) -> tuple[bool, str, tuple[str, ...]]:
    """Whether it is well, what it says, and what will stop working."""
    from bot.errors import PublishError

    if not connected.platform.features:
        return True, "previews only", ()
    try:
        info = await connected.publisher.check()
    except PublishError as error:
        return False, str(error), ()
    name = info.handle or info.title or info.id
    return True, name, tuple(f"{connected.name}: {note}" for note in info.notes)


async def _ask_web(beside: Beside) -> int:
    """The door that platforms fetch files by."""
    from bot.cli.web import web_answer

    well, words = await web_answer(beside)
    write(columns([("WEB", "ANSWER"), ("door", f"{'ok' if well else 'NOT WELL'}: {words}")]))
    return OK if well else FAILED


async def _ask_chats(beside: Beside) -> int:
    """Every chat in use proves its tokens, its rights and its channels, and shows a card and removes it."""
    from bot.app.chats import connect_chats, plan_chats
    from bot.commands import all_commands
    from bot.errors import ChatError
    from bot.ports import TeamChat

    planned, wrong = plan_chats(beside.config, beside.registry, env=beside.env)
    for problem in wrong:
        print(problem, file=sys.stderr)
    rows, found = [("CHAT", "CHANNELS", "ANSWER")], list[str]()
    for chat in connect_chats(planned, beside.stack, beside.lent):
        addresses = dict.fromkeys(c for b in beside.config.brands for c in b.channels)
        channels = [c.partition(":")[2] for c in addresses if c.startswith(f"{chat.name}:")]
        try:
            problems = await chat.check(channels) if isinstance(chat, TeamChat) else ()
            if isinstance(chat, Registering):
                commands = all_commands(tuple(beside.registry.commands.values()))
                problems = (*problems, *await chat.unregistered(channels, commands))
            if isinstance(chat, TeamChat) and not problems:
                problems = await _groups(chat, beside)
        except ChatError as error:
            problems = (str(error),)
        many = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}, see below"
        rows.append((chat.name, str(len(channels)), f"NOT WELL: {many}" if problems else "ok"))
        found += [f"{chat.name}: {problem.removeprefix(f'{chat.name}: ')}" for problem in problems]
    if len(rows) > 1:
        write(columns(rows))
    for problem in found:
        write(f"{problem}\n")
    return FAILED if found or wrong else OK


async def _groups(chat: TeamChat, beside: Beside) -> list[str]:
    """Every group of this chat that the configuration names can be read."""
    from bot.domain.roster import group_parts, groups_of, spoken
    from bot.errors import ChatError

    problems = list[str]()
    for name in dict.fromkeys(g for brand in beside.config.brands for g in groups_of(brand)):
        where, group = group_parts(name)
        if where != chat.name:
            continue
        try:
            if await chat.group(group) is None:
                problems.append(f"there is no group {spoken(name)}; correct it in the configuration.")
        except ChatError as error:
            problems.append(f"{spoken(name)} cannot be read: {error}")
    return problems


def _title(beside: Beside, platform: str) -> str:
    known = beside.registry.platforms.get(platform)
    return known.title if known else platform


def _tell(beside: Beside) -> int:
    """The accounts that could not even be asked."""
    for problem in (*beside.plan.problems, *beside.plan.lacking.values()):
        print(problem, file=sys.stderr)
    return FAILED if beside.plan.problems or beside.plan.lacking else OK
