"""What the pages say about the code is what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, PASSAGE, blocks, name_of, refill
from tests.docs.render import made, page_as_made, plugins
from tests.docs.replay import replayed

EACH = pytest.mark.parametrize("page", PAGES, ids=name_of)
HOW = "python -m tests.docs.render --write writes the pages anew; read what changed"


def passages() -> list[str]:
    """The words of every marker in the manual."""
    return [match[2] for page in PAGES for match in PASSAGE.finditer(page.read_text("utf-8"))]


@EACH
def test_the_page_is_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert page_as_made(text) == text, HOW


@EACH
def test_every_marker_has_its_end(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count("<!-- made:") == text.count("<!-- end -->") == len(PASSAGE.findall(text))


def test_nothing_of_the_code_is_left_out() -> None:
    wanted = {"commands", "command-line", "states", "hooks", "errors", "layers", "pages"}
    wanted |= {f"{what} {name}" for what in ("settings", "limits") for name in plugins().platforms}
    assert wanted <= set(passages())


def test_a_stale_passage_is_noticed() -> None:
    stale = "<!-- made: states -->\n| `draft` | everything |\n<!-- end -->"
    assert refill(stale, made) == f"<!-- made: states -->\n{made('states')}\n<!-- end -->"


def test_what_the_bot_says_is_made_anew() -> None:
    text = "```console\n$ make run\nalice> /queue\n· Nothing is as it was.\n```\n"
    assert replayed(text) == "```console\n$ make run\nalice> /queue\n· Nothing is unfinished for acme.\n```\n"


def test_who_types_is_who_the_page_says() -> None:
    with pytest.raises(AssertionError, match="alice is typing"):
        replayed("```console\n$ make run\nbob> /queue\n```\n")


def test_a_newcomer_sees_a_post_go_live() -> None:
    for page in PAGES:
        if page.stem in ("README", "quickstart"):
            said = "".join(block.text for block in blocks(page.read_text("utf-8"), "console"))
            assert "IN REVIEW" in said, name_of(page)
            assert "(receipt)" in said, name_of(page)
            assert "SIMULATED" in said, name_of(page)
