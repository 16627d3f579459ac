"""Reminders: tips with which nothing was done for long, facts that changed after an export, and who was told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import (
    FactChangeKind,
    FactStatus,
    QuietTip,
    Reminded,
    RemindedTip,
    ReminderReason,
    TipStatus,
    message_url,
)
from bot.storage import announcements
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection

_LAST = (
    "SELECT tip_id, max(number) AS number, max(made_at) AS made_at FROM tip_change WHERE guild_id = ?1 GROUP BY tip_id"
)
"""What was last done with each tip of a newsroom."""
_NEWS = "('corrected', 'disputed', 'retracted')"
"""The changes of a fact of which whoever exported it before is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Say what is asked when: of tips with which nothing was done after a moment, and of whom.

    An open tip rests since `rest_until`; any is asked about since `quiet_until` (None: nobody is), and editors are
    where that was asked before `asked_until` and nobody answered. Of each person's `most` are asked about at once.
    """

    rest_until: datetime
    quiet_until: datetime | None
    asked_until: datetime
    editors: Sequence[int]
    most: int


@dataclass(frozen=True, slots=True)
class FactNews:
    """Hold a change of a fact that those who exported it before are told of."""

    id: int
    fact_id: int
    number: int
    made_by: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExportedFacts:
    """Hold who exported facts, when and where to, and the ranges of our ids of them, both ends included."""

    made_by: str
    made_at: datetime
    folder: str | None
    ranges: tuple[tuple[int, int], ...]

    def holds(self, fact_id: int) -> bool:
        """Return whether a fact was in the export."""
        return any(first <= fact_id <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class FactThen:
    """Hold how a fact stood at some moment: its status and its version."""

    status: FactStatus
    revision: int


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Name a reminder that a person's closed channel certainly does not have."""

    announcement_id: int
    channel_id: int
    person: int


async def quiet(connection: Connection, guild_id: int, asks: Asks) -> list[QuietTip]:
    """Return the tips of a newsroom about which somebody is to be asked now, whoever may see them, the quietest first.

    Of each person's as many as one is asked about at once. Nobody is asked the same twice while nothing is done with a
    tip; a question for editors comes again for those who were not asked yet.
    """
    rows = await connection.all(
        f"""
        WITH standing AS (
            SELECT tip.id, tip.status, tip.owner, tip.logged_by, last.number,
                tip.is_sensitive OR tip.embargo_until IS NOT NULL AS hidden,
                max(last.made_at, coalesce(tip.kept_at, '')) AS quiet_since, asked.*
            FROM ({_LAST}) AS last
            JOIN tip ON tip.id = last.tip_id
            LEFT JOIN (
                SELECT tip_id, number AS asked_at, sum(reason = 'wish') AS wishes, sum(reason = 'rest') AS rests,
                    sum(reason = 'unanswered') AS passed_on, sum(reason = 'left') AS given_up,
                    min(CASE reason WHEN 'keep' THEN made_at END) AS keep_asked_at,
                    sum(reason = 'unanswered' AND person IN (SELECT value FROM json_each(?5))) AS editors_asked,
                    sum(reason = 'left' AND person IN (SELECT value FROM json_each(?5))) AS editors_told
                FROM reminder WHERE guild_id = ?1 AND tip_id IS NOT NULL GROUP BY tip_id, number
            ) AS asked ON asked.tip_id = tip.id AND asked.asked_at = last.number
            WHERE tip.guild_id = ?1 AND tip.erased_at IS NULL
        ), reasoned AS (
            SELECT *, CASE
                WHEN wishes > 0 OR (?3 IS NOT NULL AND (passed_on > 0 OR keep_asked_at <= ?4))
                    THEN CASE WHEN editors_asked < json_array_length(?5) THEN 'unanswered' END
                WHEN ?3 IS NOT NULL AND keep_asked_at IS NOT NULL THEN NULL
                WHEN ?3 IS NOT NULL AND quiet_since <= ?3 THEN 'keep'
                WHEN status NOT IN ('new', 'checking') OR quiet_since > ?2 OR rests > 0 THEN NULL
                WHEN given_up > 0 THEN CASE WHEN editors_told < json_array_length(?5) THEN 'left' END
                ELSE 'rest'
            END AS reason
            FROM standing
        )
        SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY coalesce(owner, logged_by) ORDER BY quiet_since, id) AS place
            FROM reasoned WHERE reason IS NOT NULL
        ) WHERE place <= ?6 ORDER BY quiet_since, id
        """,
        guild_id,
        to_text(asks.rest_until),
        to_text(asks.quiet_until),
        to_text(asks.asked_until),
        json.dumps([str(editor) for editor in asks.editors]),
        asks.most,
    )
    return [
        QuietTip(
            tip_id=row["id"],
            reason=ReminderReason(row["reason"]),
            status=TipStatus(row["status"]),
            owner=row["owner"],
            logged_by=row["logged_by"],
            is_hidden=bool(row["hidden"]),
            number=row["number"],
            quiet_since=to_moment(row["quiet_since"]),
        )
        for row in rows
    ]


