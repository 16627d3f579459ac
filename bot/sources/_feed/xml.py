"""Entries of RSS 0.9x, 1.0 and 2.0 and of Atom 0.3 and 1.0, read by the local names of their elements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from bot.sources._base import Form, Layout
from bot.sources._feed.items import ADDRESS_CHARS, Item, Items, Reader, language_of, moment, not_a_feed, title_of
from bot.sources._reading import strict_json, xml

LAYOUT = Layout(
    form=Form.XML,
    entries="item",
    id="",
    optional=(
        *("guid", "id", "link", "title", "description", "encoded", "summary", "content", "body"),
        *("pubDate", "published", "updated", "issued", "modified", "created", "date", "language"),
    ),
    ignored=(
        *("author", "contributor", "creator", "publisher", "rights", "category", "subject", "comments", "enclosure"),
        *("source", "in-reply-to", "logo", "icon", "generator"),
    ),
)
"""RSS and Atom together: no element has to be there, an id neither, and any may come from another namespace."""

_ATOM_ROOT = "feed"
_RSS_ROOTS = frozenset({"rss", "rdf"})
_ENTRIES = frozenset({"item", "entry"})
_ATOM = frozenset({"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"})
_MODULES = {
    "http://purl.org/dc/elements/1.1/": frozenset({"title", "description", "date", "language"}),
    "http://purl.org/dc/terms/": frozenset({"issued", "created", "modified", "date"}),
    "http://purl.org/rss/1.0/modules/content/": frozenset({"encoded"}),
    "http://www.w3.org/1999/xhtml": frozenset({"body", "div"}),
}
"""What is read of other vocabularies: their own titles and texts (of a picture, of a podcast) are not the entry's."""
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_TEXTS = ("description", "summary", "encoded", "content", "body", "div")
_MOMENTS = ("pubdate", "published", "issued", "date", "updated", "modified", "created")

Fields = defaultdict[str, list[Element]]


def items_of_xml(root: Element) -> Items:
    """Return the entries of a feed by its root; raises SourceError for what is no feed."""
    name = xml.local_name(root.tag).casefold()
    if name != _ATOM_ROOT and name not in _RSS_ROOTS:
        raise not_a_feed(f"its root is {name[:40]!r}")
    channel = next((child for child in root if xml.local_name(child.tag) == "channel"), None)
    if channel is None and name != _ATOM_ROOT:
        raise not_a_feed("it has no channel")
    # RSS 1.0 has its items beside the channel, RSS 2.0 inside.
    parents = [root] if channel is None else [channel, root]
    spoken = language_of(
        *(_first_text(_fields(parent)["language"]) for parent in parents),
        *(parent.get(f"{_XML}lang") for parent in parents),
    )
    base = _joined(*(parent.get(f"{_XML}base") for parent in reversed(parents)))
    entries = [child for parent in parents for child in parent if xml.local_name(child.tag) in _ENTRIES]
    items = tuple(_item(entry, place, spoken, base) for place, entry in enumerate(entries, start=1))
    return Items(items, unknown_fields=frozenset(_unknown(entries)))


def _item(entry: Element, place: int, spoken: str | None, base: str | None) -> Item:
    fields = _fields(entry)
    reader = Reader()
    texts = [_shown(element, reader) for name in _TEXTS for element in fields[name]]
    return Item(
        place,
        guid=_first_text(fields["guid"]) or _first_text(fields["id"]) or (entry.get(_ABOUT) or "").strip() or None,
        link=_link(fields, _joined(base, entry.get(f"{_XML}base"))),
        title=next((title for element in fields["title"] if (title := _title(element))), None),
        texts=tuple(dict.fromkeys(text for text in texts if text)),
        published=next(
            (found for name in _MOMENTS for element in fields[name] if (found := moment(element.text))), None
        ),
        language=language_of(_first_text(fields["language"]), entry.get(f"{_XML}lang"), spoken),
        raw_sha256=strict_json.sha256(xml.record(entry)),
        is_cut=reader.is_cut,
    )


def _fields(parent: Element) -> Fields:
    """Return the elements of an entry or channel by their names in lower case, its own before those of modules."""
    own = {"", _space(parent), *_ATOM}
    fields: Fields = defaultdict(list)
    others: list[Element] = []
    for child in parent:
        if _space(child) in own:
            fields[xml.local_name(child.tag).casefold()].append(child)
        else:
            others.append(child)
    for child in others:
        name = xml.local_name(child.tag)
        if name in _MODULES.get(_space(child), ()):
            fields[name].append(child)
    return fields


def _link(fields: Fields, base: str | None) -> str | None:
    """Return where an entry stands: its link, else a `guid` that is the permanent address of what it tells."""
    for element in fields["link"]:
        href = element.get("href")
        if href is None:
            told = (element.text or "").strip()
        else:
            told = href.strip() if (element.get("rel") or "alternate") == "alternate" else ""
        if told and len(told) <= ADDRESS_CHARS:
            return _joined(base, element.get(f"{_XML}base"), told)
    for element in fields["guid"]:
        told = (element.text or "").strip()
        is_permanent = (element.get("isPermaLink") or "true").strip().casefold() == "true"
        if is_permanent and len(told) <= ADDRESS_CHARS and told.casefold().startswith(("http://", "https://")):
            return told
    return None


def _title(element: Element) -> str | None:
    if len(element):
        return title_of("".join(_markup(element)), is_html=True)
    return title_of(element.text or "", is_html=_is_html(element) if _space(element) in _ATOM else None)


def _shown(element: Element, reader: Reader) -> str:
    """Return the text of an element as people see it, "" for what is no text (RFC 4287, section 4.1.3)."""
    kind = (element.get("type") or "").casefold()
    is_text = kind in {"", "text", "html", "xhtml"} or "html" in kind or kind.startswith("text/")
    if not is_text or element.get("mode") == "base64":
        return ""
    if len(element):
        return reader.shown("".join(_markup(element)), is_html=True)
    return reader.shown(element.text or "", is_html=_space(element) not in _ATOM or _is_html(element))


def _is_html(element: Element) -> bool:
    """Return whether an Atom text is HTML, as its `type` says: text where there is none."""
    return "html" in (element.get("type") or "").casefold()


def _markup(element: Element) -> Iterator[str]:
    """Yield what an element holds as HTML."""
    yield escape(element.text or "", quote=False)
    for child in element:
        name = xml.local_name(child.tag)
        yield f"<{name}>"
        yield from _markup(child)
        yield f"</{name}>{escape(child.tail or '', quote=False)}"


def _unknown(entries: Iterable[Element]) -> Iterator[str]:
    """Yield the elements of entries that no feed has by its own rules; extensions have their namespaces."""
    for entry in entries:
        own = {"", _space(entry), *_ATOM}
        for child in entry:
            if _space(child) in own and not LAYOUT.knows(name := xml.local_name(child.tag)):
                yield name


def _first_text(elements: Iterable[Element]) -> str | None:
    return next((text for element in elements if (text := (element.text or "").strip())), None)


def _joined(*parts: str | None) -> str | None:
    """Return an address resolved against what stands around it (XML Base), None where there is none."""
    address: str | None = None
    for part in parts:
        if part:
            try:
                address = urljoin(address, part) if address else part
            except ValueError:
                return None
    return address


def _space(element: Element) -> str:
    return element.tag.rpartition("}")[0].removeprefix("{")
