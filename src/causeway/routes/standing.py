"""A plan under construction: who goes how, and what is left of everything.

Every change goes through `put` and `take`, so that no limit can be broken in between: what does not fit is
refused before anything moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from causeway.routes.limits import Limits

__all__ = ["Standing"]


class Standing:
    """A plan that keeps every limit, and what is left.

    Args:
        limits: What it has to keep.
        columns: Columns to start with; each has to fit.
    """

    def __init__(self, limits: Limits, columns: Iterable[int] = ()) -> None:
        self.limits = limits
        self.left: list[int] = limits.room.tolist()
        self.chosen: list[int] = [-1] * len(limits.people)
        self.total = 0
        self.owner: list[int] = limits.person.tolist()
        self.worth: list[int] = limits.worth.tolist()
        self._users: list[set[int]] = [set() for _ in limits.things]
        self._present: list[set[int]] = [set() for _ in limits.meets]
        for column in columns:
            if self.fits(column):
                self.put(column)

    def columns(self) -> list[int]:
        """Return the chosen columns, in the people's order."""
        return [column for column in self.chosen if column >= 0]

    def users(self, row: int) -> set[int]:
        """Return the chosen columns that use a row."""
        return self._users[row]

    def amount(self, column: int, row: int) -> int:
        """Return how much of a row a column takes."""
        return next(amount for used, amount in self.limits.uses[column] if used == row)

    def fits(self, column: int) -> bool:
        """Tell whether a column can be chosen beside everything that is."""
        person = self.owner[column]
        if self.chosen[person] >= 0:
            return False
        left = self.left
        if any(left[row] < amount for row, amount in self.limits.uses[column]):
            return False
        points = self.limits.points[column]
        if not points:
            return True
        if self.limits.apart:
            enemies_at = self.limits.enemies_at
            return all(enemies_at(point, person).isdisjoint(self._present[point]) for point in points)
        enemies = self.limits.enemies[person]
        return all(enemies.isdisjoint(self._present[point]) for point in points)

    def put(self, column: int) -> None:
        """Choose a column that fits."""
        person = self.owner[column]
        self.chosen[person] = column
        self.total += self.worth[column]
        for row, amount in self.limits.uses[column]:
            self.left[row] -= amount
            self._users[row].add(column)
        for point in self.limits.points[column]:
            self._present[point].add(person)

    def take(self, person: int) -> int:
        """Undo a person's choice and return it."""
        column = self.chosen[person]
        self.chosen[person] = -1
        self.total -= self.worth[column]
        for row, amount in self.limits.uses[column]:
            self.left[row] += amount
            self._users[row].discard(column)
        for point in self.limits.points[column]:
            self._present[point].discard(person)
        return column

    def in_the_way(self, column: int) -> tuple[list[tuple[int, int]], set[int]]:
        """Return (rows with what is missing there, enemies who are already where this column leads)."""
        person = self.owner[column]
        short = [
            (row, amount - self.left[row])
            for row, amount in self.limits.uses[column]
            if self.left[row] < amount
        ]
        met: set[int] = set()
        for point in self.limits.points[column]:
            met |= self.met_at(point, person)
        return short, met

    def met_at(self, point: int, person: int) -> set[int]:
        """Return who is at a meeting point and must not be met by this person."""
        return self._present[point] & self.limits.enemies_at(point, person)

    def fill(self, order: Sequence[int]) -> None:
        """Choose every column of a sequence that fits when its turn comes."""
        for column in order:
            if self.fits(column):
                self.put(column)
