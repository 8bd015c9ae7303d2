"""Hours for a post that is there already: after an edit, or another wish."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.domain.best import is_best
from bot.domain.content import content_type
from bot.domain.delivery import FINAL
from bot.domain.forecast import Offers
from bot.domain.people import Brand
from bot.ports import Tx
from bot.services.advising.times import offers_for
from bot.services.context import Services


async def offers_again(
    svc: Services, brand: Brand, post_id: int, wish: str | None, added: Collection[str] = ()
) -> Mapping[str, Offers]:
    """What the accounts of a post are offered under ``wish``, or under the wish it has where that is
    None; ``added`` are accounts that are to come. Empty where the hour is not ours to choose."""

    def unit(tx: Tx) -> tuple[str, dict[str, str]]:
        post = tx.posts.get(post_id)
        meant = wish if wish is not None else post.wish if post is not None else ""
        if not is_best(meant):
            return "", {}
        rows = [d for d in tx.deliveries.of_post(post_id) if d.state not in FINAL or wish is not None]
        return meant, {d.account: content_type(d.variant) for d in rows}

    meant, targets = await svc.store.read(unit)
    if not meant:
        return {}
    kind = next(iter(targets.values()), "text")
    new = [a.name for a in svc.accounts_of(brand.name) if {a.name, a.platform.name} & set(added)]
    return await offers_for(svc, brand, meant, {**dict.fromkeys(new, kind), **targets})
