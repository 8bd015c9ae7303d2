"""A button was pressed: which row it means, whether it still means that, and what it does."""

from __future__ import annotations

from bot.commands.context import answered, said
from bot.domain.approval import Choice, Via
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services.answer import answer
from bot.services.context import Services
from bot.services.hold import hold, unhold
from bot.services.late import settle_held
from bot.services.pause import ACCOUNT, way_back
from bot.services.review import decide
from bot.services.schedule import cancel, reschedule, retry
from bot.services.takedown import take_down

VOTES = {"approve": Choice.YES, "changes": Choice.CHANGES, "reject": Choice.NO}.get
WORDS = {"is-live": "live", "is-not": "not", "leave": "leave"}.get


async def brand_pressed(svc: Services, press: Press) -> Brand:
    """The brand of the row that the button names, else of the channel it stands in.

    A row is named by our own number, whatever the service calls its channel or workspace today.
    Raises `NotFound`.
    """
    number, kind = press.action.id, press.action.kind
    name: str | None = None
    if kind == "post":
        post = await svc.store.read(lambda tx: tx.posts.get(number))
        name = post.brand if post else None
    elif kind == "delivery":
        delivery = await svc.store.read(lambda tx: tx.deliveries.get(number))
        name = delivery.brand if delivery else None
    if name is not None and name in svc.brands:
        return svc.brands[name]
    return svc.brand_of(press.target)


async def pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what a button says; ``press.user`` is a member of ``brand`` by name. Raises `UserError`."""
    user, action = press.user, press.action
    if action.kind == "held":
        return said(await settle_held(svc, brand, user, action.verb))
    if action.kind == ACCOUNT:
        return answered(way_back(svc, brand, user, action))
    if action.kind == "post":
        return said(await _of_post(svc, brand, press))
    delivery = await svc.store.read(lambda tx: tx.deliveries.get(action.id))
    if delivery is None or delivery.brand != brand.name:
        raise NotFound("That post is not here any more.")
    if delivery.fence != action.version:
        raise Conflict(f"P{delivery.post_id} changed since that button was shown. Look at its card.")
    word = WORDS(action.verb)
    if word is not None:
        if brand.role_of(user) < Role.CREATE:
            raise NotAllowed(f"That is for {', '.join(brand.members(Role.CREATE))}.")
        link = press.text if press.text.startswith("http") else ""
        return said(await answer(svc, delivery.post_id, user, word, link=link, account=delivery.account))
    if action.verb == "retry":
        return said(await retry(svc, brand, delivery.post_id, user, delivery.account))
    if action.verb == "take-down":
        if brand.role_of(user) < Role.APPROVE:
            raise NotAllowed(f"Taking down is for {', '.join(brand.members(Role.APPROVE))}.")
        return said(await take_down(svc, brand, delivery.post_id, user, delivery.account))
    raise NotFound("I do not know that button.")


async def _of_post(svc: Services, brand: Brand, press: Press) -> str:
    action, user = press.action, press.user
    choice = VOTES(action.verb)
    if choice is not None:
        return await decide(
            svc, action.id, user, choice, via=Via.BUTTON, reason=press.text, version=action.version
        )
    post = await svc.store.read(lambda tx: tx.posts.get(action.id))
    if post is None or post.brand != brand.name:
        raise NotFound("That post is not here any more.")
    if post.version != action.version:
        raise Conflict(
            f"{post.name} changed since this card (v{action.version} → v{post.version}). Look at the new one."
        )
    if brand.role_of(user) < Role.CREATE:
        raise NotAllowed(f"That is for {', '.join(brand.members(Role.CREATE))}.")
    if action.verb == "hold":
        return await hold(svc, brand, post.id, user, press.text, via="button")
    if action.verb == "unhold":
        return await unhold(svc, brand, post.id, user)
    if action.verb == "schedule":
        return await reschedule(svc, brand, post.id, user, press.text)
    if action.verb == "cancel":
        return await cancel(svc, brand, post.id, user)
    raise NotFound("I do not know that button.")
