from __future__ import annotations

import importlib.util
import json
import random
import sys
import unicodedata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed.words import (
    DIGITS,
    LANGUAGES,
    OneWordWrong,
    ReceiptError,
    UnknownWord,
    WrongWordCount,
    decode_receipt,
    encode_fingerprint,
    encode_receipt,
    word_list,
)

ROOT = Path(__file__).resolve().parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "vectors" / "words.json").read_text("ascii"))
ENTROPY = st.binary(min_size=11, max_size=11)
LANGS = st.sampled_from((*LANGUAGES, DIGITS))
KINDS = {"unknown-word": UnknownWord, "wrong-word-count": WrongWordCount, "one-word-wrong": OneWordWrong}


def tool(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


# ---- The lists ----


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_is_4096_short_words_in_order(lang: str) -> None:
    words = word_list(lang)
    letters = {"en": "abcdefghijklmnopqrstuvwxyz", "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}[lang]
    assert len(words) == len(set(words)) == 4096
    assert list(words) == sorted(words)
    assert all(3 <= len(word) <= 8 and set(word) <= set(letters) for word in words)
    assert all(unicodedata.is_normalized("NFC", word) for word in words)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_a_list_are_told_apart(lang: str) -> None:
    words = word_list(lang)
    wordlist = tool("wordlist")
    assert len({word[:5] for word in words}) == 4096
    longer = {word[:n] for word in words for n in range(4, len(word))}
    assert not longer & set(words)
    # Two words one slip apart share a spelling once at most one letter is left out of each.
    thinned: dict[str, list[str]] = {}
    for word in words:
        for key in {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}:
            near = [other for other in thinned.get(key, []) if wordlist.is_near(word, other)]
            assert not near
            thinned.setdefault(key, []).append(word)


def test_no_word_is_in_two_lists() -> None:
    assert not set(word_list("en")) & set(word_list("ru"))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("lamp", "lamp", True),
        ("lamp", "lamps", True),
        ("lamp", "amp", True),
        ("lamp", "limp", True),
        ("lamp", "lapm", True),
        ("lamp", "plam", False),
        ("lamp", "lump s", False),
        ("lamp", "lipm", False),
        ("lamp", "pmal", False),
    ],
)
def test_one_slip(one: str, other: str, near: bool) -> None:
    is_near = tool("wordlist").is_near
    assert is_near(one, other) is is_near(other, one) is near


@pytest.mark.slow
def test_the_lists_are_what_their_rules_give() -> None:
    assert tool("wordlist").main(["--check"]) == 0


# ---- The vectors ----


def test_the_vectors_are_what_their_script_gives() -> None:
    assert tool("make_word_vectors").main(["--check"]) == 0


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda v: f"{v['lang']} {v['entropy']}")
def test_receipt_vectors(vector: dict[str, Any]) -> None:
    entropy = bytes.fromhex(vector["entropy"])
    assert list(encode_receipt(entropy, lang=vector["lang"])) == vector["words"]
    assert decode_receipt(" ".join(vector["words"])) == entropy


@pytest.mark.parametrize("vector", VECTORS["fingerprints"], ids=lambda v: f"{v['lang']} {v['fingerprint']}")
def test_fingerprint_vectors(vector: dict[str, Any]) -> None:
    words = encode_fingerprint(bytes.fromhex(vector["fingerprint"]), lang=vector["lang"])
    assert len(words) == 11
    assert list(words) == vector["words"]


@pytest.mark.parametrize("vector", VECTORS["typed"], ids=lambda v: v["about"])
def test_typed_vectors(vector: dict[str, Any]) -> None:
    text = vector["text"]
    if "entropy" in vector:
        assert decode_receipt(text).hex() == vector["entropy"]
        return
    with pytest.raises(KINDS[vector["expect"]]) as caught:
        decode_receipt(text)
    for name in {"position", "word", "found"} & vector.keys():
        assert getattr(caught.value, name) == vector[name]


# ---- Properties ----


