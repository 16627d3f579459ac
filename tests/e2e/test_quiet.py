"""A night and a week at a desk: what is found waits for the morning, what people do does not, and noise is named."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from bot.clock import SystemClock
from bot.storage.database import Database
from bot.storage.watching import watchlist
from tests.e2e.digest_world import record
from tests.e2e.world import PARIS, World, today, words_of
from tests.noisy import bring


def at(hour: int, minute: int, second: int = 0, *, days: int = 0) -> datetime:
    """Return a time of a day from now on, as clocks in Paris show it."""
    return datetime.combine(today() + timedelta(days=days), time(hour, minute, second), PARIS)


async def rest_at_night(desk: World) -> None:
    """Let the administrator type quiet hours, and have what people log shown where hits are."""
    reply = await desk.admin.slash("setup", desk.announcements, log=desk.announcements)
    form = await desk.admin.click(reply, label="Annonces")
    set_up = await desk.admin.submit(form, {"quiet_hours": "22h-7h"})
    assert "de 22:00 à 07:00" in set_up.text


async def seed_noise(desk: World) -> None:
    """Let an item have hit 24 good notices and 190 homonyms that people dismissed."""
    database = await Database.open(desk.database, SystemClock())
    try:
        async with database.read() as connection:
            [item] = [one for one in await watchlist.every(connection, desk.guild.id) if one.name == "Axis"]
        await bring(database, item, desk.now(), good=24, wrong=190)
    finally:
        await database.close()


@pytest.mark.timeout(60)
async def test_a_night_is_quiet_but_for_what_people_do_and_a_week_of_noise_is_named(desk: World) -> None:
    desk.set_clock(at(20, 30))
    await desk.ready()
    await rest_at_night(desk)

    desk.set_clock(at(23, 0))
    desk.boamp.records.append(record(1, today()))
    await desk.until_polled()
    [owed] = desk.rows("SELECT state, held_until FROM announcement WHERE kind = 'notice'")
    assert (owed["state"], datetime.fromisoformat(owed["held_until"])) == ("pending", at(7, 0, days=1))
    desk.set_clock(at(23, 5))
    await desk.reporter.slash("tip add", desk.announcements, text="Un second marché se prépare")
    [tip] = await desk.shown(1)
    assert "Un second marché se prépare" in words_of(tip)

    await desk.bots[-1].kill()
    desk.set_clock(at(3, 0, days=1))
    await desk.started()
    await desk.until_polled()
    assert len(desk.posted()) == 1

    desk.set_clock(at(6, 59, 58, days=1))
    _, hit = await desk.shown(2)
    assert desk.now() >= at(7, 0, days=1)
    assert "caméra" in words_of(hit).casefold()
    await desk.until_settled()
    assert len(desk.posted()) == 2

    await desk.reporter.slash("watch add", desk.announcements, kind="company", name="Axis")
    await desk.bots[-1].stop()
    desk.set_clock(at(10, 0, days=2))
    await seed_noise(desk)
    await desk.started()
    note = words_of((await desk.shown(1, desk.operations))[0]).replace("\u202f", " ").replace("\u00a0", " ")
    assert "1 élément fait surtout du bruit" in note
    assert "190 correspondances sur 214 pour **Axis** ont été écartées en 28 jours." in note
    assert "Essayez **Axis Communications** : cela garderait 24 des 24 bonnes et en écarterait 190 des 190." in note
    await desk.until_settled()
    assert (len(desk.posted()), len(desk.posted(desk.operations))) == (2, 1)
