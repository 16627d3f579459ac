"""From the references that an announcement keeps to the card that it shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.access import Viewer, sees
from bot.cards import (
    AnnouncementContent,
    Card,
    Change,
    ChangedSince,
    CompanionNotice,
    Event,
    FactContent,
    OperationsKind,
    ShownHit,
    StormContent,
    TipContent,
    TwinNotice,
    announcement_card,
    answer_card,
    correction_card,
    correction_fallback_card,
    digest_card,
    digest_fallback_card,
    fact_card,
    fact_fallback_card,
    fallback_card,
    hidden_fact_card,
    hidden_tip_card,
    operations_card,
    storm_card,
    storm_fallback_card,
    tip_card,
    tip_fallback_card,
)
from bot.cards.storm import SHOWN_HITS
from bot.composing.afterwards import as_told, came_later, continued, since
from bot.composing.correction import correction_content
from bot.composing.deadlines import listed_deadlines
from bot.composing.digest import part_of
from bot.composing.follow_up import follow_up
from bot.composing.procedure import stood_before
from bot.composing.reminders import reminder
from bot.facts.origins import origin_of_each
from bot.locales import Language, Texts
from bot.models import NOTHING_KNOWN, Announcement, AnnouncementKind, Fact, Known, Newsroom, ThingKind, Tip
from bot.sources import label_of, sources
from bot.storage import newsrooms
from bot.storage.archive import notices, twins
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits, digests
from bot.storage.log import about, citations, dossiers, facts, tips
from bot.storage.outbox import companions, known
from bot.storage.watching import follows, hits
from bot.watchlist.announced import unnamed
from bot.watchlist.taking import shown_on

READ_COMPANIONS: Final = 60
"""How many entries beside an announcement's own are told in sentences; further ones are counted and named."""


@dataclass(frozen=True, slots=True)
class Composed:
    """Hold a card and the revision that it shows, of a tip or a fact the number of its changes.

    A hidden card says only that something is no longer shown: it replaces what was posted, and is never posted itself.
    `known` is what it tells of what the newsroom knows already of a notice's items.
    """

    card: Card
    revision: int
    is_hidden: bool = False
    known: Known = NOTHING_KNOWN


def texts_of(newsroom: Newsroom) -> Texts:
    """Return the texts of a newsroom: its language, and times in its zone."""
    return Texts(Language(newsroom.language), ZoneInfo(newsroom.timezone))


async def compose(  # noqa: PLR0911  # one for each kind
    connection: Connection, announcement: Announcement, now: datetime
) -> Composed:
    """Make the card that an announcement shows at its due revision, as of now.

    A plain announcement gets the short fallback card. Raises LookupError when what it refers to is not stored.
    """
    newsroom = await newsrooms.find(connection, announcement.guild_id)
    if newsroom is None:
        raise LookupError(f"no newsroom {announcement.guild_id}")
    texts = texts_of(newsroom)
    match announcement.kind:
        case AnnouncementKind.NOTICE:
            return await _notice(connection, newsroom, announcement, now)
        case AnnouncementKind.TIP:
            return await _tip(connection, texts, announcement)
        case AnnouncementKind.FACT | AnnouncementKind.CORRECTION:
            return await _fact(connection, texts, announcement)
        case AnnouncementKind.DIGEST:
            return await _digest(connection, texts, announcement)
        case AnnouncementKind.STORM:
            return await _storm(connection, texts, announcement, now)
        case AnnouncementKind.REMINDER:
            card, is_settled = await reminder(connection, texts, announcement)
            return Composed(card, announcement.due_revision, is_hidden=is_settled)
        case AnnouncementKind.DEADLINE | AnnouncementKind.NO_AWARD:
            made_by = listed_deadlines if "listed" in announcement.details else follow_up
            card, is_over = await made_by(connection, texts, announcement, now)
            return Composed(card, announcement.due_revision, is_hidden=is_over)
        case AnnouncementKind.OPERATIONS:
            return _operations(texts, announcement, now)


def labels() -> dict[str, str]:
    """Return the names by which people know the sources; the members of families are known by their own."""
    return {name: label_of(name) for name in sources()}


