"""The team's log as it is lived: tips in, sourced facts in, a CSV out, and nothing for strangers at any step."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.locales import Language, Texts
from bot.loopback import Channel, Member, Message, Reply
from bot.loopback.publishers.boamp_records import fns_notice
from tests.command_line import vigie_beside
from tests.e2e.log_world import OtherNewsroom, Strangers, other_newsroom, restart
from tests.e2e.world import PARIS, World, in_days, today, words_of

FACT_HEADER = [
    "id", "dossier", "claim", "status", "event_date", "date_precision", "source_url", "source_title", "quote",
    "sources_count", "watch_items", "logged_by", "logged_at", "verified_by", "verified_at", "revision",
    "correction_reason", "message_url",
]  # fmt: skip
CITATION_HEADER = ["fact_id", "n", "url", "title", "type", "origin", "quote", "retrieved_at"]

HEARD = "Varnoquel aurait signé avec Trabuquet avant l'appel d'offres"
CLAIM = "=Quibertas a signé avec Trabuquet le marché de l'écluse"
CORRECTED = "=Quibertas a signé avec Trabuquet le marché des écluses"
QUOTE = "Le maire signe avec Tolbrisane, « sans délai »;\nvoir annexe"
SOURCE = "https://ostrevine.example/pv?page=4&id=7"
TITLE = "Procès-verbal Brumovar"
SECOND = "Journal de Paldurance, 12 mai, p. 4"
REASON = "Zirconelle a compté deux écluses"


@dataclass
class Story:
    """A newsroom with a log channel beside another one, and one tip that becomes a fact."""

    desk: World
    journal: Channel
    other: OtherNewsroom
    strangers: Strangers

    async def does(self, who: Member, command: str, /, **options: Any) -> Reply:
        """Let somebody use a command, and wait until the cards are what they should be."""
        reply = await who.slash(command, self.desk.announcements, **options)
        assert reply.modal is not None or reply.ephemeral
        await self.desk.until_settled()
        return reply

    async def sends(self, member: Member, form: Reply, values: Mapping[str, str]) -> Reply:
        reply = await member.submit(form, values)
        assert reply.ephemeral
        await self.desk.until_settled()
        return reply

    async def begins(self) -> None:
        """Open a dossier, follow a company, and hide every word of the story from strangers."""
        for word in ("Varnoquel", "Quibertas", "Hélicanthe", "Trabuquet"):
            self.strangers.hide_name(word)
        self.strangers.hide("Mervaudic", "Tolbrisane", "Brumovar", "ostrevine", "Paldurance", "Zirconelle", "Valmarin")
        await self.does(self.desk.reporter, "dossier create", name="Hélicanthe")
        await self.does(self.desk.reporter, "watch add", kind="company", name="Trabuquet")

    async def logs_a_tip(self) -> Reply:
        return await self.does(
            self.desk.reporter,
            "tip add",
            text=HEARD,
            origin="appel de Mervaudic",
            heard="mardi dernier",
            item="Trabuquet",
            dossier="Hélicanthe",
        )

    async def promotes(self) -> Reply:
        form = await self.does(self.desk.reporter, "tip promote", tip="1")
        values = {"claim": CLAIM, "source": f"{SOURCE} {TITLE}", "quote": QUOTE, "date": "mi-novembre 2020"}
        return await self.sends(self.desk.reporter, form, values)

    async def cites(self) -> Reply:
        return await self.does(self.desk.reporter, "fact cite", fact="1", source=SECOND)

    async def verifies(self) -> Reply:
        return await self.does(self.desk.editor, "fact verify", fact="1")

    async def corrects(self) -> Reply:
        return await self.does(self.desk.editor, "fact correct", fact="1", reason=REASON, claim=CORRECTED)

    async def is_told(self) -> None:
        """Go all the way."""
        await self.begins()
        for step in (self.logs_a_tip, self.promotes, self.cites, self.verifies, self.corrects):
            await step()

    def cards(self) -> list[Message]:
        """Return the cards in the log channel, oldest first."""
        return [message for message in self.desk.posted(self.journal) if message.reference is None]

    def answers(self) -> list[Message]:
        """Return what answers the cards in the log channel, oldest first."""
        return [message for message in self.desk.posted(self.journal) if message.reference is not None]


@pytest.fixture
async def story(running: World) -> Story:
    journal = running.guild.add_channel("journal")
    await running.admin.slash("setup", running.announcements, log=journal)
    other = await other_newsroom(running)
    theirs = [(member, other.channel) for member in (other.chief, other.reporter, other.editor)]
    people = [(running.outsider, running.announcements), *theirs]
    return Story(running, journal, other, Strangers(running, people, [other.channel]))


def last_tuesday() -> date:
    return today() - timedelta(days=(today().weekday() - 1) % 7 or 7)


def files_of(reply: Reply) -> dict[str, bytes]:
    return {file.filename: file.data for file in reply.attachments}


def records(data: bytes) -> list[list[str]]:
    """Return the cells of a CSV, header included, after a look at every byte of it: RFC 4180, UTF-8 with BOM."""
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.removeprefix(b"\xef\xbb\xbf").decode()
    cells = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    again = io.StringIO(newline="")
    csv.writer(again, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(cells)
    assert again.getvalue() == text
    return cells


def table(data: bytes) -> list[dict[str, str]]:
    header, *rows = records(data)
    return [dict(zip(header, row, strict=True)) for row in rows]


async def test_a_tip_heard_last_tuesday_becomes_a_fact_and_strangers_see_nothing_at_any_step(story: Story) -> None:
    desk, strangers = story.desk, story.strangers
    await story.begins()
    await strangers.look()

    tuesday = last_tuesday()
    reply = await story.logs_a_tip()
    assert Texts(Language.FR, PARIS).day_long(tuesday) in reply.text
    (heard,) = desk.rows("SELECT heard, heard_typed FROM tip_revision")
    assert tuple(heard) == (tuesday.isoformat(), "mardi dernier")
    (tip,) = story.cards()
    assert HEARD in words_of(tip)
    await strangers.look()

    await restart(desk)
    reply = await story.promotes()
    assert "novembre 2020 (vers le milieu)" in reply.text
    assert [card.id for card in story.cards()][:1] == [tip.id]
    assert "confirmé" in words_of(tip)
    _, fact = story.cards()
    await strangers.look()

    await story.cites()
    assert SECOND in words_of(fact)
    await strangers.look()

    await story.does(desk.reporter, "fact verify", fact="1")
    assert [row["status"] for row in desk.rows("SELECT status FROM fact")] == ["logged"]
    await story.verifies()
    assert f"<@{desk.editor.id}>" in words_of(fact)
    await strangers.look()

    await restart(desk)
    await story.corrects()
    assert all(words in words_of(fact) for words in (CORRECTED, REASON, CLAIM))
    assert [card.id for card in story.cards()] == [tip.id, fact.id]
    (answer,) = story.answers()
    assert (answer.reference or {})["message_id"] == str(fact.id)
    assert all(words in words_of(answer) for words in (CORRECTED, REASON, CLAIM))
    await story.verifies()
    assert [tuple(row) for row in desk.rows("SELECT status, verified_by FROM fact")] == [("logged", None)]
    await strangers.look()

    reply = await story.does(desk.reporter, "fact export")
    assert sorted(files_of(reply)) == ["citations.csv", "corrections.csv", "facts.csv", "manifest.json"]
    await strangers.look()


@pytest.mark.torture  # the permission tables try the same in one process
async def test_no_command_or_proposal_lets_strangers_see_or_change_anything(story: Story) -> None:
    await story.is_told()
    later = datetime.now(PARIS) + timedelta(hours=12)
    channel = story.desk.announcements
    scheduled = {"channel": channel, "every": "daily", "at": f"{later:%H:%M}", "dossier": "Hélicanthe"}
    await story.does(story.desk.editor, "digest schedule", **scheduled)
    assert len(story.desk.rows("SELECT 1 FROM digest WHERE dossier_id = 1")) == 1
    await story.strangers.try_everything()


@pytest.mark.torture  # the permission tables try the same in one process
async def test_no_forged_button_or_form_lets_strangers_see_or_change_anything(story: Story) -> None:
    desk, editor = story.desk, story.other.editor
    desk.boamp.records.append(
        fns_notice(idweb="26-2", objet="Trabuquet, caméras-piétons", published=today(), deadline=in_days(12))
    )
    await story.is_told()
    await desk.shown(1)
    await story.does(desk.reporter, "watch hits", item="Trabuquet")
    await story.does(desk.reporter, "fact add", claim="Trabuquet sera jugé", source="Journal de Paldurance")
    await story.strangers.press_everything(
        "tip-edit:1", "fact-correct:1", "tips:-:-:1:-:-:0", "facts:-:-:1:-:-:0", "facts:-:1:-:-:-:0"
    )
    theirs = await editor.slash("tip add", story.other.channel)
    for form in ("tip edit", "tip promote"):
        ours = await desk.reporter.slash(form, desk.announcements, tip="1")
        assert ours.modal is not None
        assert theirs.modal is not None
        theirs.modal["custom_id"] = ours.modal["custom_id"]
        await editor.submit(theirs, {"text": "x"})
    story.strangers.have_seen_nothing()
    assert desk.rows("SELECT 1 FROM tip WHERE revision > 1") == []


async def test_an_export_is_read_back_cell_by_cell(story: Story) -> None:
    desk = story.desk
    await story.is_told()
    reply = await story.does(desk.reporter, "fact export")
    files = files_of(reply)
    (fact,) = desk.rows("SELECT * FROM fact")
    (first, second) = desk.rows("SELECT * FROM fact_revision ORDER BY revision")
    retrieved = [row["retrieved_at"] for row in desk.rows("SELECT retrieved_at FROM citation ORDER BY n")]
    (citations, corrections) = table(files["citations.csv"]), table(files["corrections.csv"])
    link = f"https://discord.com/channels/{desk.guild.id}/{story.journal.id}/{story.cards()[1].id}"

    assert records(files["facts.csv"])[0][: len(FACT_HEADER)] == FACT_HEADER
    assert records(files["citations.csv"])[0] == [*CITATION_HEADER, "known"]
    (exported,) = table(files["facts.csv"])
    assert [exported[name] for name in FACT_HEADER] == [
        "1", "Hélicanthe", f"'{CORRECTED}", "logged", "2020-11-mid", "part", SOURCE, TITLE, QUOTE, "2",
        "Trabuquet", str(desk.reporter.id), local(fact["logged_at"]), "", "", "2", REASON, link,
    ]  # fmt: skip
    assert [list(row.values()) for row in citations] == [
        ["1", "1", SOURCE, TITLE, "link", "ostrevine.example", QUOTE, local(retrieved[0]), ""],
        ["1", "2", "", SECOND, "words", SECOND, "", local(retrieved[1]), ""],
    ]
    (correction,) = corrections
    told = {
        "fact_id": "1", "revision": "1", "claim": f"'{CLAIM}", "status": "verified", "event_date": "2020-11-mid",
        "source_url": SOURCE, "quote": QUOTE, "sources_count": "2", "made_by": str(desk.reporter.id),
        "made_at": local(first["made_at"]), "verified_by": str(desk.editor.id),
        "verified_at": local(first["verified_at"]), "replaced_by": str(desk.editor.id),
        "replaced_at": local(second["made_at"]), "reason": REASON,
    }  # fmt: skip
    assert {name: correction[name] for name in told} == told

    manifest = json.loads(files["manifest.json"])
    assert {file["name"]: (file["sha256"], file["rows"]) for file in manifest["files"]} == {
        name: (hashlib.sha256(files[name]).hexdigest(), rows)
        for name, rows in (("facts.csv", 1), ("citations.csv", 2), ("corrections.csv", 1))
    }
    heads = [{"number": row["number"], "hash": row["hash"]} for row in desk.rows("SELECT number, hash FROM audit")]
    assert manifest["timezone"] == "Europe/Paris"
    assert manifest["audit_head"] in heads
    assert manifest["exported_by"] == str(desk.reporter.id)
    assert datetime.fromisoformat(manifest["exported_at"]).tzinfo is not None


def local(stored: str) -> str:
    """Return a stored moment as an export tells it: in the newsroom's zone, with its offset."""
    return datetime.fromisoformat(stored).astimezone(PARIS).isoformat(timespec="seconds")


