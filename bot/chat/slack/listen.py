"""From a request of Slack's to the inbox: understood, written down, acknowledged, then done.

Slack waits three seconds for the acknowledgement. Before it stand one short transaction, bounded, and
nothing else; the work comes after it and may take as long as it likes.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt import BoltResponse

from bot.chat.slack import inbound
from bot.chat.slack.api import WebApi
from bot.chat.slack.directory import Directory
from bot.chat.slack.forms import modal
from bot.chat.slack.outbound import Voice
from bot.chat.slack.refusals import LATE, SHOWN
from bot.chat.slack.render import home
from bot.domain.asks import Form
from bot.domain.message import Inbound, Invocation, Message, Press, Reaction, Target
from bot.errors import BadInput, ChatError, StoreError, UserError
from bot.ports import Inbox, Log

PATIENCE = 1.5
"""Seconds for what comes before the acknowledgement; then Slack is told, and that goes on."""

OPTION = 75
Ack = Callable[..., Awaitable[Any]]
Body = Mapping[str, Any]


@asynccontextmanager
async def in_time(ack: Ack) -> AsyncIterator[None]:
    """Acknowledged when the block ends, and while it goes on when that takes too long."""

    async def ring() -> None:
        await asyncio.sleep(PATIENCE)
        await ack()

    async with asyncio.TaskGroup() as group:
        bell = group.create_task(ring())
        try:
            yield
        finally:
            bell.cancel()
    await ack()


class Ear:
    """What the app's listeners do. They run in the SDK's own tasks, one for each request."""

    def __init__(self, inbox: Inbox, *, api: WebApi, voice: Voice, directory: Directory, log: Log) -> None:
        self._inbox = inbox
        self._api = api
        self._voice = voice
        self._directory = directory
        self._log = log
        self._at_work: set[asyncio.Task[Any]] = set()

    async def command(self, ack: Ack, body: Body) -> None:
        """A slash command."""
        said = inbound.command_said(body)
        self._api.know(said.target.channel, str(body.get("channel_name") or ""))
        await self._heard(said, ack, str(body.get("trigger_id") or ""))

    async def press(self, ack: Ack, body: Body) -> None:
        """A button, or a choice in a menu of buttons."""
        try:
            said = inbound.pressed(body)
        except BadInput as error:
            await ack()
            await self._tell(inbound.place_of(body), inbound.user_of(body), str(error))
            return
        if said is None:
            await ack()
            return
        channel = body.get("channel") or {}
        self._api.know(said.target.channel, str(channel.get("name") or ""))
        await self._heard(said, ack, str(body.get("trigger_id") or ""))
        if (body.get("view") or {}).get("type") == "home":
            await self._show_home(said.user)

    async def form(self, ack: Ack, body: Body) -> None:
        """A form was sent."""
        try:
            said = inbound.submitted(body)
        except BadInput as error:
            await ack()
            await self._tell(inbound.place_of(body), inbound.user_of(body), str(error))
            return
        await self._heard(said, ack)
        if isinstance(said, Press) and not said.ref:
            await self._show_home(said.user)

    async def shortcut(self, ack: Ack, body: Body) -> None:
        """“Make this a post”."""
        await self._heard(inbound.shortcut_used(body), ack, str(body.get("trigger_id") or ""))

    async def options(self, ack: Ack, body: Body) -> None:
        """Somebody types into a field that suggests."""
        name, typed, said = inbound.typing(body)
        found: Sequence[str] = ()
        try:
            found = await self._inbox.suggest(said.command, name, typed, said)
        except (UserError, StoreError) as error:
            self._log.info("slack_no_suggestions", error=type(error).__name__)
        await ack(
            options=[
                {"text": {"type": "plain_text", "text": value[:OPTION]}, "value": value[:OPTION]}
                for value in found
                if value
            ]
        )

    async def event(self, body: Body) -> BoltResponse | None:
        """An event, before it is acknowledged: written down; None to go on with it.

        What could not be written down is not acknowledged, so that Slack brings it again.
        """
        said = self._said(body)
        if said is None:
            return None
        try:
            new = await self._inbox.accept(said)
        except StoreError as error:
            self._log.warning("slack_event_not_taken", error=type(error).__name__)
            return BoltResponse(status=503, body="")
        return None if new else BoltResponse(status=200, body="")

    async def happened(self, ack: Ack, body: Body) -> None:
        """An event, after it was acknowledged: done."""
        said = self._said(body)
        if said is not None:
            await self._inbox(said)
            return
        event = body.get("event") or {}
        match event.get("type"):
            case "app_home_opened" if event.get("tab") in (None, "home"):
                await self._show_home(str(event.get("user", "")))
            case "member_joined_channel" | "channel_unarchive" | "group_unarchive":
                if event.get("type") != "member_joined_channel" or event.get("user") == self._api.user_id:
                    await self._inbox.reconnected(inbound.CHAT)
            case "subteam_members_changed" | "subteam_updated" | "subteam_created":
                self._directory.forget()

    @staticmethod
    def _said(body: Body) -> Inbound | None:
        match (body.get("event") or {}).get("type"):
            case "app_mention":
                return inbound.mentioned(body)
            case "reaction_added" | "reaction_removed":
                return inbound.reacted(body)
        return None

    async def connected(self) -> None:
        """A connection stands: what happened while there was none is read again."""
        await self._inbox.reconnected(inbound.CHAT)

    async def _heard(self, said: Inbound, ack: Ack, trigger: str = "") -> None:
        """Ask what is missing or write it down, acknowledge, then do it. ``trigger``: a form can be shown."""
        form, new, problem = None, False, ""
        async with in_time(ack):
            try:
                if trigger and not isinstance(said, Reaction):
                    form = await self._inbox.ask(said)
                new = form is None and await self._inbox.accept(said)
            except (UserError, StoreError) as error:
                problem = str(error)
        if problem:
            await self._tell(said.target, said.user, problem)
        elif form is not None and not isinstance(said, Reaction):
            await self._open(form, said, trigger)
        elif new:
            await self._inbox(said)

    async def _open(self, form: Form, said: Invocation | Press, trigger: str) -> None:
        view = modal(form, metadata=inbound.remembered(said))
        try:
            await self._api.call("views.open", trigger_id=trigger, view=view)
        except ChatError as error:
            if error.detail == SHOWN:  # the same press came twice
                return
            self._log.warning("slack_form_not_shown", error=error.detail)
            late = "Slack let too much time pass before I could show the form. Try again."
            await self._tell(said.target, said.user, late if error.detail in LATE else str(error))

    async def _show_home(self, user: str) -> None:
        """App Home: what waits for this person."""
        try:
            message = await self._inbox.home(user, inbound.CHAT)
            await self._api.call(
                "views.publish", user_id=user, view=home(message, command=self._voice.command)
            )
        except (ChatError, UserError, StoreError) as error:
            self._log.warning("slack_home_not_shown", error=type(error).__name__)

    async def _tell(self, to: Target, user: str, words: str) -> None:
        try:
            await self._voice.whisper(to, user, Message(text=words, private=True))
        except ChatError as error:
            self._log.warning("slack_answer_lost", error=error.detail or type(error).__name__)

    def listener(self, work: Callable[[Ack, Body], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """For bolt, which looks at the names of arguments. What nobody foresaw is told and acknowledged:
        bolt itself forgets an acknowledgement when the listener fails right after it."""

        async def working(ack: Ack, body: Body) -> None:
            self._keep()
            (outcome,) = await asyncio.gather(work(ack, body), return_exceptions=True)
            if isinstance(outcome, BaseException):
                await ack()
                await self._broke(outcome, body)

        return working

    def kept(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same function, known while it is at work."""

        @functools.wraps(work)
        async def working(*args: Any, **named: Any) -> Any:
            self._keep()
            return await work(*args, **named)

        return working

    def _keep(self) -> None:
        task = asyncio.current_task()
        if task is not None and task not in self._at_work:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _broke(self, error: BaseException, body: Body) -> None:
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        number = secrets.token_hex(3)
        self._log.error("slack_listener_broke", incident=number, error=type(error).__name__, exc_info=error)
        user = inbound.user_of(body)
        if user:
            words = f"Something went wrong on my side (incident {number}, in the log). Nothing is lost."
            await self._tell(inbound.place_of(body), user, words)

    async def finish(self, seconds: float) -> None:
        """Let what runs come to its end; what takes longer is cancelled, and was written down before."""
        own = asyncio.current_task()
        running = {task for task in self._at_work if task is not own and not task.done()}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
