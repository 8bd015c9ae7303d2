"""A button was pressed: which row it means, whether it still means that, and what it does."""

from __future__ import annotations

from bot.commands.context import answered, said
from bot.commands.learned import LEARNED
from bot.commands.moving import TIME, USE, moved, use_time
from bot.domain.approval import Choice, Via
from bot.domain.asks import LABEL, TEXT, reason_words
from bot.domain.delivery import State
from bot.domain.message import Message, Press
from bot.domain.people import Brand, Role
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.answer import answer
from bot.services.changing import Changes
from bot.services.choose import choose_pressed
from bot.services.context import Services
from bot.services.edit import edit
from bot.services.hold import hold, unhold
from bot.services.keep import keep, unkeep
from bot.services.late import settle_held
from bot.services.pause import ACCOUNT, way_back
from bot.services.preparing import cancel_preparing, prepare_again
from bot.services.preview import shown_preview
from bot.services.reason import add_reason
from bot.services.review import decide, votable
from bot.services.schedule import cancel, post_of, retry
from bot.services.stale import changed_since
from bot.services.takedown import take_down
from bot.services.tell import settled_at
from bot.services.texts import edit_from_form

VOTES = {"approve": Choice.YES, "changes": Choice.CHANGES, "reject": Choice.NO}.get
WORDS = {"is-live": "live", "is-not": "not", "will-not": "not", "leave": "leave"}.get
FINISHED = frozenset({"is-live", "will-not"})
"""What is said about what lies in a platform's app: looking whether it is live changes nothing about that."""

UNVERSIONED = frozenset({"keep", "unkeep", "reason", "preview"})
"""What is about the post as such, or about what somebody has said already."""

ROLES = {"preview": Role.VIEW, "reason": Role.NONE, "retry": Role.NONE, "take-down": Role.APPROVE}.get


async def brand_pressed(svc: Services, press: Press) -> Brand:
    """The brand of the row that the button names, else of the channel it stands in.

    A row is named by our own number, whatever the service calls its channel or workspace today.
    Raises `NotFound`.
    """
    number, kind = press.action.id, press.action.kind
    name: str | None = None
    if kind in ("post", TIME):
        post = await svc.store.read(lambda tx: tx.posts.get(number))
        name = post.brand if post else None
    elif kind == "delivery":
        delivery = await svc.store.read(lambda tx: tx.deliveries.get(number))
        name = delivery.brand if delivery else None
    elif kind in LEARNED:
        name = await LEARNED[kind].brand_of(svc, number)
    if name is not None and name in svc.brands:
        return svc.brands[name]
    return svc.brand_of(press.target)


def typed(press: Press) -> str:
    """What somebody wrote, with the label that they chose."""
    return reason_words(press.values.get(LABEL, ""), press.values.get(TEXT, press.text))


async def check(svc: Services, brand: Brand, user: str, press: Press) -> None:
    """Whether the button still means what it says, and this person may press it; raises `UserError`.

    Quick, and before anybody fills in a form for nothing. What follows checks again.
    """
    action = press.action
    if action.kind in LEARNED:
        return await LEARNED[action.kind].check(svc, brand, user, press)
    choice = VOTES(action.verb) if action.kind == "post" else None

    def unit(tx: Tx) -> None:
        if choice is not None:
            votable(svc, tx, action.id, user, choice, action.version)
        elif action.kind == "post":
            post = tx.posts.get(action.id)
            if post is None or post.brand != brand.name:
                raise NotFound("That post is not here any more.")
            if post.version != action.version and action.verb not in UNVERSIONED:
                raise changed_since(tx, post, action.version)
        elif action.kind == "delivery":
            delivery = tx.deliveries.get(action.id)
            if delivery is None or delivery.brand != brand.name:
                raise NotFound("That post is not here any more.")
            looked_at = delivery.state is State.HANDED_OVER and action.verb in FINISHED
            if delivery.fence != action.version and not looked_at:
                raise Conflict(f"P{delivery.post_id} changed since that button was shown. Look at its card.")

    await svc.store.read(unit)
    least = ROLES(action.verb, Role.CREATE)
    if choice is None and action.kind in ("post", "delivery") and brand.role_of(user) < least:
        what = "Taking down" if action.verb == "take-down" else "That"
        raise NotAllowed(f"{what} is for {listed(brand.who(least), 'or')}.")


async def pressed(svc: Services, brand: Brand, press: Press) -> Message:
    """Do what a button says; ``press.user`` is a member of ``brand`` by name. Raises `UserError`."""
    user, action = press.user, press.action
    if action.kind in LEARNED:
        return await LEARNED[action.kind].pressed(svc, brand, press)
    if action.kind == "held":
        words = await settle_held(svc, brand, user, action.verb)
        if action.verb != "choose-held":
            over = f"{user}: {words}"
            await svc.store.write(lambda tx: settled_at(svc, tx, press.target, press.ref, over))
        return said(words)
    if action.kind == TIME and action.verb == USE:
        return await use_time(svc, brand, user, action)
    if action.kind == ACCOUNT:
        return answered(way_back(svc, brand, user, action))
    if action.kind == "post" and VOTES(action.verb) is None:
        await check(svc, brand, user, press)
    if action.kind == "post":
        return await _of_post(svc, brand, press)
    await check(svc, brand, user, press)
    delivery = await svc.store.read(lambda tx: tx.deliveries.get(action.id))
    if delivery is None or action.kind != "delivery":
        raise NotFound("I do not know that button.")
    word = WORDS(action.verb)
    if word is not None:
        link = typed(press).strip()
        return said(await answer(svc, delivery.post_id, user, word, link=link, account=delivery.account))
    if action.verb == "choose":
        return said(await choose_pressed(svc, brand, delivery, user, press.values, typed(press)))
    if action.verb == "stop-preparing":
        return said(await cancel_preparing(svc, brand, action.id, user))
    if action.verb == "prepare":
        return said(await prepare_again(svc, brand, action.id, user))
    if action.verb == "retry":
        return said(await retry(svc, brand, delivery.post_id, user, delivery.account))
    if action.verb == "take-down":
        return said(await take_down(svc, brand, delivery.post_id, user, delivery.account))
    raise NotFound("I do not know that button.")


async def _of_post(svc: Services, brand: Brand, press: Press) -> Message:
    action, user, text = press.action, press.user, typed(press)
    choice = VOTES(action.verb)
    if choice is not None:
        words = decide(svc, action.id, user, choice, via=Via.BUTTON, reason=text, version=action.version)
        return said(await words)
    match action.verb:
        case "preview":
            return await shown_preview(svc, brand, action.id)
        case "reason":
            return said(await add_reason(svc, brand, action.id, user, text))
        case "keep":
            return said(await keep(svc, brand, action.id, user, via=Via.BUTTON))
        case "unkeep":
            return said(await unkeep(svc, brand, action.id, user))
        case "edit" if press.values:
            return said(await edit_from_form(svc, brand, action.id, user, press.values))
        case "edit":
            return said(await edit(svc, brand, action.id, user, Changes(text=text)))
        case "hold":
            return said(await hold(svc, brand, action.id, user, text, via="button"))
        case "unhold":
            return said(await unhold(svc, brand, action.id, user))
        case "schedule":
            post = await svc.store.read(lambda tx: post_of(tx, brand, action.id))
            return await moved(svc, brand, post, user, text, press.target)
        case "cancel":
            return said(await cancel(svc, brand, action.id, user))
    raise NotFound("I do not know that button.")
