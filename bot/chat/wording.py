"""What every renderer of a team chat needs: sentences in pieces, cut where they must be, and looks. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.domain.marks import dress, plain, unmarked
from bot.domain.message import Message
from bot.domain.words import clean

ADDRESS = re.compile(r"\bhttps?://[^\s<>\"“”|\\]+", re.IGNORECASE)
TAIL = ".,;:!?)]}'’…*_~`"
MORE = "…"


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A message as a service takes it. ``whole`` is everything it says, where some had to be left out."""

    payload: dict[str, Any]
    whole: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A piece of a sentence: words, or words that stand for an instant (``at``), lead to ``url`` or
    are the service's id of somebody who is to notice it (``user``)."""

    text: str
    at: datetime | None = None
    url: str = ""
    bold: bool = False
    user: bool = False

    @property
    def words(self) -> bool:
        """Words alone, which may be cut anywhere."""
        return self.at is None and not self.url and not self.user


def tidy(text: str) -> str:
    """The words without marks, and without what could steer a screen."""
    return text if text.isprintable() else clean(unmarked(plain(text)))


Cost = Callable[[Run], int]
"""How much of a service's limit a run takes."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a state looks, the same on every service. ``colour`` is 0xRRGGBB."""

    glyph: str
    colour: int


GREY, BLUE, YELLOW, ORANGE, RED, GREEN = 0x8D99A6, 0x3B82F6, 0xE8B10A, 0xE8730A, 0xD93F3F, 0x2EA44F
PLAIN = Look(glyph="", colour=GREY)
LOOKS = MappingProxyType(
    {
        "UNCONFIRMED": Look(glyph="❓", colour=ORANGE),
        "REFUSED": Look(glyph="⛔", colour=RED),
        "PARTIAL": Look(glyph="🟠", colour=ORANGE),
        "MISSED": Look(glyph="⏰", colour=ORANGE),
        "HELD": Look(glyph="⏸️", colour=ORANGE),
        "NOT READY": Look(glyph="🚧", colour=YELLOW),
        "CHANGES REQUESTED": Look(glyph="✏️", colour=YELLOW),
        "CHECKING": Look(glyph="🔎", colour=BLUE),
        "PREPARING": Look(glyph="⏳", colour=BLUE),
        "HANDED OVER": Look(glyph="🤝", colour=BLUE),
        "IN REVIEW": Look(glyph="👀", colour=YELLOW),
        "PUBLISHING": Look(glyph="📤", colour=BLUE),
        "APPROVED": Look(glyph="👍", colour=BLUE),
        "SCHEDULED": Look(glyph="🗓️", colour=BLUE),
        "MORE FOLLOWS": Look(glyph="📤", colour=BLUE),
        "EXPIRED": Look(glyph="⌛", colour=GREY),
        "REJECTED": Look(glyph="🚫", colour=GREY),
        "CANCELLED": Look(glyph="⚪", colour=GREY),
        "REMOVED": Look(glyph="⚪", colour=GREY),
        "LIVE": Look(glyph="🟢", colour=GREEN),
    }
)
"""By the words of a status, what needs a person first: green is only what is live everywhere."""


def look_of(status: str) -> Look:
    """The look of the most pressing word in a status."""
    words = plain(status).upper()
    return next((look for word, look in LOOKS.items() if re.search(rf"\b{word}\b", words)), PLAIN)


def runs_of(text: str, *, bold: bool = False) -> list[Run]:
    """The sentence in pieces; addresses that somebody typed become links too. Nothing is left that
    could steer a screen."""
    if text.isprintable():  # no mark is, and most texts have none
        return [run for run in _typed(text, bold) if run.text]
    found: list[Run] = []

    def words(said: str) -> str:
        found.extend(_typed(tidy(said), bold))
        return ""

    def time(at: datetime, said: str) -> str:
        found.append(Run(text=tidy(said), at=at, bold=bold))
        return ""

    def link(url: str, said: str) -> str:
        url = url.strip()
        good = ADDRESS.fullmatch(url) is not None and tidy(url) == url
        found.append(Run(text=tidy(said) or tidy(url), url=url if good else "", bold=bold))
        return ""

    dress(text, words=words, time=time, link=link)
    return joined(run for run in found if run.text)


def _typed(text: str, bold: bool) -> Iterable[Run]:
    last = 0
    for match in ADDRESS.finditer(text) if "://" in text else ():
        url = match[0].rstrip(TAIL)
        if url.endswith("//"):
            continue
        yield Run(text=text[last : match.start()], bold=bold)
        yield Run(text=url, url=url, bold=bold)
        last = match.start() + len(url)
    yield Run(text=text[last:], bold=bold)


