"""The terminal as a chat: who says what, which button a number presses, what a reaction is on."""

from __future__ import annotations

import pytest

from bot.chat.console import Console
from bot.chat.screen import REMEMBERED
from bot.domain.message import Action, Button, Inbound, Invocation, Message, Press, Reaction, Target
from bot.ports import Chat

MAIN = Target(chat="console", channel="main")


def action(verb: str, id_: int = 42) -> Action:
    return Action(verb=verb, kind="post", id=id_, version=1)


def card(post: int = 42, *, text: str = "hi", buttons: bool = True) -> Message:
    made = (
        Button(label="Approve", action=action("approve", post)),
        Button(label="Reject", action=action("reject", post), asks="Why?"),
    )
    return Message(title=f"P{post} · acme", text=text, buttons=made if buttons else ())


class Desk:
    """A console, the lines typed at it, what it wrote and what it handed over."""

    def __init__(self, *lines: str, **options: object) -> None:
        self.lines: list[str | None] = [*lines, None]
        self.written: list[str] = []
        self.heard: list[Inbound] = []
        self.console = Console(read_line=self.read, write=self.written.append, **options)  # type: ignore[arg-type]

    async def read(self) -> str | None:
        return self.lines.pop(0)

    async def inbox(self, said: Inbound) -> None:
        self.heard.append(said)

    async def run(self, *lines: str) -> list[Inbound]:
        """Type these lines and say what came of them."""
        if lines:
            self.lines = [*lines, None]
        before = len(self.heard)
        await self.console.run(self.inbox)
        return self.heard[before:]

    @property
    def text(self) -> str:
        return "".join(self.written)


def is_a_chat(chat: Chat) -> Chat:
    return chat


async def test_it_is_a_chat() -> None:
    assert is_a_chat(Desk().console).name == "console"


async def test_commands() -> None:
    desk = Desk(
        '/post "hello  there" --to a', "", "  # a note", "as bob", " /Approve latest ", "as @Carol", "/queue"
    )
    assert await desk.run() == [
        Invocation(command="post", raw='"hello  there" --to a', user="alice", target=MAIN),
        Invocation(command="approve", raw="latest", user="bob", target=MAIN),
        Invocation(command="queue", raw="", user="Carol", target=MAIN),
    ]
    assert desk.text == "· You are now bob.\n· You are now Carol.\n"


@pytest.mark.parametrize(
    "line", ["hello", "as", "as bob and carol", "/", "+", "+1", "-", "+yes", "1.5", "as: bob"]
)
async def test_what_is_nothing_gets_a_hint(line: str) -> None:
    desk = Desk(line)
    assert await desk.run() == []
    assert desk.text.startswith("· Commands start with /")


async def test_one_line_after_the_other() -> None:
    order: list[str] = []
    lines: list[str | None] = ["/one", "/two", None]

    async def read() -> str | None:
        order.append("read")
        return lines.pop(0)

    async def inbox(said: Inbound) -> None:
        assert isinstance(said, Invocation)
        order.append(said.command)

    await Console(read_line=read, write=lambda text: None).run(inbox)
    assert order == ["read", "one", "read", "two", "read"]


async def test_a_number_presses_a_button_of_the_newest_card() -> None:
    desk = Desk()
    await desk.console.send(MAIN, card(41), key="a")
    ref = await desk.console.send(MAIN, card(42), key="b")
    await desk.console.send(MAIN, card(43, buttons=False), key="c")
    await desk.console.send(MAIN, Message(text="news"), key="d")
    assert await desk.run("as bob", "1", "2  too salesy ") == [
        Press(action=action("approve"), user="bob", ref=ref, target=MAIN),
        Press(action=action("reject"), user="bob", ref=ref, target=MAIN, text="too salesy"),
    ]


