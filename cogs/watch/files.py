"""`/watch import` and `/watch export`: the watchlist as a file."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import QueryError, UserError
from bot.locales import Texts
from bot.markup import cut, plain
from bot.sources import sources
from bot.storage import dossier_items, dossiers, watchlist
from bot.watchlist import csv_file
from bot.watchlist.csv_file import BadLine
from bot.watchlist.importing import LARGEST_BYTES, Imported, import_watchlist
from bot.watchlist.planning import Importer
from cogs._attachments import attachment
from cogs._caller import Visit, visit
from cogs._replies import WARNING_COLOUR, respond, sheet, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App

SHOWN_LINES = 20
LISTED_LINES = 20_000
LINE_UNITS = 180
QUERY_UNITS = 60


class Files(commands.Cog):
    """Hold the commands that bring the watchlist as a file, and take one in."""

    app: App

    @app_commands.command(name=said("cmdname-watch-export"), description=said("cmd-watch-export"))
    async def export(self, interaction: discord.Interaction) -> None:
        """Attach the watchlist as a CSV that `/watch import` takes back."""
        visitor = await visit(interaction)
        await thinking(interaction)
        async with self.app.database.read() as connection:
            items = await watchlist.every(connection, visitor.guild_id)
            gathered = await dossier_items.gathered(connection, visitor.guild_id)
            named = {dossier.id: dossier for dossier in await dossiers.every(connection, visitor.guild_id)}
        if not items:
            raise UserError("watch-empty")
        of_items = {item: [named[one] for one in ids] for item, ids in gathered.items()}
        stream = io.BytesIO()
        rows = await asyncio.to_thread(csv_file.write, stream, items, of_items)
        content = stream.getvalue()
        lines = [visitor.texts.plural("watch-exported", rows)]
        if len(content) > LARGEST_BYTES:
            lines.append(visitor.texts("watch-exported-large", megabytes=LARGEST_BYTES // 1_000_000))
        await respond(interaction, "\n".join(lines), files=[await attachment(interaction, "watchlist.csv", content)])

    @app_commands.command(name=said("cmdname-watch-import"), description=said("cmd-watch-import"))
    @app_commands.rename(file=said("optname-file"))
    @app_commands.describe(file=said("opt-import-file"))
    async def import_file(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        """Add and change what a file says, or nothing where a line of it is bad."""
        visitor = await visit(interaction)
        if file.size > LARGEST_BYTES:
            raise UserError("import-too-large", megabytes=LARGEST_BYTES // 1_000_000)
        await thinking(interaction)
        content = await file.read()
        importer = Importer(
            guild_id=visitor.guild_id,
            user_id=visitor.caller.user_id,
            floor_id=interaction.id,
            channels=await _text_channels(interaction),
            known_sources=sources().keys(),
        )
        imported = await import_watchlist(self.app.database, content, importer, self.app.clock.now())
        if imported.bad_lines:
            await _answer_bad_lines(interaction, visitor, imported.bad_lines)
        else:
            await respond(interaction, _done(visitor.texts, imported))


def _done(texts: Texts, imported: Imported) -> str:
    """Return what an import did."""
    counts = (
        texts.plural("import-added", imported.added),
        texts.plural("import-changed", imported.changed),
        texts.plural("import-unchanged", imported.unchanged),
    )
    done = f"{' · '.join(counts)}."
    return f"{done}\n{texts('import-try')}" if imported.added or imported.changed else done


async def _text_channels(interaction: discord.Interaction) -> dict[int, str]:
    """Return the channels of the guild that an item can have for its own, asked of Discord where none is known yet."""
    guild = interaction.guild
    if guild is None:
        raise UserError("access-guild-only")
    channels = guild.channels or await guild.fetch_channels()
    return {channel.id: channel.name for channel in channels if isinstance(channel, discord.TextChannel)}


async def _answer_bad_lines(interaction: discord.Interaction, visitor: Visit, bad_lines: Sequence[BadLine]) -> None:
    """Name the first bad lines, and attach all of them where there are more."""
    texts = visitor.texts
    lines = [texts.plural("import-refused", len(bad_lines))]
    lines += [cut(_bad_line(texts, bad), LINE_UNITS) for bad in bad_lines[:SHOWN_LINES]]
    files: list[discord.File] = []
    if len(bad_lines) > SHOWN_LINES:
        lines.append(texts("import-all-attached"))
        content = await asyncio.to_thread(_listed, texts.through(plain), bad_lines)
        files.append(await attachment(interaction, "watchlist-lines.txt", content))
    await respond(interaction, embed=sheet(texts("import-refused-title"), lines, colour=WARNING_COLOUR), files=files)


def _bad_line(texts: Texts, bad: BadLine) -> str:
    """Return what is wrong with a line, naming the query where it is one."""
    reason = texts.error(bad.reason)
    if isinstance(bad.reason, QueryError):
        query = plain(bad.reason.query, QUERY_UNITS)
        return texts("import-line-query", line=bad.line, query=query, reason=reason)
    return texts("import-line", line=bad.line, reason=reason)


def _listed(texts: Texts, bad_lines: Sequence[BadLine]) -> bytes:
    """Return every bad line as a text, a wrong query with a caret below its place."""
    listed = []
    for bad in bad_lines[:LISTED_LINES]:
        listed.append(_bad_line(texts, bad))
        if isinstance(bad.reason, QueryError):
            listed += [f"    {line}" for line in bad.reason.caret().split("\n")]
    if len(bad_lines) > LISTED_LINES:
        listed.append(texts.plural("and-others", len(bad_lines) - LISTED_LINES))
    return "\r\n".join([*listed, ""]).encode("utf-8-sig", "replace")
