"""Forms as they come from our own pages: small, of one kind, read in memory."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from causeway.desk.web.form_parts import BrokenParts, parts
from causeway.errors import LocalError

__all__ = ["BODY_BYTES_MAX", "Form", "FormRefused", "read_form"]

BODY_BYTES_MAX: Final = 256 * 1024
"""Twice an answer of 8,000 letters of three bytes, each written as `%XX%XX%XX`, and room to spare."""
_FIELDS_MAX: Final = 64
_KIND: Final = "application/x-www-form-urlencoded"
_WITH_FILES: Final = "multipart/form-data"


class FormRefused(LocalError):
    """What came is no form of ours."""


class Form:
    """The fields of one form; an absent one reads as empty."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return the first value of a field, as typed."""
        return next((value for key, value in self._fields if key == name), "")

    def line(self, name: str) -> str:
        """Return the first value of a field of one line, without spaces round it."""
        return " ".join(self.text(name).split())

    def texts(self, name: str) -> list[str]:
        """Return all values of a field."""
        return [value for key, value in self._fields if key == name]

    def __repr__(self) -> str:
        """Show no value: a form must not reach a log by way of a traceback."""
        return "Form(…)"


async def read_form(request: Request) -> Form:
    """Return the fields of a request's body.

    Raises:
        FormRefused: Another kind of body, too long, or not UTF-8.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise FormRefused("This is too long to be sent at once. Make it shorter.")
    if not body:
        return Form([])
    content_type = request.headers.get("content-type", "")
    kind = content_type.split(";")[0].strip().lower()
    if kind == _WITH_FILES:
        try:
            return Form(parts(bytes(body), content_type=content_type, most=_FIELDS_MAX))
        except BrokenParts:
            raise FormRefused("A file can be sent here only if it is text in UTF-8, such as CSV.") from None
    if kind != _KIND:
        raise FormRefused("This page could not be sent. Load it again, and try once more.")
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
    except ValueError:
        raise FormRefused("This page could not be sent. Load it again, and try once more.") from None
    return Form(fields)
