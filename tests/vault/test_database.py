from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from causeway.errors import LocalError
from causeway.vault import Conflict, Vault, VaultError, VaultFull
from causeway.vault._database import quoted
from tests.vault.material import append_next, fill, new_vault, open_vault, python


@pytest.fixture
def table(vault: Vault) -> Vault:
    vault.db.run("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
    return vault


def numbers(vault: Vault) -> list[int]:
    return [row[0] for row in vault.db.rows("SELECT n FROM t ORDER BY n")]


def add(vault: Vault, number: int) -> None:
    vault.db.run("INSERT INTO t (n) VALUES (?)", (number,))


def test_a_transaction_is_all_or_nothing(table: Vault) -> None:
    with table.transaction():
        add(table, 1)
    with pytest.raises(KeyError), table.transaction():  # noqa: PT012
        add(table, 2)
        raise KeyError
    assert numbers(table) == [1]


def test_an_inner_block_is_undone_by_itself(table: Vault) -> None:
    with table.transaction():
        add(table, 1)
        with pytest.raises(KeyError), table.transaction():  # noqa: PT012
            add(table, 2)
            raise KeyError
        with table.transaction():
            add(table, 3)
    assert numbers(table) == [1, 3]


def test_an_outer_block_takes_the_inner_with_it(table: Vault) -> None:
    with pytest.raises(KeyError), table.transaction():  # noqa: PT012
        with table.transaction():
            add(table, 1)
        raise KeyError
    assert numbers(table) == []


def test_another_thread_waits_for_the_transaction(table: Vault) -> None:
    begun = Event()

    def write_two() -> None:
        with table.transaction():
            add(table, 1)
            begun.set()
            add(table, 2)

    with ThreadPoolExecutor(max_workers=8) as pool:
        writing = pool.submit(write_two)
        begun.wait()
        readings = [pool.submit(numbers, table) for _ in range(20)]
        writing.result()
        assert {tuple(reading.result()) for reading in readings} == {(1, 2)}


def test_many_threads_write(table: Vault) -> None:
    def write(number: int) -> None:
        with table.transaction():
            add(table, number)

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(write, range(200)))
    assert numbers(table) == list(range(200))


def test_a_rule_broken_is_a_conflict_without_the_value(table: Vault) -> None:
    table.db.run("CREATE UNIQUE INDEX texts ON t (text)")
    table.db.run("INSERT INTO t (text) VALUES ('Лагуна')")
    with pytest.raises(Conflict) as refused:
        table.db.run("INSERT INTO t (text) VALUES ('Лагуна')")
    assert "Лагуна" not in str(refused.value.__cause__) + refused.value.diagnostics()
    with pytest.raises(Conflict):
        table.db.run_many("INSERT INTO t (n) VALUES (?)", [(1,), (2,), (2,)])
    assert len(numbers(table)) == 1


@pytest.mark.parametrize("name", ["", "t; DROP TABLE t", 'a"b', "1a", "Имя", "A"])
def test_only_plain_names_are_quoted(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        quoted(name)


def leave_room_for(vault: Vault, pages: int) -> None:
    row = vault.db.row("PRAGMA page_count")
    assert row is not None
    vault.db.run(f"PRAGMA max_page_count = {row[0] + pages}")


def test_a_full_disk_keeps_nothing_of_it_and_says_so(vault: Vault) -> None:
    before = append_next(vault)
    leave_room_for(vault, 50)
    with pytest.raises(VaultFull) as refused:
        fill(vault)
    assert isinstance(refused.value, LocalError)
    assert "room" in refused.value.what
    assert list(vault.entries.each()) == [before]
    assert vault.outbox.waiting() == []
    leave_room_for(vault, 100_000)
    fill(vault)
    assert vault.entries.count() == 201
    assert vault.check() == []


def test_what_follows_an_abandoned_transaction_is_not_kept(vault: Vault) -> None:
    leave_room_for(vault, 50)
    with pytest.raises(VaultError, match="given up"), vault.transaction():  # noqa: PT012
        with pytest.raises(VaultFull):
            fill(vault)
        vault.settings.put("half", value=True)
    assert vault.settings.get("half") is None
    vault.settings.put("whole", value=True)


FILL_UNDER_LIMIT = """
import resource, sys
from pathlib import Path
from causeway.vault import VaultFull
from material import fill, open_vault
vault = open_vault(Path(sys.argv[1]))
limit = (Path(sys.argv[1]) / "store").stat().st_size + 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    fill(vault)
except VaultFull as error:
    print(error.what)
print(vault.entries.count(), len(vault.outbox.waiting()))
"""


def test_a_file_system_that_refuses_to_write(folder: Path) -> None:
    with new_vault(folder) as vault:
        append_next(vault)
    with python(FILL_UNDER_LIMIT, folder) as filling:
        said, counted = filling.communicate()[0].splitlines()
    assert "Nothing of this was kept" in said
    assert counted == "1 0"
    with open_vault(folder) as vault:
        assert vault.entries.count() == 1
        fill(vault)
        assert vault.check() == []
