"""One Instagram account: make a container, wait for it, publish it once, find out what became of it.

Facts: developers.facebook.com, instagram-platform/content-publishing and the references beside it (2026).
The container is ours before anything is public, publishes at most once and tells whether it did: that is
what makes a lost answer harmless here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.api import (
    AccountInfo,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Facts,
    Finding,
    Gone,
    Metrics,
    Part,
    Pending,
    Ready,
    Receipt,
    Ref,
    Rejected,
    Staged,
    Transient,
    Uncertain,
    Unsupported,
    Variant,
)
from plugins.instagram.account import Account
from plugins.instagram.answers import number_of
from plugins.instagram.client import PUBLISH_TIMEOUT, Client
from plugins.instagram.comments import Comments, is_comment
from plugins.instagram.containers import Containers
from plugins.instagram.errors import Fault, cannot_delete
from plugins.instagram.finding import SLACK, Finder, container_of
from plugins.instagram.measuring import MISSING, measure, number_by
from plugins.instagram.rules import findings
from plugins.instagram.settings import FACEBOOK, InstagramSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOK_AFTER = timedelta(seconds=2)
"""After a publish that was answered, its address is fetched."""


class InstagramPublisher:
    """Implements `bot.api.Publisher` for one professional account, by either door."""

    def __init__(self, settings: InstagramSettings, deps: Deps) -> None:
        self._settings, self._deps = settings, deps
        self._client = Client(settings, deps)
        self._account = Account(self._client, settings, deps)
        self._containers = Containers(self._client, settings, deps)
        self._comments = Comments(self._client)
        self._finder = Finder(self._client, self._account, deps)

    async def check(self) -> AccountInfo:
        return await self._account.check()

    async def facts(self) -> Facts:
        return await self._account.facts()

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        return tuple(findings(variant, facts, self._settings, reachable=self._deps.links is not None))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        """Containers, one step at a time; first the account is asked whether it may publish at all."""
        await self._client.ready()
        if not part.media:
            return Ready(checkpoint=checkpoint)
        who = await self._account.who()
        if not checkpoint.data:
            await self._account.demand_room()
        staged = await self._containers.stage(who.id, part, checkpoint)
        if isinstance(staged, Ready) and self._account.tight:
            await self._account.demand_room()
        return staged

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        """Publish the container. The number that Instagram answers is saved before its address is fetched."""
        if call.parents:
            return await self._comments.create(call.parents[0], part)
        container, who = container_of(part, checkpoint), await self._account.who()
        if not part.media:
            raise Rejected(
                "Instagram takes no post without a picture or a video.", code="needs_media", fix="Add one."
            )
        if not container:
            raise Transient(
                "Nothing is prepared at Instagram yet; nothing was published.", detail="no container"
            )
        answer = await self._client.ask(
            "POST",
            f"{who.id}/media_publish",
            body={"creation_id": container},
            creates=True,
            timeout=PUBLISH_TIMEOUT,
        )
        if isinstance(answer, Fault):
            raise self._client.refusal(answer, creates=True)
        number = answer.get("id")
        if not isinstance(number, str) or not number:
            raise Uncertain("Instagram answered without naming the post; it may be out.", detail="no id")
        return Pending(check_at=self._deps.clock.now() + LOOK_AFTER, ref=number)

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        if call.parents:
            return await self._comments.find(call.parents[0], part, call.started_at - SLACK)
        number = number_of(call.ref)
        if number is not None:
            return await self._finder.named(number)
        return await self._finder.look(part, checkpoint, call)

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        return await measure(self._client, self._account, refs)

    async def remove(self, ref: Ref) -> None:
        if is_comment(ref):
            await self._comments.remove(ref)
            return
        if self._settings.door != FACEBOOK:
            raise cannot_delete()
        number = await number_by(self._client, self._account, ref)
        if number is None:
            raise Unsupported("Instagram did not tell which post it is. Delete it in the Instagram app.")
        answer = await self._client.ask("DELETE", number)
        if isinstance(answer, Fault) and (answer.code, answer.subcode) != MISSING:
            raise self._client.refusal(answer)

    async def aclose(self) -> None:
        """Nothing of our own is open."""
