"""What a hostile plugin does stays its own: it is named, and everybody else's posts go out."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.api import Context, Deps, Facts, Message, Platform, Post, Publisher, command, hookimpl
from bot.domain.delivery import Delivery, State
from bot.domain.platform import Finding, Receipt
from bot.errors import ConfigError
from bot.services import guarded
from bot.testing import scaffold
from bot.testing.bot import Bot
from bot.testing.scaffold.publisher import NoticeboardPublisher

Make = Callable[..., Bot]
HONEST: Platform[Any] = next(iter(scaffold.register_platforms()))


def platform(name: str, connect: Any, **changes: Any) -> Platform[Any]:
    assert HONEST.simulated is not None
    simulated = replace(HONEST.simulated, suffix=name)
    return replace(HONEST, name=name, title=name.title(), connect=connect, simulated=simulated, **changes)


class Offering:
    """A plugin with one platform."""

    def __init__(self, name: str, connect: Any, **changes: Any) -> None:
        self.platform = platform(name, connect, **changes)

    @hookimpl
    def register_platforms(self) -> list[Platform[Any]]:
        return [self.platform]


def publish(bot: Bot, to: str = "") -> str:
    said = bot.say("alice", '/post "Hello" --at now' + (f" --to {to}" if to else ""))
    return said + "\n" + bot.say("bob", "/approve latest")


def states(bot: Bot, post_id: int = 1) -> dict[str, State]:
    return {d.platform: d.state for d in bot.deliveries(post_id)}


# Hooks ------------------------------------------------------------------------------------------------


def hook(act: Callable[..., Any]) -> Any:
    class Plugin:
        @hookimpl
        def post_drafted(self, post: Post) -> Any:
            return act(post)

    return Plugin()


@pytest.mark.parametrize(
    ("error", "later"),
    [
        (ValueError, True),
        (SystemExit, False),
        (KeyboardInterrupt, False),
        (KeyboardInterrupt, True),
        (GeneratorExit, False),
        (asyncio.CancelledError, True),
    ],
)
def test_whatever_a_hook_raises_is_its_own(
    clarion_bot: Make, error: type[BaseException], later: bool
) -> None:
    async def raise_later(post: Post) -> None:
        await asyncio.sleep(0)
        raise error

    def raise_now(post: Post) -> None:
        raise error

    bot = clarion_bot(board=scaffold, hostile=hook(raise_later if later else raise_now))
    publish(bot)
    assert states(bot) == {"noticeboard": State.LIVE}
    assert bot.registry.failures["hostile", "post_drafted"] == 1
    assert '"plugin": "hostile"' in bot.log.getvalue()


@pytest.mark.parametrize("later", [False, True])
def test_a_hook_that_blocks_is_named_once_in_the_channel(clarion_bot: Make, later: bool) -> None:
    bots: list[Bot] = []

    async def block_later(post: Post) -> None:
        await asyncio.sleep(0)
        bots[0].clock.advance(3.0)

    def block(post: Post) -> None:
        bots[0].clock.advance(3.0)

    bots.append(clarion_bot(board=scaffold, hostile=hook(block_later if later else block)))
    (bot,) = bots
    said = publish(bot) + bot.wait(timedelta(minutes=1)) + publish(bot) + bot.wait(timedelta(minutes=1))
    assert said.count("The plugin hostile held everything up for 3.0 s (in post_drafted).") == 1
    assert bot.log.getvalue().count('"event": "plugin_blocked"') == 1
    assert states(bot) == {"noticeboard": State.LIVE}


def test_tasks_that_a_hook_leaves_end_with_the_bot(clarion_bot: Make) -> None:
    class Starts:
        @hookimpl
        async def bot_started(self) -> None:
            await asyncio.sleep(0)
            asyncio.get_running_loop().create_task(asyncio.sleep(3600), name="forgotten")

    bot = clarion_bot(board=scaffold, hostile=Starts())
    publish(bot)
    bot.close()
    assert '"plugin": "hostile", "tasks": 1, "stuck": 0, "event": "plugin_left_tasks"' in bot.log.getvalue()


def test_what_a_hook_changes_nobody_else_sees(clarion_bot: Make) -> None:
    seen: list[Any] = []

    class Changes:
        @hookimpl
        def review_post(self, post: Post, deliveries: tuple[Delivery, ...]) -> list[Finding]:
            for delivery in deliveries:
                delivery.variant.parts[0].options.update(changed=True)  # type: ignore[attr-defined]  # a dict in truth
                object.__setattr__(delivery.variant.parts[0], "text", "Buy!")
            object.__setattr__(post, "brief", "Buy!")
            return []

    class Looks:
        @hookimpl
        def review_post(self, post: Post, deliveries: tuple[Delivery, ...]) -> list[Finding]:
            seen.append(
                (
                    post.brief,
                    deliveries[0].variant.parts[0].text,
                    dict(deliveries[0].variant.parts[0].options),
                )
            )
            return []

    bot = clarion_bot(board=scaffold, hostile=Changes(), looks=Looks())
    publish(bot)
    assert seen == [("Hello", "Hello", {})]
    assert list(bot.simulator("noticeboard").visible().values()) == ["Hello"]


# Publishers -------------------------------------------------------------------------------------------

RAISED = (ValueError, SystemExit, KeyboardInterrupt, asyncio.CancelledError)


def broken_in(method: str, act: Callable[[], Any]) -> Any:
    """A publisher whose one method does ``act`` instead."""

    async def broken(self: Any, *facts: Any) -> Any:
        return act()

    def plain(self: Any, *facts: Any) -> Any:
        return act()

    return type("Broken", (NoticeboardPublisher,), {method: plain if method == "inspect" else broken})


def throw(error: type[BaseException]) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


ACTS: Mapping[str, Callable[[], Any]] = {
    **{error.__name__: throw(error) for error in RAISED},
    "garbage": lambda: 42,
    "nothing": lambda: None,
}


@pytest.mark.parametrize(
    ("method", "act"),
    [("commit", act) for act in ACTS]
    + [(name, act) for name in ("stage", "facts", "inspect", "aclose") for act in ("SystemExit", "garbage")],
)
def test_whatever_a_publisher_does_the_others_go_out(clarion_bot: Make, method: str, act: str) -> None:
    bot = clarion_bot(board=scaffold, hostile=Offering("hostile", broken_in(method, ACTS[act])))
    publish(bot, "acme-noticeboard" if method == "inspect" else "acme-noticeboard,acme-hostile")
    if method == "inspect":
        said = bot.say("alice", '/post "To the other" --to acme-hostile --at now')
        assert "The plugin hostile could not look at this" in said
    bot.wait(timedelta(minutes=3))
    found = states(bot)
    assert found["noticeboard"] is State.LIVE
    assert len(bot.simulator("noticeboard").visible()) == 1
    if method == "commit":
        assert found["hostile"] is State.UNCONFIRMED
    if method == "stage":
        assert found["hostile"] in (State.SCHEDULED, State.HELD)
        assert not bot.simulator("hostile").visible()
    bot.close()
    if (method, act) != ("aclose", "garbage"):  # what closing answers means nothing to anybody
        assert f'"plugin": "hostile", "what": "{method}"' in bot.log.getvalue()


@pytest.mark.parametrize("act", ["KeyboardInterrupt", "ValueError", "nothing"])
def test_a_confirm_that_breaks_asks_a_person(clarion_bot: Make, act: str) -> None:
    from bot.testing.simulator import LOST_REPLY

    bot = clarion_bot(hostile=Offering("hostile", broken_in("confirm", ACTS[act])))
    bot.simulator("hostile").fail("POST /notices", LOST_REPLY)
    publish(bot)
    bot.wait(timedelta(minutes=10))
    assert states(bot) == {"hostile": State.UNCONFIRMED}
    assert len(bot.simulator("hostile").visible()) == 1
    assert '"plugin": "hostile", "what": "confirm"' in bot.log.getvalue()


def test_a_receipt_without_a_ref_is_never_live(clarion_bot: Make) -> None:
    bot = clarion_bot(hostile=Offering("hostile", broken_in("commit", lambda: Receipt(ref=""))))
    publish(bot)
    assert states(bot) == {"hostile": State.UNCONFIRMED}


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_plugin_that_cannot_connect_waits_and_says_so(
    clarion_bot: Make, error: type[BaseException]
) -> None:
    def connect(settings: Any, deps: Deps) -> Publisher:
        raise error

    bot = clarion_bot(board=scaffold, hostile=Offering("hostile", connect))
    said = publish(bot, "acme-noticeboard")
    assert states(bot) == {"noticeboard": State.LIVE}
    said = bot.say("alice", '/post "To the other" --to acme-hostile --at now')
    assert "The plugin hostile could not connect this account." in said


def test_a_call_that_never_ends_is_given_up(clarion_bot: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "LIMITS", {"stage": 0.05})

    class Sleeps(NoticeboardPublisher):
        async def stage(self, part: Any, checkpoint: Any) -> Any:
            await asyncio.Event().wait()

    bot = clarion_bot(board=scaffold, hostile=Offering("hostile", Sleeps))
    publish(bot)
    assert states(bot)["noticeboard"] is State.LIVE
    assert states(bot)["hostile"] is State.SCHEDULED
    assert '"error": "TimeoutError"' in bot.log.getvalue()


def test_a_publisher_that_blocks_is_named(clarion_bot: Make) -> None:
    class Blocks(NoticeboardPublisher):
        async def facts(self) -> Facts:
            self._deps.clock.advance(2.0)  # type: ignore[attr-defined]  # a fake clock
            return Facts()

    bot = clarion_bot(hostile=Offering("hostile", Blocks))
    said = publish(bot) + bot.wait(timedelta(minutes=1))
    assert "The plugin hostile held everything up for 2.0 s (in facts)." in said


# Commands ---------------------------------------------------------------------------------------------


def commanding(act: Callable[[Any], Any]) -> Any:
    @command()
    async def probe(context: Context) -> Message:
        """What a plugin does with what it gets."""
        found: Message = act(context)
        return found

    class Plugin:
        @hookimpl
        def register_commands(self) -> list[Any]:
            return [probe]

    return Plugin()


@pytest.mark.parametrize("act", ["SystemExit", "ValueError", "CancelledError", "garbage"])
def test_a_command_that_breaks_is_one_sentence(clarion_bot: Make, act: str) -> None:
    bot = clarion_bot(board=scaffold, hostile=commanding(lambda context: ACTS[act]()))
    said = bot.say("alice", "/probe")
    assert said == "(to alice) /probe comes from the plugin hostile, and it broke. Nothing else is touched."
    publish(bot)
    assert states(bot) == {"noticeboard": State.LIVE}


def test_a_command_is_lent_no_services(clarion_bot: Make) -> None:
    seen: list[Any] = []

    def act(context: Any) -> Message:
        seen.append(context)
        return Message(text="seen")

    bot = clarion_bot(board=scaffold, hostile=commanding(act))
    assert bot.say("alice", "/probe") == "seen"
    (context,) = seen
    assert (context.user, context.brand.name) == ("alice", "acme")
    assert not hasattr(context, "svc")


# Another's token --------------------------------------------------------------------------------------


def reachable(*roots: Any) -> Iterator[Any]:
    """Everything a plugin can reach by public names, items and elements from what it is handed."""
    waiting, seen = list(roots), set[int]()
    while waiting and len(seen) < 20_000:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, str | bytes | int | float | type | types.ModuleType):
            if isinstance(value, str):
                yield value
            continue
        seen.add(id(value))
        yield value
        if isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, tuple | list | set | frozenset):
            waiting += value
        for name in dir(value):
            if not name.startswith("_"):
                waiting.append(getattr(value, name, None))


def test_a_plugin_reaches_only_its_own_token(clarion_bot: Make) -> None:
    handed: list[Any] = []
    revealed: list[str] = []

    def secret(token: str) -> Any:
        assert HONEST.simulated is not None
        return replace(HONEST.simulated, suffix=token.partition("-")[0], secrets={"token": token})

    class Spy(NoticeboardPublisher):
        def __init__(self, settings: Any, deps: Deps) -> None:
            super().__init__(settings, deps)
            handed.extend((settings, deps))

        def inspect(self, variant: Any, facts: Any) -> Any:
            handed.extend((variant, facts))
            return ()

    class Hooks:
        @hookimpl
        def register_platforms(self) -> list[Platform[Any]]:
            return [replace(HONEST, name="spy", connect=Spy, simulated=secret("spys-own-token"))]

        @hookimpl
        def post_drafted(self, post: Post) -> None:
            handed.append(post)

        @hookimpl
        def review_post(self, post: Post, deliveries: Any) -> list[Finding]:
            handed.append(deliveries)
            return []

    class Other:
        @hookimpl
        def register_platforms(self) -> list[Platform[Any]]:
            return [replace(HONEST, name="other", simulated=secret("the-others-token"))]

    def keep(context: Any) -> Message:
        handed.append(context)
        return Message(text="seen")

    probe = commanding(keep)
    bot = clarion_bot(other=Other(), spy=Hooks(), probe=probe)
    publish(bot)
    bot.say("alice", "/probe")
    assert len(handed) >= 7
    for value in reachable(*handed):
        if isinstance(value, str):
            revealed.append(value)
        elif hasattr(value, "reveal"):
            revealed.append(value.reveal())
    assert "spys-own-token" in revealed
    assert not [text for text in revealed if "the-others-token" in text]


def test_a_platform_of_a_taken_name_is_left_out(clarion_bot: Make) -> None:
    bot = clarion_bot(board=scaffold, hostile=Offering("noticeboard", lambda settings, deps: None))
    assert [str(p) for p in bot.registry.problems] == [
        "plugin 'hostile': its platform 'noticeboard' is left out: "
        "plugin 'board' already has one of that name"
    ]
    publish(bot)
    assert states(bot) == {"noticeboard": State.LIVE}


def test_a_plugin_is_not_handed_the_folder_of_the_bot(tmp_path: Path, clarion_bot: Make) -> None:
    """What it gets names no file of the bot but the media it is to send."""
    handed: list[Any] = []

    class Spy(NoticeboardPublisher):
        def __init__(self, settings: Any, deps: Deps) -> None:
            super().__init__(settings, deps)
            handed.append(deps)

    bot = clarion_bot(spy=Offering("spy", Spy))
    publish(bot)
    assert not [v for v in reachable(*handed) if isinstance(v, str | Path) and str(tmp_path) in str(v)]


def test_a_simulator_that_does_not_start_is_one_sentence(clarion_bot: Make) -> None:
    async def simulate(clock: Any) -> Any:
        raise OSError("no port")

    with pytest.raises(ConfigError) as caught:
        clarion_bot(board=scaffold, hostile=Offering("hostile", NoticeboardPublisher, simulate=simulate))
    assert caught.value.problems == (
        "The simulator of the plugin hostile does not start. "
        'Mend it, or leave it out: [plugins] disabled = ["hostile"]',
    )


def test_a_simulated_account_that_does_not_fit_is_left_out(clarion_bot: Make) -> None:
    assert HONEST.simulated is not None
    wrong = replace(HONEST.simulated, secrets={"tokn": "t"})

    class Plugin:
        @hookimpl
        def register_platforms(self) -> list[Platform[Any]]:
            return [replace(HONEST, name="hostile", simulated=wrong)]

    bot = clarion_bot(board=scaffold, hostile=Plugin())
    (problem,) = bot.registry.problems
    assert str(problem).startswith(
        "plugin 'hostile': its platform 'hostile' makes no sense: its simulated account does not fit"
    )
    publish(bot)
    assert states(bot) == {"noticeboard": State.LIVE}