async def test_a_number_and_a_post_press_a_button_of_its_card() -> None:
    desk = Desk()
    ref = await desk.console.send(MAIN, card(41), key="a")
    newest = await desk.console.send(MAIN, card(42), key="b")
    assert await desk.run("1 p41", "2 P41 too long", "2 P77 was better") == [
        Press(action=action("approve", 41), user="alice", ref=ref, target=MAIN),
        Press(action=action("reject", 41), user="alice", ref=ref, target=MAIN, text="too long"),
        Press(action=action("reject"), user="alice", ref=newest, target=MAIN, text="P77 was better"),
    ]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("2", "· Why? Type it behind the number: 2 …"),
        ("2 P42", "· Why? Type it behind the number: 2 P42 …"),
        ("3", "· That card has buttons 1 to 2."),
        ("0", "· That card has buttons 1 to 2."),
        ("1 fine by me", "· “Approve” takes no words. To press it, type just 1."),
        ("1 P99", "· No card of P99 with buttons is here."),
        ("+✅ P99", "· No card of P99 is here."),
        ("-✅", "· You have not put ✅ on it."),
    ],
)
async def test_presses_that_are_not_meant(line: str, hint: str) -> None:
    desk = Desk()
    await desk.console.send(MAIN, card(), key="a")
    desk.written.clear()
    assert await desk.run(line) == []
    assert desk.text == f"{hint}\n"


async def test_there_is_nothing_to_press_yet() -> None:
    desk = Desk("1", "+✅")
    assert await desk.run() == []
    assert desk.text == "· There is no button to press.\n· There is no card to react to yet.\n"


async def test_reactions() -> None:
    desk = Desk()
    await desk.console.send(MAIN, card(41), key="a")
    ref = await desk.console.send(MAIN, card(42), key="b")
    await desk.console.send(MAIN, Message(text="news"), key="c")
    heard = await desk.run("as bob", "+✅", "+1 ❌", "as carol", "+ ✅ P42", "-✅", "+👍🏽 p41")
    assert [(r.emoji, r.user, r.ref, r.added) for r in heard if isinstance(r, Reaction)] == [
        ("✅", "bob", ref, True),
        ("❌", "bob", ref, True),
        ("✅", "carol", ref, True),
        ("✅", "carol", ref, False),
        ("👍🏽", "carol", "c1", True),
    ]
    assert await desk.console.reactions(MAIN, ref) == (("✅", "bob"), ("❌", "bob"))
    assert await desk.console.reactions(MAIN, "c1") == (("👍🏽", "carol"),)


async def test_one_person_has_one_reaction_of_a_kind() -> None:
    desk = Desk()
    ref = await desk.console.send(MAIN, card(), key="a")
    assert len(await desk.run("+👍", "+👍🏽", "as ALICE", "+👍")) == 1
    assert desk.text.count("You have already put") == 2
    assert await desk.run("-👍🏿") == [
        Reaction(emoji="👍🏿", user="ALICE", ref=ref, target=MAIN, added=False),
    ]
    assert await desk.console.reactions(MAIN, ref) == ()


async def test_a_card_is_printed_again_only_when_it_reads_differently() -> None:
    desk = Desk()
    ref = await desk.console.send(MAIN, card(41), key="a")
    await desk.console.send(MAIN, card(42), key="b")
    desk.written.clear()
    changed = card(41)
    assert await desk.console.edit(MAIN, ref, changed) == ref
    assert desk.text == ""
    assert await desk.console.edit(MAIN, ref, card(41, text="new")) == ref
    assert "│ new\n" in desk.text
    (press,) = await desk.run("1")
    assert isinstance(press, Press)
    assert (press.ref, press.action.id) == (ref, 41)


async def test_a_repainted_card_has_its_new_buttons_and_old_reactions() -> None:
    desk = Desk()
    ref = await desk.console.send(MAIN, card(), key="a")
    await desk.run("+✅")
    fresh = Message(title="P42 · acme", buttons=(Button(label="Hold", action=action("hold")),))
    await desk.console.edit(MAIN, ref, fresh)
    (press,) = await desk.run("1")
    assert isinstance(press, Press)
    assert press.action.verb == "hold"
    assert await desk.console.reactions(MAIN, ref) == (("✅", "alice"),)


