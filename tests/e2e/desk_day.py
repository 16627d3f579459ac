"""A day of a desk: routed to two channels, changed in silence and aloud, taken, followed, dismissed, muted, set up."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.loopback import Message, Reply
from bot.loopback.publishers import Record
from bot.loopback.publishers.boamp_records import fns_notice, mapa_award
from tests.e2e.desk_sweep import (
    EDITED,
    LAID_DOWN,
    OWED,
    POSTED,
    Shift,
    Stage,
    answered,
    at,
    calls,
    commits,
    told,
    until,
)
from tests.e2e.world import in_days, today, words_of

FIRM = "ATLAS COPCO FRANCE SAS"

TAKEN = "SELECT 1 FROM take"
GIVEN_BACK = "SELECT 1 FROM take WHERE ended_at IS NOT NULL"
FOLLOWED = "SELECT 1 FROM procedure_follow"
UNFOLLOWED = "SELECT 1 FROM procedure_follow WHERE ended_at IS NOT NULL"
DISMISSED = "SELECT 1 FROM dismissal"
UNDONE = "SELECT 1 FROM dismissal WHERE undone_at IS NOT NULL"
MUTED = "SELECT 1 FROM watch_item WHERE muted_until IS NOT NULL"
THREADS = "SELECT 1 FROM newsroom WHERE threads = 1 AND quiet_from = '22:00' AND quiet_until = '07:00'"
STORM = "SELECT 1 FROM newsroom WHERE storm = 7"
ZONE = "SELECT 1 FROM newsroom WHERE timezone = 'Europe/Brussels'"


def tender(what: str, days: int) -> Record:
    """Return the tender for the dossiers, as it is called, whose deadline is in so many days."""
    return fns_notice(idweb="26-2", objet=what, published=today(), deadline=in_days(days))


async def publish(desk: Shift) -> None:
    """Publish a tender for the dossiers, an award for the newsroom's channel, and a tender for nobody."""
    desk.made.boamp.records += [
        tender("Caméras-piétons", 12),
        mapa_award(idweb="26-3", objet="Compresseurs", published=today(), winner=FIRM, amount="12000.00"),
        fns_notice(idweb="26-4", objet="Réfection de la voirie", published=today(), deadline=in_days(20)),
    ]


async def is_routed(desk: Shift) -> None:
    """Wait until both channels of the dossiers hold the tender, and the newsroom's the award."""
    await until(lambda: desk.forum.threads and told(desk.forum.threads[0]))
    await desk.made.shown(1, desk.police)
    await desk.made.shown(1)
    await desk.made.until_settled()


async def correct(desk: Shift) -> None:
    """Change a word of the tender, an hour later."""
    desk.made.set_clock(at(11, 30))
    desk.made.boamp.records[0] = tender("Caméras-piétons légères", 12)


async def is_edited(desk: Shift) -> None:
    """Wait until both cards show the word."""
    places = (desk.police, desk.forum.threads[0])
    await until(lambda: all("légères" in words_of(told(place)[0]) for place in places))
    await desk.made.until_settled()


async def postpone(desk: Shift) -> None:
    """Change the deadline of the tender, an hour later."""
    desk.made.set_clock(at(13))
    desk.made.boamp.records[0] = tender("Caméras-piétons légères", 26)


async def is_answered(desk: Shift) -> None:
    """Wait until both cards have an answer that tells of the deadline; in a post it stands below."""
    places = (desk.police, desk.forum.threads[0])
    await until(lambda: all(len(told(place)) > 1 for place in places))
    for place in places:
        card, answer = told(place)[0], told(place)[1]
        if "Date limite" not in words_of(answer) or (place is desk.police and answered(answer) != card.id):
            desk.wrong.append(f"no answer: {words_of(answer)!r}")
    await desk.made.until_settled()


def _award(desk: Shift) -> Message:
    return next(one for one in told(desk.made.announcements) if FIRM in words_of(one))


def _presses(done: str, label: str) -> Callable[[Shift], Awaitable[None]]:
    """Return what presses a button under the award until something is done, and waits until its card shows it."""

    async def act(desk: Shift) -> None:
        await desk.once(done, lambda: desk.made.reporter.click(_award(desk), label=label))
        await desk.made.until_settled()

    return act


