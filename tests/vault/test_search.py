from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causeway.vault import Vault, search

LETTERS = {
    b"ru": "Ёлка у переезда. Позвоните Вере ТОЛЬКО вечером, й и Й.",
    b"uk": "Об’єднання «Їжак» чекає біля ґанку",
    b"ar": "كتابٌ في البيتِ القديم، الرقم ٠٥٥١٢٣",
    b"fa": "کتابخانه‌ی قدیمی، شماره ۰۵۵۱۲۳",
    b"zh": "他们在旧车站等我们",
    b"ka": "საქართველოს ძველი ᲡᲐᲮᲚᲘ",
    b"tr": "İstanbul'da IĞDIR yolu, ılık bir gün",
    b"de": "Straße und Grüße, ĐORĐE aus Łódź",
    b"hi": "पुराना स्टेशन",
    b"ko": "오래된 기차역",
    b"rare": "𠜎𠜱𠝹 here",
}


@pytest.fixture
def letters(vault: Vault) -> Vault:
    for doc, text in LETTERS.items():
        search.index(vault.db, doc, text)
    return vault


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("елк", b"ru"),
        ("ЁЛКА", b"ru"),
        ("реезд", b"ru"),
        ("вере", b"ru"),
        ("вечером позвоните", b"ru"),
        ("об'єднання", b"uk"),
        ("ЇЖАК", b"uk"),
        ("كتاب", b"ar"),
        ("البيت", b"ar"),
        ("055123", b"fa"),
        ("كتابخانه", b"fa"),
        ("旧车站", b"zh"),
        ("车站", b"zh"),
        ("车", b"zh"),
        ("სახლი", b"ka"),
        ("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", b"ka"),
        ("istanbul", b"tr"),
        ("İSTANBUL", b"tr"),
        ("ığdır", b"tr"),
        ("IĞDIR", b"tr"),
        ("igdir", b"tr"),
        ("ILIK", b"tr"),
        ("strasse", b"de"),
        ("GRUSSE", b"de"),
        ("lodz", b"de"),
        ("đorđe", b"de"),
        ("स्टेशन", b"hi"),
        ("기차역", b"ko"),
        ("𠜎𠜱𠝹", b"rare"),
    ],
)
def test_a_piece_of_a_word_is_found_in_any_script(letters: Vault, query: str, expected: bytes) -> None:
    assert expected in search.find(letters.db, query)


def test_every_word_must_be_there(letters: Vault) -> None:
    assert search.find(letters.db, "вере вечером") == [b"ru"]
    assert search.find(letters.db, "вере утром") == []
    assert search.find(letters.db, "вере у") == [b"ru"]
    assert search.find(letters.db, "вере щщ") == []


def test_newest_first_and_no_more_than_asked(vault: Vault) -> None:
    for number in range(20):
        search.index(vault.db, bytes([number]), "общий текст")
    search.index(vault.db, bytes([3]), "общий текст, исправленный")
    newest = [bytes([3]), *(bytes([number]) for number in (19, 18, 17))]
    assert search.find(vault.db, "общий", limit=4) == newest
    assert search.find(vault.db, "об", limit=4) == newest
    assert search.find(vault.db, "общий об", limit=4) == newest


@pytest.mark.parametrize("query", ["", " ", "\u0301", "\u200b\u200d", "\n\t"])
def test_nothing_asked_is_nothing_found(letters: Vault, query: str) -> None:
    assert search.find(letters.db, query) == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        'a" OR "b',
        "folded:вере",
        "NEAR(a b)",
        "вере*",
        "^вере",
        "вере AND",
        "-вере",
        "{x}",
        "%_%",
        "\x00вере'",
    ],
)
def test_a_query_is_text_and_never_syntax(letters: Vault, query: str) -> None:
    search.index(letters.db, b"same", f"начало {query} конец")
    assert b"same" in search.find(letters.db, query)
    assert set(search.find(letters.db, query)) <= {b"same", b"ru"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=60), data=st.data())
def test_whatever_stands_in_a_text_is_found(vault: Vault, text: str, data: st.DataObject) -> None:
    search.index(vault.db, b"1", text)
    folded = search.fold(text)
    assert search.fold(folded) == folded
    if folded:
        start = data.draw(st.integers(0, len(folded) - 1))
        end = data.draw(st.integers(start + 1, len(folded)))
        expected = [b"1"] if folded[start:end].strip() else []
        assert search.find(vault.db, folded[start:end]) == expected


def test_a_removed_text_leaves_no_piece_in_the_index(letters: Vault) -> None:
    letters.db.run("CREATE VIRTUAL TABLE temp.terms USING fts5vocab (main, search_index, row)")
    assert ("вер",) in letters.db.rows("SELECT term FROM temp.terms")
    assert search.remove(letters.db, b"ru") is True
    assert search.remove(letters.db, b"ru") is False
    assert search.find(letters.db, "вере") == []
    assert search.find(letters.db, "й") == []
    assert ("вер",) not in letters.db.rows("SELECT term FROM temp.terms")
    assert letters.check() == []


def test_the_index_keeps_no_bytes_of_a_removed_text(vault: Vault) -> None:
    # The index stores where a term differs from the one before it. Nothing else here starts like this one.
    rare = "𐎠𐎡𐎢𐎣"
    for number in range(50):
        search.index(vault.db, bytes([number]), rare if number == 25 else f"письмо {number} о погоде")

    def blocks() -> bytes:
        return b"".join(row[0] for row in vault.db.rows("SELECT block FROM search_index_data"))

    assert rare[:3].encode() in blocks()
    search.remove(vault.db, bytes([25]))
    assert rare[:1].encode() not in blocks()
    assert len(search.find(vault.db, "погоде")) == 49
    assert vault.check() == []


def test_a_new_text_takes_the_place_of_the_old(letters: Vault) -> None:
    search.index(letters.db, b"ru", "Совсем другое письмо")
    assert search.find(letters.db, "вере") == []
    assert search.find(letters.db, "письмо") == [b"ru"]


def test_clearing_takes_all(letters: Vault) -> None:
    search.clear(letters.db)
    assert search.find(letters.db, "вере") == []
    assert search.find(letters.db, "в") == []
    search.index(letters.db, b"ru", LETTERS[b"ru"])
    assert search.find(letters.db, "вере") == [b"ru"]
