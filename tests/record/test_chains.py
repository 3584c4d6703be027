"""Which entries of a chain count: a function of what is known, whatever the order."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from causeway.record.chains import NOTHING, ChainCut, Link, Whence, judge

FIRST = bytes(32)


def chain(length: int, *, branch: str = "a", after: Link | None = None) -> list[Link]:
    """Links that follow one another, from the first on or after another one."""
    links: list[Link] = []
    sequence, previous = (0, FIRST) if after is None else (after.sequence + 1, after.hash)
    for number in range(length):
        digest = hashlib.sha256(f"{branch}{sequence + number}".encode() + previous).digest()
        links.append(Link(hash=digest, sequence=sequence + number, previous=previous))
        previous = digest
    return links


def hashes(links: list[Link]) -> tuple[bytes, ...]:
    return tuple(link.hash for link in links)


@given(st.permutations(range(7)), st.sets(st.integers(0, 6)))
def test_all_count_up_to_the_first_that_is_missing(order: list[int], missing: set[int]) -> None:
    links = chain(7)
    verdict = judge([links[number] for number in order if number not in missing])
    assert verdict.counting == hashes(links[: min(missing, default=7)])
    assert (verdict.fork, verdict.rest) == (None, Whence.OUT_OF_SEQUENCE)


@given(st.integers(0, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_fork_freezes_from_where_it_begins_in_any_order(shared: int, longer: int, chance: object) -> None:
    common = chain(shared)
    after = common[-1] if common else None
    both = [*common, *chain(3, branch="x", after=after), *chain(longer, branch="y", after=after)]
    chance.shuffle(both)  # type: ignore[attr-defined]
    verdict = judge(both)
    assert verdict.counting == hashes(common)
    assert (verdict.fork, verdict.rest) == (shared, Whence.FORKED)


def test_an_entry_that_follows_another_than_the_known_one_proves_a_fork_before_it() -> None:
    links, other = chain(4), chain(4, branch="other")
    verdict = judge([*links, other[3]])  # the fourth of a chain whose third is not here
    assert verdict.fork == 2
    assert verdict.counting == hashes(links[:2])
    astray = Link(hash=b"h" * 32, sequence=0, previous=b"p" * 32)
    assert judge([astray]).counting == ()


@given(st.integers(0, 5), st.randoms(use_true_random=False))
def test_a_cut_counts_what_leads_to_it_whatever_else_was_signed(at: int, chance: object) -> None:
    links, forged = chain(6), chain(9, branch="forged")
    everything = [*links, *forged]
    chance.shuffle(everything)  # type: ignore[attr-defined]
    verdict = judge(everything, cut=ChainCut(sequence=at, hash=links[at].hash))
    assert verdict.counting == hashes(links[: at + 1])
    assert verdict.rest is Whence.BEYOND_CUT
    assert judge(everything, cut=NOTHING).counting == ()


def test_before_the_cuts_own_entry_is_here_what_is_beyond_doubt_counts() -> None:
    links = chain(6)
    cut = ChainCut(sequence=3, hash=links[3].hash)
    assert judge([*links[:3], links[4]], cut=cut).counting == hashes(links[:3])
    assert judge([links[3], *links[:2]], cut=cut).counting == hashes(links[:2])
    forked = [*links[:3], *chain(2, branch="x", after=links[0])]
    assert judge(forked, cut=cut).counting == hashes(links[:1])
    # Nothing beyond it, whether the entry at the cut is the right one or not.
    assert len(judge(links, cut=ChainCut(sequence=2, hash=b"?" * 32)).counting) == 3
