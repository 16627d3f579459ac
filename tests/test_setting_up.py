from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.config import NewsroomSettings
from bot.errors import UserError
from bot.models import AnnouncementKind, Newsroom, QuietDays
from bot.reference import AnnouncementKey
from bot.setting_up import Changes, RarerSettings, read_storm, set_rarer, set_up, zone_named, zones
from bot.storage import announcements, drafts, newsrooms
from bot.storage.database import Database
from tests.empty_database import place_empty_database
from tests.factories import add_item, make_item, make_notice, owe_notice

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILD = 10


class Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    yield opened
    await opened.close()


async def change(database: Database, floor_id: int = 5, **changes: object) -> Newsroom:
    return await set_up(database, GUILD, Changes(**changes), NewsroomSettings(language="en"), floor_id)  # type: ignore[arg-type]


async def owe(database: Database, channel_id: int) -> int:
    key = AnnouncementKey(
        guild_id=GUILD, channel_id=channel_id, kind=AnnouncementKind.OPERATIONS, subject=f"test:{channel_id}"
    )
    async with database.tx("test") as connection:
        owed = await announcements.owe(connection, key, now=NOW, details={"event": "source_silent"})
    assert owed is not None
    return owed


async def owe_a_notice(database: Database, channel_id: int, pinned_to: int | None = None) -> int:
    item = await add_item(database, make_item(guild_id=GUILD, channel_id=pinned_to))
    return await owe_notice(database, item, make_notice(), channel_id)


async def floor_of(database: Database, channel_id: int) -> int:
    async with database.read() as connection:
        row = await connection.one(
            "SELECT floor_id FROM channel WHERE guild_id = ? AND channel_id = ?", GUILD, channel_id
        )
    assert row is not None
    return int(row["floor_id"])


async def test_the_first_time_the_configurations_defaults_fill_the_rest(database: Database) -> None:
    newsroom = await change(database, announcements_channel=1)
    assert newsroom == Newsroom(guild_id=GUILD, language="en", timezone="Europe/Paris", announcements_channel=1)


async def test_a_new_newsroom_takes_as_many_hits_at_once_as_the_configuration_says(database: Database) -> None:
    newsroom = await set_up(database, GUILD, Changes(), NewsroomSettings(storm=7), 5)
    again = await set_up(database, GUILD, Changes(language="en"), NewsroomSettings(storm=9), 5)
    assert (newsroom.storm, again.storm) == (7, 7)


async def test_what_is_returned_is_what_is_stored(database: Database) -> None:
    newsroom = await change(database, log_channel=3, reporter_role=7, timezone="Europe/Brussels")
    async with database.read() as connection:
        assert await newsrooms.find(connection, GUILD) == newsroom


async def test_the_first_floor_of_a_channel_stays(database: Database) -> None:
    await change(database, floor_id=5, announcements_channel=1)
    await change(database, floor_id=9, operations_channel=1)
    assert await floor_of(database, 1) == 5


async def test_what_the_former_announcements_channel_lacks_goes_to_the_new_one(database: Database) -> None:
    await change(database, announcements_channel=1)
    owed = await owe_a_notice(database, 1)
    await change(database, announcements_channel=2)
    async with database.read() as connection:
        assert (await announcements.get(connection, GUILD, owed)).channel_id == 2


async def test_what_an_item_has_a_channel_of_its_own_for_stays_there(database: Database) -> None:
    await change(database, announcements_channel=1)
    owed = await owe_a_notice(database, 1, pinned_to=1)
    await change(database, announcements_channel=2)
    async with database.read() as connection:
        assert (await announcements.get(connection, GUILD, owed)).channel_id == 1


async def test_nothing_moves_when_the_announcements_channel_stays(database: Database) -> None:
    await change(database, announcements_channel=1, operations_channel=3)
    owed = await owe(database, 3)
    await change(database, announcements_channel=1, operations_channel=4)
    async with database.read() as connection:
        assert (await announcements.get(connection, GUILD, owed)).channel_id == 3


