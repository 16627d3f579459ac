"""Facts from end to end: logged with their sources, tied to watch items, verified, disputed, retracted."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Member, Platform, Reply
from bot.loopback.channels import Channel
from bot.models import CitationKind, FactStatus, ItemKind, Notice, ThingKind, WatchItem
from bot.storage.log import about, dossiers
from tests.cogs.house import House, Room, settings_of, shown, values_of

SATURDAY = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
RIGHT = "C\u2019est bien cela"
OTHER = "Autre date…"
REOPEN = "Rouvrir le formulaire"
CLAIM = "Axon a rencontré le cabinet du maire"
LINK = "https://mairie.example/agenda"
SOURCE = f"{LINK} Agenda du maire"
NEEDS_SOURCE = "Un fait a besoin d\u2019une source"
SELECT = "fact-items:1"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(SATURDAY)
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


@pytest.fixture
async def axon(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Axon")


async def add(room: Room, claim: str = CLAIM, by: Member | None = None, **options: Any) -> Reply:
    return await (by or room.reporter).slash("fact add", room.desk, claim=claim, **{"source": SOURCE, **options})


async def linked(house: House, room: Room, fact: int = 1) -> list[str]:
    async with house.app.database.read() as connection:
        return [item.name for item in await about.items_of(connection, room.guild.id, ThingKind.FACT, fact)]


async def test_a_fact_is_stored_as_it_was_given(house: House, room: Room) -> None:
    await add(room, quote="10 h : société Axon", date="12 mai")
    [fact], [citation] = await house.facts(room), await house.citations(room)
    assert (fact.claim.text, fact.claim.event_date, fact.claim.event_date_typed) == (CLAIM, "2026-05-12", "12 mai")
    assert (fact.status, fact.logged_by, fact.revision) == (FactStatus.LOGGED, room.reporter.id, 1)
    assert (citation.kind, citation.url, citation.title) == (CitationKind.LINK, LINK, "Agenda du maire")
    assert citation.quote == "10 h : société Axon"


async def test_the_reply_is_private_and_says_where_the_fact_is_shown(room: Room, log: Channel) -> None:
    reply = await add(room)
    assert reply.ephemeral
    assert "Fait n°\u00a01 noté" in reply.text
    assert f"Montré dans <#{log.id}>" in reply.text


async def test_the_date_is_said_back_in_full_with_two_buttons(room: Room) -> None:
    reply = await add(room, date="mi-novembre 2020")
    assert "**novembre 2020 (vers le milieu)** («\u00a0mi-novembre 2020\u00a0»)" in reply.text
    assert reply.buttons == [RIGHT, OTHER]


async def test_an_iso_date_is_said_back_and_needs_no_confirmation(room: Room) -> None:
    reply = await add(room, date="2024")
    assert "Date\u00a0: **2024**" in reply.text
    assert reply.buttons == []


async def test_a_date_that_cannot_be_is_refused_and_nothing_is_stored(house: House, room: Room) -> None:
    reply = await add(room, date="lundi 25 novembre 2025")
    assert "lundi" in reply.text
    assert await house.facts(room) == []


async def test_another_date_opens_the_form_that_corrects_the_fact(house: House, room: Room) -> None:
    reply = await add(room, date="12 mai")
    form = await room.reporter.click(reply, label=OTHER)
    assert values_of(form) == {"claim": CLAIM, "source": SOURCE, "quote": "", "date": "12 mai", "reason": ""}
    await room.reporter.submit(form, {"date": "13 mai", "reason": "mal lu"})
    [fact] = await house.facts(room)
    assert (fact.claim.event_date, fact.revision) == ("2026-05-13", 2)


async def test_a_fact_without_words_is_refused(house: House, room: Room) -> None:
    reply = await add(room, "\u200b")
    assert "Le fait est vide" in reply.text
    assert await house.facts(room) == []


async def test_a_fact_goes_into_several_dossiers(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    await add(room, dossier="caméras; mairie")
    async with house.app.database.read() as connection:
        within = await dossiers.of_thing(connection, room.guild.id, ThingKind.FACT, 1)
    assert [dossier.name for dossier in within] == ["Caméras", "Mairie"]


# --- the form ---


@pytest.mark.usefixtures("axon")
async def test_without_a_claim_a_form_opens_with_what_was_given(room: Room) -> None:
    given: dict[str, Any] = {"source": LINK, "quote": "10 h", "date": "12 mai"}
    form = await room.reporter.slash("fact add", room.desk, item="Axon", **given)
    assert values_of(form) == {"claim": "", "items": "Axon", **given}


@pytest.mark.usefixtures("axon")
async def test_the_form_logs_what_is_typed_into_it(house: House, room: Room) -> None:
    form = await room.reporter.slash("fact add", room.desk)
    await room.reporter.submit(form, {"claim": CLAIM, "source": SOURCE, "date": "12 mai", "items": "axon"})
    [fact] = await house.facts(room)
    assert (fact.claim.text, fact.claim.event_date) == (CLAIM, "2026-05-12")
    assert await linked(house, room) == ["Axon"]


async def test_a_refused_form_is_reopened_with_what_was_typed_and_then_logs(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    form = await room.reporter.slash("fact add", room.desk, dossier="caméras")
    refused = await room.reporter.submit(form, {"claim": CLAIM, "quote": "10 h"})
    assert NEEDS_SOURCE in refused.text
    assert await house.facts(room) == []
    again = await room.reporter.click(refused, label=REOPEN)
    assert values_of(again) == {"claim": CLAIM, "source": "", "quote": "10 h", "date": "", "items": ""}
    await room.reporter.submit(again, {"source": SOURCE})
    async with house.app.database.read() as connection:
        within = await dossiers.of_thing(connection, room.guild.id, ThingKind.FACT, 1)
    assert [dossier.name for dossier in within] == ["Caméras"]


async def test_a_dossier_closed_while_the_form_was_open_takes_nothing_more(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    form = await room.reporter.slash("fact add", room.desk, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    refused = await room.reporter.submit(form, {"claim": CLAIM, "source": SOURCE})
    assert "«\u00a0Caméras\u00a0» est fermé" in refused.text
    assert await house.facts(room) == []


async def test_a_form_opened_before_a_restart_logs_after_it(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        form = await room.reporter.slash("fact add", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.submit(form, {"claim": CLAIM, "source": SOURCE})
        assert [fact.claim.text for fact in await house.facts(room)] == [CLAIM]


async def test_a_form_sent_twice_logs_once(house: House, room: Room) -> None:
    form = await room.reporter.slash("fact add", room.desk)
    await room.reporter.submit(form, {"claim": CLAIM, "source": SOURCE})
    again = await room.reporter.submit(form, {"claim": CLAIM, "source": SOURCE})
    assert "déjà" in again.text
    assert len(await house.facts(room)) == 1


async def test_a_form_sent_twice_at_the_same_time_logs_once(house: House, room: Room) -> None:
    form = await room.reporter.slash("fact add", room.desk)
    sent = {"claim": CLAIM, "source": SOURCE}
    await asyncio.gather(*(room.reporter.submit(form, sent) for _ in range(3)))
    assert len(await house.facts(room)) == 1


# --- sources ---


async def test_a_fact_without_a_source_is_refused_with_what_may_be_one(house: House, room: Room) -> None:
    reply = await room.reporter.slash("fact add", room.desk, claim=CLAIM)
    assert NEEDS_SOURCE in reply.text
    assert "`/tuyau ajouter`" in reply.text
    assert await house.facts(room) == []


@pytest.mark.parametrize(
    ("typed", "kind", "url", "title"),
    [
        (SOURCE, CitationKind.LINK, LINK, "Agenda du maire"),
        (f"Agenda du maire : {LINK}", CitationKind.LINK, LINK, "Agenda du maire"),
        (f"Agenda (<{LINK}>).", CitationKind.LINK, LINK, "Agenda"),
        ("www.lemonde.fr/x", CitationKind.LINK, "https://www.lemonde.fr/x", None),
        ("lemonde.fr/politique/article", CitationKind.LINK, "https://lemonde.fr/politique/article", None),
        ("https://w.example/Axon_(entreprise)", CitationKind.LINK, "https://w.example/Axon_(entreprise)", None),
        ("Journal officiel du 12 mai, p. 4", CitationKind.WORDS, None, "Journal officiel du 12 mai, p. 4"),
    ],
)
async def test_a_source_is_read_as_a_link_with_its_title_or_as_words(
    house: House, room: Room, typed: str, kind: CitationKind, url: str | None, title: str | None
) -> None:
    await add(room, source=typed)
    [citation] = await house.citations(room)
    assert (citation.kind, citation.title) == (kind, title)
    assert (citation.url or "").replace("%28", "(").replace("%29", ")") == (url or "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("javascript:alert(1)", "n\u2019est pas un lien du web"),
        ("data:text/html,x", "n\u2019est pas un lien du web"),
        ("file:///etc/hostname", "n\u2019est pas un lien du web"),
        ("ftp://mairie.example/agenda", "n\u2019est pas un lien du web"),
        ("https://moi:secret@mairie.example/agenda", "n\u2019est pas un lien du web"),
        ("https://agenda", "n\u2019est pas un lien du web"),
        (f"{LINK} https://journal.example/12-mai", "Une source à la fois"),
        ("?!", "ne suffit pas à retrouver une source"),
    ],
)
async def test_what_cannot_be_a_source_is_refused_and_nothing_is_stored(
    house: House, room: Room, typed: str, said: str
) -> None:
    reply = await add(room, source=typed)
    assert said in reply.text
    assert await house.facts(room) == []


async def test_a_link_is_never_fetched(house: House, room: Room, log: Channel, platform: Platform) -> None:
    await add(room, source=f"{platform.origin}/canary")
    await shown(log, CLAIM)
    assert len(await house.facts(room)) == 1
    assert platform.violations == []


async def test_the_code_of_an_announcement_becomes_a_citation_of_its_notice(
    house: House, room: Room, axon: WatchItem
) -> None:
    message = await house.announce(room, [axon])
    code = str(message.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]
    await add(room, source=f"réf. {code.lower()}")
    [citation] = await house.citations(room)
    assert (citation.kind, citation.title) == (CitationKind.NOTICE, "Caméras-piétons")
    assert "26-1" in (citation.origin or "")


async def test_the_link_of_an_announcement_becomes_a_citation_of_its_notice(
    house: House, room: Room, axon: WatchItem
) -> None:
    message = await house.announce(room, [axon])
    await add(room, source=f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}")
    [citation] = await house.citations(room)
    assert (citation.kind, citation.title) == (CitationKind.NOTICE, "Caméras-piétons")


async def test_the_code_of_another_newsrooms_announcement_stays_words(
    house: House, room: Room, axon: WatchItem
) -> None:
    message = await house.announce(room, [axon])
    code = str(message.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await add(other, source=code)
    [citation] = await house.citations(other)
    assert (citation.kind, citation.title, citation.notice_id) == (CitationKind.WORDS, code, None)


async def test_the_link_of_a_message_of_the_guild_is_a_message(house: House, room: Room) -> None:
    message = room.editor.post(room.desk, "Bonjour")
    url = f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}"
    await add(room, source=url)
    [citation] = await house.citations(room)
    assert (citation.kind, citation.url) == (CitationKind.MESSAGE, url)


async def test_the_link_of_a_message_elsewhere_is_a_link(house: House, room: Room) -> None:
    await add(room, source="https://discord.com/channels/1/2/3")
    [citation] = await house.citations(room)
    assert citation.kind is CitationKind.LINK


async def test_a_made_up_link_does_not_reach_another_newsrooms_announcement(
    house: House, room: Room, axon: WatchItem
) -> None:
    message = await house.announce(room, [axon])
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await add(other, source=f"https://discord.com/channels/{other.guild.id}/{room.desk.id}/{message.id}")
    [citation] = await house.citations(other)
    assert (citation.kind, citation.notice_id) == (CitationKind.MESSAGE, None)


# --- watch items ---


@pytest.mark.usefixtures("axon")
async def test_items_that_are_named_are_tied_to_the_fact(house: House, room: Room) -> None:
    reply = await add(room, item="axon")
    assert await linked(house, room) == ["Axon"]
    assert reply.components == []


async def test_items_in_the_claim_and_the_quote_are_suggested(house: House, room: Room, axon: WatchItem) -> None:
    drone = await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    await house.follow(room, kind=ItemKind.KEYWORD, name="ascenseur")
    reply = await add(room, quote="livraison de drones")
    [select] = reply.components[0]["components"]
    assert {option["value"] for option in select["options"]} == {str(axon.id), str(drone.id)}
    assert await linked(house, room) == []


@pytest.mark.usefixtures("axon")
async def test_an_item_that_is_tied_already_is_not_suggested(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.KEYWORD, name="cabinet")
    reply = await add(room, item="Axon")
    [select] = reply.components[0]["components"]
    assert [option["label"] for option in select["options"]] == ["cabinet"]


@pytest.mark.usefixtures("axon")
async def test_another_newsrooms_items_are_not_suggested(house: House) -> None:
    other = await house.newsroom(house.guild("L\u2019Autre"))
    reply = await add(other)
    assert reply.components == []


async def test_at_most_25_items_are_suggested(house: House, room: Room) -> None:
    for number in range(30):
        await house.follow(room, kind=ItemKind.KEYWORD, name=f"cabinet OU mot{number}")
    reply = await add(room)
    [select] = reply.components[0]["components"]
    assert len(select["options"]) == 25


@pytest.mark.usefixtures("axon")
async def test_chosen_items_are_tied_and_show_on_the_card(house: House, room: Room, log: Channel) -> None:
    reply = await add(room)
    await shown(log, CLAIM)
    after = await room.reporter.select(reply, SELECT, ["Axon"])
    assert "rattachés au fait n°\u00a01" in after.text
    assert after.components == []
    assert await linked(house, room) == ["Axon"]
    await shown(log, CLAIM, "Élément surveillé", "Axon")


@pytest.mark.usefixtures("axon")
async def test_to_tie_items_leaves_the_question_about_the_date(room: Room) -> None:
    reply = await add(room, date="12 mai")
    after = await room.reporter.select(reply, SELECT, ["Axon"])
    assert "**mardi 12 mai 2026**" in after.content
    form = await room.reporter.click(after, label=OTHER)
    assert values_of(form)["date"] == "12 mai"


@pytest.mark.usefixtures("axon")
async def test_to_confirm_the_date_leaves_the_items_to_choose(house: House, room: Room) -> None:
    reply = await add(room, date="12 mai")
    confirmed = await room.reporter.click(reply, label=RIGHT)
    assert confirmed.buttons == []
    await room.reporter.select(confirmed, SELECT, ["Axon"])
    assert await linked(house, room) == ["Axon"]


async def test_items_are_chosen_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        reply = await add(room)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.select(reply, SELECT, ["Axon"])
        assert await linked(house, room) == ["Axon"]


@pytest.mark.usefixtures("axon")
async def test_one_who_lost_the_role_ties_nothing(house: House, room: Room) -> None:
    reply = await add(room)
    room.reporter.roles.clear()
    refused = await room.reporter.select(reply, SELECT, ["Axon"])
    assert "rôle de la rédaction" in refused.text
    assert await linked(house, room) == []


async def test_a_made_up_button_does_not_reach_another_newsrooms_fact(house: House, room: Room) -> None:
    await add(room)
    other = await house.newsroom(house.guild("L\u2019Autre"))
    reply = await add(other, date="hier")
    for button in reply.components[0]["components"]:
        if button["label"] == OTHER:
            button["custom_id"] = "fact-correct:1"
    reached = await other.reporter.click(reply, label=OTHER)
    assert reached.modal is None
    assert "Aucun fait" in reached.text


async def test_a_made_up_select_ties_nothing_to_another_newsrooms_fact(house: House, room: Room) -> None:
    await add(room)
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await house.follow(other, kind=ItemKind.COMPANY, name="Axon")
    reply = await add(other)
    reply.components[0]["components"][0]["custom_id"] = SELECT
    refused = await other.reporter.select(reply, SELECT, ["Axon"])
    assert "Aucun fait" in refused.text
    assert await linked(house, room) == []


# --- files ---


async def test_a_file_is_a_source_of_its_own(house: House, room: Room) -> None:
    reply = await add(room, source=None, file=room.reporter.upload("bail.pdf", b"%PDF made up"), quote="article 3")
    [citation] = await house.citations(room)
    assert (citation.kind, citation.title, citation.quote) == (CitationKind.FILE, "bail.pdf", "article 3")
    assert hashlib.sha256(b"%PDF made up").hexdigest() in (citation.origin or "")
    assert "conservez le fichier" in reply.text


async def test_a_file_beside_a_link_is_a_second_source(house: House, room: Room) -> None:
    await add(room, file=room.reporter.upload("bail.pdf", b"%PDF"), quote="article 3")
    first, second = await house.citations(room)
    assert (first.kind, first.quote, second.kind, second.quote) == (
        CitationKind.LINK,
        "article 3",
        CitationKind.FILE,
        None,
    )


async def test_a_file_without_a_claim_is_refused_in_words(room: Room) -> None:
    reply = await room.reporter.slash("fact add", room.desk, file=room.reporter.upload("bail.pdf", b"%PDF"))
    assert "donnez aussi l\u2019énoncé" in reply.text


async def test_a_file_that_is_too_large_is_refused_unread(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._log_options.FILE_BYTES", 3)
    reply = await add(room, file=room.reporter.upload("bail.pdf", b"%PDF"))
    assert "trop gros" in reply.text
    assert await house.facts(room) == []


# --- cite ---


async def cite(room: Room, source: str = "https://journal.example/12-mai", **options: Any) -> Reply:
    return await room.editor.slash("fact cite", room.desk, fact="1", source=source, **options)


async def test_anybody_of_the_newsroom_adds_a_source_to_a_fact(house: House, room: Room) -> None:
    await add(room)
    reply = await cite(room, quote="Axon reçue")
    assert "Source ajoutée au fait n°\u00a01" in reply.text
    second = (await house.citations(room))[1]
    assert (second.n, second.url, second.quote) == (2, "https://journal.example/12-mai", "Axon reçue")
    assert second.added_by == room.editor.id


async def test_a_source_shows_on_the_card(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, CLAIM)
    await cite(room, "Journal officiel du 12 mai, p. 4")
    await shown(log, CLAIM, "Source 2", "Journal officiel du 12 mai, p. 4")


async def test_a_source_and_a_file_are_added_together(house: House, room: Room) -> None:
    await add(room)
    reply = await cite(room, file=room.editor.upload("bail.pdf", b"%PDF"))
    assert "2 sources ajoutées" in reply.text
    assert [citation.kind for citation in await house.citations(room)][1:] == [CitationKind.LINK, CitationKind.FILE]


async def test_a_source_that_it_has_already_is_refused(house: House, room: Room) -> None:
    await add(room)
    reply = await cite(room, SOURCE)
    assert "repose déjà sur cette source (n°\u00a01)" in reply.text
    assert len(await house.citations(room)) == 1


async def test_another_passage_of_the_same_source_is_taken(house: House, room: Room) -> None:
    await add(room)
    await cite(room, SOURCE, quote="15 h : retour")
    assert len(await house.citations(room)) == 2


async def test_a_fact_takes_50_sources_and_no_more(house: House, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.facts.changes.CITATIONS", 2)
    await add(room)
    await cite(room)
    reply = await cite(room, "Journal officiel du 12 mai, p. 4")
    assert "2 sources au plus" in reply.text
    assert len(await house.citations(room)) == 2


# --- verify, dispute, retract ---


async def test_an_editor_verifies_what_somebody_else_logged(house: House, room: Room, log: Channel) -> None:
    await add(room)
    reply = await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert "Fait n°\u00a01 vérifié" in reply.text
    [fact] = await house.facts(room)
    assert (fact.status, fact.verified_by) == (FactStatus.VERIFIED, room.editor.id)
    await shown(log, "Fait n°\u00a01 · vérifié", f"<@{room.editor.id}>")


async def test_who_logged_a_fact_does_not_verify_it(house: House, room: Room) -> None:
    await add(room, by=room.editor)
    reply = await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert "Une vérification vient d\u2019une autre personne" in reply.text
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.LOGGED]


async def test_who_made_the_version_that_stands_does_not_verify_it(house: House, room: Room) -> None:
    await add(room)
    await room.editor.slash("fact correct", room.desk, fact="1", reason="précision", claim="Axon a rencontré le maire")
    reply = await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert "Une vérification vient d\u2019une autre personne" in reply.text
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.LOGGED]


async def test_who_corrected_an_earlier_version_verifies_a_later_one(house: House, room: Room) -> None:
    await add(room)
    await room.editor.slash("fact correct", room.desk, fact="1", reason="précision", claim="Axon a rencontré le maire")
    house.clock.offset += timedelta(minutes=6)
    await room.reporter.slash("fact correct", room.desk, fact="1", reason="non", claim=CLAIM)
    house.clock.offset += timedelta(minutes=6)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.VERIFIED]


async def test_a_verified_fact_says_by_whom_it_was(room: Room) -> None:
    await add(room)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    reply = await room.administrator.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert f"déjà vérifié, par <@{room.editor.id}>" in reply.text


@pytest.mark.parametrize(("command", "options"), [("fact verify", {}), ("fact retract", {"reason": "faux"})])
async def test_a_reporter_is_refused_what_editors_do(
    house: House, room: Room, command: str, options: dict[str, Any]
) -> None:
    await add(room)
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    reply = await other.slash(command, room.desk, fact="1", **options)
    assert "Seule la rédaction en chef" in reply.text
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.LOGGED]


async def test_a_reporter_disputes_a_verified_fact_with_a_reason(house: House, room: Room, log: Channel) -> None:
    await add(room)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    reply = await other.slash("fact dispute", room.desk, fact="1", reason="Le maire était à Lyon")
    assert "contesté" in reply.text
    [fact] = await house.facts(room)
    assert (fact.status, fact.verified_by) == (FactStatus.DISPUTED, room.editor.id)
    await shown(log, "Fait n°\u00a01 · contesté", "Le maire était à Lyon")


async def test_a_disputed_fact_is_not_disputed_again(house: House, room: Room) -> None:
    await add(room)
    for reason in ("Le maire était à Lyon", "encore"):
        reply = await room.editor.slash("fact dispute", room.desk, fact="1", reason=reason)
    assert "est déjà contesté" in reply.text
    assert [fact.changes for fact in await house.facts(room)] == [2]


async def test_a_disputed_fact_is_verified_anew(house: House, room: Room) -> None:
    await add(room)
    await room.reporter.slash("fact dispute", room.desk, fact="1", reason="à voir")
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.VERIFIED]


async def test_a_retracted_fact_says_so_and_why_on_its_card(house: House, room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, CLAIM)
    reply = await room.editor.slash("fact retract", room.desk, fact="1", reason="Homonyme")
    assert "Fait n°\u00a01 retiré" in reply.text
    assert [fact.status for fact in await house.facts(room)] == [FactStatus.RETRACTED]
    await shown(log, "RETIRÉ · Fait n°\u00a01", "Homonyme", "Ne plus utiliser ce fait")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("fact cite", {"source": "Journal officiel du 12 mai, p. 4"}),
        ("fact correct", {"reason": "précision", "claim": "autre chose"}),
        ("fact verify", {}),
        ("fact dispute", {"reason": "à voir"}),
        ("fact retract", {"reason": "encore"}),
    ],
)
async def test_a_retracted_fact_changes_no_more(
    house: House, room: Room, command: str, options: dict[str, Any]
) -> None:
    await add(room)
    await room.editor.slash("fact retract", room.desk, fact="1", reason="Homonyme")
    reply = await room.editor.slash(command, room.desk, fact="1", **options)
    assert "retiré" in reply.text
    assert [fact.changes for fact in await house.facts(room)] == [2]


async def test_a_retracted_fact_is_still_shown(room: Room) -> None:
    await add(room)
    await room.editor.slash("fact retract", room.desk, fact="1", reason="Homonyme")
    reply = await room.reporter.slash("fact show", room.desk, fact="1")
    assert "Homonyme" in reply.text
    assert CLAIM in reply.text


@pytest.mark.parametrize("command", ["fact dispute", "fact retract", "fact correct"])
async def test_a_reason_without_words_is_refused(house: House, room: Room, command: str) -> None:
    await add(room)
    options: dict[str, Any] = {"claim": "autre chose"} if command == "fact correct" else {}
    reply = await room.editor.slash(command, room.desk, fact="1", reason="\u200b", **options)
    assert "Dites pourquoi" in reply.text
    assert [fact.changes for fact in await house.facts(room)] == [1]


async def test_show_tells_everything_that_was_done(room: Room) -> None:
    await add(room, date="12 mai", quote="10 h : société Axon")
    await cite(room, "Journal officiel du 12 mai, p. 4")
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    await room.reporter.slash("fact dispute", room.desk, fact="1", reason="Le maire était à Lyon")
    reply = await room.reporter.slash("fact show", room.desk, fact="1")
    assert reply.ephemeral
    for words in (CLAIM, "mardi 12 mai 2026", "mairie.example", "10 h : société Axon", "Journal officiel"):
        assert words in reply.text
    for words in ("vérifié", "Le maire était à Lyon", "source ajoutée", "contesté"):
        assert words in reply.text


# --- where the card is ---


async def test_the_card_is_posted_in_the_log(room: Room, log: Channel) -> None:
    await add(room, date="12 mai", quote="10 h : société Axon")
    await shown(log, "Fait n°\u00a01", CLAIM, "mardi 12 mai 2026", "mairie.example", "10 h : société Axon")


async def test_the_card_is_posted_once_in_each_channel_of_several_dossiers_and_not_in_the_log(
    house: House, room: Room
) -> None:
    first, second = room.guild.add_channel("caméras"), room.guild.add_channel("mairie")
    for name, channel in (("Caméras", first), ("Mairie", second), ("Police", first)):
        await house.dossier(room, name, channel)
    await add(room, dossier="caméras; mairie; police")
    await shown(first, CLAIM)
    await shown(second, CLAIM)
    assert sorted(card.channel_id for card in await house.cards(room)) == sorted([first.id, second.id])


async def test_a_fact_put_into_a_dossier_is_posted_in_its_channel_and_stays_in_the_log(
    house: House, room: Room, log: Channel
) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    await add(room)
    await shown(log, CLAIM)
    await room.reporter.slash("dossier add", room.desk, dossier="caméras", thing="fait 1")
    await shown(channel, CLAIM, "Caméras")
    await shown(log, CLAIM, "Caméras")


async def test_every_card_of_a_fact_is_updated(house: House, room: Room) -> None:
    first, second = room.guild.add_channel("caméras"), room.guild.add_channel("mairie")
    await house.dossier(room, "Caméras", first)
    await house.dossier(room, "Mairie", second)
    await add(room, dossier="caméras; mairie")
    await shown(first, CLAIM)
    await shown(second, CLAIM)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    await shown(first, "· vérifié")
    await shown(second, "· vérifié")
    assert (len(first.messages), len(second.messages)) == (1, 1)


async def test_the_card_speaks_the_newsrooms_language(room: Room, log: Channel) -> None:
    await room.administrator.slash("setup", room.desk, language="en")
    await add(room, date="12 May")
    await shown(log, "Fact 1", "Tuesday 12 May 2026")


# --- how much, how fast ---


@pytest.mark.parametrize(("option", "most"), [("claim", 1_000), ("source", 1_000), ("quote", 2_000)])
async def test_a_text_of_the_full_length_is_taken(house: House, room: Room, option: str, most: int) -> None:
    given: dict[str, Any] = {"claim": CLAIM, option: "é" * most}
    await add(room, **given)
    [fact], [citation] = await house.facts(room), await house.citations(room)
    assert most in {len(fact.claim.text), len(citation.title or ""), len(citation.quote or "")}


@pytest.mark.parametrize(("option", "most"), [("claim", 1_000), ("source", 1_000), ("quote", 2_000)])
async def test_a_text_of_one_more_is_refused_with_both_numbers(
    house: House, room: Room, option: str, most: int
) -> None:
    given: dict[str, Any] = {"claim": CLAIM, option: "é" * (most + 1)}
    reply = await add(room, **given)
    assert f"{most} caractères" in reply.text.replace("\u202f", "")
    assert str(most + 1) in reply.text.replace("\u202f", "")
    assert await house.facts(room) == []


@pytest.mark.parametrize(("length", "changes"), [(500, 2), (501, 1)])
async def test_a_reason_has_at_most_500_characters(house: House, room: Room, length: int, changes: int) -> None:
    await add(room)
    await room.reporter.slash("fact dispute", room.desk, fact="1", reason="é" * length)
    assert [fact.changes for fact in await house.facts(room)] == [changes]


async def test_a_person_logs_30_facts_a_minute_and_no_more(house: House, room: Room) -> None:
    for _ in range(30):
        await add(room)
    reply = await add(room)
    assert "30 par minute" in reply.text
    await add(room, by=room.editor)
    assert len(await house.facts(room)) == 31


async def test_a_minute_later_a_person_logs_again(house: House, room: Room) -> None:
    for _ in range(30):
        await add(room)
    house.clock.offset += timedelta(minutes=1, seconds=1)
    await add(room)
    assert len(await house.facts(room)) == 31


async def test_a_newsroom_that_is_full_takes_no_more(house: House, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.facts.changes.FACTS", 1)
    await add(room)
    reply = await add(room)
    assert "le plus que Vigie en garde" in reply.text
    assert len(await house.facts(room)) == 1


async def test_a_quota_counts_one_newsroom(house: House, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.facts.changes.FACTS", 1)
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await add(room)
    await add(other)
    assert len(await house.facts(other)) == 1


async def test_a_notices_title_with_a_line_break_stays_a_notice_when_the_form_is_sent(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="caméra")
    notice = Notice(
        id="26-5", source="boamp", title="Lot 1 :\ncaméras  individuelles", url="https://boamp.example/26-5"
    )
    message = await house.announce(room, [item], notice=notice)
    form = await room.reporter.click(message, label="Noter comme fait")
    await room.reporter.submit(form)
    [citation] = await house.citations(room)
    assert citation.kind is CitationKind.NOTICE
