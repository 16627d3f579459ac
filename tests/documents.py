"""Write what is made from the sources' own words: docs/sources.md, its French twin, their tables in the example."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.locales import Language, Texts
from bot.locales.catalogue import typeset
from bot.sources import Source, describe, sources, told

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"
WIDTH = 120
COMMENT_COLUMN = 33
UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))

FIRST_TABLE = "[sources."
AFTER_TABLES = "# Publishers of your own."

INTRO = {
    Language.EN: """# Sources

What Vigie reads: what each source brings, how late, under which licence, and what it does not say. This page is made
from the sources themselves (`make docs`), as are their tables in `config.example.toml`.
[Lire en français](sources.fr.md).

A source is read when `config.toml` has its table with `enabled = true`. Its first reading is silent: what stands there
already is stored and can be searched, and only what comes after it is announced. `/source list` tells how each one is
doing, `/source show` all that is known of it, and `/source backfill` reads the history of those that have one.
""",
    Language.FR: """# Sources

Ce que lit Vigie : ce que chaque source apporte, avec quel délai, sous quelle licence, et ce qu'elle ne dit pas. Cette
page est tirée des sources elles-mêmes (`make docs`), comme leurs tables dans `config.example.toml`.
[Read in English](sources.md).

Une source est lue quand `config.toml` contient sa table avec `enabled = true`. La première lecture est silencieuse : ce
qui s'y trouve déjà est enregistré et peut être cherché ; seul ce qui vient ensuite est annoncé. `/source liste` dit
comment va chacune, `/source voir` tout ce que l'on en sait, et `/source historique` lit l'historique de celles qui en
ont un.
""",
}

LABELS = {
    Language.EN: {
        "publisher": "Publisher",
        "documentation": "Documentation",
        "licence": "Licence",
        "delay": "Delay",
        "caveats": "Gaps",
        "read": "Read",
        "every": "Time between two readings: {every}. Usual silence: {silence}.",
        "silence": "up to {quiet}",
        "silence_by_number": "it depends on what you watch",
        "register": "whole, and compared with the last reading: what is new, changed or gone",
        "window": "by day of publication; the history can be read too",
        "no_history": "as it stands: it has no history to read",
        "key": "Key",
        "key_from": "optional, from the environment variable `{name}`",
        "family": "as many as you name in tables `[[{table}]]`",
        "source": "Source",
        "name": "In `config.toml`",
    },
    Language.FR: {
        "publisher": "Éditeur",
        "documentation": "Documentation",
        "licence": "Licence",
        "delay": "Délai",
        "caveats": "Limites",
        "read": "Lecture",
        "every": "Temps entre deux lectures : {every}. Silence habituel : {silence}.",
        "silence": "{quiet} au plus",
        "silence_by_number": "il dépend de ce que vous surveillez",
        "register": "en entier, et comparée à la précédente : ce qui est nouveau, modifié ou parti",
        "window": "par jour de publication ; l'historique peut être lu aussi",
        "no_history": "dans son état du moment ; il n'y a pas d'historique à lire",
        "key": "Clé",
        "key_from": "facultative, tirée de la variable d'environnement `{name}`",
        "family": "autant de sources que vous y nommez, chacune dans une table `[[{table}]]`",
        "source": "Source",
        "name": "Dans `config.toml`",
    },
}


def sources_page(language: Language) -> str:
    """Return the page that tells a newsroom of every source, in one language."""
    kinds = sources().values()
    labels = LABELS[language]
    lines = [INTRO[language], f"| {labels['source']} | {labels['name']} | {labels['delay']} |", "|---|---|---|"]
    lines += [
        f"| [{kind.label}](#{anchor(kind)}) | {table_of(kind)} | {told(kind, french=language is Language.FR).delay} |"
        for kind in kinds
    ]
    for kind in kinds:
        lines += ["", *section(kind, language)]
    return typeset(language, "\n".join(lines)) + "\n"


def section(kind: type[Source], language: Language) -> Iterator[str]:
    """Yield what the page says of one source."""
    colon = " :**" if language is Language.FR else ":**"
    labels, meant, said = LABELS[language], told(kind, french=language is Language.FR), describe(kind)
    yield f'<a id="{anchor(kind)}"></a>'
    yield f"## {kind.label}"
    yield ""
    yield meant.about
    yield ""
    yield f"- **{labels['publisher']}{colon} {meant.publisher}"
    yield f"- **{labels['documentation']}{colon} {said.documentation}"
    yield f"- **{labels['licence']}{colon} {meant.licence}"
    yield f"- **{labels['delay']}{colon} {meant.delay}"
    yield f"- **{labels['caveats']}{colon} {meant.caveats}"
    how = "register" if kind.is_register else "no_history" if kind.step is None else "window"
    yield f"- **{labels['read']}{colon} {labels[how]}. {habit(kind, language)}"
    if kind.table is not None:
        yield f"- **{labels['name']}{colon} {labels['family'].format(table=kind.table)}"
    if kind.secret is not None:
        yield f"- **{labels['key']}{colon} {labels['key_from'].format(name=kind.secret)}"


def habit(kind: type[Source], language: Language) -> str:
    """Return how often a source is read, and how long it is usually silent."""
    labels, words = LABELS[language], Texts(language, ZoneInfo("UTC"))
    silence = labels["silence_by_number" if kind.by_identifier else "silence"]
    return labels["every"].format(
        every=words.duration(kind.default_every), silence=silence.format(quiet=words.duration(kind.quiet_limit))
    )


def example_tables() -> str:
    """Return the tables of the single sources as config.example.toml writes them out."""
    return "\n".join(
        "\n".join(example_table(name, kind)) + "\n" for name, kind in sources().items() if not kind.is_family
    )


def example_table(name: str, kind: type[Source]) -> Iterator[str]:
    """Yield the table of one source with its defaults."""
    yield from textwrap.wrap(
        f"{kind.label}: {told(kind, french=False).about}", WIDTH, initial_indent="# ", subsequent_indent="# "
    )
    if kind.secret is not None:
        yield f"# Its key, where you have one, is read from the environment variable {kind.secret}."
    yield f"[sources.{name}]"
    yield "enabled = true"
    yield f'every = "{duration(kind.default_every)}"'
    yield f'base_url = "{kind.default_base_url}"'
    yield f'pace = "{duration(kind.default_pace)}"'
    for key, texts in kind.options.items():
        yield f"{key} = {json.dumps(list(texts))}"


def example_with_tables(example: str) -> str:
    """Return config.example.toml with the tables of the sources as they now are."""
    before, after = example.partition("# Sources of Vigie.")[0], example[example.index(AFTER_TABLES) :]
    return f"{before}# Sources of Vigie. Written by `make docs`.\n\n{example_tables()}\n{after}"


def table_of(kind: type[Source]) -> str:
    """Return how config.toml names a source."""
    return f"`[[{kind.table}]]`" if kind.table is not None else f"`[sources.{kind.name}]`"


def anchor(kind: type[Source]) -> str:
    """Return the name by which a source's section is linked."""
    return kind.name.replace("_", "-")


def duration(length: timedelta) -> str:
    """Return a duration as config.toml writes it, in the largest unit that holds it whole."""
    seconds = length.total_seconds()
    unit, size = next((pair for pair in UNITS if seconds % pair[1] == 0 and seconds >= pair[1]), ("s", 1))
    return f"{seconds / size:g}{unit}"


DOCUMENTS: dict[Path, Callable[[], str]] = {
    ROOT / "docs" / "sources.md": lambda: sources_page(Language.EN),
    ROOT / "docs" / "sources.fr.md": lambda: sources_page(Language.FR),
    EXAMPLE: lambda: example_with_tables(EXAMPLE.read_text(encoding="utf-8")),
}
"""The files that are written, each with what makes it."""


def write() -> None:
    """Write all of them, and name each on standard output."""
    for path, make in DOCUMENTS.items():
        path.write_text(make(), encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write()
