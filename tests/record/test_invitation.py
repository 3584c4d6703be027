from __future__ import annotations

import os
import textwrap

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import Error
from causeway.record.invitation import (
    Invitation,
    Opening,
    Pasted,
    TextRefused,
    commitment_to,
    encode_invitation,
    encode_opening,
    joining_words,
    open_opening,
    read_answer,
    read_invitation,
    read_text,
    seal_opening,
    sign_answer,
    write_text,
)
from causeway.record.root import pq_hash
from causeway.record.wrapping import sign_wrapping_key
from causeway.sealed.age import seal
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.units import Day

TODAY = Day(20_000)
INVITER = HybridSigningKey(b"i" * 32)


class Joiner:
    def __init__(self) -> None:
        self.device = HybridSigningKey.generate()
        self.wrapping = HybridSecret.generate()
        self.board = SigningKey.generate()

    def answer(self, commitment: bytes, *, day: int = TODAY) -> bytes:
        return sign_answer(
            commitment=commitment,
            nonce=os.urandom(32),
            device=self.device.classical,
            pq_hash=pq_hash(self.device.pq_public),
            board_key=self.board.public,
            named=sign_wrapping_key(self.wrapping.public, day=Day(day), device=self.device.classical),
        )


def opening(**changes: object) -> bytes:
    whole = Opening(
        nonce=os.urandom(32),
        device=INVITER.public,
        centre="Lantern House",
        inviter="Mira",
        member=b"m" * 16,
        name="Jonas",
        role="caseworker",
        second_laptop=False,
    )
    return encode_opening(msgspec.structs.replace(whole, **changes))


def invitation(committed: bytes, **changes: object) -> bytes:
    whole = Invitation(
        door_url="http://lantern.example",
        fingerprint=b"f" * 16,
        commitment=commitment_to(committed),
        last_day=TODAY + 7,
    )
    return encode_invitation(msgspec.structs.replace(whole, **changes))


# ---- As text ----


@given(st.binary(max_size=3_000), st.sampled_from(Pasted))
def test_a_text_comes_back_through_any_messenger(content: bytes, kind: Pasted) -> None:
    text = write_text(kind, content)
    assert set(text) & set("*_~`<>[]()|#@") == set()
    assert read_text(text, kind=kind) == content
    wrapped = "Hello, this is it:\n\n> " + "\u200b\n".join(textwrap.wrap(text, 40)) + "\nSee you. "
    assert read_text(wrapped, kind=kind) == content


def test_another_text_or_a_part_of_it_is_refused() -> None:
    text = write_text(Pasted.ANSWER, os.urandom(600))
    middle = len(text) // 2
    altered = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    for wrong in ("", "hello", text[:-40], text[40:], text.replace(".", ""), altered, text.lower()):
        with pytest.raises(TextRefused):
            read_text(wrong, kind=Pasted.ANSWER)
    for kind in (Pasted.INVITATION, Pasted.OPENING):
        with pytest.raises(TextRefused):
            read_text(text, kind=kind)


# ---- What is in them ----


def test_an_invitation_runs_out() -> None:
    encoded = invitation(opening())
    assert read_invitation(encoded, today=Day(TODAY + 7)).door_url == "http://lantern.example"
    with pytest.raises(TextRefused):
        read_invitation(encoded, today=Day(TODAY + 8))
    for wrong in ({"fingerprint": b"f"}, {"commitment": b""}, {"last_day": -1}, {"format": 2}):
        with pytest.raises(TextRefused):
            read_invitation(invitation(opening(), **wrong), today=TODAY)


