"""Peers of the count in Python environments of their own, since they pin old versions of what we need new.

Nothing of them is installed where we run. A machine that can't build such an environment (no network, no
compiler) measures without: a peer that is missing is `None`, and `why` says it in a sentence.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["NO_PEERS", "Peers", "last_line", "peers"]

# Both ask for pkg_resources, which setuptools 81 no longer has.
_PACKAGES: Final = {
    "clkhash": ("clkhash==0.18.3", "setuptools<81"),
    "anonlink": ("anonlink==0.15.3", "numpy", "setuptools<81"),
}
_TRIED: Final = {"clkhash": "import clkhash.clk", "anonlink": "import anonlink.similarities, numpy"}
_LONGEST_SECONDS: Final = 600


@dataclass(frozen=True)
class Peers:
    """What there is to measure beside.

    Args:
        clkhash: A Python that has clkhash.
        anonlink: A Python that has anonlink and numpy.
        splink: Whether this Python has Splink on DuckDB.
        why: For each that is missing, a sentence.
    """

    clkhash: Path | None
    anonlink: Path | None
    splink: bool
    why: tuple[str, ...]


NO_PEERS: Final = Peers(None, None, False, ("The peers were left out, as --without-peers asks.",))


@contextmanager
def peers() -> Iterator[Peers]:
    """Build the peers' environments, and remove them at the end."""
    pythons: dict[str, Path] = {}
    why = []
    with tempfile.TemporaryDirectory() as folder:
        for name in _PACKAGES:
            built = _built(name, Path(folder) / name)
            if isinstance(built, str):
                why.append(f"{name} was not measured, since an environment for it can't be built: {built}")
            else:
                pythons[name] = built
        splink = all(importlib.util.find_spec(module) is not None for module in ("splink", "duckdb"))
        if not splink:
            why.append("Splink was not measured, since it is not installed here.")
        yield Peers(pythons.get("clkhash"), pythons.get("anonlink"), splink, tuple(why))


def _built(name: str, folder: Path) -> Path | str:
    """Return a Python that has a peer, or why there is none."""
    python = folder / "bin" / "python"
    for words in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES[name]],
        [str(python), "-W", "ignore", "-c", _TRIED[name]],
    ):
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=_LONGEST_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return type(error).__name__
        if done.returncode != 0:
            return last_line(done.stderr or done.stdout)
    return python


def last_line(text: str) -> str:
    """Return the end of what a program said, short enough for a sentence."""
    return text.strip().rsplit("\n", 1)[-1][:200]
