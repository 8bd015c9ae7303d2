"""Every documented failure of X, switched on by its number, through the whole bot: how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.domain.delivery import State
from bot.domain.records import AccountState
from bot.testing.clip import mp4
from plugins.twitter.failures import FAILURES
from tests.integration.breadth_world import X_CREATE, Breadth, X, breadth

UPLOAD, STATUS = "POST /2/media/upload", "GET /2/media/upload"
FINALIZE = "POST /2/media/upload/{id}/finalize"
APPEND, DELETE = "POST /2/media/upload/{id}/append", "DELETE /2/tweets/{id}"

BY_THE_CONSENT = frozenset({"F24", "F25"})
"""Failures of the token endpoint; they have no post to end."""

LIVE, WAITS, REFUSED = State.LIVE, State.SCHEDULED, State.REFUSED
HELD, ASKED = State.HELD, State.UNCONFIRMED


@dataclass(frozen=True)
class Row:
    """``first``: the state right after the failure, with ``words`` on the card; ``last``: hours later.

    ``creates``: create calls that reached X in all; ``posts``: what exists there in the end.
    ``file``: what the post carries. ``again``: X's answer to every further call, too. ``hours``
    later is when ``last`` is looked at.
    """

    id: str
    first: State
    words: str
    last: State
    creates: int
    posts: int
    endpoint: str = X_CREATE
    file: str = ""
    again: bool = False
    hours: int = 2


ROWS = (
    # number, right after it, what the card says, later, creates seen, posts there
    Row("F1", REFUSED, "duplicate content", REFUSED, 1, 0),
    Row("F2", WAITS, "no longer accepts this account's keys", WAITS, 1, 0),
    Row("F3", WAITS, "waits for X until 09:07:00 (its 15-minute limit)", LIVE, 2, 1),
    Row("F4", WAITS, "waits for X until 09:15 (its 15-minute limit)", LIVE, 2, 1),
    Row("F5", WAITS, "(its daily limit)", HELD, 1, 0, hours=12),
    Row("F6", WAITS, "(its monthly limit)", WAITS, 1, 0),
    Row("F7", WAITS, "X wants to be paid", WAITS, 1, 0),
    Row("F8", WAITS, "uploaded anew", LIVE, 2, 1, file="png"),
    Row("F8", WAITS, "uploaded anew", REFUSED, 2, 0, file="png", again=True),
    Row("F9", REFUSED, "You can only provide one of", REFUSED, 1, 0),
    Row("F10", REFUSED, "not defined in the schema", REFUSED, 1, 0),
    Row("F11", WAITS, "lets this app only read", WAITS, 1, 0),
    Row("F12", WAITS, "got an app's key", WAITS, 1, 0),
    Row("F13", WAITS, "does not know this app's project", WAITS, 1, 0),
    Row("F14", REFUSED, "media.write", REFUSED, 0, 0, endpoint=UPLOAD, file="png"),
    Row("F15", REFUSED, "Reply to this conversation", REFUSED, 1, 0),
    Row("F16", REFUSED, "not permitted to perform", REFUSED, 1, 0),
    Row("F17", REFUSED, "longer than 20 minutes", REFUSED, 1, 0),
    Row("F18", LIVE, "receipt", LIVE, 1, 1, endpoint=APPEND, file="gif"),
    Row("F18", REFUSED, "too large", REFUSED, 0, 0, endpoint=UPLOAD, file="png"),
    Row("F19", REFUSED, "Unsupported video format", REFUSED, 0, 0, endpoint=STATUS, file="gif"),
    Row("F20", REFUSED, "Duration too long", REFUSED, 0, 0, endpoint=STATUS, file="gif"),
    Row("F16", REFUSED, "yours has 0:04", REFUSED, 1, 0, file="mp4"),
    Row("F17", REFUSED, "yours has 0:04", REFUSED, 1, 0, file="mp4"),
    Row("F18", LIVE, "receipt", LIVE, 1, 1, endpoint=APPEND, file="mp4"),
    Row("F19", REFUSED, "Unsupported video format", REFUSED, 0, 0, endpoint=STATUS, file="mp4"),
    Row("F20", REFUSED, "Duration too long", REFUSED, 0, 0, endpoint=STATUS, file="mp4"),
    Row("F2", WAITS, "no longer accepts this account's keys", WAITS, 0, 0, endpoint=APPEND, file="mp4"),
    Row("F3", WAITS, "(its 15-minute limit)", LIVE, 1, 1, endpoint=APPEND, file="mp4"),
    Row("F8", WAITS, "uploaded anew", LIVE, 2, 1, file="mp4"),
    Row("F23", LIVE, "receipt", LIVE, 1, 1, endpoint=FINALIZE, file="mp4"),
    Row("F23", ASKED, "no clear answer after sending", LIVE, 1, 1, file="mp4"),
    Row("suspended", REFUSED, "suspended", REFUSED, 1, 0),
    Row("suspended", REFUSED, "suspended", REFUSED, 0, 0, endpoint=APPEND, file="mp4"),
    Row("F21", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("F21", WAITS, "having trouble", LIVE, 1, 1, endpoint=UPLOAD, file="png"),
    Row("F22", ASKED, "no clear answer after sending", ASKED, 1, 0),
    Row("F23", ASKED, "no clear answer after sending", LIVE, 1, 1),
    Row("F23", WAITS, "did not answer", LIVE, 1, 1, endpoint=UPLOAD, file="png"),
    Row("created, in html", ASKED, "no clear answer", LIVE, 1, 1),
    Row("created, cut off", ASKED, "no clear answer", LIVE, 1, 1),
    Row("created, no id", ASKED, "no clear answer", LIVE, 1, 1),
    Row("created, then 503", ASKED, "no clear answer", LIVE, 1, 1),
    Row("duplicate, legacy", REFUSED, "Status is a duplicate", REFUSED, 1, 0),
    Row("clock", WAITS, "this computer's clock is wrong", WAITS, 1, 0),
)


async def test_every_failure_ends_as_it_should(tmp_path: Path) -> None:
    wrong: list[str] = []
    async with breadth(tmp_path) as world:
        for number, row in enumerate(ROWS, 1):
            wrong += await played(world, number, row)
            await fresh(world)
    assert not wrong, "\n".join(wrong)


def test_every_number_of_the_reference_has_a_row() -> None:
    wanted = {f"F{n}" for n in range(1, 27)} - BY_THE_CONSENT - {"F26"}
    assert wanted <= {row.id for row in ROWS}
    assert wanted <= FAILURES.keys()


async def test_deleting_what_is_gone_is_done(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Gone soon" --to {X} --at now')
        world.x.fail(DELETE, FAILURES["F26"])
        assert "is taken down from X" in await world.say("bob", "/delete P1")
        assert (await world.rows())[X].state is State.REMOVED


async def test_keys_revoked_halfway_lose_nothing_and_send_nothing_twice(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        film = a_file(world, "mp4", 1)
        await world.say("alice", f'/post "Film" --to {X} --at now --media {film}')
        world.x.account.access_token_secret, good = "made anew", world.x.account.access_token_secret
        await world.say("bob", "/approve P1")
        row = (await world.rows())[X]
        assert (row.state, world.x.posts) == (WAITS, [])
        assert "no longer accepts" in await world.words(X)
        world.x.account.access_token_secret = good
        world.x.fail(STATUS, FAILURES["F2"])  # once more, when every byte is there
        await world.say("dana", "/accounts --check")
        await world.wait(timedelta(minutes=11))
        assert (await world.rows())[X].state is WAITS
        await world.say("dana", "/accounts --check")
        await world.wait(timedelta(minutes=11))
        assert (await world.rows())[X].state is LIVE
        (post,) = world.x.posts
        assert world.x.world.taken == world.x.world.media[post.media_ids[0]].declared


async def played(world: Breadth, number: int, row: Row) -> list[str]:
    """Post once with the failure switched on; what differs from the row."""
    name, before = f"{row.id} at {row.endpoint}{' for ever' if row.again else ''}", world.x.count(X_CREATE)
    media = f" --media {a_file(world, row.file, number)}" if row.file else ""
    await world.say("alice", f'/post "Row {number} of the table" --to {X} --at now{media}')
    world.x.fail(row.endpoint, FAILURES[row.id], times=0 if row.again else 1)
    await world.say("bob", f"/approve P{number}")
    if row.file in ("gif", "mp4"):
        await world.wait(timedelta(seconds=5))
    first, card = (await world.rows(number))[X].state, await world.words(X, number)
    await world.wait(timedelta(hours=row.hours))
    last = (await world.rows(number))[X].state
    creates = world.x.count(X_CREATE) - before
    posts = sum(1 for p in world.x.live if p.text == f"Row {number} of the table")
    found = (first, last, creates, posts)
    expected = (row.first, row.last, row.creates, row.posts)
    wrong = [f"{name}: {found}, not {expected}"] if found != expected else []
    return wrong + ([f"{name}: “{card}” lacks “{row.words}”"] if row.words not in card else [])


def a_file(world: Breadth, kind: str, number: int) -> str:
    if kind == "png":
        return world.picture(f"{number}.png", (8, number + 1))
    if kind == "mp4":
        film = world.folder / f"{number}.mp4"
        film.write_bytes(mp4() + b"\0\0\0\x0cfree" + number.to_bytes(4))  # another file for each row
        return str(film)
    file = world.folder / f"{number}.gif"
    file.write_bytes(moving_gif(number))
    return str(file)


def moving_gif(shade: int) -> bytes:
    """Two frames of one pixel (GIF89a specification)."""
    head = b"GIF89a" + bytes([1, 0, 1, 0, 0x80, 0, 0, shade, 0, 0, 255, 255, 255])
    frame = b"!\xf9\x04\x04\x0a\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"
    return head + b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" + frame * 2 + b";"


async def fresh(world: Breadth) -> None:
    """A new morning: the account is well, nothing is planned, what was left is dropped."""
    world.x.heal()
    account = AccountState(name=X, brand="acme", platform="twitter")
    await world.app.services.store.write(lambda tx: tx.accounts.save(account))
    for row in await world.app.services.store.read(lambda tx: tx.deliveries.unfinished("acme")):
        if row.state in (State.SCHEDULED, State.HELD):
            await world.say("bob", f"/cancel P{row.post_id}")
    day = (world.clock.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    world.clock.advance(day - world.clock.now())
    await world.app.settle()
