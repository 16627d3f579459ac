"""What a reporter asks of the bot about its own doings: why a notice was announced, and what an item could be told."""

from __future__ import annotations

import re

from bot.loopback.publishers.boamp_records import CITY, mapa_notice
from tests.e2e.world import World, in_days, today, words_of


async def test_why_a_tender_was_announced_and_why_an_item_was_not_in_it(running: World) -> None:
    running.boamp.records.append(
        mapa_notice(idweb="26-2", objet="Acquisition de CAMERAS PIETONS", published=today(), deadline=in_days(12))
    )
    (message,) = await running.shown(1)
    await running.until_settled()
    desk, reporter = running.announcements, running.reporter
    await reporter.slash("watch add", desk, kind="keyword", name="caméra ET préfecture")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", words_of(message))
    assert code is not None
    link = f"https://discord.com/channels/{running.guild.id}/{desk.id}/{message.id}"
    by_code = await reporter.slash("why", desk, notice=code[0])
    assert by_code.ephemeral
    assert "**caméra-piéton** (mot-clé) · Variante" in by_code.text
    assert "**CAMERAS PIETONS**" in by_code.text
    assert f"[{code[0]}]({link})" in by_code.text
    assert "il manque\u00a0: préfecture" in by_code.text
    for typed in (link, "boamp:26-2", "26-2"):
        assert (await reporter.slash("why", desk, notice=typed)).text == by_code.text
    assert "rôle" in (await running.outsider.slash("why", desk, notice=code[0])).text


async def test_a_name_that_stored_notices_print_is_offered_and_taken_after_a_restart(running: World) -> None:
    running.boamp.records.append(
        mapa_notice(idweb="26-3", objet="Entretien des espaces verts", published=today(), deadline=in_days(12))
    )
    await running.until_polled()
    await running.until_indexed()
    desk, reporter = running.announcements, running.reporter
    reply = await reporter.slash("watch add", desk, kind="company", name="Taser", identifiers=CITY.number[:9])
    assert CITY.name in reply.text
    await running.bots[-1].stop()
    await running.started()
    said = await reporter.select(reply, "item-alias:3", [CITY.name])
    assert "Alias ajouté" in said.text
    assert "l\u2019avait déjà" in (await reporter.select(reply, "item-alias:3", [CITY.name])).text
    (row,) = running.rows("SELECT aliases FROM watch_item WHERE id = 3")
    assert CITY.name in row["aliases"]
