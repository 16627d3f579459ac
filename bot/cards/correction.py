"""The answer to the card of a fact that no longer stands as it was read there: what it was, what it is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cards.card import Accent, Card, CardKind, Line, Span, Style
from bot.cards.fact import source_name
from bot.cards.lines import Room, Trim, by, capital, dated, fitted, footer, labelled
from bot.locales import Texts
from bot.models import Citation, Claim, Fact, FactChange, FactChangeKind, FactStatus, Origin

_ACCENTS = {
    FactChangeKind.CORRECTED: Accent.CHANGE,
    FactChangeKind.DISPUTED: Accent.DOUBT,
    FactChangeKind.RETRACTED: Accent.TROUBLE,
}
_LEAST = Room(text=200, quote=80, remark=80, lines=3, names=1, citations=1, entries=1)
_ROOMS = (
    Room(text=1_000, quote=300, remark=500, lines=12, names=5, citations=5, entries=5),
    Room(text=800, quote=150, remark=300, lines=6, names=3, citations=2, entries=3),
    _LEAST,
)


@dataclass(frozen=True, slots=True)
class SourceChange:
    """Hold a source that a correction replaced: what it was and what it is, each with its origin."""

    before: Citation
    after: Citation
    origin_before: Origin
    origin_after: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionContent:
    """Hold what an answer says of a fact: the claim as it was read and as it is told, and the changes in between.

    `changes` are corrections, disputes and a retraction, oldest first, one at least; `sources` those that they
    replaced, `revision` the version that they made. `was_verified` tells of the version that was read. `fact` is how it
    stands now, perhaps further on. `code` is the announcement's.
    """

    fact: Fact
    before: Claim
    after: Claim
    changes: Sequence[FactChange]
    revision: int
    was_verified: bool = False
    sources: Sequence[SourceChange] = ()
    code: str | None = None


def correction_card(texts: Texts, content: CorrectionContent) -> Card:
    """Return the answer that tells those who read the card of a fact what it was, what it is, by whom and why."""
    left_out = (Span(texts("card-fact-more", id=content.fact.id), Style.QUIET),)
    return fitted(lambda trim: _card(texts, content, trim), _ROOMS, left_out)


def correction_fallback_card(texts: Texts, content: CorrectionContent) -> Card:
    """Return the short answer for a correction whose full one Discord refused: number, what happened, why."""
    trim = Trim(_LEAST)
    return Card(
        kind=CardKind.FALLBACK,
        title=_title(texts, content),
        accent=_ACCENTS[content.changes[-1].kind],
        body=(*_reasons(texts, content.changes[-1:], trim), (Span(texts("card-fact-fallback", id=content.fact.id)),)),
        footer=footer(texts, content.revision, content.code),
    )


def _card(texts: Texts, content: CorrectionContent, trim: Trim) -> Card:
    last = content.changes[-1].kind
    body: list[Line] = []
    if last is FactChangeKind.RETRACTED:
        body.append((Span(texts("card-fact-do-not-use"), Style.STRONG),))
    body += [*_claims(texts, content, trim), *_dates(texts, content), *_sources(texts, content, trim), ()]
    hidden = len(content.changes) - trim.room.entries
    if hidden > 0:
        body.append((Span(texts.plural("card-log-earlier", hidden), Style.QUIET),))
    body += _reasons(texts, trim.first(content.changes[::-1], trim.room.entries)[::-1], trim)
    body += _since(texts, content)
    return Card(
        kind=CardKind.CORRECTION,
        title=_title(texts, content),
        accent=_ACCENTS[last],
        body=tuple(body),
        footer=footer(texts, content.revision, content.code),
    )


def _title(texts: Texts, content: CorrectionContent) -> str:
    match content.changes[-1].kind:
        case FactChangeKind.RETRACTED:
            return texts("card-fact-title-retracted", id=content.fact.id)
        case FactChangeKind.DISPUTED:
            return texts("card-correction-title-disputed", id=content.fact.id)
        case _:
            return texts("card-correction-title", id=content.fact.id)


def _claims(texts: Texts, content: CorrectionContent, trim: Trim) -> Iterator[Line]:
    """Yield the claim as it was read, and as it is where that is another one; what is retracted is struck out."""
    if content.before.text == content.after.text:
        yield from _quoted(content, content.after, trim)
        return
    yield labelled(texts, texts("card-fact-before"))
    yield from trim.quotation(content.before.text, trim.room.text)
    yield labelled(texts, texts("card-correction-after"))
    yield from _quoted(content, content.after, trim)


def _quoted(content: CorrectionContent, claim: Claim, trim: Trim) -> Iterator[Line]:
    if content.changes[-1].kind is FactChangeKind.RETRACTED:
        yield (Span(trim.text(claim.text, trim.room.text), Style.STRUCK),)
    else:
        yield from trim.quotation(claim.text, trim.room.text)


def _dates(texts: Texts, content: CorrectionContent) -> Iterator[Line]:
    before, after = (_date(texts, claim) for claim in (content.before, content.after))
    if content.before.event_date != content.after.event_date:
        yield labelled(texts, texts("card-fact-date"), Span(texts("card-correction-was", before=before, after=after)))


def _date(texts: Texts, claim: Claim) -> str:
    if claim.event_date is None:
        return texts("card-not-stated")
    return dated(texts, claim.event_date, claim.event_date_typed or "")


def _sources(texts: Texts, content: CorrectionContent, trim: Trim) -> Iterator[Line]:
    """Yield the sources that were replaced: what each is now and was before, of whose words, with its new quote."""
    for change in trim.first(content.sources, trim.room.citations):
        before, after = (trim.text(source_name(texts, one), trim.room.remark) for one in (change.before, change.after))
        parts = [after if before == after else texts("card-correction-was", before=before, after=after)]
        if change.origin_before.key != change.origin_after.key:
            names = (change.origin_before.name, change.origin_after.name)
            was, now = (trim.text(name, trim.room.remark) for name in names)
            parts.append(texts("card-fact-origin", origin=texts("card-correction-was", before=was, after=now)))
        yield labelled(texts, texts("card-fact-source", n=change.after.n), Span(" · ".join(parts)))
        if change.before.quote != change.after.quote:
            yield from trim.quotation(change.after.quote, trim.room.quote)


def _reasons(texts: Texts, changes: Sequence[FactChange], trim: Trim) -> Iterator[Line]:
    for change in changes:
        yield labelled(texts, texts.word("fact-change", change.kind), *by(texts, change.made_by, change.made_at))
        if change.text:
            yield labelled(texts, texts("card-log-reason"), Span(trim.text(change.text, trim.room.remark)))


def _since(texts: Texts, content: CorrectionContent) -> Iterator[Line]:
    """Yield how sure the fact is now: to be verified anew, or what became of it after what is told here."""
    fact, last = content.fact, content.changes[-1].kind
    if fact.revision != content.revision:
        yield (Span(texts("card-correction-again"), Style.QUIET),)
        return
    then = FactStatus.LOGGED if last is FactChangeKind.CORRECTED else FactStatus(last)
    if fact.status is not then:
        status = texts.word("fact-status", fact.status)
        yield (Span(capital(texts("card-correction-since", status=status)), Style.QUIET),)
    elif then is FactStatus.LOGGED and content.was_verified:
        yield (Span(texts("card-correction-verify-again"), Style.QUIET),)
