"""The workspace's Web API against slack_sdk's own client, unmodified."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.manifest import manifest
from bot.testing.chats.slack import FAULTS, Workspace
from bot.testing.clock import FakeClock
from tests.integration.slack_sim_world import CARD, MODAL, listening, living, settled, socket

CHANNEL = "C1LAUNCH"


@pytest.fixture
async def world() -> AsyncIterator[Workspace]:
    async with living() as world:
        world.rates.enforced = False
        yield world


@pytest.fixture
async def client(world: Workspace) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            world.state.bot_token, base_url=world.base_url, session=session, retry_handlers=[]
        )


async def refused(calling: Any) -> str:
    """The error a method answers with."""
    with pytest.raises(SlackApiError) as caught:
        await calling
    return str(caught.value.response["error"])


async def test_a_message_and_its_thread(world: Workspace, client: AsyncWebClient) -> None:
    meta = {"event_type": "clarion_message", "event_payload": {"key": "k1"}}
    posted = await client.chat_postMessage(channel=CHANNEL, text="P1", blocks=CARD, metadata=meta)
    ts = posted["ts"]
    assert posted["message"]["bot_id"] == world.state.bot_id
    await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=ts)
    world.say("U1ANA", CHANNEL, "human", thread=ts)
    await client.chat_update(channel=CHANNEL, ts=ts, text="P1 v2", blocks=CARD)
    assert [m["text"] for m in world.messages(CHANNEL)] == ["P1 v2"]
    assert [m["text"] for m in world.thread(CHANNEL, ts)] == ["reply", "human"]
    seen = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
    assert [m["metadata"] for m in seen["messages"]] == [meta]
    assert "metadata" not in (await client.conversations_history(channel=CHANNEL))["messages"][0]
    thread = await client.conversations_replies(channel=CHANNEL, ts=ts, limit=2)
    assert [m["text"] for m in thread["messages"]] == ["P1 v2", "reply"]
    more = await client.conversations_replies(
        channel=CHANNEL, ts=ts, limit=2, cursor=thread["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in more["messages"]] == ["human"]
    assert not more["has_more"]
    later = await client.conversations_replies(
        channel=CHANNEL, ts=ts, oldest=world.thread(CHANNEL, ts)[0]["ts"]
    )
    assert [m["text"] for m in later["messages"]] == ["P1 v2", "human"]
    await client.chat_delete(channel=CHANNEL, ts=ts)
    assert await refused(client.chat_update(channel=CHANNEL, ts=ts, text="x")) == "message_not_found"


async def test_forms_and_json_are_read_alike(world: Workspace) -> None:
    headers = {"authorization": f"Bearer {world.state.bot_token}"}
    fields = {"channel": CHANNEL, "text": "P1", "blocks": json.dumps(CARD)}
    body = {"channel": CHANNEL, "text": "P1", "blocks": CARD}
    async with aiohttp.ClientSession(headers=headers) as session:
        ways: list[dict[str, Any]] = [{"data": fields}, {"json": body}, {"params": fields}]
        for way in ways:
            async with session.post(f"{world.base_url}chat.postMessage", **way) as response:
                assert response.status == 200
                assert (await response.json())["ok"]
                assert "chat:write" in response.headers["x-oauth-scopes"].split(",")
        async with session.post(f"{world.base_url}chat.postMessage", data=b"x") as response:
            assert (await response.json())["error"] == "invalid_post_type"
        async with session.post(f"{world.base_url}chat.shout") as response:
            assert (await response.json())["error"] == "unknown_method"
    assert len({json.dumps(m["blocks"][0]["text"]) for m in world.messages(CHANNEL)}) == 1


async def test_only_the_right_token_gets_in(world: Workspace, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["user_id"] == world.state.bot_user
    assert await refused(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await refused(client.auth_test(token="")) == "not_authed"
    assert await refused(client.auth_test(token=world.state.app_token)) == "not_allowed_token_type"
    assert await refused(client.apps_connections_open(app_token=world.state.bot_token)) == (
        "not_allowed_token_type"
    )
    world.state.scopes.discard("chat:write")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "chat:write"
    world.revoke()
    assert await refused(client.auth_test()) == "token_revoked"
    world.restore()
    assert (await client.auth_test())["ok"]


async def test_where_the_app_may_write(world: Workspace, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#launch", text="x")
    world.add_channel("C2SECRET", "secret", ["U1ANA"], private=True, bot=False)
    assert await refused(client.chat_postMessage(channel="C2SECRET", text="x")) == "channel_not_found"
    assert await refused(client.chat_postMessage(channel="C9NONE", text="x")) == "channel_not_found"
    await world.kick(CHANNEL)
    assert await refused(client.chat_postMessage(channel=CHANNEL, text="x")) == "not_in_channel"
    assert await refused(client.conversations_history(channel=CHANNEL)) == "not_in_channel"
    await world.invite("U1ANA", CHANNEL)
    await world.archive("U1ANA", CHANNEL)
    assert await refused(client.chat_postMessage(channel=CHANNEL, text="x")) == "is_archived"
    assert await refused(client.chat_update(channel=CHANNEL, ts=posted["ts"], text="x")) == "is_inactive"
    direct = await client.chat_postMessage(channel="U1ANA", text="psst")
    assert direct["channel"].startswith("D")
    assert (await client.conversations_open(users="U1ANA"))["channel"]["id"] == direct["channel"]
    assert [m["text"] for m in world.direct("U1ANA")] == ["psst"]


async def test_what_slack_refuses_is_refused(world: Workspace, client: AsyncWebClient) -> None:
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    heavy = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
    post = client.chat_postMessage
    assert await refused(post(channel=CHANNEL, text="x", blocks=long)) == "invalid_blocks"
    assert await refused(post(channel=CHANNEL, text="x", blocks=heavy)) == "msg_blocks_too_long"
    assert await refused(post(channel=CHANNEL, text="x" * 40_001)) == "msg_too_long"
    with pytest.warns(UserWarning, match="missing"):
        assert await refused(post(channel=CHANNEL, text=" ")) == "no_text"
    assert not world.messages(CHANNEL)


async def test_private_answers(world: Workspace, client: AsyncWebClient) -> None:
    said = await client.chat_postEphemeral(channel=CHANNEL, user="U1ANA", text="only you")
    assert [m["text"] for m in world.ephemerals("U1ANA")] == ["only you"]
    assert not world.messages(CHANNEL)
    assert await refused(client.chat_update(channel=CHANNEL, ts=said["message_ts"], text="x")) == (
        "message_not_found"
    )
    world.add_user("U4EVE", "Eve")
    assert await refused(client.chat_postEphemeral(channel=CHANNEL, user="U4EVE", text="x")) == (
        "user_not_in_channel"
    )


async def test_who_is_there(world: Workspace, client: AsyncWebClient) -> None:
    world.add_group("S1LEADS", "marketing-leads", ["U1ANA"])
    assert (await client.users_info(user="U2BOB"))["user"]["tz"] == "America/New_York"
    assert await refused(client.users_info(user="U9")) == "user_not_found"
    assert {u["id"] for u in (await client.users_list())["members"]} == {"U1ANA", "U2BOB", "U0CLARION"}
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(g["handle"], g["users"]) for g in groups] == [("marketing-leads", ["U1ANA"])]
    await world.regroup("S1LEADS", ["U2BOB"])
    assert (await client.usergroups_users_list(usergroup="S1LEADS"))["users"] == ["U2BOB"]
    assert await refused(client.usergroups_users_list(usergroup="S9")) == "no_such_subteam"
    about = (await client.conversations_info(channel=CHANNEL))["channel"]
    assert about["is_member"]
    assert set((await client.conversations_members(channel=CHANNEL))["members"]) >= {"U1ANA", "U2BOB"}


async def test_reactions_as_they_stand(world: Workspace, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="P1"))["ts"]
    people = [world.add_user(f"U5{n:03}", f"P{n}").id for n in range(30)]
    for user in people:
        await world.react(user, CHANNEL, ts, "white_check_mark")
    await world.react("U2BOB", CHANNEL, ts, "+1::skin-tone-3")
    await world.unreact(people[0], CHANNEL, ts, "white_check_mark")
    short = (await client.reactions_get(channel=CHANNEL, timestamp=ts))["message"]["reactions"]
    assert (short[0]["count"], len(short[0]["users"])) == (29, 25)
    full = (await client.reactions_get(channel=CHANNEL, timestamp=ts, full=True))["message"]["reactions"]
    assert [(r["name"], len(r["users"])) for r in full] == [("white_check_mark", 29), ("+1::skin-tone-3", 1)]
    assert await refused(client.reactions_get(channel=CHANNEL)) == "no_item_specified"


async def test_files_up_and_down(world: Workspace, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="P1"))["ts"]
    done = await client.files_upload_v2(
        channel=CHANNEL, thread_ts=ts, filename="a.png", content=b"png", title="Preview", alt_txt="a cat"
    )
    (reply,) = world.thread(CHANNEL, ts)
    assert reply["files"][0]["title"] == "Preview"
    assert world.state.files[done["files"][0]["id"]].data == b"png"
    shared = world.share("U1ANA", CHANNEL, world.upload("U1ANA", "b.jpg", b"jpeg"), text="look")
    url = shared["files"][0]["url_private_download"]
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            assert response.status == 200
            assert response.content_type == "text/html"  # a page to log in, no error
        headers = {"authorization": f"Bearer {world.state.bot_token}"}
        async with session.get(url, headers=headers) as response:
            assert await response.read() == b"jpeg"


async def test_modals_and_home(world: Workspace, client: AsyncWebClient) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    state = world.state
    trigger = state.trigger("U1ANA")
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    assert await refused(client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    assert await refused(client.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"
    late = state.trigger("U1ANA")
    clock.advance(3.1)
    assert await refused(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    for _ in range(2):
        await client.views_push(trigger_id=state.trigger("U1ANA"), view=MODAL)
    assert await refused(client.views_push(trigger_id=state.trigger("U1ANA"), view=MODAL)) == (
        "push_limit_reached"
    )
    changed = await client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    assert changed["view"]["id"] == view["id"]
    assert await refused(client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)) == (
        "hash_conflict"
    )
    wrong = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    assert await refused(client.views_open(trigger_id=state.trigger("U1ANA"), view=wrong)) == (
        "invalid_arguments"
    )
    await client.views_publish(user_id="U1ANA", view={"type": "home", "blocks": CARD})
    home = world.home("U1ANA")
    assert home is not None
    assert world.buttons(home.content) == ["Approve"]
    assert world.home("U2BOB") is None


async def test_a_response_url_lasts_five_uses_and_half_an_hour(world: Workspace) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    first, second = (world.url + world.state.hook("U1ANA", CHANNEL) for _ in range(2))
    async with aiohttp.ClientSession() as session:

        async def use(url: str) -> str:
            async with session.post(url, json={"text": "hi"}) as response:
                return "ok" if response.status == 200 else await response.text()

        assert [await use(first) for _ in range(6)] == ["ok"] * 5 + ["used_url"]
        assert await use(second) == "ok"
        clock.advance(1801)
        assert await use(second) == "expired_url"
        assert await use(f"{world.url}/hooks/none") == "no_service"
    assert len(world.ephemerals("U1ANA")) == 6


async def test_one_message_a_second_and_short_bursts(world: Workspace, client: AsyncWebClient) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    world.rates.enforced = True
    for _ in range(3):
        await client.chat_postMessage(channel=CHANNEL, text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert [b.method for b in world.breaches] == ["chat.postMessage"]
    clock.advance(1)
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x"))["ts"]
    assert await refused(client.chat_update(channel=CHANNEL, ts=ts, text="x")) == "ratelimited"
    await client.chat_postMessage(channel="U1ANA", text="elsewhere")
    assert len(world.breaches) == 2


async def test_tiers_are_counted_even_when_nothing_is_refused(
    world: Workspace, client: AsyncWebClient
) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    for _ in range(25):
        await client.usergroups_list()
    assert len(world.breaches) == 5  # Tier 2: twenty a minute
    clock.advance(60)
    await client.usergroups_list()
    assert len(world.breaches) == 5


@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "slow"])
async def test_every_fault_does_what_its_name_says(
    fault: str, world: Workspace, client: AsyncWebClient
) -> None:
    done = fault.startswith("done_but") or fault in ("lost_reply", "truncated")
    world.go_wrong("chat.postMessage", fault)
    with pytest.raises((SlackApiError, aiohttp.ClientError, ValueError)) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x")
    assert [m["text"] for m in world.messages(CHANNEL)] == (["x"] if done else [])
    body = FAULTS[fault].body
    if isinstance(caught.value, SlackApiError) and isinstance(body, Mapping):
        assert caught.value.response["error"] == body["error"]
    await client.chat_postMessage(channel=CHANNEL, text="y")
    assert world.messages(CHANNEL)[-1]["text"] == "y"


async def test_the_sdk_left_to_itself_says_it_twice(world: Workspace) -> None:
    """Its usual handler of connection errors repeats a post whose answer was lost."""
    async with aiohttp.ClientSession() as session:
        usual = AsyncWebClient(world.state.bot_token, base_url=world.base_url, session=session)
        world.go_wrong("chat.postMessage", "lost_reply")
        await usual.chat_postMessage(channel=CHANNEL, text="x")
    assert [m["text"] for m in world.messages(CHANNEL)] == ["x", "x"]


async def test_a_slow_reply_does_its_work(world: Workspace, client: AsyncWebClient) -> None:
    clock = world.clock
    assert isinstance(clock, FakeClock)
    world.go_wrong("chat.postMessage", "slow", delay=20)
    posting = asyncio.ensure_future(client.chat_postMessage(channel=CHANNEL, text="x"))
    await settled(lambda: clock.next_wake is not None)
    assert not world.messages(CHANNEL)
    clock.advance(20)
    assert (await posting)["ok"]
    assert len(world.messages(CHANNEL)) == 1


async def test_the_whole_service_is_away(world: Workspace, client: AsyncWebClient) -> None:
    world.cut(everything=True)
    with pytest.raises(aiohttp.ClientError):
        await client.auth_test()
    world.mend()
    assert (await client.auth_test())["ok"]


@pytest.mark.parametrize("url", ["", "https://bot.example.com"])
async def test_the_app_is_set_up_from_our_manifest(url: str, world: Workspace) -> None:
    world.install(manifest(url=url))
    assert "chat:write" in world.state.scopes
    assert "reaction_added" in world.state.subscribed


MISTAKES: Mapping[str, str] = MappingProxyType(
    {
        "reactions:read": "reaction_added needs reactions:read",
        "commands": "commands and shortcuts need the scope commands",
    }
)


@pytest.mark.parametrize("scope", MISTAKES)
async def test_a_manifest_that_slack_would_refuse(scope: str, world: Workspace) -> None:
    wrong = manifest()
    wrong["oauth_config"]["scopes"]["bot"].remove(scope)
    with pytest.raises(ValueError, match=MISTAKES[scope]):
        world.install(wrong)


async def test_a_process_of_its_own_with_a_door() -> None:
    process = await create_subprocess_exec(
        sys.executable, "-m", "bot.testing.chats.slack", "--port", "0", stdout=PIPE
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    try:
        async with aiohttp.ClientSession() as session:

            async def do(act: str, **values: Any) -> Any:
                door = f"{told['url']}/control/do"
                async with session.post(door, json={"do": act, "with": values}) as response:
                    return await response.json()

            await do("add_user", id="U1ANA", name="Ana")
            await do("add_channel", id=CHANNEL, name="launch", members=["U1ANA"])
            client = AsyncWebClient(told["bot_token"], base_url=told["base_url"], session=session)
            await client.chat_postMessage(channel=CHANNEL, text="hello")
            assert [m["text"] for m in (await do("messages", channel=CHANNEL))["result"]] == ["hello"]
            assert "there is no 'shout'" in (await do("shout"))["error"]
            lost = await do("command", user="U1ANA", channel=CHANNEL, text="help")
            assert lost["result"] == {"ok": False, "latency": None, "fault": "connection_failed"}
            storm = {"rate": 50, "seconds": 0.1, "users": ["U1ANA"], "channels": [CHANNEL], "texts": ["help"]}
            async with session.post(f"{told['url']}/control/storm", json=storm) as response:
                assert await response.json() == {"latencies": [], "lost": 5}
            async with session.get(f"{told['url']}/control/report") as response:
                assert len((await response.json())["unacked"]) == 6
    finally:
        process.terminate()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", [socket, listening])
async def test_a_storm_is_answered(way: Any, world: Workspace) -> None:
    async with way(world) as app:
        for number in range(40):
            assert (await world.command("U1ANA", CHANNEL, f"queue {number}")).latency < 1
        await settled(lambda: len(world.ephemerals("U1ANA")) == 40)
        assert len(app.heard) == 40
