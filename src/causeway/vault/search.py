"""Finding a piece of a word in any script, in a text that only this laptop can read.

Text and query are folded alike, by us and not by SQLite: its folding knows neither `ё` nor the dotless `ı`,
nor the digits of other scripts. Pieces of three characters and more go through an index of trigrams; shorter
ones, which are whole words in Chinese, through the folded texts, newest first.

The folded text is kept once, beside the index: short pieces need it, and so does taking a text out of the
index again. User input never reaches FTS5 as syntax.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from causeway.vault._database import Database

__all__ = ["FOLD_VERSION", "SCHEMA", "TABLES", "clear", "find", "fold", "index", "remove", "replace"]

FOLD_VERSION: Final = 1
"""One higher whenever `fold` changes: what was indexed before has to be indexed again."""

_TRIGRAM: Final = 3

TABLES: Final = ("search_text", "search_index")
SCHEMA: Final = (
    """
    CREATE TABLE search_text (
        position INTEGER PRIMARY KEY, doc BLOB NOT NULL UNIQUE, folded TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE search_index USING fts5 (
        folded, content = 'search_text', content_rowid = 'position', tokenize = 'trigram case_sensitive 1',
        detail = 'none'
    )
    """,
    # Without this a removed text's trigrams stay in the index until it happens to be merged.
    "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)",
)

# Letters that Unicode holds for different ones and that people type for each other.
_ALIKE: Final = {
    "ı": "i",
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "ـ": "",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "ʹ": "'",
    "`": "'",
}


class _Folding(dict[int, str]):
    """What becomes of each character, found once and remembered."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _ALIKE.get(character)
        if folded is None:
            folded = self._by_category(character)
        self[code] = folded
        return folded

    @staticmethod
    def _by_category(character: str) -> str:
        match unicodedata.category(character):
            case "Mn" | "Me" | "Cf" | "Cs":
                return ""
            case "Cc" | "Zs" | "Zl" | "Zp":
                return " "
            case "Nd":
                return str(unicodedata.digit(character))
            case "Pd":
                return "-"
            case _:
                return character


_FOLDING: Final = _Folding()


def fold(text: str) -> str:
    """Return a text without case, marks and variants of letters, with single spaces.

    Unicode's caseless matching (Unicode Standard, D145), less all marks; then the letters in `_ALIKE`, and
    any script's digits as ASCII.
    """
    caseless = unicodedata.normalize("NFKC", text).casefold()
    bare = unicodedata.normalize("NFKD", caseless).translate(_FOLDING)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def index(db: Database, doc: bytes, text: str) -> None:
    """Make a text findable under an id, as the newest; the one that was there under this id goes."""
    replace(db, gone=[doc], new=[(doc, text)])


def remove(db: Database, doc: bytes) -> bool:
    """Take a text out, with every piece of it in the index; False if it was not there."""
    return replace(db, gone=[doc], new=[]) == 1


def replace(db: Database, *, gone: Iterable[bytes], new: Iterable[tuple[bytes, str]]) -> int:
    """Take texts out and make others findable, as the newest, in that order; return how many went.

    One whose id is there already, and not among those that go, stays as it is. Many at once are much
    cheaper: FTS5 writes what it has gathered to the disk at every savepoint, so there is none in here if
    there is a transaction.
    """
    if not db.in_transaction:
        with db.transaction():
            return replace(db, gone=gone, new=new)
    going = [
        row
        for doc in gone
        if (row := db.row("SELECT position, folded FROM search_text WHERE doc = ?", (doc,))) is not None
    ]
    if going:
        db.run_many("INSERT INTO search_index (search_index, rowid, folded) VALUES ('delete', ?, ?)", going)
        db.run_many("DELETE FROM search_text WHERE position = ?", [(position,) for position, _ in going])
    coming = [(doc, fold(text)) for doc, text in new]
    if coming:
        (last,) = db.row("SELECT coalesce(max(position), 0) FROM search_text") or (0,)
        db.run_many(
            "INSERT INTO search_text (doc, folded) VALUES (?, ?) ON CONFLICT (doc) DO NOTHING", coming
        )
        db.run(
            "INSERT INTO search_index (rowid, folded) SELECT position, folded FROM search_text "
            "WHERE position > ?",
            (last,),
        )
    return len(going)


def clear(db: Database) -> None:
    """Take out all texts."""
    with db.transaction():
        db.run("INSERT INTO search_index (search_index) VALUES ('delete-all')")
        db.run("DELETE FROM search_text")


def find(db: Database, query: str, *, limit: int = 50) -> list[bytes]:
    """Return the ids of the texts that hold every word of the query, newest first.

    A piece of a word is enough. A query without a single character that counts finds nothing.
    """
    words = fold(query).split()
    if not words:
        return []
    pieces = sorted({word[at : at + _TRIGRAM] for word in words for at in range(len(word) - _TRIGRAM + 1)})
    # That the pieces stand together the text itself shows: an index that knew it would be four times as
    # large.
    clauses = ["instr(folded, ?)"] * len(words)
    parameters: list[str | int] = [*words, limit]
    if pieces:
        # Only the texts that the index gives are then read.
        clauses.insert(0, "position IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)")
        parameters.insert(0, " AND ".join(map(_quoted, pieces)))
    sql = f"SELECT doc FROM search_text WHERE {' AND '.join(clauses)} ORDER BY position DESC LIMIT ?"  # noqa: S608
    found = db.rows(sql, parameters)
    return [row[0] for row in found]


def _quoted(piece: str) -> str:
    # sqlite.org/fts5.html, section 3.1: within double quotes only the double quote itself is special.
    return '"' + piece.replace('"', '""') + '"'
