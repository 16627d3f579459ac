"""One entry of the EU Transparency Register: the organisation itself, and an entry for each of its clients."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from bot.models import Notice, NoticeKind
from bot.sources._base import Form, Layout
from bot.sources._reading import xml
from bot.sources._reading.body import money
from bot.sources._reading.entry import Entry
from bot.sources._reading.parts import plain_amount, short_lines
from bot.sources._reading.personal import without_contacts
from bot.sources._register_file import ABSENT

LAYOUT: Final = Layout(
    form=Form.XML,
    entries="interestRepresentative",
    id="identificationCode",
    mandatory=("registrationDate", "name.originalName"),
    expected=("registrationCategory", "headOffice"),
    optional=(
        "name.nameInLatinAlphabet",
        "acronym",
        "entityForm",
        "goals",
        "interests.interest",
        "interestRepresented",
        "levelsOfInterest.levelOfInterest",
        "EULegislativeProposals",
        "communicationActivities",
        "EUSupportedForumsAndPlatforms",
        "interOrUnofficalGroupings",
        "members.membersFTE",
        "structure",
        "financialData",
        "EPAccreditedNumber",
        "EUOffice",
        "lastUpdateDate",
    ),
    ignored=("webSiteURL",),
)
"""What an entry of the register has; of its offices the country alone is read, of its donors nothing."""

PAGE = "https://transparency-register.europa.eu/search-register-or-update/organisation-detail_en?id="
CURRENT, CLOSED = "current", "closed"
"""The values of `mandate`: a client of the current year, or of the last closed one alone."""

ENDED = "yes"
"""The value of `mandate_ended`: the register says no day."""

KEY_CHARS = 120

_EURO = "€"
_WORDS = re.compile(r"[\W_]+")
_YEAR = re.compile(r"\d{4}")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_NONE = frozenset({"", "-", "n/a", "na", "none", "not applicable", "nil"})


@dataclass(slots=True)
class Client:
    """Hold a client of an organisation, as its last closed year and its current one name it."""

    name: str
    fees: str | None = None
    proposals: tuple[str, ...] = ()
    is_closed: bool = False
    is_current: bool = False


class Organisation:
    """Read one entry; raises SourceError as `Entry` does. `raw` are the bytes that stood in the dump."""

    def __init__(self, record: Mapping[str, Any], place: int, raw: bytes, *, lenient: bool) -> None:
        self.entry = Entry(record, place, LAYOUT, lenient=lenient)
        self.id = self.entry.id(LAYOUT.id)
        self._raw_sha256 = hashlib.sha256(raw).hexdigest()
        self.name = without_contacts(self.entry.text("name.originalName") or self.id)
        self._closed, self._current = self._node("financialData.closedYear"), self._node("financialData.currentYear")
        self._acronym = self._one("acronym")
        self._registered = self.entry.moment("registrationDate")
        self._updated = self.entry.moment("lastUpdateDate") or self._registered
        self._clients = self._read_clients()
        self._hashed: dict[str, tuple[Any, ...]] = {}

    def notices(self, source: str) -> tuple[Notice, ...]:
        """Return the organisation's own notice and those of its clients."""
        return (self._own(source), *(self._of_client(source, key, one) for key, one in self._clients.items()))

    def revision_hashes(self, version: int) -> dict[str, str]:
        """Return by notice the SHA-256 of what makes a revision of it; for after `notices`."""
        # Whatever Python writes it, `ascii` writes the same.
        return {
            id_: hashlib.sha256(ascii((version, *meaningful)).encode("ascii")).hexdigest()
            for id_, meaningful in self._hashed.items()
        }

    def _own(self, source: str) -> Notice:
        interests = sorted(_each(self._node("interests"), "interest", "name"))
        category, goals = self._one("registrationCategory"), self._free("goals")
        intermediaries = self._intermediaries()
        spend, turnover = (_bracket(self._closed.get(name)) for name in ("costs", "totalAnnualRevenue"))
        budget = _absolute(self._closed.get("totalBudget"))
        members, passes = (_number(self._one(name)) for name in ("members.membersFTE", "EPAccreditedNumber"))
        latin, proposals = self._one("name.nameInLatinAlphabet"), self._free("EULegislativeProposals")
        affiliations = [self._free("structure.isMemberOf"), self._free("structure.organisationMembers")]
        lines = [
            _said("Acronym", self._acronym),
            _said("Name in Latin letters", latin),
            _said("Form", self._one("entityForm")),
            _said("Category", category),
            _said("Head office", self._one("headOffice.country")),
            _said("EU office", self._one("EUOffice.country")),
            _said("Represents", self._one("interestRepresented")),
            _said("Goals", goals),
            _said(
                "Levels", "; ".join(sorted(_each(self._node("levelsOfInterest"), "levelOfInterest", "levelOfInterest")))
            ),
            _said("Interests", "; ".join(interests)),
            _said("EU legislative proposals", proposals),
            _said("Communication activities", self._free("communicationActivities")),
            _said("Forums and platforms", self._free("EUSupportedForumsAndPlatforms")),
            _said("Groupings", self._free("interOrUnofficalGroupings")),
            _said("Member of", affiliations[0]),
            _said("Members", affiliations[1]),
            _said("Full-time equivalents", members),
            _said("European Parliament access passes", passes),
            _said("Financial year", self._year()),
            _said("Costs", _told(spend)),
            _said("Revenue from clients", _told(turnover)),
            _said("Budget", _told(budget)),
            _said(
                "Funding sources",
                "; ".join(sorted(_each(_inside(self._closed, "fundingSources"), "fundingSource", "source"))),
            ),
            _said("Grants", "; ".join(self._grants())),
            _said("Intermediaries", "; ".join(intermediaries)),
        ]
        title = f"{self.name} ({self._acronym})" if self._acronym and self._acronym != self.name else self.name
        self._hashed[self.id] = (
            "organisation",
            self.name,
            latin,
            self._acronym,
            category,
            goals,
            proposals,
            interests,
            affiliations,
            members,
            (spend, turnover, budget),
            sorted(intermediaries),
        )
        return self._notice(
            source,
            id_=self.id,
            kind=NoticeKind.REGISTRATION,
            title=title,
            lines=lines,
            particulars=(
                ("name", self.name),
                *_pairs("category", category),
                *_pairs("year", self._years()),
                *_pairs("spend", spend),
                *_pairs("turnover", turnover),
                *_pairs("budget", budget),
                *_pairs("members_fte", members),
                *_pairs("ep_passes", passes),
                *(("intermediary", name) for name in sorted(intermediaries)),
                *(("interest", name) for name in interests),
            ),
        )

    def _of_client(self, source: str, key: str, client: Client) -> Notice:
        id_ = f"{self.id}:client:{key}"
        years = [name for name, stands in (("current", client.is_current), ("last closed", client.is_closed)) if stands]
        lines = [
            f"Client of {self.name} in the EU Transparency Register",
            _said("Declared for the financial year", " and ".join(years)),
            _said("Fees", _told(client.fees)),
            _said("EU legislative proposals", "; ".join(client.proposals)),
        ]
        self._hashed[id_] = ("client", client.name, client.fees, sorted(client.proposals), client.is_current)
        return self._notice(
            source,
            id_=id_,
            kind=NoticeKind.REGISTER_CHANGE,
            title=f"{client.name}, client of {self.name}",
            lines=lines,
            buyer=client.name,
            particulars=(
                ("mandate", CURRENT if client.is_current else CLOSED),
                *(_pairs("year", self._years()) if client.fees else ()),
                *_pairs("fees", client.fees),
                *(("proposal", proposal) for proposal in sorted(client.proposals)),
            ),
        )

    def _notice(
        self,
        source: str,
        *,
        id_: str,
        kind: NoticeKind,
        title: str,
        lines: Iterable[str],
        particulars: Sequence[tuple[str, str]],
        buyer: str | None = None,
    ) -> Notice:
        return Notice(
            id=id_,
            source=source,
            kind=kind,
            title=without_contacts(title),
            # Line by line: most have nothing that could be a contact, and the long ones need no closer look.
            text="\n".join(without_contacts(part) for line in lines if line for part in short_lines(line)),
            buyer=buyer,
            suppliers=(self.name,),
            identifiers=(f"eutr:{self.id}",),
            published=self._registered if kind is NoticeKind.REGISTRATION else self._updated,
            url=f"{PAGE}{quote(self.id, safe='')}",
            procedure=f"{source}:{self.id}",
            raw_sha256=self._raw_sha256,
            particulars=tuple(particulars),
        )

    def _read_clients(self) -> dict[str, Client]:
        """Return the clients by the part of an id that their name makes, of the closed year and of the current one."""
        found: dict[str, Client] = {}
        for year, is_current in ((self._closed, False), (self._current, True)):
            for node in _nodes(_inside(year, "clients"), "client"):
                name = without_contacts(_text(node.get("name")))
                if not name or name.casefold() in _NONE:
                    continue
                client = found.setdefault(_key(name), Client(name))
                client.fees = client.fees or _bracket(node.get("revenue"))
                proposal = _text(node.get("proposal"))
                if proposal and proposal.casefold() not in _NONE and proposal not in client.proposals:
                    client.proposals = (*client.proposals, proposal)
                client.is_current |= is_current
                client.is_closed |= not is_current
        return dict(sorted(found.items()))

    def _intermediaries(self) -> list[str]:
        names = (
            without_contacts(_text(node.get("name")))
            for year in (self._closed, self._current)
            for node in _nodes(_inside(year, "intermediaries"), "intermediary")
        )
        found = {_key(name): name for name in names if name and name.casefold() not in _NONE}
        return [found[key] for key in sorted(found)]

    def _grants(self) -> Iterator[str]:
        for year in (self._closed, self._current):
            for node in _nodes(_inside(year, "grants"), "grant"):
                if granter := _text(node.get("source")):
                    amount = _told(_absolute(node.get("amount")))
                    yield f"{granter}: {amount}" if amount else granter

    def _year(self) -> str:
        days = [_text(self._closed.get(name))[:10] for name in ("startDate", "endDate")]
        return " to ".join(day for day in days if day)

    def _years(self) -> str | None:
        """Return the closed financial year as `2025` or `2024-2025`, None where its days do not say it."""
        years = [
            year for name in ("startDate", "endDate") if _YEAR.fullmatch(year := _text(self._closed.get(name))[:4])
        ]
        return "-".join(dict.fromkeys(years)) or None

    def _node(self, path: str) -> Mapping[str, Any]:
        """Return an element that stands once, an empty one where it does not."""
        value = self.entry.value(path)
        return value if isinstance(value, dict) else {}

    def _one(self, path: str) -> str | None:
        """Return a text on one line."""
        return _text(self.entry.value(path)) or None

    def _free(self, path: str) -> str | None:
        """Return a free text on one line, None where it says that there is none."""
        text = self._one(path)
        return None if text is None or text.casefold() in _NONE else text


