"""`/watch import` and `/watch export`: the watchlist as a file."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Action
from bot.errors import QueryError, UserError
from bot.export import record_file
from bot.locales import Texts
from bot.markup import cut, plain
from bot.models import WatchItem
from bot.storage.custody.exports import ExportKind
from bot.storage.log import dossiers
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist import csv_file
from bot.watchlist.csv_file import BadLine
from bot.watchlist.importing import LARGEST_BYTES, Imported, import_watchlist
from bot.watchlist.numbers import WrongNumber, wrong_number_words
from bot.watchlist.planning import Importer
from bot.watchlist.suggesting import resembling
from cogs._attachments import attachment
from cogs._caller import Visit, visit
from cogs._items import item_name
from cogs._replies import WARNING_COLOUR, respond, sheet, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App

SHOWN_LINES = 20
SHOWN_ALIKE = 5
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
        await record_file(
            self.app.database,
            visitor.guild_id,
            ExportKind.WATCHLIST,
            content,
            rows,
            {},
            by=visitor.caller.user_id,
            action=Action.WATCH_EXPORT,
            now=self.app.clock.now(),
        )
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
        channels = await _post_channels(interaction)
        importer = Importer(
            guild_id=visitor.guild_id,
            user_id=visitor.caller.user_id,
            floor_id=interaction.id,
            channels={channel.id: channel.name for channel in channels},
            forums=[channel.id for channel in channels if isinstance(channel, discord.ForumChannel)],
            known_sources=self.app.settings.sources.keys(),
        )
        now = self.app.clock.now()
        imported = await import_watchlist(self.app.database, content, importer, now)
        if imported.bad_lines:
            await _answer_bad_lines(interaction, visitor, imported.bad_lines)
        else:
            items = await self.app.watchlist.items_of(visitor.guild_id) if imported.added else ()
            alike = await asyncio.to_thread(resembling, items, now)
            await _answer_done(interaction, visitor.texts, imported, list(_alike_lines(visitor.texts, alike)))


def _alike_lines(texts: Texts, alike: Sequence[tuple[WatchItem, WatchItem]]) -> Iterator[str]:
    """Yield the items that were added and look like another one."""
    if not alike:
        return
    yield texts.plural("import-alike", len({one.id for one, _ in alike}))
    for one, other in alike[:SHOWN_ALIKE]:
        values = {"id": one.id, "name": item_name(one), "other_id": other.id, "other": item_name(other)}
        yield texts("import-alike-line", **values)
    if len(alike) > SHOWN_ALIKE:
        yield texts.plural("and-others", len(alike) - SHOWN_ALIKE)


async def _answer_done(
    interaction: discord.Interaction, texts: Texts, imported: Imported, alike_lines: Sequence[str]
) -> None:
    """Say what an import did, and name the wrong numbers that it kept; attach all of them where there are more."""
    wrong = imported.wrong_numbers
    lines = [_done(texts, imported), *alike_lines]
    if not wrong:
        await respond(interaction, "\n".join(lines))
        return
    lines += ["", texts.plural("import-wrong-numbers", len(wrong))]
    lines += [cut(_wrong_line(texts, one), LINE_UNITS) for one in wrong[:SHOWN_LINES]]
    files: list[discord.File] = []
    if len(wrong) > SHOWN_LINES:
        lines.append(texts("import-all-attached"))
        listed = (_wrong_line(texts.through(plain), one).replace("**", "") for one in wrong)
        content = "\r\n".join([*listed, ""]).encode("utf-8-sig", "replace")
        files.append(await attachment(interaction, "watchlist-numbers.txt", content))
    await respond(interaction, embed=sheet(texts("import-done-title"), lines, colour=WARNING_COLOUR), files=files)


def _wrong_line(texts: Texts, wrong: WrongNumber) -> str:
    return texts("import-line", line=wrong.line, reason=wrong_number_words(texts, wrong.number))


def _done(texts: Texts, imported: Imported) -> str:
    """Return what an import did."""
    counts = (
        texts.plural("import-added", imported.added),
        texts.plural("import-changed", imported.changed),
        texts.plural("import-unchanged", imported.unchanged),
    )
    done = f"{' · '.join(counts)}."
    return f"{done}\n{texts('import-try')}" if imported.added or imported.changed else done


async def _post_channels(interaction: discord.Interaction) -> list[discord.TextChannel | discord.ForumChannel]:
    """Return the channels of the guild that an item can have for its own, asked of Discord where none is known yet."""
    guild = interaction.guild
    if guild is None:
        raise UserError("access-guild-only")
    channels = guild.channels or await guild.fetch_channels()
    return [channel for channel in channels if isinstance(channel, discord.TextChannel | discord.ForumChannel)]


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
