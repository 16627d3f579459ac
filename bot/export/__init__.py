"""What a newsroom takes out of Vigie: CSV and JSON lines, with a manifest (DESIGN.md section 7)."""

from __future__ import annotations

from bot.export.facts import export_facts
from bot.export.files import MANIFEST, Export, ExportedFile, ExportSettings, packed
from bot.export.hits import export_hits, export_notices
from bot.export.recording import AT_THE_COMMAND_LINE, record, record_file
from bot.export.table import Separator
from bot.export.tips import export_tips
from bot.export.watchlist import export_watchlist

__all__ = [
    "AT_THE_COMMAND_LINE",
    "MANIFEST",
    "Export",
    "ExportSettings",
    "ExportedFile",
    "Separator",
    "export_facts",
    "export_hits",
    "export_notices",
    "export_tips",
    "export_watchlist",
    "packed",
    "record",
    "record_file",
]
