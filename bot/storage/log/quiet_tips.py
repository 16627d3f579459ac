"""Tips with which nothing was done for long, or which nobody is left to follow: what is to be asked, and of whom."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import QuietTip, ReminderReason, TipStatus
from bot.storage._values import to_moment, to_text
from bot.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Say what is asked when: of tips with which nothing was done after a moment, and of whom.

    An open tip rests since `rest_until`; any is asked about since `quiet_until` (None: nobody is), and editors are
    where that was asked before `asked_until` and nobody answered. What was noted after `believed_until` was noted while
    the clock was wrong, and puts nothing off. Of each person's `most` are asked about at once.
    """

    rest_until: datetime
    quiet_until: datetime | None
    asked_until: datetime
    believed_until: datetime
    editors: Sequence[int]
    most: int


_LAST = """
    SELECT tip_id, max(number) AS number, max(CASE WHEN made_at <= ?6 THEN made_at END) AS made_at,
        max(CASE WHEN kind IN ('logged', 'assigned') THEN number END) AS taken_at
    FROM tip_change WHERE guild_id = ?1 GROUP BY tip_id
"""
"""What was last done with each tip of a newsroom, and when somebody came to hold it."""

_ASKED = """
    SELECT tip_id, number AS asked_at, sum(reason = 'wish') AS wishes, sum(reason = 'rest') AS rests,
        sum(reason = 'unanswered') AS passed_on, sum(reason = 'left') AS given_up,
        min(CASE reason WHEN 'keep' THEN made_at END) AS keep_asked_at,
        sum(reason = 'unanswered' AND person IN (SELECT value FROM json_each(?5))) AS editors_asked,
        sum(reason = 'left' AND person IN (SELECT value FROM json_each(?5))) AS editors_told
    FROM reminder WHERE guild_id = ?1 AND tip_id IS NOT NULL GROUP BY tip_id, number
"""
"""What was asked about each tip as it stood at each number of its changes."""

_REASONED = f"""
    WITH standing AS (
        SELECT tip.id, tip.status, tip.owner, tip.logged_by, coalesce(tip.owner, tip.logged_by) AS held_by, last.number,
            tip.is_sensitive OR tip.embargo_until IS NOT NULL AS hidden, tip.status IN ('new', 'checking') AS is_open,
            max(coalesce(last.made_at, ?3, ?2), CASE WHEN tip.kept_at <= ?6 THEN tip.kept_at ELSE '' END)
                AS quiet_since, asked.*,
            coalesce(asked.editors_asked, 0) < json_array_length(?5) AS may_be_passed_on,
            coalesce(asked.editors_told, 0) < json_array_length(?5) AS may_be_given_up,
            coalesce(left_behind.number, 0) < last.taken_at OR asked.given_up > 0 AS is_left_now
        FROM ({_LAST}) AS last
        JOIN tip ON tip.id = last.tip_id
        LEFT JOIN ({_ASKED}) AS asked ON asked.tip_id = tip.id AND asked.asked_at = last.number
        LEFT JOIN (
            SELECT tip_id, max(number) AS number FROM reminder WHERE guild_id = ?1 AND reason = 'left' GROUP BY tip_id
        ) AS left_behind ON left_behind.tip_id = tip.id
        WHERE tip.guild_id = ?1 AND tip.erased_at IS NULL
    ), reasoned AS (
        SELECT *, CASE
            WHEN wishes > 0 OR (?3 IS NOT NULL AND (passed_on > 0 OR keep_asked_at <= ?4 OR keep_asked_at > ?6))
                THEN CASE WHEN may_be_passed_on THEN 'unanswered' END
            WHEN ?3 IS NOT NULL AND keep_asked_at IS NOT NULL THEN NULL
            WHEN ?3 IS NOT NULL AND quiet_since <= ?3 THEN 'keep'
            WHEN is_open AND quiet_since <= ?2 AND coalesce(rests, 0) = 0 THEN 'rest'
        END AS of_holder, CASE
            WHEN wishes > 0 AND may_be_passed_on THEN 'unanswered'
            WHEN is_open AND (is_left_now OR quiet_since <= ?2) AND may_be_given_up THEN 'left'
            WHEN ?3 IS NOT NULL AND (passed_on > 0 OR keep_asked_at IS NOT NULL OR quiet_since <= ?3)
                THEN CASE WHEN may_be_passed_on THEN 'unanswered' END
        END AS of_leaver
        FROM standing
    )
"""
"""Each tip with what is to be asked about it while its holder belongs to the newsroom, and once they do not."""


async def holders(connection: Connection, guild_id: int, asks: Asks) -> list[int]:
    """Return who holds the tips of a newsroom about which somebody may have to be asked, whether they left or not."""
    rows = await connection.all(
        f"""
        {_REASONED}
        SELECT DISTINCT held_by FROM reasoned WHERE of_holder IS NOT NULL OR of_leaver IS NOT NULL ORDER BY held_by
        """,
        *_values(guild_id, asks),
    )
    return [row["held_by"] for row in rows]


async def quiet(
    connection: Connection, guild_id: int, asks: Asks, *, here: Collection[int], gone: Collection[int]
) -> list[QuietTip]:
    """Return the tips of a newsroom about which somebody is to be asked now, whoever may see them, the quietest first.

    `here` are the holders who belong to the newsroom, `gone` those who do not: an open tip of theirs is the editors'
    question at once, told once for each who holds it, and again when it was taken up and rests. Tips of anybody else
    are left out.
    Of each person's as many as one is asked about at once. Nobody is asked the same twice while nothing is done with a
    tip; a question for editors comes again for those who were not asked yet.
    """
    rows = await connection.all(
        f"""
        {_REASONED}
        SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY held_by ORDER BY quiet_since, id) AS place
            FROM (
                SELECT *, CASE WHEN held_by IN (SELECT value FROM json_each(?7)) THEN of_holder
                    WHEN held_by IN (SELECT value FROM json_each(?8)) THEN of_leaver END AS reason
                FROM reasoned
            ) WHERE reason IS NOT NULL
        ) WHERE place <= ?9 ORDER BY quiet_since, id
        """,
        *_values(guild_id, asks),
        json.dumps(list(here)),
        json.dumps(list(gone)),
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


async def standing(connection: Connection, guild_id: int, tips: Sequence[QuietTip]) -> set[tuple[int, str, str]]:
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


def _values(guild_id: int, asks: Asks) -> tuple[object, ...]:
    return (
        guild_id,
        to_text(asks.rest_until),
        to_text(asks.quiet_until),
        to_text(asks.asked_until),
        json.dumps([str(editor) for editor in asks.editors]),
        to_text(asks.believed_until),
    )
