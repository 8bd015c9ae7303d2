"""Starting a test: what is compared on which post, planned and written down before anything changes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.delivery import Delivery, State
from bot.domain.experiment import Design, Metric, TestPlan, TestSpec, Varied
from bot.domain.message import Button, Message
from bot.domain.people import Brand
from bot.domain.platform import Feature, Level, Ref
from bot.domain.post import Media, Post
from bot.domain.revising import THUMBNAIL, TITLE, DayCount, Revises, begins, day_of
from bot.domain.trial import GOING_ON, Experiment, Phase
from bot.domain.words import listed
from bot.errors import BadInput, Conflict, PublishError
from bot.ports import Experimenting, Revising, Tx
from bot.services.advised import advised, adviser
from bot.services.context import Connected, Services
from bot.services.experimenting.words import APPROVE, REJECT, asking_words, button, promise
from bot.services.tell import audit, tell, tell_brand

NAMES = "ABCDEFGH"
USUAL_DAYS = 7
"""Of how many days before it is taken what a post usually has."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asked for. ``texts`` and ``files`` are the challengers', in their order."""

    kind: str = Varied.TITLE
    texts: tuple[str, ...] = ()
    files: tuple[Media, ...] = ()
    metric: str = ""
    days: int = 28
    per_arm: int = 80
    smallest: float = 1.0
    design: str = ""


async def start(
    svc: Services, brand: Brand, post: Post, member: str, wanted: Wanted, account: str | None = None
) -> str:
    """Plan a test of what one live post shows and ask for approval of its variants.

    Raises `BadInput` for what cannot be tested so, with what could, and `Conflict` for a post that is in
    a test already.
    """
    if wanted.kind == Varied.CAPTION:
        raise BadInput(
            "A caption cannot be changed back and forth once it is out. Test it over posts: leave the post "
            "away, and give new posts an arm with /post --experiment."
        )
    connected, delivery, revises = await _place(svc, post, account, wanted.kind)
    ref = delivery.progress(0).ref
    first = await _as_it_is(connected, delivery, ref, wanted)
    texts, files = _variants(wanted, first)
    _check_taken(connected, delivery, wanted.kind, texts)
    usual = await _usual(svc, connected, delivery, ref, revises)
    shown, rate = _known(usual)
    spec = TestSpec(
        design=wanted.design or Design.SWITCHBACK,
        metric=wanted.metric or (Metric.CTR if usual or _young(svc, delivery) else Metric.VIEWS),
        variants=tuple(texts or files),
        kind=wanted.kind,
        days=wanted.days,
        smallest=wanted.smallest,
        impressions_per_day=shown,
        rate=rate,
    )
    plan = await planned(svc, spec)
    now = svc.clock.now()
    fresh = Experiment(
        brand=brand.name,
        plan=plan,
        texts=texts,
        files=files,
        author=member,
        created_at=now,
        account=connected.name,
        post_id=post.id,
        delivery_id=delivery.id,
        ref=ref,
        zone=revises.day_zone,
        showing=plan.spec.variants[0],
    )
    made = await svc.store.write(lambda tx: _ask(svc, tx, brand, post, fresh, connected.platform.title))
    svc.wake()
    if made.phase is Phase.RUNNING:
        return f"{made.name} begins {begun_words(made)}. {promise(plan)}"
    return f"{made.name} waits for approval of its variants. {promise(plan)}"


async def start_posts(
    svc: Services, brand: Brand, member: str, wanted: Wanted, accounts: Sequence[str] = ()
) -> str:
    """Plan a test in which each new post gets one variant. Nothing is published by it: posts are approved
    as ever. Raises as `start`."""
    if wanted.files or wanted.kind != Varied.CAPTION:
        raise BadInput("Over posts only captions are tested. For a title or a thumbnail name the live post.")
    names = NAMES[: len(wanted.texts)]
    spec = TestSpec(
        design=wanted.design or Design.POSTS,
        metric=wanted.metric or Metric.ENGAGEMENT,
        variants=tuple(names),
        kind=wanted.kind,
        per_arm=wanted.per_arm,
        smallest=wanted.smallest,
        accounts=tuple(accounts),
    )
    plan = await planned(svc, spec)
    now = svc.clock.now()
    fresh = Experiment(
        brand=brand.name,
        plan=plan,
        texts=dict(zip(names, wanted.texts, strict=True)),
        author=member,
        created_at=now,
        accounts=tuple(accounts),
        zone=brand.timezone,
        phase=Phase.RUNNING,
        started_at=now,
        wake_at=now + timedelta(hours=6),
    )

    def unit(tx: Tx) -> Experiment:
        made = tx.experiments.add(fresh)
        audit(svc, tx, brand.name, member, "experiment_started", facts={"experiment": made.name})
        said = Message(text=f"{member} began {made.name} over new posts. {promise(plan)}")
        tell_brand(svc, tx, brand.name, f"experiment:{made.id}:begun", said)
        return made

    made = await svc.store.write(unit)
    return f"{made.name} runs. /post … --experiment {made.name} gives a new post its variant. {promise(plan)}"


