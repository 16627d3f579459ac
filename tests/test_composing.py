from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Accent, Card, CardKind
from bot.composing import Composed, compose
from bot.models import AnnouncementKind, Newsroom, NoticeKind
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.outbox import announcements, sending
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, START, SettableClock, add_item, add_newsroom, make_notice, owe_notice


@dataclass
class Outbox:
    database: Database
    announcement: int

    async def compose(self, announcement: int | None = None) -> Composed:
        async with self.database.read() as connection:
            row = await announcements.get(connection, GUILD, announcement or self.announcement)
            return await compose(connection, row, START)

    async def card(self, announcement: int | None = None) -> Card:
        return (await self.compose(announcement)).card

    async def follow(self, **details: Any) -> int:
        """Owe a second announcement that continues the first, for a notice of the same procedure."""
        async with self.database.tx("test.follow") as connection:
            kind = details.pop("kind", NoticeKind.AWARD)
            later = make_notice("26-2", kind=kind, procedure="gazette:26-1")
            row = await notices.add(connection, later, "0" * 64, 1, now=START, is_baseline=False)
            key = AnnouncementKey(
                guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject="gazette:26-2"
            )
            owed = await announcements.owe(
                connection, key, now=START, thing_id=row, follows=self.announcement, details=details
            )
            assert owed is not None
            return owed


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    await add_newsroom(database)
    announcement = await owe_notice(database, await add_item(database), make_notice())
    yield Outbox(database, announcement)
    await database.close()


def _words(card: Card) -> str:
    lines = [*card.body, *(line for field in card.fields for line in field.lines)]
    return "\n".join(
        [card.title, *(field.label for field in card.fields), *("".join(s.text for s in line) for line in lines)]
    )


async def test_a_card_shows_the_notice_and_the_item_that_it_hits(outbox: Outbox) -> None:
    card = await outbox.card()
    assert card.kind is CardKind.ANNOUNCEMENT
    assert "Acquisition de caméras-piétons" in card.title
    assert "caméra-piéton" in _words(card)


async def test_a_card_ends_with_its_code(outbox: Outbox) -> None:
    async with outbox.database.read() as connection:
        code = (await announcements.get(connection, GUILD, 1)).code
    assert (await outbox.card()).footer.endswith(code)


async def test_a_plain_card_ends_with_its_code_too(outbox: Outbox) -> None:
    async with outbox.database.tx("test.plain") as connection:
        await sending.make_plain(connection, 1, "refused")
        code = (await announcements.get(connection, GUILD, 1)).code
    card = await outbox.card()
    assert (card.kind, card.footer.endswith(code)) == (CardKind.FALLBACK, True)


async def test_a_card_is_in_the_newsrooms_language(outbox: Outbox) -> None:
    english = _words(await outbox.card())
    async with outbox.database.tx("test.language") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris"))
    french = _words(await outbox.card())
    assert ("Ville de Lyon" in english, "Ville de Lyon" in french, english == french) == (True, True, False)


async def test_times_on_a_card_are_in_the_newsrooms_zone(outbox: Outbox) -> None:
    paris = _words(await outbox.card())
    async with outbox.database.tx("test.zone") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=GUILD, language="en", timezone="Pacific/Auckland"))
    assert _words(await outbox.card()) != paris


async def test_a_card_shows_the_revision_that_is_due(outbox: Outbox) -> None:
    async with outbox.database.tx("test.revise") as connection:
        await notices.revise(connection, 1, make_notice(buyer="Métropole", revision=2), "1", 1, now=START)
        await announcements.owe_edit(connection, 1, 2, START)
    composed = await outbox.compose()
    assert (composed.revision, "Métropole" in _words(composed.card)) == (2, True)


@pytest.mark.parametrize(
    ("kind", "accent"),
    [
        (NoticeKind.TENDER, Accent.NEWS),
        (NoticeKind.CHANGE, Accent.CHANGE),
        (NoticeKind.AWARD, Accent.AWARD),
        (NoticeKind.CANCELLATION, Accent.TROUBLE),
        (None, Accent.NEWS),
    ],
)
async def test_the_kind_of_a_notice_is_what_happened(outbox: Outbox, kind: NoticeKind | None, accent: Accent) -> None:
    assert (await outbox.card(await outbox.follow(kind=kind))).accent is accent


async def test_a_card_that_follows_a_procedure_names_the_first_announcement(outbox: Outbox) -> None:
    async with outbox.database.read() as connection:
        first = (await announcements.get(connection, GUILD, 1)).code
    assert first in _words(await outbox.card(await outbox.follow()))


async def test_a_card_tells_what_changed(outbox: Outbox) -> None:
    again = await outbox.follow(changes=[{"field": "buyer", "before": "Ville A", "after": "Ville B"}])
    words = _words(await outbox.card(again))
    assert ("Ville A" in words, "Ville B" in words) == (True, True)


@pytest.mark.parametrize(
    "details",
    [
        {
            "event": "source_failing",
            "source": "boamp",
            "since": START.isoformat(),
            "failures": 3,
            "error": "status 500",
        },
        {"event": "source_recovered", "source": "boamp", "since": START.isoformat(), "failures": 0, "error": None},
        {"event": "source_silent", "source": "boamp", "since": START.isoformat(), "failures": 0, "error": None},
        {"event": "channel_deleted", "channel": "2001", "code": "A7K3-92QF", "reason": ""},
        {"event": "channel_forbidden", "channel": "2001", "code": "A7K3-92QF", "reason": ""},
        {"event": "card_refused", "channel": "2001", "code": "A7K3-92QF", "reason": ""},
        {"event": "row_set_aside", "channel": "2001", "code": "A7K3-92QF", "reason": "history_forbidden"},
        {"event": "row_set_aside", "channel": "2001", "code": "A7K3-92QF", "reason": "unexpected, ref ab12cd"},
    ],
    ids=lambda details: details["event"],
)
async def test_every_word_to_the_operations_channel_can_be_written(outbox: Outbox, details: dict[str, Any]) -> None:
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.OPERATIONS, subject="x")
    async with outbox.database.tx("test.operations") as connection:
        owed = await announcements.owe(connection, key, now=START, details=details)
    card = await outbox.card(owed)
    assert (card.kind, bool(card.title), bool(card.footer)) == (CardKind.OPERATIONS, True, True)


@pytest.mark.parametrize(("source", "shown"), [("boamp", "BOAMP"), ("gone_since", "gone_since")])
async def test_the_operations_channel_is_told_of_a_source_by_its_label(outbox: Outbox, source: str, shown: str) -> None:
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.OPERATIONS, subject="x")
    details = {"event": "source_recovered", "source": source, "since": None}
    async with outbox.database.tx("test.operations") as connection:
        owed = await announcements.owe(connection, key, now=START, details=details)
    assert shown in (await outbox.card(owed)).title.replace("\\", "")


async def test_an_announcement_of_a_newsroom_that_is_gone_cannot_be_made(outbox: Outbox) -> None:
    async with outbox.database.tx("test.gone") as connection:
        row = await announcements.get(connection, GUILD, 1)
        await connection.run("PRAGMA defer_foreign_keys = ON")
        await connection.run("UPDATE newsroom SET guild_id = 404")
        with pytest.raises(LookupError):
            await compose(connection, row, START)
        await connection.run("UPDATE newsroom SET guild_id = ?", GUILD)
