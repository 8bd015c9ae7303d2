"""What the simulated guild answers, and what the library asks, has the shape that Discord describes."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from tests.integration.discord_spec import (
    answer_schema,
    asked_otherwise,
    described,
    hollow,
    mismatches,
    operations,
)
from tests.integration.guild_world import ALICE, BOB, POST, SOCIAL, Library, acme, bare, connected

UNDESCRIBED = {"GET /attachments/{}/{}/{}"}
"""Served by Discord's content network, not by its API."""


async def drive(guild: Any, session: Any) -> dict[str, list[tuple[int, Any]]]:
    """Every route once with what it takes, and once with what it refuses: endpoint → status and body."""
    seen: dict[str, list[tuple[int, Any]]] = {}

    async def call(endpoint: str, path: str, **given: Any) -> Any:
        async with session.request(endpoint.split(" ")[0], guild.base_url + path, **given) as answer:
            body = await answer.json() if answer.status != 204 else None
            seen.setdefault(endpoint, []).append((answer.status, body))
            return body

    messages = f"/channels/{SOCIAL}/messages"
    box = {"type": 17, "components": [{"type": 10, "content": "P1"}]}
    button = {"type": 2, "style": 1, "label": "Approve", "custom_id": "a"}
    rows = [{"type": 1, "components": [button]}]
    form = {"title": "P1", "fields": [{"name": "X", "value": "ok"}], "footer": {"text": "v1"}}
    sent = await call(
        "POST /channels/{channel}/messages", messages, json={"embeds": [form], "components": rows}
    )
    await call("POST /channels/{channel}/messages", messages, json={"flags": 1 << 15, "components": [box]})
    await call("POST /channels/{channel}/messages", messages, json={"content": "x" * 2001})
    one, route = f"{messages}/{sent['id']}", "/channels/{channel}/messages/{message}"
    await guild.react(BOB, SOCIAL, sent["id"], "✅")
    await guild.say(ALICE, SOCIAL, f"<@{BOB}>")
    await call(f"POST {route}/threads", f"{one}/threads", json={"name": "P1"})
    await call(f"POST {route}/threads", f"{one}/threads", json={"name": "P1"})
    await call(f"PATCH {route}", one, json={"content": "P1 again"})
    await call(f"GET {route}", one)
    await call("GET /channels/{channel}/messages", f"{messages}?limit=5")
    await call("GET /channels/{channel}/messages", f"/channels/{sent['id']}/messages")
    await call(f"GET {route}/reactions/{{emoji}}", f"{one}/reactions/✅")
    await call(f"PUT {route}/reactions/{{emoji}}/@me", f"{one}/reactions/❌/@me")
    await call(f"DELETE {route}/reactions/{{emoji}}/@me", f"{one}/reactions/❌/@me")
    for channel in (SOCIAL, sent["id"], "1"):
        await call("GET /channels/{channel}", f"/channels/{channel}")
    await call("PATCH /channels/{channel}", f"/channels/{sent['id']}", json={"archived": True})
    await call("POST /channels/{channel}/typing", f"/channels/{SOCIAL}/typing")
    await call("PUT /channels/{channel}/thread-members/@me", f"/channels/{sent['id']}/thread-members/@me")
    await call(f"DELETE {route}", one)
    direct = await call("POST /users/@me/channels", "/users/@me/channels", json={"recipient_id": ALICE})
    await call("GET /channels/{channel}", f"/channels/{direct['id']}")
    guild.world.privileged.add("members")
    home = f"/guilds/{guild.id}"
    for path in (
        "",
        "/channels",
        "/roles",
        f"/roles/{guild.id}",
        "/members",
        f"/members/{BOB}",
        "/threads/active",
    ):
        named = path.replace(f"/members/{BOB}", "/members/{user}").replace(
            f"/roles/{guild.id}", "/roles/{role}"
        )
        await call(f"GET /guilds/{{guild}}{named}", home + path)
    for path in ("/gateway", "/gateway/bot", "/users/@me", "/users/@me/guilds", "/oauth2/applications/@me"):
        await call(f"GET {path}", path)
    await call("GET /applications/@me", "/applications/@me")
    await call("GET /users/{user}", f"/users/{BOB}")
    for route, path in (("", ""), ("/guilds/{guild}", f"/guilds/{guild.id}")):
        base, where = f"/applications/{{app}}{route}/commands", f"/applications/{guild.bot.id}{path}/commands"
        await call(f"PUT {base}", where, json=[POST])
        made = await call(f"POST {base}", where, json={"name": "queue", "description": "What waits"})
        await call(f"GET {base}", where)
        await call(f"DELETE {base}/{{command}}", f"{where}/{made['id']}")
    await call("POST /interactions/{interaction}/{token}/callback", "/interactions/1/x/callback", json={})
    await call("POST /webhooks/{app}/{token}", "/webhooks/1/x", json={"content": "P1"})
    for verb in ("GET", "PATCH", "DELETE"):
        await call(
            f"{verb} /webhooks/{{app}}/{{token}}/messages/{{message}}", "/webhooks/1/x/messages/@original"
        )
    return seen


