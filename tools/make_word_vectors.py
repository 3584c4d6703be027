"""Make vectors/words.json, which the Python and the TypeScript tests of receipt words both read.

Usage: ``python tools/make_word_vectors.py`` writes the file, ``--check`` compares and exits with 1 where it
differs.

Form: `lists` has each list's size and SHA-256 (of the file), `receipts` and `fingerprints` give bytes and
their words (`lang` "digits" gives groups of four digits), `typed` gives what a person may type and either
`entropy` or `expect`: `unknown-word` (with `position` and `word`), `wrong-word-count` (with `found`) or
`one-word-wrong`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import unicodedata
from importlib import resources
from pathlib import Path
from typing import Any

from causeway.sealed.words import DIGITS, LANGUAGES, encode_fingerprint, encode_receipt, word_list

__all__ = ["main", "vectors"]

_FILE = Path(__file__).resolve().parent.parent / "vectors" / "words.json"


def vectors() -> dict[str, Any]:
    """Return all vectors, the same on every run."""
    return {
        "lists": {lang: _list(lang) for lang in LANGUAGES},
        "receipts": [
            {"entropy": entropy.hex(), "lang": lang, "words": encode_receipt(entropy, lang=lang)}
            for entropy in _samples("receipt", size=11)
            for lang in (*LANGUAGES, DIGITS)
        ],
        "fingerprints": [
            {
                "fingerprint": fingerprint.hex(),
                "lang": lang,
                "words": encode_fingerprint(fingerprint, lang=lang),
            }
            for fingerprint in _samples("fingerprint", size=16)
            for lang in (*LANGUAGES, DIGITS)
        ],
        "typed": [*_accepted(), *_refused()],
    }


def _list(lang: str) -> dict[str, Any]:
    content = (resources.files("causeway.sealed") / "wordlists" / f"{lang}.txt").read_bytes()
    return {"words": len(word_list(lang)), "sha256": hashlib.sha256(content).hexdigest()}


def _samples(label: str, *, size: int) -> list[bytes]:
    drawn = [hashlib.sha256(f"{label} {n}".encode()).digest()[:size] for n in range(6)]
    return [bytes(size), b"\xff" * size, bytes(range(size)), *drawn]


def _accepted() -> list[dict[str, Any]]:
    entropy = _samples("receipt", size=11)[4]
    en, ru = (encode_receipt(entropy, lang=lang) for lang in ("en", "ru"))
    numbered = "\n".join(f"{n}. {word}" for n, word in enumerate(en, start=1))
    bracketed = " ".join(f"{n}){word}" for n, word in enumerate(ru, start=1))
    arabic = "\n".join(f"{chr(0x0660 + n)}. {word}" for n, word in enumerate(en, start=1))
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in " ".join(en))
    # A word with е may be typed with ё, and some keyboards give й as и and a breve.
    dotted = " ".join(ru).replace("е", "ё", 1)
    apart = next(words for words in map(_drawn, range(1000)) if "й" in "".join(words))
    texts = {
        "one space": " ".join(en),
        "one space, Russian": " ".join(ru),
        "capitals": " ".join(en).upper(),
        "first letters in capitals, Russian": " ".join(ru).title(),
        "lines and spaces round them": "\r\n \t" + "\r\n".join(en) + "  \n",
        "commas and a full stop": ", ".join(en) + ".",
        "hyphens, Russian": "-".join(ru),
        "underscores": "_".join(en),
        "no-break spaces": "\u00a0".join(en),
        "zero-width spaces": "\u200b".join(en),
        "quotation marks, Russian": "«" + "» «".join(ru) + "»",
        "numbers before the words": numbered,
        "numbers and brackets, Russian": bracketed,
        "Arabic-Indic numbers": arabic,
        "full-width letters": wide,
        "ё for е": dotted,
    }
    cases: list[dict[str, Any]] = [
        {"about": about, "text": text, "entropy": entropy.hex()} for about, text in texts.items()
    ]
    decomposed = unicodedata.normalize("NFD", " ".join(apart))
    cases.append({"about": "й in two code points", "text": decomposed, "entropy": _entropy_of(apart).hex()})
    return [*cases, *_accepted_digits()]


def _accepted_digits() -> list[dict[str, Any]]:
    entropy = _samples("receipt", size=11)[4]
    groups = encode_receipt(entropy, lang=DIGITS)
    joined = "".join(groups)
    texts = {
        "digit groups": " ".join(groups),
        "digit groups, one a line": "\n".join(groups),
        "32 digits in a row": joined,
        "32 digits, each alone": " ".join(joined),
        "32 digits in pairs": "-".join(joined[at : at + 2] for at in range(0, 32, 2)),
        "32 digits in two halves": f"{joined[:16]} {joined[16:]}",
        "numbers before digit groups": "\n".join(f"{n}. {group}" for n, group in enumerate(groups, start=1)),
        "Arabic-Indic digits": " ".join(_digits(group, 0x0660) for group in groups),
        "Persian digits in a row": _digits(joined, 0x06F0),
        "Persian digits, numbered": "\n".join(
            f"{_digits(str(n), 0x06F0)}. {_digits(group, 0x06F0)}" for n, group in enumerate(groups, start=1)
        ),
        "Devanagari digits": " ".join(_digits(group, 0x0966) for group in groups),
        "full-width digits": " ".join(_digits(group, 0xFF10) for group in groups),
        "two scripts of digits": " ".join((*groups[:4], *(_digits(group, 0x0660) for group in groups[4:]))),
        "direction marks between": "\u200f".join(("", *(f"{group}\u200e" for group in groups))),
    }
    cases: list[dict[str, Any]] = [
        {"about": about, "text": text, "entropy": entropy.hex()} for about, text in texts.items()
    ]
    small = bytes(10) + b"\x07"
    bare = " ".join(group.lstrip("0") or "0" for group in encode_receipt(small, lang=DIGITS))
    cases.append({"about": "no zeros in front", "text": bare, "entropy": small.hex()})
    return cases


def _digits(text: str, zero: int) -> str:
    """Return ASCII digits in the script whose zero has this code point."""
    return "".join(chr(zero + int(digit)) for digit in text)


def _drawn(number: int) -> tuple[str, ...]:
    return encode_receipt(hashlib.sha256(f"drawn {number}".encode()).digest()[:11], lang="ru")


def _entropy_of(words: tuple[str, ...]) -> bytes:
    bits = 0
    for word in words:
        bits = bits << 12 | word_list("ru").index(word)
    return (bits >> 8).to_bytes(11, "big")


def _refused() -> list[dict[str, Any]]:
    entropy = _samples("receipt", size=11)[4]
    en, ru = (encode_receipt(entropy, lang=lang) for lang in ("en", "ru"))
    swapped = (en[1], en[0], *en[2:])
    groups = encode_receipt(entropy, lang=DIGITS)
    moved = (groups[1], groups[0], *groups[2:])
    numbered = list(enumerate(groups, start=1))
    letter = f"o{groups[0][1:]}"
    other = word_list("en")[(word_list("en").index(en[7]) + 1) % 4096]

    def unknown(about: str, text: str, *, position: int, word: str) -> dict[str, Any]:
        return {"about": about, "text": text, "expect": "unknown-word", "position": position, "word": word}

    def count(about: str, text: str, *, found: int) -> dict[str, Any]:
        return {"about": about, "text": text, "expect": "wrong-word-count", "found": found}

    return [
        unknown(
            "a word that is in no list", " ".join((*en[:2], "qwerty", *en[3:])), position=3, word="qwerty"
        ),
        unknown("the first of two", " ".join((en[0], "Qwerty", *en[2:7], "asdf")), position=2, word="qwerty"),
        unknown("numbers do not count", f"1. {en[0]} 2. qwerty 3. {en[2]}", position=2, word="qwerty"),
        unknown(
            "a number that grew on to its word", f"1{en[0]} " + " ".join(en[1:]), position=1, word=f"1{en[0]}"
        ),
        unknown("most are Russian", " ".join((en[0], *ru[1:])), position=1, word=en[0]),
        unknown("most are English", " ".join((*en[:7], ru[7])), position=8, word=ru[7]),
        unknown(
            "as many of each: the first list counts", " ".join((*ru[:4], *en[4:])), position=1, word=ru[0]
        ),
        unknown("none is known", "qwerty asdf", position=1, word="qwerty"),
        unknown("a word too many that is unknown", " ".join((*en, "qwerty")), position=9, word="qwerty"),
        count("nothing", "", found=0),
        count("numbers alone", "1. 2. 3.", found=0),
        count("seven", " ".join(en[:7]), found=7),
        count("nine, Russian", " ".join((*ru, ru[0])), found=9),
        unknown(
            "a group above 4095",
            " ".join((*groups[:3], "4096", *groups[4:])),
            position=4,
            word="4096",
        ),
        unknown(
            "the first group that is too high, in other digits",
            _digits("9999", 0x0660) + "".join(groups[1:]),
            position=1,
            word="9999",
        ),
        unknown("a letter among digits", " ".join((letter, *groups[1:])), position=1, word=letter),
        unknown("a word among groups", " ".join((*groups[:7], en[0], "qwerty")), position=2, word="qwerty"),
        count("a word and groups", f"{en[0]} " + " ".join(groups), found=1),
        count("seven groups", " ".join(groups[:7]), found=7),
        count("nine groups", " ".join((*groups, groups[0])), found=9),
        count("31 digits", "".join(groups)[:31], found=7),
        count("33 digits", "".join(groups) + "0", found=9),
        count("seven groups with numbers", " ".join(f"{n}. {g}" for n, g in numbered[:7]), found=7),
        {"about": "two groups changed places", "text": " ".join(moved), "expect": "one-word-wrong"},
        {"about": "two words changed places", "text": " ".join(swapped), "expect": "one-word-wrong"},
        {
            "about": "the next word of the list",
            "text": " ".join((*en[:7], other)),
            "expect": "one-word-wrong",
        },
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the vectors, or compare them with the file."""
    parser = argparse.ArgumentParser(description="Make the vectors of receipt words.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    text = json.dumps(vectors(), ensure_ascii=True, indent=1) + "\n"
    if parser.parse_args(arguments).check:
        return 0 if _FILE.exists() and _FILE.read_text("ascii") == text else 1
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_bytes(text.encode("ascii"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
