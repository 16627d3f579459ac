"""Made-up notices in the shape of TED's search answer: tenders, awards, and what follows them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.loopback.publishers._publisher import Record

CITY = "Ville de Corvoy"

_COUNTRY_NAMES = {
    "FRA": {"fra": "France", "eng": "France", "deu": "Frankreich"},
    "DEU": {"fra": "Allemagne", "eng": "Germany", "deu": "Deutschland"},
    "BEL": {"fra": "Belgique", "eng": "Belgium", "deu": "Belgien"},
}


def procedure_of(number: str) -> str:
    """Return the UUID of the procedure that a notice opened, always the same for the same notice."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"loopback:ted:{number}"))


def tender(  # noqa: PLR0913  # one keyword per part of the form
    *,
    number: str,
    published: date,
    title: str,
    titles: Mapping[str, str] | None = None,
    description: str = "",
    buyer: str = CITY,
    buyer_number: str | None = None,
    country: str = "FRA",
    language: str = "fra",
    procedure: str | None = None,
    cpv: Sequence[str] = ("35125300",),
    deadline: datetime | None = None,
    estimate: str | None = None,
    lots: Sequence[str] = (),
) -> Record:
    """Return a call for tenders; `titles` adds the title of the procedure in other languages.

    `procedure` is the UUID that ties it to other notices, those of another bulletin too; without it the notice opens
    one of its own. `deadline` is aware.
    """
    said = {language: title, **(titles or {})}
    record: Record = {
        "publication-number": number,
        "publication-date": f"{published}+01:00",
        "notice-identifier": str(uuid.uuid5(uuid.NAMESPACE_URL, f"loopback:ted:notice:{number}")),
        "notice-version": 1,
        "notice-type": "cn-standard",
        "form-type": "competition",
        "procedure-identifier": procedure or procedure_of(number),
        "procedure-type": "open",
        "official-language": [language.upper()],
        "notice-title": _headings(country, title, said),
        "title-proc": said,
        "title-lot": {language: list(lots) or [title]},
        "identifier-lot": [f"LOT-{place:04}" for place in range(1, max(1, len(lots)) + 1)],
        "buyer-name": {language: [buyer]},
        "buyer-country": [country],
        "buyer-city": {},
        "buyer-email": [f"achats@{uuid.uuid5(uuid.NAMESPACE_DNS, buyer).hex[:8]}.example"],
        # Each lot repeats the codes of the procedure.
        "classification-cpv": [*cpv, *cpv],
        "contract-nature": ["supplies", "supplies"],
        "links": _links(number, language),
    }
    if description:
        record["description-proc"] = {language: description}
    if buyer_number is not None:
        record["buyer-identifier"] = [buyer_number]
    if deadline is not None:
        offset = f"{deadline:%z}"
        record["deadline-receipt-tender-date-lot"] = [f"{deadline:%Y-%m-%d}{offset[:3]}:{offset[3:]}"]
        record["deadline-receipt-tender-time-lot"] = [f"{deadline:%H:%M:%S}{offset[:3]}:{offset[3:]}"]
    if estimate is not None:
        record |= {"estimated-value-proc": estimate, "estimated-value-cur-proc": "EUR"}
    return record


def award(
    *,
    of: Record,
    number: str,
    published: date,
    winners: Sequence[str],
    numbers: Sequence[str] = (),
    countries: Sequence[str] = ("FRA",),
    values: Sequence[str] = (),
    total: str | None = None,
) -> Record:
    """Return the award of a tender: one winner's name and one value per lot, each organisation's number once.

    `winners` are listed as they come, a firm that won two lots twice; `numbers`, `countries` and `values` need not
    align with them, and the currency stands once.
    """
    language = _language_of(of)
    record = _following(of, number, published) | {
        "notice-type": "can-standard",
        "form-type": "result",
        "winner-name": {language: list(winners)},
        "winner-country": list(countries),
        "identifier-lot": [f"LOT-{place:04}" for place in range(1, len(winners) + 1)],
    }
    if numbers:
        record["winner-identifier"] = list(numbers)
    if values:
        record |= {"tender-value": list(values), "tender-value-cur": ["EUR"]}
    if total is not None:
        record |= {"total-value": total, "total-value-cur": ["EUR"]}
    return record


def corrigendum(
    *, of: Record, number: str, published: date, deadline: datetime, what: str = "", reason: str = "cor-buy"
) -> Record:
    """Return the correction of a tender: the whole notice as corrected, of the same type and form, and what changed."""
    offset = f"{deadline:%z}"
    return _following(of, number, published, is_corrected=True) | {
        "change-notice-version-identifier": f"{of['notice-identifier']}-01",
        "change-reason-code": reason,
        "change-description": {_language_of(of): what or "La date limite est reportée."},
        "deadline-receipt-tender-date-lot": [f"{deadline:%Y-%m-%d}{offset[:3]}:{offset[3:]}"],
        "deadline-receipt-tender-time-lot": [f"{deadline:%H:%M:%S}{offset[:3]}:{offset[3:]}"],
    }


def modification(*, of: Record, number: str, published: date, winner: str, total: str) -> Record:
    """Return the change of a running contract; `of` is its award."""
    return _following(of, number, published) | {
        "notice-type": "can-modif",
        "form-type": "cont-modif",
        "modification-previous-notice-identifier": [of["publication-number"]],
        "winner-name": {_language_of(of): [winner]},
        "total-value": total,
        "total-value-cur": ["EUR"],
    }


def _following(of: Record, number: str, published: date, *, is_corrected: bool = False) -> Record:
    """Return a later notice of the same procedure, with what it says of the buyer and of what is bought."""
    dropped = ["winner-", "tender-value", "total-value", "change-", "modification-"]
    dropped += [] if is_corrected else ["deadline-", "estimated-value"]
    kept = {name: value for name, value in of.items() if not name.startswith(tuple(dropped))}
    return kept | {
        "publication-number": number,
        "publication-date": f"{published}+01:00",
        "notice-identifier": str(uuid.uuid5(uuid.NAMESPACE_URL, f"loopback:ted:notice:{number}")),
        "links": _links(number, _language_of(of)),
    }


def _language_of(record: Record) -> str:
    return str(record["official-language"][0]).lower()


def _headings(country: str, title: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return the headings that TED makes in every language, the title itself untranslated where it is."""
    names = _COUNTRY_NAMES.get(country, dict.fromkeys(("fra", "eng", "deu"), country))
    return {language: f"{names[language]} \u2013 {said.get(language, title)}" for language in names}


def _links(number: str, language: str) -> dict[str, Any]:
    known = {"fra": "fr", "deu": "de", "eng": "en"}
    languages = {language.upper(): known.get(language, language[:2]), "ENG": "en"}
    return {
        "xml": {"MUL": f"https://ted.europa.eu/en/notice/{number}/xml"},
        "html": {name: f"https://ted.europa.eu/{code}/notice/-/detail/{number}" for name, code in languages.items()},
    }
