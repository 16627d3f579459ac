"""One filing under the Lobbying Disclosure Act: who lobbies for whom, on what, through whom, for how much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from bot.errors import SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import Form, Layout, Loss
from bot.sources._reading.entry import Entry, record_sha256
from bot.sources._reading.parts import name_key, names, plain_amount, tender_hash, text_of
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import Tree, one_line

LAYOUT: Final = Layout(
    form=Form.JSON,
    entries="results",
    id="filing_uuid",
    mandatory=(
        "filing_uuid",
        "filing_type",
        "filing_year",
        "dt_posted",
        "income",
        "expenses",
        "registrant.id",
        "registrant.name",
        "client.id",
        "client.name",
        "lobbying_activities",
    ),
    expected=("filing_type_display", "filing_document_url", "foreign_entities", "affiliated_organizations"),
    optional=("filing_period", "termination_date"),
    ignored=(
        "url",
        "filing_period_display",
        "filing_document_content_type",
        "expenses_method",
        "expenses_method_display",
        "posted_by_name",
        "registrant_country",
        "registrant_ppb_country",
        "registrant_address_1",
        "registrant_address_2",
        "registrant_different_address",
        "registrant_city",
        "registrant_state",
        "registrant_zip",
        "conviction_disclosures",
    ),
)

_REGISTRATION: Final = "RR"
_TERMINATION: Final = re.compile(r"[1-4MY]TY?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_CURRENCY: Final = "USD"
_NO_POSITION: Final = frozenset({"na", "none", "notapplicable", "no"})
_LINK = re.compile(r"https://\S+")


class Filing:
    """Read one filing strictly, or leniently; `losses` names what could not be read of it."""

    def __init__(self, record: Mapping[str, Any], place: int, *, lenient: bool) -> None:
        self._entry = Entry(record, place, LAYOUT, lenient=lenient)
        self.id = self._entry.id("filing_uuid")
        self._tree = Tree()
        self._activities = list(self._entry.records("lobbying_activities"))

    @property
    def losses(self) -> list[Loss]:
        """Return what could not be read so far."""
        return [*self._entry.losses, *(Loss(self.id, path, why) for path, why in self._tree.problems.items())]

    def notice(self, source: str, language: str) -> Notice:
        """Return the filing as a notice; raises SourceError naming the field and the entry."""
        entry = self._entry
        registrant, client = entry.text("registrant.name"), entry.text("client.name")
        title = self._title(registrant, client)
        amount = entry.amount("income") or entry.amount("expenses")
        people = [(person, one_line(position)) for person, position, _ in self._lobbyists()]
        return Notice(
            id=self.id,
            source=source,
            kind=self._kind(),
            title=without_contacts(title),
            text=text_of([*self._lines(), *self._positions(people)], title),
            buyer=without_contacts(client) if client else None,
            suppliers=names([registrant or ""]),
            people=names(person for person, _ in people),
            amount=amount,
            currency=_CURRENCY if amount is not None else None,
            published=self._posted(),
            url=self._url(),
            language=language,
            procedure=f"{source}:{self._number('registrant.id')}:{self._number('client.id')}",
            raw_sha256=record_sha256(self._entry.record, self.id),
            particulars=tuple(self._particulars()),
        )

    def revision_hash(self, notice: Notice, version: int) -> str:
        """Return the SHA-256 of what makes a revision when it changes: names, money, issues, lobbyists."""
        return tender_hash(version, notice, [sorted(notice.text.splitlines()), sorted(notice.people)])

    def _kind(self) -> NoticeKind | None:
        code = self._entry.text("filing_type")
        if code is None:
            return None
        return NoticeKind.REGISTRATION if code == _REGISTRATION else NoticeKind.REGISTER_CHANGE

    def _title(self, registrant: str | None, client: str | None) -> str:
        said = self._entry.text("filing_type_display") or self._entry.text("filing_type") or ""
        year = self._number("filing_year")
        what = f"{said} {year}".strip()
        if name_key(registrant or "") == name_key(client or ""):
            return f"{what}: {registrant}" if registrant else what
        return f"{what}: {registrant or '?'} for {client or '?'}"

    def _number(self, field: str) -> str:
        value = self._entry.value(field)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
        if value is not None:
            self._entry.wrong(field, "a number was expected", SourceFault.TEXT_EXPECTED)
        return ""

    def _posted(self) -> datetime | None:
        posted = self._entry.moment("dt_posted")
        if isinstance(posted, datetime):
            return posted
        if self._entry.value("dt_posted") is not None or not self._entry.lenient:
            self._entry.refuse("dt_posted", "a date with its time was expected", SourceFault.MOMENT_EXPECTED)
        return None

    def _lines(self) -> Iterator[str]:
        tree, record = self._tree, self._entry.record
        yield from tree.texts(record, "client/general_description")
        for activity in self._activities:
            yield from tree.texts(activity, "general_issue_code_display")
            yield from tree.texts(activity, "description")
            yield from tree.texts(activity, "foreign_entity_issues")
            yield from tree.texts(activity, "government_entities/name")
        yield from tree.texts(record, "foreign_entities/name")
        yield from tree.texts(record, "affiliated_organizations/name")

    def _particulars(self) -> Iterator[tuple[str, str]]:
        """Yield what kind of filing it is and for when, its sums, who lobbies, on what, and at whose door."""
        entry, code = self._entry, self._entry.text("filing_type") or ""
        is_end = _TERMINATION.fullmatch(code) is not None
        yield "filing", "registration" if code == _REGISTRATION else "termination" if is_end else "report"
        yield from (
            (name, said)
            for name, said in (("year", self._number("filing_year")), ("period", entry.text("filing_period")))
            if said
        )
        if is_end:
            ended = one_line(entry.text("termination_date") or "")
            yield "mandate_ended", ended if _DAY.fullmatch(ended) else "yes"
        for name, field in (("fees", "income"), ("spend", "expenses")):
            if (amount := entry.amount(field)) is not None:
                yield name, f"{plain_amount(amount)} {_CURRENCY}"
        people = {person: (position, is_new) for person, position, is_new in self._lobbyists()}
        for person, (position, is_new) in people.items():
            yield "lobbyist", person
            if (key := name_key(position)) and key not in _NO_POSITION:
                yield "office", f"{person}, {without_contacts(one_line(position))}"
            if is_new:
                yield "newcomer", person
        for name, path in (("issue", "general_issue_code_display"), ("target", "government_entities/name")):
            found = {text for activity in self._activities for text in self._tree.texts(activity, path)}
            yield from ((name, without_contacts(text)) for text in sorted(found))

    def _lobbyists(self) -> Iterator[tuple[str, str, bool]]:
        """Yield lobbyists as `Given FAMILY`, each with the public office held, "" for none, and whether new."""
        for listed in self._tree.elements(self._activities, "lobbyists"):
            given = self._tree.text(listed, "lobbyist/first_name") or ""
            family = self._tree.text(listed, "lobbyist/last_name") or ""
            if person := f"{given} {family.upper()}".strip():
                yield person, self._tree.text(listed, "covered_position") or "", listed.get("new") is True

    @staticmethod
    def _positions(people: list[tuple[str, str]]) -> Iterator[str]:
        for person, position in people:
            if (key := name_key(position)) and key not in _NO_POSITION:
                yield f"{person}: {position}"

    def _url(self) -> str:
        link = self._entry.text("filing_document_url")
        if link and _LINK.fullmatch(link):
            return link
        return f"https://lda.gov/filings/public/filing/{quote(self.id, safe='-')}/print/"
