"""Elements of a JSON register that stand in a dump as they stood in the last one, found without reading them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from hashlib import blake2b

HEAD_BYTES = 1_024
DIGEST_BYTES = 16


def fingerprint(raw: bytes) -> str:
    """Return what tells an element's bytes from any others: their length, a checksum of their head, a BLAKE2b hash."""
    return f"{len(raw)}-{zlib.crc32(raw[:HEAD_BYTES]):08x}-{blake2b(raw, digest_size=DIGEST_BYTES).hexdigest()}"


class Known:
    """Recognise the elements whose fingerprints are known, by the id of each.

    `recognise` is what `_json_stream.elements` takes; `found` is then the id of the element that it recognised. One
    shorter than `HEAD_BYTES` is not recognised, and read. Hashing lets other threads run, as decoding does not.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self.found = ""
        self._ids: defaultdict[int, defaultdict[int, dict[bytes, str]]] = defaultdict(lambda: defaultdict(dict))
        for id_, print_ in known.items():
            length, _, rest = print_.partition("-")
            head, _, digest = rest.partition("-")
            if length.isdecimal():
                self._ids[int(head, 16)][int(length)][bytes.fromhex(digest)] = id_

    def recognise(self, shown: Callable[[int], memoryview]) -> int:
        """Return how many of the next bytes are a known element, 0 where none is."""
        lengths = self._ids.get(zlib.crc32(shown(HEAD_BYTES)))
        for length, ids in lengths.items() if lengths else ():
            if found := ids.get(blake2b(shown(length), digest_size=DIGEST_BYTES).digest()):
                self.found = found
                return length
        return 0
