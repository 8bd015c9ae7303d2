"""What people do: commands, presses, forms, reactions, mentions, uploads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.testing.chats.slack import payloads, talking, viewing
from bot.testing.chats.slack.clicking import CannotDo, elements, filled, wanted
from bot.testing.chats.slack.delivery import COMMANDS, EVENTS, INTERACTIVE, Delivery, Post
from bot.testing.chats.slack.filing import described
from bot.testing.chats.slack.knowing import group
from bot.testing.chats.slack.limits import option_faults
from bot.testing.chats.slack.state import Channel, File, Json, Refuse, State, View


class Acting:
    """Every action returns the `Delivery` that told the app of it, after its first copies arrived."""

    state: State
    post: Post

    async def command(self, user: str, channel: str, text: str, name: str = "/clarion") -> Delivery:
        """Type a slash command. A failure is told to the person by Slack, as is an answer in the ack."""
        if name not in self.state.commands:
            raise CannotDo(f"{name} is not a valid command")
        person, place = (
            self.state.person(user),
            self.state.channels.get(channel) or self.state.channel(channel),
        )
        told = await self.post.tell(
            COMMANDS, f"{name} {text}", payloads.command(self.state, person, place, name, text)
        )
        if not told.ok:
            reason = "operation_timeout" if told.fault.endswith("timeout") else "dispatch_failed"
            self._slackbot(user, place.id, f'{name} failed with the error "{reason}"')
        elif told.answer.get("text") or told.answer.get("blocks"):
            self._answered(user, place, told.answer)
        return told

    def _answered(self, user: str, place: Channel, answer: Json) -> None:
        if answer.get("response_type") == "in_channel":
            talking.put(self.state, place, answer)
        else:
            talking.private(self.state, user, place.id, answer)

    def _slackbot(self, user: str, channel: str, text: str) -> None:
        said = talking.private(self.state, user, channel, {"text": text})
        said["slackbot"] = True

    async def press(
        self, user: str, channel: str, ts: str, name: str, *, seen: Json | None = None
    ) -> Delivery:
        """Press what is called ``name`` (label, value or ``action_id``) on a message.

        ``seen``: the message as this person's screen still shows it. Raises `CannotDo`.
        """
        person, place = self.state.person(user), self.state.channel(channel)
        message = seen or self._visible(user, place, ts)
        block, element, option = wanted(message.get("blocks") or [], name)
        where = payloads.in_message(self.state, person, place, message)
        return await self._pressed(user, block, element, option, where)

    def _visible(self, user: str, place: Channel, ts: str) -> Json:
        hidden = next((m for m in self.state.whispers.get(user, ()) if m["ts"] == ts), None)
        message = hidden or place.messages.get(ts)
        if message is None or (hidden is None and user not in place.members):
            raise CannotDo(f"{user} sees no message {ts} in {place.name}")
        return message

    async def press_view(self, user: str, name: str, *, home: bool = False) -> Delivery:
        """Press something in one's topmost modal, or in the Home tab."""
        view = self.state.homes.get(user) if home else self._top(user)
        if view is None:
            raise CannotDo(f"{user} sees no Home tab")
        block, element, option = wanted(view.content["blocks"], name)
        where = payloads.in_view(self.state, view, {})
        return await self._pressed(user, block, element, option, where)

    async def _pressed(
        self, user: str, block: Json, element: Json, option: Json | None, where: Json
    ) -> Delivery:
        payload = payloads.pressed(self.state, self.state.person(user), where, block, element, option)
        name = element.get("text", {}).get("text") or element["action_id"]
        return await self.post.tell(INTERACTIVE, f"press {name}", payload)

    def _top(self, user: str) -> View:
        stack = self.state.stacks.get(user)
        if not stack:
            raise CannotDo(f"{user} has no modal open")
        return self.state.views[stack[-1]]

    async def submit(
        self, user: str, values: Mapping[str, Any] | None = None, *, view: View | None = None
    ) -> Delivery:
        """Send one's topmost modal off; what the app answers happens to it.

        ``view``: one that is perhaps closed already (a second click on *Submit*).
        """
        view = view or self._top(user)
        held = filled(self.state, view, values or {})
        payload = payloads.submitted(self.state, self.state.person(user), view, held)
        told = await self.post.tell(INTERACTIVE, f"submit {view.title}", payload)
        if told.ok:
            self._follow(view, told.answer)
        else:
            view.trouble = "We had some trouble connecting. Try again?"
        return told

    def _follow(self, view: View, answer: Json) -> None:
        """What ``response_action`` says."""
        stack = self.state.stacks.get(view.user, [])
        match answer.get("response_action"):
            case "errors":
                view.errors = dict(answer["errors"])
                unknown = set(view.errors) - {b["block_id"] for b in view.content["blocks"]}
                if unknown:
                    view.trouble = f"errors for blocks that are not there: {', '.join(sorted(unknown))}"
            case "update":
                viewing.stored(self.state, view, viewing.checked(answer["view"]))
            case "push":
                viewing.raise_(self.state, view.user, viewing.checked(answer["view"]))
            case "clear":
                stack.clear()
            case _ if view.id in stack:
                stack.remove(view.id)

    async def close(self, user: str) -> Delivery | None:
        """Close one's topmost modal; the app hears of it if it wanted to."""
        view = self._top(user)
        self.state.stacks[user].remove(view.id)
        if not view.content.get("notify_on_close"):
            return None
        payload = payloads.closed(self.state, self.state.person(user), view)
        return await self.post.tell(INTERACTIVE, "close", payload)

    async def suggest(
        self, user: str, action: str, typed: str, *, ts: str = "", channel: str = ""
    ) -> list[str]:
        """Type into a list that the app fills, in one's modal or on a message; what is offered."""
        person = self.state.person(user)
        if ts:
            place = self.state.channel(channel)
            message = self._visible(user, place, ts)
            blocks, where = (
                message.get("blocks") or [],
                payloads.in_message(self.state, person, place, message),
            )
        else:
            view = self._top(user)
            blocks, where = view.content["blocks"], payloads.in_view(self.state, view, {})
        block = next((b for b, e in elements(blocks) if e["action_id"] == action), None)
        if block is None:
            raise CannotDo(f"there is no list {action!r}")
        payload = payloads.suggestion(self.state, person, block, action, typed, where)
        told = await self.post.tell(INTERACTIVE, f"suggest {action}", payload)
        groups = told.answer.get("option_groups") or [{"options": told.answer.get("options") or []}]
        options = [option for some in groups for option in some["options"]]
        if faults := option_faults(options):
            raise Refuse("invalid_options", messages=faults)
        return [option["text"]["text"] for option in options]

    async def shortcut(self, user: str, channel: str, ts: str, callback: str = "make_post") -> Delivery:
        """Choose the app's shortcut from a message's menu."""
        if callback not in self.state.shortcuts:
            raise CannotDo(f"the app has no shortcut {callback!r}")
        person, place = self.state.person(user), self.state.channel(channel)
        payload = payloads.shortcut(self.state, person, place, self._visible(user, place, ts), callback)
        return await self.post.tell(INTERACTIVE, f"shortcut {callback}", payload)

    async def event(self, inner: Json) -> Delivery | None:
        """Tell the app of an event, if it subscribed to its kind."""
        if inner["type"] not in self.state.subscribed:
            return None
        return await self.post.tell(EVENTS, inner["type"], payloads.event(self.state, inner))

    async def react(self, user: str, channel: str, ts: str, name: str) -> Delivery | None:
        """Put a reaction (``"white_check_mark"``, ``"+1::skin-tone-3"``) on a message."""
        return await self._mark(user, channel, ts, name, on=True)

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> Delivery | None:
        """Take one's own reaction off."""
        return await self._mark(user, channel, ts, name, on=False)

    async def _mark(self, user: str, channel: str, ts: str, name: str, *, on: bool) -> Delivery | None:
        place = self.state.channel(channel)
        talking.mark(self.state, {"channel": channel, "timestamp": ts, "name": name}, user, on=on)
        item = {"type": "message", "channel": place.id, "ts": ts}
        inner = {"type": "reaction_added" if on else "reaction_removed", "user": user, "reaction": name}
        author = place.messages[ts].get("user")
        if self.state.bot_user not in place.members:
            return None
        return await self.event({**inner, "item": item, "item_user": author})

    async def mention(self, user: str, channel: str, text: str = "", *, thread: str = "") -> Delivery | None:
        """Write ``@clarion …`` in a channel or a thread."""
        said = self.say(user, channel, f"<@{self.state.bot_user}> {text}".strip(), thread=thread)
        kept: Json = {key: said[key] for key in ("user", "ts", "text", "team", "thread_ts") if key in said}
        return await self.event({"type": "app_mention", **kept, "channel": self.state.channel(channel).id})

    def say(
        self, user: str, channel: str, text: str, *, thread: str = "", files: Sequence[Json] = ()
    ) -> Json:
        """Write a message; the message."""
        place = self.state.channels.get(channel) or self.state.channel(channel)
        return talking.put(
            self.state, place, {"text": text, "thread_ts": thread, "files": list(files)}, user=user
        )

    def upload(self, user: str, name: str, data: bytes) -> str:
        """Give Slack a file; its id, for a form or `share`."""
        file = File(id=self.state.id("F"), name=name, owner=user, length=len(data), data=data, done=True)
        self.state.files[file.id] = file
        return file.id

    def share(self, user: str, channel: str, *files: str, text: str = "") -> Json:
        """Write a message with files that were uploaded; the message."""
        return self.say(
            user, channel, text, files=[described(self.state, self.state.files[f]) for f in files]
        )

    async def open_home(self, user: str, tab: str = "home") -> Delivery | None:
        """Open the app's Home (or Messages) tab."""
        view = self.state.homes.get(user)
        shown = {"view": viewing.shown(self.state, view)} if view is not None and tab == "home" else {}
        place = self.state.direct(user).id
        return await self.event(
            {"type": "app_home_opened", "user": user, "channel": place, "tab": tab, **shown}
        )

    async def kick(self, channel: str) -> Delivery | None:
        """Throw the bot out of a channel."""
        place = self.state.channels[channel]
        place.members.discard(self.state.bot_user)
        kind = "group_left" if place.private else "channel_left"
        return await self.event({"type": kind, "channel": place.id})

    async def invite(self, user: str, channel: str) -> Delivery | None:
        """Invite the bot."""
        place = self.state.channels[channel]
        place.members.add(self.state.bot_user)
        inner = {"type": "member_joined_channel", "user": self.state.bot_user, "inviter": user}
        return await self.event({**inner, "channel": place.id, "channel_type": "C", "team": self.state.team})

    async def archive(self, user: str, channel: str) -> Delivery | None:
        """Archive a channel."""
        place = self.state.channels[channel]
        place.archived = True
        kind = "group_archive" if place.private else "channel_archive"
        return await self.event({"type": kind, "channel": place.id, "user": user})

    def erase(self, channel: str, ts: str) -> None:
        """An admin deletes a message."""
        del self.state.channels[channel].messages[ts]

    async def regroup(self, id: str, users: Sequence[str]) -> Delivery | None:
        """Change who is in a user group."""
        found = self.state.groups[id]
        found.users = list(users)
        told = group(self.state, found, users=True)
        return await self.event({"type": "subteam_updated", "subteam": told})
