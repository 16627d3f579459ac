"""A tip erased: its words are sought in every file that the bot ever wrote, and in all that Discord still holds."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.loopback import Channel, Message, Reply
from tests.bytes_left import found_in
from tests.command_line import DONE, vigie_beside
from tests.e2e.world import PATIENCE_S, World, words_of

OPEN = ("Varnoquel", "Mervaudic", "mi-novembre 2013", "Hélicanthe", "Zirconelle", "Trabuquet", "Paldurance")
"""Of the open tip: text, origin, when it was heard, the second version, why, a note, what was typed into a form."""
SENSITIVE = ("Morvaldine", "Bistrelle", "Carvenelle", "Quibertas")
"""Of the sensitive one: text, origin, a note, what was typed into a form."""
CANARIES = (*OPEN, *SENSITIVE)
CLAIM = "La ville a signé le marché de l'écluse"


@dataclass
class Desk:
    """A newsroom without sources, with a log channel and a dossier that has a channel of its own."""

    world: World
    journal: Channel
    affair: Channel

    async def does(self, who: str, command: str, /, **options: Any) -> Reply:
        """Let the reporter or the editor use a command."""
        member = {"reporter": self.world.reporter, "editor": self.world.editor}[who]
        return await member.slash(command, self.world.announcements, **options)

    async def erases(self, tip: int) -> Reply:
        asked = await self.does("editor", "tip erase", tip=str(tip))
        assert not any(word in asked.text for word in CANARIES)
        return await self.world.editor.click(asked, label="Effacer pour toujours")

    async def until_settled(self) -> None:
        """Wait until the outbox owes nothing, and nothing is left to be taken out."""
        await self.world.until_settled()
        async with asyncio.timeout(PATIENCE_S):
            while self.world.rows("SELECT 1 FROM announcement WHERE is_withdrawn AND state <> 'withdrawn'"):
                await asyncio.sleep(0.02)

    def posted(self) -> list[Message]:
        """Return what Discord holds of the bot's, in every channel."""
        return [message for channel in self.world.guild.channels for message in self.world.posted(channel)]

    def shown(self, words: Iterable[str]) -> list[str]:
        """Return which words stand in messages of the bot's."""
        standing = "\n".join(words_of(message) for message in self.posted()).casefold()
        return [word for word in words if word.casefold() in standing]

    def left(self, words: Iterable[str]) -> list[str]:
        """Return which words stand in a file that the bot wrote; what Discord keeps for the checker is none."""
        return found_in(self.world.folder, words, but=[self.world.folder / "truth.jsonl"])


@pytest.fixture
async def house(desk: World) -> Desk:
    config = desk.configure()
    config.write_text(config.read_text("utf-8").replace("enabled = true", "enabled = false"), encoding="utf-8")
    temporary = desk.folder / "tmp"
    temporary.mkdir()
    desk.environment["TMPDIR"] = str(temporary)
    copy = desk.folder / "vigie.sqlite3.before-0001"
    copy.write_text("\n".join(CANARIES), encoding="utf-8")
    long_ago = (desk.now() - timedelta(days=31)).timestamp()
    os.utime(copy, (long_ago, long_ago))
    journal, affair = desk.guild.add_channel("journal"), desk.guild.add_channel("affaire")
    await desk.started()
    await desk.set_up()
    await desk.admin.slash("setup", desk.announcements, log=journal)
    made = Desk(desk, journal, affair)
    await made.does("reporter", "dossier create", name="Écluses", channel=affair)
    return made


async def vigie(house: Desk, *arguments: object) -> str:
    ended = await vigie_beside(*arguments, "--config", house.world.folder / "config.toml")
    assert ended.returncode == DONE, ended.stderr
    return ended.stdout


