"""A random world: people, platforms and time do anything in any order, and the promises hold after each step.

The bot runs whole, in process, against the demo platforms over real HTTP. What happened is
not asked of the bot: triggers in its database write down every change of a state and what
stood behind every call, and the platforms' simulators keep what they were given.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.card import Sheet, paint
from bot.domain.delivery import EDITABLE, PartState, State, may_become
from bot.domain.message import Button
from bot.domain.people import Policy, Role
from bot.domain.platform import Proof
from bot.domain.post import fingerprint, part_hash, variant_from_json
from bot.ports import Tx
from bot.services.sheet import sheet_of
from bot.services.trail import prove
from bot.testing.clock import FakeClock
from bot.testing.platforms._demo_server import CREATE, DemoSimulator
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK, MODES, Room, Wall, World, open_world

WITNESS = """
CREATE TABLE witness_states (id INTEGER PRIMARY KEY, delivery INT, was TEXT, became TEXT);
CREATE TRIGGER witness_state AFTER UPDATE OF state ON deliveries WHEN old.state <> new.state BEGIN
  INSERT INTO witness_states (delivery, was, became) VALUES (new.id, old.state, new.state); END;
CREATE TABLE witness_calls (id INTEGER PRIMARY KEY, delivery INT, part INT, hash TEXT, variant TEXT,
                            signed TEXT, wish TEXT, author TEXT, halted INT, votes TEXT);
CREATE TRIGGER witness_call AFTER INSERT ON attempts BEGIN
  INSERT INTO witness_calls (delivery, part, hash, variant, signed, wish, author, halted, votes)
  SELECT d.id, new.part, new.request_hash, d.variant, d.fingerprint, p.wish, p.author,
    (SELECT count(*) FROM halts WHERE brand = d.brand),
    (SELECT json_group_array(json_array(member, choice, fingerprint)) FROM votes WHERE delivery_id = d.id)
  FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.id = new.delivery_id; END;
