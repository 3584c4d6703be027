from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import RemoteError
from causeway.sealed.age import NoKeyFits
from causeway.sealed.envelope import open_envelope, seal_envelope
from causeway.sealed.hybrid import HybridError, HybridSecret
from causeway.sealed.intake import open_intake, seal_intake
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.sealed.signing import SignatureRefused, SigningKey
from causeway.wire.errors import FormatError, TooLarge
from causeway.wire.intake import Action, IntakeMessage, SendingPath, encode_intake, parse_intake
from causeway.wire.sizes import SLOT_BYTES, TEXT_UNITS_MAX
from tests.strategies import texts

KEYS = ConversationKeys(bytes(range(11)))
INTAKE = HybridSecret.from_seed(b"i" * 32)
SLOT_ID = b"m" * 16


def message(**changes: Any) -> IntakeMessage:
    plain = IntakeMessage(
        conversation=KEYS.conversation,
        message=SLOT_ID,
        tag_key=KEYS.tag_key,
        answer_key=bytes(KEYS.answer.public),
        verify_key=KEYS.signing.public,
        path=SendingPath.SCRIPT,
        language="ru",
        action=Action.WRITE,
        last_answer=0,
        text="Мы ждём у реки.",
    )
    return replace(plain, **changes)


def sealed(one: IntakeMessage, *, signing: SigningKey = KEYS.signing) -> bytes:
    return seal_intake(one, signing=signing, recipient=INTAKE.public)


def opened(slot: bytes, *, slot_id: bytes = SLOT_ID) -> IntakeMessage:
    return open_intake(slot, slot_id=slot_id, secrets=[INTAKE])


def test_words_lead_back_to_the_same_keys() -> None:
    receipt = Receipt.generate()
    for language in ("en", "ru"):
        again = Receipt.from_text("  ".join(receipt.words(language)).upper())
        assert again.keys().conversation == receipt.keys().conversation
        assert again.keys().answer == receipt.keys().answer
        assert again.keys().tag_key == receipt.keys().tag_key


def test_derivation_is_the_documented_one() -> None:
    stretched = hashlib.pbkdf2_hmac("sha512", bytes(range(11)), b"causeway/receipt/1", 16_384, 64)
    extracted = _hmac(bytes(32), stretched)
    assert KEYS.tag_key == _hmac(extracted, b"causeway/tag-key/1\x01")
    assert KEYS.answer.seed == _hmac(extracted, b"causeway/answer-key/1\x01")
    assert KEYS.signing.seed == _hmac(extracted, b"causeway/verify-key/1\x01")
    assert (
        KEYS.conversation == hashlib.sha256(b"causeway/conversation/1\0" + KEYS.signing.public).digest()[:16]
    )


def _hmac(key: bytes, text: bytes) -> bytes:
    import hmac

    return hmac.digest(key, text, "sha256")


def test_no_secret_is_shown() -> None:
    receipt = Receipt(b"secret-word")
    shown = repr([receipt, receipt.keys(), KEYS.signing, message(text="hidden text")])
    assert "secret" not in shown
    assert "hidden" not in shown


@settings(max_examples=40)
@given(texts, st.sampled_from(SendingPath), st.integers(0, 99))
def test_a_message_comes_back(text: str, path: SendingPath, last: int) -> None:
    one = message(text=text, path=path, first_answer=min(last, 3), last_answer=last)
    slot = sealed(one)
    assert len(slot) == SLOT_BYTES
    assert opened(slot) == one


@pytest.mark.parametrize("filling", ["я", "\n", '"', "\\", "𝄞", "ﷺ", "<", "\u2028"])
def test_the_longest_text_fits_whatever_it_is_made_of(filling: str) -> None:
    units = len(filling.encode("utf-16-le")) // 2
    one = message(text=filling * (TEXT_UNITS_MAX // units))
    assert opened(sealed(one)) == one


def test_a_longer_text_does_not_come_in() -> None:
    with pytest.raises((FormatError, TooLarge)):
        opened(sealed(message(text="a" * (TEXT_UNITS_MAX + 1))))


def test_another_slot_than_its_own_is_refused() -> None:
    with pytest.raises(FormatError):
        opened(sealed(message()), slot_id=b"n" * 16)


def test_nobody_signs_into_another_conversation() -> None:
    stranger = SigningKey(b"s" * 32)
    with pytest.raises(SignatureRefused):
        opened(sealed(message(), signing=stranger))
    with pytest.raises(SignatureRefused):
        opened(sealed(message(verify_key=stranger.public), signing=stranger))


def test_an_answer_key_that_cannot_be_sealed_to_is_refused() -> None:
    with pytest.raises(HybridError):
        opened(sealed(message(answer_key=bytes(1216))))


def test_another_centre_opens_nothing() -> None:
    with pytest.raises(NoKeyFits):
        open_intake(sealed(message()), slot_id=SLOT_ID, secrets=[HybridSecret.generate()])


@settings(max_examples=60)
@given(st.integers(0, SLOT_BYTES - 1), st.integers(1, 255))
def test_every_altered_byte_is_noticed(at: int, change: int) -> None:
    slot = bytearray(sealed(message()))
    slot[at] ^= change
    with pytest.raises(RemoteError):
        opened(bytes(slot))


@given(st.binary(max_size=300))
def test_arbitrary_json_raises_only_our_error(payload: bytes) -> None:
    with pytest.raises(FormatError):
        parse_intake(payload)


@pytest.mark.parametrize(
    "change",
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1,"extra":0'),
        (b'"action":"write"', b'"action":"close"'),
        (b'"action":"write"', b'"action":"other"'),
        (b'"last_answer":0', b'"last_answer":-1'),
        (b'"last_answer":0', b'"last_answer":0.5'),
        (b'"first_answer":0', b'"first_answer":1'),
        (b'"language":"ru"', b'"language":""'),
        (b'"language":"ru"', b'"language":"rrrrrrrrrrrrrrrrr"'),
        (b'"language":"ru"', b'"language":"r u"'),
        ("Мы".encode(), b"\\u0007"),
        (b'"path":"script"', b'"path":"plain" '),
    ],
)
def test_deviations_from_the_form(change: tuple[bytes, bytes]) -> None:
    payload = encode_intake(message())
    altered = payload.replace(*change)
    assert altered != payload
    if b"plain" in change[1]:
        assert parse_intake(altered).path is SendingPath.PLAIN
        return
    with pytest.raises(FormatError):
        parse_intake(altered)


def test_an_error_never_quotes_what_it_refuses() -> None:
    with pytest.raises(FormatError) as raised:
        parse_intake(encode_intake(message()).replace(b'"action":"write"', b'"action":"canary"'))
    assert "canary" not in repr(raised.value) + str(raised.value.diagnostics())


def test_an_envelope_of_another_size_is_refused() -> None:
    envelope = seal_envelope(b"x", recipient=INTAKE.public, size=8192)
    assert open_envelope(envelope, secrets=[INTAKE], size=8192) == b"x"
    with pytest.raises(FormatError):
        open_envelope(envelope, secrets=[INTAKE], size=SLOT_BYTES)
