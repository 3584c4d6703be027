"""Russian and Chechen names in Latin letters, by published standards. Knows nothing of the normaliser.

`STANDARDS` holds one function per standard, from a Cyrillic word to a Latin one:

- iso9: ISO 9:1995 = GOST 7.79-2000 system A
- gost_b: GOST 7.79-2000 system B
- bgn: BGN/PCGN 1947 for Russian
- icao: ICAO Doc 9303 part 3, in Russian passports since 2013
- passport_1997: order 310 of the Russian Ministry of the Interior of 26 May 1997
- gost_1971: GOST 16876-71, table 2
- ala_lc: ALA-LC without ligatures
- chechen_1992: the Chechen Latin alphabet of 1992 (Chechen words only)
- chechen_bgn: BGN/PCGN 2008 for Chechen (Chechen words only)
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["CHECHEN_STANDARDS", "STANDARDS"]

_PLAIN = dict(zip("абвгдзиклмнопрстуф", "abvgdziklmnoprstuf", strict=True))
_VOWELS = "аеёиоуыэюя"

_ISO9 = _PLAIN | dict(zip("еёжйхцчшщъыьэюя", "eëžjhcčšŝʺyʹèûâ", strict=True)) | {"ӏ": "‡"}
_GOST_B = _PLAIN | {
    "е": "e", "ё": "yo", "ж": "zh", "й": "j", "х": "x", "ц": "cz", "ч": "ch", "ш": "sh", "щ": "shh",
    "ъ": "``", "ы": "y`", "ь": "`", "э": "e`", "ю": "yu", "я": "ya",
}  # fmt: skip
_BGN = _PLAIN | {
    "е": "e", "ё": "ë", "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "”", "ы": "y", "ь": "’", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
_ICAO = _PLAIN | {
    "е": "e", "ё": "e", "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia",
}  # fmt: skip
_1997 = _BGN | {"ё": "e", "ъ": "", "ь": ""}
_1971 = _PLAIN | {
    "е": "e", "ё": "jo", "ж": "zh", "й": "jj", "х": "kh", "ц": "c", "ч": "ch", "ш": "sh", "щ": "shh",
    "ъ": "", "ы": "y", "ь": "'", "э": "eh", "ю": "ju", "я": "ja",
}  # fmt: skip
_ALA = _PLAIN | {
    "е": "e", "ё": "ë", "ж": "zh", "й": "ĭ", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "ʺ", "ы": "y", "ь": "ʹ", "э": "ė", "ю": "iu", "я": "ia",
}  # fmt: skip
_CHECHEN_1992 = _PLAIN | {
    "аь": "ä", "гӏ": "ġ", "е": "e", "ё": "yo", "ж": "ƶ", "й": "y", "кх": "q", "къ": "q̇", "кӏ": "kh",
    "оь": "ö", "пӏ": "ph", "тӏ": "th", "уь": "ü", "х": "x", "хь": "ẋ", "хӏ": "h", "ц": "c", "цӏ": "ċ",
    "ч": "ç", "чӏ": "ç̇", "ш": "ş", "щ": "ş", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "юь": "yü",
    "я": "ya", "яь": "yä", "ӏ": "j",
}  # fmt: skip
_CHECHEN_BGN = _CHECHEN_1992 | {"ӏ": "’", "ж": "z̵", "кӏ": "kh", "цӏ": "ċ"}


def _letters(word: str, table: dict[str, str]) -> str:
    """Replace letters, two at a time where the table has them; a capital stays one."""
    parts = []
    at = 0
    while at < len(word):
        two = word[at : at + 2].lower()
        size = 2 if len(two) == 2 and two in table else 1
        source = word[at : at + size]
        found = table.get(source.lower(), source)
        parts.append(found[:1].upper() + found[1:] if source[0].isupper() else found)
        at += size
    return "".join(parts)


def _ye(word: str, table: dict[str, str], after: str) -> str:
    """As above, with е as ye at the start of a word and after some letters."""
    marked = []
    for at, letter in enumerate(word):
        if letter.lower() == "е" and (at == 0 or word[at - 1].lower() in after):
            marked.append("Йe" if letter.isupper() else "йe")
        else:
            marked.append(letter)
    return _letters("".join(marked), table)


def _gost_b(word: str) -> str:
    """ц is c before i, e, y and j."""
    latin = _letters(word, _GOST_B)
    for soft in "ieyj":
        latin = latin.replace(f"cz{soft}", f"c{soft}").replace(f"Cz{soft}", f"C{soft}")
    return latin


STANDARDS: dict[str, Callable[[str], str]] = {
    "iso9": lambda word: _letters(word, _ISO9),
    "gost_b": _gost_b,
    "bgn": lambda word: _ye(word, _BGN, _VOWELS + "йъь"),
    "icao": lambda word: _letters(word, _ICAO),
    "passport_1997": lambda word: _ye(word, _1997, _VOWELS + "ъь"),
    "gost_1971": lambda word: _letters(word, _1971),
    "ala_lc": lambda word: _letters(word, _ALA),
}
CHECHEN_STANDARDS: dict[str, Callable[[str], str]] = {
    "chechen_1992": lambda word: _letters(word, _CHECHEN_1992),
    "chechen_bgn": lambda word: _letters(word, _CHECHEN_BGN),
}
