"""Whether French drops the vowel of a small word before a name: `d'AIRBUS`, `de SAFRAN`."""

from __future__ import annotations

import re
from typing import Final

_ELIDING: Final = re.compile(r"[aeiouàâäæéèêëîïôöœùûü]", re.IGNORECASE)


def elides(name: str) -> bool:
    """Return whether `de` is `d'` before a name: before a vowel, never before an H or a Y (`de HERMES`, `de YAHOO`)."""
    return _ELIDING.match(name) is not None