@given(entropy=ENTROPY, lang=LANGS)
def test_what_was_written_is_read(entropy: bytes, lang: str) -> None:
    words = encode_receipt(entropy, lang=lang)
    assert len(words) == 8
    assert decode_receipt(" ".join(words)) == entropy


@given(data=st.data(), entropy=ENTROPY, lang=LANGS)
def test_case_punctuation_and_numbers_make_no_difference(
    data: st.DataObject, entropy: bytes, lang: str
) -> None:
    between = st.text(" \t\r\n.,;:!?-–—_()[]«»\"'/\u00a0\u200b", min_size=1, max_size=3)
    typed = data.draw(between)
    for number, word in enumerate(encode_receipt(entropy, lang=lang), start=1):
        form = data.draw(st.sampled_from((str.upper, str.title, str.lower)))
        typed += data.draw(st.sampled_from(("", f"{number}.", f"{number}) ", f"№ {number}: "))).replace(
            "№", ""
        )
        typed += form(word) + data.draw(between)
    if data.draw(st.booleans()):
        typed = typed.replace("е", "ё")
    assert decode_receipt(unicodedata.normalize(data.draw(st.sampled_from(("NFC", "NFD"))), typed)) == entropy


@given(text=st.text())
def test_whatever_is_typed_only_a_receipt_error_is_raised(text: str) -> None:
    with pytest.raises(ReceiptError):
        decode_receipt(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_wrong_word_is_noticed_255_times_in_256(lang: str) -> None:
    generator = random.Random(20261122)  # noqa: S311
    words = word_list(lang)
    trials, missed = 20_000, 0
    for _ in range(trials):
        typed = list(encode_receipt(generator.randbytes(11), lang=lang))
        place = generator.randrange(8)
        typed[place] = generator.choice(
            [word for word in generator.choices(words, k=2) if word != typed[place]]
        )
        try:
            decode_receipt(" ".join(typed))
        except OneWordWrong:
            continue
        missed += 1
    # 78 are expected; five standard deviations of 8.8 to each side.
    assert 34 < missed < 122


# ---- Digit groups ----


@given(entropy=ENTROPY, zero=st.sampled_from((0x30, 0x0660, 0x06F0, 0x0966)), data=st.data())
def test_digits_are_read_however_they_are_parted(entropy: bytes, zero: int, data: st.DataObject) -> None:
    groups = encode_receipt(entropy, lang="uk")
    assert groups == encode_receipt(entropy, lang=DIGITS)
    assert all(len(group) == 4 and 0 <= int(group) < 4_096 for group in groups)
    typed = ""
    for digit in "".join(groups):
        typed += chr(zero + int(digit)) + data.draw(st.sampled_from(("", "", " ", "\u200f", ".\n")))
    assert decode_receipt(typed) == entropy


def test_the_number_before_a_word_is_dropped_and_before_a_group_too() -> None:
    entropy = bytes(range(11))
    for lang in ("en", "tr"):
        words = encode_receipt(entropy, lang=lang)
        assert decode_receipt(" ".join(f"{n}. {word}" for n, word in enumerate(words, start=1))) == entropy


def test_digits_load_no_file() -> None:
    assert word_list(DIGITS)[0::4_095] == ("0000", "4095")
    assert len(set(word_list(DIGITS))) == 4_096


# ---- What errors say ----


def test_the_word_stays_out_of_messages() -> None:
    words = list(encode_receipt(bytes(11), lang="en"))
    words[4] = "Wintergarden"
    with pytest.raises(UnknownWord) as caught:
        decode_receipt(" ".join(words))
    error = caught.value
    assert isinstance(error, LocalError)
    assert (error.position, error.word) == (5, "wintergarden")
    assert "winter" not in f"{error} {error!r} {error.args} {error.diagnostics()}".casefold()
    assert "5" in error.diagnostics()


@pytest.mark.parametrize("size", [0, 10, 12])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="11 bytes"):
        encode_receipt(bytes(size), lang="en")
    with pytest.raises(ValueError, match="16 bytes"):
        encode_fingerprint(bytes(size), lang="en")
