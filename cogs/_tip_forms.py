"""The forms of tips: a new one, and an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import discord
from discord import ui

from bot.access import Action
from bot.entering import MOST_CHARS, TooLong, read_text
from bot.errors import UserError
from bot.markup import cut
from bot.models import Tip
from bot.tips import changes
from bot.tips.changes import TipEditedError
from bot.tips.entry import TypedTip, read_tip
from cogs._besides import Besides, BesidesError, besides_of, give_back_form, last_field, understand
from cogs._caller import Visit, admit, app_of
from cogs._fact_replies import add_date_buttons, date_lines
from cogs._forms import NO, YES, ChoiceSpec, Form, Input, TextInputSpec, open_form, refuse_with_draft, yes_or_no
from cogs._log_options import Fingerprint, dates_of, fingerprint
from cogs._replies import respond
from cogs._taken_off import taken_off
from cogs._tip_replies import log_tip, shown_line, standing_tip, tip_embed

if TYPE_CHECKING:
    from bot.locales import Texts
    from bot.storage.log.drafts import Draft

STANDING_UNITS = 1_000


class TipForm(Form):
    """Log a tip: text, how it came, heard, item, sensitive.

    In the context `origin_url` leads to the message that it is made from, `file` is how an attached file is known,
    `dossiers` are our ids of dossiers, and `embargo` is the moment until which it is to be under embargo. One of these
    that was refused is what it `asks` for again (`cogs._besides`), in the place of the items.
    """

    name: ClassVar[str] = "tip"
    action: ClassVar[Action] = Action.TIP_ADD

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:  # noqa: ARG002  # part of Form
        """Return what the form is for."""
        return texts("form-tip")

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:
        """Return the fields of a new tip."""
        text, origin, heard, sensitive = _tip_inputs(texts)
        return (text, origin, heard, last_field(texts, context), sensitive)

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Log the tip."""
        context = draft.context
        try:
            besides, items = await besides_of(app_of(interaction), visitor, context, values)
        except BesidesError as error:
            fresh = error.context(context, context.get("items", ""))
            told = visitor.texts.error(error.error)
            await refuse_with_draft(interaction, TipForm, fresh, error.values(values), told)
            return
        await log_tip(
            interaction,
            visitor,
            replace(_typed(values), origin_url=context.get("origin_url")),
            items=items,
            dossier_ids=besides.dossier_ids,
            draft=draft.id,
            file=Fingerprint(**context["file"]) if context.get("file") else None,
            embargo_until=besides.embargo_until,
        )


