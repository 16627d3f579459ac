"""The embargo of tips and facts by their functions: until when, what it hides, and that it ends once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.dates import Prefers, read_date
from bot.embargo import put, read_until, release
from bot.entering import Belongings
from bot.errors import UserError
from bot.facts import changes as fact_changes
from bot.facts.entry import TypedFact, read_fact
from bot.locales import Language
from bot.models import VIGIE_ITSELF, AnnouncementKind, AuditEntry, Fact, ThingKind, Tip, TipWords
from bot.publishing import publish
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import embargoes, facts, tips
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place
from bot.tips import changes
from tests.factories import GUILD, START
from tests.log_world import (
    COLLEAGUE,
    DATES,
    EDITOR,
    ELSEWHERE,
    LOG,
    PARIS,
    REPORTER,
    cards_of,
    log_database,
    log_fact,
    log_tip,
)

LATER, MUCH_LATER = START + timedelta(days=2), START + timedelta(days=9)
BOTH = pytest.mark.parametrize("kind", [ThingKind.TIP, ThingKind.FACT])


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def logged(database: Database, kind: ThingKind) -> Tip | Fact:
    return await log_tip(database) if kind is ThingKind.TIP else await log_fact(database)


async def hidden(database: Database, kind: ThingKind, until: datetime = LATER) -> Tip | Fact:
    """Return a thing that was put under embargo before anybody saw it."""
    belongings = Belongings(embargo_until=until)
    if kind is ThingKind.TIP:
        return (await changes.add(database, REPORTER, TipWords(text="Un dîner"), START, belongings)).tip
    typed = TypedFact(claim="Axon a rencontré le cabinet.", source="https://agenda.example/mai")
    entry = read_fact(typed, DATES, guild_id=GUILD, now=START)
    return (await fact_changes.add(database, REPORTER, entry, START, belongings)).fact


async def until(database: Database, thing: Tip | Fact, moment: datetime | None, viewer: Viewer = REPORTER) -> bool:
    """Change the embargo of a thing as it stands; return whether that changed it."""
    standing = await look(database, thing)
    kind, now = embargoes.kind_of(thing), START
    return (await put(database, viewer, kind, thing.id, moment, now, seen=standing.embargo_until)).is_changed


async def look(database: Database, thing: Tip | Fact) -> Tip | Fact:
    async with database.read() as connection:
        get = tips.get if isinstance(thing, Tip) else facts.get
        return await get(connection, GUILD, thing.id)


async def is_known_to(database: Database, thing: Tip | Fact, viewer: Viewer) -> bool:
    async with database.read() as connection:
        find = tips.find if isinstance(thing, Tip) else facts.find
        return await find(connection, viewer, thing.id) is not None


async def entries(database: Database) -> list[AuditEntry]:
    async with database.read() as connection:
        return (await audit.listed(connection, GUILD))[::-1]


async def sent(database: Database, thing: Tip | Fact) -> int:
    """Note that the card of a thing was sent, and return its announcement's id."""
    [card] = await cards_of(database, thing)
    async with database.tx("test.sent") as connection:
        await sending.begin(connection, Place(GUILD, LOG), card.id, START)
        await sending.sent(connection, card.id, message_id=5, shown={}, revision=thing.changes, now=START)
    return card.id


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-01 18:00", datetime(2026, 12, 1, 17, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("vendredi", datetime(2026, 11, 19, 23, tzinfo=UTC)),
    ],
)
def test_it_ends_at_the_moment_that_was_typed_or_as_the_day_begins(typed: str, moment: datetime) -> None:
    read = lambda text: read_date(text, language=Language.FR, zone=PARIS, now=START, prefers=Prefers.FUTURE)  # noqa: E731
    assert read_until(typed, read, PARIS, START).moment == moment


@pytest.mark.parametrize(
    ("typed", "day"), [("décembre", "2026-12-01"), ("la semaine prochaine", "2026-11-23"), ("2026", "2026-11-17")]
)
def test_an_end_that_is_no_day_is_refused_with_one_that_lies_ahead(typed: str, day: str) -> None:
    read = lambda text: read_date(text, language=Language.FR, zone=PARIS, now=START, prefers=Prefers.FUTURE)  # noqa: E731
    with pytest.raises(UserError) as refused:
        read_until(typed, read, PARIS, START)
    assert (refused.value.text, refused.value.values["day"]) == ("embargo-coarse", day)


