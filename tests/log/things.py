"""What the model of the team's log is about: people, dossiers, tips and facts with all that was done with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """What a person is to their newsroom."""

    NOBODY = 0
    REPORTER = 1
    EDITOR = 2
    ADMINISTRATOR = 3


@dataclass(eq=False)
class Room:
    """A newsroom: its log channel, channels for dossiers, and one watch item."""

    guild_id: int
    log: int
    spare: list[int]
    item: int = 0


@dataclass(eq=False)
class Person:
    """Somebody in one newsroom's guild."""

    name: str
    id: int
    role: Role
    room: Room

    def __repr__(self) -> str:
        return self.name


@dataclass(eq=False)
class Dossier:
    """An investigation."""

    id: int
    room: Room
    name: str
    channel: int | None
    by: Person
    closed_by: Person | None = None
    things: set[tuple[str, int]] = field(default_factory=set)


@dataclass(eq=False)
class Card:
    """What a channel is owed or shows of a thing: `shows` is the number of its changes then.

    Below it stand `answers` that told the reasons `told`; those that are `untold` are owed in one more.
    """

    is_sent: bool = False
    shows: int | None = None
    answers: int = 0
    told: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Thing:
    """What tips and facts have in common; `log` holds each change: its number, its kind, what it says, by whom."""

    id: int
    room: Room
    by: Person
    changes: int = 0
    log: list[tuple[object, ...]] = field(default_factory=list)
    dossiers: list[Dossier] = field(default_factory=list)
    items: set[int] = field(default_factory=set)
    cards: dict[int, Card] = field(default_factory=dict)

    @property
    def is_hidden(self) -> bool:
        return False

    @property
    def last(self) -> Person:
        """Return who changed it last."""
        by = self.log[-1][-1]
        assert isinstance(by, Person)
        return by


@dataclass(eq=False)
class Tip(Thing):
    """Something heard: its versions are (text, is it sensitive, reason, by whom)."""

    versions: list[tuple[str, bool, str | None, Person]] = field(default_factory=list)
    status: str = "new"
    owner: Person | None = None

    @property
    def is_hidden(self) -> bool:
        return self.versions[-1][1]

    @property
    def text(self) -> str:
        return self.versions[-1][0]

    @property
    def former(self) -> set[str]:
        """Return the texts that stand no more."""
        return {version[0] for version in self.versions} - {self.text}

    @property
    def ever(self) -> set[str]:
        """Return all that was ever said in it."""
        said = {str(entry[2]) for entry in self.log if entry[1] in {"noted", "edited"} and entry[2]}
        return said | self.former | {self.text}

    @property
    def told(self) -> set[str]:
        """Return the texts that its card says."""
        return {self.text}

    @property
    def on_card(self) -> set[str]:
        """Return what its card may say: no text that was replaced."""
        return self.ever - self.former

    @property
    def words(self) -> set[str]:
        """Return what it is found by."""
        return {self.text, *(str(entry[2]) for entry in self.log if entry[1] == "noted")}


@dataclass(eq=False)
class Version:
    """A version of a fact; its status and who verified it are kept once the next one took its place."""

    claim: str
    reason: str | None
    by: Person
    status: str | None = None
    verified_by: Person | None = None


@dataclass(eq=False)
class Cited:
    """A citation, and the versions that it stands in."""

    n: int
    title: str
    since: int
    by: Person
    until: int | None = None


@dataclass(eq=False)
class Fact(Thing):
    """A claim with what it rests on."""

    versions: list[Version] = field(default_factory=list)
    citations: list[Cited] = field(default_factory=list)
    status: str = "logged"
    verified_by: Person | None = None
    tip: Tip | None = None
    corrected_at: int = 0

    @property
    def claim(self) -> str:
        return self.versions[-1].claim

    @property
    def standing(self) -> list[Cited]:
        return [cited for cited in self.citations if cited.until is None]

    @property
    def text(self) -> str:
        return self.claim

    @property
    def former(self) -> set[str]:
        """Return the claims that stand no more."""
        return {version.claim for version in self.versions} - {self.claim}

    @property
    def ever(self) -> set[str]:
        """Return all that was ever said in it."""
        reasons = {str(entry[2]) for entry in self.log if entry[2]}
        return reasons | self.former | {self.claim} | {cited.title for cited in self.citations}

    @property
    def told(self) -> set[str]:
        """Return the claims that its card says: the one that stands, and the one before it."""
        return {version.claim for version in self.versions[-2:]}

    @property
    def on_card(self) -> set[str]:
        """Return what its card may say: of what was replaced only the claim that the last correction replaced."""
        replaced = {cited.title for cited in self.citations if cited.until is not None}
        return self.ever - self.former - replaced | self.told

    @property
    def words(self) -> set[str]:
        """Return what it is found by."""
        return {self.claim, *(cited.title for cited in self.standing)}


@dataclass(eq=False)
class Form:
    """A form on somebody's screen: about what, and how that stood when it was opened."""

    kind: str
    person: Person
    thing: Tip | Fact
    handle: object
    is_gone: bool = False

    def __post_init__(self) -> None:
        self.seen = len(self.thing.versions)
        self.is_hidden = self.thing.is_hidden
        self.items = set(self.thing.items)
        gathered = [] if self.is_hidden else self.thing.dossiers
        self.into = [dossier for dossier in gathered if dossier.closed_by is None]
