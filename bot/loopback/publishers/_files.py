"""Files as a server of files gives them: packed, known by validators, conditional and in parts (RFC 9110)."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True, slots=True)
class Part:
    """Hold what of a file answers a request."""

    body: bytes
    status: int
    headers: dict[str, str]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive, always the same for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """Return a gzipped TAR archive, always the same for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def validators_of(body: bytes, modified: datetime | None) -> dict[str, str]:
    """Return the headers by which a version is known; `modified` is an aware moment and adds a Last-Modified."""
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    return headers


def part_of(body: bytes, request: web.Request, headers: Mapping[str, str], *, has_ranges: bool) -> Part:
    """Return what a request asks for of a file: nothing where it has this version already, else all of it or a part."""
    if _is_known(request, headers):
        return Part(b"", 304, {**headers})
    if not has_ranges:
        return Part(body, 200, {**headers})
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    bound = request.headers.get("If-Range")
    if asked is None or (bound is not None and bound not in {headers.get("ETag"), headers.get("Last-Modified")}):
        return Part(body, 200, headers)
    start, whole = int(asked[1]), len(body)
    if start >= whole:
        return Part(b"", 416, {**headers, "Content-Range": f"bytes */{whole}"})
    return Part(body[start:], 206, {**headers, "Content-Range": f"bytes {start}-{whole - 1}/{whole}"})


def _is_known(request: web.Request, headers: Mapping[str, str]) -> bool:
    """Return whether the asker has this version already; If-None-Match goes before If-Modified-Since."""
    if (etags := request.headers.get("If-None-Match")) is not None:
        return "ETag" in headers and headers["ETag"] in {etag.strip() for etag in etags.split(",")}
    since = request.headers.get("If-Modified-Since")
    if since is None or "Last-Modified" not in headers:
        return False
    return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
