"""The terminal as a chat: several people at one keyboard, cards with numbered buttons.

    as bob            play another member
    /approve latest   a command
    2                 press button 2 of the card shown last; `2 P42` of P42's card
    3 too salesy      press a button that wants words
    +✅  -✅  +✅ P42   put or take away a reaction

It also works piped: plain text in, plain text out.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, split_graphemes

from bot.chat.screen import REMEMBERED, Screen, Shown
from bot.domain.message import Invocation, Message, Press, Reaction, Target
from bot.domain.words import clean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from bot.ports import Heard

HINT = "Commands start with / (try /help), `as NAME` plays another member, 1 presses a button, +✅ reacts."

ERASE = "\r\x1b[K"
"""Back to the line's start, and clear it (ECMA-48 EL)."""


class Console:
    """Implements `bot.ports.Chat`.

    ``read_line`` gives the next line or None at the end; ``write`` gets text with its line
    ends. ``first_ref`` numbers the messages: start where the last process stopped, so that
    refs never repeat; ``next_ref`` tells where that is. ``prompt`` shows who is typing.
    """

    def __init__(
        self,
        *,
        read_line: Callable[[], Awaitable[str | None]],
        write: Callable[[str], object],
        channel: str = "main",
        width: int = 78,
        colour: bool = False,
        start_user: str = "alice",
        first_ref: int = 1,
        prompt: bool = False,
    ) -> None:
        self.name = "console"
        self.user = start_user
        self.next_ref = first_ref
        self._read_line = read_line
        self._write = write
        self._target = Target(chat=self.name, channel=channel)
        self._width = width
        self._colour = colour
        self._prompt = prompt
        self._prompting = False
        self._screen = Screen()
        self._keys: OrderedDict[str, str] = OrderedDict()

    async def run(self, inbox: Heard) -> None:
        """Hand over one line after the other until the input ends."""
        while True:
            self._show_prompt()
            line = await self._read_line()
            self._prompting = False
            if line is None:
                return
            await self._take(line.strip(), inbox)

    async def send(self, to: Target, message: Message, *, key: str) -> str:
        """Print it. A ``key`` seen before is the same message again, and is not printed twice."""
        if key in self._keys:
            return self._keys[key]
        ref = self._keep(Shown(message=message, thread=to.thread))
        self._keys[key] = ref
        while len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)
        self._put(self._render(message, to))
        return ref

    async def edit(self, to: Target, ref: str, message: Message) -> str:
        """Print a card again if it reads differently: a terminal cannot repaint."""
        known = self._screen.get(ref)
        if known is None:
            self._screen.add(ref, Shown(message=message, reactions=None, thread=to.thread))
            self._put(self._render(message, to))
            return ref
        before, known.message = known.message, message
        if self._render(before, to) != self._render(message, to):
            self._screen.again(ref)
            self._put(self._render(message, to))
        return ref

    async def whisper(self, to: Target, user: str, message: Message) -> None:
        """Everybody sees a terminal; whom it is meant for is said."""
        self._keep(Shown(message=message, only_for=user, thread=to.thread))
        self._put(self._render(message, to, private_to=user))

    async def reactions(self, to: Target, ref: str) -> Sequence[tuple[str, str]] | None:
        """All (emoji, user) on it; None for a message of an earlier process, whose reactions are lost."""
        known = self._screen.get(ref)
        return None if known is None or known.reactions is None else tuple(known.reactions)

    async def _take(self, line: str, inbox: Heard) -> None:
        if not line or line.startswith("#"):
            return
        if match := re.fullmatch(r"as\s+@?(\S+)", line, re.IGNORECASE):
            self.user = clean(match[1])
            self._say(f"You are now {self.user}.")
        elif match := re.fullmatch(r"/([^\s/]+)\s*(.*)", line, re.DOTALL):
            command, raw = match.groups()
            await inbox(Invocation(command=command.lower(), raw=raw, user=self.user, target=self._target))
        elif match := re.fullmatch(r"([0-9]{1,3})(?:\s+(.+))?", line, re.DOTALL):
            await self._press(int(match[1]), match[2] or "", inbox)
        elif (match := re.fullmatch(r"([+-])(?:1\s)?\s*(\S+)(?:\s+(P[0-9]+))?", line, re.IGNORECASE)) and (
            not match[2].isascii()
        ):
            await self._react(match[1] == "+", match[2], match[3] or "", inbox)
        else:
            self._say(HINT)

    async def _press(self, number: int, words: str, inbox: Heard) -> None:
        first, _, rest = words.partition(" ")
        post = first if re.fullmatch(r"P[0-9]+", first, re.IGNORECASE) else ""
        if post and rest and self._screen.pressable(self.user, post) is None:
            post = ""
        text = rest.strip() if post else words.strip()
        found = self._screen.pressable(self.user, post)
        if found is None:
            self._say(f"No card of {post} with buttons is here." if post else "There is no button to press.")
            return
        ref, shown = found
        buttons = shown.message.buttons
        if not 0 < number <= len(buttons):
            self._say(f"That card has {'buttons 1 to' if len(buttons) > 1 else 'button'} {len(buttons)}.")
            return
        button, typed = buttons[number - 1], " ".join([str(number), *([post] if post else [])])
        if button.danger and not button.asks:
            if text.casefold() != "yes":
                self._say(f"“{button.label}” cannot be undone. If you mean it, type {typed} yes.")
                return
            text = ""
        if button.asks and not text and not button.optional:
            self._say(f"{button.asks} Type it behind the number: {typed} …")
        elif text and not button.asks:
            # somebody meant to say something, and must not approve by it
            self._say(f"“{button.label}” takes no words. To press it, type just {typed}.")
        else:
            target = replace(self._target, thread=shown.thread)
            await inbox(Press(action=button.action, user=self.user, ref=ref, target=target, text=text))

    async def _react(self, added: bool, emoji: str, post: str, inbox: Heard) -> None:
        found = self._screen.card(post)
        if found is None:
            self._say(f"No card of {post} is here." if post else "There is no card to react to yet.")
            return
        ref, shown = found
        if not shown.react(emoji, self.user, added=added):
            self._say(f"You have {'already' if added else 'not'} put {emoji} on it.")
            return
        target = replace(self._target, thread=shown.thread)
        await inbox(Reaction(emoji=emoji, user=self.user, ref=ref, target=target, added=added))

    def _keep(self, shown: Shown) -> str:
        ref = f"c{self.next_ref}"
        self.next_ref += 1
        self._screen.add(ref, shown)
        return ref

    def _render(self, message: Message, to: Target, private_to: str = "") -> str:
        label = f"#{clean(to.channel)} " if to.channel != self._target.channel else ""
        if private_to:
            label += f"(to {clean(private_to)}) "
        elif to.thread is not None:
            name = f"P{to.thread}"
            named = re.search(rf"\b{name}\b", f"{message.title} {message.text}")
            label += "↳ " if named else f"↳ {name} "
        return render(message, width=self._width, colour=self._colour, label=label)

    def _say(self, text: str) -> None:
        self._put(render(Message(text=text), width=self._width, colour=self._colour))

    def _put(self, text: str) -> None:
        again = self._prompting
        self._write(f"{ERASE if again else ''}{text}\n")
        if again:
            self._show_prompt()

    def _show_prompt(self) -> None:
        if self._prompt:
            self._write(f"{self.user}> ")
            self._prompting = True


