"""How a text may lie in a file or in memory: every way in which software of today writes one down."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

__all__ = ["BINARY_ENCODINGS", "ENCODINGS", "SAMPLES", "encoded", "encoded_binary"]

_BASE64_GROUP: Final = 3
_SAFE_IN_BROWSERS: Final = "/,.'()!*~:;@$&=+"
"""What JavaScript's `encodeURI` leaves as it is, and `quote` would not."""


def _plain(codec: str) -> Callable[[str], Iterator[bytes]]:
    def encode(text: str) -> Iterator[bytes]:
        for form in (text, text.casefold()):
            yield form.encode(codec)

    return encode


def _percent(text: str) -> Iterator[bytes]:
    for quoted in (quote(text, safe=""), quote_plus(text, safe=""), quote(text, safe=_SAFE_IN_BROWSERS)):
        yield quoted.encode()
        yield _lower_hex(quoted).encode()


def _lower_hex(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _json(text: str) -> Iterator[bytes]:
    escaped = json.dumps(text)[1:-1]
    yield escaped.encode()
    first, *rest = escaped.split("\\u")
    yield "\\u".join([first, *(part[:4].upper() + part[4:] for part in rest)]).encode()


def _entities(text: str) -> Iterator[bytes]:
    yield html.escape(text).encode()
    yield html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;").encode()  # as Jinja does
    for form in ("&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(letter if letter.isascii() else form.format(ord(letter)) for letter in text).encode()


def _base64(raw: bytes) -> Iterator[bytes]:
    for lead in range(_BASE64_GROUP):
        # The letters at both ends also carry bits of what stands before and after: they are cut off.
        padded = bytes(lead) + raw
        whole = len(padded) // _BASE64_GROUP * _BASE64_GROUP
        letters = base64.b64encode(padded[:whole])[4 if lead else 0 :]
        yield letters
        yield letters.translate(bytes.maketrans(b"+/", b"-_"))


def _hex(raw: bytes) -> Iterator[bytes]:
    yield raw.hex().encode()
    yield raw.hex().upper().encode()


ENCODINGS: Final[Mapping[str, Callable[[str], Iterator[bytes]]]] = {
    "UTF-8": _plain("utf-8"),
    "UTF-16LE": _plain("utf-16-le"),
    "UTF-16BE": _plain("utf-16-be"),
    # Python keeps a string in the narrowest of Latin-1, UTF-16 and UTF-32 that holds all its letters.
    "UTF-32LE": _plain("utf-32-le"),
    "Latin-1": _plain("latin-1"),
    "Windows-1251": _plain("cp1251"),
    "Windows-1256": _plain("cp1256"),
    "percent-encoded": _percent,
    "JSON escapes": _json,
    "HTML entities": _entities,
    "base64": lambda text: _base64(text.encode()),
    "base64 of UTF-16LE": lambda text: _base64(text.encode("utf-16-le")),
    "hex": lambda text: _hex(text.encode()),
}
"""By name: from a text to all the ways in which this encoding may write it."""

BINARY_ENCODINGS: Final[Mapping[str, Callable[[bytes], Iterator[bytes]]]] = {
    "raw bytes": lambda raw: iter((raw,)),
    "base64": _base64,
    "hex": _hex,
}
"""The same for keys and ids."""

SAMPLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(ENCODINGS, "Канарейка & «щегол» 8+1"),
    "Latin-1": "El señor épervier & «ça» 8+1",
    "Windows-1256": "العصفور فوق السور & 8+1",
}
"""For each encoding a text that it can write, and that comes out otherwise than in UTF-8."""


def encoded(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield all the ways of writing a text, each with the name of its encoding, none twice."""
    seen: set[bytes] = set()
    for name, ways in ENCODINGS.items():
        try:
            written = list(ways(text))
        except UnicodeEncodeError:
            continue  # this encoding has no such letters
        for way in written:
            if way not in seen:
                seen.add(way)
                yield name, way


def encoded_binary(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield all the ways of writing a key or an id."""
    for name, ways in BINARY_ENCODINGS.items():
        for way in ways(raw):
            yield name, way
