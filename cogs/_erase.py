"""`/tip erase`: what goes and what stays is said first; then a button erases, once, after a restart too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.models import Tip
from bot.storage.custody.erasing import Exported
from bot.tips import erasing
from bot.tips.erasing import Reach
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, Reads
from cogs._replies import WARNING_COLOUR, respond, sheet
from cogs._tip_replies import standing_tip

NAMED: Final = 8
"""How many facts, backups or exports are named before the others are counted."""

ERASED: Final = "tip-erased"
"""Why an erased tip cannot be had."""

_AT_THE_TERMINAL: Final = "cli:"


class TipErase(GatedButton, template=r"tip-erase:(?P<tip>\d{1,18})"):
    """Erase a tip; whoever presses it later reads that it was."""

    action = Action.TIP_ERASE
    reads: ClassVar[Reads] = (int,)

    def __init__(self, tip_id: int, label: str, custom_id: str | None = None) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=label, custom_id=custom_id or f"tip-erase:{tip_id}", style=style))
        self.tip_id = tip_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Erase the tip, have its messages deleted, and say what could not be reached."""
        app, visitor = app_of(interaction), await visit(interaction)
        try:
            tip = await standing_tip(app, visitor, self.tip_id)
        except UserError as error:
            if error.text != ERASED:
                raise
            await admit(interaction, Action.TIP_ERASE)
        else:
            await admit(interaction, Action.TIP_ERASE, thing=tip)
        # A large log takes a while to be cleared of a tip's words.
        await interaction.response.defer()
        await _erase(interaction, visitor, self.tip_id)


async def say_erased(interaction: discord.Interaction, error: UserError) -> None:
    """Answer who erases a tip that was erased before with what that does not reach until now.

    `error` is why the tip cannot be had; it is raised where that is another reason.
    """
    if error.text != ERASED:
        raise error
    await _erase(interaction, await admit(interaction, Action.TIP_ERASE), int(error.values["id"]))


async def _erase(interaction: discord.Interaction, visitor: Visit, tip_id: int) -> None:
    """Erase a tip unless that was done, and say what could not be reached."""
    app, texts = app_of(interaction), visitor.texts
    erased = await erasing.erase(app.database, visitor.viewer, tip_id, app.clock.now())
    app.delivery.wake()
    beyond = list(_beyond(texts, erased.reach))
    if not erased.is_emptied:
        beyond.append(texts("tip-erase-log-held"))
    if erased.is_first:
        lines = _lines(texts, texts("tip-erase-gone-title"), erased.reach, beyond)
        await respond(interaction, embed=sheet(texts("tip-erase-done-title", id=tip_id), lines))
        return
    told = texts("tip-erased", id=tip_id, person=erased.tip.erased_by, at=erased.tip.erased_at)
    lines = [f"**{texts('tip-erase-beyond-title')}**", *(f"- {line}" for line in beyond)]
    await respond(interaction, told, embed=sheet(texts("tip-erase-done-title", id=tip_id), lines))


async def ask_to_erase(
    interaction: discord.Interaction, visitor: Visit, tip: Tip, button: Callable[[int, str], TipErase] = TipErase
) -> None:
    """Say what goes with a tip and what cannot be reached, with the button that erases it."""
    app, texts = app_of(interaction), visitor.texts
    reach = await erasing.reach_of(app.database, visitor.viewer, tip.id)
    lines = [
        texts("tip-erase-before"),
        *_lines(texts, texts("tip-erase-goes-title"), reach, list(_beyond(texts, reach))),
    ]
    view = ui.View(timeout=None)
    view.add_item(button(tip.id, texts("button-tip-erase")))
    title = texts("tip-erase-title", id=tip.id)
    await respond(interaction, embed=sheet(title, lines, colour=WARNING_COLOUR), view=view)


def _lines(texts: Texts, title: str, reach: Reach, beyond: Sequence[str]) -> list[str]:
    goes = [texts.plural("tip-erase-versions", reach.versions), texts("tip-erase-forms"), texts("tip-erase-digests")]
    reachable = sum(message.is_reachable for message in reach.messages)
    if reachable:
        goes.append(texts.plural("tip-erase-messages", reachable))
    return [
        f"**{title}**",
        *(f"- {line}" for line in goes),
        texts("tip-erase-stays"),
        f"**{texts('tip-erase-beyond-title')}**",
        *(f"- {line}" for line in beyond),
    ]


def _beyond(texts: Texts, reach: Reach) -> Iterator[str]:
    """Yield what an erasure does not reach, the nearest first."""
    blocked = [message for message in reach.messages if not message.is_reachable]
    yield from _some(
        texts,
        [texts("tip-erase-blocked", code=message.code, channel=message.place.channel_id) for message in blocked],
    )
    digests = [texts("tip-erase-digest", code=one.code, channel=one.place.channel_id) for one in reach.digests]
    yield from _some(texts, digests)
    yield from _some(texts, [texts("tip-erase-fact", id=fact_id) for fact_id in reach.facts])
    backups = [
        texts("tip-erase-backup" if one.is_finished else "tip-erase-backup-begun", name=one.path.name, at=one.made_at)
        for one in reach.backups
    ]
    yield from _some(texts, backups)
    copies = [
        texts("tip-erase-copy", name=copy.name, at=copy.made_at)
        if copy.goes_at is None
        else texts("tip-erase-copy-goes", name=copy.name, at=copy.made_at, day=texts.day(copy.goes_at))
        for copy in reach.copies
    ]
    yield from _some(texts, copies)
    yield from _some(texts, [_export(texts, one) for one in reach.exports])
    yield texts("tip-erase-colleagues")
    yield texts("tip-erase-discord")


def _export(texts: Texts, export: Exported) -> str:
    if export.made_by.isdecimal():
        return texts("tip-erase-export", person=export.made_by, at=export.made_at)
    person = export.made_by.removeprefix(_AT_THE_TERMINAL)
    return texts("tip-erase-export-terminal", person=person, at=export.made_at)


def _some(texts: Texts, lines: Sequence[str]) -> Iterator[str]:
    """Yield the last lines, the newest, and how many others there are."""
    yield from lines[-NAMED:]
    if len(lines) > NAMED:
        yield texts.plural("and-others", len(lines) - NAMED)