async def test_every_answer_is_as_described() -> None:
    described()
    guild = acme()
    async with bare(guild) as session:
        seen = await drive(guild, session)
    assert {hollow(e) for e in guild.routes()} - {hollow(e) for e in seen} == UNDESCRIBED
    wrong: list[str] = [
        f"{endpoint} {status}: {mismatch}"
        for endpoint, answers in seen.items()
        for status, body in answers
        if (schema := answer_schema(endpoint, status)) is not None
        for mismatch in mismatches(body, schema)
    ]
    assert wrong == []


async def test_every_route_exists() -> None:
    known = operations()
    assert [e for e in map(hollow, acme().routes()) if e not in known] == sorted(UNDESCRIBED)


async def test_an_answered_interaction_is_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    described()
    async with connected(acme(), monkeypatch) as library:
        for kind, data in ((4, {"content": "P1", "flags": 64}), (5, {"flags": 64})):
            typed = asyncio.ensure_future(library.guild.command(ALICE, SOCIAL, "post", {"text": "hi"}))
            got = await library.hear("interaction")
            path = f"/interactions/{got.id}/{got.token}/callback?with_response=true"
            body = await library.request("POST", path, json={"type": kind, "data": data})
            schema = answer_schema("POST /interactions/{interaction}/{token}/callback", 200)
            assert schema is not None
            assert list(mismatches(body, schema)) == []
            await typed
            more = await library.request(
                "POST", f"/webhooks/{got.application_id}/{got.token}", json={**data, "content": "P2"}
            )
            follow = answer_schema("POST /webhooks/{app}/{token}", 200)
            assert follow is not None
            assert list(mismatches(more, follow)) == []


async def test_what_the_library_asks_is_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    described()
    async with connected(acme(), monkeypatch) as library:
        await use(library)
    assert sum(call.body.startswith(b"{") for call in library.guild.calls) >= 5
    assert asked_otherwise(library.guild.calls) == []


async def use(library: Library) -> None:
    """A card, its thread, its repaint, a private word and a form."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Reject", custom_id="reject:post:1:1"))
    view.stop()
    sent = await library.channel.send("P1", view=view, embed=discord.Embed(title="P1", description="text"))
    await (await sent.create_thread(name="P1")).send("history")
    await sent.edit(content="P1 again")
    pressing = asyncio.ensure_future(library.guild.press(BOB, SOCIAL, str(sent.id), "Reject"))
    got = await library.hear("interaction")
    modal = discord.ui.Modal(title="Why?", custom_id="m", timeout=None)
    modal.add_item(discord.ui.TextInput(label="Reason", custom_id="reason"))
    await got.response.send_modal(modal)
    modal.stop()
    await pressing
    sending = asyncio.ensure_future(library.guild.submit(BOB, {"reason": "too long"}))
    said = await library.hear("interaction")
    await said.response.defer()
    await said.followup.send("Rejected.", ephemeral=True)
    await sending


def test_the_judge_notices() -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "maxLength": 2}}}
    assert list(mismatches({"id": "1"}, schema)) == []
    bad: tuple[Any, ...] = ({}, {"id": 1}, {"id": "123"}, [])
    for one in bad:
        assert list(mismatches(one, schema))
    either = {"oneOf": [{"type": "null"}, schema]}
    assert list(mismatches(None, either)) == []
    assert list(mismatches({"id": 1}, either))
