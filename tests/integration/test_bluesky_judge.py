"""The ``atproto`` SDK, which knows nothing of ours, is satisfied with the simulated server, and the two
clients put the same on the wire."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.domain.post import Link, Part
from bot.testing.picture import png
from plugins.bluesky.dagcbor import cid_of_bytes, cid_of_record, encode
from plugins.bluesky.records import place_of
from plugins.bluesky.simulator import ANN, DID
from tests.integration.bluesky_world import PUT, world

atproto = pytest.importorskip("atproto")

PASSWORD = "simu-late-dapp-pass"


@contextmanager
def sdk(url: str) -> Iterator[Any]:
    """The SDK's client, whose sockets are closed in the end."""
    client = atproto.Client(base_url=f"{url}/xrpc")
    try:
        yield client
    finally:
        client.request.close()


def story(url: str) -> dict[str, Any]:
    """Everything a person does in an app; runs in a thread."""
    with sdk(url) as client:
        return told(client)


def told(client: Any) -> dict[str, Any]:
    """Sign in, post with facets, a picture and a card, answer, read back, delete."""
    from atproto import client_utils, models

    me = client.login("acme.test", PASSWORD)
    text = client_utils.TextBuilder()
    text.text("Grüße an ").mention("@ann.test", ANN).text(": ").link("example.com", "https://example.com")
    text.text(" ").tag("#start", "start")
    first = client.send_post(text, langs=["de"])
    picture = client.send_image(text="Look", image=png(64, 36), image_alt="a gradient")
    thumb = client.upload_blob(png(32, 18)).blob
    card = client.send_post(
        "Read",
        embed=models.AppBskyEmbedExternal.Main(
            external=models.AppBskyEmbedExternal.External(
                uri="https://example.com/why", title="Why", description="How", thumb=thumb
            )
        ),
    )
    root = models.create_strong_ref(first)
    answer = client.send_post("First!", reply_to=models.AppBskyFeedPost.ReplyRef(parent=root, root=root))
    rkey = answer.uri.rpartition("/")[2]
    one = client.get_post(rkey, DID)
    many = client.get_posts([first.uri, picture.uri, card.uri, answer.uri]).posts
    gone = client.delete_post(answer.uri)
    left = [p.uri for p in client.get_posts([first.uri, answer.uri]).posts]
    return {
        "me": me.did,
        "uris": [first.uri, picture.uri, card.uri, answer.uri],
        "one": (one.cid, one.value.text),
        "answer": answer.cid,
        "counts": [(p.uri, p.reply_count, p.like_count) for p in many],
        "gone": gone,
        "left": left,
    }


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
async def test_the_sdk_and_ours_agree() -> None:
    async with world() as bs:
        found = await asyncio.to_thread(story, bs.sim.url)
        first, picture, card, answer = found["uris"]
        assert found["me"] == DID
        assert found["one"] == (found["answer"], "First!")
        assert found["counts"] == [(first, 1, 0), (picture, 0, 0), (card, 0, 0), (answer, 0, 0)]
        assert (found["gone"], found["left"]) == (True, [first])
        theirs = {uri: bs.record(uri) for uri in (first, picture, card)}
        link = Link(
            url="https://example.com/why",
            title="Why",
            description="How",
            image=await bs.picture(size=(32, 18)),
        )
        ours = {
            first: Part(text=theirs[first]["text"], options={"langs": ["de"]}),
            picture: Part(text="Look", media=(await bs.picture(),), options={"langs": ["en"]}),
            card: Part(text="Read", link=link, options={"langs": ["en"]}),
        }
        for uri, part in ours.items():
            receipt = await bs.published(part)
            assert comparable(bs.record(receipt.ref)) == comparable(theirs[uri])


NAMED_BY_PLACE = re.compile(
    r"app\.bsky\.(richtext\.facet(#byteSlice)?|embed\.(images#image|external#external))"
)
"""Types that the place in the record gives already; the SDK writes them, the lexicon does not need them."""


def comparable(value: Any) -> Any:
    """Without its time, which differs, and without a picture's size, which only ours tells."""
    if isinstance(value, list):
        return [comparable(v) for v in value]
    if not isinstance(value, dict):
        return value
    return {
        k: comparable(v)
        for k, v in value.items()
        if k not in ("createdAt", "aspectRatio") and not (k == "$type" and NAMED_BY_PLACE.fullmatch(str(v)))
    }


async def test_a_null_is_on_the_wire_and_the_sdk_would_have_lost_it() -> None:
    """Why the put is written by hand: without ``swapRecord`` it overwrites what is there."""
    async with world() as bs:
        receipt = await bs.published(Part(text="Mine"))
        sent = next(c for c in bs.sim.calls if c.endpoint == PUT)
        assert b'"swapRecord":null' in sent.body
        place = place_of(receipt.ref)
        assert place is not None

        def overwrite() -> str:
            from atproto import models

            data = models.ComAtprotoRepoPutRecord.Data(
                repo=DID,
                collection="app.bsky.feed.post",
                rkey=place.rkey,
                record={**sent.json()["record"], "text": "Theirs"},
                swap_record=None,
            )
            with sdk(bs.sim.url) as client:
                client.login("acme.test", PASSWORD)
                return str(client.com.atproto.repo.put_record(data).cid)

        cid = await asyncio.to_thread(overwrite)
        assert "swapRecord" not in json.loads(bs.sim.calls[-1].body)
        assert bs.sim.visible() == {receipt.ref: "Theirs"}
        assert bs.sim.repository.records[str(receipt.ref)].cid == cid


async def test_the_sdk_hears_refusals() -> None:
    from atproto_client.exceptions import BadRequestError, UnauthorizedError

    async with world() as bs:

        def wrong() -> None:
            with sdk(bs.sim.url) as client:
                client.login("acme.test", "wrong")

        def long() -> None:
            with sdk(bs.sim.url) as client:
                client.login("acme.test", PASSWORD)
                client.send_post("x" * 301)

        with pytest.raises(UnauthorizedError):
            await asyncio.to_thread(wrong)
        with pytest.raises(BadRequestError) as caught:
            await asyncio.to_thread(long)
        assert "grapheme too big (maximum 300, got 301)" in str(caught.value)


def test_identifiers_are_as_the_sdk_encodes_them() -> None:
    import libipld

    record = {
        "$type": "x",
        "text": "Grüße 👩‍👩‍👧",
        "n": [0, 23, 24, 255, 256, 65536, 2**40, -1, None, True, False],
    }
    assert encode(record) == libipld.encode_dag_cbor(record)
    for cid, codec in ((cid_of_record(record), 0x71), (cid_of_bytes(b"hello"), 0x55)):
        found = atproto.CID.decode(cid)
        assert (found.version, found.codec) == (1, codec)
    picture = cid_of_bytes(b"hello")
    link = libipld.decode_dag_cbor(encode({"ref": {"$link": picture}}))["ref"]
    assert link == libipld.decode_multibase(picture)[1]
