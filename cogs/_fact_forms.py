"""The forms of facts: a new one, and a correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from bot.access import Action, may
from bot.entering import MOST_CHARS, TooLong, read_reason
from bot.errors import UserError
from bot.facts import changes
from bot.facts.changes import FactCorrectedError
from bot.facts.entry import TypedCorrection, TypedFact, fitted_source, read_correction
from bot.markup import cut
from bot.models import Citation, CitationKind, Fact, FactStatus, Tip
from cogs._besides import Besides, BesidesError, besides_of, give_back_form, last_field, understand
from cogs._caller import Visit, admit, app_of, visit
from cogs._fact_replies import corrected_reply, fact_lines, log_fact, standing
from cogs._forms import Form, Input, TextInputSpec, open_form, refuse_with_draft
from cogs._forms.opening import find_draft, gone
from cogs._forms.refusal import refuse, typed_fields
from cogs._log_options import Fingerprint, dates_of, fingerprint
from cogs._tip_replies import standing_tip

if TYPE_CHECKING:
    import discord

    from bot.locales import Texts
    from bot.storage.log.drafts import Draft


class FactForm(Form):
    """Log a fact: claim, source, quote, date, items.

    In the context `tip` is the tip that is promoted, `is_sensitive` tells whether it is, `cited` is a citation that is
    known, shown as `source`, `origin` says whose words the source is, `file` how an attached file is known, `dossiers`
    are our ids of dossiers to put the fact into, and `embargo` is the moment until which it is to be under embargo.
    One of these that was refused is what it `asks` for again (`cogs._besides`), in the place of the items.
    """

    name: ClassVar[str] = "fact"
    action: ClassVar[Action] = Action.FACT_ADD
    example: ClassVar[Mapping[str, Any]] = {"tip": 1}

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:
        """Return what the form is for."""
        return texts("form-fact-of-tip", id=context["tip"]) if context.get("tip") else texts("form-fact")

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:
        """Return the fields of a new fact."""
        claim, *others = _fact_inputs(texts)
        if context.get("is_sensitive"):
            claim = replace(claim, description=texts("form-claim-of-sensitive"))
        return (claim, *others, last_field(texts, context))

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Log the fact."""
        context = draft.context
        try:
            besides, items = await besides_of(app_of(interaction), visitor, context, values)
        except BesidesError as error:
            fresh = error.context(context, context.get("items", ""))
            told = visitor.texts.error(error.error)
            await refuse_with_draft(interaction, FactForm, fresh, error.values(values), told)
            return
        known = context.get("cited")
        is_known = bool(known) and values["source"].split() == str(context.get("source", "")).split()
        typed = TypedFact(
            claim=values["claim"],
            source="" if is_known else values["source"],
            quote=values["quote"],
            date=values["date"],
            origin=besides.origin,
            cited=citation_from(known) if known and is_known else None,
        )
        if context.get("tip"):
            tip = await standing_tip(app_of(interaction), visitor, int(context["tip"]))
            await admit(interaction, Action.TIP_PROMOTE, thing=tip)
            if tip.is_sensitive and not context.get("is_sensitive"):
                fresh = {**context, "is_sensitive": True, "dossiers": []}
                text = visitor.texts("tip-became-sensitive", id=tip.id)
                await refuse_with_draft(interaction, FactForm, fresh, values, text)
                return
        await log_fact(
            interaction,
            visitor,
            typed,
            items=items,
            dossier_ids=besides.dossier_ids,
            tip_id=context.get("tip"),
            draft=draft.id,
            file=Fingerprint(**context["file"]) if context.get("file") else None,
            embargo_until=besides.embargo_until,
        )


