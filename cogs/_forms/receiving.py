"""How a form that was sent is taken: its draft found, its person judged again, its end one of three."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord

from bot.access import Action
from bot.errors import UserError
from bot.markup import plain
from bot.storage.log import drafts
from bot.storage.log.drafts import Draft
from cogs._caller import admit, app_of, visit
from cogs._errors import ALREADY_ANSWERED, UNKNOWN_INTERACTION, answer_error, sentence_of
from cogs._forms.form import Form, Sent, named_in, registered, sent_fields
from cogs._forms.opening import find_draft, gone, mark_sent
from cogs._forms.refusal import Typed, refuse, typed_fields

log = logging.getLogger(__name__)

FORM_GONE: Final = "form-gone"
"""Why a form is refused that was emptied though it was about no tip: what was typed is given back, and kept nowhere."""


async def receive(interaction: discord.Interaction) -> None:
    """Take a form that was sent, before or after a restart, and answer whatever comes of it."""
    try:
        await _receive(interaction)
    except Exception as error:  # noqa: BLE001  # the command edge
        await answer_error(interaction, error)


async def _receive(interaction: discord.Interaction) -> None:
    data: Mapping[str, Any] = interaction.data or {}
    sent = list(sent_fields(data.get("components")))
    name, draft_id = named_in(str(data.get("custom_id"))) or ("", 0)
    kind = registered().get(name)
    if kind is None:
        await _give_up(interaction, Action.HELP, UserError("error-outdated-command"), sent)
        return
    try:
        draft = await find_draft(interaction, draft_id)
    except UserError as error:
        # The words of others' tips that stood in it are in no form any more; what else was typed is its person's own.
        await _give_up(interaction, kind.action, error, sent if error.text == FORM_GONE else [])
        return
    if draft is None or draft.form != name:
        reason = gone(interaction, draft_id)
        await _give_up(interaction, kind.action, reason, sent if reason.text == "form-expired" else [])
        return
    mark_sent(interaction, draft)
    form, found = kind(), {field.key: field.value for field in sent}
    texts = (await visit(interaction)).texts
    values = {spec.key: found.get(spec.key, "") for spec in form.inputs(texts.through(plain), draft.context)}
    try:
        visitor = await admit(interaction, form.action)
        await form.submit(interaction, visitor, draft, values)
    except Exception as error:  # noqa: BLE001  # the command edge
        await _refuse_sent(interaction, form, draft, values, error)
        return
    async with app_of(interaction).database.tx("form.sent") as connection:
        await drafts.consume(connection, draft.guild_id, draft.person, draft.id)


async def _give_up(interaction: discord.Interaction, action: Action, error: UserError, sent: Iterable[Sent]) -> None:
    """Answer a form of which we know no more than what was typed: that is given back, without its labels."""
    texts = (await admit(interaction, action)).texts
    fields = [Typed(None, field.value) for field in sent if field.is_typed]
    await refuse(interaction, texts, texts.error(error), fields, draft=None)


async def _refuse_sent(
    interaction: discord.Interaction, form: Form, draft: Draft, values: Mapping[str, str], error: Exception
) -> None:
    """Answer a form that came to nothing, without losing what was typed; one that was stored has nothing to lose."""
    kept: Draft | None = draft
    try:
        async with app_of(interaction).database.tx("form.refused") as connection:
            is_there = await drafts.keep(connection, draft.guild_id, draft.person, draft.id, values)
    except sqlite3.Error as failure:
        log.warning("a refused form could not be kept: %s", type(failure).__name__)
        is_there, kept = True, None
    is_lost = isinstance(error, discord.HTTPException) and error.code in {ALREADY_ANSWERED, UNKNOWN_INTERACTION}
    if isinstance(error, UserError) and error.text == FORM_GONE:
        is_there, kept = True, None
    if is_lost or not is_there:
        await answer_error(interaction, error)
        return
    texts = (await visit(interaction)).texts
    fields = typed_fields(form, texts, draft.context, values)
    await refuse(interaction, texts, sentence_of(texts, error), fields, draft=kept)