@pytest.mark.parametrize("typed", ["hier", "2026-11-16", "2026-11-16 08:59"])
def test_an_end_that_does_not_lie_ahead_is_refused(typed: str) -> None:
    read = lambda text: read_date(text, language=Language.FR, zone=PARIS, now=START, prefers=Prefers.PAST)  # noqa: E731
    with pytest.raises(UserError) as refused:
        read_until(typed, read, PARIS, START)
    assert refused.value.text == "embargo-past"


@BOTH
async def test_what_is_logged_under_embargo_is_owed_to_no_channel(database: Database, kind: ThingKind) -> None:
    assert await cards_of(database, await hidden(database, kind)) == []


@BOTH
async def test_an_embargo_that_is_over_as_a_form_is_sent_is_none(database: Database, kind: ThingKind) -> None:
    assert (await hidden(database, kind, START)).embargo_until is None


@BOTH
async def test_a_card_that_was_not_sent_is_withdrawn(database: Database, kind: ThingKind) -> None:
    thing = await logged(database, kind)
    await until(database, thing, LATER)
    assert await cards_of(database, thing) == []


@BOTH
async def test_a_card_that_was_sent_is_owed_an_edit(database: Database, kind: ThingKind) -> None:
    thing = await logged(database, kind)
    announcement_id = await sent(database, thing)
    await until(database, thing, LATER)
    async with database.read() as connection:
        due = await sending.next_due(connection, Place(GUILD, LOG), START)
    assert due is not None
    assert due.id == announcement_id


