"""What the simulated guild refuses is what Discord's own description and discord.py's classes say."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.testing.chats.discord import violations
from tests.integration.discord_spec import schemas
from tests.integration.guild_limits import BUTTON, DOCUMENTED, STATED, layout, row


@pytest.mark.parametrize("case", STATED)
def test_the_bound_is_the_one_that_discord_states(case: str) -> None:
    schema, key, kind, build = STATED[case]
    stated = schemas()[schema]["properties"][key]
    most = stated.get("maxLength") or stated["maxItems"]
    assert violations(build(most), kind) == []
    assert violations(build(most + 1), kind)
    least = stated.get("minLength", stated.get("minItems", 0))
    if least and "null" not in stated["type"]:
        assert violations(build(least), kind) == []
        assert violations(build(least - 1), kind)


@pytest.mark.parametrize("case", DOCUMENTED)
def test_the_rule_is_the_one_that_discord_documents(case: str) -> None:
    kind, good, bad = DOCUMENTED[case]
    assert violations(good, kind) == []
    assert len(violations(bad, kind)) == 1


def test_a_violation_says_where_and_what() -> None:
    assert violations(row({**BUTTON, "label": "x" * 81})) == [
        "components.0.components.0.label: Must be between 0 and 80 in length. (BASE_TYPE_BAD_LENGTH)"
    ]


@pytest.mark.parametrize("payload", [None, [], "P1", {"content": 3}, {"components": {}}, {"embeds": [1]}])
def test_what_is_no_form_at_all_is_refused(payload: Any) -> None:
    assert violations(payload)


async def test_what_the_library_builds_is_taken() -> None:
    view = discord.ui.View(timeout=None)
    for number in range(25):
        view.add_item(discord.ui.Button(label="x" * 80, custom_id=str(number).ljust(100, "y")))
    assert violations({"content": "P1", "components": view.to_components()}) == []
    box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay("x" * 3000))
    box.add_item(discord.ui.Section("side", accessory=discord.ui.Thumbnail("https://x.test/a.png")))
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png", description="a")))
    whole = discord.ui.LayoutView(timeout=None)
    whole.add_item(box)
    assert violations(layout(*whole.to_components())) == []  # type: ignore[no-untyped-call]
    form = discord.ui.Modal(title="x" * 45, custom_id="m", timeout=None)
    options = [discord.SelectOption(label=reason) for reason in ("off brand", "wrong facts")]
    label: discord.ui.Label[Any] = discord.ui.Label(
        text="Why?", component=discord.ui.Select(options=options, custom_id="label", required=False)
    )
    form.add_item(label)
    form.add_item(discord.ui.TextInput(label="More", style=discord.TextStyle.paragraph, custom_id="more"))
    assert violations(form.to_dict(), "modal") == []
    for made in (view, whole, form):
        made.stop()
