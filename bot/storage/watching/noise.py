"""Watch items that bring more noise than news, what they brought, and when they were named in the weekly note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import MOST_AHEAD
from bot.storage._values import to_text
from bot.storage.database import Connection

SPAN: Final = timedelta(days=28)
WEEK: Final = timedelta(days=7)
LEAST_HITS: Final = 10
MOST_A_DAY: Final = 30
USED_AT_LEAST: Final = 20
"""Of an item with more than 30 hits a day over a week one in so many is to have been of use."""

TRIED: Final = 300
"""On how many notices of each kind, the newest, a suggestion is tried."""

_SEEN: Final = "(hit.held IS NULL OR hit.held NOT IN ('baseline', 'muted', 'paused', 'dismissed'))"
"""Whether people were shown a hit: what was kept from their eyes bothered nobody."""

_OF_ITEM: Final = "dismissal WHERE dismissal.guild_id = ?1 AND dismissal.item_id = ?2 AND undone_at IS NULL"
_DISMISSED: Final = f"""
    (hit.notice_id IN (SELECT notice_id FROM {_OF_ITEM} AND organisation_key IS NULL)
        OR coalesce(notice.procedure IN (SELECT series.procedure FROM notice AS series WHERE series.id IN (
            SELECT notice_id FROM {_OF_ITEM} AND organisation_key IS NULL)), 0)
        OR (coalesce(hit.organisations, '{{}}') <> '{{}}' AND NOT EXISTS (
            SELECT 1 FROM json_each(hit.organisations) AS stands
            WHERE stands.key NOT IN (SELECT organisation_key FROM {_OF_ITEM} AND organisation_key IS NOT NULL))))
"""
"""Whether a hit of one item is dismissed now, as `DISMISSED_BY` says, which looks at each dismissal for each hit."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Name a revision of a notice by our row of the notice."""

    notice_id: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Hold how many notices an item showed people in four weeks, `kept` and `dismissed` ones, and which came last.

    `newest_kept` and `newest_dismissed` are the newest `TRIED` of them. `of_week` are those of the last seven days,
    `used` those of them that somebody took or logged as a fact.
    """

    item_id: int
    kept: int
    dismissed: int
    newest_kept: tuple[Revision, ...]
    newest_dismissed: tuple[Revision, ...]
    of_week: int
    used: int

    @property
    def notices(self) -> int:
        """Return how many notices were shown in four weeks."""
        return self.kept + self.dismissed

    @property
    def is_mostly_wrong(self) -> bool:
        """Return whether people dismissed more than half of at least ten."""
        return self.notices >= LEAST_HITS and self.dismissed * 2 > self.notices

    @property
    def is_flood(self) -> bool:
        """Return whether it brings more than 30 a day, of which few are of use."""
        return self.of_week > MOST_A_DAY * WEEK.days and self.used * USED_AT_LEAST < self.of_week


async def candidates(connection: Connection, guild_id: int, now: datetime) -> list[int]:
    """Return live items, not muted, that had hits enough to be noisy, and were not named for four weeks.

    What was noted while the clock was wrong does not count. Only the index of hits is read.
    """
    rows = await connection.all(
        """
        SELECT item_id FROM (
            SELECT watch_item.id AS item_id, (
                SELECT count(*) FROM hit WHERE hit.guild_id = ?1 AND hit.item_id = watch_item.id
                    AND hit.found_at > ?2 AND hit.found_at <= ?5) AS hits, (
                SELECT count(*) FROM hit WHERE hit.guild_id = ?1 AND hit.item_id = watch_item.id
                    AND hit.found_at > ?3 AND hit.found_at <= ?5) AS of_week, EXISTS (
                SELECT 1 FROM dismissal WHERE dismissal.guild_id = ?1 AND dismissal.item_id = watch_item.id
                    AND dismissal.undone_at IS NULL) AS is_dismissed
            FROM watch_item
            WHERE guild_id = ?1 AND removed_at IS NULL AND (muted_until IS NULL OR muted_until <= ?4)
                AND (noise_told_at IS NULL OR noise_told_at <= ?2 OR noise_told_at > ?5)
        ) WHERE (hits >= ?6 AND is_dismissed) OR of_week > ?7 ORDER BY item_id
        """,
        guild_id,
        to_text(now - SPAN),
        to_text(now - WEEK),
        to_text(now),
        to_text(now + MOST_AHEAD),
        LEAST_HITS,
        MOST_A_DAY * WEEK.days,
    )
    return [row["item_id"] for row in rows]


async def brought(connection: Connection, guild_id: int, item_id: int, now: datetime) -> Brought:
    """Return what an item showed people in the last four weeks, each notice once at its latest revision."""
    rows = await connection.all(
        f"""
        WITH shown AS (
            SELECT hit.notice_id, max(hit.revision) AS revision, min({_DISMISSED}) AS is_dismissed,
                max(hit.found_at) > ?4 AS is_of_week, max(hit.found_at) > ?4 AND hit.notice_id IN (
                    SELECT notice_id FROM take WHERE guild_id = ?1 UNION SELECT notice_id FROM citation
                    WHERE guild_id = ?1 AND notice_id IS NOT NULL AND until_revision IS NULL) AS is_used
            FROM hit CROSS JOIN notice ON notice.id = hit.notice_id
            WHERE hit.guild_id = ?1 AND hit.item_id = ?2 AND hit.found_at > ?3 AND hit.found_at <= ?5 AND {_SEEN}
            GROUP BY hit.notice_id
        )
        SELECT * FROM (
            SELECT notice_id, revision, is_dismissed, count(*) OVER () - sum(is_dismissed) OVER () AS kept,
                sum(is_dismissed) OVER () AS dismissed, sum(is_of_week) OVER () AS of_week,
                sum(is_used) OVER () AS used,
                row_number() OVER (PARTITION BY is_dismissed ORDER BY notice_id DESC) AS place
            FROM shown
        ) WHERE place <= ?6 ORDER BY notice_id DESC
        """,
        guild_id,
        item_id,
        to_text(now - SPAN),
        to_text(now - WEEK),
        to_text(now + MOST_AHEAD),
        TRIED,
    )
    first = rows[0] if rows else {"kept": 0, "dismissed": 0, "of_week": 0, "used": 0}
    return Brought(
        item_id=item_id,
        kept=first["kept"],
        dismissed=first["dismissed"],
        newest_kept=tuple(Revision(row["notice_id"], row["revision"]) for row in rows if not row["is_dismissed"]),
        newest_dismissed=tuple(Revision(row["notice_id"], row["revision"]) for row in rows if row["is_dismissed"]),
        of_week=first["of_week"],
        used=first["used"],
    )
