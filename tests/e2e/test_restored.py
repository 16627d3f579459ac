"""A restore rehearsed: backed up while the bot writes, killed, put back; nothing is said twice, nothing is lost."""

from __future__ import annotations

import re

from bot.loopback.publishers.boamp_records import fns_notice
from tests.command_line import DONE, USED_WRONGLY, Ended, vigie_beside
from tests.e2e.world import World, in_days, today, words_of

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def publish(desk: World, *numbers: int) -> None:
    for number in numbers:
        objet = f"Caméras-piétons, lot {number}"
        desk.boamp.records.append(
            fns_notice(idweb=f"26-{number}", objet=objet, published=today(), deadline=in_days(12))
        )


async def vigie(desk: World, *arguments: object) -> Ended:
    return await vigie_beside(*arguments, "--config", desk.folder / "config.toml")


async def test_a_backup_made_while_the_bot_writes_is_put_back_and_nothing_is_announced_twice(running: World) -> None:
    copy = running.folder / "copy.sqlite3"
    publish(running, 1, 2)
    await running.shown(2)
    publish(running, *range(3, 9))
    assert (await vigie(running, "backup", copy)).returncode == DONE
    await running.reporter.slash("tip add", running.announcements, text="Le maire aurait signé")
    publish(running, 9, 10)
    await running.shown(10)
    refused = await vigie(running, "restore", copy)
    assert refused.returncode == USED_WRONGLY
    assert str(running.bots[-1].process.pid) in refused.stderr
    await running.bots[-1].kill()

    restored = await vigie(running, "restore", copy)
    assert restored.returncode == DONE, restored.stderr
    publish(running, 11)
    await running.started()
    await running.shown(11)
    await running.until_settled()

    codes = [code for message in running.posted() for code in CODE.findall(words_of(message))[-1:]]
    assert len(codes) == len(set(codes)) == 11
    states = running.rows("SELECT DISTINCT state FROM announcement WHERE kind = 'notice'")
    assert [row["state"] for row in states] == ["sent"]
    assert running.rows("SELECT count(*) AS number FROM tip")[0]["number"] == 0
    reply = await running.reporter.slash("tip add", running.announcements, text="Le maire a signé")
    assert "2001" in reply.text
