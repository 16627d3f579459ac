"""`/watch add` asks the French register of companies who is meant; a person says which one it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import CompanyRegisterSettings
from bot.loopback import Platform
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.company_register import LoopbackCompanyRegister, company
from tests.cogs.house import House, Room, settings_of

SIREN = "998100473"
OTHER = "404833048"
COMPANIES = (
    company(SIREN, "VALMARIN SYSTEMES", sigle="VLS", signs=("SENTIVAL",)),
    company(OTHER, "VALMARIN SYSTEMES DE JARDIN", town="TARVEL", is_active=False),
    company("552081317", "VALMARIN SYSTEMES PAUL", legal_form="1000"),
)


@pytest.fixture
async def register() -> AsyncIterator[LoopbackCompanyRegister]:
    async with LoopbackCompanyRegister(COMPANIES) as running:
        yield running


@pytest.fixture
async def house(platform: Platform, register: LoopbackCompanyRegister, tmp_path: Path) -> AsyncIterator[House]:
    chosen = CompanyRegisterSettings(base_url=register.url)
    settings = settings_of(tmp_path).model_copy(update={"company_register": chosen})
    async with House(platform, settings).running() as running:
        yield running


async def test_the_registered_companies_are_offered_with_what_tells_them_apart(room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Systèmes")
    await reply.wait_for(lambda shown: SIREN in shown.text)
    assert "45000 ORLEANS" in reply.text
    assert "VLS" in reply.text
    assert "cessée" in reply.text
    assert "PAUL" not in reply.text
    assert "PROPRIETAIRE" not in reply.text


async def test_the_chosen_companys_number_and_other_names_are_added(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Systèmes")
    await reply.wait_for(lambda shown: SIREN in shown.text)
    said = await room.reporter.select(reply, "item-registered:1", [SIREN])
    assert SIREN in said.text
    assert [(item.identifiers, item.aliases) for item in await house.items(room)] == [((SIREN,), ("VLS", "SENTIVAL"))]


@pytest.mark.parametrize("fault", [PublisherFault.ERROR, PublisherFault.HTML, PublisherFault.CUT_BODY])
async def test_an_outage_of_the_register_changes_nothing_but_the_offer(
    house: House, room: Room, register: LoopbackCompanyRegister, fault: PublisherFault
) -> None:
    register.fail_next(fault)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Systèmes")
    await register.wait_for_request(1)
    assert "Registre des entreprises" not in reply.text
    assert [item.name for item in await house.items(room)] == ["Valmarin Systèmes"]


async def test_a_choice_is_kept_by_its_number_alone_where_the_register_is_out(
    house: House, room: Room, register: LoopbackCompanyRegister
) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin Systèmes")
    await reply.wait_for(lambda shown: SIREN in shown.text)
    register.fail_next(PublisherFault.ERROR)
    await room.reporter.select(reply, "item-registered:1", [SIREN])
    assert [(item.identifiers, item.aliases) for item in await house.items(room)] == [((SIREN,), ())]


@pytest.mark.parametrize(
    "typed",
    [{"kind": "official", "name": "Jeanne Valmarin"}, {"kind": "company", "name": "Valmarin", "identifiers": SIREN}],
    ids=["an official", "a company with its number"],
)
async def test_the_register_is_not_asked_without_need(
    room: Room, register: LoopbackCompanyRegister, typed: dict[str, str]
) -> None:
    await room.reporter.slash("watch add", room.desk, **typed)
    await room.reporter.slash("watch list", room.desk)
    assert register.requests == []
