"""HATVP: France's register of interest representatives, read as a whole and compared with the last time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import NOTHING, Entity, Loss, Parsed, Told
from bot.sources._hatvp.exercises import no_longer_late, read_years
from bot.sources._hatvp.organisation import LAYOUT, OrganisationEntry
from bot.sources._hatvp.reading import Reading
from bot.sources._reading.entry import refuse_one_id
from bot.sources._reading.json_known import Known, fingerprint
from bot.sources._reading.json_stream import Element, elements
from bot.sources._register_file import ABSENT, PART_ENTITIES, PART_NOTICES, RegisterFile

MAX_CONTESTED = 50
"""How many organisations may stand in a register with different content; their copies are held in memory."""

_KNOWN_FIELDS = frozenset(
    path.partition(".")[0]
    for path in (LAYOUT.id, *LAYOUT.mandatory, *LAYOUT.expected, *LAYOUT.optional, *LAYOUT.ignored)
)


class Hatvp(RegisterFile):
    """Read France's lobby register: who lobbies, for which clients, on what, and for how much money.

    Publisher: Haute Autorité pour la transparence de la vie publique (HATVP), répertoire des représentants d'intérêts
        (AGORA).
    Documentation: https://www.hatvp.fr/open-data-repertoire/
    Licence: Licence Ouverte / Open Licence 2.0 (Etalab).
    Delay: the register is published whole every night; organisations declare a year's activities within three months
        of its end.
    Identity: an organisation by its national number, a client by the organisation's number and its own (by its name
        where it has none), an activity sheet by its `identifiantFiche`, a year by `exerciceId`. What two registers in
        a row no longer hold is told as removed.
    Caveats: public officials stand there as kinds and ministries, never by name. Amounts are brackets and go into the
        text. The end of a mandate is the one that the firm declares. A year shows up once it is declared, or overdue.
        An organisation that is renumbered (from RNA to SIREN) is told as one that left and one that came. A declaration
        is late where the register says so. That a lobbyist held public office is told where the function that the
        register gives says it ("ancienne députée"). The lighter CSV edition of the register is not read.
    """

    name = "hatvp"
    label = "HATVP"
    layout = LAYOUT
    french = Told(
        about="Le répertoire des représentants d'intérêts : qui fait du lobbying, pour quels clients, sur quels "
        "sujets et avec quels moyens.",
        delay="Le répertoire est publié en entier chaque nuit ; une organisation a trois mois après la clôture de son "
        "exercice pour déclarer ses activités.",
        caveats="Les responsables publics n'y figurent que par catégorie et par ministère, jamais par leur nom. Les "
        "montants sont des fourchettes, données dans le texte. La fin d'un mandat est celle que le cabinet déclare. "
        "Un exercice n'apparaît qu'une fois déclaré, ou une fois le délai dépassé. Une fiche, un client ou une "
        "organisation absents de deux publications de suite sont signalés comme retirés. Une organisation dont le "
        "numéro change (d'un numéro d'association, ou RNA, à un SIREN) est annoncée comme un départ suivi d'une "
        "inscription. Une déclaration est en retard quand le répertoire le dit. Qu'un lobbyiste ait exercé une charge "
        "publique n'est signalé que si la fonction inscrite au répertoire le dit (« ancienne députée »).",
    )
    default_base_url = "https://www.hatvp.fr"
    path = "/agora/opendata/agora_repertoire_opendata.json"
    types = "application/json"
    quiet_limit = timedelta(days=3)
    max_bytes = 600_000_000
    language = "fr"
    zone = "Europe/Paris"
    particulars = frozenset(
        {
            "name",
            "category",
            "leader",
            "lobbyist",
            "affiliation",
            "removed",
            "removed_reason",
            "mandate_ended",
            "year",
            "declared",
            "idle",
            "late",
            "spend",
            "turnover",
            "employees",
            "subject",
            "domain",
            "target",
            "client",
            "role",
            "office",
            "since",
            "year_before",
            "spend_before",
            "turnover_before",
            "employees_before",
            "first_domain",
            "first_target",
        }
    )
    material = particulars - {
        "removed_reason",
        "year",
        "role",
        "office",
        "since",
        "year_before",
        "spend_before",
        "turnover_before",
        "employees_before",
        "first_domain",
        "first_target",
    }
    revision_hash_version = 2

    def parse_stream(
        self, stream: BinaryIO, *, known: Mapping[str, str] = NOTHING, lenient: bool = False
    ) -> Iterator[Parsed]:
        """Read a register some organisations at a time, the entries of one never apart.

        Of an organisation: its own entry, its clients, the years that are declared or overdue, the activity sheets. A
        known one whose bytes are the same is hashed and not read. Raises SourceError as `Source.parse_stream` does, for
        a register that is not closed, and where most of the nested entries lack a field.
        """
        dump = _Dump(self, known, lenient=lenient)
        for element in elements(stream, LAYOUT.entries, recognise=dump.recognise):
            dump.read(element)
            if dump.is_full:
                yield dump.part()
        dump.end()
        dump.settle(stream)
        yield dump.part()

    def removed(self, notice: Notice) -> Notice | None:
        """Return the revision of an entry that the register no longer holds; None where it had told its removal.

        A year that was overdue and is no entry any more is no longer overdue, which is all that is known of it.
        """
        if (year := no_longer_late(notice)) is not None:
            return year
        said = set(notice.particulars)
        if ("declared", "no") in said or any(code == "removed" for code, _ in said):
            return None
        return replace(
            notice,
            text="\n".join(line for line in (notice.text, "Répertoire : n'y figure plus") if line),
            particulars=(*notice.particulars, ("removed", ABSENT)),
        )


class _Dump:
    """Read one register, organisation by organisation."""

    def __init__(self, source: Hatvp, known: Mapping[str, str], *, lenient: bool) -> None:
        self._known = known
        self._unchanged = Known(known)
        self.recognise = self._unchanged.recognise if known else None
        self._reading = Reading(source.name, source.revision_hash_version, lenient=lenient)
        self._seen: list[tuple[str, str]] = []
        self._first: dict[str, str] = {}
        self._contested: set[str] = set()
        self._entities: dict[str, Entity] = {}
        self._present: set[str] = set()
        self._is_all_read = True
        self._place = 0

    @property
    def is_full(self) -> bool:
        return len(self._reading.notices) >= PART_NOTICES or len(self._entities) >= PART_ENTITIES

    def read(self, element: Element) -> None:
        self._place += 1
        entry = None if element.is_recognised else self._entry(element.value)
        id_ = entry.entry if entry else self._unchanged.found
        print_ = fingerprint(element.raw) if entry else self._known[id_]
        self._seen.append((id_, print_))
        if id_ in self._first:
            if self._first[id_] != print_:
                self._contested.add(id_)
            return
        self._first[id_] = print_
        if entry is None or self._known.get(id_) == print_:
            self._is_all_read = False
            self._entities[id_] = Entity(id_, print_, None)
            return
        self._entities[id_] = Entity(id_, print_, self._keep(entry, element.raw))

    def _entry(self, record: object) -> OrganisationEntry:
        if not isinstance(record, dict):
            problem = "a record was expected"
            raise SourceError(problem, SourceFault.RECORD_EXPECTED, field=LAYOUT.entries, entry=f"#{self._place}")
        entry = OrganisationEntry(record, self._place, self._reading)
        self._present.update(name for name in LAYOUT.expected if name in record)
        if not _KNOWN_FIELDS.issuperset(record):
            self._reading.unknown.update(record.keys() - _KNOWN_FIELDS)
        return entry

    def _keep(self, entry: OrganisationEntry, raw: bytes) -> tuple[str, ...]:
        """Keep what an organisation tells; return the ids of its notices."""
        organisation = entry.organisation(raw)
        self._reading.entries.clear()
        entry.keep(organisation)
        entry.keep_clients(organisation)
        read_years(self._reading, organisation, entry.record)
        self._reading.losses += entry.losses
        return tuple(self._reading.entries)

    def settle(self, stream: BinaryIO) -> None:
        """Read again those that stand there with different content, as one entity with the entries of all copies.

        Of an entry that several hold the longest copy counts, whatever was known and in whatever order they stand: the
        same copies are never news. Nothing tells their bytes from others, so that they are read every time.
        """
        if not self._contested:
            return
        if len(self._contested) > MAX_CONTESTED:
            raise SourceError(
                f"{len(self._contested)} of {len(self._first)} organisations stand there with different content",
                SourceFault.ONE_ID,
                field=LAYOUT.id,
                entry=min(self._contested),
                count=len(self._contested),
                total=len(self._first),
            )
        stream.seek(0)
        copies: defaultdict[str, dict[str, Element]] = defaultdict(dict)
        for element in elements(stream, LAYOUT.entries):
            if (id_ := self._entry(element.value).entry) in self._contested:
                copies[id_][fingerprint(element.raw)] = element
        for id_, found in copies.items():
            self._reading.lose(id_, LAYOUT.id, f"it stands there {len(found)} times, with different content")
            entries: dict[str, None] = {}
            for print_ in sorted(found, key=_fullness):
                copy = found[print_]
                entries |= dict.fromkeys(self._keep(self._entry(copy.value), copy.raw))
            self._entities[id_] = Entity(id_, f"copies:{'+'.join(sorted(found))}", tuple(entries))

    def end(self) -> None:
        self._reading.end()
        refuse_one_id(self._seen, LAYOUT.id)
        if self._is_all_read and self._seen and not self._reading.lenient:
            gone = sorted(set(LAYOUT.expected) - self._present)
            self._reading.losses += [Loss("", field, "the column is missing") for field in gone]

    def part(self) -> Parsed:
        """Return what was read since the last part."""
        reading = self._reading
        parsed = Parsed(
            tuple(reading.notices.values()),
            tuple(reading.losses),
            frozenset(reading.unknown),
            None,
            dict(reading.hashes),
            tuple(self._entities.values()),
        )
        reading.clear()
        self._entities.clear()
        return parsed


def _fullness(print_: str) -> tuple[int, str]:
    """Return the order of copies of an organisation by their fingerprints: the longest has most to say."""
    length, _, rest = print_.partition("-")
    return int(length), rest
