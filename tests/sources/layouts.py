"""The made-up payload of a source, taken apart into entries and put together again, whatever its form."""

from __future__ import annotations

import copy
import csv
import functools
import gzip
import io
import json
import re
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sources import Form, Layout, Source, sources

SAMPLES = Path(__file__).parent / "samples"
TOMORROW = "tomorrows_field"
"""A field that no layout names."""

_TAG = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[?!].*?>|<(/?)([\w:.-]+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>", re.DOTALL
)
_COUNT = re.compile(r"(<\w*(?:number|count|total)\w*>\s*)(\d+)", re.IGNORECASE)


class Sample(ABC):
    """Hold the sample of a source: its entries, and what a test does to them.

    Entries are values: what changes one returns another. Paths are those of the layout.
    """

    def __init__(self, raw: bytes, layout: Layout) -> None:
        self.raw = raw
        self.layout = layout
        self.entries: list[Any] = []

    @abstractmethod
    def payload(self, entries: Sequence[Any]) -> bytes:
        """Return a payload of these entries, otherwise like the sample.

        An envelope that announces how many entries there are goes on telling the truth; twice the same is one.
        """

    @abstractmethod
    def value(self, entry: Any, path: str) -> Any:
        """Return what stands at a path; raises LookupError where nothing does, a null included in what may stand."""

    @abstractmethod
    def without(self, entry: Any, path: str) -> Any:
        """Return the entry without the field at a path."""

    @abstractmethod
    def with_value(self, entry: Any, path: str, value: str) -> Any:
        """Return the entry with a text in the place of what stands at a path."""

    @abstractmethod
    def with_more(self, entry: Any, value: str = "1") -> Any:
        """Return the entry with one more field, of which nobody has heard."""

    def rewritten(self, change: Callable[[str], str], charset: str = "utf-8") -> bytes:
        """Return the payload with its text changed, in a charset."""
        return change(self.payload(self.entries).decode()).encode(charset)

    def has(self, entry: Any, path: str) -> bool:
        """Return whether a field stands in an entry."""
        try:
            self.value(entry, path)
        except LookupError:
            return False
        return True

    def id_of(self, entry: Any) -> str | None:
        """Return the id as it stands in an entry, None where it has none."""
        try:
            return str(self.value(entry, self.layout.id)).strip()
        except LookupError:
            return None


class JsonSample(Sample):
    """A JSON payload: an object around a list of objects, or that list."""

    def __init__(self, raw: bytes, layout: Layout) -> None:
        super().__init__(raw, layout)
        self._whole = json.loads(raw)
        self.entries = self._list(self._whole)

    def _list(self, whole: Any) -> list[Any]:
        for name in self.layout.entries.split(".") if self.layout.entries else ():
            whole = whole[name]
        assert isinstance(whole, list), "the layout's `entries` is no list in the sample"
        return whole

    def payload(self, entries: Sequence[Any]) -> bytes:
        whole = copy.deepcopy(self._whole)
        self._list(whole)[:] = entries
        return json.dumps(whole, ensure_ascii=False).encode()

    def value(self, entry: Any, path: str) -> Any:
        for name in path.split("."):
            entry = (entry if isinstance(entry, dict) else {})[name]
        return entry

    def without(self, entry: Any, path: str) -> Any:
        name, _, rest = path.partition(".")
        if rest:
            return entry | {name: self.without(entry[name], rest)}
        return {key: value for key, value in entry.items() if key != name}

    def with_value(self, entry: Any, path: str, value: str) -> Any:
        name, _, rest = path.partition(".")
        return entry | {name: self.with_value(entry[name], rest, value) if rest else value}

    def with_more(self, entry: Any, value: str = "1") -> Any:
        return {**entry, TOMORROW: value}


