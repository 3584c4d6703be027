from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from causeway.vault import Database, Projections, Projector, StoredEntry, Vault, search
from tests.vault.material import append_next, open_vault


@dataclass
class Letters:
    """Keeps each entry's text, and makes it findable."""

    name: str = "letters"
    version: int = 1
    tables: Sequence[str] = ("letter",)
    prefix: str = ""

    def create(self, db: Database) -> None:
        for table in self.tables:
            db.run(f"CREATE TABLE {table} (text TEXT PRIMARY KEY)")

    def apply_all(self, db: Database, events: Sequence[str]) -> None:
        for event in events:
            db.run(f"INSERT INTO {self.tables[0]} VALUES (?)", (self.prefix + event,))  # noqa: S608
            search.index(db, event.encode(), event)


@dataclass
class Count:
    """Counts entries."""

    name: str = "count"
    version: int = 1
    tables: Sequence[str] = ("counted",)

    def create(self, db: Database) -> None:
        db.run("CREATE TABLE counted (n INTEGER)")
        db.run("INSERT INTO counted VALUES (0)")

    def apply_all(self, db: Database, events: Sequence[str]) -> None:
        db.run("UPDATE counted SET n = n + ?", (len(events),))


def opening(entry: StoredEntry) -> str | None:
    text = entry.sealed[72:].decode()
    return None if text.startswith("closed") else text


def projections(vault: Vault, *projectors: Projector[str]) -> Projections[str]:
    return Projections(vault, projectors=projectors, opening=opening)


def write(vault: Vault, made: Projections[str], text: str) -> None:
    with vault.transaction():
        append_next(vault, text=text.encode())
        made.apply(text)


def texts(vault: Vault, table: str = "letter") -> list[str]:
    return [row[0] for row in vault.db.rows(f"SELECT text FROM {table} ORDER BY text")]  # noqa: S608


def tables(vault: Vault) -> set[str]:
    return {row[0] for row in vault.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}


@pytest.fixture
def written(folder: Path, vault: Vault) -> Path:
    made = projections(vault, Letters(), Count())
    assert made.bring_up() is True
    for number in range(5):
        write(vault, made, f"письмо {number}")
    append_next(vault, text=b"closed to this member")
    vault.close()
    return folder


def test_the_same_versions_are_left_alone(written: Path) -> None:
    with open_vault(written) as vault:
        assert projections(vault, Letters(), Count()).bring_up() is False
        assert len(texts(vault)) == 5


def test_a_new_version_is_made_again_from_the_entries(written: Path) -> None:
    with open_vault(written) as vault:
        seen: list[tuple[int, int]] = []
        newer = Letters(version=2, tables=("letter2", "extra"), prefix="новое ")
        made = projections(vault, newer, Count())
        assert made.bring_up(progress=lambda done, total: seen.append((done, total))) is True
        assert seen == [(number, 6) for number in range(1, 7)]
        assert texts(vault, "letter2") == [f"новое письмо {number}" for number in range(5)]
        assert vault.db.row("SELECT n FROM counted") == (5,)
        assert "letter" not in tables(vault)
        assert len(search.find(vault.db, "письмо")) == 5
        assert made.bring_up() is False


def test_a_new_projector_and_one_that_went(written: Path) -> None:
    with open_vault(written) as vault:
        assert projections(vault, Letters()).bring_up() is True
        assert "counted" not in tables(vault)
        assert projections(vault, Letters(), Count()).bring_up() is True
        assert vault.db.row("SELECT n FROM counted") == (5,)


def test_another_folding_indexes_again(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FOLD_VERSION", search.FOLD_VERSION + 1)
    with open_vault(written) as vault:
        assert projections(vault, Letters(), Count()).bring_up() is True


def test_again_when_asked(written: Path) -> None:
    with open_vault(written) as vault:
        made = projections(vault, Letters(), Count())
        vault.db.run("DELETE FROM letter")
        assert made.bring_up(again=True) is True
        assert len(texts(vault)) == 5


def test_a_stop_on_the_way_leaves_all_as_it_was(written: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with open_vault(written) as vault:
        with pytest.raises(KeyboardInterrupt):
            projections(vault, Letters(version=2, tables=("letter2",)), Count()).bring_up(progress=stop)
        assert len(texts(vault)) == 5
        assert "letter2" not in tables(vault)
        assert projections(vault, Letters(), Count()).bring_up() is False


def test_an_event_is_shown_to_all_or_none(vault: Vault) -> None:
    made = projections(vault, Count(), Letters())
    made.bring_up()
    made.apply("дважды")
    with pytest.raises(Exception, match="already"):
        made.apply("дважды")
    assert vault.db.row("SELECT n FROM counted") == (1,)


@pytest.mark.parametrize(
    "projectors",
    [
        (Letters(), Letters(tables=("other",))),
        (Letters(), Count(tables=("letter",))),
        (Letters(tables=("entry",)),),
        (Letters(tables=("search_text",)),),
        (Letters(name="search"),),
    ],
)
def test_names_and_tables_belong_to_one(vault: Vault, projectors: tuple[Projector[str], ...]) -> None:
    with pytest.raises(ValueError, match="table"):
        projections(vault, *projectors)
