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
    """Hold what a person typed of a fact; `cited` is a citation that is known and not typed, `source` left empty.

    `origin` says whose words the source is.
    """

    claim: str
    source: str = ""
    quote: str = ""
    date: str = ""
    origin: str = ""
    cited: Citation | None = None


@dataclass(frozen=True, slots=True)
class FactEntry:
    """Hold a fact as it was understood; `date` is its date, to be said back where one was typed."""

    claim: Claim
    citations: tuple[Citation, ...]
    date: TypedDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCorrection:
    """Hold what a person typed of a correction, None for what stays; an empty date or origin takes it away.

    In a form that `is_prefilled` the words of the former date mean that date, and are not read anew.
    """

    claim: str | None = None
    date: str | None = None
    source: str | None = None
    quote: str | None = None
    origin: str | None = None
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
    return FactEntry(_dated(text, date), (with_origin(citation, typed.origin),), date)


def read_correction(
    typed: TypedCorrection, fact: Fact, source: Citation, read: DateReader, *, now: datetime
) -> Correction:
    """Return the version of a fact that a correction makes; `source` is the citation that it may replace.

    Raises UserError as `read_fact` does, and where nothing would change.
    """
    text = fact.claim.text if typed.claim is None else _claim(typed.claim)
    date = None
    claim = Claim(text=text, event_date=fact.claim.event_date, event_date_typed=fact.claim.event_date_typed)
    is_left = typed.is_prefilled and (typed.date or "").strip() == (fact.claim.event_date_typed or "")
    if typed.date is not None and not is_left:
        date = read(typed.date) if typed.date.strip() else None
        claim = _dated(text, date)
    replaced = _replaced(typed, fact, source, now)
    if claim == fact.claim and not replaced:
        raise UserError("fact-nothing-corrected", id=fact.id)
    return Correction(claim, replaced, date)


def typed_source(citation: Citation) -> str:
    """Return a citation as somebody would type it: its link with its title, or its words."""
    return " ".join(part for part in (citation.url, citation.title) if part)


def fitted_source(citation: Citation) -> str:
    """Return a citation as `typed_source` does, cut to what may be typed."""
    return cut(typed_source(citation), MOST_CHARS[TooLong.CITATION])


def with_origin(citation: Citation, origin: str) -> Citation:
    """Return a citation with what a person says of whose words it is; raises UserError where that is too long."""
    return replace(citation, said_origin=read_text(origin, TooLong.ORIGIN) or None)


def _claim(typed: str) -> str:
    text = read_text(typed, TooLong.CLAIM, newlines=True)
    if not text:
        raise UserError("fact-empty")
    return text


def _dated(text: str, date: TypedDate | None) -> Claim:
    return Claim(text=text, event_date=date.text if date else None, event_date_typed=date.typed if date else None)


def _replaced(typed: TypedCorrection, fact: Fact, former: Citation, now: datetime) -> tuple[Citation, ...]:
    source = typed_source(former) if typed.source is None else typed.source
    quote = (former.quote or "") if typed.quote is None else typed.quote
    # A field of a form holds no line break, and no more than a citation may have.
    if source.split() in [text.split() for text in (typed_source(former), fitted_source(former))]:
        citation = replace(former, quote=read_text(quote, TooLong.QUOTE, newlines=True) or None)
    else:
        citation = replace(read_citation(source, quote, guild_id=fact.guild_id, now=now), n=former.n)
    if typed.origin is not None:
        citation = with_origin(citation, typed.origin)
    return () if citation == former else (citation,)
