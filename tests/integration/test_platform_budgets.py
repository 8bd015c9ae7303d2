"""What X and LinkedIn are known to take and to charge, and how X's headers move the buckets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.api import UTC_DAY, Meter, Part, RateLimited, Reply, Scope, Secret
from bot.domain.rates import Bucket, Sighting, left, told
from bot.services.budget import app_name
from bot.testing.simulator import Failure
from plugins.linkedin import register_platforms as linkedin_platforms
from plugins.linkedin.client import LinkedInSettings
from plugins.twitter.budget import APP_DAY, WINDOW, price, report
from tests.integration.twitter_world import CREATE, World, connect, platform, world


@pytest.fixture
async def x() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def metered(x: World) -> tuple[World, Meter]:
    """The same world, with a publisher whose meter we hold."""
    x.publisher = connect(x.sim.url, x.http, x.clock, x.files, x.log)
    meter: Meter = x.publisher._deps.meter  # type: ignore[attr-defined]  # what the core lent it
    return x, meter


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("Hello", 15_000),
        ("Read why: https://example.com/why", 200_000),
        ("Read why: example.com/why", 200_000),
        ("", 15_000),
    ],
)
def test_x_charges_more_for_a_link(text: str, micros: int) -> None:
    found = price(Part(text=text))
    assert found.micros == micros
    assert "pricing" in found.source


def test_the_rates_are_dated_facts_with_a_source() -> None:
    manifest, (linkedin,) = platform(), linkedin_platforms()
    facts = {(p.title, r.scope): (r.limit, r.per) for p in (manifest, linkedin) for r in p.rates}
    assert facts == {
        ("X", Scope.ACCOUNT): (100, timedelta(minutes=15)),
        ("X", Scope.APP): (10_000, timedelta(hours=24)),
        ("LinkedIn", Scope.ACCOUNT): (150, UTC_DAY),
        ("LinkedIn", Scope.APP): (100_000, UTC_DAY),
    }
    assert all(r.source and r.as_of.year >= 2026 for p in (manifest, linkedin) for r in p.rates)
    assert linkedin.price is None


async def test_what_x_says_after_a_post_reaches_the_meter(x: World) -> None:
    x, meter = metered(x)
    await x.publish(Part(text="Hello"))
    seen = meter.take()
    reset = x.clock.now() + timedelta(minutes=15)
    assert seen == {"15-minute limit": Sighting(left=99, until=reset)}
    assert left(WINDOW, told(WINDOW, Bucket(), x.clock.now(), seen["15-minute limit"]), x.clock.now()) == 50


async def test_a_refusal_says_it_too(x: World) -> None:
    x, meter = metered(x)
    soon = str(int((x.clock.now() + timedelta(minutes=7)).timestamp()))
    headers = {
        "x-app-limit-24hour-remaining": "0",
        "x-app-limit-24hour-reset": soon,
        "x-rate-limit-remaining": "12",
        "x-rate-limit-reset": soon,
    }
    x.sim.fail(CREATE, Failure(status=429, headers=headers))
    with pytest.raises(RateLimited):
        await x.publish(Part(text="Hello"))
    seen, until = meter.take(), x.clock.now() + timedelta(minutes=7)
    assert seen["daily app limit"] == Sighting(left=0, until=until)
    assert seen["15-minute limit"].left == 12
    assert left(APP_DAY, told(APP_DAY, Bucket(), x.clock.now(), seen["daily app limit"]), until) > 0


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-rate-limit-remaining": "soon"}, {"x-rate-limit-remaining": "-3"}, {"x-rate-limit-reset": "9"}],
)
async def test_headers_that_say_nothing_move_nothing(x: World, headers: dict[str, str]) -> None:
    meter = Meter()
    report(meter, Reply(status=200, headers=headers, body=b""), x.clock.now())
    assert meter.take() == {}


def test_accounts_of_one_app_are_known_without_its_key() -> None:
    manifest, (linkedin,) = platform(), linkedin_platforms()

    def of(**given: str) -> str:
        return app_name(manifest, manifest.settings(**{name: Secret(value) for name, value in given.items()}))

    assert of(api_key="one", access_token="a") == of(api_key="one", access_token="b")
    assert of(api_key="one") != of(api_key="two")
    assert of(client_id="three") == of(client_id="three", client_secret="s") != ""
    assert "one" not in of(api_key="one")
    assert of() == ""
    bare = LinkedInSettings(access_token=Secret("t"))
    with_app = LinkedInSettings(access_token=Secret("t"), client_id=Secret("c"))
    assert app_name(linkedin, bare) == ""
    assert app_name(linkedin, with_app) != app_name(manifest, manifest.settings(client_id=Secret("c")))
