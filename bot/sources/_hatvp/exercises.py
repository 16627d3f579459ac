"""The years and activity sheets of one organisation of the HATVP's register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.models import Notice, NoticeKind
from bot.sources._hatvp.organisation import Organisation
from bot.sources._hatvp.reading import CURRENT, Reading
from bot.sources._hatvp.wording import (
    OWN_ACCOUNT,
    bracket,
    day,
    decision_makers,
    folded,
    french,
    in_words,
    label,
    moment,
    period,
)

YEARS = f"exercices.{CURRENT}"
SHEETS = f"{YEARS}.activites.{CURRENT}"
ACTIONS = f"{SHEETS}.actionsRepresentationInteret"

SHEET = "fiche:"
"""What stands before the number of an activity sheet in the id of its notice."""

_LATE = "defautDeclaration"
_LATE_IN_DICTIONARY = "defaut_declaration"
_OBSERVATIONS_IN_DICTIONARY = "observations"
_DATE_OF_GUIDELINES = "dateLd"

_LATE_SAYS = "en défaut de déclaration"
_OVERDUE = "Déclaration : en défaut, tout ou partie n'a pas été communiqué"

_YEAR_NEEDS = ("dateDebut", "dateFin", "noActivite")
_YEAR = frozenset(
    {
        *_YEAR_NEEDS,
        _LATE,
        _LATE_IN_DICTIONARY,
        _DATE_OF_GUIDELINES,
        "activites",
        "chiffreAffaire",
        "commentaire",
        "exerciceId",
        "hasNotChiffreAffaire",
        "montantDepense",
        "nombreActivite",
        "nombreSalaries",
        "publicationDate",
    }
)
_SHEET_NEEDS = ("publicationDate", "domainesIntervention", "actionsRepresentationInteret")
_SHEET = frozenset({*_SHEET_NEEDS, "identifiantFiche", "objet"})
_TARGETS = "reponsablesPublics"
_ACTION_LABELS = (
    ("Responsables publics", _TARGETS),
    ("Décisions", "decisionsConcernees"),
    ("Actions menées", "actionsMenees"),
)
_FOR = ("Pour le compte de", "tiers")
_ACTION_PROSE = (
    ("Autre responsable public", "responsablePublicAutre"),
    ("Autre action menée", "actionMeneeAutre"),
    ("Observation", "observation"),
    ("Observation", _OBSERVATIONS_IN_DICTIONARY),
)
_ACTION_NEEDS = tuple(name for _, name in (*_ACTION_LABELS, _FOR))
_ACTION = frozenset({*_ACTION_NEEDS, *(name for _, name in _ACTION_PROSE)})


def read_years(reading: Reading, organisation: Organisation, record: Mapping[str, Any]) -> None:
    """Keep the years that are declared or overdue, then the activity sheets of all years.

    A year that is neither is no entry yet: it becomes one when it is declared, or late. sources.md 3.2.
    """
    years = list(reading.current(record.get("exercices"), "exercices", organisation.id))
    for year in years:
        _year(reading, organisation, year, _year_before(year, years))
    sheets = [
        sheet
        for year in years
        for sheet in reading.current(year.get("activites"), f"{YEARS}.activites", organisation.id)
    ]
    for sheet in sheets:
        _sheet(reading, organisation, sheet)
    note_firsts(reading)


def no_longer_late(notice: Notice) -> Notice | None:
    """Return the revision of an undeclared year that is no longer overdue; None for anything else."""
    said = dict(notice.particulars)
    if (said.get("declared"), said.get("late")) != ("no", "yes"):
        return None
    return replace(
        notice,
        title=notice.title.replace(_LATE_SAYS, "n'est plus en défaut de déclaration", 1),
        text=notice.text.replace(_OVERDUE, "Déclaration : n'est plus en défaut", 1),
        particulars=tuple((code, "no" if code == "late" else value) for code, value in notice.particulars),
    )


def _year(reading: Reading, organisation: Organisation, node: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    entry = f"{organisation.id}:exercice:{reading.key(node, 'exerciceId', YEARS, organisation.id)}"
    reading.know(node, _YEAR, YEARS)
    reading.require(node, _YEAR_NEEDS, YEARS, entry)
    late_field = _LATE_IN_DICTIONARY if _LATE not in node and _LATE_IN_DICTIONARY in node else _LATE
    reading.require(node, (late_field,), YEARS, entry)
    published = reading.moment(node, "publicationDate", YEARS, entry)
    is_declared = bool(node.get("publicationDate"))
    is_late = reading.flag(node, late_field, YEARS, entry)
    if not (is_declared or is_late):
        return
    start, end = (
        day(found) if (found := reading.moment(node, name, YEARS, entry)) else None for name in ("dateDebut", "dateFin")
    )
    spend = reading.text(node, "montantDepense", YEARS, entry)
    turnover = reading.text(node, "chiffreAffaire", YEARS, entry)
    spend_bracket, turnover_bracket = bracket(spend) or spend, bracket(turnover) or turnover
    employees = _number(reading, node.get("nombreSalaries"), entry)
    is_idle = reading.flag(node, "noActivite", YEARS, entry)
    comment = reading.text(node, "commentaire", YEARS, entry)
    when = period(start, end)
    lines = [
        f"Exercice : du {french(start)} au {french(end)}" if start and end else "",
        f"Dépenses de représentation d'intérêts : {in_words(spend)}" if spend else "",
        f"Chiffre d'affaires : {in_words(turnover)}" if turnover else "",
        f"Salariés chargés de la représentation d'intérêts : {employees}" if employees else "",
        "Activités : aucune déclarée" if is_idle else "",
        _OVERDUE if is_late else "",
        f"Commentaire : {comment}" if comment else "",
    ]
    says = _LATE_SAYS if is_late else "aucune activité déclarée" if is_idle else "déclaration d'activités"
    notice = Notice(
        id=entry,
        kind=NoticeKind.REGISTER_CHANGE,
        title=f"{organisation.name} : {says}{f' pour {when}' if when else ''}",
        text=organisation.text(lines),
        identifiers=organisation.identifiers,
        published=published,
        url=organisation.url,
        particulars=(
            *((("year", _years(start, end)),) if start and end else ()),
            ("declared", "yes" if is_declared else "no"),
            *((("idle", "yes" if is_idle else "no"),) if is_declared else ()),
            ("late", "yes" if is_late else "no"),
            *((("spend", spend_bracket),) if spend else ()),
            *((("turnover", turnover_bracket),) if turnover else ()),
            *((("employees", employees),) if employees else ()),
            *_said_before(before),
        ),
        **organisation.shared,
    )
    reading.keep(notice, "year", is_declared, turnover_bracket, spend_bracket, employees, is_idle, is_late, comment)


def _sheet(reading: Reading, organisation: Organisation, node: dict[str, Any]) -> None:
    sheet = reading.key(node, "identifiantFiche", SHEETS, organisation.id)
    entry = f"{SHEET}{sheet}"
    reading.know(node, _SHEET, SHEETS)
    reading.require(node, _SHEET_NEEDS, SHEETS, entry)
    published = reading.moment(node, "publicationDate", SHEETS, entry)
    if entry in reading.entries and _moment(reading.notices[entry].published) >= _moment(published):
        return
    subject = reading.mandatory(node, "objet", SHEETS, entry)
    domains, sorted_domains = reading.texts(node, "domainesIntervention", SHEETS, entry)
    lines = [f"Domaines : {domains}"] if domains else []
    actions: list[list[object]] = []
    clients: set[str] = set()
    targets: set[str] = set()
    for action in reading.records(node.get("actionsRepresentationInteret"), ACTIONS, entry):
        reading.know(action, _ACTION, ACTIONS)
        reading.require(action, _ACTION_NEEDS, ACTIONS, entry)
        meaningful: list[object] = []
        for name, field in (*_ACTION_LABELS, _FOR):
            together, labels = reading.texts(action, field, ACTIONS, entry)
            meaningful.append(labels)
            if together:
                lines.append(f"{name} : {together}")
            if field == _TARGETS:
                targets.update(target for label in labels for target in decision_makers(label))
            if field == _FOR[1]:
                clients.update(third for third in labels if not third.endswith(OWN_ACCOUNT))
        for name, field in _ACTION_PROSE:
            if field in action and (said := reading.text(action, field, ACTIONS, entry)):
                meaningful.append(f"{name} : {said}")
                lines.append(f"{name} : {said}")
        actions.append(meaningful)
    notice = Notice(
        id=entry,
        kind=NoticeKind.REGISTER_CHANGE,
        title=subject or f"Fiche d'activité {sheet}",
        text=organisation.text(lines),
        identifiers=organisation.identifiers,
        buyer=next(iter(clients)) if len(clients) == 1 else None,
        published=published,
        url=f"{organisation.url}&fiche={sheet}",
        particulars=(
            ("subject", subject or f"Fiche d'activité {sheet}"),
            *(("domain", domain) for domain in dict.fromkeys(sorted_domains)),
            *(("target", target) for target in sorted(targets)),
            *(("client", client) for client in sorted(clients)),
        ),
        **organisation.shared,
    )
    reading.keep(notice, "sheet", subject, sorted_domains, sorted(actions, key=repr) if len(actions) > 1 else actions)


def _year_before(node: Mapping[str, Any], years: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the last year declared that ended before another one began."""
    start, _ = _days(node)
    earlier = [
        (end, other)
        for other in years
        if other.get("publicationDate") and (end := _days(other)[1]) is not None and start is not None and end < start
    ]
    return max(earlier, key=lambda one: one[0])[1] if earlier else None


