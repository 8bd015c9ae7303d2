"""/export: numbers as files, whole or not at all, and harmless to a spreadsheet."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.snapshot import AccountCount
from bot.errors import BadInput, NotFound
from bot.figures.tables import finish, write_page
from bot.services.measuring import export as exporting
from bot.services.measuring.export import export
from tests.integration.measuring_world import HOUR, MINUTE, Six, six


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def exports(world: Six) -> list[Path]:
    folder = world.app.services.previews.parent / "exports"
    return sorted(folder.iterdir()) if folder.exists() else []


async def numbers(world: Six) -> None:
    """Two posts with readings; what a text of the second begins with is a formula."""
    await world.publish('/post "Plain text" --to acme-x --at now')
    await world.publish('/post "=1+2 is a formula" --to acme-x --at now')
    world.at["twitter"].posts[0].metrics = {"impression_count": 918, "like_count": 22}
    await world.look(15 * MINUTE)
    await world.look(HOUR)


async def test_every_reading_goes_into_a_file_that_is_named_and_counted(tmp_path: Path) -> None:
    async with six(tmp_path, only="twitter") as world:
        await numbers(world)
        said = await world.say("alice", "/export")
        (file,) = exports(world)
        assert file.name == "acme-readings-20261121-101500.csv"
        assert said.startswith(f"4 rows, one for each reading, read 09:15 – 10:15: {file} (")
        assert said.endswith("SIMULATED — no account is connected.")
        rows = rows_of(file)
        assert len(rows) == 4
        assert rows[0] == {
            "reading": rows[0]["reading"],
            "post": "P1",
            "delivery": "1",
            "account": "acme-x",
            "platform": "twitter",
            "kind": "text",
            "text": "Plain text",
            "link": rows[0]["link"],
            "published_at": "2026-11-21T09:00:00Z",
            "read_at": "2026-11-21T09:15:00Z",
            "age_hours": "0.25",
            "views": "918",
            "likes": "22",
            "comments": "0",
            "shares": "0",
            "saves": "0",
            "impressions": "",
            "clicks": "0",
            "reach": "",
            "watch_s": "",
            "gone": "false",
            "source": "api",
            "flags": "",
        }
        assert rows[2]["text"] == "'=1+2 is a formula"


async def test_parquet_keeps_types_and_unknowns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import polars as pl

    monkeypatch.setattr(exporting, "POSTS", 1)  # a page for each post, joined in the end
    async with six(tmp_path, only="twitter") as world:
        await numbers(world)
        brand = world.app.services.brands["acme"]
        made = await export(world.app.services, brand, kind="newest", form="parquet")
        frame = pl.read_parquet(made.file)
        assert made.rows == frame.height == 2
        assert made.size == made.file.stat().st_size
        assert frame["views"].to_list() == [918, 0]
        assert frame["reach"].to_list() == [None, None]
        assert frame["text"].to_list() == ["Plain text", "=1+2 is a formula"]
        assert frame["read_at"].to_list() == [datetime(2026, 11, 21, 10, 15, tzinfo=UTC)] * 2
        assert [path.suffix for path in exports(world)] == [".parquet"]
        assert made.last - made.first == timedelta(0)


async def test_followers_by_day(tmp_path: Path) -> None:
    async with six(tmp_path, only="twitter") as world:
        svc = world.app.services
        count = AccountCount(account="acme-x", day="2026-11-20", at=world.clock.now(), followers=1204)
        await svc.store.write(lambda tx: tx.snapshots.count_account(count))
        made = await export(svc, svc.brands["acme"], kind="accounts")
        (row,) = rows_of(made.file)
        assert (row["account"], row["day"], row["followers"]) == ("acme-x", "2026-11-20", "1204")


async def test_nothing_wrong_and_empty_have_their_sentences(tmp_path: Path) -> None:
    async with six(tmp_path, only="twitter") as world:
        assert "There are no numbers yet" in await world.say("alice", "/export")
        assert "is no day; write it like 2026-11-01" in await world.say("alice", "/export --since yesterday")
        assert "csv" in await world.say("alice", "/export --form xls")
        svc = world.app.services
        with pytest.raises(BadInput, match="is not one of readings, newest or accounts"):
            await export(svc, svc.brands["acme"], kind="everything")
        await numbers(world)
        with pytest.raises(NotFound):
            await export(svc, svc.brands["acme"], since=datetime(2027, 1, 1, tzinfo=UTC).date())
        assert exports(world) == []


async def test_old_files_go_when_there_are_many(tmp_path: Path) -> None:
    async with six(tmp_path, only="twitter") as world:
        await numbers(world)
        folder = world.app.services.previews.parent / "exports"
        folder.mkdir(parents=True)
        for n in range(exporting.KEPT + 5):
            (folder / f"old-{n}.csv").write_text("x")
        svc = world.app.services
        made = await export(svc, svc.brands["acme"])
        assert len(exports(world)) == exporting.KEPT
        assert made.file in exports(world)


def test_pages_of_csv_are_one_table(tmp_path: Path) -> None:
    file = str(tmp_path / "t.csv")
    kinds = {"name": "text", "n": "int"}
    signs = ["=1", "+1", "-1", "@x", "\tx", "\rx", "plain", None]
    write_page({"name": signs, "n": [None, -1, 2, 3, 4, 5, 6, 7]}, kinds, file, "csv", 0)
    write_page({"name": ['more, with "quotes" and\nlines'], "n": [8]}, kinds, file, "csv", 1)
    assert finish(file, "csv", 2) == Path(file).stat().st_size
    rows = rows_of(Path(file))
    assert [r["name"] for r in rows] == [
        "'=1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "'\rx",
        "plain",
        "",
        'more, with "quotes" and\nlines',
    ]
    assert [r["n"] for r in rows] == ["", "-1", "2", "3", "4", "5", "6", "7", "8"]