"""

PEOPLE = st.sampled_from(["alice", "bob", "bob", "carol", "carol", "dana", "eve", "mallory"])
DECIDERS = st.sampled_from(["bob", "carol", "dana"])
TARGETS = st.sampled_from([KEY, LOOK, BLIND, f"{KEY},{LOOK}", f"{LOOK},{BLIND}"])
TIMES = st.sampled_from(["now", "now", "now", "in 2m", "in 3h", "next slot", "mon 17:30"])
FAILURES = st.sampled_from(
    [
        LOST_REPLY,
        LOST_REPLY,
        CUT,
        Failure(effect=True, truncate=True),
        Failure(status=429, headers={"retry-after": "120"}),
        Failure(status=429, headers={"retry-after": "9000"}),
        Failure(status=503),
        Failure(status=500, effect=True),
        Failure(status=200, body=b"<html>busy</html>"),
        Failure(status=401),
        Failure(status=403, body={"error": "not here"}),
    ]
)
SPANS = st.sampled_from([1, 11, 40, 130, 700, 1_000, 4_000, 30_000, 200_000])


def _state_word(status: str) -> str:
    """The state on a card without "1 of 2" behind it."""
    return status.partition("  ")[0]


class RandomWorld(RuleBasedStateMachine):
    """Rules are what can happen; invariants are what must stay true."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="clarion-world-")))
        self.texts = 0
        self.buttons: list[Button] = []
        self.checked_states = self.checked_calls = 0
        self.word_live: set[int] = set()

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    @initialize(needed=st.sampled_from([1, 1, 2]))
    def begin(self, needed: int) -> None:
        self.needed = needed
        self.run(self._begin())

    async def _begin(self) -> None:
        self.brand = replace(BRAND, policy=Policy(needed=self.needed))
        self.clock = FakeClock()
        self.sims = {name: DemoSimulator(self.clock) for name in MODES}
        for sim in self.sims.values():
            await self.stack.enter_async_context(sim.running())
        self.room, self.wall = Room(), Wall()
        self.world = await self._open()
        for statement in WITNESS.split("END;"):
            self._script(statement + ("END;" if "TRIGGER" in statement else ""))

    def _script(self, text: str) -> None:
        with closing(sqlite3.connect(self.world.file)) as connection:
            connection.executescript(text)

    async def _open(self) -> World:
        self.opened = AsyncExitStack()
        return await self.opened.enter_async_context(
            open_world(
                self.folder,
                brand=self.brand,
                sims=self.sims,
                clock=self.clock,
                room=self.room,
                wall=self.wall,
            )
        )

    def say(self, user: str, line: str) -> str:
        self.buttons += [
            b for m in self.world.room.shown.values() for b in m.buttons if b not in self.buttons
        ]
        words: str = self.run(self.world.say(user, line))
        return words

    def _text(self, parts: int) -> str:
        self.texts += 1
        return " / ".join(f"text {self.texts} part {i}" for i in range(parts))

    def _post(self, data: st.DataObject, *states: State) -> str:
        """One of the newest posts; of those with a delivery in one of ``states``, if there are any."""
        count = self.world.sql("SELECT count(*) FROM posts")[0][0]
        marks = ",".join(f"'{s.value}'" for s in states)
        fitting = self.world.sql(f"SELECT DISTINCT post_id FROM deliveries WHERE state IN ({marks})")
        newest = [i for (i,) in fitting][-3:] or [*range(max(1, count - 2), count + 1)]
        return f"P{data.draw(st.sampled_from(newest), label='post')}" if newest else "latest"

    # what people do

    @rule(
        to=TARGETS, at=TIMES, parts=st.sampled_from([1, 1, 1, 3]), long=st.sampled_from([False] * 9 + [True])
    )
    def post(self, to: str, at: str, parts: int, long: bool) -> None:
        text = self._text(parts) + (" x" * 300 if long else "")
        self.say("alice", f'/post "{text}" --to {to} --at "{at}" {"--thread" if parts > 1 else ""}')

    @rule(
        to=TARGETS, at=st.sampled_from(["now", "now", "in 2m"]), who=DECIDERS, parts=st.sampled_from([1, 2])
    )
    def post_and_approve(self, to: str, at: str, who: str, parts: int) -> None:
        self.post(to, at, parts, False)
        self.say(who, "/approve latest")
        if self.needed == 2:
            self.say("bob" if who != "bob" else "carol", "/approve latest")

    @rule(
        data=st.data(),
        what=st.sampled_from(["text", "one", "at", "drop", "add", "thread"]),
        where=st.sampled_from([*MODES]),
    )
    def edit(self, data: st.DataObject, what: str, where: str) -> None:
        change = {
            "text": f'"{self._text(1)}"',
            "one": f'--for {where} "{self._text(1)}"',
            "at": f'--at "{data.draw(TIMES)}"',
            "drop": f"--drop {where}",
            "add": f"--add {where}",
            "thread": f'"{self._text(2)}" --thread',
        }[what]
        self.say("alice", f"/edit {self._post(data)} {change}")

    @rule(data=st.data(), who=PEOPLE)
    def approve(self, data: st.DataObject, who: str) -> None:
        self.say(who, f"/approve {self._post(data, State.IN_REVIEW)}")

    @rule(data=st.data(), who=PEOPLE, verb=st.sampled_from(["reject", "changes"]))
    def refuse(self, data: st.DataObject, who: str, verb: str) -> None:
        self.say(who, f'/{verb} {self._post(data)} "not like this"')

    @rule(data=st.data(), who=PEOPLE)
    def withdraw(self, data: st.DataObject, who: str) -> None:
        self.say(who, f"/withdraw {self._post(data, State.SCHEDULED, State.IN_REVIEW, State.HELD)}")

    @rule(data=st.data(), who=PEOPLE, emoji=st.sampled_from(["✅", "✅", "❌", "⏸", "🎉"]))
    def react(self, data: st.DataObject, who: str, emoji: str) -> None:
        name = self._post(data, State.IN_REVIEW, State.SCHEDULED)
        if name != "latest":
            self.run(self.world.react(who, emoji, int(name[1:])))

    @rule(data=st.data())
    def unreact(self, data: st.DataObject) -> None:
        name = self._post(data)
        if name == "latest":
            return
        ref = self.run(self.world.card_ref(int(name[1:])))
        marks = self.world.room.marks.get(ref)
        if marks:
            emoji, who = data.draw(st.sampled_from(marks))
            self.run(self.world.react(who, emoji, int(name[1:]), added=False))

    @rule(data=st.data(), at=TIMES)
    def schedule(self, data: st.DataObject, at: str) -> None:
        self.say("alice", f'/schedule {self._post(data)} "{at}"')

    @rule(data=st.data(), who=st.sampled_from(["alice", "bob", "eve"]))
    def cancel(self, data: st.DataObject, who: str) -> None:
        self.say(who, f"/cancel {self._post(data)}")

    @rule(
        data=st.data(),
        who=st.sampled_from(["alice", "bob", "eve"]),
        word=st.sampled_from(["hold", "hold", "unhold"]),
    )
    def park(self, data: st.DataObject, who: str, word: str) -> None:
        self.say(who, f"/{word} {self._post(data)}")

    @rule(data=st.data(), who=st.sampled_from(["alice", "bob"]))
    def retry(self, data: st.DataObject, who: str) -> None:
        self.say(who, f"/retry {self._post(data, State.REFUSED, State.HELD, State.PARTIAL)}")

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.say("bob", f"/delete {self._post(data, State.LIVE, State.PARTIAL)}")

    @rule(
        data=st.data(),
        who=st.sampled_from(["alice", "bob", "eve"]),
        word=st.sampled_from(["live", "not", "leave"]),
    )
    def confirm(self, data: st.DataObject, who: str, word: str) -> None:
        self.say(who, f"/confirm {self._post(data, State.UNCONFIRMED)} {word}")

    @rule(who=st.sampled_from(["alice", "dana"]))
    def halt_or_resume(self, who: str) -> None:
        halted = self.world.sql("SELECT count(*) FROM halts")[0][0]
        self.say(who, "/resume" if halted else "/halt")

    @precondition(lambda self: self.buttons)
    @rule(data=st.data(), who=PEOPLE)
    def press(self, data: st.DataObject, who: str) -> None:
        button = data.draw(st.sampled_from(self.buttons[-12:]), label="button")
        self.run(self.world.press(who, button, "in 4h" if button.action.verb == "schedule" else button.asks))

    # what the world does

    @rule(span=SPANS)
    def time_passes(self, span: int) -> None:
        self.run(self.world.wait(timedelta(seconds=span)))

    @rule(span=SPANS)
    def time_jumps(self, span: int) -> None:
        """The machine slept: nothing was done meanwhile."""
        self.clock.advance(span)
        self.run(self.world.app.settle())

    @rule(account=st.sampled_from([*MODES]), failure=FAILURES, nth=st.sampled_from([1, 1, 2]))
    def break_create(self, account: str, failure: Failure, nth: int) -> None:
        self.sims[account].fail(CREATE, failure, nth=nth)

    @rule(data=st.data(), account=st.sampled_from([*MODES]), failure=FAILURES, parts=st.sampled_from([1, 3]))
    def post_into_trouble(self, data: st.DataObject, account: str, failure: Failure, parts: int) -> None:
        self.sims[account].fail(CREATE, failure, nth=data.draw(st.integers(1, parts), label="nth"))
        self.post_and_approve(account, "now", "carol", parts)

    @rule(
        account=st.sampled_from([*MODES]),
        line=st.sampled_from(
            [
                "alice /cancel latest",
                "carol /reject latest no",
                "dana /withdraw latest",
                'alice /edit latest "x"',
            ]
        ),
        span=SPANS,
    )
    def stop_half_way(self, account: str, line: str, span: int) -> None:
        """A thread waits for its platform with one part out, and somebody has second thoughts."""
        self.sims[account].fail(CREATE, Failure(status=429, headers={"retry-after": "600"}), nth=2)
        self.post_and_approve(account, "now", "dana", 3)
        who, _, words = line.partition(" ")
        self.say(who, words)
        self.promises_hold()
        self.run(self.world.wait(timedelta(seconds=span)))

    @rule(data=st.data(), account=st.sampled_from([*MODES]), word=st.sampled_from(["live", "not", "leave"]))
    def lose_and_ask(self, data: st.DataObject, account: str, word: str) -> None:
        """An answer is lost, looking does not help, and a person is asked."""
        for endpoint in ("GET /keys/{key}", "GET /posts"):
            self.sims[account].fail(endpoint, Failure(status=503), times=4)
        lost = data.draw(st.sampled_from([LOST_REPLY, CUT]), label="lost")
        self.post_into_trouble_with(account, lost, data.draw(st.sampled_from([1, 2]), label="parts"))
        self.run(self.world.wait(timedelta(seconds=130)))
        self.promises_hold()
        self.say("bob", f"/confirm latest {word}")

    def post_into_trouble_with(self, account: str, failure: Failure, parts: int) -> None:
        self.sims[account].fail(CREATE, failure, nth=1)
        self.post_and_approve(account, "now", "carol", parts)

    @rule(account=st.sampled_from([KEY, LOOK]), times=st.sampled_from([1, 5]))
    def break_looking(self, account: str, times: int) -> None:
        for endpoint in ("GET /keys/{key}", "GET /posts"):
            self.sims[account].fail(endpoint, Failure(status=503), times=times)

    @rule(span=st.sampled_from([3, 40, 700, 5_000]))
    def nobody_answers(self, span: int) -> None:
        self.wall.down = True
        self.run(self.world.wait(timedelta(seconds=span)))
        self.promises_hold()
        self.wall.down = False

    @rule()
    def check_accounts(self) -> None:
        self.say("bob", "/accounts --check")

    @rule(approvers=st.sampled_from([("bob", "carol"), ("bob", "carol"), ("bob",), ("carol",)]))
    def restart(self, approvers: tuple[str, ...]) -> None:
        """The bot is started again, perhaps with another configuration."""

        async def again() -> None:
            await self.opened.aclose()
            self.brand = replace(self.brand, roles={**BRAND.roles, Role.APPROVE: approvers})
            self.world = await self._open()
            await self.world.app.settle()

        self.log_is_clean()
        self.run(again())

    # what must stay true

    @invariant()
    def promises_hold(self) -> None:
        self.only_documented_steps()
        self.every_call_was_signed()
        self.nothing_was_asked_for_without_a_row()
        self.created_once()
        self.live_has_its_proof()
        self.what_is_out_is_in_sight()
        self.cards_tell_the_truth()
        self.log_is_clean()
        self.what_is_on_hold_stays()
        self.the_trail_is_whole()

    def what_is_on_hold_stays(self) -> None:
        """Nothing wakes what a person has parked."""
        rows = self.world.sql(
            "SELECT id FROM deliveries WHERE reason LIKE 'held by %' AND"
            " (wake_at IS NOT NULL OR state NOT IN ('held', 'partial'))"
        )
        assert rows == []

    def the_trail_is_whole(self) -> None:
        proof = self.run(prove(self.world.app.services.store, "acme"))
        assert proof.sound, proof.faults

    def only_documented_steps(self) -> None:
        for id_, delivery, was, became in self.world.sql(
            "SELECT * FROM witness_states WHERE id > ?", self.checked_states
        ):
            self.checked_states = id_
            assert may_become(State(was), State(became)), f"delivery {delivery}: {was} became {became}"

    def every_call_was_signed(self) -> None:
        for id_, delivery, part, hash_, variant, signed, wish, author, halted, votes in self.world.sql(
            "SELECT * FROM witness_calls WHERE id > ?", self.checked_calls
        ):
            self.checked_calls = id_
            built = variant_from_json(json.loads(variant))
            assert fingerprint(built, wish) == signed, f"delivery {delivery} was not what was signed"
            assert part_hash(built.parts[part]) == hash_
            assert not halted, "sent while stopped"
            standing = [(m, choice) for m, choice, over in json.loads(votes) if over == signed]
            yes = {
                m
                for m, choice in standing
                if choice == "yes" and m in self.brand.members(Role.APPROVE) and m != author
            }
            assert len(yes) >= self.needed, f"delivery {delivery} went out with {yes}"
            assert not [m for m, choice in standing if choice != "yes"], "sent against an objection"

    def nothing_was_asked_for_without_a_row(self) -> None:
        for account, sim in self.sims.items():
            rows = self.world.sql(
                "SELECT count(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
                " WHERE d.account = ?",
                account,
            )
            assert sim.count(CREATE) <= rows[0][0]

    def created_once(self) -> None:
        """One object for each part, and one more for each word that it is not there."""
        made = Counter((p.account, p.text) for p in (p for s in self.sims.values() for p in s.posts))
        words = Counter()  # type: Counter[tuple[str, str]]
        for delivery, account, part, error in self.world.sql(
            "SELECT a.delivery_id, d.account, a.part, a.error FROM attempts a JOIN deliveries d"
            " ON d.id = a.delivery_id WHERE a.state = 'absent'"
        ):
            proved = error == "proved absent"
            assert not proved or account == KEY, f"delivery {delivery}: {account} cannot prove absence"
            if not proved:
                sent = self.world.sql(
                    "SELECT DISTINCT variant FROM witness_calls WHERE delivery = ? AND part = ?",
                    delivery,
                    part,
                )
                words.update({(account, json.loads(v)["parts"][part]["text"]) for (v,) in sent})
        for (account, text), count in made.items():
            assert count <= 1 + words[account, text], f"{account} has {count} of {text!r}"

    def live_has_its_proof(self) -> None:
        for delivery in self._deliveries():
            if delivery.state is State.LIVE:
                assert len(delivery.parts) == len(delivery.variant.parts), (
                    f"{delivery.id} is live without its parts"
                )
            for part in delivery.parts:
                if part.state is not PartState.OUT:
                    continue
                assert part.proof is not None
                if part.proof is Proof.HUMAN:
                    said = self.world.sql(
                        "SELECT count(*) FROM audit WHERE delivery_id = ? AND what = 'said_live'", delivery.id
                    )
                    assert said[0][0], "nobody said so"
                    continue
                sim = self.sims[delivery.account]
                (found,) = [p for p in sim.posts if p.id == part.ref]
                assert found.text == delivery.variant.parts[part.index].text, "it is live with other words"

    def what_is_out_is_in_sight(self) -> None:
        """A part that is out can be taken down, continued or is shown as live; it is never edited."""
        hidden = EDITABLE - {State.SCHEDULED} | {State.CANCELLED}
        for delivery in self._deliveries():
            if any(p.state is PartState.OUT for p in delivery.parts):
                assert delivery.state not in hidden, f"{delivery.id} is {delivery.state} with a part out"

    def cards_tell_the_truth(self) -> None:
        for (post_id,) in self.world.sql("SELECT id FROM posts ORDER BY id DESC LIMIT 3"):
            view = self.run(self.world.app.services.store.read(partial(self._sheet, post_id)))
            ((ref,),) = self.world.sql("SELECT ref FROM cards WHERE post_id = ?", post_id)
            shown = self.world.room.shown.get(ref)
            # how many count so far may change with the configuration; the card tells at its next news
            assert shown is None or _state_word(shown.status) == _state_word(paint(view).status)

    def _sheet(self, post_id: int, tx: Tx) -> Sheet:
        post = tx.posts.get(post_id)
        assert post is not None
        return sheet_of(self.world.app.services, tx, post)

    def log_is_clean(self) -> None:
        broken = [line for line in self.world.log.getvalue().splitlines() if '"level": "error"' in line]
        assert not broken, broken[0]

    def _deliveries(self) -> list[Any]:
        def unit(tx: Any) -> list[Any]:
            ids = self.world.sql("SELECT id FROM deliveries")
            return [tx.deliveries.get(i) for (i,) in ids]

        found: list[Any] = self.run(self.world.app.services.store.read(unit))
        return found

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self._everything_ends()
        finally:
            if hasattr(self, "opened"):
                self.run(self.opened.aclose())
            self.run(self.stack.aclose())
            self.runner.close()

    def _everything_ends(self) -> None:
        """When the world behaves again, nothing stays in the air and nothing is forgotten."""
        for sim in self.sims.values():
            sim.heal()
        self.say("dana", "/resume")
        self.say("dana", "/accounts --check")
        self.run(self.world.wait(timedelta(days=9)))
        assert self.run(self.world.app.quiet())
        known = set()
        for delivery in self._deliveries():
            assert delivery.state not in (State.PUBLISHING, State.SCHEDULED, State.IN_REVIEW), delivery
            assert delivery.state is not State.UNCONFIRMED or delivery.wake_at is None
            known |= {(delivery.account, p.ref) for p in delivery.parts}
        self.promises_hold()


TestRandomWorld = RandomWorld.TestCase
TestRandomWorld.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
