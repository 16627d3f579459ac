"""`/watch import` and `/watch export`: all or nothing, each bad line named, and back again byte for byte."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from bot.loopback import Member, Platform, Reply
from bot.models import ItemKind, Priority, ThingKind
from bot.storage.log import dossiers
from bot.watchlist.csv_file import COLUMNS
from bot.watchlist.entry import ITEMS
from bot.watchlist.importing import LARGEST_BYTES
from tests.cogs.house import House, Room, settings_of

HOSTILE = '=1+1 "x"; @y \\'


async def brought(member: Member, room: Room, content: str | bytes, name: str = "liste.csv") -> Reply:
    data = content if isinstance(content, bytes) else content.encode()
    return await member.slash("watch import", room.desk, file=member.upload(name, data, "text/csv"), wait_s=60.0)


async def exported(member: Member, room: Room) -> bytes:
    reply = await member.slash("watch export", room.desk)
    [file] = reply.attachments
    return file.data


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_an_export_is_the_file_that_the_design_asks_for(room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    await room.reporter.slash("dossier create", room.desk, name='Affaire "A"')
    await room.reporter.slash(
        "watch add",
        room.desk,
        kind="company",
        name="Axon SAS",
        aliases="Taser; =Axon",
        identifiers="998100473",
        any_of='"a1; b2"; drone',
        none_of="jouet",
        sources="boamp",
        channel=channel,
        dossier='Affaire "A"',
        priority="digest",
        ref="-1",
        note="=1",
    )
    reply = await room.reporter.slash("watch export", room.desk)
    assert reply.ephemeral
    assert "1 élément surveillé" in reply.text
    assert reply.attachments[0].filename == "watchlist.csv"
    content = reply.attachments[0].data
    assert content.startswith(b'\xef\xbb\xbf"ref","kind","name"')
    assert content.endswith(b'"\r\n')
    assert rows(content) == [
        list(COLUMNS),
        [
            *("'-1", "company", "Axon SAS", "Taser;=Axon", "998100473", '"a1; b2";drone', "jouet", "boamp"),
            *(f"<#{channel.id}>", 'Affaire "A"', "digest", "'=1"),
        ],
    ]


async def test_an_empty_watchlist_has_nothing_to_export(room: Room) -> None:
    reply = await room.reporter.slash("watch export", room.desk)
    assert "Aucun élément n\u2019est encore surveillé" in reply.text
    assert reply.attachments == []


async def test_an_import_says_what_it_did(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await house.follow(room, kind=ItemKind.COMPANY, name="Axis")
    reply = await brought(room.editor, room, "kind,name,note\ncompany,Axon,\ncompany,Axis,vu\nkeyword,drone,\n")
    assert reply.ephemeral
    assert reply.deferred
    for line in ("1 élément ajouté", "1 modifié", "1 inchangé", "/veille essai"):
        assert line in reply.text
    items = {item.name: item for item in await house.items(room)}
    assert items["drone"].added_by == room.editor.id
    assert items["Axis"].note == "vu"
    assert items["Axis"].added_by == room.reporter.id


async def test_what_an_import_adds_beside_an_item_like_it_is_told(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Valmarin Défense SAS")
    reply = await brought(room.editor, room, "kind,name\ncompany,Valmarine Défense\ncompany,Orvelin\n")
    assert "1 élément ajouté ressemble à un autre" in reply.text
    assert "n°\u00a02 **Valmarine Défense** et n°\u00a01 **Valmarin Défense SAS**" in reply.text
    again = await brought(room.editor, room, "kind,name\ncompany,Taser\n")
    assert "ressemble" not in again.text


async def test_an_item_that_resembles_several_is_counted_once(house: House, room: Room) -> None:
    for name in ("Valmarin Défense SAS", "Valmarine Défense"):
        await house.follow(room, kind=ItemKind.COMPANY, name=name)
    reply = await brought(room.editor, room, "kind,name\ncompany,Valmarin Défence\n")
    assert reply.text.count("n°\u00a03 **Valmarin Défence** et") == 2
    assert "1 élément ajouté ressemble à un autre" in reply.text


async def test_a_channel_and_a_dossier_are_named_as_people_name_them(house: House, room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    await room.reporter.slash("dossier create", room.desk, name="Caméras")
    await brought(room.editor, room, "kind,name,channel,dossier\ncompany,Axon,#vidéo,CAMERAS\n")
    [item] = await house.items(room)
    assert item.channel_id == channel.id
    async with house.app.database.read() as connection:
        [dossier] = await dossiers.of_thing(connection, room.guild.id, ThingKind.ITEM, item.id or 0)
    assert dossier.name == "Caméras"


async def test_a_file_saved_by_a_french_spreadsheet_is_read(house: House, room: Room) -> None:
    text = 'kind;name;aliases;priority\r\ncompany;"Axon; fils";"Taser;A.X.O.N.";digest\r\n'
    await brought(room.editor, room, text.encode("utf-8-sig"))
    [item] = await house.items(room)
    assert (item.name, item.aliases, item.priority) == ("Axon; fils", ("Taser", "A.X.O.N."), Priority.DIGEST)


async def test_with_a_bad_line_nothing_is_imported_and_the_line_is_named(house: House, room: Room) -> None:
    text = (
        "kind,name,channel,dossier,identifiers\ncompany,Bon,,,\nperson,X,,,\ncompany,Axon,#non,Rien,\n"
        'keyword,"drone ET",,,\ncompany,Axis,,,"1,23457E+13"\n'
    )
    reply = await brought(room.editor, room, text)
    assert "Rien n\u2019a été importé" in reply.text
    for said in (
        "5 fautes",
        "Ligne 3\u00a0: kind",
        "Ligne 4\u00a0: il n\u2019y a pas ici de salon textuel «\u00a0#non\u00a0»",
        "Ligne 4\u00a0: Aucun dossier",
        "Ligne 5, «\u00a0drone ET\u00a0»",
        "Ligne 6\u00a0: «\u00a01,23457E+13\u00a0» n\u2019est plus un identifiant",
    ):
        assert said in reply.text
    assert reply.attachments == []
    assert await house.items(room) == []


async def test_more_bad_lines_than_a_reply_holds_are_all_in_an_attached_text(house: House, room: Room) -> None:
    text = "kind,name\n" + "".join(f"keyword,mot{n} (\n" for n in range(200))
    reply = await brought(room.editor, room, text)
    assert "200 fautes" in reply.text
    assert "Ligne 21," in reply.text
    assert "Ligne 22," not in reply.text
    [file] = reply.attachments
    lines = file.data.decode("utf-8-sig").split("\r\n")
    assert [line for line in lines if line.startswith("Ligne 201, «\u00a0mot199 (\u00a0»")]
    assert "    mot199 (" in lines
    assert "           ^" in lines
    assert await house.items(room) == []


async def test_hostile_bad_lines_fit_the_reply_and_stay_text(room: Room, platform: Platform) -> None:
    text = "kind,name,dossier\n" + "company,Axon,<@1> @everyone **" + "`_*~" * 60 + "**\n"
    reply = await brought(room.editor, room, text + "".join(f"{'*_' * 90}{n},x,\n" for n in range(30)))
    assert "<@1>" not in reply.text
    assert reply.text.count("Ligne") == 20
    platform.check()


async def test_a_wrong_header_is_told_in_words(room: Room) -> None:
    reply = await brought(room.editor, room, "art,nom\n")
    assert "Il manque à la première ligne" in reply.text


async def test_a_file_that_is_no_csv_changes_nothing(house: House, room: Room) -> None:
    reply = await brought(room.editor, room, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "image.png")
    assert reply.text
    assert await house.items(room) == []


async def test_a_file_that_is_too_large_is_refused_without_being_read(
    room: Room, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unread(*_: object) -> bytes:
        raise AssertionError("read")

    monkeypatch.setattr("discord.Attachment.read", unread)
    platform.attachment_size_limit = 10 * LARGEST_BYTES
    reply = await brought(room.editor, room, b"x" * (LARGEST_BYTES + 1))
    assert "2\u00a0Mo au plus" in reply.text.replace("2 Mo", "2\u00a0Mo")


async def test_a_full_watchlist_is_said_and_nothing_is_imported(house: House, room: Room) -> None:
    async with house.app.database.tx("test") as connection:
        await connection.run(
            """
            INSERT INTO watch_item (guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources,
                priority, added_by, added_at)
            SELECT ?, 'company', value, value, '[]', '[]', '[]', '[]', '[]', 'instant', 1, '2026-01-01T00:00:00+00:00'
            FROM json_each(?)
            """,
            room.guild.id,
            json.dumps([f"firm {n}" for n in range(ITEMS)]),
        )
    reply = await brought(room.editor, room, "kind,name\ncompany,Axon\n")
    assert "2\u202f000 éléments au plus" in reply.text


async def test_what_was_exported_changes_nothing_and_is_exported_the_same(house: House, room: Room) -> None:
    await room.reporter.slash("dossier create", room.desk, name="12")
    await room.reporter.slash("dossier create", room.desk, name='=Affaire "B" \\')
    for kind, name in (
        ("company", f"Axon {HOSTILE}"),
        ("official", "Marie \u00a0Curie"),
        ("keyword", "=Ville ET drone*"),
    ):
        await room.reporter.slash(
            "watch add", room.desk, kind=kind, name=name, dossier='12; =Affaire "B" \\', note=f"{HOSTILE}\n@z", ref=name
        )
    before = await house.items(room)
    content = await exported(room.reporter, room)
    reply = await brought(room.editor, room, content)
    assert "3 inchangés" in reply.text
    assert await house.items(room) == before
    assert await exported(room.reporter, room) == content


async def test_a_fresh_newsroom_becomes_the_one_that_was_exported(
    house: House, room: Room, platform: Platform, tmp_path: Path
) -> None:
    own = room.guild.add_channel("vidéo")
    await room.reporter.slash("dossier create", room.desk, name="Caméras")
    for number in range(30):
        await room.reporter.slash(
            "watch add",
            room.desk,
            kind="company",
            name=f"Firm {number:02} {HOSTILE}",
            aliases=rf"nom\; {number}; autre",
            channel=own if number % 2 else None,
            dossier="Caméras" if number % 3 else None,
        )
    content = await exported(room.reporter, room)
    await house.client.close()
    (tmp_path / "fresh").mkdir()
    fresh = House(platform, settings_of(tmp_path / "fresh"))
    async with fresh.running():
        await fresh.newsroom(room)
        await room.reporter.slash("dossier create", room.desk, name="Caméras")
        reply = await brought(room.editor, room, content)
        assert "30 éléments ajoutés" in reply.text
        assert await exported(room.reporter, room) == content


async def test_an_export_too_large_for_discord_comes_zipped(house: House, room: Room, platform: Platform) -> None:
    for number in range(40):
        await house.follow(room, kind=ItemKind.COMPANY, name=f"Firm {number:02}", note="n" * 200)
    content = await exported(room.reporter, room)
    platform.attachment_size_limit = 3_000
    reply = await room.reporter.slash("watch export", room.desk)
    assert reply.attachments[0].filename == "watchlist.zip"
    with zipfile.ZipFile(io.BytesIO(reply.attachments[0].data)) as archive:
        assert archive.read("watchlist.csv") == content


async def test_a_list_too_large_to_be_taken_back_is_said_to_be(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys  # noqa: PLC0415  # the client loads the group itself: no package names its modules

    monkeypatch.setattr(sys.modules["cogs.watch.files"], "LARGEST_BYTES", 100)
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    reply = await room.reporter.slash("watch export", room.desk)
    assert "en plusieurs fichiers" in reply.text


async def test_two_thousand_items_are_imported_in_one_go(room: Room) -> None:
    text = "ref,kind,name,aliases,any_of\n" + "".join(
        f"R{n},company,Société {n} SAS,Groupe {n}; {n} Industries,drone; caméra\n" for n in range(ITEMS)
    )
    reply = await brought(room.editor, room, text)
    assert "2\u202f000 éléments ajoutés" in reply.text
    again = await brought(room.editor, room, text.replace("caméra", "radar"))
    assert "2\u202f000 modifiés" in again.text


async def test_a_reporter_exports_and_does_not_import(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    assert (await room.reporter.slash("watch export", room.desk)).attachments
    refused = await brought(room.reporter, room, "kind,name\ncompany,Axis\n")
    assert refused.attachments == []
    assert len(await house.items(room)) == 1


async def test_an_outsider_and_another_newsroom_get_and_bring_nothing(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon", ref="A-1")
    refused = await room.stranger.slash("watch export", room.desk, force=True)
    assert "rôle de la rédaction" in refused.text
    assert refused.attachments == []
    file = room.stranger.upload("liste.csv", b"kind,name\ncompany,Axis\n")
    assert "rôle" in (await room.stranger.slash("watch import", room.desk, file=file, force=True)).text
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await brought(other.editor, other, "ref,kind,name,note\nA-1,company,Axon,vu\n")
    assert await house.items(room) == [item]
    assert b"Axon" in await exported(other.editor, other)
    own = room.guild.add_channel("vidéo")
    reply = await brought(other.editor, other, f"kind,name,channel\ncompany,Axis,<#{own.id}>\n")
    assert "pas ici de salon" in reply.text
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    assert "Aucun élément" in (await room.reporter.slash("watch export", room.desk)).text


async def test_an_import_names_each_wrong_number_with_its_line_and_goes_on(house: House, room: Room) -> None:
    reply = await brought(room.editor, room, "kind,name,identifiers\ncompany,Axon,552081318\ncompany,Taser,siren:1\n")
    assert "2 élément" in reply.text
    assert "Ligne 2" in reply.text
    assert "**7** était attendu" in reply.text
    assert "Ligne 3" in reply.text
    assert [item.identifiers for item in await house.items(room)] == [("552081318",), ("siren:1",)]


async def test_many_wrong_numbers_of_an_import_are_attached(room: Room) -> None:
    rows = "".join(f"company,Axon {n},55208131{n % 7}\n" for n in range(25))
    reply = await brought(room.editor, room, f"kind,name,identifiers\n{rows}")
    [file] = reply.attachments
    listed = file.data.decode("utf-8-sig").splitlines()
    assert len(listed) == 25
    assert "552 081 314" in listed[4]
