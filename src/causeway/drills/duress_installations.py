"""Many desks, half of them with a duress passphrase: does anything that lies on the disk tell which?

Compared are the names and sizes of files, the bytes of the key slots, and how long it takes to unlock with
the ordinary passphrase. Two-sample Kolmogorov-Smirnov tests for the numbers; the names must be the same.
"""

from __future__ import annotations

import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scipy.stats import chi2_contingency, ks_2samp

from causeway.desk.engine import Desk
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, Profile
from causeway.vault import keyslots

__all__ = ["DURESS", "ORDINARY", "Comparison", "compare_installations", "install"]

ORDINARY: Final = "lantern copper seven harbour"
DURESS: Final = "orchard velvet nine ladder"
_SUSPICIOUS: Final = 0.01
"""Below this a comparison is done anew with other desks; only twice in a row it counts: once in 10,000."""
_TIMED_OPENINGS: Final = 3
_BYTE_VALUES: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What a hundred installations with, and a hundred without, have shown.

    Attributes:
        installations: Of each kind.
        files: Names and sizes (bytes) that occur, with how often: with duress, without.
        size_p: Of the sizes of each file, the least p-value of a two-sample KS test; 1 where all are alike.
        slot_p: Of the bytes of the key slots, p-value of a chi-squared test of homogeneity.
        unlock_p: Of the times to unlock with the ordinary passphrase, p-value of a two-sample KS test.
        unlock_median_seconds: Their medians: with duress, without.
        tells: In sentences, what tells the ones from the others.
    """

    installations: int
    files: tuple[tuple[str, int, int, int], ...]
    size_p: float
    slot_p: float
    unlock_p: float
    unlock_median_seconds: tuple[float, float]
    tells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    files: tuple[tuple[str, int], ...]
    slots: bytes
    seconds: float


def install(folder: Path, *, with_duress: bool, profile: Profile = CHEAP_FOR_TESTS) -> None:
    """Make one desk as the first run does, and set a duress passphrase up on its page's way, or not."""
    desk = Desk.create(
        folder,
        passphrase=ORDINARY,
        centre="Harbour Desk",
        member="Mira",
        door_url="",
        setup_code="",
        socks=None,
        profile=profile,
    )
    if with_duress:
        desk.duress.set_up(ORDINARY, duress=DURESS, centre="Reading circle", member="Ada")
    desk.close()


def compare_installations(
    count: int = 100,
    *,
    seed: int = 4,
    make: Callable[..., None] = install,
    on_step: Callable[[str], None] = lambda step: None,
) -> Comparison:
    """Make so many desks of each kind, in random order, and compare what lies there.

    With the cheap profile: what stretching costs is the same for all, and would hide a difference of
    milliseconds beneath its own noise.

    Args:
        count: Of each kind.
        seed: Of the order.
        make: Makes one; for tests of the comparison itself.
        on_step: Told what goes on.
    """
    first = _compare(count, seed=seed, make=make, on_step=on_step)
    if not first.tells:
        return first
    return _compare(count, seed=seed + 1, make=make, on_step=on_step)


def _compare(
    count: int, *, seed: int, make: Callable[..., None], on_step: Callable[[str], None]
) -> Comparison:
    order = [True, False] * count
    random.Random(seed).shuffle(order)  # noqa: S311 (an order, not a key)
    seen: dict[bool, list[_Seen]] = {True: [], False: []}
    for number, with_duress in enumerate(order, start=1):
        on_step(f"installation {number} of {len(order)}")
        with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
            seen[with_duress].append(_one(Path(made) / "desk", with_duress=with_duress, make=make))
    return _compared(seen[True], seen[False])


def _one(folder: Path, *, with_duress: bool, make: Callable[..., None]) -> _Seen:
    make(folder, with_duress=with_duress)
    files = tuple(
        sorted(
            (str(path.relative_to(folder)), path.stat().st_size)
            for path in folder.rglob("*")
            if path.is_file()
        )
    )
    slots = (folder / keyslots.FILE_NAME).read_bytes()
    took = []
    for _ in range(_TIMED_OPENINGS):
        before = time.perf_counter()
        desk = Desk.open(folder, passphrase=ORDINARY, profile=CHEAP_FOR_TESTS)
        took.append(time.perf_counter() - before)
        desk.close()
    # The quickest: what the machine does besides only ever makes it slower.
    return _Seen(files, slots, min(took))


def _compared(with_duress: list[_Seen], without: list[_Seen]) -> Comparison:
    counted = [Counter(file for one in kind for file in one.files) for kind in (with_duress, without)]
    files = tuple(
        (name, size, counted[0][name, size], counted[1][name, size])
        for name, size in sorted({*counted[0], *counted[1]})
    )
    size_p = min(
        (
            _ks(_sizes(with_duress, name), _sizes(without, name))
            for name in sorted({name for name, *_ in files})
        ),
        default=1.0,
    )
    unlock_p = _ks([one.seconds for one in with_duress], [one.seconds for one in without])
    slot_p = _homogeneous(with_duress, without)
    tells = []
    if {name for name, _ in counted[0]} != {name for name, _ in counted[1]}:
        tells.append("The names of files differ.")
    for what, p in (
        ("sizes of files", size_p),
        ("bytes of the key slots", slot_p),
        ("times to unlock", unlock_p),
    ):
        if p < _SUSPICIOUS:
            tells.append(f"The {what} differ (p = {p:.2g}).")
    return Comparison(
        installations=len(with_duress),
        files=files,
        size_p=size_p,
        slot_p=slot_p,
        unlock_p=unlock_p,
        unlock_median_seconds=(_median(with_duress), _median(without)),
        tells=tuple(tells),
    )


def _sizes(seen: list[_Seen], name: str) -> list[int]:
    return [sum(size for found, size in one.files if found == name) for one in seen]


def _ks(first: list[int] | list[float], second: list[int] | list[float]) -> float:
    with warnings.catch_warnings():
        # Where sizes have many ties the exact value overflows; scipy then takes the limit, near enough.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(ks_2samp(first, second).pvalue)


def _homogeneous(with_duress: list[_Seen], without: list[_Seen]) -> float:
    table = []
    for kind in (with_duress, without):
        counts = Counter(byte for one in kind for byte in one.slots)
        table.append([counts[value] for value in range(_BYTE_VALUES)])
    return float(chi2_contingency(table).pvalue)


def _median(seen: list[_Seen]) -> float:
    times = sorted(one.seconds for one in seen)
    return times[len(times) // 2]