class TipEditForm(Form):
    """Edit a tip: text, how it came, heard, sensitive, reason; the context holds the `tip` and the version `seen`."""

    name: ClassVar[str] = "tip-edit"
    action: ClassVar[Action] = Action.TIP_EDIT
    example: ClassVar[Mapping[str, Any]] = {"tip": 123_456, "seen": 1}

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:
        """Return what the form is for."""
        return texts("form-tip-edit", id=context["tip"])

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # part of Form
        """Return what can be edited, and the reason."""
        reason = TextInputSpec(
            key="reason",
            label=texts("form-reason"),
            description=texts("form-reason-about"),
            required=False,
            max_length=MOST_CHARS[TooLong.REASON],
        )
        return (*_tip_inputs(texts), reason)

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Store the next version of the tip, or show the one that somebody made meanwhile."""
        app = app_of(interaction)
        tip = await standing_tip(app, visitor, int(draft.context["tip"]))
        await admit(interaction, Action.TIP_EDIT, thing=tip)
        now = app.clock.now()
        typed = _typed(values)
        is_same_date = typed.heard.strip() == (tip.heard_typed or "")
        entry = read_tip(replace(typed, heard="") if is_same_date else typed, dates_of(app, visitor), now)
        words = replace(entry.words, origin_url=tip.origin_url)
        if is_same_date:
            words = replace(words, heard=tip.heard, heard_typed=tip.heard_typed)
        reason = read_text(values["reason"], TooLong.REASON) or None
        seen = int(draft.context["seen"])
        try:
            changed = await changes.edit(
                app.database, visitor.viewer, tip.id, words, now, seen=seen, reason=reason, draft=draft.id
            )
        except TipEditedError as error:
            await _show_theirs(interaction, visitor, error, values)
            return
        app.delivery.wake()
        texts = visitor.texts
        if not changed.is_changed:
            await respond(interaction, texts("tip-not-edited", id=tip.id))
            return
        lines = [texts("tip-edited", id=tip.id, revision=changed.tip.revision), *date_lines(texts, entry.heard)]
        if changed.tip.is_sensitive and not tip.is_sensitive:
            lines.extend(await taken_off(app, visitor, changed.tip, texts("tip-now-sensitive")))
        elif tip.is_sensitive and not changed.tip.is_hidden:
            lines.append(texts("tip-now-open"))
        lines.append(shown_line(visitor, changed))
        view = ui.View(timeout=None)
        if entry.heard is not None and entry.heard.needs_confirmation:
            add_date_buttons(view, texts, f"tip-edit:{tip.id}")
        embed = await tip_embed(app, visitor, changed.tip)
        await respond(interaction, "\n".join(lines), embed=embed, view=view if view.children else None)


async def open_tip_form(
    interaction: discord.Interaction,
    *,
    values: Mapping[str, str] | None = None,
    origin_url: str | None = None,
    dossier_ids: Sequence[int] = (),
    embargo_until: datetime | None = None,
) -> None:
    """Open the form of a new tip, filled in with what is known; texts that are too long for a field are cut."""
    given = {"sensitive": NO, **(values or {})}
    given["text"] = cut(given.get("text", ""), MOST_CHARS[TooLong.TIP])
    given["origin"] = cut(given.get("origin", ""), MOST_CHARS[TooLong.ORIGIN])
    context = {
        "origin_url": origin_url,
        "dossiers": list(dossier_ids),
        "embargo": embargo_until.isoformat() if embargo_until else None,
    }
    await open_form(interaction, TipForm, context=context, values=given)


async def open_typed_tip(
    interaction: discord.Interaction, visitor: Visit, besides: Besides, values: Mapping[str, str]
) -> None:
    """Open the form of a new tip for a command without a text, or say what cannot be of what it was given."""
    try:
        understood = await understand(app_of(interaction), visitor, besides)
    except BesidesError as error:
        await give_back_form(interaction, visitor, TipForm, besides, values, error)
        return
    await open_tip_form(
        interaction, values=values, dossier_ids=understood.dossier_ids, embargo_until=understood.embargo_until
    )


async def log_typed_tip(
    interaction: discord.Interaction,
    visitor: Visit,
    besides: Besides,
    values: Mapping[str, str],
    file: discord.Attachment | None,
) -> None:
    """Log a tip that a command was given; where it is refused, give back what was typed, as a form."""
    known = None
    try:
        known = await fingerprint(file)
        _refuse_alone(file, values["text"])
        understood = await understand(app_of(interaction), visitor, besides)
        await log_tip(
            interaction,
            visitor,
            _typed(values),
            items=values["items"],
            dossier_ids=understood.dossier_ids,
            file=known,
            embargo_until=understood.embargo_until,
        )
    except (UserError, BesidesError) as error:
        await give_back_form(interaction, visitor, TipForm, besides, values, error, known)


async def open_tip_edit_form(interaction: discord.Interaction, tip: Tip) -> None:
    """Open the form that edits a tip, filled in with how it stands."""
    await open_form(interaction, TipEditForm, context={"tip": tip.id, "seen": tip.revision}, values=_values(tip))


async def _show_theirs(
    interaction: discord.Interaction, visitor: Visit, error: TipEditedError, values: Mapping[str, str]
) -> None:
    """Show the version that stands in the way, and keep what was typed for a form over it."""
    context = {"tip": error.tip.id, "seen": error.tip.revision}
    lines = [f"> {visitor.texts('tip-stands', text=cut(error.tip.text, STANDING_UNITS))}"]
    await refuse_with_draft(interaction, TipEditForm, context, values, visitor.texts.error(error), extra_lines=lines)


def _values(tip: Tip) -> dict[str, str]:
    return {
        "text": tip.text,
        "origin": tip.origin or "",
        "heard": tip.heard_typed or "",
        "sensitive": YES if tip.is_sensitive else NO,
    }


def _typed(values: Mapping[str, str]) -> TypedTip:
    return TypedTip(
        text=values["text"],
        origin=values["origin"],
        heard=values["heard"],
        is_sensitive=values["sensitive"] == YES,
    )


def _tip_inputs(texts: Texts) -> tuple[Input, Input, Input, Input]:
    return (
        TextInputSpec(
            key="text",
            label=texts("form-tip-text"),
            description=texts("form-tip-text-about"),
            is_long=True,
            max_length=MOST_CHARS[TooLong.TIP],
        ),
        TextInputSpec(
            key="origin",
            label=texts("form-origin"),
            description=texts("form-origin-about"),
            required=False,
            max_length=MOST_CHARS[TooLong.ORIGIN],
        ),
        TextInputSpec(
            key="heard",
            label=texts("form-heard"),
            description=texts("form-date-about"),
            required=False,
            max_length=100,
        ),
        ChoiceSpec(
            key="sensitive",
            label=texts("form-sensitive"),
            description=texts("form-sensitive-about"),
            options=yes_or_no(texts),
        ),
    )


def _refuse_alone(file: discord.Attachment | None, text: str) -> None:
    """Raise UserError for a file without a text."""
    if file is not None and not text:
        raise UserError("file-with-text")
