"""Numbers as a file: every reading of a brand's posts, the newest of each, or its accounts by day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.people import Brand
from bot.domain.snapshot import NAMES, AccountCount, Snapshot, Watch
from bot.domain.words import listed
from bot.errors import BadInput, FiguresFailed, NotFound
from bot.ports import Tx
from bot.services.context import Services

READINGS, NEWEST, ACCOUNTS = "readings", "newest", "accounts"
KINDS = (READINGS, NEWEST, ACCOUNTS)
FORMS = ("csv", "parquet")

POSTS = 500
"""Posts of one page."""

KEPT = 20
"""Files that stay in the folder, the newest."""

TEXT = 120
"""Characters of a post that a row shows."""

POST_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "reading": "int",
        "post": "text",
        "delivery": "int",
        "account": "text",
        "platform": "text",
        "kind": "text",
        "text": "text",
        "link": "text",
        "published_at": "time",
        "read_at": "time",
        "age_hours": "float",
        **dict.fromkeys(NAMES, "int"),
        "gone": "bool",
        "source": "text",
        "flags": "text",
    }
)
"""Column → what it holds; an empty cell is unknown, which is not zero."""

ACCOUNT_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"account": "text", "day": "text", "read_at": "time", "followers": "int"}
)


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file that was written: its rows, from when to when they were read, and how large it is."""

    file: Path
    rows: int
    size: int
    first: datetime
    last: datetime


async def export(
    svc: Services, brand: Brand, *, kind: str = READINGS, form: str = "csv", since: date | None = None
) -> Export:
    """Write the file; it is made in a process of its own, page by page.

    Raises `BadInput` for an unknown kind or form, `NotFound` when there is nothing to write, and
    `FiguresFailed`.
    """
    for word, known in ((kind, KINDS), (form, FORMS)):
        if word not in known:
            raise BadInput(f"{word!r} is not one of {listed(known, 'or')}.")
    if svc.figures is None:
        raise FiguresFailed("no files are made here")
    now = svc.clock.now()
    folder = svc.previews.parent / "exports"
    file = folder / f"{brand.name}-{kind}-{now:%Y%m%d-%H%M%S}.{form}"
    await asyncio.to_thread(_make_room, folder, file)
    columns = ACCOUNT_COLUMNS if kind == ACCOUNTS else POST_COLUMNS
    rows, times, pages, whole = 0, list[datetime](), 0, False
    try:
        async for page in _pages(svc, brand, kind, since):
            if not page["read_at"]:
                continue
            rows += await svc.figures.table_page(page, columns, file=str(file), form=form, page=pages)
            times += [min(page["read_at"]), max(page["read_at"])]
            pages += 1
        if not pages:
            raise NotFound("There are no numbers yet: the first are read 15 minutes after a post is live.")
        size = await svc.figures.table_done(file=str(file), form=form, pages=pages)
        whole = True
    finally:
        if not whole:
            _drop(file)
    return Export(file=file, rows=rows, size=size, first=min(times), last=max(times))


async def _pages(svc: Services, brand: Brand, kind: str, since: date | None) -> Any:
    """Columns of one page after the other."""
    if kind == ACCOUNTS:
        yield await svc.store.read(lambda tx: _account_page(svc, tx, brand, since))
        return
    watches = await svc.store.read(lambda tx: tx.snapshots.watches(brand.name))
    wanted = [w for w in watches if w.latest and (since is None or w.out_at.date() >= since)]
    for some in _split(wanted, POSTS):
        yield await svc.store.read(lambda tx, some=some: _post_page(tx, some, kind))  # type: ignore[misc]  # mypy infers no lambda with a default


def _post_page(tx: Tx, watches: Sequence[Watch], kind: str) -> dict[str, list[Any]]:
    known = {w.delivery_id: w for w in watches}
    deliveries = {id_: tx.deliveries.get(id_) for id_ in known}
    flags = tx.snapshots.flags({w.post_id for w in watches})
    found = list(tx.snapshots.latest(known).values()) if kind == NEWEST else tx.snapshots.series(known)
    columns: dict[str, list[Any]] = {name: [] for name in POST_COLUMNS}
    for snapshot in found:
        watch = known[snapshot.delivery_id]
        own = {f for f, account in flags.get(watch.post_id, ()) if account in ("", watch.account)}
        row = _row(watch, snapshot, deliveries[watch.delivery_id], sorted(own))
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _row(watch: Watch, snapshot: Snapshot, delivery: Delivery | None, flags: Sequence[str]) -> dict[str, Any]:
    text = " ".join(delivery.variant.text.split()) if delivery else ""
    return {
        "reading": snapshot.id,
        "post": f"P{watch.post_id}",
        "delivery": watch.delivery_id,
        "account": watch.account,
        "platform": watch.platform,
        "kind": watch.content_type,
        "text": text if len(text) <= TEXT else f"{text[: TEXT - 1]}…",
        "link": delivery.urls[0] if delivery and delivery.urls else None,
        "published_at": watch.out_at,
        "read_at": snapshot.at,
        "age_hours": round((snapshot.at - watch.out_at).total_seconds() / 3600, 3),
        **vars(snapshot.metrics),
        "gone": snapshot.gone,
        "source": snapshot.source,
        "flags": " ".join(flags),
    }


def _account_page(svc: Services, tx: Tx, brand: Brand, since: date | None) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ACCOUNT_COLUMNS}
    for account in svc.accounts_of(brand.name):
        counts: Sequence[AccountCount] = tx.snapshots.account_counts(
            account.name, since.isoformat() if since else ""
        )
        for one in counts:
            row = {"account": one.account, "day": one.day, "read_at": one.at, "followers": one.followers}
            for name, value in row.items():
                columns[name].append(value)
    return columns


def _split(watches: Sequence[Watch], size: int) -> Iterator[Sequence[Watch]]:
    for start in range(0, len(watches), size):
        yield watches[start : start + size]


def _make_room(folder: Path, file: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    old = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in old[: max(0, len(old) - KEPT + 1)]:
        with suppress(OSError):
            path.unlink()
    file.unlink(missing_ok=True)


def _drop(file: Path) -> None:
    """Nothing of a file that was not finished stays."""
    for path in (file, *file.parent.glob(f"{file.name}.*.part")):
        with suppress(OSError):
            path.unlink()
