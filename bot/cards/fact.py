"""The card of a fact: the claim, how sure it is, what it rests on, and how it was corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards.card import Accent, Card, CardKind, Field, Line, Span, Style
from bot.cards.embed import FIELD_VALUE_UNITS, markdown_units
from bot.cards.lines import (
    Room,
    Trim,
    by,
    capital,
    dated,
    fields,
    fitted,
    footer,
    labelled,
    worth_trying,
)
from bot.locales import Texts
from bot.markup import plain, safe_url, site_of
from bot.models import Citation, CitationKind, Claim, Fact, FactChange, FactChangeKind, FactStatus, FactVersion, Origin

_LABEL_UNITS = 100
_FILE = re.compile(r"(?P<checksum>sha256:[0-9a-f]{64}) \((?P<size>\d{1,18}) bytes\)")
"""How a file is kept, in no language: its checksum and its size."""

_ACCENTS = {
    FactStatus.LOGGED: Accent.NEWS,
    FactStatus.VERIFIED: Accent.CONFIRMED,
    FactStatus.DISPUTED: Accent.DOUBT,
    FactStatus.RETRACTED: Accent.TROUBLE,
}
_LEAST = Room(text=200, quote=80, remark=80, lines=3, names=1, citations=1, entries=1)
_ROOMS = (
    Room(text=1_000, quote=300, remark=500, lines=8, names=5, citations=4),
    Room(text=1_000, quote=150, remark=200, lines=5, names=3, citations=3),
    Room(text=600, quote=100, remark=100, lines=3, names=2, citations=2),
    _LEAST,
)
_WHOLE_ROOMS = (
    Room(names=25, citations=20, versions=5, entries=30),
    Room(quote=1_000, names=25, citations=20, versions=5, entries=20),
    Room(quote=500, remark=500, names=10, citations=20, versions=3, entries=12),
    Room(quote=300, remark=300, names=5, citations=16, versions=2, entries=8),
    Room(quote=200, remark=200, names=5, citations=12, versions=1, entries=4),
    Room(quote=150, remark=150, names=3, citations=8, entries=3),
    Room(quote=100, remark=100, names=3, citations=4, entries=2),
    _LEAST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactContent:
    """Hold what a card says of a fact: it, its citations, the names of its watch items and dossiers, its past.

    `earlier` are the versions before the one that stands, `changes` what was done with it, both in any order;
    `origins` says by the number of a citation whose words it is. `code` is the announcement's, None where the card is
    no announcement.
    """

    fact: Fact
    citations: Sequence[Citation]
    origins: Mapping[int, Origin] = field(default_factory=dict)
    items: Sequence[str] = ()
    dossiers: Sequence[str] = ()
    earlier: Sequence[FactVersion] = ()
    changes: Sequence[FactChange] = ()
    code: str | None = None


def fact_card(texts: Texts, content: FactContent, *, is_whole: bool = False) -> Card:
    """Return the card of a fact as it now stands, as it is posted, or with `is_whole` as one person is shown it.

    Posted it tells the claim, who vouches for it or doubts it and why, its first sources and its last correction; what
    is shortened is said with the command that shows it. Whole it has all that one message holds, earlier versions and
    the history too, newest first. Its title leads nowhere: nobody has looked at what a source's link leads to, and it
    stands with its host in view. What is under embargo is shown whole only: posted, its card is `hidden_fact_card`.
    DESIGN.md section 3.8.
    """
    if content.fact.is_hidden and not is_whole:
        return hidden_fact_card(texts, content.fact.id, content.code)
    left_out = texts("card-log-cut") if is_whole else texts("card-fact-more", id=content.fact.id)
    rooms = worth_trying(_WHOLE_ROOMS if is_whole else _ROOMS, lambda room: _length(content, room))
    return fitted(lambda trim: _card(texts, content, trim, is_whole=is_whole), rooms, (Span(left_out, Style.QUIET),))


def hidden_fact_card(texts: Texts, fact_id: int, code: str | None) -> Card:
    """Return what takes the place of a fact that may no longer be shown: its number, and nothing that it said."""
    return Card(
        kind=CardKind.FACT,
        title=texts("card-fact-hidden-title", id=fact_id),
        body=((Span(texts("card-fact-hidden")),),),
        footer=footer(texts, 1, code),
    )


def fact_fallback_card(texts: Texts, content: FactContent) -> Card:
    """Return the short card for a fact whose full one Discord refused: number, status, the beginning of the claim."""
    fact = content.fact
    if fact.is_hidden:
        return hidden_fact_card(texts, fact.id, content.code)
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, fact),
        accent=_ACCENTS[fact.status],
        body=(
            *_warning(texts, fact),
            _claim(fact, Trim(_LEAST)),
            (Span(texts("card-fact-fallback", id=fact.id)),),
        ),
        footer=footer(texts, fact.revision, content.code),
    )


def _card(texts: Texts, content: FactContent, trim: Trim, *, is_whole: bool) -> Card:
    fact = content.fact
    sources = sorted(content.citations, key=lambda citation: citation.n)
    parts = [*_correction(texts, content, trim)]
    for citation in trim.first(sources, trim.room.citations):
        parts += _source(texts, content, citation, trim, is_whole=is_whole)
    parts += _more_sources(texts, sources[trim.room.citations :], trim)
    parts += _versions(texts, content, trim)
    if is_whole:
        parts += _history(texts, content, trim)
    return Card(
        kind=CardKind.FACT,
        title=_title(texts, fact),
        accent=_ACCENTS[fact.status],
        body=(*_standing(texts, content, trim), _claim(fact, trim), (), *_about(texts, content, trim)),
        fields=tuple(parts),
        footer=footer(texts, fact.revision, content.code),
    )


def _length(content: FactContent, room: Room) -> int:
    """Return how many characters a card has at least, for the room that it is made for."""
    sources = sorted(content.citations, key=lambda citation: citation.n)[: room.citations]
    quotes = sum(min(len(citation.quote or ""), room.quote) for citation in sources)
    reasons = sum(min(len(change.text or ""), room.remark) for change in _newest_first(content)[: room.entries])
    return min(len(content.fact.claim.text), room.text) + quotes + reasons


def _title(texts: Texts, fact: Fact) -> str:
    if fact.status is FactStatus.RETRACTED:
        return texts("card-fact-title-retracted", id=fact.id)
    return texts("card-fact-title", id=fact.id, status=texts.word("fact-status", fact.status))


def _claim(fact: Fact, trim: Trim) -> Line:
    style = Style.STRUCK if fact.status is FactStatus.RETRACTED else Style.PLAIN
    return (Span(trim.text(fact.claim.text, trim.room.text), style),)


def _warning(texts: Texts, fact: Fact) -> Iterator[Line]:
    if fact.status is FactStatus.RETRACTED:
        yield (Span(texts("card-fact-do-not-use"), Style.STRONG),)


def _standing(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Line]:
    """Yield what has to be read before the claim: that it is retracted or disputed, by whom, when and why."""
    fact = content.fact
    lines = list(_warning(texts, fact))
    is_doubted = fact.status in {FactStatus.DISPUTED, FactStatus.RETRACTED}
    change = _latest(content, FactChangeKind(fact.status)) if is_doubted else None
    if change is not None:
        word = texts.word("fact-change", change.kind)
        lines.append(labelled(texts, word, *by(texts, change.made_by, change.made_at)))
        if change.text:
            lines.append(_reason(texts, change.text, trim))
    yield from (*lines, ()) if lines else ()


def _about(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Line]:
    fact = content.fact
    if fact.embargo_until is not None:
        yield (Span(texts("card-fact-embargo", until=fact.embargo_until), Style.STRONG),)
    is_vouched = fact.status in {FactStatus.VERIFIED, FactStatus.DISPUTED}
    if is_vouched and fact.verified_by is not None and fact.verified_at is not None:
        who = by(texts, fact.verified_by, fact.verified_at)
        verified = _latest(content, FactChangeKind.VERIFIED)
        reason = verified.text if verified is not None else None
        label = texts("card-fact-overruled") if reason else texts.word("fact-change", FactChangeKind.VERIFIED)
        yield labelled(texts, label, *who)
        if reason:
            yield _reason(texts, reason, trim)
    yield from _rests(texts, content, trim)
    if fact.claim.event_date is not None:
        yield labelled(texts, texts("card-fact-date"), Span(_date(texts, fact.claim)))
    yield labelled(texts, texts.word("fact-change", FactChangeKind.LOGGED), *by(texts, fact.logged_by, fact.logged_at))
    if content.items:
        yield labelled(texts, texts("card-log-items", n=len(content.items)), trim.names(texts, content.items))
    if content.dossiers:
        label = texts("card-log-dossiers", n=len(content.dossiers))
        yield labelled(texts, label, trim.names(texts, content.dossiers))


def _rests(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Line]:
    """Yield how many sources a fact rests on, and whose words they are: those of one origin count once."""
    names: dict[str, str] = {}
    for n in sorted(content.origins):
        names.setdefault(content.origins[n].key, content.origins[n].name)
    if names:
        told, count = trim.names(texts, list(names.values())).text, len(content.citations)
        kind = "card-fact-one-origin" if len(names) == 1 else "card-fact-origins"
        rests = texts.plural(kind, count, names=told, origins=len(names))
        yield labelled(texts, texts("card-fact-rests"), Span(rests))


def _date(texts: Texts, claim: Claim) -> str:
    if claim.event_date is None:
        return texts("card-not-stated")
    return dated(texts, claim.event_date, claim.event_date_typed or "")


def _reason(texts: Texts, reason: str, trim: Trim) -> Line:
    return labelled(texts, texts("card-log-reason"), Span(trim.text(reason, trim.room.remark)))


def _correction(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Field]:
    """Yield what the last correction changed, by whom, when and why."""
    fact = content.fact
    if fact.corrected_by is None or fact.corrected_at is None:
        return
    lines = [by(texts, fact.corrected_by, fact.corrected_at)]
    if fact.reason:
        lines.append(_reason(texts, fact.reason, trim))
    earlier = _newest_versions(content)
    if earlier:
        lines += _before(texts, fact, earlier[0], trim)
    hidden = len(earlier[1:]) - len(trim.first(earlier[1:], trim.room.versions))
    if hidden:
        lines.append((Span(texts.plural("card-fact-versions-more", hidden), Style.QUIET),))
    yield from fields(texts, texts("card-fact-corrected", revision=fact.revision), lines)


def _before(texts: Texts, fact: Fact, before: FactVersion, trim: Trim) -> Iterator[Line]:
    """Yield what a fact said before its last correction, and what was thought of it."""
    told = fact.claim.text, fact.claim.event_date
    if before.claim.text != told[0]:
        yield labelled(texts, texts("card-fact-before"))
        yield from trim.quotation(before.claim.text, trim.room.quote)
    if before.claim.event_date != told[1]:
        yield labelled(texts, texts("card-fact-date-before"), Span(_date(texts, before.claim)))
    if (before.claim.text, before.claim.event_date) == told:
        yield (Span(texts("card-fact-sources-corrected")),)
    if fact.status is FactStatus.LOGGED is not before.status:
        status = texts.word("fact-status", before.status)
        yield labelled(texts, texts("card-fact-status-before"), Span(status))


def _source(texts: Texts, content: FactContent, citation: Citation, trim: Trim, *, is_whole: bool) -> Iterator[Field]:
    title = plain(citation.title or "", _LABEL_UNITS)
    is_long = title != plain(citation.title or "")
    label = texts("card-fact-source", n=citation.n)
    if title and not is_long:
        label = texts("card-fact-source-titled", n=citation.n, title=title)
    lines = list(_place(texts, citation, trim))
    if is_long:
        lines.append((Span(trim.text(citation.title, trim.room.quote)),))
    lines += trim.quotation(citation.quote, trim.room.quote)
    remarks = _remarks(texts, content, citation, trim, is_whole=is_whole)
    if remarks:
        lines.append((Span(remarks, Style.QUIET),))
    yield from fields(texts, label, lines)


def _place(texts: Texts, citation: Citation, trim: Trim) -> Iterator[Line]:
    """Yield what kind of source it is, and the link to it where there is one that can be offered."""
    kind = capital(texts.word("citation-kind", citation.kind))
    url = safe_url(citation.url)
    if url is not None:
        link = (Span(f"{kind} · ", Style.QUIET), Span(site_of(url), url=url))
        if markdown_units((link,)) <= FIELD_VALUE_UNITS:
            yield link
            return
    shown = trim.text(citation.url, trim.room.quote)
    yield (Span(f"{kind} · {shown}" if shown else kind, Style.QUIET),)


def _remarks(texts: Texts, content: FactContent, citation: Citation, trim: Trim, *, is_whole: bool) -> str:
    """Return whose words a source is, and when somebody had it before them where that says something."""
    parts = [trim.text(_known(texts, citation.origin), trim.room.remark)] if citation.origin else []
    origin = content.origins.get(citation.n)
    if origin is not None and origin.name != citation.title and (is_whole or citation.said_origin):
        parts.append(texts("card-fact-origin", origin=trim.text(origin.name, trim.room.remark)))
    seen = citation.retrieved_at
    if seen is not None and citation.kind is not CitationKind.WORDS:
        if is_whole:
            parts.append(texts("card-fact-retrieved", when=texts.moment(seen)))
        elif texts.day(seen) != texts.day(content.fact.logged_at):
            parts.append(texts("card-fact-retrieved", when=texts.date(seen)))
    return " · ".join(parts)


def _known(texts: Texts, origin: str) -> str:
    """Return what is known of a source, the size of a file in the words of the reader."""
    file = _FILE.fullmatch(origin)
    return f"{file['checksum']} ({texts.plural('card-fact-file-size', int(file['size']))})" if file else origin


def _more_sources(texts: Texts, left: Sequence[Citation], trim: Trim) -> Iterator[Field]:
    """Yield the names of the sources that are not told of."""
    if left:
        names = trim.names(texts, [source_name(texts, citation) for citation in left])
        yield Field(texts.plural("card-fact-sources-more", len(left)), ((names,),))


def source_name(texts: Texts, citation: Citation) -> str:
    """Return how a source is called where there is no room to show it: by its title, its host or what it is."""
    url = safe_url(citation.url) if citation.kind is CitationKind.LINK else None
    return plain(citation.title or "") or (site_of(url) if url else texts.word("citation-kind", citation.kind))


def _versions(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Field]:
    """Yield the versions before the one that the last correction replaced, newest first."""
    for version in _newest_versions(content)[1:][: trim.room.versions]:
        lines = [by(texts, version.made_by, version.made_at)]
        if version.reason:
            lines.append(_reason(texts, version.reason, trim))
        lines += trim.quotation(version.claim.text, trim.room.quote)
        if version.claim.event_date is not None:
            lines.append(labelled(texts, texts("card-fact-date"), Span(_date(texts, version.claim))))
        if version.verified_by is not None and version.verified_at is not None:
            who = by(texts, version.verified_by, version.verified_at)
            lines.append(labelled(texts, texts.word("fact-change", FactChangeKind.VERIFIED), *who))
        yield from fields(texts, texts("card-fact-version", revision=version.revision), lines)


def _history(texts: Texts, content: FactContent, trim: Trim) -> Iterator[Field]:
    """Yield what was done with a fact; that it was logged, and no more, stands above already."""
    changes = _newest_first(content)
    if [change.kind for change in changes] == [FactChangeKind.LOGGED]:
        return
    lines: list[Line] = []
    for change in trim.first(changes, trim.room.entries):
        word = Span(texts.word("fact-change", change.kind), Style.STRONG)
        lines.append((*by(texts, change.made_by, change.made_at), Span(" · "), word, *_ends(texts, change)))
        if change.kind is not FactChangeKind.EMBARGOED:
            lines += trim.quotation(change.text, trim.room.remark)
    left = len(changes) - trim.room.entries
    if left > 0:
        lines.append((Span(texts.plural("card-log-earlier", left), Style.QUIET),))
    yield from fields(texts, texts("card-log-history"), lines)


def _ends(texts: Texts, change: FactChange) -> Line:
    """Return until when a change put a fact under embargo."""
    if change.kind is not FactChangeKind.EMBARGOED or not change.text:
        return ()
    return (Span(f" {texts('card-embargo-until', until=datetime.fromisoformat(change.text))}"),)


def _newest_first(content: FactContent) -> list[FactChange]:
    return sorted(content.changes, key=lambda change: change.number, reverse=True)


def _newest_versions(content: FactContent) -> list[FactVersion]:
    return sorted(content.earlier, key=lambda version: version.revision, reverse=True)


def _latest(content: FactContent, kind: FactChangeKind) -> FactChange | None:
    return next((change for change in _newest_first(content) if change.kind is kind), None)
