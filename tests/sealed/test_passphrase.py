from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed import passphrase
from causeway.sealed.passphrase import (
    CHEAP_FOR_TESTS,
    DATA_KEY_SIZE,
    SLOT_SIZE,
    SLOTS,
    STANDARD,
    DerivationFailed,
    Profile,
    UnfitPassphrase,
    check_passphrase,
    derive,
    open_slots,
    seal_slot,
)
from causeway.wire.errors import FormatError
from causeway.wire.padding import pad

SALT = bytes(range(32))
STRETCHED = b"\x07" * 32
DATA_KEY = b"\x2a" * DATA_KEY_SIZE


def slots_with(index: int, sealed: bytes) -> list[bytes]:
    slots = [os.urandom(SLOT_SIZE) for _ in range(SLOTS)]
    slots[index] = sealed
    return slots


def slot_key(index: int) -> bytes:
    hkdf = HKDF(hashes.SHA256(), length=32, salt=None, info=b"causeway/key-slot/1" + bytes([index]))
    return hkdf.derive(STRETCHED)


def argon2id(passphrase_bytes: bytes, profile: Profile) -> bytes:
    kdf = Argon2id(
        salt=SALT, length=32, iterations=profile.passes, lanes=profile.lanes, memory_cost=profile.memory_kib
    )
    return kdf.derive(passphrase_bytes)


def test_the_standard_profile_is_the_formats() -> None:
    assert Profile(memory_kib=262_144, passes=3, lanes=2) == STANDARD


def test_the_child_computes_argon2id() -> None:
    assert derive("зимний сад", salt=SALT, profile=CHEAP_FOR_TESTS) == argon2id(
        "зимний сад".encode(), CHEAP_FOR_TESTS
    )