async def planned(svc: Services, spec: TestSpec) -> TestPlan:
    """The plan, from whoever plans tests here; raises `BadInput` with why it cannot be one."""
    if adviser(svc, Experimenting) is None:  # type: ignore[type-abstract]  # told apart by what it can be asked
        raise BadInput("No plugin here plans tests. `clarion plugins` lists what there is.")

    def ask(one: Experimenting) -> TestPlan | BadInput:
        try:
            return one.plan_test(spec, seed=seed)
        except BadInput as refused:
            return refused

    seed = secrets.randbelow(2**31)
    found = await advised(svc, Experimenting, ask)  # type: ignore[type-abstract]  # as above
    if isinstance(found, BadInput):
        raise found
    if found is None:
        raise BadInput("The test could not be planned; the log says what broke.")
    return found


def begin(experiment: Experiment, now: datetime) -> Experiment:
    """Running, from the next whole day of its platform on."""
    start_day = day_of(now, experiment.zone) + timedelta(days=1)
    plan = dated(experiment.plan, start_day)
    return replace(
        experiment,
        plan=plan,
        phase=Phase.RUNNING,
        started_at=now,
        wake_at=begins(start_day, experiment.zone),
        why="",
    )


def dated(plan: TestPlan, start_day: date) -> TestPlan:
    """The same plan with its days."""
    blocks = tuple(replace(b, day=start_day + timedelta(days=b.index)) for b in plan.blocks)
    return replace(plan, spec=replace(plan.spec, start=start_day), blocks=blocks)


def begun_words(experiment: Experiment) -> str:
    """When it begins, by whose days."""
    start_day = experiment.plan.spec.start
    return f"on {start_day:%d %B} ({experiment.zone.replace('_', ' ')} days)" if start_day else "soon"


async def _place(
    svc: Services, post: Post, account: str | None, kind: str
) -> tuple[Connected, Delivery, Revises]:
    """Where the post is live and lets that be changed."""
    rows = await svc.store.read(lambda tx: tx.deliveries.of_post(post.id))
    live = [d for d in rows if d.state is State.LIVE and account in (None, d.account)]
    if not live:
        where = f" on {account}" if account else ""
        raise BadInput(f"{post.name} is not live{where}, so there is nothing to test yet.")
    for delivery in live:
        connected = svc.accounts.get(delivery.account)
        if connected is None or Feature.REVISE not in connected.platform.features:
            continue
        revises = connected.platform.revises
        if revises is not None and kind in revises.kinds and delivery.progress(0).ref is not None:
            return connected, delivery, revises
    names = listed([svc.accounts[d.account].platform.title for d in live if d.account in svc.accounts])
    raise BadInput(
        f"{names or 'Nothing'} does not let me change the {kind} of what is out. Captions can be tested over "
        "new posts: /experiment start --kind caption with a text for each variant."
    )


async def _as_it_is(connected: Connected, delivery: Delivery, ref: Ref, wanted: Wanted) -> str | Media:
    """What there is now: variant A."""
    if wanted.kind == THUMBNAIL:
        cover = next((m.cover for m in delivery.variant.media if m.cover is not None), None)
        if cover is None:
            raise BadInput(
                "This post has no thumbnail that I could go back to: its platform chose one. Set one there "
                "first with /cover before it goes out."
            )
        return cover
    publisher = connected.publisher
    assert isinstance(publisher, Revising)
    try:
        seen = await publisher.shown(ref)
    except PublishError as error:
        raise Conflict(f"I could not read what it shows now: {error}") from None
    if not seen.get(TITLE):
        raise Conflict("Its title cannot be read at the moment, so I could not bring it back. Try later.")
    return seen[TITLE]


