"""Encodings without names: random filters, and others that differ from them in a share of their bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.encoded_list import EncodedList, ScriptMix

Bits = NDArray[np.uint64]


def packed(flags: NDArray[np.bool_]) -> Bits:
    """Return (n, 1024) flags as (n, 16) words."""
    return np.packbits(flags, axis=1, bitorder="little").view(np.uint64)


def random_flags(rng: np.random.Generator, count: int, *, share: float = 0.35) -> NDArray[np.bool_]:
    return rng.random((count, 1024)) < share


def changed(
    flags: NDArray[np.bool_], rng: np.random.Generator, rates: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return flags of which a share of the set ones moved elsewhere, a rate for each row."""
    lost = flags & (rng.random(flags.shape) < rates[:, None])
    gained = ~flags & (rng.random(flags.shape) < (lost.sum(1) / (~flags).sum(1))[:, None])
    result: NDArray[np.bool_] = flags & ~lost | gained
    return result


def families(rng: np.random.Generator, count: int) -> NDArray[np.bool_]:
    """Return people of whom some share much: brothers differ in about a third of their bits."""
    flags = random_flags(rng, count)
    brothers = np.arange(1, count, 3)
    flags[brothers] = changed(flags[brothers - 1], rng, np.full(len(brothers), 0.35))
    return flags


def lists_of(
    people: NDArray[np.bool_], *, shares: Sequence[float], seed: int, noise: float = 0.12
) -> tuple[list[Bits], list[NDArray[np.int64]]]:
    """Return lists that each name a share of the people, with errors, and who stands in each row."""
    rng = np.random.default_rng(seed)
    lists, who = [], []
    for share in shares:
        rows = rng.permutation(np.flatnonzero(rng.random(len(people)) < share))
        rates = rng.beta(2, 2 / noise - 2, size=len(rows))
        lists.append(packed(changed(people[rows], rng, rates)))
        who.append(rows)
    return lists, who


def encoded(bits: Bits, name: str, *, key: bytes = bytes(16), scheme: str = "test") -> EncodedList:
    tickets = np.arange(len(bits), dtype=">u8").view(np.uint8).reshape(-1, 8)
    seal = np.frombuffer(name.encode().ljust(8)[:8], dtype=np.uint8)
    return EncodedList(
        name=name,
        scheme=scheme,
        key_check=key,
        scripts=ScriptMix(cyrillic=len(bits)),
        tickets=np.concatenate([np.broadcast_to(seal, tickets.shape), tickets], axis=1),
        bits=bits,
    )
