"""How replies look and leave: in private, within Discord's limits, the first answer or the promised one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord import ui

from bot.markup import cut, utf16_len

CONTENT_UNITS = 2_000
TITLE_UNITS = 256
SHEET_UNITS = 4_000

PLAIN_COLOUR = 0x5B6770
WARNING_COLOUR = 0xC77700


async def thinking(interaction: discord.Interaction) -> None:
    """Promise an answer within the 3 seconds that Discord gives; `respond` brings it."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def respond(
    interaction: discord.Interaction,
    content: str | None = None,
    *,
    embed: discord.Embed | None = None,
    view: ui.View | None = None,
    files: Sequence[discord.File] = (),
) -> None:
    """Answer in private, or fill the answer that `thinking` promised; the text is cut at Discord's limit.

    `files` are attached.
    """
    text = cut(content, CONTENT_UNITS) if content is not None else None
    if interaction.response.is_done():
        await interaction.edit_original_response(content=text, embed=embed, view=view, attachments=files)
    else:
        await interaction.response.send_message(
            text,
            embed=embed if embed is not None else discord.utils.MISSING,
            view=view if view is not None else discord.utils.MISSING,
            files=files,
            ephemeral=True,
        )
    _forget(view)


async def replace(
    interaction: discord.Interaction,
    content: str | None = None,
    *,
    embed: discord.Embed | None = None,
    view: ui.View | None = None,
) -> None:
    """Make the message whose button was pressed show something else, and nothing of what it showed."""
    text = cut(content, CONTENT_UNITS) if content is not None else None
    await interaction.response.edit_message(content=text, embed=embed, view=view)
    _forget(view)


def leaving_room(lines: Sequence[str], after: Iterable[str]) -> list[str]:
    """Return as many of the first lines, one at least, as a sheet has room for above all those after."""
    left = SHEET_UNITS - sum(utf16_len(line) + 1 for line in after)
    shown: list[str] = []
    for place, line in enumerate(lines):
        left -= utf16_len(line) + 1
        if shown and left < len("…\n") * (place + 1 < len(lines)):
            return [*shown, "…"]
        shown.append(line)
    return shown


def sheet(title: str, lines: Iterable[str], *, footer: str | None = None, colour: int = PLAIN_COLOUR) -> discord.Embed:
    """Return lines as an embed; those that Discord would refuse for their length are left out, with an ellipsis.

    Title and lines are markdown: what came from others was cleaned before, by `Texts` or `bot.markup.clean`.
    """
    shown: list[str] = []
    left = SHEET_UNITS
    for line in lines:
        units = utf16_len(line) + 1
        if units > left:
            shown.append(cut(line, left) if not shown else "…")
            break
        shown.append(line)
        left -= units
    embed = discord.Embed(title=cut(title, TITLE_UNITS), description="\n".join(shown), colour=colour)
    if footer:
        embed.set_footer(text=footer)
    return embed


def _forget(view: ui.View | None) -> None:
    """Let go of a view: its items are found by their custom_id, whoever sent them, before a restart or after."""
    if view is not None:
        view.stop()
