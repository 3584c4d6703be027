"""A list of persons as an organisation keeps it: columns of text, and the CSV file that they stand in."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

from causeway.linkage.cells import cut_cells
from causeway.linkage.encoded_list import MAX_ROWS
from causeway.linkage.errors import PersonListError
from causeway.linkage.texts import CODEC, Texts

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["COLUMNS", "Column", "PersonList", "read_persons"]

Column = Literal["family", "given", "patronymic", "full", "born", "year", "month", "day", "place"]
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)

_HEADERS: Final[Mapping[Column, str]] = {
    "family": "family|family name|surname|last name|фамилия|прізвище|фамили|nachname"
    "|familienname|nom|nom de famille"
    "|apellido|apellidos|cognome|soyadı|nazwisko",
    "given": "given|given name|given names|first name|first names|forename|forenames|имя|ім'я|цӏе|vorname"
    "|prénom|nombre|nombres|adı|imię",
    "patronymic": "patronymic|middle name|father|father's name|fathers name|отчество|имя отца"
    "|по батькові|ден цӏе"
    "|vatersname|nom du père",
    "full": "full|name|names|full name|whole name|name in full|person name|name of person|name of the person"
    "|victim name|name of victim|name of the victim|name of detainee|name of the detainee"
    "|name and surname|surname and name|name surname|surname name|first and last name"
    "|first name last name|last name first name|фио|ф.и.о.|фио полностью|фио пострадавшего"
    "|фио потерпевшего|фио задержанного|фио погибшего|фио жертвы|фио заявителя|полное имя|имя полностью"
    "|фамилия имя отчество|имя отчество фамилия|фамилия имя|имя фамилия|имя и фамилия|фамилия и имя|піб"
    "|прізвище ім'я по батькові|прізвище та ім'я|nom complet|nom et prénom|nom prénom|prénom et nom"
    "|vollständiger name|name vorname|nombre completo|nombre y apellidos",
    "born": "born|birth date|birthdate|date of birth|dob|birthday|дата рождения|дата рожд.|рождения|д.р."
    "|дата народження|geburtsdatum|geboren|date de naissance|вина де",
    "year": "year|year of birth|birth year|год рождения|г.р.|год|рік народження|geburtsjahr"
    "|année de naissance"
    "|вина шо",
    "month": "month|month of birth|birth month|месяц рождения|месяц|geburtsmonat|mois de naissance",
    "day": "day|day of birth|birth day|день рождения|день|geburtstag|jour de naissance",
    "place": "place|home|residence|place of residence|settlement|locality|town|village|city|address|место"
    "|место жительства|место проживания|адрес|населённый пункт|населенный пункт|село|город"
    "|місце проживання|ort|wohnort|lieu|domicile|меттиг|юрт",
}
# Beside a family name, these stand for the given name.
_EITHER: Final = frozenset({"name", "names"})
_DELIMITERS: Final = ",;\t|"
_MOST_CELLS: Final = 200
_NOT_A_LETTER: Final = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class PersonList:
    """Persons in columns, as they were typed. It holds names: it stays on this machine.

    Args:
        columns: For each column that the list has, one text per person, "" where nothing was typed.
        lines: For each person, the line of the file on which the row ends.
        unused: Columns of the file whose headers are not known, counted from 1.

    Raises:
        PersonListError: No name in any column, or columns of unequal length.
    """

    columns: Mapping[Column, Sequence[str]]
    lines: Sequence[int]
    unused: Sequence[int] = ()
    _texts: dict[Column, Texts] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not {"family", "given", "full"} & self.columns.keys():
            raise PersonListError("The list has no column of names.")
        if any(len(texts) != len(self.lines) for texts in self.columns.values()):
            raise PersonListError("The columns have unequal numbers of rows.")

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: Column) -> Sequence[str]:
        """Return a column's texts, all empty where the list does not have it."""
        return tuple(self.columns.get(name, ("",) * len(self.lines)))

    def texts(self, name: Column) -> Texts:
        """Return a column with each text once, all empty where the list does not have it."""
        known = self._texts.get(name)
        if known is None:
            cells = self.columns.get(name, ("",) * len(self.lines))
            known = self._texts[name] = cells if isinstance(cells, Texts) else Texts.of(cells)
        return known


