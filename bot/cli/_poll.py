"""`vigie poll`: a saved payload read as its source would."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._terminal import Status, busy, command, opened, put, say, terminal_texts
from bot.errors import SourceError, UserError

if TYPE_CHECKING:
    from bot.models import Notice
    from bot.sources import Source

TITLE_CHARS = 120


@command
def poll(
    source: Annotated[str, typer.Argument(help="Name of the source, as in config.toml.", metavar="SOURCE")],
    payload: Annotated[
        Path, typer.Option("--from", help="Saved answer of that source; - for standard input.", metavar="FILE")
    ],
    *,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Keep notices of which a part is missing, and list what is.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each notice as one JSON object a line.")] = False,
) -> Status:
    """Read a saved payload as its source would and print the notices; needs no database and no network.

    Notices are JSON lines with --json and wherever standard output is no terminal.
    """
    texts = terminal_texts()
    reader = _source(source)
    with busy(texts("cli-poll-progress", source=source)), opened(payload) as stream:
        content = stream.read(reader.max_bytes + 1)
        if len(content) > reader.max_bytes:
            raise SourceError(texts("cli-payload-too-large", limit=reader.max_bytes))
        parsed = reader.parse(content, lenient=lenient)
    write = _put_json if as_json or not sys.stdout.isatty() else _put_words
    for notice in parsed.notices:
        write(notice)
    for loss in parsed.losses:
        if loss.notice:
            say(texts("cli-poll-loss", notice=loss.notice, field=loss.field, problem=loss.problem))
        else:
            say(texts("cli-poll-column-loss", field=loss.field, problem=loss.problem))
    if parsed.unknown_fields:
        say(texts("cli-poll-unknown-fields", fields=", ".join(sorted(parsed.unknown_fields))))
    say(texts.plural("cli-poll-read", len(parsed.notices), source=source))
    return Status.DONE


def _source(name: str) -> Source:
    from bot.sources import sources  # noqa: PLC0415  # help needs none of it

    known = sources()
    if name not in known:
        raise UserError("cli-unknown-source", name=name, known=", ".join(known))
    return known[name]()


def _put_json(notice: Notice) -> None:
    put(json.dumps(notice.to_json(), ensure_ascii=False))


def _put_words(notice: Notice) -> None:
    from bot.markup import plain  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    when = texts.when(notice.published) if notice.published else ""
    kind = texts.word("kind", notice.kind) if notice.kind else ""
    put(" · ".join(part for part in (when, kind, plain(notice.id), plain(notice.title, TITLE_CHARS)) if part))
