"""Random sequences of what people do with the team's log, against a small model of it."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.log.by_commands import ByCommands
from tests.log.by_functions import ByFunctions
from tests.log.driver import IN_EACH, Driver, Outside, words_in
from tests.log.model import Log
from tests.log.stored import expected
from tests.log.things import Dossier, Fact, Form, Person, Tip

HERE, THERE = 0, 1
WHO = [
    *((name, HERE) for name in ("Anne", "Bruno", "Édith", "Émile", "Ada", "Otto")),
    *((name, THERE) for name in ("Bruno", "Édith")),
]
"""Two reporters, two editors, an administrator and somebody without a role here; a reporter and an editor there."""

AUTHOR, LAST = ("its author", HERE), ("who changed it last", HERE)
ACTING = [AUTHOR, LAST, *(WHO[number] for number in (0, 0, 1, 2, 2, 3, 4, 5, 6, 7))]
"""Those who act: mostly people of one newsroom, who may."""

EXAMPLES = 30
LONG = int(os.environ.get("LOG_RUNS", "2000"))
"""Sequences of the ordinary suite, and of a long run."""
A_RUN = 10
"""Sequences of a run of Hypothesis: a longer one goes on with copies of parts of its first ones."""

LISTED = 10
SHOWN_WHOLE = 6
"""How many things a list shows at least; how many changes one message tells in any case."""


T = TypeVar("T")
Who = tuple[str, int]
New: TypeAlias = T | MultipleResults[T]
"""What a rule adds to a bundle, if anything."""

people = st.sampled_from(ACTING)
eyes = st.lists(st.sampled_from(WHO), min_size=2, max_size=4, unique=True)
anybody = st.sampled_from(list(IN_EACH))
yes_or_no = st.booleans()
a_few = st.sets(st.integers(0, 3), max_size=2)


class LogMachine(RuleBasedStateMachine):
    """Do what people do, each step judged by the model: its refusal, and everything that is stored after it."""

    tips: Bundle[Tip] = Bundle("tips")
    facts: Bundle[Fact] = Bundle("facts")
    dossiers: Bundle[Dossier] = Bundle("dossiers")
    forms: Bundle[Form] = Bundle("forms")
    things = st.one_of(tips, facts)

    def __init__(self, driver: Driver, outside: Outside, *, everybody_looks: bool) -> None:
        super().__init__()
        self.driver, self.outside, self.everybody_looks = driver, outside, everybody_looks
        self.log = Log()
        self.rooms, everyone = driver.begin()
        self.people = {(person.name, self.rooms.index(person.room)): person for person in everyone}
        self.entered = 0

    def word(self) -> str:
        self.entered += 1
        return f"zq{self.entered}k"

    def person(self, who: Who, thing: Tip | Fact | None = None) -> Person:
        """Return who is meant; where nothing tells an author, the first of them all."""
        if who == AUTHOR:
            return thing.by if thing else self.people[WHO[0]]
        if who == LAST:
            return thing.last if thing else self.people[WHO[0]]
        return self.people[who]

    def inside(self, numbers: set[int]) -> list[Dossier]:
        return [dossier for number, dossier in enumerate(self.log.dossiers) if number in numbers]

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        for room in self.rooms:
            assert self.outside.rows(room) == expected(self.log, room)

    # --- where a run begins: there is something to see, and somebody who may not ---

    @initialize(target=dossiers, channel=st.integers(0, 2))
    def begin_with_a_dossier(self, channel: int) -> New[Dossier]:
        return self.open_a_dossier_as(self.people["Anne", HERE], "Caméras", channel)

    @initialize(target=tips, is_sensitive=yes_or_no)
    def begin_with_a_tip(self, *, is_sensitive: bool) -> New[Tip]:
        return self.log_a_tip_as(self.people["Anne", HERE], set(), is_sensitive=is_sensitive, is_about=True)

    @initialize(target=facts)
    def begin_with_a_fact(self) -> New[Fact]:
        return self.log_a_fact_as(self.people["Anne", HERE], set())

    # --- tips ---

    @rule(target=tips, who=people, is_sensitive=yes_or_no, into=a_few, is_about=yes_or_no)
    def log_a_tip(self, who: Who, into: set[int], *, is_sensitive: bool, is_about: bool) -> New[Tip]:
        return self.log_a_tip_as(self.person(who), into, is_sensitive=is_sensitive, is_about=is_about)

    def log_a_tip_as(self, person: Person, into: set[int], *, is_sensitive: bool, is_about: bool) -> New[Tip]:
        text, inside = self.word(), self.inside(into)
        items = {person.room.item} if is_about else set()
        refused = self.log.refused_new(person, "tip", inside)
        said = self.driver.run(self.driver.tip_add(person, text, sensitive=is_sensitive, into=inside, items=items))
        assert said == refused
        if refused:
            return multiple()
        new = self.outside.newest("tip")
        return self.log.tip_add(new, person, text, sensitive=is_sensitive, into=inside, items=items)

    @rule(who=people, tip=tips, what=st.sampled_from(["note", "assign", "new", "checking", "dropped"]), owner=anybody)
    def work_on_a_tip(self, who: Who, tip: Tip, what: str, owner: str) -> None:
        person = self.person(who, tip)
        match what:
            case "note":
                text = self.word()
                said, expected_ = self.driver.tip_note(person, tip, text), self.log.tip_note(person, tip, text)
            case "assign":
                theirs = self.people[owner, self.rooms.index(person.room)]
                said, expected_ = self.driver.tip_assign(person, tip, theirs), self.log.tip_assign(person, tip, theirs)
            case status:
                said, expected_ = self.driver.tip_status(person, tip, status), self.log.tip_status(person, tip, status)
        assert self.driver.run(said) == expected_

    # --- forms: sent at once, or after what others did, perhaps twice ---

    @rule(target=forms, kind=st.sampled_from(["edit", "promote"]), who=people, tip=tips)
    def open_a_form_on_a_tip(self, kind: str, who: Who, tip: Tip) -> New[Form]:
        form = self.open_a_form(kind, self.person(who, tip), tip)
        return form or multiple()

    @rule(target=forms, who=people, fact=facts)
    def open_a_form_on_a_fact(self, who: Who, fact: Fact) -> New[Form]:
        form = self.open_a_form("correct", self.person(who, fact), fact)
        return form or multiple()

    def open_a_form(self, kind: str, person: Person, thing: Tip | Fact) -> Form | None:
        refused, handle = self.driver.run(self.driver.open_form(kind, person, thing))
        judge = self.log.worker(person, thing) if isinstance(thing, Tip) else self.log.corrector(person, thing)
        assert refused == judge
        return None if refused else Form(kind, person, thing, handle)

    @rule(
        target=facts,
        kind=st.sampled_from(["edit", "edit", "promote"]),
        who=people,
        thing=things,
        is_changed=yes_or_no,
        is_sensitive=yes_or_no,
    )
    def fill_a_form_in(
        self, kind: str, who: Who, thing: Tip | Fact, *, is_changed: bool, is_sensitive: bool
    ) -> New[Fact]:
        form = self.open_a_form(kind if isinstance(thing, Tip) else "correct", self.person(who, thing), thing)
        return self.send(form, is_changed=is_changed, is_sensitive=is_sensitive) if form else multiple()

    @rule(who=people, thing=things, is_changed=yes_or_no, is_sensitive=yes_or_no)
    def two_at_once(self, who: Who, thing: Tip | Fact, *, is_changed: bool, is_sensitive: bool) -> None:
        """Let somebody fill a form in while an editor changes the same thing."""
        kind = "edit" if isinstance(thing, Tip) else "correct"
        form = self.open_a_form(kind, self.person(who, thing), thing)
        faster = self.open_a_form(kind, self.people["Émile", self.rooms.index(thing.room)], thing)
        if form and faster:
            self.send(faster, is_changed=is_changed, is_sensitive=is_sensitive)
            self.send(form, is_changed=True, is_sensitive=is_sensitive)

    @rule(target=facts, form=forms, is_changed=yes_or_no, is_sensitive=yes_or_no)
    def send_a_form(self, form: Form, *, is_changed: bool, is_sensitive: bool) -> New[Fact]:
        return self.send(form, is_changed=is_changed, is_sensitive=is_sensitive)

    def send(self, form: Form, *, is_changed: bool, is_sensitive: bool) -> New[Fact]:
        text = self.word() if is_changed or form.kind == "correct" else form.thing.text
        match form.kind:
            case "edit":
                reason = self.word() if is_changed else None
                said = self.driver.run(self.driver.send_edit(form, text, sensitive=is_sensitive, reason=reason))
                assert said == self.log.tip_edit(form, text, sensitive=is_sensitive, reason=reason)
            case "correct":
                reason = self.word()
                said = self.driver.run(self.driver.send_correct(form, text, reason))
                assert said == self.log.send_correct(form, text, reason)
            case "promote":
                source = self.word()
                refused = self.log.refused_promotion(form)
                assert self.driver.run(self.driver.send_promote(form, text, source)) == refused
                if refused is None:
                    return self.log.promote(self.outside.newest("fact"), form, text, source)
        return multiple()

    # --- facts ---

    @rule(target=facts, who=people, into=a_few)
    def log_a_fact(self, who: Who, into: set[int]) -> New[Fact]:
        return self.log_a_fact_as(self.person(who), into)

    def log_a_fact_as(self, person: Person, into: set[int]) -> New[Fact]:
        claim, source, inside = self.word(), self.word(), self.inside(into)
        refused = self.log.refused_new(person, "fact", inside)
        assert self.driver.run(self.driver.fact_add(person, claim, source, inside)) == refused
        if refused:
            return multiple()
        return self.log.fact_add(self.outside.newest("fact"), person, claim, source, inside)

    @rule(who=people, fact=facts, is_known=yes_or_no)
    def cite(self, who: Who, fact: Fact, *, is_known: bool) -> None:
        person = self.person(who, fact)
        source = fact.standing[-1].title if is_known else self.word()
        assert self.driver.run(self.driver.fact_cite(person, fact, source)) == self.log.fact_cite(person, fact, source)

    @rule(who=people, fact=facts, part=st.sampled_from(["claim", "source", "both"]))
    def correct(self, who: Who, fact: Fact, part: str) -> None:
        person, reason = self.person(who, fact), self.word()
        claim = self.word() if part != "source" else None
        source = self.word() if part != "claim" else None
        said = self.driver.run(self.driver.fact_correct(person, fact, claim=claim, source=source, reason=reason))
        assert said == self.log.fact_correct(person, fact, None, claim=claim, source=source, reason=reason)

    @rule(who=people, fact=facts, verdict=st.sampled_from(["verify", "verify", "verify", "dispute", "retract"]))
    def judge(self, who: Who, fact: Fact, verdict: str) -> None:
        person, reason = self.person(who, fact), self.word()
        said = self.driver.run(self.driver.fact_judge(person, fact, verdict, reason))
        assert said == self.log.fact_judge(person, fact, verdict, reason)

    # --- dossiers ---

    @rule(target=dossiers, who=people, name=st.sampled_from(["Caméras", "Écluse"]), channel=st.integers(0, 2))
    def open_a_dossier(self, who: Who, name: str, channel: int) -> New[Dossier]:
        return self.open_a_dossier_as(self.person(who), name, channel)

    def open_a_dossier_as(self, person: Person, name: str, channel: int) -> New[Dossier]:
        own = person.room.spare[channel] if channel < len(person.room.spare) else None
        refused = self.log.refused_dossier(person, name)
        assert self.driver.run(self.driver.dossier_create(person, name, own)) == refused
        if refused:
            return multiple()
        return self.log.dossier_create(self.outside.newest("dossier"), person, name, own)

    @rule(who=people, dossier=dossiers, thing=things)
    def put_into_a_dossier(self, who: Who, dossier: Dossier, thing: Tip | Fact) -> None:
        person = self.person(who, thing)
        said = self.driver.run(self.driver.dossier_put(person, dossier, thing))
        assert said == self.log.dossier_put(person, dossier, thing)

    @rule(who=people, dossier=dossiers, is_close=yes_or_no)
    def close_or_reopen(self, who: Who, dossier: Dossier, *, is_close: bool) -> None:
        person = self.person(who)
        if is_close:
            said = self.driver.run(self.driver.dossier_close(person, dossier))
            assert said == self.log.dossier_close(person, dossier)
        else:
            said = self.driver.run(self.driver.dossier_reopen(person, dossier))
            assert said == self.log.dossier_reopen(person, dossier)

    # --- time, channels, eyes ---

    @rule(minutes=st.sampled_from([0, 1, 6]), who=eyes, thing=things, number=st.integers(0, 9))
    def look_around(self, minutes: int, who: list[Who], thing: Tip | Fact, number: int) -> None:
        """Let time pass and cards be sent; look at the channels, and at one thing with the eyes of many."""
        self.driver.wait(minutes)
        self.log.minutes += minutes
        self.driver.settle()
        self.log.settle()
        for room in self.rooms:
            for channel in (room.log, *room.spare):
                self.look_at_a_channel(channel)
        ever = sorted(thing.ever)
        for person in (self.people[one] for one in (WHO if self.everybody_looks else who)):
            self.read_the_list(person, type(thing).__name__.lower())
            self.read_everything_of(person, thing)
            self.name_by_its_text(person, thing)
            self.search_for(person, ever[number % len(ever)])
        self.export_as(self.people[who[0]])

    def look_at_a_channel(self, channel: int) -> None:
        """Every card stands once, says what now stands, and of a hidden tip nothing."""
        every: list[Tip | Fact] = [*self.log.tips, *self.log.facts]
        shown = [thing for thing in every if channel in thing.cards]
        posted = [words_in(text) for text in self.driver.posted(channel)]
        assert len(posted) == len(shown)
        open_ones = [thing for thing in shown if not thing.is_hidden]
        for text in (thing.text for thing in open_ones):
            assert sum(text in words for words in posted) == sum(text in thing.told for thing in open_ones)
        assert frozenset().union(*posted) <= frozenset().union(*(thing.on_card for thing in open_ones))
        answered = [words_in(text) for text in self.driver.answered(channel)]
        assert len(answered) == sum(thing.cards[channel].answers for thing in shown)
        assert frozenset().union(*answered) <= frozenset().union(*(thing.ever for thing in open_ones))
        assert frozenset().union(*(thing.cards[channel].told for thing in shown)) <= frozenset().union(*answered)

    def export_as(self, person: Person) -> None:
        """The files hold every fact of the newsroom as it stands and as it stood, and nothing of another one."""
        files = self.driver.run(self.driver.exported(person))
        if self.log.reader(person):
            assert files is None
            return
        assert files is not None
        facts = [fact for fact in self.log.facts if fact.room is person.room]
        columns = ("id", "claim", "status", "verified_by", "revision", "sources_count", "tip_id")
        assert [tuple(row[name] for name in columns) for row in files["facts.csv"]] == [
            cells(
                fact.id,
                fact.claim,
                fact.status,
                fact.verified_by,
                len(fact.versions),
                len(fact.standing),
                fact.tip.id if fact.tip and self.log.sees(person, fact.tip) else None,
            )
            for fact in facts
        ]
        assert [(row["fact_id"], row["n"], row["title"]) for row in files["citations.csv"]] == [
            cells(fact.id, cited.n, cited.title) for fact in facts for cited in fact.standing
        ]
        columns = ("fact_id", "revision", "claim", "status", "verified_by", "replaced_by", "reason")
        assert [tuple(row[name] for name in columns) for row in files["corrections.csv"]] == [
            cells(fact.id, number, former.claim, former.status, former.verified_by, later.by, later.reason)
            for fact in facts
            for number, (former, later) in enumerate(pairwise(fact.versions), 1)
        ]

    def read_the_list(self, person: Person, kind: str) -> None:
        seen = self.driver.run(self.driver.listed(person, kind))
        assert seen.refused == self.log.reader(person)
        texts = [thing.text for thing in self.log.visible(person) if type(thing).__name__.lower() == kind]
        if seen.refused is None:
            assert seen.number == len(texts)
            assert set(texts[-LISTED:]) <= seen.words <= set(texts)
        else:
            assert not seen.words

    def read_everything_of(self, person: Person, thing: Tip | Fact) -> None:
        """Whoever may see a thing reads what it said before too, but of a tip not what was sensitive then."""
        seen = self.driver.run(self.driver.shown(person, thing))
        assert seen.refused == self.log.unseen(person, thing)
        if seen.refused is not None:
            assert not seen.words
            return
        readable = self.log.readable(person, thing)
        assert seen.words <= thing.ever - (thing.former - set(readable))
        assert thing.words <= seen.words
        if len(thing.log) <= SHOWN_WHOLE:
            assert set(readable) <= seen.words

    def search_for(self, person: Person, word: str) -> None:
        """A thing is found by the words that stand, not by those that did."""
        seen = self.driver.run(self.driver.found(person, word))
        assert seen.refused == self.log.reader(person)
        found = [one for one in self.log.visible(person) if word in one.words]
        assert seen.number == (0 if seen.refused else len(found))
        assert seen.words - {word} <= {said for one in found for said in one.ever}

    def name_by_its_text(self, person: Person, thing: Tip | Fact) -> None:
        """A thing is proposed to those who may see it."""
        seen = self.driver.run(self.driver.proposed(person, type(thing).__name__.lower(), thing.text))
        named = [one for one in self.log.visible(person) if type(one) is type(thing) and one.text == thing.text]
        is_any = self.log.reader(person) is None and bool(named)
        assert seen.words == ({thing.text} if is_any else set())


def cells(*values: object) -> tuple[str, ...]:
    """Return values as a CSV tells them: people by their ids, nothing for None."""
    return tuple("" if value is None else str(value.id if isinstance(value, Person) else value) for value in values)


def run_machine(driver: Driver, examples: int, steps: int, *, everybody_looks: bool) -> None:
    outside = Outside(driver.path)
    short = settings(
        max_examples=A_RUN,
        stateful_step_count=steps,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        for _ in range(examples // A_RUN):
            run_state_machine_as_test(
                lambda: LogMachine(driver, outside, everybody_looks=everybody_looks),  # type: ignore[arg-type]  # or a function
                settings=short,
            )
    finally:
        outside.close()
        driver.close()


@pytest.mark.timeout(400)
def test_whatever_people_do_the_log_is_as_the_model_says() -> None:
    run_machine(ByFunctions(), EXAMPLES, 40, everybody_looks=True)


@pytest.mark.timeout(400)
def test_whatever_commands_people_use_the_log_is_as_the_model_says() -> None:
    run_machine(ByCommands(), EXAMPLES // 5, 30, everybody_looks=False)


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_whatever_people_do_for_long_the_log_is_as_the_model_says() -> None:
    run_machine(ByFunctions(), LONG, 60, everybody_looks=True)


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_whatever_commands_people_use_for_long_the_log_is_as_the_model_says() -> None:
    run_machine(ByCommands(), LONG // 5, 40, everybody_looks=False)
