"""What is drawn and counted in a process of its own, so that nothing else has to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.domain.charts import Chart

T = TypeVar("T")


class Figures(Protocol):
    """Draws charts, and runs what would keep everybody waiting. One piece of work at a time."""

    async def draw(self, charts: Sequence[Chart]) -> Sequence[Path]:
        """A PNG for each, at most 150 KB, in a folder that keeps the newest.

        Raises `FiguresFailed`.
        """

    async def table_page(
        self,
        columns: Mapping[str, Sequence[Any]],
        kinds: Mapping[str, str],
        *,
        file: str,
        form: str,
        page: int,
    ) -> int:
        """Write one page of a table beside ``file`` and return its rows.

        ``kinds``: "text", "int", "float", "time" or "bool" for each column; ``form``: "csv" or "parquet".
        Raises `FiguresFailed`.
        """

    async def table_done(self, *, file: str, form: str, pages: int) -> int:
        """Put the pages together; returns the bytes of the whole file. Raises `FiguresFailed`."""

    async def apart(self, work: Callable[..., T], *arguments: Any, seconds: float = 60.0) -> T:
        """What a function of a module answers, run in a process of its own with a bound on its time.

        The function is found by its module and name there; what goes in and comes out is pickled. Raises
        `BadInput` with its words when it raised that, and `FiguresFailed` for everything else.
        """
