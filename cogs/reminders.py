"""What the bot could not tell a person in private, told when they next use it; and the buttons of reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.locales import Texts
from bot.models import Reminded, ReminderReason
from bot.storage.outbox import diverted
from cogs import _keep
from cogs._caller import app_of, visit
from cogs._errors import answer_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.client import Client

MOST = 100
"""How many reminders one reply names: so many numbers fit Discord's 2,000 characters."""
_ASKED = frozenset({ReminderReason.KEEP, ReminderReason.UNANSWERED, ReminderReason.WISH})


class Reminders(commands.Cog):
    """Hold the listener."""

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction, _command: object) -> None:
        """Tell who used a command what waits for them, to them alone; under a form there is no place for it."""
        if interaction.guild_id is None or interaction.response.type is discord.InteractionResponseType.modal:
            return
        try:
            await _tell(interaction)
        except Exception as error:  # noqa: BLE001  # the command edge
            await answer_error(interaction, error)


async def _tell(interaction: discord.Interaction) -> None:
    app, visitor = app_of(interaction), await visit(interaction)
    guild_id, person = visitor.guild_id, visitor.caller.user_id
    async with app.database.read() as connection:
        untold = await diverted.untold(connection, guild_id, person)
    if not untold:
        return
    shown = untold[:MOST]
    await interaction.followup.send("\n".join(_lines(visitor.texts, shown, len(untold))), ephemeral=True)
    async with app.database.tx("reminding.told") as connection:
        await diverted.tell(connection, guild_id, shown, app.clock.now())


def _lines(texts: Texts, untold: Sequence[Reminded], number: int) -> Iterator[str]:
    """Yield what is said of the first of a number of reminders."""
    yield texts.plural("reminder-untold", number)
    facts = [str(one.fact_id) for one in untold if one.fact_id is not None]
    kept = [str(one.tip_id) for one in untold if one.reason in _ASKED]
    left = [str(one.tip_id) for one in untold if one.reason is ReminderReason.LEFT]
    resting = [str(one.tip_id) for one in untold if one.reason is ReminderReason.REST]
    if resting:
        yield texts.plural("reminder-untold-tips", len(resting), ids=resting)
    if left:
        yield texts.plural("reminder-untold-left", len(left), ids=left)
    if kept:
        yield texts.plural("reminder-untold-keep", len(kept), ids=kept)
    if facts:
        yield texts.plural("reminder-untold-facts", len(facts), ids=facts)
    if number > len(untold):
        yield texts.plural("reminder-untold-more", number - len(untold))
    yield texts("reminder-open-private")


async def setup(bot: Client) -> None:
    """Add the listener and the buttons of reminders."""
    bot.add_dynamic_items(*_keep.COMPONENTS)
    await bot.add_cog(Reminders())
