"""The buttons of a card as Discord shows them; each carries all it needs in its custom_id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from discord import ui

from bot.cards import (
    ERASE_TIP,
    FOLLOW,
    GIVE_BACK,
    KEEP_TIP,
    LOG_FACT,
    MUTE,
    NOT_THIS,
    TAKE,
    UNFOLLOW,
    Button,
    Card,
)
from cogs._announcement_buttons import AnnouncementButton
from cogs._follow import FollowButton, UnfollowButton
from cogs._keep import EraseButton, KeepButton
from cogs._log_of_message import LogFact
from cogs._mute import MuteButton
from cogs._not_this_one import NotThisButton
from cogs._take import GiveBackButton, TakeButton

_OF_ANNOUNCEMENTS: Final[Mapping[str, type[AnnouncementButton]]] = {
    LOG_FACT: LogFact,
    TAKE: TakeButton,
    GIVE_BACK: GiveBackButton,
    NOT_THIS: NotThisButton,
    MUTE: MuteButton,
}
_WITH_THEIR_OWN: Final[Mapping[str, type[KeepButton | EraseButton | FollowButton | UnfollowButton]]] = {
    KEEP_TIP: KeepButton,
    ERASE_TIP: EraseButton,
    FOLLOW: FollowButton,
    UNFOLLOW: UnfollowButton,
}


def view_of(card: Card) -> ui.View | None:
    """Return the buttons of a card, None when it has none; raises LookupError for an action that no button does."""
    if not card.buttons:
        return None
    view = ui.View(timeout=None)
    for button in card.buttons:
        view.add_item(_component(button))
    return view


def _component(button: Button) -> AnnouncementButton | KeepButton | EraseButton | FollowButton | UnfollowButton:
    if button.action in _OF_ANNOUNCEMENTS:
        return _OF_ANNOUNCEMENTS[button.action](button.argument, button.label)
    if button.action in _WITH_THEIR_OWN:
        return _WITH_THEIR_OWN[button.action].labelled(button.argument, button.label)
    raise LookupError(f"no button does {button.action!r}")
