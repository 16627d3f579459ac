"""What people do with facts: each change is one transaction, noted by whom and when, and shown where the fact is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.access import Action, Viewer, owners_of
from bot.dossiers import put_new
from bot.entering import MINUTE, Belongings, refuse_haste, use_draft
from bot.errors import UserError
from bot.facts.allowed import refuse
from bot.facts.citing import message_of, notice_cited, party_of
from bot.facts.entry import Correction, FactEntry
from bot.facts.origins import beside, files_beside, origins
from bot.facts.vouching import makers_of, missing_origin
from bot.models import (
    AnnouncementKind,
    Citation,
    CitationKind,
    Fact,
    FactChangeKind,
    FactStatus,
    ThingKind,
    Tip,
    TipChangeKind,
    TipStatus,
)
from bot.publishing import answer, publish
from bot.storage import newsrooms
from bot.storage.archive import notices, twins
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import about, citations, embargoes, facts, tips
from bot.storage.outbox import announcements, shown
from bot.tips.missing import missing_tip

FACTS: Final = 500_000
"""Facts of one newsroom."""
CITATIONS: Final = 50
"""Citations of one fact."""
UNSEEN: Final = timedelta(minutes=5)
"""How long a correction by somebody else counts as one that the next person may not have seen."""

_MARKS: Final = {
    FactChangeKind.DISPUTED: (FactStatus.DISPUTED, Action.FACT_DISPUTE),
    FactChangeKind.RETRACTED: (FactStatus.RETRACTED, Action.FACT_RETRACT),
}
_CODE = re.compile(r"(?:r[ée]f\.?\s*)?([0-9A-Z]{4}-[0-9A-Z]{4})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Changed:
    """Hold a fact as it now stands and the channels that are owed its card.

    `overruled` tells that it was verified without a second origin, for a reason.
    """

    fact: Fact
    channels: Sequence[int] = ()
    overruled: bool = False


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

    It is under embargo for as long as it belongs there, and as the tip that it comes from is.

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
        cited = [*cited[:1], *(beside(citation, cited[0]) for citation in cited[1:])]
        fact = await facts.add(connection, guild_id, entry.claim, cited, by, now, tip_id=tip_id)
        tip = await _promote(connection, viewer, tip_id, fact.id, now) if tip_id is not None else None
        ends = (belongings.embargo_until, tip.embargo_until if tip is not None else None)
        until = max((end for end in ends if end is not None and end > now), default=None)
        if until is not None:
            fact = await embargoes.put_until(connection, fact, until, by, now)
        await about.link(connection, guild_id, ThingKind.FACT, fact.id, belongings.items, by, now)
        await put_new(connection, viewer, belongings.dossiers, ThingKind.FACT, fact.id, now)
        linked = {"items": list(belongings.items), "dossiers": list(belongings.dossiers)}
        await _note(connection, viewer, Action.FACT_ADD, fact, now, {name: ids for name, ids in linked.items() if ids})
        return Changed(fact, await publish(connection, fact, now))


async def cite(database: Database, viewer: Viewer, fact_id: int, cited: Sequence[Citation], now: datetime) -> Changed:
    """Add citations to a fact; raises UserError for a retracted fact and one that has such a citation already."""
    async with database.tx("fact.cite") as connection:
        fact = await _found(connection, viewer, fact_id, FactChangeKind.CITED)
        source: Citation | None = None
        for citation in cited:
            known = await citations.standing(connection, fact.guild_id, fact.id)
            if len(known) >= CITATIONS:
                raise UserError("citations-full", most=CITATIONS)
            found = await resolved(connection, fact.guild_id, citation)
            source, found = source or found, beside(found, source) if source is not None else found
            same = next((former for former in known if _is_same(former, found)), None)
            if same is not None:
                raise UserError("citation-known", id=fact.id, n=same.n)
            fact = await facts.cite(connection, fact, found, viewer.user_id, now)
        await _note(connection, viewer, Action.FACT_CITE, fact, now)
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
        fact = await _found(connection, viewer, fact_id, FactChangeKind.CORRECTED)
        if fact.revision != seen:
            raise FactCorrectedError("fact-corrected-meanwhile", fact)
        if only_own and viewer.user_id not in owners_of(fact):
            raise UserError("access-fact-verified")
        replaced = [
            replace(await resolved(connection, fact.guild_id, citation), n=citation.n)
            for citation in correction.replaced
        ]
        standing = await citations.standing(connection, fact.guild_id, fact.id)
        for citation in tuple(replaced):
            [former] = [one for one in standing if one.n == citation.n]
            replaced += files_beside(former, citation, standing)
        before = fact
        fact = await facts.correct(connection, fact, correction.claim, replaced, reason, viewer.user_id, now)
        await _note(connection, viewer, Action.FACT_CORRECT, fact, now)
        return Changed(fact, await _tell(connection, fact, before, now))


def refuse_unseen(fact: Fact, seen: int | None, by: int, now: datetime, *, verifies: bool = False) -> None:
    """Raise FactCorrectedError where a person corrects, or `verifies`, another version of a fact than they have seen.

    `seen` is the version that they had before them; without it, one that somebody else made lately counts as unseen.
    """
    if seen is not None:
        is_unseen = seen != fact.revision
    else:
        is_unseen = fact.corrected_at is not None and fact.corrected_by != by and now - fact.corrected_at < UNSEEN
    if is_unseen:
        raise FactCorrectedError("fact-verify-unseen" if verifies else "fact-corrected-meanwhile", fact)


async def verify(
    database: Database,
    viewer: Viewer,
    fact_id: int,
    now: datetime,
    *,
    reason: str | None = None,
    seen: int | None = None,
    draft: int | None = None,
) -> Changed:
    """Note that a second person verified a fact: neither who logged it nor who made what it says (`makers_of`).

    Where the newsroom asks for a second source it needs two citations of different origin that others added, or a
    `reason` to do without; a reason that nothing needed is not kept. `seen` and what it raises are those of
    `refuse_unseen`.
    """
    async with database.tx("fact.verify") as connection:
        await use_draft(connection, viewer, draft)
        fact = await _found(connection, viewer, fact_id, FactChangeKind.VERIFIED)
        if viewer.user_id in makers_of(fact, await facts.earlier(connection, fact.guild_id, fact.id)):
            raise UserError("fact-second-person", id=fact.id)
        refuse_unseen(fact, seen, viewer.user_id, now, verifies=True)
        cited = await citations.standing(connection, fact.guild_id, fact.id)
        newsroom = await newsrooms.find(connection, fact.guild_id)
        is_asked = newsroom is not None and newsroom.second_source
        missing = missing_origin(fact, cited, viewer.user_id) if is_asked else None
        if missing is not None and reason is None:
            raise missing
        kept = reason if missing is not None else None
        fact = await facts.verify(connection, fact, viewer.user_id, now, reason=kept)
        await _note(connection, viewer, Action.FACT_VERIFY, fact, now, {"origins": len(origins(cited))})
        return Changed(fact, await publish(connection, fact, now), overruled=kept is not None)


async def dispute(database: Database, viewer: Viewer, fact_id: int, reason: str, now: datetime) -> Changed:
    """Note that a fact is disputed, and why."""
    return await _mark(database, viewer, fact_id, FactChangeKind.DISPUTED, reason, now)


async def retract(database: Database, viewer: Viewer, fact_id: int, reason: str, now: datetime) -> Changed:
    """Retract a fact for good; it stays to be read, with the reason."""
    return await _mark(database, viewer, fact_id, FactChangeKind.RETRACTED, reason, now)


async def link_items(database: Database, viewer: Viewer, fact_id: int, items: Sequence[int], now: datetime) -> Changed:
    """Note that a fact is about watch items of its newsroom."""
    async with database.tx("fact.items") as connection:
        fact = await _found(connection, viewer, fact_id, FactChangeKind.CITED)
        if await about.link(connection, fact.guild_id, ThingKind.FACT, fact.id, items, viewer.user_id, now):
            fact = await facts.touch(connection, fact)
            await _note(connection, viewer, Action.FACT_ADD, fact, now, {"items": list(items)})
        return Changed(fact, await publish(connection, fact, now))


async def resolved(connection: Connection, guild_id: int, citation: Citation) -> Citation:
    """Return a citation of an announcement, by its code or the link of its message, as one of its notice."""
    announcement = None
    message = message_of(citation.url or "") if citation.kind is CitationKind.MESSAGE else None
    if message is not None:
        announcement = await shown.by_message(connection, guild_id, message.channel_id, message.message_id)
    elif citation.kind is CitationKind.WORDS and (code := _CODE.fullmatch(citation.title or "")):
        announcement = await announcements.by_code(connection, guild_id, code[1].upper())
    if announcement is not None and announcement.kind is AnnouncementKind.NOTICE and announcement.notice_id is not None:
        notice = await notices.get(connection, announcement.notice_id, announcement.due_revision)
        made = notice_cited(notice, announcement.notice_id, quote=citation.quote, retrieved_at=citation.retrieved_at)
        citation = replace(made, said_origin=citation.said_origin)
    if citation.notice_id is None:
        return citation
    # Twins in two sources are one notice: whose words it is says the one that was stored first.
    rows = [citation.notice_id, *(twin.row for twin in await twins.others(connection, citation.notice_id))]
    found = await notices.latest(connection, rows)
    party = next((party for row in sorted(found) if (party := party_of(found[row]))), None)
    return replace(citation, party=party or citation.party)


def _is_same(former: Citation, citation: Citation) -> bool:
    """Return whether two citations point to the same place of the same thing."""
    return (former.url or former.title, former.quote) == (citation.url or citation.title, citation.quote)


async def _mark(
    database: Database, viewer: Viewer, fact_id: int, change: FactChangeKind, reason: str, now: datetime
) -> Changed:
    """Note that a fact is disputed or retracted, by the kind of that change, and why."""
    status, action = _MARKS[change]
    async with database.tx("fact.mark") as connection:
        before = await _found(connection, viewer, fact_id, change)
        fact = await facts.mark(connection, before, status, change, reason, viewer.user_id, now)
        await _note(connection, viewer, action, fact, now)
        return Changed(fact, await _tell(connection, fact, before, now))


async def _promote(connection: Connection, viewer: Viewer, tip_id: int, fact_id: int, now: datetime) -> Tip:
    """Note that a tip became a fact, which confirms it."""
    tip = await tips.find(connection, viewer, tip_id)
    if tip is None:
        raise await missing_tip(connection, viewer, tip_id, str(tip_id))
    confirmed, promoted = TipStatus.CONFIRMED, TipChangeKind.PROMOTED
    tip = await tips.set_status(connection, tip, confirmed, viewer.user_id, now, kind=promoted, text=str(fact_id))
    thing, detail = (ThingKind.TIP, tip_id), {"fact": fact_id}
    await audit.note(connection, viewer.guild_id, viewer.user_id, Action.TIP_PROMOTE, now, thing=thing, detail=detail)
    await publish(connection, tip, now)
    return tip


async def _found(connection: Connection, viewer: Viewer, fact_id: int, change: FactChangeKind) -> Fact:
    """Return a fact with which something is to be done, where that is allowed."""
    fact = await facts.find(connection, viewer, fact_id)
    if fact is None:
        raise UserError("fact-unknown", typed=str(fact_id))
    refuse(fact, change)
    return fact


async def _tell(connection: Connection, fact: Fact, before: Fact, now: datetime) -> list[int]:
    """Show a fact that no longer stands as it did: its cards are edited, and those who saw one are answered."""
    channels = await publish(connection, fact, now)
    await answer(connection, fact, before.changes, now)
    return channels


async def _note(
    connection: Connection,
    viewer: Viewer,
    action: Action,
    fact: Fact,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Leave the entry of a change in the audit log, once all its rows are written."""
    thing = (ThingKind.FACT, fact.id)
    await audit.note(connection, viewer.guild_id, viewer.user_id, action, now, thing=thing, detail=detail)
