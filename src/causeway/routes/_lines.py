"""Where the parts of a JSON file stand: lines and columns for paths, found in one pass over its text.

Only asked when a file is broken, and only of text that is known to be JSON; so it looks at brackets, commas
and strings, and believes the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from causeway.routes.reading import Path

__all__ = ["line_and_column", "positions"]

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of a character, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def positions(text: str, paths: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Return the line and column of each path; of the nearest part above it where it has none itself."""
    wanted = set(paths)
    above = wanted | {path[:cut] for path in wanted for cut in range(len(path))}
    found = _offsets(text, above)
    result = {}
    for path in wanted:
        nearest = path
        while nearest not in found and nearest:
            nearest = nearest[:-1]
        result[path] = line_and_column(text, found.get(nearest, 0))
    return result


def _offsets(text: str, wanted: set[Path]) -> dict[Path, int]:
    """Return where values begin. One step of the path stands on the stack for each open bracket."""
    found: dict[Path, int] = {}
    path: list[str | int] = []
    objects: list[bool] = []
    key: str | None = None
    value_next = True
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece in "}]":
            objects.pop()
            path.pop()
            value_next = False
        elif piece == ",":
            last = path[-1]
            if isinstance(last, int):
                path[-1] = last + 1
            value_next = not objects[-1]
        elif piece == ":":
            path[-1] = key if key is not None else ""
            value_next = True
        elif objects and objects[-1] and not value_next:
            key = json.loads(piece, strict=False)
        else:
            if len(path) < _DEEPEST and tuple(path) in wanted:
                found[tuple(path)] = match.start()
            value_next = False
            if piece in "{[":
                objects.append(piece == "{")
                path.append("" if piece == "{" else 0)
                value_next = piece == "["
    return found


# No file of ours nests deeper; without a limit a file of brackets alone would take time squared.
_DEEPEST: Final = 12
