"""Numbers as files: CSV for a spreadsheet, Parquet for whoever computes. Run in a process of its own.

A table comes in pages, as it may be larger than memory should hold: CSV is added to, Parquet is written
page by page and joined in the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of text may not begin with, or a spreadsheet computes it (OWASP, "CSV Injection")."""

Columns = Mapping[str, Sequence[Any]]


def write_page(columns: Columns, kinds: Mapping[str, str], file: str, form: str, page: int) -> int:
    """Write one page of a table; returns its rows.

    ``kinds``: "text", "int", "float", "time" or "bool" for each column; times are aware UTC. ``form``: "csv"
    or "parquet". Raises OSError where there is no room.
    """
    import polars as pl

    types: dict[str, Any] = {
        "text": pl.String,
        "int": pl.Int64,
        "float": pl.Float64,
        "bool": pl.Boolean,
        "time": pl.Datetime("us", "UTC"),
    }
    frame = pl.DataFrame(dict(columns), schema={name: types[kind] for name, kind in kinds.items()})
    if form == "parquet":
        frame.write_parquet(_part(file, page))
        return frame.height
    words = [name for name, kind in kinds.items() if kind == "text"]
    guarded = frame.with_columns(
        pl.when(pl.any_horizontal(*(pl.col(name).str.starts_with(sign) for sign in FORMULA)))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in words
    )
    with Path(file).open("ab") as out:
        guarded.write_csv(out, include_header=page == 0, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return frame.height


def finish(file: str, form: str, pages: int) -> int:
    """Put the pages together; returns the bytes of the whole file."""
    if form == "parquet":
        import polars as pl

        parts = [_part(file, page) for page in range(pages)]
        pl.scan_parquet(parts).sink_parquet(file)
        for part in parts:
            part.unlink()
    return Path(file).stat().st_size


def _part(file: str, page: int) -> Path:
    return Path(f"{file}.{page}.part")
