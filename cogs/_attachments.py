"""Files that a reply brings: as they are while they are small, zipped when large."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import PurePath

import discord

from bot.errors import UserError


async def attachment(interaction: discord.Interaction, name: str, content: bytes) -> discord.File:
    """Return a file to attach, zipped where Discord would refuse it for its size.

    Raises UserError where that does not make it small enough.
    """
    most = interaction.filesize_limit
    if len(content) <= most:
        return discord.File(io.BytesIO(content), name)
    packed = await asyncio.to_thread(_zipped, name, content)
    if len(packed) > most:
        raise UserError("attachment-too-large", file=name, megabytes=len(packed) // 1_000_000)
    return discord.File(io.BytesIO(packed), f"{PurePath(name).stem}.zip")


def _zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()
