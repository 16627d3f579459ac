"""The French register of companies: who is meant by a typed name, asked when an item is entered, confirmed by a person.

Recherche d'entreprises (DINUM, https://recherche-entreprises.api.gouv.fr/docs/), from the SIRENE register of INSEE.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.errors import SourceError, SourceFault
from bot.sources._http.client import PoliteClient, Timeouts
from bot.sources._reading import strict_json
from bot.sources._reading.identifiers import identifiers
from bot.sources._reading.parts import names
from bot.sources._reading.tree import one_line

SEARCH_PATH: Final = "/search"
MOST: Final = 5
"""Companies that are offered: homonyms are frequent, and a person chooses."""

PER_PAGE: Final = 10
MAX_BYTES: Final = 2_000_000
REGISTER_TIMEOUTS: Final = Timeouts(connect=1.5, read=2.0, total=2.5)
"""A person waits: an answer that comes later is none."""

_NATURAL_PERSON = "1"
_ACTIVE = "A"


@dataclass(frozen=True, slots=True)
class RegisteredCompany:
    """Hold a company as the register has it: its SIREN, its name, the other names it goes by, and what tells it apart.

    `place` is the town of its seat with the postcode; `is_active` says that it has not ceased.
    """

    siren: str
    name: str
    other_names: tuple[str, ...] = ()
    place: str = ""
    is_active: bool = True


class CompanyRegister:
    """Ask the register, through a client of its own with short timeouts."""

    def __init__(self, client: PoliteClient, base_url: str) -> None:
        self._client = client
        self._base_url = base_url

    async def search(self, typed: str) -> tuple[RegisteredCompany, ...]:
        """Return the companies that a name, or a SIREN, may mean, the likeliest first, at most five.

        Natural persons in business on their own are left out. Raises SourceError where the register does not answer.
        """
        params = {"q": one_line(typed), "page": "1", "per_page": str(PER_PAGE)}
        answer = await self._client.get(f"{self._base_url}{SEARCH_PATH}", params, max_bytes=MAX_BYTES)
        return await asyncio.to_thread(_companies, answer.body)


def _companies(payload: bytes) -> tuple[RegisteredCompany, ...]:
    answer = strict_json.load(payload)
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise SourceError("a list of companies was expected", SourceFault.RECORDS_EXPECTED, field="results")
    found: dict[str, RegisteredCompany] = {}
    for record in results:
        if isinstance(record, dict) and (company := _company(record)) is not None:
            found.setdefault(company.siren, company)
    return tuple(found.values())[:MOST]


def _company(record: Mapping[str, Any]) -> RegisteredCompany | None:
    """Return a company, None for what is none or has no number that checks."""
    siren, name = _text(record, "siren"), _text(record, "nom_raison_sociale") or _text(record, "nom_complet")
    if not name or f"siren:{siren}" not in identifiers(siren):
        return None
    if _text(record, "nature_juridique").startswith(_NATURAL_PERSON):
        return None
    seat = record.get("siege")
    seat = seat if isinstance(seat, Mapping) else {}
    place = " ".join(part for part in (_text(seat, "code_postal"), _text(seat, "libelle_commune")) if part)
    others = names([name, *_other_names(record, seat)])[1:]
    return RegisteredCompany(siren, name, others, place, _text(record, "etat_administratif") in {"", _ACTIVE})


def _other_names(record: Mapping[str, Any], seat: Mapping[str, Any]) -> Iterator[str]:
    yield _text(record, "sigle")
    yield _text(seat, "nom_commercial")
    signs = seat.get("liste_enseignes")
    yield from _texts(signs if isinstance(signs, list) else [])


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (one_line(value) for value in values if isinstance(value, str) and value.strip())


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return one_line(value) if isinstance(value, str) else ""
