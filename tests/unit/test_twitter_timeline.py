"""Recognising our own post in what X shows of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.testing.clock import FakeClock
from plugins.twitter.counting import INVALID
from plugins.twitter.timeline import comparable, made_at, search, shown, snowflake
from plugins.twitter.views import post_view
from plugins.twitter.world import SimAccount, World

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FIELDS = frozenset({"created_at", "entities", "conversation_id", "referenced_tweets", "referenced_posts"})
ME = SimAccount(id="1", username="me", name="Me")


def world() -> World:
    return World(FakeClock(NOW))


def view(w: World, text: str, *, new: bool = False, **more: Any) -> dict[str, Any]:
    return post_view(w.create(ME, text, **more), new=new, fields=FIELDS)


def test_snowflakes() -> None:
    assert snowflake(datetime(2026, 1, 1, tzinfo=UTC)) == 2006515713438646272
    assert made_at({"id": str(snowflake(NOW) + 7)}) == NOW
    assert made_at({"id": "1001"}) is None
    assert made_at({"id": "9" * 40}) is None
    assert made_at({"id": "x", "created_at": "2026-11-21T09:00:00.000Z"}) == NOW
    assert made_at({"id": "x", "created_at": "2026-11-21T09:00:00"}) == NOW
    assert made_at({"id": "x", "created_at": "yesterday"}) is None
    assert snowflake(datetime(2000, 1, 1, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Read https://example.com/r/4.2 now",
        "Q&A: 1 < 2 > 0 — tags like &copy; stay",
        "scheme-less example.com/why and www.example.com.",
        "https://Example.com/?a=1&copy=2 end",
        "line one\r\nline two\n\n  spaced   out ",
        "cafe\u0301",
        "http://例え.jp/あ and readme.md",
        "twice https://a.com https://a.com",
        "50% off, 100%25",
    ],
)
@pytest.mark.parametrize("new", [False, True])
def test_a_stored_text_is_recognised(text: str, new: bool) -> None:
    post = view(world(), text, new=new)
    assert comparable(text) in shown(post)
    assert comparable(text + "!") not in shown(post)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=15).filter(
                lambda t: not INVALID.search(t)
            ),
            st.sampled_from(["https://example.com/a/", "x.com", "&amp;", "&", "<b>", " ", "\n", "https://"]),
        ),
        max_size=12,
    ).map("".join)
)
def test_any_text_is_recognised(text: str) -> None:
    assert comparable(text) in shown(view(world(), text))


def test_attached_media_do_not_count() -> None:
    w = world()
    from plugins.twitter.world import SimMedia

    w.media["5"] = SimMedia(
        id="5", owner="1", category="tweet_image", content=b"x", mime="image/png", expires_at=NOW
    )
    post = view(w, "Look", media_ids=("5",))
    assert "t.co" in post["text"]
    assert shown(post) == {"look"}
    del post["entities"]["urls"][0]["media_key"]
    assert shown(post) == {"look"}


def test_a_server_that_stores_texts_as_they_are() -> None:
    raw = {"id": "7", "text": "Q&A &copy; https://Example.com/r/", "created_at": NOW.isoformat()}
    assert search([raw], raw["text"], since=NOW, parents=()).matches == ("7",)


def test_a_long_post_is_read_in_full() -> None:
    post = {"id": "7", "text": "aaa…", "note_post": {"text": "aaa bbb"}}
    assert shown(post) == {"aaa bbb"}


def test_only_what_is_new_enough_matches() -> None:
    def post(number: str, at: datetime | None) -> dict[str, Any]:
        return {"id": number, "text": "Hi"} | ({"created_at": at.isoformat()} if at else {})

    posts = [
        post("1", NOW),
        post("2", NOW - timedelta(seconds=59)),
        post("3", NOW - timedelta(seconds=61)),
        post("4", None),
    ]
    found = search([*posts, "junk", {"text": "Hi"}], "Hi", since=NOW, parents=())
    assert found.matches == ("1", "2")
    assert found.earlier == ("3", "4")


@pytest.mark.parametrize("new", [False, True])
def test_a_part_of_a_thread_must_answer_its_parent(new: bool) -> None:
    w = world()
    first = w.create(ME, "Same")
    second = view(w, "Same", new=new, reply_to=first.id)
    third = view(w, "Same", new=new, reply_to=second["id"])
    posts = [third, second, post_view(first, new=new, fields=FIELDS)]
    assert search(posts, "Same", since=NOW, parents=()).matches == (first.id,)
    assert search(posts, "Same", since=NOW, parents=(first.id,)).matches == (second["id"],)
    assert search(posts, "Same", since=NOW, parents=(first.id, second["id"])).matches == (third["id"],)
    assert search(posts[1:], "Same", since=NOW, parents=(first.id, second["id"])).matches == ()


def test_a_server_that_does_not_tell_what_was_answered() -> None:
    bare = {"id": "8", "text": "Two 2/2", "created_at": NOW.isoformat()}
    assert search([bare], "Two 2/2", since=NOW, parents=("7",)).matches == ("8",)
    twin = bare | {"id": "7"}
    assert search([bare, twin], "Two 2/2", since=NOW, parents=("7",)).matches == ("8",)
    alone = bare | {"conversation_id": "8"}
    assert search([alone], "Two 2/2", since=NOW, parents=("7",)).matches == ()


def test_ids_are_unique_within_a_millisecond_and_tell_the_time() -> None:
    w = world()
    ids = [w.new_id() for _ in range(5000)]
    assert len(set(ids)) == 5000
    assert ids == sorted(ids)
    assert made_at({"id": ids[0]}) == NOW
