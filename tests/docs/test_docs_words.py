"""Links lead somewhere, nothing names a place it must not, the changelog names every command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.commands import all_commands
from tests.docs.pages import PAGES, ROOT, anchors, links, name_of, prose, section
from tests.docs.render import programs

EACH = pytest.mark.parametrize("page", PAGES, ids=name_of)

HOSTS = {
    "127.0.0.1",
    "api.x.com",
    "x.com",
    "docs.x.com",
    "api.linkedin.com",
    "linkedin.com",
    "www.linkedin.com",
    "learn.microsoft.com",
    "developers.tiktok.com",
    "open.tiktokapis.com",
    "developers.google.com",
    "support.google.com",
    "www.googleapis.com",
    "api.slack.com",
    "discord.com",
    "bot.example.com",
    "shop.example.com",
    "bsky.app",
    "bsky.social",
    "video.bsky.app",
    "github.com",
    "atproto.com",
    "docs.bsky.app",
    "developers.facebook.com",
    "graph.instagram.com",
    "graph.facebook.com",
    "youtube.com",
    "demo.example",
}
"""Whose addresses a page may hold: the platforms, this machine, and nobody."""

ADDRESS = re.compile(r"https?://([\w.-]+)|\b((?:[a-z0-9-]+\.)+(?:com|org|io|net|dev|eu|cloud))\b")
MACHINE = re.compile(r"(?<![\w.:/…-])/[a-z]+/[\w.-]+")


def dead_links(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    dead = []
    for link in links(text):
        place, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / place).resolve() if place else page
        there = target.is_relative_to(ROOT) and target.exists()
        if not there or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            dead.append(link)
    return dead


def strange_places(text: str) -> list[str]:
    """Hosts that no page names, and paths of somebody's machine."""
    hosts = [match[1] or match[2] for match in ADDRESS.finditer(text)]
    return [host for host in hosts if host not in HOSTS] + MACHINE.findall(text)


@EACH
def test_links_lead_somewhere(page: Path) -> None:
    assert not dead_links(page, page.read_text("utf-8"))


def test_a_dead_link_is_noticed() -> None:
    text = "[a](docs/index.md) [b](docs/nowhere.md) [c](docs/index.md#nothing) [d](#here)\n\n# Here\n"
    page = ROOT / "CHANGELOG.md"
    assert dead_links(page, text) == ["docs/nowhere.md", "docs/index.md#nothing", "#here"]


@EACH
def test_no_page_names_a_machine(page: Path) -> None:
    assert not strange_places(page.read_text("utf-8"))


def test_a_strange_place_is_noticed() -> None:
    assert strange_places("see https://shop.example and files.somewhere.org, in /home/me") == [
        "shop.example",
        "files.somewhere.org",
        "/home/me",
    ]
    assert not strange_places("`/post` to x.com/acme/status/1, see docs/index.md and 1/280")


def test_every_page_is_one_page() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        assert text.startswith("# "), name_of(page)
        assert len(re.findall(r"^# ", prose(text), re.MULTILINE)) == 1, name_of(page)
        assert text == f"{text.rstrip()}\n", name_of(page)


def test_every_page_can_be_found() -> None:
    found = {PAGES[0]}
    while True:
        more = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in found
            for link in links(page.read_text("utf-8"))
        }
        if (more & set(PAGES)) <= found:
            break
        found |= more & set(PAGES)
    assert found == set(PAGES)


def test_the_changelog_names_every_command() -> None:
    news = section((ROOT / "CHANGELOG.md").read_text("utf-8"), "## Unreleased")
    missing = [command.name for command in all_commands() if f"`/{command.name}`" not in news]
    missing += [name for name in programs() if f"`clarion {name}`" not in news]
    assert not missing
