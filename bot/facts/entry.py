"""From what a person typed of a fact to its claim and its first citation, every fault said in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.dates import TypedDate
from bot.entering import MOST_CHARS, DateReader, TooLong, read_text
from bot.errors import UserError
from bot.facts.citing import read_citation
from bot.markup import cut
from bot.models import Citation, Claim, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFact:
    """Hold what a person typed of a fact; `cited` is a citation that is known and not typed, `source` left empty."""

    claim: str
    source: str = ""
    quote: str = ""
    date: str = ""
    cited: Citation | None = None


@dataclass(frozen=True, slots=True)
class FactEntry:
    """Hold a fact as it was understood; `date` is its date, to be said back where one was typed."""

    claim: Claim
    citations: tuple[Citation, ...]
    date: TypedDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCorrection:
    """Hold what a person typed of a correction, None for what stays; an empty date takes the date away.

    In a form that `is_prefilled` the words of the former date mean that date, and are not read anew.
    """

    claim: str | None = None
    date: str | None = None
    source: str | None = None
    quote: str | None = None
    is_prefilled: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """Hold the next version of a fact as it was understood; `replaced` are citations under the numbers they replace."""

    claim: Claim
    replaced: tuple[Citation, ...]
    date: TypedDate | None


def read_fact(typed: TypedFact, read: DateReader, *, guild_id: int, now: datetime) -> FactEntry:
    """Return the claim and the citation of a fact.

    Raises UserError where nothing is claimed, there is no source, a text is too long, or a link or date cannot be.
    """
    text = _claim(typed.claim)
    date = read(typed.date) if typed.date.strip() else None
    citation = typed.cited
    if citation is None or typed.source.strip():
        citation = read_citation(typed.source, typed.quote, guild_id=guild_id, now=now)
    else:
        citation = replace(citation, quote=read_text(typed.quote, TooLong.QUOTE, newlines=True) or None)
    return FactEntry(_dated(text, date), (citation,), date)


def read_correction(
    typed: TypedCorrection, fact: Fact, first: Citation, read: DateReader, *, now: datetime
) -> Correction:
    """Return the version of a fact that a correction makes; `first` is its first citation.

    Raises UserError as `read_fact` does, and where nothing would change.
    """
    text = fact.claim.text if typed.claim is None else _claim(typed.claim)
    date = None
    claim = Claim(text=text, event_date=fact.claim.event_date, event_date_typed=fact.claim.event_date_typed)
    is_left = typed.is_prefilled and (typed.date or "").strip() == (fact.claim.event_date_typed or "")
    if typed.date is not None and not is_left:
        date = read(typed.date) if typed.date.strip() else None
        claim = _dated(text, date)
    replaced = _replaced(typed, fact, first, now)
    if claim == fact.claim and not replaced:
        raise UserError("fact-nothing-corrected", id=fact.id)
    return Correction(claim, replaced, date)


def typed_source(citation: Citation) -> str:
    """Return a citation as somebody would type it: its link with its title, or its words."""
    return " ".join(part for part in (citation.url, citation.title) if part)


def fitted_source(citation: Citation) -> str:
    """Return a citation as `typed_source` does, cut to what may be typed."""
    return cut(typed_source(citation), MOST_CHARS[TooLong.CITATION])


def _claim(typed: str) -> str:
    text = read_text(typed, TooLong.CLAIM, newlines=True)
    if not text:
        raise UserError("fact-empty")
    return text


def _dated(text: str, date: TypedDate | None) -> Claim:
    return Claim(text=text, event_date=date.text if date else None, event_date_typed=date.typed if date else None)


def _replaced(typed: TypedCorrection, fact: Fact, first: Citation, now: datetime) -> tuple[Citation, ...]:
    source = typed_source(first) if typed.source is None else typed.source
    quote = (first.quote or "") if typed.quote is None else typed.quote
    # A field of a form holds no line break, and no more than a citation may have.
    if source.split() in [text.split() for text in (typed_source(first), fitted_source(first))]:
        citation = replace(first, quote=read_text(quote, TooLong.QUOTE, newlines=True) or None)
    else:
        citation = replace(read_citation(source, quote, guild_id=fact.guild_id, now=now), n=first.n)
    return () if citation == first else (citation,)
