"""What the loopback Discord was told by the bot, as plain data: pictures of one or more messages of one channel."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.loopback import Channel, Message, Platform

PARIS = ZoneInfo("Europe/Paris")
UNQUOTED = "Cliquez pour voir la pièce jointe"
"""What Discord quotes of a message that has embeds alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a message as a reader of the channel sees it; `answers` is the author and the words of what it answers.

    `embeds` and `components` are as Discord was given them. `thread` is the name of the thread that hangs on it.
    """

    author: str
    is_bot: bool
    time: str
    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    files: list[str]
    is_ephemeral: bool = False
    answers: tuple[str, str] | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold what one picture shows: messages, oldest first, of a channel (`text`, `thread` or `forum`).

    `names` are those of the members (`@id`), roles (`@&id`) and channels (`#id`) of the newsroom.
    """

    name: str
    channel: str
    channel_kind: str
    messages: list[Shown]
    names: dict[str, str] = field(default_factory=dict)


def picture(name: str, platform: Platform, messages: Iterable[Message]) -> Picture:
    """Return a picture of messages of one channel as they stand now."""
    messages = list(messages)
    channel = platform.channels[messages[0].channel_id]
    kind = "thread" if channel.is_thread else "text"
    names = {f"#{one.id}": one.name for one in platform.channels.values()}
    for guild in platform.guilds:
        names |= {f"@{member.id}": member.name for member in guild.members}
        names |= {f"@&{role.id}": role.name for role in guild.roles}
    return Picture(name, channel.name, kind, [_shown(platform, channel, message) for message in messages], names)


def _shown(platform: Platform, channel: Channel, message: Message) -> Shown:
    thread = platform.channels.get(message.id)  # a thread made from a message has its id
    return Shown(
        author=message.author.name,
        is_bot=message.author.bot,
        time=f"{message.created_at.astimezone(PARIS):%H:%M}",
        content=message.content,
        embeds=message.embeds,
        components=message.components,
        files=[file.filename for file in message.attachments],
        is_ephemeral=message.ephemeral,
        answers=_answered(channel, message),
        thread=thread.name if thread is not None and thread is not channel else None,
    )


def _answered(channel: Channel, message: Message) -> tuple[str, str] | None:
    wanted = (message.reference or {}).get("message_id")
    for other in channel.messages:
        if str(other.id) == wanted:
            return other.author.name, other.content or UNQUOTED
    return None


def save(pictures: Iterable[Picture], path: Path) -> None:
    """Write pictures as JSON."""
    told = [dataclasses.asdict(one) for one in pictures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def load(path: Path) -> list[Picture]:
    """Read what `save` wrote."""
    return [
        Picture(**{**one, "messages": [Shown(**message) for message in one["messages"]]})
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]
