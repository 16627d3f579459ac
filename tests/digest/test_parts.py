from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards import CardKind, render
from bot.models import Digest, Held, NoticeKind, Tier
from tests.digest.world import CODE, Desk, open_desk, shown, uncoded
from tests.factories import CHANNEL, GUILD, START, make_item

HITS, ITEMS = 60, 4
LONG = "travaux de fourniture et de pose de dispositifs " * 3


async def rich(desk: Desk) -> Digest:
    """Schedule a digest that has something of everything to tell, in several messages."""
    items = [await desk.item(f"objet {number}", ref=f"R{number}") for number in range(ITEMS)]
    older = await desk.fact("Fait 0, corrigé depuis")
    digest = await desk.schedule()
    for number in range(HITS):
        hit = await desk.hit(
            items[number % ITEMS],
            number,
            held=[None, Held.DIGEST, Held.WEAK, Held.LATE, Held.STORM][number % 5],
            tier=list(Tier)[number % 5],
            title=f"Avis {number} : {LONG}",
            buyer=f"Ville {number}",
            deadline=START + timedelta(days=2) if number % 6 == 0 else None,
        )
        if number % 10 == 0:
            await desk.announce(hit, message=9_000 + number)
    await desk.correct(older, f"Fait 0, corrigé : {LONG}", f"la facture le dit, {LONG}")
    for number in range(1, 8):
        await desk.fact(f"Fait {number} : {LONG}")
    for number in range(25):
        await desk.tip(f"Tuyau {number} : {LONG}")
    await desk.delivery.settle()
    return digest


def first_words(kind: str, texts: str) -> list[str]:
    """Return which of the numbered things of a kind a text names, each as often as it stands there."""
    return re.findall(rf"\b{kind} \d+\b", texts)


def expected_hits() -> list[str]:
    return sorted(f"Avis {number}" for number in range(HITS))


async def sent(desk: Desk) -> str:
    """Return the words of all messages that the channel would be sent now; none of them is cut."""
    cards = await desk.cards()
    assert not any(render(card).is_cut for card in cards)
    assert {card.kind for card in cards} == {CardKind.DIGEST}
    return "\n".join(map(shown, cards))


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_what_is_sent_is_what_the_preview_showed_but_for_the_codes(tmp_path: Path, language: str) -> None:
    async with open_desk(tmp_path, language=language, quiet_limits={"gazette": timedelta(days=2)}) as desk:
        digest = await rich(desk)
        preview = await desk.digester.preview(GUILD, digest.id)
        await desk.make(digest)
        await desk.delivery.settle()
        nonces = {row.nonce for row in await desk.rows()}
        messages = [message.cards[-1] for message in desk.discord.in_channel(CHANNEL) if message.nonce in nonces]
    assert len(preview) > 2
    assert [uncoded(card) for card in messages] == [uncoded(card) for card in preview]
    assert all(CODE.search(card.footer) for card in messages)


async def test_a_preview_changes_nothing(desk: Desk) -> None:
    digest = await rich(desk)
    before = [await desk.now(digest), await desk.rows(), await desk.slots()]
    first, second = [await desk.digester.preview(GUILD, digest.id) for _ in range(2)]
    assert first == second
    assert [await desk.now(digest), await desk.rows(), await desk.slots()] == before
    assert await desk.digester.preview(GUILD, digest.id) == first


async def test_a_long_digest_is_several_messages_each_with_a_code_and_a_nonce_of_its_own(desk: Desk) -> None:
    await desk.make(await rich(desk))
    rows = await desk.rows()
    assert len(rows) > 2
    assert len({row.code for row in rows}) == len({row.nonce for row in rows}) == len(rows)
    assert [row.subject for row in rows] == [f"1:now:1:{number}" for number in range(1, len(rows) + 1)]


async def test_the_messages_arrive_in_their_order(desk: Desk) -> None:
    await desk.make(await rich(desk))
    await desk.delivery.settle()
    rows = await desk.rows()
    posted = [message.nonce for message in desk.discord.in_channel(CHANNEL)]
    assert [nonce for nonce in posted if nonce in {row.nonce for row in rows}] == [row.nonce for row in rows]