@BOTH
async def test_its_author_and_editors_know_of_it_and_nobody_else(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    known = [await is_known_to(database, thing, viewer) for viewer in (REPORTER, EDITOR, COLLEAGUE, ELSEWHERE)]
    assert known == [True, True, False, False]


@BOTH
async def test_what_others_may_not_know_of_is_unknown_to_them(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    with pytest.raises(UserError) as refused:
        await put(database, COLLEAGUE, kind, thing.id, None, START, seen=LATER)
    assert (refused.value.text, refused.value.values) == (f"{kind}-unknown", {"typed": "1"})


@BOTH
async def test_it_is_made_longer_and_shorter(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    assert await until(database, thing, MUCH_LATER, EDITOR)
    assert (await look(database, thing)).embargo_until == MUCH_LATER
    assert await until(database, thing, LATER)
    assert (await look(database, thing)).embargo_until == LATER


@BOTH
async def test_a_change_from_what_no_longer_stands_changes_nothing(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    done = await put(database, REPORTER, kind, thing.id, None, START, seen=MUCH_LATER)
    assert (done.is_changed, done.thing.embargo_until) == (False, LATER)


@BOTH
async def test_the_same_end_again_is_no_change(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    assert not await until(database, thing, LATER)
    assert len(await entries(database)) == 1


@BOTH
async def test_an_end_that_has_passed_since_it_was_shown_is_refused(database: Database, kind: ThingKind) -> None:
    thing = await logged(database, kind)
    with pytest.raises(UserError) as refused:
        await put(database, REPORTER, kind, thing.id, START, START, seen=None)
    assert refused.value.text == "embargo-past"


async def test_a_retracted_fact_is_not_hidden(database: Database) -> None:
    fact = await log_fact(database)
    await fact_changes.retract(database, EDITOR, fact.id, "faux", START)
    with pytest.raises(UserError) as refused:
        await until(database, fact, LATER, EDITOR)
    assert refused.value.text == "embargo-retracted"


@BOTH
async def test_every_change_of_it_is_in_the_audit_log(database: Database, kind: ThingKind) -> None:
    thing = await logged(database, kind)
    await until(database, thing, LATER, EDITOR)
    await until(database, thing, None)
    _, placed, lifted = await entries(database)
    told = [(one.made_by, one.action, one.subject, one.detail) for one in (placed, lifted)]
    assert told == [
        (str(EDITOR.user_id), f"{kind} embargo", f"{kind}:1", {"until": LATER.isoformat()}),
        (str(REPORTER.user_id), f"{kind} embargo", f"{kind}:1", {"until": None}),
    ]


@BOTH
async def test_lifted_by_hand_it_is_published(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    await until(database, thing, None)
    assert [card.channel_id for card in await cards_of(database, thing)] == [LOG]


@BOTH
async def test_it_ends_when_its_time_has_come_and_not_before(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    assert await release(database, LATER - timedelta(seconds=1)) == 0
    assert await cards_of(database, thing) == []
    assert await release(database, LATER) == 1
    assert (await look(database, thing)).embargo_until is None
    assert [card.channel_id for card in await cards_of(database, thing)] == [LOG]


@BOTH
async def test_it_ends_once_whatever_the_clock_does(database: Database, kind: ThingKind) -> None:
    thing = await hidden(database, kind)
    moments = (MUCH_LATER, LATER, START, MUCH_LATER)
    assert [await release(database, moment) for moment in moments] == [1, 0, 0, 0]
    assert len(await cards_of(database, thing)) == 1
    assert len(await entries(database)) == 2


@BOTH
async def test_the_history_and_the_log_tell_that_vigie_ended_it(database: Database, kind: ThingKind) -> None:
    thing = await logged(database, kind)
    await until(database, thing, LATER, EDITOR)
    await release(database, LATER)
    async with database.read() as connection:
        done = await (tips if kind is ThingKind.TIP else facts).changes(connection, GUILD, thing.id)
    assert [(change.kind.value, change.made_by) for change in done[1:]] == [
        ("embargoed", EDITOR.user_id),
        ("released", VIGIE_ITSELF),
    ]
    *_, entry = await entries(database)
    assert (entry.made_by, entry.action, entry.detail) == ("vigie", f"{kind} embargo", {"released": True})


async def test_one_that_cannot_be_published_holds_up_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await hidden(database, ThingKind.TIP)
    second = await hidden(database, ThingKind.TIP, LATER + timedelta(hours=1))

    async def failing(connection: object, thing: Tip | Fact, now: datetime) -> list[int]:
        if thing.id == first.id:
            raise OSError("no space left")
        return await publish(connection, thing, now)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.embargo.publish", failing)
    assert await release(database, MUCH_LATER) == 1
    assert [(await look(database, one)).embargo_until for one in (first, second)] == [LATER, None]
    monkeypatch.undo()
    assert await release(database, MUCH_LATER) == 1


@BOTH
async def test_one_that_is_made_longer_as_it_ends_does_not_end(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: ThingKind
) -> None:
    thing = await hidden(database, kind)
    over = embargoes.over

    async def overtaken(connection: Connection, now: datetime) -> list[Tip | Fact]:
        ended = await over(connection, now)
        await until(database, thing, MUCH_LATER)
        return ended

    monkeypatch.setattr(embargoes, "over", overtaken)
    assert await release(database, LATER) == 0
    assert (await look(database, thing)).embargo_until == MUCH_LATER


async def test_the_end_of_the_embargo_of_a_sensitive_tip_publishes_nothing(database: Database) -> None:
    words = TipWords(text="Un dîner", is_sensitive=True)
    tip = (await changes.add(database, REPORTER, words, START, Belongings(embargo_until=LATER))).tip
    await release(database, LATER)
    assert await cards_of(database, tip) == []
    assert not await is_known_to(database, tip, COLLEAGUE)


async def test_work_goes_on_under_embargo_and_posts_nothing(database: Database) -> None:
    tip, fact = await hidden(database, ThingKind.TIP), await hidden(database, ThingKind.FACT)
    await changes.note(database, REPORTER, tip.id, "rappelé", START)
    await fact_changes.dispute(database, EDITOR, fact.id, "démenti", START)
    assert (await cards_of(database, tip), await cards_of(database, fact)) == ([], [])


async def test_a_fact_is_under_the_embargo_of_the_tip_that_it_comes_from(database: Database) -> None:
    tip = await hidden(database, ThingKind.TIP)
    entry = read_fact(TypedFact(claim="Axon a dîné.", source="l'agenda"), DATES, guild_id=GUILD, now=START)
    fact = (await fact_changes.add(database, REPORTER, entry, START, tip_id=tip.id)).fact
    assert (fact.embargo_until, await cards_of(database, fact)) == (LATER, [])
    assert await release(database, LATER) == 2


@pytest.mark.parametrize("was_shown", [True, False])
async def test_who_had_read_a_fact_is_answered_when_it_comes_back_otherwise(
    database: Database, *, was_shown: bool
) -> None:
    fact = await log_fact(database)
    if was_shown:
        await sent(database, fact)
    await until(database, fact, LATER)
    await fact_changes.dispute(database, EDITOR, fact.id, "démenti", START)
    assert [card.kind for card in await cards_of(database, fact)] == [AnnouncementKind.FACT] * was_shown
    await release(database, LATER)
    answers = [AnnouncementKind.CORRECTION] * was_shown
    assert [card.kind for card in await cards_of(database, fact)] == [AnnouncementKind.FACT, *answers]


async def test_who_had_read_a_fact_that_comes_back_as_it_was_is_not_answered(database: Database) -> None:
    fact = await log_fact(database)
    await sent(database, fact)
    await until(database, fact, LATER)
    await release(database, LATER)
    assert [card.kind for card in await cards_of(database, fact)] == [AnnouncementKind.FACT]


async def promoted(database: Database) -> tuple[Tip, Fact]:
    """Return an open tip, and the fact under embargo that it became."""
    tip = await log_tip(database)
    entry = read_fact(TypedFact(claim="Axon a dîné.", source="l'agenda"), DATES, guild_id=GUILD, now=START)
    belongings = Belongings(embargo_until=LATER)
    return tip, (await fact_changes.add(database, REPORTER, entry, START, belongings, tip_id=tip.id)).fact


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        (None, ("status", None)),
        (COLLEAGUE, ("status", None)),
        (REPORTER, ("promoted", "1")),
        (EDITOR, ("promoted", "1")),
    ],
)
async def test_of_an_open_tip_others_do_not_read_that_it_became_a_hidden_fact(
    database: Database, reader: Viewer | None, told: tuple[str, str | None]
) -> None:
    tip, _ = await promoted(database)
    async with database.read() as connection:
        *_, change = await tips.changes(connection, GUILD, tip.id, reader=reader)
    assert (change.kind.value, change.text, change.before, change.after) == (*told, "new", "confirmed")


async def test_the_card_of_the_tip_is_owed_an_edit_when_its_fact_is_released(database: Database) -> None:
    tip, _ = await promoted(database)
    before = await look(database, tip)
    await release(database, LATER)
    after = await look(database, tip)
    [card] = await cards_of(database, tip)
    assert (after.changes, card.due_revision) == (before.changes + 1, before.changes + 1)


async def test_nothing_of_the_kind_is_left_in_the_outbox(database: Database) -> None:
    for kind in (ThingKind.TIP, ThingKind.FACT):
        await hidden(database, kind)
    async with database.read() as connection:
        rows = await connection.all("SELECT kind FROM announcement")
    assert {row["kind"] for row in rows} & {AnnouncementKind.TIP, AnnouncementKind.FACT} == set()


async def test_an_answer_that_was_not_sent_before_the_embargo_is_given_after_it(database: Database) -> None:
    fact = await log_fact(database)
    await sent(database, fact)
    await fact_changes.dispute(database, EDITOR, fact.id, "démenti", START)
    await until(database, await look(database, fact), LATER, EDITOR)
    assert [card.kind for card in await cards_of(database, fact)] == [AnnouncementKind.FACT]
    await release(database, LATER)
    (_, answer) = await cards_of(database, fact)
    assert (answer.kind, answer.details) == (AnnouncementKind.CORRECTION, {"since": 1})


async def test_an_answer_that_was_sent_before_the_embargo_is_not_given_again(database: Database) -> None:
    fact = await log_fact(database)
    await sent(database, fact)
    await fact_changes.dispute(database, EDITOR, fact.id, "démenti", START)
    (_, answer) = await cards_of(database, fact)
    async with database.tx("test.answered") as connection:
        await sending.begin(connection, Place(GUILD, LOG), answer.id, START)
        await sending.sent(connection, answer.id, message_id=6, shown={}, revision=2, now=START)
    await until(database, await look(database, fact), LATER, EDITOR)
    await release(database, LATER)
    assert len(await cards_of(database, fact)) == 2
