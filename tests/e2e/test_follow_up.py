"""What a reporter is told of a tender after it was announced, over months: by the real bot, its clock moved on."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from bot.loopback import Message
from bot.loopback.publishers.boamp_records import corrigendum, fns_award, fns_notice
from bot.loopback.replies import Reply
from tests.e2e.test_reminders import go_to
from tests.e2e.world import World, in_days, today, words_of

NUMBERS = itertools.count(100)
SPACE = "\u00a0"
LEFT = "Plus que 3 jours \u2013 "
MISSING = f"Clos depuis 92 jours, aucune attribution publiée{SPACE}: "


def titles(desk: World) -> list[str]:
    """Return what the announcements now say first, oldest first."""
    return [str(message.embeds[0]["title"]) for message in desk.posted()]


async def at_rest(desk: World) -> list[str]:
    """Wait until a poll was stored and nothing is owed; return what stands in the channel."""
    await desk.until_polled()
    await desk.until_settled()
    return titles(desk)


async def restarted(desk: World, days: int, number: int = 0) -> list[str]:
    """Start the bot anew, so many days from today; return what stands in the channel, so many messages at least."""
    await desk.bots[-1].stop()
    go_to(desk, days)
    day = today() + timedelta(days=days)
    desk.boamp.records.append(fns_notice(idweb=f"26-{next(NUMBERS)}", objet="Mobilier", published=day))
    await desk.started()
    await desk.shown(number)
    return await at_rest(desk)


async def follows_by_hand(desk: World) -> None:
    """Follow a procedure that nothing names, be told of its corrigendum, and give it up."""
    channel, reporter = desk.announcements, desk.reporter
    roads = fns_notice(idweb="26-4", objet="Réfection de la voirie", published=today(), deadline=in_days(20))
    desk.boamp.records.append(roads)
    before = await at_rest(desk)
    await desk.until_indexed()
    found = await reporter.slash("search", channel, query="voirie")
    done: Reply = await reporter.click(found, label="Suivre")
    assert "C\u2019est suivi" in done.text
    followed: Message = (await desk.shown(len(before) + 1))[-1]
    assert "Procédure suivie par" in words_of(followed)
    assert "déjà" in (await reporter.click(found, label="Suivre")).text
    desk.boamp.records.append(
        corrigendum(of=roads, idweb="26-5", published=today(), deadline=in_days(25), what="Date limite")
    )
    await desk.shown(len(before) + 2)
    assert "suivie à la main" in (await reporter.slash("watch list", channel)).text
    why = await reporter.slash("why", channel, notice="26-4")
    assert "Suivie à la main par" in why.text
    assert "plus suivie" in (await reporter.click(done, label="Ne plus suivre")).text
    assert "déjà plus suivie" in (await reporter.click(why, label="Ne plus suivre")).text
    desk.boamp.records.append(
        corrigendum(of=roads, idweb="26-6", published=today(), deadline=in_days(30), what="Date limite")
    )
    assert len(await at_rest(desk)) == len(before) + 2


@pytest.mark.timeout(120)
async def test_a_tender_is_recalled_once_and_its_missing_award_told_once(desk: World) -> None:
    go_to(desk, 0)
    await desk.ready()
    for number, what in ((2, "Caméras-piétons du Nord"), (3, "Caméras-piétons du Sud")):
        desk.boamp.records.append(fns_notice(idweb=f"26-{number}", objet=what, published=today(), deadline=in_days(20)))
    await desk.shown(2)
    await follows_by_hand(desk)
    told = titles(desk)

    recalled = await restarted(desk, 17, len(told) + 2)
    assert sorted(recalled[len(told) :]) == [f"{LEFT}Caméras-piétons du Nord", f"{LEFT}Caméras-piétons du Sud"]
    assert await restarted(desk, 17) == recalled

    day = today() + timedelta(days=17)
    desk.boamp.records.append(
        fns_award(idweb="26-9", objet="Caméras-piétons du Sud", published=day, prose="Valmarin SAS", of="26-3")
    )
    await desk.shown(len(recalled) + 1)
    alarmed = await restarted(desk, 20 + 92, len(recalled) + 2)
    assert [title for title in alarmed if title.startswith(MISSING)] == [f"{MISSING}Caméras-piétons du Nord"]
    assert len(alarmed) == len(recalled) + 2
    assert await restarted(desk, 20 + 93) == alarmed
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", words_of(desk.posted()[-1]).splitlines()[-1])
    assert code is not None
    why = await desk.reporter.slash("why", desk.announcements, notice=code[0])
    assert "boamp:26-2" in why.text or "26-2" in why.text
