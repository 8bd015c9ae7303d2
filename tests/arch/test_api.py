"""`bot.api` promises exactly what it lists."""

from __future__ import annotations

from types import ModuleType

import bot.api


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name: the order the formatter keeps too."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_the_list_is_sorted() -> None:
    assert list(bot.api.__all__) == sorted(set(bot.api.__all__), key=rank)


def test_the_list_is_what_is_there() -> None:
    public = {
        name
        for name, value in vars(bot.api).items()
        if not name.startswith("_") and name != "annotations" and not isinstance(value, ModuleType)
    }
    assert set(bot.api.__all__) == public