async def standing(connection: Connection, guild_id: int, tips: Iterable[QuietTip]) -> set[tuple[int, str, str]]:
    """Return who was asked what about these tips since anything was last done with them: tip, reason and person."""
    rows = await connection.all(
        """
        SELECT reminder.tip_id, reason, person FROM json_each(?2) AS wanted JOIN reminder
            ON reminder.guild_id = ?1 AND reminder.tip_id = json_extract(wanted.value, '$[0]')
            AND reminder.number = json_extract(wanted.value, '$[1]')
        """,
        guild_id,
        json.dumps([[tip.tip_id, tip.number] for tip in tips]),
    )
    return {(row["tip_id"], row["reason"], row["person"]) for row in rows}


async def note(
    connection: Connection, guild_id: int, reminded: Iterable[Reminded], announcement_id: int | None
) -> None:
    """Note of whom is reminded of what, by an announcement, or (None) when that person next uses the bot; once each."""
    for one in reminded:
        await connection.run(
            """
            INSERT INTO reminder (guild_id, person, reason, tip_id, fact_id, number, announcement_id, made_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            guild_id,
            one.person,
            one.reason,
            one.tip_id,
            one.fact_id,
            one.number,
            announcement_id,
            to_text(one.made_at),
        )


async def wish(connection: Connection, guild_id: int, tip_id: int, by: int, now: datetime) -> None:
    """Note that somebody wishes a tip erased: editors are asked, unless something is done with it first."""
    await connection.run(
        """
        INSERT INTO reminder (guild_id, person, reason, tip_id, number, made_at, told_at)
        SELECT guild_id, ?, 'wish', tip_id, max(number), ?, ? FROM tip_change WHERE guild_id = ? AND tip_id = ?
        GROUP BY tip_id ON CONFLICT DO NOTHING
        """,
        str(by),
        to_text(now),
        to_text(now),
        guild_id,
        tip_id,
    )


async def tips_of(connection: Connection, guild_id: int, announcement_id: int) -> list[RemindedTip]:
    """Return the tips that an announcement reminds of, as they now stand: by number, with no word of theirs.

    Those asked for longest come first; open is what nothing was done with since.
    """
    rows = await connection.all(
        """
        SELECT reminder.tip_id, reminder.reason, tip.status, tip.erased_at IS NOT NULL AS erased,
            tip.is_sensitive OR tip.embargo_until IS NOT NULL AS hidden,
            coalesce((SELECT max(made_at, coalesce(tip.kept_at, '')) FROM tip_change
                WHERE tip_change.tip_id = reminder.tip_id AND tip_change.number = reminder.number),
                reminder.made_at) AS since,
            (SELECT max(number) FROM tip_change WHERE tip_change.tip_id = reminder.tip_id) AS last,
            reminder.number, coalesce(tip.owner, tip.logged_by) AS held_by,
            (SELECT channel_id || '/' || message_id FROM announcement AS card
                WHERE card.guild_id = ?1 AND card.tip_id = reminder.tip_id AND card.state = 'sent'
                    AND card.message_id IS NOT NULL ORDER BY card.id LIMIT 1) AS card,
            (SELECT person FROM reminder AS wish WHERE wish.guild_id = ?1 AND wish.tip_id = reminder.tip_id
                AND wish.number = reminder.number AND wish.reason = 'wish' ORDER BY wish.id LIMIT 1) AS wished_by
        FROM reminder JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ?1 AND reminder.announcement_id = ?2
        ORDER BY since, reminder.tip_id
        """,
        guild_id,
        announcement_id,
    )
    return [_reminded_tip(guild_id, row) for row in rows]


async def hidden_of(connection: Connection, guild_id: int, announcement_id: int) -> set[int]:
    """Return which of the tips that an announcement reminds of are hidden from others now."""
    rows = await connection.all(
        """
        SELECT tip.id FROM reminder JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ? AND reminder.announcement_id = ?
            AND (tip.is_sensitive OR tip.embargo_until IS NOT NULL)
        """,
        guild_id,
        announcement_id,
    )
    return {row["id"] for row in rows}


async def of_announcement(connection: Connection, guild_id: int, announcement_id: int) -> list[Reminded]:
    """Return all that an announcement reminds of."""
    rows = await connection.all(
        "SELECT * FROM reminder WHERE guild_id = ? AND announcement_id = ? ORDER BY id", guild_id, announcement_id
    )
    return [_reminded(row) for row in rows]


async def reword(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> None:
    """Make the reminders that name a tip say how it stands now; belongs into the transaction of the change."""
    rows = await connection.all(
        """
        SELECT DISTINCT reminder.announcement_id AS id FROM reminder JOIN announcement
            ON announcement.guild_id = reminder.guild_id AND announcement.id = reminder.announcement_id
        WHERE reminder.guild_id = ? AND reminder.tip_id = ? AND announcement.message_id IS NOT NULL
        """,
        guild_id,
        tip_id,
    )
    await announcements.remake(connection, guild_id, [row["id"] for row in rows], now)


async def undelivered(connection: Connection, guild_id: int) -> list[Undelivered]:
    """Return the reminders that are owed to people who take no private message."""
    rows = await connection.all(
        """
        SELECT announcement.id, channel.channel_id, channel.person FROM channel JOIN announcement
            ON announcement.guild_id = channel.guild_id AND announcement.channel_id = channel.channel_id
        WHERE channel.guild_id = ? AND channel.person IS NOT NULL AND channel.parked_reason IS NOT NULL
            AND announcement.kind = 'reminder' AND announcement.state = 'pending'
        ORDER BY announcement.id
        """,
        guild_id,
    )
    return [Undelivered(row["id"], row["channel_id"], row["person"]) for row in rows]


async def divert(
    connection: Connection, guild_id: int, announcement_id: int, to: int | None, tips: Sequence[int] | None = None
) -> None:
    """Make another announcement, or (None) the bot's next reply, tell what one reminds of; of some tips, or of all."""
    await connection.run(
        """
        UPDATE reminder SET announcement_id = ?
        WHERE guild_id = ? AND announcement_id = ? AND (? IS NULL OR tip_id IN (SELECT value FROM json_each(?)))
        """,
        to,
        guild_id,
        announcement_id,
        None if tips is None else json.dumps(list(tips)),
        None if tips is None else json.dumps(list(tips)),
    )


async def withdraw(connection: Connection, guild_id: int, announcement_id: int) -> None:
    """Forget a reminder that its channel certainly does not have, once all of it is told otherwise."""
    await connection.run(
        "DELETE FROM announcement WHERE guild_id = ? AND id = ? AND kind = 'reminder' AND state = 'pending'",
        guild_id,
        announcement_id,
    )


async def untold(connection: Connection, guild_id: int, person: int) -> list[Reminded]:
    """Return what a person is to be told when they next use the bot: what still stands, of things not erased."""
    rows = await connection.all(
        """
        SELECT reminder.* FROM reminder LEFT JOIN tip ON tip.guild_id = reminder.guild_id AND tip.id = reminder.tip_id
        WHERE reminder.guild_id = ?1 AND reminder.person = ?2 AND announcement_id IS NULL AND told_at IS NULL
            AND tip.erased_at IS NULL AND (reminder.tip_id IS NULL OR reminder.number =
                (SELECT max(number) FROM tip_change WHERE tip_change.tip_id = reminder.tip_id))
        ORDER BY reminder.id
        """,
        guild_id,
        str(person),
    )
    return [_reminded(row) for row in rows]


async def tell(connection: Connection, guild_id: int, person: int, now: datetime) -> int:
    """Note that a person was told what they were to be told when they next use the bot; return of how many things."""
    return await connection.run(
        """
        UPDATE reminder SET told_at = ?
        WHERE guild_id = ? AND person = ? AND announcement_id IS NULL AND told_at IS NULL
        """,
        to_text(now),
        guild_id,
        str(person),
    )


async def fact_news(connection: Connection, guild_id: int, after: int) -> list[FactNews]:
    """Return the corrections, disputes and retractions of a newsroom's facts after a change, oldest first."""
    rows = await connection.all(
        f"""
        SELECT id, fact_id, number, made_by, made_at FROM fact_change
        WHERE guild_id = ? AND id > ? AND kind IN {_NEWS} ORDER BY id
        """,
        guild_id,
        after,
    )
    return [
        FactNews(row["id"], row["fact_id"], row["number"], row["made_by"], to_moment(row["made_at"])) for row in rows
    ]


async def exports_of_facts(connection: Connection, guild_id: int) -> list[ExportedFacts]:
    """Return a newsroom's exports that hold facts, oldest first."""
    rows = await connection.all(
        "SELECT made_by, made_at, folder, facts FROM export WHERE guild_id = ? AND facts <> '[]' ORDER BY id", guild_id
    )
    return [
        ExportedFacts(
            row["made_by"],
            to_moment(row["made_at"]),
            row["folder"],
            tuple((int(first), int(last)) for first, last in json.loads(row["facts"])),
        )
        for row in rows
    ]


async def told_of_facts(connection: Connection, guild_id: int) -> dict[tuple[str, int], int]:
    """Return up to which number of its changes each person was told of each fact."""
    rows = await connection.all(
        """
        SELECT person, fact_id, max(number) AS number FROM reminder
        WHERE guild_id = ? AND fact_id IS NOT NULL GROUP BY person, fact_id
        """,
        guild_id,
    )
    return {(row["person"], row["fact_id"]): row["number"] for row in rows}


async def fact_at(connection: Connection, guild_id: int, fact_id: int, moment: datetime) -> FactThen:
    """Return how a fact stood at a moment."""
    rows = await connection.all(
        f"""
        SELECT kind FROM fact_change WHERE guild_id = ? AND fact_id = ? AND made_at <= ?
            AND kind IN ('logged', 'verified', {_NEWS[1:-1]}) ORDER BY number
        """,
        guild_id,
        fact_id,
        to_text(moment),
    )
    kinds = [FactChangeKind(row["kind"]) for row in rows] or [FactChangeKind.LOGGED]
    status = FactStatus.LOGGED if kinds[-1] is FactChangeKind.CORRECTED else FactStatus(kinds[-1].value)
    return FactThen(status, 1 + kinds.count(FactChangeKind.CORRECTED))


async def card_of_fact(connection: Connection, guild_id: int, fact_id: int) -> str | None:
    """Return the link to the card that shows a fact to all, where one does."""
    row = await connection.one(
        """
        SELECT channel_id, message_id FROM announcement
        WHERE guild_id = ? AND fact_id = ? AND kind = 'fact' AND state = 'sent' AND message_id IS NOT NULL
        ORDER BY id LIMIT 1
        """,
        guild_id,
        fact_id,
    )
    return message_url(guild_id, row["channel_id"], row["message_id"]) if row else None


def _reminded(row: sqlite3.Row) -> Reminded:
    return Reminded(
        person=row["person"],
        reason=ReminderReason(row["reason"]),
        number=row["number"],
        made_at=to_moment(row["made_at"]),
        tip_id=row["tip_id"],
        fact_id=row["fact_id"],
    )


def _reminded_tip(guild_id: int, row: sqlite3.Row) -> RemindedTip:
    reason = ReminderReason(row["reason"])
    wished_by = int(row["wished_by"]) if row["wished_by"] is not None else None
    if reason is ReminderReason.UNANSWERED and wished_by is not None:
        reason = ReminderReason.WISH
    return RemindedTip(
        tip_id=row["tip_id"],
        reason=reason,
        status=TipStatus(row["status"]),
        since=to_moment(row["since"]),
        held_by=row["held_by"],
        is_open=not row["erased"] and row["last"] == row["number"],
        is_erased=bool(row["erased"]),
        url=message_url(guild_id, *row["card"].split("/")) if row["card"] and not row["hidden"] else None,
        wished_by=wished_by if reason is ReminderReason.WISH else None,
    )
