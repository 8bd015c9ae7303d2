"""The blocks of a report that are ours, declared like a plugin's. Pure."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.charts import (
    Bar,
    Chart,
    PostsChart,
    PublishedChart,
    SlotsChart,
    TotalsChart,
    in_words,
    tally_words,
)
from bot.domain.counts_in_words import UNKNOWN, count, old, span, times
from bot.domain.message import Message
from bot.domain.report_data import PostFigure, Publishing, ReportData, SlotGrid, Total
from bot.ports import ReportSection
from bot.services.reporting.headline import many, total_words, tried_words

ENDS = 3
"""Posts that are named at each end."""

NAMED = 3


def totals_chart(data: ReportData) -> Chart | None:
    """Bars of this period and those before, with what is usual."""
    total = _main_total(data)
    if total is None:
        return None
    return TotalsChart(
        title=f"{total.unit.capitalize()} of each period's posts, at the same point",
        unit=total.unit,
        periods=(*total.history, (short_title(data), total.value)),
        band=total.usual.band if total.usual else None,
    )


def _main_total(data: ReportData) -> Total | None:
    return next(
        (t for t in data.totals if t.value is not None or any(v is not None for _, v in t.history)), None
    )


def short_title(data: ReportData) -> str:
    """Below its own bar: "W47"."""
    return data.report.period.partition("-")[2] if "W" in data.report.period else data.title[:3]


def totals_words(data: ReportData) -> Message:
    chart = totals_chart(data)
    if chart is None:
        return Message()
    also = [total_words(total) for total in data.totals[1:]]
    return Message(title="Totals", text=" ".join([in_words(chart), *also]))


def ends_of(data: ReportData) -> tuple[PostFigure, ...]:
    """The best and the weakest, each once, the best first."""
    ranked = data.ranked
    chosen = (*ranked[:ENDS], *ranked[max(ENDS, len(ranked) - ENDS) :])
    return tuple(chosen)


def posts_chart(data: ReportData) -> Chart | None:
    bars = tuple(Bar(name=bar_name(p), ratio=p.ratio) for p in ends_of(data) if p.ratio is not None)
    return PostsChart(title="Best and weakest, against their usual", bars=bars) if bars else None


def bar_name(post: PostFigure) -> str:
    """ "P42 X · Launch day"."""
    return f"P{post.post_id} {post.title} · {post.text}" if post.text else f"P{post.post_id} {post.title}"


def posts_words(data: ReportData) -> Message:
    lines = [post_line(post, data) for post in ends_of(data)]
    left = len(data.posts) - len(data.ranked)
    if left and lines:
        lines.append(
            f"{left} more cannot be compared yet: too few others are known at their age, or nothing was read."
        )
    return Message(title="Best and weakest", text="\n".join(lines))


def post_line(post: PostFigure, data: ReportData) -> str:
    """ "P42 on X: 3.1× its usual at the same age (12.4 k views, usual 3–6 k of 38 posts)." """
    read = f", {old(data.made_at - post.read_at)}" if post.read_at else ""
    usual = f", usual {span(post.usual.lo, post.usual.hi)} of {post.usual.n} posts" if post.usual else ""
    why = f" {', '.join(post.why)}." if post.why else ""
    stands_on = f"({count(post.count)} {post.unit}{usual}{read})"
    return f"{post.name}: {times(post.ratio)} its usual at the same age {stands_on}.{why}"


def slots_chart(place: int, data: ReportData) -> Chart | None:
    if place >= len(data.slots):
        return None
    grid = data.slots[place]
    return SlotsChart(
        title=f"When {grid.account} does better ({many(grid.posts, 'post')})",
        place=grid.place,
        hours=grid.hours,
        clear=grid.clear,
    )


BASES = {
    "own": "learned from its own posts",
    "shared": "learned from its own posts and the brand's other accounts",
    "chart": "not learned from you: what is usual on the platform",
    "audience": "not learned from you: when your audience is there",
}.get


def slots_words(place: int, data: ReportData) -> Message:
    chart = slots_chart(place, data)
    if chart is None:
        return Message()
    return Message(title="Hours", text=f"{in_words(chart)} {basis_words(data.slots[place])}")


def basis_words(grid: SlotGrid) -> str:
    return f"It is {BASES(grid.basis, grid.basis)}."


def tests_words(data: ReportData) -> Message:
    return Message(title="Tests", text="\n".join(data.tests))


def tried_section(data: ReportData) -> Message:
    lines = [tried_words(one) for one in data.tried[:NAMED]]
    if data.trying:
        lines.insert(0, f"{many(data.trying, 'post')} went out at an hour that is being tried.")
    return Message(title="Tried and learned", text="\n".join(lines))


def alerts_words(data: ReportData) -> Message:
    return Message(title="Alerts", text="\n".join(data.alerts))


def published_chart(data: ReportData) -> Chart | None:
    tallies = data.publishing.tallies
    return PublishedChart(title="Out with proof, of what was due", tallies=tallies) if tallies else None


def published_words(data: ReportData) -> Message:
    sent = data.publishing
    if not sent.tallies:
        return Message()
    lines = [", ".join(map(tally_words, sent.tallies)) + ".", late_words(sent)]
    lines += [f"{cause} ({number}×)" if number > 1 else cause for cause, number in sent.causes]
    return Message(title="Publishing", text="\n".join(lines))


def late_words(sent: Publishing) -> str:
    """How long posts took from their time to being out."""
    if sent.late is None:
        return f"How long publishing took is unknown ({UNKNOWN})."
    return f"Out {took(sent.late)} after its time on average ({many(sent.timed, 'post')})."


def took(delta: timedelta) -> str:
    """ "0.8 s", "12 s", "4 min"."""
    seconds = delta.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def offers_words(data: ReportData) -> Message:
    return Message(title="For next time", text="\n".join(f"R{one.number}: {one.text}" for one in data.offers))


def hours_section(place: int) -> ReportSection:
    """The map of one account."""

    def words(data: ReportData) -> Message:
        return slots_words(place, data)

    def chart(data: ReportData) -> Chart | None:
        return slots_chart(place, data)

    return ReportSection(name=f"hours-{place + 1}", render=words, chart=chart)


OWN: tuple[ReportSection, ...] = (
    ReportSection(name="totals", render=totals_words, chart=totals_chart),
    ReportSection(name="proposals", render=offers_words),
    ReportSection(name="tried", render=tried_section),
    ReportSection(name="tests", render=tests_words),
    ReportSection(name="alerts", render=alerts_words),
    ReportSection(name="posts", render=posts_words, chart=posts_chart),
    *map(hours_section, range(3)),
    ReportSection(name="publishing", render=published_words, chart=published_chart),
)
"""In the order in which they are said. Those of plugins come after."""
