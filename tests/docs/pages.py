"""Reads the manual: its pages, fenced blocks, tables, links, code spans and generated passages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
PASSAGE = re.compile(r"(<!-- made: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: the word behind the fence and everything inside."""

    kind: str
    text: str


def name_of(page: Path) -> str:
    """The page as the repository calls it."""
    return page.relative_to(ROOT).as_posix()


def blocks(text: str, *kinds: str) -> list[Block]:
    """The fenced blocks of a page, of these kinds if any are named."""
    found = [Block(match[1], match[2]) for match in FENCE.finditer(text)]
    return [block for block in found if not kinds or block.kind in kinds]


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """Everything between single backticks, outside fenced blocks."""
    return SPAN.findall(prose(text))


def links(text: str) -> list[str]:
    """Where the page points."""
    return LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """The names that links into the page may use, as the usual renderers make them."""
    plain = (re.sub(r"[`*]", "", heading) for heading in HEADING.findall(prose(text)))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in plain}


def rows(text: str) -> Iterator[list[str]]:
    """The body rows of every table, cell by cell; an escaped bar is part of its cell."""
    inside = False
    for line in prose(text).splitlines():
        if not line.startswith("|"):
            inside = False
        elif re.fullmatch(r"[|\s:-]+", line):
            inside = True
        elif inside:
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level; empty when there is none."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def refill(text: str, make: Callable[[str], str]) -> str:
    """The page with every passage between its markers made anew; ``make`` takes the marker's words."""
    return PASSAGE.sub(lambda match: f"{match[1]}{make(match[2])}\n{match[4]}", text)
