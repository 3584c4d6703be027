"""Forms with a file in them: their parts, in memory alone. A general reader spools to a temporary file."""

from __future__ import annotations

from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

__all__ = ["BrokenParts", "parts"]

_HEADER: Final = b"content-disposition"


class BrokenParts(ValueError):
    """No form that a browser sends."""


class _Collected:
    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.complete = False
        self._header = bytearray()
        self._value = bytearray()
        self._name = b""
        self._content = bytearray()

    def on_part_begin(self) -> None:
        self._name = b""
        self._content.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._header).lower() == _HEADER:
            _, options = parse_options_header(bytes(self._value))
            self._name = options.get(b"name", b"")
        self._header.clear()
        self._value.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def on_part_end(self) -> None:
        self.fields.append((self._name, bytes(self._content)))

    def on_end(self) -> None:
        self.complete = True


def parts(body: bytes, *, content_type: str, most: int) -> list[tuple[str, str]]:
    """Return the names and contents of a form's parts, files like fields.

    Raises:
        BrokenParts: It is no such form, has more parts, or one of them is not text in UTF-8.
    """
    _, options = parse_options_header(content_type)
    collected = _Collected()
    try:
        parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": collected.on_part_begin,
                "on_header_field": collected.on_header_field,
                "on_header_value": collected.on_header_value,
                "on_header_end": collected.on_header_end,
                "on_part_data": collected.on_part_data,
                "on_part_end": collected.on_part_end,
                "on_end": collected.on_end,
            },
        )
        parser.write(body)
        parser.finalize()
        found = [(name.decode("ascii"), content.decode("utf-8-sig")) for name, content in collected.fields]
    except (FormParserError, KeyError, UnicodeDecodeError) as error:
        raise BrokenParts from error
    if not collected.complete or len(found) > most:
        raise BrokenParts
    return found
