"""What the bot lacks in the channels where it is to write, as an interaction and the guild's cache tell it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import discord

from bot.locales import Texts
from bot.setting_up import permissions_needed


def permission_lines(
    texts: Texts, channels: Iterable[int], interaction: discord.Interaction, threaded: Collection[int | None] = ()
) -> Iterator[str]:
    """Yield what the bot is not allowed, and should be, in channels of ours; nothing where it cannot be seen.

    In those that are `threaded` it opens threads.
    """
    for channel_id in dict.fromkeys(channels):
        guild = interaction.guild
        channel = guild.get_channel(channel_id) if guild is not None else None
        if channel_id == interaction.channel_id:
            allowed = interaction.app_permissions
        elif channel is not None:
            allowed = channel.permissions_for(channel.guild.me)
        elif guild is not None and guild.channels:
            yield texts("setup-channel-gone", channel=channel_id)
            continue
        else:
            continue
        needed = permissions_needed(
            is_forum=isinstance(channel, discord.ForumChannel), has_threads=channel_id in threaded
        )
        lacking = [permission for permission in needed if not getattr(allowed, permission)]
        if lacking:
            names = [texts.word("permission", permission) for permission in lacking]
            yield texts("setup-permissions", channel=channel_id, permissions=names)
