"""anonlink 0.15.3, in a Python of its own: how long it takes over two lists, and which pairs it finds."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from bench.count.peers import last_line

__all__ = ["clock", "scored_pairs"]

Rows = NDArray[np.uint64]

_FILTERS = """
import json, multiprocessing, sys, time
import numpy as np
from anonlink.similarities import dice_coefficient_accelerated
from bitarray import bitarray
def filters(rows):
    made = []
    for row in rows:
        one = bitarray()
        one.frombytes(row.tobytes())
        made.append(one)
    return made
left, right = (np.load(path) for path in sys.argv[1:3])
"""
# Its processes have their bit arrays before the clock starts. A round takes as long as the slower of the two.
_CLOCK_SCRIPT = (
    _FILTERS
    + """
halves = [filters(half) for half in np.array_split(left, 2)]
whole = filters(right)
def seconds(half):
    start = time.perf_counter()
    dice_coefficient_accelerated([halves[half], whole], float(sys.argv[3]), k=None)
    return time.perf_counter() - start
with multiprocessing.get_context("fork").Pool(2) as pool:
    for _ in sys.stdin:
        print(max(pool.map(seconds, range(2), chunksize=1)), flush=True)
"""
)
_PAIRS_SCRIPT = (
    _FILTERS
    + """
scores, (one, other) = dice_coefficient_accelerated(
    [filters(left), filters(right)], float(sys.argv[3]), k=int(sys.argv[4]))
print(json.dumps([list(scores), list(one), list(other)]))
"""
)


@contextmanager
def clock(python: Path, left: Rows, right: Rows, *, threshold: float) -> Iterator[Callable[[], float]]:
    """Start anonlink with two processes; what it yields runs one round and returns its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        words = [str(python), "-W", "ignore", "-c", _CLOCK_SCRIPT, *_saved(folder, left, right)]
        with subprocess.Popen(
            [*words, str(threshold)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            talk, hear = _pipes(child)

            def one_round() -> float:
                talk.write("\n")
                talk.flush()
                return float(hear.readline())

            try:
                one_round()  # warms up
                yield one_round
            finally:
                talk.close()


def scored_pairs(
    python: Path, left: Rows, right: Rows, *, threshold: float, k: int
) -> list[tuple[float, int, int]]:
    """Return pairs of rows with their likeness, for each row the best `k`.

    Raises:
        RuntimeError: It was installed, but fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [str(python), "-W", "ignore", "-c", _PAIRS_SCRIPT, *_saved(folder, left, right)]
        done = subprocess.run([*words, str(threshold), str(k)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(last_line(done.stderr))
    return list(zip(*json.loads(done.stdout), strict=True))


def _saved(folder: str, *lists: Rows) -> list[str]:
    paths = [str(Path(folder) / f"{at}.npy") for at in range(len(lists))]
    for path, rows in zip(paths, lists, strict=True):
        np.save(path, rows)
    return paths


def _pipes(child: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("The child has no pipes.")
    return child.stdin, child.stdout
