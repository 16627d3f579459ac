"""The life of a sensitive tip that becomes a fact, verified, corrected: at every step, who may know what."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bytes_left import found_in
from tests.command_line import BAD_DATA, DONE
from tests.e2e.printed_exits import COMMANDS, OTHERS, Exit, proposals
from tests.e2e.printed_people import AFFAIR, ITEM, MEMBERS, NAMES, PORT, TEXTS, Desk, furnished, holds, says
from tests.e2e.world import PARIS, PATIENCE_S, World, words_of

WORDS = {
    "tip": "Varnoquel",
    "its origin": "Mervaudic",
    "its note": "Carvenelle",
    "that there is a tip": r"\b1\s+tuyau\b|\btuyau:?\s*(n°\s*)?1\b",
    "claim": "Quibertas",
    "former claim": "Ormegrise",
    "quote": "Tolbrisane",
    "dispatch": "Brumovar",
    "second article": "Trabuquet",
    "register": "Paldurance",
    "correction": "Hélicanthe",
    "reason": "Zirconelle",
    "second claim": "Morvaldine",
    "its source": "Bistrelle",
    "that there is a second fact": r"\b2\s+faits\b|\bfait:?\s*(n°\s*)?2\b",
}
"""What is looked for, each in one text only: the second claim and what follows are those under embargo."""

MAY_KNOW = """
                              | what the tip says | that there is a tip | the fact | its second article | the register | the correction | the second fact
