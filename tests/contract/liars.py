"""Publishers and simulators that break the contract in one way each, and the checks that name it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from bot.api import (
    Absent,
    AccountInfo,
    AuthExpired,
    Call,
    Checkpoint,
    Clock,
    Confirmed,
    Deps,
    Facts,
    Feature,
    Finding,
    Gone,
    Level,
    Live,
    MediaKind,
    MediaRules,
    Metrics,
    More,
    OptionKind,
    Part,
    PictureRule,
    Platform,
    PostOption,
    PublishError,
    RateLimited,
    Receipt,
    Ref,
    Refused,
    Rejected,
    Reply,
    RunningSimulator,
    Staged,
    Transient,
    Uncertain,
    Unclear,
    Variant,
    VideoRule,
)
from bot.testing.scaffold import register_platforms
from bot.testing.scaffold.publisher import NoticeboardPublisher
from bot.testing.scaffold.rules import LINKS
from bot.testing.scaffold.simulator import Notice, NoticeboardSimulator
from tests.contract.revising_liars import revising_lies

HONEST: Platform[Any] = next(iter(register_platforms()))


class Liar(NoticeboardPublisher):
    """The scaffold's publisher, with what it is made of in reach."""

    def __init__(self, settings: Any, deps: Deps) -> None:
        super().__init__(settings, deps)
        self.mine: list[Any] = []

    async def create(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        return await NoticeboardPublisher.commit(self, part, checkpoint, call)


class SendsAgain(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        await self.create(part, checkpoint, call)
        return await self.create(part, checkpoint, call)


class RetriesBrokenBackends(Liar):
    async def _call(self, method: str, path: str, **body: Any) -> Reply:
        reply = await super()._call(method, path, **body)
        return reply if reply.status < 500 else await super()._call(method, path, **body)


class RetriesLostAnswers(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        before = self._deps.clock.monotonic()
        try:
            return await self.create(part, checkpoint, call)
        except Uncertain:
            if self._deps.clock.monotonic() > before:
                raise
            return await self.create(part, checkpoint, call)


class MakesReceiptsUp(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        return replace(await self.create(part, checkpoint, call), ref="n0", url=f"{LINKS}n0")


class SaysLiveWithoutAnId(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        reply = await self._call("POST", "/notices", json={"text": part.text})
        if error := self._refusal(reply):
            raise error
        if reply.status >= 500:
            raise Uncertain
        post = reply.json().get("id") if isinstance(reply.json(), dict) else None
        return Receipt(ref=post or "", url=f"{LINKS}{post}")


class InventsAbsence(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        found = await super().confirm(part, checkpoint, call)
        return found if isinstance(found, Live) else Absent()


class TakesOlderPosts(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        return await super().confirm(
            part, checkpoint, replace(call, started_at=datetime(2000, 1, 1, tzinfo=UTC))
        )


class TakesAnyPost(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        reply = await self._free("GET", "/notices")
        listed = reply.json().get("notices") or []
        for post in listed:
            found = await super().confirm(replace(part, text=post["text"]), checkpoint, call)
            if isinstance(found, Live):
                return found
        return await super().confirm(part, checkpoint, call)


class ConfirmsBySending(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        found = await super().confirm(part, checkpoint, call)
        if isinstance(found, Live):
            await self.create(replace(part, text="probe"), checkpoint, call)
        return found


class TrustsBrokenAnswers(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        try:
            return await super().confirm(part, checkpoint, call)
        except Transient:
            return Absent()


class LeaksIntoErrors(Liar):
    def _refusal(self, reply: Reply) -> PublishError | None:
        error = super()._refusal(reply)
        if error is not None:
            error.detail = f"bearer {self._settings.token.reveal()}"
        return error


class LeaksIntoItsRepr(Liar):
    def __repr__(self) -> str:
        return f"Liar({self._settings.token.reveal()})"


class LeaksIntoTheLog(Liar):
    async def _call(self, method: str, path: str, **body: Any) -> Reply:
        self._deps.log.debug("call", token=self._settings.token.reveal())
        return await super()._call(method, path, **body)


class Waits(Liar):
    async def _call(self, method: str, path: str, **body: Any) -> Reply:
        headers = {"authorization": f"Bearer {self._settings.token.reveal()}"}
        url = self._settings.base_url + path
        return await self._deps.http.request(method, url, headers=headers, timeout=3600.0, **body)


class SwallowsCancellation(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        try:
            return await self.create(part, checkpoint, call)
        except asyncio.CancelledError:
            raise Uncertain from None


class RaisesItsOwn(Liar):
    async def check(self) -> AccountInfo:
        me = (await self._free("GET", "/me")).json()
        return AccountInfo(id=me["id"], handle="")


class BlocksTheLoop(Liar):
    async def facts(self) -> Facts:
        time.sleep(0.06)  # noqa: ASYNC251  # this is what must be noticed
        return Facts()


class ChangesTheVariant(Liar):
    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        for part in variant.parts:
            part.options.update(seen=True)  # type: ignore[attr-defined]  # a dict in truth
        return super().inspect(variant, facts)


class ChangesTheCheckpoint(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        receipt = await self.create(part, checkpoint, call)
        checkpoint.data.update(done=True)  # type: ignore[attr-defined]  # a dict in truth
        return receipt


class SavesWhatCannotBeSaved(Liar):
    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        staged = await super().stage(part, checkpoint)
        if isinstance(staged, More):
            return More(
                checkpoint=replace(staged.checkpoint, data={**staged.checkpoint.data, "seen": {1, 2}})
            )
        return staged


class ForgetsTheSecondPicture(Liar):
    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        return await super().stage(replace(part, media=part.media[:1]), checkpoint)


class PublishesWhileStaging(Liar):
    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        staged = await super().stage(part, checkpoint)
        if isinstance(staged, More):
            await self._free("POST", "/notices", json={"text": "draft", "pictures": []})
        return staged


class LeavesATask(Liar):
    async def check(self) -> AccountInfo:
        self.mine.append(asyncio.create_task(asyncio.sleep(3600)))
        return await super().check()


class LeavesASocket(Liar):
    async def check(self) -> AccountInfo:
        self.mine.append(socket.socket())
        HELD.add(self.mine[-1])
        return await super().check()


class ClosesOnlyOnce(Liar):
    async def aclose(self) -> None:
        if self.mine:
            raise RuntimeError("closed already")
        self.mine.append("closed")


class RemovesOnlyOnce(Liar):
    async def remove(self, ref: Ref) -> None:
        await self._free("DELETE", f"/notices/{ref}")


class OnlySaysItRemoved(Liar):
    async def remove(self, ref: Ref) -> None:
        await self._free("GET", "/notices")


class InspectsWithFiles(Liar):
    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        with Path(__file__).open("rb") as file:
            file.read(1)
        return super().inspect(variant, facts)


class LiesInFacts(Liar):
    async def facts(self) -> Facts:
        return Facts(values={"longest": 5_000})

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        found = super().inspect(variant, facts)
        fits = all(len(p.text) <= facts.values["longest"] for p in variant.parts)
        return [f for f in found if not (fits and f.code == "too_long")]


class StaleFacts(Liar):
    async def facts(self) -> Facts:
        return Facts(expires_at=self._deps.clock.now() - timedelta(days=1))


class OwnClient(Liar):
    async def check(self) -> AccountInfo:
        headers = {"authorization": f"Bearer {self._settings.token.reveal()}"}
        try:
            async with httpx.AsyncClient(verify=False, trust_env=False) as client:
                answer = await client.get(f"{self._settings.base_url}/me", headers=headers)
        except httpx.HTTPError:
            raise Transient from None
        reply = Reply(status=answer.status_code, headers={}, body=answer.content)
        if error := self._refusal(Unread(status=reply.status, headers={}, body=b"")):
            raise error
        if reply.status != 200 or b'"id": "1"' not in reply.body:
            raise Transient
        return AccountInfo(id="1", handle="")


class Unread(Reply):
    """An answer whose body nobody reads."""

    def json(self) -> Any:
        return None


class CallsHome(Liar):
    async def check(self) -> AccountInfo:
        try:
            await self._deps.http.request("GET", "http://127.0.0.1:9/", timeout=1.0)
        except Transient:
            return await super().check()
        return await super().check()


class Misreads(Liar):
    """What one kind of trouble at the create becomes: ``taken`` is raised as ``given``."""

    taken: type[PublishError] = PublishError
    given: Callable[[], PublishError] = Transient

    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        try:
            return await self.create(part, checkpoint, call)
        except self.taken as error:
            if type(error) is not self.taken:
                raise
            raise type(self).given() from None


def misreads(taken: type[PublishError], given: Callable[[], PublishError]) -> type[Liar]:
    return type("Misreading", (Misreads,), {"taken": taken, "given": staticmethod(given)})


class TakesBrokenBackendsForNothing(Liar):
    async def _call(self, method: str, path: str, **body: Any) -> Reply:
        reply = await super()._call(method, path, **body)
        if reply.status >= 500 and method == "POST":
            raise Transient
        return reply


class TakesSilenceForNothing(Liar):
    async def _call(self, method: str, path: str, **body: Any) -> Reply:
        try:
            return await super()._call(method, path, **body)
        except Uncertain:
            raise Transient from None


class ChangesTheText(Liar):
    async def commit(self, part: Part, checkpoint: Checkpoint, call: Call) -> Receipt:
        return await self.create(replace(part, text=part.text.replace("\n\n", "\n")), checkpoint, call)


class CountsWhatIsNotThere(Liar):
    async def measure(self, refs: Sequence[Ref]) -> Mapping[str, Metrics | Gone]:
        return {str(ref): Metrics(views=0) for ref in refs}


class OnlyWarns(Liar):
    """What a mistake in the rules lets through."""

    code = ""

    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        found = super().inspect(variant, facts)
        return [replace(f, level=Level.WARN) if f.code == self.code else f for f in found]


class ForgetsTheEmpty(OnlyWarns):
    code = "empty"


class CountsTooLongForNothing(OnlyWarns):
    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        found = super().inspect(variant, facts)
        return [replace(f, code="long") if f.code == "too_long" else f for f in found]


class ClosesWithoutAsync(Liar):
    def aclose(self) -> Any:
        return asyncio.sleep(0)


class AsksWhenConnected(Liar):
    def __init__(self, settings: Any, deps: Deps) -> None:
        super().__init__(settings, deps)
        self.mine.append(asyncio.ensure_future(deps.http.request("GET", settings.base_url, timeout=1.0)))

    async def aclose(self) -> None:
        await asyncio.gather(*self.mine, return_exceptions=True)


class PostsToCheck(Liar):
    async def check(self) -> AccountInfo:
        await self._free("POST", "/notices", json={"text": "test", "pictures": []})
        return await super().check()


class OverlooksRefusedTokens(Liar):
    async def check(self) -> AccountInfo:
        try:
            return await super().check()
        except AuthExpired:
            raise Transient from None


class DoubtsItsReads(Liar):
    async def check(self) -> AccountInfo:
        await self._call("GET", "/me")
        return await super().check()


class DeniesWhatIsOut(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        found = await super().confirm(part, checkpoint, call)
        return Refused(reason="no") if isinstance(found, Live) else found


class NeverFinds(Liar):
    async def confirm(self, part: Part, checkpoint: Checkpoint, call: Call) -> Confirmed:
        found = await super().confirm(part, checkpoint, call)
        return Unclear(why="who knows") if isinstance(found, Live) else found


class SharesItsToken(Liar):
    """Like a module that keeps “the” token: whoever connects first, all speak with his."""

    def __init__(self, settings: Any, deps: Deps) -> None:
        super().__init__(settings, deps)
        shared = getattr(deps.log, "shared", settings.token)
        deps.log.shared = shared  # type: ignore[attr-defined]  # anything that outlives a publisher
        self._settings = replace(settings, token=shared)


class BlocksVideos(Liar):
    def inspect(self, variant: Variant, facts: Facts) -> Sequence[Finding]:
        films = [m for m in variant.media if m.kind is MediaKind.VIDEO]
        no = [Finding(level=Level.BLOCK, code="media", text="No videos here.") for _ in films]
        return [*super().inspect(variant, facts), *no]


class UploadsTwice(Liar):
    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        staged = await super().stage(part, checkpoint)
        if isinstance(staged, More):
            await super().stage(part, checkpoint)
        return staged


class GivesUp(Liar):
    """Takes a cut while uploading for the platform's no."""

    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        try:
            return await super().stage(part, checkpoint)
        except Transient:
            raise Rejected("The upload failed.") from None


class KeepsForEver(Liar):
    async def stage(self, part: Part, checkpoint: Checkpoint) -> Staged:
        staged = await super().stage(part, checkpoint)
        return replace(staged, checkpoint=replace(staged.checkpoint, expires_at=None))


class DoublingSimulator(NoticeboardSimulator):
    async def _create(self, request: web.Request) -> web.Response:
        answer = await super()._create(request)
        if answer.status == 201:
            last = self.notices[-1]
            self.notices.append(Notice(id=f"{last.id}b", text=last.text, at=last.at))
        return answer


def with_publisher(kind: type[NoticeboardPublisher]) -> Platform[Any]:
    return replace(HONEST, connect=kind)


def with_simulator(kind: type[NoticeboardSimulator]) -> Platform[Any]:
    async def simulate(clock: Clock) -> RunningSimulator:
        return await kind(clock).start()

    return replace(HONEST, simulate=simulate)


def offering(feature: Feature) -> Platform[Any]:
    return replace(HONEST, features=HONEST.features | feature)


CINEMA = MediaRules(
    picture=PictureRule(formats=("image/png",), most_bytes=1_000_000),
    video=VideoRule(
        containers=("mp4",), codecs=("h264",), audio=("aac",), most_bytes=100_000_000, seconds=(1, 60)
    ),
    most_files=4,
    most_pictures=4,
    source="https://noticeboard.example/developers",
    as_of=date(2026, 11, 21),
)
"""Files that the scaffold's server takes, whatever they are."""


def showing(kind: type[NoticeboardPublisher] = NoticeboardPublisher, **more: Any) -> Platform[Any]:
    """A noticeboard that takes videos too, and says which."""
    facts = {"features": HONEST.features | Feature.VIDEO, "media": lambda variant, facts: CINEMA}
    return replace(HONEST, connect=kind, **{**facts, **more})


@dataclass(frozen=True, kw_only=True)
class Lie:
    """One way to break the contract; ``named_by`` are exactly the checks that fail for it."""

    name: str
    platform: Platform[Any]
    named_by: frozenset[str]
    samples: tuple[Part, ...] = ()
    handing: dict[str, Any] = field(default_factory=dict)


def lies() -> Iterator[Lie]:
    """Every lie there is."""
    for kind, names in LIARS.items():
        yield Lie(name=kind.__name__, platform=with_publisher(kind), named_by=frozenset(names.split()))
    for lie, platform, names in MANIFESTS:
        yield Lie(name=lie, platform=platform, named_by=frozenset(names.split()))
    for lie, platform, found in revising_lies():
        yield Lie(name=lie, platform=platform, named_by=found)
    yield Lie(
        name="publishes what it was to hand over",
        platform=showing(features=showing().features | Feature.HAND_OVER),
        named_by=frozenset({"what_is_handed_over_says_what_to_do"}),
        handing={"mode": "inbox"},
    )
    yield Lie(
        name="a sample too long",
        platform=HONEST,
        named_by=frozenset({"every_sample_goes_out"}),
        samples=(Part(text="s" * 501),),
    )


class Held(set[socket.socket]):
    """Sockets that nobody closed, to be closed when it has been noticed."""

    def close(self) -> None:
        while self:
            self.pop().close()


HELD = Held()

CRASHES = "nothing_doubles_and_nothing_is_claimed_whatever_breaks"

LIARS: Mapping[type[NoticeboardPublisher], str] = {
    SendsAgain: f"one_commit_leaves_one_post {CRASHES}",
    RetriesBrokenBackends: "a_create_is_sent_once_whatever_comes_back",
    RetriesLostAnswers: f"a_create_is_sent_once_whatever_comes_back {CRASHES}",
    MakesReceiptsUp: f"a_receipt_names_what_is_out {CRASHES}",
    SaysLiveWithoutAnId: "an_answer_without_an_id_is_uncertain",
    InventsAbsence: "absent_is_said_only_where_a_second_call_cannot_double",
    TakesOlderPosts: "an_older_post_with_the_same_words_is_not_this_one",
    TakesAnyPost: f"what_is_not_out_is_never_called_live {CRASHES}",
    ConfirmsBySending: f"confirming_creates_nothing {CRASHES}",
    TrustsBrokenAnswers: "a_broken_answer_decides_nothing",
    LeaksIntoErrors: "no_secret_shows",
    LeaksIntoItsRepr: "no_secret_shows",
    LeaksIntoTheLog: "no_secret_shows",
    Waits: "a_silent_platform_is_given_up_in_time",
    SwallowsCancellation: "cancelling_is_obeyed",
    RaisesItsOwn: "only_our_errors_come_out",
    BlocksTheLoop: "nothing_else_has_to_wait",
    ChangesTheVariant: "what_was_signed_stays_as_it_was",
    ChangesTheCheckpoint: "what_was_signed_stays_as_it_was",
    SavesWhatCannotBeSaved: f"a_picture_is_staged_in_steps_that_can_be_saved {CRASHES}",
    ForgetsTheSecondPicture: "several_pictures_go_out_together",
    PublishesWhileStaging: f"staging_creates_nothing {CRASHES}",
    LeavesATask: "nothing_is_left_open",
    LeavesASocket: "nothing_is_left_open",
    ClosesOnlyOnce: "nothing_is_left_open",
    RemovesOnlyOnce: "taking_down_may_be_repeated",
    OnlySaysItRemoved: "taken_down_is_gone",
    InspectsWithFiles: "inspect_touches_neither_network_nor_files",
    LiesInFacts: "what_inspect_lets_through_the_platform_takes",
    StaleFacts: "facts_can_be_kept",
    OwnClient: "only_the_lent_client_talks_to_the_platform",
    CallsHome: "only_its_own_server_is_called",
    TakesBrokenBackendsForNothing: "a_broken_backend_is_uncertain_on_the_create",
    TakesSilenceForNothing: f"a_missing_answer_is_uncertain {CRASHES}",
    ChangesTheText: "the_text_arrives_as_it_was_signed",
    ForgetsTheEmpty: "an_empty_post_is_found_before_any_call",
    CountsTooLongForNothing: "too_long_is_found_before_any_call",
    ClosesWithoutAsync: "every_method_is_there",
    AsksWhenConnected: "connecting_asks_nobody",
    PostsToCheck: "check_asks_the_platform_and_names_the_account",
    OverlooksRefusedTokens: "check_notices_a_refused_token two_accounts_share_nothing",
    DoubtsItsReads: "reads_that_break_are_only_tried_again",
    DeniesWhatIsOut: f"what_is_out_is_never_called_absent a_lost_post_is_found {CRASHES}",
    NeverFinds: "a_lost_post_is_found",
    SharesItsToken: "two_accounts_share_nothing",
}

MANIFESTS: Sequence[tuple[str, Platform[Any], str]] = (
    ("doubling simulator", with_simulator(DoublingSimulator), f"one_commit_leaves_one_post {CRASHES}"),
    (
        "rules without a source",
        showing(media=lambda v, f: replace(CINEMA, source="")),
        "media_rules_are_whole_and_dated",
    ),
    ("blocks what fits", showing(BlocksVideos), "a_file_that_fits_is_not_blocked"),
    ("uploads twice", showing(UploadsTwice), "a_video_survives_a_crash_after_every_step"),
    ("gives up", showing(GivesUp), "an_upload_goes_on_after_a_cut"),
    ("keeps for ever", showing(KeepsForEver), "checkpoints_say_until_when_they_hold"),
    (
        "a choice of nothing",
        showing(options=(PostOption(name="who", title="Who", help="Who sees it", kind=OptionKind.CHOICE),)),
        "options_can_be_asked_for",
    ),
    (
        "no source",
        replace(HONEST, limits=(replace(HONEST.limits[0], source=""),)),
        "the_manifest_tells_what_there_is",
    ),
    (
        "any link",
        replace(HONEST, ref_of=lambda link: link.rpartition("/")[2]),
        "a_pasted_link_gives_the_ref_back",
    ),
    (
        "removes without saying so",
        replace(HONEST, features=HONEST.features & ~Feature.REMOVE),
        "what_is_not_offered_is_refused_plainly",
    ),
    ("comments in name only", offering(Feature.COMMENT), "a_comment_goes_below_the_post"),
    ("cards in name only", offering(Feature.ARTICLE), "a_link_card_carries_what_was_approved"),
    (
        "a thread in name only",
        replace(HONEST, features=HONEST.features | Feature.THREAD),
        "a_thread_hangs_together",
    ),
    (
        "made-up numbers",
        replace(with_publisher(CountsWhatIsNotThere), features=HONEST.features | Feature.METRICS),
        "numbers_are_counted_or_left_out",
    ),
    (
        "reads a rate limit as a fault",
        with_publisher(misreads(RateLimited, Transient)),
        "a_rate_limit_says_until_when",
    ),
    (
        "reads a refused token as a refusal",
        with_publisher(misreads(AuthExpired, lambda: Rejected("no"))),
        "a_refused_token_pauses_the_account",
    ),
    (
        "reads a refusal as a fault",
        with_publisher(misreads(Rejected, Transient)),
        "a_refusal_has_words",
    ),
    (
        "reads no connection as doubt",
        with_publisher(misreads(Transient, Uncertain)),
        "no_connection_is_transient",
    ),
)
