"""What a target needs made of its files before anybody can sign them.

Every file is judged as its owner gave it, so that the same wish leads to the same plan, the same plan
to the same bytes, and an edit that touches no file leaves what was signed as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.delivery import Delivery
from bot.domain.fitting import Fault, Step, Taste, judge
from bot.domain.options import taste_of
from bot.domain.platform import Finding, Level
from bot.domain.post import Media, MediaKind, Variant
from bot.domain.preparing import STOPPED, UNDER_WAY, Need, Preparation, Stage, done_words, plan_words
from bot.errors import BadInput, PublishError, StoreError
from bot.ports import Tx
from bot.services.context import Connected, Services

FITTED = frozenset({MediaKind.IMAGE, MediaKind.GIF, MediaKind.VIDEO, MediaKind.DOCUMENT})
AT_ONCE = frozenset({Step.PICTURE})
"""What takes so little that it is done before the post is written."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """Renditions by `Need.key` with the seconds they took, and why some could not be made."""

    media: Mapping[str, tuple[Media, float]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A variant with everything in place that is there, and all that it needs made of its files,
    what was made included."""

    variant: Variant
    needs: tuple[Need, ...] = ()
    missing: tuple[Need, ...] = ()


NOTHING = Made()

TRIM_TO = re.compile(r"^Trim it to ([0-9:.]+?)(?: s)?\.$")
"""How `bot.domain.fit_videos` says that a video is too long."""

ABOUT_FILES = ("media", "video", "image", "picture", "file", "gif", "document", "needs_")
"""How the codes begin of what publishers say about files."""


def origins(variants: Iterable[Variant]) -> set[str]:
    """The files, by SHA-256, that renditions in these variants were made from."""
    return {m.origin for v in variants for m in v.media if m.origin}


def fitted(
    connected: Connected,
    variant: Variant,
    *,
    originals: Mapping[str, Media],
    made: Made = NOTHING,
) -> Fitted:
    """Judge every file as it was given, and put renditions that are known in their places. Pure."""
    if not any(m.kind in FITTED for m in variant.media):
        return Fitted(variant=variant)
    rules, taste = connected.rules(variant), taste_of(variant.options)
    needs: list[Need] = []
    parts = list(variant.parts)
    for index, part in enumerate(parts):
        files = list(part.media)
        for place, held in enumerate(files):
            source = _source(held, originals)
            if source is None or source.kind not in FITTED:
                continue
            plan = judge(source, rules, taste).plan if rules is not None else None
            files[place] = source
            if plan is None or plan.step is Step.KEEP:
                continue
            need = Need(part=index, place=place, source=source, plan=plan)
            needs.append(need)
            if need.key in made.media:
                files[place] = beside(made.media[need.key][0], source)
        parts[index] = replace(part, media=tuple(files))
    missing = tuple(n for n in needs if n.key not in made.media)
    return Fitted(variant=replace(variant, parts=tuple(parts)), needs=tuple(needs), missing=missing)


def _source(held: Media, originals: Mapping[str, Media]) -> Media | None:
    """The file as it was given, with what was said about it since; None where it is not known any more."""
    if not held.origin:
        return held
    given = originals.get(held.origin)
    return beside(given, held) if given is not None else None


def beside(media: Media, said: Media) -> Media:
    """A file with what people said about another: its description, cover and captions."""
    return replace(
        media, alt=said.alt, cover=said.cover, captions=said.captions, language=said.language, name=said.name
    )


def unfit(connected: Connected, variant: Variant, *, post: str = "") -> tuple[Finding, ...]:
    """Why files of a variant are not taken and cannot be put right by us. Pure."""
    rules = connected.rules(variant)
    if rules is None:
        return ()
    found: dict[tuple[str, str], Finding] = {}
    for media in variant.media:
        if media.kind not in FITTED:
            continue
        verdict = judge(media, rules, Taste() if media.origin else taste_of(variant.options))
        if verdict.plan is not None:
            continue
        title = connected.platform.title
        for fault in (f for f in verdict.faults if not f.mended):
            found[fault.code, fault.have] = Finding(
                level=Level.BLOCK,
                code=f"file_{fault.code}",
                text=f"{media.name}: {fault_words(fault, title)}",
                fix=_way_out(fault, connected.name, post),
            )
    return tuple(found.values())


def _way_out(fault: Fault, account: str, post: str) -> str:
    """What a person can do; what can be done by a command names it."""
    match = TRIM_TO.search(fault.fix)
    if match is None or not post:
        return fault.fix
    return f"{fault.fix} /set {post} {account} trim=0:00-{match[1]} keeps the beginning."


def fault_words(fault: Fault, title: str) -> str:
    """``"has 3:00:00, X takes 2:20"``."""
    if fault.have and fault.want:
        return f"it is {fault.have}, {title} takes {fault.want}"
    return (
        f"{title} takes {fault.want}"
        if fault.want
        else f"{title} does not take it ({fault.have or fault.code})"
    )


