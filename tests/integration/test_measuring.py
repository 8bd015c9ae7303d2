"""Numbers of posts, from a platform's own answer to our rows: exact, aged, never made up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.domain.platform import Metrics, Proof
from bot.services.measuring.outcomes import outcomes, series
from bot.services.measuring.rounds import hand_out
from tests.integration.breadth_world import Breadth, X, breadth

MINUTE = timedelta(minutes=1)


async def look(world: Breadth, after: timedelta) -> None:
    """Let time pass and everything that is due be read."""
    world.clock.advance(after)
    await hand_out(world.app.services)
    await world.app.services.engine.idle()
    await world.app.settle()


async def test_numbers_are_read_exactly_and_prove_that_it_is_there(tmp_path: Path) -> None:
    async with breadth(tmp_path) as world:
        await world.publish(f'/post "Count me" --to {X} --at now')
        assert (await world.row()).parts[0].proof is Proof.RECEIPT
        (post,) = world.x.posts
        post.metrics.update(
            impression_count=918, like_count=22, reply_count=0, retweet_count=3, quote_count=1
        )
        await look(world, 14 * MINUTE)
        assert await series(world.app.services, 1) == ()
        await look(world, MINUTE)
        (snapshot,) = await series(world.app.services, 1)
        assert snapshot.at == world.clock.now()
        assert snapshot.metrics == Metrics(views=918, likes=22, comments=0, shares=4)
        assert (await world.row()).parts[0].proof is Proof.READ_BACK
        assert "read back" in await world.words(X)
        (found,) = await outcomes(world.app.services, "acme")
        assert (found.engagement, found.views, found.content_type) == (26, 918, "text")
