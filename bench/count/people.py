"""Invented people, and lists that organisations might keep of them, in several scripts and with errors.

It imports nothing of `causeway`: what it measures must not know how it is made. Truth is the person's number
in each record.
"""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.count.romanise import CHECHEN_STANDARDS, STANDARDS
from bench.count.stems import CHECHEN_FAMILIES, FAMILIES, MEN, PLACES, WOMEN

__all__ = ["HEADERS", "Noise", "Person", "Record", "csv_of", "invented_people", "list_of"]


@dataclass(frozen=True)
class _Given:
    forms: tuple[str, ...]
    chechen: str


def _givens(text: str) -> tuple[_Given, ...]:
    found = []
    for line in text.strip().splitlines():
        forms, _, chechen = line.partition("|")
        found.append(_Given(tuple(forms.split()), chechen))
    return tuple(found)


_MEN = _givens(MEN)
_WOMEN = _givens(WOMEN)
_FAMILIES = tuple(FAMILIES.split())
_CHECHEN_FAMILIES = dict(pair.split(":") for pair in CHECHEN_FAMILIES.split())
_PLACES = tuple(place.strip() for place in PLACES.replace("\n", " ").split(","))
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшыьэюя"
_LATIN = "abcdefghiklmnoprstuvyz"


@dataclass(frozen=True)
class Person:
    """An invented person; names are indices into the stems."""

    number: int
    woman: bool
    family: str
    given: _Given
    father: _Given
    born: datetime.date
    place: str


@dataclass(frozen=True)
class Record:
    """A person as one organisation wrote them down."""

    person: int
    script: str
    family: str
    given: str
    patronymic: str
    born: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Chances, per record or per field, of what goes wrong.

    Chosen by hand, not fitted to any real lists. They were raised once, before weights were chosen, until a
    plain transliteration in small letters reached an F1 of about 0.84 to 0.86 by our own filters.

    Args:
        variant: Another form of a given name, and of the father's.
        slip: A slip of the finger in a name: a letter more, less, other, or two swapped.
        slip_place: The same in the place.
        swapped: Family and given name in each other's column.
        no_patronymic: The patronymic was not asked.
        no_day: The day of birth is unknown.
        no_month: Of these, the month too.
        no_date: Nothing is known of the date.
        date_slip: A digit is wrong, day and month are swapped, or the year is one off.
        no_place: No place.
    """

    variant: float = 0.35
    slip: float = 0.12
    slip_place: float = 0.1
    swapped: float = 0.03
    no_patronymic: float = 0.25
    no_day: float = 0.2
    no_month: float = 0.5
    no_date: float = 0.05
    date_slip: float = 0.1
    no_place: float = 0.3


HEADERS = {
    "russian": ("Фамилия", "Имя", "Отчество", "Дата рождения", "Место жительства"),
    "latin": ("Surname", "Given name", "Patronymic", "Date of birth", "Place"),
    "chechen": ("Фамили", "ЦӀе", "Ден цӀе", "Вина де", "Меттиг"),
}


def invented_people(count: int, *, seed: int) -> list[Person]:
    """Return people in families: siblings share family name, father and place; fathers are in it too."""
    random_ = random.Random(seed)
    people: list[Person] = []
    while len(people) < count:
        family, place = random_.choice(_FAMILIES), random_.choice(_PLACES)
        local = not family.endswith(("ский", "ков", "цкий", "ин", "вьёв", "бьёв", "йцев", "шов", "хлов"))
        men = [name for name in _MEN if bool(name.chechen) == local]
        women = [name for name in _WOMEN if bool(name.chechen) == local]
        father, grandfather = random_.choice(men), random_.choice(men)
        year = random_.randint(1945, 1975)
        people.append(Person(len(people), False, family, father, grandfather, _day(random_, year), place))
        for _ in range(random_.choice((0, 1, 1, 2, 3))):
            woman = random_.random() < 0.3
            given = random_.choice(women if woman else men)
            born = _day(random_, year + random_.randint(20, 40))
            people.append(Person(len(people), woman, family, given, father, born, place))
    return people[:count]


def list_of(
    people: Sequence[Person],
    *,
    style: str,
    seed: int,
    noise: Noise | None = None,
    standard: str | None = None,
) -> list[Record]:
    """Return a list of people as an organisation writes it.

    Args:
        style: `russian`, `chechen` (Cyrillic, with palochkas typed in several ways), `latin` (Russian names
            by a standard that changes from record to record), `chechen_latin`.
        standard: One standard for all, for the Latin styles.
    """
    random_ = random.Random(seed)
    return [_record(person, random_, style, noise or Noise(), standard) for person in people]


def csv_of(records: Sequence[Record], *, style: str) -> bytes:
    """Return a list as the CSV file that the organisation would hand to the encoder."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS[style if style in HEADERS else "latin"])
    for record in records:
        writer.writerow((record.family, record.given, record.patronymic, record.born, record.place))
    return text.getvalue().encode()