async def test_a_card_of_an_earlier_process_works_again_once_it_is_repainted() -> None:
    desk = Desk(first_ref=20)
    assert await desk.console.reactions(MAIN, "c7") is None
    assert await desk.console.edit(MAIN, "c7", card()) == "c7"
    heard = await desk.run("1", "+✅")
    assert [said.ref for said in heard if isinstance(said, Press | Reaction)] == ["c7", "c7"]
    assert await desk.console.reactions(MAIN, "c7") is None
    assert await desk.console.send(MAIN, card(), key="new") == "c20"
    assert desk.console.next_ref == 21


async def test_the_same_message_again_is_not_said_twice() -> None:
    desk = Desk()
    assert await desk.console.send(MAIN, Message(text="once"), key="k") == "c1"
    assert await desk.console.send(MAIN, Message(text="once"), key="k") == "c1"
    assert desk.text == "· once\n"


async def test_a_whisper_says_whom_it_is_for_and_only_they_can_press() -> None:
    desk = Desk()
    await desk.console.send(MAIN, card(), key="a")
    private = Message(text="Sure?", buttons=(Button(label="Yes", action=action("sure")),), private=True)
    await desk.console.whisper(MAIN, "bob", Message(text="You wrote P42."))
    await desk.console.whisper(MAIN, "bob", private)
    assert "(to bob) You wrote P42.\n(to bob)\n┌\n│ Sure?\n│ [1] Yes\n└\n" in desk.text
    heard = await desk.run("1", "as Bob", "1", "+✅")
    assert [said.action.verb for said in heard if isinstance(said, Press)] == ["approve", "sure"]
    assert [said.ref for said in heard if isinstance(said, Reaction)] == ["c1"]


async def test_threads_and_other_channels_are_marked() -> None:
    desk = Desk()
    thread = Target(chat="console", channel="main", thread=42)
    await desk.console.send(thread, Message(text="bob approved v3."), key="a")
    await desk.console.send(thread, Message(text="P42 is live."), key="b")
    await desk.console.send(thread, Message(text="like P421"), key="d")
    await desk.console.send(Target(chat="console", channel="shop"), Message(text="hi"), key="c")
    assert desk.text == "↳ P42 bob approved v3.\n↳ P42 is live.\n↳ P42 like P421\n#shop hi\n"


async def test_pressing_in_a_thread_stays_in_the_thread() -> None:
    desk = Desk()
    thread = Target(chat="console", channel="main", thread=42)
    ask = Message(text="Late.", buttons=(Button(label="Now", action=action("now")),))
    await desk.console.send(thread, ask, key="a")
    (press,) = await desk.run("1 P42")
    assert isinstance(press, Press)
    assert press.target == thread


async def test_the_prompt_comes_back_after_what_is_printed_meanwhile() -> None:
    desk = Desk("as bob", prompt=True)
    read = desk.console._read_line

    async def news_first() -> str | None:
        await desk.console.send(MAIN, Message(text="news"), key=f"{len(desk.lines)}")
        return await read()

    desk.console._read_line = news_first
    await desk.run()
    assert desk.text == ("alice> \r\x1b[K· news\nalice> · You are now bob.\nbob> \r\x1b[K· news\nbob> ")


async def test_names_cannot_steer_the_terminal() -> None:
    desk = Desk("as \x1b[2J")
    await desk.run()
    assert "\x1b" not in desk.text


async def test_old_messages_are_forgotten() -> None:
    desk = Desk()
    for number in range(REMEMBERED + 1):
        await desk.console.send(MAIN, Message(text="x"), key=f"k{number}")
    assert await desk.console.reactions(MAIN, "c1") is None
    assert await desk.console.reactions(MAIN, "c2") == ()