async def tip_content(
    connection: Connection, tip: Tip, code: str | None, *, reader: Viewer | None = None
) -> TipContent:
    """Return all that the card of a tip shows; `code` is that of its announcement.

    A `reader` is shown its earlier versions too, those that were sensitive only if they see such tips, and the fact
    that it became, if they see that.
    """
    earlier = []
    if reader is not None:
        earlier = [
            version
            for version in (await tips.versions(connection, tip.guild_id, tip.id))[:-1]
            if sees(reader, replace(tip, is_sensitive=version.words.is_sensitive))
        ]
    return TipContent(
        tip=tip,
        items=[item.name for item in await about.items_of(connection, tip.guild_id, ThingKind.TIP, tip.id)],
        dossiers=[found.name for found in await dossiers.of_thing(connection, tip.guild_id, ThingKind.TIP, tip.id)],
        changes=await tips.changes(connection, tip.guild_id, tip.id, reader=reader),
        earlier=earlier,
        code=code,
    )


async def fact_content(connection: Connection, fact: Fact, code: str | None) -> FactContent:
    """Return all that the card of a fact shows; `code` is that of its announcement."""
    cited = await citations.standing(connection, fact.guild_id, fact.id)
    return FactContent(
        fact=fact,
        citations=cited,
        origins={one.n: origin for one, origin in zip(cited, origin_of_each(cited), strict=True)},
        items=[item.name for item in await about.items_of(connection, fact.guild_id, ThingKind.FACT, fact.id)],
        dossiers=[found.name for found in await dossiers.of_thing(connection, fact.guild_id, ThingKind.FACT, fact.id)],
        earlier=await facts.earlier(connection, fact.guild_id, fact.id),
        changes=await facts.changes(connection, fact.guild_id, fact.id),
        code=code,
    )


def _operations(texts: Texts, announcement: Announcement, now: datetime) -> Composed:
    """Make the card of a word on Vigie's own working."""
    details = announcement.details
    values = {**details, "label": label_of(details["source"])} if "source" in details else details
    return Composed(operations_card(texts, OperationsKind(details["event"]), values, announcement.code, now), 1)


async def _notice(connection: Connection, newsroom: Newsroom, announcement: Announcement, now: datetime) -> Composed:
    """Make the card of a notice at the revision that is due."""
    texts, revision, row = texts_of(newsroom), announcement.due_revision, announcement.notice_id or 0
    beside, beside_since = await _beside(connection, announcement)
    takes, is_taken = await shown_on(connection, announcement)
    notice, told_revision = await as_told(connection, announcement, row, revision)
    newest = notice if told_revision == revision else await notices.get(connection, row, revision)
    is_beside = announcement.revision > 1 and bool(announcement.details.get("beside"))
    found = await hits.of_announcement(connection, announcement.guild_id, announcement.id, told_revision)
    content = AnnouncementContent(
        notice=notice,
        event=Event.REVISED if announcement.details.get("changes") or is_beside else Event.NEW,
        code=announcement.code,
        source_label=label_of(notice.source),
        hits=tuple(
            ShownHit(
                stored.item_name,
                stored.hit.kind,
                stored.hit,
                stored.dismissed,
                beside.get(stored.notice_id),
                is_former=stored.stood_in is not None,
            )
            for stored in found
        ),
        changes=tuple(Change(**change) for change in announcement.details.get("changes", ())),
        stood=await stood_before(connection, texts, row, notice),
        follows=await continued(connection, announcement) if announcement.follows is not None else None,
        later=await came_later(connection, texts, announcement, notice),
        since=(*since(notice, newest), *beside_since),
        twins=tuple(one for one in beside.values() if isinstance(one, TwinNotice)),
        companions=tuple(one for one in beside.values() if isinstance(one, CompanionNotice)),
        is_first=announcement.revision == 1,
        takes=takes,
        is_taken=is_taken,
        follow=await follows.standing(connection, announcement.guild_id, row, announcement.channel_id),
        asked_by=announcement.details.get("followed_by"),
        unnamed=await unnamed(connection, announcement) if not found else None,
    )
    if announcement.is_plain:
        return Composed(await asyncio.to_thread(fallback_card, texts, content), revision)
    if content.event is Event.REVISED and content.follows is not None:
        return Composed(await asyncio.to_thread(answer_card, texts, content), revision)
    items = [stored.hit.item for stored in found if stored.hit.item is not None and stored.dismissed is None]
    told = await known.of_announcement(connection, announcement, items, now)
    card = await asyncio.to_thread(announcement_card, texts, replace(content, known=told), now)
    return Composed(card, revision, known=told)


