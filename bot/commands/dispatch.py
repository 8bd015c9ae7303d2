"""From something said to something done: who, which brand, which command, and errors in plain words."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from bot.commands.asking import form_for
from bot.commands.context import Context, answered
from bot.commands.files import with_files
from bot.commands.forms import from_form
from bot.commands.given import given_back
from bot.commands.lent import run_lent
from bot.commands.presses import brand_pressed, pressed
from bot.commands.reacting import reacted, read_again
from bot.commands.spec import Command
from bot.commands.suggest import suggestions
from bot.domain.asks import Form
from bot.domain.message import Inbound, Invocation, Message, Press, Reaction, Target
from bot.domain.people import Brand, Role
from bot.domain.records import Notice
from bot.domain.words import did_you_mean, nearest
from bot.errors import (
    ChatClosed,
    ChatError,
    ChatRefused,
    Conflict,
    NotAllowed,
    NotFound,
    StoreError,
    UserError,
)
from bot.ports import Tx
from bot.services.context import Services
from bot.services.courier import carry, hand_out
from bot.services.groups import attend
from bot.services.hearing import accept, finished, take_up
from bot.services.home import home
from bot.services.lanes import rouse
from bot.services.locked_out import open_again
from bot.services.people import dressed, member_of
from bot.services.sight import cannot_see

AT_WORK, LONG = 2, 0.25
"""How much of what was accepted is worked on at a time, and the seconds after which it does not count any
more: in a storm everybody hears at once that we have theirs, and the work follows."""


class Dispatch:
    """Implements `bot.ports.Inbox`: handles everything said in any chat."""

    def __init__(self, svc: Services, commands: tuple[Command, ...]) -> None:
        self._svc = svc
        self._commands: Mapping[str, Command] = {c.name: c for c in commands}
        self._room = asyncio.Semaphore(AT_WORK)

    async def handle(self, said_: Inbound) -> None:
        """Do what was said and answer; nothing but a cancellation leaves here."""
        message: Message | None
        try:
            async with self._place():
                message = await self._run(said_)
        except (UserError, StoreError, ChatError) as error:
            message = answered(f"{error}{given_back(said_)}")
        except Exception as error:
            number = secrets.token_hex(3)
            self._svc.log.error("command_broke", incident=number, error=type(error).__name__, exc_info=error)
            message = answered(
                f"Something went wrong on my side (incident {number}, in the log). Nothing is lost."
                f"{given_back(said_)}"
            )
        in_team = said_.target.chat in self._svc.teams
        if in_team:
            await self._see_to_it(hand_out)  # first, so that a chat that answers slowly holds up no card
        if message is not None:
            await self._reply(said_, message)
        await self._see_to_it(lambda svc: finished(svc, said_))
        if not in_team:
            await self._see_to_it(carry)

    async def _see_to_it(self, work: Callable[[Services], Awaitable[object]]) -> None:
        """What the tables still ask for when it fails now."""
        try:
            await work(self._svc)
        except StoreError as error:
            self._svc.log.warning("courier_waits", error=str(error))

    async def __call__(self, said: Inbound) -> None:
        await self.handle(said)

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Among the few that are worked on at a time; who takes long, waiting for others, keeps none out."""
        await self._room.acquire()
        left = [self._room.release]

        def leave() -> None:
            if left:
                left.pop()()

        timer = asyncio.get_running_loop().call_later(LONG, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()

    async def ask(self, said: Invocation | Press) -> Form | None:
        """The form to show before it goes on, when the person has to say more."""
        return await form_for(self._svc, self._commands, said)

    async def accept(self, said: Inbound) -> bool:
        """Write it down; False when it was here before."""
        return await accept(self._svc, said)

    async def suggest(self, command: str, option: str, typed: str, said: Invocation) -> Sequence[str]:
        """Values for an option that somebody is typing."""
        return await suggestions(self._svc, self._commands, command, option, typed, said)

    async def home(self, user: str, chat: str) -> Message:
        """What waits for this person, today's queue, failures."""
        return await home(self._svc, user, chat)

    async def reconnected(self, chat: str) -> None:
        """A chat is there (again): what was left undone is done, what stands on its cards is read
        again, and what waited for it is said."""
        svc = self._svc
        now = svc.clock.now()
        rouse(svc, chat)

        def unit(tx: Tx) -> None:
            open_again(tx, chat)
            tx.cards.rouse_in(chat, now, doubtful=svc.alone)
            tx.notices.rouse_in(chat, now, doubtful=svc.alone)

        try:
            await svc.store.write(unit)
            await self.take_up(chat)
            await read_again(svc, chat)
            await carry(svc)
        except (StoreError, ChatError) as error:
            svc.log.warning("not_caught_up", chat=chat, error=str(error))

    async def take_up(self, chat: str) -> None:
        """Go on with what a process that died had accepted in a chat."""
        await take_up(self._svc, chat, self.handle)

    async def _reply(self, said_: Inbound, message: Message) -> None:
        """In a chat where a team lives answers are for the person alone; only help that somebody asked
        for in front of others is given there."""
        to, svc = said_.target, self._svc
        chat = svc.chats.get(to.chat)
        if chat is None:
            return
        in_team = to.chat in svc.teams
        mentioned = isinstance(said_, Invocation) and said_.command == "help" and not to.hook
        try:
            if in_team:
                message = await dressed(svc, message, to.chat)
            if message.private or (in_team and not mentioned):
                await chat.whisper(to, said_.user, replace(message, private=True) if in_team else message)
            else:
                await chat.send(to, message, key=f"reply:{secrets.token_hex(8)}")
        except (ChatError, StoreError) as error:
            svc.log.warning("not_answered", chat=to.chat, error=str(error))
            if in_team and not isinstance(error, ChatClosed | ChatRefused):
                await self._see_to_it(lambda svc: _answer_later(svc, said_, message))

    async def _run(self, said_: Inbound) -> Message | None:
        match said_:
            case Invocation():
                return await self._command(said_)
            case Press():
                brand = await attend(self._svc, await brand_pressed(self._svc, said_), said_)
                user = await member_of(self._svc, brand, said_.target.chat, said_.user)
                return await pressed(self._svc, brand, replace(said_, user=user))
            case Reaction():
                return await reacted(self._svc, said_)

    async def _command(self, call: Invocation) -> Message:
        command = self._commands.get(call.command.casefold())
        if command is None:
            near = nearest(call.command.casefold(), self._commands)
            hint = f", did you mean /{near}?" if near else ". /help lists what I know."
            raise NotFound(f"I do not know /{call.command}{hint}")
        brand, raw = self._brand(call.target, call.raw)
        brand = await attend(self._svc, brand, call)
        user = await member_of(self._svc, brand, call.target.chat, call.user)
        role = brand.role_of(user)
        if role < command.role:
            hidden = await self._svc.store.read(
                lambda tx: cannot_see(self._svc, tx, brand.name, user, command.role)
            )
            if hidden is not None:
                raise Conflict(hidden)
            who = (
                ", ".join(brand.who(command.role))
                or f"nobody yet: give somebody the role {command.role.name.lower()}"
            )
            if role is Role.NONE:
                admins = ", ".join(brand.who(Role.ADMIN)) or "whoever keeps the configuration"
                raise NotAllowed(f"You are not a member of {brand.name} yet; {admins} can add you.")
            raise NotAllowed(f"/{command.name} is for {who}. I told nobody that you tried.")
        context = Context(svc=self._svc, brand=brand, user=user, target=call.target, speaker=call.user)
        values = None if call.values is None else from_form(command, call.values)
        options = command.parse(raw) if values is None else command.convert(values)
        plugin = self._svc.registry.owner_of(command.name, "command")
        async with with_files(self._svc, call, command, options) as complete:
            if plugin is not None:
                return await run_lent(self._svc, plugin, command, context, complete)
            return await command.run(context, **complete)

    def _brand(self, target: Target, raw: str) -> tuple[Brand, str]:
        """``--brand NAME`` wins, else the channel's brand."""
        match = re.search(r"(?:^|\s)--brand[= ](\S+)\s*$|^--brand[= ](\S+)\s", raw)
        if match is None:
            if target.chat in self._svc.teams and len(self._svc.brands) == 1:
                return next(
                    iter(self._svc.brands.values())
                ), raw  # wherever they ask, it can only be about that
            return self._svc.brand_of(target), raw
        name = match[1] or match[2]
        if name not in self._svc.brands:
            raise NotFound(f"There is no brand “{name}”{did_you_mean(name, self._svc.brands) or '.'}")
        return self._svc.brands[name], raw[: match.start()] + raw[match.end() :]


async def _answer_later(svc: Services, said_: Inbound, message: Message) -> None:
    """The chat was busy, or away: the courier tells the person as soon as it is there again."""
    target, user = replace(said_.target, hook=""), f"{said_.target.chat}:{said_.user}"
    private = replace(message, private=True)
    notice = Notice(id=0, key=f"reply:{secrets.token_hex(8)}", target=target, message=private, to=user)
    await svc.store.write(lambda tx: tx.notices.put(notice))
