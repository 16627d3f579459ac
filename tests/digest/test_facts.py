from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.cards import render
from bot.models import Digest, DigestFact, DigestNews, FactChangeKind, FactStatus, ThingKind
from tests.digest.world import DOSSIER_CHANNEL, LOG, OTHER_CHANNEL, Desk, open_desk
from tests.factories import CHANNEL, GUILD

THERE = 3001


def facts_of(parts: list[DigestNews]) -> list[DigestFact]:
    return [fact for part in parts for fact in part.facts]


async def claims(desk: Desk, digest: Digest) -> list[str]:
    """Have a digest made, and return what its facts claim."""
    return [fact.claim for fact in facts_of(await desk.make(digest))]


async def happened(desk: Desk, digest: Digest) -> list[FactChangeKind]:
    """Have a digest made, and return what it says was done with the one fact that it tells."""
    [fact] = facts_of(await desk.make(digest))
    return [change.kind for change in fact.changes]


async def test_a_fact_that_was_logged_is_told_once(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.fact("Axon a gagné.")
    assert await claims(desk, digest) == ["Axon a gagné."]
    assert await claims(desk, digest) == []


async def test_facts_from_before_the_digest_was_scheduled_are_not_told(desk: Desk) -> None:
    await desk.fact()
    assert await claims(desk, await desk.schedule()) == []


async def test_facts_are_told_by_number(desk: Desk) -> None:
    first = await desk.fact("Un")
    digest = await desk.schedule()
    await desk.fact("Deux")
    await desk.verify(first)
    assert await claims(desk, digest) == ["Un", "Deux"]


async def test_what_is_no_longer_to_be_printed_as_it_was_is_told_first(desk: Desk) -> None:
    facts = [await desk.fact(claim) for claim in ("Un", "Deux", "Trois")]
    digest = await desk.schedule()
    await desk.fact("Quatre")
    await desk.verify(facts[0])
    await desk.correct(facts[1], "Deux bis", "la facture le dit")
    await desk.retract(facts[2])
    assert await claims(desk, digest) == ["Trois", "Deux bis", "Un", "Quatre"]
    [card] = await desk.cards()
    text = render(card).description
    assert "~~Trois~~" in text
    assert "**ne plus l\u2019utiliser**" in text
    assert "**corrigé (motif\u00a0: la facture le dit)**" in text


async def test_a_correction_is_told_with_its_reason_and_the_claim_as_it_stands(desk: Desk) -> None:
    fact = await desk.fact("Axon a gagné deux fois.")
    digest = await desk.schedule()
    await desk.correct(fact, "Axon a gagné trois fois.", "la facture le dit")
    [told] = facts_of(await desk.make(digest))
    assert (told.claim, told.status) == ("Axon a gagné trois fois.", FactStatus.LOGGED)
    assert [(change.kind, change.text) for change in told.changes] == [
        (FactChangeKind.CORRECTED, "la facture le dit"),
    ]


async def test_each_change_of_status_is_told(desk: Desk) -> None:
    fact, digest = await desk.fact(), await desk.schedule()
    fact = await desk.verify(fact)
    assert await happened(desk, digest) == [FactChangeKind.VERIFIED]
    await desk.dispute(fact)
    assert await happened(desk, digest) == [FactChangeKind.DISPUTED]
    await desk.retract(fact)
    assert await happened(desk, digest) == [FactChangeKind.RETRACTED]


async def test_several_changes_of_one_fact_are_one_line(desk: Desk) -> None:
    digest = await desk.schedule()
    fact = await desk.verify(await desk.fact())
    await desk.cite(fact)
    await desk.dispute(fact)
    assert await happened(desk, digest) == [
        FactChangeKind.LOGGED,
        FactChangeKind.VERIFIED,
        FactChangeKind.DISPUTED,
    ]


async def test_one_more_citation_alone_is_no_news(desk: Desk) -> None:
    fact, digest = await desk.fact(), await desk.schedule()
    await desk.cite(fact)
    assert await claims(desk, digest) == []


async def test_a_change_after_a_citation_that_was_no_news_is_told(desk: Desk) -> None:
    fact, digest = await desk.fact(), await desk.schedule()
    await desk.cite(fact)
    await desk.make(digest)
    await desk.verify(fact)
    assert await happened(desk, digest) == [FactChangeKind.VERIFIED]


async def test_what_is_new_goes_by_the_order_of_changes_and_never_by_the_clock(desk: Desk) -> None:
    digest = await desk.schedule()
    fact = await desk.fact("Un")
    await desk.make(digest)
    desk.clock.advance(timedelta(days=-3))
    await desk.verify(fact)
    await desk.fact("Deux")
    assert await claims(desk, digest) == ["Un", "Deux"]
    desk.clock.advance(timedelta(days=9))
    assert await claims(desk, digest) == []


async def test_of_two_digests_of_a_channel_a_fact_is_in_whichever_comes_first(desk: Desk) -> None:
    morning, evening = await desk.schedule(at=time(8, 30)), await desk.schedule(at=time(18))
    await desk.fact("Un")
    assert await claims(desk, evening) == ["Un"]
    await desk.fact("Deux")
    assert await claims(desk, morning) == ["Deux"]


async def test_each_channel_with_a_digest_is_told_of_the_facts_that_no_dossier_keeps(desk: Desk) -> None:
    here, there = await desk.schedule(CHANNEL), await desk.schedule(OTHER_CHANNEL)
    await desk.fact("Un")
    assert await claims(desk, here) == await claims(desk, there) == ["Un"]


async def test_a_fact_of_a_dossier_without_a_channel_is_told_in_each_channel(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.fact("Un", await desk.dossier())
    assert await claims(desk, digest) == ["Un"]


async def test_what_a_dossier_keeps_to_its_own_channel_is_told_in_no_other(desk: Desk) -> None:
    here, there = await desk.schedule(CHANNEL), await desk.schedule(DOSSIER_CHANNEL)
    await desk.fact("Secret", await desk.dossier(channel=DOSSIER_CHANNEL))
    assert await claims(desk, here) == []
    assert await claims(desk, there) == ["Secret"]


async def test_what_is_also_in_a_dossier_without_a_channel_stays_in_the_channel_of_the_other(desk: Desk) -> None:
    here = await desk.schedule(CHANNEL)
    await desk.fact("Secret", await desk.dossier("Un", DOSSIER_CHANNEL), await desk.dossier("Deux"))
    assert await claims(desk, here) == []


async def test_what_a_closed_dossier_kept_to_its_channel_is_told_nowhere(desk: Desk) -> None:
    here, there = await desk.schedule(CHANNEL), await desk.schedule(DOSSIER_CHANNEL)
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    fact = await desk.fact("Secret", dossier)
    await desk.close(dossier)
    await desk.verify(fact)
    assert await claims(desk, here) == await claims(desk, there) == []


async def test_what_a_closed_dossier_keeps_is_told_where_an_open_one_has_it_too(desk: Desk) -> None:
    here, there = await desk.schedule(CHANNEL), await desk.schedule(DOSSIER_CHANNEL)
    closed = await desk.dossier("Un", OTHER_CHANNEL)
    await desk.fact("Secret", closed, await desk.dossier("Deux", DOSSIER_CHANNEL))
    await desk.close(closed)
    assert await claims(desk, here) == []
    assert await claims(desk, there) == ["Secret"]


async def test_a_dossiers_digest_tells_exactly_its_own(desk: Desk) -> None:
    dossier, other = await desk.dossier("Un", DOSSIER_CHANNEL), await desk.dossier("Deux")
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.fact("Sans dossier")
    await desk.fact("Ailleurs", other)
    await desk.fact("Ici", dossier)
    await desk.fact("Ici aussi", dossier, other)
    assert await claims(desk, digest) == ["Ici", "Ici aussi"]


@pytest.mark.parametrize("is_dossier_first", [True, False])
async def test_a_change_is_told_once_in_a_channel_with_two_kinds_of_digest(
    desk: Desk, *, is_dossier_first: bool
) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    whole, part = await desk.schedule(DOSSIER_CHANNEL), await desk.schedule(DOSSIER_CHANNEL, dossier)
    first, second = (part, whole) if is_dossier_first else (whole, part)
    fact = await desk.fact("Un", dossier)
    assert await claims(desk, first) == ["Un"]
    assert await claims(desk, second) == []
    await desk.verify(fact)
    assert await happened(desk, second) == [FactChangeKind.VERIFIED]
    assert await claims(desk, first) == []


async def test_a_change_that_a_dossiers_digest_did_not_tell_is_told_by_its_channels(desk: Desk) -> None:
    """The dossier's begins later, and tells only what was done with the fact since."""
    dossier = await desk.dossier()
    whole = await desk.schedule()
    fact = await desk.fact("Un", dossier)
    part = await desk.schedule(CHANNEL, dossier)
    fact = await desk.verify(fact)
    assert await happened(desk, part) == [FactChangeKind.VERIFIED]
    await desk.dispute(fact)
    assert await happened(desk, part) == [FactChangeKind.DISPUTED]
    assert await happened(desk, whole) == [FactChangeKind.LOGGED]
    assert await claims(desk, whole) == []


async def test_a_dossiers_digest_elsewhere_tells_nothing_that_another_dossier_keeps_to_its_channel(desk: Desk) -> None:
    private, public = await desk.dossier("Un", DOSSIER_CHANNEL), await desk.dossier("Deux")
    here, there = await desk.schedule(CHANNEL, public), await desk.schedule(DOSSIER_CHANNEL, public)
    await desk.fact("Secret", private, public)
    assert await claims(desk, here) == []
    assert await claims(desk, there) == ["Secret"]


async def test_nor_what_another_dossier_that_is_closed_kept_to_its_channel(desk: Desk) -> None:
    private, public = await desk.dossier("Un", DOSSIER_CHANNEL), await desk.dossier("Deux")
    here, there = await desk.schedule(CHANNEL, public), await desk.schedule(DOSSIER_CHANNEL, public)
    await desk.fact("Secret", private, public)
    await desk.close(private)
    assert await claims(desk, here) == await claims(desk, there) == []


async def test_a_dossier_with_a_channel_has_its_own_told_wherever_its_digest_is(desk: Desk) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    digest = await desk.schedule(OTHER_CHANNEL, dossier)
    await desk.fact("Secret", dossier)
    assert await claims(desk, digest) == ["Secret"]


async def test_a_digest_elsewhere_takes_no_change_away(desk: Desk) -> None:
    dossier = await desk.dossier()
    here, there = await desk.schedule(CHANNEL), await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.fact("Un", dossier)
    assert await claims(desk, there) == await claims(desk, here) == ["Un"]


async def test_the_digest_of_a_reopened_dossier_tells_what_happened_while_it_was_closed(desk: Desk) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    fact = await desk.fact("Un", dossier)
    await desk.make(digest)
    await desk.close(dossier)
    await desk.verify(fact)
    await desk.reopen(dossier)
    assert await happened(desk, digest) == [FactChangeKind.VERIFIED]


async def test_a_fact_put_into_a_dossier_is_told_there_from_its_next_change_on(desk: Desk) -> None:
    dossier = await desk.dossier(channel=DOSSIER_CHANNEL)
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    fact = await desk.fact("Un")
    await desk.make(digest)
    await desk.put(dossier, ThingKind.FACT, fact.id)
    assert await claims(desk, digest) == []
    await desk.verify(fact)
    assert await happened(desk, digest) == [FactChangeKind.VERIFIED]


async def test_a_line_leads_to_the_card_of_its_fact(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.fact("Un")
    await desk.delivery.settle()
    [card] = desk.discord.in_channel(LOG)
    [told] = facts_of(await desk.make(digest))
    assert told.message_url == f"https://discord.com/channels/{GUILD}/{LOG}/{card.id}"


async def test_a_message_sent_late_says_the_fact_as_it_stands_with_the_changes_that_it_tells(desk: Desk) -> None:
    digest = await desk.schedule()
    fact = await desk.fact("Un")
    await desk.make(digest)
    await desk.correct(fact, "Deux", "mal lu")
    [told] = facts_of(await desk.parts())
    assert (told.claim, [change.kind for change in told.changes]) == ("Deux", [FactChangeKind.LOGGED])


async def test_two_newsrooms_never_see_each_others_facts(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        ours, theirs = await here.schedule(), await there.schedule()
        await here.fact("À nous")
        await there.fact("À eux")
        assert await claims(here, ours) == ["À nous"]
        assert await claims(there, theirs) == ["À eux"]
