"""The picture that a video is announced with, and its subtitles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand
from bot.domain.platform import Feature
from bot.domain.post import Media, MediaKind, Post
from bot.domain.words import listed
from bot.errors import BadInput, Conflict, PublishError
from bot.ports import Studio
from bot.services.changing import Changes
from bot.services.context import Services
from bot.services.drawing import save_as
from bot.services.edit import edit
from bot.services.tell import note
from bot.services.variants import add_media_beside

FRAMES = 9
"""Pictures of a contact sheet."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A contact sheet: where it lies, and the second of each picture in words."""

    path: Path
    words: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target of a post that has a video."""

    delivery: Delivery
    video: Media


async def cover_sheet(svc: Services, post: Post, names: Sequence[str] = ()) -> Shown:
    """Frames of the post's video to choose from, also shown in its thread.

    Raises `Conflict` when there is no video that could have a cover.
    """
    targets, studio = await _targets(svc, post, names, Feature.COVER), _studio(svc)
    sheet, seconds = await _drawn(studio, targets[0].video)
    numbers = " · ".join(f"{n} {_at(second)}" for n, second in enumerate(seconds, 1))
    words = f"Covers for {post.name}: {numbers}. /cover {post.name} 4 takes the fourth."
    key = f"cover:{post.id}:{sheet.sha256[:16]}"
    await svc.store.write(lambda tx: note(svc, tx, post, key, words, picture=sheet))
    saved = await save_as(svc, sheet, f"{post.name}-covers.jpg")
    return Shown(path=saved or svc.media.path(sheet), words=words)


async def choose_cover(
    svc: Services,
    brand: Brand,
    post: Post,
    member: str,
    *,
    choice: int | None,
    files: Sequence[str],
    names: Sequence[str] = (),
) -> str:
    """Keep a frame or a picture as cover, and subtitles, for every target that has them.

    Raises `BadInput` for a number or a file that cannot be one, and as `edit` does.
    """
    pictures, captions = await add_media_beside(svc, files)
    if choice is not None and pictures:
        raise BadInput("A number and a picture are two covers; give one of them.")
    covers: dict[str, Media] = {}
    left: list[str] = []
    if choice is not None or pictures:
        found = await _targets(svc, post, names, Feature.COVER)
        for target in found:
            covers[target.delivery.account] = (
                pictures[0] if pictures else await _frame(svc, target.video, choice or 0)
            )
        left += await _without(svc, post, Feature.COVER, "covers")
    spoken: dict[str, tuple[Media, ...]] = {}
    if captions:
        able = await _targets(svc, post, names, Feature.CAPTIONS)
        spoken = {t.delivery.account: captions for t in able}
        left += await _without(svc, post, Feature.CAPTIONS, "subtitles")
    words = await edit(svc, brand, post.id, member, Changes(covers=covers, captions=spoken))
    return " ".join([words, *left])


async def _targets(svc: Services, post: Post, names: Sequence[str], feature: Feature) -> Sequence[Target]:
    rows = await svc.store.read(lambda tx: tx.deliveries.of_post(post.id))
    meant = [r for r in rows if r.state is not State.CANCELLED and r.account in svc.accounts]
    meant = [r for r in meant if not names or r.account in names or r.platform in names]
    videos = [
        Target(delivery=r, video=m) for r in meant for m in r.variant.media if m.kind is MediaKind.VIDEO
    ]
    if not videos:
        raise Conflict(f"{post.name} has no video there. /edit {post.name} gives it one.")
    able = [t for t in videos if feature in svc.accounts[t.delivery.account].platform.features]
    if not able:
        titles = listed(sorted({svc.accounts[t.delivery.account].platform.title for t in videos}))
        what = "covers" if feature is Feature.COVER else "subtitles"
        raise Conflict(f"{titles} takes no {what} from here.")
    return able


async def _without(svc: Services, post: Post, feature: Feature, what: str) -> list[str]:
    """Who does not get it, in one sentence."""
    rows = await svc.store.read(lambda tx: tx.deliveries.of_post(post.id))
    platforms = [svc.accounts[r.account].platform for r in rows if r.account in svc.accounts]
    titles = sorted({p.title for p in platforms if feature not in p.features})
    return [f"{listed(titles)} takes no {what} from here."] if titles else []


async def _frame(svc: Services, video: Media, choice: int) -> Media:
    studio = _studio(svc)
    _, seconds = await _drawn(studio, video)
    if not 1 <= choice <= len(seconds):
        raise BadInput(f"There are covers 1 to {len(seconds)}, not {choice}.")
    return await studio.frame(video, seconds[choice - 1])


async def _drawn(studio: Studio, video: Media) -> tuple[Media, Sequence[float]]:
    try:
        return await studio.sheet(video, count=FRAMES)
    except PublishError as error:
        raise BadInput(str(error)) from None


def _studio(svc: Services) -> Studio:
    if svc.studio is None:
        raise Conflict("Nothing here can look into videos.")
    return svc.studio


def _at(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