def render(
    message: Message, *, width: int, colour: bool = False, numbered: bool = True, label: str = ""
) -> str:
    """The message as lines of at most ``width`` cells (at least 20 are used); no line end behind the last.

    Whatever has a title, a status, fields, buttons or a footer is a card; the rest is plain
    lines. ``label`` stands before it: whom it is for, which thread it belongs to.
    """
    width = max(width, 20)
    if not (message.title or message.status or message.fields or message.buttons or message.footer):
        return "\n".join(_plain_lines(message, width, label))
    room = width - 2
    head, *top = _head(message, room)
    *more, foot = _wrap(message.footer, room)
    if colour:
        head, foot = (f"\x1b[{code}m{text}\x1b[0m" if text else "" for code, text in ((1, head), (2, foot)))
    body = (f"│ {line}" for line in (*top, *_body(message, room, numbered), *more))
    lines = (line.rstrip() for line in (f"┌ {head}", *body, f"└ {foot}"))
    return "\n".join([*(_wrap(label.strip(), width) if label else ()), *lines])


def _plain_lines(message: Message, width: int, label: str) -> Iterator[str]:
    mark = label or "· "
    if cell_len(mark) > width // 2:
        yield from _wrap(mark, width)
        mark = "  "
    lines = _wrap(message.text, width - cell_len(mark))
    if message.image:
        lines += _wrap(f"🖼 {message.image}", width - cell_len(mark))
    for number, line in enumerate(lines):
        yield f"{'  ' if number else mark}{line}".rstrip()


def _head(message: Message, room: int) -> list[str]:
    """The title on the left, the status on the right; under it where they do not fit side by side."""
    status, lines = _flat(message.status), _wrap(_flat(message.title), room)
    if not status:
        return lines
    gap = room - cell_len(lines[0]) - cell_len(status)
    if gap >= 2 or not lines[0]:
        return [lines[0] + " " * gap + status, *lines[1:]] if gap >= 0 else [*_wrap(status, room)]
    return [*lines, *(" " * (room - cell_len(line)) + line for line in _wrap(status, room))]


def _body(message: Message, room: int, numbered: bool) -> Iterator[str]:
    if message.text:
        yield from _wrap(message.text, room)
    if message.image:
        yield from _wrap(f"🖼 {message.image}", room)
    if message.fields and (message.text or message.image):
        yield ""
    longest = max((cell_len(_flat(row.name)) for row in message.fields), default=0)
    column = min(max(10, longest), room // 3)
    for row in message.fields:
        names, values = _wrap(_flat(row.name), column), _wrap(row.value, room - column - 1)
        for name, value in zip_longest(names, values, fillvalue=""):
            yield name + " " * (column - cell_len(name) + 1) + value
    line = ""
    for number, button in enumerate(message.buttons, 1):
        label = f"[{number}] {_flat(button.label)}" if numbered else f"[{_flat(button.label)}]"
        if line and cell_len(line) + 2 + cell_len(label) > room:
            yield line
            line = ""
        line += f"  {label}" if line else label
        *full, line = _wrap(line, room) if cell_len(line) > room else [line]
        yield from full
    if line:
        yield line


def _flat(text: str) -> str:
    return " ".join(clean(text).split("\n"))


def _wrap(text: str, room: int) -> list[str]:
    """At least one line, none wider than ``room`` cells; breaks between words where it can."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        line = ""
        for word in re.findall(r" *[^ ]+", paragraph):
            if cell_len(line + word) <= room:
                line += word
                continue
            if line:
                lines.append(line)
            line = word.lstrip(" ")
            # a word of many thousand characters is looked at piece by piece, or it takes minutes
            while len(line) > 8 * room or cell_len(line) > room:
                cut = _fitting(line[: 8 * room], room)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return lines


def _fitting(text: str, room: int) -> int:
    """How many characters fit, without tearing one apart that is made of several."""
    end = 0
    for start, stop, _ in split_graphemes(text)[0]:
        if start and cell_len(text[:stop]) > room:
            break
        end = stop
    return end or 1