def _day(random_: random.Random, year: int) -> datetime.date:
    return datetime.date(year, 1, 1) + datetime.timedelta(days=random_.randrange(365))


def _record(person: Person, random_: random.Random, style: str, noise: Noise, standard: str | None) -> Record:
    chechen = style.startswith("chechen")
    given = _form(person.given, random_, noise, chechen=chechen)
    father = _form(person.father, random_, noise, chechen=chechen)
    family = _CHECHEN_FAMILIES.get(person.family, person.family) if chechen else person.family
    words = [_of_woman(family) if person.woman else family, given, _patronymic(father, woman=person.woman)]
    if random_.random() < noise.no_patronymic:
        words[2] = ""
    place = person.place if random_.random() >= noise.no_place else ""
    if style.endswith("latin"):
        choice = random_.choice(sorted(CHECHEN_STANDARDS if chechen else STANDARDS))
        romanise = (STANDARDS | CHECHEN_STANDARDS)[standard or choice]
        words = [romanise(word) for word in words]
        place = " ".join(romanise(word) for word in place.split())
    elif chechen:
        typed = random_.choice("ӏӀ1lI|")
        words = [word.replace("ӏ", typed).replace("Ӏ", typed) for word in words]
    alphabet = _LATIN if style.endswith("latin") else _CYRILLIC
    words = [_slip(word, random_, alphabet) if random_.random() < noise.slip else word for word in words]
    if random_.random() < noise.slip_place:
        place = _slip(place, random_, alphabet)
    if random_.random() < noise.swapped:
        words[0], words[1] = words[1], words[0]
    born = _born(person.born, random_, noise)
    return Record(person.number, style, words[0], words[1], words[2], born, place)


def _form(given: _Given, random_: random.Random, noise: Noise, *, chechen: bool) -> str:
    if chechen and given.chechen:
        return given.chechen
    if random_.random() < noise.variant:
        return random_.choice(given.forms)
    return given.forms[0]


def _of_woman(family: str) -> str:
    if family.endswith("ий"):
        return family[:-2] + "ая"
    return family + "а"


def _patronymic(father: str, *, woman: bool) -> str:
    """Form a Russian patronymic: Магомедович, Алиевич, Мусаевич, Юрьевич, Николаевна."""
    if father.endswith("ий"):
        stem = father[:-2] + "ьев"
    elif father.endswith(("й", "ь")):
        stem = father[:-1] + "ев"
    elif father[-1] in "аеиоуэюя":
        stem = father + "ев"
    else:
        stem = father + "ов"
    return stem + ("на" if woman else "ич")


def _slip(word: str, random_: random.Random, alphabet: str) -> str:
    if len(word) < 3:
        return word
    at = random_.randrange(1, len(word) - 1)
    kind = random_.randrange(4)
    letter = random_.choice(alphabet)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2:
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _born(born: datetime.date, random_: random.Random, noise: Noise) -> str:
    if random_.random() < noise.no_date:
        return ""
    year, month, day = born.year, born.month, born.day
    if random_.random() < noise.date_slip:
        kind = random_.randrange(4)
        if kind == 0:
            year += random_.choice((-1, 1))
        elif kind == 1 and day <= 12:
            day, month = month, day
        elif kind == 2:
            day = day % 28 + 1
        else:
            month = month % 12 + 1
    if random_.random() < noise.no_day:
        if random_.random() < noise.no_month:
            return random_.choice((f"{year}", f"00.00.{year}", f"{year} г.р."))
        return random_.choice((f"{month:02}.{year}", f"{year}-{month:02}", f"??.{month:02}.{year}"))
    form = random_.randrange(4)
    if form == 0:
        return f"{year}-{month:02}-{day:02}"
    if form == 1:
        return f"{day}/{month}/{year}"
    return f"{day:02}.{month:02}.{year}"
