"""The watchlist of a newsroom as the CSV that `/watch import` and `vigie match` read (DESIGN.md section 7)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.export.files import Export, ExportSettings, filled
from bot.export.table import Separator
from bot.storage.custody import audit, exporting
from bot.storage.custody.exports import ExportKind
from bot.storage.log import dossiers
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist import csv_file


async def export_watchlist(
    database: Path, guild_id: int, dossier_id: int | None, folder: Path, settings: ExportSettings
) -> Export:
    """Write a newsroom's live watch items into a folder, of one dossier where asked: `watchlist.csv`, the manifest.

    The file is byte for byte that of `/watch export`: its cells are separated by commas, for its lists have the
    semicolon. Raises as `export_facts` does.
    """
    with filled(folder, replace(settings, separator=Separator.COMMA)) as files:
        table = files.table("watchlist.csv", csv_file.COLUMNS)
        async with exporting.snapshot(database) as connection:
            items = await watchlist.every(connection, guild_id)
            gathered = await dossier_items.gathered(connection, guild_id)
            named = {dossier.id: dossier for dossier in await dossiers.every(connection, guild_id)}
            head = await audit.head(connection, guild_id)
        asked = [item for item in items if dossier_id is None or dossier_id in gathered.get(item.id or 0, ())]
        table.add(csv_file.watchlist_rows(asked, {item: [named[one] for one in ids] for item, ids in gathered.items()}))
        dossier = None if dossier_id is None else {"id": dossier_id, "name": named[dossier_id].name}
        return files.finish(ExportKind.WATCHLIST, guild_id, {"dossier": dossier}, head)
