"""``experiments`` of a brand: what becomes of a variant that won."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_config
from bot.errors import ConfigError

BRAND = '[brand.acme]\nchannels = ["console:main"]\n'


def read(folder: Path, line: str) -> str:
    path = folder / "acme.toml"
    path.write_text(BRAND + line, encoding="utf-8")
    return load_config(path, env={}).brands[0].experiments


def test_a_winner_is_asked_about_unless_the_brand_says_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, "") == "ask"
    assert read(tmp_path, 'experiments = { apply = "auto" }') == "auto"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('experiments = { apply = "aut" }', "did you mean 'auto'"),
        ('experiments = { apply = "never" }', 'write "ask" or "auto"'),
        ("experiments = { apply = 3 }", "apply"),
        ('experiments = { aply = "ask" }', "did you mean 'apply'"),
        ('experiments = "auto"', "experiments"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_right_word(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, line)
    (problem,) = caught.value.problems
    assert "brand.acme.experiments" in problem
    assert why in problem