_DERIVE_AND_TELL = """
import re, sys
from causeway.sealed.passphrase import derive
sys.stdout.buffer.write(derive("зимний сад", salt=bytes.fromhex(sys.argv[1])))
print(re.search("VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


@pytest.mark.slow
def test_the_standard_profile_runs_outside_the_process_that_asks() -> None:
    # A fresh process, since this one may have grown large by other tests; and VmHWM, since ru_maxrss
    # begins with the size of the process that started it.
    told = subprocess.run(
        [sys.executable, "-c", _DERIVE_AND_TELL, SALT.hex()],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(passphrase.__file__).parents[2])},
    )
    assert int(told.stderr) < 200 * 1024  # KiB at its peak; the derivation alone takes 256 MiB
    assert told.stdout == argon2id("зимний сад".encode(), STANDARD)


def test_the_passphrase_is_in_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    run = subprocess.run

    def watched(command: list[str], **options: object) -> object:
        seen.append((command, options.get("env")))
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", watched)
    derive("зимний сад", salt=SALT, profile=CHEAP_FOR_TESTS)
    child = str(Path(passphrase.__file__).with_name("_derive_child.py"))
    assert seen == [([sys.executable, "-I", child], None)]


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("cafe\u0301 in winter", "caf\u00e9 in winter"),  # decomposed on one system, composed on another
        ("ｗｉｎｔｅｒ garden", "winter garden"),  # full-width letters of an East Asian keyboard
        ("winter\u00a0garden", "winter garden"),
    ],
)
def test_another_keyboard_opens_the_same(typed: str, same: str) -> None:
    cheap = CHEAP_FOR_TESTS
    assert derive(typed, salt=SALT, profile=cheap) == derive(same, salt=SALT, profile=cheap)


def test_case_counts() -> None:
    cheap = CHEAP_FOR_TESTS
    assert derive("Winter garden", salt=SALT, profile=cheap) != derive(
        "winter garden", salt=SALT, profile=cheap
    )


def test_a_child_without_memory_is_our_error() -> None:
    too_much = Profile(memory_kib=2**32 - 1, passes=1, lanes=1)
    with pytest.raises(DerivationFailed) as failed:
        derive("winter garden", salt=SALT, profile=too_much)
    assert "winter" not in failed.value.diagnostics()


def test_a_child_that_cannot_start_is_our_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(DerivationFailed):
        derive("winter garden", salt=SALT, profile=CHEAP_FOR_TESTS)


def test_a_salt_of_another_size_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="32"):
        derive("winter garden", salt=SALT[:16], profile=CHEAP_FOR_TESTS)


@pytest.mark.parametrize(
    "poor", ["", "tiny one", "elevenchars", "            ", "aaaaaaaaaaaaaaaaaaaa", "\udc80" * 12]
)
def test_a_poor_passphrase_is_refused(poor: str) -> None:
    with pytest.raises(UnfitPassphrase) as refused:
        check_passphrase(poor)
    assert isinstance(refused.value, LocalError)
    assert len(poor.strip()) < 2 or poor not in refused.value.diagnostics()


@pytest.mark.parametrize("good", ["twelve chars", "двенадцать слонов", "十二个字的口令应该足够长了吧"])
def test_twelve_characters_will_do(good: str) -> None:
    check_passphrase(good)


@pytest.mark.parametrize("index", range(SLOTS))
def test_a_slot_opens_in_its_place(index: int) -> None:
    sealed = seal_slot(DATA_KEY, stretched=STRETCHED, index=index)
    assert len(sealed) == SLOT_SIZE
    assert open_slots(slots_with(index, sealed), stretched=STRETCHED) == (index, DATA_KEY)


def test_a_slot_has_the_formats_layout() -> None:
    sealed = seal_slot(DATA_KEY, stretched=STRETCHED, index=3, random=lambda size: b"\x01" * size)
    nonce = b"\x01" * 12
    packed = b"\x92\x01\xc4\x20" + DATA_KEY
    content = len(packed).to_bytes(4, "big") + packed + bytes(4068 - 4 - len(packed))
    assert sealed == nonce + ChaCha20Poly1305(slot_key(3)).encrypt(nonce, content, None)


def test_a_slot_opens_in_no_other_place() -> None:
    sealed = seal_slot(DATA_KEY, stretched=STRETCHED, index=3)
    assert open_slots(slots_with(4, sealed), stretched=STRETCHED) is None


def test_another_passphrase_opens_nothing() -> None:
    sealed = seal_slot(DATA_KEY, stretched=STRETCHED, index=3)
    assert open_slots(slots_with(3, sealed), stretched=b"\x08" * 32) is None


@pytest.mark.parametrize("index", range(SLOTS))
def test_all_eight_are_tried_wherever_it_lies(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    original = passphrase._slot_key
    slots = slots_with(index, seal_slot(DATA_KEY, stretched=STRETCHED, index=index))

    def counted(stretched: bytes, number: int) -> bytes:
        tried.append(number)
        return original(stretched, number)

    monkeypatch.setattr(passphrase, "_slot_key", counted)
    open_slots(slots, stretched=STRETCHED)
    assert tried == list(range(SLOTS))


@given(position=st.integers(0, SLOT_SIZE - 1), bit=st.integers(0, 7))
def test_a_changed_bit_closes_a_slot(position: int, bit: int) -> None:
    sealed = bytearray(seal_slot(DATA_KEY, stretched=STRETCHED, index=0))
    sealed[position] ^= 1 << bit
    assert open_slots(slots_with(0, bytes(sealed)), stretched=STRETCHED) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pad(msgspec.msgpack.encode((2, DATA_KEY)), size=4068), id="later version"),
        pytest.param(pad(msgspec.msgpack.encode((1, DATA_KEY[:16])), size=4068), id="short key"),
        pytest.param(pad(msgspec.msgpack.encode((1, DATA_KEY, 0)), size=4068), id="one field more"),
        pytest.param(pad(b"\xc1", size=4068), id="no msgpack"),
        pytest.param(b"\x00" * 4067 + b"\x01", id="padding not empty"),
    ],
)
def test_a_slot_that_opens_to_something_else_is_refused(content: bytes) -> None:
    nonce = bytes(12)
    sealed = nonce + ChaCha20Poly1305(slot_key(5)).encrypt(nonce, content, None)
    with pytest.raises(FormatError):
        open_slots(slots_with(5, sealed), stretched=STRETCHED)


def test_other_than_eight_slots_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="eight"):
        open_slots([bytes(SLOT_SIZE)] * 7, stretched=STRETCHED)
    with pytest.raises(ValueError, match="32"):
        seal_slot(b"", stretched=STRETCHED, index=0)
