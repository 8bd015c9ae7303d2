"""Real posts, as readings long after they went out; nothing where the data is absent."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.outcomes import PAID, PostOutcome

SHARED = Path(os.environ.get("CLARION_SHARED") or Path(__file__).parents[2] / "shared") / "data"
THAI = SHARED / "fb_live_thailand_uci.csv"
TWEETS = SHARED / "tweets_obama_trump_538.csv"
FACEBOOK = SHARED / "facebook_metrics_uci.csv"
LATER = timedelta(days=60)


def pages() -> list[PostOutcome]:
    """Nine pages, 2012-2018; reactions, comments and shares, no views."""
    return [
        PostOutcome(
            post_id=row["status_id"],
            account_id=row["account_id"],
            platform="facebook",
            content_type=row["status_type"],
            published_at=(at := _instant(row["status_published"])),
            observed_at=at + LATER,
            engagement=sum(float(row[k]) for k in ("num_reactions", "num_comments", "num_shares")),
        )
        for row in _rows(THAI)
    ]


def tweets() -> list[PostOutcome]:
    """Two accounts, 2014-2017; replies, retweets and favorites, no views."""
    return [
        PostOutcome(
            post_id=str(number),
            account_id=row["user"],
            platform="x",
            content_type="text",
            published_at=(at := _instant(row["created_at"])),
            observed_at=at + LATER,
            engagement=sum(float(row[k] or 0) for k in ("replies", "retweets", "favorites")),
        )
        for number, row in enumerate(_rows(TWEETS))
    ]


def one_page() -> list[PostOutcome]:
    """One page, 2014, without exact days: the file's own order, newest first, a post every 18 hours.

    Impressions stand for views."""
    start = datetime(2014, 12, 31, tzinfo=UTC)
    return [
        PostOutcome(
            post_id=str(number),
            account_id="page",
            platform="facebook",
            content_type=row["Type"],
            published_at=(at := start - number * timedelta(hours=18)),
            observed_at=at + LATER,
            engagement=float(row["Total Interactions"] or 0),
            views=float(row["Lifetime Post Total Impressions"]),
            flags=frozenset({PAID}) if row["Paid"] == "1" else frozenset(),
        )
        for number, row in enumerate(_rows(FACEBOOK))
    ]


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        delimiter = ";" if ";" in lines.readline() else ","
        lines.seek(0)
        yield from csv.DictReader(lines, delimiter=delimiter)


def _instant(text: str) -> datetime:
    """``2018-04-22 06:00:00`` or ``4/22/2018 6:00``, taken as UTC: the files name no zone."""
    for form in ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"no instant: {text!r}")
