"""What people see in the guild, as Discord shows it: JSON, copies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from bot.testing.chats.discord.components import BUTTON, LINK, SELECTS, TEXT, walk
from bot.testing.chats.discord.interactions import Form
from bot.testing.chats.discord.scene import Scene
from bot.testing.chats.discord.world import STARTER, Message

Json = dict[str, Any]


class Seeing:
    """Reads the guild with people's eyes; ``forms`` are the modals that were opened."""

    scene: Scene
    forms: dict[str, list[Form]]

    def _seen(self, message: Message) -> Json:
        return copy.deepcopy(self.scene.show(message))

    def messages(self, channel: str) -> list[Json]:
        """What stands in a channel (or a thread) for everybody, oldest first."""
        return [self._seen(m) for m in self.scene.world.in_channel(channel) if m.type != STARTER]

    def message(self, channel: str, id: str) -> Json:
        """One message as it is now; raises `KeyError` when it is gone."""
        found = self.scene.world.messages[id]
        if found.deleted or found.channel != channel:
            raise KeyError(id)
        return self._seen(found)

    def thread(self, channel: str, id: str) -> list[Json]:
        """What was said in the thread of a message, oldest first; nothing when there is no thread."""
        return self.messages(id) if id in self.scene.world.channels else []

    def direct(self, user: str) -> list[Json]:
        """What stands between the bot and somebody, oldest first."""
        return self.messages(self.scene.world.direct(user).id)

    def dms(self, user: str) -> list[Json]:
        """The same."""
        return self.direct(user)

    def ephemerals(self, user: str) -> list[Json]:
        """What only this person sees, oldest first."""
        found = self.scene.world.messages.values()
        return [self._seen(m) for m in found if m.reader == user and not m.deleted and not m.loading]

    def loading(self, user: str = "") -> list[Json]:
        """Answers that were put off ("thinking…") and never came."""
        found = self.scene.world.messages.values()
        return [self._seen(m) for m in found if m.loading and not m.deleted and user in {"", m.reader}]

    def modal(self, user: str) -> Form | None:
        """The form that stands before somebody."""
        forms = self.forms.get(user, [])
        return forms[-1] if forms and not forms[-1].closed else None

    def reactions(self, channel: str, id: str) -> Mapping[str, list[str]]:
        """Emoji → who put it."""
        return copy.deepcopy(self.scene.world.messages[id].reactions)

    def buttons(self, seen: Json | Form) -> list[str]:
        """What can be pressed in a message: the words on its buttons, and of its menus what they show."""
        components = seen.components if isinstance(seen, Form) else seen.get("components") or []
        found: list[str] = []
        for one in walk(components):
            if one.get("type") == BUTTON and one.get("style") != LINK and not one.get("disabled"):
                found.append(str(one.get("label") or (one.get("emoji") or {}).get("name")))
            elif one.get("type") in SELECTS and not one.get("disabled"):
                found += [str(option["label"]) for option in one.get("options") or ()]
        return found

    def words(self, seen: Json | Form) -> str:
        """All text of a message or a form: content, embeds, components, in the order they are read."""
        if isinstance(seen, Form):
            return "\n".join([seen.title, *texts(seen.components)])
        said = [str(seen.get("content") or "")]
        for embed in seen.get("embeds") or ():
            said += [embed.get("author", {}).get("name", ""), embed.get("title", "")]
            said.append(embed.get("description", ""))
            for field in embed.get("fields") or ():
                said += [field["name"], field["value"]]
            said.append(embed.get("footer", {}).get("text", ""))
        return "\n".join(text for text in [*said, *texts(seen.get("components") or [])] if text)


def texts(components: list[Json]) -> list[str]:
    """What components say, but for buttons."""
    found: list[str] = []
    for one in walk(components):
        if one.get("type") == TEXT:
            found.append(str(one.get("content", "")))
        elif one.get("type") != BUTTON:
            found += [
                str(one[key]) for key in ("label", "description", "placeholder", "value") if one.get(key)
            ]
    return found
