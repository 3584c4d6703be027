"""What may pass to the relay: the methods and paths of docs/FORMAT.md, section 13, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from causeway.wire.sizes import (
    ACKNOWLEDGE_IDS_MAX,
    ATTENDANCE_LINE_BYTES,
    CHUNK_BYTES,
    HASH_BYTES,
    ID_BYTES,
    PARCEL_BYTES,
    PUBLICATION_BYTES_MAX,
    SHEET_BYTES_MAX,
    SLOT_BYTES,
    TAKE_IDS_MAX,
)

__all__ = ["Passage", "find"]

_ID = "[0-9a-f]{32}"
_KIND = "(?:intake|record|chunk)"


@dataclass(frozen=True, slots=True)
class Passage:
    """One method on one path: how long its body may be, and which query it takes."""

    body_max: int = 0
    query: re.Pattern[bytes] = re.compile(b"")


_COMMA = "(?:,|%2C|%2c)"
_IDS = re.compile(f"ids={_ID}(?:{_COMMA}{_ID}){{0,{TAKE_IDS_MAX - 1}}}".encode())

_TABLE: tuple[tuple[re.Pattern[str], dict[str, Passage]], ...] = tuple(
    (re.compile("/v1/" + path, re.ASCII), methods)
    for path, methods in (
        (f"intake/{_ID}", {"PUT": Passage(SLOT_BYTES)}),
        (f"chunk/{_ID}", {"PUT": Passage(CHUNK_BYTES)}),
        ("board", {"GET": Passage()}),
        ("bucket/[0-9a-f]{64}", {"GET": Passage()}),
        ("attendance", {"GET": Passage()}),
        ("sheet", {"GET": Passage(), "PUT": Passage(SHEET_BYTES_MAX)}),
        (f"record/{_ID}", {"PUT": Passage(SLOT_BYTES)}),
        (f"days/{_KIND}", {"GET": Passage()}),
        (f"ids/{_KIND}/[0-9]{{1,10}}", {"GET": Passage()}),
        (f"slots/{_KIND}", {"GET": Passage(query=_IDS)}),
        (f"slots/{_KIND}/{_ID}", {"DELETE": Passage()}),
        ("acknowledged", {"PUT": Passage(ACKNOWLEDGE_IDS_MAX * ID_BYTES)}),
        ("attendance/[0-9]{1,2}", {"PUT": Passage(ATTENDANCE_LINE_BYTES)}),
        ("board/[0-9]{1,2}", {"PUT": Passage(PUBLICATION_BYTES_MAX)}),
        ("parcel", {"GET": Passage()}),
        ("capability", {"PUT": Passage(HASH_BYTES + PARCEL_BYTES)}),
        ("claim", {"PUT": Passage(HASH_BYTES)}),
        ("status", {"GET": Passage()}),
    )
)


def find(path: str, *, method: str) -> Passage | tuple[str, ...] | None:
    """Return the passage of a request.

    Returns:
        The methods that the path does have, where this is none of them; `None` where the path is unknown.
    """
    for pattern, methods in _TABLE:
        if pattern.fullmatch(path):
            return methods.get(method) or tuple(methods)
    return None
