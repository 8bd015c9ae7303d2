"""Where a post goes when nobody says where: everywhere that can take what it has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.fitting import MediaRules
from bot.domain.people import Brand
from bot.domain.post import Media, MediaKind, Part, Variant
from bot.domain.words import listed
from bot.services.context import Connected, Services


def suited(
    targets: Sequence[Connected],
    media: Sequence[Media],
    *,
    named: Collection[str] = (),
) -> tuple[Connected, ...]:
    """Those that take a post with these files, and those whose account or platform is ``named``; all of
    them where none would be left.

    Left out is only who takes no post without a file and gets none that it takes: words for a platform
    of films.
    """
    fit = tuple(t for t in targets if {t.name, t.platform.name} & {*named} or not _lacks(t, media))
    return fit or tuple(targets)


def _lacks(target: Connected, media: Sequence[Media]) -> bool:
    bare = Variant(account=target.name, platform=target.platform.name, parts=(Part(text=""),))
    rules = target.rules(bare)
    return rules is not None and rules.needed and not any(_taken(m, rules) for m in media)


def _taken(media: Media, rules: MediaRules) -> bool:
    rule = {
        MediaKind.IMAGE: rules.picture,
        MediaKind.GIF: rules.gif or rules.picture or rules.video,
        MediaKind.VIDEO: rules.video,
        MediaKind.DOCUMENT: rules.document,
    }
    return rule.get(media.kind) is not None


def left_out_words(svc: Services, brand: Brand, accounts: Collection[str]) -> str:
    """A sentence about the accounts that were left out, where some were."""
    out = [a.name for a in svc.accounts_of(brand.name) if a.platform.features and a.name not in accounts]
    if not out:
        return ""
    lack = "takes" if len(out) == 1 else "take"
    return f" {listed(out)} {lack} no post without a file, so it does not go there."
