"""What every publisher must do, whatever its platform: run against each one's own simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from bot.app import make_log
from bot.config import Secret, read_settings
from bot.domain.platform import Call, Checkpoint, Feature, Live, More, Pending, Ready, Receipt, Wait
from bot.domain.post import Part, Variant, part_hash
from bot.errors import AuthExpired, PublishError, RateLimited, Transient, Uncertain
from bot.http import HttpClient
from bot.media.files import FileMedia
from bot.ports import Deps, Platform, Publisher
from bot.registry import load
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from bot.testing.simulator import CUT, LOST_REPLY, Failure, Simulator

SOURCES = ("plugins", "bot.testing.platforms")


def platforms() -> list[Platform[Any]]:
    """Every platform of the house that can publish."""
    found = [load(log=make_log(), builtins=name, entry_points=()).platforms for name in SOURCES]
    return [p for some in found for p in some.values() if p.simulate is not None]


@dataclass(kw_only=True)
class Bench:
    platform: Platform[Any]
    publisher: Publisher
    simulator: Simulator
    settings: Any
    clock: FakeClock
    media: FileMedia

    def call(self, part: Part, **more: Any) -> Call:
        return Call(
            key=f"contract-{part_hash(part)[:8]}",
            started_at=self.clock.now(),
            request_hash=part_hash(part),
            **more,
        )

    async def staged(self, part: Part) -> Checkpoint:
        checkpoint = Checkpoint()
        for _ in range(20):
            answer = await self.publisher.stage(part, checkpoint)
            checkpoint = answer.checkpoint
            match answer:
                case Ready():
                    return checkpoint
                case Wait(until=until):
                    self.clock.advance(until - self.clock.now())
                case More():
                    pass
        raise AssertionError("staging never ends")

    async def publish(self, text: str) -> Receipt | Pending:
        part = Part(text=text)
        return await self.publisher.commit(part, await self.staged(part), self.call(part))

    @property
    def creates(self) -> int:
        return self.simulator.count(self.simulator.publishes)


@pytest.fixture(params=platforms(), ids=lambda p: p.name)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    platform: Platform[Any] = request.param
    assert platform.simulate is not None
    assert platform.simulated is not None
    clock, http = FakeClock(), HttpClient()
    simulator = await platform.simulate(clock)
    assert isinstance(simulator, Simulator)
    table = {**platform.simulated.settings, "base_url": simulator.url}
    table |= {name: Secret(value) for name, value in platform.simulated.secrets.items()}
    settings = read_settings(platform.settings, table, where="accounts.a", env={}, fallback={})
    assert not isinstance(settings, tuple), settings
    media = FileMedia(tmp_path)
    publisher = platform.connect(settings, Deps(http=http, clock=clock, media=media, log=make_log()))
    yield Bench(
        platform=platform,
        publisher=publisher,
        simulator=simulator,
        settings=settings,
        clock=clock,
        media=media,
    )
    await publisher.aclose()
    await publisher.aclose()
    await http.aclose()
    await simulator.aclose()


async def test_the_manifest_tells_what_there_is(bench: Bench) -> None:
    platform = bench.platform
    assert platform.title
    assert platform.limits
    assert all(limit.source and (limit.unit or isinstance(limit.value, tuple)) for limit in platform.limits)
    assert list(platform.settle) == sorted(platform.settle)
    assert bench.simulator.publishes in bench.simulator.routes()
    assert set(platform.secrets) <= {f.name for f in fields(platform.settings)}


async def test_check_names_the_account(bench: Bench) -> None:
    info = await bench.publisher.check()
    assert info.id
    assert bench.creates == 0


async def test_a_text_goes_out_once_with_a_receipt(bench: Bench) -> None:
    receipt = await bench.publish("Hello from the contract")
    assert isinstance(receipt, Receipt)
    assert receipt.ref
    assert receipt.url is not None
    assert receipt.url.startswith("https://")
    assert bench.creates == 1


async def test_a_picture_is_staged_in_steps_that_can_be_saved(bench: Bench, tmp_path: Path) -> None:
    if Feature.IMAGE not in bench.platform.features:
        pytest.skip("takes no images")
    source = tmp_path / "picture.png"
    source.write_bytes(png(64, 36))
    part = Part(text="With a picture", media=(await bench.media.add(source, alt="a gradient"),))
    checkpoint = await bench.staged(part)
    assert checkpoint.data
    before = len(bench.simulator.calls)
    assert await bench.publisher.stage(part, checkpoint) == Ready(checkpoint=checkpoint)
    assert bench.creates == 0
    assert isinstance(await bench.publisher.commit(part, checkpoint, bench.call(part)), Receipt)
    assert len(bench.simulator.calls) <= before + 2


@pytest.mark.parametrize(
    "failure", [LOST_REPLY, CUT, Failure(effect=True, truncate=True)], ids=["lost", "cut", "truncated"]
)
async def test_a_missing_answer_is_uncertain_and_never_repeated(bench: Bench, failure: Failure) -> None:
    bench.simulator.fail(bench.simulator.publishes, failure)
    with pytest.raises(Uncertain):
        await bench.publish("Is this one out?")
    assert bench.creates == 1


async def test_what_is_out_is_never_called_absent(bench: Bench) -> None:
    bench.simulator.fail(bench.simulator.publishes, LOST_REPLY)
    part = Part(text="Found again, or not, but never denied")
    call = bench.call(part)
    with pytest.raises(Uncertain):
        await bench.publisher.commit(part, Checkpoint(), call)
    bench.clock.advance(10)
    found = await bench.publisher.confirm(part, Checkpoint(), call)
    assert type(found).__name__ in ("Live", "Unclear")
    if Feature.READ_BACK in bench.platform.features:
        assert isinstance(found, Live)
    assert bench.creates == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", {"title": "Service Unavailable"}])
async def test_a_broken_backend_is_uncertain_on_the_create(bench: Bench, status: int, body: Any) -> None:
    bench.simulator.fail(bench.simulator.publishes, Failure(status=status, body=body))
    with pytest.raises(Uncertain):
        await bench.publish("A gateway in between")
    assert bench.creates == 1


async def test_a_rate_limit_says_until_when(bench: Bench) -> None:
    bench.simulator.fail(bench.simulator.publishes, Failure(status=429, headers={"retry-after": "30"}))
    with pytest.raises(RateLimited) as caught:
        await bench.publish("Too fast")
    assert 29 <= (caught.value.until - bench.clock.now()).total_seconds() <= 31


async def test_a_refused_token_pauses_the_account(bench: Bench) -> None:
    bench.simulator.fail(
        bench.simulator.publishes, Failure(status=401, body={"status": 401, "title": "Unauthorized"})
    )
    with pytest.raises(AuthExpired):
        await bench.publish("Who am I?")


async def test_reads_that_break_are_only_tried_again(bench: Bench) -> None:
    bench.simulator.fail("*", Failure(drop=True), times=0)
    with pytest.raises(Transient):
        await bench.publisher.check()


async def test_taking_down_may_be_repeated(bench: Bench) -> None:
    receipt = await bench.publish("Only for a moment")
    assert isinstance(receipt, Receipt)
    await bench.publisher.remove(receipt.ref)
    await bench.publisher.remove(receipt.ref)


async def test_too_long_is_found_before_any_call(bench: Bench) -> None:
    variant = Variant(account="a", platform=bench.platform.name, parts=(Part(text="word " * 8000),))
    found = bench.publisher.inspect(variant, await bench.publisher.facts())
    assert [f.code for f in found if f.level.value == "block"] == ["too_long"]
    assert bench.simulator.calls == []


async def test_no_secret_shows(bench: Bench) -> None:
    assert bench.platform.simulated is not None
    hidden = list(bench.platform.simulated.secrets.values())
    bench.simulator.fail("*", Failure(status=403, body={"status": 403, "message": "no"}), times=0)
    errors: list[str] = [repr(bench.settings), repr(bench.publisher)]
    for attempt in (bench.publisher.check(), bench.publish("x")):
        try:
            await attempt
        except PublishError as error:
            errors += [str(error), repr(error), error.detail]
    assert len(errors) > 2
    assert not [text for text in errors for secret in hidden if secret in text]


async def test_a_thread_hangs_together(bench: Bench) -> None:
    if Feature.THREAD not in bench.platform.features:
        pytest.skip("has no threads")
    first = await bench.publish("1/2 the first")
    assert isinstance(first, Receipt)
    part = Part(text="2/2 the second")
    second = await bench.publisher.commit(part, Checkpoint(), bench.call(part, parents=(first.ref,)))
    assert isinstance(second, Receipt)
    assert second.ref != first.ref


async def test_a_pasted_link_gives_the_ref_back(bench: Bench) -> None:
    receipt = await bench.publish("Copy my address")
    assert isinstance(receipt, Receipt)
    assert receipt.url is not None
    assert bench.platform.ref_of is not None
    assert bench.platform.ref_of(receipt.url) == receipt.ref
    assert bench.platform.ref_of("https://example.com/somewhere/else") is None
