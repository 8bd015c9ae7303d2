"""Which user group a name means: only ids and handles are unique in a workspace."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.chat.slack.api import WebApi
from bot.chat.slack.directory import Directory
from bot.testing.clock import FakeClock

GROUPS = [
    {"id": "S01LEADS0", "name": "Marketing leads", "handle": "leads", "date_delete": 0},
    {"id": "S02EVIL00", "name": "leads", "handle": "S01LEADS0", "date_delete": 0},
    {"id": "S03EVIL00", "name": "s01leads0", "handle": "evil", "date_delete": 0},
    {"id": "S04TWIN00", "name": "Editors", "handle": "ed-1", "date_delete": 0},
    {"id": "S05TWIN00", "name": "editors", "handle": "ed-2", "date_delete": 0},
    {"id": "S06GONE00", "name": "Gone", "handle": "gone", "date_delete": 1},
]


class Told:
    """Answers as usergroups.list and usergroups.users.list do."""

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        if method == "usergroups.list":
            return {"usergroups": GROUPS}
        return {"users": [f"U-of-{given['usergroup']}"]}


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("leads", "S01LEADS0"),
        ("@leads", "S01LEADS0"),
        ("S01LEADS0", "S01LEADS0"),
        ("marketing leads", "S01LEADS0"),
        ("<!subteam^S02EVIL00|leads>", "S02EVIL00"),
        ("evil", "S03EVIL00"),
        ("Editors", None),
        ("ed-2", "S05TWIN00"),
        ("gone", None),
        ("nobody", None),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
async def test_what_merely_calls_itself_so_is_not_it(
    name: str, id_: str | None, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if turned:
        monkeypatch.setattr(f"{__name__}.GROUPS", GROUPS[::-1])
    directory = Directory(cast(WebApi, Told()), clock=FakeClock())
    found = await directory.group(name)
    assert found == ((f"U-of-{id_}",) if id_ else None)