async def test_everyone_is_no_role_and_nothing_is_stored(database: Database) -> None:
    with pytest.raises(UserError):
        await change(database, editor_role=GUILD)
    async with database.read() as connection:
        assert await newsrooms.find(connection, GUILD) is None


VIEWER = Viewer(guild_id=GUILD, user_id=7, sees_all=False)


async def draft_of(database: Database) -> int:
    async with database.tx("test") as connection:
        draft = await drafts.add(connection, GUILD, VIEWER.user_id, "settings", context={}, values={}, now=NOW)
    return draft.id


async def test_the_rarer_settings_are_stored_and_the_others_stay(database: Database) -> None:
    before = await change(database, announcements_channel=1, reporter_role=7)
    settings = RarerSettings(quiet_days=QuietDays.SILENT, storm=5)
    after = await set_rarer(database, VIEWER, settings, await draft_of(database))
    assert after == replace(before, quiet_days=QuietDays.SILENT, storm=5)
    async with database.read() as connection:
        assert await newsrooms.find(connection, GUILD) == after


async def test_the_rarer_settings_of_one_form_are_stored_once(database: Database) -> None:
    await change(database)
    draft = await draft_of(database)
    await set_rarer(database, VIEWER, RarerSettings(quiet_days=QuietDays.SILENT, storm=5), draft)
    with pytest.raises(UserError) as refused:
        await set_rarer(database, VIEWER, RarerSettings(quiet_days=QuietDays.SAY, storm=6), draft)
    assert refused.value.text == "form-already-sent"
    async with database.read() as connection:
        newsroom = await newsrooms.find(connection, GUILD)
    assert newsroom is not None
    assert newsroom.storm == 5


async def test_the_form_of_one_newsroom_changes_no_other(database: Database) -> None:
    await change(database)
    draft = await draft_of(database)
    async with database.tx("test") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=GUILD + 1, language="fr", timezone="Europe/Paris"))
    with pytest.raises(UserError) as refused:
        await set_rarer(
            database, replace(VIEWER, guild_id=GUILD + 1), RarerSettings(quiet_days=QuietDays.SAY, storm=6), draft
        )
    assert refused.value.text == "form-already-sent"
    async with database.read() as connection:
        assert [newsroom.storm for newsroom in await newsrooms.every(connection)] == [20, 20]


@pytest.mark.parametrize(
    ("typed", "storm"), [("1", 1), ("20", 20), (" 1 000 ", 1_000), ("1\u202f000", 1_000), ("\uff15", 5)]
)
def test_a_storm_brake_is_a_whole_number_however_it_is_grouped(typed: str, storm: int) -> None:
    assert read_storm(typed) == storm


@pytest.mark.parametrize("typed", ["", "0", "1001", "-5", "+5", "1.5", "1,5", "1e3", "vingt", "9" * 30, "\u0665"])
def test_what_is_no_storm_brake_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read_storm(typed)
    assert refused.value.text == "setup-storm-wrong"


@pytest.mark.parametrize("typed", ["Europe/Paris", "europe/paris", "Europe Paris"])
def test_a_time_zone_is_found_however_it_is_typed(typed: str) -> None:
    assert zone_named(typed) == "Europe/Paris"


@pytest.mark.parametrize("typed", ["", "Mars/Olympus", "../../etc/passwd"])
def test_what_is_no_time_zone_is_refused(typed: str) -> None:
    with pytest.raises(UserError):
        zone_named(typed)


def test_every_zone_offered_can_be_used() -> None:
    assert len(zones()) > 400
    assert "localtime" not in {zone.id for zone in zones()}


@pytest.mark.parametrize("typed", ["paris", "Paris", "europe/paris", "Europe/Paris"])
def test_a_time_zone_is_known_by_its_city_too(typed: str) -> None:
    assert zone_named(typed) == "Europe/Paris"
