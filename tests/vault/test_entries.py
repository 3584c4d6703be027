from __future__ import annotations

import dataclasses
import random

import pytest

from causeway.errors import RemoteError
from causeway.vault import NO_HASH, ChainGap, ForkFound, Head, StoredEntry, Vault
from tests.vault.material import COMPARTMENT, DEVICE, append_next, entry


def test_a_chain_starts_at_zero(vault: Vault) -> None:
    head = vault.entries.head(DEVICE, compartment=COMPARTMENT)
    assert head == Head(device=DEVICE, compartment=COMPARTMENT, next_sequence=0, previous=NO_HASH)


def test_a_chain_goes_on_where_it_ended(vault: Vault) -> None:
    first = append_next(vault)
    second = append_next(vault)
    head = vault.entries.head(DEVICE, compartment=COMPARTMENT)
    assert (head.next_sequence, head.previous) == (2, second.hash)
    assert list(vault.entries.each()) == [first, second]
    assert vault.entries.get(first.hash) == first
    assert vault.entries.get(NO_HASH) is None


def test_the_same_entry_twice_is_the_same(vault: Vault) -> None:
    first = append_next(vault)
    append_next(vault)
    assert vault.entries.append(first, previous=NO_HASH) is False
    assert vault.entries.count() == 2


def test_a_fork_is_found_and_not_stored(vault: Vault) -> None:
    first = append_next(vault)
    other = entry(0, previous=NO_HASH, text=b"another story")
    with pytest.raises(ForkFound) as found:
        vault.entries.append(other, previous=NO_HASH)
    assert found.value.stored == first.hash
    assert isinstance(found.value, RemoteError)
    assert list(vault.entries.each()) == [first]


@pytest.mark.parametrize(
    ("sequence", "previous"),
    [
        pytest.param(2, None, id="one is missing"),
        pytest.param(1, b"x" * 32, id="follows another"),
        pytest.param(1, NO_HASH, id="starts again"),
    ],
)
def test_what_does_not_follow_is_refused(vault: Vault, sequence: int, previous: bytes | None) -> None:
    first = append_next(vault)
    named = first.hash if previous is None else previous
    with pytest.raises(ChainGap):
        vault.entries.append(entry(sequence, previous=named), previous=named)
    assert vault.entries.count() == 1


def test_heads_and_order_do_not_depend_on_arrival(vault: Vault) -> None:
    chains = [(bytes([device]) * 16, bytes([place]) * 16) for device in range(3) for place in range(3)]
    writing = random.Random(5)  # noqa: S311
    written: list[StoredEntry] = []
    with vault.transaction():
        for _ in range(1300):
            device, compartment = writing.choice(chains)
            written.append(append_next(vault, device=device, compartment=compartment))
    in_order = sorted(written, key=lambda e: (e.device, e.compartment, e.sequence))
    assert list(vault.entries.each()) == in_order
    assert list(vault.entries.each(compartment=chains[1][1])) == [
        e for e in in_order if e.compartment == chains[1][1]
    ]
    lasts = {(e.device, e.compartment): e for e in in_order}
    assert vault.entries.heads() == [
        Head(device=d, compartment=c, next_sequence=e.sequence + 1, previous=e.hash)
        for (d, c), e in sorted(lasts.items())
    ]


def test_an_entry_opened_later_gets_its_id(vault: Vault) -> None:
    closed = dataclasses.replace(entry(0, previous=NO_HASH), entry_id=None)
    vault.entries.append(closed, previous=NO_HASH)
    vault.entries.identify(closed.hash, entry_id=b"i" * 16)
    assert vault.entries.get(closed.hash) == dataclasses.replace(closed, entry_id=b"i" * 16)
