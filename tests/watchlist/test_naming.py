"""What a person may type or paste into `/why`: a code however it is written, a notice's id, its address."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.models import Announcement
from bot.watchlist.naming import named
from tests.factories import GUILD, make_notice
from tests.watchlist.explained_world import Told

SOURCES = ("boamp", "ted", "gazette", "feed:ville")
BOAMP = make_notice("26-104512", source="boamp", url="https://www.boamp.fr/pages/avis/?q=idweb:26-104512")
TED = make_notice("479730-2026", source="ted", url="https://ted.europa.eu/fr/notice/-/detail/479730-2026")
FEED = make_notice("https://ville.example/2026/axon", source="feed:ville", url="https://ville.example/2026/axon")


async def said(told: Told, typed: str, guild_id: int = GUILD) -> Announcement | int:
    return await named(told.database, guild_id, typed, SOURCES)


async def refusal(told: Told, typed: str, guild_id: int = GUILD) -> str:
    with pytest.raises(UserError) as refused:
        await said(told, typed, guild_id)
    return refused.value.text


async def id_of(told: Told, found: Announcement | int) -> str:
    assert isinstance(found, int)
    async with told.database.read() as connection:
        [row] = await connection.all("SELECT source_id FROM notice WHERE id = ?", found)
    return str(row["source_id"])


@pytest.fixture
async def published(told: Told) -> Told:
    await told.poll([make_notice("26-1"), BOAMP, TED, FEED])
    await told.alter("notice", "source_id = '26-104512'", source="boamp")
    await told.alter("notice", "source_id = '479730-2026'", source="ted")
    await told.alter("notice", "source_id LIKE 'https%'", source="feed:ville")
    return told


@pytest.mark.parametrize("written", ["{0}-{1}", "{0}{1}", "{0} {1}", "{0}\u2011{1}", "{0}\u2013{1}", " <{0}-{1}> "])
@pytest.mark.parametrize("is_lower", [False, True])
async def test_a_code_is_known_however_it_is_written(told: Told, written: str, *, is_lower: bool) -> None:
    await told.poll([make_notice("26-1")])
    code = await told.code()
    typed = written.format(*code.split("-"))
    found = await said(told, typed.lower() if is_lower else typed)
    assert isinstance(found, Announcement)
    assert found.code == code


@pytest.mark.parametrize(
    ("typed", "notice_id"),
    [
        ("https://www.boamp.fr/pages/avis/?q=idweb:26-104512", BOAMP.id),
        ("https://www.boamp.fr/pages/avis/?q=idweb%3A26-104512&sort=date", BOAMP.id),
        ("https://www.boamp.fr/avis/detail/26-104512", BOAMP.id),
        ("<https://boamp.fr/avis/detail/26-104512/0>", BOAMP.id),
        ("www.boamp.fr/avis/detail/26-104512", BOAMP.id),
        ("https://ted.europa.eu/fr/notice/-/detail/479730-2026", TED.id),
        ("https://ted.europa.eu/en/notice/-/detail/479730-2026#buyer", TED.id),
        ("https://ted.europa.eu/en/notice/479730-2026/pdf", TED.id),
        ("https://ted.europa.eu/udl?uri=TED:NOTICE:479730-2026:TEXT:FR:HTML", TED.id),
        ("https://ville.example/2026/axon", FEED.id),
    ],
)
async def test_a_notice_is_known_by_its_address_at_its_publisher(published: Told, typed: str, notice_id: str) -> None:
    assert await id_of(published, await said(published, typed)) == notice_id


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.boamp.fr/avis/detail/26-999999",
        "https://www.boamp.fr/avis/detail/26-1045123",
        "https://elsewhere.example/avis/detail/26-104512",
        "https://ted.europa.eu/fr/notice/-/detail/26-104512",
        "https://www.boamp.fr/",
    ],
)
async def test_an_address_that_tells_of_no_notice_exactly_is_refused(published: Told, typed: str) -> None:
    assert await refusal(published, typed) == "why-unread-address"


async def test_an_address_with_two_notices_asks_which(published: Told) -> None:
    await published.poll([make_notice("26-104513", url="https://www.boamp.fr/b")])
    assert await refusal(published, "https://www.boamp.fr/26-104512/26-104513") == "lookup-ambiguous"


@pytest.mark.parametrize(
    ("typed", "text"), [("boamp:26-999", "why-unread"), ("nothing at all", "why-unknown"), ("x:26-1", "why-unknown")]
)
async def test_what_was_never_read_is_told_from_what_is_no_name(published: Told, typed: str, text: str) -> None:
    assert await refusal(published, typed) == text


async def test_the_code_of_another_newsroom_is_unknown(told: Told) -> None:
    await told.poll([make_notice("26-1")])
    assert await refusal(told, await told.code(), guild_id=9) == "why-unknown"
