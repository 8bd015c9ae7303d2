"""One LinkedIn account: stage the files, create the post once, find out what became of it.

Facts: learn.microsoft.com/en-us/linkedin, community-management/shares/{posts-api, images-api}
(2026). There is no idempotency key and no thread. An organization's posts can be read back, a
member's cannot by a self-serve app.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.api import (
    AccountInfo,
    AppMisconfigured,
    Call,
    Checkpoint,
    Confirmed,
    Deps,
    Facts,
    Finding,
    Gone,
    Live,
    Metrics,
    Part,
    Pending,
    Proof,
    PublishError,
    Receipt,
    Ref,
    Refused,
    Rejected,
    Reply,
    Staged,
    Uncertain,
    Unclear,
    Variant,
)
from plugins.linkedin.answers import (
    created_urn,
    elements,
    instant,
    is_ours,
    made_at,
    member_urn,
    post_url,
    where_to_look,
)
from plugins.linkedin.bodies import body_of
from plugins.linkedin.client import Client, LinkedInSettings, encoded
from plugins.linkedin.comments import COMMENT, Comments
from plugins.linkedin.errors import duplicate_of, missing_permission
from plugins.linkedin.little_text import same_text, unescape
from plugins.linkedin.numbers import measure
from plugins.linkedin.rules import ORGANIZATION, findings, sunset_notes, version_facts
from plugins.linkedin.uploads import Uploads, files_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOK_AFTER = timedelta(seconds=5)
"""How long after the create a page's post with files is looked at."""

CLOCK_SLACK = timedelta(seconds=60)
"""How far LinkedIn's clock may be behind ours when we look for a post by its time."""

DUPLICATE_MEMORY = timedelta(minutes=10)
"""How long LinkedIn is documented to notice a repeated post (posts-api, error table)."""

POSTING_ROLES = frozenset(
    {"ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"}
)
"""Who may post for a page (organizations/organization-access-control-by-role)."""