async def test_each_thing_is_in_one_message_and_in_the_order_of_the_whole(desk: Desk) -> None:
    parts = await desk.make(await rich(desk))
    hits = [hit for part in parts for hit in part.hits]
    assert sorted(hit.title for hit in hits) == sorted(f"Avis {number} : {LONG}" for number in range(HITS))
    ranks = [(hit.item_id, hit.tier.rank) for hit in hits]
    assert [item for item, _ in ranks] == sorted((item for item, _ in ranks), key=[i for i, _ in ranks].index)
    facts = [fact.fact_id for part in parts for fact in part.facts]
    tips = [tip.tip_id for part in parts for tip in part.tips]
    assert facts == sorted(set(facts)) == list(range(1, 9))
    assert tips == list(range(25, 5, -1))
    assert [part.tips_left for part in parts] == [0] * (len(parts) - 1) + [5]
    assert [(part.part, part.parts) for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]


async def test_every_line_stands_on_a_message(desk: Desk) -> None:
    await desk.make(await rich(desk))
    words = await sent(desk)
    assert sorted(set(first_words("Avis", words))) == expected_hits()
    assert set(first_words("Fait", words)) == {f"Fait {number}" for number in range(8)}
    assert set(first_words("Tuyau", words)) == {f"Tuyau {number}" for number in range(5, 25)}


async def much_later(desk: Desk) -> None:
    """Let everything become longer and other than it was when the digest was owed, and more come after it."""
    desk.clock.advance(timedelta(days=40))
    for number in range(1, ITEMS + 1):
        item = make_item(f"objet {number - 1}", guild_id=GUILD, id=number)
        await desk.change(item, name=f"objet renommé {number} " + "très long " * 30, ref=f"{number}" + "R" * 90)
    fresh = await desk.item("nouvel objet")
    for number in range(HITS):
        title = f"Avis {number} : {LONG * 8}"
        await desk.notice(
            number, title=title, buyer="Ville " * 60, kind=NoticeKind.CHANGE, url="https://e.example/" + "a" * 270
        )
        await desk.hit(fresh, number)
    for fact_id in range(1, 9):
        fact = await desk.look_at(fact_id)
        await desk.correct(fact, f"Fait {fact_id - 1} : {LONG * 8}", f"raison {LONG * 4}")


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_sent_much_later_nothing_is_lost_and_nothing_cut(desk: Desk, language: str) -> None:
    digest = await rich(desk)
    await desk.make(digest)
    await much_later(desk)
    await desk.settings(language=language)
    words = await sent(desk)
    assert sorted(set(first_words("Avis", words))) == expected_hits()
    assert set(first_words("Fait", words)) == {f"Fait {number}" for number in range(8)}
    assert set(first_words("Tuyau", words)) == {f"Tuyau {number}" for number in range(5, 25)}


async def test_a_deadline_that_a_notice_lost_since_leaves_the_other_lines(desk: Desk) -> None:
    item = await desk.item()
    for number in (1, 2):
        await desk.hit(item, number, deadline=START + timedelta(days=2))
    await desk.make(await desk.schedule())
    await desk.notice(1, deadline=None)
    [part] = await desk.parts()
    assert [deadline.title for deadline in part.deadlines] == ["Avis 2"]
    assert len(part.hits) == 2


async def test_a_message_that_discord_refuses_goes_out_plain_with_its_code(desk: Desk) -> None:
    await desk.hit(await desk.item(), 1)
    await desk.make(await desk.schedule())
    desk.discord.refuses = lambda card: card.kind is CardKind.DIGEST
    await desk.delivery.settle()
    await desk.delivery.settle()
    [row] = await desk.rows()
    [message] = desk.discord.in_channel(CHANNEL)
    assert (message.cards[-1].kind, message.shows(row.code)) == (CardKind.FALLBACK, True)
