"""The facts as files under a reply: as they are while they are small, zipped when large."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.access import Action
from bot.app import version
from bot.errors import UserError
from bot.export import ExportSettings, Separator, export_facts, packed, record
from bot.models import FactFilter
from cogs._caller import Visit, app_of
from cogs._log_options import Period, zone_of
from cogs._replies import respond

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_FILES = 10


async def send_export(
    interaction: discord.Interaction, visitor: Visit, wanted: FactFilter, period: Period, separator: str
) -> None:
    """Attach the facts that are asked for, with their citations, corrections and manifest; it is recorded.

    Raises UserError where there are none, and, naming the command of the command line, where they are larger than
    Discord takes.
    """
    app = app_of(interaction)
    with tempfile.TemporaryDirectory(prefix="vigie-export-") as folder:
        settings = ExportSettings(
            zone=zone_of(app, visitor),
            exported_by=str(visitor.caller.user_id),
            exported_at=app.clock.now(),
            version=version(),
            separator=Separator(separator),
        )
        export = await export_facts(app.database.path, visitor.viewer, wanted, Path(folder), settings)
        rows = export.rows("facts.csv")
        if not rows and wanted == FactFilter():
            raise UserError("export-nothing")
        if not rows:
            raise UserError("export-nothing-so")
        files = await packed(Path(folder), "facts")
        _refuse_larger(visitor, files, interaction.filesize_limit)
        await record(app.database, visitor.guild_id, export, visitor.caller.user_id, Action.FACT_EXPORT)
        texts = visitor.texts
        lines = [texts.plural("export-done", rows), *period.lines(texts)]
        with ExitStack() as opened:
            attached = [discord.File(opened.enter_context(file.open("rb")), file.name) for file in files]
            await respond(interaction, "\n".join(lines), files=attached)


def _refuse_larger(visitor: Visit, files: Sequence[Path], most: int) -> None:
    if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) > most:
        raise UserError("export-too-large", guild=visitor.guild_id)
