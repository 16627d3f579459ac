"""The second-source rule: what it asks, who may overrule it, and what it leaves alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.facts import changes
from bot.facts.changes import UNSEEN, FactCorrectedError
from bot.facts.citing import read_citation
from bot.facts.entry import Correction
from bot.facts.vouching import makers_of
from bot.models import Claim, Fact, FactChangeKind, FactStatus, FactVersion
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.log import citations, facts
from tests.factories import GUILD, START
from tests.log_world import COLLEAGUE, EDITOR, REPORTER, cite, log_database, log_fact, sourced_fact

LINK, OTHER = "https://agenda.example/mai", "https://gazette.example/juin"
OTHER_EDITOR = replace(EDITOR, user_id=10)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def rule(database: Database, *, is_on: bool) -> None:
    async with database.tx("test.rule") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, second_source=is_on))


async def refusal(database: Database, fact: Fact, reason: str | None = None) -> UserError:
    with pytest.raises(UserError) as refused:
        await changes.verify(database, EDITOR, fact.id, START, reason=reason)
    return refused.value


async def reason_kept(database: Database, fact: Fact) -> str | None:
    async with database.read() as connection:
        made = await facts.changes(connection, GUILD, fact.id)
    return next(change.text for change in made if change.kind is FactChangeKind.VERIFIED)


async def test_one_source_is_not_enough(database: Database) -> None:
    fact = await log_fact(database, source=LINK)
    error = await refusal(database, fact)
    assert (error.text, error.values["origin"]) == ("fact-one-source", "agenda.example")


async def test_two_sources_of_one_origin_are_not_enough(database: Database) -> None:
    fact = await log_fact(database, source=LINK, origin="AFP")
    fact = await cite(database, fact, OTHER, origin="afp")
    error = await refusal(database, fact)
    assert (error.text, error.values["sources"], error.values["origin"]) == ("fact-one-origin", 2, "AFP")


async def test_two_sources_of_different_origin_are_enough(database: Database) -> None:
    fact = await cite(database, await log_fact(database, source=LINK), OTHER)
    assert (await changes.verify(database, EDITOR, fact.id, START)).fact.status is FactStatus.VERIFIED


async def test_two_origins_do_not_replace_the_second_person(database: Database) -> None:
    fact = await sourced_fact(database)
    with pytest.raises(UserError, match="fact-second-person"):
        await changes.verify(database, REPORTER, fact.id, START, reason="j'en suis sûr")


async def test_who_wrote_the_words_that_stand_is_no_second_person_whatever_was_corrected_since(
    database: Database,
) -> None:
    fact = await sourced_fact(database)
    said = (
        (EDITOR, Claim(text="Le ministre a touché 3 M€.")),
        (REPORTER, Claim(text="Le ministre a touché 3 M€.", event_date="2020", event_date_typed="2020")),
    )
    for seen, (by, claim) in enumerate(said, 1):
        await changes.correct(database, by, fact.id, Correction(claim, (), None), "mal lu", START, seen=seen)
    with pytest.raises(UserError, match="fact-second-person"):
        await changes.verify(database, EDITOR, fact.id, START, seen=3, reason="j'en suis sûr")
    verified = await changes.verify(database, OTHER_EDITOR, fact.id, START, seen=3)
    assert verified.fact.status is FactStatus.VERIFIED


@pytest.mark.parametrize(
    ("said", "makers"),
    [
        ([(7, "A", None)], {7}),
        ([(7, "A", None), (9, "B", None)], {7, 9}),
        ([(7, "A", None), (9, "B", None), (8, "C", None)], {7, 8}),
        ([(7, "A", None), (9, "B", None), (8, "b.", None)], {7, 8, 9}),
        ([(7, "A", None), (9, "A", "2020"), (8, "B", "2020")], {7, 8, 9}),
        ([(7, "A", None), (9, "B", None), (7, "A", None), (8, "A", "2020")], {7, 8}),
    ],
)
async def test_whoever_made_a_part_of_what_stands_made_the_fact(
    database: Database, said: list[tuple[int, str, str | None]], makers: set[int]
) -> None:
    versions = [
        FactVersion(
            revision=number,
            claim=Claim(text=text, event_date=date),
            status=FactStatus.LOGGED,
            verified_by=None,
            verified_at=None,
            reason=None,
            made_by=by,
            made_at=START,
        )
        for number, (by, text, date) in enumerate(said, 1)
    ]
    *earlier, last = versions
    fact = replace(await log_fact(database), claim=last.claim, corrected_by=last.made_by if earlier else None)
    assert makers_of(fact, earlier) == makers


async def test_who_alone_brought_the_second_origin_does_not_verify_it(database: Database) -> None:
    fact = await log_fact(database, source=LINK)
    await changes.cite(database, EDITOR, fact.id, [read_citation(OTHER, "", guild_id=GUILD, now=START)], START)
    assert (await refusal(database, fact)).text == "fact-own-origin"
    assert (await changes.verify(database, OTHER_EDITOR, fact.id, START)).fact.status is FactStatus.VERIFIED


async def test_a_third_origin_may_be_of_who_verifies(database: Database) -> None:
    fact = await sourced_fact(database)
    await changes.cite(database, EDITOR, fact.id, [read_citation(OTHER, "", guild_id=GUILD, now=START)], START)
    assert (await changes.verify(database, EDITOR, fact.id, START)).fact.status is FactStatus.VERIFIED


async def test_a_reason_does_without_a_second_origin_of_others(database: Database) -> None:
    fact = await log_fact(database, source=LINK)
    await changes.cite(database, EDITOR, fact.id, [read_citation(OTHER, "", guild_id=GUILD, now=START)], START)
    assert (await changes.verify(database, EDITOR, fact.id, START, reason="l'acte fait foi")).overruled
    assert await reason_kept(database, fact) == "l'acte fait foi"


async def test_without_the_rule_one_source_is_enough(database: Database) -> None:
    await rule(database, is_on=False)
    fact = await log_fact(database)
    assert (await changes.verify(database, EDITOR, fact.id, START)).fact.status is FactStatus.VERIFIED


async def test_an_editor_overrules_the_origins_with_a_reason_that_is_kept(database: Database) -> None:
    fact = await log_fact(database)
    changed = await changes.verify(database, EDITOR, fact.id, START, reason="l'acte fait foi")
    assert (changed.overruled, changed.fact.status) == (True, FactStatus.VERIFIED)
    assert await reason_kept(database, fact) == "l'acte fait foi"


async def test_a_reason_that_nothing_needed_is_not_kept(database: Database) -> None:
    fact = await sourced_fact(database)
    assert not (await changes.verify(database, EDITOR, fact.id, START, reason="au cas où")).overruled
    assert await reason_kept(database, fact) is None


async def test_turning_the_rule_on_changes_nothing_about_what_was_verified_before(database: Database) -> None:
    await rule(database, is_on=False)
    fact = (await changes.verify(database, EDITOR, (await log_fact(database)).id, START)).fact
    await rule(database, is_on=True)
    async with database.read() as connection:
        assert await facts.get(connection, GUILD, fact.id) == fact


async def test_a_source_whose_origin_is_corrected_counts_anew_and_the_fact_is_to_be_verified_anew(
    database: Database,
) -> None:
    fact = await sourced_fact(database)
    fact = (await changes.verify(database, EDITOR, fact.id, START)).fact
    async with database.read() as connection:
        second = (await citations.standing(connection, GUILD, fact.id))[1]
    same = Correction(fact.claim, (replace(second, said_origin="agenda.example"),), None)
    corrected = await changes.correct(database, COLLEAGUE, fact.id, same, "même agenda", START, seen=1)
    assert (corrected.fact.status, corrected.fact.verified_by) == (FactStatus.LOGGED, None)
    with pytest.raises(UserError, match="fact-one-origin"):
        await changes.verify(database, EDITOR, fact.id, START + UNSEEN)


async def test_a_version_that_somebody_else_just_made_is_not_verified_unseen(database: Database) -> None:
    fact = await sourced_fact(database)
    other = Correction(Claim(text="Autre énoncé"), (), None)
    await changes.correct(database, COLLEAGUE, fact.id, other, "mal lu", START, seen=1)
    with pytest.raises(FactCorrectedError, match="fact-verify-unseen") as refused:
        await changes.verify(database, EDITOR, fact.id, START)
    assert refused.value.fact.claim.text == "Autre énoncé"
    seen = refused.value.fact.revision
    assert (await changes.verify(database, EDITOR, fact.id, START, seen=seen)).fact.status is FactStatus.VERIFIED
