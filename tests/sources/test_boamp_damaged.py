"""What is read of a record of BOAMP whose `donnees` are damaged, or of another shape than announced."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.loopback.publishers import boamp_records as boamp
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.numbers import siren, siret
from bot.models import Notice
from bot.sources import Parsed

ReadOne = Callable[[dict[str, Any]], Notice]
Read = Callable[..., Parsed]

DAY = date(2026, 11, 18)
DEADLINE = datetime(2026, 12, 20, 22, 30, tzinfo=UTC)
VALMARIN = Firm("Valmarin Systèmes", siren("99810047"))
CORVOY = Firm("Corvoy", siret(siren("99820051")))


def with_donnees(donnees: Any, **columns: Any) -> dict[str, Any]:
    plain = boamp.divers(idweb="26-1", objet="Objet", published=DAY)
    return plain | {"donnees": donnees if isinstance(donnees, str) else json.dumps(donnees)} | columns


@pytest.mark.parametrize(
    "donnees",
    [
        "{not json",
        "",
        "[1]",
        '"text"',
        "{}",
        '{"NOUVEAU": {}}',
        '{"EFORMS": []}',
        '{"FNSimple": "x"}',
        '{"MAPA": 1, "MAPA": 2}',
    ],
)
def test_an_unreadable_body_loses_no_notice(donnees: str, read: Read) -> None:
    parsed = read(with_donnees(donnees))

    assert [notice.title for notice in parsed.notices] == ["Objet"]
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("26-1", "donnees")]


@pytest.mark.parametrize("wrong", ["text", 7, ["a", ["b", 3]], {"x": {"y": 1}}, [None, {}], True, None, "", [[]]])
def test_a_part_of_another_type_never_stops_the_reading(wrong: Any, read: Read) -> None:
    for record in (
        boamp.eforms_notice(idweb="26-1", objet="Objet", published=DAY, deadline=DEADLINE, estimate="5"),
        boamp.eforms_award(idweb="26-1", objet="Objet", published=DAY, winners=(VALMARIN, CORVOY), amount="5"),
        boamp.fns_notice(idweb="26-1", objet="Objet", published=DAY, ceiling="5"),
        boamp.mapa_award(idweb="26-1", objet="Objet", published=DAY, winner="A", amount="5", of="26-0"),
        boamp.legacy_award(idweb="26-1", objet="Objet", published=DAY, winner=VALMARIN, amount="5"),
    ):
        for place in _places(json.loads(record["donnees"])):
            body = json.loads(record["donnees"])
            _put(body, place, wrong)
            assert [notice.id for notice in read(record | {"donnees": json.dumps(body)}).notices] == ["26-1"]


def test_a_part_of_another_type_is_named_as_a_loss(read: Read) -> None:
    body = {"FNSimple": {"organisme": ["oops"], "initial": {"natureMarche": {"description": {"p": "x"}}}}}

    assert {loss.field for loss in read(with_donnees(body)).losses} >= {
        "donnees organisme/nomOfficiel",
        "donnees initial/natureMarche/description",
    }


def test_an_element_that_stands_once_reads_like_a_list_of_one(read_one: ReadOne) -> None:
    record = boamp.eforms_award(idweb="26-1", objet="Objet", published=DAY, winners=(VALMARIN,), amount="5")
    whole = read_one(record)
    for place in _places(json.loads(record["donnees"])):
        body = json.loads(record["donnees"])
        *_, last = place
        if isinstance(last, int) or str(last).startswith(("@", "#")) or len(place) < 3:
            continue
        _put(body, place, [_at(body, place)])
        again = read_one(record | {"donnees": json.dumps(body)})
        assert (again.suppliers, again.amount, again.cpv) == (whole.suppliers, whole.amount, whole.cpv), place


def test_what_cannot_be_stored_is_left_out(read_one: ReadOne) -> None:
    notice = read_one(
        boamp.fns_notice(idweb="26-1", objet="Le\x00 \ud800toit", published=DAY, description="a\x01b\x85c")
    )

    assert notice.title == "Le toit"
    assert notice.text.encode()


def _places(node: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        children = list(node.items())
    elif isinstance(node, list):
        children = list(enumerate(node))
    return [place for key, child in children for place in ((*above, key), *_places(child, (*above, key)))]


def _at(node: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        node = node[key]
    return node


def _put(node: Any, place: tuple[str | int, ...], value: Any) -> None:
    _at(node, place[:-1])[place[-1]] = value