async def make_pictures(svc: Services, wanted: Sequence[tuple[Connected, Variant]]) -> Made:
    """Make what can be made at once for these variants, outside any transaction; what exists already
    is only looked up. What fails is told, not raised."""
    studio = svc.studio
    originals, known = await svc.store.read(lambda tx: _known(svc, tx, wanted))
    if studio is None or svc.rehearsing:
        return known
    media, failed = dict(known.media), dict[str, str]()
    for connected, variant in wanted:
        for need in fitted(connected, variant, originals=originals, made=known).missing:
            if need.plan.step not in AT_ONCE or need.key in media or need.key in failed:
                continue
            began = svc.clock.monotonic()
            try:
                made = await studio.fit(need.source, need.plan)
                media[need.key] = (made, svc.clock.monotonic() - began)
            except (BadInput, PublishError, StoreError) as error:
                failed[need.key] = failure_words(need.source, error)
    return Made(media=media, failed=failed)


def failure_words(source: Media, error: Exception) -> str:
    """Why a file could not be prepared, with the way out where there is one."""
    fix = getattr(error, "fix", "")
    return f"{source.name} could not be prepared: {str(error).rstrip('.')}" + (f" — {fix}" if fix else "")


def _known(
    svc: Services, tx: Tx, wanted: Sequence[tuple[Connected, Variant]]
) -> tuple[Mapping[str, Media], Made]:
    """The files that people gave, and the renditions that were made before and still lie here."""
    originals = tx.preparations.originals(origins(v for _, v in wanted))
    keys = {n.key for c, v in wanted for n in fitted(c, v, originals=originals).needs}
    found = tx.preparations.found(keys)
    return originals, Made(media={k: m for k, m in found.items() if svc.media.path(m[0]).is_file()})


def fit_in(
    svc: Services, tx: Tx, wanted: Sequence[tuple[Connected, Variant]], made: Made
) -> tuple[tuple[Fitted, ...], Made]:
    """How these variants stand in a transaction that writes, with what was made outside it."""
    if svc.studio is None:
        return tuple(Fitted(variant=v) for _, v in wanted), made
    originals, known = _known(svc, tx, wanted)
    all_made = replace(made, media={**known.media, **made.media})
    return tuple(fitted(c, v, originals=originals, made=all_made) for c, v in wanted), all_made


def keep_needs(tx: Tx, post_id: int, delivery_id: int, fit: Fitted, made: Made) -> None:
    """Write down what a delivery needs, unless exactly that is written down already."""
    known = [p for p in tx.preparations.of_post(post_id) if p.delivery_id == delivery_id]
    if [(p.need.part, p.need.place, p.need.key) for p in known] != [
        (n.part, n.place, n.key) for n in fit.needs
    ]:
        tx.preparations.put(post_id, delivery_id, fit.needs, made=made.media, failed=made.failed)


def objections(connected: Connected, variant: Variant, *, post: str = "") -> tuple[Finding, ...]:
    """Everything there is to say about a variant before it goes out; what a file lacks is told once."""
    found = connected.inspect(variant, post=post)
    told = any(about_files(f, variant) for f in found)
    return found if told else (*unfit(connected, variant, post=post), *found)


def about_files(finding: Finding, variant: Variant) -> bool:
    """Whether this keeps a variant from going out for the sake of a file."""
    named = any(m.name in finding.text for m in variant.media)
    return finding.level is Level.BLOCK and (finding.code.startswith(ABOUT_FILES) or named)


def file_words(
    connected: Connected | None, delivery: Delivery, rows: Sequence[Preparation], *, rehearsing: bool = False
) -> str:
    """What is done, was done or cannot be done to a target's files: ``"preparing 34 % · 9:16 by blurred
    fill"``, ``"9:16 by blurred fill, 12 s of encoding"``, ``"as it is"`` for a video that needs nothing."""
    stopped = [p for p in rows if p.stage in STOPPED]
    under_way = [p for p in rows if p.stage in UNDER_WAY]
    plans = "; ".join(dict.fromkeys(plan_words(p.need.plan, p.need.source) for p in under_way))
    if under_way and rehearsing:
        return f"would be prepared first: {plans}"
    if under_way:
        return f"preparing {sum(p.percent for p in rows) // len(rows)} % · {plans}"
    if stopped:
        words = "; ".join(dict.fromkeys(_stopped_words(p) for p in stopped))
        return f"✗ {words} — Try again, or /edit with another file"
    if rows:
        return "; ".join(dict.fromkeys(map(done_words, rows)))
    videos = [m for m in delivery.variant.media if m.kind is MediaKind.VIDEO]
    if connected is None or not videos or connected.rules(delivery.variant) is None:
        return ""
    if any(m.origin for m in videos):
        return f"made {videos[0].width}×{videos[0].height} for it"
    return "" if unfit(connected, delivery.variant) else "as it is"


def _stopped_words(row: Preparation) -> str:
    name = row.need.source.name
    return row.said if row.stage is Stage.FAILED else f"preparing {name} was {row.said or 'cancelled'}"
