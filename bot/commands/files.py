"""Files that somebody gave to a command in a chat: fetched for as long as the command runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from bot.commands.spec import Command, Kind
from bot.domain.message import Attachment, Invocation
from bot.errors import BadInput
from bot.ports.world import LARGEST
from bot.services.context import Services

MANY = 10
"""Files of one command; as many as one message of Discord may carry (its API reference), the least."""

ALT = "alt"


@asynccontextmanager
async def with_files(
    svc: Services, call: Invocation, command: Command, options: dict[str, Any]
) -> AsyncIterator[dict[str, Any]]:
    """The options with the files that came along in the place of typed paths.

    In a chat where a team lives nobody names files of this machine. Raises `BadInput`, and the
    `ChatError` family when the service does not hand a file out.
    """
    chat = svc.teams.get(call.target.chat)
    media = next((o for o in command.options if o.kind is Kind.MEDIA), None)
    if chat is None:
        yield options
        return
    if media is not None and options.get(media.parameter):
        raise BadInput(f"--{media.name} names files where I run, which is not here. Attach the file instead.")
    if not call.files:
        yield options
        return
    if media is None:
        raise BadInput(f"/{command.name} takes no files.")
    _check(call.files)
    with TemporaryDirectory(prefix="clarion-files-") as folder:
        # each into a folder of its own, as two may have one name
        paths = [await chat.download(file, Path(mkdtemp(dir=folder))) for file in call.files]
        given: dict[str, Any] = {media.parameter: tuple(map(str, paths))}
        alts = tuple(file.alt for file in call.files)
        if any(alts) and any(o.parameter == ALT for o in command.options) and not options.get(ALT):
            given[ALT] = alts
        yield options | given


def _check(files: tuple[Attachment, ...]) -> None:
    if len(files) > MANY:
        raise BadInput(f"That is {len(files)} files; I take {MANY} at a time.")
    for file in files:
        if file.size > LARGEST:
            have, most = f"{file.size / 10**6:,.0f}", f"{LARGEST // 10**6:,}"
            raise BadInput(f"{file.name} has {have} MB; at most {most} MB can be handled.")
