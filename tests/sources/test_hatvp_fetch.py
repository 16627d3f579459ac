"""How the register of lobbyists is fetched: once a version, and what happens in it between two dumps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.loopback.publishers.hatvp_records import SPENDS, organisation, sheet, year
from bot.loopback.publishers.numbers import siren
from bot.sources import Asked, Parsed, Payload, PoliteClient, Window
from bot.sources.hatvp import Hatvp

FIRM, MAKER = siren("98110041"), siren("99810047")
NOW = datetime(2026, 11, 19, 6, tzinfo=UTC)


def firm(**said: Any) -> dict[str, Any]:
    return organisation("VIGIER CONSEIL", FIRM, **said)


async def fetched(
    publisher: LoopbackHatvp, client: PoliteClient, cursor: dict[str, Any] | None = None
) -> tuple[Payload, Parsed]:
    asked = Asked(Window(NOW.date()), NOW, cursor=cursor or {})
    source = Hatvp(publisher.url)
    payloads = []
    read = Parsed(())
    async for payload in source.fetch(asked, client):
        payloads.append(payload)
        if not payload.is_unchanged:
            with payload.opened() as stream:
                read = source.parse(stream.read())
    assert len(payloads) == 1
    return payloads[0], read


@pytest.mark.parametrize("has_validators", [True, False])
async def test_a_register_that_was_stored_is_not_read_again_even_where_the_server_knows_no_conditions(
    client: PoliteClient, *, has_validators: bool
) -> None:
    async with LoopbackHatvp([firm()]) as publisher:
        publisher.has_validators = has_validators
        first, _ = await fetched(publisher, client)
        second, _ = await fetched(publisher, client, dict(first.cursor or {}))

    assert (first.is_unchanged, second.is_unchanged) == (False, True)
    assert ("If-None-Match" in publisher.requests[1].headers) is has_validators


async def test_what_happens_in_a_register_is_what_is_new_in_its_next_dump(client: PoliteClient) -> None:
    async with LoopbackHatvp(
        [firm(clients=[], years=[year(12, 2025, declared=date(2026, 3, 26)), year(13, 2026)])]
    ) as publisher:
        first, before = await fetched(publisher, client)
        publisher.gain_client(FIRM, "VALMARIN", MAKER)
        publisher.change_spend(FIRM, 2025, SPENDS[3])
        publisher.declare_late(FIRM, 2026)
        publisher.publish_sheet(FIRM, 2025, sheet("9S", "Objet", published=date(2026, 11, 18)))
        _, after = await fetched(publisher, client, dict(first.cursor or {}))

    old = before.revision_hashes
    assert {id_ for id_, hashed in after.revision_hashes.items() if old.get(id_) != hashed} == {
        f"{FIRM}:client:{MAKER}",
        f"{FIRM}:exercice:12",
        f"{FIRM}:exercice:13",
        "fiche:9S",
    }


async def test_a_register_is_seen_to_be_there_without_reading_it(client: PoliteClient) -> None:
    async with LoopbackHatvp([organisation("A" * 300_000, FIRM)]) as publisher:
        assert await Hatvp(publisher.url).probe(Asked(Window(NOW.date()), NOW), client) == 0
        publisher.url = f"{publisher.url}/ailleurs"
        with pytest.raises(SourceError):
            await Hatvp(publisher.url).probe(Asked(Window(NOW.date()), NOW), client)