the tip is logged             | AOE S             | AOE S               |          |                    |              |                |
the tip becomes a fact        | AOE S             | AOE S               | AOERDCTS |                    |              |                |
a second article is cited     | AOE S             | AOE S               | AOERDCTS | AOERDCTS           |              |                |
an editor verifies            | AOE S             | AOE S               | AOERDCTS | AOERDCTS           | AOERDCTS     |                |
the fact is corrected         | AOE S             | AOE S               | AOERDCTS | AOERDCTS           | AOERDCTS     | AOERDCTS       |
another fact, under embargo   | AOE S             | AOE S               | AOERDCTS | AOERDCTS           | AOERDCTS     | AOERDCTS       | A E S
the embargo ends              | AOE S             | AOE S               | AOERDCTS | AOERDCTS           | AOERDCTS     | AOERDCTS       | AOERDCTS
the tip is erased             |                   | AOE                 | AOERDCTS | AOERDCTS           | AOERDCTS     | AOERDCTS       | AOERDCTS
the bot was backed up         |                   | AOE                 | AOERDCTS | AOERDCTS           | AOERDCTS     | AOERDCTS       | AOERDCTS
"""  # noqa: E501  # a table is read as one
"""Who may know what after each step, by the letters of NAMES; of whom there is no letter, nobody, anywhere, ever."""

COLUMNS = {
    "what the tip says": ("tip", "its origin", "its note"),
    "that there is a tip": ("that there is a tip",),
    "the fact": ("claim", "former claim", "quote", "dispatch"),
    "its second article": ("second article",),
    "the register": ("register",),
    "the correction": ("correction", "reason"),
    "the second fact": ("second claim", "its source", "that there is a second fact"),
}

HEARD = "Varnoquel aurait choisi l'entreprise de l'écluse avant l'appel d'offres"
CLAIM = "Quibertas a signé à Ormegrise le marché de l'écluse"
CORRECTED = "Quibertas a signé à Hélicanthe le marché de l'écluse"
REASON = "Zirconelle a retrouvé le lieu"
QUOTE = "Le maire Tolbrisane signe « sans délai »"
AGENCY = "agence-presse.example"
DISPATCH = f"https://{AGENCY}/depeche/7 Dépêche Brumovar"
ARTICLE = "https://quotidien.example/ports Trabuquet, page des ports"
REGISTER = "Registre de Paldurance, folio 4"
SECOND = "Morvaldine rachète l'écluse aval"
SOURCE = "Acte de vente, 3e chambre"
SAID = "Étude Bistrelle"
DATE = "mi-novembre 2020"


def may_know() -> dict[str, dict[str, str]]:
    """Return the table: by step and word, the letters of those who may know it."""
    header, *rows = (line.split("|") for line in MAY_KNOW.strip("\n").splitlines())
    titles = [cell.strip() for cell in header[1:]]
    return {
        step.strip(): {
            word: re.sub(r"\s", "", letters)
            for title, letters in zip(titles, cells + [""] * (len(titles) - len(cells)), strict=True)
            for word in COLUMNS[title]
        }
        for step, *cells in rows
    }


async def look_everywhere(desk: Desk, step: str, members: str) -> None:
    """Have people look everywhere, and compare what they read with the table; a digest is posted in between."""
    may = may_know()[step]
    wrong: list[str] = []

    async def look(who: str, places: list[Exit]) -> None:
        for place in places:
            text = await place.look(desk, who)
            wrong.extend(f"{step}: {NAMES[who]}: {place.name} {fault}" for fault in faults(place, who, may, text))

    people = [*COMMANDS, *proposals(desk, desk.exports)]
    await asyncio.gather(*(look(who, people) for who in members))
    for digest in ("1", "2"):
        await desk.does("E", "digest now", digest=digest)
    await desk.exports_at_the_terminal()
    letters = dict.fromkeys(place.by for place in OTHERS)
    await asyncio.gather(*(look(who, [place for place in OTHERS if place.by == who]) for who in letters))
    assert not wrong, "\n".join(wrong)


def faults(place: Exit, who: str, may: dict[str, str], text: str) -> list[str]:
    """Return which words stand where they may not, and which do not stand where they are to be read."""
    is_certain = place.certain is None or who in place.certain
    seen = {word for word, pattern in WORDS.items() if holds(text, pattern)}
    knows = {word for word in WORDS if who in may.get(word, "")}
    shows = [f"shows: {word}" for word in WORDS if word in seen - knows]
    lacks = [f"does not show: {word}" for word in place.tells if is_certain and word in knows - seen]
    return shows + lacks


@pytest.fixture
async def house(desk: World, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return await furnished(desk, tmp_path_factory.mktemp("away"))


@pytest.mark.timeout(240)
async def test_a_sensitive_tip_is_printed_as_a_corrected_fact_and_nobody_learns_more_than_they_may(house: Desk) -> None:
    steps = {
        "the tip is logged": log_the_tip,
        "the tip becomes a fact": promote_the_tip,
        "a second article is cited": cite_a_second_article,
        "an editor verifies": verify_on_two_origins,
        "the fact is corrected": correct_the_fact,
        "another fact, under embargo": log_under_embargo,
        "the embargo ends": end_the_embargo,
        "the tip is erased": erase_the_tip,
        "the bot was backed up": back_up_and_restart,
    }
    await house.publishes_a_notice()
    for step, live in steps.items():
        await live(house)
        await house.publishes_a_notice()
        # Nothing was done in the last step but a restart.
        await look_everywhere(house, step, "ERe" if live is back_up_and_restart else MEMBERS)
    is_told_once(house)


async def log_the_tip(house: Desk) -> None:
    """Log the sensitive tip in a dossier, with a note, and give it to its owner."""
    tip = {"text": HEARD, "origin": "appel de Mervaudic", "item": ITEM, "dossier": AFFAIR, "sensitive": True}
    await house.is_refused("A", "tip add", "date-not-in-the-calendar", **tip, heard="31 février 2024")
    await house.is_refused("A", "tip add", "too-long-tip", **{**tip, "text": "Varnoquel " * 401})
    await house.is_refused("A", "tip add", "tip-heard-ahead", **tip, heard="dans trois mois")
    await house.does("A", "tip add", **tip)
    await house.does("A", "tip note", tip="1", text="Carvenelle confirme")
    await house.is_refused("E", "tip assign", "tip-owner-without-role", tip="1", member=house.world.outsider)
    await house.does("A", "tip assign", tip="1", member=house.owner)
    await house.is_refused("E", "fact export", "export-nothing")
    await house.is_refused("E", "fact export", "export-nothing-so", status="retracted")
    await house.is_refused("R", "tip note", "tip-unknown", tip="1", text="Je sais")


async def promote_the_tip(house: Desk) -> None:
    """Make the tip a fact by its form, first with what cannot be, and try to verify it on one source."""
    author = house.world.reporter
    values = {"claim": CLAIM, "source": DISPATCH, "quote": QUOTE, "date": DATE}
    form = await house.does("A", "tip promote", tip="1")
    before = house.rows_stored()
    refused = await author.submit(form, {**values, "source": "javascript:alert(1)"})
    assert says(refused, "citation-bad-link")
    form = await author.click(refused, label=TEXTS("button-reopen"))
    refused = await author.submit(form, {**values, "date": "31 février 2020"})
    assert says(refused, "date-not-in-the-calendar")
    assert house.rows_stored() == before
    form = await author.click(refused, label=TEXTS("button-reopen"))
    logged = await author.submit(form, values)
    assert says(logged, "fact-logged")
    await house.world.until_settled()
    await house.does("A", "dossier add", dossier=PORT, thing="fait 1")
    await house.is_refused("E", "fact verify", "fact-one-source", fact="1")
    await house.is_refused("A", "tip status", "tip-status-no-longer-new", tip="1", status="new")


async def cite_a_second_article(house: Desk) -> None:
    """Cite another article of the same dispatch, which counts for nothing."""
    await house.is_refused("A", "fact cite", "citation-bad-link", fact="1", source="https://quotidien")
    house.world.platform.attachment_size_limit = 40 * 2**20
    scan = house.world.reporter.upload("scan.pdf", bytes(26 * 2**20))
    await house.is_refused("A", "fact cite", "file-too-large", fact="1", source=ARTICLE, file=scan)
    cited = await house.does("A", "fact cite", fact="1", source=ARTICLE, origin=AGENCY)
    assert says(cited, "fact-origin-known")
    await house.is_refused("A", "fact cite", "citation-known", fact="1", source=ARTICLE)
    await house.is_refused("E", "fact verify", "fact-one-origin", fact="1")
    (card,) = house.of_kind("fact")
    assert TEXTS.plural("card-fact-one-origin", 2, names=AGENCY, origins=1) in words_of(card)


async def verify_on_two_origins(house: Desk) -> None:
    """Cite another origin; the author may not verify, an editor does, once."""
    await house.does("R", "fact cite", fact="1", source=REGISTER)
    await house.is_refused("A", "fact verify", "access-editors-only", fact="1")
    await house.does("E", "fact verify", fact="1")
    await house.is_refused("E", "fact verify", "fact-verified-already", fact="1")
    (card,) = house.of_kind("fact")
    rests = TEXTS.plural("card-fact-origins", 3, names=f"{AGENCY} et {REGISTER}", origins=2)
    assert rests in words_of(card)
    assert f"<@{house.world.editor.id}>" in words_of(card)
    files = await exported(house, "R")
    assert [(row["status"], row["tip_id"]) for row in files["facts.csv"]] == [("verified", "")]
    assert [row["origin"] for row in files["citations.csv"]] == [AGENCY, AGENCY, REGISTER]
    assert files["corrections.csv"] == []
    await house.is_refused("A", "fact correct", "access-fact-verified", fact="1", claim="Rien", reason=REASON)


async def correct_the_fact(house: Desk) -> None:
    """Correct what was verified and exported: every card says so."""
    await house.is_refused("E", "fact correct", "too-long-claim", fact="1", claim="Quibertas " * 101, reason=REASON)
    await house.is_refused("E", "fact correct", "fact-nothing-corrected", fact="1", claim=CLAIM, reason=REASON)
    told_before = len(house.of_kind("digest"))
    await house.does("E", "fact correct", fact="1", claim=CORRECTED, reason=REASON)
    await house.is_refused("E", "fact verify", "fact-second-person", fact="1")
    (card,), (answer,) = house.of_kind("fact"), house.of_kind("correction")
    assert all(words in words_of(card) for words in (CORRECTED, CLAIM, REASON))
    assert all(words in words_of(answer) for words in (CORRECTED, CLAIM, REASON))
    assert (answer.reference or {})["message_id"] == str(card.id)
    # Those of the notices that came after the fact tell of it.
    notices = [words_of(message) for message in house.of_kind("notice")[2:]]
    assert [("Hélicanthe" in text, "Ormegrise" in text) for text in notices] == [(True, False)] * 3
    await house.does("E", "digest now", digest="1")
    (digest,) = house.of_kind("digest")[told_before:]
    assert all(words in words_of(digest) for words in (CORRECTED, "corrigé", REASON))
    (correction,) = (await exported(house, "R"))["corrections.csv"]
    assert (correction["claim"], correction["status"], correction["reason"]) == (CLAIM, "verified", REASON)
    assert correction["replaced_by"] == str(house.world.editor.id)


async def log_under_embargo(house: Desk) -> None:
    """Log a second fact that is under embargo for an hour."""
    fact = {"claim": SECOND, "source": SOURCE, "origin": SAID, "item": ITEM, "dossier": PORT}
    await house.is_refused("A", "fact add", "embargo-past", **fact, embargo="12 mai 2020")
    ends = house.world.now() + timedelta(hours=1)
    await house.does("A", "fact add", **fact, embargo=f"{ends.astimezone(PARIS):%Y-%m-%d %H:%M}")
    await house.is_refused("R", "fact cite", "fact-unknown", fact="2", source=REGISTER)


async def end_the_embargo(house: Desk) -> None:
    """Move the clock past the date, and start anew: the fact is published, and those with an old export are told."""
    house.world.set_clock(house.world.now() + timedelta(hours=1, minutes=5))
    await house.restarts()
    await house.journal.wait_for(lambda _: "Morvaldine" in house.read(house.journal), PATIENCE_S)
    for who in "AORD":
        await house.people[who][0].dm.wait_for(1, PATIENCE_S)
    await house.world.until_settled()


async def erase_the_tip(house: Desk) -> None:
    """Erase the tip: its words are nowhere, the fact stays."""
    world, words = house.world, [WORDS[word] for word in COLUMNS["what the tip says"]]
    truth = [world.folder / "truth.jsonl"]
    assert {line.split(" in ")[0] for line in found_in(world.folder, words, but=truth)} == {*words}
    await house.is_refused("A", "tip erase", "access-editors-only", tip="1")
    asked = await house.does("E", "tip erase", tip="1")
    erased = await world.editor.click(asked, label=TEXTS("button-tip-erase"))
    assert says(erased, "tip-erase-fact")
    await world.until_settled()
    assert found_in(world.folder, words, but=truth) == []
    everywhere = [*house.posted(), *(message for who in MEMBERS for message in house.private(who))]
    assert [word for word in words if holds("\n".join(map(words_of, everywhere)), word)] == []
    await house.is_refused("A", "tip note", "tip-erased", tip="1", text="Encore")
    await house.is_refused("E", "tip promote", "tip-erased", tip="1")
    await house.is_refused("O", "dossier add", "tip-erased", dossier=PORT, thing="tuyau 1")
    await house.is_refused("R", "tip show", "tip-unknown", tip="1")
    assert CORRECTED in house.read(house.journal)


async def back_up_and_restart(house: Desk) -> None:
    """Verify the log and the exports, then a copy of each with one byte flipped; back up, and start anew."""
    world, away = house.world, house.away
    assert says(await house.does("E", "audit verify"), "audit-verify-intact")
    await verdict(house, world.database, DONE, "The audit log is intact")
    export = await house.exports_at_the_terminal() / "facts"
    await verdict(house, export, DONE, "noted this export, with this manifest")
    for name, place, named in (
        ("facts.csv", CORRECTED, "In facts.csv, row 2 was altered"),
        ("citations.csv", ARTICLE.partition(" ")[0], "In citations.csv, row 3 was altered"),
        ("corrections.csv", REASON, "In corrections.csv, row 2 was altered"),
        ("manifest.json", '"exported_by"', "manifest.json was altered"),
    ):
        copy = Path(shutil.copytree(export, away / f"flipped-{name}"))
        flip(copy / name, place.encode())
        await verdict(house, copy, BAD_DATA, named)

    backup = away / "sauvegarde.sqlite3"
    ended = await house.vigie("backup", backup)
    assert ended.returncode == DONE, ended.stderr
    words = [WORDS[word] for word in COLUMNS["what the tip says"]]
    assert found_in(away, words, but=[path for path in away.rglob("*") if path != backup]) == []
    await verdict(house, backup, DONE, "The audit log is intact")
    (entry,) = world.rows("SELECT number, commitment FROM audit WHERE subject = 'fact:1' AND action = 'fact verify'")
    for altered, named in (
        (entry["commitment"], f"Entry {entry['number']} of the audit log is not the one that was written"),
        (f"{CLAIM}2020-11-mid", "Altered outside Vigie: version 1 of fact 1"),
    ):
        copy = Path(shutil.copy(backup, away / "flipped.sqlite3"))
        flip(copy, altered.encode())
        await verdict(house, copy, BAD_DATA, named)

    await house.restarts()


def is_told_once(house: Desk) -> None:
    """Check that what was published, corrected and told was so once, two restarts later."""
    changed = {
        who: sum(TEXTS.plural("card-reminder-facts", 1) in words_of(message) for message in house.private(who))
        for who in MEMBERS
    }
    assert changed == {who: int(who in "AORD") for who in MEMBERS}
    for kind, word, number in (
        ("fact", "Morvaldine", 1),
        ("fact", "Quibertas", 1),
        ("correction", "Quibertas", 1),
        ("digest", "Morvaldine", 1),
        ("digest", "Zirconelle", 1),
    ):
        texts = [words_of(message) for message in house.of_kind(kind)]
        assert sum(word in text for text in texts) == number, f"{word} in messages of kind {kind}"
    assert house.read(house.world.operations).count(TEXTS.plural("operations-export_outdated", 1)) == 1


async def exported(house: Desk, who: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of the tables that somebody exports."""
    reply = await house.does(who, "fact export")
    tables = {file.filename: file.data.decode("utf-8-sig") for file in reply.attachments}
    return {
        name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in tables.items() if ".csv" in name
    }


def flip(path: Path, place: bytes) -> None:
    """Flip one bit of the only place where something stands in a file."""
    content = bytearray(path.read_bytes())
    assert content.count(place) == 1, f"{place!r} stands {content.count(place)} times in {path.name}"
    content[content.index(place) + len(place) // 2] ^= 1
    path.write_bytes(content)


async def verdict(house: Desk, path: Path, status: int, words: str) -> None:
    """Verify a database or an export from the command line."""
    ended = await house.vigie("verify", path)
    assert (ended.returncode, words in ended.stdout) == (status, True), f"{path.name}: {ended.stdout}{ended.stderr}"
