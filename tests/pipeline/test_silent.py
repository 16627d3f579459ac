"""What a source reads for the first time of what was just asked for: stored and found, and announced to nobody."""

from __future__ import annotations

from dataclasses import replace

from bot.models import Held, Notice, NoticeKind
from bot.sources import Payload
from tests.factories import make_notice, page_of
from tests.pipeline.wire import FIRST, Wire

HIT = make_notice("26-1", title="Caméras-piétons")
"""A notice that the item of `Wire` hits."""


def silent(*found: Notice) -> Payload:
    return Payload(page_of(*found), is_silent=True)


async def test_what_is_new_in_a_silent_answer_is_found_and_not_announced(wire: Wire) -> None:
    report = await wire.poll(silent(HIT), [FIRST])

    assert (report.tally.new, report.owed) == (1, 0)
    assert (await wire.owed(), await wire.held()) == ([], [Held.BASELINE])


async def test_what_a_silent_answer_brought_is_no_news_when_it_is_read_again(wire: Wire) -> None:
    await wire.poll(silent(HIT))
    await wire.poll([HIT])

    assert await wire.owed() == []


async def test_what_an_ordinary_answer_of_the_same_poll_holds_too_is_announced(wire: Wire) -> None:
    await wire.poll([HIT], silent(HIT))

    assert await wire.about() == ["26-1 r1"]


async def test_what_is_new_beside_a_silent_answer_is_announced(wire: Wire) -> None:
    await wire.poll([replace(HIT, id="26-2")], silent(HIT))

    assert await wire.about() == ["26-2 r1"]


async def test_what_is_known_already_is_not_changed_by_a_silent_answer(wire: Wire) -> None:
    await wire.poll([HIT])
    await wire.send_all()

    await wire.poll(silent(replace(HIT, kind=NoticeKind.CANCELLATION)))

    assert await wire.about() == ["26-1 r1"]


async def test_a_silent_answer_is_followed_nowhere(wire: Wire) -> None:
    await wire.poll([replace(HIT, procedure="gazette:7")])
    await wire.poll(silent(make_notice("26-2", title="Lot 2", kind=NoticeKind.AWARD, procedure="gazette:7")))

    assert await wire.about() == ["26-1 r1"]