def _variants(wanted: Wanted, first: str | Media) -> tuple[Mapping[str, str], Mapping[str, Media]]:
    """What each variant shows, A first."""
    if isinstance(first, Media):
        if not wanted.files or wanted.texts:
            raise BadInput("A test of thumbnails needs pictures: --file new.jpg, one for each variant.")
        shas = [first.sha256, *(f.sha256 for f in wanted.files)]
        if len(set(shas)) < len(shas):
            raise BadInput("Two of the thumbnails are the same picture.")
        return {}, dict(zip(NAMES, (first, *wanted.files), strict=False))
    texts = [t.strip() for t in wanted.texts]
    if not texts or wanted.files:
        raise BadInput("A test of titles needs another title: --variant “…”, one for each variant.")
    if "" in texts or len({first, *texts}) < len(texts) + 1:
        raise BadInput("Two of the titles are the same, or one is empty.")
    return dict(zip(NAMES, (first, *texts), strict=False)), {}


def _check_taken(connected: Connected, delivery: Delivery, kind: str, texts: Mapping[str, str]) -> None:
    """Whether the platform takes every variant; raises `BadInput` with its reason."""
    for name, text in texts.items():
        options = {**delivery.variant.options, kind: text}
        parts = tuple(replace(p, options={**p.options, kind: text}) for p in delivery.variant.parts)
        tried = replace(delivery.variant, options=options, parts=parts)
        faults = [f for f in connected.inspect(tried) if f.level is Level.BLOCK]
        if faults and name != NAMES[0]:
            raise BadInput(f"{connected.platform.title} would not take {name}: {faults[0].text}")


def _young(svc: Services, delivery: Delivery) -> bool:
    """Whether its first daily numbers may still be on their way."""
    out = delivery.due or svc.clock.now()
    return svc.clock.now() - out < timedelta(days=4)


async def _usual(
    svc: Services, connected: Connected, delivery: Delivery, ref: Ref, revises: Revises
) -> list[DayCount]:
    """The last days that the platform tells of; empty where it tells nothing."""
    publisher = connected.publisher
    assert isinstance(publisher, Revising)
    today = day_of(svc.clock.now(), revises.day_zone)
    since = today - timedelta(days=USUAL_DAYS) - revises.lag
    try:
        found = await publisher.days(ref, since, today)
    except PublishError:
        return []
    return [count for _, count in sorted(found.items()) if count.impressions][-USUAL_DAYS:]


def _known(usual: Sequence[DayCount]) -> tuple[float | None, float | None]:
    """Impressions a day and clicks for each, where both are known."""
    shown = sum(c.impressions or 0 for c in usual)
    clicks = sum(c.clicks or 0 for c in usual)
    if not usual or not shown or not clicks:
        return None, None
    return shown / len(usual), clicks / shown


def _ask(svc: Services, tx: Tx, brand: Brand, post: Post, fresh: Experiment, title: str) -> Experiment:
    assert fresh.delivery_id is not None
    if any(e.phase in GOING_ON for e in tx.experiments.of_delivery(fresh.delivery_id)):
        raise Conflict(f"{post.name} is in a test already. Two at once would disturb each other.")
    if brand.policy_for(fresh.account).mode == "none":
        fresh = begin(fresh, svc.clock.now())
    made = tx.experiments.add(fresh)
    facts = {"experiment": made.name, "fingerprint": made.fingerprint}
    audit(svc, tx, brand.name, made.author, "experiment_started", post=post, facts=facts)
    buttons = () if made.phase is Phase.RUNNING else approval_buttons(made)
    tell(
        svc,
        tx,
        post,
        f"experiment:{made.id}:asked",
        f"{made.name} · {asking_words(made, title)}",
        buttons=buttons,
    )
    return made


def approval_buttons(experiment: Experiment) -> tuple[Button, ...]:
    """Yes or no to its variants."""
    return (
        button(experiment, APPROVE, "Approve the variants", primary=True),
        button(experiment, REJECT, "Reject"),
    )
