"""Which form a press or a command needs before it can go on."""

from __future__ import annotations

from collections.abc import Mapping

from bot.commands.spec import Command
from bot.domain.asks import ASKS, Form, Input, InputKind
from bot.domain.message import Invocation, Press
from bot.services.context import Services


async def form_for(svc: Services, commands: Mapping[str, Command], said: Invocation | Press) -> Form | None:
    """The form to show first; None to go on at once. Raises `UserError` with what to tell instead."""
    if isinstance(said, Invocation):
        return None
    ask = ASKS.get(said.action.verb)
    if ask is None or said.action.kind not in ask.kinds or said.text:
        return None
    kind = InputKind.LONG if ask.long else InputKind.LINE
    inputs = [Input(name="text", label=ask.label, kind=kind, required=not ask.optional)]
    if ask.labels:
        inputs.insert(0, Input(name="label", label="Reason", kind=InputKind.CHOICE, choices=ask.labels))
    return Form(title=ask.title, inputs=tuple(inputs), submit=ask.submit, then=said.action)
