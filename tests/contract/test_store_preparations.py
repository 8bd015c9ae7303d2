"""What has to be made of files, on both databases: taken once, told, found again, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.domain.fitting import Fill, Plan, Sound, Step
from bot.domain.post import Media, MediaKind, Part, Stream, Variant, media_from_json, media_to_json
from bot.domain.preparing import Need, Stage, plan_from_json, plan_to_json
from bot.domain.records import Version
from bot.ports import Tx
from bot.store import SqlStore
from bot.testing.clock import START
from tests.contract.store_rows import at, new, post

PICTURE = Media(sha256="c" * 64, name="cover.jpg", mime="image/jpeg", kind=MediaKind.IMAGE, size=9)
VIDEO = Media(
    sha256="a" * 64,
    name="launch.mp4",
    mime="video/mp4",
    kind=MediaKind.VIDEO,
    size=1000,
    width=640,
    height=360,
    seconds=12.5,
    alt="A “launch” 🚀",
    stream=Stream(container="mp4", video="h264", fps=29.97),
    cover=PICTURE,
    captions=(replace(PICTURE, kind=MediaKind.CAPTIONS, language="de"),),
)
MADE = replace(VIDEO, sha256="b" * 64, origin=VIDEO.sha256, cover=None, captions=())
PLAN = Plan(step=Step.VIDEO, size=(360, 640), fill=Fill.BLUR, end=10.0, sound=Sound.AAC)
NEED = Need(part=0, place=1, source=VIDEO, plan=PLAN)
LONG = timedelta(minutes=10)


def first(tx: Tx) -> int:
    """A post whose only delivery needs one rendition; its preparation's number."""
    kept, (delivery,) = tx.posts.add(post(), [new()])
    tx.preparations.put(kept.id, delivery.id, [NEED])
    return tx.preparations.of_post(kept.id)[0].id


async def test_a_need_comes_back_as_it_was(store: SqlStore) -> None:
    id_ = await store.write(first)
    found = await store.read(lambda tx: tx.preparations.get(id_))
    assert found is not None
    assert (found.need, found.need.key) == (NEED, NEED.key)
    assert (found.stage, found.percent, found.tries, found.made) == (Stage.WAITING, 0, 0, None)
    assert await store.read(lambda tx: tx.preparations.under_way()) == 1
    assert await store.read(lambda tx: tx.preparations.get(id_ + 7)) is None


async def test_it_is_taken_once_and_again_when_its_owner_fell_silent(store: SqlStore) -> None:
    id_ = await store.write(first)

    def take(tx: Tx, owner: str, minutes: float) -> str:
        found = tx.preparations.take(id_, owner=owner, now=at(minutes), until=at(minutes) + LONG)
        return found.owner if found is not None else ""

    assert await store.write(lambda tx: take(tx, "one", 0)) == "one"
    assert await store.write(lambda tx: take(tx, "two", 1)) == ""
    assert await store.read(lambda tx: tx.preparations.next_due(at(9))) is None
    assert await store.write(lambda tx: tx.preparations.step(id_, owner="one", percent=40, until=at(15)))
    assert not await store.write(lambda tx: tx.preparations.step(id_, owner="two", percent=1, until=at(15)))
    assert await store.read(lambda tx: tx.preparations.next_due(at(14))) is None
    assert await store.write(lambda tx: take(tx, "two", 16)) == "two"
    found = await store.read(lambda tx: tx.preparations.get(id_))
    assert found is not None
    assert (found.percent, found.tries, found.until) == (40, 2, at(26))
    assert not await store.write(lambda tx: tx.preparations.step(id_, owner="one", percent=50, until=at(30)))


async def test_one_rendition_serves_everybody_who_needs_it(store: SqlStore) -> None:
    def unit(tx: Tx) -> tuple[int, ...]:
        kept, made = tx.posts.add(post(), [new("acme-x"), new("acme-li"), new("acme-ig")])
        for delivery in made[:2]:
            tx.preparations.put(kept.id, delivery.id, [NEED])
        tx.preparations.put(kept.id, made[2].id, [replace(NEED, plan=replace(PLAN, bits=5))])
        assert tx.preparations.done(NEED.key, MADE, 12.5) == (made[0].id, made[1].id)
        assert tx.preparations.done(NEED.key, MADE, 12.5) == ()
        return tuple(p.percent for p in tx.preparations.of_post(kept.id))

    assert await store.write(unit) == (100, 100, 0)
    found = await store.read(lambda tx: tx.preparations.found([NEED.key, "nothing"]))
    assert found == {NEED.key: (MADE, 12.5)}
    assert await store.read(lambda tx: tx.preparations.found([])) == {}
    assert await store.read(lambda tx: tx.preparations.originals([VIDEO.sha256, "x"])) == {
        VIDEO.sha256: VIDEO
    }
    assert await store.read(lambda tx: tx.preparations.originals([])) == {}


