"""How a form, or a command, is refused without loss: the sentence, what was typed, and the way back into the form."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.locales import Texts
from bot.markup import clean, cut, plain, utf16_len
from bot.storage.log.drafts import Draft
from cogs._caller import visit
from cogs._forms.form import Form, Input, TextInputSpec
from cogs._forms.opening import Reopen, add_draft
from cogs._replies import CONTENT_UNITS, WARNING_COLOUR, respond

EMBED_UNITS = 4_000
EXTRA_UNITS = 1_500

_FENCES = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Typed:
    """Hold what a person typed into a field; `label` is None where it is not known, `most` where nothing limits it."""

    label: str | None
    text: str
    most: int | None = None


async def refuse_with_draft(
    interaction: discord.Interaction,
    form: type[Form],
    context: Mapping[str, Any],
    values: Mapping[str, str],
    error_text: str,
    *,
    extra_lines: Iterable[str] = (),
    more: Sequence[Typed] = (),
) -> None:
    """Answer a refusal that gives back what was typed, with a button that opens a form filled in with it.

    `error_text` and `extra_lines` are markdown, cleaned before; at most 1,500 units of the lines are shown. `more` was
    typed and is in the context, in no field of the form.
    """
    visitor = await visit(interaction)
    draft = await add_draft(interaction, visitor, form, context, values) if visitor.newsroom is not None else None
    fields = [*typed_fields(form(), visitor.texts, context, values), *more]
    await refuse(interaction, visitor.texts, error_text, fields, draft=draft, extra_lines=extra_lines)


async def refuse(
    interaction: discord.Interaction,
    texts: Texts,
    error_text: str,
    fields: Sequence[Typed],
    *,
    draft: Draft | None,
    extra_lines: Iterable[str] = (),
) -> None:
    """Answer in private with a sentence and what was typed; with a draft, a button leads back into its form."""
    extra = "\n".join(extra_lines)
    # Five long texts take up to 40 ms to clean.
    embed = await asyncio.to_thread(_sheet, texts, fields, extra, can_reopen=draft is not None)
    view = None
    if draft is not None:
        view = ui.View(timeout=None)
        view.add_item(Reopen(draft.id, texts("button-reopen")))
    promised = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
    if not interaction.response.is_done() or promised:
        await respond(interaction, error_text, embed=embed, view=view)
        return
    await interaction.followup.send(
        cut(error_text, CONTENT_UNITS),
        embed=embed if embed is not None else discord.utils.MISSING,
        view=view if view is not None else discord.utils.MISSING,
        ephemeral=True,
    )


def typed_fields(form: Form, texts: Texts, context: Mapping[str, Any], values: Mapping[str, str]) -> list[Typed]:
    """Return what was typed into a form, or given for it, field by field."""
    return [_typed(spec, values.get(spec.key, "")) for spec in form.inputs(texts.through(plain), context)]


def _typed(spec: Input, value: str) -> Typed:
    if isinstance(spec, TextInputSpec):
        return Typed(spec.label, value, spec.most)
    labels = {option.value: option.label for option in spec.options}
    return Typed(spec.label, labels.get(value, value))


def _sheet(texts: Texts, fields: Sequence[Typed], extra: str, *, can_reopen: bool) -> discord.Embed | None:
    """Return what was typed, below what else there is to say; None when there is nothing of either."""
    parts = [cut(extra, EXTRA_UNITS)] if extra else []
    filled = [(typed, _FENCES.sub(_as_accents, plain(typed.text, newlines=True))) for typed in fields]
    filled = [(typed, text) for typed, text in filled if text]
    if filled:
        heads = [f"**{clean(typed.label)}**\n" if typed.label is not None else "" for typed, _ in filled]
        notes = [
            texts.plural("form-end-missing", typed.most, label=str(typed.label))
            for typed, _ in filled
            if can_reopen and typed.most is not None and utf16_len(typed.text) > typed.most
        ]
        heading, is_cut_here = texts("form-typed"), texts("form-cut")
        rest = [*parts, heading, *heads, *notes, is_cut_here, *(_blocks("") for _ in filled)]
        room = EMBED_UNITS - sum(utf16_len(part) + 2 for part in rest)
        shares = _shares([utf16_len(text) for _, text in filled], room)
        shown = [cut(text, share) for (_, text), share in zip(filled, shares, strict=True)]
        if can_reopen and not notes and shown != [text for _, text in filled]:
            notes = [is_cut_here]
        parts += [heading, *(f"{head}{_blocks(text)}" for head, text in zip(heads, shown, strict=True)), *notes]
    return discord.Embed(description="\n\n".join(parts), colour=WARNING_COLOUR) if parts else None


def _blocks(text: str) -> str:
    """Return a text in a code block, where Discord shows every sign as it was typed and makes nothing of it."""
    return f"```\n{text}\n```"


def _as_accents(fence: re.Match[str]) -> str:
    """Return what would end a code block as signs that read alike."""
    return "\u02cb" * len(fence[0])


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """Return how much of a room each text gets: all that it needs, or as much as the other long ones."""
    shares = [0] * len(lengths)
    for place, index in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        shares[index] = min(lengths[index], room // (len(lengths) - place))
        room -= shares[index]
    return shares
