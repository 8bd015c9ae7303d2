"""Forms on Slack, with the whole bot: what was written in one is never lost."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.chats.bots import platforms, running, until
from tests.e2e.chats.desks import CHANNEL, IDS, slack_desk

TEXT = "We are *live*.\n\nA text that took an hour, with <angles> & more."


async def test_a_form_that_came_to_nothing_gives_the_text_back(tmp_path: Path) -> None:
    alice = IDS["alice"]
    async with slack_desk() as desk, platforms() as sims:
        where, people = [desk.address], desk.people()
        async with running(tmp_path, sims=sims, channels=where, tables=desk.table(), people=people) as bot:
            await desk.ready()
            slack = desk.workspace
            await slack.command(alice, CHANNEL, "post")
            await until(lambda: slack.modal(alice), "the form")
            await slack.submit(alice, {"text": TEXT, "at": "fri 25:00"})
            await until(lambda: slack.ephemerals(alice), "what is wrong")
            said = slack.words(slack.ephemerals(alice)[-1])
            assert TEXT in said
            assert not said.startswith(TEXT)
            assert not await bot.deliveries()

            await slack.command(alice, CHANNEL, "post")
            await until(lambda: slack.modal(alice), "the form again")
            await slack.submit(alice, {"text": TEXT, "at": "fri 17:30"})
            await until(lambda: "A text that took an hour" in desk.card(), "the card")
            assert "*live*" in desk.card()
