"""A list of invented people, some of them named twice in another spelling."""

from __future__ import annotations

import random

from causeway.linkage.persons import Column, PersonList

GIVEN = (
    ("Магомед", "Magomed"),
    ("Руслан", "Ruslan"),
    ("Тимур", "Timur"),
    ("Аслан", "Aslan"),
    ("Юсуп", "Jusup"),
)
FAMILY = ("Ахмад", "Барсук", "Волков", "Горш", "Дуб", "Ежев", "Зелен", "Ивняк", "Камыш", "Лугов")
LATIN = ("Akhmad", "Barsuk", "Volkov", "Gorsh", "Dub", "Ezhev", "Zelen", "Ivnyak", "Kamysh", "Lugov")
PLACES = (("Верхний Лог", "Verkhniy Log"), ("Сухая Балка", "Sukhaya Balka"), ("Три Дуба", "Tri Duba"))


def list_naming_some_twice(people: int, *, twice: int, seed: int) -> tuple[PersonList, list[int]]:
    """Return the list, and whom each row names."""
    random_ = random.Random(seed)  # noqa: S311 (invented people)
    rows, who = [], []
    for person in range(people):
        given, father = random_.choice(GIVEN), random_.choice(GIVEN)
        family, place = random_.randrange(len(FAMILY)), random_.choice(PLACES)
        born = f"{random_.randint(1, 28):02}.{random_.randint(1, 12):02}.{random_.randint(1950, 2005)}"
        for copy in range(2 if person < twice else 1):
            names = LATIN if copy else FAMILY
            known = born if random_.random() > 0.3 else born[3:]
            ending = "ov" if copy else "ов"
            patronymic = father[copy] + ("ovich" if copy else "ович")
            rows.append((names[family] + ending, given[copy], patronymic, known, place[copy]))
            who.append(person)
    order = list(range(len(rows)))
    random_.shuffle(order)
    headers: tuple[Column, ...] = ("family", "given", "patronymic", "born", "place")
    columns = {header: [rows[row][at] for row in order] for at, header in enumerate(headers)}
    return PersonList(columns, list(range(2, len(rows) + 2))), [who[row] for row in order]
