from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import QueryError
from bot.indexing import Indexer
from bot.matching import Matcher, Reason
from bot.models import ItemKind, Newsroom, Notice, WatchItem
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.watchlist import trying
from bot.watchlist.live import Watchlist
from bot.watchlist.trying import PAGE, TRIED, Trial, try_stored, try_text
from tests.empty_database import place_empty_database

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILD = 10


class Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    async with opened.tx("test") as connection:
        newsroom = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris", announcements_channel=1)
        await newsrooms.save(connection, newsroom)
    yield opened
    await opened.close()


def keyword(name: str, **more: object) -> WatchItem:
    return WatchItem(kind=ItemKind.KEYWORD, name=name, guild_id=GUILD, added_by=1, **more)  # type: ignore[arg-type]


async def publish(database: Database, *published: Notice, seen_at: datetime = NOW) -> None:
    async with database.tx("test") as connection:
        for notice in published:
            await notices.add(connection, notice, "hash", 1, now=seen_at, is_baseline=True)


def drones(number: int, first: int = 0, day: date | None = None) -> list[Notice]:
    return [
        Notice(id=f"26-{first + n}", source="boamp", title=f"Drone {first + n}", published=day) for n in range(number)
    ]


async def test_a_trial_counts_what_was_read_and_what_matched(database: Database) -> None:
    await publish(database, *drones(3), Notice(id="x", source="boamp", title="Ascenseur"))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert (trial.stored, trial.matched) == (4, 3)


async def test_the_examples_are_the_newest_and_the_newest_comes_first(database: Database) -> None:
    await publish(database, *drones(4))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert [finding.notice.id for finding in trial.examples] == ["26-3", "26-2"]


async def test_examples_go_on_over_the_pages_that_are_read(database: Database) -> None:
    await publish(database, *drones(PAGE - 1), *(Notice(id=f"z{n}", source="boamp", title="x") for n in range(PAGE)))
    await publish(database, *drones(1, first=9000))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert (trial.stored, trial.matched) == (2 * PAGE, PAGE)
    assert [finding.notice.id for finding in trial.examples] == ["26-9000", f"26-{PAGE - 2}"]


async def test_a_trial_looks_back_90_days_and_no_further(database: Database) -> None:
    await publish(database, *drones(1), seen_at=NOW - TRIED)
    await publish(database, *drones(1, first=1), seen_at=NOW - TRIED - timedelta(seconds=1))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 3)
    assert [finding.notice.id for finding in trial.examples] == ["26-0"]


async def test_a_trial_counts_what_each_item_matched(database: Database) -> None:
    await publish(database, *drones(2), Notice(id="x", source="boamp", title="Drone et caméra"))
    items = [keyword("drone", id=1), keyword("caméra", id=2), keyword("taser", id=3)]
    trial = await Watchlist(database).try_items(items, NOW, 1)
    assert trial.by_item == {1: 3, 2: 1}
    assert trial.matched == 3


async def test_a_trial_counts_the_days_of_publication(database: Database) -> None:
    for number, day in enumerate((date(2026, 3, 1), date(2026, 3, 1), date(2026, 2, 27), date(1999, 1, 1))):
        await publish(database, *drones(1, first=number, day=day))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 1)
    assert trial.days == 3


@pytest.mark.parametrize(
    ("stored", "matched", "days", "is_noisy"),
    [
        (10_000, 20, 5, False),
        (10_000, 21, 5, True),
        (10_000, 21, 1, True),
        (10_000, 40, 10, False),
        (10_000, 41, 10, True),
        (100, 5, 60, False),
        (100, 6, 60, True),
        (6, 5, 1, False),
        (400, 20, 60, False),
        (400, 21, 60, True),
        (0, 0, 0, False),
    ],
)
def test_more_than_twenty_a_week_or_one_in_twenty_is_noisy(
    stored: int,
    matched: int,
    days: int,
    is_noisy: bool,  # noqa: FBT001  # a column of the table
) -> None:
    assert Trial(stored, matched, (), days).is_noisy is is_noisy


async def test_a_query_that_cannot_be_looked_for_is_refused(database: Database) -> None:
    with pytest.raises(QueryError):
        await Watchlist(database).try_items([keyword("(drone")], NOW, 1)


async def test_a_text_is_judged_whatever_the_sources_of_the_item() -> None:
    verdict = await try_text([keyword("drone", sources=("ted",))], "Des drones")
    assert [hit.matched for hit in verdict.hits] == ["drones"]
    assert verdict.near_misses == ()


