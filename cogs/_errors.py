"""The command edge: whatever a command, a button or a form raises ends here, as a sentence or as a reference."""

from __future__ import annotations

import logging

import discord
from discord import app_commands

from bot.errors import QueryError, UserError, log_reference
from bot.locales import Texts
from bot.markup import plain
from cogs._caller import texts_of_error
from cogs._replies import respond

log = logging.getLogger(__name__)

ALREADY_ANSWERED = 40060
UNKNOWN_INTERACTION = 10062
SHOWN_QUERY = 60
"""Characters of a wrong query that are shown on either side of the faulty one."""

_OUTDATED = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)


async def answer_error(interaction: discord.Interaction, error: Exception) -> None:
    """Tell the person what to do; log what is not theirs to mend, whole, under the reference that they are shown."""
    cause = getattr(error, "original", error)
    if isinstance(cause, discord.HTTPException) and cause.code in {ALREADY_ANSWERED, UNKNOWN_INTERACTION}:
        log.warning("interaction %d came to nothing: %s", interaction.id, cause)
        return
    await reply(interaction, sentence_of(texts_of_error(interaction), cause))


def sentence_of(texts: Texts, error: BaseException) -> str:
    """Return what a person is told of an error; one that is not theirs to mend is logged whole, under a reference."""
    if isinstance(error, QueryError):
        return f"{texts.error(error)}\n{shown_query(error)}"
    if isinstance(error, UserError):
        return texts.error(error)
    if isinstance(error, _OUTDATED):
        log.warning("a command that is no longer ours was used: %s", error)
        return texts("error-outdated-command")
    return texts("error-unexpected", reference=log_reference(log, error))


async def reply(interaction: discord.Interaction, text: str) -> None:
    """Answer in private, whether or not something was promised before; a lost interaction is only logged."""
    promised = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        elif interaction.response.is_done() and not promised:
            await interaction.followup.send(text, ephemeral=True)
        else:
            await respond(interaction, text)
    except discord.HTTPException as error:
        if error.code not in {ALREADY_ANSWERED, UNKNOWN_INTERACTION}:
            raise
        log.warning("interaction %d could not be answered: %s", interaction.id, error)


def shown_query(error: QueryError) -> str:
    """Return the wrong query in a code block, with a caret below the place; a long one is shown around it."""
    start = max(0, error.position - SHOWN_QUERY)
    before, after = error.query[start : error.position], error.query[error.position :][:SHOWN_QUERY]
    # One character stays one, so that the caret stands where it should.
    line = "".join(sign if plain(sign) or sign == " " else " " for sign in before + after).replace("`", "'")
    return f"```\n{line}\n{' ' * len(before)}^\n```"