def _days(node: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the first and the last day of a year, None where they cannot be read: its own entry tells that."""
    found: list[date | None] = []
    for name in ("dateDebut", "dateFin"):
        try:
            found.append(day(moment(node[name])))
        except (KeyError, ValueError, TypeError, AttributeError):
            found.append(None)
    return found[0], found[1]


def _said_before(node: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield what the year before said of sums and people."""
    if node is None:
        return
    start, end = _days(node)
    if start is not None and end is not None:
        yield "year_before", _years(start, end)
    for code, name in (("spend_before", "montantDepense"), ("turnover_before", "chiffreAffaire")):
        value = node.get(name)
        if isinstance(value, str) and value.strip():
            yield code, bracket(value) or label(value)
    employees = node.get("nombreSalaries")
    if isinstance(employees, int | Decimal) and not isinstance(employees, bool):
        yield "employees_before", format(Decimal(employees).normalize(), "f")


def note_firsts(reading: Reading) -> None:
    """Note on each activity sheet which topics and decision makers no earlier one of the organisation names.

    The first sheet of all names none that is new: it has nothing before it.
    """
    sheets = [name for name in reading.entries if name.startswith(SHEET) and name in reading.notices]
    seen: dict[str, set[str]] = {"domain": set(), "target": set()}
    for place, name in enumerate(sorted(sheets, key=lambda one: (_moment(reading.notices[one].published), one))):
        notice = reading.notices[name]
        firsts: list[tuple[str, str]] = []
        for code, value in notice.particulars:
            if code in seen and (key := folded(value)) not in seen[code]:
                seen[code].add(key)
                firsts += [(f"first_{code}", value)] if place else []
        if firsts:
            reading.notices[name] = replace(notice, particulars=(*notice.particulars, *firsts))


def _years(start: date, end: date) -> str:
    return str(start.year) if start.year == end.year else f"{start.year}-{end.year}"


def _number(reading: Reading, value: Any, entry: str) -> str:
    """Return how many people are employed, as people write it; nothing where it is absent."""
    if value is None or value == "":
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format(Decimal(value).normalize(), "f")
    reading.lose(entry, f"{YEARS}.nombreSalaries", "a number was expected")
    return ""


def _moment(value: date | datetime | None) -> str:
    return value.isoformat() if value is not None else ""