async def test_what_holds_an_item_back_in_a_text_is_told() -> None:
    verdict = await try_text(
        [keyword("drone", any_of=("police",)), keyword("drone", none_of=("jouet",))], "drone jouet"
    )
    assert verdict.hits == ()
    assert [miss.reason for miss in verdict.near_misses] == [Reason.ANY_OF_MISSING, Reason.NONE_OF_PRESENT]


NAMES = ("Valmarin Équipements SAS", "Halvoris & Fils", "Orange", "L'Étoile du Nord", "Hydro Mécanique Corvane", "ABC")
PEOPLE = ("Odile Corvoy", "Jean-Marc de Tesquane", "Paul Saint-Brevan", "Anne Vandenberghe")
TOPICS = ("drone", "caméra thermique", "appel d'offres", "cheval", "rendez-vous", "vidéosurveillance")
NUMBERS = ("siren:552081317", "552 081 317 00013", "BE 0403.227.515", "FR 40 303 265 045", "HRB 12345", "cpv:45233120")
WRITTEN = (
    "552 081 317",
    "55208131700013",
    "552.081.317",
    "FR03552081317",
    "BE0403227515",
    "TVA BE 0403.227.515",
    "FR40 303265045",
    "HRB Nr. 12345",
    "HRB12345",
    "CPV 45233120-6",
    "552-081-317",
)
PLAIN = "la ville achète des travaux et un service pour les agents".split()  # noqa: SIM905  # reads best as a text


def respelled(rng: random.Random, words: str) -> str:
    """Write words as notices do: in capitals, in the plural, cut by a hyphen, in letters apart, or as they are."""
    match rng.randrange(7):
        case 0:
            return words.upper()
        case 1:
            return " ".join(f"{word}s" for word in words.split())
        case 2:
            return re.sub(r"([A-Za-zé]{2})([a-zé]{2,})", r"\1-\n\2", words, count=1)
        case 3:
            return " ".join(words.replace(" ", ""))
        case 4:
            return words.replace(" ", "-")
        case _:
            return words


def some_text(rng: random.Random, said: Sequence[str]) -> str:
    parts = [rng.choice(PLAIN) for _ in range(rng.randrange(6, 14))]
    for words in said:
        parts.insert(rng.randrange(len(parts)), respelled(rng, words))
    return " ".join(parts)


def some_notice(rng: random.Random, number: int) -> Notice:
    said = [rng.choice(rng.choice((NAMES, PEOPLE, TOPICS, TOPICS, WRITTEN))) for _ in range(rng.randrange(3))]
    return Notice(
        id=f"n{number}",
        source=rng.choice(("boamp", "ted")),
        title=some_text(rng, said[:1]),
        text=some_text(rng, said[1:]),
        suppliers=(respelled(rng, rng.choice(NAMES)),) if rng.random() < 0.1 else (),
        people=(rng.choice(PEOPLE),) if rng.random() < 0.1 else (),
        identifiers=(rng.choice(NUMBERS),) if rng.random() < 0.1 else (),
        cpv=("45233120",) if rng.random() < 0.1 else (),
    )


def named(kind: ItemKind, name: str, **more: object) -> WatchItem:
    return WatchItem(kind=kind, name=name, guild_id=GUILD, added_by=1, **more)  # type: ignore[arg-type]


ITEMS = (
    *(named(ItemKind.COMPANY, name) for name in NAMES),
    *(named(ItemKind.OFFICIAL, name) for name in PEOPLE),
    *(named(ItemKind.KEYWORD, topic) for topic in TOPICS),
    *(named(ItemKind.COMPANY, "Tyrvanel", identifiers=(number,)) for number in NUMBERS),
    named(ItemKind.COMPANY, "Tyrvanel", aliases=("Orange", "Valmarin")),
    named(ItemKind.COMPANY, "Valmarin Équipements", any_of=("drone",), sources=("ted",)),
    named(ItemKind.KEYWORD, "drone OU cheval", none_of=("service",)),
    named(ItemKind.KEYWORD, "travaux ET (drone OU cheval ET agents)"),
    named(ItemKind.KEYWORD, "drone NEAR/3 service"),
    named(ItemKind.KEYWORD, "vidéo* SAUF ville"),
    named(ItemKind.KEYWORD, '"caméra therm*"'),
    named(ItemKind.KEYWORD, "=drone"),
)


