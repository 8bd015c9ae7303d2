"""The locks say exactly what is installed, and nothing about where anybody got it."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.arch.house import ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
LOCKS = ("requirements.lock", "requirements-dev.lock")


def text_of(name: str) -> str:
    """The text of a file at the top of the repository."""
    return (ROOT / name).read_text("utf-8")


def pins(name: str) -> dict[str, str]:
    """Each package of a lock with its version."""
    return {re.sub(r"[-_.]+", "-", pin): version for pin, version in PIN.findall(text_of(name))}


def asked(requirements: list[str]) -> set[str]:
    """The bare names in a list of requirements, as a lock spells them (PEP 503)."""
    names = (re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_only_pins_and_hashes(name: str) -> None:
    odd = [
        line for line in text_of(name).splitlines() if not PIN.match(line) and "--hash=sha256:" not in line
    ]
    assert not odd
    assert "://" not in text_of(name)


def test_both_locks_agree() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_what_is_asked_for_is_locked() -> None:
    settings = tomllib.loads(text_of("pyproject.toml"))
    project, groups = settings["project"], settings["dependency-groups"]
    runtime = (
        asked(project["dependencies"]) | asked(groups["build"]) | asked(settings["build-system"]["requires"])
    )
    extras = set().union(*(asked(extra) for extra in project["optional-dependencies"].values()))
    assert runtime <= pins("requirements.lock").keys()
    group = asked([entry for entry in groups["dev"] if isinstance(entry, str)])
    assert runtime | extras | group <= pins("requirements-dev.lock").keys()