async def live_through(house: Desk) -> None:
    """Log an open and a sensitive tip, and have their words go everywhere where words of tips go."""
    world = house.world
    await house.does(
        "reporter", "tip add", text="Varnoquel paie " + "beaucoup " * 300, origin="Mervaudic", heard="mi-novembre 2013"
    )
    await house.does("reporter", "tip add", text="Morvaldine verse", origin="appel de Bistrelle", sensitive=True)
    await house.does("reporter", "tip note", tip="2", text="Carvenelle confirme")
    form = await house.does("reporter", "tip edit", tip="1")
    await world.reporter.submit(form, {"text": "Hélicanthe paie Varnoquel", "reason": "Zirconelle rappelle"})
    await house.does("editor", "tip note", tip="1", text="Trabuquet dément")
    for tip in ("1", "2"):
        await house.does("reporter", "dossier add", dossier="Écluses", thing=f"tuyau {tip}")
    await house.until_settled()
    assert {channel.name for channel in world.guild.channels if world.posted(channel)} >= {"journal", "affaire"}
    scheduled = {"channel": world.announcements, "every": "daily", "at": "06:00"}
    await house.does("reporter", "tip add", text="Varnoquel, encore, sans dossier")
    await house.does("editor", "digest schedule", **scheduled)
    await house.does("editor", "digest now", digest="1")
    await house.until_settled()
    assert house.shown(["Varnoquel"])
    for word in ("varnoquel", "morvaldine"):
        assert "tuyau" in (await house.does("editor", "search", query=word)).text
    await house.does("editor", "tip list")
    # Forms that were opened, one of them refused with words in it, and left alone.
    await house.does("reporter", "tip promote", tip="1")
    form = await house.does("reporter", "tip edit", tip="2")
    await world.reporter.submit(form, {"text": "Morvaldine verse à Quibertas", "heard": "le 45 mai"})
    form = await house.does("editor", "tip edit", tip="1")
    await world.editor.submit(form, {"text": "Paldurance, vu par Varnoquel", "heard": "le 45 mai"})
    form = await house.does("reporter", "tip promote", tip="1")
    await world.reporter.submit(form, {"claim": CLAIM, "source": "Journal officiel"})
    await house.until_settled()


async def test_no_word_of_an_erased_tip_is_left_anywhere(house: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    world, away = house.world, tmp_path_factory.mktemp("away")
    await live_through(house)
    assert {line.split(" in ")[0] for line in house.left(CANARIES)} == set(CANARIES)
    await vigie(house, "export", "tips", "--guild", world.guild.id, "--out", away / "before", "--include-sensitive")
    await vigie(house, "backup", away / "avant.sqlite3")

    replies = [(await house.erases(tip)).text for tip in (1, 2, 3)]
    assert all("avant.sqlite3" in text and "en ligne de commande" in text for text in replies)
    assert "le fait n°\u00a01" in replies[0]
    assert not any(word in text for word in CANARIES for text in replies)
    await house.until_settled()
    assert house.shown(CANARIES) == []
    assert house.left(CANARIES) == []
    assert CLAIM in "\n".join(words_of(message) for message in house.posted())

    await vigie(house, "export", "tips", "--guild", world.guild.id, "--out", away / "after", "--include-sensitive")
    await vigie(house, "export", "facts", "--guild", world.guild.id, "--out", away / "after-facts")
    await vigie(house, "backup", away / "après.sqlite3")
    await vigie(house, "verify", world.database)
    assert await world.bots[-1].stop() == 0
    await world.started()
    assert await world.bots[-1].stop() == 0
    kept = [away / "avant.sqlite3", *(away / "before").iterdir()]
    assert found_in(away, CANARIES, but=kept) == []
    assert house.left(CANARIES) == []


KILLS = (
    "tip.erase: before commit",
    "tip.erase: after commit",
    "discord.delete: before",
    "discord.delete: after",
    "delivery.withdrawn: before commit",
)


async def test_a_kill_at_any_point_leaves_a_tip_whole_or_nothing_of_it(house: Desk) -> None:
    world = house.world
    for number, name in enumerate(KILLS, 1):
        await house.does("reporter", "tip add", text=f"Varnoquel{number:03} paie pour « {name} »")
    await house.until_settled()
    assert await world.bots[-1].stop() == 0
    for number, name in enumerate(KILLS, 1):
        canary = f"Varnoquel{number:03}"
        bot = await world.started(VIGIE_CRASH_AT=name)
        erasing = asyncio.create_task(house.erases(number))
        await bot.gone()
        erasing.cancel()
        await asyncio.gather(erasing, return_exceptions=True)
        await world.started()
        is_erased = bool(world.rows("SELECT 1 FROM tip WHERE id = ? AND erased_at IS NOT NULL", number))
        assert is_erased == (name != KILLS[0])
        if not is_erased:
            assert house.shown([canary]) == [canary]
            assert canary in (await house.does("editor", "tip show", tip=str(number))).text
            await house.erases(number)
        await house.until_settled()
        assert (house.shown([canary]), house.left([canary])) == ([], [])
        assert await world.bots[-1].stop() == 0
    await vigie(house, "verify", world.database)
    with sqlite3.connect(world.database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        (openings,) = connection.execute(
            """
            SELECT count(*) FROM audit_opening JOIN audit USING (guild_id, number)
            WHERE subject GLOB 'tip:*' AND action <> 'tip erase'
            """
        ).fetchone()
    connection.close()
    assert openings == 0
