"""``budget`` and ``dry_run``: what they mean, and that every mistake gets its sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.money import DOLLAR, Budget
from tests.unit.test_config_load import problems, read


def test_a_brand_and_an_account_may_have_a_budget(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        [brand.acme]
        budget = { limit = "20 USD", per = "month" }
        dry_run = true
        [accounts.acme-x]
        platform = "twitter"
        budget = { limit = "$0.5", per = "day" }
        handle = "acme"
        """,
    )
    (brand,), (account,) = config.brands, config.accounts
    assert (brand.budget, brand.dry_run) == (Budget(limit=20 * DOLLAR), True)
    assert account.budget == Budget(limit=DOLLAR // 2, per="day")
    assert account.table == {"handle": "acme"}


def test_without_one_nothing_is_limited_or_dry(tmp_path: Path) -> None:
    config = read(tmp_path, '[brand.acme]\n[accounts.acme-x]\nplatform = "twitter"')
    assert (config.brands[0].budget, config.brands[0].dry_run) == (None, False)
    assert config.accounts[0].budget is None


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        ('{ per = "month" }', 'budget.limit: is missing; write it like "20 USD"'),
        ("{ limit = 20 }", "budget.limit: must be text in quotes"),
        (
            '{ limit = "20 EUR" }',
            "budget.limit: '20 EUR' is not an amount; write it like \"20 USD\" (prices are in US dollars)",
        ),
        (
            '{ limit = "20 USD", per = "year" }',
            'budget.per: \'year\' is no period; write "day", "week" or "month"',
        ),
        ('{ limit = "20 USD", per = "mont" }', "budget.per: 'mont' is no period, did you mean 'month'?"),
        ('{ limt = "20 USD" }', "budget.limt: unknown key, did you mean 'limit'?"),
        ('{ limit = "2000000 USD" }', "budget.limit: is more than a million dollars"),
        ('"20 USD"', "budget: must be a table, like { key = value }"),
    ],
)
@pytest.mark.parametrize("where", ["brand.acme", "accounts.acme-x"])
def test_every_mistake_is_told(tmp_path: Path, where: str, budget: str, sentence: str) -> None:
    text = '[brand.acme]\n[accounts.acme-x]\nplatform = "twitter"\n'
    text = text.replace(f"[{where}]\n", f"[{where}]\nbudget = {budget}\n")
    assert any(p.startswith(f"{where}.{sentence}") for p in problems(tmp_path, text)), problems(
        tmp_path, text
    )


def test_a_dry_run_is_true_or_false(tmp_path: Path) -> None:
    assert problems(tmp_path, '[brand.acme]\ndry_run = "yes"') == [
        "brand.acme.dry_run: must be true or false"
    ]
