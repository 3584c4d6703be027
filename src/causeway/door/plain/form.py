"""Reads a form as its bytes stream in, in memory alone.

A general form reader spools what is long to a temporary file; here nothing may touch one. So the parsers of
`python_multipart` are driven directly, into buffers that end with the process; files go on piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, QuerystringParser, parse_options_header

from causeway.door.plain.files import FileSink
from causeway.door.plain.http import BODY_BYTES_MAX, UPLOAD_BYTES_MAX, RequestRefused

__all__ = ["read_form"]

_URLENCODED = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"
_FILE_FIELD = b"file"


class _Parser(Protocol):
    def write(self, data: bytes) -> int: ...
    def finalize(self) -> None: ...


class _Fields:
    """What has arrived: names and values, checked against what the form may hold."""

    def __init__(self, allowed: Mapping[str, int]) -> None:
        self._allowed = allowed
        self._got: dict[str, str] = {}

    def add(self, name: bytes, value: bytes) -> None:
        """Take one field.

        Raises:
            RequestRefused: No field of this form, or one that came already, or too long.
        """
        text_name = name.decode("ascii", "replace")
        if text_name not in self._allowed or text_name in self._got:
            raise RequestRefused(400, "broken_form")
        if len(value) > self._allowed[text_name]:
            raise RequestRefused(413, "too_large")
        # What is no UTF-8 becomes a mark: losing a letter is better than losing a message.
        self._got[text_name] = value.decode("utf-8", "replace")

    def all(self) -> dict[str, str]:
        """Return the fields; those that did not come are empty."""
        return {name: self._got.get(name, "") for name in self._allowed}


class _Urlencoded:
    def __init__(self, fields: _Fields) -> None:
        self._fields = fields
        self._name = bytearray()
        self._value = bytearray()
        self.complete = True
        self.parser: _Parser = QuerystringParser(
            {
                "on_field_start": self._on_start,
                "on_field_name": self._on_name,
                "on_field_data": self._on_value,
                "on_field_end": self._on_end,
            },
            max_size=BODY_BYTES_MAX,
        )

    def _on_start(self) -> None:
        self._name.clear()
        self._value.clear()

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_end(self) -> None:
        self._fields.add(_unquote(self._name), _unquote(self._value))


def _unquote(quoted: bytearray) -> bytes:
    return unquote_to_bytes(bytes(quoted.replace(b"+", b" ")))


class _Multipart:
    def __init__(self, fields: _Fields, *, boundary: bytes, files: FileSink | None) -> None:
        self._fields = fields
        self._files = files
        self._in_file = False
        self._file_name: bytes | None = None
        self._media_type = b""
        self._header = bytearray()
        self._header_value = bytearray()
        self._name: bytes | None = None
        self._value = bytearray()
        self.complete = False
        self.parser: _Parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
            max_size=UPLOAD_BYTES_MAX,
        )

    def _on_part_begin(self) -> None:
        self._name = None
        self._file_name = None
        self._media_type = b""
        self._in_file = False
        self._value.clear()

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            kind, options = parse_options_header(bytes(self._header_value))
            if kind != b"form-data":
                raise RequestRefused(400, "broken_form")
            self._name = options.get(b"name")
            self._file_name = options.get(b"filename")
        elif self._header.lower() == b"content-type":
            self._media_type = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def _on_headers_finished(self) -> None:
        if self._file_name is None:
            return
        if self._files is None or self._name != _FILE_FIELD:
            raise RequestRefused(400, "broken_form")
        self._in_file = True
        self._files.begin(
            name=self._file_name.decode("utf-8", "replace"), media_type=self._media_type.decode("latin-1")
        )

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file and self._files is not None:
            self._files.write(data[start:end])
            return
        if len(self._value) + end - start > BODY_BYTES_MAX:
            raise RequestRefused(413, "too_large")
        self._value += data[start:end]

    def _on_part_end(self) -> None:
        if self._in_file and self._files is not None:
            self._files.end()
            return
        if self._name is None:
            raise RequestRefused(400, "broken_form")
        self._fields.add(self._name, bytes(self._value))

    def _on_end(self) -> None:
        self.complete = True


def read_form(
    body: Iterable[bytes],
    *,
    content_type: str,
    allowed: Mapping[str, int],
    files: FileSink | None = None,
) -> dict[str, str]:
    """Return the fields of a form, read as they arrive.

    Args:
        body: Parts of the body.
        content_type: The request's header.
        allowed: Every field of this form, with how many bytes it may have.
        files: Takes the files in fields named `file`, where the form may have some.

    Returns:
        All fields of `allowed`; empty where one did not come.

    Raises:
        RequestRefused: Another content type, a broken form, a file where none may be, or a field that is
            unknown, doubled or too long.
    """
    fields = _Fields(allowed)
    kind, options = parse_options_header(content_type)
    reader: _Urlencoded | _Multipart
    try:
        if kind == _URLENCODED:
            reader = _Urlencoded(fields)
        elif kind == _MULTIPART and options.get(b"boundary"):
            reader = _Multipart(fields, boundary=options[b"boundary"], files=files)
        else:
            raise RequestRefused(415, "broken_form")
        for part in body:
            reader.parser.write(part)
        reader.parser.finalize()
    except FormParserError:
        raise RequestRefused(400, "broken_form") from None
    if not reader.complete:
        raise RequestRefused(400, "broken_form")
    return fields.all()
