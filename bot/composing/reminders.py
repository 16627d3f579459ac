"""From who is reminded of what to the card of a reminder, as things stand when it is sent."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from bot.access import Role, Viewer
from bot.cards.card import Card
from bot.cards.reminder import ReminderContent, reminder_card
from bot.locales import Texts
from bot.models import Announcement, FactStatus, RemindedFact
from bot.storage import members
from bot.storage.custody import outdated_exports
from bot.storage.database import Connection
from bot.storage.log import facts, reminders


async def reminder(connection: Connection, texts: Texts, announcement: Announcement) -> tuple[Card, bool]:
    """Return the card of a reminder, and whether nothing of it is open any more: such a one is not sent.

    To one person it names what that person may see now; in a channel of the newsroom what all may.
    """
    content = await _content(connection, announcement)
    card = await asyncio.to_thread(reminder_card, texts, content, is_plain=announcement.is_plain)
    return card, content.is_settled


async def _content(connection: Connection, announcement: Announcement) -> ReminderContent:
    guild_id = announcement.guild_id
    person = await members.person_of(connection, guild_id, announcement.channel_id)
    tips = await reminders.tips_of(connection, guild_id, announcement.id)
    if person is None:
        hidden = await reminders.hidden_of(connection, guild_id, announcement.id)
        tips = [tip for tip in tips if tip.tip_id not in hidden]
    exported = announcement.details.get("exported_at")
    return ReminderContent(
        guild_id=guild_id,
        tips=tips,
        facts=await _facts(connection, announcement, person) if person is not None else (),
        exported_at=datetime.fromisoformat(exported) if exported else None,
        code=announcement.code,
        newsroom=announcement.details.get("newsroom") if person is not None else None,
        is_private=person is not None,
    )


async def _facts(connection: Connection, announcement: Announcement, person: int) -> list[RemindedFact]:
    """Return the facts that changed since a person exported them, of those that they may see now."""
    guild_id = announcement.guild_id
    known = await members.find(connection, guild_id, person)
    viewer = Viewer(guild_id=guild_id, user_id=person, sees_all=known is not None and known.role is Role.EDITOR)
    then: dict[str, Any] = announcement.details.get("facts", {})
    found = []
    for one in await reminders.of_announcement(connection, guild_id, announcement.id):
        fact = await facts.find(connection, viewer, one.fact_id or 0)
        if fact is None:
            continue
        exported = then[str(fact.id)]
        found.append(
            RemindedFact(
                fact_id=fact.id,
                was=FactStatus(exported["was"]),
                status=fact.status,
                revision=fact.revision,
                is_corrected=fact.revision > exported["revision"],
                changed_at=datetime.fromisoformat(exported["changed_at"]),
                url=await outdated_exports.card_of_fact(connection, guild_id, fact.id),
            )
        )
    return found