class LinkedInPublisher:
    """Implements `bot.api.Publisher` for an organization or a member."""

    def __init__(self, settings: LinkedInSettings, deps: Deps) -> None:
        self._settings = settings
        self._deps = deps
        self._client = Client(settings, deps)
        self._uploads = Uploads(self._client, deps)
        self._comments = Comments(self._client)
        self._member = ""
        self._probed: set[str] = set()

    async def check(self) -> AccountInfo:
        """Prove token, permission, role and API version.

        An image upload is opened as the author, which creates nothing visible: unlike
        ``/v2/userinfo`` it fails when the version is dead or the author is not ours.
        """
        author, name = self._settings.author, ""
        if not author:
            me = self._client.read(await self._client.call("GET", "/v2/userinfo"))
            name = str(me.get("name") or "")
            author = self._member = member_urn(me)
        reply = await self._uploads.open_image(author)
        if reply.status == 403 and author.startswith(ORGANIZATION):
            raise AppMisconfigured(await self._why_not(author), detail="status=403")
        self._client.expect(reply, author=author)
        if author.startswith(ORGANIZATION):
            page = author.removeprefix(ORGANIZATION)
            return AccountInfo(
                id=author,
                handle=f"company/{page}",
                url=f"https://www.linkedin.com/company/{page}/",
                notes=self._notes(),
            )
        return AccountInfo(id=author, handle=name or author, title=name, notes=self._notes())

    def _notes(self) -> tuple[str, ...]:
        return sunset_notes(self._settings.version, self._deps.clock.now())

    async def facts(self) -> Facts:
        """The API version's last day; LinkedIn tells nothing else about an account."""
        return version_facts(self._settings.version, self._deps.clock.now())

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        settings = self._settings
        return tuple(findings(variant, facts, author=settings.author, visibility=settings.visibility))

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        await self._client.ready()
        return await self._uploads.stage(await self._author(), part, checkpoint)

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt | Pending:
        author = await self._author()
        if call.parents:
            return await self._comments.create(author, str(call.parents[0]), part)
        reply = await self._create(body_of(author, part, checkpoint, self._settings.visibility))
        self._client.expect(reply, creates=True, author=author)
        urn = created_urn(reply)
        if urn is None:
            raise Uncertain(
                "LinkedIn answered without naming the post; it may be out.",
                detail=f"status={reply.status} no id",
            )
        if files_of(part) and author.startswith(ORGANIZATION):
            # Files can still break after the 201, and nobody sees the post then (posts-api).
            return Pending(check_at=self._deps.clock.now() + LOOK_AFTER, ref=urn)
        return Receipt(ref=urn, url=post_url(urn))

    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        """Look for the post.

        By its URN when LinkedIn named one; else among the page's newest posts, by text and
        time, exactly one. A member's posts can be read by nobody, so there a person looks.

        With ``resend_when_absent`` the identical post is sent once more within the ten
        minutes in which LinkedIn refuses a repeat and names the first. The risk is the
        account's to take: should LinkedIn overlook the repeat, the post stands there twice.
        """
        author, since = await self._author(), call.started_at - CLOCK_SLACK
        if call.parents:
            return await self._comments.find(author, str(call.parents[0]), part, since)
        if call.ref is not None:
            return await self._read(str(call.ref), part, since=since)
        why = "LinkedIn lets nobody read a member's posts."
        if author.startswith(ORGANIZATION):
            found = await self._find(author, part, checkpoint, call)
            if not isinstance(found, str):
                return found
            why = found
        if self._settings.resend_when_absent and self._may_probe(call):
            return await self._probe(author, part, checkpoint, call)
        return Unclear(why=why, look_at=where_to_look(author))

    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        return await measure(self._client, await self._author(), refs)

    async def remove(self, ref: Ref) -> None:
        if COMMENT.fullmatch(str(ref)):
            reply = await self._comments.remove(await self._author(), str(ref))
        else:
            path = f"/rest/posts/{encoded(str(ref))}"
            reply = await self._client.call("DELETE", path, restli_method="DELETE")
        if reply.status not in (404, 410):
            self._client.expect(reply, author=await self._author())

    async def aclose(self) -> None:
        """Nothing of our own is open."""

    async def _author(self) -> str:
        if self._settings.author:
            return self._settings.author
        if not self._member:
            self._member = member_urn(self._client.read(await self._client.call("GET", "/v2/userinfo")))
        return self._member

    async def _why_not(self, author: str) -> str:
        """Which of the two a page's author lacks: the role, or the permission."""
        reply = await self._client.call(
            "GET", "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100", restli_method="FINDER"
        )
        if reply.status == 200:
            roles = {
                str(e.get("role"))
                for e in elements(reply)
                if author in (e.get("organization"), e.get("organizationalTarget"))
            }
            if not roles & POSTING_ROLES:
                return (
                    f"Whoever connected this account has no posting role on {author}. "
                    "An administrator of the LinkedIn page can give it."
                )
        return missing_permission(author)

    async def _create(self, body: Mapping[str, Any]) -> Reply:
        return await self._client.call("POST", "/rest/posts", json=body, creates=True)

    async def _read(self, urn: str, part: Part, *, since: datetime | None = None) -> Confirmed:
        """What LinkedIn shows under ``urn``; older than ``since`` is another post."""
        author = await self._author()
        reply = await self._client.call("GET", f"/rest/posts/{encoded(urn)}?viewContext=AUTHOR")
        if reply.status == 403:
            # nobody may look, and LinkedIn itself gave us this URN; its number tells when
            made = made_at(urn)
            if since is not None and made is not None and made < since:
                return Unclear(why=f"LinkedIn says it repeats an older post, {urn}.", look_at=post_url(urn))
            return Live(ref=urn, url=post_url(urn), proof=Proof.RECEIPT)
        if reply.status in (400, 404):
            return Unclear(why="LinkedIn named the post and does not show it.", look_at=post_url(urn))
        post = self._client.read(reply, author=author)
        created = instant(post.get("createdAt"))
        if since is not None and created is not None and created < since:
            return Unclear(why=f"LinkedIn says it repeats an older post, {urn}.", look_at=post_url(urn))
        return self._judge(post, urn, part)

    def _judge(self, post: Mapping[str, Any], urn: str, part: Part) -> Confirmed:
        state = post.get("lifecycleState", "PUBLISHED")
        if state == "PUBLISH_FAILED":
            return Refused(reason="LinkedIn took the post and then could not publish it.")
        if state == "PUBLISH_REQUESTED":
            return Pending(check_at=self._deps.clock.now() + timedelta(seconds=10), ref=urn)
        if state != "PUBLISHED":
            return Unclear(why=f"LinkedIn keeps the post as {state}.", look_at=post_url(urn))
        if not same_text(part.text, unescape(str(post.get("commentary", "")))):
            self._deps.log.warning("linkedin.text_differs", urn=urn)
        return Live(ref=urn, url=post_url(urn), proof=Proof.READ_BACK)

    async def _find(self, author: str, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed | str:
        """The post among the page's newest; a sentence when it could not be found."""
        # httpx would encode the punctuation of Rest.li anew: the query is written by hand
        path = f"/rest/posts?author={encoded(author)}&q=author&count=10&sortBy=LAST_MODIFIED"
        reply = await self._client.call("GET", path, restli_method="FINDER")
        if reply.status == 403:
            return "LinkedIn does not let this app read the page's posts."
        self._client.read(reply, author=author)
        since = call.started_at - CLOCK_SLACK
        ours = [p for p in elements(reply) if is_ours(p, part, checkpoint, since)]
        if len(ours) > 1:
            return Unclear(
                why=f"The page shows {len(ours)} posts with this text; one of them may be ours.",
                look_at=where_to_look(author),
            )
        if not ours:
            return "The page's newest posts do not show it."
        return self._judge(ours[0], str(ours[0]["id"]), part)

    def _may_probe(self, call: Call) -> bool:
        recent = self._deps.clock.now() - call.started_at < DUPLICATE_MEMORY
        return recent and call.key not in self._probed

    async def _probe(self, author: str, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        body = body_of(author, part, checkpoint, self._settings.visibility)
        self._probed.add(call.key)
        try:
            reply = await self._create(body)
            self._client.expect(reply, creates=True, author=author)
        except Uncertain as error:
            return Unclear(why=str(error), look_at=where_to_look(author))
        except Rejected as refused:
            urn = duplicate_of(reply) if refused.code == "duplicate" else None
            if urn is None:
                return Unclear(why=str(refused), look_at=where_to_look(author))
            return await self._read(urn, part, since=call.started_at - CLOCK_SLACK)
        except PublishError:
            # nothing was created, so this was no probe yet
            self._probed.discard(call.key)
            raise
        created = created_urn(reply)
        if created is None:
            return Unclear(why="LinkedIn answered without naming the post.", look_at=where_to_look(author))
        return Live(ref=created, url=post_url(created), proof=Proof.RECEIPT)
