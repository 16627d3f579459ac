"""The list of dossiers page by page, and how the longest names and texts fit on the sheet of a dossier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform
from bot.models import ItemKind, ThingKind, WatchItem
from bot.storage.database import Connection
from bot.storage.log import dossiers
from bot.storage.watching import watchlist
from bot.watchlist.entry import name_key
from tests.cogs.house import House, Room, settings_of

SOURCE = "https://mairie.example/agenda"


@pytest.fixture
async def room(house: House) -> Room:
    return await house.newsroom(house.guild())


async def open_many(house: House, room: Room, number: int) -> None:
    async with house.app.database.tx("test") as connection:
        for one in range(1, number + 1):
            name, now = f"Dossier {one:02}", house.clock.now()
            await dossiers.add(connection, room.guild.id, name, name.casefold(), None, room.reporter.id, now)


async def test_ten_dossiers_stand_on_a_page_and_need_no_buttons(house: House, room: Room) -> None:
    await open_many(house, room, 10)
    reply = await room.reporter.slash("dossier list", room.desk)
    assert reply.buttons == []


async def test_the_eleventh_dossier_stands_on_a_second_page(house: House, room: Room) -> None:
    await open_many(house, room, 11)
    first = await room.reporter.slash("dossier list", room.desk)
    assert ("Dossier 10" in first.text, "Dossier 11" in first.text) == (True, False)
    second = await room.reporter.click(first, label="Suivants")
    assert ("Dossier 10" in second.text, "Dossier 11" in second.text) == (False, True)
    assert "11 dossiers" in second.text
    again = await room.reporter.click(second, label="Précédents")
    assert "Dossier 01" in again.text


async def test_the_pages_of_dossiers_turn_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await open_many(house, room, 11)
        reply = await room.reporter.slash("dossier list", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label="Suivants")
        assert "Dossier 11" in turned.text


async def test_one_who_lost_the_role_turns_no_page_of_dossiers(house: House, room: Room) -> None:
    await open_many(house, room, 11)
    reply = await room.reporter.slash("dossier list", room.desk)
    room.reporter.roles.clear()
    refused = await room.reporter.click(reply, label="Suivants")
    assert "rôle de la rédaction" in refused.text
    assert "Dossier 11" not in refused.text


async def test_ten_of_the_longest_names_fit_on_a_page(room: Room) -> None:
    for one in range(10):
        await room.reporter.slash("dossier create", room.desk, name=f"{one}" + "_" * 79)
    reply = await room.reporter.slash("dossier list", room.desk)
    assert [f"({number})" in reply.text for number in range(1, 11)] == [True] * 10


async def test_the_list_is_read_in_as_many_queries_for_many_dossiers_as_for_one(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = Connection.all, Connection.one

    async def every(self: Connection, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await plain[0](self, sql, *values)

    async def single(self: Connection, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await plain[1](self, sql, *values)

    monkeypatch.setattr(Connection, "all", every)
    monkeypatch.setattr(Connection, "one", single)
    numbers = []
    for more in (1, 9):
        for one in range(more):
            await house.dossier(room, f"Dossier {more}-{one}")
        asked.clear()
        await room.reporter.slash("dossier list", room.desk)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] > 0


async def test_the_longest_names_of_items_leave_room_for_facts_and_tips(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    async with house.app.database.tx("test") as connection:
        for number in range(30):
            item = WatchItem(guild_id=room.guild.id, added_by=1, kind=ItemKind.COMPANY, name=f"{number} " + "*_" * 55)
            added = await watchlist.add(connection, item, name_key(item), house.clock.now())
            await dossiers.put(
                connection, room.guild.id, 1, ThingKind.ITEM, added.id or 0, room.reporter.id, house.clock.now()
            )
    for number in range(9):
        long = f"{number} " + "*_~`" * 200
        await room.reporter.slash("fact add", room.desk, claim=long, source=SOURCE, dossier="caméras")
        await room.reporter.slash("tip add", room.desk, text=long, dossier="caméras", sensitive=True)
        await room.editor.slash("tip assign", room.desk, tip=str(number + 1), member=room.reporter)
    reply = await room.reporter.slash("dossier show", room.desk, dossier="caméras")
    for words in ("30 éléments", "9 faits", "9 tuyaux"):
        assert words in reply.text
    shown_ones = [reply.text.count(f"**{number}** ·") for number in range(1, 10)]
    assert shown_ones == [0, *[2] * 8]
    assert reply.text.count("et 1 autre") == 2
