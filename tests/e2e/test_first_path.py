"""From a public tender to one announcement, as a reporter lives it: the real bot between a Discord and a BOAMP."""

from __future__ import annotations

import re

from bot.loopback.publishers.boamp_records import cancellation, corrigendum, fns_award, fns_notice, mapa_award
from tests.e2e.world import World, in_days, today, words_of

VALMARIN = "VALMARIN PUBLIC SAFETY FRANCE"


def line_of(words: str, label: str) -> str:
    """Return the line of a message that a label begins."""
    return next(line for line in words.splitlines() if label in line)


async def test_a_matching_tender_is_announced_once_with_its_reason(running: World) -> None:
    running.boamp.records.append(
        fns_notice(
            idweb="26-2",
            objet="Acquisition de 30 000 CAMERAS PIETONS",
            published=today(),
            deadline=in_days(12),
            description="Fourniture et maintenance.",
        )
    )
    (message,) = await running.shown(1)
    await running.until_polled()
    await running.until_polled()
    assert running.posted() == [message]
    seen = words_of(message)
    assert "CAMERAS PIETONS" in seen
    assert message.embeds[0]["url"] == "https://www.boamp.fr/pages/avis/?q=idweb:26-2"
    assert "caméra-piéton" in seen
    assert f"{in_days(12).year} à 12:00" in line_of(seen, "Date limite")
    assert re.search(r"réf\.\s[0-9A-Z]{4}-[0-9A-Z]{4}", seen)


async def test_what_was_published_before_the_first_poll_is_not_announced(desk: World) -> None:
    desk.boamp.records.append(
        fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    )
    await desk.ready()
    await desk.until_polled()
    assert desk.posted() == []


async def test_a_notice_that_is_merely_reworded_is_edited_and_not_announced_again(running: World) -> None:
    notice = fns_notice(idweb="26-2", objet="Caméras-piéton", published=today(), deadline=in_days(12))
    running.boamp.records.append(notice)
    (message,) = await running.shown(1)
    notice["objet"] = "Caméras-piétons pour la police municipale"
    await running.announcements.wait_for(lambda m: "police municipale" in words_of(m))
    await running.until_polled()
    assert [posted.id for posted in running.posted()] == [message.id]


async def test_a_moved_deadline_is_announced_again_with_before_and_after(running: World) -> None:
    notice = fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    running.boamp.records.append(notice)
    (first,) = await running.shown(1)
    notice["datelimitereponse"] = in_days(30).isoformat()
    _, second = await running.shown(2)
    await running.until_polled()
    assert len(running.posted()) == 2
    assert second.reference is not None
    assert int(second.reference["message_id"]) == first.id
    assert re.search(r"\(avant\s: \d", line_of(words_of(second), "Date limite"))


async def test_a_corrigendum_and_a_cancellation_follow_their_tender_though_they_name_no_item(running: World) -> None:
    tender = fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    running.boamp.records.append(tender)
    await running.shown(1)
    later = corrigendum(of=tender, idweb="26-3", published=today(), deadline=in_days(19)) | {"objet": "Lot 2"}
    running.boamp.records.append(later)
    await running.shown(2)
    running.boamp.records.append(cancellation(of=tender, idweb="26-4", published=today()) | {"objet": "Lot 2"})
    _, second, third = await running.shown(3)
    assert "Rectificatif" in words_of(second)
    assert "nnul" in words_of(third)
    await running.until_settled()
    first, *_ = running.posted()
    link = rf"https://discord\.com/channels/{running.guild.id}/{running.announcements.id}"
    assert re.search(
        rf"\[Rectifié le [^\]]*\]\({link}/{second.id}\)\*\* : date limite au", words_of(first).replace("\xa0", " ")
    )
    assert re.search(rf"\[Procédure annulée le [^\]]*\]\({link}/{third.id}\)", words_of(first))


async def test_an_award_to_a_watched_company_names_it_whatever_its_legal_form(running: World) -> None:
    running.boamp.records.append(
        mapa_award(idweb="26-5", objet="Vidéoprotection", published=today(), winner=VALMARIN, amount="935220.00")
    )
    (message,) = await running.shown(1)
    seen = words_of(message)
    assert "VALMARIN PUBLIC SAFETY FRANCE" in seen
    assert re.search(r"935\s220", seen)


async def test_two_items_hit_by_one_notice_are_one_message(running: World) -> None:
    running.boamp.records.append(
        fns_award(
            idweb="26-6",
            objet="Caméras-piétons",
            published=today(),
            prose="Entreprise Valmarin, 30 Rue de la Paix. Montant Ht : 12 000 Euros",
        )
    )
    (message,) = await running.shown(1)
    await running.until_polled()
    assert len(running.posted()) == 1
    assert "Valmarin SAS" in words_of(message)
    assert "caméra-piéton" in words_of(message)


async def test_a_corrigendum_that_is_read_before_its_tender_in_one_poll_follows_it_all_the_same(running: World) -> None:
    tender = fns_notice(idweb="26-9", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    moved = corrigendum(of=tender, idweb="26-10", published=today(), deadline=in_days(19)) | {"objet": "Lot 2"}
    running.boamp.records.extend([tender, moved])
    await running.shown(2)
    await running.until_polled()
    first, second = running.posted()
    assert "26-9" in words_of(first)
    assert "26-10" in words_of(second)
    assert re.search(r"\[Suite de l.annonce du [^\]]*\]\(https://discord\.com/channels/", words_of(second))


async def test_an_item_added_since_does_not_make_an_old_notice_new_when_a_typing_error_is_mended(
    running: World,
) -> None:
    await running.reporter.slash("watch add", running.announcements, kind="keyword", name="espaces verts")
    running.boamp.records[0]["objet"] += "."
    await running.until_polled()
    await running.until_polled()
    assert running.posted() == []
    assert running.rows("SELECT max(revision) AS newest FROM notice_revision")[0]["newest"] == 2
