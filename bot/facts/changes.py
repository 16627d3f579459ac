"""What people do with facts: each change is one transaction, noted by whom and when, and shown where the fact is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.access import Viewer, owners_of
from bot.dossiers import put_new
from bot.entering import MINUTE, Belongings, refuse_haste, use_draft
from bot.errors import UserError
from bot.facts.citing import message_of, notice_cited
from bot.facts.entry import Correction, FactEntry
from bot.models import (
    AnnouncementKind,
    Citation,
    CitationKind,
    Fact,
    FactChangeKind,
    FactStatus,
    ThingKind,
    TipChangeKind,
    TipStatus,
)
from bot.publishing import publish
from bot.storage import about, announcements, facts, notices, shown, tips
from bot.storage.database import Connection, Database

FACTS: Final = 500_000
"""Facts of one newsroom."""
CITATIONS: Final = 50
"""Citations of one fact."""
UNSEEN: Final = timedelta(minutes=5)
"""How long a correction by somebody else counts as one that the next person may not have seen."""

_CODE = re.compile(r"(?:r[ée]f\.?\s*)?([0-9A-Z]{4}-[0-9A-Z]{4})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Changed:
    """Hold a fact as it now stands and the channels that are owed its card."""

    fact: Fact
    channels: Sequence[int] = ()


class FactCorrectedError(UserError):
    """Refuse a correction of a version that is no longer the last one; `fact` is how it stands."""

    def __init__(self, text: str, fact: Fact) -> None:
        super().__init__(text, id=fact.id)
        self.fact = fact


async def add(
    database: Database,
    viewer: Viewer,
    entry: FactEntry,
    now: datetime,
    belongings: Belongings | None = None,
    *,
    tip_id: int | None = None,
) -> Changed:
    """Log a fact; with `tip_id` promote that tip, of which nothing but what is given goes into the fact.

    Raises UserError for a form sent twice, in too much haste, in a full newsroom, for a closed dossier, and for a tip
    that is not to be seen.
    """
    belongings = belongings or Belongings()
    guild_id, by = viewer.guild_id, viewer.user_id
    async with database.tx("fact.add") as connection:
        await use_draft(connection, viewer, belongings.draft)
        refuse_haste(await facts.logged_since(connection, guild_id, by, now - MINUTE))
        if await facts.total(connection, guild_id) >= FACTS:
            raise UserError("facts-full", most=FACTS)
        cited = [await resolved(connection, guild_id, citation) for citation in entry.citations]
        fact = await facts.add(connection, guild_id, entry.claim, cited, by, now, tip_id=tip_id)
        if tip_id is not None:
            await _promote(connection, viewer, tip_id, fact.id, now)
        await about.link(connection, guild_id, ThingKind.FACT, fact.id, belongings.items, by, now)
        await put_new(connection, viewer, belongings.dossiers, ThingKind.FACT, fact.id, now)
        return Changed(fact, await publish(connection, fact, now))


async def cite(
    database: Database, viewer: Viewer, fact_id: int, citations: Sequence[Citation], now: datetime
) -> Changed:
    """Add citations to a fact; raises UserError for a retracted fact and one that has such a citation already."""
    async with database.tx("fact.cite") as connection:
        fact = await _open_fact(connection, viewer, fact_id)
        for citation in citations:
            known = await facts.citations(connection, fact.guild_id, fact.id)
            if len(known) >= CITATIONS:
                raise UserError("citations-full", most=CITATIONS)
            found = await resolved(connection, fact.guild_id, citation)
            same = next((former for former in known if _is_same(former, found)), None)
            if same is not None:
                raise UserError("citation-known", id=fact.id, n=same.n)
            fact = await facts.cite(connection, fact, found, viewer.user_id, now)
        return Changed(fact, await publish(connection, fact, now))


async def correct(  # noqa: PLR0913  # what a correction is made of, and under which conditions it stands
    database: Database,
    viewer: Viewer,
    fact_id: int,
    correction: Correction,
    reason: str,
    now: datetime,
    *,
    seen: int,
    draft: int | None = None,
    only_own: bool = False,
) -> Changed:
    """Make the next version of a fact, to be verified anew; `only_own` where its author may, until it was verified.

    `seen` is the version that the correction was made from. Raises FactCorrectedError, with the fact as it stands,
    where another version was made meanwhile, and UserError for a retracted fact and a form sent twice.
    """
    async with database.tx("fact.correct") as connection:
        await use_draft(connection, viewer, draft)
        fact = await _open_fact(connection, viewer, fact_id)
        if fact.revision != seen:
            raise FactCorrectedError("fact-corrected-meanwhile", fact)
        if only_own and viewer.user_id not in owners_of(fact):
            raise UserError("access-fact-verified")
        replaced = [
            replace(await resolved(connection, fact.guild_id, citation), n=citation.n)
            for citation in correction.replaced
        ]
        fact = await facts.correct(connection, fact, correction.claim, replaced, reason, viewer.user_id, now)
        return Changed(fact, await publish(connection, fact, now))


def refuse_unseen(fact: Fact, seen: int | None, by: int, now: datetime) -> None:
    """Raise FactCorrectedError where a person has not seen the version of a fact that stands.

    `seen` is the version that they had before them; without it, one that somebody else made lately counts as unseen.
    """
    if seen is not None:
        is_unseen = seen != fact.revision
    else:
        is_unseen = fact.corrected_at is not None and fact.corrected_by != by and now - fact.corrected_at < UNSEEN
    if is_unseen:
        raise FactCorrectedError("fact-corrected-meanwhile", fact)


async def verify(database: Database, viewer: Viewer, fact_id: int, now: datetime) -> Changed:
    """Note that a second person verified a fact: neither who logged it nor who made the version that stands."""
    async with database.tx("fact.verify") as connection:
        fact = await _open_fact(connection, viewer, fact_id)
        if fact.status is FactStatus.VERIFIED:
            raise UserError("fact-verified-already", id=fact.id, person=fact.verified_by)
        if viewer.user_id in {fact.logged_by, fact.corrected_by}:
            raise UserError("fact-second-person", id=fact.id)
        fact = await facts.verify(connection, fact, viewer.user_id, now)
        return Changed(fact, await publish(connection, fact, now))


async def dispute(database: Database, viewer: Viewer, fact_id: int, reason: str, now: datetime) -> Changed:
    """Note that a fact is disputed, and why."""
    async with database.tx("fact.dispute") as connection:
        fact = await _open_fact(connection, viewer, fact_id)
        if fact.status is FactStatus.DISPUTED:
            raise UserError("fact-disputed-already", id=fact.id)
        disputed, kind = FactStatus.DISPUTED, FactChangeKind.DISPUTED
        fact = await facts.mark(connection, fact, disputed, kind, reason, viewer.user_id, now)
        return Changed(fact, await publish(connection, fact, now))


async def retract(database: Database, viewer: Viewer, fact_id: int, reason: str, now: datetime) -> Changed:
    """Retract a fact for good; it stays to be read, with the reason."""
    async with database.tx("fact.retract") as connection:
        fact = await _open_fact(connection, viewer, fact_id)
        retracted, kind = FactStatus.RETRACTED, FactChangeKind.RETRACTED
        fact = await facts.mark(connection, fact, retracted, kind, reason, viewer.user_id, now)
        return Changed(fact, await publish(connection, fact, now))


async def link_items(database: Database, viewer: Viewer, fact_id: int, items: Sequence[int], now: datetime) -> Changed:
    """Note that a fact is about watch items of its newsroom."""
    async with database.tx("fact.items") as connection:
        fact = await _open_fact(connection, viewer, fact_id)
        if await about.link(connection, fact.guild_id, ThingKind.FACT, fact.id, items, viewer.user_id, now):
            fact = await facts.touch(connection, fact)
        return Changed(fact, await publish(connection, fact, now))


async def resolved(connection: Connection, guild_id: int, citation: Citation) -> Citation:
    """Return a citation of an announcement, by its code or the link of its message, as one of its notice."""
    announcement = None
    message = message_of(citation.url or "") if citation.kind is CitationKind.MESSAGE else None
    if message is not None:
        announcement = await shown.by_message(connection, guild_id, message.channel_id, message.message_id)
    elif citation.kind is CitationKind.WORDS and (code := _CODE.fullmatch(citation.title or "")):
        announcement = await announcements.by_code(connection, guild_id, code[1].upper())
    if announcement is None or announcement.kind is not AnnouncementKind.NOTICE or announcement.notice_id is None:
        return citation
    notice = await notices.get(connection, announcement.notice_id, announcement.due_revision)
    return notice_cited(notice, announcement.notice_id, quote=citation.quote, retrieved_at=citation.retrieved_at)


def _is_same(former: Citation, citation: Citation) -> bool:
    """Return whether two citations point to the same place of the same thing."""
    return (former.url or former.title, former.quote) == (citation.url or citation.title, citation.quote)


async def _promote(connection: Connection, viewer: Viewer, tip_id: int, fact_id: int, now: datetime) -> None:
    """Note that a tip became a fact, which confirms it."""
    tip = await tips.find(connection, viewer, tip_id)
    if tip is None:
        raise UserError("tip-unknown", typed=str(tip_id))
    confirmed, promoted = TipStatus.CONFIRMED, TipChangeKind.PROMOTED
    tip = await tips.set_status(connection, tip, confirmed, viewer.user_id, now, kind=promoted, text=str(fact_id))
    await publish(connection, tip, now)


async def _open_fact(connection: Connection, viewer: Viewer, fact_id: int) -> Fact:
    fact = await facts.find(connection, viewer.guild_id, fact_id)
    if fact is None:
        raise UserError("fact-unknown", typed=str(fact_id))
    if fact.status is FactStatus.RETRACTED:
        raise UserError("fact-retracted-already", id=fact.id)
    return fact