def read_persons(
    raw: bytes, *, chosen: Mapping[Column, str] | None = None, encoding: str | None = None
) -> PersonList:
    """Return the persons of a CSV file with a header line.

    Commas, semicolons, tabs or bars may stand between its cells.

    Args:
        raw: The file. UTF-8, or UTF-16 with its mark, where `encoding` does not say otherwise.
        chosen: Header by column, where the header's own words don't tell, or tell wrongly.
        encoding: Python's name of another encoding, `cp1251` for old Windows in Cyrillic.

    Raises:
        PersonListError: Not text in that encoding, no header that is known, a row with too many or too few
            cells, too many rows. It names the line, never what stands there.
    """
    plain = _in_utf8(raw, encoding)
    second_line = plain.find(b"\n") + 1 or len(plain)
    delimiter = max(_DELIMITERS, key=lambda mark: plain.count(mark.encode(), 0, second_line))
    lines_of_text = io.TextIOWrapper(io.BytesIO(plain), *CODEC, newline="")
    reader = csv.reader(lines_of_text, delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        places = _find_columns(header, chosen or {})
        cut = None
        if reader.line_num == 1 and b"\r" not in plain[:second_line].removesuffix(b"\r\n"):
            cut = cut_cells(
                plain, start=second_line, delimiter=delimiter, width=len(header), wanted=[*places.values()]
            )
        columns, lines = cut or _read_rows(reader, width=len(header), wanted=[*places.values()])
    except csv.Error:
        raise PersonListError("A line can't be read as CSV.", line=reader.line_num) from None
    if len(lines) > MAX_ROWS:
        raise PersonListError("The list has more rows than a list can have.", limit=MAX_ROWS)
    unused = [at + 1 for at in range(len(header)) if at not in places.values()]
    return PersonList(dict(zip(places, columns, strict=True)), lines, unused)


def _read_rows(reader: Reader, *, width: int, wanted: Sequence[int]) -> tuple[list[Texts], list[int]]:
    """Return some columns of the rows that hold something, and the line on which each row ends."""
    rows, lines = [], []
    for row in reader:
        if not any(row):
            continue
        if len(row) != width:
            raise PersonListError(
                "A row does not have as many cells as the header.", line=reader.line_num, expected=width
            )
        rows.append(row)
        lines.append(reader.line_num)
    return [Texts.of([row[at] for row in rows]) for at in wanted], lines


def _in_utf8(raw: bytes, encoding: str | None) -> bytes:
    """Return a file as UTF-8 without a mark."""
    if encoding is None:
        encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        # No bytes at all would be text in an encoding that there is not.
        codecs.lookup(encoding)
        text = raw.decode(encoding)
    except LookupError:
        raise PersonListError("There is no encoding of that name.") from None
    except (UnicodeError, ValueError):
        raise PersonListError(
            "The file is not text in this encoding. Save it as UTF-8, or say which it is, such as cp1251."
        ) from None
    return raw.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8-sig" else text.encode(*CODEC)


def _key(header: str) -> str:
    return _NOT_A_LETTER.sub("", header.casefold())


_BY_HEADER: Final[Mapping[str, Column]] = {
    _key(header): column for column in COLUMNS for header in _HEADERS[column].split("|")
}


def _find_columns(header: Sequence[str], chosen: Mapping[Column, str]) -> dict[Column, int]:
    """Return where each column stands; a header that is not known is left alone."""
    if len(header) > _MOST_CELLS:
        raise PersonListError("The header has more cells than a list can have.", limit=_MOST_CELLS)
    keys = [_key(cell) for cell in header]
    places: dict[Column, int] = {}
    for column, wanted in chosen.items():
        if _key(wanted) not in keys:
            raise PersonListError("The header has no column of the name that was chosen.", column=column)
        places[column] = keys.index(_key(wanted))
    for at, key in enumerate(keys):
        found = _BY_HEADER.get(key)
        if key in _EITHER and any(_BY_HEADER.get(other) == "family" for other in keys):
            found = "given"
        if found is not None and found not in chosen and at not in places.values():
            if found in places:
                raise PersonListError("Two columns of the header mean the same; choose one.", column=found)
            places[found] = at
    if not {"family", "given", "full"} & places.keys():
        raise PersonListError(
            "No column of names is known by its header. The first line names the columns;"
            " --column says which is"
            " which, such as --column family=Surname."
        )
    return places
