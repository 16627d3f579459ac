"""What a reporter asks of the bot about its own doings: why a notice was announced, and what an item could be told."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import pytest

from bot.loopback.publishers.boamp_records import CITY, corrigendum, mapa_notice
from tests.e2e.world import PARIS, PATIENCE_S, World, in_days, today, words_of


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


@pytest.mark.timeout(60)
async def test_why_in_a_thread_of_a_followed_procedure_and_at_night(desk: World) -> None:
    desk.set_clock(datetime.combine(today(), time(20, 30), PARIS))
    await desk.ready()
    channel, reporter = desk.announcements, desk.reporter
    form = await desk.admin.click(await desk.admin.slash("setup", channel), label="Annonces")
    await desk.admin.submit(form, {"quiet_hours": "22h-7h", "threads": "yes"})
    roads = mapa_notice(idweb="26-4", objet="Réfection de la voirie", published=today(), deadline=in_days(20))
    desk.boamp.records.append(roads)
    await desk.until_polled()
    address = "https://www.boamp.fr/pages/avis/?q=idweb:26-4"
    unknown_here = await reporter.slash("why", channel, notice=address)
    assert "Rien n\u2019en a été envoyé ici." in unknown_here.text
    await reporter.click(unknown_here, label="Suivre")
    await desk.shown(1)
    await desk.until_settled()
    asked = await reporter.slash("why", channel, notice=address)
    assert f"<@{reporter.id}> fait suivre cette procédure ici, sans élément surveillé." in asked.text
    assert "Rappel de la date limite prévu le" in asked.text

    desk.boamp.records.append(
        corrigendum(of=roads, idweb="26-5", published=today(), deadline=in_days(25), what="Date limite")
    )
    await desk.platform.pulse.until(lambda: len(channel.threads) == 1, PATIENCE_S, "the thread")
    (thread,) = channel.threads
    await thread.wait_for(1, PATIENCE_S)
    await desk.until_settled()
    of_thread = await reporter.slash(
        "why", channel, notice=f"https://discord.com/channels/{desk.guild.id}/{thread.id}/{thread.last().id}"
    )
    assert f"fil <#{thread.id}>" in of_thread.text
    assert "de la même procédure\u00a0: aucun élément surveillé n\u2019est nommé ici." in of_thread.text

    desk.set_clock(datetime.combine(today(), time(23, 0), PARIS))
    desk.boamp.records.append(
        mapa_notice(idweb="26-6", objet="CAMERAS PIETONS", published=today(), deadline=in_days(12))
    )
    await desk.until_polled()
    [owed] = desk.rows("SELECT code FROM announcement WHERE subject = 'boamp:26-6'")
    held = await reporter.slash("why", channel, notice=owed["code"].replace("-", "").lower())
    morning = f"{today() + timedelta(days=1):%Y}"
    assert "envoi retenu jusqu\u2019au" in held.text
    assert f"{morning} à 07:00 (heures calmes)" in held.text
    hits = await reporter.slash("watch hits", channel, item="caméra-piéton")
    assert "à 07:00 (heures calmes)" in hits.text
