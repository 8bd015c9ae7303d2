"""Commands that come from plugins: they are told who asks and where, and lent nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.commands.context import Context
from bot.commands.spec import Command
from bot.domain.message import Message, Target
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.errors import PluginError, UserError
from bot.services.context import Services
from bot.services.isolated import isolated


@dataclass(frozen=True, kw_only=True)
class LentContext:
    """What a plugin's command gets for a `Context`: no services, so no store and nobody's account."""

    brand: Brand
    user: str
    target: Target
    _post: Callable[[str], Awaitable[Post]]

    async def post(self, name: str) -> Post:
        """The post that ``P42``, ``42`` or ``latest`` names in this brand; raises `NotFound`."""
        return await self._post(name)


async def run_lent(
    svc: Services, plugin: str, command: Command, context: Context, options: Mapping[str, Any]
) -> Message:
    """Run a plugin's command; a `UserError` is shown as it is, everything else as one sentence."""
    lent: Any = LentContext(brand=context.brand, user=context.user, target=context.target, _post=context.post)
    work = partial(command.run, lent, **options)
    watch, log = svc.registry.watch, svc.log
    try:
        answer = await isolated(plugin, f"/{command.name}", work, watch=watch, log=log, ours=UserError)
        if isinstance(answer, Message):
            return answer
    except PluginError:
        pass
    raise UserError(f"/{command.name} comes from the plugin {plugin}, and it broke. Nothing else is touched.")
