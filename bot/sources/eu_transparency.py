"""EU Transparency Register: who lobbies the European institutions, read as a whole and compared with the last time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import BinaryIO, ClassVar

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import NOTHING, Entity, Layout, Loss, Parsed, Told
from bot.sources._eu_transparency.dump import COUNT_FIELD, Dump, Frame, code_of
from bot.sources._eu_transparency.entry import LAYOUT, Organisation, without_entry
from bot.sources._reading import xml
from bot.sources._register_file import PART_ENTITIES, PART_NOTICES, RegisterFile

DIGEST_BYTES = 16

_KNOWN_FIELDS = frozenset(
    path.partition(".")[0]
    for path in (LAYOUT.id, *LAYOUT.mandatory, *LAYOUT.expected, *LAYOUT.optional, *LAYOUT.ignored)
)


class EuTransparency(RegisterFile):
    """Read the lobby register of the European institutions: who lobbies them, for which clients, with how much money.

    Publisher: European Parliament, Council of the European Union and European Commission, Transparency Register.
    Documentation: https://data.europa.eu/data/datasets/transparency-register
    Licence: reuse with mention of the source (Commission Decision 2011/833/EU).
    Delay: the register is published whole every evening; an organisation updates its entry at least once a year.
    Identity: an organisation by its `identificationCode`; a client by the organisation's code and its own name, as the
        register has no number for it. What two registers in a row no longer hold is told as removed.
    Caveats: costs and fees are brackets, and cover a closed financial year. No national company number stands there.
        Donors are left out, because they may be private persons. The persons accredited to the Parliament are a
        register of their own, which is not read: no lobbyist is named. The register marks no declaration as late. A
        client whose name is spelled otherwise is another client.
    """

    name = "eu_transparency"
    label = "Registre de transparence de l'UE"
    layout: ClassVar[Layout] = LAYOUT
    french = Told(
        about="Le registre de transparence de l'Union européenne : qui fait du lobbying auprès des institutions, pour "
        "quels clients et avec quels moyens.",
        delay="Le registre est publié en entier chaque soir ; une organisation met à jour sa fiche au moins une fois "
        "par an.",
        caveats="Les coûts et les honoraires sont des fourchettes et portent sur un exercice clos. Aucun numéro "
        "national d'entreprise n'y figure. Les donateurs sont laissés de côté, car ce peuvent être des particuliers. "
        "Les personnes accréditées auprès du Parlement figurent dans un autre registre, qui n'est pas lu : aucun "
        "lobbyiste n'est nommé. Le registre ne signale aucun retard de déclaration. Un client dont le nom s'écrit "
        "autrement passe pour un autre client. Ce qui est absent de deux publications de suite est signalé comme "
        "retiré.",
        publisher="Parlement européen, Conseil de l'Union européenne et Commission européenne, registre de "
        "transparence.",
        licence="Réutilisation libre, en citant la source (décision 2011/833/UE de la Commission).",
    )
    default_base_url = "https://transparency-register.europa.eu"
    path = "/odplastorganisationxml_en"
    types = "application/xml, text/xml, */*"
    quiet_limit = timedelta(days=30)
    max_bytes = 500_000_000
    language = None
    zone = "Europe/Brussels"
    particulars = frozenset(
        {
            "name",
            "category",
            "spend",
            "turnover",
            "budget",
            "fees",
            "members_fte",
            "ep_passes",
            "intermediary",
            "removed",
            "mandate",
            "mandate_ended",
            "year",
            "interest",
            "proposal",
        }
    )
    material = particulars - {"ep_passes", "mandate", "year"}
    revision_hash_version = 2

    def check_small(self, body: bytes) -> None:
        """Raise SourceError where what stands before the first entry is not the head of this register."""
        Frame.of(Dump(io.BytesIO(body), self.layout.entries).head)

    def parse_stream(
        self, stream: BinaryIO, *, known: Mapping[str, str] = NOTHING, lenient: bool = False
    ) -> Iterator[Parsed]:
        """Read a register some organisations at a time, the entries of one never apart.

        A known organisation whose bytes are the same is hashed and not read. Raises SourceError as
        `Source.parse_stream` does, for a register that is not closed, that holds another number of organisations than
        it announces (a loss in lenient reading), or in which two different ones have one code.
        """
        dump = Dump(stream, self.layout.entries)
        frame = Frame.of(dump.head)
        reading = _Register(self, frame, known, lenient=lenient)
        for raw in dump.entries():
            reading.add(raw)
            if len(reading.notices) >= PART_NOTICES or len(reading.entities) >= PART_ENTITIES:
                yield reading.part()
        reading.check_count()
        frame.check_end(dump.tail)
        reading.note_lacking()
        yield reading.part()

    def removed(self, notice: Notice) -> Notice | None:
        """Return the revision of an entry that the register no longer holds; None where it had told its removal."""
        return without_entry(notice)


@dataclass(slots=True)
class _Register:
    """Read the organisations of one dump; `part` returns what came since the last one."""

    source: EuTransparency
    frame: Frame
    known: Mapping[str, str]
    lenient: bool = field(kw_only=True)
    notices: list[Notice] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    _hashes: dict[str, str] = field(default_factory=dict)
    _losses: list[Loss] = field(default_factory=list)
    _unknown: set[str] = field(default_factory=set)
    _prints: dict[str, str] = field(default_factory=dict)
    _fields: set[str] = field(default_factory=set)
    _place: int = 0
    _is_all_read: bool = True

    def add(self, raw: bytes) -> None:
        """Read one organisation, unless it is known as it stands or stood there already."""
        self._place += 1
        fingerprint = blake2b(raw, digest_size=DIGEST_BYTES).hexdigest()
        code = code_of(raw)
        if code is not None and self._prints.get(code) == fingerprint:
            return
        if code is not None and self.known.get(code) == fingerprint:
            self._is_all_read = False
            self._note(code, fingerprint)
            self.entities.append(Entity(code, fingerprint, None))
            return
        organisation = self._read(raw, code)
        self._note(organisation.id, fingerprint)
        notices = organisation.notices(self.source.name)
        self.notices += notices
        self._hashes |= organisation.revision_hashes(self.source.revision_hash_version)
        self._losses += organisation.entry.losses
        self.entities.append(Entity(organisation.id, fingerprint, tuple(notice.id for notice in notices)))

    def check_count(self) -> None:
        """Raise SourceError where the dump announces another number of organisations than it holds.

        One that stands there twice may be counted once or twice.
        """
        count = len(self._prints)
        if count and self.frame.total in {count, self._place}:
            return
        problem = f"the register announces {self.frame.total} entries and holds {count}"
        if not self.lenient or not count:
            raise SourceError(
                problem, SourceFault.WRONG_COUNT, field=COUNT_FIELD, announced=self.frame.total, count=count
            )
        self._losses.append(Loss("", COUNT_FIELD, problem))

    def note_lacking(self) -> None:
        """Note the fields that no organisation has, where all of them were read."""
        if self._is_all_read:
            gone = [name for name in self.source.layout.expected if name not in self._fields]
            self._losses += [Loss("", name, "the column is missing") for name in gone]

    def part(self) -> Parsed:
        """Return what was read since the last part."""
        part = Parsed(
            tuple(self.notices),
            tuple(self._losses),
            frozenset(self._unknown),
            None,
            dict(self._hashes),
            tuple(self.entities),
        )
        self.notices.clear()
        self.entities.clear()
        self._losses.clear()
        self._unknown.clear()
        self._hashes.clear()
        return part

    def _read(self, raw: bytes, code: str | None) -> Organisation:
        try:
            record = xml.record(self.frame.parse(raw))
        except SourceError as error:
            if error.entry is None:
                error.entry = code or f"#{self._place}"
            raise
        if not isinstance(record, dict):
            problem = "a record was expected"
            raise SourceError(
                problem, SourceFault.RECORD_EXPECTED, field=self.source.layout.entries, entry=f"#{self._place}"
            )
        self._fields |= record.keys()
        if not _KNOWN_FIELDS.issuperset(record):
            self._unknown |= record.keys() - _KNOWN_FIELDS
        return Organisation(record, self._place, raw, lenient=self.lenient)

    def _note(self, code: str, fingerprint: str) -> None:
        if code in self._prints:
            raise SourceError(
                "two organisations share one code",
                SourceFault.ONE_ID,
                field=self.source.layout.id,
                entry=code,
                count=2,
                total=self._place,
            )
        self._prints[code] = fingerprint
