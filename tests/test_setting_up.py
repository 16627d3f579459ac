from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.config import NewsroomSettings
from bot.errors import UserError
from bot.models import AnnouncementKind, AuditEntry, Newsroom, QuietDays
from bot.reference import AnnouncementKey
from bot.setting_up import (
    AnnouncingSettings,
    Changes,
    RarerSettings,
    read_award_days,
    read_deadline_days,
    read_quiet,
    read_retention,
    read_storm,
    set_announcing,
    set_rarer,
    set_up,
    zone_named,
    zones,
)
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.log import drafts
from bot.storage.outbox import announcements
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
    return await set_up(database, GUILD, Changes(**changes), NewsroomSettings(language="en"), floor_id, by=7, now=NOW)  # type: ignore[arg-type]


async def owe(database: Database, channel_id: int, event: str = "source_silent") -> int:
    key = AnnouncementKey(
        guild_id=GUILD, channel_id=channel_id, kind=AnnouncementKind.OPERATIONS, subject=f"test:{channel_id}"
    )
    async with database.tx("test") as connection:
        owed = await announcements.owe(connection, key, now=NOW, details={"event": event})
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
    newsroom = await set_up(database, GUILD, Changes(), NewsroomSettings(storm=7), 5, by=7, now=NOW)
    again = await set_up(database, GUILD, Changes(language="en"), NewsroomSettings(storm=9), 5, by=7, now=NOW)
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


def rarer(quiet_days: QuietDays, storm: int) -> RarerSettings:
    return RarerSettings(quiet_days=quiet_days, storm=storm, second_source=True, retention_days=90)


async def test_the_rarer_settings_are_stored_and_the_others_stay(database: Database) -> None:
    before = await change(database, announcements_channel=1, reporter_role=7)
    settings = RarerSettings(quiet_days=QuietDays.SILENT, storm=5, second_source=False, retention_days=None)
    after = await set_rarer(database, VIEWER, settings, await draft_of(database), NOW)
    assert after == replace(before, quiet_days=QuietDays.SILENT, storm=5, second_source=False, retention_days=None)
    async with database.read() as connection:
        assert await newsrooms.find(connection, GUILD) == after


async def test_the_rarer_settings_of_one_form_are_stored_once(database: Database) -> None:
    await change(database)
    draft = await draft_of(database)
    await set_rarer(database, VIEWER, rarer(QuietDays.SILENT, 5), draft, NOW)
    with pytest.raises(UserError) as refused:
        await set_rarer(database, VIEWER, rarer(QuietDays.SAY, 6), draft, NOW)
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
        await set_rarer(database, replace(VIEWER, guild_id=GUILD + 1), rarer(QuietDays.SAY, 6), draft, NOW)
    assert refused.value.text == "form-already-sent"
    async with database.read() as connection:
        assert [newsroom.storm for newsroom in await newsrooms.every(connection)] == [20, 20]


@pytest.mark.parametrize(
    ("typed", "storm"),
    [("1", 1), ("20", 20), (" 1 000 ", 1_000), ("1,000", 1_000), ("1\u202f000", 1_000), ("\uff15", 5)],
)
def test_a_storm_brake_is_a_whole_number_however_it_is_grouped(typed: str, storm: int) -> None:
    assert read_storm(typed) == storm


@pytest.mark.parametrize("typed", ["", "0", "1001", "-5", "+5", "1.5", "1,5", "1e3", "vingt", "9" * 30, "\u0665"])
def test_what_is_no_storm_brake_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read_storm(typed)
    assert refused.value.text == "setup-storm-wrong"


@pytest.mark.parametrize(("typed", "days"), [("", None), (" ", None), ("1", 1), ("90", 90), ("3\u202f650", 3_650)])
def test_a_retention_is_a_number_of_days_or_nothing(typed: str, days: int | None) -> None:
    assert read_retention(typed) == days


@pytest.mark.parametrize("typed", ["0", "3651", "-5", "90 jours", "trois mois", "1.5"])
def test_what_is_no_number_of_days_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        read_retention(typed)
    assert refused.value.text == "setup-retention-wrong"


@pytest.mark.parametrize(
    "typed",
    [
        "22:00-07:00",
        "22h-7h",
        "22:00 \u2013 07:00",
        "22 h à 7 h",
        "de 22h à 7h",
        "from 10pm to 7am",
        "22-7",
        " 22.00/7.00 ",
        "\uff12\uff12:00-07:00",
    ],
)
def test_quiet_hours_are_read_however_they_are_typed(typed: str) -> None:
    assert read_quiet(typed) == ("22:00", "07:00")


