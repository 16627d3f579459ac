"""What is offered for an item: near-duplicates, names and numbers of which stored notices are certain."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.models import ItemKind, WatchItem
from bot.storage.archive.organisations import Printed
from bot.storage.database import Database
from bot.watchlist import suggesting
from bot.watchlist.suggesting import Resemblance, names_of, suggest
from tests.empty_database import place_empty_database
from tests.factories import SettableClock

SIREN, OTHER = "552081317", "404833048"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    yield opened
    await opened.close()


def item(name: str, kind: ItemKind = ItemKind.COMPANY, id_: int | None = None, **said: tuple[str, ...]) -> WatchItem:
    return WatchItem(id=id_, guild_id=1, kind=kind, name=name, **said)  # type: ignore[arg-type]  # lists only


def printed(buyer: str | None, *suppliers: str, numbers: tuple[str, ...] = (f"siren:{SIREN}",)) -> Printed:
    return Printed("boamp", "26-1", buyer, suppliers, numbers)


@pytest.mark.parametrize(
    ("other", "resemblance"),
    [
        (item("Valmarine Défense SA", id_=12), Resemblance.NAME),
        (item("Autre", id_=12, aliases=("Défense Valmarin",)), Resemblance.NAME),
        (item("Tout autre chose", id_=12, identifiers=(f"{SIREN}00013",)), Resemblance.NUMBER),
        (item("Valmarin Défense France SAS", id_=12), Resemblance.NARROWER),
        (item("Valmarin", id_=12), Resemblance.WIDER),
        (item("Valmarin", id_=12, any_of=("drone",)), Resemblance.MAYBE_WIDER),
        (item("Autre", id_=12, aliases=("Val-Marin Défence",)), Resemblance.NAME),
    ],
)
async def test_an_item_that_is_there_already_is_told(
    database: Database, other: WatchItem, resemblance: Resemblance
) -> None:
    typed = item("Valmarin Défense", id_=99, identifiers=(SIREN,))
    others = [item("Orvelin", id_=1), typed, other]
    (neighbour,) = (await suggest(database, typed, others)).neighbours
    assert (neighbour.item.id, neighbour.resemblance) == (12, resemblance)


async def test_another_kind_another_name_and_the_item_itself_are_not(database: Database) -> None:
    typed = item("Paul Corvoy", ItemKind.OFFICIAL, id_=9)
    others = [typed, item("Paul Corvoy", ItemKind.KEYWORD, id_=1), item("Anne Corvoy", ItemKind.OFFICIAL, id_=2)]
    assert not await suggest(database, typed, others)


def test_one_name_and_one_number_belong_together() -> None:
    assert list(names_of(SIREN, [printed(None, "Axon SAS")])) == ["Axon SAS"]
    assert list(names_of(SIREN, [printed("Ville de Tarvel", numbers=(f"siret:{SIREN}00013", f"siren:{SIREN}"))])) == [
        "Ville de Tarvel"
    ]


@pytest.mark.parametrize(
    "doubtful",
    [
        printed("Ville de Tarvel", "Axon SAS"),
        printed("Ville de Tarvel", "Axon SAS", numbers=(f"siren:{OTHER}", f"siren:{SIREN}")),
        printed(None, "Axon SAS", numbers=(f"siren:{OTHER}", f"siren:{SIREN}")),
        printed(None, "Axon SAS", "Orvelin"),
        printed(None, "Axon SAS", numbers=(f"siren:{OTHER}",)),
    ],
)
def test_what_one_notice_leaves_open_is_not_offered(doubtful: Printed) -> None:
    assert names_of(SIREN, [doubtful, doubtful, doubtful]) == {}


def test_a_supplier_that_stands_beside_a_number_whoever_buys_is_its_owner() -> None:
    awards = [printed(f"Ville {town}", "Axon Public Safety") for town in ("Tarvel", "Corvoy", "Mirandel")]
    assert list(names_of(SIREN, awards)) == ["Axon Public Safety"]
    assert names_of(SIREN, awards[:2]) == {}


async def test_a_long_company_name_is_offered_its_brand(database: Database) -> None:
    (offer,) = (await suggest(database, item("Valmarin Public Safety Systems SAS"), [])).aliases
    assert (offer.text, offer.notices) == ("Valmarin", 0)


@pytest.mark.parametrize("name", ["Valmarin SAS", "Société générale", "Avenir Conseil", "3M France"])
async def test_a_brand_that_is_the_whole_name_or_an_ordinary_word_is_not_offered(database: Database, name: str) -> None:
    assert (await suggest(database, item(name), [])).aliases == ()


async def test_ten_thousand_items_are_compared_in_a_moment(database: Database) -> None:
    others = [item(f"Orvelin {number:05} Conseil", id_=number) for number in range(1, 10_001)]
    began = time.process_time()
    await suggest(database, item("Valmarin Défense"), others)
    assert time.process_time() - began < 2  # some 0.15 s: far from seconds, whatever the machine


async def test_rich_lists_are_compared_in_a_moment(database: Database) -> None:
    def names(of: int) -> tuple[str, ...]:
        return tuple(f"{chr(97 + of % 26)}or{of % 499}el{number} Conseil" for number in range(30))

    def numbers(of: int) -> tuple[str, ...]:
        return tuple(f"{of:05}{number:04}" for number in range(20))

    others = [item(f"Orvelin {of}", id_=of, aliases=names(of), identifiers=numbers(of)) for of in range(1, 2_001)]
    typed = item("Valmarin Défense", aliases=names(7), identifiers=("552081317",))
    began = time.process_time()
    assert (await suggest(database, typed, others)).neighbours
    assert time.process_time() - began < 3  # some 0.4 s; all pairs compared take 7


async def test_the_brand_of_another_item_is_not_offered(database: Database) -> None:
    others = [item("VALMARIN SA", id_=3)]
    assert (await suggest(database, item("Valmarin Public Safety Systems SAS"), others)).aliases == ()


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Callable[[Printed], None]:
    """Return what makes stored notices print something."""

    def prints(notice: Printed) -> None:
        async def printed_with(*_: object) -> list[Printed]:
            return [notice]

        monkeypatch.setattr(suggesting, "printed_with", printed_with)

    return prints


@pytest.mark.parametrize("name", ["\u200b", "  ", "Orvelin", "orvelin SAS"])
async def test_neither_nothing_nor_another_item_is_offered_as_an_alias(
    database: Database, stored: Callable[[Printed], None], name: str
) -> None:
    stored(printed(None, name))
    suggestions = await suggest(database, item("Taser", identifiers=(SIREN,)), [item("Orvelin", id_=2)])
    assert suggestions.aliases == ()


async def test_an_alias_is_offered_without_what_cannot_be_seen(
    database: Database, stored: Callable[[Printed], None]
) -> None:
    stored(printed(None, "Axon\u202e  Public\u200b Safety"))
    (offer,) = (await suggest(database, item("Taser", identifiers=(SIREN,)), [])).aliases
    assert offer.text == "Axon Public Safety"


@pytest.mark.parametrize("wrong", ["552081318", "1234"])
async def test_a_number_that_cannot_be_right_is_not_offered(
    database: Database, stored: Callable[[Printed], None], wrong: str
) -> None:
    stored(printed(None, "Taser", numbers=(f"siren:{wrong}",)))
    assert (await suggest(database, item("Taser"), [])).numbers == ()
    stored(printed(None, "Taser"))
    assert [offer.text for offer in (await suggest(database, item("Taser"), [])).numbers] == [SIREN]
