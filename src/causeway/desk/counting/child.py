"""The child: reads one task from its input, estimates, and writes how far it is, then the report.

A process of its own, since numba and SciPy have no business in the one that holds the keys, since it can be
ended at once, and since its memory goes with it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib.metadata import version

import msgspec

from causeway.desk.counting.messages import Failed, Made, Said, Stage, Task, packed
from causeway.errors import Error
from causeway.sentences import Sentence
from causeway.units import Day, day_to_date

__all__ = ["main"]

_NICE = 10


def _tell(message: Said) -> None:
    try:
        view = memoryview(packed(message))
        while view:
            view = view[os.write(1, view) :]
    except OSError:
        # The desk is gone, or has locked: nobody waits for this.
        os._exit(1)


def _made(task: Task) -> Made:
    from causeway.count import QUICK, STANDARD, Stopped, estimate, read_table
    from causeway.dossier import count_report

    languages = {tag: count_report.language(tag) for tag in count_report.LANGUAGES}
    told = -1

    def progress(part: float, what: Sentence) -> None:
        nonlocal told
        if int(1000 * part) != told:
            told = int(1000 * part)
            _tell(Stage(part=part, what={tag: one.tell(what) for tag, one in languages.items()}))

    table = read_table(task.table)
    found = estimate(table, seed=task.seed, effort=QUICK if task.quick else STANDARD, progress=progress)
    if isinstance(found, Stopped):
        raise RuntimeError("nobody could have stopped it")
    reports = {
        tag: count_report.make_report(
            found, table=table, language=one, version=version("causeway"), made=day_to_date(Day(task.day))
        )
        for tag, one in languages.items()
    }
    return Made(
        style=count_report.style_sheet(),
        articles={tag: count_report.as_article(one) for tag, one in reports.items()},
        pages={tag: count_report.as_html(one) for tag, one in reports.items()},
        papers={tag: count_report.as_pdf(one) for tag, one in reports.items()},
        draws=count_report.draws_as_csv(found),
    )


def main() -> None:
    """Do the one task, and end."""
    with contextlib.suppress(OSError):
        # Whoever answers people on this laptop comes first.
        os.nice(_NICE)
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    try:
        _tell(_made(task))
    except Error as error:
        _tell(Failed(what=error.what, details=error.details))
    os._exit(0)
