"""The card in each of its states, word for word, and painted whatever the rows hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import card
from bot.domain.approval import Choice, Decision, Verdict, Via, Vote
from bot.domain.card import DROPPED, Row, Sheet, settle_deadline, short_link, summary
from bot.domain.delivery import Delivery, PartProgress, PartState, State
from bot.domain.marks import plain
from bot.domain.message import Action, Button, Field, Message, in_words
from bot.domain.platform import Finding, Level, Proof
from bot.domain.post import Media, MediaKind, Part, Post, Variant
from bot.domain.records import Halt

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ZONE = "Europe/Lisbon"
PICTURE = Media(
    sha256="a",
    name="launch.jpg",
    mime="image/jpeg",
    kind=MediaKind.IMAGE,
    size=9,
    width=1600,
    height=900,
    alt="a launch",
)
POST = Post(
    id=42, brand="acme", author="alice", brief="Launch day", wish="mon 17:30", version=3, created_at=NOW
)
MONDAY = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
COUNT = Finding(level=Level.NOTE, code="length", text="10/280")


def paint(view: Sheet) -> Message:
    return in_words(card.paint(view))


def delivery(state: State, *texts: str, id_: int = 7, **changes: object) -> Delivery:
    parts = tuple(Part(text=t) for t in (texts or ("Launch day",)))
    made = Delivery(
        id=id_,
        post_id=42,
        brand="acme",
        account="acme-x",
        platform="demo",
        variant=Variant(account="acme-x", platform="demo", parts=parts),
        fingerprint="f3",
        version=3,
        state=state,
        due=MONDAY,
        fence=5,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def row(found: Delivery, title: str = "X", handle: str = "@acme", **more: object) -> Row:
    return Row(delivery=found, title=title, handle=handle, **more)  # type: ignore[arg-type]


def sheet(*rows: Row, post: Post = POST, votes: tuple[Vote, ...] = (), **more: object) -> Sheet:
    return Sheet(
        post=post,
        rows=rows,
        votes=votes,
        zone=ZONE,
        now=NOW,
        approvers=("bob", "carol"),
        needed=1,
        **more,  # type: ignore[arg-type]
    )


def yes(member: str, *, over: str = "f3", version: int = 3) -> Vote:
    return Vote(
        delivery_id=7,
        member=member,
        choice=Choice.YES,
        fingerprint=over,
        version=version,
        via=Via.BUTTON,
        at=NOW,
    )


def of_post(verb: str, label: str, *, asks: str = "", primary: bool = False) -> Button:
    action = Action(verb=verb, kind="post", id=42, version=3)
    return Button(label=label, action=action, asks=asks, primary=primary)


def of_delivery(verb: str, label: str, **more: object) -> Button:
    action = Action(verb=verb, kind="delivery", id=7, version=5)
    return Button(label=label, action=action, **more)  # type: ignore[arg-type]


HOLD = of_post("hold", "Hold")
EDIT = of_post("edit", "Edit", asks="The new text?")
OTHER_TIME = of_post("schedule", "Other time", asks="When?")
CANCEL = of_post("cancel", "Cancel")
PREVIEW = of_post("preview", "Preview")
KEEP = of_post("keep", "♻ Keep for later")
TITLE = "P42 · acme · by alice"


def one(message: Message) -> str:
    """What the card says about its only target."""
    return message.fields[0].value


def test_in_review() -> None:
    found = delivery(State.IN_REVIEW)
    found = replace(found, variant=replace(found.variant, parts=(Part(text="Launch day", media=(PICTURE,)),)))
    ends = NOW + timedelta(hours=3)
    view = sheet(row(found, findings=(COUNT,), preview="P42-v3-acme-x.txt"), expires_at=ends, simulated=True)
    assert paint(view) == Message(
        title=TITLE,
        status="IN REVIEW",
        text="Launch day\n🖼 launch.jpg  1600×900 · alt: “a launch”",
        fields=(
            Field(name="X", value="@acme  ✓ 10/280  · P42-v3-acme-x.txt"),
            Field(name="When", value="mon 17:30 → Mon 23 Nov 17:30 Lisbon"),
            Field(name="Approve", value="needs 1 of bob or carol by 12:00"),
        ),
        buttons=(
            of_post("approve", "Approve", primary=True),
            of_post("changes", "Request changes", asks="What should change?"),
            of_post("reject", "Reject", asks="Why?"),
            HOLD,
            EDIT,
            OTHER_TIME,
            PREVIEW,
            CANCEL,
        ),
        footer="v3 · SIMULATED — no account is connected",
    )


def test_in_review_with_one_of_two() -> None:
    verdict = Verdict(decision=Decision.OPEN, yes=1, needed=2, by=("bob",))
    message = paint(
        replace(sheet(row(delivery(State.IN_REVIEW), verdict=verdict), votes=(yes("bob"),)), needed=2)
    )
    assert message.status == "IN REVIEW  1 of 2"
    assert message.fields[-1].value == "needs bob and carol · bob ✅ v3 09:00"


def test_a_vote_over_older_bytes_is_not_shown_as_counting() -> None:
    message = paint(sheet(row(delivery(State.IN_REVIEW)), votes=(yes("bob", over="f2", version=2),)))
    assert message.fields[-1].value == "needs 1 of bob or carol"


def test_nobody_may_approve() -> None:
    assert paint(replace(sheet(row(delivery(State.IN_REVIEW))), approvers=())).fields[-1].value == (
        "nobody in this brand may approve"
    )


def test_not_ready_says_why_and_the_way_out() -> None:
    block = Finding(level=Level.BLOCK, code="video", text="needs a video", fix="/edit P42 --drop acme-yt")
    message = paint(sheet(row(delivery(State.DRAFT), findings=(COUNT, block))))
    assert (message.status, one(message)) == (
        "NOT READY",
        "@acme  ✗ needs a video — /edit P42 --drop acme-yt",
    )
    assert message.buttons == (EDIT, PREVIEW)
    assert message.footer == "v3 · it is asked about as soon as it can go out"


def test_a_warning_stands_beside_the_count() -> None:
    warn = Finding(level=Level.WARN, code="alt", text="no alt text", fix="add --alt")
    message = paint(sheet(row(delivery(State.IN_REVIEW, "a", "b"), findings=(COUNT, warn))))
    assert one(message) == "@acme  ✓ 10/280 · ⚠ no alt text — add --alt"
    assert one(paint(sheet(row(delivery(State.IN_REVIEW))))) == "@acme  ✓ ready"


def test_what_reviewers_found_is_shown_while_it_is_decided() -> None:
    reviews = (
        Finding(level=Level.BLOCK, code="word", text="forbidden word", fix="another one"),
        Finding(level=Level.NOTE, code="tone", text="friendly"),
    )
    shown = [
        f for f in paint(sheet(row(delivery(State.IN_REVIEW)), reviews=reviews)).fields if f.name == "Review"
    ]
    assert [f.value for f in shown] == ["✗ forbidden word — another one", "· friendly"]
    assert "Review" not in {f.name for f in paint(sheet(row(delivery(State.LIVE)), reviews=reviews)).fields}


def test_scheduled() -> None:
    message = paint(sheet(row(delivery(State.SCHEDULED)), votes=(yes("bob"), yes("carol"))))
    assert (message.status, one(message)) == ("SCHEDULED", "@acme  goes out Mon 23 Nov 17:30 Lisbon")
    assert message.buttons == (HOLD, EDIT, OTHER_TIME, CANCEL)
    assert message.footer == "approved v3 by bob, carol"


def test_scheduled_and_waiting_or_stopped() -> None:
    waiting = delivery(State.SCHEDULED, reason="waits for X until 17:41 (its daily limit)")
    halt = Halt(brand="acme", by="dana", at=NOW)
    message = paint(sheet(row(waiting), halt=halt))
    assert one(message) == "@acme  waits for X until 17:41 (its daily limit)"
    assert message.footer == "stopped by dana — /resume when ready"
    assert one(paint(sheet(row(delivery(State.SCHEDULED, due=NOW))))) == "@acme  goes out now"


def test_publishing() -> None:
    message = paint(sheet(row(delivery(State.PUBLISHING))))
    assert (message.status, one(message), message.buttons) == ("PUBLISHING", "@acme  sending …", ())
    half = delivery(State.PUBLISHING, "a", "b", parts=(PartProgress(index=0, state=PartState.OUT),))
    assert one(paint(sheet(row(half)))) == "@acme  sending … · 1 of 2 parts are out"


def out(index: int = 0, proof: Proof = Proof.RECEIPT) -> PartProgress:
    return PartProgress(
        index=index,
        state=PartState.OUT,
        ref=str(index),
        url=f"https://www.x.example/{index}",
        proof=proof,
        out_at=NOW + timedelta(seconds=1),
    )


def test_live_tells_its_proof_and_offers_to_take_it_down_or_keep_it() -> None:
    message = paint(sheet(row(delivery(State.LIVE, parts=(out(),)))))
    assert (message.status, message.text) == ("LIVE", "")
    assert one(message) == "@acme  live 09:00:01 (receipt) · x.example/0"
    assert message.buttons == (of_delivery("take-down", "Take down", danger=True), KEEP)
    words = {
        proof: one(paint(sheet(row(delivery(State.LIVE, parts=(out(proof=proof),)))))) for proof in Proof
    }
    assert {p: w.split("(")[1].split(")")[0] for p, w in words.items()} == {
        Proof.RECEIPT: "receipt",
        Proof.READ_BACK: "read back",
        Proof.HUMAN: "a person's word",
    }


def test_a_live_thread_with_several_proofs() -> None:
    found = delivery(State.LIVE, "a", "b", parts=(out(0), out(1, Proof.READ_BACK)))
    assert (
        one(paint(sheet(row(found)))) == "@acme  live 09:00:01 (receipt, read back) · 2 parts · x.example/0"
    )


def test_checking_promises_when_it_will_ask() -> None:
    found = delivery(State.UNCONFIRMED, wake_at=NOW, reason="no clear answer after sending at 09:00:04.")
    message = paint(sheet(row(found, asks_at=NOW + timedelta(minutes=2))))
    assert message.status == "CHECKING"
    assert one(message) == (
        "@acme  no clear answer after sending at 09:00:04. Looking for it; I'll ask you at 09:02:00."
    )
    assert (message.buttons, message.footer) == ((), "nothing is sent twice while I look")


def test_unconfirmed_asks() -> None:
    message = paint(sheet(row(delivery(State.UNCONFIRMED, reason="I could not find out."))))
    assert (message.status, one(message)) == ("UNCONFIRMED", "@acme  UNCONFIRMED · I could not find out.")
    assert message.buttons == (
        of_delivery("is-live", "It's live", asks="Its link, if you have it?", optional=True),
        of_delivery("is-not", "It's not — send it"),
        of_delivery("leave", "Leave it"),
    )


def test_what_stopped_says_why_and_what_can_be_done() -> None:
    shown = {
        state: paint(sheet(row(delivery(state, reason="because"))))
        for state in (State.REFUSED, State.HELD, State.EXPIRED, State.CANCELLED, State.CHANGES_REQUESTED)
    }
    assert {s: one(m) for s, m in shown.items()} == {
        State.REFUSED: "@acme  refused: because",
        State.HELD: "@acme  held: because",
        State.EXPIRED: "@acme  expired: because",
        State.CANCELLED: "@acme  cancelled: because",
        State.CHANGES_REQUESTED: "@acme  changes requested: because",
    }
    assert {s: tuple(b.label for b in m.buttons) for s, m in shown.items()} == {
        State.REFUSED: ("Edit", "Try again"),
        State.HELD: ("Edit", "Publish now", "Cancel"),
        State.EXPIRED: ("Edit", "Other time"),
        State.CANCELLED: ("Edit",),
        State.CHANGES_REQUESTED: ("Edit", "Other time"),
    }
    assert {s: m.footer for s, m in shown.items()} == {
        State.REFUSED: "nothing more is sent until somebody says so",
        State.HELD: "nothing more is sent until somebody says so",
        State.EXPIRED: "v3 · nobody decided in time; a new time or version asks again",
        State.CANCELLED: "/edit P42 brings it back",
        State.CHANGES_REQUESTED: "v3 · alice makes a new version, and it is asked about again",
    }


def test_a_post_that_is_kept_says_by_whom_and_can_be_let_go() -> None:
    message = paint(sheet(row(delivery(State.LIVE, parts=(out(),))), kept=("alice", "bob")))
    assert message.footer == "♻ kept by alice and bob"
    assert message.buttons[-1] == of_post("unkeep", "♻ Let go")


def test_where_there_are_too_many_targets_what_is_only_offered_gives_way() -> None:
    rows = [row(delivery(State.UNCONFIRMED, id_=n), title=f"T{n}") for n in range(6)]
    rows += [row(delivery(State.LIVE, id_=n, parts=(out(),)), title=f"T{n}") for n in range(6, 20)]
    buttons = paint(sheet(*rows)).buttons
    assert len(buttons) == 25
    verbs = [b.action.verb for b in buttons]
    assert {v: verbs.count(v) for v in set(verbs)} == {
        "is-live": 6,
        "is-not": 6,
        "leave": 6,
        "take-down": 6,
        "keep": 1,
    }
    assert len({b.action for b in buttons}) == 25


def test_two_targets_are_counted_and_named_on_their_buttons() -> None:
    live = delivery(State.LIVE, parts=(out(),))
    refused = delivery(State.REFUSED, id_=8, reason="no")
    message = paint(sheet(row(live), row(refused, title="LinkedIn", handle="Acme GmbH")))
    assert message.status == "LIVE 1, REFUSED 1"
    assert [b.label for b in message.buttons] == ["Take down (X)", "Try again (LinkedIn)", "♻ Keep for later"]
    assert [b.action.id for b in message.buttons] == [7, 8, 42]
    assert summary([row(live), row(live)]) == "LIVE"


def test_a_target_that_was_dropped_goes_from_the_card_unless_it_is_all_there_was() -> None:
    dropped = delivery(State.CANCELLED, id_=8, reason="dropped by alice")
    message = paint(sheet(row(delivery(State.SCHEDULED)), row(dropped, title="LinkedIn")))
    assert (message.status, [f.name for f in message.fields]) == ("SCHEDULED", ["X"])
    alone = paint(sheet(row(dropped, title="LinkedIn")))
    assert (alone.status, one(alone)) == ("CANCELLED", "@acme  cancelled: dropped by alice")


def test_small_words() -> None:
    assert plain(short_link("https://www.x.com/a")) == "x.com/a"
    assert plain(short_link("http://x.com")) == "http://x.com"
    assert settle_deadline(NOW, ()) == NOW
    assert settle_deadline(NOW, (timedelta(seconds=1), timedelta(minutes=2))) == NOW + timedelta(minutes=2)


INSTANTS = st.one_of(st.none(), st.integers(-400, 400).map(lambda d: NOW + timedelta(days=d, seconds=d)))
PROGRESS = st.lists(
    st.builds(
        PartProgress,
        index=st.integers(0, 3),
        state=st.sampled_from([*PartState]),
        proof=st.one_of(st.none(), st.sampled_from([*Proof])),
        url=st.one_of(st.none(), st.just("https://x.example/1")),
        out_at=INSTANTS,
    ),
    max_size=3,
).map(tuple)
DELIVERIES = st.builds(
    lambda state, texts, due, wake, reason, parts: delivery(
        state, *texts, due=due, wake_at=wake, reason=reason, parts=parts
    ),
    st.sampled_from([*State]),
    st.lists(st.text(max_size=5), min_size=1, max_size=3),
    INSTANTS,
    INSTANTS,
    st.sampled_from(["", "because"]),
    PROGRESS,
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        level=st.sampled_from([*Level]),
        code=st.just("c"),
        text=st.just("t"),
        fix=st.sampled_from(["", "f"]),
    ),
    max_size=3,
).map(tuple)
VERDICTS = st.one_of(
    st.none(),
    st.builds(
        Verdict, decision=st.sampled_from([*Decision]), yes=st.integers(0, 3), needed=st.integers(1, 3)
    ),
)
ROWS = st.builds(
    Row,
    delivery=DELIVERIES,
    title=st.sampled_from(["X", "LinkedIn"]),
    handle=st.just("@acme"),
    findings=FINDINGS,
    verdict=VERDICTS,
    preview=st.sampled_from(["", "file.txt"]),
    asks_at=INSTANTS,
)
VOTES = st.lists(
    st.builds(
        Vote,
        delivery_id=st.just(7),
        member=st.sampled_from(["bob", "carol"]),
        choice=st.sampled_from([*Choice]),
        fingerprint=st.sampled_from(["f2", "f3"]),
        version=st.integers(1, 3),
        via=st.sampled_from([*Via]),
        at=st.just(NOW),
    ),
    max_size=4,
).map(tuple)


@given(
    st.lists(ROWS, max_size=3),
    VOTES,
    st.sampled_from(["now", "next slot", "fri 17:30", "2026-11-27 17:30"]),
    INSTANTS,
    st.booleans(),
    st.booleans(),
    FINDINGS,
)
def test_whatever_the_rows_hold_a_card_can_be_painted(
    rows: list[Row],
    votes: tuple[Vote, ...],
    wish: str,
    expires: datetime | None,
    halted: bool,
    simulated: bool,
    reviews: tuple[Finding, ...],
) -> None:
    view = sheet(
        *rows,
        post=replace(POST, wish=wish),
        votes=votes,
        expires_at=expires,
        halt=Halt(brand="acme", by="dana", at=NOW) if halted else None,
        simulated=simulated,
        reviews=reviews,
    )
    message = paint(view)
    assert message.title == TITLE
    left_out = [
        r for r in rows if r.delivery.state is State.CANCELLED and r.delivery.reason.startswith(DROPPED)
    ]
    shown = [r for r in rows if r not in left_out] or rows
    assert [f.name for f in message.fields[: len(shown)]] == [r.title for r in shown]
    assert all(f.name and f.value for f in message.fields)
    assert all(len(b.action.encode()) <= 100 for b in message.buttons)
    assert ("SIMULATED" in message.footer) == simulated
    # green is never shown before it is proven
    if not any(r.delivery.state is State.LIVE or r.delivery.begun for r in rows):
        assert "LIVE" not in message.status
        assert "live" not in " ".join(f.value for f in message.fields[: len(shown)])
    # one who may press must be able to: what needs a person offers something
    if any(r.delivery.state is State.UNCONFIRMED and not r.delivery.wake_at for r in rows):
        assert {"is-live", "is-not", "leave"} <= {b.action.verb for b in message.buttons}


def test_requests_that_end_seconds_apart_are_told_once() -> None:
    ends = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    rows = [
        row(delivery(State.IN_REVIEW, id_=number, wake_at=ends + timedelta(seconds=number)), f"Site {number}")
        for number in range(3)
    ]
    assert [f.name for f in paint(sheet(*rows)).fields if f.name.startswith("Approve")] == ["Approve"]
    apart = replace(rows[0].delivery, wake_at=ends + timedelta(minutes=5))
    named = [f.name for f in paint(sheet(*rows, replace(rows[0], delivery=apart, title="Late"))).fields]
    assert "Approve Late" in named
