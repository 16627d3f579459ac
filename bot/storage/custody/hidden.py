"""Which tips and facts a database file knows to be hidden: read from outside, to hide them in a backup too."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.models import ThingKind
from bot.storage._files import existing
from bot.storage._values import to_moment

_TIPS: Final = """
    SELECT 'tip' AS kind, tip.guild_id, tip.id, tip.logged_at, tip.embargo_until, tip.logged_by, tip.is_sensitive,
        (SELECT made_by FROM tip_revision AS made WHERE made.tip_id = tip.id AND made.revision > coalesce(
            (SELECT max(revision) FROM tip_revision AS open WHERE open.tip_id = tip.id AND NOT open.is_sensitive), 0)
            ORDER BY made.revision LIMIT 1) AS made_sensitive_by,
        (SELECT made_by FROM tip_change AS made WHERE made.tip_id = tip.id AND made.kind = 'embargoed'
            ORDER BY made.number DESC LIMIT 1) AS embargoed_by
    FROM tip WHERE erased_at IS NULL AND (is_sensitive OR embargo_until IS NOT NULL) ORDER BY id
"""
_FACTS: Final = """
    SELECT 'fact' AS kind, guild_id, id, logged_at, embargo_until, logged_by, 0 AS is_sensitive,
        NULL AS made_sensitive_by,
        (SELECT made_by FROM fact_change AS made WHERE made.fact_id = fact.id AND made.kind = 'embargoed'
            ORDER BY made.number DESC LIMIT 1) AS embargoed_by
    FROM fact WHERE embargo_until IS NOT NULL ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenThing:
    """Name a tip or a fact that was hidden; it is the same thing where it was logged at the same moment.

    It is sensitive where somebody made it so (`made_sensitive_by`), under embargo until a moment, or both.
    """

    kind: ThingKind
    guild_id: int
    thing_id: int
    logged_at: datetime
    made_sensitive_by: int | None
    embargo_until: datetime | None
    embargoed_by: int


def read(database: Path) -> list[HiddenThing]:
    """Return the hidden tips and facts of all newsrooms by their ids; none of a file before there were embargoes.

    Raises sqlite3.DatabaseError where the file cannot be read.
    """
    with existing(database) as connection:
        connection.row_factory = sqlite3.Row
        if not connection.execute("SELECT 1 FROM pragma_table_info('tip') WHERE name = 'embargo_until'").fetchone():
            return []
        rows = [*connection.execute(_TIPS), *connection.execute(_FACTS)]
    return [_thing(row) for row in rows]


def _thing(row: sqlite3.Row) -> HiddenThing:
    """Return a hidden thing; who hid it is whoever logged it where no row says."""
    by = row["made_sensitive_by"] if row["made_sensitive_by"] is not None else row["logged_by"]
    return HiddenThing(
        kind=ThingKind(row["kind"]),
        guild_id=row["guild_id"],
        thing_id=row["id"],
        logged_at=to_moment(row["logged_at"]),
        made_sensitive_by=by if row["is_sensitive"] else None,
        embargo_until=to_moment(row["embargo_until"]),
        embargoed_by=row["embargoed_by"] if row["embargoed_by"] is not None else row["logged_by"],
    )
