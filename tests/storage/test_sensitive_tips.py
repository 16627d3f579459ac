"""What a query shows of sensitive tips is what the table of access says."""

from __future__ import annotations

import pytest

from bot.access import Viewer, sees
from bot.models import Tip, TipFilter, TipWords
from bot.storage import tips
from bot.storage.database import Database
from tests.factories import GUILD, START, add_newsroom

THERE = 3001
AUTHOR, OWNER, OTHER = 7, 8, 9

VIEWERS = {
    f"{name}{' who sees all' if sees_all else ''} {place}": Viewer(guild_id=guild_id, user_id=user, sees_all=sees_all)
    for name, user in (("author", AUTHOR), ("owner", OWNER), ("other", OTHER))
    for sees_all in (False, True)
    for place, guild_id in (("here", GUILD), ("there", THERE))
}

every_viewer = pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)


@pytest.fixture
async def heard(database: Database) -> list[Tip]:
    """Store tips of two newsrooms, sensitive or not, assigned or not."""
    for guild_id in (GUILD, THERE):
        await add_newsroom(database, guild_id, channel=guild_id + 1, operations=None)
    stored = []
    async with database.tx("test.tips") as connection:
        for guild_id in (GUILD, THERE):
            for is_sensitive in (False, True):
                words = TipWords(text="La ville paierait deux fois", is_sensitive=is_sensitive)
                stored.append(await tips.add(connection, guild_id, words, AUTHOR, START))
                assigned = await tips.add(connection, guild_id, words, AUTHOR, START)
                stored.append(await tips.assign(connection, assigned, OWNER, AUTHOR, START))
    return stored


@every_viewer
async def test_a_tip_is_found_by_those_who_may_know_of_it(database: Database, heard: list[Tip], viewer: Viewer) -> None:
    async with database.read() as connection:
        found = {tip.id for tip in heard if await tips.find(connection, viewer, tip.id) is not None}
    assert found == {tip.id for tip in heard if sees(viewer, tip)}


@every_viewer
async def test_tips_are_listed_for_those_who_may_know_of_them(
    database: Database, heard: list[Tip], viewer: Viewer
) -> None:
    async with database.read() as connection:
        listed = await tips.listed(connection, viewer, TipFilter())
    assert sorted(listed, key=lambda tip: tip.id) == [tip for tip in heard if sees(viewer, tip)]


@every_viewer
async def test_tips_are_counted_for_those_who_may_know_of_them(
    database: Database, heard: list[Tip], viewer: Viewer
) -> None:
    async with database.read() as connection:
        counted = await tips.count(connection, viewer, TipFilter())
    assert counted == sum(sees(viewer, tip) for tip in heard)
