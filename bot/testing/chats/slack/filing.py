"""The methods about files: upload in three steps, sharing, and what a message says of a file."""

from __future__ import annotations

import mimetypes

from bot.testing.chats.slack.state import File, Json, Refuse, State
from bot.testing.chats.slack.talking import put, writable


def described(state: State, file: File) -> Json:
    """A file as messages and methods show it; fetching needs the app's token."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    address = f"{state.url}/files-pri/{state.team}-{file.id}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": kind,
        "filetype": file.name.rpartition(".")[2],
        "user": file.owner,
        "size": len(file.data or b""),
        "mode": "hosted",
        "alt_txt": file.alt,
        "url_private": f"{address}/{file.name}",
        "url_private_download": f"{address}/download/{file.name}",
    }


def begin(state: State, args: Json) -> Json:
    """files.getUploadURLExternal"""
    length = int(args.get("length") or 0)
    if length <= 0 or not args.get("filename"):
        raise Refuse("invalid_arguments", response_metadata={"messages": ["[ERROR] missing length"]})
    file = File(id=state.id("F"), name=args["filename"], owner=state.bot_user, length=length)
    file.alt = args.get("alt_txt") or ""
    state.files[file.id] = file
    return {"file_id": file.id, "upload_url": f"{state.url}/upload/v1/{file.id}"}


def finish(state: State, args: Json) -> Json:
    """files.completeUploadExternal: shares in at most one conversation."""
    listed = args.get("files") or []
    files = []
    for entry in listed:
        file = state.files.get(entry.get("id", ""))
        if file is None or file.data is None:
            raise Refuse("file_not_found")
        file.title = entry.get("title") or file.name
        files.append(file)
    if not files:
        raise Refuse("invalid_arguments", response_metadata={"messages": ["[ERROR] missing files"]})
    where = args.get("channel_id") or str(args.get("channels") or "").partition(",")[0]
    if where:
        try:
            channel = writable(state, where)
        except Refuse as no:
            raise Refuse("invalid_channel" if no.error == "channel_not_found" else no.error) from None
        shared = [described(state, file) for file in files]
        content = {"text": args.get("initial_comment") or "", "files": shared}
        put(state, channel, {**content, "thread_ts": args.get("thread_ts"), "blocks": args.get("blocks")})
    for file in files:
        file.done = True
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def info(state: State, args: Json) -> Json:
    """files.info"""
    file = state.files.get(args["file"])
    if file is None:
        raise Refuse("file_not_found")
    return {"file": described(state, file)}


def delete(state: State, args: Json) -> Json:
    """files.delete"""
    if state.files.pop(args["file"], None) is None:
        raise Refuse("file_not_found")
    return {}
