"""Publishers that break the contract about changing what is out, in one way each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from aiohttp import web

from bot.api import (
    TITLE,
    Clock,
    DayCount,
    Feature,
    Media,
    Platform,
    Ref,
    Rejected,
    Revises,
    RunningSimulator,
    Transient,
    Unsupported,
)
from bot.testing.scaffold import register_platforms
from bot.testing.scaffold.publisher import NoticeboardPublisher
from bot.testing.scaffold.simulator import NoticeboardSimulator
from bot.testing.simulator import Handler


class ChangeableNotices(NoticeboardSimulator):
    """A noticeboard whose notices have a first line that can be changed."""

    def routes(self) -> Mapping[str, Handler]:
        return {**super().routes(), "PUT /notices/{id}": self._guarded(self._change)}

    async def _change(self, request: web.Request) -> web.Response:
        body = await request.json()
        found = next((n for n in self.notices if n.id == request.match_info["id"] and not n.removed), None)
        if found is None:
            return web.json_response({"error": "no such notice"}, status=404)
        _, _, rest = found.text.partition("\n")
        found.text = body.get("text") or "\n".join(filter(None, (body["title"], rest)))
        return web.json_response({"id": found.id})


class Reviser(NoticeboardPublisher):
    """An honest one."""

    async def shown(self, ref: Ref) -> dict[str, str]:
        return {TITLE: (await self.found(ref)).partition("\n")[0]}

    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        self.only(changes)
        if (await self.shown(ref))[TITLE] != changes[TITLE]:
            await self._free("PUT", f"/notices/{ref}", json={"title": changes[TITLE]})

    async def days(self, ref: Ref, since: date, until: date) -> dict[date, DayCount]:
        return {}

    async def found(self, ref: Ref) -> str:
        shown = (await self._free("GET", "/notices")).json()["notices"]
        text = next((str(n["text"]) for n in shown if n["id"] == ref), None)
        if text is None:
            raise Rejected("It is gone.", code="gone")
        return text

    def only(self, changes: Mapping[str, str | Media]) -> None:
        if set(changes) != {TITLE}:
            raise Unsupported("Only titles.")


class WritesAlways(Reviser):
    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        self.only(changes)
        await self.found(ref)
        await self._free("PUT", f"/notices/{ref}", json={"title": changes[TITLE]})


class ReplacesEverything(Reviser):
    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        self.only(changes)
        if (await self.shown(ref))[TITLE] != changes[TITLE]:
            await self._free("PUT", f"/notices/{ref}", json={"text": changes[TITLE]})


class TakesGoneForTrouble(Reviser):
    async def found(self, ref: Ref) -> str:
        try:
            return await super().found(ref)
        except Rejected:
            raise Transient("Try later.") from None


class TakesAnything(Reviser):
    async def revise(self, ref: Ref, changes: Mapping[str, str | Media]) -> None:
        await super().revise(ref, {TITLE: next(iter(changes.values()))})


def changing(kind: type[NoticeboardPublisher] = Reviser, **more: Any) -> Platform[Any]:
    """A noticeboard that lets notices be changed, by its manifest."""

    async def simulate(clock: Clock) -> RunningSimulator:
        return await ChangeableNotices(clock).start()

    honest: Platform[Any] = next(iter(register_platforms()))
    features = honest.features | Feature.REVISE
    facts = {"features": features, "connect": kind, "simulate": simulate, "revises": Revises(), **more}
    return replace(honest, **facts)


WHOLE, AGAIN, GONE, REFUSED = (
    "what_is_out_can_be_changed_and_read_back",
    "a_change_may_be_repeated_whatever_breaks",
    "what_is_gone_is_told_apart_from_trouble",
    "what_cannot_be_changed_is_refused",
)


def revising_lies() -> Iterator[tuple[str, Platform[Any], frozenset[str]]]:
    """Name, platform, and the checks that fail for it."""
    everything = frozenset({WHOLE, AGAIN, GONE, REFUSED})
    yield "changes in name only", changing(NoticeboardPublisher), everything
    yield "says not what it changes", changing(revises=None), everything
    yield "writes always", changing(WritesAlways), frozenset({AGAIN})
    yield "replaces everything", changing(ReplacesEverything), frozenset({WHOLE})
    yield "takes gone for trouble", changing(TakesGoneForTrouble), frozenset({GONE})
    yield "takes anything", changing(TakesAnything), frozenset({REFUSED})
