"""Every documented failure of LinkedIn, switched on by its number, through the whole bot: how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pypdf import PdfWriter

from bot.domain.delivery import State
from bot.domain.records import AccountState
from bot.testing.clip import mp4
from plugins.linkedin.failures import FAILURES
from plugins.linkedin.rules import SIMULATED_AUTHOR, SIMULATED_TOKEN
from tests.integration.breadth_world import LI_COMMENT, LI_CREATE, MEMBER, PAGE, Breadth, breadth

OPEN, PUT = "POST /rest/images", "PUT /dms-uploads/sp/v2/{image}/uploaded-image/0"
VIDEOS, PART_PUT = "POST /rest/videos", "PUT /dms-uploads/{video}/{what}"
PAPER_PUT = "PUT /dms-uploads/sp/v2/{document}/uploaded-document/0"
READ = "GET /rest/posts/{urn}"

BY_THE_CONSENT = frozenset({f"L-F{n}" for n in range(24, 29)})
"""Failures of the token endpoint; they have no post to end."""

BY_STATE = frozenset({"L-F18", "L-F19", "L-F22"})
"""What the simulator does by its state; a test of its own each, below."""

LIVE, WAITS, REFUSED = State.LIVE, State.SCHEDULED, State.REFUSED
ASKED, PART = State.UNCONFIRMED, State.PARTIAL


@dataclass(frozen=True)
class Row:
    """``first``: the state right after the failure, with ``words`` on the card; ``last``: two hours later.

    ``creates``: create calls that reached LinkedIn in all; ``posts``: what exists there in the end.
    ``more``: what is added to the post. ``times``: how often the failure comes, 0 for ever.
    """

    id: str
    first: State
    words: str
    last: State
    creates: int
    posts: int
    endpoint: str = LI_CREATE
    account: str = PAGE
    more: str = ""
    times: int = 1


COMMENT = '--comment "First!"'

ROWS = (
    # number, right after it, what the card says, later, creates seen, posts there
    Row("L-F1", REFUSED, "repeats urn:li:share:7390000000000000001", REFUSED, 1, 0),
    Row("L-F2", WAITS, "no longer answers the API version 202609", WAITS, 1, 0),
    Row("L-F3", WAITS, "no longer answers the API version", WAITS, 1, 0),
    Row("L-F4", WAITS, "does not know this access", WAITS, 1, 0),
    Row("L-F5", WAITS, "access was revoked", WAITS, 1, 0),
    Row("L-F6", WAITS, "access ends after 60 days", WAITS, 1, 0),
    Row("L-F7", WAITS, "no longer accepts this account", WAITS, 1, 0),
    Row("L-F8", WAITS, "w_organization_social", WAITS, 1, 0),
    Row("L-F8", WAITS, "w_member_social", WAITS, 1, 0, account=MEMBER),
    Row("L-F9", WAITS, "waits for LinkedIn until 09:01:00 (its limit)", LIVE, 2, 1),
    Row("L-F10", WAITS, "still working on the file", LIVE, 2, 1, more="png"),
    Row("L-F11", WAITS, "uploaded anew", LIVE, 2, 1, more="png"),
    Row("L-F11", WAITS, "uploaded anew", REFUSED, 2, 0, more="png", times=0),
    Row("L-F12", WAITS, "uploaded anew", LIVE, 2, 1, more="png"),
    Row("L-F13", REFUSED, "too long", REFUSED, 1, 0),
    Row("L-F14", REFUSED, "visibility is required but missing", REFUSED, 1, 0),
    Row("L-F15", REFUSED, "Could not find entity", REFUSED, 1, 0),
    Row("L-F16", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("L-F16 created", ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("L-F16 created", ASKED, "no clear answer", ASKED, 1, 1, account=MEMBER),
    Row("L-F16", WAITS, "has trouble", LIVE, 1, 1, endpoint=OPEN, more="png"),
    Row("L-F17", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("L-F17 empty", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("L-F20", ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("L-F20", ASKED, "no clear answer after sending", LIVE, 1, 1, more="png"),
    Row("L-F21", State.PUBLISHING, "processing", LIVE, 1, 1, endpoint=PUT, more="png"),
    Row("L-F21", REFUSED, "would not take the image", REFUSED, 0, 0, endpoint=PUT, more="png", times=0),
    Row("L-F21", State.PUBLISHING, "processing", LIVE, 1, 1, endpoint=PART_PUT, more="mp4"),
    Row("L-F21", REFUSED, "would not take the video", REFUSED, 0, 0, endpoint=PART_PUT, more="mp4", times=0),
    Row("L-F20", WAITS, "broke off", LIVE, 1, 1, endpoint=PART_PUT, more="mp4"),
    Row("L-F20", WAITS, "answer is missing", LIVE, 1, 1, endpoint=VIDEOS, more="mp4"),
    Row("L-F16", WAITS, "has trouble", LIVE, 1, 1, endpoint=VIDEOS, more="mp4"),
    Row("L-F5", WAITS, "access was revoked", WAITS, 0, 0, endpoint=VIDEOS, more="mp4"),
    Row("L-F9", WAITS, "(its limit)", LIVE, 1, 1, endpoint=VIDEOS, more="mp4"),
    Row("restricted", WAITS, "w_organization_social", WAITS, 0, 0, endpoint=VIDEOS, more="mp4", times=0),
    Row("L-F10", WAITS, "still working on the file", LIVE, 2, 1, more="mp4"),
    Row("L-F11", WAITS, "uploaded anew", REFUSED, 2, 0, more="mp4", times=0),
    Row("L-F12 video", WAITS, "uploaded anew", LIVE, 2, 1, more="mp4"),
    Row("expired", WAITS, "uploaded anew", LIVE, 2, 1, more="mp4"),
    Row("asset", WAITS, "uploaded anew", LIVE, 2, 1, more="mp4"),
    Row("L-F20", ASKED, "no clear answer after sending", LIVE, 1, 1, more="mp4"),
    Row("L-F21", State.PUBLISHING, "processing", LIVE, 1, 1, endpoint=PAPER_PUT, more="pdf"),
    Row("L-F16", WAITS, "has trouble", LIVE, 1, 1, endpoint="POST /rest/documents", more="pdf"),
    Row("L-F20", ASKED, "no clear answer after sending", LIVE, 1, 1, more="pdf"),
    Row("L-F23", WAITS, "no place for comments", LIVE, 3, 2, endpoint=LI_COMMENT, more=COMMENT),
    Row("L-F23 400", WAITS, "no place for comments", LIVE, 3, 2, endpoint=LI_COMMENT, more=COMMENT),
    Row("L-F23", WAITS, "no place for comments", PART, 6, 1, endpoint=LI_COMMENT, more=COMMENT, times=0),
    Row("L-F20", ASKED, "no clear answer after sending", LIVE, 2, 2, endpoint=LI_COMMENT, more=COMMENT),
    Row("L-F16", ASKED, "no clear answer after sending", ASKED, 2, 1, endpoint=LI_COMMENT, more=COMMENT),
    Row("999", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("cut", ASKED, "no clear answer after sending", LIVE, 1, 1),
)


async def test_every_failure_ends_as_it_should(tmp_path: Path) -> None:
    wrong: list[str] = []
    async with breadth(tmp_path) as world:
        for number, row in enumerate(ROWS, 1):
            wrong += await played(world, number, row)
            await fresh(world)
    assert not wrong, "\n".join(wrong)


def test_every_number_of_the_reference_has_a_row() -> None:
    wanted = {f"L-F{n}" for n in range(1, 29)} - BY_THE_CONSENT - BY_STATE
    assert wanted <= {row.id for row in ROWS}
    assert wanted <= FAILURES.keys()


async def test_nothing_is_cut_at_a_bracket(tmp_path: Path) -> None:
    """L-F18: an unescaped bracket would end the stored text, with a 201."""
    text = "Fast (really) [2×] #one_two <3 {x} ~ | @all *"
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "{text}" --to {PAGE} --at now --comment "(as is) #too"')
        assert [p.rendered for p in world.li.shown()] == [text]
        assert [c.text for c in world.li.comments] == ["(as is) #too"]
        assert "\\(really\\)" in world.li.posts[0].commentary


async def test_a_post_that_breaks_after_its_201_is_refused_and_not_live(tmp_path: Path) -> None:
    """L-F19: the picture fails later, and nobody sees the post."""
    async with breadth(tmp_path) as world:
        world.li.fail_late = True
        await world.publish(f'/post "Late" --to {PAGE} --at now --media {world.picture("a.png")}')
        assert (await world.rows())[PAGE].state is State.PUBLISHING
        await world.wait(timedelta(minutes=1))
        row = (await world.rows())[PAGE]
        assert (row.state, row.reason) == (
            State.REFUSED,
            "LinkedIn took the post and then could not publish it.",
        )
        assert world.li.count(LI_CREATE) == 1


async def test_a_changed_consent_pauses_the_account_and_loses_nothing(tmp_path: Path) -> None:
    """L-F22: a consent with other scopes revokes the tokens before it."""
    async with breadth(tmp_path) as world:
        scopes = world.li.gate.tokens[SIMULATED_TOKEN].scopes
        world.li.gate.consent("AbC123", "new-token", scopes - {"profile"})
        await world.publish(f'/post "Waits" --to {PAGE} --at now')
        assert "access was revoked" in await world.words(PAGE)
        assert (await world.rows())[PAGE].state is State.SCHEDULED
        world.li.gate.tokens[SIMULATED_TOKEN].state = "active"
        await world.say("dana", "/accounts --check")
        await world.wait(timedelta(minutes=11))
        assert (await world.rows())[PAGE].state is State.LIVE
        assert [p.author for p in world.li.posts] == [SIMULATED_AUTHOR]


async def test_access_revoked_halfway_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        film = a_file(world, "mp4", 1)
        await world.say("alice", f'/post "Film" --to {PAGE} --at now --media {film}')
        world.li.fail(VIDEOS, FAILURES["L-F5"], nth=2)  # every part is there, the end of the upload is not
        await world.say("bob", "/approve P1")
        assert ((await world.rows())[PAGE].state, world.li.posts) == (WAITS, [])
        assert "access was revoked" in await world.words(PAGE)
        await world.say("dana", "/accounts --check")
        await world.wait(timedelta(minutes=11))
        assert (await world.rows())[PAGE].state is LIVE
        (video,) = world.li.shelf.videos.values()
        assert world.li.shelf.taken == video.size
        assert [p.body["content"]["media"]["id"] for p in world.li.posts] == [video.urn]


async def test_a_repeat_that_names_the_lost_post_is_taken_for_it(tmp_path: Path) -> None:
    """A member's post cannot be read. Sent again on a person's word, the 422 names the first one."""
    async with breadth(tmp_path) as world:
        world.li.fail(LI_CREATE, FAILURES["L-F20"])
        await world.publish(f'/post "Once" --to {MEMBER} --at now')
        await world.wait(timedelta(minutes=3))
        assert (await world.rows())[MEMBER].state is State.UNCONFIRMED
        await world.say("bob", "/confirm P1 not")
        row = (await world.rows())[MEMBER]
        assert (row.state, len(world.li.posts)) == (State.LIVE, 1)
        assert row.parts[0].ref == world.li.posts[0].urn


async def test_a_repeat_that_names_an_older_post_is_not(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        world.li.duplicate_memory = timedelta(days=2)
        await world.publish(f'/post "Again and again" --to {MEMBER} --at now')
        await world.wait(timedelta(days=1))
        world.li.fail(LI_CREATE, FAILURES["L-F16"])
        await world.publish(f'/post "Again and again" --to {MEMBER} --at now')
        await world.wait(timedelta(minutes=3))
        await world.say("bob", "/confirm P2 not")
        await world.wait(timedelta(minutes=3))
        row = (await world.rows(2))[MEMBER]
        assert row.state is State.UNCONFIRMED
        assert "repeats an older post" in row.reason
        assert len(world.li.posts) == 1


async def test_a_ghost_is_never_taken_for_the_post(tmp_path: Path) -> None:
    """A deleted post goes on being "repeated" for a day, by a URN that answers 404."""
    async with breadth(tmp_path) as world:
        world.li.ghosts = True
        await world.publish(f'/post "Once more" --to {PAGE} --at now')
        ghost = world.li.posts[0].urn
        await world.say("bob", "/delete P1")
        await world.publish(f'/post "Once more" --to {PAGE} --at now')
        row = (await world.rows(2))[PAGE]
        assert (row.state, ghost in row.reason) == (State.REFUSED, True)
        await world.wait(timedelta(hours=1))
        assert world.li.count(LI_CREATE) == 2  # a 422 is never sent again unasked
        world.li.fail(LI_CREATE, FAILURES["L-F16"])
        await world.say("bob", "/retry P2")
        await world.wait(timedelta(minutes=3))
        await world.say("bob", "/confirm P2 not")
        await world.wait(timedelta(minutes=3))
        row = (await world.rows(2))[PAGE]
        assert (row.state, row.wake_at) == (State.UNCONFIRMED, None)
        assert "does not show it" in row.reason
        assert world.li.shown() == ()


async def played(world: Breadth, number: int, row: Row) -> list[str]:
    """Post once with the failure switched on; what differs from the row."""
    sim, text = world.li, f"Row {number} of the table"
    name = f"{number} {row.id} at {row.endpoint} {row.account} {row.more}"
    before = sim.count(LI_CREATE) + sim.count(LI_COMMENT)
    more = f"--media {a_file(world, row.more, number)}" if row.more in ("png", "mp4", "pdf") else row.more
    await world.say("alice", f'/post "{text}" --to {row.account} --at now {more}')
    sim.fail(row.endpoint, FAILURES[row.id], times=row.times)
    await world.say("bob", f"/approve P{number}")
    first, card = (await world.rows(number))[row.account].state, await world.words(row.account, number)
    await world.wait(timedelta(hours=2))
    last = (await world.rows(number))[row.account].state
    creates = sim.count(LI_CREATE) + sim.count(LI_COMMENT) - before
    mine = [p.urn for p in sim.shown() if p.rendered == text]
    posts = len(mine) + sum(1 for c in sim.comments if c.post in mine)
    found, expected = (first, last, creates, posts), (row.first, row.last, row.creates, row.posts)
    wrong = [f"{name}: {found}, not {expected}"] if found != expected else []
    return wrong + ([f"{name}: “{card}” lacks “{row.words}”"] if row.words not in card else [])


def a_file(world: Breadth, kind: str, number: int) -> str:
    """A real file, another one for each row."""
    if kind == "png":
        return world.picture(f"{number}.png", (8, number + 1))
    file = world.folder / f"{number}.{kind}"
    if kind == "mp4":
        file.write_bytes(mp4() + b"\0\0\0\x0cfree" + number.to_bytes(4))
    else:
        pages = PdfWriter()
        pages.add_blank_page(width=100 + number, height=100)
        pages.write(file)
    return str(file)


async def fresh(world: Breadth) -> None:
    """A new morning: the accounts are well, nothing is planned, what was left is dropped."""
    world.li.heal()
    for name in (PAGE, MEMBER):
        account = AccountState(name=name, brand="acme", platform="linkedin")
        await world.app.services.store.write(lambda tx, account=account: tx.accounts.save(account))  # type: ignore[misc]  # mypy infers no lambda with a default
    for row in await world.app.services.store.read(lambda tx: tx.deliveries.unfinished("acme")):
        if row.state in (State.SCHEDULED, State.HELD):
            await world.say("bob", f"/cancel P{row.post_id}")
    day = datetime.combine(world.clock.now().date() + timedelta(days=1), datetime.min.time(), UTC)
    world.clock.advance(day + timedelta(hours=9) - world.clock.now())
    await world.app.settle()
