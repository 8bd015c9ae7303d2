"""Comments, follow-ups, several pictures and link cards on X and LinkedIn, through the whole bot."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import PartState, State
from bot.domain.post import Link
from bot.ports import MediaStore
from bot.testing.simulator import CUT, LOST_REPLY
from plugins.twitter.failures import FAILURES as X_FAILURES
from tests.integration.breadth_world import LI_COMMENT, MEMBER, PAGE, X_CREATE, Breadth, X, breadth

HOUR = timedelta(hours=1)
FULL = '--comment "First!" --comment-after 10m --follow-up 2h "And now?"'


async def test_everything_is_approved_once_and_goes_out_when_it_should(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        began = world.clock.now()
        a, b = world.picture("a.png"), world.picture("b.png", (9, 9))
        await world.publish(
            f'/post "Launch" --at now --media {a} --media {b} --alt "one" --alt "two (2)" {FULL}'
        )
        await world.wait(timedelta(seconds=30))
        rows = await world.rows()
        assert {row.state for row in rows.values()} == {State.SCHEDULED}
        assert (await world.card()).status == "LIVE, MORE FOLLOWS"
        assert "the comment goes out 09:10" in await world.words(X)
        await world.wait(3 * HOUR)
        assert {row.state for row in (await world.rows()).values()} == {State.LIVE}
        post, comment, later = world.x.posts
        assert [comment.reply_to, later.reply_to] == [post.id, comment.id]
        assert [p.created_at - began for p in world.x.posts] == [timedelta(), HOUR / 6, 2 * HOUR]
        assert [world.x.world.media[i].alt for i in post.media_ids] == ["one", "two (2)"]
        for shown in world.li.posts:
            assert [i["altText"] for i in shown.images] == ["one", "two (2)"]
            assert [c.text for c in world.li.comments if c.post == shown.urn] == ["First!", "And now?"]
        assert len(world.li.posts) == 2
        assert len({v.version for v in await world.votes()}) == 1


async def test_a_follow_up_that_is_late_is_asked_about_and_not_burst(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {X} --at now {FULL}')
        world.clock.advance(10 * HOUR)  # nobody was there
        await world.app.settle()
        row = (await world.rows())[X]
        assert (row.state, world.x.count(X_CREATE)) == (State.PARTIAL, 1)
        assert "too long ago to send unasked" in row.reason
        assert any("stopped half way" in said for said in world.room.texts())
        await world.press("bob", await world.button("Continue"))
        assert [p.text for p in world.x.posts] == ["Launch", "First!"]
        assert (await world.rows())[X].state is State.SCHEDULED  # the rest keeps its distance
        await world.wait(2 * HOUR)
        assert [p.text for p in world.x.posts] == ["Launch", "First!", "And now?"]
        assert world.x.posts[2].created_at - world.x.posts[1].created_at == timedelta(minutes=110)
        assert (await world.rows())[X].state is State.LIVE


async def test_a_follow_up_a_little_late_goes_out(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {X} --at now --follow-up 10h "Evening"')
        world.clock.advance(10 * HOUR + timedelta(minutes=14))
        await world.app.settle()
        assert (await world.rows())[X].state is State.LIVE


async def test_a_post_long_out_is_no_reason_to_hold_its_follow_up(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {PAGE} --at now --follow-up 20d "Three weeks on"')
        await world.wait(timedelta(days=21))
        assert (await world.rows())[PAGE].state is State.LIVE
        assert [c.text for c in world.li.comments] == ["Three weeks on"]


async def test_cancelling_stops_what_follows_and_leaves_what_is_out(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {X} --at now {FULL}')
        await world.say("alice", "/cancel P1")
        await world.wait(5 * HOUR)
        assert ((await world.rows())[X].state, len(world.x.live)) == (State.PARTIAL, 1)


async def test_taking_down_between_two_parts_takes_all_and_sends_no_more(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --at now --to {X},{PAGE} {FULL}')
        await world.wait(timedelta(minutes=20))
        assert len(world.x.live) == 2
        await world.say("bob", "/delete P1")
        await world.wait(5 * HOUR)
        assert {row.state for row in (await world.rows()).values()} == {State.REMOVED}
        assert world.x.live == []
        assert world.li.shown() == ()
        assert all(c.deleted for c in world.li.comments)
        assert len(world.li.comments) == 1


async def test_what_has_begun_can_no_longer_be_changed(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {X} --at now {FULL}')
        assert "partly out" in await world.say("alice", '/edit P1 --comment "Other"')
        assert not any(b.label == "Other time" for b in (await world.card()).buttons)


@pytest.mark.parametrize("failure", [LOST_REPLY, X_FAILURES["created, then 503"]])
async def test_a_comment_whose_answer_is_lost_is_found_and_not_doubled(
    tmp_path: Path, failure: object
) -> None:
    async with breadth(tmp_path) as world:
        world.x.fail(X_CREATE, failure, nth=2)  # type: ignore[arg-type]  # both are failures
        world.li.fail(LI_COMMENT, LOST_REPLY)
        await world.publish(
            f'/post "Launch" --at now --to {X},{PAGE} --comment "First!" --follow-up 1h "More"'
        )
        await world.wait(2 * HOUR)
        for row in (await world.rows()).values():
            assert row.state is State.LIVE
            assert row.parts[1].proof == "read_back"
        assert [p.text for p in world.x.posts] == ["Launch", "First!", "More"]
        assert [c.text for c in world.li.comments] == ["First!", "More"]


async def test_a_members_lost_comment_is_asked_about_and_the_next_waits(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        world.li.fail(LI_COMMENT, LOST_REPLY)
        await world.publish(f'/post "Launch" --at now --to {MEMBER} --comment "First!" --follow-up 1h "More"')
        await world.wait(3 * HOUR)
        row = (await world.rows())[MEMBER]
        assert (row.state, row.wake_at, len(world.li.comments)) == (State.UNCONFIRMED, None, 1)
        assert "nobody read a member's comments" in row.reason


async def test_a_thread_goes_on_at_its_first_missing_part(tmp_path: Path) -> None:
    """T3: a refusal half way leaves what is out, and sends each part once in the end."""
    words = " ".join(f"Sentence {n} is here to be long enough for it." for n in range(12))
    async with breadth(tmp_path) as world:
        for broken in (1, 2, 3):
            before = len(world.x.posts)
            text = f"Story {broken}. {words.replace('here', 'here' * broken)}"
            await world.say("alice", f'/post "{text}" --to {X} --at now --thread --comment "{broken}!"')
            world.x.fail(X_CREATE, X_FAILURES["F16"], nth=broken)
            await world.say("bob", f"/approve P{broken}")
            row = (await world.rows(broken))[X]
            assert row.state is (State.REFUSED if broken == 1 else State.PARTIAL)
            assert sum(p.state is PartState.OUT for p in row.parts) == broken - 1
            await world.say("bob", f"/retry P{broken}")
            row = (await world.rows(broken))[X]
            assert row.state is State.LIVE
            posts = world.x.posts[before:]
            assert len(posts) >= 4
            assert [p.text for p in posts] == [p.text for p in row.variant.parts]
            assert [p.reply_to for p in posts[1:]] == [p.id for p in posts[:-1]]


async def test_an_outage_between_the_parts_costs_nothing(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --to {X} --at now --comment "First!" --comment-after 10m')
        world.x.fail(X_CREATE, CUT)
        world.wall.down = True
        await world.wait(timedelta(minutes=10, seconds=20))
        assert "could not be reached" in await world.words(X)
        world.wall.down = False
        world.x.heal()
        await world.wait(timedelta(minutes=5))
        assert (await world.rows())[X].state is State.LIVE
        assert [p.text for p in world.x.posts] == ["Launch", "First!"]


async def test_edits_of_extras_are_shown_and_asked_about(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Launch" --at "in 3h" {FULL}')
        before = await world.rows()
        preview = await world.say("alice", "/preview P1")
        assert "— comment, 10 minutes after the part before it —" in preview
        assert "— follow-up, 1 hour 50 minutes after the part before it —" in preview
        said = await world.say("alice", '/edit P1 --comment "Second!"')
        assert "no longer covers it" in said
        rows = await world.rows()
        assert {r.state for r in rows.values()} == {State.IN_REVIEW}
        for name, row in rows.items():
            assert [p.text for p in row.variant.parts] == ["Launch", "Second!", "And now?"]
            assert [p.after for p in row.variant.parts] == [p.after for p in before[name].variant.parts]
        await world.say("alice", "/edit P1 --comment-after 1h")
        assert [p.after for p in (await world.rows())[X].variant.parts] == [0, 3600, 3600]
        assert any("part 2: 10 min later → 1 h later" in text for text in world.room.texts())
        await world.say("alice", '/edit P1 --follow-up 0s "" --comment ""')
        assert [p.text for p in (await world.rows())[X].variant.parts] == ["Launch"]
        await world.say("alice", '/edit P1 "Launched" --follow-up 3d "Again"')
        assert [p.text for p in (await world.rows())[PAGE].variant.parts] == ["Launched", "Again"]


class OnePage:
    """A web with one page on it."""

    def __init__(self, card: Link, note: str = "") -> None:
        self.answer = card, note

    async def card(self, url: str, media: MediaStore) -> tuple[Link, str]:
        card, note = self.answer
        return replace(card, url=url), note


async def with_thumbnail(world: Breadth) -> Link:
    image = await world.app.services.media.add(Path(world.picture("card.png", (30, 20))))
    return Link(url="", title="Why (we built it)", description="A story", image=image)


async def test_a_link_is_a_card_on_linkedin_and_text_on_x(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        pages = OnePage(await with_thumbnail(world))
        object.__setattr__(world.app.services, "pages", pages)
        await world.say("alice", f'/post "Read why" --at now --to {X},{PAGE} --link example.com/why')
        shown = await world.say("alice", "/preview P1")
        assert shown.count("[link card: Why (we built it), picture: card.png, https://example.com/why]") == 1
        text = (await world.card()).text
        assert "🔗 Why (we built it) · https://example.com/why" in text
        await world.say("bob", "/approve P1")
        await world.wait(timedelta(minutes=1))
        assert [p.text for p in world.x.posts] == ["Read why\n\nhttps://example.com/why"]
        (post,) = world.li.shown()
        thumbnail = post.article["thumbnail"]
        assert post.article == {
            "source": "https://example.com/why",
            "title": "Why (we built it)",
            "description": "A story",
            "thumbnail": thumbnail,
        }
        assert world.li.images[thumbnail].content.startswith(b"\x89PNG")
        assert post.rendered == "Read why"
        assert {r.state for r in (await world.rows()).values()} == {State.LIVE}


async def test_pictures_win_over_the_card(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        object.__setattr__(world.app.services, "pages", OnePage(Link(url="", title="Why")))
        await world.publish(
            f'/post "Look" --at now --to {PAGE} --link https://example.com/a --media {world.picture("a.png")}'
        )
        await world.wait(timedelta(minutes=1))
        (post,) = world.li.shown()
        assert (post.rendered, post.article) == ("Look\n\nhttps://example.com/a", {})


async def test_a_page_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        object.__setattr__(world.app.services, "pages", OnePage(Link(url="", title="example.com"), "away"))
        await world.say("alice", f'/post "Look" --at now --to {PAGE} --link https://example.com/why')
        assert "could not be read" in await world.words(PAGE)
        await world.say("bob", "/approve P1")
        (post,) = world.li.shown()
        assert post.article == {"source": "https://example.com/why", "title": "example.com"}
        await world.say("alice", f'/post "" --at now --to {PAGE} --link ftp://example.com')
        assert len(await world.rows(2)) == 0


BAD = (
    ("--comment-after 10m", "needs a comment"),
    ('--comment "x" --comment-after soon', "no span of time"),
    ('--follow-up 0m "x"', "later than the post"),
    ('--follow-up 40d "x"', "at most 30 days"),
    ('--follow-up 60m "x" --follow-up 1h "y"', "same time"),
    ("--link javascript:alert(1)", "no address of a web page"),
    ("--link https://user:secret@example.com", "name or a password"),
    ('--alt "x"', "1 descriptions (--alt) for no files"),
)


async def test_what_cannot_be_meant_is_said(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        for line, words in BAD:
            said = await world.say("alice", f'/post "Launch" --at now {line}')
            assert words in said
            assert "secret" not in said
        assert await world.rows() == {}


async def test_a_rehearsal_reads_the_page_and_keeps_nothing(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:

        class Painter(OnePage):
            async def card(self, url: str, media: MediaStore) -> tuple[Link, str]:
                image = await media.add(Path(world.picture("card.png", (30, 20))))
                return Link(url=url, title="Why", image=image), ""

        object.__setattr__(world.app.services, "pages", Painter(Link(url="")))
        await world.say("alice", f'/post "Look" --to {PAGE} --at now --link demo.example/why --dry-run')
        assert await world.rows() == {}
        assert not (tmp_path / "media").exists()
        assert world.li.posts == []


FATES = (None, None, CUT, LOST_REPLY, X_FAILURES["F3"], X_FAILURES["F21"], X_FAILURES["created, in html"])


async def test_whatever_happens_no_part_comes_twice_or_too_early(tmp_path: Path) -> None:
    """Random delays and answers of X, people who say what is true: each part once, and in its distance."""
    dice = random.Random(20_261_121)
    async with breadth(tmp_path) as world:
        for number in range(1, 5):
            delays = sorted(dice.sample(range(1, 300), 3))
            later = " ".join(f'--follow-up {m}m "{number}: after {m}"' for m in delays[1:])
            await world.say(
                "alice",
                f'/post "{number}: now" --to {X} --at now --comment "{number}: first" '
                f"--comment-after {delays[0]}m {later}",
            )
            for nth in range(1, 8):
                if (fate := dice.choice(FATES)) is not None:
                    world.x.fail(X_CREATE, fate, nth=nth)
            await world.say("bob", f"/approve P{number}")
            for _ in range(12):
                await world.wait(timedelta(minutes=dice.choice([10, 60, 180])))
                row = (await world.rows(number))[X]
                if row.state is State.UNCONFIRMED and row.wake_at is None:
                    # F21 creates nothing, and a look at the timeline is what a person would do
                    await world.say("bob", f"/confirm P{number} not")
                elif row.state is State.PARTIAL:
                    await world.say("bob", f"/retry P{number}")
                elif row.state is State.LIVE:
                    break
            assert row.state is State.LIVE
            world.x.heal()
            mine = [p for p in world.x.posts if p.text.startswith(f"{number}:")]
            assert [p.text for p in mine] == [p.text for p in row.variant.parts]
            assert [p.reply_to for p in mine[1:]] == [p.id for p in mine[:-1]]
            for before, after, part in zip(mine, mine[1:], row.variant.parts[1:], strict=False):
                assert after.created_at - before.created_at >= timedelta(seconds=part.after)
