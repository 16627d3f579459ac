"""A night and a season of a desk: held till morning, reminded of a deadline, told of what is missing, and of noise."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from datetime import datetime

from bot.clock import SystemClock
from bot.loopback import Channel
from bot.loopback.publishers.boamp_records import fns_notice
from bot.loopback.publishers.hatvp_records import SPENDS, client, organisation, year
from bot.loopback.publishers.numbers import siren
from bot.storage.database import Database
from bot.storage.watching import watchlist
from tests.e2e.desk_sweep import LAID_DOWN, OWED, POSTED, Shift, Stage, answered, at, calls, commits, told, until
from tests.e2e.digest_world import record
from tests.e2e.world import in_days, today, words_of
from tests.noisy import bring

SETTINGS: dict[str, object] = {"quiet_from": "22:00", "quiet_until": "07:00", "storm": 3}
BEGINS = at(20, 30)
MORNING = at(7, days=1)
FIRM, CLIENT = siren("98110041"), siren("99810013")
FOUND_AT_NIGHT = 5
"""Tenders of radars that are found in one night, more than the storm brake lets through."""


async def publish_in_the_evening(desk: Shift) -> None:
    """Publish the tender whose deadline people are reminded of, and a register."""
    _read(desk, "boamp", "hatvp")
    firm = organisation("VIGIER CONSEIL", FIRM, clients=[client("ORVALIS", CLIENT)], years=[year(11, 2025)])
    desk.register.records.append(firm)
    tender = fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    desk.made.boamp.records.append(tender)


async def is_routed(desk: Shift) -> None:
    """Wait until both channels of the dossiers hold it."""
    await until(lambda: desk.forum.threads and told(desk.forum.threads[0]))
    await desk.made.shown(1, desk.police)
    await until(lambda: desk.made.rows("SELECT 1 FROM source_state WHERE source = 'hatvp' AND dumps > 0"))
    await desk.made.until_settled()


async def publish_before_the_night(desk: Shift) -> None:
    """Publish a tender of radars that the bot finds, and cannot send, before quiet hours begin."""
    _read(desk, "boamp")
    desk.made.set_clock(at(21, 50))
    desk.made.boamp.records.append(record(0, today(), word="Radars"))


async def is_held(desk: Shift) -> None:
    """Wait until it waits for the morning."""
    await until(lambda: len(_held(desk, desk.made.announcements)) == 1)


async def publish_at_night(desk: Shift) -> None:
    """Publish a tender for the dossiers."""
    desk.made.set_clock(at(0, 30, days=1))
    desk.made.boamp.records.append(record(100, today()))


async def waits(desk: Shift) -> None:
    """Wait until it waits for the morning in both channels of the dossiers."""
    await until(lambda: [len(_held(desk, place)) for place in (desk.police, desk.forum)] == [1, 1])


async def publish_too_much(desk: Shift) -> None:
    """Publish more tenders of radars than one night may bring."""
    desk.made.set_clock(at(3, days=1))
    desk.made.boamp.records += [record(lot, today(), word="Radars") for lot in range(1, FOUND_AT_NIGHT)]


async def is_braked(desk: Shift) -> None:
    """Wait until one storm stands for them all."""
    await until(lambda: [kind for kind, _ in _held(desk, desk.made.announcements)] == ["storm"])
    if sum(len(told(place)) for _, place in desk.places()) != len(desk.forum.threads) + 1:
        desk.wrong.append("the night was not quiet")


async def nears_the_morning(desk: Shift) -> None:
    """Make it two seconds to the end of the quiet hours."""
    desk.made.set_clock(at(6, 59, 58, days=1))


async def is_let_go(desk: Shift) -> None:
    """Wait until all three messages of the night stand where they belong."""
    await desk.made.shown(1)
    await desk.made.shown(2, desk.police)
    await until(lambda: len(desk.forum.threads) > 1 and all(map(told, desk.forum.threads)))
    await desk.made.until_settled()
    [storm] = told(desk.made.announcements)
    if desk.made.now() < MORNING or not words_of(storm).startswith(f"{FOUND_AT_NIGHT} correspondances"):
        desk.wrong.append(f"the morning brings {words_of(storm)!r}")


async def publish_in_the_register(desk: Shift) -> None:
    """Change three things of a firm in the register, and have nothing else read."""
    desk.made.set_clock(at(10, days=1))
    _read(desk, "hatvp")
    desk.register.gain_client(FIRM, "AXIDOR", siren("99810055"))
    desk.register.end_client(FIRM, CLIENT, today())
    desk.register.declare_year(FIRM, 2025, today(), SPENDS[4])


async def is_told_of_the_firm(desk: Shift) -> None:
    """Wait until one message tells of all three."""
    *_, message = await desk.made.shown(2)
    words = words_of(message)
    if not all(said in words for said in ("AXIDOR", "Déclaration 2025", "terminé")):
        desk.wrong.append(f"the register says {words!r}")
    await desk.made.until_settled()


async def nears_the_deadline(desk: Shift) -> None:
    """Make it the day of the reminder; the bulletin goes on publishing."""
    _read(desk, "boamp")
    _go_to(desk, 9)


async def is_reminded(desk: Shift) -> None:
    """Wait until both cards are followed by a reminder: an answer in the channel, a message in the post."""
    post = _post(desk)
    await until(lambda: len(told(post)) > 1)
    await desk.made.shown(3, desk.police)
    await desk.made.until_settled()
    for place in (desk.police, post):
        card, *_, reminder = told(place)
        if "Plus que 3 jours" not in words_of(reminder) or (place is desk.police and answered(reminder) != card.id):
            desk.wrong.append(f"no reminder: {words_of(reminder)!r}")


async def misses_the_award(desk: Shift) -> None:
    """Make it the day of the alarm, in a newsroom that has asked for threads since."""
    _go_to(desk, 12 + 92)
    with contextlib.closing(sqlite3.connect(desk.made.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE newsroom SET threads = 1")


async def is_alarmed(desk: Shift) -> None:
    """Wait until the alarm stands in the thread of the one card and in the post that is the other."""
    post = _post(desk)
    await until(lambda: desk.police.threads and told(desk.police.threads[0]))
    await until(lambda: len(told(post)) > 2)
    await desk.made.until_settled()
    for place in (desk.police.threads[0], post):
        if "Clos depuis 92 jours" not in words_of(told(place)[-1]):
            desk.wrong.append(f"no alarm: {words_of(told(place)[-1])!r}")


async def grows_noisy(desk: Shift) -> None:
    """Let an item have hit homonyms, which people dismissed."""
    _go_to(desk, 105)
    database = await Database.open(desk.made.database, SystemClock())
    try:
        async with database.read() as connection:
            [item] = [one for one in await watchlist.every(connection, desk.made.guild.id) if one.name == "Axis"]
        await bring(database, item, desk.made.now(), good=2, wrong=10, first=500)
    finally:
        await database.close()


async def is_named(desk: Shift) -> None:
    """Wait until the note of the week names it."""
    [note, *_] = await desk.made.shown(1, desk.made.operations)
    if "Axis" not in words_of(note):
        desk.wrong.append(f"no note: {words_of(note)!r}")
    await desk.made.until_settled()


def _read(desk: Shift, *sources: str) -> None:
    """Have the bot read these sources and no others from its next start on, once an hour."""
    extra = f'[sources.hatvp]\nenabled = true\nevery = "1h"\nbase_url = "{desk.register.url}"\npace = "0s"\n'
    config = desk.made.configure(every="1h", extra=extra if "hatvp" in sources else "")
    if "boamp" not in sources:
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("enabled = true", "enabled = false", 1), encoding="utf-8")


def _held(desk: Shift, place: Channel) -> list[tuple[str, str]]:
    """Return the kind and the code of what waits for the morning in a channel."""
    return [
        (row["kind"], row["code"])
        for row in desk.made.rows(
            "SELECT * FROM announcement WHERE state = 'pending' AND polled IS NULL AND channel_id = ?", place.id
        )
        if row["held_until"] is not None and datetime.fromisoformat(row["held_until"]) == MORNING
    ]


def _post(desk: Shift) -> Channel:
    """Return the post of the tender whose deadline is near, the first one of the forum."""
    return min(desk.forum.threads, key=lambda thread: thread.id)


def _go_to(desk: Shift, days: int) -> None:
    """Make it ten in the morning of a day on which a notice is published that nobody asked for."""
    desk.made.set_clock(at(10, days=days))
    day = desk.made.now().date()
    desk.made.boamp.records.append(fns_notice(idweb=f"26-{1_000 + days}", objet="Mobilier", published=day))


STAGES = (
    Stage("evening", (), is_routed, publish_in_the_evening),
    Stage(
        "held",
        commits("delivery.held"),
        is_held,
        publish_before_the_night,
        always=("delivery.begin: before commit",),
        then=at(23),
    ),
    Stage("found at night", OWED, waits, publish_at_night),
    Stage("braked", OWED, is_braked, publish_too_much),
    Stage(
        "let go",
        ("delivery.begin: before commit", "discord.send: after"),
        is_let_go,
        nears_the_morning,
        alone=(*POSTED, *calls("discord.post", "discord.find", "discord.find_post"), *commits("delivery.found")),
    ),
    Stage("register", (*OWED, "discord.send: after"), is_told_of_the_firm, publish_in_the_register, alone=POSTED),
    Stage(
        "reminded",
        (*commits("following_up.owed"), *calls("discord.send")),
        is_reminded,
        nears_the_deadline,
        alone=POSTED,
    ),
    Stage(
        "alarmed",
        (*commits("following_up.owed"), *calls("discord.thread")),
        is_alarmed,
        misses_the_award,
        alone=POSTED,
    ),
    Stage("noisy", (*commits("reminding.noisy"), "discord.send: after"), is_named, grows_noisy, alone=POSTED),
)

STANDING = Counter(
    {
        ("notice", "police"): 2,
        ("notice", "forum thread"): 2,
        ("storm", "announcements"): 1,
        ("notice", "announcements"): 1,
        ("deadline", "police"): 1,
        ("deadline", "forum thread"): 1,
        ("no_award", "police thread"): 1,
        ("no_award", "forum thread"): 1,
        ("operations", "operations"): 1,
    }
)
AUDITED = LAID_DOWN