@pytest.mark.parametrize("typed", ["", " ", "jamais", "Never", "-"])
def test_no_quiet_hours_are_said_in_several_ways(typed: str) -> None:
    assert read_quiet(typed) is None


def test_24_is_midnight() -> None:
    assert (read_quiet("22h-24h"), read_quiet("minuit-7h")) == (("22:00", "00:00"), ("00:00", "07:00"))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("22h", "setup-quiet-wrong"),
        ("22:00-25:00", "setup-quiet-wrong"),
        ("22:00-07:00-08:00", "setup-quiet-wrong"),
        ("la nuit", "setup-quiet-wrong"),
        ("22:00-22:00", "setup-quiet-long"),
        ("07:00-06:00", "setup-quiet-long"),
    ],
)
def test_what_are_no_quiet_hours_is_refused_in_words(typed: str, wrong: str) -> None:
    with pytest.raises(UserError) as refused:
        read_quiet(typed)
    assert refused.value.text == wrong


def test_reminders_and_alarms_have_their_bounds() -> None:
    assert (read_deadline_days("60"), read_deadline_days(""), read_award_days("730"), read_award_days(" ")) == (
        60,
        None,
        730,
        None,
    )
    for read, typed in ((read_deadline_days, "61"), (read_deadline_days, "0"), (read_award_days, "731")):
        with pytest.raises(UserError):
            read(typed)


ANNOUNCING = AnnouncingSettings(threads=True, quiet=("12:00", "14:00"), deadline_days=None, award_days=30)


async def test_the_settings_of_announcing_are_stored_and_told_in_the_log(database: Database) -> None:
    before = await change(database, announcements_channel=1)
    after = await set_announcing(database, VIEWER, ANNOUNCING, await draft_of(database), NOW)
    assert after == replace(
        before, threads=True, quiet_from="12:00", quiet_until="14:00", deadline_days=None, award_days=30
    )
    async with database.read() as connection:
        assert await newsrooms.find(connection, GUILD) == after
    detail = (await entries(database))[0].detail
    assert detail is not None
    assert detail["changed"]["quiet_from"] == {"before": None, "after": "12:00"}
    assert detail["changed"]["deadline_days"] == {"before": 3, "after": None}


async def held_of(database: Database, owed: int) -> datetime | None:
    async with database.read() as connection:
        return (await announcements.get(connection, GUILD, owed)).held_until


async def test_quiet_hours_that_are_set_hold_what_waits_and_let_it_go_when_they_are_not(database: Database) -> None:
    """At noon in London: what Vigie found is held, what asks for a look at once is not."""
    await change(database, announcements_channel=1, operations_channel=3, timezone="Europe/London")
    found, blocked = await owe_a_notice(database, 1), await owe(database, 3, event="edit_blocked")
    await set_announcing(database, VIEWER, ANNOUNCING, await draft_of(database), NOW)
    assert (await held_of(database, found), await held_of(database, blocked)) == (NOW.replace(hour=14), None)
    await change(database, timezone="Europe/Paris")
    assert await held_of(database, found) == NOW.replace(hour=13)
    await set_announcing(database, VIEWER, replace(ANNOUNCING, quiet=None), await draft_of(database), NOW)
    assert await held_of(database, found) is None


async def entries(database: Database) -> list[AuditEntry]:
    async with database.read() as connection:
        return await audit.listed(connection, GUILD)


async def test_the_first_setup_is_an_entry_of_the_log_with_every_setting(database: Database) -> None:
    await change(database, announcements_channel=1)
    (entry,) = await entries(database)
    assert (entry.made_by, entry.action, entry.subject) == ("7", "setup", None)
    assert entry.detail is not None
    assert entry.detail["changed"]["announcements_channel"] == {"before": None, "after": 1}
    assert entry.detail["changed"]["second_source"] == {"before": None, "after": True}


async def test_a_setup_that_changes_a_setting_tells_it_before_and_after_and_no_other(database: Database) -> None:
    await change(database, announcements_channel=1)
    await change(database, language="fr")
    entry = (await entries(database))[0]
    assert entry.detail == {"changed": {"language": {"before": "en", "after": "fr"}}, "named": []}


async def test_a_setup_that_changes_nothing_leaves_no_entry(database: Database) -> None:
    await change(database)
    await change(database, language="en")
    await set_rarer(database, VIEWER, rarer(QuietDays.SAY, 20), await draft_of(database), NOW)
    assert len(await entries(database)) == 1


async def test_a_channel_that_is_named_again_is_an_entry_for_it_is_tried_again(database: Database) -> None:
    await change(database, log_channel=3)
    await change(database, log_channel=3)
    assert (await entries(database))[0].detail == {"changed": {}, "named": [3]}


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
