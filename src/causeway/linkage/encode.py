"""From a list of persons to an encoded list: record-level Bloom filters of 1,024 bits.

Source: Schnell, Bachteler & Reiher (2011), A novel error-tolerant anonymous linking code, GRLC WP 2011-02,
for one filter per record (we do not call it anonymous: see `encoded_list`); positions by a keyed hash per
piece instead of double hashing (see `hardening`).

How it is fast: a piece's positions are hashed once, a value's filter is made once from its pieces, and a
record's filter is the OR of its values' (`fields`), for thousands of records in one step.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.encoded_list import BITS, TICKET_BYTES, EncodedList, ScriptMix
from causeway.linkage.errors import PersonListError
from causeway.linkage.fields import NAMES, Fields, normalised_fields, raw_fields
from causeway.linkage.filters import Filters, united
from causeway.linkage.hardening import keyed_flips, xor_folded
from causeway.linkage.key import LinkKey
from causeway.linkage.normalise.scripts import script_of
from causeway.linkage.persons import PersonList
from causeway.linkage.weights import WEIGHTS, Weights

__all__ = ["Encoding", "Scheme", "encode_list", "encode_rows"]

# Rows of one step: what is made of them on the way fits into a processor's cache.
_CHUNK: Final = 2048
_THREADS: Final = 2
_SCRIPT_BIT: Final = {"cyrillic": 1, "latin": 2, "mixed": 4, "other": 8}


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How rows are encoded. Lists of different schemes can't be compared.

    Args:
        normalised: Whether spellings are brought together first; without it, only for comparisons.
        hardened: Whether rows are folded and carry noise; without it, only for comparisons.
    """

    normalised: bool = True
    hardened: bool = True

    def __str__(self) -> str:
        """Return the name that stands in the header, with the version of rules and weights."""
        kind = "normalised" if self.normalised else "raw"
        return f"clk-1024/1 {kind} {'hardened' if self.hardened else 'unhardened'}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoding:
    """What encoding a list gives.

    Args:
        encoded: What goes to the linker.
        lines: int64, shape (n,): for each row of `encoded`, its line in the organisation's own file. It stays
            with the organisation, for looking up uncertain pairs later.
        unread_dates: Lines whose date could not be read; they were encoded without one.
        left_out: Lines without a name, or with one part of it and nothing else. They are not encoded: all
            such rows are alike, and would be taken for one person on every list.
    """

    encoded: EncodedList
    lines: NDArray[np.int64]
    unread_dates: tuple[int, ...]
    left_out: tuple[int, ...]


def encode_list(
    persons: PersonList, *, key: LinkKey, name: str, tickets: bytes, scheme: Scheme | None = None
) -> Encoding:
    """Encode a list.

    Args:
        persons: The list; nothing of it is kept.
        key: The key that all organisations share.
        name: What the list is called in the table of counts.
        tickets: 16 random bytes for each person, those left out among them. Rows come out in their order.
        scheme: How; hardened and normalised where nothing is said.

    Raises:
        PersonListError: Not 16 bytes for each person.
        EncodedListError: A name that is not one line, or tickets of which two are equal.
    """
    scheme = scheme or Scheme()
    if len(tickets) != TICKET_BYTES * len(persons):
        raise PersonListError("There is not one ticket for each person.", expected_bytes=TICKET_BYTES)
    fields = _fields(persons, key=key, scheme=scheme, weights=WEIGHTS)
    kept = np.ones(len(persons), dtype=bool)
    kept[fields.thin] = False
    table = np.frombuffer(tickets, dtype=np.uint8).reshape(len(persons), TICKET_BYTES)
    order = _ticket_order(table)
    order = order[kept[order]]
    lines = np.asarray(persons.lines, dtype=np.int64)
    encoded = EncodedList(
        name=name,
        scheme=str(scheme),
        key_check=key.check(str(scheme)),
        scripts=_script_mix(persons, kept),
        tickets=table[order],
        bits=_rows(fields, order, key=key, scheme=scheme),
    )
    return Encoding(
        encoded=encoded,
        lines=lines[order],
        unread_dates=tuple(lines[fields.unread[kept[fields.unread]]].tolist()),
        left_out=tuple(lines[fields.thin].tolist()),
    )


def encode_rows(
    persons: PersonList, *, key: LinkKey, scheme: Scheme | None = None, weights: Weights = WEIGHTS
) -> NDArray[np.uint64]:
    """Return the encodings of persons in their own order, uint64 of shape (n, 16); nobody is left out."""
    scheme = scheme or Scheme()
    fields = _fields(persons, key=key, scheme=scheme, weights=weights)
    return _rows(fields, np.arange(len(persons)), key=key, scheme=scheme)


def _fields(persons: PersonList, *, key: LinkKey, scheme: Scheme, weights: Weights) -> Fields:
    bits = 2 * BITS if scheme.hardened else BITS
    filters = Filters(key=key.subkey(f"positions {scheme}"), bits=bits)
    if scheme.normalised:
        return normalised_fields(persons, filters, weights=weights)
    return raw_fields(persons, filters)


def _rows(fields: Fields, order: NDArray[np.intp], *, key: LinkKey, scheme: Scheme) -> NDArray[np.uint64]:
    """Return the encodings of some persons, in that order."""
    rows = np.empty((len(order), BITS // 64), dtype=np.uint64)
    noise = key.subkey(f"noise {scheme}")
    tables = np.concatenate([table for table, _ in fields.columns])
    first = np.cumsum([0] + [len(table) for table, _ in fields.columns[:-1]])
    where = np.stack([start + where for start, (_, where) in zip(first, fields.columns, strict=True)], axis=1)

    def encode_chunk(start: int) -> None:
        chunk = where[order[start : start + _CHUNK]]
        wide = united(tables, chunk.ravel(), sizes=np.full(len(chunk), chunk.shape[1]))
        rows[start : start + _CHUNK] = keyed_flips(xor_folded(wide), key=noise) if scheme.hardened else wide

    with ThreadPoolExecutor(_THREADS) as pool:
        deque(pool.map(encode_chunk, range(0, len(order), _CHUNK)), maxlen=0)
    return rows


def _script_mix(persons: PersonList, kept: NDArray[np.bool_]) -> ScriptMix:
    seen = np.zeros(len(persons), dtype=np.uint8)
    for name in NAMES:
        if name in persons.columns:
            texts = persons.texts(name)
            scripts = [_SCRIPT_BIT[script_of(text)] if text else 0 for text in texts.distinct]
            seen |= np.array(scripts, dtype=np.uint8)[texts.which]
    counts = np.bincount(seen[kept], minlength=16)
    cyrillic, latin = int(counts[_SCRIPT_BIT["cyrillic"]]), int(counts[_SCRIPT_BIT["latin"]])
    other = int(counts[0] + counts[_SCRIPT_BIT["other"]])
    return ScriptMix(
        cyrillic=cyrillic, latin=latin, other=other, mixed=int(kept.sum()) - cyrillic - latin - other
    )


def _ticket_order(tickets: NDArray[np.uint8]) -> NDArray[np.intp]:
    halves = np.ascontiguousarray(tickets).view(">u8").astype(np.uint64)
    order = np.argsort(halves[:, 0])
    sorted_ = halves[order, 0]
    # Random tickets hardly ever share their first half.
    return np.lexsort((halves[:, 1], halves[:, 0])) if (sorted_[1:] == sorted_[:-1]).any() else order