async def _beside(
    connection: Connection, announcement: Announcement
) -> tuple[dict[int, TwinNotice | CompanionNotice], list[ChangedSince]]:
    """Return the further notices that a message tells of, by our rows of them: twins, and what accompanies it.

    The latter as the message told them, with what changed of them since.
    """
    beside: dict[int, TwinNotice | CompanionNotice] = {
        twin.row: TwinNotice(label_of(twin.source), twin.source_id, twin.url)
        for twin in await twins.others(connection, announcement.notice_id or 0)
    }
    told = announcement.details.get("beside", {})
    changed: list[ChangedSince] = []
    found = await companions.of_announcement(connection, announcement.guild_id, announcement.id)
    # What changed stands before what is new, of which a firm may bring hundreds.
    for place, one in enumerate(sorted(found, key=lambda one: str(one.row) not in told)):
        changes = told.get(str(one.row))
        notice = None
        if place < READ_COMPANIONS:
            notice, revision = await as_told(connection, announcement, one.row, one.revision)
            if revision != one.revision:
                changed += since(notice, await notices.get(connection, one.row, one.revision))
        beside[one.row] = CompanionNotice(
            one.source_id,
            one.title,
            one.url,
            notice,
            None if changes is None else tuple(Change(**change) for change in changes["changes"]),
        )
    return beside, changed


async def _tip(connection: Connection, texts: Texts, announcement: Announcement) -> Composed:
    """Make the card of a tip as it now stands; one that was made sensitive or put under embargo since is hidden."""
    tip = await tips.get(connection, announcement.guild_id, announcement.tip_id or 0)
    if tip.is_hidden:
        return Composed(hidden_tip_card(texts, tip.id, announcement.code), tip.changes, is_hidden=True)
    content = await tip_content(connection, tip, announcement.code)
    make = tip_fallback_card if announcement.is_plain else tip_card
    return Composed(await asyncio.to_thread(make, texts, content), tip.changes)


async def _fact(connection: Connection, texts: Texts, announcement: Announcement) -> Composed:
    """Make the card of a fact as it now stands, or the answer that corrects one; under embargo either is hidden."""
    fact = await facts.get(connection, announcement.guild_id, announcement.fact_id or 0)
    if fact.is_hidden:
        return Composed(hidden_fact_card(texts, fact.id, announcement.code), fact.changes, is_hidden=True)
    if announcement.kind is AnnouncementKind.CORRECTION:
        told = await correction_content(connection, announcement, fact)
        answer = correction_fallback_card if announcement.is_plain else correction_card
        return Composed(await asyncio.to_thread(answer, texts, told), fact.changes)
    content = await fact_content(connection, fact, announcement.code)
    make = fact_fallback_card if announcement.is_plain else fact_card
    return Composed(await asyncio.to_thread(make, texts, content), fact.changes)


async def _digest(connection: Connection, texts: Texts, announcement: Announcement) -> Composed:
    """Make the card of a part of a digest: what it was made of, said as that now stands."""
    part = await part_of(connection, announcement)
    make = digest_fallback_card if announcement.is_plain else digest_card
    card = await asyncio.to_thread(make, texts, part, labels(), announcement.code)
    return Composed(card, announcement.due_revision)


async def _storm(connection: Connection, texts: Texts, announcement: Announcement, now: datetime) -> Composed:
    """Make the card of a storm: how many hits it stands for, the strongest, and when the others are told."""
    guild_id, channel_id = announcement.guild_id, announcement.channel_id
    slots = [
        (await digests.next_slot(connection, digest, texts.zone, now)).due_at
        for digest in await digests.of_channel(connection, guild_id, channel_id)
    ]
    content = StormContent(
        source_label=label_of(announcement.details["source"]) if "source" in announcement.details else None,
        count=await digest_hits.count(connection, guild_id, announcement.id),
        strongest=tuple(await digest_hits.strongest(connection, guild_id, announcement.id, SHOWN_HITS)),
        next_digest=min(slots, default=None),
    )
    make = storm_fallback_card if announcement.is_plain else storm_card
    return Composed(await asyncio.to_thread(make, texts, content, announcement.code), announcement.due_revision)
