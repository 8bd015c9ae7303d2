"""A small platform in three tempers: it knows our own key, it can be looked through, or neither.

The whole publisher is here, to be read by whoever writes one: one reversible step that
uploads an image, one call that publishes, three ways to find out what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.api import (
    Absent,
    AccountInfo,
    AuthExpired,
    Call,
    Checkpoint,
    Clock,
    Confirmed,
    Deps,
    Facts,
    Feature,
    Finding,
    Gone,
    Level,
    Limit,
    Live,
    Metrics,
    More,
    Part,
    Platform,
    Proof,
    RateLimited,
    Ready,
    Receipt,
    Ref,
    Rejected,
    Reply,
    RunningSimulator,
    SimulatedAccount,
    Staged,
    Transient,
    Uncertain,
    Unclear,
    Unsupported,
    Variant,
    hookimpl,
)

LONGEST = 500
"""Characters; this platform is ours, so the limit is too."""

OWN_KEY, LOOKUP, NEITHER = "own_key", "lookup", "neither"


@dataclass(frozen=True, kw_only=True)
class DemoSettings:
    """``mode``: ``own_key``, ``lookup`` or ``neither``. ``name`` tells accounts of one server apart."""

    base_url: str
    mode: str = OWN_KEY
    name: str = "demo"


class DemoPublisher:
    """Implements `bot.ports.Publisher` for one account."""

    def __init__(self, settings: DemoSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps

    async def check(self) -> AccountInfo:
        await self._read("GET", "/me")
        return AccountInfo(id=self._settings.name, handle=f"@{self._settings.name}", title="Demo")

    async def facts(self) -> Facts:
        return Facts()

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        found = []
        for part in variant.parts:
            length = len(part.text)
            if length > LONGEST:
                text = f"Demo takes {LONGEST} characters, this has {length}."
                found.append(Finding(level=Level.BLOCK, code="too_long", text=text, fix="shorten it"))
            if not part.text and not part.media:
                found.append(
                    Finding(level=Level.BLOCK, code="empty", text="There is no text.", fix="write one")
                )
        found.append(Finding(level=Level.NOTE, code="length", text=f"{len(variant.text)}/{LONGEST}"))
        return found

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        ids: list[Any] = list(checkpoint.data.get("media", []))
        if len(ids) == len(part.media):
            return Ready(checkpoint=checkpoint)
        body = await self._deps.media.read(part.media[len(ids)])
        reply = await self._read("POST", "/media", content=body)
        id_ = _fields(reply).get("id")
        if not isinstance(id_, str):
            raise Transient("The upload was answered without a number.", detail=f"status {reply.status}")
        data = {"media": [*ids, id_]}
        return More(checkpoint=Checkpoint(data=data, expires_at=self._deps.clock.now() + timedelta(hours=24)))

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        body = {
            "account": self._settings.name,
            "text": part.text,
            "media": list(checkpoint.data.get("media", [])),
            "parent": call.parents[-1] if call.parents else None,
        }
        headers = {"idempotency-key": call.key} if self._settings.mode == OWN_KEY else {}
        reply = await self._deps.http.request(
            "POST", f"{self._settings.base_url}/posts", json=body, headers=headers, timeout=10.0
        )
        self._refuse(reply)
        id_ = _fields(reply).get("id")
        if reply.status != 201 or not isinstance(id_, str):
            raise Uncertain(detail=f"status {reply.status}")
        return Receipt(ref=id_, url=f"https://demo.example/{id_}")

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        if self._settings.mode == NEITHER:
            return Unclear(why="this platform cannot be asked", look_at="https://demo.example/")
        if self._settings.mode == OWN_KEY:
            reply = await self._read("GET", f"/keys/{call.key}", missing=True)
            if reply.status == 404:
                return Absent()
            return self._live(_fields(reply).get("id"))
        reply = await self._read("GET", f"/posts?account={self._settings.name}")
        shown = _fields(reply).get("posts")
        parent = call.parents[-1] if call.parents else None
        same = [p for p in shown if p["text"] == part.text and p["parent"] == parent] if shown else []
        if len(same) != 1:
            return Unclear(why="not to be seen", look_at="https://demo.example/")
        return self._live(same[0]["id"])

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        raise Unsupported("This platform counts nothing.")

    async def remove(self, ref: Ref) -> None:
        await self._read("DELETE", f"/posts/{ref}", missing=True)

    async def aclose(self) -> None:
        return None

    def _live(self, id_: Any) -> Confirmed:
        if not isinstance(id_, str):
            return Unclear(why="the answer names no post", look_at="https://demo.example/")
        return Live(ref=id_, url=f"https://demo.example/{id_}", proof=Proof.READ_BACK)

    async def _read(
        self, method: str, path: str, *, content: bytes | None = None, missing: bool = False
    ) -> Reply:
        """A call that is free to repeat: a missing answer is only a reason to try again."""
        try:
            reply = await self._deps.http.request(
                method, self._settings.base_url + path, content=content, timeout=10.0
            )
        except Uncertain as error:
            raise Transient(detail=error.detail) from None
        if missing and reply.status == 404:
            return reply
        self._refuse(reply)
        if not 200 <= reply.status < 300 or not isinstance(reply.json(), dict):
            raise Transient(detail=f"status {reply.status}")
        return reply

    def _refuse(self, reply: Reply) -> None:
        if reply.status == 401:
            raise AuthExpired
        if reply.status == 429:
            wait = float(reply.headers.get("retry-after", "60"))
            raise RateLimited(self._deps.clock.now() + timedelta(seconds=wait))
        if 400 <= reply.status < 500:
            raise Rejected(str(_fields(reply).get("error", "no reason given")))


def _fields(reply: Reply) -> Mapping[str, Any]:
    """The answer's fields; none when it is not what it should be."""
    body = reply.json()
    return body if isinstance(body, dict) else {}


def ref_of(link: str) -> Ref | None:
    """The id in a link that a person pasted."""
    start = "https://demo.example/"
    return link.removeprefix(start) if link.startswith(start) else None


async def simulate(clock: Clock) -> RunningSimulator:
    """The server of this platform, on loopback."""
    from bot.testing.platforms._demo_server import DemoSimulator

    return await DemoSimulator(clock).start()


@hookimpl
def register_platforms() -> Iterable[Platform[Any]]:
    """The demo platform, in each of its three tempers."""
    note = "bot.testing.platforms.demo"
    limit = Limit(name="Text", value=LONGEST, unit="characters", as_of=date(2026, 11, 21), source=note)
    return [
        Platform(
            name=f"demo-{mode.replace('_', '-')}",
            title=f"Demo ({mode.replace('_', ' ')})",
            features=Feature.TEXT | Feature.IMAGE | Feature.THREAD | Feature.REMOVE,
            limits=(limit,),
            settings=DemoSettings,
            connect=DemoPublisher,
            ref_of=ref_of,
            simulate=simulate,
            simulated=SimulatedAccount(suffix=mode.replace("_", "-"), title="Demo", settings={"mode": mode}),
        )
        for mode in (OWN_KEY, LOOKUP, NEITHER)
    ]
