"""The LinkedIn publisher over real HTTP: one create, its proof, and the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.config import Secret
from bot.domain.platform import (
    Checkpoint,
    Gone,
    Live,
    Metrics,
    More,
    Pending,
    Proof,
    Ready,
    Refused,
    Unclear,
    Wait,
)
from bot.domain.post import Part
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
    Unsupported,
)
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.linkedin.gate import MEMBER_TOKEN
from plugins.linkedin.simulated import SELF_SERVE
from plugins.linkedin.simulator import FAILURES
from tests.integration.linkedin_world import CREATE, FIND, PAGE, PERSON, PNG, World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = "Release 4.2 is out (faster builds) #ci — C:\\new <b> a|b ~ [x] {y} *z* _u_ @home 😀"
PART = Part(text=TEXT)


@pytest.fixture
async def li() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_a_text_goes_out_once_as_it_was_written(li: World) -> None:
    receipt = await li.published(PART)
    (post,) = li.sim.posts
    assert (post.author, post.rendered) == (PAGE, TEXT)
    assert receipt.ref == post.urn
    assert receipt.url == f"https://www.linkedin.com/feed/update/{post.urn}/"
    (call,) = (c for c in li.sim.calls if c.endpoint == CREATE)
    assert call.headers["linkedin-version"] == "202609"
    assert call.headers["x-restli-protocol-version"] == "2.0.0"
    assert call.headers["authorization"] == "Bearer simulated-page-token"
    assert call.json() == {
        "author": PAGE,
        "commentary": post.commentary,
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


async def test_an_image_is_uploaded_in_steps_that_survive_a_crash(li: World) -> None:
    li.sim.shelf.processing = timedelta(seconds=5)
    part = Part(text="Look", media=(li.files.put(PNG, alt="A chart [of builds]"),))
    checkpoint, kinds = Checkpoint(), []
    while True:
        step = await li.account().stage(part, checkpoint)  # a new process each time
        kinds.append(type(step))
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            break
        if isinstance(step, Wait):
            li.clock.advance(step.until - li.clock.now())
    assert kinds == [More, More, Wait, Wait, Ready]
    receipt = await li.publisher.commit(part, checkpoint, li.call(part))
    (post,) = li.sim.posts
    assert post.image is not None
    assert li.sim.images[post.image].content == PNG
    assert li.sim.images[post.image].mime == "image/png"
    assert post.alt == "A chart [of builds]"  # alt text is plain, never escaped
    assert receipt.ref == post.urn
    assert len(li.sim.images) == 1


async def test_a_member_posts_as_whoever_the_token_belongs_to(li: World) -> None:
    publisher = li.member()
    part = Part(text="Mine", media=(li.files.put(PNG),))
    before = li.clock.now()
    await li.published(part, publisher)
    (post,) = li.sim.posts
    assert post.author == PERSON
    assert post.alt is None
    assert li.clock.now() - before == timedelta(seconds=3)  # it may not look at the image, so it waits
    assert li.sim.count("GET /v2/userinfo") == 1


async def test_check_proves_more_than_the_token(li: World) -> None:
    info = await li.publisher.check()
    assert (info.id, info.url) == (PAGE, "https://www.linkedin.com/company/2414183/")
    me = await li.member().check()
    assert (me.id, me.title) == (PERSON, "Ada Example")
    assert li.sim.posts == []
    with pytest.raises(AppMisconfigured, match="202511"):
        await li.account(version="202511").check()
    with pytest.raises(AppMisconfigured, match="202512"):
        await li.member(version="202512").check()
    with pytest.raises(AuthExpired):
        await li.account(access_token=Secret("wrong")).check()


async def test_check_says_whether_role_or_permission_is_missing(li: World) -> None:
    li.sim.gate.roles.clear()
    with pytest.raises(AppMisconfigured, match="no posting role"):
        await li.publisher.check()
    li.sim.gate.tokens["other"] = replace(li.sim.gate.tokens["simulated-page-token"], scopes=SELF_SERVE)
    with pytest.raises(AppMisconfigured, match="w_organization_social"):
        await li.account(access_token=Secret("other")).check()


async def test_facts_know_the_last_day_of_the_version(li: World) -> None:
    facts = await li.publisher.facts()
    assert facts.values == {"version": "202609", "sunset": "2027-09-15", "days_left": 298}
    assert facts.expires_at is not None
    assert facts.expires_at > li.clock.now()


REFUSED_BEFORE_ANYTHING = [
    ("L-F1", Rejected),
    ("L-F2", AppMisconfigured),
    ("L-F3", AppMisconfigured),
    ("L-F4", AuthExpired),
    ("L-F5", AuthExpired),
    ("L-F6", AuthExpired),
    ("L-F7", AuthExpired),
    ("L-F8", AppMisconfigured),
    ("L-F9", RateLimited),
    ("L-F10", Transient),
    ("L-F11", Rejected),
    ("L-F12", Rejected),
    ("L-F13", Rejected),
    ("L-F14", Rejected),
    ("L-F15", Rejected),
]
OPEN = ["L-F16", "L-F16 created", "L-F17", "L-F17 empty", "L-F20", "999", "cut"]


@pytest.mark.parametrize(("name", "kind"), REFUSED_BEFORE_ANYTHING)
async def test_a_refusal_of_the_create(li: World, name: str, kind: type[PublishError]) -> None:
    li.sim.fail(CREATE, FAILURES[name])
    with pytest.raises(kind):
        await li.publisher.commit(PART, Checkpoint(), li.call(PART))
    assert li.sim.posts == []
    assert li.sim.count(CREATE) == 1


@pytest.mark.parametrize("name", OPEN)
async def test_an_open_create_is_never_called_failed_and_never_repeated(li: World, name: str) -> None:
    li.sim.fail(CREATE, FAILURES[name])
    call = li.call(PART)
    with pytest.raises(Uncertain):
        await li.publisher.commit(PART, Checkpoint(), call)
    assert li.sim.count(CREATE) == 1
    li.clock.advance(10)
    outcome = await li.account().confirm(PART, Checkpoint(), call)
    if FAILURES[name].effect:
        assert outcome == Live(ref=li.sim.posts[0].urn, url=_url(li.sim.posts[0].urn), proof=Proof.READ_BACK)
    else:
        assert isinstance(outcome, Unclear)
        assert outcome.look_at == "https://www.linkedin.com/company/2414183/posts/"
    assert li.sim.count(CREATE) == 1


async def test_created_without_a_name_is_out_and_unknown(li: World) -> None:
    li.sim.fail(CREATE, Failure(status=201, effect=True))
    call = li.call(PART)
    with pytest.raises(Uncertain, match="may be out"):
        await li.publisher.commit(PART, Checkpoint(), call)
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), call), Live)


async def test_the_other_header_names_it_too(li: World) -> None:
    li.sim.fail(CREATE, Failure(status=201, headers={"x-linkedin-id": "urn%3Ali%3Ashare%3A5"}))
    receipt = await li.publisher.commit(PART, Checkpoint(), li.call(PART))
    assert receipt.ref == "urn:li:share:5"


async def test_nobody_home_created_nothing(li: World) -> None:
    publisher = li.account(base_url="http://127.0.0.1:9")
    with pytest.raises(Transient):
        await publisher.commit(PART, Checkpoint(), li.call(PART))


@pytest.mark.parametrize("failure", [CUT, FAILURES["L-F16"], FAILURES["L-F17"], FAILURES["999"]])
async def test_uploads_and_reads_may_be_asked_again(li: World, failure: Failure) -> None:
    part = Part(text="Look", media=(li.files.put(PNG, alt="x"),))
    upload = "PUT /dms-uploads/sp/v2/{image}/uploaded-image/0"
    checkpoint = Checkpoint()
    for endpoint in ("POST /rest/images", upload, "GET /rest/images/{urn}"):
        li.sim.fail(endpoint, failure)
        with pytest.raises(Transient):
            await li.publisher.stage(part, checkpoint)
        step = await li.publisher.stage(part, checkpoint)
        checkpoint = step.checkpoint
    assert isinstance(step, Ready)
    li.sim.fail(FIND, failure)
    with pytest.raises(Transient):
        await li.publisher.confirm(part, checkpoint, li.call(part))


async def test_a_place_that_is_gone_is_asked_for_once_more(li: World) -> None:
    upload = "PUT /dms-uploads/sp/v2/{image}/uploaded-image/0"
    part = Part(text="Look", media=(li.files.put(PNG),))
    li.sim.fail(upload, FAILURES["L-F21"])
    await li.published(part)
    assert len(li.sim.images) == 2
    li.sim.fail(upload, FAILURES["L-F21"], times=0)
    with pytest.raises(Rejected, match="would not take the image"):
        await li.staged(part)
    assert len(li.sim.images) == 4


async def test_an_image_that_cannot_be_processed(li: World) -> None:
    li.sim.shelf.broken = True
    with pytest.raises(Rejected, match="could not process"):
        await li.staged(Part(text="Look", media=(li.files.put(PNG),)))
    assert len(li.sim.images) == 2


async def test_an_image_that_takes_for_ever(li: World) -> None:
    li.sim.shelf.processing = timedelta(days=1)
    part = Part(text="Look", media=(li.files.put(PNG),))
    with pytest.raises(AssertionError, match="does not end"):
        await li.staged(part)  # a minute later it is still waited for
    checkpoint = Checkpoint(
        data={
            "files": [
                {"urn": next(iter(li.sim.images)), "uploaded_at": li.clock.now().isoformat(), "round": 2}
            ]
        }
    )
    li.clock.advance(120)
    with pytest.raises(Transient, match="too long"):
        await li.publisher.stage(part, checkpoint)
    li.clock.advance(timedelta(days=2))
    assert isinstance(await li.publisher.stage(part, checkpoint), Ready)


async def test_an_image_not_ready_at_the_create_is_waited_for(li: World) -> None:
    li.sim.shelf.processing = timedelta(seconds=30)
    part = Part(text="Mine", media=(li.files.put(PNG),))
    publisher = li.member()
    checkpoint = await li.staged(part, publisher)
    with pytest.raises(Transient, match="working on the file"):
        await publisher.commit(part, checkpoint, li.call(part))
    li.clock.advance(30)
    await publisher.commit(part, checkpoint, li.call(part))
    assert len(li.sim.posts) == 1


async def test_the_token_goes_only_to_linkedin(li: World) -> None:
    part = Part(text="Look", media=(li.files.put(PNG),))
    elsewhere = Checkpoint(
        data={
            "files": [
                {
                    "urn": "urn:li:image:1",
                    "upload_url": li.sim.url.replace("127.0.0.1", "localhost"),
                    "round": 2,
                }
            ]
        }
    )
    with pytest.raises(PublishError):
        await li.publisher.stage(part, elsewhere)
    assert "authorization" not in li.sim.calls[-1].headers


async def test_throttled_without_a_word_about_when(li: World) -> None:
    li.sim.gate.member_quota = 1
    await li.published(Part(text="first"))
    waits = []
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            await li.publisher.commit(PART, Checkpoint(), li.call(PART))
        waits.append(caught.value.until - li.clock.now())
        li.clock.advance(waits[-1])
    assert waits == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    li.clock.advance(timedelta(hours=15))  # past 00:00 UTC
    await li.published(PART)
    assert [p.rendered for p in li.sim.posts] == ["first", TEXT]


async def test_throttled_with_a_word_about_when(li: World) -> None:
    li.sim.fail(CREATE, Failure(status=429, headers={"retry-after": "17"}, body=b"<html>slow down</html>"))
    with pytest.raises(RateLimited) as caught:
        await li.publisher.commit(PART, Checkpoint(), li.call(PART))
    assert caught.value.until == li.clock.now() + timedelta(seconds=17)


async def test_a_repeat_is_refused_and_named(li: World) -> None:
    first = await li.published(PART)
    with pytest.raises(Rejected, match=str(first.ref)) as caught:
        await li.publisher.commit(PART, Checkpoint(), li.call(PART))
    assert caught.value.code == "duplicate"
    li.clock.advance(timedelta(minutes=10))
    await li.published(PART)
    assert len(li.sim.posts) == 2


async def test_confirm_takes_one_match_and_no_guess(li: World) -> None:
    li.clock.advance(timedelta(days=1))
    await li.published(Part(text="Another text"))
    call = li.call(PART)
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), call), Unclear)
    await li.published(PART)
    li.clock.advance(timedelta(minutes=11))
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), call), Live)
    later = li.call(PART)
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), later), Unclear)  # that one is older
    await li.published(PART)
    twice = await li.publisher.confirm(PART, Checkpoint(), call)
    assert isinstance(twice, Unclear)
    assert "2 posts" in twice.why


async def test_confirm_knows_another_image(li: World) -> None:
    theirs = Part(text="Look", media=(li.files.put(PNG),))
    await li.published(theirs)
    ours = Part(text="Look", media=(li.files.put(PNG + b"!"),))
    checkpoint = await li.staged(ours)
    assert isinstance(await li.publisher.confirm(ours, checkpoint, li.call(ours)), Unclear)
    assert isinstance(await li.publisher.confirm(Part(text="Look"), Checkpoint(), li.call(ours)), Unclear)


async def test_the_query_goes_out_as_it_was_written(li: World) -> None:
    await li.publisher.confirm(PART, Checkpoint(), li.call(PART))
    assert li.sim.calls[-1].headers["x-restli-method"] == "FINDER"
    assert li.sim.count(FIND) == 1  # the simulator refuses a URN that is not encoded


async def test_confirm_of_a_named_post(li: World) -> None:
    receipt = await li.published(PART)
    ref = str(receipt.ref)
    assert await li.publisher.confirm(PART, Checkpoint(), li.call(PART, ref=ref)) == Live(
        ref=ref, url=_url(ref), proof=Proof.READ_BACK
    )
    assert not [line for line in li.log.lines if line[0] == "warning"]
    await li.publisher.confirm(Part(text="cut here"), Checkpoint(), li.call(PART, ref=ref))
    assert [line[1] for line in li.log.lines if line[0] == "warning"] == ["linkedin.text_differs"]
    await li.publisher.remove(ref)
    gone = await li.publisher.confirm(PART, Checkpoint(), li.call(PART, ref=ref))
    assert isinstance(gone, Unclear)
    assert gone.look_at == _url(ref)


async def test_a_late_failure_is_refused_and_a_late_success_waited_for(li: World) -> None:
    li.sim.fail_late = True
    receipt = await li.published(PART)
    named = li.call(PART, ref=str(receipt.ref))
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), named), Refused)
    assert isinstance(await li.publisher.confirm(PART, Checkpoint(), li.call(PART)), Refused)
    li.sim.posts[0].lifecycle = "PUBLISH_REQUESTED"
    pending = await li.publisher.confirm(PART, Checkpoint(), named)
    assert isinstance(pending, Pending)
    assert pending.check_at > li.clock.now()


async def test_nobody_may_read_a_member(li: World) -> None:
    publisher = li.member()
    li.sim.fail(CREATE, LOST_REPLY)
    call = li.call(PART)
    with pytest.raises(Uncertain):
        await publisher.commit(PART, Checkpoint(), call)
    outcome = await publisher.confirm(PART, Checkpoint(), call)
    assert isinstance(outcome, Unclear)
    assert outcome.look_at.startswith("https://www.linkedin.com/in/")
    assert li.sim.count(CREATE) == 1
    # a URN LinkedIn gave us is its receipt, readable or not
    ref = li.sim.posts[0].urn
    named = await publisher.confirm(PART, Checkpoint(), replace(call, ref=ref))
    assert named == Live(ref=ref, url=_url(ref), proof=Proof.RECEIPT)


@pytest.mark.parametrize("effect", [True, False])
async def test_the_probe_of_who_opted_in(li: World, effect: bool) -> None:
    publisher = li.member(resend_when_absent=True)
    li.sim.fail(CREATE, Failure(effect=effect, drop=True))
    call = li.call(PART)
    with pytest.raises(Uncertain):
        await publisher.commit(PART, Checkpoint(), call)
    li.clock.advance(10)
    outcome = await publisher.confirm(PART, Checkpoint(), call)
    (post,) = li.sim.posts
    assert outcome == Live(ref=post.urn, url=_url(post.urn), proof=Proof.RECEIPT)
    first, second = (c.body for c in li.sim.calls if c.endpoint == CREATE)
    assert first == second


async def test_the_probe_is_sent_once_and_not_too_late(li: World) -> None:
    publisher = li.member(resend_when_absent=True)
    call = li.call(PART)
    li.sim.fail(CREATE, FAILURES["L-F9"])
    with pytest.raises(RateLimited):
        await publisher.confirm(PART, Checkpoint(), call)  # surely nothing: not yet a probe
    li.sim.fail(CREATE, LOST_REPLY)
    assert isinstance(await publisher.confirm(PART, Checkpoint(), call), Unclear)
    assert isinstance(await publisher.confirm(PART, Checkpoint(), call), Unclear)
    assert li.sim.count(CREATE) == 2
    other = replace(call, key="other")
    li.clock.advance(timedelta(minutes=10))
    assert isinstance(await publisher.confirm(PART, Checkpoint(), other), Unclear)
    assert li.sim.count(CREATE) == 2


async def test_the_probe_does_not_adopt_a_ghost(li: World) -> None:
    publisher = li.account(resend_when_absent=True)
    li.sim.ghosts = True
    old = await li.published(PART)
    await publisher.remove(old.ref)
    li.clock.advance(timedelta(hours=3))
    outcome = await publisher.confirm(PART, Checkpoint(), li.call(PART))
    assert isinstance(outcome, Unclear)
    assert li.sim.shown() == ()


async def test_the_probe_does_not_adopt_an_older_post(li: World) -> None:
    publisher = li.account(resend_when_absent=True)
    await li.published(PART)
    li.clock.advance(timedelta(minutes=5))
    outcome = await publisher.confirm(PART, Checkpoint(), li.call(PART))
    assert isinstance(outcome, Unclear)
    assert "older post" in outcome.why


async def test_removing_twice_is_fine(li: World) -> None:
    receipt = await li.published(PART)
    await li.publisher.remove(receipt.ref)
    assert li.sim.shown() == ()
    await li.publisher.remove(receipt.ref)
    await li.publisher.remove("urn:li:share:1")
    li.sim.fail("DELETE /rest/posts/{urn}", CUT)
    with pytest.raises(Transient):
        await li.publisher.remove(receipt.ref)


async def test_another_consent_ends_the_token(li: World) -> None:
    li.sim.gate.consent("AbC123", "new-token", SELF_SERVE)
    with pytest.raises(AuthExpired, match="revoked"):
        await li.publisher.commit(PART, Checkpoint(), li.call(PART))
    await li.published(PART, li.account(access_token=Secret("new-token"), author=""))


COUNTS = {
    "impressionCount": 918,
    "uniqueImpressionsCount": 640,
    "clickCount": 17,
    "likeCount": 22,
    "commentCount": 1,
    "shareCount": 3,
}
READ = Metrics(impressions=918, reach=640, clicks=17, likes=22, comments=1, shares=3)


async def test_a_pages_numbers_are_told_exactly(li: World) -> None:
    """Some with activity, one without, one taken down, one of nobody."""
    urns = [str((await li.published(Part(text=f"number {n}"))).ref) for n in range(3)]
    li.sim.posts[0].counts.update(COUNTS)
    await li.publisher.remove(urns[2])
    nothing = Metrics(impressions=0, reach=0, clicks=0, likes=0, comments=0, shares=0)
    assert await li.publisher.measure([*urns, "urn:li:comment:(urn:li:share:1,2)"]) == {
        urns[0]: READ,
        urns[1]: nothing,
        urns[2]: Gone(),
    }
    many = await li.publisher.measure([f"urn:li:share:{n}" for n in range(45)])
    assert (len(many), set(many.values())) == (45, {Gone()})
    assert await li.publisher.measure([]) == {}


async def test_below_zero_is_no_number(li: World) -> None:
    urn = str((await li.published(PART)).ref)
    li.sim.posts[0].counts.update(COUNTS | {"likeCount": -1})
    assert await li.publisher.measure([urn]) == {urn: replace(READ, likes=None)}


async def test_who_may_not_read_numbers_is_told_so(li: World) -> None:
    li.sim.gate.roles[("AbC123", PAGE)] = "CONTENT_ADMIN"
    with pytest.raises(Unsupported, match="rw_organization_admin"):
        await li.publisher.measure(["urn:li:share:1"])
    member = li.account(access_token=Secret(MEMBER_TOKEN), author="")
    receipt = await li.published(PART, member)
    with pytest.raises(Unsupported, match="r_member_postAnalytics"):
        await member.measure([receipt.ref])


async def test_a_members_numbers_where_the_app_may_read_them(li: World) -> None:
    token = li.sim.gate.tokens[MEMBER_TOKEN]
    token.scopes |= {"r_member_postAnalytics"}
    member = li.account(access_token=Secret(MEMBER_TOKEN), author="")
    receipt = await li.published(PART, member)
    li.sim.posts[0].counts.update(COUNTS)
    found = await member.measure([receipt.ref, "urn:li:share:1"])
    assert found == {receipt.ref: replace(READ, clicks=None), "urn:li:share:1": Gone()}


async def test_no_secret_is_ever_said(li: World) -> None:
    said: list[Any] = [li.publisher, li.settings]
    for name in FAILURES:
        li.sim.fail(CREATE, FAILURES[name])
        try:
            await li.publisher.commit(PART, Checkpoint(), li.call(PART))
        except PublishError as error:
            said += [error, error.detail]
    said.append(li.log.lines)
    assert "simulated-page-token" not in repr(said)


def _url(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}/"
