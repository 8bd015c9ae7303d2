"""``audience``: shares, hours and days as people write them, and one sentence for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load_config, read_config
from bot.domain.outcomes import Audience
from bot.domain.people import Brand

BRAND = '[brand.acme]\ntimezone = "Europe/Lisbon"\n'
ACCOUNT = '[accounts.acme-x]\nplatform = "demo"\n'


def brand_of(folder: Path, text: str) -> Brand:
    path = folder / "acme.toml"
    path.write_text(text)
    (brand,) = load_config(path, env={}).brands
    return brand


def problems(folder: Path, audience: str) -> list[str]:
    path = folder / "acme.toml"
    path.write_text(f"{BRAND}audience = {{ {audience} }}\n{ACCOUNT}")
    told = read_config(path, env={})[1]
    return [sentence.removeprefix("acme.toml: brand.acme.audience") for sentence in told]


def test_without_a_word_nothing_is_known(tmp_path: Path) -> None:
    brand = brand_of(tmp_path, BRAND + ACCOUNT)
    assert (brand.audience, brand.audiences) == (None, {})


def test_shares_days_and_zone_of_a_brand_and_of_an_account(tmp_path: Path) -> None:
    day, week = [0] * 23 + [2], [1.5] * 168
    brand = brand_of(
        tmp_path,
        f'{BRAND}audience = {{ hours = {day}, peak_days = ["Tue", "thursday", 0] }}\n'
        f'{ACCOUNT}audience = {{ tz = "Europe/Berlin", hours = {week} }}\n',
    )
    hours = (*([0.0] * 23), 2.0)
    assert brand.audience == Audience(tz="Europe/Lisbon", hours=hours, peak_days=(1, 3, 0))
    assert brand.audiences == {"acme-x": Audience(tz="Europe/Berlin", hours=(1.5,) * 168)}


def test_hours_may_be_named(tmp_path: Path) -> None:
    brand = brand_of(tmp_path, f'{BRAND}audience = {{ hours = ["7-9", "18", "22-1"] }}\n{ACCOUNT}')
    assert brand.audience is not None
    assert brand.audience.hours is not None
    assert [h for h, share in enumerate(brand.audience.hours) if share] == [0, 7, 8, 18, 22, 23]


SHARES = (
    '.hours: is 24 or 168 shares like [0, 0, 1, …] from midnight (of Monday) on, or hours like ["7-9", "18"]'
)
SPAN = 'is no span of hours; write it like "7-9" or "18"'
DAYS = '.peak_days: is a list of days like ["tue", "thu"]; numbers count from 0, Monday'


@pytest.mark.parametrize(
    ("audience", "sentence"),
    [
        ('tz = "Lisbonn"', ".tz: 'Lisbonn' is not an IANA time zone, did you mean 'Europe/Lisbon'?"),
        ("hours = [1, 2, 3]", SHARES),
        (f"hours = {[-1] * 24}", SHARES),
        (f"hours = {[0] * 24}", ".hours: says that nobody is ever there; leave it out if that is not known"),
        ('hours = ["25"]', f".hours: '25' {SPAN}"),
        ('hours = ["noon"]', f".hours: 'noon' {SPAN}"),
        ('peak_days = ["someday"]', DAYS),
        ("peak_days = [7]", DAYS),
        ("peak_days = 3", DAYS),
        ("hour = [1]", ".hour: unknown key, did you mean 'hours'?"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, audience: str, sentence: str) -> None:
    assert problems(tmp_path, audience) == [sentence]