def without_entry(notice: Notice) -> Notice | None:
    """Return the revision of an entry that the register no longer holds; None where it had told that.

    The mandate of a client of the current year ended. One that only the closed year named may have ended long ago, or
    left with that year: all that is known is that the register names it no longer.
    """
    said = set(notice.particulars)
    if {code for code, _ in said} & {"removed", "mandate_ended"}:
        return None
    end = ("mandate_ended", ENDED) if ("mandate", CURRENT) in said else ("removed", ABSENT)
    told = "EU Transparency Register: no longer listed"
    return replace(notice, text=f"{notice.text}\n{told}".strip(), particulars=(*notice.particulars, end))


def _text(value: Any) -> str:
    """Return a text on one line; what XML lets through can be stored."""
    if isinstance(value, dict):
        value = value.get("#text")
    return " ".join(value.split()) if isinstance(value, str) else ""


def _inside(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _nodes(parent: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the elements of a name; one that is a bare text is its name."""
    value = parent.get(name)
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, dict):
            yield node
        elif isinstance(node, str):
            yield {"name": node}


def _each(parent: Mapping[str, Any], element: str, name: str) -> set[str]:
    """Return the texts under a name in the elements of a name."""
    found = (_text(node.get(name, node.get("name"))) for node in _nodes(parent, element))
    return {text for text in found if text}


def _key(name: str) -> str:
    """Return a name as part of an id: without accents, case and signs, in whatever script."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    key = _WORDS.sub("-", plain.casefold()).strip("-")
    if key and len(key) <= KEY_CHARS:
        return key
    return f"{key[:KEY_CHARS]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")


def _bracket(value: Any) -> str | None:
    """Return a sum as its bounds (`10000-24999`, `0-10000`, `10000000-`) or an exact one; None where it has none."""
    if not isinstance(value, dict):
        return None
    if (exact := _absolute(value)) is not None:
        return exact
    bounds = value.get("range")
    if not isinstance(bounds, dict):
        return None
    low, high = (_sum(bounds.get(name)) for name in ("min", "max"))
    if low is None and high is None:
        return None
    if low is not None and high is not None and low > high:
        low, high = high, low  # People who fill in the form swap them now and then.
    return _in_currency(f"{_plain(low) or '0'}-{_plain(high)}", value)


def _absolute(value: Any) -> str | None:
    """Return an exact sum; None where there is none."""
    amount = _sum(value.get("absoluteCost")) if isinstance(value, dict) else None
    return _in_currency(_plain(amount), value) if amount is not None else None


def _in_currency(sums: str, value: Mapping[str, Any]) -> str:
    currency = xml.attribute(value, "currency")
    return sums if currency in {None, _EURO, "EUR"} else f"{sums} {currency}"


def _sum(value: Any) -> Decimal | None:
    text = _text(value)
    try:
        return money(text) if text else None
    except ValueError:
        return None


def _plain(amount: Decimal | None) -> str:
    return plain_amount(amount) or ""


def _number(text: str | None) -> str | None:
    """Return a number in the one form in which equal numbers are equal texts."""
    return format(Decimal(text).normalize(), "f") if text and _NUMBER.fullmatch(text) else text


def _told(sums: str | None) -> str:
    """Return a sum as English readers write it."""
    if not sums:
        return ""
    bounds, _, currency = sums.partition(" ")
    low, dash, high = bounds.partition("-")
    shown = [_amount(bound, currency) if bound else "" for bound in (low, high)]
    if not dash:
        return shown[0]
    if not high:
        return f"{shown[0]} or more"
    return f"below {shown[1]}" if low == "0" else f"{shown[0]} to {shown[1]}"


def _amount(number: str, currency: str) -> str:
    return f"{Decimal(number):,} {currency}" if currency else f"{_EURO}{Decimal(number):,}"


def _said(label: str, value: str | None) -> str:
    return f"{label}: {value}" if value else ""


def _pairs(code: str, value: str | None) -> tuple[tuple[str, str], ...]:
    return ((code, value),) if value else ()
