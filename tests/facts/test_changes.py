from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.dates import Prefers, TypedDate, read_date
from bot.entering import A_MINUTE, Belongings
from bot.errors import UserError
from bot.facts import changes
from bot.facts.changes import UNSEEN, FactCorrectedError
from bot.facts.citing import read_citation
from bot.facts.entry import Correction, TypedCorrection, TypedFact, read_correction, read_fact
from bot.facts.origins import origins
from bot.locales import Language
from bot.models import Citation, CitationKind, Fact, FactChangeKind, FactStatus, ThingKind, TipStatus
from bot.storage.archive import twins
from bot.storage.database import Database
from bot.storage.log import about, citations, drafts, facts, tips
from bot.storage.outbox.announcements import get
from tests.factories import GUILD, START, add_item, add_newsroom, make_item, make_notice, owe_notice
from tests.log_world import (
    COLLEAGUE,
    DATES,
    EDITOR,
    ELSEWHERE,
    LOG,
    PARIS,
    REPORTER,
    cards_of,
    cite,
    log_database,
    log_fact,
    log_tip,
    sourced_fact,
)

LATER = START + timedelta(hours=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def correction_of(database: Database, fact: Fact, **typed: str) -> Correction:
    async with database.read() as connection:
        first = (await citations.standing(connection, fact.guild_id, fact.id))[0]
    return read_correction(TypedCorrection(**typed, is_prefilled=True), fact, first, DATES, now=LATER)


async def corrected(database: Database, fact: Fact, by: Viewer = EDITOR, **typed: str) -> Fact:
    correction = await correction_of(database, fact, **typed)
    return (await changes.correct(database, by, fact.id, correction, "chiffre revu", LATER, seen=fact.revision)).fact


async def citations_of(database: Database, fact: Fact) -> list[Citation]:
    async with database.read() as connection:
        return await citations.standing(connection, fact.guild_id, fact.id)


def words(source: str, quote: str = "") -> Citation:
    return read_citation(source, quote, guild_id=GUILD, now=START)


async def refusal(attempt: object) -> str:
    with pytest.raises(UserError) as refused:
        await attempt  # type: ignore[misc]
    return refused.value.text


async def test_a_fact_is_kept_as_it_was_typed_with_its_precision(database: Database) -> None:
    fact = await log_fact(database, date="mi-novembre 2020", quote="Axon reçu")
    assert (fact.claim.event_date, fact.claim.event_date_typed) == ("2020-11-mid", "mi-novembre 2020")
    [citation] = await citations_of(database, fact)
    assert (citation.n, citation.url, citation.quote) == (1, "https://agenda.example/mai", "Axon reçu")
    assert (fact.status, fact.logged_by, fact.revision) == (FactStatus.LOGGED, REPORTER.user_id, 1)


async def test_a_correction_adds_a_version_and_keeps_the_former_one_whole(database: Database) -> None:
    fact = await sourced_fact(database, quote="ancien", date="12 mai 2025")
    await changes.verify(database, EDITOR, fact.id, START)
    async with database.read() as connection:
        fact = await facts.get(connection, GUILD, fact.id)
    new = await corrected(database, fact, claim="Axon a vu le ministre.", quote="nouveau")
    async with database.read() as connection:
        [former] = await facts.earlier(connection, GUILD, fact.id)
    assert (former.claim, former.status, former.verified_by) == (fact.claim, FactStatus.VERIFIED, EDITOR.user_id)
    assert (new.revision, new.claim.text, new.reason) == (2, "Axon a vu le ministre.", "chiffre revu")
    assert (new.status, new.verified_by) == (FactStatus.LOGGED, None)
    assert new.claim.event_date == "2025-05-12"
    assert [(one.n, one.quote) for one in await citations_of(database, fact)] == [(1, "nouveau"), (2, None)]


async def test_a_date_that_is_left_as_it_was_typed_is_not_read_anew(database: Database) -> None:
    fact = await log_fact(database, date="mardi dernier")
    correction = await correction_of(database, fact, claim="Autre énoncé", date="mardi dernier")
    assert correction.claim.event_date == fact.claim.event_date


async def test_a_correction_that_changes_nothing_is_refused(database: Database) -> None:
    fact = await log_fact(database)
    with pytest.raises(UserError, match="fact-nothing-corrected"):
        await correction_of(database, fact, claim=fact.claim.text)


async def test_the_second_of_two_corrections_is_shown_the_first(database: Database) -> None:
    fact = await log_fact(database)
    late = await correction_of(database, fact, claim="La version du second")
    await corrected(database, fact, claim="La version du premier")
    with pytest.raises(FactCorrectedError) as refused:
        await changes.correct(database, EDITOR, fact.id, late, "motif", LATER, seen=1)
    assert refused.value.fact.claim.text == "La version du premier"
    async with database.read() as connection:
        assert (await facts.get(connection, GUILD, fact.id)).revision == 2


async def test_a_recent_correction_by_somebody_else_counts_as_unseen(database: Database) -> None:
    fact = await corrected(database, await log_fact(database), claim="Nouvelle version")
    with pytest.raises(FactCorrectedError):
        changes.refuse_unseen(fact, None, REPORTER.user_id, LATER)
    changes.refuse_unseen(fact, None, EDITOR.user_id, LATER)
    changes.refuse_unseen(fact, None, REPORTER.user_id, LATER + UNSEEN)
    changes.refuse_unseen(fact, 2, REPORTER.user_id, LATER)


async def test_neither_its_author_nor_its_corrector_verifies_a_fact(database: Database) -> None:
    fact = await sourced_fact(database)
    assert await refusal(changes.verify(database, REPORTER, fact.id, START)) == "fact-second-person"
    await corrected(database, fact, claim="Autre énoncé")
    assert await refusal(changes.verify(database, EDITOR, fact.id, START)) == "fact-second-person"
    later, other = LATER + UNSEEN, replace(EDITOR, user_id=10)
    assert (await changes.verify(database, other, fact.id, later)).fact.verified_by == other.user_id
    assert await refusal(changes.verify(database, other, fact.id, later)) == "fact-verified-already"


async def test_a_disputed_fact_may_be_verified_again(database: Database) -> None:
    fact = await sourced_fact(database)
    disputed = (await changes.dispute(database, COLLEAGUE, fact.id, "démenti", START)).fact
    assert disputed.status is FactStatus.DISPUTED
    assert await refusal(changes.dispute(database, EDITOR, fact.id, "encore", START)) == "fact-disputed-already"
    assert (await changes.verify(database, EDITOR, fact.id, START)).fact.status is FactStatus.VERIFIED


async def test_a_retracted_fact_changes_no_more(database: Database) -> None:
    fact = await log_fact(database)
    await changes.retract(database, EDITOR, fact.id, "faux", START)
    correction = await correction_of(database, fact, claim="Autre énoncé")
    attempts = (
        changes.verify(database, EDITOR, fact.id, START),
        changes.dispute(database, EDITOR, fact.id, "x", START),
        changes.retract(database, EDITOR, fact.id, "x", START),
        changes.cite(database, EDITOR, fact.id, [words("un livre")], START),
        changes.correct(database, EDITOR, fact.id, correction, "x", START, seen=1),
        changes.link_items(database, EDITOR, fact.id, [], START),
    )
    already = "fact-retracted-already"
    assert [await refusal(attempt) for attempt in attempts] == [
        already,
        already,
        "fact-retracted-twice",
        *[already] * 3,
    ]


async def test_every_change_is_numbered_and_signed(database: Database) -> None:
    fact = await log_fact(database)
    await changes.cite(database, COLLEAGUE, fact.id, [words("un livre")], START)
    await changes.verify(database, EDITOR, fact.id, START)
    await changes.retract(database, EDITOR, fact.id, "faux", START)
    async with database.read() as connection:
        noted = await facts.changes(connection, GUILD, fact.id)
    assert [(one.number, one.kind, one.made_by, one.text) for one in noted] == [
        (1, FactChangeKind.LOGGED, REPORTER.user_id, None),
        (2, FactChangeKind.CITED, COLLEAGUE.user_id, None),
        (3, FactChangeKind.VERIFIED, EDITOR.user_id, None),
        (4, FactChangeKind.RETRACTED, EDITOR.user_id, "faux"),
    ]


async def test_a_source_is_cited_once(database: Database) -> None:
    fact = await log_fact(database)
    assert (
        await refusal(changes.cite(database, EDITOR, fact.id, [words("https://agenda.example/mai")], START))
        == "citation-known"
    )
    added = await changes.cite(database, EDITOR, fact.id, [words("https://agenda.example/mai", "p. 2")], START)
    assert [one.n for one in await citations_of(database, added.fact)] == [1, 2]


async def test_two_sources_that_are_refused_together_leave_nothing_behind(database: Database) -> None:
    fact = await log_fact(database)
    both = [words("un livre"), words("https://agenda.example/mai")]
    assert await refusal(changes.cite(database, EDITOR, fact.id, both, START)) == "citation-known"
    assert len(await citations_of(database, fact)) == 1


@pytest.mark.parametrize("is_link", [True, False])
async def test_an_announcement_is_cited_as_its_notice(database: Database, *, is_link: bool) -> None:
    await add_newsroom(database)
    owed = await owe_notice(database, await add_item(database, make_item()), make_notice())
    async with database.tx("test.sent") as connection:
        row = await get(connection, GUILD, owed)
        await connection.run(
            "UPDATE announcement SET state = 'sent', first_try_at = created_at, history_from = 0,"
            " sent_at = created_at, message_id = 77 WHERE guild_id = ? AND id = ?",
            GUILD,
            owed,
        )
    source = f"https://discord.com/channels/{GUILD}/{row.channel_id}/77" if is_link else row.code
    [citation] = await citations_of(database, await log_fact(database, source=source, quote="caméras"))
    assert (citation.kind, citation.notice_id, citation.quote) == (CitationKind.NOTICE, row.notice_id, "caméras")
    assert citation.url == "https://gazette.example/26-1"


async def test_two_copies_of_one_notice_are_of_one_origin(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database, make_item())
    copies = [make_notice("26-1", source="boamp"), make_notice("9-2026", source="ted", buyer="Lyon (Ville)")]
    owed = [await owe_notice(database, item, notice) for notice in copies]
    async with database.tx("test.twins") as connection:
        first, second = [await get(connection, GUILD, one) for one in owed]
        await twins.pair(connection, second.notice_id or 0, first.notice_id or 0)
    fact = await cite(database, await log_fact(database, source=second.code), first.code)
    assert [origin.name for origin in origins(await citations_of(database, fact))] == ["Ville de Lyon"]


async def test_a_code_of_another_newsroom_is_only_words(database: Database) -> None:
    await add_newsroom(database)
    owed = await owe_notice(database, await add_item(database, make_item()), make_notice())
    async with database.read() as connection:
        code = (await get(connection, GUILD, owed)).code
    [citation] = await citations_of(database, await log_fact(database, ELSEWHERE, source=code))
    assert (citation.kind, citation.notice_id) == (CitationKind.WORDS, None)


async def test_a_promoted_tip_is_confirmed_and_gives_only_what_is_given(database: Database) -> None:
    item = await add_item(database, make_item("Axon"))
    tip = await log_tip(database)
    async with database.tx("test") as connection:
        await about.link(connection, GUILD, ThingKind.TIP, tip.id, [item.id or 0], 7, START)
    entry = read_fact(TypedFact(claim="Axon", source="un livre"), DATES, guild_id=GUILD, now=START)
    fact = (await changes.add(database, REPORTER, entry, START, tip_id=tip.id)).fact
    async with database.read() as connection:
        assert (await tips.get(connection, GUILD, tip.id)).status is TipStatus.CONFIRMED
        linked = await about.items_of(connection, GUILD, ThingKind.FACT, fact.id)
    assert (linked, fact.tip_id) == ([], tip.id)


async def test_a_fact_that_was_verified_meanwhile_is_its_authors_no_more(database: Database) -> None:
    fact = await sourced_fact(database)
    correction = await correction_of(database, fact, claim="Autre énoncé")
    await changes.verify(database, EDITOR, fact.id, START)
    own = changes.correct(database, REPORTER, fact.id, correction, "motif", LATER, seen=1, only_own=True)
    assert await refusal(own) == "access-fact-verified"


async def test_a_date_typed_anew_in_a_command_is_read_anew(database: Database) -> None:
    fact = await log_fact(database, date="mardi dernier")
    async with database.read() as connection:
        first = (await citations.standing(connection, GUILD, fact.id))[0]

    def dates(typed: str) -> TypedDate:
        later = START + timedelta(days=21)
        return read_date(typed, language=Language.FR, zone=PARIS, now=later, prefers=Prefers.PAST)

    correction = read_correction(TypedCorrection(date="mardi dernier"), fact, first, dates, now=LATER)
    assert (fact.claim.event_date, correction.claim.event_date) == ("2026-11-10", "2026-12-01")


async def test_a_sensitive_tip_of_somebody_else_cannot_be_promoted(database: Database) -> None:
    tip = await log_tip(database, is_sensitive=True)
    entry = read_fact(TypedFact(claim="Axon", source="un livre"), DATES, guild_id=GUILD, now=START)
    assert await refusal(changes.add(database, COLLEAGUE, entry, START, tip_id=tip.id)) == "tip-unknown"
    async with database.read() as connection:
        assert await facts.of_tip(connection, GUILD, tip.id) == []


async def test_a_form_that_is_sent_twice_logs_once(database: Database) -> None:
    async with database.tx("test") as connection:
        draft = await drafts.add(connection, GUILD, REPORTER.user_id, "fact", context={}, values={}, now=START)
    entry = read_fact(TypedFact(claim="Axon", source="un livre"), DATES, guild_id=GUILD, now=START)
    belongings = Belongings(draft=draft.id)
    await changes.add(database, REPORTER, entry, START, belongings)
    assert await refusal(changes.add(database, REPORTER, entry, START, belongings)) == "form-already-sent"


async def test_nobody_logs_faster_than_people_type(database: Database) -> None:
    for _ in range(A_MINUTE):
        await log_fact(database)
    with pytest.raises(UserError, match="log-too-fast"):
        await log_fact(database)
    await log_fact(database, COLLEAGUE)
    await log_fact(database, minutes=2)


async def test_another_newsroom_finds_nothing_to_change(database: Database) -> None:
    fact = await log_fact(database)
    assert await refusal(changes.verify(database, ELSEWHERE, fact.id, START)) == "fact-unknown"
    assert await refusal(changes.cite(database, ELSEWHERE, fact.id, [words("un livre")], START)) == "fact-unknown"
    assert await refusal(changes.retract(database, ELSEWHERE, fact.id, "x", START)) == "fact-unknown"


async def test_items_of_another_newsroom_are_not_linked(database: Database) -> None:
    await add_newsroom(database, ELSEWHERE.guild_id)
    theirs = await add_item(database, make_item("Axon", guild_id=ELSEWHERE.guild_id))
    fact = await log_fact(database)
    await changes.link_items(database, REPORTER, fact.id, [theirs.id or 0], START)
    async with database.read() as connection:
        assert await about.items_of(connection, GUILD, ThingKind.FACT, fact.id) == []


async def test_a_fact_is_owed_one_card_and_an_edit_for_each_change(database: Database) -> None:
    fact = await sourced_fact(database)
    await changes.verify(database, EDITOR, fact.id, START)
    [card] = await cards_of(database, fact)
    assert (card.channel_id, card.due_revision) == (LOG, 3)
