"""The buttons of a card as Discord shows them; each carries all it needs in its custom_id."""

from __future__ import annotations

from discord import ui

from bot.cards import ERASE_TIP, KEEP_TIP, LOG_FACT, MUTE, NOT_THIS, Button, Card
from cogs._keep import EraseButton, KeepButton
from cogs._log_of_message import LogFact
from cogs._mute import MuteButton
from cogs._not_this_one import NotThisButton


def view_of(card: Card) -> ui.View | None:
    """Return the buttons of a card, None when it has none; raises LookupError for an action that no button does."""
    if not card.buttons:
        return None
    view = ui.View(timeout=None)
    for button in card.buttons:
        view.add_item(_component(button))
    return view


def _component(button: Button) -> LogFact | NotThisButton | MuteButton | KeepButton | EraseButton:
    if button.action == LOG_FACT:
        return LogFact(button.argument, button.label)
    if button.action == NOT_THIS:
        return NotThisButton(button.argument, button.label)
    if button.action == MUTE:
        return MuteButton(button.argument, button.label)
    if button.action == KEEP_TIP:
        return KeepButton.labelled(button.argument, button.label)
    if button.action == ERASE_TIP:
        return EraseButton.labelled(button.argument, button.label)
    raise LookupError(f"no button does {button.action!r}")
