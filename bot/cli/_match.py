"""`vigie match`: a watchlist tried on notices, offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._terminal import (
    STANDARD_INPUT,
    Status,
    command,
    emphasised,
    opened,
    progress,
    put,
    say,
    tell_query,
    terminal_texts,
)
from bot.errors import QueryError, UserError

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
    is 1. A wrong query ends it with status 2 before any notice is read.
    """
    from bot import notice_lines  # noqa: PLC0415  # help needs none of it
    from bot.watchlist import csv_file  # noqa: PLC0415

    texts = terminal_texts()
    if watchlist == notices == STANDARD_INPUT:
        raise UserError("cli-standard-input-twice")
    with opened(watchlist) as stream:
        read = csv_file.read(stream)
    for bad in read.bad_lines:
        say(texts("cli-bad-line", file=str(watchlist), line=bad.line, reason=texts.error(bad.reason)))
    matcher = _matcher(read, watchlist)
    if matcher is None:
        return Status.USED_WRONGLY
    write = _put_json if as_json else _put_words
    lines = bad_lines = hits = 0
    with opened(notices) as stream, progress(texts("cli-match-progress"), stream) as advance:
        for line in notice_lines.read(stream):
            if line.notice is None:
                bad_lines += 1
                say(texts("cli-bad-line", file=str(notices), line=line.line, reason=line.problem))
            else:
                lines += 1
                for hit in matcher.find(line.notice):
                    hits += 1
                    write(hit)
            advance(line.size)
    items = texts.plural("cli-match-items", len(read.entries))
    read_notices, found = texts.plural("cli-match-notices", lines), texts.plural("cli-match-hits", hits)
    say(texts("cli-match-done", items=items, notices=read_notices, hits=found))
    return Status.BAD_DATA if bad_lines or read.bad_lines else Status.DONE


def _matcher(read: Watchlist, path: Path) -> Matcher | None:
    """Return the automaton over a watchlist, or None when a query is wrong: each one is shown, with the place."""
    from bot.matching import Matcher, check  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    is_wrong = False
    for entry in read.entries:
        try:
            check(entry.item)
        except QueryError as error:
            is_wrong = True
            say(texts("cli-bad-query", file=str(path), line=entry.line))
            tell_query(error)
    return None if is_wrong else Matcher([entry.offline_item() for entry in read.entries])


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
