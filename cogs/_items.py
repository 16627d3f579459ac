"""Watch items and their hits in words: how they were read, what they ask, what they found."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from bot.cards import party_of, register_of
from bot.locales import Language, Texts
from bot.markup import clean, plain, safe_url, utf16_len
from bot.matching import Caution, Fault, Identifier, Reading, understood
from bot.models import Dossier, Held, Hit, ItemKind, Notice, NoticeKind, Precision, WatchItem
from bot.sources import label_of
from bot.storage.watching.hits import ItemRecord, StoredHit
from bot.storage.watching.takes import TakenNotice
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE, muted_now
from bot.watchlist.numbers import scheme_name
from bot.watchlist.trying import Finding

T = TypeVar("T")
NAME_UNITS = 120
TITLE_UNITS = 160
LIST_UNITS = 500
ELEMENT_UNITS = 120
FEW = 5
"""Aliases, numbers and warnings shown where an item is not all that there is to say."""
SNIPPET_UNITS = 300
MATCHED_UNITS = 150

_ELEMENT = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<index>\d+)\])?")


def item_name(item: WatchItem, units: int = NAME_UNITS) -> str:
    """Return an item's name to be put into a text."""
    return plain(item.name, units)


def channel_names(texts: Texts, channels: Iterable[int]) -> str:
    """Return channels as a sentence lists them."""
    return texts.list_of(texts("watch-list-channel", channel=channel) for channel in channels)


def joined(texts: Texts, values: Iterable[str], units: int = LIST_UNITS) -> str:
    """Return a list as it was typed, to be put into a text; what would make it too long is counted."""
    left = [plain(value, ELEMENT_UNITS) for value in values]
    shown: list[str] = []
    between = separator(texts)
    while left and utf16_len(between.join([*shown, left[0]])) <= units:
        shown.append(left.pop(0))
    if left:
        shown.append(texts.plural("and-others", len(left)))
    return between.join(shown)


def separator(texts: Texts) -> str:
    """Return what stands between the elements of a list as people type it: French has a space before it."""
    return " ; " if texts.language is Language.FR else "; "


async def read_lines(texts: Texts, item: WatchItem) -> list[str]:
    """Return how an item was read, in short, off the event loop: its first names and numbers, the others counted."""
    return await asyncio.to_thread(lambda: list(understanding_lines(texts, item, FEW)))


def understanding_lines(texts: Texts, item: WatchItem, most: int | None = None) -> Iterator[str]:
    """Yield how an item was read: its names, its conditions, its numbers, and what to know about them.

    Of aliases and of numbers at most `most` are shown, the others counted. A full item takes a while: off the loop.
    """
    understanding = understood(item, texts.language)
    readings, identifiers, warnings = understanding.readings, understanding.identifiers, understanding.warnings
    for reading in readings if most is None else readings[: most + 1]:
        yield _reading_line(texts, reading)
        if reading.case_sensitive:
            yield texts("watch-read-capitals", words=joined(texts, reading.case_sensitive))
    if most is not None and len(readings) > most + 1:
        yield texts.plural("and-others", len(readings) - most - 1)
    if understanding.any_of:
        yield texts("watch-read-any-of", queries=joined(texts, understanding.any_of))
    if understanding.none_of:
        yield texts("watch-read-none-of", queries=joined(texts, understanding.none_of))
    for identifier in identifiers[:most]:
        yield _identifier_line(texts, identifier)
    if most is not None and len(identifiers) > most:
        yield texts.plural("and-others", len(identifiers) - most)
    for warned in [warned for warned in warnings if warned.caution is not Caution.BAD_CHECK_DIGIT][:most]:
        caution = texts.word("caution", warned.caution, expected=warned.expected or "")
        yield texts("watch-caution", name=plain(warned.text, NAME_UNITS), caution=caution)


def item_lines(
    texts: Texts,
    item: WatchItem,
    dossiers: Sequence[Dossier],
    channels: Sequence[int],
    promise: str | None,
    now: datetime,
) -> Iterator[str]:
    """Yield all that was entered about an item, where it is announced, what a digest tells of it, and its dossiers."""
    yield texts("watch-show-kind", kind=texts.word("item-kind", item.kind), id=item.id)
    yield from understanding_lines(texts, item)
    if item.sources:
        yield texts("watch-show-sources", sources=joined(texts, map(label_of, item.sources)))
    if channels:
        yield texts("watch-show-channel", channels=channel_names(texts, channels))
    if promise is not None:
        yield promise
    until = muted_now(item, now)
    if until is not None:
        yield mute_line(texts, until)
    if dossiers:
        yield texts("watch-show-dossiers", dossiers=joined(texts, dossier_names(texts, dossiers)))
    if item.ref:
        yield texts("watch-show-ref", ref=plain(item.ref, NAME_UNITS))
    if item.note:
        yield texts("watch-show-note", note=plain(item.note))
    if item.added_at is not None:
        yield texts("watch-show-added", person=item.added_by, when=item.added_at)


