"""The forms of facts: a new one, and a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from bot.access import Action, may
from bot.entering import MOST_CHARS, TooLong, read_reason
from bot.facts import changes
from bot.facts.changes import FactCorrectedError
from bot.facts.entry import TypedCorrection, TypedFact, fitted_source, read_correction
from bot.markup import cut
from bot.models import Citation, CitationKind, Fact, Tip
from bot.storage import facts
from cogs._caller import Visit, admit, app_of
from cogs._fact_replies import corrected_reply, fact_lines, log_fact, standing
from cogs._forms import Form, Input, TextInputSpec, open_form, refuse_with_draft
from cogs._forms.opening import find_draft, gone
from cogs._log_options import dates_of
from cogs._tip_replies import standing_tip

if TYPE_CHECKING:
    import discord

    from bot.locales import Texts
    from bot.storage.database import Connection
    from bot.storage.drafts import Draft


class FactForm(Form):
    """Log a fact: claim, source, quote, date, items.

    In the context `tip` is the tip that is promoted, `is_sensitive` tells whether it is, `cited` is a citation that is
    known, shown as `source`, and `dossiers` are our ids of dossiers to put the fact into.
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
        return (claim, *others, _short(texts("form-items"), "items", texts("form-items-about")))

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Log the fact."""
        context = draft.context
        known = context.get("cited")
        is_known = bool(known) and values["source"].split() == str(context.get("source", "")).split()
        typed = TypedFact(
            claim=values["claim"],
            source="" if is_known else values["source"],
            quote=values["quote"],
            date=values["date"],
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
            items=values["items"],
            dossier_ids=context.get("dossiers", ()),
            tip_id=context.get("tip"),
            draft=draft.id,
        )


class CorrectForm(Form):
    """Correct a fact: claim, source, quote, date, reason; the context holds the `fact` and the version `seen`."""

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
            is_prefilled=True,
        )
        seen = int(draft.context["seen"])
        await correct_fact(interaction, visitor, int(draft.context["fact"]), typed, values["reason"], seen, draft.id)


async def open_fact_form(
    interaction: discord.Interaction,
    *,
    values: Mapping[str, str] | None = None,
    cited: Citation | None = None,
    tip: Tip | None = None,
    dossier_ids: Sequence[int] = (),
) -> None:
    """Open the form of a new fact, filled in with what is known; texts that are too long for a field are cut."""
    given = {key: _fitted(key, value) for key, value in (values or {}).items()}
    context = {
        "tip": tip.id if tip else None,
        "is_sensitive": tip is not None and tip.is_sensitive,
        "cited": citation_json(cited) if cited else None,
        "source": given.get("source", ""),
        "dossiers": list(dossier_ids),
    }
    await open_form(interaction, FactForm, context=context, values=given)


async def open_correct_form(interaction: discord.Interaction, fact: Fact, reason: str = "") -> None:
    """Open the form that corrects a fact, filled in with how it stands."""
    async with app_of(interaction).database.read() as connection:
        values = await standing_values(connection, fact)
    context = {"fact": fact.id, "seen": fact.revision}
    await open_form(interaction, CorrectForm, context=context, values={**values, "reason": reason})


async def standing_values(connection: Connection, fact: Fact) -> dict[str, str]:
    """Return a fact as the fields of its correction hold it."""
    first = (await facts.citations(connection, fact.guild_id, fact.id))[0]
    return {
        "claim": fact.claim.text,
        "source": fitted_source(first),
        "quote": first.quote or "",
        "date": fact.claim.event_date_typed or "",
    }


async def correct_fact(
    interaction: discord.Interaction,
    visitor: Visit,
    fact_id: int,
    typed: TypedCorrection,
    reason: str,
    seen: int | None,
    draft: int | None = None,
) -> None:
    """Correct a fact and say how it stands; where somebody corrected it meanwhile, show their version instead.

    `seen` is the version that the person had before them; None where a command named the fact only.
    """
    app = app_of(interaction)
    fact, first = await standing(app, visitor, fact_id)
    await admit(interaction, Action.FACT_CORRECT, thing=fact)
    now = app.clock.now()
    try:
        changes.refuse_unseen(fact, seen, visitor.caller.user_id, now)
        correction = read_correction(typed, fact, first, dates_of(app, visitor), now=now)
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
        await _show_theirs(interaction, visitor, error, typed, reason)
        return
    app.delivery.wake()
    await corrected_reply(interaction, visitor, fact, changed, correction.date)


async def _show_theirs(
    interaction: discord.Interaction, visitor: Visit, error: FactCorrectedError, typed: TypedCorrection, reason: str
) -> None:
    """Show the version that stands in the way, and keep what was typed for a form over it."""
    app = app_of(interaction)
    async with app.database.read() as connection:
        values = await standing_values(connection, error.fact)
    own = {"claim": typed.claim, "source": typed.source, "quote": typed.quote, "date": typed.date, "reason": reason}
    values |= {key: value for key, value in own.items() if value is not None}
    context = {"fact": error.fact.id, "seen": error.fact.revision}
    lines = fact_lines(visitor.texts, error.fact)
    await refuse_with_draft(interaction, CorrectForm, context, values, visitor.texts.error(error), extra_lines=lines)


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