def test_an_answer_is_its_devices() -> None:
    joiner = Joiner()
    signed = joiner.answer(b"c" * 32)
    answer = read_answer(signed, today=TODAY)
    assert answer.commitment == b"c" * 32
    assert answer.device == joiner.device.public
    assert bytes(answer.wrapping.key) == bytes(joiner.wrapping.public)
    assert answer.wrapping.device == answer.device_id
    stranger = Joiner()
    stolen = sign_answer(
        commitment=b"c" * 32,
        nonce=bytes(32),
        device=stranger.device.classical,
        pq_hash=bytes(32),
        board_key=bytes(32),
        named=answer.named,
    )
    short = sign_answer(
        commitment=b"c",
        nonce=bytes(32),
        device=joiner.device.classical,
        pq_hash=bytes(32),
        board_key=bytes(32),
        named=answer.named,
    )
    for wrong in (stolen, short, signed[:-1], bytes(64) + signed[64:], b""):
        with pytest.raises(TextRefused):
            read_answer(wrong, today=TODAY)
    with pytest.raises(TextRefused, match="clock"):
        read_answer(joiner.answer(b"c" * 32, day=TODAY + 2), today=TODAY)


def test_an_opening_is_what_was_committed_to_and_for_whom() -> None:
    joiner, committed = Joiner(), opening()
    sealed = seal_opening(committed, wrapping=joiner.wrapping.public)
    found, encoded = open_opening(sealed, commitment=commitment_to(committed), wrapping=joiner.wrapping)
    assert encoded == committed
    assert (found.name, found.role, found.device) == ("Jonas", "caseworker", INVITER.public)
    with pytest.raises(TextRefused):
        open_opening(sealed, commitment=commitment_to(opening()), wrapping=joiner.wrapping)
    with pytest.raises(TextRefused):
        open_opening(sealed, commitment=commitment_to(committed), wrapping=HybridSecret.generate())
    for wrong in (opening(nonce=b""), opening(device=b"d"), opening(member=b"m"), opening(format=2), b"x"):
        again = seal(wrong, recipient=joiner.wrapping.public)
        with pytest.raises(TextRefused):
            open_opening(again, commitment=commitment_to(wrong), wrapping=joiner.wrapping)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_only_our_error(content: bytes) -> None:
    for read in (read_invitation, read_answer):
        with pytest.raises(Error):
            read(content, today=TODAY)
    with pytest.raises(Error):
        open_opening(content, commitment=b"c" * 32, wrapping=Joiner().wrapping)


# ---- Somebody in between ----


def test_both_sides_read_the_same_words_and_an_altered_text_changes_them() -> None:
    joiner, committed = Joiner(), opening()
    invited, answered = invitation(committed), joiner.answer(commitment_to(committed))
    words = joining_words(invitation=invited, answer=answered, opening=committed)
    assert words == joining_words(invitation=invited, answer=answered, opening=committed)
    others = [
        (invitation(committed, door_url="http://other.example"), answered, committed),
        (invitation(committed, fingerprint=b"g" * 16), answered, committed),
        (invited, Joiner().answer(commitment_to(committed)), committed),
        (invited, answered, opening()),
    ]
    for other in others:
        assert joining_words(invitation=other[0], answer=other[1], opening=other[2])["en"] != words["en"]


def test_somebody_in_between_has_to_fix_each_side_before_seeing_the_other() -> None:
    """They invite the joiner as themselves, and answer the inviter as themselves: the words differ."""
    inviter, between = opening(), opening(device=HybridSigningKey(b"b" * 32).public)
    joiner, puppet = Joiner(), Joiner()
    # What each side has: the joiner was bound to `between` before it spoke.
    at_joiner = joining_words(
        invitation=invitation(between), answer=joiner.answer(commitment_to(between)), opening=between
    )
    at_inviter = joining_words(
        invitation=invitation(inviter), answer=puppet.answer(commitment_to(inviter)), opening=inviter
    )
    assert at_joiner["en"] != at_inviter["en"]
    # Once the inviter has opened, the joiner takes no other opening than the one that it was bound to.
    grown = seal_opening(inviter, wrapping=joiner.wrapping.public)
    with pytest.raises(TextRefused):
        open_opening(grown, commitment=commitment_to(between), wrapping=joiner.wrapping)
