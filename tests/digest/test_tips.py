from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.digest import gathering
from bot.models import Digest, DigestNews, DigestTip, ThingKind, TipStatus
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, open_desk
from tests.factories import CHANNEL, GUILD

THERE = 3001


def tips_of(parts: list[DigestNews]) -> list[DigestTip]:
    return [tip for part in parts for tip in part.tips]


async def words(desk: Desk, digest: Digest | None = None) -> list[str | None]:
    """Have a digest made, one of the usual channel where none is given, and return the words of its tips."""
    return [tip.text for tip in tips_of(await desk.make(digest or await desk.schedule()))]


async def test_tips_that_nobody_owns_are_listed_newest_first(desk: Desk) -> None:
    for text in ("Un", "Deux", "Trois"):
        await desk.tip(text)
    assert await words(desk) == ["Trois", "Deux", "Un"]


async def test_newest_is_the_one_logged_last_whatever_the_clock_said(desk: Desk) -> None:
    await desk.tip("Un")
    desk.clock.advance(timedelta(days=-2))
    await desk.tip("Deux")
    assert await words(desk) == ["Deux", "Un"]


async def test_a_tip_is_listed_by_each_digest_until_somebody_owns_it(desk: Desk) -> None:
    tip, digest = await desk.tip("Un"), await desk.schedule()
    assert await words(desk, digest) == await words(desk, digest) == ["Un"]
    await desk.assign(tip)
    assert await words(desk, digest) == []


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (TipStatus.NEW, ["Un"]),
        (TipStatus.CHECKING, ["Un"]),
        (TipStatus.CONFIRMED, []),
        (TipStatus.DROPPED, []),
    ],
)
async def test_only_new_tips_and_those_being_checked_are_listed(
    desk: Desk, status: TipStatus, shown: list[str]
) -> None:
    tip = await desk.tip("Un")
    if status is not TipStatus.NEW:
        await desk.set_status(tip, status)
    assert await words(desk) == shown


async def test_sensitive_tips_are_neither_listed_nor_counted(desk: Desk) -> None:
    await desk.tip("Un", is_sensitive=True)
    [part] = await desk.make(await desk.schedule())
    assert (part.tips, part.tips_left) == ((), 0)


async def test_twenty_tips_are_listed_and_the_others_counted(desk: Desk) -> None:
    for number in range(gathering.MOST_TIPS + 3):
        await desk.tip(f"Tuyau {number}")
    parts = await desk.make(await desk.schedule())
    assert [tip.text for tip in tips_of(parts)] == [f"Tuyau {number}" for number in range(22, 2, -1)]
    assert [part.tips_left for part in parts][-1] == 3


async def test_what_a_dossier_keeps_to_its_own_channel_is_listed_in_no_other(desk: Desk) -> None:
    await desk.tip("Secret", await desk.dossier(channel=DOSSIER_CHANNEL))
    assert await words(desk, await desk.schedule(CHANNEL)) == []
    assert await words(desk, await desk.schedule(DOSSIER_CHANNEL)) == ["Secret"]


async def test_a_tip_of_a_dossier_without_a_channel_is_listed_in_each_channel(desk: Desk) -> None:
    await desk.tip("Un", await desk.dossier())
    assert await words(desk, await desk.schedule(CHANNEL)) == ["Un"]
    assert await words(desk, await desk.schedule(OTHER_CHANNEL)) == ["Un"]


async def test_what_a_closed_dossier_kept_to_its_channel_is_listed_nowhere(desk: Desk) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    await desk.tip("Secret", dossier)
    await desk.close(dossier)
    assert await words(desk, await desk.schedule(CHANNEL)) == []
    assert await words(desk, await desk.schedule(DOSSIER_CHANNEL)) == []


async def test_what_a_dossier_keeps_is_not_counted_elsewhere_either(desk: Desk) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    for number in range(gathering.MOST_TIPS + 1):
        await desk.tip(f"Tuyau {number}", dossier)
    [part] = await desk.make(await desk.schedule(CHANNEL))
    assert (part.tips, part.tips_left) == ((), 0)


async def test_a_dossiers_digest_lists_exactly_its_own(desk: Desk) -> None:
    dossier = await desk.dossier("Un", DOSSIER_CHANNEL)
    await desk.tip("Sans dossier")
    await desk.tip("Ailleurs", await desk.dossier("Deux"))
    tip = await desk.tip("Ici")
    await desk.put(dossier, ThingKind.TIP, tip.id)
    assert await words(desk, await desk.schedule(DOSSIER_CHANNEL, dossier)) == ["Ici"]


async def test_two_newsrooms_never_see_each_others_tips(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        await here.tip("À nous")
        await there.tip("À eux")
        assert await words(here) == ["À nous"]
        assert await words(there) == ["À eux"]
