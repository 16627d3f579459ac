"""What people do with a notice under its announcement: no command but buttons, and the selects that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs import _follow, _take

if TYPE_CHECKING:
    from bot.client import Client


async def setup(bot: Client) -> None:
    """Add the buttons and the selects."""
    bot.add_dynamic_items(*_take.COMPONENTS, *_follow.COMPONENTS)
