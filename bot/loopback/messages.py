"""Message bodies turned into messages: checked, files attached, components numbered, edits applied."""

from __future__ import annotations

import copy
import mimetypes
from typing import TYPE_CHECKING, Any

from bot.loopback import limits
from bot.loopback.errors import ApiError
from bot.loopback.state import COMPONENTS_V2, EPHEMERAL, Attachment, Json, Message

if TYPE_CHECKING:
    from bot.loopback.channels import Channel
    from bot.loopback.errors import Faulty
    from bot.loopback.platform import Platform
    from bot.loopback.server import Call, File
    from bot.loopback.state import User

REPLY = 19
"""The type of a message that answers another one."""


def check_new(platform: Platform, call: Call, body: Json, faulty: Faulty, place: limits.Place) -> None:
    """Add what Discord refuses in a new message's body; ApiError when it is empty or a file is too large."""
    limits.check_message(body, faulty, place)
    _check_files(platform, call, body, faulty, place, kept=frozenset())
    _check_mentions(platform, call, body)
    if not faulty.found and limits.is_empty(body, len(call.files)):
        raise ApiError(400, 50006)


def check_edit(
    platform: Platform, call: Call, message: Message, body: Json, faulty: Faulty, place: limits.Place
) -> None:
    """Add what Discord refuses in an edit of that message; a message with components v2 stays one."""
    limits.check_message(body, faulty, place, v2=bool(message.flags & COMPONENTS_V2))
    kept = frozenset(str(item.id) for item in message.attachments)
    _check_files(platform, call, body, faulty, place, kept=kept)
    if body.get("content"):
        _check_mentions(platform, call, body)
    if faulty.found:
        return
    after: Json = {"content": message.content, "embeds": message.embeds, "components": message.components}
    after |= {key: body[key] for key in after if key in body}
    remaining = len(body["attachments"] or []) if "attachments" in body else len(message.attachments) + len(call.files)
    if limits.is_empty(after, remaining):
        raise ApiError(400, 50006)


def check_reference(channel: Channel, body: Json, faulty: Faulty) -> None:
    """Add what Discord refuses of the message that a new one answers: one that is not in that channel.

    With `fail_if_not_exists` false the new message stands by itself instead.
    """
    reference = body.get("message_reference")
    if reference and reference.get("fail_if_not_exists", True) and _answered(channel, reference) is None:
        faulty.add(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")


def _answered(channel: Channel, reference: Json) -> Message | None:
    """Return the message of the channel that a reference names, None when there is none."""
    wanted, place = str(reference.get("message_id")), str(reference.get("channel_id") or channel.id)
    if place != str(channel.id):
        return None
    found = (message for message in channel.messages if str(message.id) == wanted and not message.deleted)
    return next(found, None)


def _check_files(
    platform: Platform, call: Call, body: Json, faulty: Faulty, place: limits.Place, *, kept: frozenset[str]
) -> None:
    for file in call.files.values():
        if len(file.data) > platform.attachment_size_limit:
            raise ApiError(413, 40005)
    listed = body.get("attachments")
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        key = str(item.get("id")) if isinstance(item, dict) else ""
        if key not in kept and not (key.isdigit() and int(key) in call.files):
            faulty.add((*place, "attachments", index, "id"), "ATTACHMENT_NOT_FOUND", "Attachment data not found")


def _check_mentions(platform: Platform, call: Call, body: Json) -> None:
    why = limits.mention_violation(body)
    if why is not None:
        platform.violations.append(f"{call.method} {call.path}: {why}")


def build(
    platform: Platform,
    channel: Channel,
    author: User,
    body: Json,
    files: dict[int, File],
    *,
    via: str,
    flags: int = 0,
    ephemeral_for: int | None = None,
) -> Message:
    """Return a new message of that body and those files; it is not yet in the channel."""
    message = Message(
        platform.new_id(),
        channel.id,
        author,
        platform.clock(),
        via,
        guild_id=channel.guild.id if channel.guild else None,
        flags=flags,
        nonce=body.get("nonce"),
        seen_by=ephemeral_for,
    )
    message.content = body.get("content") or ""
    _attach(platform, message, body, files)
    message.embeds = _with_urls(body.get("embeds") or [], message)
    message.components = _numbered(_with_urls(body.get("components") or [], message))
    reference = body.get("message_reference")
    if reference and _answered(channel, reference) is not None:
        kept = {key: str(value) for key, value in reference.items() if key in {"message_id", "channel_id", "guild_id"}}
        message.reference = {"type": 0, "channel_id": str(channel.id), **kept}
        message.type = REPLY
    return message


def apply_edit(platform: Platform, message: Message, body: Json, files: dict[int, File]) -> None:
    """Change what an edit names, leave the rest, and tell the bot and those who wait."""
    if "content" in body:
        message.content = body["content"] or ""
    if "attachments" in body or files:
        if "attachments" in body:
            keep = {str(item.get("id")) for item in body["attachments"] or []}
            message.attachments = [item for item in message.attachments if str(item.id) in keep]
        _attach(platform, message, body, files)
    if "embeds" in body:
        message.embeds = _with_urls(body["embeds"] or [], message)
    if "components" in body:
        message.components = _numbered(_with_urls(body["components"] or [], message))
    if body.get("flags"):
        message.flags |= int(body["flags"]) & COMPONENTS_V2
    if message.flags & COMPONENTS_V2:
        message.content, message.embeds = "", []
    message.edited_at = platform.clock()
    message.edits += 1
    platform.message_changed(message)


def _attach(platform: Platform, message: Message, body: Json, files: dict[int, File]) -> None:
    about = {str(item.get("id")): item for item in body.get("attachments") or [] if isinstance(item, dict)}
    for number, file in sorted(files.items()):
        described = about.get(str(number), {})
        filename = described.get("filename") or file.filename
        message.attachments.append(
            platform.keep_file(
                filename,
                file.data,
                channel_id=message.channel_id,
                description=described.get("description"),
                ephemeral=bool(message.flags & EPHEMERAL),
            )
        )


def guess_type(filename: str) -> str:
    """Return the content type that Discord would guess from a file's name."""
    kind, _ = mimetypes.guess_type(filename)
    if kind is None:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _with_urls(things: list[Json], message: Message) -> list[Json]:
    """Return a copy in which `attachment://name` is the file's own URL."""
    urls: dict[str, Attachment] = {f"attachment://{item.filename}": item for item in message.attachments}

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        if isinstance(value, str) and value in urls:
            return urls[value].url
        return value

    return [changed(copy.deepcopy(thing)) for thing in things]


def _numbered(components: list[Json]) -> list[Json]:
    taken = {item["id"] for _, item in limits.walk(components) if item.get("id")}
    number = 0
    for _, component in limits.walk(components):
        if component.get("id"):
            continue
        number += 1
        while number in taken:
            number += 1
        component["id"] = number
    return components
