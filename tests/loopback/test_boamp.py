"""The loopback bulletin behaves as the interface does: otherwise the tests that lean on it prove nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import pytest

from bot.loopback.demo_notices import VALMARIN, VALMARIN_ALIAS, demo_records
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers import boamp_records as boamp
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_eforms import CONTACT_EMAIL, Firm
from bot.loopback.publishers.numbers import siren, siret

DAY = date(2026, 11, 18)
DEADLINE = datetime(2026, 12, 20, 11, tzinfo=UTC)


@pytest.fixture
async def bulletin() -> AsyncIterator[LoopbackBoamp]:
    days = [date(2026, 11, 16), date(2026, 11, 17), DAY]
    records = [
        boamp.fns_notice(idweb=f"26-{10 * place + number}", objet="Été", published=day)
        for place, day in enumerate(days)
        for number in range(3)
    ]
    async with LoopbackBoamp(records[::-1]) as bulletin:
        yield bulletin


async def ask(bulletin: LoopbackBoamp, **params: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            bulletin.url + "/api/explore/v2.1/catalog/datasets/boamp/records", params=params, allow_redirects=False
        ) as answer,
    ):
        body = await answer.read()
        return answer.status, json.loads(body) if answer.content_type == "application/json" and body else body


def ids(page: Any) -> list[str]:
    return [record["idweb"] for record in page["results"]]


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("", 9),
        ("dateparution >= date'2026-11-17'", 6),
        ('dateparution >= "2026-11-17"', 6),
        ("dateparution = date'2026-11-17'", 3),
        ("dateparution >= date'2026-11-16' and dateparution < date'2026-11-18'", 6),
        ("dateparution > date'2026-11-18'", 0),
    ],
)
async def test_conditions_on_dates_choose(where: str, count: int, bulletin: LoopbackBoamp) -> None:
    status, page = await ask(bulletin, where=where, limit="100")

    assert (status, page["total_count"], len(page["results"])) == (200, count, count)


async def test_pages_follow_the_order_asked_for(bulletin: LoopbackBoamp) -> None:
    _, first = await ask(bulletin, order_by="idweb", limit="4")
    _, last = await ask(bulletin, order_by="dateparution desc, idweb", limit="2", offset="1")

    assert (first["total_count"], ids(first)) == (9, ["26-0", "26-1", "26-10", "26-11"])
    assert ids(last) == ["26-21", "26-22"]


@pytest.mark.parametrize(
    "params",
    [{"limit": "101"}, {"limit": "100", "offset": "9901"}, {"where": "objet like 'x'"}, {"offset": "x"}],
)
async def test_what_the_interface_refuses_is_refused_in_its_words(
    params: dict[str, str], bulletin: LoopbackBoamp
) -> None:
    status, said = await ask(bulletin, **params)

    assert status == 400
    assert said.keys() == {"error_code", "message"}


async def test_requests_are_kept_and_can_be_waited_for(bulletin: LoopbackBoamp) -> None:
    waiting = asyncio.create_task(bulletin.wait_for_request(2))
    await ask(bulletin, limit="1")
    assert not waiting.done()
    await ask(bulletin, limit="2")
    await waiting

    assert [query.params for query in bulletin.requests] == [{"limit": "1"}, {"limit": "2"}]


async def test_waiting_for_a_request_that_never_comes_ends(bulletin: LoopbackBoamp) -> None:
    with pytest.raises(TimeoutError):
        await bulletin.wait_for_request(1, timeout_s=0.01)


async def test_faults_come_in_the_order_planned_and_end(bulletin: LoopbackBoamp) -> None:
    bulletin.fail_next(PublisherFault.ERROR, times=2)
    bulletin.fail_next(PublisherFault.TOO_MANY, retry_after="9")
    bulletin.fail_next(PublisherFault.HTML)

    assert [(await ask(bulletin))[0] for _ in range(5)] == [500, 500, 429, 200, 200]


async def test_faults_can_be_forgotten(bulletin: LoopbackBoamp) -> None:
    bulletin.fail_next(PublisherFault.ERROR)
    bulletin.heal()

    assert (await ask(bulletin))[0] == 200


async def test_a_hanging_answer_is_released_when_the_server_stops(bulletin: LoopbackBoamp) -> None:
    bulletin.fail_next(PublisherFault.HANG)
    asking = asyncio.create_task(ask(bulletin))
    await bulletin.wait_for_request(1)
    await bulletin.stop()

    assert (await asking)[0] == 503


async def test_a_dripping_answer_is_the_right_one(bulletin: LoopbackBoamp) -> None:
    bulletin.records = bulletin.records[:1]
    bulletin.fail_next(PublisherFault.DRIP, delay_s=0)

    assert (await ask(bulletin))[1]["total_count"] == 1


async def test_a_cut_answer_breaks_off(bulletin: LoopbackBoamp) -> None:
    bulletin.fail_next(PublisherFault.CUT)

    with pytest.raises(aiohttp.ClientPayloadError):
        await ask(bulletin)


async def test_a_renamed_column_is_gone_from_every_record(bulletin: LoopbackBoamp) -> None:
    bulletin.fail_next(PublisherFault.RENAMED, field="nature")
    _, page = await ask(bulletin)

    assert all("nature" not in record and "nature_v2" in record for record in page["results"])


async def test_a_shifted_page_repeats_the_record_before_it(bulletin: LoopbackBoamp) -> None:
    _, first = await ask(bulletin, order_by="idweb", limit="3")
    bulletin.fail_next(PublisherFault.SHIFTED)
    _, second = await ask(bulletin, order_by="idweb", limit="3", offset="3")

    assert ids(second)[0] == ids(first)[-1]


async def test_records_vanish_and_come_back(bulletin: LoopbackBoamp) -> None:
    bulletin.vanish("26-0", "26-1")
    assert (await ask(bulletin))[1]["total_count"] == 7
    bulletin.bring_back()
    assert (await ask(bulletin))[1]["total_count"] == 9


async def test_a_mass_resave_changes_every_record_and_says_nothing_new(bulletin: LoopbackBoamp) -> None:
    before = [dict(record) for record in bulletin.records]
    bulletin.resave_all()

    for old, new in zip(before, bulletin.records, strict=True):
        assert {name for name in old if old[name] != new[name]} == {"etat", "criteres"}


@pytest.mark.parametrize(
    "record",
    [
        boamp.eforms_notice(idweb="26-1", objet="A", published=DAY, deadline=DEADLINE),
        boamp.eforms_award(idweb="26-1", objet="A", published=DAY, winners=(Firm("B"),), amount="5"),
        boamp.fns_notice(idweb="26-1", objet="A", published=DAY),
        boamp.fns_award(idweb="26-1", objet="A", published=DAY, prose="P"),
        boamp.mapa_notice(idweb="26-1", objet="A", published=DAY),
        boamp.mapa_award(idweb="26-1", objet="A", published=DAY, winner="B"),
        boamp.dsp(idweb="26-1", objet="A", published=DAY),
        boamp.divers(idweb="26-1", objet="A", published=DAY),
        boamp.legacy_award(idweb="26-1", objet="A", published=DAY, winner=Firm("B")),
    ],
    ids=lambda record: f"{record['famille']}-{record['nature']}",
)
def test_a_record_has_every_column_and_contacts_to_leave_out(record: dict[str, Any]) -> None:
    assert len(record) == 41
    assert isinstance(json.loads(record["donnees"]), dict)
    assert CONTACT_EMAIL in record["gestion"]


def test_made_up_numbers_pass_their_check() -> None:
    assert siren("40483304") == "404833048"
    assert siret("216901231", "0001") == "21690123100011"


def test_the_demo_holds_every_shape_and_its_traps() -> None:
    before, today = demo_records(DAY)
    roots = {record["donnees"].split('"')[1] for record in before + today}
    everything = json.dumps(today, ensure_ascii=False)

    assert roots == {"EFORMS", "FNSimple", "MAPA", "DSP", "DIVERS", "IDENTITE"}
    assert len({record["idweb"] for record in before + today}) == len(before) + len(today) == 19
    assert all(record["dateparution"] < DAY.isoformat() for record in before)
    assert all(record["dateparution"] == DAY.isoformat() for record in today)
    assert VALMARIN_ALIAS in everything
    assert f"{VALMARIN.number}0002" in everything
    assert "@everyone" in everything
