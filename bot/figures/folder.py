"""Charts as files, drawn in a process of their own; the folder keeps the newest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.charts import Chart
from bot.errors import FiguresFailed
from bot.figures.apart import Apart
from bot.figures.drawing import pictures
from bot.figures.tables import finish, write_page
from bot.ports import Log

T = TypeVar("T")

KEPT = 400
"""Pictures that stay: at 150 KB each 60 MB at the most, and more than a year of one brand's reports."""

PATIENCE = 60.0
"""Seconds for the charts of one report; they take two or three on two busy cores."""


class FolderFigures:
    """Implements `bot.ports.Figures`. The same chart is the same file, and not drawn twice."""

    def __init__(self, folder: Path, log: Log) -> None:
        self._folder = folder
        self._log = log
        self._apart = Apart(folder / "cache")

    async def draw(self, charts: Sequence[Chart]) -> Sequence[Path]:
        paths = [self._folder / f"{_key(chart)}.png" for chart in charts]
        missing = [place for place, path in enumerate(paths) if not path.exists()]
        if missing:
            made = await self.apart(pictures, [charts[place] for place in missing], seconds=PATIENCE)
            files = {paths[place]: content for place, content in zip(missing, made, strict=True)}
            await asyncio.to_thread(self._keep, files, frozenset(paths))
        return paths

    async def table_page(
        self,
        columns: Mapping[str, Sequence[Any]],
        kinds: Mapping[str, str],
        *,
        file: str,
        form: str,
        page: int,
    ) -> int:
        return await self.apart(write_page, dict(columns), dict(kinds), file, form, page)

    async def table_done(self, *, file: str, form: str, pages: int) -> int:
        return await self.apart(finish, file, form, pages, seconds=600.0)

    async def apart(self, work: Callable[..., T], *arguments: Any, seconds: float = 60.0) -> T:
        try:
            return await self._apart.run(work, *arguments, seconds=seconds)
        except FiguresFailed as error:
            self._log.error("figures_failed", work=work.__qualname__, error=str(error), detail=error.detail)
            raise
        except OSError as error:
            self._log.error("figures_failed", work=work.__qualname__, error=type(error).__name__)
            raise FiguresFailed("its process could not be started, or there is no room") from error

    def _keep(self, files: dict[Path, bytes], wanted: frozenset[Path]) -> None:
        """Write whole files or none, then let the oldest go."""
        try:
            for path, content in files.items():
                whole = path.with_suffix(".part")
                whole.write_bytes(content)
                whole.replace(path)
        except OSError as error:
            raise FiguresFailed("there is no room for its pictures on the disk") from error
        old = sorted(self._folder.glob("*.png"), key=lambda path: path.stat().st_mtime_ns)
        for path in old[: max(0, len(old) - KEPT)]:
            if path not in wanted:
                with suppress(OSError):
                    path.unlink()


def _key(chart: Chart) -> str:
    """A name for the picture by what it shows."""
    return hashlib.sha256(repr(chart).encode()).hexdigest()[:32]
