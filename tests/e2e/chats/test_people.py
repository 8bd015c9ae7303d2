"""User groups, roles and one person in two chats, over the services' own protocols."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bot.domain.people import Policy, Role
from tests.e2e.chats.bots import ACME, KEY, QuickClock, platforms, running, until
from tests.e2e.chats.desks import FLAKES, IDS, discord_desk, slack_desk

BRAND = replace(
    ACME,
    roles={
        Role.CREATE: (f"slack:{IDS['alice']}",),
        Role.APPROVE: ("@slack:marketing-leads", "@discord:Marketing"),
        Role.ADMIN: ("dana",),
    },
    policy=Policy(needed=1),
)


class SkippingClock(QuickClock):
    """Half an hour may pass at once."""

    skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


async def test_groups_and_links_hold_over_both_services(tmp_path: Path) -> None:
    clock = SkippingClock()
    async with slack_desk() as slack, discord_desk() as discord, platforms() as sims:
        slack.workspace.add_group("S0614TZR7", "marketing-leads", [IDS["bob"]])
        discord.guild.world.privileged.add("members")  # as switched on in the portal
        discord.guild.add_role("11870261238473199", "Marketing")
        await discord.guild.give_roles(FLAKES["carol"], ["11870261238473199"])
        people = {"dana": [*slack.people()["dana"], *discord.people()["dana"]]}
        async with running(
            tmp_path,
            sims=sims,
            channels=[slack.address, discord.address],
            tables={**slack.table(), **discord.table()},
            people=people,
            brand=BRAND,
            clock=clock,
        ) as bot:
            await slack.ready()
            await discord.ready()
            posted = await slack.say("alice", 'post "Hello" --at "in 30m"')
            assert posted.startswith("P1 waits for approval"), posted
            card = await until(lambda: slack.card() and discord.card(), "both cards")
            assert "needs 1 of @marketing-leads, @Marketing or dana" in flat(card)
            assert "by alice" in flat(slack.card())
            refused = await discord.press("mallory", "Approve")
            assert "Approving is for @marketing-leads, @Marketing or dana." in refused
            # bob is in the user group at Slack; at Discord nobody knows him before he proves it
            shown = await slack.say("bob", "link")
            code = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}", shown)
            assert code is not None, shown
            assert "one person, one vote" in await discord.say("bob", f"link {code[0]}")
            assert "approve" in await discord.say("bob", "whoami")
            assert "is approved" in await discord.press("bob", "Approve")
            # he leaves the group before it goes out, so it does not
            await slack.workspace.regroup("S0614TZR7", [])
            clock.skipped = 1800.0
            bot.app.wake()
            await until(lambda: "may no longer approve" in slack.thread(), "why it is held", 60)
            assert "needs" in slack.thread()
            assert (await bot.deliveries())[KEY].state.value == "held"
            assert bot.creates() == 0
            # carol has the role: the event itself says so
            said = await discord.say("carol", "retry P1")
            assert "P1" in said
            await until(lambda: bot.creates() == 1, "the post")


def flat(text: str) -> str:
    return " ".join(text.replace("\u2060", "").replace("\u200b", "").split())
