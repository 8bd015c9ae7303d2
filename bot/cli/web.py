"""``clarion check``, of ``[web]``: whether the public address leads to this bot.

Where the bot does not run, the check opens its door for the moment. It asks from this computer: what
a firewall does to the rest of the world, nobody here can see.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app.beside import Beside
    from bot.ports import Reply
    from bot.web.links import Keys

HEALTH = "/healthz"


async def web_answer(beside: Beside) -> tuple[bool, str]:
    """Whether it is well, and what there is to say; `clarion check` shows it."""
    from bot.app.web import keys_of
    from bot.errors import PublishError
    from bot.http import HttpClient
    from bot.web.links import tag

    web = beside.config.web
    assert web is not None
    if not web.public_url:
        return True, f"{web.listen}, without `public_url`: platforms that fetch files get none from here"
    keys = keys_of(beside.vault)
    async with AsyncExitStack() as stack:
        taken = _open_door(beside, stack, keys)
        http = HttpClient(tls=beside.lent.tls)
        stack.push_async_callback(http.aclose)
        try:
            reply = await http.request("GET", web.public_url + HEALTH, timeout=10.0)
        except PublishError as error:
            why = f"cannot be reached from here ({error.detail}); lead it to {web.listen}"
            return False, f"{web.public_url} {why}"
    wrong = _wrong(reply, tag(keys()))
    if wrong:
        return False, f"{web.public_url} {wrong}; lead it to {web.listen}"
    return True, f"{web.public_url} leads here{'' if taken else ', when the bot runs'}"


def _open_door(beside: Beside, stack: AsyncExitStack, keys: Keys) -> bool:
    """Whether somebody listens already, the bot presumably; else we do, until ``stack`` ends."""
    from bot.app.place import place
    from bot.app.web import Door, bind

    web = beside.config.web
    assert web is not None
    try:
        listening = bind(web.host, web.port)
    except OSError:
        return True
    _, home = place(beside.config, simulated=False)
    folder = (home.parent if home is not None else beside.config.folder) / "media"
    door = Door(listening, keys=keys, folder=folder, clock=beside.lent.clock, log=beside.lent.log)
    stack.push_async_callback(door.aclose)
    door.open()
    return False


def _wrong(reply: Reply, ours: str) -> str:
    """What is wrong with an answer; empty when it is ours."""
    if 300 <= reply.status < 400:
        return "sends whoever asks to another address, and platforms do not follow; write that one"
    body = reply.json()
    if reply.status != 200 or not isinstance(body, dict) or body.get("status") != "ok":
        return f"answers, but it is not this bot ({reply.status})"
    return "" if body.get("tag") == ours else "leads to another bot, or to this one with another key"
