"""A bot whose demo platforms want files of their own kind, and a studio that works when it is told to."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import imageio_ffmpeg

from bot.domain.fitting import MediaRules, PictureRule, Plan, VideoRule, after
from bot.domain.look import Look
from bot.domain.people import Brand
from bot.domain.platform import Facts, Feature, OptionKind, PostOption
from bot.domain.post import Media, Variant
from bot.domain.preparing import Preparation
from bot.errors import PublishError
from bot.ports import Drawn, MediaStore, Platform
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import DemoSimulator
from tests.unit.demo_world import BRAND, KEY, World, open_world

TALL, ANY = "demo-own-key", "demo-lookup"
"""The platform that takes upright videos only and wants an audience chosen, and the one that takes all."""

PICTURES = PictureRule(formats=("image/png", "image/jpeg"), most_bytes=10**7)
UPRIGHT = VideoRule(
    containers=("mp4",),
    codecs=("h264",),
    audio=("aac", ""),
    most_bytes=10**7,
    seconds=(0.1, 60.0),
    ratios=(0.5, 0.6),
    aim=(90, 160),
)
LOOSE = replace(UPRIGHT, ratios=None, aim=None)
AUDIENCE = PostOption(
    name="audience",
    title="Who can see it",
    help="Who can see the post",
    kind=OptionKind.CHOICE,
    choices=(("all", "Everyone"), ("me", "Only me")),
)
TITLE = PostOption(name="title", title="Title", help="Its title", most=20)
PROMOTED = PostOption(name="promoted", title="Paid", help="Paid for by somebody", kind=OptionKind.FLAG)


@cache
def clip(seconds: float = 0.4, size: str = "64x36") -> Path:
    """A real little video, wider than high; made once."""
    target = Path(mkdtemp(prefix="clarion-clip-")) / "launch.mp4"
    line = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i"]
    line += [f"testsrc=s={size}:r=10:d={seconds}", "-c:v", "libx264", "-pix_fmt", "yuv420p"]
    subprocess.run([*line, "-movflags", "+faststart", str(target)], check=True, timeout=60)
    return target


class Workshop:
    """Implements `bot.ports.Studio`: makes small files at once, or when ``gate`` opens.

    ``asked``: every order; ``made``: those that were really made; ``fails``: the next error.
    """

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self.gate: asyncio.Event | None = None
        self.asked: list[tuple[str, Plan]] = []
        self.made: dict[tuple[str, Plan], Media] = {}
        self.cut = 0
        self.fails: PublishError | None = None
        self.told: Callable[[float], None] | None = None
        self.drawn: list[tuple[tuple[str, ...], bool]] = []
        self.cards_fail: PublishError | None = None
        self.begun = asyncio.Event()

    async def fit(self, media: Media, plan: Plan, *, told: Callable[[float], None] | None = None) -> Media:
        self.asked.append((media.sha256, plan))
        self.told = told
        self.begun.set()
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cut += 1
            raise
        known = self.made.get((media.sha256, plan))
        return known or self._make(media, plan)

    def _make(self, media: Media, plan: Plan) -> Media:
        data = f"{plan} of {media.sha256}".encode()
        name = hashlib.sha256(data).hexdigest()
        self._media.path(replace(media, sha256=name)).write_bytes(data)
        made = replace(after(media, plan), sha256=name, size=len(data), origin=media.sha256)
        self.made[media.sha256, plan] = made
        return made

    async def frame(self, media: Media, at: float) -> Media:
        return self._picture(media, f"frame at {at:.2f}", "cover.jpg")

    async def sheet(self, media: Media, *, count: int = 9) -> tuple[Media, Sequence[float]]:
        return self._picture(media, "sheet", "sheet.jpg"), [n / 10 for n in range(count)]

    async def cards(self, posts: Sequence[tuple[Look, Variant]], *, dark: bool = False) -> Sequence[Drawn]:
        if self.cards_fail is not None:
            raise self.cards_fail
        self.drawn.append((tuple(v.account for _, v in posts), dark))
        return [
            Drawn(
                picture=self._picture(Media(**BLANK), f"{v.account} {v.text} {dark}", f"{v.account}.jpg"),
                words=f"{look.name}: {v.text}",
            )
            for look, v in posts
        ]

    def _picture(self, media: Media, words: str, name: str) -> Media:
        data = f"{words} of {media.sha256}".encode()
        sha = hashlib.sha256(data).hexdigest()
        found = replace(
            Media(**BLANK), sha256=sha, name=name, size=len(data), origin=media.sha256, width=64, height=36
        )
        self._media.path(found).parent.mkdir(parents=True, exist_ok=True)
        self._media.path(found).write_bytes(data)
        return found


BLANK: Mapping[str, Any] = {"sha256": "", "name": "", "mime": "image/jpeg", "kind": "image", "size": 0}


@dataclass(kw_only=True)
class Preparing(World):
    """The bot and its workshop."""

    shop: Workshop
    video: Path = field(default_factory=clip)

    async def needs(self, post_id: int = 1) -> list[Preparation]:
        return list(await self.app.services.store.read(lambda tx: tx.preparations.of_post(post_id)))

    async def words(self, account: str, post_id: int = 1) -> str:
        """What the card says about one target."""
        row = (await self.rows(post_id))[account]
        title = self.app.services.accounts[row.account].platform.title
        return next(f.value for f in (await self.card(post_id)).fields if f.name == title)


def dressed(platform: Platform[Any], *, required: bool = False, longest: float = 60.0) -> Platform[Any]:
    """A demo platform with rules for files, options and a look."""
    tall = platform.name == TALL
    video = replace(UPRIGHT if tall else LOOSE, seconds=(0.1, longest))
    rules = MediaRules(picture=PICTURES, video=video, most_pictures=4, most_files=4)

    def media(variant: Variant, facts: Facts) -> MediaRules:
        return rules

    more = Feature.VIDEO | Feature.MULTI_IMAGE
    return replace(
        platform,
        features=platform.features | more | (Feature.COVER | Feature.CAPTIONS if tall else Feature.NONE),
        media=media if platform.name in (TALL, ANY) else None,
        options=(replace(AUDIENCE, required=required), TITLE, PROMOTED) if tall else (),
        look=lambda variant, facts: Look(name=variant.account),
    )


@asynccontextmanager
async def preparing(
    folder: Path,
    *,
    brand: Brand = BRAND,
    required: bool = False,
    longest: float = 60.0,
    shop: Workshop | None = None,
    clock: FakeClock | None = None,
    sims: Mapping[str, DemoSimulator] | None = None,
) -> AsyncIterator[Preparing]:
    """A bot on a database in ``folder``; its studio is the workshop."""
    async with open_world(
        folder,
        brand=brand,
        clock=clock,
        sims=sims,
        dress=lambda p: dressed(p, required=required, longest=longest),
    ) as world:
        services = world.app.services
        shop = shop or Workshop(services.media)
        object.__setattr__(services, "studio", shop)
        yield Preparing(**vars(world), shop=shop)


__all__ = ["KEY", "Preparing", "Workshop", "clip", "dressed", "preparing"]
