"""Encoding: how fast, how well, what hardening costs, and what it hides. Functions for `bench/count.py`.

clkhash 0.18.3 is measured in a virtual environment of its own, since it pins an old `cryptography`: same
list, same machine, same work, from the bytes of a CSV file to 1,024-bit filters. Ours is one process, whose
compiled steps (about a quarter of the time) take two threads; clkhash is measured in one process, and as it
comes, with one for each core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.count.peers import last_line
from bench.count.people import Noise, csv_of, invented_people, list_of
from causeway.linkage.encode import Scheme, encode_rows
from causeway.linkage.key import LinkKey
from causeway.linkage.persons import read_persons

__all__ = ["clkhash_rates", "encoding_rate", "hardening_cost", "pattern_visibility", "speed"]

_KEY = LinkKey(bytes(range(32)))
_OWN_SCRIPT = """
import json, sys, time
import numpy as np
from causeway.linkage.encode import encode_list
from causeway.linkage.key import LinkKey
from causeway.linkage.persons import read_persons
raw = open(sys.argv[1], "rb").read()
made = []
for _ in range(int(sys.argv[2])):
    wall, cpu = time.perf_counter(), time.process_time()
    persons = read_persons(raw)
    tickets = np.random.default_rng(1).bytes(16 * len(persons))
    encode_list(persons, key=LinkKey(bytes(32)), name="bench", tickets=tickets)
    made.append((len(persons) / (time.perf_counter() - wall), len(persons) / (time.process_time() - cpu)))
print(json.dumps(dict(zip(("by_clock", "by_cpu"), map(max, zip(*made))))))
"""
_CLKHASH_SCRIPT = """
import io, json, multiprocessing, resource, sys, time
from clkhash import clk
from clkhash.schema import from_json_dict
def feature(name, kind):
    hashing = {"strategy": {"bitsPerFeature": 200}, "hash": {"type": kind}}
    hashing["comparison"] = {"type": "ngram", "n": 2}
    return {"identifier": name, "format": {"type": "string", "encoding": "utf-8"}, "hashing": hashing}
def cpu():
    for child in multiprocessing.active_children():
        child.join()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
text = open(sys.argv[1], encoding="utf-8").read().split("\\n", 1)[1]
rates = {}
for kind in ("blakeHash", "doubleHash"):
    kdf = {"type": "HKDF", "hash": "SHA256", "info": "", "salt": "", "keySize": 64}
    schema = from_json_dict({
        "version": 3, "clkConfig": {"l": 1024, "xor_folds": 0, "kdf": kdf},
        "features": [feature(name, kind) for name in ("family", "given", "patronymic", "born", "place")],
    })
    for name, workers in (("one_process", 1), ("as_it_comes", None)):
        made = []
        for _ in range(int(sys.argv[2])):
            start, used = time.perf_counter(), cpu()
            rows = clk.generate_clk_from_csv(
                io.StringIO(text), "secret", schema,
                validate=False, header=False, progress_bar=False, max_workers=workers)
            wall = time.perf_counter() - start
            made.append((len(rows) / wall, len(rows) / (cpu() - used)))
        best = dict(zip(("by_clock", "by_cpu"), map(max, zip(*made))))
        known = rates.setdefault(name, best)
        rates[name] = {what: max(known[what], best[what]) for what in best}
print(json.dumps(rates))
"""


def speed(clkhash: Path | None, *, rows: int = 100_000, seed: int = 41, rounds: int = 2) -> dict[str, Any]:
    """Measure records a second, ours and clkhash's, on two lists; the best of some rounds.

    By the clock, and by seconds of a processor, which other programs' work changes less. Of clkhash's two
    kinds of hashing, the quicker. Without a Python that has clkhash, all that needs it is None. What is alike
    costs us once; slips of the finger, each a word of its own, take the time: `noisy` has many, `clean` few.
    `load` is the machine's before and after.
    """
    results: dict[str, Any] = {"rows": rows, "load": [os.getloadavg()[0]]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        for name, noise in (("clean", Noise(variant=0.2, slip=0.02, slip_place=0.02)), ("noisy", Noise())):
            people = invented_people(rows, seed=seed)
            raw = csv_of(list_of(people, style="russian", seed=seed, noise=noise), style="russian")
            path.write_bytes(raw)
            # Before and after clkhash, which takes longest: others' work comes and goes.
            before = encoding_rate(path, rounds=rounds + 1)
            theirs = clkhash_rates(path, python=clkhash, rounds=rounds) if clkhash else None
            after = encoding_rate(path, rounds=rounds + 1)
            ours = {what: max(before[what], after[what]) for what in before}
            results[name] = {"causeway": ours, "clkhash": theirs} | _times_faster(ours, theirs)
    results["load"].append(os.getloadavg()[0])
    return results


def _times_faster(
    ours: dict[str, float], theirs: dict[str, dict[str, float]] | None
) -> dict[str, float | None]:
    if theirs is None:
        return dict.fromkeys(("times_faster", "times_faster_as_it_comes", "times_faster_by_cpu"))
    one, several = theirs["one_process"], theirs["as_it_comes"]
    return {
        "times_faster": ours["by_clock"] / one["by_clock"],
        "times_faster_as_it_comes": ours["by_clock"] / several["by_clock"],
        "times_faster_by_cpu": ours["by_cpu"] / one["by_cpu"],
    }


def encoding_rate(path: Path, *, rounds: int) -> dict[str, float]:
    """Return the best of some rounds, in records a second, from a CSV file's bytes to encodings.

    In a process of its own, as clkhash has: the objects of a bench slow down whatever makes more of them.
    """
    done = subprocess.run(
        [sys.executable, "-c", _OWN_SCRIPT, str(path), str(rounds)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def clkhash_rates(path: Path, *, python: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return clkhash's records a second, in one process and as it comes.

    Raises:
        RuntimeError: It was installed, but fails.
    """
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", _CLKHASH_SCRIPT, str(path), str(rounds)],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(last_line(done.stderr))
    rates: dict[str, dict[str, float]] = json.loads(done.stdout)
    return rates