def joined(runs: Iterable[Run]) -> list[Run]:
    """The same with neighbouring words made one."""
    found: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if found and run.words and found[-1].words and found[-1].bold == run.bold:
            found[-1] = Run(text=found[-1].text + run.text, bold=run.bold)
        else:
            found.append(run)
    return found


def fit(runs: Sequence[Run], room: int, cost: Cost) -> tuple[list[Run], bool]:
    """As many of them as ``room`` takes, the last one cut with an ellipsis; whether anything is gone."""
    prices = list(map(cost, runs))
    if sum(prices) <= room:
        return list(runs), False
    kept: list[Run] = []
    left = room - cost(Run(text=MORE))
    for run, price in zip(runs, prices, strict=True):
        if price <= left:
            kept.append(run)
            left -= price
            continue
        if run.words:
            kept.append(replace(run, text=_longest(run, left, cost)))
        break
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept and kept[-1].words:
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip() + MORE)
    elif room >= cost(Run(text=MORE)):
        kept.append(Run(text=MORE))
    return kept, True


def _longest(run: Run, room: int, cost: Cost) -> str:
    text = run.text[: max(room, 0)]
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if cost(replace(run, text=text[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return whole_words(text[:low]) if low < len(run.text) else text[:low]


def whole_words(text: str) -> str:
    """The beginning of something longer, without a last piece of a word where that costs little."""
    space = max(text.rfind(" "), text.rfind("\n"))
    cut = text[:space] if space > len(text) - 40 and space > len(text) // 2 else text
    # a sign that is made of several must not be torn: joiners, variation selectors, skin tones
    return re.sub("[\u200d\ufe0f\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff]+$", "", cut)


def units(text: str) -> int:
    """How long a text is for the strictest way of counting, UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def short(text: str, limit: int) -> str:
    """One line of plain words in at most ``limit`` units, cut with an ellipsis."""
    line = " ".join(tidy(text).split())
    if units(line) <= limit:
        return line
    cut = line[: limit - 1]
    while units(cut) > limit - 1:
        cut = cut[:-1]
    return whole_words(cut).rstrip() + MORE


def whole_of(message: Message) -> str:
    """Everything a message says, as plain lines."""
    head = "  ".join(tidy(part) for part in (message.title, message.status) if part)
    rows = [f"{tidy(f.name)}  {tidy(f.value)}".strip() for f in message.fields]
    parts = [head, tidy(message.text), "\n".join(rows), tidy(message.footer)]
    return "\n\n".join(part for part in parts if part.strip())


def is_card(message: Message) -> bool:
    """Whether it is more than a few words."""
    return bool(message.title or message.status or message.fields or message.footer)


def row_runs(message: Message, room: int) -> list[Run]:
    """The rows of a card, one a line, with their names in bold; those after the first that does not end
    within ``room`` units are left out, as none of them could be shown."""

    def lines() -> Iterable[Run]:
        length = 0
        for number, row in enumerate(message.fields):
            if number:
                yield Run(text="\n")
            name, value = runs_of(" ".join(row.name.split()), bold=True), runs_of(row.value)
            yield from (*name, *((Run(text="  "),) if name and value else ()), *value)
            length += sum(units(run.text) for run in (*name, *value))
            if length > room:
                return

    return joined(lines())


def unbold(runs: Iterable[Run]) -> list[Run]:
    """The same in plain letters."""
    return joined(replace(run, bold=False) if run.bold else run for run in runs)


def first_words(message: Message) -> str:
    """What stands for a message that has no words of its own."""
    picture = message.image_alt or (message.image.name if message.image else "")
    labels = " · ".join(button.label for button in message.buttons)
    return tidy(picture) or tidy(labels) or MORE


def pieces(runs: Iterable[Run], limit: int) -> list[list[Run]]:
    """The runs in portions of at most ``limit`` units, words cut between lines or words where possible.
    What cannot be cut and is longer stands alone."""
    portions: list[list[Run]] = [[]]
    room = limit
    for run in runs:
        rest = run
        while units(rest.text) > room:
            if rest.words and room > limit // 4:
                head = _beginning(rest.text, room)
                portions[-1].append(replace(rest, text=head))
                rest = replace(rest, text=rest.text[len(head) :])
            elif not portions[-1]:
                break
            portions.append([])
            room = limit
        portions[-1].append(rest)
        room -= units(rest.text)
    return [portion for portion in portions if portion]


def _beginning(text: str, room: int) -> str:
    """As much of it as fits, to the end of a line or a word in its second half."""
    end = room
    while units(text[:end]) > room:
        end -= units(text[:end]) - room + 1 >> 1
    at = max(text.rfind("\n", end // 2, end), text.rfind(" ", end // 2, end))
    return text[: at + 1] if at > 0 else text[: max(end, 1)]
