"""From something said to something done: who, which brand, which command, and errors in plain words."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from bot.commands.context import Context, answered, said
from bot.commands.lent import run_lent
from bot.commands.spec import Command
from bot.domain.approval import Choice, Via
from bot.domain.message import Inbound, Invocation, Message, Press, Reaction, Target
from bot.domain.people import Brand, Role
from bot.domain.words import did_you_mean, nearest
from bot.errors import Conflict, NotAllowed, NotFound, StoreError, UserError
from bot.services.answer import answer
from bot.services.context import Services
from bot.services.courier import carry
from bot.services.hold import hold, is_pause, known_pauses, read_pauses, unhold
from bot.services.late import settle_held
from bot.services.pause import ACCOUNT, way_back
from bot.services.reactions import NO, YES, choice_of, read_reactions
from bot.services.review import decide
from bot.services.schedule import cancel, reschedule, retry
from bot.services.takedown import take_down

VOTES = {"approve": Choice.YES, "changes": Choice.CHANGES, "reject": Choice.NO}.get
WORDS = {"is-live": "live", "is-not": "not", "leave": "leave"}.get


class Dispatch:
    """Handles everything said in any chat; give `handle` to `Chat.run`."""

    def __init__(self, svc: Services, commands: tuple[Command, ...]) -> None:
        self._svc = svc
        self._commands: Mapping[str, Command] = {c.name: c for c in commands}

    async def handle(self, said_: Inbound) -> None:
        """Do what was said and answer; nothing but a cancellation leaves here."""
        message: Message | None
        try:
            message = await self._run(said_)
        except (UserError, StoreError) as error:
            message = answered(str(error))
        except Exception as error:
            number = secrets.token_hex(3)
            self._svc.log.error("command_broke", incident=number, error=type(error).__name__, exc_info=error)
            message = answered(
                f"Something went wrong on my side (incident {number}, in the log). Nothing is lost."
            )
        if message is not None:
            await self._reply(said_.target, said_.user, message)
        try:
            await carry(self._svc)
        except StoreError as error:
            self._svc.log.warning("courier_waits", error=str(error))

    async def _reply(self, to: Target, user: str, message: Message) -> None:
        chat = self._svc.chats.get(to.chat)
        if chat is None:
            return
        if message.private:
            await chat.whisper(to, user, message)
        else:
            await chat.send(to, message, key=f"reply:{secrets.token_hex(8)}")

    async def _run(self, said_: Inbound) -> Message | None:
        match said_:
            case Invocation():
                return await self._command(said_)
            case Press():
                return await self._press(said_)
            case Reaction():
                return await self._reaction(said_)

    async def _command(self, call: Invocation) -> Message:
        command = self._commands.get(call.command.casefold())
        if command is None:
            near = nearest(call.command.casefold(), self._commands)
            hint = f", did you mean /{near}?" if near else ". /help lists what I know."
            raise NotFound(f"I do not know /{call.command}{hint}")
        brand, raw = self._brand(call.target, call.raw)
        role = brand.role_of(call.user)
        if role < command.role:
            who = (
                ", ".join(brand.members(command.role))
                or f"nobody yet: give somebody the role {command.role.name.lower()}"
            )
            if role is Role.NONE:
                admins = ", ".join(brand.members(Role.ADMIN)) or "whoever keeps the configuration"
                raise NotAllowed(f"You are not a member of {brand.name} yet; {admins} can add you.")
            raise NotAllowed(f"/{command.name} is for {who}. I told nobody that you tried.")
        user = brand.spelled(call.user)
        context = Context(svc=self._svc, brand=brand, user=user, target=call.target)
        options = command.parse(raw)
        plugin = self._svc.registry.owner_of(command.name, "command")
        if plugin is not None:
            return await run_lent(self._svc, plugin, command, context, options)
        return await command.run(context, **options)

    def _brand(self, target: Target, raw: str) -> tuple[Brand, str]:
        """``--brand NAME`` wins, else the channel's brand."""
        match = re.search(r"(?:^|\s)--brand[= ](\S+)\s*$|^--brand[= ](\S+)\s", raw)
        if match is None:
            return self._svc.brand_of(target), raw
        name = match[1] or match[2]
        if name not in self._svc.brands:
            raise NotFound(f"There is no brand “{name}”{did_you_mean(name, self._svc.brands) or '.'}")
        return self._svc.brands[name], raw[: match.start()] + raw[match.end() :]

    async def _press(self, press: Press) -> Message:
        svc, action = self._svc, press.action
        brand = svc.brand_of(press.target)
        user = brand.spelled(press.user)
        if action.kind == "held":
            return said(await settle_held(svc, brand, user, action.verb))
        if action.kind == ACCOUNT:
            return answered(way_back(svc, brand, user, action))
        if action.kind == "post":
            return said(await self._press_post(brand, press))
        delivery = await svc.store.read(lambda tx: tx.deliveries.get(action.id))
        if delivery is None or delivery.brand != brand.name:
            raise NotFound("That post is not here any more.")
        if delivery.fence != action.version:
            raise Conflict(f"P{delivery.post_id} changed since that button was shown. Look at its card.")
        word = WORDS(action.verb)
        if word is not None:
            if brand.role_of(user) < Role.CREATE:
                raise NotAllowed(f"That is for {', '.join(brand.members(Role.CREATE))}.")
            link = press.text if press.text.startswith("http") else ""
            return said(await answer(svc, delivery.post_id, user, word, link=link, account=delivery.account))
        if action.verb == "retry":
            return said(await retry(svc, brand, delivery.post_id, user, delivery.account))
        if action.verb == "take-down":
            if brand.role_of(user) < Role.APPROVE:
                raise NotAllowed(f"Taking down is for {', '.join(brand.members(Role.APPROVE))}.")
            return said(await take_down(svc, brand, delivery.post_id, user, delivery.account))
        raise NotFound("I do not know that button.")

    async def _press_post(self, brand: Brand, press: Press) -> str:
        svc, action, user = self._svc, press.action, brand.spelled(press.user)
        choice = VOTES(action.verb)
        if choice is not None:
            return await decide(
                svc, action.id, user, choice, via=Via.BUTTON, reason=press.text, version=action.version
            )
        post = await svc.store.read(lambda tx: tx.posts.get(action.id))
        if post is None or post.brand != brand.name:
            raise NotFound("That post is not here any more.")
        if post.version != action.version:
            raise Conflict(
                f"{post.name} changed since this card (v{action.version} → v{post.version}). "
                "Look at the new one."
            )
        if brand.role_of(user) < Role.CREATE:
            raise NotAllowed(f"That is for {', '.join(brand.members(Role.CREATE))}.")
        if action.verb == "hold":
            return await hold(svc, brand, post.id, user, press.text, via="button")
        if action.verb == "unhold":
            return await unhold(svc, brand, post.id, user)
        if action.verb == "schedule":
            return await reschedule(svc, brand, post.id, user, press.text)
        if action.verb == "cancel":
            return await cancel(svc, brand, post.id, user)
        raise NotFound("I do not know that button.")

    async def _reaction(self, reaction: Reaction) -> Message | None:
        svc, target = self._svc, reaction.target
        card = await svc.store.read(lambda tx: tx.cards.by_ref(target.chat, target.channel, reaction.ref))
        chat = svc.chats.get(target.chat)
        choice, pause = choice_of(reaction.emoji), is_pause(reaction.emoji)
        if card is None or chat is None or (choice is None and not pause):
            return None
        brand = svc.brand_of(target)
        user = brand.spelled(reaction.user)
        seen = await chat.reactions(target, reaction.ref)
        if choice is None:
            return await self._pause(brand, card.post_id, seen, user, added=reaction.added)
        if seen is None:
            seen = await self._remembered(card.post_id, choice, user, added=reaction.added)
        standing = [(emoji, brand.spelled(who)) for emoji, who in seen]
        words = await read_reactions(svc, card.post_id, standing, user)
        return answered(words) if words else None

    async def _pause(
        self, brand: Brand, post_id: int, seen: Sequence[tuple[str, str]] | None, user: str, *, added: bool
    ) -> Message | None:
        """⏸ on a card: what stands there, or what we knew and this one change."""
        if seen is None:
            known = await known_pauses(self._svc, post_id)
            stands = known | {user} if added else known - {user}
        else:
            stands = frozenset(brand.spelled(who) for emoji, who in seen if is_pause(emoji))
        words = await read_pauses(self._svc, brand, post_id, stands, user)
        return answered(words) if words else None

    async def _remembered(
        self, post_id: int, choice: Choice, user: str, *, added: bool
    ) -> list[tuple[str, str]]:
        """The chat cannot read the card: what we counted before, and this one change."""
        votes = await self._svc.store.read(lambda tx: tx.votes.of_post(post_id))
        counted = {(v.choice, v.member) for v in votes if v.via is Via.REACTION}
        stands = counted | {(choice, user)} if added else counted - {(choice, user)}
        return [(YES if c is Choice.YES else NO, who) for c, who in sorted(stands)]
