"""`/fact export`: the files under the reply, what they hold, and what comes of too much or nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping

from bot.loopback import Reply
from bot.storage.custody import audit
from tests.cogs.house import House, Room

CLAIM = '=HYPERLINK("https://piege.example") Axon a gagné\nle marché'


def files_of(reply: Reply) -> dict[str, bytes]:
    return {file.filename: file.data for file in reply.attachments}


def rows_of(content: bytes, separator: str = ",") -> list[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


async def log(room: Room, claim: str = CLAIM, **more: str) -> None:
    reply = await room.reporter.slash("fact add", room.desk, claim=claim, source="https://example.org/a", **more)
    assert "noté" in (reply.content or "")


async def exported(house: House) -> list[sqlite3.Row]:
    async with house.app.database.read() as connection:
        return await connection.all("SELECT * FROM export ORDER BY id")


async def test_facts_citations_corrections_and_the_manifest_are_attached(room: Room) -> None:
    await log(room, quote="« Axon », dit-il", date="mi-novembre 2020")
    await room.reporter.slash("fact correct", room.desk, fact="1", reason="+ précis", claim="Axon a perdu")
    reply = await room.reporter.slash("fact export", room.desk)
    files = files_of(reply)
    assert list(files) == ["citations.csv", "corrections.csv", "facts.csv", "manifest.json"]
    [fact] = rows_of(files["facts.csv"])
    assert (fact["claim"], fact["revision"], fact["correction_reason"]) == ("Axon a perdu", "2", "'+ précis")
    assert (fact["event_date"], fact["logged_by"]) == ("2020-11-mid", str(room.reporter.id))
    [former] = rows_of(files["corrections.csv"])
    assert former["claim"] == f"'{CLAIM}"
    [citation] = rows_of(files["citations.csv"])
    assert (citation["url"], citation["quote"]) == ("https://example.org/a", "« Axon », dit-il")
    manifest = json.loads(files["manifest.json"])
    assert manifest["exported_by"] == str(room.reporter.id)
    for file in manifest["files"]:
        assert file["sha256"] == hashlib.sha256(files[file["name"]]).hexdigest()


async def test_the_export_is_seen_by_its_caller_alone_and_says_how_much_it_holds(room: Room) -> None:
    await log(room)
    reply = await room.reporter.slash("fact export", room.desk)
    assert reply.ephemeral
    assert "1 fait exporté" in (reply.content or "")


async def test_a_french_excel_gets_semicolons_where_they_are_asked_for(room: Room) -> None:
    await log(room)
    files = files_of(await room.reporter.slash("fact export", room.desk, separator="semicolon"))
    assert [row["id"] for row in rows_of(files["facts.csv"], ";")] == ["1"]


async def test_the_filters_of_the_list_filter_the_export(room: Room) -> None:
    await log(room, claim="Contesté")
    await log(room, claim="Noté")
    await room.editor.slash("fact dispute", room.desk, fact="1", reason="démenti")
    reply = await room.reporter.slash("fact export", room.desk, status="disputed", since="hier")
    assert [row["claim"] for row in rows_of(files_of(reply)["facts.csv"])] == ["Contesté"]
    assert "Depuis" in (reply.content or "")


async def test_an_export_of_nothing_is_a_sentence_that_says_what_to_change_and_no_record(
    house: House, room: Room
) -> None:
    empty = await room.reporter.slash("fact export", room.desk)
    await log(room)
    filtered = await room.reporter.slash("fact export", room.desk, until="2020-01-01")
    assert "`/fait ajouter`" in empty.text
    assert "élargissez la période" in filtered.text
    assert not empty.attachments + filtered.attachments
    assert await exported(house) == []


async def test_an_export_is_recorded_with_the_facts_that_were_in_it(house: House, room: Room) -> None:
    for claim in ("Un", "Deux", "Trois", "Quatre"):
        await log(room, claim=claim)
    await room.editor.slash("fact dispute", room.desk, fact="3", reason="démenti")
    reply = await room.reporter.slash("fact export", room.desk, status="logged")
    manifest = files_of(reply)["manifest.json"]
    [row] = await exported(house)
    assert (row["kind"], row["made_by"], row["folder"], row["tips"]) == ("facts", str(room.reporter.id), None, "[]")
    assert json.loads(row["facts"]) == [[1, 2], [4, 4]]
    assert json.loads(row["filters"])["status"] == "logged"
    async with house.app.database.read() as connection:
        entry, before = await audit.listed(connection, room.guild.id, limit=2)
    assert (entry.made_by, entry.action, entry.subject) == (str(room.reporter.id), "fact export", f"export:{row['id']}")
    assert entry.detail is not None
    assert entry.detail["manifest"] == hashlib.sha256(manifest).hexdigest()
    assert entry.detail["rows"] == {"facts.csv": 3, "citations.csv": 3, "corrections.csv": 0}
    assert json.loads(manifest)["audit_head"] == {"number": before.number, "hash": before.hash}


async def test_a_large_export_is_zipped(house: House, room: Room) -> None:
    for number in range(25):
        await log(room, claim=f"{number} {'é' * 990}", quote=("«" * 1990) + str(number))
    async with house.app.database.tx("test") as connection:
        for _ in range(5):
            await connection.run(
                "INSERT INTO fact (guild_id, logged_by, logged_at) SELECT guild_id, logged_by, logged_at FROM fact"
            )
        await connection.run(
            "INSERT INTO fact_revision (guild_id, fact_id, revision, claim, made_by, made_at)"
            " SELECT guild_id, id, 1, ?, logged_by, logged_at FROM fact WHERE id > 25",
            "a" * 1000,
        )
    reply = await room.reporter.slash("fact export", room.desk)
    [(name, content)] = files_of(reply).items()
    assert name == "facts.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["citations.csv", "corrections.csv", "facts.csv", "manifest.json"]
        assert len(rows_of(archive.read("facts.csv"))) == 25 * 32


async def test_what_discord_would_not_take_names_the_command_line(house: House, room: Room) -> None:
    await log(room)
    house.platform.attachment_size_limit = 100
    reply = await room.reporter.slash("fact export", room.desk)
    assert f"vigie export facts --guild {room.guild.id} --out" in (reply.content or "").replace("\\", "")
    assert reply.attachments == []


async def test_another_newsroom_and_an_outsider_take_nothing_out(house: House, room: Room) -> None:
    await log(room)
    elsewhere = await house.newsroom(house.guild("Ailleurs"))
    theirs = await elsewhere.editor.slash("fact export", elsewhere.desk)
    assert theirs.attachments == []
    refused = await room.stranger.slash("fact export", room.desk)
    assert refused.attachments == []
