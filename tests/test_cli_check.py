"""`vigie check` of the sources: which answer, which are not asked, and what to look at where none can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.bodacc import LoopbackBodacc
from bot.models import ItemKind
from bot.storage.database import Database
from tests.command_line import configured, vigie, vigie_beside
from tests.empty_database import place_empty_database
from tests.factories import add_item, add_newsroom, make_item

NOBODY = "http://127.0.0.1:9"
FEED = f'[[feeds]]\nname = "interieur"\nurl = "{NOBODY}/rss"\n'
FRENCH = {"LC_ALL": "fr_FR.UTF-8"}


async def watched(folder: Path, *numbers: str) -> None:
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), SystemClock())
    await add_newsroom(database)
    await add_item(database, make_item("Valmarin", kind=ItemKind.COMPANY, identifiers=numbers))
    await database.close()


async def of_source(config: Path, name: str) -> str:
    checked = await vigie_beside("check", "--config", config)
    return next(line for line in checked.stdout.splitlines() if f"Source {name}:" in line)


@pytest.mark.parametrize("numbers", [(), ("gb-coh:00445790",)])
async def test_a_source_read_by_number_is_not_asked_without_one(tmp_path: Path, numbers: tuple[str, ...]) -> None:
    await watched(tmp_path, *numbers)
    async with LoopbackBodacc() as bodacc:
        config = configured(tmp_path, enabled=False, extra=f'[sources.bodacc]\nbase_url = "{bodacc.url}"')
        line = await of_source(config, "bodacc")
        assert bodacc.requests == []
    assert line.startswith("note")
    assert line.endswith("not asked: no watch item has a number that it is read by")


async def test_a_source_read_by_number_is_asked_for_those_that_are_watched(tmp_path: Path) -> None:
    await watched(tmp_path, "552 100 554")
    async with LoopbackBodacc() as bodacc:
        config = configured(tmp_path, enabled=False, extra=f'[sources.bodacc]\nbase_url = "{bodacc.url}"')
        line = await of_source(config, "bodacc")
        assert len(bodacc.requests) == 1
    assert line.startswith("ok")
    assert line.endswith(": answers")


async def test_a_feed_that_cannot_be_reached_is_told_by_its_own_key_and_the_words_of_the_system(tmp_path: Path) -> None:
    async with LoopbackBoamp() as boamp:
        line = await of_source(configured(tmp_path, boamp.url, extra=FEED), "feed:interieur")
    assert line.endswith(f"{NOBODY}/rss cannot be reached: check the connection and url (Connection refused)")


def test_where_nothing_can_be_reached_that_is_told_once(tmp_path: Path) -> None:
    checked = vigie("check", "--config", configured(tmp_path, extra=FEED), variables=FRENCH)
    told = [line.replace("\u00a0", " ").replace("\u2019", "'") for line in checked.stdout.splitlines()]
    assert told[-3:-1] == [
        f"à faire  Source boamp : {NOBODY} n'est pas joignable",
        f"à faire  Source feed:interieur : {NOBODY}/rss n'est pas joignable",
    ]
    assert told[-1].endswith("vérifiez la connexion de cette machine (Connection refused)")
