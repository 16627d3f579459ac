"""How soon after the source's answer its messages are at Discord's door, and what 500 due ones cost (`make bench`).

The real bot, a process of its own, stands between a loopback BOAMP and a loopback Discord with Discord's rate limits.
Both loopbacks run in this process, and their own work (every body is checked) is in the figures.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from bot.matching import Matcher
from bot.sources.boamp import Boamp
from tests.e2e.world import Bot
from tests.latency_world import LargeNewsroom, Size, large_newsroom

SIZE = Size(
    items=int(os.environ.get("BENCH_ITEMS", "10000")),
    stored=int(os.environ.get("BENCH_NOTICES", "100000")),
)
POLLS = 3
POLL_GOAL_S, COMMAND_GOAL_S = 2.0, 0.15
PATIENCE_S = 120.0
IDLE_COMMANDS = 30
IDLE_CPU_S = 0.05
BUSY = 1.3
"""How many times as long as it uses the processor work takes on a machine that is not free: seconds say little then."""
PEOPLE, PAUSE_S = 4, 0.05
MESSAGES = "/channels/{channel_id}/messages"
CHANNEL_TAKES, CHANNEL_WINDOW_S, BOT_TAKES = 5, 5, 50


def latency_lines() -> Iterator[str]:
    """Yield a line for each figure; takes a minute or so."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        yield from asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[str]:
    async with large_newsroom(folder, SIZE) as room:
        head = (
            f"latency with {SIZE.items} items and {SIZE.stored} stored notices, at Discord's rate limits: polls of"
            f" {SIZE.polled} notices with {SIZE.hits} hits over {SIZE.channels} channels ({SIZE.hits // SIZE.channels}"
            f" each), an item added right before; {SIZE.due} announcements due over {SIZE.due_channels} channels;"
            f" {_load()} before"
        )
        bot = await room.desk.started()
        await _until_idle(bot)
        polls, idle = [], list[float]()
        for _ in range(POLLS):
            polls.append(await _poll(room, bot))
            # Meanwhile the channels' windows end: what is measured is the bot, not what Discord lets it send.
            idle += await _use_commands(room, CHANNEL_WINDOW_S / IDLE_COMMANDS, lambda used: used == IDLE_COMMANDS)
        floor, used = await asyncio.to_thread(_parsed_and_matched, room)
        lines = [head, *_poll_lines(polls, floor, used), *await _due_lines(room, bot, idle)]
        await bot.stop()
        return [*lines, f"  {_load()} after"]


@dataclass(frozen=True, slots=True)
class Poll:
    """Hold how long after the last byte each message came, and what the bot's processors did meanwhile, in seconds."""

    latencies: Sequence[float]
    cpu_s: float


async def _poll(room: LargeNewsroom, bot: Bot) -> Poll:
    desk = room.desk
    await desk.reporter.slash("watch add", desk.announcements, kind="company", name=f"Ajout {next(room.numbers)} SAS")
    named = room.publish()
    desk.boamp.answered.clear()
    before, cpu_s = len(desk.platform.requests), _cpu_s(bot)
    await desk.admin.slash("source check", desk.announcements, source="boamp", wait_s=PATIENCE_S)
    await desk.until_settled(PATIENCE_S)
    channels = {str(channel.id) for channel in room.channels}
    posted = [
        request
        for request in desk.platform.requests[before:]
        if (request.method, request.route) == ("POST", MESSAGES) and request.path.split("/")[2] in channels
    ]
    if len(posted) != len(named):
        raise AssertionError(f"{len(posted)} messages for {len(named)} hits")
    return Poll([request.at - desk.boamp.answered[-1] for request in posted], _cpu_s(bot) - cpu_s)


def _poll_lines(polls: Sequence[Poll], floor: float, used: float) -> Iterator[str]:
    first, later = polls[0], polls[1:]
    every = [latency for poll in polls for latency in poll.latencies]
    p95 = _percentile(every, 95)
    yield (
        f"  from the source's answer to the message: {_figures(every)}; p95 {p95 / floor:.2f} times parsing and"
        f" matching that answer alone ({floor:.2f} s), goal {POLL_GOAL_S:g} s: {_verdict(p95, POLL_GOAL_S)}"
    )
    yield (
        f"    that floor used the processor for {used:.2f} s: everything took {floor / used:.1f} times its time here"
        if floor > BUSY * used
        else f"    that floor used the processor for {used:.2f} s: the machine was free"
    )
    yield (
        f"    the first poll of the process: {_figures(first.latencies)}, {first.cpu_s:.1f} s of processor;"
        f" the later ones: {statistics.median(poll.cpu_s for poll in later):.1f} s each"
    )


def _parsed_and_matched(room: LargeNewsroom) -> tuple[float, float]:
    """Return the seconds that parsing the last answer and matching it takes here, by the clock and of the processor."""
    pages = [json.dumps({"total_count": 100, "results": list(page)}).encode() for page in _hundreds(room)]
    source, matcher = Boamp(), Matcher(room.items)
    start, used = time.perf_counter(), time.thread_time()
    for page in pages:
        for notice in source.parse(page).notices:
            matcher.find_apart(notice)
    return time.perf_counter() - start, time.thread_time() - used


