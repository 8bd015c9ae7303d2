"""``metric``: what a brand goes by, and the sentence for what is nothing that is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.people import METRICS
from tests.unit.test_config_load import problems, read


@pytest.mark.parametrize("metric", METRICS)
def test_a_brand_goes_by_what_it_says(tmp_path: Path, metric: str) -> None:
    assert read(tmp_path, f'[brand.acme]\nmetric = "{metric}"').brands[0].metric == metric


def test_without_a_word_it_is_engagement(tmp_path: Path) -> None:
    assert read(tmp_path, "[brand.acme]").brands[0].metric == "engagement"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('metric = "view"', "brand.acme.metric: 'view' is nothing that is counted, did you mean 'views'?"),
        (
            'metric = "money"',
            'brand.acme.metric: \'money\' is nothing that is counted; write "engagement", "views", '
            '"clicks" or "watch"',
        ),
        ("metric = 3", "brand.acme.metric"),
    ],
)
def test_what_is_not_counted_is_told(tmp_path: Path, line: str, sentence: str) -> None:
    assert any(sentence in problem for problem in problems(tmp_path, f"[brand.acme]\n{line}"))
