"""X's publisher against X's simulator, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    Gone,
    Live,
    MediaKind,
    Metrics,
    Part,
    Proof,
    PublishError,
    RateLimited,
    Ready,
    Rejected,
    Secret,
    Transient,
    Uncertain,
    Unclear,
)
from bot.testing.clock import FakeClock
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.twitter.failures import FAILURES
from tests.integration.twitter_world import (
    CREATE,
    DELETE,
    DESCRIBE,
    ME,
    TIMELINE,
    UPLOAD,
    World,
    connect,
    stage_all,
    world,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = Part(text="Q&A: Release 4.2 is out <today> example.com/r/4.2")


@pytest.fixture
async def x() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def test_check_says_whose_keys_these_are(x: World) -> None:
    info = await x.publisher.check()
    assert (info.id, info.handle, info.title) == ("1844000000000000001", "@example_rel", "Example Releases")
    assert info.url == "https://x.com/example_rel"


async def test_facts_cost_nothing(x: World) -> None:
    assert (await x.publisher.facts()).values["characters"] == 280
    async with world(premium=True) as rich:
        assert (await rich.publisher.facts()).values["characters"] == 25_000
        assert rich.sim.calls == []
    assert x.sim.calls == []


async def test_text_is_one_call_and_its_answer_the_receipt(x: World) -> None:
    staged = await x.publisher.stage(TEXT, (await x.staged(TEXT)))
    assert isinstance(staged, Ready)
    assert x.sim.calls == []
    receipt = await x.publish(TEXT)
    assert [p.text for p in x.sim.posts] == [TEXT.text]
    assert receipt.ref == x.sim.posts[0].id
    assert receipt.url == f"https://x.com/example_rel/status/{receipt.ref}"
    assert receipt.quiet_until is None
    assert [c.endpoint for c in x.sim.calls] == [CREATE]
    assert x.sim.calls[0].json() == {"text": TEXT.text}
    assert x.sim.world.charges == [("link post", 200)]


async def test_options_are_sent_only_when_true(x: World) -> None:
    part = Part(
        text="Hi",
        options={"made_with_ai": True, "paid_partnership": False, "reply_settings": "following", "x": 1},
    )
    await x.publisher.commit(part, await x.staged(part), x.call(part))
    assert x.sim.calls[0].json() == {"text": "Hi", "made_with_ai": True, "reply_settings": "following"}


async def test_a_picture_is_uploaded_and_described_before_the_post(x: World) -> None:
    part = Part(
        text="Look", media=(x.files.put(b"\x89PNG one\r\n--\r\n", alt="Three cards"), x.files.put(b"two"))
    )
    seen = await stage_all(x.publisher, part)
    assert [c.endpoint for c in x.sim.calls] == [UPLOAD, DESCRIBE, UPLOAD]
    assert len(seen) == 5
    assert seen[-1].expires_at == x.clock.now() + timedelta(hours=24)
    await x.publisher.commit(part, seen[-1], x.call(part))
    one, two = (x.sim.world.media[i] for i in x.sim.posts[0].media_ids)
    assert (one.content, one.alt, one.category, one.mime) == (
        b"\x89PNG one\r\n--\r\n",
        "Three cards",
        "tweet_image",
        "image/png",
    )
    assert (two.content, two.alt) == (b"two", "")
    assert x.sim.count(CREATE) == 1


async def test_a_gif_has_its_own_category(x: World) -> None:
    part = Part(text="", media=(x.files.put(b"GIF89a", kind=MediaKind.GIF, mime="image/gif"),))
    await x.publisher.commit(part, await x.staged(part), x.call(part))
    assert x.sim.world.media[x.sim.posts[0].media_ids[0]].category == "tweet_gif"


async def test_staging_goes_on_where_it_stopped(x: World) -> None:
    part = Part(text="Look", media=(x.files.put(b"one", alt="One"), x.files.put(b"two", alt="Two")))
    x.sim.fail(DESCRIBE, CUT)
    first = await x.publisher.stage(part, (await x.staged(Part(text=""))))
    with pytest.raises(Transient):
        await x.publisher.stage(part, first.checkpoint)
    last = (await stage_all(x.publisher, part, first.checkpoint))[-1]
    assert x.sim.count(UPLOAD) == 2
    assert [m["alt"] for m in last.data["media"]] == ["One", "Two"]


async def test_lapsed_files_are_uploaded_anew(x: World) -> None:
    part = Part(text="Look", media=(x.files.put(b"one"),))
    old = await x.staged(part)
    x.clock.advance(timedelta(hours=25))
    with pytest.raises(Rejected) as refused:
        await x.publisher.commit(part, old, x.call(part))
    assert refused.value.code == "media"
    new = (await stage_all(x.publisher, part, old))[-1]
    await x.publisher.commit(part, new, x.call(part))
    assert len(x.sim.posts) == 1


async def test_another_picture_is_uploaded_anew(x: World) -> None:
    one, two = x.files.put(b"one", alt="A"), x.files.put(b"two", alt="A")
    staged = await x.staged(Part(text="Look", media=(one,)))
    again = (await stage_all(x.publisher, Part(text="Look", media=(two,)), staged))[-1]
    assert x.sim.count(UPLOAD) == x.sim.count(DESCRIBE) == 2
    assert again.data["media"][0]["sha256"] == two.sha256


async def test_nothing_is_created_before_the_files_are_there(x: World) -> None:
    part = Part(text="Look", media=(x.files.put(b"one"),))
    with pytest.raises(Transient):
        await x.publisher.commit(part, await x.staged(Part(text="")), x.call(part))
    assert x.sim.calls == []


@pytest.mark.parametrize("name", ["F21", "F22", "F23", "created, in html"])
async def test_a_failed_upload_is_safe_to_repeat(x: World, name: str) -> None:
    part = Part(text="Look", media=(x.files.put(b"one"),))
    x.sim.fail(UPLOAD, FAILURES[name])
    with pytest.raises(Transient):
        await x.publisher.stage(part, await x.staged(Part(text="")))
    assert (await x.staged(part)).data["media"]


async def test_a_refused_upload_says_so(x: World) -> None:
    part = Part(text="Look", media=(x.files.put(b"one"),))
    x.sim.fail(UPLOAD, FAILURES["F14"])
    with pytest.raises(Rejected, match=r"media\.write"):
        await x.staged(part)


async def test_a_thread_answers_its_own_parts(x: World) -> None:
    refs: list[str] = []
    for number in (1, 2, 3):
        part = Part(text=f"Part {number}/3")
        receipt = await x.publish(part, *refs)
        refs.append(str(receipt.ref))
        x.clock.advance(1)
    assert [p.reply_to for p in x.sim.posts] == ["", refs[0], refs[1]]
    assert {p.conversation_id for p in x.sim.posts} == {refs[0]}


async def test_a_duplicate_is_told_as_such(x: World) -> None:
    await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    with pytest.raises(Rejected) as refused:
        await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert refused.value.code == "duplicate"
    x.clock.advance(timedelta(hours=25))
    await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert len(x.sim.posts) == 2


@pytest.mark.parametrize(
    "name",
    ["F23", "F21", "F22", "created, in html", "created, cut off", "created, no id", "created, then 503"],
)
async def test_a_lost_answer_is_uncertain_and_found_by_looking(x: World, name: str) -> None:
    x.sim.fail(CREATE, FAILURES[name])
    call = x.call(TEXT)
    with pytest.raises(Uncertain):
        await x.publisher.commit(TEXT, await x.staged(TEXT), call)
    assert x.sim.count(CREATE) == 1
    x.clock.advance(10)
    found = await x.publisher.confirm(TEXT, await x.staged(TEXT), call)
    if x.sim.posts:
        post_id = x.sim.posts[0].id
        assert found == Live(
            ref=post_id, url=f"https://x.com/example_rel/status/{post_id}", proof=Proof.READ_BACK
        )
    else:
        assert isinstance(found, Unclear)
        assert found.look_at == "https://x.com/example_rel"
    assert x.sim.count(CREATE) == 1


async def test_a_lost_answer_of_a_post_with_a_picture(x: World) -> None:
    part = Part(text="Look https://example.com/a?b=1&c=2", media=(x.files.put(b"one"),))
    checkpoint, call = await x.staged(part), x.call(part)
    x.sim.fail(CREATE, LOST_REPLY)
    with pytest.raises(Uncertain):
        await x.publisher.commit(part, checkpoint, call)
    assert isinstance(await x.publisher.confirm(part, checkpoint, call), Live)


async def test_a_lost_part_of_a_thread_is_told_from_its_twins(x: World) -> None:
    same = Part(text="Same")
    x.sim.world.duplicate_window = timedelta()
    first = await x.publish(same)
    x.sim.fail(CREATE, LOST_REPLY)
    call = x.call(same, first.ref)
    with pytest.raises(Uncertain):
        await x.publisher.commit(same, await x.staged(same), call)
    found = await x.publisher.confirm(same, await x.staged(same), call)
    assert isinstance(found, Live)
    assert found.ref == x.sim.posts[1].id


async def test_two_candidates_are_unclear(x: World) -> None:
    x.sim.world.duplicate_window = timedelta()
    call = x.call(TEXT)
    for _ in range(2):
        await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    found = await x.publisher.confirm(TEXT, await x.staged(TEXT), call)
    assert isinstance(found, Unclear)
    assert "2 posts" in found.why


async def test_an_older_twin_is_shown_to_the_person_but_is_no_proof(x: World) -> None:
    older = await x.publish(TEXT)
    x.clock.advance(timedelta(hours=2))
    found = await x.publisher.confirm(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert isinstance(found, Unclear)
    assert found.look_at == older.url


async def test_identity_is_asked_once(x: World) -> None:
    for _ in range(3):
        await x.publisher.confirm(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert x.sim.count(ME) == 1


async def test_a_slow_index_is_unclear_first_and_live_later(x: World) -> None:
    x.sim.index_lag = timedelta(seconds=20)
    x.sim.fail(CREATE, LOST_REPLY)
    call = x.call(TEXT)
    with pytest.raises(Uncertain):
        await x.publisher.commit(TEXT, await x.staged(TEXT), call)
    x.clock.advance(10)
    assert isinstance(await x.publisher.confirm(TEXT, await x.staged(TEXT), call), Unclear)
    x.clock.advance(20)
    assert isinstance(await x.publisher.confirm(TEXT, await x.staged(TEXT), call), Live)


async def test_a_known_id_is_read_back(x: World) -> None:
    receipt = await x.publish(TEXT)
    call = x.call(TEXT, ref=receipt.ref)
    assert await x.publisher.confirm(TEXT, await x.staged(TEXT), call) == Live(
        ref=receipt.ref, url=receipt.url, proof=Proof.READ_BACK
    )
    x.sim.posts[0].deleted = True
    gone = await x.publisher.confirm(TEXT, await x.staged(TEXT), call)
    assert isinstance(gone, Unclear)
    assert gone.look_at == receipt.url


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("F2", AuthExpired),
        ("F3", RateLimited),
        ("F21", Transient),
        ("F22", Transient),
        ("F23", Transient),
        ("created, in html", Transient),
        ("created, cut off", Transient),
    ],
)
async def test_looking_may_fail_and_be_repeated(x: World, name: str, raised: type[PublishError]) -> None:
    x.sim.fail(TIMELINE, FAILURES[name])
    with pytest.raises(raised):
        await x.publisher.confirm(TEXT, await x.staged(TEXT), x.call(TEXT))


@pytest.mark.parametrize("name", ["F7", "F8", "F11", "F13", "F14", "404 in html", "redirect"])
async def test_not_being_allowed_to_look_is_unclear(x: World, name: str) -> None:
    x.sim.fail(TIMELINE, FAILURES[name])
    found = await x.publisher.confirm(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert isinstance(found, Unclear)
    assert x.log.written[0][0] == "x_confirm_refused"


@pytest.mark.parametrize(("vocabulary", "param"), [("old", "post.fields"), ("new", "tweet.fields")])
async def test_renamed_fields_are_found_out(vocabulary: str, param: str) -> None:
    async with world(fields_param=param) as x:
        x.sim.vocabulary, x.sim.strict_fields = vocabulary, True
        x.sim.fail(CREATE, LOST_REPLY)
        call = x.call(TEXT)
        with pytest.raises(Uncertain):
            await x.publisher.commit(TEXT, await x.staged(TEXT), call)
        assert isinstance(await x.publisher.confirm(TEXT, await x.staged(TEXT), call), Live)
        x.sim.posts[0].metrics = {"retweet_count": 3, "impression_count": 918}
        counts = await x.publisher.measure([x.sim.posts[0].id])
        read = Metrics(views=918, likes=0, comments=0, shares=3, saves=0, clicks=0)
        assert counts == {x.sim.posts[0].id: read}
        assert x.sim.count(TIMELINE) == 2


async def test_remove(x: World) -> None:
    receipt = await x.publish(TEXT)
    await x.publisher.remove(receipt.ref)
    assert x.sim.live == []
    await x.publisher.remove(receipt.ref)
    assert x.sim.count(DELETE) == 2
    with pytest.raises(Rejected):
        await x.publisher.remove("../users/me")


@pytest.mark.parametrize(("deleted", "raised"), [(False, Rejected), (None, Transient)])
async def test_remove_believes_only_a_clear_answer(
    x: World, deleted: bool | None, raised: type[PublishError]
) -> None:
    x.sim.fail(DELETE, Failure(status=200, body={"data": {"deleted": deleted}}))
    with pytest.raises(raised):
        await x.publisher.remove("123")


async def test_measure(x: World) -> None:
    receipt = await x.publish(TEXT)
    x.sim.posts[0].metrics = {"like_count": 22, "reply_count": 1, "quote_count": 2, "retweet_count": 3}
    counts = await x.publisher.measure([receipt.ref, "1", "not an id!"])
    read = Metrics(views=0, likes=22, comments=1, shares=5, saves=0, clicks=0)
    assert counts == {str(receipt.ref): read, "1": Gone()}
    assert await x.publisher.measure([]) == {}
    many = [str(n) for n in range(1, 151)]
    assert len(await x.publisher.measure(many)) == 150
    assert x.sim.count("GET /2/tweets") == 4  # our own young one is asked about by itself


async def test_clicks_are_read_as_long_as_x_shows_them(x: World) -> None:
    receipt = await x.publish(TEXT)
    x.sim.posts[0].metrics = {"impression_count": 918, "url_link_clicks": 17, "bookmark_count": 2}
    first = await x.publisher.measure([receipt.ref])
    x.clock.advance(timedelta(days=30))
    later = await x.publisher.measure([receipt.ref])
    read = Metrics(views=918, likes=0, comments=0, shares=0, saves=2, clicks=17)
    assert (first, later) == ({receipt.ref: read}, {receipt.ref: replace(read, clicks=None)})


async def test_an_app_without_private_counts_reads_the_public_ones(x: World) -> None:
    receipt = await x.publish(TEXT)
    x.sim.fail("GET /2/tweets", Failure(status=403, body={"title": "Forbidden", "status": 403}))
    (found,) = (await x.publisher.measure([receipt.ref])).values()
    assert isinstance(found, Metrics)
    assert (found.views, found.clicks) == (0, None)
    asked = x.sim.count("GET /2/tweets")
    await x.publisher.measure([receipt.ref])
    assert x.sim.count("GET /2/tweets") == asked + 1


async def test_the_last_post_of_a_window_asks_for_quiet(x: World) -> None:
    x.sim.limits[CREATE] = 1
    receipt = await x.publish(TEXT)
    assert receipt.quiet_until == x.clock.now() + timedelta(minutes=15)
    other = Part(text="Other")
    with pytest.raises(RateLimited) as limited:
        await x.publisher.commit(other, await x.staged(other), x.call(other))
    assert limited.value.until == receipt.quiet_until
    x.clock.advance(timedelta(minutes=15))
    await x.publisher.commit(other, await x.staged(other), x.call(other))


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("F1", Rejected),
        ("F2", AuthExpired),
        ("F3", RateLimited),
        ("F5", RateLimited),
        ("F7", AppMisconfigured),
        ("F16", Rejected),
        ("429 and nothing", RateLimited),
    ],
)
async def test_no_failure_makes_us_call_twice(x: World, name: str, raised: type[PublishError]) -> None:
    x.sim.fail(CREATE, FAILURES[name], times=0)
    with pytest.raises(raised):
        await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    assert x.sim.count(CREATE) == 1
    assert x.sim.posts == []


async def test_wrong_keys() -> None:
    async with world(access_token_secret=Secret("wr0ng")) as x:
        with pytest.raises(AuthExpired) as expired:
            await x.publisher.check()
        assert "wr0ng" not in f"{expired.value!r}{expired.value.detail}"


async def test_a_clock_that_is_minutes_off(x: World) -> None:
    late = FakeClock(x.clock.now() + timedelta(minutes=6))
    publisher = connect(x.sim.url, x.http, late, x.files, x.log)
    with pytest.raises(AuthExpired, match="clock"):
        await publisher.check()


async def test_an_unreachable_platform_is_transient(x: World) -> None:
    await x.sim.aclose()
    with pytest.raises(Transient):
        await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    with pytest.raises(Transient):
        await x.publisher.check()


async def test_credits_run_out(x: World) -> None:
    x.sim.world.credits_mills = 200
    await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    with pytest.raises(AppMisconfigured, match="credits"):
        await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))


async def test_an_unsendable_text_never_leaves(x: World) -> None:
    part = Part(text="invisible \ufeff")
    with pytest.raises(Rejected):
        await x.publisher.commit(part, await x.staged(part), x.call(part))
    assert x.sim.calls == []


async def test_requests_carry_no_secret(x: World) -> None:
    await x.publisher.check()
    await x.publisher.commit(TEXT, await x.staged(TEXT), x.call(TEXT))
    for call in x.sim.calls:
        sent = f"{call.path}?{call.query} {dict(call.headers)} {call.body!r}"
        assert "sim-api-secret" not in sent
        assert "sim-token-secret" not in sent
        assert "oauth" not in call.query
