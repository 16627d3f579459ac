"""The cards of a digest: what happened since the last one, in as many messages as it takes, nothing cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from bot.cards._digest_lines import LEAST, ROOMS, Thing, entries, when_near
from bot.cards._digest_sources import source_lines
from bot.cards.card import Accent, Card, CardKind, Line, Span, Style
from bot.cards.embed import markdown_units
from bot.cards.lines import Trim, fitted, footer
from bot.locales import Texts
from bot.markup import plain
from bot.models import DigestCounts, DigestDeadline, DigestFact, DigestHit, DigestNews, DigestTip, Held

PART_UNITS: Final = 3_400
"""How much one message is filled when a digest is made: shown again with longer names it has to fit all the same."""

_INTRODUCTION_UNITS: Final = 200
_LEAST_ENTRY_UNITS: Final = 120
_LEAST_HEADING_UNITS: Final = 60
"""What an entry and the name of an item are counted as at least, for in the smallest room they may be so long."""

_DOSSIER_UNITS: Final = 80
_LINK: Final = "https://discord.com/channels/" + "/".join(["9" * 20] * 3)
"""As long as a link to a message becomes."""


def digest_parts(texts: Texts, news: DigestNews, labels: Mapping[str, str]) -> list[DigestNews]:
    """Return what a digest tells as parts of one message each, numbered, with room to spare.

    Hits, deadlines, facts and tips keep their order and stand in one part each; the last part has `tips_left`, the
    sources and the head of the audit log. What fits one message comes back as it is.
    """
    parts: list[list[Thing]] = [[]]
    continued = {0: False}
    left = PART_UNITS - _INTRODUCTION_UNITS
    section, heading = None, 0
    things: tuple[Thing, ...] = (*news.hits, *news.deadlines, *news.facts, *news.tips)
    for entry, thing in zip(entries(texts, _as_posted(news), labels, ROOMS[0]), things, strict=True):
        is_new = entry.section != section
        if is_new:
            section, heading = (
                entry.section,
                max(_units(_heading(texts, entry.heading, is_continued=True)), _LEAST_HEADING_UNITS)
                + _units(entry.note),
            )
        units = max(_units(entry.lines), _LEAST_ENTRY_UNITS)
        if parts[-1] and units + (heading if is_new else 0) > left:
            continued[len(parts)] = not is_new
            parts.append([])
            left, is_new = PART_UNITS - _INTRODUCTION_UNITS, True
        parts[-1].append(thing)
        left -= units + (heading if is_new else 0)
    end = _end(texts, dataclasses.replace(news, is_continued=True), labels, Trim(ROOMS[0]), has_tips=False)
    if parts[-1] and _units(end) > left:
        continued[len(parts)] = bool(news.tips_left and news.tips)
        parts.append([])
    if len(parts) == 1:
        return [news]
    told = [_part(news, things, number, len(parts)) for number, things in enumerate(parts, 1)]
    return [dataclasses.replace(part, is_continued=continued[place]) for place, part in enumerate(told)]


def _as_posted(news: DigestNews) -> DigestNews:
    """Return what a digest tells as it is shown once the messages that it links to are there too."""
    links = {None: _LINK, Held.STORM: _LINK}
    return dataclasses.replace(
        news,
        hits=tuple(dataclasses.replace(hit, message_url=hit.message_url or links.get(hit.held)) for hit in news.hits),
        facts=tuple(dataclasses.replace(fact, message_url=fact.message_url or _LINK) for fact in news.facts),
        tips=tuple(dataclasses.replace(tip, message_url=tip.message_url or _LINK) for tip in news.tips),
    )


def digest_card(texts: Texts, news: DigestNews, labels: Mapping[str, str], code: str | None) -> Card:
    """Return the card of a digest, or of one part of it, in one message with each entry of it.

    Where names or words grew since the parts were made, each entry says less. DESIGN.md section 3.6.
    """
    left_out = (Span(texts("card-digest-cut"), Style.QUIET),)
    return fitted(lambda trim: _card(texts, news, labels, code, trim), ROOMS, left_out)


def digest_fallback_card(texts: Texts, news: DigestNews, labels: Mapping[str, str], code: str | None) -> Card:
    """Return the short card for a part of a digest that Discord refused: what it held, and where that is found."""
    counts = _counts(texts, news)
    lines = [texts("card-digest-refused", counts=texts.list_of(counts))] if counts else [_introduction(texts, news)]
    if news.hits or news.deadlines:
        lines.append(texts("card-digest-find-hits"))
    if news.facts:
        lines.append(texts("card-digest-find-facts"))
    if news.tips or news.tips_left:
        lines.append(texts("card-digest-find-tips"))
    troubled = dataclasses.replace(news, sources=tuple(one for one in news.sources if one.trouble is not None))
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, news),
        body=(
            *((Span(line),) for line in lines if line),
            *_set_apart(source_lines(texts, troubled, labels, LEAST)),
            *_set_apart(_audit_lines(texts, news)),
        ),
        footer=footer(texts, 1, code),
    )


def _card(texts: Texts, news: DigestNews, labels: Mapping[str, str], code: str | None, trim: Trim) -> Card:
    trim.is_short = trim.room is not ROOMS[0]
    introduction = _introduction(texts, news)
    body: list[Line] = [(Span(introduction, Style.QUIET),)] if introduction else []
    is_continued = news.is_continued
    for _, section in groupby(entries(texts, news, labels, trim.room), lambda entry: entry.section):
        told = list(section)
        body += _heading(texts, told[0].heading, is_continued=is_continued)
        body += told[0].note
        body += [line for entry in told for line in entry.lines]
        is_continued = False
    body += _end(texts, news, labels, trim, has_tips=bool(news.tips))
    return Card(
        kind=CardKind.DIGEST,
        title=_title(texts, news),
        accent=Accent.NEUTRAL if _is_quiet(news) else Accent.NEWS,
        body=tuple(body),
        footer=footer(texts, 1, code),
    )


def _heading(texts: Texts, words: str, *, is_continued: bool = False) -> tuple[Line, ...]:
    shown = texts("card-log-continued", label=words) if is_continued else words
    return (), (Span(shown, Style.STRONG),)


def _end(texts: Texts, news: DigestNews, labels: Mapping[str, str], trim: Trim, *, has_tips: bool) -> tuple[Line, ...]:
    """Return what ends the last part: how many tips are not listed, the sources, and the head of the audit log."""
    lines: list[Line] = []
    if news.tips_left:
        if not has_tips:
            lines += _heading(texts, texts("card-digest-tips-title"), is_continued=news.is_continued)
        lines.append((Span(texts.plural("card-digest-tips-left", news.tips_left), Style.QUIET),))
    sources = _set_apart(source_lines(texts, news, labels, trim.room))
    return (*lines, *sources, *_set_apart(_audit_lines(texts, news)))


def _audit_lines(texts: Texts, news: DigestNews) -> Iterator[Line]:
    """Yield how many entries the audit log has, with the whole hash of the last one: it may be compared one day."""
    head = news.audit_head
    if head is not None:
        told = texts.plural("card-digest-audit", head.number)
        yield Span(told, Style.QUIET), Span(" "), Span(head.hash, Style.CODE)


def _set_apart(lines: Iterable[Line]) -> tuple[Line, ...]:
    told = tuple(lines)
    return ((), *told) if told else ()


def _title(texts: Texts, news: DigestNews) -> str:
    title = texts("card-digest-title", day=texts.day_long(news.made_at))
    if news.dossier is not None:
        title = texts("card-digest-title-dossier", title=title, dossier=plain(news.dossier, _DOSSIER_UNITS))
    if news.parts > 1:
        title = texts("card-digest-title-part", title=title, part=news.part, parts=news.parts)
    return title


def _introduction(texts: Texts, news: DigestNews) -> str:
    """Return since when a digest tells, and what this message of it holds."""
    counts = texts.list_of(_counts(texts, news))
    if news.part > 1:
        return _continuation(texts, news, counts)
    if news.since is None:
        return _first(texts, news, counts)
    since = when_near(texts, news.since, news.made_at)
    if not counts:
        return texts("card-digest-quiet", since=since)
    if news.parts > 1:
        return texts("card-digest-since-parts", since=since, parts=news.parts, counts=_of_all(texts, news))
    return texts("card-digest-since", since=since, counts=counts)


def _first(texts: Texts, news: DigestNews, counts: str) -> str:
    """Return that there was no digest before, and what this message of the first one holds."""
    if not counts:
        return texts("card-digest-quiet-first")
    if news.parts > 1:
        return texts("card-digest-first-parts", parts=news.parts, counts=_of_all(texts, news))
    return texts("card-digest-first", counts=counts)


def _continuation(texts: Texts, news: DigestNews, counts: str) -> str:
    if news.part < news.parts:
        return texts("card-digest-continued", counts=counts)
    return texts("card-digest-ended", counts=counts) if counts else texts("card-digest-ended-sources")


def _is_quiet(news: DigestNews) -> bool:
    return news.is_empty and not news.tips_left and news.part == 1


def _of_all(texts: Texts, news: DigestNews) -> str:
    return texts.list_of(_counted(texts, news.counts or _counts_of(news)))


def _counts(texts: Texts, news: DigestNews) -> list[str]:
    return _counted(texts, _counts_of(news))


def _counts_of(news: DigestNews) -> DigestCounts:
    tips = len(news.tips) + news.tips_left
    return DigestCounts(hits=len(news.hits), deadlines=len(news.deadlines), facts=len(news.facts), tips=tips)


def _counted(texts: Texts, of: DigestCounts) -> list[str]:
    counts = [texts.plural("card-digest-hits", of.hits)] if of.hits else []
    counts += [texts.plural("card-digest-deadlines", of.deadlines)] if of.deadlines else []
    counts += [texts.plural("card-digest-facts", of.facts)] if of.facts else []
    return [*counts, texts.plural("card-digest-tips", of.tips)] if of.tips else counts


def _part(news: DigestNews, things: list[Thing], number: int, parts: int) -> DigestNews:
    is_last = number == parts
    return dataclasses.replace(
        news,
        hits=tuple(thing for thing in things if isinstance(thing, DigestHit)),
        deadlines=tuple(thing for thing in things if isinstance(thing, DigestDeadline)),
        facts=tuple(thing for thing in things if isinstance(thing, DigestFact)),
        tips=tuple(thing for thing in things if isinstance(thing, DigestTip)),
        tips_left=news.tips_left if is_last else 0,
        sources=news.sources if is_last else (),
        audit_head=news.audit_head if is_last else None,
        part=number,
        parts=parts,
        counts=_counts_of(news) if number == 1 else None,
    )


def _units(lines: tuple[Line, ...]) -> int:
    """Return what lines take of a message, each with its end."""
    return markdown_units(lines) + len("\n") if lines else 0