class CorrectForm(Form):
    """Correct a fact: claim, source, quote, date, reason.

    The context holds the `fact` and the version `seen`, the number `n` of the source, and its `origin` where that too
    is to be another one.
    """

    name: ClassVar[str] = "fact-correct"
    action: ClassVar[Action] = Action.FACT_CORRECT
    example: ClassVar[Mapping[str, Any]] = {"fact": 123_456, "seen": 1}

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:
        """Return what the form is for."""
        return texts("form-correct", id=context["fact"])

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # part of Form
        """Return what can be corrected, and the reason."""
        most = MOST_CHARS[TooLong.REASON]
        reason = TextInputSpec(
            key="reason", label=texts("form-reason"), description=texts("form-reason-about"), max_length=most
        )
        return (*_fact_inputs(texts), reason)

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Correct the fact, or show the version that somebody made meanwhile."""
        typed = TypedCorrection(
            claim=values["claim"],
            source=values["source"],
            quote=values["quote"],
            date=values["date"],
            origin=draft.context.get("origin"),
            is_prefilled=True,
        )
        which = Which(int(draft.context["fact"]), int(draft.context.get("n", 1)))
        await correct_fact(
            interaction, visitor, which, typed, values["reason"], seen=int(draft.context["seen"]), draft=draft.id
        )


@dataclass(frozen=True, slots=True)
class Which:
    """Name a fact, and by its number the source that a correction may replace."""

    fact_id: int
    n: int = 1


async def open_fact_form(
    interaction: discord.Interaction,
    *,
    values: Mapping[str, str] | None = None,
    cited: Citation | None = None,
    origin: str = "",
    tip: Tip | None = None,
    dossier_ids: Sequence[int] = (),
    embargo_until: datetime | None = None,
) -> None:
    """Open the form of a new fact, filled in with what is known; texts that are too long for a field are cut."""
    given = {key: _fitted(key, value) for key, value in (values or {}).items()}
    context = {
        "tip": tip.id if tip else None,
        "is_sensitive": tip is not None and tip.is_sensitive,
        "cited": citation_json(cited) if cited else None,
        "source": given.get("source", ""),
        "origin": origin,
        "dossiers": list(dossier_ids),
        "embargo": embargo_until.isoformat() if embargo_until else None,
    }
    await open_form(interaction, FactForm, context=context, values=given)


async def open_typed(
    interaction: discord.Interaction, visitor: Visit, besides: Besides, values: Mapping[str, str]
) -> None:
    """Open the form of a new fact for a command without a claim, or say what cannot be of what it was given."""
    try:
        understood = await understand(app_of(interaction), visitor, besides)
    except BesidesError as error:
        await give_back_form(interaction, visitor, FactForm, besides, values, error)
        return
    await open_fact_form(
        interaction,
        values=values,
        origin=understood.origin,
        dossier_ids=understood.dossier_ids,
        embargo_until=understood.embargo_until,
    )


async def log_typed(
    interaction: discord.Interaction,
    visitor: Visit,
    typed: TypedFact,
    besides: Besides,
    *,
    items: str,
    file: discord.Attachment | None,
) -> None:
    """Log a fact that a command was given; where it is refused, give back what was typed, as a form."""
    known = None
    try:
        known = await fingerprint(file)
        _refuse_alone(file, typed.claim)
        understood = await understand(app_of(interaction), visitor, besides)
        await log_fact(
            interaction,
            visitor,
            replace(typed, origin=understood.origin),
            items=items,
            dossier_ids=understood.dossier_ids,
            file=known,
            embargo_until=understood.embargo_until,
        )
    except (UserError, BesidesError) as error:
        given = {name: getattr(typed, name) for name in ("claim", "source", "quote", "date")}
        await give_back_form(interaction, visitor, FactForm, besides, {**given, "items": items}, error, known)


async def open_correct_form(interaction: discord.Interaction, fact: Fact, reason: str = "", n: int = 1) -> None:
    """Open the form that corrects a fact, filled in with how it and its source of that number stand."""
    visitor = await visit(interaction)
    fact, source = await standing(app_of(interaction), visitor, fact.id, n)
    context = {"fact": fact.id, "seen": fact.revision, "n": n}
    await open_form(
        interaction, CorrectForm, context=context, values={**_standing_values(fact, source), "reason": reason}
    )


def _standing_values(fact: Fact, source: Citation) -> dict[str, str]:
    """Return a fact and one of its sources as the fields of a correction hold them."""
    return {
        "claim": fact.claim.text,
        "source": fitted_source(source),
        "quote": source.quote or "",
        "date": fact.claim.event_date_typed or "",
    }


async def correct_fact(
    interaction: discord.Interaction,
    visitor: Visit,
    which: Which,
    typed: TypedCorrection,
    reason: str,
    *,
    seen: int | None,
    draft: int | None = None,
) -> None:
    """Correct a fact and say how it stands; where somebody corrected it meanwhile, show their version instead.

    `seen` is the version that the person had before them; None where a command named the fact only: what a command was
    given and is refused is given back, as a form.
    """
    app = app_of(interaction)
    fact, source = await standing(app, visitor, which.fact_id, which.n)
    await admit(interaction, Action.FACT_CORRECT, thing=fact)
    now = app.clock.now()
    try:
        changes.refuse_unseen(fact, seen, visitor.caller.user_id, now)
        correction = read_correction(typed, fact, source, dates_of(app, visitor), now=now)
        changed = await changes.correct(
            app.database,
            visitor.viewer,
            fact.id,
            correction,
            read_reason(reason),
            now,
            seen=fact.revision,
            draft=draft,
            only_own=not may(visitor.role, Action.FACT_CORRECT),
        )
    except FactCorrectedError as error:
        if draft is not None and await find_draft(interaction, draft) is None:
            raise gone(interaction, draft) from None  # their own, sent twice
        lines = fact_lines(visitor.texts, error.fact)
        await _give_back(interaction, visitor, error.fact, source, typed, reason, error, lines)
        return
    except UserError as error:
        if draft is not None:
            raise
        await _give_back(interaction, visitor, fact, source, typed, reason, error)
        return
    app.delivery.wake()
    await corrected_reply(interaction, visitor, fact, changed, correction.date)


async def _give_back(
    interaction: discord.Interaction,
    visitor: Visit,
    fact: Fact,
    source: Citation,
    typed: TypedCorrection,
    reason: str,
    error: UserError,
    lines: Iterable[str] = (),
) -> None:
    """Say why a correction was refused, and keep what was typed for a form over the fact as it stands."""
    if isinstance(error, FactCorrectedError):
        fact, source = await standing(app_of(interaction), visitor, fact.id, source.n)
    values = _standing_values(fact, source)
    given = {"claim": typed.claim, "source": typed.source, "quote": typed.quote, "date": typed.date, "reason": reason}
    own = {key: value for key, value in given.items() if value is not None}
    context = {"fact": fact.id, "seen": fact.revision, "n": source.n, "origin": typed.origin}
    if fact.status is FactStatus.RETRACTED:
        texts = visitor.texts
        await refuse(
            interaction, texts, texts.error(error), typed_fields(CorrectForm(), texts, context, own), draft=None
        )
        return
    told = visitor.texts.error(error)
    await refuse_with_draft(interaction, CorrectForm, context, {**values, **own}, told, extra_lines=lines)


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation that is known before the form is filled in, as its draft keeps it."""
    return {
        "kind": citation.kind,
        "url": citation.url,
        "title": citation.title,
        "origin": citation.origin,
        "quote": citation.quote,
        "retrieved_at": citation.retrieved_at.isoformat() if citation.retrieved_at else None,
        "notice_id": citation.notice_id,
    }


