"""Made-up registers as large as one likes, each organisation with as many entries as real ones have on average.

The French one of August 2026 had 137.7 MB with 6 829 organisations, 24 568 years and 118 516 activity sheets; the EU
one has about 120 MB with 18 000 organisations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date

from bot.loopback.publishers import Record, eu_transparency, hatvp_records
from bot.loopback.publishers.numbers import siren

SHEETS = (6, 5, 4, 2)
"""Activity sheets of the last years of an organisation."""

SAVED = date(2026, 3, 9)
PIECE = 1_000_000
PROSE = (
    "Présenter aux membres du Gouvernement et aux parlementaires les conséquences du projet de texte sur les "
    "entreprises du secteur, proposer des amendements de précision et demander un calendrier d'application progressif."
)
GOALS = (
    "The organisation follows European legislation on the internal market, on digital services and on public "
    "procurement, answers consultations, and informs its members of their rights and duties. "
)


def hatvp_organisation(place: int) -> Record:
    """Return an organisation of the French register: 25 entries in some 18 kB."""
    name = f"ORGANISATION PROFESSIONNELLE {place}"
    years = [
        hatvp_records.year(
            place * 10 + year,
            2025 - year,
            declared=SAVED,
            sheets=[_sheet(f"{place:05}{year}{sheet:02}", name) for sheet in range(sheets)],
        )
        for year, sheets in enumerate(SHEETS)
    ]
    clients = [
        hatvp_records.client(f"CLIENT {place}-{one}", siren(f"{60_000_000 + place * 3 + one}")) for one in range(3)
    ]
    return hatvp_records.organisation(name, siren(f"{10_000_000 + place}"), clients=clients, years=years)


def hatvp_organisation_of_few_entries(place: int) -> Record:
    """Return an organisation of the French register with two entries in some 40 kB, most of it what nobody keeps."""
    number = siren(f"{10_000_000 + place}")
    client = hatvp_records.client(f"CLIENT {place}", siren(f"{60_000_000 + place}"))
    return hatvp_records.organisation(f"ORGANISATION {place}", number, clients=[client]) | {"adresse": PROSE * 170}


def hatvp_dump(size: int, organisation: Callable[[int], Record] = hatvp_organisation) -> Iterator[bytes]:
    """Yield a dump of the French register of about `size` bytes, in pieces."""
    yield b'{"publications": ['
    yield from _pieces(size, lambda place: json.dumps(organisation(place), ensure_ascii=False).encode(), b", ")
    yield b"]}"


def eu_dump(size: int) -> Iterator[bytes]:
    """Yield a dump of the EU register of about `size` bytes, in pieces."""
    count = max(1, size // len(eu_entry(0)))
    head, tail = eu_transparency.dump([], count=count).encode().split(b'<resultList xmlns="">\n')
    yield head + b'<resultList xmlns="">\n'
    yield from _pieces(size, eu_entry, b"", count)
    yield tail


def eu_entry(place: int) -> bytes:
    """Return an organisation of the EU register as it stands in a dump: one in three has clients."""
    name = f"EUROPEAN OFFICE {place}"
    clients = [f"CLIENT {place}-{one}" for one in range(3)] if place % 3 == 0 else ()
    organisation = eu_transparency.organisation(
        code=f"{place:012}-{place % 97:02}", name=name, goals=GOALS * 24, clients=clients
    )
    whole = eu_transparency.dump([organisation])
    return whole[whole.index("    <interestRepresentative>") : whole.index("  </resultList>")].encode()


def _pieces(size: int, entry: Callable[[int], bytes], between: bytes, count: int | None = None) -> Iterator[bytes]:
    """Yield entries, `count` of them or else as many as fit, about a megabyte at a time."""
    had, place, piece = 0, 0, b""
    while place < count if count is not None else had + len(piece) < size:
        piece += (between if place else b"") + entry(place)
        place += 1
        if len(piece) >= PIECE:
            yield piece
            had, piece = had + len(piece), b""
    yield piece


def _sheet(number: str, name: str) -> Record:
    done = hatvp_records.action(for_=[f"{name} (en propre)"], observation=PROSE)
    return hatvp_records.sheet(number, PROSE[:120], published=SAVED, actions=[done])
