"""Whose words the sources of a fact are, and what that means for verifying it: said, shown, proposed, corrected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.access import Viewer
from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from bot.models import FactStatus
from tests.cogs.house import House, Room, shown
from tests.export.read_back import column, facts_of

SATURDAY = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
CLAIM = "Axon a rencontré le cabinet du maire"
FIRST, SECOND = "https://lemonde.example/a", "https://figaro.example/b"
LONG = "é" * 301


@pytest.fixture
async def room(house: House) -> Room:
    house.at(SATURDAY)
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


async def add(room: Room, by: Member | None = None, **options: Any) -> Reply:
    given: dict[str, Any] = {"claim": CLAIM, "source": FIRST, **options}
    return await (by or room.reporter).slash("fact add", room.desk, **given)


async def cite(room: Room, by: Member | None = None, **options: Any) -> Reply:
    given: dict[str, Any] = {"fact": "1", "source": SECOND, **options}
    return await (by or room.reporter).slash("fact cite", room.desk, **given)


async def verify(room: Room, **options: Any) -> Reply:
    return await room.editor.slash("fact verify", room.desk, fact="1", **options)


async def status(house: House, room: Room) -> FactStatus:
    [fact] = await house.facts(room)
    return fact.status


async def origins(house: House, room: Room) -> list[str | None]:
    return [citation.said_origin for citation in await house.citations(room)]


async def proposed(member: Member, room: Room, typed: str = "", **options: Any) -> list[str]:
    found = await member.autocomplete("fact cite", option="origin", typed=typed, channel=room.desk, **options)
    return [choice.name for choice in found]


async def test_what_is_said_of_an_origin_is_kept_and_shown(house: House, room: Room, log: Channel) -> None:
    await add(room, origin="AFP")
    assert await origins(house, room) == ["AFP"]
    await shown(log, "1 source (AFP)", "origine\u00a0: AFP")


async def test_by_the_form_too(house: House, room: Room) -> None:
    form = await room.reporter.slash("fact add", room.desk, origin="AFP")
    await room.reporter.submit(form, {"claim": CLAIM, "source": FIRST})
    assert await origins(house, room) == ["AFP"]


async def test_the_reply_says_which_origin_was_understood(room: Room) -> None:
    await add(room)
    reply = await cite(room)
    assert "Origine de la source n°\u00a02\u00a0: **figaro.example**" in reply.text
    assert "2 sources de 2 origines" in reply.text


async def test_a_file_beside_a_source_is_of_its_origin_until_somebody_says_otherwise(house: House, room: Room) -> None:
    reply = await add(room, file=room.reporter.upload("article.pdf", b"%PDF"))
    assert "Origine de la source n°\u00a01\u00a0: **lemonde.example**" in reply.text
    assert "a déjà une source de cette origine (n°\u00a01)" in reply.text
    assert "2 sources de même origine (lemonde.example)" in reply.text
    await verify(room)
    assert await status(house, room) is FactStatus.LOGGED
    options: dict[str, Any] = {"fact": "1", "number": 2, "origin": "Le greffe", "reason": "c\u2019est l\u2019acte"}
    await room.reporter.slash("fact correct", room.desk, **options)
    house.clock.offset += timedelta(minutes=6)
    await verify(room)
    assert await status(house, room) is FactStatus.VERIFIED


async def test_a_file_that_is_cited_with_a_source_follows_what_is_said_of_it(house: House, room: Room) -> None:
    await add(room, origin="AFP")
    await cite(room, file=room.reporter.upload("article.pdf", b"%PDF"))
    options: dict[str, Any] = {"fact": "1", "number": 2, "origin": "AFP", "reason": "même dépêche"}
    reply = await room.reporter.slash("fact correct", room.desk, **options)
    assert "3 sources de même origine (AFP)" in reply.text
    await verify(room)
    assert await status(house, room) is FactStatus.LOGGED


async def test_the_size_of_a_file_is_told_in_the_language_of_the_card(room: Room, log: Channel) -> None:
    await add(room, file=room.reporter.upload("bail.pdf", b"x" * 10))
    await shown(log, "(10 octets)")


async def test_a_source_of_an_origin_that_it_has_is_said_to_count_for_nothing(room: Room) -> None:
    await add(room, origin="AFP")
    reply = await cite(room, origin="afp")
    assert "a déjà une source de cette origine (n°\u00a01)" in reply.text
    assert "/fait corriger fait:1 numéro:2 origine:…" in reply.text
    assert "2 sources de même origine (AFP)" in reply.text


COUNTED: list[tuple[dict[str, str], dict[str, str], int]] = [
    ({"source": "https://lemonde.example/a"}, {"source": "https://figaro.example/a"}, 2),
    ({"source": "https://lemonde.example/a"}, {"source": "https://m.lemonde.example/a", "origin": "AFP"}, 1),
    (
        {"source": "https://lemonde.example/a", "origin": "AFP"},
        {"source": "https://lemonde.example/a", "quote": "x"},
        1,
    ),
    ({"source": "https://lemonde.example/a", "origin": "AFP"}, {"source": "un appel", "origin": "A.F.P."}, 1),
    ({"source": "https://lemonde.example/a"}, {"source": "https://web.archive.org/web/2026/lemonde.example/a"}, 1),
    ({"source": "https://archive.ph/AbC12"}, {"source": "https://lemonde.example/a"}, 1),
    ({"source": "https://youtu.be/abc", "origin": "Ada"}, {"source": "https://m.youtube.com/watch?v=abc"}, 1),
    ({"source": "https://twitter.com/a/status/1"}, {"source": "https://x.com/b/status/2"}, 1),
    ({"source": "https://ptb.discord.com/channels/5/6/7"}, {"source": "https://discord.com/channels/5/6/8"}, 1),
]


async def test_the_card_the_reply_the_export_and_the_rule_count_the_same_origins(
    house: House, room: Room, tmp_path: Path
) -> None:
    told = []
    for number, (first, second, _) in enumerate(COUNTED, 1):
        await add(room, **first)
        reply = (await cite(room, fact=str(number), **second)).text
        assert ("a déjà une source de cette origine" in reply) != ("2 sources de 2 origines" in reply)
        assert ("2 sources de même origine" in reply) == ("a déjà une source de cette origine" in reply)
        verified = (await room.editor.slash("fact verify", room.desk, fact=str(number))).text
        assert ("ont la même origine" in verified) != ("2 sources de 2 origines" in verified)
        told.append((2 if "2 sources de 2 origines" in reply else 1, 1 if "ont la même origine" in verified else 2))
    viewer = Viewer(guild_id=int(room.guild.id), user_id=0, sees_all=True)
    await facts_of(house.app.database.path, tmp_path / "export", viewer=viewer)
    exported = column(tmp_path / "export" / "facts.csv", "origins_count")
    assert told == [(count, count) for *_, count in COUNTED]
    assert exported == [str(count) for *_, count in COUNTED]


async def test_who_may_not_correct_the_fact_is_told_whom_to_ask(room: Room) -> None:
    await add(room, origin="AFP")
    reply = await cite(room, room.guild.add_member("Zoé", roles=[room.reporter_role]), origin="AFP")
    assert "demandez à qui a noté le fait" in reply.text


async def test_two_sources_of_one_origin_are_not_verified_and_the_reply_says_what_is_missing(
    house: House, room: Room
) -> None:
    await add(room, origin="AFP")
    await cite(room, origin="AFP")
    reply = await verify(room)
    assert "ont la même origine (AFP)" in reply.text
    assert "/fait sourcer fait:1" in reply.text
    assert await status(house, room) is FactStatus.LOGGED


async def test_two_origins_by_two_people_are_verified(house: House, room: Room) -> None:
    await add(room)
    await cite(room)
    assert "vérifié" in (await verify(room)).text
    assert await status(house, room) is FactStatus.VERIFIED


async def test_an_editor_overrules_with_a_reason_that_the_card_shows(house: House, room: Room, log: Channel) -> None:
    await add(room)
    reply = await verify(room, reason="L\u2019acte fait foi")
    assert "sans seconde origine indépendante" in reply.text
    assert await status(house, room) is FactStatus.VERIFIED
    await shown(log, "Vérifié sans seconde origine indépendante", "L\u2019acte fait foi")


async def test_a_reason_that_nothing_needed_is_said_not_to_be_kept(room: Room) -> None:
    await add(room)
    await cite(room)
    assert "n\u2019a pas été gardé" in (await verify(room, reason="au cas où")).text


async def test_the_origin_of_a_source_is_corrected_by_its_number(house: House, room: Room) -> None:
    await add(room)
    await cite(room)
    options: dict[str, Any] = {"fact": "1", "number": 2, "origin": "AFP", "reason": "même dépêche"}
    await room.reporter.slash("fact correct", room.desk, **options)
    assert await origins(house, room) == [None, "AFP"]
    house.clock.offset += timedelta(minutes=6)
    await room.reporter.slash("fact correct", room.desk, **{**options, "origin": "-"})
    assert await origins(house, room) == [None, None]


async def test_the_form_of_a_correction_is_about_the_source_of_the_number(house: House, room: Room) -> None:
    await add(room)
    await cite(room)
    form = await room.reporter.slash("fact correct", room.desk, fact="1", number=2, reason="mal copié")
    await room.reporter.submit(form, {"source": "https://figaro.example/c"})
    assert [citation.url for citation in await house.citations(room)] == [FIRST, "https://figaro.example/c"]


async def test_a_number_that_no_source_has_is_refused(room: Room) -> None:
    await add(room)
    reply = await room.reporter.slash("fact correct", room.desk, fact="1", number=2, origin="AFP", reason="x")
    assert "n\u2019a pas de source n°\u00a02" in reply.text


# --- a version that was not seen ---


async def corrected(room: Room) -> None:
    await add(room)
    await cite(room)
    await room.reporter.slash("fact correct", room.desk, fact="1", claim="Axon a vu le maire", reason="mal lu")


async def test_a_version_made_lately_is_shown_before_it_is_verified(house: House, room: Room) -> None:
    await corrected(room)
    other = room.guild.add_member("Émile", roles=[room.editor_role])
    reply = await other.slash("fact verify", room.desk, fact="1")
    assert "vient d\u2019être corrigé" in reply.text
    assert "Axon a vu le maire" in reply.text
    assert f"<@{room.reporter.id}>" in reply.text
    assert await status(house, room) is FactStatus.LOGGED
    await other.click(reply, label="Vérifier cette version")
    assert await status(house, room) is FactStatus.VERIFIED


async def test_the_button_verifies_no_version_but_the_one_that_was_shown(house: House, room: Room) -> None:
    await corrected(room)
    reply = await verify(room)
    await room.reporter.slash("fact correct", room.desk, fact="1", claim="Axon a vu le préfet", reason="mal relu")
    again = await room.editor.click(reply, label="Vérifier cette version")
    assert "Axon a vu le préfet" in again.text
    assert await status(house, room) is FactStatus.LOGGED


async def test_the_reason_is_carried_along_and_the_button_works_once(house: House, room: Room) -> None:
    await add(room)
    await room.reporter.slash("fact correct", room.desk, fact="1", claim="Axon a vu le maire", reason="mal lu")
    reply = await verify(room, reason="L\u2019acte fait foi")
    done = await room.editor.click(reply, label="Vérifier cette version")
    assert "sans seconde origine indépendante" in done.text
    again = await room.editor.click(reply, label="Vérifier cette version")
    assert "déjà" in again.text
    assert [fact.changes for fact in await house.facts(room)] == [3]


# --- proposals ---


async def test_the_origins_of_the_fact_are_proposed_first_and_then_those_said_lately(room: Room) -> None:
    await add(room, origin="AFP")
    await add(room, origin="Reuters")
    assert await proposed(room.reporter, room, fact="1") == ["AFP", "Reuters"]
    assert await proposed(room.reporter, room, fact="2") == ["Reuters", "AFP"]
    assert await proposed(room.reporter, room, "reu", fact="1") == ["Reuters"]


async def test_what_others_may_not_know_of_is_not_proposed(room: Room) -> None:
    await add(room, by=room.editor, origin="Le lanceur", embargo="2030-01-01")
    assert await proposed(room.editor, room, fact="1") == ["Le lanceur"]
    assert await proposed(room.reporter, room, fact="1") == []


# --- what is refused is given back ---


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"source": "javascript:alert(1)"}, "n\u2019est pas un lien du web"),
        ({"date": "31 février 2025"}, "31"),
        ({"quote": "é" * 2_001}, "celle-ci en a 2\u202f001"),
        ({"item": "personne"}, "personne"),
    ],
)
async def test_a_command_that_is_refused_gives_what_was_typed_back_as_a_form(
    house: House, room: Room, options: dict[str, Any], why: str
) -> None:
    reply = await add(room, **options)
    assert why in reply.text
    assert CLAIM in reply.text
    assert await house.facts(room) == []
    form = await room.reporter.click(reply, label="Rouvrir le formulaire")
    assert form.modal is not None


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        ({"origin": LONG}, {"origin": "AFP"}),
        ({"dossier": "aucun", "origin": "AFP"}, {"dossier": ""}),
        ({"embargo": "2001-01-01", "origin": "AFP"}, {"embargo": "2031-01-01"}),
    ],
)
async def test_what_a_form_has_no_field_for_is_asked_again_in_it(
    house: House, room: Room, wrong: dict[str, Any], mended: dict[str, str]
) -> None:
    reply = await add(room, file=room.reporter.upload("bail.pdf", b"%PDF"), **wrong)
    assert CLAIM in reply.text
    assert await house.facts(room) == []
    await room.reporter.submit(await room.reporter.click(reply, label="Rouvrir le formulaire"), mended)
    assert await origins(house, room) == ["AFP", "AFP"]
    [fact] = await house.facts(room)
    assert (fact.embargo_until is not None) == ("embargo" in wrong)


async def test_what_is_given_back_is_as_it_was_typed_under_the_names_of_the_form(room: Room) -> None:
    of_add = await add(room, date="31 février 2025", origin="AFP", embargo="2031-01-01")
    await add(room)
    of_cite = await cite(room, source="ftp://serveur/_a_", origin="AFP")
    assert ("**La source**\n```\n" + FIRST in of_add.text, "**L\u2019origine**\n```\nAFP" in of_add.text) == (
        True,
        True,
    )
    assert "**La source**\n```\nftp://serveur/_a_\n```" in of_cite.text
    assert "**L\u2019origine**\n```\nAFP" in of_cite.text


@pytest.mark.parametrize("options", [{"source": "ftp://serveur"}, {"origin": LONG}, {"source": FIRST, "quote": "10 h"}])
async def test_a_source_that_is_refused_is_given_back(house: House, room: Room, options: dict[str, Any]) -> None:
    await add(room, quote="10 h")
    reply = await cite(room, **{"quote": "10 h", **options})
    assert "10 h" in reply.text
    assert len(await house.citations(room)) == 1


@pytest.mark.parametrize("command", ["fact dispute", "fact retract"])
async def test_a_reason_that_is_too_long_is_given_back(house: House, room: Room, command: str) -> None:
    await add(room)
    reply = await room.editor.slash(command, room.desk, fact="1", reason="Le maire " * 60)
    assert "500" in reply.text
    assert "Le maire Le maire" in reply.text
    assert await status(house, room) is FactStatus.LOGGED


async def test_a_correction_that_is_refused_is_given_back_as_a_form_over_the_fact(house: House, room: Room) -> None:
    await add(room)
    reply = await room.reporter.slash("fact correct", room.desk, fact="1", reason="mal lu", date="31 février 2025")
    form = await room.reporter.click(reply, label="Rouvrir le formulaire")
    await room.reporter.submit(form, {"date": "12 mai 2025"})
    [fact] = await house.facts(room)
    assert (fact.revision, fact.claim.event_date, fact.reason) == (2, "2025-05-12", "mal lu")
