"""What the buttons under an announcement share: the code in their custom_id, and the hits that the message shows."""

from __future__ import annotations

import re
from typing import ClassVar, Self

import discord
from discord import ui

from bot.markup import plain
from bot.models import Announcement, WatchItem
from bot.storage.database import Connection
from bot.storage.outbox import announcements
from bot.storage.watching import hits, watchlist
from bot.storage.watching.hits import StoredHit
from cogs._gate import Gated

CODE = r"(?P<code>[0-9A-Z]{4}-[0-9A-Z]{4})"
"""The code of an announcement, as it stands in a custom_id."""

_LABEL_UNITS = 80


class AnnouncementButton(Gated[ui.Button[ui.View]], template=r"(?!)"):
    """Be a gated button under an announcement, which its code names; a subclass gives the `name` of its custom_id."""

    name: ClassVar[str]

    def __init__(self, code: str, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, _LABEL_UNITS), custom_id=f"{self.name}:{code}"))
        self.code = code

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        return cls(match["code"], getattr(item, "label", None) or "…")


async def live_hits(connection: Connection, announcement: Announcement) -> list[tuple[StoredHit, WatchItem]]:
    """Return the hits that an announcement shows, else those of the one that it continues, of items that are live."""
    shown: Announcement | None = announcement
    while shown is not None:
        found = await hits.of_announcement(connection, shown.guild_id, shown.id, shown.due_revision)
        if found:
            items = [await watchlist.find(connection, shown.guild_id, stored.hit.item or 0) for stored in found]
            pairs = zip(found, items, strict=True)
            return [(stored, item) for stored, item in pairs if item is not None and item.removed_at is None]
        follows = shown.follows
        shown = await announcements.get(connection, shown.guild_id, follows) if follows is not None else None
    return []
