"""Files: what a platform takes, how they get there, and what a person may choose."""

from __future__ import annotations

import re
from typing import ClassVar
from unittest import SkipTest

from bot.domain.fitting import MediaRules, Step, judge
from bot.domain.platform import Checkpoint, Feature, HandedOver, Level, OptionKind, Ready, Wait
from bot.domain.post import Json, Media, MediaKind
from bot.testing.contract.bench import STEPS, Bench, saved
from bot.testing.contract.carrying import Said, carry
from bot.testing.contract.checking import Grade, check
from bot.testing.contract.verdict import expect
from bot.testing.simulator import CUT

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
HELP = 100
"""Characters of help that every chat can show."""


class Files:
    """``handing`` are options with which a part is handed over to a person, where a platform does that."""

    handing: ClassVar[dict[str, Json]] = {}

    @check(Grade.SILVER)
    async def test_media_rules_are_whole_and_dated(self, bench: Bench) -> None:
        """Who takes files says which, from where that is known, and since when."""
        rules = bench.rules
        if not bench.platform.features & (Feature.IMAGE | Feature.VIDEO | Feature.DOCUMENT):
            return
        if rules is None:
            raise SkipTest(f"{bench.platform.title} does not say which files it takes (`media`)")
        expect(rules.source and rules.as_of, "The rules on files lack their source or their date.")
        for feature, rule in (
            (Feature.IMAGE, rules.picture),
            (Feature.VIDEO, rules.video),
            (Feature.DOCUMENT, rules.document),
        ):
            said = feature in bench.platform.features
            chosen = _chosen_kind(rules, bench)
            expect(
                not said or rule is not None or chosen, f"{feature.name} is declared without a rule for it."
            )

    @check(Grade.SILVER)
    async def test_a_file_that_fits_is_not_blocked(self, bench: Bench) -> None:
        """What the declared rules take as it is, ``inspect`` lets through."""
        if bench.rules is None:
            raise SkipTest(f"{bench.platform.title} does not say which files it takes (`media`)")
        facts = await bench.publisher.facts()
        for media in await _fitting(bench):
            found = bench.publisher.inspect(bench.variant(bench.part("It fits", media=(media,))), facts)
            blocks = [f.text for f in found if f.level is Level.BLOCK]
            expect(not blocks, f"A {media.kind.value} that fits its rules is blocked: {' '.join(blocks)}")

    @check(Grade.SILVER)
    async def test_options_can_be_asked_for(self, bench: Bench) -> None:
        """Names, help and choices that every chat can show; a required one has no default."""
        facts = await bench.publisher.facts()
        names = [option.name for option in bench.platform.options]
        expect(len(set(names)) == len(names), "Two options have the same name.")
        for option in bench.platform.options:
            say = f"The option {option.name!r}"
            expect(NAME.fullmatch(option.name), f"{say} needs a name of a-z, 0-9 and _.")
            expect(option.title and 0 < len(option.help) <= HELP, f"{say} needs a title and a short help.")
            if option.kind is OptionKind.CHOICE:
                offered = facts.values.get(option.choices_from) if option.choices_from else option.choices
                expect(offered, f"{say} offers nothing to choose from.")
            expect(
                not (option.required and option.default is not None), f"{say} is required and has a default."
            )

    @check(Grade.GOLD, needs=Feature.VIDEO)
    async def test_a_video_survives_a_crash_after_every_step(self, bench: Bench) -> None:
        """Each step is taken by another process with the saved checkpoint, and no byte is sent twice."""
        clip = await bench.clip()
        done = await carry(bench, bench.part("Step by step", media=(clip,)))
        expect(done.said in (Said.LIVE, Said.HANDED_OVER), f"A video in peace ended as {done.said}.")
        sent = sum(len(c.body) for c in bench.simulator.calls)
        most = clip.size * 1.1 + 65_536
        expect(sent <= most, f"{sent:,} bytes were sent for {clip.size:,}: something went up twice.")

    @check(Grade.GOLD, needs=Feature.VIDEO)
    async def test_an_upload_goes_on_after_a_cut(self, bench: Bench) -> None:
        """A call that is cut while staging is taken up from the checkpoint; the video gets out once."""
        part = bench.part("Cut and taken up", media=(await bench.clip(),))
        before = len(bench.simulator.calls)
        await bench.staged(part)
        last = len(bench.simulator.calls) - before
        expect(last, "Staging a video asked nobody.")
        bench.simulator.fail("*", CUT, nth=last)
        done = await carry(bench, part)
        expect(done.said in (Said.LIVE, Said.HANDED_OVER), f"After one cut it ended as {done.said}.")

    @check(Grade.SILVER, needs=Feature.VIDEO)
    async def test_checkpoints_say_until_when_they_hold(self, bench: Bench) -> None:
        """An upload that the platform forgets has an end, which lies ahead and knows its zone."""
        part = bench.part("Until when?", media=(await bench.clip(),))
        checkpoint, ends = Checkpoint(), False
        for _ in range(STEPS):
            staged = await bench.connect().stage(part, saved(checkpoint))
            checkpoint = staged.checkpoint
            if checkpoint.expires_at is not None:
                ends = True
                expect(checkpoint.expires_at > bench.clock.now(), "A new checkpoint has expired already.")
            if isinstance(staged, Ready):
                break
            if isinstance(staged, Wait):
                expect(staged.until > bench.clock.now(), "Wait must name an instant that lies ahead.")
                bench.clock.advance((staged.until - bench.clock.now()).total_seconds())
        expect(ends, "No platform keeps an upload for ever: `expires_at` is missing in the checkpoint.")

    @check(Grade.GOLD, needs=Feature.HAND_OVER)
    async def test_what_is_handed_over_says_what_to_do(self, bench: Bench) -> None:
        """Nothing is public, and a person reads what to do, with what to paste, and until when."""
        if not self.handing:
            raise SkipTest("the contract was not told with which options it hands over (`handing`)")
        before = set(bench.simulator.visible())
        part = bench.part("Finish me in the app", media=(await bench.clip(),), options=dict(self.handing))
        done = await carry(bench, part)
        expect(done.said is Said.HANDED_OVER, f"It was to be handed over, and ended as {done.said}.")
        assert isinstance(done.handed, HandedOver)
        expect(len(done.handed.task) > 10, "`task` must say what to do.")
        until = done.handed.until
        expect(until is None or until.utcoffset() is not None, "`until` must be an aware time.")
        expect(set(bench.simulator.visible()) == before, "It is public before a person has finished it.")


def _chosen_kind(rules: MediaRules, bench: Bench) -> bool:
    """Whether the rules depend on what is chosen: then one choice need not know every kind of file."""
    return bool(bench.platform.options) and any((rules.picture, rules.video, rules.document))


async def _fitting(bench: Bench) -> list[Media]:
    """Our own picture and clip, as far as the rules take them as they are."""
    assert bench.rules is not None
    found = []
    for media in (await bench.picture(), await bench.clip()):
        rule = bench.rules.picture if media.kind is MediaKind.IMAGE else bench.rules.video
        verdict = judge(media, bench.rules)
        if rule is not None and verdict.plan is not None and verdict.plan.step is Step.KEEP:
            found.append(media)
    return found
