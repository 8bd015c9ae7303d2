"""X's own OpenAPI document judges what our publisher sends and what the simulated X answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.api import Call, Checkpoint, Deps, MediaKind, Part, Publisher, Ready, Receipt, Ref, Wait
from bot.domain.post import part_hash
from bot.http import HttpClient
from bot.testing.clock import FakeClock
from plugins.twitter.settings import TwitterSettings
from plugins.twitter.simulator import TwitterSimulator
from tests.integration.prism import Witness, part_of, prism
from tests.integration.twitter_world import Files, Lines, platform

SPEC = Path(__file__).parents[2].parent / "shared" / "specs" / "x-openapi.json"
PATHS = (
    "/2/tweets",
    "/2/tweets/{id}",
    "/2/users/me",
    "/2/users/{id}/tweets",
    "/2/media/upload",
    "/2/media/upload/initialize",
    "/2/media/upload/{id}/append",
    "/2/media/upload/{id}/finalize",
    "/2/media/metadata",
    "/2/media/subtitles",
)
pytestmark = pytest.mark.skipif(not SPEC.exists(), reason="X's OpenAPI document is not here")


class Bearer:
    """The token of a connected account. The document knows OAuth 1.0a's keys by name only."""

    async def bearer(self) -> str:
        return "user-token"

    async def renewed(self, token: str) -> str:
        raise AssertionError("the token is good")

    async def scopes(self) -> frozenset[str]:
        return frozenset({"tweet.read", "tweet.write", "users.read", "media.write"})


class Judged:
    """A publisher whose every exchange goes through Prism."""

    def __init__(self, url: str, sim: TwitterSimulator, http: HttpClient, clock: FakeClock) -> None:
        self.sim, self.clock, self.files = sim, clock, Files()
        self.witness = Witness(http)
        settings = TwitterSettings(base_url=url, handle="example_rel", fields_param="post.fields")
        deps = Deps(
            http=self.witness,
            clock=clock,
            media=self.files,
            log=Lines(),
            tokens=Bearer(),
        )
        self.publisher: Publisher = platform().connect(settings, deps)

    def call(self, part: Part, *parents: Ref, ref: Ref | None = None) -> Call:
        return Call(
            key="k", started_at=self.clock.now(), request_hash=part_hash(part), ref=ref, parents=parents
        )

    async def publish(self, part: Part, *parents: Ref) -> Receipt:
        checkpoint = Checkpoint()
        while not isinstance(step := await self.publisher.stage(part, checkpoint), Ready):
            checkpoint = step.checkpoint
            if isinstance(step, Wait):
                self.clock.advance(step.until - self.clock.now())
        answer = await self.publisher.commit(part, step.checkpoint, self.call(part, *parents))
        assert isinstance(answer, Receipt)
        return answer


@asynccontextmanager
async def judged(folder: Path) -> AsyncIterator[Judged]:
    clock, http = FakeClock(), HttpClient()
    sim = TwitterSimulator(clock)
    sim.account.bearer, sim.vocabulary, sim.strict_fields = "user-token", "new", True
    try:
        async with sim.running(), prism(part_of(SPEC, folder, PATHS), sim.url) as url:
            yield Judged(url, sim, http, clock)
    finally:
        await http.aclose()


def pictures(x: Judged) -> Part:
    """Files of plain ASCII: Prism hands bodies on as UTF-8 text, which would damage a real picture."""
    return Part(text="Two", media=tuple(x.files.put(n * 300, alt="A picture") for n in (b"one", b"two")))


def film(x: Judged) -> Part:
    words = x.files.put(b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", mime="text/plain")
    video = x.files.put(b"film" * 300_000, kind=MediaKind.VIDEO, mime="video/mp4")
    captions = (replace(words, kind=MediaKind.CAPTIONS, name="en.srt", language="en-GB"),)
    cover = x.files.put(b"cover" * 9)
    options = {
        "made_with_ai": True,
        "paid_partnership": True,
        "reply_settings": "mentionedUsers",
        "community_id": "1493446837214187523",
    }
    film = replace(video, seconds=12.0, cover=cover, captions=captions)
    return Part(text="Look: example.com/why", media=(film,), options=options)


async def test_everything_our_publisher_says_and_hears_is_in_xs_document(tmp_path: Path) -> None:
    """And Prism would have told: of a body that the document forbids, of an answer that it does not know."""
    async with judged(tmp_path) as x:
        assert (await x.publisher.check()).handle == "@example_rel"
        text = await x.publish(Part(text="Hello & welcome"))
        two = await x.publish(pictures(x))
        reply = await x.publish(Part(text="And a thread"), two.ref)
        moving = await x.publish(film(x))
        x.clock.advance(timedelta(seconds=30))
        part = Part(text="And a thread")
        found = await x.publisher.confirm(part, Checkpoint(), x.call(part, two.ref))
        named = await x.publisher.confirm(part, Checkpoint(), x.call(part, two.ref, ref=reply.ref))
        assert [getattr(f, "ref", None) for f in (found, named)] == [reply.ref] * 2
        await x.publisher.remove(text.ref)
        counts = await x.publisher.measure([text.ref, two.ref, moving.ref])
        assert len(counts) == 3
        assert x.witness.said == [], "\n".join(x.witness.said)
        seen = " ".join(x.witness.seen)
        for path in ("metadata", "subtitles", "append", "finalize", "users/me", "/tweets → 200"):
            assert path in seen, f"{path} was not judged"
        assert [len(p.media_ids) for p in x.sim.live] == [2, 0, 1]
        video = x.sim.world.media[x.sim.live[-1].media_ids[0]]
        assert video.content == await x.files.read(film(x).media[0])
        bearer = {"authorization": "Bearer user-token"}
        url = x.publisher._client._base  # type: ignore[attr-defined]  # where it talks to
        await x.witness.request("POST", f"{url}/2/tweets", headers=bearer, json={"text": "a", "txt": "b"})
        assert any("found 'txt'" in words for words in x.witness.said)
        x.witness.said.clear()
        x.sim.account.id = 5  # type: ignore[assignment]  # X's ids are text
        await x.witness.request("GET", f"{url}/2/users/me", headers=bearer)
        assert any("response.body.data.id" in words for words in x.witness.said)
