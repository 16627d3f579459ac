"""What people say of a fact: verified, disputed, retracted; and what they typed given back where that is refused."""

from __future__ import annotations

from typing import Final

import discord
from discord import ui

from bot.access import Action
from bot.entering import read_reason
from bot.errors import UserError
from bot.facts import changes
from bot.facts.changes import Changed, FactCorrectedError
from bot.models import Fact, FactChangeKind
from bot.storage.log import drafts
from cogs._caller import Visit, admit, app_of, visit
from cogs._fact_replies import changed_reply, fact_lines, standing
from cogs._forms.opening import find_draft, gone
from cogs._forms.refusal import Typed, refuse
from cogs._gate import GatedButton
from cogs._replies import respond

DRAFT: Final = "fact-verify"
"""The form under whose name a verification is kept that waits for its person to see the version that stands."""


class FactVerify(GatedButton, template=r"fact-verify:(?P<draft>\d{1,18})"):
    """Verify the version of a fact that a person was shown."""

    action = Action.FACT_VERIFY
    reads = (int,)

    def __init__(self, draft_id: int, label: str) -> None:
        custom_id = f"fact-verify:{draft_id}"
        super().__init__(ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.success))
        self.draft_id = draft_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Verify it, with the reason that was given before, if any."""
        visitor = await visit(interaction)
        draft = await find_draft(interaction, self.draft_id)
        if draft is None or draft.form != DRAFT:
            raise gone(interaction, self.draft_id)
        fact, _ = await standing(app_of(interaction), visitor, int(draft.context["fact"]))
        await admit(interaction, Action.FACT_VERIFY, thing=fact)
        reason = draft.values.get("reason")
        await verify_fact(interaction, visitor, fact, reason, seen=int(draft.context["seen"]), draft=draft.id)


async def verify_fact(
    interaction: discord.Interaction,
    visitor: Visit,
    fact: Fact,
    reason: str | None,
    *,
    seen: int | None = None,
    draft: int | None = None,
) -> None:
    """Verify a fact and say so; where its version was made lately by somebody else, show it first, with a button.

    `seen` is the version that the person had before them, None where a command named the fact only.
    """
    app, texts = app_of(interaction), visitor.texts
    try:
        why = read_reason(reason) if reason is not None else None
        changed = await changes.verify(
            app.database, visitor.viewer, fact.id, app.clock.now(), reason=why, seen=seen, draft=draft
        )
    except FactCorrectedError as error:
        await _show_unseen(interaction, visitor, error, reason)
        return
    except UserError as error:
        await give_back(interaction, visitor, error, reason=reason)
        return
    text = texts("fact-verified-overruled" if changed.overruled else "fact-verified", id=fact.id)
    if reason is not None and not changed.overruled:
        text = f"{text} {texts('fact-reason-unused')}"
    await _said(interaction, visitor, text, changed)


async def mark_fact(
    interaction: discord.Interaction, visitor: Visit, fact: Fact, change: FactChangeKind, reason: str
) -> None:
    """Note that a fact is disputed or retracted, and say so."""
    app = app_of(interaction)
    is_retracted = change is FactChangeKind.RETRACTED
    act = changes.retract if is_retracted else changes.dispute
    try:
        changed = await act(app.database, visitor.viewer, fact.id, read_reason(reason), app.clock.now())
    except UserError as error:
        await give_back(interaction, visitor, error, reason=reason)
        return
    text = visitor.texts("fact-retracted" if is_retracted else "fact-disputed", id=fact.id)
    await _said(interaction, visitor, text, changed)


async def give_back(interaction: discord.Interaction, visitor: Visit, error: UserError, **typed: str | None) -> None:
    """Say why a command was refused, with what was typed, each under the name that it has in the forms."""
    texts = visitor.texts
    labels = {
        "source": texts("form-source"),
        "origin": texts("form-said-origin"),
        "quote": texts("form-quote"),
        "claim": texts("form-claim"),
        "date": texts("form-date"),
        "reason": texts("form-reason"),
    }
    fields = [Typed(labels[name], text) for name, text in typed.items() if text]
    await refuse(interaction, texts, texts.error(error), fields, draft=None)


async def _show_unseen(
    interaction: discord.Interaction, visitor: Visit, error: FactCorrectedError, reason: str | None
) -> None:
    """Show the version that was made lately, with a button that verifies it."""
    app, texts, fact = app_of(interaction), visitor.texts, error.fact
    now = app.clock.now()
    async with app.database.tx("fact.unseen") as connection:
        await drafts.purge(connection, now - drafts.KEPT)
        draft = await drafts.add(
            connection,
            visitor.guild_id,
            visitor.caller.user_id,
            DRAFT,
            context={"fact": fact.id, "seen": fact.revision},
            values={"reason": reason} if reason is not None else {},
            now=now,
        )
    view = ui.View(timeout=None)
    view.add_item(FactVerify(draft.id, texts("button-verify-this")))
    text = "\n".join([texts.error(error), *fact_lines(texts, fact)])
    await respond(interaction, text, view=view)


async def _said(interaction: discord.Interaction, visitor: Visit, text: str, changed: Changed) -> None:
    app_of(interaction).delivery.wake()
    await changed_reply(interaction, visitor, text, changed)
