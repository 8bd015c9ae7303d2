"""Why nothing may be changed now: a halt, an account that is not well, a spike, an approval that is gone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.alarms import Kind
from bot.domain.delivery import State
from bot.domain.records import Health
from bot.domain.trial import Experiment
from bot.ports import Tx
from bot.services.context import Services
from bot.services.experimenting.deciding import approved


@dataclass(frozen=True, kw_only=True)
class Hindrance:
    """``over``: the post is gone, so the test ends. ``unsigned``: what is tested may not be shown any more.
    Else it is held as long as this lasts."""

    why: str
    over: bool = False
    unsigned: bool = False


def hindrance(svc: Services, tx: Tx, experiment: Experiment) -> Hindrance | None:
    """What keeps the test from changing its post now, or None."""
    delivery = tx.deliveries.get(experiment.delivery_id) if experiment.delivery_id is not None else None
    if delivery is None or delivery.state is not State.LIVE:
        return Hindrance(why="the post was taken down", over=True)
    if experiment.account not in svc.accounts:
        return Hindrance(why=f"{experiment.account} is not connected")
    if tx.halts.active(experiment.brand) is not None:
        return Hindrance(why="the brand is stopped (/halt)")
    account = tx.accounts.get(experiment.account)
    if account is not None and account.health is not Health.OK:
        return Hindrance(why=account.why or f"{experiment.account} is not well")
    open_ = tx.alerts.open(experiment.brand, (Kind.SPIKE,))
    if any(a.delivery_id == experiment.delivery_id for a in open_):
        return Hindrance(why="the post takes off just now")
    if not approved(svc, tx, experiment):
        return Hindrance(why="the approval of its variants no longer holds", unsigned=True)
    return None
