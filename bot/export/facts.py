"""The facts of a newsroom as tables: as they stand, what they rest on, what they said before (DESIGN.md section 7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import Any, Final

from bot.access import Viewer
from bot.csv_cells import quotable
from bot.export.files import Export, ExportSettings, OpenExport, filled
from bot.export.moments import Moments
from bot.export.origins import origins_told
from bot.export.things import in_thread, precision, stretches, surroundings, told_filters
from bot.models import FactFilter, FactStatus, Origin, ThingKind
from bot.storage.custody import exporting
from bot.storage.custody.exporting import Stretch
from bot.storage.custody.exports import ExportKind, RangesOfIds

FACT_COLUMNS: Final = (
    "id",
    "dossier",
    "claim",
    "status",
    "event_date",
    "date_precision",
    "source_url",
    "source_title",
    "quote",
    "sources_count",
    "watch_items",
    "logged_by",
    "logged_at",
    "verified_by",
    "verified_at",
    "revision",
    "correction_reason",
    "message_url",
    "event_date_typed",
    "tip_id",
    "status_by",
    "status_at",
    "status_reason",
    "origins_count",
    "embargo_until",
)
"""The `status_` ones say who brought a fact to its status, when and why; empty for one that is only logged."""

CITATION_COLUMNS: Final = ("fact_id", "n", "url", "title", "type", "origin", "quote", "retrieved_at", "known")
"""`origin` is whose words they are as a person said it, else as far as is known, each origin of a fact in one spelling;
`known` what Vigie knows itself."""

CORRECTION_COLUMNS: Final = (
    "fact_id",
    "revision",
    "claim",
    "status",
    "event_date",
    "date_precision",
    "source_url",
    "source_title",
    "quote",
    "sources_count",
    "made_by",
    "made_at",
    "verified_by",
    "verified_at",
    "replaced_by",
    "replaced_at",
    "reason",
    "event_date_typed",
)
"""A version that was replaced: by whom, when and why stands with it, not with the one that took its place."""

_NOTHING_CITED: Final = ("", "", "")
_NOT_MARKED: Final = ("", "", "")


async def export_facts(
    database: Path,
    viewer: Viewer,
    wanted: FactFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None = None,
) -> Export:
    """Write the facts that are asked for into a folder: `facts.csv`, `citations.csv`, `corrections.csv`, the manifest.

    `database` is the file, which a running bot may have open. The viewer's newsroom is exported, without the facts that
    the viewer may not know of; a tip is named to those who may know of it. `told` hears how many facts are written, in
    the thread that writes them. Memory does not grow with the number of facts. Raises UserError where the folder
    already holds something, OSError where it cannot be written.
    """
    return await in_thread(lambda stop: _export(database, viewer, wanted, folder, settings, told, stop))


def _export(
    database: Path,
    viewer: Viewer,
    wanted: FactFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None,
    stop: Event,
) -> Export:
    with filled(folder, settings) as files, exporting.reading(database) as connection:
        tables = _FactTables(files, connection, viewer, wanted)
        for stretch in stretches(connection, viewer.guild_id, ThingKind.FACT, stop):
            tables.write(stretch)
            if told is not None:
                told(tables.facts.rows)
        filters = told_filters(connection, viewer, wanted, settings.zone)
        head = exporting.audit_head(connection, viewer.guild_id)
        return files.finish(
            ExportKind.FACTS,
            viewer.guild_id,
            filters,
            head,
            facts=tables.ids.found,
            last_change=exporting.last_change(connection, viewer.guild_id),
        )


@dataclass(slots=True)
class _Cited:
    """Hold, by fact, the address, title and quote of its first citation, how many it has, and of which origins."""

    first: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    origins: dict[int, int] = field(default_factory=dict)


def _spellings(origins: Sequence[Origin]) -> list[str]:
    """Return the names of the origins of a fact: each one the first of its spellings, and no two the same."""
    names: dict[str, str] = {}
    for origin in origins:
        if origin.key not in names:
            is_taken = origin.name in names.values()
            names[origin.key] = f"{origin.name} ({len(names) + 1})" if is_taken else origin.name
    return [names[origin.key] for origin in origins]


class _FactTables:
    """Write the three tables, one stretch of facts after the other."""

    def __init__(self, files: OpenExport, connection: sqlite3.Connection, viewer: Viewer, wanted: FactFilter) -> None:
        self.facts = files.table("facts.csv", FACT_COLUMNS)
        self._citations = files.table("citations.csv", CITATION_COLUMNS)
        self._corrections = files.table("corrections.csv", CORRECTION_COLUMNS)
        self.ids = RangesOfIds()
        self._connection = connection
        self._viewer = viewer
        self._wanted = wanted
        self._local = Moments(files.settings.zone).local

    def write(self, stretch: Stretch) -> None:
        """Write the facts of a stretch, with their citations and their earlier versions."""
        cited = self._write_citations(stretch)
        around = surroundings(self._connection, self._viewer.guild_id, ThingKind.FACT, stretch)
        local, dossiers, items, messages = self._local, around.dossiers, around.items, around.messages
        marked = self._marked(stretch)
        found = list(exporting.facts(self._connection, self._viewer, self._wanted, stretch))
        self.ids.add(row[0] for row in found)
        self.facts.add_ready(
            [
                (
                    str(fact),
                    dossiers.get(fact, ""),
                    quotable(claim),
                    status,
                    event_date or "",
                    precision(event_date),
                    *cited.first.get(fact, _NOTHING_CITED),
                    str(cited.counts.get(fact, 0)),
                    items.get(fact, ""),
                    str(logged_by),
                    local(logged_at),
                    str(verified_by or ""),
                    local(verified_at),
                    str(revision),
                    quotable(reason),
                    messages.get(fact, ""),
                    quotable(event_date_typed),
                    str(tip or ""),
                    *marked.get((fact, status), _NOT_MARKED),
                    str(cited.origins.get(fact, 0)),
                    local(embargo_until),
                )
                for (
                    fact,
                    claim,
                    status,
                    event_date,
                    event_date_typed,
                    logged_by,
                    logged_at,
                    verified_by,
                    verified_at,
                    revision,
                    reason,
                    embargo_until,
                    tip,
                ) in found
            ]
        )
        self._write_corrections(stretch)

    def _marked(self, stretch: Stretch) -> dict[tuple[int, str], tuple[str, str, str]]:
        """Return who last brought each fact to a status, when and why."""
        local = self._local
        changes = exporting.marks(self._connection, self._viewer.guild_id, stretch)
        return {(fact, status): (str(by), local(at), quotable(reason)) for fact, status, by, at, reason in changes}

    def _write_citations(self, stretch: Stretch) -> _Cited:
        local = self._local
        told = _Cited()
        rows = []
        found = exporting.citations(self._connection, self._viewer, self._wanted, stretch)
        for fact, group in groupby(found, key=itemgetter(0)):
            cited = list(group)
            origins = origins_told(
                [(kind, url, title, known, said, party) for _, _, url, title, kind, known, said, party, _, _ in cited]
            )
            told.counts[fact] = len(cited)
            told.origins[fact] = len({origin.key for origin in origins})
            spelt = zip(cited, _spellings(origins), strict=True)
            for (_, n, url, title, kind, known, _, _, quote, retrieved_at), whose in spelt:
                source = (quotable(url), quotable(title), quotable(quote))
                told.first.setdefault(fact, source)
                rows.append(
                    (
                        str(fact),
                        str(n),
                        source[0],
                        source[1],
                        kind,
                        quotable(whose),
                        source[2],
                        local(retrieved_at),
                        quotable(known),
                    )
                )
        self._citations.add_ready(rows)
        return told

    def _write_corrections(self, stretch: Stretch) -> None:
        versions = exporting.fact_versions(self._connection, self._viewer, self._wanted, stretch)
        self._corrections.add_ready(
            [self._correction(*pair) for pair in pairwise(versions) if pair[0][0] == pair[1][0]]
        )

    def _correction(self, former: tuple[Any, ...], successor: tuple[Any, ...]) -> tuple[str, ...]:
        fact, revision, claim, event_date, event_date_typed, status, verified_by, verified_at, made_by, made_at = (
            former[:10]
        )
        url, title, quote, sources_count = former[11:]
        replaced_by, replaced_at, reason = successor[8:11]
        return (
            str(fact),
            str(revision),
            quotable(claim),
            status or FactStatus.LOGGED.value,
            event_date or "",
            precision(event_date),
            quotable(url),
            quotable(title),
            quotable(quote),
            str(sources_count),
            str(made_by),
            self._local(made_at),
            str(verified_by or ""),
            self._local(verified_at),
            str(replaced_by),
            self._local(replaced_at),
            quotable(reason),
            quotable(event_date_typed),
        )