def _hundreds(room: LargeNewsroom) -> Iterator[Sequence[object]]:
    records = iter(room.desk.boamp.records)
    while page := list(itertools.islice(records, 100)):
        yield page


async def _use_commands(room: LargeNewsroom, pause_s: float, is_over: Callable[[int], bool]) -> list[float]:
    """Have people use one command after the other, with a pause after each, until it is over after so many of one's.

    Return how long the first answer to each took, from the interaction to the answer at Discord's door.
    """
    known = room.desk.platform.interactions.by_token
    before = len(known)

    async def use(first: int) -> None:
        ways = itertools.cycle((*_ways(room)[first:], *_ways(room)[:first]))
        for number in itertools.count(1):
            await next(ways)()
            await asyncio.sleep(pause_s)
            if is_over(number):
                break

    await asyncio.gather(*(use(2 * person) for person in range(PEOPLE)))
    took = [interaction.took for interaction in list(known.values())[before:]]
    return [seconds for seconds in took if seconds is not None]


def _ways(room: LargeNewsroom) -> Sequence[Callable[[], Awaitable[object]]]:
    person, channel = room.desk.reporter, room.desk.announcements
    return (
        lambda: person.slash("watch list", channel),
        lambda: person.autocomplete("watch show", option="item", typed="va", channel=channel),
        lambda: person.slash("search", channel, query="vidéo gardiennage"),
        lambda: person.autocomplete("watch mute", option="item", typed="to", channel=channel),
        lambda: person.slash("tip add", channel, text="La mairie achèterait d'autres caméras."),
    )


async def _due_lines(room: LargeNewsroom, bot: Bot, idle: Sequence[float]) -> Sequence[str]:
    """Have what became due at once sent, with commands used meanwhile; setting up again wakes the delivery."""
    desk, platform = room.desk, room.desk.platform
    await room.owe()
    before, cpu_s = len(platform.created), _cpu_s(bot)
    await desk.set_up()
    is_sent = asyncio.create_task(desk.until_settled(PATIENCE_S))
    meanwhile = await _use_commands(room, PAUSE_S, lambda _: is_sent.done())
    await is_sent
    cpu_s = _cpu_s(bot) - cpu_s
    posted = [message for message in platform.created[before:] if message["via"] == "post"]
    codes = {message["embeds"][0]["footer"]["text"] for message in posted}
    if len(posted) != SIZE.due or len(codes) != SIZE.due:
        raise AssertionError(f"{len(posted)} messages, {len(codes)} different ones, for {SIZE.due} due")
    moments = [datetime.fromisoformat(message["at"]) for message in posted]
    took, floor = (max(moments) - min(moments)).total_seconds(), _floor_s(SIZE.due, SIZE.due_channels)
    refused = sum(request.status == HTTPStatus.TOO_MANY_REQUESTS for request in platform.requests)
    slow, usual = _percentile(meanwhile, 99), _percentile(idle, 99)
    sent = (
        f"  {SIZE.due} due at once: each sent once, in {took:.1f} s, {took / floor:.2f} times what the limits allow"
        f" ({floor:.0f} s: {BOT_TAKES} requests a second for a bot, {CHANNEL_TAKES} messages in {CHANNEL_WINDOW_S} s"
        f" and channel); refused with 429 in this run: {refused}, goal 0: {_verdict(refused, 0)}"
    )
    answered = (
        f"  commands of {PEOPLE} people meanwhile, first answer: {_in_ms(meanwhile)}; idle: {_in_ms(idle)}; p99"
        f" {slow / usual:.1f} times idle, goal {COMMAND_GOAL_S * 1_000:.0f} ms: {_verdict(slow, COMMAND_GOAL_S)};"
        f" both used the processor for {cpu_s:.1f} s"
    )
    return sent, answered


def _floor_s(number: int, channels: int) -> float:
    """Return the seconds that pass at least between the first and the last of so many messages."""
    of_bot = math.ceil(number / BOT_TAKES) - 1
    of_channel = (math.ceil(math.ceil(number / channels) / CHANNEL_TAKES) - 1) * CHANNEL_WINDOW_S
    return float(max(of_bot, of_channel))


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _figures(values: Sequence[float]) -> str:
    return f"p50 {statistics.median(values):.2f}, p95 {_percentile(values, 95):.2f}, max {max(values):.2f} s"


def _in_ms(values: Sequence[float]) -> str:
    p50, p99, most = (
        round(value * 1_000) for value in (statistics.median(values), _percentile(values, 99), max(values))
    )
    return f"p50 {p50}, p99 {p99}, max {most} ms ({len(values)})"


def _verdict(value: float, goal: float) -> str:
    return "goal" if value <= goal else "MISSED"


def _load() -> str:
    """Say how many wanted the processors of this machine in the last minute; seconds and milliseconds depend on it."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _cpu_s(bot: Bot) -> float:
    """Return the seconds of processor that a bot took so far."""
    fields = Path(f"/proc/{bot.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _until_idle(bot: Bot) -> None:
    """Return once a bot that has started does nothing more: that it is slow to start is not the question."""
    before = -1.0
    while (now := _cpu_s(bot)) - before > IDLE_CPU_S:
        before = now
        await asyncio.sleep(1)


if __name__ == "__main__":
    for figure in latency_lines():
        print(figure)  # noqa: T201  # a report on the terminal