async def test_what_was_stopped_waits_only_when_somebody_says_so(store: SqlStore) -> None:
    id_ = await store.write(first)
    assert await store.write(lambda tx: tx.preparations.stop(id_, Stage.CANCELLED, "cancelled by bob"))
    assert not await store.write(lambda tx: tx.preparations.stop(id_, Stage.FAILED, "too late"))
    assert await store.read(lambda tx: tx.preparations.next_due(at(99))) is None
    assert await store.read(lambda tx: tx.preparations.under_way()) == 0
    assert await store.write(lambda tx: tx.preparations.done(NEED.key, MADE, 1.0)) == ()
    await store.write(lambda tx: tx.preparations.again(id_))
    found = await store.read(lambda tx: tx.preparations.next_due(START))
    assert found is not None
    assert (found.stage, found.said) == (Stage.WAITING, "")


async def test_a_new_set_of_needs_takes_the_place_of_the_old(store: SqlStore) -> None:
    other = replace(NEED, place=0)

    def unit(tx: Tx) -> list[tuple[int, Stage, str]]:
        kept, (delivery,) = tx.posts.add(post(), [new()])
        tx.preparations.put(kept.id, delivery.id, [NEED])
        failing = replace(other, part=1)
        tx.preparations.put(
            kept.id,
            delivery.id,
            [other, failing, replace(NEED, place=5, plan=replace(PLAN, bits=1))],
            made={other.key: (MADE, 2.0)},
            failed={replace(NEED, plan=replace(PLAN, bits=1)).key: "it broke"},
        )
        found = [(p.need.place, p.stage, p.said) for p in tx.preparations.of_post(kept.id)]
        tx.preparations.put(kept.id, delivery.id, [])
        assert tx.preparations.of_post(kept.id) == ()
        return found

    assert await store.write(unit) == [
        (0, Stage.DONE, ""),
        (5, Stage.FAILED, "it broke"),
        (0, Stage.DONE, ""),
    ]


async def test_a_start_puts_back_what_was_at_work(store: SqlStore) -> None:
    id_ = await store.write(first)
    await store.write(lambda tx: tx.preparations.take(id_, owner="dead", now=START, until=at(10)))
    assert await store.write(lambda tx: tx.preparations.put_back("other")) == 0
    assert await store.write(lambda tx: tx.preparations.put_back()) == 1
    assert await store.read(lambda tx: tx.preparations.next_due(START)) is not None


async def test_a_variant_keeps_everything_about_its_files(store: SqlStore) -> None:
    variant = Variant(account="acme-x", platform="demo", parts=(Part(text="hi", media=(VIDEO, MADE)),))
    added = replace(new(), variant=variant)
    kept, (made,) = await store.write(lambda tx: tx.posts.add(post(), [added]))
    version = Version(post_id=kept.id, number=1, author="alice", at=START, wish="now", variants=(variant,))
    await store.write(lambda tx: tx.posts.add_version(version))
    again = await store.read(lambda tx: tx.deliveries.get(made.id))
    assert again is not None
    assert again.variant == variant
    assert (await store.read(lambda tx: tx.posts.versions(kept.id)))[0].variants == (variant,)


@any_of(
    st.builds(
        Plan,
        step=st.sampled_from(Step),
        size=st.none() | st.tuples(st.integers(2, 4000), st.integers(2, 4000)),
        fill=st.sampled_from(Fill),
        sound=st.sampled_from(Sound),
        fps=st.floats(0, 120),
        end=st.none() | st.floats(0, 9999),
        still=st.booleans(),
    )
)
def test_plans_go_through_json(plan: Plan) -> None:
    assert plan_from_json({**plan_to_json(plan), "of a later version": 1}) == plan
    assert media_from_json(media_to_json(VIDEO)) == VIDEO


async def test_the_files_of_all_deliveries_are_named_page_by_page(store: SqlStore) -> None:
    part = Part(text=f"not a file: {'e' * 63}", media=(VIDEO,))
    wanted = [replace(new(), variant=Variant(account="acme-x", platform="x", parts=(part,)))]
    for _ in range(3):
        await store.write(lambda tx: tx.posts.add(post(), wanted))
    after, named = await store.read(lambda tx: tx.preparations.named(0, 2))
    assert named == {VIDEO.sha256, PICTURE.sha256}
    assert after > 0
    assert await store.read(lambda tx: tx.preparations.named(after, 2)) == (0, named)
    assert await store.read(lambda tx: tx.preparations.named(0, 3)) != (0, named)  # perhaps there is more
    assert await store.read(lambda tx: tx.preparations.named(after + 9, 2)) == (0, frozenset())
