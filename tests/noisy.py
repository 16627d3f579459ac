"""A company with homonyms, the notices that its item hits, and what people said of them."""

from __future__ import annotations

from datetime import datetime

from bot.matching import Matcher
from bot.models import Held, Notice, WatchItem
from bot.storage.database import Connection, Database
from bot.storage.watching import dismissals, hits
from tests.factories import add_notice, make_notice, owed_to_digest

GOOD = (
    "Maintenance de caméras Axis Communications",
    "Fourniture de caméras réseau Axis Communications P3265 pour la vidéoprotection",
    "Extension du parc Axis Communications de la gare",
)
HOMONYMS = (
    "Axis Conseil Rhône : étude de sol du collège",
    "Requalification de la zone Axis Parc, lot voirie",
    "Travaux sur l'Axis Nord : reprise des enrobés",
    "Axis Immobilier : vente de bureaux",
    "Nettoyage des locaux de la résidence Axis",
)


async def add_found(
    connection: Connection, item: WatchItem, notice: Notice, now: datetime, held: Held | None = None
) -> int:
    """Store a notice with the hit that the matcher finds on it; return our id of the notice."""
    row = await add_notice(connection, notice, now)
    [found] = Matcher([item]).find_apart(notice)
    await hits.add(
        connection,
        item.guild_id,
        found.hit,
        notice_row=row,
        revision=1,
        held=held,
        in_digest=owed_to_digest(held),
        now=now,
        standings=found.standings,
    )
    return row


async def dismiss(connection: Connection, item: WatchItem, row: int, now: datetime) -> None:
    """Let somebody say that a notice is not about an item."""
    await dismissals.add(connection, item.guild_id, item.id or 0, row, None, "une autre", 7, now)


async def bring(
    database: Database,
    item: WatchItem,
    now: datetime,
    *,
    good: int,
    wrong: int,
    first: int = 0,
    held: Held | None = None,
) -> None:
    """Let an item hit notices that are about it, and homonyms that somebody says are not."""
    async with database.tx("test.hits") as connection:
        for number in range(good + wrong):
            titles = GOOD if number < good else HOMONYMS
            notice = make_notice(
                f"26-{first + number}", title=titles[number % len(titles)], text=f"Avis {number}.", published=now.date()
            )
            row = await add_found(connection, item, notice, now, held)
            if number >= good:
                await dismiss(connection, item, row, now)