class CsvSample(Sample):
    """A CSV payload with a header; the layout's `entries` is its delimiter."""

    def __init__(self, raw: bytes, layout: Layout) -> None:
        super().__init__(raw, layout)
        text = raw.decode("utf-8-sig")
        self._bom = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
        self.entries = list(csv.DictReader(io.StringIO(text), delimiter=layout.entries))

    def payload(self, entries: Sequence[Any]) -> bytes:
        lines = io.StringIO()
        names = list(dict.fromkeys(name for entry in entries for name in entry)) or list(self.entries[0])
        writer = csv.DictWriter(lines, names, delimiter=self.layout.entries, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(entries)
        return (self._bom + lines.getvalue()).encode()

    def value(self, entry: Any, path: str) -> Any:
        return entry[path]

    def without(self, entry: Any, path: str) -> Any:
        return {name: value for name, value in entry.items() if name != path}

    def with_value(self, entry: Any, path: str, value: str) -> Any:
        assert path in entry
        return entry | {path: value}

    def with_more(self, entry: Any, value: str = "1") -> Any:
        return {**entry, TOMORROW: value}


@dataclass(slots=True)
class Element:
    """Hold where an element of an XML text stands: from its tag to its end, and what it holds."""

    name: str
    start: int
    inner: int
    attributes: str = ""
    inner_end: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def below(self, name: str) -> Element | None:
        """Return the first child of a name, else the first descendant that is nearest."""
        level = self.children
        while level:
            if found := next((child for child in level if child.name == name), None):
                return found
            level = [child for element in level for child in element.children]
        return None

    def named(self, name: str) -> list[Element]:
        """Return the elements of a name, none inside another one."""
        if self.name == name:
            return [self]
        return [found for child in self.children for found in child.named(name)]


def elements_of(text: str) -> Element:
    """Return where the elements of an XML text stand, below a nameless root; XML 1.1 and broken characters included."""
    root = Element("", 0, 0)
    opened = [root]
    for found in _TAG.finditer(text):
        if found[2] is None:
            continue
        name = found[2].rpartition(":")[2]
        if found[1]:
            element = opened.pop()
            element.inner_end, element.end = found.start(), found.end()
            continue
        element = Element(name, found.start(), found.end(), found[3])
        opened[-1].children.append(element)
        if found[4]:
            element.inner_end = element.end = found.end()
        else:
            opened.append(element)
    root.inner_end = root.end = len(text)
    return root


class XmlSample(Sample):
    """An XML payload; its entries are texts, each one element of the name that the layout's `entries` gives."""

    def __init__(self, raw: bytes, layout: Layout) -> None:
        super().__init__(raw, layout)
        text = raw.decode("utf-8-sig")
        found = elements_of(text).named(layout.entries)
        self.entries = [text[element.start : element.end] for element in found]
        self._before = text[: found[0].start] if found else text
        self._after = text[found[-1].end :] if found else ""

    def payload(self, entries: Sequence[Any]) -> bytes:
        count = len(set(entries))
        before = _COUNT.sub(
            lambda found: f"{found[1]}{count if int(found[2]) == len(self.entries) else found[2]}", self._before
        )
        return (before + "\n".join(entries) + self._after).encode()

    def value(self, entry: Any, path: str) -> Any:
        element, attribute = self._at(entry, path)
        if attribute is not None:
            return attribute[2]
        return re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", entry[element.inner : element.inner_end])

    def without(self, entry: Any, path: str) -> Any:
        element, attribute = self._at(entry, path)
        start, end = (attribute.start(), attribute.end()) if attribute else (element.start, element.end)
        return entry[:start] + entry[end:]

    def with_value(self, entry: Any, path: str, value: str) -> Any:
        element, attribute = self._at(entry, path)
        if attribute is not None:
            return entry[: attribute.start(2)] + value + entry[attribute.end(2) :]
        if element.inner_end == element.end:
            name = re.match(r"<([\w:.-]+)", entry[element.start :])[1]  # type: ignore[index]  # a tag begins there
            return f"{entry[: element.start]}<{name}>{value}</{name}>{entry[element.end :]}"
        return entry[: element.inner] + value + entry[element.inner_end :]

    def with_more(self, entry: Any, value: str = "1") -> Any:
        element = elements_of(entry).children[0]
        return f"{entry[: element.inner]}<{TOMORROW}>{value}</{TOMORROW}>{entry[element.inner :]}"

    def _at(self, entry: str, path: str) -> tuple[Element, re.Match[str] | None]:
        element = elements_of(entry).children[0]
        for name in path.split("."):
            if name.startswith("@"):
                pattern = re.compile(rf"\s(?:\w+:)?{re.escape(name[1:])}\s*=\s*([\"'])(.*?)\1", re.DOTALL)
                if found := pattern.search(entry, element.start, element.inner):
                    return element, found
                raise LookupError(path)
            below = element.below(name)
            if below is None:
                raise LookupError(path)
            element = below
        return element, None


class ArchiveSample(Sample):
    """A gzipped TAR; its entries are the members whose root is the element that the layout's `entries` names."""

    def __init__(self, raw: bytes, layout: Layout) -> None:
        super().__init__(raw, layout)
        self._others: list[tuple[str, bytes]] = []
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            for member in archive:
                if (content := archive.extractfile(member)) is None:
                    continue
                body = content.read()
                if elements_of(body.decode()).named(layout.entries):
                    self.entries.append((member.name, body.decode()))
                else:
                    self._others.append((member.name, body))

    def payload(self, entries: Sequence[Any]) -> bytes:
        return self._packed([(name, text.encode()) for name, text in entries])

    def rewritten(self, change: Callable[[str], str], charset: str = "utf-8") -> bytes:
        return self._packed([(name, change(text).encode(charset)) for name, text in self.entries])

    def _packed(self, files: Sequence[tuple[str, bytes]]) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, body in [*self._others, *files]:
                member = tarfile.TarInfo(name)
                member.size = len(body)
                archive.addfile(member, io.BytesIO(body))
        return gzip.compress(packed.getvalue(), mtime=0)

    def _one(self, entry: Any) -> XmlSample:
        return XmlSample(entry[1].encode(), self.layout)

    def _with(self, entry: Any, one: XmlSample, changed: str) -> tuple[str, str]:
        return entry[0], one.payload([changed]).decode()

    def value(self, entry: Any, path: str) -> Any:
        one = self._one(entry)
        return one.value(one.entries[0], path)

    def without(self, entry: Any, path: str) -> Any:
        one = self._one(entry)
        return self._with(entry, one, one.without(one.entries[0], path))

    def with_value(self, entry: Any, path: str, value: str) -> Any:
        one = self._one(entry)
        return self._with(entry, one, one.with_value(one.entries[0], path, value))

    def with_more(self, entry: Any, value: str = "1") -> Any:
        one = self._one(entry)
        return self._with(entry, one, one.with_more(one.entries[0], value))


_KINDS: dict[Form, type[Sample]] = {
    Form.JSON: JsonSample,
    Form.CSV: CsvSample,
    Form.XML: XmlSample,
    Form.ARCHIVE: ArchiveSample,
}


@functools.cache
def sample_of(name: str) -> Sample:
    """Return the sample of a source: the only file `samples/<name>.*`."""
    found = sorted(SAMPLES.glob(f"{name}.*"))
    assert len(found) == 1, f"tests/sources/samples/{name}.* must be one file, there are {len(found)}"
    kind = sources()[name]
    return _KINDS[kind.layout.form](found[0].read_bytes(), kind.layout)


@functools.cache
def source_of(name: str) -> Source:
    """Return a source as its own settings make it, of a family a member."""
    kind = sources()[name]
    if kind.is_family:
        return kind("https://editeur.example/flux", member="essai")
    return kind(secret="made-up-key" if kind.secret else None)
