"""Words looked for in every byte of files, in each form in which a program may have written them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from bot.matching import folded_words


def forms_of(word: str) -> set[bytes]:
    """Return a word as it may stand in a file: as typed, folded, in capitals, escaped, in UTF-8 and UTF-16."""
    texts = {word, word.casefold(), word.upper(), json.dumps(word)[1:-1], " ".join(folded_words(word))}
    # The index keeps a word without the beginning that it shares with the one before it.
    texts |= {text[3:] for text in texts if len(text) > 8 and " " not in text}
    return {text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le", "utf-16-be")}


def found_in(folder: Path, words: Iterable[str], *, but: Iterable[Path] = ()) -> list[str]:
    """Return which words stand in which files below a folder, leaving some files out."""
    wanted = {word: forms_of(word) for word in words}
    left_out = set(but)
    return sorted(
        f"{word} in {path.relative_to(folder)}"
        for path in folder.rglob("*")
        if path.is_file() and path not in left_out
        for data in (path.read_bytes(),)
        for word, forms in wanted.items()
        if any(form in data for form in forms)
    )
