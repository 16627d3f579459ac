"""Who sees a sensitive tip, a tip or a fact under embargo, in every place where a person may look, and who does not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.loopback import Member, Reply
from tests.cogs.house import House, Room, shown

SECRETS = ("cabinet", "fondation", "yacht")
"""A word of each hidden thing that stands in no other text."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Hold what is hidden: its commands and number, some words of it, and who besides its author may see it."""

    kind: str
    number: int
    words: str
    seen_by: tuple[str, ...]

    @property
    def secret(self) -> str:
        return next(word for word in SECRETS if word in self.words)


SENSITIVE = Thing("tip", 1, "Axon aurait rencontré le cabinet", ("author", "owner", "editor"))
TIP = Thing("tip", 2, "Axon financerait la fondation", ("author", "owner", "editor"))
FACT = Thing("fact", 1, "Axon possède un yacht", ("author", "editor"))
THINGS = {"a sensitive tip": SENSITIVE, "a tip under embargo": TIP, "a fact under embargo": FACT}
PEOPLE = ("author", "owner", "editor", "another reporter", "administrator")

Look = Callable[[Room, Member, Thing], Awaitable[str]]
PLACES: dict[str, Look] = {}

in_one_house = pytest.mark.asyncio(loop_scope="module")
"""For the cells of a matrix: they ask one bot, and change nothing in its newsroom."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def furnished(lasting_house: House) -> Room:
    """Make a newsroom with three hidden things of the reporter in a dossier, the tips given to Olga, and open ones."""
    made = await lasting_house.newsroom(lasting_house.guild())
    made.guild.add_member("Olga", roles=[made.reporter_role])
    made.guild.add_member("Zoé", roles=[made.reporter_role])
    await lasting_house.log_of(made)
    await lasting_house.dossier(made, "Caméras")
    within: dict[str, Any] = {"dossier": "caméras"}
    await made.reporter.slash("tip add", made.desk, text=SENSITIVE.words, sensitive=True, **within)
    await made.reporter.slash("tip add", made.desk, text=TIP.words, embargo="dans un mois", **within)
    for number in ("1", "2"):
        await made.reporter.slash("tip assign", made.desk, tip=number, member=person(made, "owner"))
    await made.editor.slash("tip add", made.desk, text="Axon vend des drones", **within)
    source: dict[str, Any] = {"source": "https://agenda.example/mai", "quote": "le yacht d\u2019Axon", **within}
    await made.reporter.slash("fact add", made.desk, claim=FACT.words, embargo="dans un mois", **source)
    await made.reporter.slash(
        "fact correct", made.desk, fact="1", claim="Axon possède un yacht à Nice", reason="le port"
    )
    await made.editor.slash("fact add", made.desk, claim="Axon a un siège", source="le registre", **within)
    await made.editor.slash("digest schedule", made.desk, channel=made.desk, every="daily", at="08:30")
    return made


@pytest.fixture
def room(furnished: Room, unbroken: None) -> Room:  # noqa: ARG001  # a check at the end
    return furnished


def named(thing: Thing, by: str = "") -> dict[str, Any]:
    """Return the option that names a thing, by its number unless by some words of it."""
    return {thing.kind: by or str(thing.number)}


def person(room: Room, who: str) -> Member:
    named = {"author": "René La Rédaction", "owner": "Olga", "another reporter": "Zoé"}
    if who in named:
        return next(member for member in room.guild.members if member.name == named[who])
    return room.editor if who == "editor" else room.administrator


def place(look: Look) -> Look:
    """Name a place where a thing may be seen."""
    PLACES[look.__name__] = look
    return look


def files_of(reply: Reply) -> str:
    """Return all that the files under a reply say."""
    texts = []
    for file in reply.attachments:
        if file.filename.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
                texts += [packed.read(name).decode("utf-8-sig") for name in packed.namelist()]
        else:
            texts.append(file.data.decode("utf-8-sig"))
    return "\n".join(texts)


@place
async def the_list(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash(f"{thing.kind} list", room.desk)).text


@place
async def the_list_of_a_dossier(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash(f"{thing.kind} list", room.desk, dossier="caméras")).text


@place
async def its_number(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash(f"{thing.kind} show", room.desk, **named(thing))).text


@place
async def its_words(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash(f"{thing.kind} show", room.desk, **named(thing, thing.words[:-3]))).text


@place
async def the_dossier(room: Room, by: Member, thing: Thing) -> str:  # noqa: ARG001  # of every kind
    return (await by.slash("dossier show", room.desk, dossier="caméras")).text


@place
async def a_thing_for_a_dossier_by_number(room: Room, by: Member, thing: Thing) -> str:
    named = f"{'tuyau' if thing.kind == 'tip' else 'fait'} {thing.number}"
    return (await by.slash("dossier add", room.desk, dossier="caméras", thing=named)).text


@place
async def a_thing_for_a_dossier_by_words(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash("dossier add", room.desk, dossier="caméras", thing=thing.words[:-3])).text


@place
async def the_search(room: Room, by: Member, thing: Thing) -> str:
    return (await by.slash("search", room.desk, query=f"{thing.secret[:4]}*")).text


@place
async def the_search_for_an_open_word(room: Room, by: Member, thing: Thing) -> str:
    options: dict[str, Any] = {"query": "axon", "in": f"{thing.kind}s"}
    return (await by.slash("search", room.desk, **options)).text


def without_what_was_typed(text: str, thing: Thing) -> str:
    """Return a reply without the words that the person had typed themselves, which a refusal quotes."""
    return text.replace(f"«\u00a0{thing.words[:-3]}\u00a0»", "")


CELLS = [
    pytest.param(THINGS[thing], who, where, id=f"{thing}, {who}, {where}")
    for thing in THINGS
    for who in PEOPLE
    for where in PLACES
]


@in_one_house
@pytest.mark.parametrize(("thing", "who", "where"), CELLS)
async def test_those_whom_it_concerns_see_it_everywhere_and_nobody_else_anywhere(
    room: Room, thing: Thing, who: str, where: str
) -> None:
    seen = without_what_was_typed(await PLACES[where](room, person(room, who), thing), thing)
    assert (thing.secret in seen) == (who in thing.seen_by)


@in_one_house
@pytest.mark.parametrize("who", PEOPLE)
async def test_an_export_holds_a_hidden_fact_for_its_author_and_editors_only(room: Room, who: str) -> None:
    told = files_of(await person(room, who).slash("fact export", room.desk))
    assert ("yacht" in told, "siège" in told) == (who in FACT.seen_by, True)


@in_one_house
async def test_no_digest_tells_it_to_anybody(room: Room) -> None:
    told = (await room.editor.slash("digest preview", room.desk, digest="1")).text
    assert "drones" in told
    assert not [word for word in SECRETS if word in told]


@in_one_house
async def test_no_channel_was_shown_it(room: Room) -> None:
    posted = "\n".join(str(message.embeds) for channel in room.guild.channels for message in channel.messages)
    assert not [word for word in SECRETS if word in posted]


@in_one_house
@pytest.mark.parametrize(
    ("who", "tips", "facts"),
    [("author", 3, 2), ("owner", 3, 1), ("editor", 3, 2), ("another reporter", 1, 1), ("administrator", 1, 1)],
)
@pytest.mark.parametrize("command", ["tip list", "fact list", "dossier list", "dossier show", "search"])
async def test_it_is_not_even_counted_for_others(room: Room, who: str, tips: int, facts: int, command: str) -> None:
    options: dict[str, Any] = {"dossier show": {"dossier": "caméras"}, "search": {"query": "axon"}}.get(command, {})
    told = (await person(room, who).slash(command, room.desk, **options)).text
    if command != "fact list":
        assert f"{tips} tuyau{'x' if tips > 1 else ''}" in told
    if command != "tip list":
        assert f"{facts} fait{'s' if facts > 1 else ''}" in told


async def test_another_newsrooms_editor_sees_none_of_it(house: House) -> None:
    theirs = await house.newsroom(house.guild())
    await house.dossier(theirs, "Caméras")
    await theirs.reporter.slash("tip add", theirs.desk, text=SENSITIVE.words, sensitive=True, dossier="caméras")
    await theirs.reporter.slash("tip add", theirs.desk, text=TIP.words, embargo="demain", dossier="caméras")
    await theirs.reporter.slash("fact add", theirs.desk, claim=FACT.words, source="le port", embargo="demain")
    ours = await house.newsroom(house.guild("L\u2019Autre"))
    await house.dossier(ours, "Caméras")
    for look in PLACES.values():
        for thing in THINGS.values():
            seen = without_what_was_typed(await look(ours, ours.editor, thing), thing)
            assert not [word for word in SECRETS if word in seen]


async def test_once_it_is_over_everybody_sees_it(house: House) -> None:
    room = await house.newsroom(house.guild())
    log = await house.log_of(room)
    await room.reporter.slash("tip add", room.desk, text=TIP.words, embargo="demain")
    await room.reporter.slash("fact add", room.desk, claim=FACT.words, source="le port", embargo="demain")
    house.at(house.clock.now() + timedelta(days=2))
    await house.app._release()  # the chore as the schedule rings it
    await shown(log, "fondation")
    await shown(log, "yacht")
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    assert "fondation" in await its_number(room, other, Thing("tip", 1, TIP.words, ()))
    assert "yacht" in await its_number(room, other, Thing("fact", 1, FACT.words, ()))
