"""`/watch mute` and `/watch unmute`: until the end of a day, confirmed where it was typed in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.loopback import Platform
from bot.models import ItemKind, WatchItem
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE
from tests.cogs.house import House, Room, settings_of

PARIS = ZoneInfo("Europe/Paris")
CONFIRM = "Mettre en sourdine"


@pytest.fixture
async def item(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def next_year(house: House) -> int:
    return house.clock.now().year + 1


async def test_an_iso_date_mutes_at_once_to_the_end_of_that_day_in_the_newsrooms_zone(
    house: House, room: Room, item: WatchItem
) -> None:
    year = next_year(house)
    reply = await room.reporter.slash("watch mute", room.desk, item="caméra", until=f"{year}-03-27")
    assert await house.muted_until(room, item) == local(year, 3, 28)
    assert reply.ephemeral
    assert f"27 mars {year} compris" in reply.text
    assert reply.buttons == ["Annuler"]


@pytest.mark.parametrize(
    ("typed", "end"),
    [("{year}-03", (3, 32)), ("{year}-03-27 18:30", (3, 27, 18, 30)), ("{year}", (12, 32))],
)
async def test_a_month_or_a_year_is_muted_to_its_end_and_a_moment_to_itself(
    house: House, room: Room, item: WatchItem, typed: str, end: tuple[int, ...]
) -> None:
    year = next_year(house)
    await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=typed.format(year=year))
    month, day, *time = end
    assert await house.muted_until(room, item) == local(year, month, 1, *time) + timedelta(days=day - 1)


async def test_words_are_shown_in_full_and_mute_only_once_confirmed(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"12 mai {year}")
    assert await house.muted_until(room, item) is None
    assert f"12 mai {year}" in reply.text
    assert "compris" in reply.text
    done = await room.reporter.click(reply, label=CONFIRM)
    assert await house.muted_until(room, item) == local(year, 5, 13)
    assert f"12 mai {year} compris" in done.text
    await room.reporter.click(done, label="Annuler")
    assert await house.muted_until(room, item) is None


async def test_words_lean_to_the_future(house: House, room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until="vendredi")
    await room.reporter.click(reply, label=CONFIRM)
    until = await house.muted_until(room, item)
    assert until is not None
    assert (until - timedelta(seconds=1)).astimezone(PARIS).weekday() == 4
    assert timedelta() < until - house.clock.now() <= timedelta(days=8)


async def test_a_moment_in_words_is_confirmed_with_its_time(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"12 mai {year} 18h30")
    assert "18:30" in reply.text
    done = await room.reporter.click(reply, label=CONFIRM)
    assert await house.muted_until(room, item) == local(year, 5, 12, 18, 30)
    assert "18:30" in done.text


async def test_a_date_is_read_in_the_newsrooms_language(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    reply = await room.reporter.slash(
        "watch mute", room.desk, item=str(item.id), until=f"12 août {year}", locale="en-US"
    )
    assert f"12 August {year}" in reply.text
    await room.reporter.click(reply, label="Mute", locale="en-US")
    assert await house.muted_until(room, item) == local(year, 8, 13)


@pytest.mark.parametrize("typed", ["2020-03-27", "2020", "hier", "2020-03-27 18:30"])
async def test_a_date_in_the_past_is_refused_in_words(house: House, room: Room, item: WatchItem, typed: str) -> None:
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=typed)
    assert "c\u2019est passé" in reply.text
    assert reply.buttons == []
    assert await house.muted_until(room, item) is None


async def test_today_is_not_yet_past(house: House, room: Room, item: WatchItem) -> None:
    today = house.clock.now().astimezone(PARIS).date()
    await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=today.isoformat())
    assert await house.muted_until(room, item) == local(*today.timetuple()[:3]) + timedelta(days=1)


async def test_what_is_no_date_is_refused_in_words(house: House, room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until="quand il fera beau")
    assert "n\u2019est pas une date" in reply.text
    assert await house.muted_until(room, item) is None


async def test_a_confirmation_that_comes_too_late_mutes_nothing(house: House, room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until="demain")
    house.clock.offset += timedelta(days=3)
    late = await room.reporter.click(reply, label=CONFIRM)
    assert "passée entre-temps" in late.text
    assert await house.muted_until(room, item) is None


async def test_a_confirmation_after_another_mute_changes_nothing(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    asked = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"12 mai {year}")
    await room.editor.slash("watch mute", room.desk, item=str(item.id), until=f"{year}-08-01")
    late = await room.reporter.click(asked, label=CONFIRM)
    assert await house.muted_until(room, item) == local(year, 8, 2)
    assert f"1er août {year} compris" in late.text


async def test_confirming_works_after_a_restart_before_anything_is_sent(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")
        asked = await room.reporter.slash("watch mute", room.desk, item="caméra", until="fin mai")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.click(asked, label=CONFIRM)
        assert await house.muted_until(room, item) is not None


async def test_unmute_ends_a_mute_and_offers_the_way_back(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"{year}-03-27")
    reply = await room.editor.slash("watch unmute", room.desk, item="caméra")
    assert await house.muted_until(room, item) is None
    assert "n\u2019est pas en sourdine" in reply.text
    await room.editor.click(reply, label="Annuler")
    assert await house.muted_until(room, item) == local(year, 3, 28)


async def test_unmuting_what_is_not_muted_only_says_so(house: House, room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash("watch unmute", room.desk, item="caméra")
    assert "n\u2019est pas en sourdine" in reply.text
    assert reply.buttons == []
    assert await house.muted_until(room, item) is None


async def test_only_muted_items_are_proposed_for_unmuting(house: House, room: Room, item: WatchItem) -> None:
    await house.follow(room, kind=ItemKind.KEYWORD, name="caméra fixe")
    await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"{next_year(house)}-03-27")
    proposed = await room.reporter.autocomplete("watch unmute", option="item", typed="cam", channel=room.desk)
    assert [choice.value for choice in proposed] == [str(item.id)]
    every = await room.reporter.autocomplete("watch mute", option="item", typed="cam", channel=room.desk)
    assert len(every) == 2


async def test_an_open_mute_is_shown_as_one(house: House, room: Room, item: WatchItem) -> None:
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE watch_item SET muted_until = ?", UNTIL_FURTHER_NOTICE.isoformat())
    reply = await room.reporter.slash("watch show", room.desk, item=str(item.id))
    assert "jusqu\u2019à nouvel ordre" in reply.text


async def test_the_list_and_the_sheet_say_the_last_day(house: House, room: Room, item: WatchItem) -> None:
    year = next_year(house)
    await room.reporter.slash("watch mute", room.desk, item=str(item.id), until=f"{year}-03-27")
    for reply in (
        await room.reporter.slash("watch list", room.desk),
        await room.reporter.slash("watch show", room.desk, item=str(item.id)),
    ):
        assert f"jusqu\u2019au 27 mars {year} compris" in reply.text


async def test_an_outsider_and_another_newsroom_mute_nothing(house: House, room: Room, item: WatchItem) -> None:
    until = f"{next_year(house)}-03-27"
    refused = await room.stranger.slash("watch mute", room.desk, item=str(item.id), until=until, force=True)
    assert "rôle de la rédaction" in refused.text
    other = await house.newsroom(house.guild("L\u2019Autre"))
    chief = other.administrator
    for command, more in (("watch mute", {"until": until}), ("watch unmute", {})):
        for typed in ("caméra", str(item.id)):
            reply = await chief.slash(command, other.desk, item=typed, **more)
            assert "Aucun élément surveillé" in reply.text
        assert await chief.autocomplete(command, option="item", typed="cam", channel=other.desk) == []
        assert (
            await room.stranger.autocomplete(command, option="item", typed="cam", channel=room.desk, force=True) == []
        )
    assert await house.muted_until(room, item) is None


async def test_a_confirmation_is_refused_to_one_who_lost_the_role(house: House, room: Room, item: WatchItem) -> None:
    asked = await room.reporter.slash("watch mute", room.desk, item=str(item.id), until="demain")
    room.reporter.roles.clear()
    reply = await room.reporter.click(asked, label=CONFIRM)
    assert "rôle de la rédaction" in reply.text
    assert await house.muted_until(room, item) is None