def hardening_cost(*, people: int = 2400, seeds: Sequence[int] = (91, 92, 93, 94)) -> dict[str, Any]:
    """Return F1 and recall of Russian with Latin lists, hardened and not.

    Both at the threshold that is best with the truth in hand, pairs taken greedily one to one, so that the
    difference is the encoding's and not the choice of a threshold's.
    """
    found: dict[str, list[tuple[float, float]]] = {"hardened": [], "unhardened": [], "raw": []}
    schemes = {
        "hardened": Scheme(),
        "unhardened": Scheme(hardened=False),
        "raw": Scheme(normalised=False, hardened=False),
    }
    for seed in seeds:
        everyone = invented_people(people, seed=seed)
        halves = everyone[: 2 * people // 3], everyone[people // 3 :]
        styles = "russian", "latin"
        lists = [
            list_of(half, style=style, seed=seed + at)
            for at, (half, style) in enumerate(zip(halves, styles, strict=True))
        ]
        persons = [read_persons(csv_of(one, style=style)) for one, style in zip(lists, styles, strict=True)]
        truth = [np.array([record.person for record in one]) for one in lists]
        for name, scheme in schemes.items():
            rows = [encode_rows(one, key=_KEY, scheme=scheme) for one in persons]
            found[name].append(_best(dice(*rows), truth[0], truth[1]))
    means = {name: np.mean(pairs, axis=0).tolist() for name, pairs in found.items()}
    return {
        **{name: {"f1": f1, "recall": recall} for name, (f1, recall) in means.items()},
        "recall_lost": means["unhardened"][1] - means["hardened"][1],
    }


def pattern_visibility(*, people: int = 2000, seed: int = 17) -> dict[str, float]:
    """Return how often a name's whole bit pattern stands in the encodings of those who bear it.

    For each of the ten most frequent family names: bits set in nine of ten encodings of its bearers, and in
    less than half of the others', are its pattern; of these, the share that stands in a bearer's encoding,
    all of them at once. Pattern mining (Christen et al. 2019) lives on this being 1.
    """
    everyone = invented_people(people, seed=seed)
    quiet = Noise(**dict.fromkeys(Noise.__dataclass_fields__, 0.0))
    records = list_of(everyone, style="russian", seed=seed, noise=quiet)
    persons = read_persons(csv_of(records, style="russian"))
    families = np.array([person.family for person in everyone])
    names, counts = np.unique(families, return_counts=True)
    visible = {}
    for word, scheme in (("unhardened", Scheme(hardened=False)), ("hardened", Scheme())):
        dense = np.unpackbits(encode_rows(persons, key=_KEY, scheme=scheme).view(np.uint8), axis=1)
        shares = []
        for name in names[np.argsort(-counts)[:10]]:
            bearers = families == name
            pattern = (dense[bearers].mean(axis=0) >= 0.9) & (dense[~bearers].mean(axis=0) < 0.5)
            shares.append(float(dense[bearers][:, pattern].all(axis=1).mean()) if pattern.sum() >= 8 else 0.0)
        visible[word] = float(np.mean(shares))
    return visible


def dice(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return Dice's coefficient of all pairs, (n, 16) and (m, 16) to (n, m)."""
    a, b = (np.unpackbits(rows.view(np.uint8), axis=1).astype(np.float32) for rows in (one, other))
    scores: NDArray[np.float32] = 2 * (a @ b.T) / (a.sum(axis=1)[:, None] + b.sum(axis=1)[None, :])
    return scores


def _best(
    scores: NDArray[np.float32], one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[float, float]:
    """Return F1 and recall at the best threshold."""
    rows, columns = np.nonzero(scores > np.quantile(scores, 0.98))
    order = np.argsort(-scores[rows, columns], kind="stable")
    left, right = np.ones(len(one), dtype=bool), np.ones(len(other), dtype=bool)
    hits = []
    for i, j in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if left[i] and right[j]:
            left[i] = right[j] = False
            hits.append(one[i] == other[j])
    true = np.cumsum(hits)
    shared = len(np.intersect1d(one, other))
    f1 = 2 * true / (np.arange(1, len(hits) + 1) + shared)
    return float(f1.max()), float(true[f1.argmax()] / shared)
