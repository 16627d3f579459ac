"""A rendered card as discord.py sends it."""

from __future__ import annotations

import discord

from bot.cards import Rendered


def to_embed(rendered: Rendered) -> discord.Embed:
    """Return the embed of a rendered card; cleaning and limits were dealt with by `bot.cards.render`."""
    embed = discord.Embed(
        title=rendered.title,
        url=rendered.url,
        description=rendered.description or None,
        colour=rendered.colour,
    )
    for field in rendered.fields:
        embed.add_field(name=field.name, value=field.value, inline=field.inline)
    if rendered.footer:
        embed.set_footer(text=rendered.footer)
    return embed
