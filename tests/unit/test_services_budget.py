"""What a running bot does when a rate or a budget is used up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.delivery import State
from bot.domain.message import Invocation, Target
from bot.domain.money import DOLLAR, Budget
from bot.testing.platforms._demo_server import CREATE
from bot.testing.simulator import CUT, Failure
from tests.unit.demo_world import World
from tests.unit.money_world import (
    APP,
    CENTS_2,
    CENTS_20,
    WINDOW,
    open_money,
    price,
    quick,
    reasons,
    spent,
    states,
)

MONTH = Budget(limit=DOLLAR, per="month")


async def posts(world: World, many: int, *, to: str = "acme-a", start: int = 0, link: bool = False) -> None:
    for n in range(start, start + many):
        tail = f" https://example.com/{n}" if link else ""
        await world.say("alice", f'/post "Number {n} of many different ones{tail}" --to {to} --at now')


async def test_an_accounts_rate_lets_half_go_at_once_and_the_rest_evenly(tmp_path: Path) -> None:
    async with open_money(tmp_path, rates=(WINDOW,)) as world:
        await posts(world, 5)
        assert await states(world) == [State.LIVE] * 3 + [State.SCHEDULED] * 2
        assert reasons(world)[3:] == ["waits for Demo (lookup) until 09:15 (its hourly limit)"] * 2
        await world.wait(timedelta(minutes=14, seconds=59))
        assert world.asked("acme-a") == 3
        await world.wait(timedelta(seconds=1))
        assert world.asked("acme-a") == 4
        await world.wait(timedelta(minutes=15))
        assert await states(world) == [State.LIVE] * 5
        assert [p.text.split()[1] for p in world.sims["acme-a"].posts] == list("01234")


async def test_accounts_of_one_app_share_its_limit_and_the_card_names_who(tmp_path: Path) -> None:
    """The bucket of an app is shared across brands; nothing else of them is."""
    brands = [quick("acme"), quick("globex")]
    accounts = {"acme-a": {}, "globex-a": {"brand": "globex"}, "acme-b": {"mode": "own_key"}}
    late = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    async with open_money(
        tmp_path, brands=brands, accounts=accounts, start=late, rates=(APP,), app_of=lambda settings: "key-1"
    ) as world:
        for n in range(4):
            there = Target(chat="room", channel="globex")
            raw = f'"Number {n} from somebody else" --at now'
            await world.app.dispatch.handle(Invocation(command="post", raw=raw, user="alice", target=there))
        await world.app.settle()
        await posts(world, 7)
        assert len(world.sims["acme-a"].posts) == APP.limit
        (waiting,) = [r for r in reasons(world) if r]
        assert waiting == (
            "waits for Demo (lookup) until Sun 22 Nov 00:00 Lisbon (its daily app limit, shared with globex)"
        )
        await posts(world, 1, to="acme-b", start=30)
        assert world.created("acme-b", "Number 30 of many different ones") == 1, (
            "another platform, another app"
        )
        await world.wait(timedelta(hours=1))
        assert await states(world) == [State.LIVE] * 12


async def test_the_app_is_known_by_a_hash_of_its_key(tmp_path: Path) -> None:
    async with open_money(tmp_path, rates=(APP,), app_of=lambda settings: "the-key-itself") as world:
        await posts(world, 1)
        ((key,),) = world.sql("SELECT key FROM buckets")
        assert key.startswith("demo-lookup:app:")
        assert "the-key-itself" not in key
        assert "the-key-itself" not in world.log.getvalue()


async def test_a_thread_takes_one_for_each_part(tmp_path: Path) -> None:
    async with open_money(tmp_path, rates=(WINDOW,)) as world:
        await world.say("alice", '/post "One / two / three / four" --thread --to acme-a --at now')
        assert world.asked("acme-a") == 3
        assert reasons(world) == ["waits for Demo (lookup) until 09:15 (its hourly limit)"]
        await world.wait(timedelta(minutes=15))
        assert await states(world) == [State.LIVE]
        assert [p.text for p in world.sims["acme-a"].posts] == ["One", "two", "three", "four"]


async def test_what_headers_say_moves_the_bucket(tmp_path: Path) -> None:
    async with open_money(tmp_path, rates=(WINDOW,)) as world:
        world.app.services.accounts["acme-a"].meter.seen("hourly limit", left=1)
        await posts(world, 3)
        assert world.asked("acme-a") == 2, "the first carried the news, one more was left"
        told = await world.say("alice", "/budget")
        assert told == ""
        shown = world.room.said[-1]
        assert "Demo (lookup) said 1 left, 0 min ago" in shown.fields[0].value
        assert "0 posts now (6 in 1 h, 3 of them at once), next 09:15:00" in shown.fields[0].value


async def test_words_about_a_rate_nobody_knows_are_ignored(tmp_path: Path) -> None:
    async with open_money(tmp_path, rates=(WINDOW,)) as world:
        world.app.services.accounts["acme-a"].meter.seen("moon phase", left=0)
        await posts(world, 1)
        assert await states(world) == [State.LIVE]


async def test_the_cap_holds_and_says_who_can_raise_it(tmp_path: Path) -> None:
    async with open_money(tmp_path, brands=[quick("acme", budget=MONTH)], price=price) as world:
        await posts(world, 6, link=True)
        assert await states(world) == [State.LIVE] * 5 + [State.HELD]
        assert spent(world) == DOLLAR
        assert reasons(world)[-1] == (
            "acme's budget for November does not cover it: $1.00 of $1.00 used, this costs $0.20; "
            "dana can raise `budget` in the configuration and start me again, then /retry sends it"
        )
        await posts(world, 2, link=True, start=10)
        told = [t for t in world.room.texts() if "budget for November" in t]
        assert len(told) == 2, "one warning, one at the cap, however many are held"
        assert told[0].startswith("acme has used 80 % of its budget for November: $0.80 of $1.00.")
        assert "dana can raise `budget`" in told[1]
        assert world.created("acme-a") == 5


async def test_a_new_month_begins_with_a_whole_budget_and_a_new_warning(tmp_path: Path) -> None:
    async with open_money(tmp_path, brands=[quick("acme", budget=MONTH)], price=price) as world:
        await posts(world, 6, link=True)
        await world.wait(timedelta(days=10))
        await world.say("bob", "/retry P6")
        assert (await states(world))[-1] is State.LIVE
        await posts(world, 5, link=True, start=10)
        warned = [t for t in world.room.texts() if "has used 80 %" in t]
        assert [("November" in t, "December" in t) for t in warned] == [(True, False), (False, True)]


async def test_an_accounts_own_budget_counts_beside_the_brands(tmp_path: Path) -> None:
    accounts = {"acme-a": {"budget": Budget(limit=CENTS_2, per="day")}, "acme-b": {}}
    async with open_money(
        tmp_path, brands=[quick("acme", budget=MONTH)], accounts=accounts, price=price
    ) as world:
        await posts(world, 2)
        await posts(world, 2, to="acme-b", start=5)
        assert await states(world) == [State.LIVE, State.HELD, State.LIVE, State.LIVE]
        assert reasons(world)[1].startswith("acme-a's budget for today does not cover it")
        await world.say("alice", "/budget")
        a, b, brand = world.room.said[-1].fields
        assert a.value == "$0.02 spent of $0.02, $0.00 left (today)"
        assert b.value == "$0.04 spent, no limit set (November)"
        assert brand.value == "$0.06 spent of $1.00, $0.94 left (November)"


async def test_a_refused_call_gives_its_money_back(tmp_path: Path) -> None:
    async with open_money(tmp_path, brands=[quick("acme", budget=MONTH)], price=price) as world:
        world.sims["acme-a"].fail(CREATE, Failure(status=403, body={"error": "No."}), times=1)
        await posts(world, 1, link=True)
        assert await states(world) == [State.REFUSED]
        assert spent(world) == 0


async def test_a_lost_answer_keeps_its_money_until_somebody_knows(tmp_path: Path) -> None:
    async with open_money(
        tmp_path,
        brands=[quick("acme", budget=MONTH)],
        accounts={"acme-a": {"mode": "neither"}},
        price=price,
    ) as world:
        world.sims["acme-a"].fail(CREATE, CUT, times=1)
        await posts(world, 1, link=True)
        await world.wait(timedelta(minutes=5))
        assert await states(world) == [State.UNCONFIRMED]
        assert spent(world) == CENTS_20
        await world.say("alice", "/budget")
        stand = "$0.00 spent, $0.20 reserved for open calls of $1.00, $0.80 left (November)"
        assert world.room.said[-1].fields[-1].value == stand
        world.sims["acme-a"].fail(CREATE, Failure(status=403, body={"error": "No."}), times=1)
        await world.say("bob", "/confirm P1 not")
        assert await states(world) == [State.REFUSED]
        assert spent(world) == 0
        await world.say("bob", "/retry P1")
        assert await states(world) == [State.LIVE]
        assert spent(world) == CENTS_20


async def test_a_thread_that_the_budget_cuts_is_partial_with_the_way_out(tmp_path: Path) -> None:
    brand = quick("acme", budget=Budget(limit=2 * CENTS_2))
    async with open_money(tmp_path, brands=[brand], price=price) as world:
        await world.say("alice", '/post "One / two / three" --thread --to acme-a --at now')
        assert await states(world) == [State.PARTIAL]
        assert world.created("acme-a") == 2
        assert "dana can raise `budget`" in reasons(world)[0]


async def test_without_a_budget_what_was_spent_is_counted_all_the_same(tmp_path: Path) -> None:
    async with open_money(tmp_path, price=price) as world:
        await posts(world, 2)
        assert spent(world) == 2 * CENTS_2


async def test_a_price_that_breaks_sends_nothing_and_says_so(tmp_path: Path) -> None:
    def broken(part: object) -> None:
        raise RuntimeError("the plugin's fault")

    async with open_money(tmp_path, price=broken) as world:
        await posts(world, 1)
        assert world.asked("acme-a") == 0
        assert await states(world) == [State.SCHEDULED]
        assert "price_broke" in world.log.getvalue()


async def test_where_nothing_is_limited_the_answer_says_so(tmp_path: Path) -> None:
    async with open_money(tmp_path) as world:
        await world.say("alice", "/budget")
        assert world.room.said[-1].text == "Nothing of acme has a limit or a price that I know of."
