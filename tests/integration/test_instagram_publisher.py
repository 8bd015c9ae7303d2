"""What goes out through Instagram: each kind of post, by both doors, as its owner signed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from bot.config import Secret
from bot.domain.platform import (
    Checkpoint,
    Facts,
    Gone,
    Level,
    Live,
    Metrics,
    More,
    Pending,
    Proof,
    Ready,
    Receipt,
    Unclear,
    Wait,
)
from bot.domain.post import Part, PartRole, Variant
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    Rejected,
    Transient,
    Uncertain,
    Unsupported,
)
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.instagram.answers import CONTAINER, ref_of
from plugins.instagram.client import Client
from plugins.instagram.settings import InstagramSettings
from plugins.instagram.simulated import (
    INSTAGRAM_TOKEN,
    SIMULATED_ACCOUNT,
    SIMULATED_SECRET,
    SIMULATED_TOKEN,
    USER_TOKEN,
)
from tests.integration.instagram_world import (
    COMMENT,
    COMMENTS,
    CREATE,
    LIST,
    NODE,
    PUBLISH,
    UPLOAD,
    World,
    world,
)


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def variant(part: Part, *more: Part) -> Variant:
    return Variant(account="acme-ig", platform="instagram", parts=(part, *more), options=part.options)


async def test_a_picture_by_either_door(w: World) -> None:
    for publisher in (w.publisher, w.by_login()):
        part = w.part(w.picture(alt="Two doors"), text="Hello 👋\n\n#team")
        live = await w.published(part, publisher)
        post = w.sim.world.shown()[-1]
        assert (live.ref, live.proof) == (post.id, Proof.READ_BACK)
        assert live.url == f"https://www.instagram.com/p/{post.code}/"
        assert post.caption == "Hello 👋\n\n#team"
        assert post.files == (part.media[0].sha256,)
        assert post.container.body["alt_text"] == "Two doors"


async def test_a_video_is_pushed_by_one_door_and_fetched_by_the_other(w: World) -> None:
    video = w.video()
    await w.published(w.part(video))
    assert (w.sim.count(UPLOAD), w.sim.fetched) == (1, [])
    await w.published(w.part(video), w.by_login())
    assert (w.sim.count(UPLOAD), [how for how, _ in w.sim.fetched]) == (1, ["HEAD", "GET"])
    for post in w.sim.world.shown():
        assert (post.container.product, post.files) == ("REELS", (video.sha256,))
        assert post.container.body["share_to_feed"] is True


async def test_pushing_by_instagram_login_is_a_choice(w: World) -> None:
    """Meta documents it for Facebook Login; some accounts take it all the same."""
    part = w.part(w.video())
    with pytest.raises(Rejected, match="upload_type"):
        await w.staged(part, w.by_login(resumable=True))
    w.sim.resumable_anywhere = True
    await w.published(part, w.by_login(resumable=True))
    assert w.sim.count(UPLOAD) == 1


async def test_a_reel_as_it_was_chosen(w: World) -> None:
    video = replace(w.video(), cover=w.picture(shade=3))
    part = w.part(
        video,
        kind="reel",
        share_to_feed=False,
        cover_at="1.5",
        collaborators=["@ada", "grace"],
        tagged=["linus", "@ken"],
        location="106000000000001",
        ai_label=True,
    )
    await w.published(part)
    body = w.sim.world.shown()[-1].container.body
    assert (body["share_to_feed"], body["collaborators"], body["is_ai_generated"]) == (
        False,
        ["ada", "grace"],
        True,
    )
    assert body["user_tags"] == [{"username": "linus"}, {"username": "ken"}]
    assert body["location_id"] == "106000000000001"
    assert "thumb_offset" not in body  # a cover of its own wins
    assert body["cover_url"].endswith(f"{video.cover.sha256}.jpg")  # type: ignore[union-attr]
    await w.published(w.part(w.video(seconds=9), kind="reel", cover_at="1,5"))
    assert w.sim.world.shown()[-1].container.body["thumb_offset"] == 1500


async def test_a_picture_as_it_was_chosen(w: World) -> None:
    part = w.part(w.picture(), tagged=["ada 0.5,0.25", "@ken 1 0"], location="1060")
    await w.published(part)
    body = w.sim.world.shown()[-1].container.body
    assert body["user_tags"] == [
        {"username": "ada", "x": 0.5, "y": 0.25},
        {"username": "ken", "x": 1.0, "y": 0.0},
    ]
    assert body["location_id"] == "1060"
    await w.published(part, w.by_login())
    assert "location_id" not in w.sim.world.shown()[-1].container.body


async def test_a_story_has_no_words_and_is_gone_after_a_day(w: World) -> None:
    for part in (w.part(w.picture(), kind="story"), w.part(w.video(), kind="story")):
        live = await w.published(part)
        assert live.url == f"https://www.instagram.com/stories/acme/{live.ref}/"
    assert [p.container.product for p in w.sim.world.shown()] == ["STORY", "STORY"]
    assert all("caption" not in p.container.body for p in w.sim.world.shown())
    w.clock.advance(timedelta(hours=24))
    found = await w.publisher.measure([live.ref])
    assert found == {live.ref: Gone()}


async def test_a_carousel_waits_for_each_of_its_files(w: World) -> None:
    w.sim.world.processing = timedelta(seconds=70)
    media = (w.picture(alt="one"), w.video(), w.picture(alt="three", shade=3))
    part = w.part(*media, text="Three", collaborators=["ada"])
    await w.published(part)
    (post,) = w.sim.world.shown()
    assert (post.container.kind, post.caption) == ("CAROUSEL_ALBUM", "Three")
    assert post.files == tuple(m.sha256 for m in media)
    children = [w.sim.world.containers[c].body for c in post.container.children]
    assert [c.get("alt_text") for c in children] == ["one", None, "three"]
    assert all(c["is_carousel_item"] and "caption" not in c for c in children)
    assert post.container.body["collaborators"] == ["ada"]
    assert w.sim.count(CREATE) == 4
    assert w.sim.world.usage() == 1


async def test_ten_files_and_one_that_breaks(w: World) -> None:
    w.sim.world.breaks = ["", "Error: 2207032"]
    part = w.part(*(w.picture(shade=n) for n in range(10)))
    await w.published(part)
    assert w.sim.count(CREATE) == 12
    assert len(w.sim.world.shown()[0].files) == 10


async def test_a_carousel_that_breaks_is_made_of_new_parts(w: World) -> None:
    w.sim.world.breaks = ["", "", "Error: 2207053"]
    await w.published(w.part(w.picture(), w.picture(shade=2)))
    assert w.sim.count(CREATE) == 6
    assert len(w.sim.world.shown()) == 1


async def test_every_step_can_be_the_last_one_of_a_process(w: World) -> None:
    """Each checkpoint goes on in another publisher; nothing is made or pushed twice."""
    part, checkpoint = w.part(w.video(), w.picture(), text="Steps"), Checkpoint()
    for _ in range(60):
        step = await w.account().stage(part, checkpoint)
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            break
        if isinstance(step, Wait):
            w.clock.advance(step.until - w.clock.now())
        else:
            assert isinstance(step, More)
    assert (w.sim.count(CREATE), w.sim.count(UPLOAD)) == (3, 1)
    assert isinstance(await w.account().commit(part, checkpoint, w.call(part)), Pending)


@pytest.mark.parametrize(
    "failure", [LOST_REPLY, CUT, Failure(effect=True, truncate=True), Failure(status=502)]
)
async def test_whatever_breaks_at_whichever_call_nothing_is_out_twice(w: World, failure: Failure) -> None:
    """Each call of a whole publish breaks once, the rest is done as the core does it."""
    total = await _calls_of_a_publish(w)
    for nth in range(1, total + 1):
        before = len(w.sim.world.shown())
        w.sim.heal()
        w.sim.fail("*", failure, nth=nth)
        part = w.part(w.picture(shade=nth), w.picture(shade=nth + 100), text=f"Break {nth}")
        live = await _carried(w, part)
        assert isinstance(live, Live)
        assert len(w.sim.world.shown()) == before + 1, nth
        assert live.ref == w.sim.world.shown()[-1].id, nth


async def _calls_of_a_publish(w: World) -> int:
    before = len(w.sim.calls)
    await w.published(w.part(w.picture(shade=200), w.picture(shade=201), text="Count"))
    return len(w.sim.calls) - before


async def _carried(w: World, part: Part) -> object:
    """Stage, commit, confirm as the core does: nothing is sent again before it is proved absent."""
    checkpoint, publisher = Checkpoint(), w.account()
    for _ in range(10):
        try:
            checkpoint = await w.staged(part, publisher, checkpoint)
            call = w.call(part)
            try:
                answer = await publisher.commit(part, checkpoint, call)
                call = replace(call, ref=answer.ref)
            except Uncertain:
                pass
        except (Transient, Uncertain):
            w.clock.advance(timedelta(seconds=30))
            continue
        for _ in range(30):
            try:
                found = await publisher.confirm(part, checkpoint, call)
            except PublishError:
                w.clock.advance(timedelta(seconds=30))
                continue
            if isinstance(found, Pending):
                w.clock.advance(found.check_at - w.clock.now())
            elif isinstance(found, Live):
                return found
            else:
                break
        checkpoint = Checkpoint() if not getattr(found, "keep_checkpoint", True) else checkpoint
    raise AssertionError("it does not end")


async def test_out_and_not_to_be_told_from_another(w: World) -> None:
    """Two posts with the same words in the same minute: it is live, and which one it is nobody guesses."""
    part = w.part(w.picture(), text="Same words")
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.fail(PUBLISH, LOST_REPLY)
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    await w.published(part, w.by_login())  # a colleague does the same by hand
    found = await w.settled(part, checkpoint, call)
    container = checkpoint.data["files"][0]["id"]
    assert found == Live(ref={CONTAINER: container}, url=None, proof=Proof.READ_BACK)
    assert await w.publisher.measure([{CONTAINER: container}]) == {}
    with pytest.raises(Unsupported, match="Delete it in the Instagram app"):
        await w.publisher.remove({CONTAINER: container})
    with pytest.raises(Rejected, match="below it"):
        await w.publisher.commit(
            Part(text="First"), Checkpoint(), w.call(Part(text="First"), parents=({CONTAINER: container},))
        )


async def test_a_story_is_known_only_when_it_is_alone(w: World) -> None:
    for colleague in (False, True):
        part = w.part(w.picture(shade=5 + colleague), kind="story")
        checkpoint = await w.staged(part)
        call = w.call(part)
        w.sim.fail(PUBLISH, LOST_REPLY)
        with pytest.raises(Uncertain):
            await w.publisher.commit(part, checkpoint, call)
        ours = w.sim.world.shown()[-1]
        ours.published_at += timedelta(seconds=30)  # a list that lags shows the colleague's alone at first
        if colleague:
            await w.published(w.part(w.picture(shade=9), kind="story"), w.by_login())
        found = await w.settled(part, checkpoint, call)
        assert isinstance(found, Live)
        assert w.clock.now() - call.started_at >= timedelta(seconds=60) or colleague
        assert found.ref == ({CONTAINER: checkpoint.data["files"][0]["id"]} if colleague else ours.id)
        w.clock.advance(timedelta(hours=25))


async def test_a_list_that_lags_is_waited_for(w: World) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.world.lag = timedelta(seconds=40)
    w.sim.fail(PUBLISH, LOST_REPLY)
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    found = await w.settled(part, checkpoint, call)
    assert isinstance(found, Live)
    assert found.ref == w.sim.world.shown()[0].id


async def test_an_older_post_with_the_same_words_is_not_ours(w: World) -> None:
    part = w.part(w.picture(), text="Again and again")
    await w.published(part)
    w.clock.advance(timedelta(hours=2))
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.fail(PUBLISH, LOST_REPLY)
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    found = await w.settled(part, checkpoint, call)
    assert isinstance(found, Live)
    assert found.ref == w.sim.world.shown()[1].id


async def test_the_number_alone_is_proof(w: World) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    answer = await w.publisher.commit(part, checkpoint, call)
    w.sim.fail(NODE, Failure(status=500), times=0)
    found = await w.publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
    assert found == Live(ref=answer.ref, url=None, proof=Proof.RECEIPT)


async def test_the_first_comment(w: World) -> None:
    live = await w.published(w.part(w.picture()))
    comment = Part(text="More in the link", role=PartRole.COMMENT)
    call = w.call(comment, parents=(live.ref,))
    assert await w.publisher.stage(comment, Checkpoint()) == Ready(checkpoint=Checkpoint())
    answer = await w.publisher.commit(comment, Checkpoint(), call)
    assert isinstance(answer, Receipt)
    assert [r.text for r in w.sim.world.remarks] == ["More in the link"]
    await w.publisher.remove(answer.ref)
    await w.publisher.remove(answer.ref)
    assert w.sim.world.remarks[0].deleted


async def test_a_comment_whose_answer_is_lost(w: World) -> None:
    live = await w.published(w.part(w.picture()))
    comment = Part(text="Lost", role=PartRole.COMMENT)
    call = w.call(comment, parents=(live.ref,))
    assert isinstance(await w.publisher.confirm(comment, Checkpoint(), call), Unclear)
    w.sim.fail(COMMENT, LOST_REPLY)
    with pytest.raises(Uncertain):
        await w.publisher.commit(comment, Checkpoint(), call)
    found = await w.publisher.confirm(comment, Checkpoint(), call)
    assert found == Live(ref={"comment": w.sim.world.remarks[0].id}, url=None, proof=Proof.READ_BACK)
    w.sim.world.remark(w.sim.world.shown()[0], "Lost")
    assert isinstance(await w.publisher.confirm(comment, Checkpoint(), call), Unclear)
    w.sim.fail(COMMENTS, Failure(status=500))
    assert isinstance(await w.publisher.confirm(comment, Checkpoint(), call), Unclear)


async def test_numbers_by_kind_and_what_is_not_known(w: World) -> None:
    picture = await w.published(w.part(w.picture()))
    reel = await w.published(w.part(w.video()))
    story = await w.published(w.part(w.picture(shade=4), kind="story"))
    code = ref_of(picture.url or "")
    w.sim.world.few = True
    found = await w.publisher.measure([picture.ref, reel.ref, story.ref, code, "1800404", {"comment": "1"}])
    full = Metrics(views=812, likes=21, comments=4, shares=5, saves=6, reach=640)
    assert found[str(picture.ref)] == found[str(reel.ref)] == found[str(code)] == full
    assert found[str(story.ref)] == Metrics(likes=3, comments=1)
    assert found["1800404"] == Gone()
    assert str({"comment": "1"}) not in found


async def test_taking_down_is_for_one_door_only(w: World) -> None:
    live = await w.published(w.part(w.picture()))
    with pytest.raises(Unsupported, match="Delete it in the Instagram app"):
        await w.by_login().remove(live.ref)
    await w.publisher.remove(live.ref)
    await w.publisher.remove(live.ref)
    assert w.sim.world.shown() == ()
    other = await w.published(w.part(w.picture(shade=5)))
    await w.publisher.remove(ref_of(other.url or ""))
    assert w.sim.world.shown() == ()


async def test_who_it_is(w: World) -> None:
    for publisher in (
        w.publisher,
        w.by_login(),
        w.account(user_id=""),
        w.account(user_id="", access_token=Secret(USER_TOKEN)),
    ):
        info = await publisher.check()
        assert (info.id, info.handle, info.url) == (
            SIMULATED_ACCOUNT,
            "@acme",
            "https://www.instagram.com/acme/",
        )
        assert (await publisher.facts()).values == {"username": "acme", "quota_usage": 0, "quota_total": 50}


async def test_an_account_that_may_not_publish_is_told_why(w: World) -> None:
    stranger = w.account(door="instagram", access_token=Secret(INSTAGRAM_TOKEN), user_id="1234")
    with pytest.raises(AppMisconfigured, match="`user_id` says"):
        await stranger.check()
    w.sim.personal = True
    with pytest.raises(AppMisconfigured, match="professional accounts only"):
        await w.by_login().check()
    with pytest.raises(AppMisconfigured, match="No Instagram account is linked"):
        await w.account(user_id="", access_token=Secret(USER_TOKEN)).check()
    w.sim.personal = False
    w.sim.gate.tokens[INSTAGRAM_TOKEN].scopes = frozenset({"basic"})
    with pytest.raises(AppMisconfigured, match="permission"):
        await w.by_login().check()
    w.sim.restricted = True
    with pytest.raises(AuthExpired, match="restricted the account"):
        await w.publisher.check()


async def test_a_token_that_ends_halfway_loses_nothing(w: World) -> None:
    part, token = w.part(w.video()), w.sim.gate.tokens[SIMULATED_TOKEN]
    w.sim.world.processing = timedelta(minutes=2)
    step = await w.publisher.stage(part, Checkpoint())
    step = await w.publisher.stage(part, step.checkpoint)
    for state, words in ((460, "password was changed"), (463, "run out"), (467, "withdrawn")):
        token.state = state
        with pytest.raises(AuthExpired, match=words):
            await w.publisher.stage(part, step.checkpoint)
    token.state = 0
    checkpoint = await w.staged(part, checkpoint=step.checkpoint)
    assert (w.sim.count(CREATE), w.sim.count(UPLOAD)) == (1, 1)
    assert isinstance(await w.publisher.commit(part, checkpoint, w.call(part)), Pending)


async def test_secrets_stay_where_they_belong(w: World) -> None:
    w.sim.gate.proof_needed = True
    await w.published(w.part(w.picture()))
    await w.publisher.measure([w.sim.world.shown()[0].id])
    for call in w.sim.calls:
        assert SIMULATED_TOKEN not in call.query
        assert call.headers["authorization"] == f"Bearer {SIMULATED_TOKEN}"
    seen = " ".join(w.log.lines)
    for secret in (SIMULATED_TOKEN, SIMULATED_SECRET, "appsecret_proof", "/m/"):
        assert secret not in seen
    shown = repr((w.settings, w.publisher))
    assert SIMULATED_TOKEN not in shown
    assert SIMULATED_SECRET not in shown


async def test_a_version_that_was_switched_off(w: World) -> None:
    with pytest.raises(AppMisconfigured, match="Set `version`"):
        await w.account(version="v20.0").check()


async def test_a_file_our_server_does_not_give(w: World) -> None:
    picture = w.picture()
    (w.folder / picture.sha256).unlink()
    with pytest.raises(Rejected, match="no longer in the media folder"):
        await w.staged(w.part(picture))
    other = w.picture(shade=9)
    (w.folder / other.sha256).write_bytes(b"something else")
    with pytest.raises(Rejected, match="not the file that was approved"):
        await w.staged(w.part(other))
    assert w.sim.count(CREATE) == 0


async def test_what_instagram_would_not_take_is_not_taken(w: World) -> None:
    """The simulator looks into the files, as Meta does: nobody is told "fine" by a server that is blind."""
    png = w.keep(b"\x89PNG\r\n\x1a\n" + bytes(100), "a.png", mime="image/png", kind=w.picture().kind)
    for media, words in (
        (w.picture(size=(900, 300)), "too tall or too wide"),
        (png, "JPEG"),
        (w.video(seconds=1.0), "cannot read"),
        (w.video(seconds=901.0), "cannot read"),
        (w.video(front=False), "cannot read"),
    ):
        with pytest.raises(Rejected, match=words):
            await w.staged(w.part(media))
    with pytest.raises(Rejected, match="cannot read"):
        await w.staged(w.part(w.video(seconds=61.0), kind="story"))


async def test_without_a_public_address_only_pushed_videos_go(w: World) -> None:
    lonely, part = w.account(reachable=False), w.part(w.picture())
    (found,) = [f for f in lonely.inspect(variant(part), Facts()) if f.level is Level.BLOCK]
    assert (found.code, "public_url" in found.fix) == ("no_public_url", True)
    with pytest.raises(Rejected, match="address of ours"):
        await w.staged(part, lonely)
    video = w.part(replace(w.video(), cover=w.picture()))
    (warned,) = [f for f in lonely.inspect(variant(video), Facts()) if f.level is Level.WARN]
    assert warned.code == "cover_left_out"
    assert (await w.published(video, lonely)).url
    by_login = w.account(reachable=False, door="instagram", access_token=Secret(INSTAGRAM_TOKEN), user_id="")
    assert any(f.code == "no_public_url" for f in by_login.inspect(variant(video), Facts()))


async def test_a_foreign_place_gets_no_token(w: World) -> None:
    w.sim.fail(CREATE, Failure(status=200, body={"id": "179", "uri": "https://evil.example/upload"}))
    await w.published(w.part(w.video()))
    assert w.sim.count(CREATE) == 2
    assert all("evil" not in asked.url for asked in w.http.asked)


async def test_a_list_nobody_may_read_leaves_it_out_without_its_address(w: World) -> None:
    part = w.part(w.picture())
    checkpoint = await w.staged(part)
    call = w.call(part)
    w.sim.fail(PUBLISH, LOST_REPLY)
    w.sim.fail(LIST, Failure(status=403, body={"error": {"code": 10, "message": "no"}}), times=0)
    with pytest.raises(Uncertain):
        await w.publisher.commit(part, checkpoint, call)
    found = await w.settled(part, checkpoint, call)
    assert isinstance(found, Live)
    assert (found.url, found.proof) == (None, Proof.READ_BACK)


def test_a_door_that_is_none() -> None:
    with pytest.raises(ValueError, match="instagram or facebook"):
        InstagramSettings(door="front")


async def test_pushing_a_large_video_takes_little_memory(w: World) -> None:
    """Half of it, then a cut, then the rest; the memory shows none of it."""
    weight, got = 192 << 20, list[int]()

    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        wanted, read = int(head.partition("content-length: ")[2].partition("\r")[0]), 0
        stop = wanted if got else wanted // 2
        while read < stop and (piece := await reader.read(min(1 << 20, stop - read))):
            read += len(piece)
        got.append(read)
        if stop == wanted:
            body = b'{"success":true,"message":"Upload successful."}'
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()
        else:
            writer.transport.abort()

    video = replace(w.video(), sha256="7" * 64, size=weight)
    with (w.folder / video.sha256).open("wb") as file:
        file.truncate(weight)
    server = await asyncio.start_server(sink, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = Client(replace(w.settings, base_url=url), w.deps(links=None))
    process = psutil.Process()
    idle, most = process.memory_info().rss, 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    with pytest.raises(Transient, match="broke off"):
        await client.push(f"{url}/ig-api-upload/1", video, 0)
    answer = await client.push(f"{url}/ig-api-upload/1", video, weight // 2)
    watching.cancel()
    server.close()
    await server.wait_closed()
    assert isinstance(answer, dict)
    assert answer["success"] is True
    assert got == [weight // 2, weight // 2]
    assert most - idle < 64 << 20
