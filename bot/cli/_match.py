"""`vigie match`: a watchlist tried on notices, offline."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock
from bot.cli._match_progress import counting, peak_memory
from bot.cli._terminal import (
    STANDARD_INPUT,
    Status,
    busy,
    command,
    emphasised,
    opened,
    put,
    say,
    tell_query,
    terminal_texts,
)
from bot.errors import QueryError, UserError

_BYTES_A_MEGABYTE = 1_000_000

if TYPE_CHECKING:
    from bot.matching import Matcher
    from bot.models import Hit
    from bot.watchlist.csv_file import Watchlist


@command
def match(
    watchlist: Annotated[Path, typer.Option(help="Watchlist, CSV in UTF-8; - for standard input.", metavar="FILE.csv")],
    notices: Annotated[Path, typer.Option(help="Notices, JSON lines; - for standard input.", metavar="FILE.jsonl")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print each hit as one JSON object a line.")] = False,
) -> Status:
    """Try a watchlist on notices, offline, and print the hits.

    A line of either file that cannot be read is named on standard error, the others count all the same, and the status
    is 1. A wrong query ends it with status 2 before any notice is read. How far it is, how fast it goes and how much
    memory it takes is told on standard error.
    """
    from bot import notice_lines  # noqa: PLC0415  # help needs none of it
    from bot.watchlist import csv_file  # noqa: PLC0415

    texts, time = terminal_texts(), clock.system()
    if watchlist == notices == STANDARD_INPUT:
        raise UserError("cli-standard-input-twice")
    start = time.now()
    with busy(texts("cli-match-reading")):
        with opened(watchlist) as stream:
            read = csv_file.read(stream)
        matcher = _matcher(read)
    _tell_doubts(read, watchlist)
    if matcher is None:
        _tell_wrong_queries(read, watchlist)
        return Status.USED_WRONGLY
    ready = time.now() - start
    write = _put_json if as_json else _put_words
    results_on_terminal = sys.stdout.isatty()
    bad_lines = 0
    with opened(notices) as stream, counting(stream, time) as tally:
        for line in notice_lines.read(stream):
            if line.notice is None:
                bad_lines += 1
                tally.make_way()
                say(texts("cli-bad-line", file=str(notices), line=line.line, reason=line.problem))
                tally.count(line.size, notices=0, hits=0)
            else:
                hits = matcher.find(line.notice)
                if hits and results_on_terminal:
                    tally.make_way()
                for hit in hits:
                    write(hit)
                tally.count(line.size, notices=1, hits=len(hits))
    rate, taken = tally.rate(), tally.taken()
    items = texts.plural("cli-match-items", len(read.entries))
    say(texts("cli-match-done", items=items, notices=tally.notices_read(), hits=tally.hits_found()))
    memory = texts.number(round(peak_memory() / _BYTES_A_MEGABYTE))
    say(texts("cli-match-cost", ready=_seconds(ready), taken=_seconds(taken), rate=rate, memory=memory))
    return Status.BAD_DATA if bad_lines or read.bad_lines else Status.DONE


def _matcher(read: Watchlist) -> Matcher | None:
    """Return the automaton over a watchlist, or None when a query is wrong."""
    from bot.matching import Matcher  # noqa: PLC0415  # help needs none of it

    try:
        return Matcher([entry.offline_item() for entry in read.entries])
    except QueryError:
        return None  # the first wrong one; the person is told of all


def _tell_doubts(read: Watchlist, path: Path) -> None:
    """Name the lines of a watchlist that cannot be read, and the numbers whose check digits are wrong, each once."""
    from bot.matching import read_identifier  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    for bad in read.bad_lines:
        say(texts("cli-bad-line", file=str(path), line=bad.line, reason=texts.error(bad.reason)))
    told = set()
    for entry in read.entries:
        for number in map(read_identifier, entry.item.identifiers):
            if number.valid is False and number.value not in told:
                told.add(number.value)
                values = {"file": str(path), "line": entry.line, "number": number.typed}
                if number.expected is None:
                    say(texts("cli-bad-number", **values))
                else:
                    say(texts("cli-bad-check-digits", **values, expected=number.expected))


def _tell_wrong_queries(read: Watchlist, path: Path) -> None:
    """Show every wrong query of a watchlist with the place of its fault."""
    from bot.matching import check  # noqa: PLC0415  # help needs none of it

    for entry in read.entries:
        try:
            check(entry.item)
        except QueryError as error:
            say(terminal_texts()("cli-bad-query", file=str(path), line=entry.line))
            tell_query(error)


def _seconds(span: timedelta) -> Decimal:
    """Return a span of time in seconds, with one decimal."""
    return Decimal(f"{span / timedelta(seconds=1):.1f}")


def _put_json(hit: Hit) -> None:
    put(json.dumps(hit.to_json(), ensure_ascii=False))


def _put_words(hit: Hit) -> None:
    texts = terminal_texts()
    kind, tier = texts.word("item-kind", hit.kind), texts.word("tier", hit.tier)
    rule = texts.word("rule", hit.rule)
    put(texts("cli-match-hit", notice=hit.notice, item=hit.ref or hit.term, kind=kind, tier=tier, rule=rule))
    before, matched, after = hit.snippet.partition(hit.matched)
    put(f"    {hit.field}: {_shown(before)}{emphasised(_shown(matched))}{_shown(after)}")


def _shown(part: str) -> str:
    """Return part of a snippet for a terminal, with the space that joins it to the next."""
    from bot.markup import plain  # noqa: PLC0415  # help needs none of it

    return f"{' ' * part[:1].isspace()}{plain(part)}{' ' * part[-1:].isspace()}" if part.strip() else part and " "
