"""Tables and figures that people wrote by hand, held against the code."""

from __future__ import annotations

import inspect
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import errors
from bot.config import load_config, table
from bot.domain.best import parse_best
from bot.domain.delivery import BACKOFF, LATE_AFTER, LATE_AFTER_PLATFORM, State
from bot.domain.people import Role
from bot.domain.slots import parse_quiet, parse_slots
from bot.domain.when import FORMS, parse_wish
from bot.ports import Publisher
from bot.services.context import LEASE_MARGIN
from tests.docs.pages import ROOT, rows, section
from tests.docs.render import plugins

EVERYTHING = """
web = { listen = "127.0.0.1:8080" }
accounts.NAME = { platform = "demo" }
brand.NAME = { channels = ["console:main"], roles = {}, approval = {} }
"""


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def keys() -> dict[str, str]:
    """Each key of the file that the page describes, and what it is without it."""
    table_rows = list(rows(section(page("configuration"), "## The file")))
    return {row[0].strip("`"): row[2] for row in table_rows}


def asked_for(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every key that the loader looks for."""
    seen: set[str] = set()
    raw = table.Table.raw

    def remember(self: table.Table, key: str) -> Any:
        seen.add(table.dotted(self.where, key))
        return raw(self, key)

    monkeypatch.setattr(table.Table, "raw", remember)
    (folder / "config.toml").write_text(text, "utf-8")
    load_config(folder / "config.toml", env={})
    return {key for key in seen if not any(other.startswith(f"{key}.") for other in seen)}


def test_every_key_of_the_file_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = EVERYTHING.replace("roles = {}", 'roles = { create = ["a"], approve = ["b"] }')
    assert asked_for(text, tmp_path, monkeypatch) == set(keys())


def test_what_a_key_is_without_it(tmp_path: Path) -> None:
    """Writing down what the page calls the usual value changes nothing."""
    written = [f"{key} = {usual.strip('`')}" for key, usual in keys().items() if usual.startswith("`")]
    bare = 'accounts.NAME.platform = "demo"\n'
    path = tmp_path / "config.toml"
    path.write_text(bare + "\n".join(written), "utf-8")
    full = load_config(path, env={})
    path.write_text(bare + 'brand.NAME.timezone = "UTC"\n', "utf-8")
    assert full == load_config(path, env={})
    assert len(written) >= 14
    assert tomllib.loads("\n".join(written))


def test_every_platform_is_named() -> None:
    described = next(
        row[3]
        for row in rows(section(page("configuration"), "## The file"))
        if row[0] == "`accounts.NAME.platform`"
    )
    assert set(re.findall(r"`([a-z]+)`", described)) == set(plugins().platforms)


def test_every_role_is_described() -> None:
    named = [key.rpartition(".")[2] for key in keys() if ".roles." in key]
    assert named == [role.name.lower() for role in Role if role is not Role.NONE]


def test_every_state_is_explained() -> None:
    explained = [
        row[0].strip("`") for row in rows(section(page("states"), "## What each state means to you"))
    ]
    assert explained == [state.value for state in State]


def test_every_platform_error_is_explained() -> None:
    explained = [
        row[0].strip("`") for row in rows(section(page("errors"), "## What a platform's error leads to"))
    ]
    assert explained == [cls.__name__ for cls in errors.PublishError.__subclasses__()]


def test_every_method_of_a_publisher_is_explained() -> None:
    explained = [row[0].strip("`") for row in rows(section(page("plugins"), "## The publisher"))]
    methods = [name for name, _ in inspect.getmembers(Publisher, inspect.isfunction) if name[0] != "_"]
    assert sorted(explained) == sorted(methods)


def spoken(span: timedelta) -> str:
    """A wait as the page writes it."""
    seconds = int(span.total_seconds())
    for size, word in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} s"


def test_every_way_to_say_a_time_is_described() -> None:
    described = re.findall(
        r"`([^`]+)`", next(p for p in page("commands").split("\n\n") if p.startswith("Times"))
    )
    assert set(FORMS.split(", ")) <= set(described)
    for words in set(FORMS.split(", ")):
        now, zone = datetime(2026, 11, 21, 9, tzinfo=UTC), "Europe/Lisbon"
        assert parse_best(words, now=now, zone=zone) or parse_wish(words, now=now, zone=zone)


def test_the_slots_of_the_page_are_slots() -> None:
    table_rows = {row[0]: row[3] for row in rows(section(page("configuration"), "## The file"))}
    written = re.findall(r"`([^`]*\d:\d\d)`", table_rows["`brand.NAME.slots`"])
    assert len(written) == 3
    assert parse_slots(written)
    assert parse_quiet(re.findall(r"`([^`]+)`", table_rows["`brand.NAME.quiet`"])[0])


def test_the_figures_of_publishing() -> None:
    text = page("publishing")
    *first, last = (spoken(wait) for wait in BACKOFF)
    assert f"after {', '.join(first)} and {last}, then it is held" in text
    assert f"{LATE_AFTER.seconds // 60} minutes late, through us" in text
    assert f"{LATE_AFTER_PLATFORM.seconds // 3600} hours late, through the platform" in text
    assert f"plus {LEASE_MARGIN.seconds} seconds" in text
    for name in ("twitter", "linkedin"):
        first_, second, third = (int(t.total_seconds()) for t in plugins().platforms[name].settle)
        assert f"for X and LinkedIn after {first_}, {second} and {third} seconds" in text


def test_the_layout_is_the_layout() -> None:
    places = [row[0].strip("`") for row in rows(section(page("architecture"), "## Where what is"))]
    assert not [place for place in places if not (ROOT / place).exists()]
    inside = {f"bot/{p.name}{'/' if p.is_dir() else ''}" for p in (ROOT / "bot").iterdir()}
    inside -= {"bot/__init__.py", "bot/__pycache__/", "bot/py.typed"}
    assert inside == {place for place in places if place.startswith("bot/")}


def test_what_people_may_read_is_what_the_code_says() -> None:
    texts = [path.read_text("utf-8") for name in ("bot", "plugins") for path in (ROOT / name).rglob("*.py")]
    everything = "\n".join([*texts, (ROOT / "dev.py").read_text("utf-8")])
    said = [quoted for row in rows(page("troubleshooting")) for quoted in re.findall(r"`([^`]+)`", row[0])]
    assert len(said) > 30
    assert not [words for words in said if words not in everything]