async def follows(desk: Shift) -> None:
    """Follow what no item names, found by a search."""

    async def follow() -> Reply:
        found = await desk.made.reporter.slash("search", desk.made.announcements, query="voirie")
        return await desk.made.reporter.click(found, label="Suivre")

    await desk.made.until_indexed()
    await desk.once(FOLLOWED, follow)
    await desk.made.shown(2)
    await desk.made.until_settled()


async def unfollows(desk: Shift) -> None:
    """Give the follow up by the button under its card."""

    async def unfollow() -> Reply:
        card = next(one for one in told(desk.made.announcements) if "voirie" in words_of(one))
        return await desk.made.reporter.click(card, label="Ne plus suivre")

    await desk.once(UNFOLLOWED, unfollow)
    await desk.made.until_settled()


async def forget_organisations(desk: Shift) -> None:
    """Make the hits those of a time when nobody noted where they stand."""
    with contextlib.closing(sqlite3.connect(desk.made.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE hit SET organisations = NULL")


async def dismisses(desk: Shift) -> None:
    """Say that a name is not the item."""

    async def dismiss() -> Reply:
        asked = await desk.made.reporter.click(_award(desk), label="Ce n\u2019est pas ça")
        return await desk.made.reporter.click(asked, label=f"Ce nom\u00a0: {FIRM}")

    await desk.once(DISMISSED, dismiss)
    await desk.made.until_settled()


async def undoes(desk: Shift) -> None:
    """Take that back."""

    async def undo() -> Reply:
        said = await desk.made.reporter.click(_award(desk), label="Ce n\u2019est pas ça")
        return await desk.made.reporter.click(said, label="Annuler")

    await desk.once(UNDONE, undo)
    await desk.made.until_settled()


async def mutes(desk: Shift) -> None:
    """Mute the item for a week."""

    async def mute() -> Reply:
        asked = await desk.made.reporter.click(_award(desk), label="Mettre en sourdine")
        return await desk.made.reporter.click(asked, label="1 semaine")

    await desk.once(MUTED, mute)


async def sets_up(desk: Shift) -> None:
    """Change the time zone, how hits are announced, and the rarer settings."""
    admin, channel = desk.made.admin, desk.made.announcements

    async def announce() -> Reply:
        form = await admin.click(await admin.slash("setup", channel), label="Annonces")
        return await admin.submit(form, {"threads": "yes", "quiet_hours": "22h-7h"})

    async def more() -> Reply:
        form = await admin.click(await admin.slash("setup", channel), label="Autres réglages")
        return await admin.submit(form, {"storm": "7"})

    await desk.once(ZONE, lambda: admin.slash("setup", channel, timezone="Europe/Brussels"))
    await desk.once(THREADS, announce)
    await desk.once(STORM, more)


STAGES = (
    Stage(
        "routed",
        (*OWED, *calls("discord.post")),
        is_routed,
        publish,
        alone=(*POSTED, *commits("delivery.found"), *calls("discord.find_post")),
    ),
    Stage("edited", (*OWED, "discord.edit: after"), is_edited, correct, alone=EDITED),
    Stage(
        "answered",
        (*OWED, "discord.send: after", "delivery.edited: after commit"),
        is_answered,
        postpone,
        alone=(*POSTED, *EDITED),
    ),
    Stage("taken", (*commits("notice.take"), "discord.edit: after"), _presses(TAKEN, "Je prends")),
    Stage("given back", commits("notice.release"), _presses(GIVEN_BACK, "Rendre")),
    Stage("followed", (*commits("notice.follow"), "discord.send: after"), follows),
    Stage("unfollowed", commits("notice.unfollow"), unfollows),
    Stage("dismissed", commits("watch.look_at", "watch.dismiss"), dismisses, forget_organisations),
    Stage("undone", commits("watch.undo_dismissal"), undoes),
    Stage("muted", commits("watch.mute"), mutes),
    Stage("set up", commits("setup", "setup.announcing", "setup.rarer"), sets_up),
)

SETTINGS: dict[str, object] = {}
BEGINS = at(10)

STANDING = Counter(
    {
        ("notice", "police"): 2,
        ("notice", "forum thread"): 2,
        ("notice", "announcements"): 2,
    }
)
AUDITED = LAID_DOWN + Counter(
    {
        "notice take": 1,
        "notice release": 1,
        "notice follow": 1,
        "notice unfollow": 1,
        "watch dismiss": 2,
        "watch mute": 1,
        "setup": 3,
    }
)
