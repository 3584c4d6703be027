"""Fuzzing by coverage: `make fuzz`, or `python -m tests.fuzz.run --seconds 600 --target board`.

Each target runs in a process of its own under libFuzzer (by way of atheris), from the seeds here and from
what earlier runs have found in `--corpus`. A fault is printed with its bytes, kept in the folder, and the
command ends with 1. Where there is no atheris (it has wheels for Linux alone), bytes change at random.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

__all__ = ["LONGEST", "fuzz", "mutated"]

LONGEST: Final = 4_096
_ONE_SECONDS: Final = 5
"""For one input; the slowest seed takes some hundredths."""
_MEMORY_MB: Final = 1_024
_START_SECONDS: Final = 60
ROOT: Final = Path(__file__).parents[2]


def mutated(seeds: list[bytes], *, rng: random.Random) -> bytes:
    """Return one of the seeds with a few things changed."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 16)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 16))
            case 3:
                data[at:at] = rng.choice((b"\0", b"\xff", b"\r\n", b'"', b"%", b"9" * 30, b"[" * 60))
            case 4 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case _:
                data[at:at] = rng.choice(seeds)[:64]
    return bytes(data[:LONGEST])


def fuzz(name: str, *, seconds: float, corpus: Path) -> subprocess.CompletedProcess[str]:
    """Fuzz one target in a process of its own; 0 is no fault.

    Args:
        seconds: How long, besides the start.
        corpus: Folder that keeps what reached new code, and the faults.
    """
    folder = corpus / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.run", "--child", name, "--seconds", str(seconds)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return subprocess.run(
        [*command, "--corpus", str(corpus)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=seconds + _START_SECONDS,
        check=False,
    )


def _child(name: str, *, seconds: float, folder: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        _by_chance(name, seconds=seconds)
        return
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    # The kernel's highest mark of memory outlives exec: what started this process counts in it.
    inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    # `python_multipart` and `h11` read what comes first.
    with atheris.instrument_imports(include=["causeway", "python_multipart", "h11"]):
        from tests.fuzz.seeds import seeds_of
        from tests.fuzz.targets import TARGETS
    for seed in seeds_of(name):
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    atheris.Setup(
        [
            "fuzz",
            f"-max_total_time={max(1, round(seconds))}",
            f"-max_len={LONGEST}",
            f"-timeout={_ONE_SECONDS}",
            f"-rss_limit_mb={inherited + _MEMORY_MB}",
            f"-artifact_prefix={folder.parent / name}-fault-",
            "-print_final_stats=1",
            str(folder),
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


def _by_chance(name: str, *, seconds: float) -> None:
    from tests.fuzz.seeds import seeds_of
    from tests.fuzz.targets import TARGETS

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 * _MEMORY_MB << 20, hard))
    rng, seeds = random.Random(name), seeds_of(name)  # noqa: S311 (not for secrets)
    until = time.monotonic() + seconds
    tries = 0
    while time.monotonic() < until:
        data = mutated(seeds, rng=rng)
        begun = time.monotonic()
        try:
            TARGETS[name](data)
        except BaseException:
            print(f"The fault comes with {data!r}", file=sys.stderr)
            raise
        if time.monotonic() - begun > _ONE_SECONDS:
            raise AssertionError(f"It took too long for {data!r}")
        tries += 1
    print(f"number_of_executed_units: {tries}", file=sys.stderr)


def _ended(name: str, *, seconds: float, corpus: Path) -> bool:
    done = fuzz(name, seconds=seconds, corpus=corpus)
    tries = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    print(f"{name:<14} {'no fault' if done.returncode == 0 else 'FAULT':<9} {(tries or ['?'])[0]} inputs")
    if done.returncode:
        print(done.stderr[-4_000:])
    return done.returncode == 0


def main() -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--target", action="append", help="only this one; may be given often")
    parser.add_argument("--corpus", type=Path, default=ROOT / ".fuzz", help="kept from run to run")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        _child(told.child, seconds=told.seconds, folder=told.corpus / told.child)
        return 0
    from tests.fuzz.targets import TARGETS

    names = told.target or list(TARGETS)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ended = list(pool.map(lambda name: _ended(name, seconds=told.seconds, corpus=told.corpus), names))
    return 0 if all(ended) else 1


if __name__ == "__main__":
    sys.exit(main())
