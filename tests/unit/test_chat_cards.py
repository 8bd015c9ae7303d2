"""The cards of a post's life, as people read them in Slack and in Discord.

``⟨…⟩`` is an instant in the reader's own words, ``→`` leads to an address, ``!`` is the button most people
came for and ``⚠`` one that cannot be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.chat.discord.render import render as in_discord
from bot.chat.slack.render import render as in_slack
from bot.domain.card import short_link
from bot.domain.message import Action, Button, Field, Message
from bot.domain.when import say
from tests.unit import test_discord_render as discord
from tests.unit import test_slack_render as slack

NOW = datetime(2026, 11, 27, 17, 30, 4, tzinfo=UTC)
ZONE = "Europe/Lisbon"
TITLE = "P42 · acme · by alice"


def at(hour: int, minute: int, second: int = 0, *, seconds: bool = False) -> str:
    """A time of that day, as cards say it."""
    instant = datetime(2026, 11, 27, hour, minute, second, tzinfo=UTC)
    return say(instant, ZONE, now=NOW, seconds=seconds)


def of_post(verb: str, label: str, *, primary: bool = False, danger: bool = False, asks: str = "") -> Button:
    action = Action(verb=verb, kind="post", id=42, version=3)
    return Button(label=label, action=action, primary=primary, danger=danger, asks=asks)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A message, and what is read of it on either service."""

    name: str
    message: Message
    slack: str
    discord: str


