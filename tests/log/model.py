"""A small model of the team's log: what people may do, and what is then stored, shown and owed.

It is written from DESIGN.md sections 3.8 and 4 and uses nothing of bot/. Each method that changes something does so
where the rules let the person, and returns None, or else the text id of the refusal and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.log.things import Card, Cited, Dossier, Fact, Form, Person, Role, Thing, Tip, Version

UNSEEN_MIN = 5
ORIGINS = 2
"""Of how many origins the citations of a fact have to be before it is verified; here each has one of its own."""
A_MINUTE, CITATIONS = 30, 50
"""Tips, facts and notes that one person may log in a minute, of each kind; citations of a fact."""

NO_ROLE, NOT_OWN, EDITORS = "access-no-role", "access-editors", "access-editors-only"


class Log:
    """The log of all newsrooms."""

    def __init__(self) -> None:
        self.tips: list[Tip] = []
        self.facts: list[Fact] = []
        self.dossiers: list[Dossier] = []
        self.minutes = 0
        self._logged: Counter[tuple[str, int, int]] = Counter()

    # --- who may do what ---

    @staticmethod
    def sees(person: Person, tip: Tip) -> bool:
        """A sensitive tip is seen by its author, its owner and editors; to manage the server opens none."""
        if person.room is not tip.room:
            return False
        return not tip.is_hidden or person.role is Role.EDITOR or person in {tip.by, tip.owner}

    @staticmethod
    def reader(person: Person) -> str | None:
        """Anybody with a role reads, logs, cites, disputes, gathers."""
        return NO_ROLE if person.role is Role.NOBODY else None

    def worker(self, person: Person, tip: Tip) -> str | None:
        """A tip is worked on by its author, its owner, editors."""
        if person.role is Role.NOBODY:
            return NO_ROLE
        if not self.sees(person, tip):
            return "tip-unknown"
        return NOT_OWN if person.role < Role.EDITOR and person not in {tip.by, tip.owner} else None

    @staticmethod
    def editor(person: Person) -> str | None:
        """Some things are for editors."""
        if person.role is Role.NOBODY:
            return NO_ROLE
        return EDITORS if person.role < Role.EDITOR else None

    def corrector(self, person: Person, fact: Fact) -> str | None:
        """A fact is corrected by its author until it was verified, and by editors."""
        if refused := self.reader(person) or self._elsewhere(person, fact):
            return refused
        if person.role >= Role.EDITOR or (person is fact.by and fact.verified_by is None):
            return None
        return "access-fact-verified" if person is fact.by else NOT_OWN

    @staticmethod
    def _elsewhere(person: Person, thing: Fact | Dossier) -> str | None:
        if person.room is thing.room:
            return None
        return "fact-unknown" if isinstance(thing, Fact) else "dossier-unknown"

    # --- tips ---

    def tip_add(
        self, tip_id: int, person: Person, text: str, *, sensitive: bool, into: Iterable[Dossier], items: set[int]
    ) -> Tip:
        """Log a tip that `refused_new` let pass."""
        self._logged["tip", person.id, self.minutes] += 1
        tip = Tip(tip_id, person.room, person, versions=[(text, sensitive, None, person)], items=items)
        self._note(tip, "logged", None, None, None, person)
        self.tips.append(tip)
        self._gather(tip, into)
        self._publish(tip)
        return tip

    def hasty(self, person: Person, kind: str) -> str | None:
        """Nobody logs more of a kind in a minute than people type."""
        lately = sum(self._logged[kind, person.id, self.minutes - ago] for ago in (0, 1))
        return "log-too-fast" if lately >= A_MINUTE else None

    def refused_new(self, person: Person, kind: str, into: Iterable[Dossier]) -> str | None:
        """Say why a `tip` or a `fact` cannot be logged into dossiers."""
        return self.refused_into(person, into) or self.hasty(person, kind)

    def refused_into(self, person: Person, into: Iterable[Dossier]) -> str | None:
        """Say why nothing can be put into dossiers."""
        reasons = (self._elsewhere(person, one) or ("dossier-closed" if one.closed_by else None) for one in into)
        return self.reader(person) or next((reason for reason in reasons if reason), None)

    def tip_note(self, person: Person, tip: Tip, text: str) -> str | None:
        if refused := self.worker(person, tip) or self.hasty(person, "note"):
            return refused
        self._logged["note", person.id, self.minutes] += 1
        return self._done(tip, "noted", text, None, None, person)

    def tip_assign(self, person: Person, tip: Tip, owner: Person) -> str | None:
        if refused := self.worker(person, tip):
            return refused
        if owner.role not in {Role.REPORTER, Role.EDITOR}:
            return "tip-owner-without-role"
        if tip.owner is owner:
            return None
        before, tip.owner = tip.owner, owner
        return self._done(tip, "assigned", None, str(before.id) if before else None, str(owner.id), person)

    def tip_status(self, person: Person, tip: Tip, status: str) -> str | None:
        if refused := self.worker(person, tip):
            return refused
        if tip.status == status:
            return None
        if status == "new":
            return "tip-status-no-longer-new"
        if (tip.status, status) == ("dropped", "confirmed"):
            return "tip-status-checked-first"
        before, tip.status = tip.status, status
        return self._done(tip, "status", None, before, status, person)

    def tip_edit(self, form: Form, text: str, *, sensitive: bool, reason: str | None) -> str | None:
        tip, person = form.thing, form.person
        assert isinstance(tip, Tip)
        if form.is_gone:
            return "form-already-sent"
        if refused := self.worker(person, tip):
            return refused
        form.is_gone = True
        if form.seen != len(tip.versions):
            return "tip-edited-meanwhile"
        if (text, sensitive) == tip.versions[-1][:2]:
            return None
        tip.versions.append((text, sensitive, reason, person))
        return self._done(tip, "edited", reason, None, None, person)

    def refused_promotion(self, form: Form) -> str | None:
        """Say why a tip cannot become a fact; one that became sensitive meanwhile needs another form."""
        tip = form.thing
        assert isinstance(tip, Tip)
        refused = "form-already-sent" if form.is_gone else self.worker(form.person, tip)
        if refused is None and tip.is_hidden and not form.is_hidden:
            form.is_gone = True
            return "tip-became-sensitive"
        return refused or self.hasty(form.person, "fact") or self.refused_into(form.person, form.into)

    def promote(self, fact_id: int, form: Form, claim: str, source: str) -> Fact:
        """Make a fact of a tip that `refused_promotion` let pass, with what the form took over."""
        tip, person = form.thing, form.person
        assert isinstance(tip, Tip)
        form.is_gone = True
        before, tip.status = tip.status, "confirmed"
        self._done(tip, "promoted", str(fact_id), before, "confirmed", person)
        fact = Fact(fact_id, person.room, person, versions=[Version(claim, None, person)], tip=tip, items=form.items)
        return self._log_fact(fact, source, form.into)

    # --- facts ---

    def fact_add(self, fact_id: int, person: Person, claim: str, source: str, into: Iterable[Dossier]) -> Fact:
        """Log a fact that `refused_new` let pass."""
        return self._log_fact(Fact(fact_id, person.room, person, versions=[Version(claim, None, person)]), source, into)

    def _log_fact(self, fact: Fact, source: str, into: Iterable[Dossier]) -> Fact:
        self._logged["fact", fact.by.id, self.minutes] += 1
        fact.citations.append(Cited(1, source, 1, fact.by))
        self._note(fact, "logged", None, fact.by)
        self.facts.append(fact)
        self._gather(fact, into)
        self._publish(fact)
        return fact

    def fact_cite(self, person: Person, fact: Fact, title: str) -> str | None:
        if refused := self._open(person, fact):
            return refused
        if len(fact.standing) >= CITATIONS:
            return "citations-full"
        if any(cited.title == title for cited in fact.standing):
            return "citation-known"
        n = max(cited.n for cited in fact.citations) + 1
        fact.citations.append(Cited(n, title, len(fact.versions), person))
        return self._done(fact, "cited", None, person)

    def fact_correct(
        self, person: Person, fact: Fact, seen: int | None, *, claim: str | None, source: str | None, reason: str
    ) -> str | None:
        """Make the next version; without `seen`, one that another person made lately stands in the way."""
        if refused := self.corrector(person, fact):
            return refused
        last = fact.versions[-1]
        is_fresh = len(fact.versions) > 1 and self.minutes - fact.corrected_at < UNSEEN_MIN
        if (seen is None and is_fresh and last.by is not person) or seen not in {None, len(fact.versions)}:
            return "fact-corrected-meanwhile"
        if fact.status == "retracted":
            return "fact-retracted-already"
        last.status, last.verified_by = fact.status, fact.verified_by
        fact.versions.append(Version(claim or last.claim, reason, person))
        fact.status, fact.verified_by, fact.corrected_at = "logged", None, self.minutes
        if source is not None:
            first = fact.standing[0]
            first.until = len(fact.versions)
            fact.citations.append(Cited(1, source, len(fact.versions), person))
            fact.citations.sort(key=lambda cited: (cited.n, cited.since))
        return self._overturned(fact, "corrected", reason, person)

    def send_correct(self, form: Form, claim: str, reason: str) -> str | None:
        assert isinstance(form.thing, Fact)
        if form.is_gone:
            return "form-already-sent"
        refused = self.fact_correct(form.person, form.thing, form.seen, claim=claim, source=None, reason=reason)
        form.is_gone = refused in {None, "fact-corrected-meanwhile"}
        return refused

    def fact_judge(self, person: Person, fact: Fact, verdict: str, reason: str) -> str | None:
        if verdict == "verify":
            return self.fact_verify(person, fact)
        return (self.fact_dispute if verdict == "dispute" else self.fact_retract)(person, fact, reason)

    def fact_verify(self, person: Person, fact: Fact) -> str | None:
        if refused := self.editor(person) or self._open(person, fact):
            return refused
        if fact.status == "verified":
            return "fact-verified-already"
        words = next(version.by for version in self._saying_so(fact))
        if person in {fact.by, fact.versions[-1].by, words}:
            return "fact-second-person"
        if len(fact.versions) > 1 and self.minutes - fact.corrected_at < UNSEEN_MIN:
            return "fact-verify-unseen"
        if sum(cited.by is not person for cited in fact.standing) < ORIGINS:
            return "fact-one-source" if len(fact.standing) < ORIGINS else "fact-own-origin"
        fact.status, fact.verified_by = "verified", person
        return self._done(fact, "verified", None, person)

    @staticmethod
    def _saying_so(fact: Fact) -> list[Version]:
        """Return the last versions of a fact that all make the claim that stands, oldest first."""
        others = [n for n, version in enumerate(fact.versions, 1) if version.claim != fact.claim]
        return fact.versions[max(others, default=0) :]

    def fact_dispute(self, person: Person, fact: Fact, reason: str) -> str | None:
        if refused := self._open(person, fact):
            return refused
        if fact.status == "disputed":
            return "fact-disputed-already"
        fact.status = "disputed"
        return self._overturned(fact, "disputed", reason, person)

    def fact_retract(self, person: Person, fact: Fact, reason: str) -> str | None:
        if refused := self.editor(person) or self._elsewhere(person, fact):
            return refused
        if fact.status == "retracted":
            return "fact-retracted-twice"
        fact.status = "retracted"
        return self._overturned(fact, "retracted", reason, person)

    def _open(self, person: Person, fact: Fact) -> str | None:
        refused = self.reader(person) or self._elsewhere(person, fact)
        return refused or ("fact-retracted-already" if fact.status == "retracted" else None)

    # --- dossiers ---

    def refused_dossier(self, person: Person, name: str) -> str | None:
        """Say why a dossier cannot be opened under a name."""
        taken = next((d for d in self.dossiers if d.room is person.room and d.name == name), None)
        clash = "dossier-same-name" if taken is not None and taken.closed_by is None else "dossier-same-name-closed"
        return self.reader(person) or (clash if taken is not None else None)

    def dossier_create(self, dossier_id: int, person: Person, name: str, channel: int | None) -> Dossier:
        """Open a dossier that `refused_dossier` let pass."""
        dossier = Dossier(dossier_id, person.room, name, channel, person)
        self.dossiers.append(dossier)
        return dossier

    def dossier_put(self, person: Person, dossier: Dossier, thing: Tip | Fact) -> str | None:
        refused = self.refused_into(person, [dossier])
        if refused is None and isinstance(thing, Tip):
            refused = None if self.sees(person, thing) else "tip-unknown"
        elif refused is None and isinstance(thing, Fact):
            refused = self._elsewhere(person, thing)
        if refused or dossier in thing.dossiers:
            return refused
        self._gather(thing, [dossier])
        thing.changes += 1
        self._publish(thing)
        return None

    def dossier_close(self, person: Person, dossier: Dossier) -> str | None:
        if refused := self.editor(person) or self.refused_into(person, [dossier]):
            return refused
        dossier.closed_by = person
        return None

    def dossier_reopen(self, person: Person, dossier: Dossier) -> str | None:
        if refused := self.reader(person) or self._elsewhere(person, dossier):
            return refused
        if dossier.closed_by is None:
            return "dossier-is-open"
        dossier.closed_by = None
        return None

    # --- eyes ---

    def visible(self, person: Person) -> list[Tip | Fact]:
        """Return what a person with a role may know of, in the order in which it was logged."""
        tips = [tip for tip in self.tips if self.sees(person, tip)]
        return [*tips, *(fact for fact in self.facts if fact.room is person.room)]

    @staticmethod
    def readable(person: Person, thing: Tip | Fact) -> list[str]:
        """Return the texts of a visible thing, oldest first, that a person may read: not what was sensitive then."""
        if isinstance(thing, Fact):
            return [version.claim for version in thing.versions]
        is_trusted = person.role is Role.EDITOR or person in {thing.by, thing.owner}
        return [text for text, is_sensitive, *_ in thing.versions if is_trusted or not is_sensitive]

    def unseen(self, person: Person, thing: Tip | Fact) -> str | None:
        """Say why a thing is not shown to a person."""
        if refused := self.reader(person):
            return refused
        if isinstance(thing, Fact):
            return self._elsewhere(person, thing)
        return None if self.sees(person, thing) else "tip-unknown"

    # --- cards ---

    def settle(self) -> None:
        """Send and edit what is owed."""
        for thing in (*self.tips, *self.facts):
            for card in thing.cards.values():
                card.is_sent, card.shows = True, thing.changes
                card.answers += bool(card.untold)
                card.told |= card.untold
                card.untold = set()

    def _publish(self, thing: Tip | Fact) -> None:
        """Owe a card to the channels of a thing's open dossiers; to the log where none of its dossiers has one."""
        if thing.is_hidden:
            thing.cards = {channel: card for channel, card in thing.cards.items() if card.is_sent}
            return
        own = [(dossier.channel, dossier.closed_by) for dossier in thing.dossiers if dossier.channel is not None]
        for channel, closed_by in own or [(thing.room.log, None)]:
            if closed_by is None and channel is not None:
                thing.cards.setdefault(channel, Card())

    def _done(self, thing: Tip | Fact, *entry: object) -> str | None:
        """Note a change and owe its card; nothing is refused."""
        self._note(thing, *entry)
        self._publish(thing)
        return None

    def _overturned(self, fact: Fact, kind: str, reason: str, person: Person) -> None:
        """Note that a fact no longer stands as it did, and owe an answer wherever its card stands."""
        self._done(fact, kind, reason, person)
        for card in fact.cards.values():
            if card.is_sent:
                card.untold.add(reason)

    @staticmethod
    def _note(thing: Thing, *entry: object) -> None:
        thing.changes += 1
        thing.log.append((thing.changes, *entry))

    @staticmethod
    def _gather(thing: Tip | Fact, dossiers: Iterable[Dossier]) -> None:
        for dossier in dossiers:
            thing.dossiers.append(dossier)
            dossier.things.add((type(thing).__name__.lower(), thing.id))
