"""`causeway drill backup`: a backup is stolen, without its passphrase; and what it holds for who has that."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from causeway.desk.engine import Desk
from causeway.desk.engine.backup import LEFT_SECRETS, open_backup
from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.centre import running_centre
from causeway.drills.folders import folder_sources
from causeway.drills.needles import Finder, Secret, needles_of
from causeway.drills.opened_store import opened_sources
from causeway.drills.people import InventedPerson, invent, secrets_of
from causeway.drills.relay_drill import PEOPLE
from causeway.drills.report import DrillReport, Found, TextTable
from causeway.drills.search import Search
from causeway.drills.sources import BytesSource, Source
from causeway.drills.written import write_and_answer
from causeway.record.entry import EntryKeys, decode_entry, open_body
from causeway.vault import StoredEntry, Vault

__all__ = ["BackupReport", "drill_backup"]

_DESK: Final = "lantern copper seven harbour"
_BACKUP: Final = "granite meadow two compass"
_KEYS: Final = "the laptop's own keys"
_SEED_BYTES: Final = 32
_NOT_SEARCHED: Final = (
    "a passphrase of the backup that can be guessed, or is said",
    "what the place where it was kept tells: the folder's name, its date, its size",
    "what a stick keeps of earlier contents",
    "the relay's traffic that somebody recorded, together with the backup and its passphrase",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupReport(DrillReport):
    """The end of the drill; `people_before`: whom the same search finds with the backup's passphrase."""

    people_before: int

    def tables(self) -> tuple[TextTable, ...]:
        """Return what was found with the passphrase, and without."""
        return (
            TextTable(
                "The same search",
                ("of a stolen backup", "people found"),
                (
                    ("with its passphrase", f"{self.people_before} of {self.people}"),
                    ("without", f"{self.people_exposed} of {self.people}"),
                ),
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {**DrillReport.as_json(self), "people_before": self.people_before}


def drill_backup(
    *,
    people: int = PEOPLE,
    seed: int = 6,
    with_memory: bool = False,
    before_taking: Callable[[Path, Sequence[InventedPerson]], None] = lambda stick, people: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> BackupReport:
    """Have people write, make a backup, steal it.

    Args:
        people: How many have written.
        seed: Of the invented people.
        with_memory: Of no effect: a stick has none.
        before_taking: What else happens before the stick is stolen; for tests of the drill itself.
        on_step: Told what goes on.

    Raises:
        LocalError: A part did not run.
    """
    canaries = Canaries()
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
        base = Path(made)
        server, stick = base / "server", base / "stick"
        server.mkdir()
        stick.mkdir()
        on_step("people write")
        with running_centre(server, passphrase=_DESK) as centre:
            cast = list(write_and_answer(centre, invent(people, seed=seed)))
            keys = list(_own_keys(centre.desk))
            on_step("a backup is made")
            centre.desk.backups.make(stick, passphrase=_BACKUP)
            before_taking(stick, [person for person, _ in cast])
            centre.desk.close()
        secrets = [
            secret for person, visitor in cast for secret in secrets_of(person, entropy=visitor.entropy)
        ]
        finder = Finder(needles_of([*secrets, *keys]))
        on_step("opened by who has its passphrase")
        opened: list[Source] = list(opened_sources(stick, passphrases=(_BACKUP,), called="stick"))
        opened.append(BytesSource("stick: entries, opened", b"\n".join(_read_entries(stick))))
        with_passphrase = list(Search(finder).search(opened))
        before = {find.secret.person for find in with_passphrase} - {_KEYS}

        on_step("stolen")
        canaries.plant_in_folder(base / "canaries", called="stick")
        sources = [
            *folder_sources(stick, called="stick"),
            *opened_sources(stick, passphrases=(_DESK,), called="stick"),
            *folder_sources(base / "canaries", called="canaries"),
        ]
        search = Search(Finder(chain(finder.needles, canaries.needles)))
        finds = list(search.search(sources, on_source=on_step))
    report = DrillReport.of(
        "backup",
        people=people,
        finds=finds,
        canaries=canaries,
        missed=[
            f"{person.label}, in the backup opened with its passphrase"
            for person, _ in cast
            if person.label not in before
        ],
        also_found=sorted(
            {
                Found(find.secret.what, find.where, "in the backup, for who has its passphrase")
                for find in with_passphrase
                if find.secret.person == _KEYS
            }
        ),
        searched_bytes=search.searched_bytes,
        searched=(
            "every file of the stick, and their names",
            "what the desk's own passphrase opens in it",
            "with its passphrase: rows, pages and journal of its store, and every entry that its keys open",
        ),
        not_searched=_NOT_SEARCHED,
    )
    return BackupReport(
        **{field.name: getattr(report, field.name) for field in dataclasses.fields(report)},
        people_before=len(before - {CANARY}),
    )


def _read_entries(stick: Path) -> Iterator[bytes]:
    """Yield what the entries of every backup on the stick say, for who has the passphrase."""
    for folder in stick.glob("causeway-backup-*"):
        with open_backup(folder, passphrase=_BACKUP) as vault:
            rows = vault.db.rows("SELECT id, case_id FROM desk_compartment")
            cases: dict[bytes, bytes] = {compartment: case for compartment, case in rows}
            for stored in vault.entries.each():
                keys = _keys_of(vault, stored, case=cases.get(stored.compartment, b""))
                if keys is not None:
                    body = open_body(decode_entry(stored.sealed), keys=keys)
                    yield msgspec.msgpack.encode(body.value)


def _keys_of(vault: Vault, stored: StoredEntry, *, case: bytes) -> EntryKeys | None:
    ids = {"epoch": stored.epoch, "case": case, "compartment": stored.compartment}
    found = {kind: vault.secrets.get(kind, secret_id=secret_id) for kind, secret_id in ids.items()}
    epoch, of_case, of_compartment = found["epoch"], found["case"], found["compartment"]
    if epoch is None or of_case is None or of_compartment is None:
        return None
    return EntryKeys(
        # What stands behind the seed says when the epoch began, and whose it is.
        seed=epoch.value[:_SEED_BYTES],
        case_secret=of_case.value,
        compartment_secret=of_compartment.value,
    )


def _own_keys(desk: Desk) -> Iterator[Secret]:
    """Yield the keys that no backup may hold: the device's, the root's, the relay's."""
    for kind in sorted(LEFT_SECRETS):
        for number, secret in enumerate(desk._parts.vault.secrets.all(kind)):
            # In whole and in parts: a value is made of several keys.
            forms = [
                secret.value[at : at + _SEED_BYTES]
                for at in range(0, len(secret.value) - _SEED_BYTES + 1, _SEED_BYTES)
            ]
            yield Secret(_KEYS, f"key of the kind “{kind}”, number {number + 1}", tuple(forms))
