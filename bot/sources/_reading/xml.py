"""XML as publishers send it: read without trust, XML 1.1 included, and never further than its bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.errors import SourceError, SourceFault

MAX_DEPTH = 60
MAX_ELEMENTS = 200_000
MAX_TAG_BYTES = 131_072
MAX_NAMESPACE_CHARS = 1_000
FEED_BYTES = 65_536

_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_ELEMENT = re.compile(rb"<[^?!]")
_VERSION = re.compile(rb"(<\?xml\s+version\s*=\s*['\"])1\.1(['\"])")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,40})|([0-9]{1,40}));")
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_BLANKED = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_CHARACTERS = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))


def parse(payload: bytes, *, max_depth: int = MAX_DEPTH, max_elements: int = MAX_ELEMENTS) -> Element:
    """Return the root of a document that has no DOCTYPE and no entities of its own.

    Raises SourceError in plain words for an empty answer, HTML, broken XML, a DOCTYPE, and what is nested deeper or has
    more elements than allowed, or a tag or a namespace that is longer: namespaces are written out for every element.
    The parser is left as soon as one of those is met, whatever follows.
    """
    if not payload.strip():
        raise SourceError("the answer is empty", SourceFault.EMPTY)
    if _HTML.match(payload[:1024].removeprefix(_BOM)):
        raise SourceError("the answer is an HTML page, XML was expected", SourceFault.HTML_PAGE)
    parser = DefusedXMLParser(target=_Bounded(max_depth, max_elements), forbid_dtd=True)
    try:
        for start in range(0, len(payload), FEED_BYTES):
            parser.feed(chunk := payload[start : start + FEED_BYTES])
            # A tag, a comment or an instruction that has not ended is where the parser still stands.
            if start + len(chunk) - parser.parser.CurrentByteIndex > MAX_TAG_BYTES:
                _too_large(f"a tag of more than {MAX_TAG_BYTES} bytes")
        root: Element = parser.close()
    except DefusedXmlException:
        raise SourceError("the XML holds a DOCTYPE or entities, which are not read", SourceFault.DOCTYPE) from None
    except (ParseError, ValueError, LookupError) as error:
        message = f"the answer is cut off or not valid XML ({error})"
        raise SourceError(message, SourceFault.BAD_XML, reason=error) from None
    return root


def parse_inside(opening: bytes, part: bytes, closing: bytes, *, max_elements: int = MAX_ELEMENTS) -> Element:
    """Return the outermost of the elements that `opening` begins, around a part of a UTF-8 document.

    Inside an element no DOCTYPE can stand, hence no entity be declared (XML 1.0, sections 2.8 and 4.2): the plain
    parser, much faster, is as safe as the other one. Raises SourceError as `parse` does; the depth is left to `record`.
    """
    if not _ELEMENT.match(opening) or part.count(b"<") > 2 * max_elements:
        _too_large(f"more than {max_elements} elements")
    parser = XMLParser(encoding="utf-8")  # noqa: S314  # no DOCTYPE can come, as said above
    try:
        parser.feed(opening)
        for start in range(0, len(part), FEED_BYTES):
            parser.feed(part[start : start + FEED_BYTES])
        parser.feed(closing)
        root: Element = parser.close()
    except (ParseError, ValueError) as error:
        message = f"the answer is cut off or not valid XML ({error})"
        raise SourceError(message, SourceFault.BAD_XML, reason=error) from None
    return root


def as_xml_1_0(document: bytes) -> bytes:
    """Return XML 1.1 as a parser of XML 1.0 reads it: its header says 1.0, forbidden characters are blanks.

    Those are references, hexadecimal or decimal, to characters that XML 1.0 (section 2.2) has no place for, and the
    bare control characters. UTF-8 is expected; a part of a document that cuts no reference may be given too.
    """
    if document.removeprefix(_BOM).startswith(b"<?xml"):
        document = _VERSION.sub(rb"\g<1>1.0\g<2>", document, count=1)
    if b"&#" in document:
        document = _REFERENCE.sub(_allowed, document)
    return document.translate(_BLANKED)


def local_name(tag: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def record(element: Element, max_depth: int = MAX_DEPTH) -> Any:
    """Return an element as `Entry` and `Tree` read it: names without namespaces, what repeats as a list.

    An element without children and attributes is its text, None where that is blank; otherwise attributes stand under
    `@name`, text beside them under `#text`. Raises SourceError for elements nested deeper than allowed.
    """
    if max_depth < 1:
        _too_large("nested too deeply")
    text = (element.text or "").strip() or None
    if not len(element) and not element.attrib:
        return text
    found: dict[str, Any] = {f"@{local_name(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name = child.tag
        if name[0] == "{":
            name = local_name(name)
        # Most elements are leaves, and there are a million of them in a register.
        is_leaf = not len(child) and not child.attrib
        value = (child.text or "").strip() or None if is_leaf else record(child, max_depth - 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    if text is not None:
        found["#text"] = text
    return found


def attribute(value: Any, name: str) -> str | None:
    """Return an attribute of an element that `record` gave."""
    found = value.get(f"@{name}") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else None


class _Bounded(TreeBuilder):
    """Build the tree of a document up to a depth and a number of elements; comments are left out."""

    def __init__(self, max_depth: int, max_elements: int) -> None:
        super().__init__()
        self._max_depth, self._max_elements = max_depth, max_elements
        self._depth = self._elements = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > self._max_depth:
            _too_large(f"nested deeper than {self._max_depth}")
        if self._elements > self._max_elements:
            _too_large(f"more than {self._max_elements} elements")
        return super().start(tag, attrs)

    def start_ns(self, prefix: str, uri: str, /) -> None:
        del prefix
        if len(uri) > MAX_NAMESPACE_CHARS:
            _too_large(f"a namespace of more than {MAX_NAMESPACE_CHARS} characters")

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _too_large(reason: str) -> NoReturn:
    raise SourceError(f"the XML is too large: {reason}", SourceFault.XML_TOO_LARGE, reason=reason)


def _allowed(reference: re.Match[bytes]) -> bytes:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if any(first <= code <= last for first, last in _CHARACTERS) else b" "