def dossier_names(texts: Texts, dossiers: Iterable[Dossier]) -> list[str]:
    """Return the names of dossiers, saying of each closed one that it is."""
    return [
        dossier.name if dossier.closed_at is None else texts("dossier-name-closed", name=dossier.name)
        for dossier in dossiers
    ]


def mute_line(texts: Texts, until: datetime) -> str:
    """Return until when an item is muted."""
    if until >= UNTIL_FURTHER_NOTICE:
        return texts("watch-muted-open")
    day = last_day_before(texts, until)
    return texts("watch-muted", until=until) if day is None else texts("watch-muted-through", day=day)


def last_day_before(texts: Texts, until: datetime) -> date | None:
    """Return the last day of what ends at midnight in the newsroom's zone; None for what ends within a day."""
    local = until.astimezone(texts.zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return None
    return local.date() - timedelta(days=1)


def taken_lines(texts: Texts, taken: Sequence[TakenNotice]) -> Iterator[str]:
    """Yield the notices that somebody has for an item, linked, with who has each and since when."""
    if taken:
        yield texts("watch-show-taken")
    for one in taken:
        title = clean(one.title, TITLE_UNITS) or texts("card-untitled", id=plain(one.source_id, NAME_UNITS))
        url = safe_url(one.url)
        by = texts("watch-show-taken-by", person=one.take.taken_by, when=one.take.taken_at)
        yield f"- {f'[{title}]({url})' if url else f'**{title}**'} · {by}"


def record_lines(texts: Texts, record: ItemRecord, precision: Precision, latest: Sequence[StoredHit]) -> Iterator[str]:
    """Yield what an item has brought so far, the latest hits with why each was held, if it was.

    How many were right is said once one was dismissed.
    """
    total = record.announced + record.held
    if not total:
        yield texts("watch-hits-none")
        return
    announced, held = texts.plural("hits-announced", record.announced), texts.plural("hits-held", record.held)
    if precision.dismissed:
        of, percent = texts.number(precision.notices), texts.number(precision.percent)
        yield texts.plural("watch-precision", precision.right, of=of, percent=percent)
    if record.notices < total:
        of = texts.plural("hits-in-notices", record.notices)
        yield texts("watch-hits-in", n=texts.number(total), notices=of, announced=announced, held=held)
    else:
        yield texts.plural("watch-hits", total, announced=announced, held=held)
    last: int | None = None
    for stored in by_notice(latest, lambda one: one.notice_id):
        fate = texts.word("held", stored.held) if stored.held is not None else texts("hit-announced")
        if stored.dismissed is not None and stored.held is not Held.DISMISSED:
            fate = texts("hit-dismissed", fate=fate)
        hit = stored.hit
        when, notice = texts.date(stored.found_at), plain(hit.notice, NAME_UNITS)
        told = {"when": when, "reason": reason_of(texts, hit), "fate": fate}
        if stored.notice_id == last:
            yield texts("watch-hit-version", revision=stored.revision, **told)
        else:
            yield texts("watch-hit", notice=notice, **told)
        yield f"> {marked(texts, hit)}"
        last = stored.notice_id


def by_notice(found: Iterable[T], notice_of: Callable[[T], int]) -> list[T]:
    """Return what is of one notice behind its first, in the order of these first ones."""
    groups: dict[int, list[T]] = {}
    for one in found:
        groups.setdefault(notice_of(one), []).append(one)
    return [one for group in groups.values() for one in group]


def finding_lines(texts: Texts, finding: Finding, names: dict[int | None, str], most: int = 2) -> Iterator[str]:
    """Yield a stored notice and why it matches; `names` are those of the items where several were tried."""
    yield notice_line(texts, finding.notice)
    for hit in finding.hits[:most]:
        yield f"> {marked(texts, hit)}"
        name = names.get(hit.item)
        place = place_words(texts, hit.field, finding.notice.kind)
        reason = texts("hit-reason", place=place, reason=reason_of(texts, hit))
        yield "> " + (texts("hit-reason-item", name=name, reason=reason) if name is not None else reason)


def hit_lines(texts: Texts, hit: Hit, name: str) -> Iterator[str]:
    """Yield a hit in a text, and why it is one."""
    yield texts("hit-of-item", name=name, kind=texts.word("item-kind", hit.kind), reason=reason_of(texts, hit))
    yield f"> {marked(texts, hit)}"


def notice_line(texts: Texts, notice: Notice) -> str:
    """Return a stored notice in one line: its title, linked, its buyer and its date."""
    title = clean(notice.title, TITLE_UNITS) or texts("card-untitled", id=plain(notice.id, NAME_UNITS))
    url = safe_url(notice.url)
    parts = [f"[{title}]({url})" if url else f"**{title}**"]
    if notice.buyer:
        parts.append(clean(notice.buyer, NAME_UNITS))
    if notice.published is not None:
        parts.append(texts.when(notice.published))
    return " · ".join(parts)


def marked(texts: Texts, hit: Hit, *, matched_units: int = MATCHED_UNITS, snippet_units: int = SNIPPET_UNITS) -> str:
    """Return the words around a hit as markdown, those that matched in bold; before a number stands its register."""
    words, snippet = plain(hit.matched, matched_units), plain(hit.snippet, snippet_units)
    register = register_of(texts, hit)
    if register is not None:
        return f"{clean(register)} **{clean(words)}**"
    alone = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", snippet) if words else None
    start = alone.start() if alone else snippet.find(words)
    if not words or start < 0:
        return f"**{clean(words)}**" if words else clean(snippet)
    return f"{_kept(snippet[:start])}**{clean(words)}**{_kept(snippet[start + len(words) :])}"


def place_words(texts: Texts, field: str, kind: NoticeKind | None) -> str:
    """Return where in a notice something stands."""
    element = _ELEMENT.fullmatch(field)
    if element is None:
        return plain(field, NAME_UNITS)
    return texts.word("place", party_of(kind, element["name"]), n=int(element["index"] or 0) + 1)


def reason_of(texts: Texts, hit: Hit) -> str:
    """Return how sure a hit is, by which rule, and in how many places."""
    tier, rule = texts.word("tier", hit.tier), texts.word("rule", hit.rule)
    reason = tier if rule.casefold() == tier.casefold() else texts("card-hit-reason", tier=tier, rule=rule)
    if hit.count > 1:
        return texts("hit-reason-count", reason=reason, count=texts.plural("card-hit-count", hit.count))
    return reason


def unread_sources(item: WatchItem, enabled: Collection[str]) -> bool:
    """Return whether an item follows only sources that are not read."""
    return bool(item.sources) and not set(item.sources) & set(enabled)


def _reading_line(texts: Texts, reading: Reading) -> str:
    name = plain(reading.canonical, NAME_UNITS)
    if reading.read_as is ItemKind.OFFICIAL:
        given, family = plain(reading.given or "", NAME_UNITS), plain(reading.family or "", NAME_UNITS)
        line = texts("watch-read-official", given=given, family=family)
    elif reading.read_as is ItemKind.KEYWORD:
        line = texts("watch-read-query", query=plain(reading.canonical, LIST_UNITS))
    elif reading.kept_form:
        line = texts("watch-read-company-form", name=name, form=plain(reading.kept_form, NAME_UNITS))
    elif reading.legal_forms:
        line = texts("watch-read-company-without", name=name, forms=joined(texts, reading.legal_forms))
    else:
        line = texts("watch-read-company", name=name)
    return texts("watch-read-alias", reading=line) if reading.alias else line


def _identifier_line(texts: Texts, identifier: Identifier) -> str:
    """Return how a number was read, and where it is looked for."""
    scheme, value = scheme_name(texts, identifier.scheme), plain(identifier.written, NAME_UNITS)
    if identifier.fault is Fault.FORM:
        return texts("watch-read-formless", scheme=scheme, value=value)
    if identifier.fault is not None and identifier.expected is None:
        return texts("watch-read-wrong-number", scheme=scheme, value=value)
    if identifier.fault is not None:
        return texts("watch-read-bad-identifier", scheme=scheme, value=value, expected=identifier.expected or "")
    found = texts.word("number-found", identifier.found)
    return texts("watch-read-identifier", scheme=scheme, value=value, found=found)


def _kept(part: str) -> str:
    """Return a part of a snippet, cleaned, with the spaces that join it to the next."""
    if not part.strip():
        return " " if part else ""
    return f"{' ' * part[0].isspace()}{clean(part)}{' ' * part[-1].isspace()}"