CARDS = (
    Card(
        name="in review",
        message=Message(
            title=TITLE,
            status="IN REVIEW  1 of 2",
            text="Launch day: Clarion 1.0 is out. Read why we built it → https://example.com/why\n"
            "🖼 launch.jpg  1600×900 · alt: “Clarion's card in Slack with three previews”",
            fields=(
                Field(name="X", value="@acme  ✓ 61/280 · link post (X charges $0.20)"),
                Field(name="YouTube", value="Acme  ✗ needs a video — /edit P42 --drop acme-yt"),
                Field(name="When", value=f"next slot → {at(18, 0)}"),
                Field(
                    name="Approve",
                    value=f"needs 2 of @marketing-leads by {at(18, 0)} · bob ✅ v3 · waiting: carol",
                ),
            ),
            buttons=(
                of_post("approve", "Approve", primary=True),
                of_post("changes", "Request changes", asks="What should change?"),
                of_post("reject", "Reject", asks="Why?"),
                of_post("hold", "Hold"),
                of_post("edit", "Edit", asks="The new text?"),
                of_post("schedule", "Other time", asks="When?"),
            ),
            footer="v3 · 2 changes since v2 (thread)",
        ),
        slack="""\
# P42 · acme · by alice
👀 **IN REVIEW  1 of 2**
Launch day: Clarion 1.0 is out. Read why we built it → https://example.com/why
🖼 launch.jpg  1600×900 · alt: “Clarion's card in Slack with three previews”
---
**X**  @acme  ✓ 61/280 · link post (X charges $0.20)
**YouTube**  Acme  ✗ needs a video — /clarion edit P42 --drop acme-yt
**When**  next slot → ⟨{date_short_pretty} {time}⟩ (18:00 Lisbon)
**Approve**  needs 2 of @marketing-leads by ⟨{date_short_pretty} {time}⟩ (18:00 Lisbon) · bob ✅ v3 · \
waiting: carol
(v3 · 2 changes since v2 (thread))
[!Approve]  [Request changes]  [Reject]  [Hold]  [Edit]  [Other time]""",
        discord="""\
👀 IN REVIEW 1 of 2
# P42 · acme · by alice
Launch day: Clarion 1.0 is out. Read why we built it → https://example.com/why
🖼 launch.jpg  1600×900 · alt: “Clarion's card in Slack with three previews”
X | @acme  ✓ 61/280 · link post (X charges $0.20)
YouTube | Acme  ✗ needs a video — /edit P42 --drop acme-yt
When | next slot → ⟨t⟩ (18:00 Lisbon)
Approve | needs 2 of @marketing-leads by ⟨t⟩ (18:00 Lisbon) · bob ✅ v3 · waiting: carol
(v3 · 2 changes since v2 (thread))
[!Approve] [Request changes] [Reject] [Hold] [Edit]
[Other time]""",
    ),
    Card(
        name="live on one, checking the other",
        message=Message(
            title=TITLE,
            status="LIVE on 1, CHECKING 1",
            fields=(
                Field(
                    name="X",
                    value=f"live {at(17, 30, 1, seconds=True)} (receipt) · "
                    f"{short_link('https://x.com/acme/status/2123')}",
                ),
                Field(
                    name="LinkedIn",
                    value=f"no answer after sending at {at(17, 30, 4, seconds=True)}. Looking for it; "
                    f"I'll ask you at {at(17, 36)}.",
                ),
            ),
            buttons=(of_post("take-down", "Take down (X)", danger=True),),
            footer="nothing is sent twice while I look",
        ),
        slack="""\
# P42 · acme · by alice
🔎 **LIVE on 1, CHECKING 1**
---
**X**  live ⟨{date_short_pretty} {time_secs}⟩ (17:30:01 Lisbon) (receipt) · \
x.com/acme/status/2123→https://x.com/acme/status/2123
**LinkedIn**  no answer after sending at ⟨{date_short_pretty} {time_secs}⟩ (17:30:04 Lisbon). \
Looking for it; I'll ask you at ⟨{date_short_pretty} {time}⟩ (17:36 Lisbon).
(nothing is sent twice while I look)
[⚠Take down (X)]""",
        discord="""\
🔎 LIVE on 1, CHECKING 1
# P42 · acme · by alice
X | live ⟨t⟩ (17:30:01 Lisbon) (receipt) · x.com/acme/status/2123→https://x.com/acme/status/2123
LinkedIn | no answer after sending at ⟨t⟩ (17:30:04 Lisbon). \
Looking for it; I'll ask you at ⟨t⟩ (17:36 Lisbon).
(nothing is sent twice while I look)
[⚠Take down (X)]""",
    ),
    Card(
        name="unconfirmed",
        message=Message(
            title=TITLE,
            status="UNCONFIRMED",
            fields=(Field(name="LinkedIn", value="UNCONFIRMED · I could not find out whether it is there."),),
            buttons=(
                of_post("is-live", "It's live", asks="Its link, if you have it?"),
                of_post("is-not", "It's not — send it"),
                of_post("leave", "Leave it"),
            ),
        ),
        slack="""\
# P42 · acme · by alice
❓ **UNCONFIRMED**
---
**LinkedIn**  UNCONFIRMED · I could not find out whether it is there.
[It's live]  [It's not — send it]  [Leave it]""",
        discord="""\
❓ UNCONFIRMED
# P42 · acme · by alice
LinkedIn | UNCONFIRMED · I could not find out whether it is there.
[It's live] [It's not — send it] [Leave it]""",
    ),
    Card(
        name="a private answer",
        message=Message(
            text="You wrote P42, so someone else has to approve it: bob, carol or dana.", private=True
        ),
        slack="You wrote P42, so someone else has to approve it: bob, carol or dana.",
        discord="You wrote P42, so someone else has to approve it: bob, carol or dana.",
    ),
    Card(
        name="refused, in the thread",
        message=Message(
            text="X refused P42: “You are *not* permitted to perform this action.” Yours is 2:41. "
            "/why P42 tells more.",
            buttons=(of_post("retry", "Try again"), of_post("edit", "Edit", asks="The new text?")),
            mentions=("U024BE7LH", "80351110224678912"),
        ),
        slack="""\
<U024BE7LH> X refused P42: “You are *not* permitted to perform this action.” Yours is 2:41. \
/clarion why P42 tells more.
[Try again]  [Edit]""",
        discord="""\
<@80351110224678912> X refused P42: “You are *not* permitted to perform this action.” Yours is 2:41. \
/why P42 tells more.
[Try again] [Edit]""",
    ),
)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_as_people_read_it(card: Card) -> None:
    assert slack.shown(in_slack(card.message).payload["blocks"]) == card.slack
    assert discord.shown(in_discord(card.message).payload) == card.discord
    slack.judge(card.message, in_slack(card.message))
    discord.judge(card.message, in_discord(card.message))
