"""Facts corrected from end to end: by options, by form, by two people at once; nothing is overwritten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Member, Platform, Reply
from bot.loopback.channels import Channel
from bot.loopback.replies import text_of
from bot.models import CitationKind, FactStatus, FactVersion, ItemKind, Notice
from bot.storage.log import facts
from cogs._fact_replies import standing
from tests.cogs.house import House, Room, settings_of, shown, values_of

SATURDAY = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
RIGHT = "C\u2019est bien cela"
OTHER = "Autre date…"
REOPEN = "Rouvrir le formulaire"
CLAIM = "Axon a rencontré le cabinet du maire"
NEWER = "Axon a rencontré le maire"
NEWEST = "Axon a rencontré le maire et son cabinet"
LINK = "https://mairie.example/agenda"
SOURCE = f"{LINK} Agenda du maire"
MEANWHILE = "a été corrigé entre-temps"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(SATURDAY)
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    await made.reporter.slash(
        "fact add", made.desk, claim=CLAIM, source=SOURCE, quote="10 h : société Axon", date="12 mai"
    )
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


async def correct(by: Member, room: Room, reason: str = "précision", **options: Any) -> Reply:
    return await by.slash("fact correct", room.desk, fact="1", reason=reason, **options)


async def earlier(house: House, room: Room) -> list[FactVersion]:
    async with house.app.database.read() as connection:
        return await facts.earlier(connection, room.guild.id, 1)


async def claims(house: House, room: Room) -> list[str]:
    return [version.claim.text for version in await earlier(house, room)] + [
        fact.claim.text for fact in await house.facts(room)
    ]


# --- by options ---


async def test_a_correction_is_a_version_with_its_reason_and_the_former_one_stays(house: House, room: Room) -> None:
    reply = await correct(room.reporter, room, reason="Le maire lui-même", claim=NEWER)
    assert reply.ephemeral
    assert "c\u2019est sa version 2" in reply.text
    assert await claims(house, room) == [CLAIM, NEWER]
    [fact] = await house.facts(room)
    assert (fact.reason, fact.corrected_by, fact.revision) == ("Le maire lui-même", room.reporter.id, 2)


async def test_what_is_not_given_stays(house: House, room: Room) -> None:
    await correct(room.reporter, room, claim=NEWER)
    [fact], [citation] = await house.facts(room), await house.citations(room)
    assert (fact.claim.event_date, citation.url, citation.quote) == ("2026-05-12", LINK, "10 h : société Axon")


async def test_a_date_is_corrected_and_said_back_with_two_buttons(house: House, room: Room) -> None:
    reply = await correct(room.reporter, room, date="13 mai")
    assert "**mercredi 13 mai 2026**" in reply.text
    assert reply.buttons == [RIGHT, OTHER]
    [fact] = await house.facts(room)
    assert (fact.claim.text, fact.claim.event_date) == (CLAIM, "2026-05-13")


async def test_a_dash_takes_the_date_away(house: House, room: Room) -> None:
    await correct(room.reporter, room, date="-")
    [fact] = await house.facts(room)
    assert fact.claim.event_date is None


async def test_a_date_that_cannot_be_is_refused_and_nothing_changes(house: House, room: Room) -> None:
    reply = await correct(room.reporter, room, date="le 30 février 2026")
    assert "30 février" in reply.text
    assert await claims(house, room) == [CLAIM]


async def test_a_source_is_replaced_under_its_number_and_the_former_one_stays_with_its_version(
    house: House, room: Room
) -> None:
    await correct(room.reporter, room, source="https://journal.example/12-mai")
    [citation] = await house.citations(room)
    assert (citation.n, citation.url, citation.quote) == (1, "https://journal.example/12-mai", "10 h : société Axon")
    async with house.app.database.read() as connection:
        rows = await connection.all("SELECT url, from_revision, until_revision FROM citation ORDER BY from_revision")
    assert [tuple(row) for row in rows] == [(LINK, 1, 2), ("https://journal.example/12-mai", 2, None)]


async def test_a_quote_is_replaced_beside_its_source(house: House, room: Room) -> None:
    await correct(room.reporter, room, quote="11 h : société Axon")
    [citation] = await house.citations(room)
    assert (citation.url, citation.title, citation.quote) == (LINK, "Agenda du maire", "11 h : société Axon")


async def test_a_correction_that_changes_nothing_is_refused(house: House, room: Room) -> None:
    reply = await correct(room.reporter, room, claim=CLAIM, date="12 mai", source=SOURCE)
    assert "ne change rien" in reply.text
    assert await claims(house, room) == [CLAIM]


async def test_a_source_that_cannot_be_is_refused_and_nothing_changes(house: House, room: Room) -> None:
    reply = await correct(room.reporter, room, source="javascript:alert(1)")
    assert "n\u2019est pas un lien du web" in reply.text
    assert [citation.url for citation in await house.citations(room)] == [LINK]


async def test_the_correction_shows_on_the_card(room: Room, log: Channel) -> None:
    await shown(log, CLAIM)
    await correct(room.reporter, room, reason="Le maire lui-même", claim=NEWER)
    card = await log.wait_for(lambda message: not message.reference and NEWER in text_of(message))
    assert all(words in text_of(card) for words in ("Le maire lui-même", "Avant", CLAIM, "version 2"))


async def test_the_card_that_was_read_is_answered_with_what_changed(room: Room, log: Channel) -> None:
    card = await shown(log, CLAIM)
    await correct(room.editor, room, reason="Le maire lui-même", claim=NEWER)
    answer = await log.wait_for(lambda message: message.reference is not None)
    assert answer.reference is not None
    assert answer.reference["message_id"] == str(card.id)
    for words in ("Fait n°\u00a01 corrigé", CLAIM, NEWER, "Le maire lui-même", f"<@{room.editor.id}>", "version 2"):
        assert words in text_of(answer)


async def test_each_retraction_and_dispute_answers_too_each_once(room: Room, log: Channel) -> None:
    await shown(log, CLAIM)
    for command, reason in (("fact dispute", "démenti"), ("fact retract", "un homonyme")):
        await room.editor.slash(command, room.desk, fact="1", reason=reason)
        await log.wait_for(lambda message, why=reason: message.reference is not None and why in text_of(message))  # type: ignore[misc]
    assert [message.reference is not None for message in log.messages] == [False, True, True]


# --- by form ---


async def test_without_anything_to_change_a_form_opens_with_how_the_fact_stands(room: Room) -> None:
    form = await correct(room.reporter, room, reason="Le maire lui-même")
    assert form.modal is not None
    assert "fait n°\u00a01" in form.modal["title"]
    assert values_of(form) == {
        "claim": CLAIM,
        "source": SOURCE,
        "quote": "10 h : société Axon",
        "date": "12 mai",
        "reason": "Le maire lui-même",
    }


async def test_the_form_corrects(house: House, room: Room) -> None:
    form = await correct(room.reporter, room)
    await room.reporter.submit(form, {"claim": NEWER, "date": ""})
    [fact] = await house.facts(room)
    assert (fact.claim.text, fact.claim.event_date, fact.reason) == (NEWER, None, "précision")


async def test_a_date_is_not_read_anew_when_something_else_is_corrected(house: House, room: Room) -> None:
    house.clock.offset += timedelta(days=400)
    form = await correct(room.reporter, room)
    await room.reporter.submit(form, {"claim": NEWER})
    [fact] = await house.facts(room)
    assert fact.claim.event_date == "2026-05-12"


async def test_a_source_is_no_other_for_having_been_shown_in_a_form(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="caméra")
    title = f"Lot 1 :\ncaméras  individuelles {'x' * 1_200}"
    notice = Notice(id="26-5", source="boamp", title=title, url="https://boamp.example/26-5")
    message = await house.announce(room, [item], notice=notice)
    await room.reporter.submit(await room.reporter.click(message, label="Noter comme fait"))
    form = await room.reporter.slash("fact correct", room.desk, fact="2", reason="précision")
    await room.reporter.submit(form, {"claim": NEWER})
    [citation] = await house.citations(room, 2)
    assert (citation.kind, citation.title) == (CitationKind.NOTICE, title)


async def test_a_form_that_changes_nothing_gives_the_text_back(house: House, room: Room) -> None:
    refused = await room.reporter.submit(await correct(room.reporter, room))
    assert "ne change rien" in refused.text
    again = await room.reporter.click(refused, label=REOPEN)
    assert values_of(again)["reason"] == "précision"
    assert await claims(house, room) == [CLAIM]


async def test_a_refused_form_is_reopened_and_then_corrects(house: House, room: Room) -> None:
    refused = await room.reporter.submit(await correct(room.reporter, room), {"claim": NEWER, "source": "?!"})
    assert "ne suffit pas" in refused.text
    again = await room.reporter.click(refused, label=REOPEN)
    assert values_of(again)["claim"] == NEWER
    await room.reporter.submit(again, {"source": SOURCE})
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_a_form_opened_before_a_restart_corrects_after_it(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await room.reporter.slash("fact add", room.desk, claim=CLAIM, source=SOURCE)
        form = await correct(room.reporter, room)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.submit(form, {"claim": NEWER})
        assert await claims(house, room) == [CLAIM, NEWER]


async def test_a_form_sent_twice_corrects_once(house: House, room: Room) -> None:
    form = await correct(room.reporter, room)
    await room.reporter.submit(form, {"claim": NEWER})
    again = await room.reporter.submit(form, {"claim": NEWER})
    assert "déjà été enregistré" in again.text
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_a_form_sent_twice_at_the_same_time_is_not_somebody_elses(house: House, room: Room) -> None:
    form = await correct(room.reporter, room)
    replies = await asyncio.gather(*(room.reporter.submit(form, {"claim": NEWER}) for _ in range(2)))
    said = sorted([reply.text for reply in replies], key=lambda text: "déjà été enregistré" in text)
    assert "c\u2019est sa version 2" in said[0]
    assert "déjà été enregistré" in said[1]
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_a_form_that_arrives_again_once_it_has_corrected_is_not_somebody_elses(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await correct(room.reporter, room)
    late, reached, corrected = True, asyncio.Event(), asyncio.Event()

    async def standing_late(*given: Any) -> Any:
        nonlocal late
        if late:
            late = False
            reached.set()
            await corrected.wait()
        return await standing(*given)

    monkeypatch.setattr("cogs._fact_forms.standing", standing_late)
    again = asyncio.create_task(room.reporter.submit(form, {"claim": NEWER}))
    await reached.wait()
    await room.reporter.submit(form, {"claim": NEWER})
    corrected.set()
    assert "déjà été enregistré" in (await again).text
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_a_fact_retracted_while_the_form_was_open_is_not_corrected_and_no_text_is_lost(
    house: House, room: Room
) -> None:
    form = await correct(room.reporter, room)
    await room.editor.slash("fact retract", room.desk, fact="1", reason="Homonyme")
    refused = await room.reporter.submit(form, {"claim": NEWER})
    assert "est retiré" in refused.text
    assert NEWER in refused.text
    assert await claims(house, room) == [CLAIM]


async def test_one_who_lost_the_role_cannot_send_the_form(house: House, room: Room) -> None:
    form = await correct(room.reporter, room)
    room.reporter.roles.clear()
    refused = await room.reporter.submit(form, {"claim": NEWER})
    assert "rôle de la rédaction" in refused.text
    assert await claims(house, room) == [CLAIM]


# --- who may ---


async def test_a_reporter_does_not_correct_somebody_elses_fact(house: House, room: Room) -> None:
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    reply = await correct(other, room, claim=NEWER)
    assert "quelqu\u2019un d\u2019autre" in reply.text
    assert await claims(house, room) == [CLAIM]


async def test_a_reporter_is_not_shown_the_form_of_somebody_elses_fact(room: Room) -> None:
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    reply = await correct(other, room)
    assert reply.modal is None
    assert "quelqu\u2019un d\u2019autre" in reply.text


async def test_an_editor_corrects_anybodys_fact(house: House, room: Room) -> None:
    await correct(room.editor, room, claim=NEWER)
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_once_verified_a_fact_is_no_longer_its_authors_to_correct(house: House, room: Room) -> None:
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    reply = await correct(room.reporter, room, claim=NEWER)
    assert "Ce fait est vérifié\u00a0: seule la rédaction en chef" in reply.text
    assert await claims(house, room) == [CLAIM]


async def test_to_dispute_a_verified_fact_does_not_give_it_back_to_its_author(house: House, room: Room) -> None:
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    await room.reporter.slash("fact dispute", room.desk, fact="1", reason="à voir")
    await correct(room.reporter, room, claim=NEWER)
    assert await claims(house, room) == [CLAIM]


async def test_a_fact_verified_while_the_form_was_open_is_not_corrected_by_its_author(house: House, room: Room) -> None:
    form = await correct(room.reporter, room)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    refused = await room.reporter.submit(form, {"claim": NEWER})
    assert "Ce fait est vérifié" in refused.text
    assert await claims(house, room) == [CLAIM]


async def test_a_corrected_fact_is_to_be_verified_anew(house: House, room: Room) -> None:
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    reply = await correct(room.editor, room, claim=NEWER)
    assert "celle-ci est à vérifier" in reply.text
    [fact], [before] = await house.facts(room), await earlier(house, room)
    assert (fact.status, fact.verified_by) == (FactStatus.LOGGED, None)
    assert (before.status, before.verified_by) == (FactStatus.VERIFIED, room.editor.id)


async def test_a_correction_of_what_nobody_verified_says_nothing_of_verifying(room: Room) -> None:
    reply = await correct(room.editor, room, claim=NEWER)
    assert "à vérifier" not in reply.text


# --- two people at once ---


async def test_by_options_the_second_within_five_minutes_is_shown_the_firsts_version(house: House, room: Room) -> None:
    await correct(room.reporter, room, reason="Le maire lui-même", claim=NEWER)
    house.clock.offset += timedelta(minutes=4)
    refused = await correct(room.editor, room, claim=NEWEST)
    assert MEANWHILE in refused.text
    for words in (NEWER, "Le maire lui-même", f"<@{room.reporter.id}>", NEWEST):
        assert words in refused.text
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_the_form_of_the_refused_second_holds_their_text_over_the_firsts_and_then_works(
    house: House, room: Room
) -> None:
    await correct(room.reporter, room, claim=NEWER, date="13 mai")
    refused = await correct(room.editor, room, reason="les deux", claim=NEWEST)
    form = await room.editor.click(refused, label=REOPEN)
    assert values_of(form) == {
        "claim": NEWEST,
        "source": SOURCE,
        "quote": "10 h : société Axon",
        "date": "13 mai",
        "reason": "les deux",
    }
    await room.editor.submit(form)
    assert await claims(house, room) == [CLAIM, NEWER, NEWEST]
    assert [fact.claim.event_date for fact in await house.facts(room)] == ["2026-05-13"]


async def test_after_five_minutes_options_correct_what_stands(house: House, room: Room) -> None:
    await correct(room.reporter, room, claim=NEWER)
    house.clock.offset += timedelta(minutes=5, seconds=1)
    await correct(room.editor, room, claim=NEWEST)
    assert await claims(house, room) == [CLAIM, NEWER, NEWEST]


async def test_ones_own_second_correction_is_not_held_up(house: House, room: Room) -> None:
    await correct(room.reporter, room, claim=NEWER)
    await correct(room.reporter, room, claim=NEWEST)
    assert await claims(house, room) == [CLAIM, NEWER, NEWEST]


async def test_two_by_options_at_the_same_time_make_one_version(house: House, room: Room) -> None:
    replies = await asyncio.gather(correct(room.reporter, room, claim=NEWER), correct(room.editor, room, claim=NEWEST))
    assert sum(MEANWHILE in reply.text for reply in replies) == 1
    assert len(await claims(house, room)) == 2


async def test_by_form_the_second_is_shown_the_firsts_version_however_long_it_took(house: House, room: Room) -> None:
    form = await correct(room.editor, room, reason="les deux")
    await correct(room.reporter, room, reason="Le maire lui-même", claim=NEWER)
    house.clock.offset += timedelta(hours=2)
    refused = await room.editor.submit(form, {"claim": NEWEST})
    assert MEANWHILE in refused.text
    for words in (NEWER, "Le maire lui-même", NEWEST):
        assert words in refused.text
    assert await claims(house, room) == [CLAIM, NEWER]


async def test_the_reopened_form_of_the_second_replaces_the_firsts_version(house: House, room: Room) -> None:
    form = await correct(room.editor, room)
    await correct(room.reporter, room, claim=NEWER)
    refused = await room.editor.submit(form, {"claim": NEWEST})
    again = await room.editor.click(refused, label=REOPEN)
    assert values_of(again)["claim"] == NEWEST
    await room.editor.submit(again)
    assert await claims(house, room) == [CLAIM, NEWER, NEWEST]


async def test_the_reopened_form_is_refused_again_when_a_third_version_came(house: House, room: Room) -> None:
    form = await correct(room.editor, room)
    await correct(room.reporter, room, claim=NEWER)
    refused = await room.editor.submit(form, {"claim": NEWEST})
    again = await room.editor.click(refused, label=REOPEN)
    await correct(room.reporter, room, claim="Axon a vu le maire")
    refused = await room.editor.submit(again)
    assert MEANWHILE in refused.text
    assert "Axon a vu le maire" in refused.text
    assert await claims(house, room) == [CLAIM, NEWER, "Axon a vu le maire"]


async def test_the_old_form_of_the_second_is_spent_once_it_was_refused_for_a_newer_one(
    house: House, room: Room
) -> None:
    form = await correct(room.editor, room)
    await correct(room.reporter, room, claim=NEWER)
    await room.editor.submit(form, {"claim": NEWEST})
    await room.editor.submit(form, {"claim": NEWEST})
    assert await claims(house, room) == [CLAIM, NEWER]
