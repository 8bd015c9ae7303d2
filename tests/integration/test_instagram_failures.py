"""Every refusal that Instagram documents, switched on by its number at every place where it can come up.

What is expected is written out from the reference's table, not read from the plugin's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.platform import Absent, Checkpoint, Live, Pending, Refused, Wait
from bot.domain.post import Part
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from bot.testing.simulator import CUT, LOST_REPLY
from plugins.instagram.causes import CODES, REFUSALS
from plugins.instagram.failures import FAILURES
from tests.integration.instagram_world import CREATE, LIMIT, NODE, PUBLISH, UPLOAD, World, world

AFRESH = {
    "-2/2207003": "took too long to fetch",
    "-2/2207020": "has run out",
    "-1/2207001": "trouble of its own",
    "-1/2207032": "could not prepare",
    "-1/2207053": "broke off",
    "9004/2207052": "could not fetch the file from our address",
    "352/2207077": "could not fetch the video",
    "-1/2207082": "failed",
}
"""A new container may be taken."""

REJECTED = {
    "1/2207057": "cover lies outside",
    "24/2207006": "does not find the file",
    "100/2207023": "kind of post",
    "100/2207028": "2 to 10",
    "100/2207035": "product",
    "100/2207036": "product",
    "100/2207037": "product",
    "100/2207040": "20 people",
    "352/2207026": "cannot read this kind of video",
    "36000/2207004": "8 MB",
    "36001/2207005": "JPEG",
    "36003/2207009": "too tall or too wide",
    "36004/2207010": "2,200 characters",
    "100/2207081": "trial reels",
    "strange": "a rule that nobody wrote down",
}
"""The file or the words, for good."""

SAID_NO: dict[str, tuple[type[PublishError], str]] = {
    "4/2207051": (RateLimited, "spam"),
    "9/2207042": (RateLimited, "limit for 24 hours"),
    "4": (RateLimited, "its limit"),
    "17": (RateLimited, "its limit"),
    "32": (RateLimited, "its limit"),
    "613": (RateLimited, "its limit"),
    "80002": (RateLimited, "its limit"),
    "25/2207050": (AuthExpired, "restricted the account"),
    "190": (AuthExpired, "run out, was withdrawn or is not valid"),
    "190/460": (AuthExpired, "password was changed"),
    "190/463": (AuthExpired, "access has run out"),
    "190/467": (AuthExpired, "withdrawn"),
    "102": (AuthExpired, "session has ended"),
    "10": (AppMisconfigured, "permission"),
    "200": (AppMisconfigured, "permission"),
    "250": (AppMisconfigured, "permission"),
    "2500": (AppMisconfigured, "version"),
}
"""The same wherever it comes up: surely nothing was published."""

TROUBLE = ("1", "2", "transient", "html", "empty")
"""Nobody knows what happened: asking again is free, publishing again is not."""


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def rest(w: World) -> None:
    """The next row begins afresh."""
    w.sim.heal()
    w.sim.calls.clear()
    w.sim.world.breaks.clear()


def words(error: PublishError) -> str:
    """Everything a person may read of it."""
    return f"{error} {getattr(error, 'scope', '')} {getattr(error, 'fix', '')}"


def judge(id_: str, error: PublishError, kind: type[PublishError], said: str) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if type(error) is not kind or said not in words(error):
        return f"{id_}: {type(error).__name__}: {words(error)}"
    if "appsecret_proof" in error.detail or "EAAG" in words(error) + error.detail:
        return f"{id_}: shows a secret"
    return ""


async def refused_in(w: World, part: Part) -> PublishError:
    with pytest.raises(PublishError) as caught:
        await w.staged(part)
    return caught.value


async def test_while_a_container_is_made(w: World) -> None:
    part, wrong = w.part(w.picture()), list[str]()
    for id_, said in AFRESH.items():
        w.sim.fail(CREATE, FAILURES[id_])
        await w.staged(part)
        if w.sim.count(CREATE) != 2:
            wrong.append(f"{id_}: {w.sim.count(CREATE)} containers asked for")
        w.sim.fail(CREATE, FAILURES[id_], times=0)
        error = await refused_in(w, part)
        if w.sim.count(CREATE) != 5:
            wrong.append(f"{id_}: {w.sim.count(CREATE)} containers asked for")
        wrong.append(judge(id_, error, Rejected, said))
        rest(w)
    for id_, said in REJECTED.items():
        w.sim.fail(CREATE, FAILURES[id_])
        wrong.append(judge(id_, await refused_in(w, part), Rejected, said))
        rest(w)
    for id_, (kind, said) in SAID_NO.items():
        w.sim.fail(CREATE, FAILURES[id_])
        wrong.append(judge(id_, await refused_in(w, part), kind, said))
        rest(w)
    for id_ in (*TROUBLE, "24/2207008", "9007/2207027", "no id", "lost", "cut", "unsent"):
        w.sim.fail(CREATE, FAILURES[id_])
        wrong.append(judge(id_, await refused_in(w, part), Transient, ""))
        rest(w)
    assert not [one for one in wrong if one]
    assert w.sim.world.shown() == ()


async def test_while_it_is_published(w: World) -> None:
    part, wrong = w.part(w.picture()), list[str]()
    checkpoint = await w.staged(part)
    expected: dict[str, tuple[type[PublishError], str]] = {
        **SAID_NO,
        **{id_: (Rejected, said) for id_, said in REJECTED.items()},
        **{
            id_: (Uncertain, "did not say whether it published")
            for id_ in (*TROUBLE, "24/2207008", "100/33", *AFRESH)
            if id_ not in ("9004/2207052", "352/2207077")
        },
        "9007/2207027": (Transient, "nothing was published"),
        "no id": (Uncertain, "without naming the post"),
        "unsent": (Uncertain, "answer is missing"),
    }
    for id_, (kind, said) in expected.items():
        w.sim.fail(PUBLISH, FAILURES[id_])
        with pytest.raises(PublishError) as caught:
            await w.publisher.commit(part, checkpoint, w.call(part))
        wrong.append(judge(id_, caught.value, kind, said))
        rest(w)
    assert not [one for one in wrong if one]
    assert w.sim.world.shown() == ()


async def test_every_row_is_looked_at() -> None:
    """Whoever adds a number to the tables has to say here what it means."""
    known = {f"{k.code}/{k.subcode}" if k.subcode else str(k.code) for k in (*REFUSALS, *CODES)}
    judged = {*AFRESH, *REJECTED, *SAID_NO, *TROUBLE, "24/2207008", "100/33", "9007/2207027"}
    assert known <= judged
    by_effect = {"no id", "lost", "cut", "unsent", "1 published", "-1/2207001 published"}
    assert set(FAILURES) == judged | by_effect


@pytest.mark.parametrize("id_", ["lost", "cut", "1 published", "-1/2207001 published"])
async def test_published_and_nobody_was_told(w: World, id_: str) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.fail(PUBLISH, FAILURES[id_])
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    found = await w.settled(part, checkpoint, call)
    (post,) = w.sim.world.shown()
    assert isinstance(found, Live)
    assert (found.ref, found.url) == (post.id, f"https://www.instagram.com/p/{post.code}/")


async def test_a_container_that_ends_in_an_error(w: World) -> None:
    part, wrong = w.part(w.video()), list[str]()
    for id_, said in AFRESH.items():
        text = f"Error: Media upload has failed with error code {id_.partition('/')[2]}"
        w.sim.world.breaks = [text]
        await w.staged(part)
        if w.sim.count(CREATE) != 2:
            wrong.append(f"{id_}: {w.sim.count(CREATE)} containers")
        w.sim.world.breaks = [text] * 3
        wrong.append(judge(id_, await refused_in(w, part), Rejected, said))
        rest(w)
    for id_, said in REJECTED.items():
        if "/" in id_:
            w.sim.world.breaks = [f"Error: something about {id_.partition('/')[2]} here"]
            wrong.append(judge(id_, await refused_in(w, part), Rejected, said))
            rest(w)
    w.sim.world.breaks = ["Error: no reason at all"]
    await w.staged(part)
    assert w.sim.count(CREATE) == 2
    assert not [one for one in wrong if one]


@pytest.mark.parametrize("id_", [*TROUBLE, "lost", "cut", "unsent"])
async def test_asking_for_the_status_is_free_to_fail(w: World, id_: str) -> None:
    part = w.part(w.video())
    w.sim.fail(NODE, FAILURES[id_])
    with pytest.raises(Transient):
        await w.staged(part)
    step = await w.publisher.stage(part, Checkpoint())
    w.sim.fail(NODE, FAILURES[id_], nth=1)
    step = await w.publisher.stage(part, step.checkpoint)  # the file is pushed
    with pytest.raises(Transient):
        await w.publisher.stage(part, step.checkpoint)
    checkpoint = await w.staged(part, checkpoint=step.checkpoint)
    assert w.sim.count(CREATE) == 2  # the first try's, and this one's: a failing poll makes no new one
    assert checkpoint.data["files"][0]["id"] == step.checkpoint.data["files"][0]["id"]


async def test_a_new_container_that_is_said_not_to_exist(w: World) -> None:
    """100/33 right after it was made: an incident of May 2026."""
    part = w.part(w.picture())
    w.sim.world.flaps = 6
    await w.staged(part)
    assert w.sim.count(CREATE) == 1
    w.sim.world.flaps = 200
    with pytest.raises(PublishError):
        await w.staged(part)
    assert w.sim.count(CREATE) == 1 + 3
    assert max(w.waited) <= timedelta(minutes=1)


async def test_the_limit_is_asked_before_and_waited_for(w: World) -> None:
    part = w.part(w.picture())
    w.sim.world.quota_total = 1
    await w.published(part)
    with pytest.raises(RateLimited) as caught:
        await w.staged(w.part(w.picture(shade=7)))
    assert "1 posts of 24 hours" in caught.value.scope
    assert w.sim.count(PUBLISH) == 1
    w.clock.advance(timedelta(hours=24))
    await w.published(w.part(w.picture(shade=7)))
    assert len(w.sim.world.shown()) == 2


async def test_a_limit_that_cannot_be_asked_holds_nobody_back(w: World) -> None:
    w.sim.fail(LIMIT, FAILURES["250"], times=0)
    assert (await w.published(w.part(w.picture()))).url


async def test_too_many_containers(w: World) -> None:
    for _ in range(400):
        w.sim.world.count.made.append(w.clock.now())
    with pytest.raises(RateLimited):
        await w.staged(w.part(w.picture()))
    w.clock.advance(timedelta(hours=24))
    await w.staged(w.part(w.picture()))


async def test_calls_that_run_out_are_seen_coming(w: World) -> None:
    w.sim.gate.percent, w.sim.gate.regain = 100.0, 19
    with pytest.raises(RateLimited) as caught:
        await w.publisher.check()
    assert caught.value.until == w.clock.now() + timedelta(minutes=19)
    w.sim.gate.percent, w.sim.gate.step = 90.0, 0.0
    await w.staged(w.part(w.video()))
    assert timedelta(seconds=20) in w.waited  # four times as slow when little is left


async def test_a_publish_that_never_arrived_is_looked_at_thrice_and_then_repeated(w: World) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.fail(PUBLISH, CUT)
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    before = w.sim.count(NODE)
    found = await w.settled(part, checkpoint, call)
    assert found == Absent(keep_checkpoint=True)
    assert w.sim.count(NODE) - before >= 3
    assert w.clock.now() - call.started_at >= timedelta(seconds=150)
    checkpoint = await w.staged(part, checkpoint=checkpoint)
    assert w.sim.count(CREATE) == 1
    answer = await w.publisher.commit(part, checkpoint, w.call(part))
    assert isinstance(answer, Pending)
    assert len(w.sim.world.shown()) == 1


async def test_a_repeat_of_what_is_out_is_found_out_not_published(w: World) -> None:
    """However it came to a second call: the container was published, so the second is refused."""
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    await w.publisher.commit(part, checkpoint, call)
    again = await w.staged(part, checkpoint=checkpoint)
    assert again == checkpoint
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    assert isinstance(await w.settled(part, checkpoint, call), Live)
    assert len(w.sim.world.shown()) == 1


async def test_what_became_of_it_by_the_container(w: World) -> None:
    part = w.part(w.video())
    step = await w.publisher.stage(part, Checkpoint())
    call = w.call(part)
    assert await w.publisher.confirm(part, Checkpoint(), call) == Absent(keep_checkpoint=False)
    container = next(iter(w.sim.world.containers.values()))
    container.pushed, container.error = False, "Error: 2207026"
    w.clock.advance(timedelta(seconds=10))
    found = await w.publisher.confirm(part, step.checkpoint, call)
    assert isinstance(found, Refused)
    assert "MP4" in found.reason
    container.error = "Error: 2207003"
    assert await w.publisher.confirm(part, step.checkpoint, call) == Absent(keep_checkpoint=False)
    w.clock.advance(timedelta(hours=25))
    assert await w.publisher.confirm(part, step.checkpoint, call) == Absent(keep_checkpoint=False)


async def test_an_upload_that_breaks_off_goes_on_where_it_was(w: World) -> None:
    video = w.video(weight=200_000)
    part = w.part(video)
    w.sim.world.cuts = [80_000, 50_000]
    await w.published(part)
    offsets = [int(c.headers["offset"]) for c in w.sim.calls if c.endpoint == UPLOAD]
    assert offsets == [0, 80_000, 130_000]
    assert w.sim.world.shown()[0].files == (video.sha256,)
    assert w.sim.count(CREATE) == 1


async def test_an_upload_that_breaks_off_without_a_word_begins_again(w: World) -> None:
    video = w.video(weight=200_000)
    w.sim.world.cuts, w.sim.world.offsets = [80_000], False
    await w.published(w.part(video))
    offsets = [int(c.headers["offset"]) for c in w.sim.calls if c.endpoint == UPLOAD]
    assert offsets == [0, 0]
    assert w.sim.world.shown()[0].files == (video.sha256,)


@pytest.mark.parametrize("failure", [LOST_REPLY, CUT, FAILURES["html"], FAILURES["1"]])
async def test_an_upload_whose_answer_is_lost(w: World, failure: object) -> None:
    w.sim.fail(UPLOAD, failure)  # type: ignore[arg-type]
    try:
        checkpoint = await w.staged(w.part(w.video()))
    except Transient:
        checkpoint = await w.staged(w.part(w.video()))
    assert checkpoint.data["files"][0]["done"] is True


async def test_a_container_that_ran_out_is_made_anew(w: World) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    assert checkpoint.expires_at is not None
    assert checkpoint.expires_at < w.clock.now() + timedelta(hours=24)
    w.clock.advance(timedelta(hours=25))
    step = await w.publisher.stage(part, checkpoint)  # a core that forgot to look at expires_at
    assert isinstance(step, Wait)
    await w.published(part)
    assert len(w.sim.world.shown()) == 1