def citation_from(kept: Mapping[str, Any]) -> Citation:
    """Return the citation that `citation_json` kept."""
    retrieved = kept["retrieved_at"]
    return Citation(
        kind=CitationKind(kept["kind"]),
        url=kept["url"],
        title=kept["title"],
        origin=kept["origin"],
        quote=kept["quote"],
        retrieved_at=datetime.fromisoformat(retrieved) if retrieved else None,
        notice_id=kept["notice_id"],
    )


_LENGTHS = {"claim": TooLong.CLAIM, "source": TooLong.CITATION, "quote": TooLong.QUOTE, "reason": TooLong.REASON}


def _fitted(key: str, value: str) -> str:
    return cut(value, MOST_CHARS[_LENGTHS[key]]) if key in _LENGTHS else value


def _fact_inputs(texts: Texts) -> tuple[TextInputSpec, ...]:
    return (
        TextInputSpec(
            key="claim",
            label=texts("form-claim"),
            description=texts("form-claim-about"),
            is_long=True,
            max_length=MOST_CHARS[TooLong.CLAIM],
        ),
        TextInputSpec(
            key="source",
            label=texts("form-source"),
            description=texts("form-source-about"),
            required=False,
            max_length=MOST_CHARS[TooLong.CITATION],
        ),
        TextInputSpec(
            key="quote",
            label=texts("form-quote"),
            description=texts("form-quote-about"),
            required=False,
            is_long=True,
            max_length=MOST_CHARS[TooLong.QUOTE],
        ),
        _short(texts("form-date"), "date", texts("form-date-about")),
    )


def _short(label: str, key: str, description: str) -> TextInputSpec:
    return TextInputSpec(key=key, label=label, description=description, required=False, max_length=400)


def _refuse_alone(file: discord.Attachment | None, claim: str) -> None:
    """Raise UserError for a file without a claim."""
    if file is not None and not claim:
        raise UserError("file-with-claim")
