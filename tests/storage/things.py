"""One thing of each kind that a dossier gathers, of any newsroom."""

from __future__ import annotations

from bot.models import Citation, CitationKind, Claim, ThingKind, TipWords
from bot.storage.database import Database
from bot.storage.log import facts, tips
from tests.factories import GUILD, START, add_item, make_item

BY = 7


async def add_thing(database: Database, kind: ThingKind, guild_id: int = GUILD, name: str = "drone") -> int:
    """Store a watch item, a tip or a fact and return its id."""
    if kind is ThingKind.ITEM:
        item = await add_item(database, make_item(name, guild_id=guild_id))
        assert item.id is not None
        return item.id
    async with database.tx("test.thing") as connection:
        if kind is ThingKind.TIP:
            return (await tips.add(connection, guild_id, TipWords(text=name), BY, START)).id
        citation = Citation(kind=CitationKind.WORDS, title="un témoin")
        return (await facts.add(connection, guild_id, Claim(text=name), [citation], BY, START)).id
