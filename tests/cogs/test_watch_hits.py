"""`/watch hits`: pages, days, what became of each hit, and the CSV."""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.loopback import Platform, Reply
from bot.models import AnnouncementKind, Held, InDigest, ItemKind, Notice, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.archive import notices as notice_rows
from bot.storage.outbox import announcements, sending
from bot.storage.outbox.announcements import Place
from bot.storage.watching import hits
from bot.watchlist.hits_file import COLUMNS
from tests.cogs.house import House, Room, hit, settings_of
from tests.factories import owed_to_digest

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def item(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Axon", ref="A-1")


async def found(
    house: House, room: Room, item: WatchItem, number: int, held: Held | None = Held.WEAK, at: datetime | None = None
) -> None:
    """Store a notice and its hit, found at a moment."""
    notice = Notice(
        id=f"26-{number}",
        source="boamp",
        title=f"Marché {number:02}",
        url=f"https://boamp.example/26-{number}",
        published=datetime(2026, 5, 4, tzinfo=PARIS).date(),
    )
    now = at or house.app.clock.now()
    async with house.app.database.tx("test") as connection:
        row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
        await hits.add(
            connection, room.guild.id, hit(notice, item), notice_row=row, revision=1, held=held,
            in_digest=owed_to_digest(held), now=now,
        )  # fmt: skip


def table(reply: Reply) -> list[dict[str, str]]:
    [file] = reply.attachments
    return list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"), newline="")))


async def test_each_hit_shows_its_notice_source_dates_tier_and_words(house: House, room: Room, item: WatchItem) -> None:
    await found(house, room, item, 7, at=datetime(2026, 5, 6, 12, 30, tzinfo=PARIS))
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    assert reply.ephemeral
    assert "Correspondances\u00a0: Axon" in reply.text
    assert "**1.** [Marché 07](https://boamp.example/26-7) · BOAMP · paru le 4 mai 2026" in reply.text
    assert "> **Marché 07**" in reply.text
    assert "> Exact" in reply.text
    assert "mêmes mots" in reply.text
    assert "trouvée le 6 mai 2026 à 12:30" in reply.text
    assert "à vérifier" in reply.text


@pytest.mark.parametrize(
    ("locale", "counted", "version"),
    [
        ("fr", "3 correspondances dans 2 avis", "version 2 du même avis"),
        ("en-GB", "3 hits in 2 notices", "version 2 of the same notice"),
    ],
)
async def test_hits_in_versions_of_one_notice_stand_together_and_are_counted_in_notices(
    house: House, room: Room, item: WatchItem, locale: str, counted: str, version: str
) -> None:
    now = house.clock.now()
    await found(house, room, item, 7)
    async with house.app.database.tx("test") as connection:
        row = 1
        again = Notice(id="26-7", source="boamp", title="Marché 07 bis", url="https://boamp.example/26-7", revision=2)
        await notice_rows.revise(connection, row, again, "hash2", 1, now=now)
    await found(house, room, item, 8)
    async with house.app.database.tx("test") as connection:
        await hits.add(
            connection, room.guild.id, hit(again, item), notice_row=row, revision=2, held=Held.WEAK,
            in_digest=owed_to_digest(Held.WEAK), now=now,
        )  # fmt: skip
    listed = await room.reporter.slash("watch hits", room.desk, item="Axon", locale=locale)
    assert counted in listed.text
    assert listed.text.index("Marché 07 bis") < listed.text.index("Marché 08")
    assert listed.text.count("(https://boamp.example/26-7)") == 1
    shown = await room.reporter.slash("watch show", room.desk, item="Axon", locale=locale)
    assert counted in shown.text
    assert shown.text.count("26-7") == 1
    assert version.replace("2", "1") in shown.text


async def test_an_announced_hit_leads_to_its_message(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    await house.app.delivery.settle()
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    url = f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}"
    assert f"[annoncée]({url})" in reply.text
    assert "1 correspondance" in reply.text


async def test_a_hit_that_is_still_to_be_announced_says_so(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        await found(house, room, item, 1, held=None)
        reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
        assert "annonce à envoyer" in reply.text


async def test_a_hit_whose_announcement_waits_for_the_end_of_quiet_hours_says_until_when(
    platform: Platform, tmp_path: Path
) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        await found(house, room, item, 1, held=None)
        until = house.app.clock.now() + timedelta(hours=2)
        key = AnnouncementKey(
            guild_id=room.guild.id, channel_id=room.desk.id, kind=AnnouncementKind.NOTICE, subject="boamp:26-1"
        )
        async with house.app.database.tx("test") as connection:
            owed = await announcements.owe(connection, key, now=until, thing_id=1, held_until=until)
            await announcements.link(connection, room.guild.id, owed or 0, 1)
        assert (
            f"à {until.astimezone(PARIS):%H:%M} (heures calmes)"
            in (await room.reporter.slash("watch hits", room.desk, item="Axon")).text
        )
        house.at(until + timedelta(seconds=1))
        assert "annonce à envoyer" in (await room.reporter.slash("watch hits", room.desk, item="Axon")).text


async def test_a_hit_that_was_announced_in_a_thread_leads_there(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item])
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE announcement SET thread_id = 555")
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    assert f"[annoncée](https://discord.com/channels/{room.guild.id}/555/{message.id})" in reply.text


async def test_a_hit_whose_message_a_person_deleted_before_it_was_confirmed_says_so(
    house: House, room: Room, item: WatchItem
) -> None:
    await house.announce(room, [item])
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE announcement SET message_id = NULL")
    text = (await room.reporter.slash("watch hits", room.desk, item="Axon")).text
    assert "annoncée, puis supprimée dans Discord" in text


async def test_a_hit_held_in_a_storm_leads_to_the_storms_message(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        await found(house, room, item, 1, held=Held.STORM)
        place, now = Place(room.guild.id, room.desk.id), house.app.clock.now()
        key = AnnouncementKey(
            guild_id=place.guild_id, channel_id=place.channel_id, kind=AnnouncementKind.STORM, subject="storm"
        )
        async with house.app.database.tx("test") as connection:
            owed = await announcements.owe(connection, key, now=now, details={"source": "boamp"})
            assert owed is not None
            await announcements.link(connection, place.guild_id, owed, 1)
            await sending.begin(connection, place, owed, now)
            await sending.sent(connection, owed, message_id=88, shown={}, revision=1, now=now)
        reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    url = f"https://discord.com/channels/{place.guild_id}/{place.channel_id}/88"
    assert f"trop de correspondances d\u2019un coup]({url})" in reply.text


async def test_the_newest_come_first_in_pages_of_five_that_turn(house: House, room: Room, item: WatchItem) -> None:
    for number in range(12):
        await found(house, room, item, number, held=Held.WEAK if number % 3 else None)
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    assert "**12 correspondances**" in reply.text
    assert "4 annoncées ou à annoncer, 8 retenues" in reply.text
    assert [number for number in range(12) if f"Marché {number:02}]" in reply.text] == [7, 8, 9, 10, 11]
    assert reply.text.index("Marché 11") < reply.text.index("Marché 10")
    await room.reporter.click(reply, label="Suivants")
    await reply.wait_for(lambda seen: "**6.** [Marché 06]" in seen.text)
    await room.reporter.click(reply, label="Suivants")
    await reply.wait_for(lambda seen: "**12.** [Marché 00]" in seen.text)
    assert "Page 3 sur 3" in reply.text
    await room.reporter.click(reply, label="Précédents")
    await reply.wait_for(lambda seen: "Marché 06" in seen.text)


async def test_since_and_until_are_days_of_the_newsroom_both_included_and_said_in_full(
    house: House, room: Room, item: WatchItem
) -> None:
    for number, at in enumerate(
        [
            datetime(2026, 3, 2, 23, 59, tzinfo=PARIS),
            datetime(2026, 3, 3, 0, 0, tzinfo=PARIS),
            datetime(2026, 3, 5, 23, 59, tzinfo=PARIS),
            datetime(2026, 3, 6, 0, 0, tzinfo=PARIS),
        ]
    ):
        await found(house, room, item, number, at=at)
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon", since="2026-03-03", until="le 5 mars 2026")
    assert "Trouvées du mardi 3 mars 2026 au jeudi 5 mars 2026 compris" in reply.text
    assert "**2 correspondances**" in reply.text
    assert [number for number in range(4) if f"Marché {number:02}" in reply.text] == [1, 2]


async def test_the_days_go_with_the_pages_and_the_file(house: House, room: Room, item: WatchItem) -> None:
    start = datetime(2026, 3, 2, 12, 0, tzinfo=PARIS)
    for number in range(14):
        await found(house, room, item, number, at=start + timedelta(days=number))
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon", since="2026-03-04")
    assert "**12 correspondances**" in reply.text
    file = await room.reporter.click(reply, label="CSV")
    assert "depuis le mercredi 4 mars 2026" in file.text
    assert [row["notice"] for row in table(file)] == [f"26-{number}" for number in range(13, 1, -1)]
    await room.reporter.click(reply, label="Suivants")
    await reply.wait_for(lambda seen: "**6.**" in seen.text)
    assert "depuis le mercredi 4 mars 2026" in reply.text
    assert "**12 correspondances**" in reply.text


async def test_days_in_the_wrong_order_are_refused_in_words(room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash(
        "watch hits", room.desk, item=str(item.id), since="2026-03-05", until="2026-03-03"
    )
    assert "finit avant de commencer" in reply.text


async def test_without_hits_it_says_so_and_offers_no_file(room: Room, item: WatchItem) -> None:
    reply = await room.reporter.slash("watch hits", room.desk, item=str(item.id))
    assert "Aucune correspondance" in reply.text
    assert reply.buttons == []


async def test_the_file_holds_every_hit_with_all_its_cells(house: House, room: Room, item: WatchItem) -> None:
    message = await house.announce(room, [item], notice_id="26-9")
    await house.app.delivery.settle()
    await found(house, room, item, 7, at=datetime(2026, 5, 6, 12, 30, tzinfo=PARIS))
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    file = await room.reporter.click(reply, label="CSV")
    assert file.ephemeral
    assert file.attachments[0].filename == f"hits-{item.id}.csv"
    held, announced = table(file)
    assert tuple(held) == COLUMNS
    assert held == {
        "found_at": "2026-05-06T12:30:00+02:00",
        "source": "boamp",
        "notice": "26-7",
        "revision": "1",
        "title": "Marché 07",
        "url": "https://boamp.example/26-7",
        "published": "2026-05-04",
        "item": str(item.id),
        "ref": "A-1",
        "kind": "company",
        "name": "Axon",
        "tier": "exact",
        "term": "Axon",
        "rule": "same_words",
        "field": "title",
        "start": "0",
        "end": "9",
        "matched": "Marché 07",
        "snippet": "Marché 07",
        "count": "1",
        "held": "weak",
        "message_url": "",
        "dismissed": "",
    }
    assert announced["held"] == ""
    assert announced["message_url"].endswith(f"/{room.desk.id}/{message.id}")


async def test_more_hits_than_are_read_at_once_all_stand_in_the_file(
    house: House, room: Room, item: WatchItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The client loads the group itself: no package names its modules.
    monkeypatch.setattr(sys.modules["cogs.watch.hits"], "ROWS_AT_ONCE", 3)
    for number in range(8):
        await found(house, room, item, number)
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    file = await room.reporter.click(reply, label="CSV")
    assert [row["notice"] for row in table(file)] == [f"26-{number}" for number in reversed(range(8))]
    assert "8 correspondances" in file.text


async def test_a_title_that_begins_as_a_formula_does_not_run(house: House, room: Room, item: WatchItem) -> None:
    notice = Notice(id="26-1", source="boamp", title='=HYPERLINK("https://evil.example")')
    async with house.app.database.tx("test") as connection:
        now = house.app.clock.now()
        row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
        await hits.add(
            connection, room.guild.id, hit(notice, item), notice_row=row, revision=1, held=None,
            in_digest=InDigest.DUE, now=now,
        )  # fmt: skip
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    [line] = table(await room.reporter.click(reply, label="CSV"))
    assert line["title"] == '\'=HYPERLINK("https://evil.example")'
    assert line["matched"].startswith("'=")


async def test_a_file_too_large_for_discord_comes_zipped(
    house: House, room: Room, item: WatchItem, platform: Platform
) -> None:
    for number in range(30):
        await found(house, room, item, number)
    platform.attachment_size_limit = 2_000
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    file = await room.reporter.click(reply, label="CSV")
    assert file.attachments[0].filename == f"hits-{item.id}.zip"
    platform.attachment_size_limit = 200
    refused = await room.reporter.click(reply, label="CSV")
    assert "vigie export" in refused.text


async def test_the_longest_hits_of_a_page_all_fit(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon " + "*_" * 90)
    for number in range(6):
        notice = Notice(
            id=f"26-{number} " + "*" * 90,
            source="boamp",
            title=f"{number} " + "`~*_" * 100,
            url=f"https://boamp.example/{number}/" + "x" * 350,
        )
        now = house.app.clock.now()
        async with house.app.database.tx("test") as connection:
            row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
            await hits.add(
                connection, room.guild.id, hit(notice, item), notice_row=row, revision=1, held=Held.LATE,
                in_digest=InDigest.DUE, now=now,
            )  # fmt: skip
    reply = await room.reporter.slash("watch hits", room.desk, item=str(item.id))
    assert reply.text.count("publiée bien avant") == 5


async def test_pages_and_file_work_after_a_restart_before_anything_is_sent(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        for number in range(6):
            await found(house, room, item, number)
        reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label="Suivants")
        assert "**6.** [Marché 00]" in turned.text
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        assert len(table(await room.reporter.click(reply, label="CSV"))) == 6


async def test_the_hits_of_an_item_removed_meanwhile_are_still_read(house: House, room: Room, item: WatchItem) -> None:
    await found(house, room, item, 1)
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    assert len(table(await room.reporter.click(reply, label="CSV"))) == 1


async def test_an_outsider_and_another_newsroom_see_nothing(house: House, room: Room, item: WatchItem) -> None:
    for number in range(6):
        await found(house, room, item, number)
    reply = await room.reporter.slash("watch hits", room.desk, item="Axon")
    refused = await room.stranger.slash("watch hits", room.desk, item="Axon", force=True)
    assert "rôle de la rédaction" in refused.text
    assert "Marché" not in refused.text
    assert (
        await room.stranger.autocomplete("watch hits", option="item", typed="ax", channel=room.desk, force=True) == []
    )
    other = await house.newsroom(house.guild("L\u2019Autre"))
    chief = other.administrator
    for typed in ("Axon", str(item.id)):
        assert "Aucun élément" in (await chief.slash("watch hits", other.desk, item=typed)).text
    assert await chief.autocomplete("watch hits", option="item", typed="ax", channel=other.desk) == []
    own = await house.follow(other, kind=ItemKind.COMPANY, name="Axis")
    copied = await house.announce(other, [own], notice_id="26-99")
    for label, custom_id in zip(
        ("Suivants", "CSV"), (f"watch-hits:{item.id}:0:0:1", f"watch-hits-csv:{item.id}:0:0"), strict=True
    ):
        copied.components[0]["components"][0]["custom_id"] = custom_id
        pressed = await other.reporter.click(copied, custom_id=custom_id)
        assert "n\u2019est plus surveillé" in pressed.text
        assert pressed.attachments == []
        room.reporter.roles.clear()
        lost = await room.reporter.click(reply, label=label)
        assert "rôle de la rédaction" in lost.text
        room.reporter.roles.append(room.reporter_role)
