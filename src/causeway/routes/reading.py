"""What is said of a file that can't be read: where, and what was expected there; never what stood there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from causeway.errors import LocalError
from causeway.sentences import Sentence

__all__ = ["MAX_PROBLEMS", "NOT_AS_ASKED", "BrokenFile", "Path", "Problem", "Unsaid", "path_words"]

# Enough for one round of mending; a file written for something else has thousands.
MAX_PROBLEMS: Final = 20
NOT_AS_ASKED: Final = "The file is not as its format asks."

# Fields and positions from the top of a file: ("legs", 3, "at", 0).
Path = tuple[str | int, ...]


class Unsaid(str):
    """A step of a path that came from the file: it helps to find a line, and is never repeated."""

    __slots__ = ()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file.

    Args:
        what: What was expected, as a whole sentence.
        field: Where, by the names of our own fields, such as `legs[3].at[0]`; or a column of a table.
        line: Counted from 1; None where the whole file is meant.
        column: Counted from 1, in characters.
        file: Which file of a set.
    """

    what: Sentence
    field: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""

    def __str__(self) -> str:
        """Return it on one line, as compilers do."""
        place = [self.file] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}" if self.column is None else f"line {self.line}:{self.column}")
        if self.field:
            place.append(self.field)
        return f"{', '.join(place)}: {self.what}" if place else str(self.what)


class BrokenFile(LocalError):
    """A file that is not what it should be.

    Args:
        problems: What is wrong, up to `MAX_PROBLEMS`.
    """

    def __init__(self, what: str, problems: Sequence[Problem]) -> None:
        super().__init__(what)
        self.problems = tuple(problems[:MAX_PROBLEMS])

    def diagnostics(self) -> str:
        """Return the sentence, and a line for each problem."""
        return "\n".join([self.what, *(f"  {problem}" for problem in self.problems)])


def path_words(path: Path) -> str:
    """Return a path as one writes it: `legs[3].at[0]`."""
    words = ""
    for step in path:
        if isinstance(step, Unsaid):
            break
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words
