"""Read notices from JSON lines (DESIGN.md section 7), one at a time, naming the lines that hold none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NoReturn

from bot.models import Notice

LINE_MAX_BYTES: Final = 16_000_000

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """Hold one line: its notice, or the reason why it holds none; `line` counts from 1, `size` is in bytes."""

    line: int
    size: int
    notice: Notice | None
    problem: str = ""


def read(stream: BinaryIO) -> Iterator[NoticeLine]:
    """Yield every line of a stream that is not blank; only one is held at a time, none longer than `LINE_MAX_BYTES`.

    A line is one JSON object in UTF-8 with the keys of DESIGN.md section 7, of which only `id` is required. Keys given
    twice, NaN and infinities, and nesting without end are problems of their line; the next ones are read all the same.
    """
    number = 0
    while line := stream.readline(LINE_MAX_BYTES + 1):
        number += 1
        size = len(line)
        if size > LINE_MAX_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LINE_MAX_BYTES)
                size += len(line)
            yield NoticeLine(number, size, None, f"longer than {LINE_MAX_BYTES} bytes")
            continue
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line.strip():
            continue
        yield _read_line(number, size, line)


def _read_line(number: int, size: int, line: bytes) -> NoticeLine:
    try:
        return NoticeLine(number, size, Notice.from_json(_DECODER.decode(line.decode("utf-8"))))
    except UnicodeDecodeError as error:
        problem = f"no UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        problem = f"no JSON ({error.msg}, column {error.colno})"
    except RecursionError:
        problem = "no JSON that can be read (nested too deeply)"
    except ValueError as error:
        problem = str(error)
    return NoticeLine(number, size, None, problem)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for place, (name, _) in enumerate(pairs) if name in {key for key, _ in pairs[:place]})
        raise ValueError(f"{twice}: this key stands twice")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number)
