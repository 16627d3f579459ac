"""Which announcements show a tip or a fact, and which one a message of a channel is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.models import Announcement, Fact, ThingKind, Tip
from bot.storage.database import Connection
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import CERTAIN, COLUMNS, read_row

_SHOWS: Final = {ThingKind.TIP: "tip_id", ThingKind.FACT: "fact_id"}
"""The column that names the tip or the fact that an announcement shows."""

_HIDDEN_TIP: Final = "(tip.is_sensitive OR tip.embargo_until IS NOT NULL OR tip.erased_at IS NOT NULL)"
_TO_GO: Final = f"""
    SELECT 1 FROM tip WHERE guild_id = ?1 AND id = ?3 AND {_HIDDEN_TIP}
    UNION ALL SELECT 1 FROM fact WHERE guild_id = ?1 AND id = ?4 AND embargo_until IS NOT NULL
    UNION ALL SELECT 1 FROM digest_tip WHERE guild_id = ?1 AND announcement_id = ?2 AND is_hidden
    UNION ALL SELECT 1 FROM digest_fact WHERE guild_id = ?1 AND announcement_id = ?2 AND is_hidden
    UNION ALL SELECT 1 FROM known_tip JOIN tip ON tip.guild_id = known_tip.guild_id AND tip.id = known_tip.tip_id
        WHERE known_tip.guild_id = ?1 AND announcement_id = ?2 AND {_HIDDEN_TIP}
    UNION ALL SELECT 1 FROM known_fact JOIN fact ON fact.guild_id = known_fact.guild_id AND fact.id = fact_id
        WHERE known_fact.guild_id = ?1 AND announcement_id = ?2 AND embargo_until IS NOT NULL
    LIMIT 1
"""


async def of_thing(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> list[Announcement]:
    """Return the announcements that show a tip or a fact, oldest first, of a fact with its corrections."""
    rows = await connection.all(
        f"SELECT {COLUMNS} FROM announcement WHERE guild_id = ? AND {_SHOWS[kind]} = ? ORDER BY id", guild_id, thing_id
    )
    return [read_row(row) for row in rows]


async def by_message(connection: Connection, guild_id: int, channel_id: int, message_id: int) -> Announcement | None:
    """Return the announcement that a message of a newsroom's channel, or of a thread, is; None where it is none."""
    row = await connection.one(
        f"""
        SELECT {COLUMNS} FROM announcement
        WHERE guild_id = ?1 AND channel_id = ?2 AND message_id = ?3 AND thread_id IS NULL
        UNION ALL SELECT {COLUMNS} FROM announcement WHERE guild_id = ?1 AND thread_id = ?2 AND message_id = ?3
        """,
        guild_id,
        channel_id,
        message_id,
    )
    return read_row(row) if row else None


async def withdraw(connection: Connection, guild_id: int, kind: ThingKind, thing_id: int) -> None:
    """Forget what is owed of a tip or a fact and certainly was not sent."""
    await connection.run(
        f"""
        DELETE FROM announcement WHERE guild_id = ? AND {_SHOWS[kind]} = ? AND state = 'pending' AND {CERTAIN}
        """,
        guild_id,
        thing_id,
    )


async def withdraw_answers(connection: Connection, guild_id: int, card_id: int) -> None:
    """Forget the corrections that answer a fact's card and certainly were not sent."""
    await connection.run(
        f"""
        DELETE FROM announcement WHERE guild_id = ? AND follows = ? AND kind = 'correction' AND state = 'pending'
            AND {CERTAIN}
        """,
        guild_id,
        card_id,
    )


async def reword_in_digests(connection: Connection, tip: Tip, now: datetime) -> None:
    """Make the digests that name a tip show its newest words, those of a hidden one never again.

    The messages that were sent are owed an edit.
    """
    rows = await connection.all(
        """
        UPDATE digest_tip SET revision = ?1, is_hidden = is_hidden OR ?2
        WHERE guild_id = ?3 AND tip_id = ?4 AND NOT is_hidden AND (revision < ?1 OR ?2)
        RETURNING announcement_id, (SELECT due_revision FROM announcement WHERE id = announcement_id) AS revision
        """,
        tip.revision,
        tip.is_hidden,
        tip.guild_id,
        tip.id,
    )
    for row in rows:
        await announcements.owe_edit(connection, row["announcement_id"], row["revision"] + 1, now)


async def hide_in_digests(connection: Connection, fact: Fact, now: datetime) -> None:
    """Make the digests that name a fact show its words never again; those that were sent are owed an edit."""
    rows = await connection.all(
        """
        UPDATE digest_fact SET is_hidden = 1 WHERE guild_id = ? AND fact_id = ? AND NOT is_hidden
        RETURNING announcement_id, (SELECT due_revision FROM announcement WHERE id = announcement_id) AS revision
        """,
        fact.guild_id,
        fact.id,
    )
    for row in rows:
        await announcements.owe_edit(connection, row["announcement_id"], row["revision"] + 1, now)


async def is_to_go(connection: Connection, row: Announcement) -> bool:
    """Return whether something that a message shows, or may show, was hidden or erased since."""
    return await connection.one(_TO_GO, row.guild_id, row.id, row.tip_id, row.fact_id) is not None


async def drop(connection: Connection, guild_id: int, announcement_id: int) -> None:
    """Forget an announcement of a tip or a fact that Discord does not have and that is no longer to be shown."""
    await connection.run(
        "DELETE FROM announcement WHERE guild_id = ? AND id = ? AND state IN ('pending', 'sending')",
        guild_id,
        announcement_id,
    )


async def reroute(connection: Connection, guild_id: int, old: int, new: int) -> None:
    """Move the tips and facts that one log channel certainly does not have to another; none is owed there twice.

    A channel where a dossier is shown keeps what it is owed.
    """
    await connection.run(
        f"""
        UPDATE OR IGNORE announcement SET channel_id = ?, thread_id = NULL, first_try_at = NULL, history_from = NULL
        WHERE guild_id = ? AND channel_id = ? AND state = 'pending' AND {CERTAIN}
            AND kind IN ('tip', 'fact') AND NOT EXISTS (
            SELECT 1 FROM dossier
            WHERE dossier.guild_id = announcement.guild_id AND dossier.channel_id = announcement.channel_id
        )
        """,
        new,
        guild_id,
        old,
    )
