"""What the simulated TikTok answers about what it remembers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugins.tiktok.world import SimCreator, SimPost, World


def creator_view(creator: SimCreator) -> dict[str, Any]:
    """Creator info."""
    return {
        "creator_avatar_url": "https://sim.example.com/avatar.jpeg",
        "creator_username": creator.username,
        "creator_nickname": creator.nickname,
        "privacy_level_options": creator.audiences,
        "comment_disabled": creator.no_comments,
        "duet_disabled": creator.no_duet,
        "stitch_disabled": creator.no_stitch,
        "max_video_post_duration_sec": creator.seconds,
    }


def status_view(world: World, post: SimPost) -> dict[str, Any]:
    """One post's status; the number of a public one is bare and larger than 2^53."""
    status = world.status(post)
    view: dict[str, Any] = {"status": status}
    if post.pulled:
        view["downloaded_bytes"] = sum(map(len, post.photos))
    else:
        view["uploaded_bytes"] = post.stored
    if status == "FAILED":
        view["fail_reason"] = post.fail_reason
    if status == "PUBLISH_COMPLETE":
        number = world.public_number(post)
        view["publicaly_available_post_id"] = [] if number is None else [number]
    return view


def counted(post: SimPost) -> dict[str, Any]:
    """Counts of one video."""
    names = ("view_count", "like_count", "comment_count", "share_count")
    return {"id": str(post.number), **{name: post.counts.get(name, 0) for name in names}}


def listed(world: World, most: int, cursor: object) -> dict[str, Any]:
    """Public posts, newest first, before the instant of ``cursor`` (milliseconds)."""
    before = datetime.fromtimestamp(cursor / 1000, UTC) if isinstance(cursor, int) and cursor else None
    public = [p for p in reversed(world.posts) if world.public_number(p) is not None]
    rest = [p for p in public if before is None or p.made_at < before]
    shown = rest[: min(max(most, 1), 20)]
    return {
        "videos": [
            {
                "id": str(p.number),
                "create_time": int((p.finished_at or p.whole_at or p.made_at).timestamp()),
                "title": str(p.info.get("title", "")),
                "video_description": str(p.info.get("description") or p.info.get("title") or ""),
                "share_url": f"https://www.tiktok.com/@{world.creator.username}/"
                f"{'photo' if p.photos else 'video'}/{p.number}?utm_campaign=sim",
            }
            for p in shown
        ],
        "cursor": round(shown[-1].made_at.timestamp() * 1000) if shown else 0,
        "has_more": len(rest) > len(shown),
    }
