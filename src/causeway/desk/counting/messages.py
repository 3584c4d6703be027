"""What the desk and the child that counts tell each other: MessagePack, each behind its length."""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

import msgspec

__all__ = ["LENGTH", "Failed", "Made", "Said", "Stage", "Task", "from_child", "packed"]

LENGTH: Final = struct.Struct(">I")


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked: a table as CSV, and how to estimate from it."""

    table: bytes
    seed: int
    quick: bool
    day: int


class Stage(msgspec.Struct, frozen=True, kw_only=True, tag="stage"):
    """How far it is, from 0 to 1, and what it does, in each language."""

    part: float
    what: dict[str, str]


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """Why there is no report: a sentence in English, and where in the table."""

    what: str
    details: dict[str, int | str]


class Made(msgspec.Struct, frozen=True, kw_only=True, tag="made"):
    """The report, by language: as part of a page, as a page, as a paper; its style sheet, and the draws."""

    style: str
    articles: dict[str, str]
    pages: dict[str, str]
    papers: dict[str, bytes]
    draws: bytes


Said: TypeAlias = Stage | Failed | Made

_decoder: Final = msgspec.msgpack.Decoder(Stage | Failed | Made)


def packed(message: Task | Said) -> bytes:
    """Return a message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body


def from_child(body: bytes) -> Said:
    """Return what the child said."""
    said: Said = _decoder.decode(body)
    return said
