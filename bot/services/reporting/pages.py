"""A report as messages: the first with everything that matters, the others with a picture each below it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.charts import Chart, in_words
from bot.domain.message import Action, Button, Field, Message
from bot.domain.proposal import Proposal
from bot.domain.report_data import ReportData
from bot.errors import BotError, FiguresFailed
from bot.ports import ReportSection
from bot.services.context import Services
from bot.services.isolated import isolated
from bot.services.proposing.propose import buttons_of
from bot.services.reporting.headline import headline
from bot.services.reporting.sections import OWN

KIND = "report"
"""The `Action.kind` of a report's own button; its number is the report's row."""

PATIENCE = 5.0
"""Seconds that a plugin's section may take."""

SIMULATED = "SIMULATED — no account is connected"
NOT_DRAWN = "The charts could not be drawn (the log says why); their numbers are here as text."


@dataclass(frozen=True, kw_only=True)
class Said:
    """A section that has something to say, and what is drawn with it."""

    name: str
    message: Message
    chart: Chart | None = None


async def pages(
    svc: Services, data: ReportData, proposals: Sequence[Proposal], number: int | None
) -> tuple[Message, ...]:
    """The messages, the first one first. ``number``: the report's row, for its [Why?]; None where it has
    none. Pictures that cannot be drawn are left out, and that is said."""
    said = [one for one in await _sections(svc, data) if one.message != Message()]
    pictures, failed = await _drawn(svc, [one.chart for one in said if one.chart is not None])
    shown = iter(pictures)
    messages = [_dressed(one, next(shown, None) if one.chart is not None else None) for one in said]
    first = [m for one, m in zip(said, messages, strict=True) if one.chart is None or one.name == OWN[0].name]
    below = [
        m for one, m in zip(said, messages, strict=True) if one.chart is not None and one.name != OWN[0].name
    ]
    footer = " · ".join([*([NOT_DRAWN] if failed else []), *([SIMULATED] if data.simulated else [])])
    picture = next((m for m in first if m.image is not None), Message())
    head = Message(
        title=f"{data.title} · {data.report.brand}",
        text=headline(data),
        fields=tuple(Field(name=m.title, value=m.text) for m in first if m.text),
        image=picture.image,
        image_alt=picture.image_alt,
        buttons=(*_buttons(proposals), *_why(number)),
        footer=footer,
    )
    return (head, *(replace(m, footer=SIMULATED if data.simulated else "") for m in below))


def _buttons(proposals: Sequence[Proposal]) -> tuple[Button, ...]:
    """For each proposal yes and why, named, as there are several."""
    found = []
    for proposal in proposals:
        own = buttons_of(proposal)
        found += [replace(b, label=f"{b.label} ({proposal.name})") for b in (*own[:1], *own[-1:])]
    return tuple(found)


def _why(number: int | None) -> tuple[Button, ...]:
    if number is None:
        return ()
    return (Button(label="Why these numbers?", action=Action(verb="why", kind=KIND, id=number)),)


async def _sections(svc: Services, data: ReportData) -> list[Said]:
    """Ours, then those of plugins; one that breaks says so in its place."""
    own = await asyncio.to_thread(lambda: [_said(section, data) for section in OWN])
    theirs = [await _guarded(svc, section, data) for section in svc.registry.report_sections.values()]
    return own + theirs


def _said(section: ReportSection, data: ReportData) -> Said:
    message = section.render(data)
    if not isinstance(message, Message):
        raise TypeError("a report section renders a Message")
    if not message.text:
        return Said(name=section.name, message=Message())
    title = message.title or section.name.capitalize()
    chart = section.chart(data) if section.chart is not None else None
    return Said(
        name=section.name, message=replace(message, title=title, buttons=(), mentions=()), chart=chart
    )


async def _guarded(svc: Services, section: ReportSection, data: ReportData) -> Said:
    plugin = svc.registry.owner_of(section.name, "report section") or section.name
    try:
        found: Said = await isolated(
            plugin,
            f"report section {section.name}",
            lambda: asyncio.to_thread(_said, section, data),
            watch=svc.registry.watch,
            log=svc.log,
            ours=BotError,
            limit=PATIENCE,
        )
    except BotError:
        text = f"The plugin {plugin} could not make this section; the log says why."
        return Said(name=section.name, message=Message(title=section.name.capitalize(), text=text))
    return found


async def _drawn(svc: Services, charts: Sequence[Chart]) -> tuple[Sequence[tuple[Path, str]], bool]:
    """A picture and its words for each chart, and whether that failed."""
    if not charts or svc.figures is None or svc.rehearsing:
        return (), False
    try:
        paths = await svc.figures.draw(charts)
    except FiguresFailed:
        return (), True
    return [(path, in_words(chart)) for path, chart in zip(paths, charts, strict=True)], False


def _dressed(said: Said, picture: tuple[Path, str] | None) -> Message:
    if picture is None:
        return said.message
    path, words = picture
    return replace(said.message, image=path, image_alt=words)