def read_in(monkeypatch: pytest.MonkeyPatch, *, newest: int = 0, candidates: int = 1000, swept: int = 0) -> None:
    monkeypatch.setattr(trying, "NEWEST", newest)
    monkeypatch.setattr(trying, "CANDIDATES", candidates)
    monkeypatch.setattr(trying, "SWEPT", swept)


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_found_by_full_text_is_what_reading_everything_finds(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311  # made-up notices
    published = [some_notice(rng, number) for number in range(150)]
    await publish(database, *published)
    await Indexer(database).catch_up()
    for item in ITEMS:
        read_in(monkeypatch)
        by_words = await try_stored(database, [item], NOW, len(published))
        read_in(monkeypatch, newest=len(published))
        whole = await try_stored(database, [item], NOW, len(published))
        expected = [finding.notice.id for finding in whole.examples]
        assert [finding.notice.id for finding in by_words.examples] == expected, item
        assert (by_words.held, by_words.ordinary) == (whole.held, whole.ordinary), item


def test_the_notices_of_the_table_hold_what_is_looked_for() -> None:
    rng = random.Random(0)  # noqa: S311  # made-up notices
    published = [some_notice(rng, number) for number in range(1500)]
    for item in ITEMS:
        matcher = Matcher([item])
        assert any(matcher.find(notice) for notice in published), item


async def test_a_notice_that_is_not_indexed_yet_is_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await publish(database, *drones(1), Notice(id="x", source="boamp", title="Ascenseur"))
    read_in(monkeypatch, newest=1)
    assert (await try_stored(database, [keyword("drone")], NOW, 1)).matched == 1


async def test_a_revision_that_is_not_indexed_yet_is_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await publish(database, Notice(id="x", source="boamp", title="Ascenseur"))
    await Indexer(database).catch_up()
    async with database.tx("test") as connection:
        revised = Notice(id="x", source="boamp", title="Drone", revision=2)
        await notices.revise(connection, 1, revised, "other", 1, now=NOW)
    read_in(monkeypatch)
    assert (await try_stored(database, [keyword("drone")], NOW, 1)).matched == 1


async def test_of_too_many_candidates_the_newest_are_read_and_the_rest_is_said_to_be_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(database, *drones(6), Notice(id="x", source="boamp", title="Ascenseur"))
    await Indexer(database).catch_up()
    read_in(monkeypatch, newest=1, candidates=4)
    trial = await try_stored(database, [keyword("drone")], NOW, 9)
    assert [finding.notice.id for finding in trial.examples] == ["26-5", "26-4", "26-3", "26-2"]
    assert (trial.stored, trial.matched, trial.left_out, trial.looked_through) == (7, 4, 2, 5)


async def test_nothing_is_left_out_where_all_candidates_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (Notice(id=one, source="boamp", title="Ascenseur") for one in ("old", "new"))
    await publish(database, old, *drones(4), new)
    await Indexer(database).catch_up()
    read_in(monkeypatch, newest=1, candidates=4)
    trial = await try_stored(database, [keyword("drone")], NOW, 1)
    assert (trial.stored, trial.matched, trial.left_out) == (6, 4, 0)


async def test_an_expression_is_tried_on_the_newest_notices_only(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(database, *drones(5))
    await Indexer(database).catch_up()
    read_in(monkeypatch, swept=3)
    trial = await try_stored(database, [keyword("re:/Drone/")], NOW, 1)
    assert (trial.stored, trial.matched, trial.left_out) == (5, 3, 2)


async def test_more_spellings_than_can_be_looked_for_are_tried_on_the_newest_notices_only(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(database, *drones(5))
    await Indexer(database).catch_up()
    read_in(monkeypatch, swept=3)
    monkeypatch.setattr(trying, "MOST_SPELLINGS", 1)
    trial = await try_stored(database, [keyword("drone")], NOW, 1)
    assert (trial.stored, trial.matched, trial.left_out) == (5, 3, 2)


async def test_a_notice_seen_more_than_90_days_ago_is_no_candidate(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(database, *drones(1), seen_at=NOW - TRIED - timedelta(seconds=1))
    await publish(database, *drones(1, first=1))
    await Indexer(database).catch_up()
    read_in(monkeypatch)
    trial = await try_stored(database, [keyword("drone")], NOW, 2)
    assert [finding.notice.id for finding in trial.examples] == ["26-1"]


async def test_the_days_of_notices_that_are_not_read_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        day = date(2026, 1, 1) + timedelta(number)
        await publish(database, Notice(id=f"x{number}", source="boamp", title="Ascenseur", published=day))
    await Indexer(database).catch_up()
    read_in(monkeypatch, newest=1)
    assert (await try_stored(database, [keyword("drone")], NOW, 1)).days == 9
