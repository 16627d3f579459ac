"""A large register and the real bot: people are answered meanwhile, and no break in it loses or repeats anything."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import date
from itertools import count, cycle
from pathlib import Path

import pytest

from bot.loopback.publishers import PublisherFault, Record, hatvp_records
from bot.loopback.publishers.numbers import siren
from tests.big_registers import hatvp_dump, hatvp_organisation, hatvp_organisation_of_few_entries
from tests.e2e.many_notices import FIRM_NUMBER, ITEMS
from tests.e2e.nursery import Nursery
from tests.e2e.register_world import RegisterWorld, Stage, register_world

LARGE, MEDIUM = 20_000_000, 5_000_000
"""Bytes of registers of five hundred organisations and of 125, with two entries each."""

FULL, KILLS = int(float(os.environ.get("BENCH_REGISTER_MB", "140")) * 1_000_000), 5
"""Bytes of a register as large as the real one, and how often the process that stores it is killed."""

ABSENT = " (avant : n'y figurait pas)"

FIRMS, ENTRIES = 40, 25
"""Organisations of a smaller one, with as many entries each as real ones have."""


@pytest.fixture
async def reading(tmp_path: Path, nursery: Nursery) -> AsyncIterator[RegisterWorld]:
    """Give a newsroom whose bot is to read a register that is not there yet."""
    async with register_world(tmp_path, nursery) as made:
        yield made


async def test_reading_and_writing_commands_are_answered_at_every_stage_of_a_large_register(
    reading: RegisterWorld,
) -> None:
    desk, answered = reading.desk, defaultdict(set)
    reading.register.fail_next(PublisherFault.DRIP, delay_s=0.02)
    await desk.started()
    await desk.set_up()
    reading.register.lay_down(hatvp_dump(LARGE, hatvp_organisation_of_few_entries))
    commands = cycle(("watch add", "watch list", "tip add"))
    for number in count():
        if reading.dumps():
            break
        stage, command = reading.stage(), next(commands)
        named = {
            "watch add": {"kind": "company", "name": f"Lisière {number} SA"},
            "tip add": {"text": f"Appel {number}"},
        }
        # The loopback takes no first answer after 3 s, as Discord does.
        reply = await desk.reporter.slash(command, desk.announcements, **named.get(command, {}))
        assert reply.text
        if reading.stage() is stage:
            answered[stage].add(command)
    assert answered[Stage.READS]
    assert {"watch add", "tip add"} <= answered[Stage.DOWNLOADS] & answered[Stage.STORES]
    assert reading.is_whole()


async def test_a_download_that_is_cut_goes_on_from_there(reading: RegisterWorld) -> None:
    reading.register.lay_down(hatvp_dump(MEDIUM, hatvp_organisation_of_few_entries))
    reading.register.fail_next(PublisherFault.CUT)
    await reading.desk.started()
    await reading.until_stored()
    first, second, *_ = reading.register.requests
    assert "Range" not in first.headers
    assert int(second.headers["Range"].removeprefix("bytes=").removesuffix("-")) > MEDIUM // 3
    assert reading.is_whole()


async def test_a_download_goes_on_from_where_the_process_was_killed(reading: RegisterWorld) -> None:
    reading.register.lay_down(hatvp_dump(MEDIUM, hatvp_organisation_of_few_entries))
    reading.register.fail_next(PublisherFault.DRIP, delay_s=0.05)
    bot = await reading.desk.started()
    await reading.until_downloaded(MEDIUM // 4)
    await bot.kill()
    had = reading.downloaded()
    await reading.desk.started()
    await reading.until_stored()
    assert [asked.headers.get("Range") for asked in reading.register.requests][:2] == [None, f"bytes={had}-"]
    assert reading.is_whole()


async def test_a_poll_that_is_killed_while_it_stores_a_register_loses_nothing_and_tells_nothing_twice(
    reading: RegisterWorld,
) -> None:
    desk, before, firms = reading.desk, range(FIRMS), range(FIRMS, 2 * FIRMS)
    reading.register.lay_down([dump_of(map(hatvp_organisation, before))])
    bot = await desk.started()
    await desk.set_up()
    await desk.reporter.slash("watch add", desk.announcements, **ITEMS[0])
    await reading.until_stored()

    new = [hatvp_organisation(place) for place in firms]
    for firm in new[::5]:
        firm["clients"].append(hatvp_records.client("ORVALIS", FIRM_NUMBER))
    reading.register.lay_down([dump_of([*map(hatvp_organisation, before), *new])])
    await reading.until_storing(FIRMS * ENTRIES)
    await bot.kill()
    assert FIRMS * ENTRIES < reading.notices() < 2 * FIRMS * ENTRIES
    assert desk.posted() == []

    await desk.started()
    await reading.until_stored(2)
    titles = [message.embeds[0]["title"] for message in desk.posted()]
    assert Counter(as_typed(title) for title in titles) == {
        f"Registre des lobbys : {firm['denomination']} gagne le client ORVALIS": 1 for firm in new[::5]
    }
    assert reading.notices() == 2 * FIRMS * ENTRIES + len(titles)
    assert desk.rows("SELECT 1 FROM notice WHERE source = 'hatvp' AND revision > 1") == []


@pytest.mark.torture
@pytest.mark.timeout(7_200)
async def test_a_register_of_full_size_is_stored_whole_though_the_process_is_killed_again_and_again(
    reading: RegisterWorld,
) -> None:
    reading.patience_s = 3_600
    reading.register.lay_down(hatvp_dump(FULL))
    for _ in range(KILLS):
        bot = await reading.desk.started()
        await reading.until_storing(reading.notices() + FULL // 10_000)
        await bot.kill()
    await reading.desk.started()
    await reading.until_stored()
    assert reading.notices() == ENTRIES * len(reading.desk.rows("SELECT 1 FROM register_entity"))
    assert reading.notices() == ENTRIES * reading.register.body.count(b'"datePremierePublication"')


async def test_what_a_dump_changes_of_a_firm_is_one_message_that_says_what_was_and_what_is(
    reading: RegisterWorld,
) -> None:
    """The firm and a client that it loses are watched: each hears of it, in the channel of its own."""
    desk = reading.desk
    firm = hatvp_records.organisation(
        "VIGIER CONSEIL",
        (number := siren("98110041")),
        lobbyists=[hatvp_records.person("Zoé", "CORVOY", "Consultante")],
        clients=[hatvp_records.client("ORVALIS", FIRM_NUMBER)],
        years=[(first := hatvp_records.year(10, 2024, declared=date(2025, 3, 26)))],
    )
    others = [hatvp_organisation(place) for place in range(12)]
    reading.register.lay_down([dump_of([firm, *others])])
    await desk.started()
    await desk.set_up()
    await desk.reporter.slash("watch add", desk.announcements, kind="company", name="VIGIER CONSEIL")
    await desk.reporter.slash("watch add", desk.announcements, kind="company", name="ORVALIS", channel=desk.operations)
    await reading.until_stored()
    before = len(desk.posted())

    later = hatvp_records.organisation(
        "VIGIER CONSEIL",
        number,
        lobbyists=[hatvp_records.person("Jeanne", "DELMAS", "Ancienne députée")],
        clients=[
            hatvp_records.client("AXIDOR", siren("99810055")),
            hatvp_records.client("ORVALIS", FIRM_NUMBER, until=date(2026, 2, 3)),
        ],
        years=[first, hatvp_records.year(11, 2025, declared=date(2026, 3, 26), spend=hatvp_records.SPENDS[4])],
    )
    reading.register.lay_down([dump_of([*others, later])])
    await reading.until_stored(2)
    [of_firm], [of_client] = desk.posted()[before:], desk.posted(desk.operations)
    assert as_typed(of_firm.embeds[0]["title"]) == "Registre des lobbys : VIGIER CONSEIL perd le client ORVALIS"
    assert as_typed(of_firm.embeds[0]["fields"][0]["value"]).splitlines() == [
        "• Mandat d'ORVALIS terminé le 3 février 2026 (avant : en cours)",
        "• Nouveau client : AXIDOR (avant : n'était pas parmi les clients déclarés)",
        f"• Lobbyiste ayant exercé une charge publique : Jeanne DELMAS (Ancienne députée), chez VIGIER CONSEIL{ABSENT}",
        "• N'est plus parmi les lobbyistes : Zoé CORVOY (avant : y figurait)",
        "• Dépenses de lobbying 2025 en hausse : de 75 000 à 100 000 € (avant : de 10 000 à 25 000 € en 2024)",
        "• Déclaration 2025 déposée (avant : non déposée)",
    ]
    assert as_typed(of_client.embeds[0]["fields"][0]["value"]) == (
        "Mandat d'ORVALIS terminé le 3 février 2026 (avant : en cours)"
    )


def as_typed(text: str) -> str:
    """Return a text with ordinary spaces and apostrophes."""
    return text.translate({0x202F: " ", 0xA0: " ", 0x2019: "'"})


def dump_of(organisations: Iterable[Record]) -> bytes:
    """Return a dump of the French register that holds these organisations."""
    return json.dumps({"publications": list(organisations)}).encode()