async def test_nothing_that_is_exported_can_run_as_a_formula(story: Story) -> None:
    hostile = ['=HYPERLINK("piege.example";"x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\uff1d1+1", "|x", "%x"]
    desk = story.desk
    await story.does(desk.reporter, "dossier create", name="=Dossier+1")
    for text in hostile:
        form = await story.does(desk.reporter, "fact add", dossier="=Dossier+1")
        values = {"claim": text, "source": f"{text} source", "quote": text, "date": "12 mai 2020"}
        await story.sends(desk.reporter, form, values)
    await story.does(desk.reporter, "fact correct", fact="1", reason=hostile[0], claim=hostile[1])
    files = files_of(await story.does(desk.reporter, "fact export"))
    tables = [table(files[name]) for name in ("facts.csv", "citations.csv", "corrections.csv")]
    runs = re.compile(r"[\s\u00a0\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
    assert [cell for rows in tables for row in rows for cell in row.values() if runs.match(cell)] == []
    assert [row["claim"] for row in tables[0]] == [f"'{text}" for text in (hostile[1], *hostile[1:])]
    assert [row["quote"] for row in tables[1]] == [f"'{text}" for text in hostile]


async def test_a_form_that_was_open_during_a_restart_is_taken_once(story: Story) -> None:
    desk = story.desk
    await story.begins()
    await story.logs_a_tip()
    form = await story.does(desk.reporter, "tip promote", tip="1")
    await restart(desk)
    values = {"claim": CLAIM, "source": SOURCE}
    reply = await story.sends(desk.reporter, form, values)
    assert "Fait n°\u00a01" in reply.text
    again = await story.sends(desk.reporter, form, values)
    assert "déjà" in again.text
    assert [row["number"] for row in desk.rows("SELECT count(*) AS number FROM fact")] == [1]
    assert len(story.cards()) == 2


async def test_a_sensitive_tip_is_nowhere_but_before_its_author_its_owner_and_editors(story: Story) -> None:
    desk = story.desk
    colleague = desk.guild.add_member("Bruno", roles=[desk.roles["reporter"]])
    blind = Strangers(desk, [(colleague, desk.announcements), (desk.admin, desk.announcements)], [story.journal])
    await story.does(desk.reporter, "dossier create", name="Écluses")
    text = "Morvaldine verse des commissions"
    await story.does(desk.reporter, "tip add", text=text, origin="Bistrelle", sensitive=True, dossier="Écluses")
    await story.does(desk.reporter, "tip note", tip="1", text="Carvenelle confirme")
    blind.hide_name("Morvaldine")
    blind.hide("Bistrelle", "Carvenelle")
    await blind.look()
    assert story.cards() == []
    for member in (desk.reporter, desk.editor):
        assert text in (await story.does(member, "tip list")).text
        assert "1 tuyau" in (await story.does(member, "search", query="morvaldine")).text
        assert "1 tuyau" in (await story.does(member, "dossier show", dossier="Écluses")).text
    assert "1 tuyau" not in (await story.does(colleague, "dossier show", dossier="Écluses")).text
    await story.does(desk.editor, "tip assign", tip="1", member=colleague)
    assert text in (await story.does(colleague, "tip show", tip="1")).text


async def test_a_tip_that_becomes_sensitive_is_hidden_where_it_was_shown(story: Story) -> None:
    desk = story.desk
    await story.does(desk.reporter, "tip add", text="Morvaldine verse des commissions", origin="Bistrelle")
    (card,) = story.cards()
    assert "Morvaldine" in words_of(card)
    form = await story.does(desk.reporter, "tip edit", tip="1")
    await story.sends(desk.reporter, form, {"sensitive": "yes"})
    assert story.cards() == [card]
    assert not re.search("Morvaldine|Bistrelle", words_of(card))


async def test_a_message_becomes_a_fact_that_cites_its_author_its_link_and_its_date(story: Story) -> None:
    desk = story.desk
    message = desk.editor.post(desk.announcements, "Trabuquet a remporté le marché de l'écluse")
    form = await desk.reporter.context_menu("Noter comme fait", message)
    await story.sends(desk.reporter, form, {"claim": "Trabuquet a le marché"})
    (cited,) = desk.rows("SELECT kind, url, origin, quote FROM citation")
    link = f"https://discord.com/channels/{desk.guild.id}/{desk.announcements.id}/{message.id}"
    assert (cited["kind"], cited["url"], cited["quote"]) == ("message", link, message.content)
    written = message.created_at.astimezone(PARIS).isoformat(timespec="minutes")
    assert all(part in cited["origin"] for part in ("Paul", str(desk.editor.id), written))
    form = await desk.reporter.context_menu("Noter comme tuyau", message)
    await story.sends(desk.reporter, form, {})
    (tip,) = desk.rows("SELECT text, origin, origin_url, heard FROM tip_revision")
    assert (tip["text"], tip["origin_url"]) == (message.content, link)
    assert (tip["origin"], tip["heard"]) == (cited["origin"], written)


async def test_the_button_of_an_announcement_logs_a_fact_that_cites_its_notice(story: Story) -> None:
    desk = story.desk
    desk.boamp.records.append(
        fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    )
    (announced,) = await desk.shown(1)
    form = await desk.reporter.click(announced, label="Noter comme fait")
    await story.sends(desk.reporter, form, {})
    (cited,) = desk.rows("SELECT kind, url, title FROM citation")
    assert tuple(cited) == ("notice", "https://www.boamp.fr/pages/avis/?q=idweb:26-2", "Caméras-piétons")
    assert "caméra-piéton" in words_of(story.cards()[0])


async def test_search_folds_accents_and_apostrophes_and_counts_for_each_person(story: Story) -> None:
    desk = story.desk
    await story.is_told()
    await story.does(desk.reporter, "tip add", text="L\u2019écluse serait fermée", sensitive=True)
    colleague = desk.guild.add_member("Bruno", roles=[desk.roles["reporter"]])
    counts = {}
    for member in (desk.reporter, desk.editor, colleague, desk.admin):
        found = [await story.does(member, "search", query=query) for query in ("ecluses", "ÉCLUSE", "trabuquet signe")]
        counts[member.name] = [reply.embeds[0]["title"] for reply in found]
    everything = ["1 fait et 1 tuyau", "1 fait et 1 tuyau", "1 fait et 1 tuyau"]
    open_to_all = ["1 fait", "1 fait", "1 fait et 1 tuyau"]
    assert counts == {"Nadia": everything, "Paul": everything, "Bruno": open_to_all, "Ada": open_to_all}
    await story.strangers.look()


async def test_the_command_line_exports_the_same_files_beside_the_running_bot(story: Story, tmp_path: Path) -> None:
    desk = story.desk
    await story.is_told()
    attached = files_of(await story.does(desk.editor, "fact export"))
    out = tmp_path / "export"
    config = desk.folder / "config.toml"
    asked = ("--guild", desk.guild.id, "--out", out, "--include-sensitive", "--config", config)
    ended = await vigie_beside("export", "facts", *asked)
    assert ended.returncode == 0, ended.stderr
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    manifests = [json.loads(files.pop("manifest.json")) for files in (attached, written)]
    assert written == attached
    for manifest in manifests:
        # The second export comes behind the entry that the first one left in the audit log.
        del manifest["exported_by"], manifest["exported_at"], manifest["audit_head"], manifest["manifest_sha256"]
    assert manifests[0] == manifests[1]


async def test_a_watchlist_goes_to_another_newsroom_and_back_byte_for_byte(story: Story) -> None:
    desk, other = story.desk, story.other
    added = await desk.reporter.slash(
        "watch add",
        desk.announcements,
        kind="company",
        name="Trabuquet; fils, « neveux »",
        aliases="TRABUQUET FRANCE; +33 Trabuquet",
        identifiers="552 100 554",
        any_of='écluse OR "pont, bascule"',
        none_of="tri; =écluses",
        priority="digest",
        ref="=A1",
        note='Il dit : "non"',
    )
    assert "Trabuquet" in added.text
    first = files_of(await story.does(desk.reporter, "watch export"))["watchlist.csv"]
    assert records(first)
    imported = await other.editor.slash(
        "watch import", other.channel, file=other.editor.upload("liste.csv", first, "text/csv")
    )
    assert "3" in imported.text
    second = files_of(await other.reporter.slash("watch export", other.channel))["watchlist.csv"]
    assert second == first
