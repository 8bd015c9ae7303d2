"""Where a configuration keeps its database and its key, and what kind of database it is."""

from __future__ import annotations

from pathlib import Path

from bot.config import Config
from bot.errors import ConfigError
from bot.ports import Store

SIMULATED, REAL = "simulated", "real"


def place(config: Config, simulated: bool) -> tuple[str, Path | None]:
    """The database's URL and, for SQLite, its file; simulated runs have a file of their own."""
    url = config.store_url or f"sqlite+aiosqlite:///{'clarion-simulated' if simulated else 'clarion'}.db"
    prefix = "sqlite+aiosqlite:///"
    if not url.startswith(prefix):
        return url, None
    file = config.folder / url.removeprefix(prefix)
    return f"{prefix}{file}", file


async def mark(store: Store, simulated: bool, name: str) -> None:
    """A database is simulated or real from its first start on, and stays so."""
    kind = SIMULATED if simulated else REAL
    known = await store.write(lambda tx: tx.meta.settle("kind", kind))
    if known != kind:
        other = "simulated accounts" if known == SIMULATED else "real accounts"
        raise ConfigError(
            [
                f"[store] url: {name} was made with {other}. "
                "Give this run another one, so that nothing is mixed."
            ]
        )


def key_file(config: Config, home: Path | None) -> Path:
    """Where the key lies unless the environment says otherwise: beside the database, else beside
    the configuration."""
    return home.with_name(f"{home.name}.key") if home is not None else config.folder / "clarion.key"
