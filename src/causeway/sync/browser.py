"""What Tor Browser 15 (Firefox ESR 140) sends: a desk that looks at its door should look like anybody.

The order is Firefox's. Timing, and the handshake of TLS where there is one, stay a desk's own.
"""

from __future__ import annotations

import re
import zlib
from enum import Enum
from typing import Final

from causeway.sync.errors import RelayUnreachable

__all__ = ["Kind", "browser_headers", "decoded", "word_list"]

_USER_AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
_ENCODINGS: Final = {"http": "gzip, deflate", "https": "gzip, deflate, br, zstd"}
"""Firefox names the newer two over TLS only."""

_LANGUAGES: Final = {
    "ar": "ar,en-US;q=0.7,en;q=0.3",
    "en": "en-US,en;q=0.5",
    "es": "es-ES,es;q=0.8,en-US;q=0.5,en;q=0.3",
    "fa": "fa-IR,fa;q=0.8,en-US;q=0.5,en;q=0.3",
    "fr": "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3",
    "ru": "ru-RU,ru;q=0.8,en-US;q=0.5,en;q=0.3",
    "tr": "tr-TR,tr;q=0.8,en-US;q=0.5,en;q=0.3",
    "uk": "uk-UA,uk;q=0.8,en-US;q=0.5,en;q=0.3",
}
"""`intl.accept_languages` of Firefox in these languages, with the weights that it gives them."""

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_LISTS: Final = re.compile(rb'<script[^>]*\sdata-language="([a-z-]{2,16})" data-languages="([a-z -]{2,200})"')


class Kind(Enum):
    """What a browser asks for; its headers differ."""

    PAGE = "document"
    SCRIPT = "script"
    DATA = "empty"


def browser_headers(kind: Kind, *, scheme: str, language: str = "en") -> list[tuple[str, str]]:
    """Return the headers of a request, in order, after `Host`; `language` is that of the browser."""
    page = kind is Kind.PAGE
    headers = [
        ("User-Agent", _USER_AGENT),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" if page else "*/*"),
        ("Accept-Language", _LANGUAGES.get(language, f"{language},en-US;q=0.7,en;q=0.3")),
        ("Accept-Encoding", _ENCODINGS[scheme]),
        ("Connection", "keep-alive"),
    ]
    if page:
        headers.append(("Upgrade-Insecure-Requests", "1"))
    headers += [
        ("Sec-Fetch-Dest", kind.value),
        ("Sec-Fetch-Mode", "navigate" if page else "cors"),
        ("Sec-Fetch-Site", "none" if page else "same-origin"),
    ]
    match kind:
        case Kind.PAGE:
            headers += [("Sec-Fetch-User", "?1"), ("Priority", "u=0, i")]
        case Kind.DATA:  # `fetch` with `cache: "no-store"`
            headers += [("Priority", "u=4"), ("Pragma", "no-cache"), ("Cache-Control", "no-cache")]
        case Kind.SCRIPT:
            pass
    return headers


def decoded(body: bytes, *, encoding: str, limit: int) -> bytes:
    """Return a body without its content coding.

    Raises:
        RelayUnreachable: It is broken, longer than `limit`, or in a coding that this desk does not know.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip" | "deflate":
            stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                plain = stream.decompress(body, limit + 1)
            except zlib.error:
                raise RelayUnreachable("The relay's answer was cut short.", bytes=len(body)) from None
            if len(plain) > limit:
                raise RelayUnreachable("The relay sent more than it may.", limit=limit)
            if not stream.eof:
                raise RelayUnreachable("The relay's answer was cut short.", bytes=len(body))
            return plain
        case _:
            raise RelayUnreachable("The door packs its answers in a way that this desk can't read.")


def word_list(page: bytes) -> str | None:
    """Return the language of the list of words that the door's page loads; `None` where it shows digits."""
    found = _LISTS.search(page)
    if found is None:
        return "en"
    own, every = found[1].decode(), found[2].decode().split()
    return own if own in every else None
