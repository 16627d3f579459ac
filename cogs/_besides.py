"""What is given for a new tip or fact and has no field of its own in their forms: whose words, dossiers, an embargo.

Where one of them is refused the form asks for it again, in the place of its field for watch items, which it keeps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.entering import MOST_CHARS, TooLong, read_text
from bot.errors import UserError
from cogs._caller import Visit, app_of
from cogs._forms import Form, TextInputSpec, refuse_with_draft
from cogs._forms.refusal import Typed
from cogs._log_options import Fingerprint, chosen_dossiers, embargo_of, ends_of, zone_of

if TYPE_CHECKING:
    import discord

    from bot.app import App
    from bot.locales import Texts


class Asked(StrEnum):
    """Name what a form can ask for again, as its context and its field do."""

    EMBARGO = "embargo"
    DOSSIER = "dossier"
    ORIGIN = "origin"


_LIST_UNITS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """Hold what a person typed beside the fields of a form."""

    origin: str = ""
    dossier: str = ""
    embargo: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """Hold it as it was understood: whose words, our ids of dossiers, the moment at which the embargo ends."""

    origin: str = ""
    dossier_ids: Sequence[int] = ()
    embargo_until: datetime | None = None

    def context(self) -> dict[str, Any]:
        """Return it as the context of a form keeps it."""
        until = self.embargo_until.isoformat() if self.embargo_until is not None else None
        return {"origin": self.origin, "dossiers": list(self.dossier_ids), "embargo": until}


class BesidesError(Exception):
    """Say that what was `asked` for cannot be; `typed` is all that was typed, `error` what the person is told."""

    def __init__(self, asked: Asked, typed: Besides, error: UserError) -> None:
        super().__init__(asked)
        self.asked = asked
        self.typed = typed
        self.error = error

    def context(self, context: Mapping[str, Any], items: str) -> dict[str, Any]:
        """Return the context of a form that asks for it again, made from the one that it was refused with."""
        return {**context, "asks": self.asked, "typed": dataclasses.asdict(self.typed), "items": items}

    def values(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the values of that form."""
        return {**values, self.asked: getattr(self.typed, self.asked)}


async def understand(app: App, visitor: Visit, typed: Besides) -> Understood:
    """Return what was typed as it is understood now; raises BesidesError for the first of them that cannot be."""
    asked = Asked.EMBARGO
    try:
        ends = ends_of(app, visitor, typed.embargo)
        if ends is not None:  # "tomorrow" is to mean that day when the form is sent, too
            local = ends.moment.astimezone(zone_of(app, visitor))
            typed = dataclasses.replace(typed, embargo=f"{local:%Y-%m-%d %H:%M}")
        asked = Asked.DOSSIER
        dossiers = await chosen_dossiers(app, visitor, typed.dossier)
        asked = Asked.ORIGIN
        read_text(typed.origin, TooLong.ORIGIN)
    except UserError as error:
        raise BesidesError(asked, typed, error) from error
    return Understood(typed.origin, [found.id for found in dossiers], ends.moment if ends is not None else None)


async def besides_of(
    app: App, visitor: Visit, context: Mapping[str, Any], values: Mapping[str, str]
) -> tuple[Understood, str]:
    """Return what a form that was sent holds beside its own fields, and what was typed of watch items.

    Raises BesidesError where what it asked for again still cannot be.
    """
    if not context.get("asks"):
        return Understood(context.get("origin") or "", context.get("dossiers", ()), embargo_of(context)), values[
            "items"
        ]
    asked = Asked(context["asks"])
    typed = Besides(**{**context["typed"], asked.value: values[asked]})
    return await understand(app, visitor, typed), context.get("items", "")


def last_field(texts: Texts, context: Mapping[str, Any]) -> TextInputSpec:
    """Return the field that a form has for watch items, or for what it asks for again."""
    about = {
        Asked.EMBARGO: texts("opt-embargo"),
        Asked.DOSSIER: texts("opt-dossiers"),
        Asked.ORIGIN: texts("opt-said-origin"),
    }
    asks = context.get("asks")
    return TextInputSpec(
        key=asks or "items",
        label=_labels(texts)[asks] if asks else texts("form-items"),
        description=about[asks] if asks else texts("form-items-about"),
        required=False,
        max_length=MOST_CHARS[TooLong.ORIGIN] if asks == Asked.ORIGIN else _LIST_UNITS,
    )


async def give_back_form(
    interaction: discord.Interaction,
    visitor: Visit,
    form: type[Form],
    typed: Besides,
    values: Mapping[str, str],
    error: UserError | BesidesError,
    file: Fingerprint | None = None,
) -> None:
    """Say why a command was refused, with what was typed and a button that opens it as a form; `file` stays with it."""
    texts = visitor.texts
    context: dict[str, Any] = {"file": dataclasses.asdict(file) if file is not None else None}
    refused = error if isinstance(error, BesidesError) else None
    told = [] if isinstance(error, BesidesError) else [texts.error(error)]
    if refused is None:
        try:
            context |= (await understand(app_of(interaction), visitor, typed)).context()
        except BesidesError as also:
            refused = also
    given = dict(values)
    labels = _labels(texts)
    more = [Typed(label, getattr(typed, name)) for name, label in labels.items()]
    if refused is not None:
        told.append(texts.error(refused.error))
        context, given = refused.context(context, values["items"]), refused.values(values)
        more = [field for field in more if field.label != labels[refused.asked]]
        more.append(Typed(texts("form-items"), values["items"]))
    await refuse_with_draft(interaction, form, context, given, "\n".join(told), more=more)


def _labels(texts: Texts) -> dict[str, str]:
    return {
        Asked.ORIGIN: texts("form-said-origin"),
        Asked.DOSSIER: texts("form-dossier"),
        Asked.EMBARGO: texts("form-embargo"),
    }
