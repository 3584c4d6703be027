"""What the relay keeps, in SQLite: ids, days and bytes. `Store` writes, `Reader` reads.

Every method of `Store` runs inside a transaction that the writer began, and checks before it writes: one that
raises `Refused` has changed nothing but, in a full lane, let go of what was acknowledged, so that the
transaction can go on for the others.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from causeway.relay.board import Publication
from causeway.relay.lanes import VISITOR_LANES, Lane, share_removed
from causeway.relay.refusals import Refused
from causeway.relay.retention import FirstKept
from causeway.units import Day
from causeway.wire.sizes import ATTENDANCE_LINE_BYTES, BOARD_SLOTS

__all__ = ["CHUNKS_EVICTED_AT_ONCE", "EVICTED_AT_ONCE", "Kind", "Reader", "Store"]

Kind = Literal["intake", "record", "chunk"]

EVICTED_AT_ONCE: Final = 256
"""8 MiB: in a flood, one eviction for many puts."""

CHUNKS_EVICTED_AT_ONCE: Final = 32
"""The same 8 MiB of attachments."""

# The tables of slots take the same statements; the names come from here and from nowhere else.
_PUT = {
    "intake": "INSERT INTO intake (id, day, body) SELECT ?1, ?2, ?3"
    " WHERE (SELECT used FROM lane WHERE name = ?4) < ?5 ON CONFLICT DO NOTHING",
    "record": "INSERT INTO record (id, day, body) SELECT ?1, ?2, ?3"
    " WHERE (SELECT used FROM lane WHERE name = ?4) < ?5 ON CONFLICT DO NOTHING",
    "chunk": "INSERT INTO chunk (id, day, body) SELECT ?1, ?2, ?3"
    " WHERE (SELECT chunks FROM lane WHERE name = ?4) < ?5 ON CONFLICT DO NOTHING",
}
_COUNT = {
    "intake": "UPDATE lane SET used = used + ?2 WHERE name = ?1",
    "record": "UPDATE lane SET used = used + ?2 WHERE name = ?1",
    "chunk": "UPDATE lane SET chunks = chunks + ?2 WHERE name = ?1",
}
_COUNTS = {
    "intake": "SELECT name, used FROM lane",
    "record": "SELECT name, used FROM lane",
    "chunk": "SELECT name, chunks FROM lane",
}
_BODY = {
    "intake": "SELECT body FROM intake WHERE id = ?",
    "record": "SELECT body FROM record WHERE id = ?",
    "chunk": "SELECT body FROM chunk WHERE id = ?",
}
# The tables' primary keys are random: of one day, which ones go is chance. A chunk that no desk has
# acknowledged two days later is most likely part of an upload that was never finished, or of a flood.
_EVICT = {
    "intake": "DELETE FROM intake WHERE id IN"
    " (SELECT id FROM intake WHERE acknowledged IS NOT NULL ORDER BY acknowledged, id LIMIT :many)",
    "chunk": "DELETE FROM chunk WHERE id IN"
    " (SELECT id FROM chunk WHERE acknowledged IS NOT NULL OR day < :day - 1"
    " ORDER BY acknowledged IS NULL, acknowledged, day, id LIMIT :many)",
}
_EVICTED_AT_ONCE = {"intake": EVICTED_AT_ONCE, "chunk": CHUNKS_EVICTED_AT_ONCE}
_DELETE = {
    "intake": "DELETE FROM intake WHERE id = ?",
    "record": "DELETE FROM record WHERE id = ?",
    "chunk": "DELETE FROM chunk WHERE id = ?",
}
_DAYS = {
    "intake": "SELECT DISTINCT day FROM intake ORDER BY day",
    "record": "SELECT DISTINCT day FROM record ORDER BY day",
    "chunk": "SELECT DISTINCT day FROM chunk ORDER BY day",
}
_IDS = {
    "intake": "SELECT id FROM intake WHERE day = ? ORDER BY id",
    "record": "SELECT id FROM record WHERE day = ? ORDER BY id",
    "chunk": "SELECT id FROM chunk WHERE day = ? ORDER BY id",
}


class Store:
    """The writer's side, for one transaction, which ends with `finish`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._uncounted: Counter[tuple[Kind, Lane]] = Counter()

    def finish(self) -> None:
        """Write down what was counted, once for a whole transaction; called before it is committed."""
        for (kind, lane), count in self._uncounted.items():
            self._connection.execute(_COUNT[kind], (lane.value, count))
        self._uncounted.clear()

    def put_slot(self, kind: Kind, *, slot_id: bytes, body: bytes, day: Day, lane: Lane, limit: int) -> bool:
        """Store a slot once; a full lane lets go of what was acknowledged longest ago (decision 11).

        Args:
            kind: Whose slot.
            slot_id: 16 bytes.
            body: 32,768 bytes; a chunk 262,144.
            day: Today.
            lane: The lane that it is counted to.
            limit: Slots that this lane may have.

        Returns:
            Whether it is new; `False` for the same bytes under the same id.

        Raises:
            Refused: 409 the id holds other bytes; 507 the lane's share of the disk is full.
        """
        run = self._connection.execute
        room = limit - self._uncounted[kind, lane]
        if run(_PUT[kind], (slot_id, day, body, lane.value, room)).rowcount == 1:
            self._uncounted[kind, lane] += 1
            return True
        row = run(_BODY[kind], (slot_id,)).fetchone()
        if row is None:
            if not self._evict(kind, lane, day=day, limit=limit):
                raise Refused(507, "no space left in this lane")
            return self.put_slot(kind, slot_id=slot_id, body=body, day=day, lane=lane, limit=limit)
        if not hmac.compare_digest(row[0], body):
            raise Refused(409, "this id holds other bytes")
        return False

    def delete_slot(self, kind: Kind, *, slot_id: bytes) -> None:
        """Remove a slot; also when it is not there."""
        self._uncount(kind, self._connection.execute(_DELETE[kind], (slot_id,)).rowcount)

    def acknowledge(self, ids: Iterable[bytes], *, day: Day) -> None:
        """Note the day on which a desk acknowledged intake slots or chunks; the first one counts."""
        days = [(day, slot_id) for slot_id in ids]
        for statement in (
            "UPDATE intake SET acknowledged = ? WHERE id = ? AND acknowledged IS NULL",
            "UPDATE chunk SET acknowledged = ? WHERE id = ? AND acknowledged IS NULL",
        ):
            self._connection.executemany(statement, days)

    def put_sheet(self, sheet: bytes) -> None:
        """Replace the door sheet."""
        self._keep("sheet", sheet)

    def put_attendance(self, slot: int, *, line: bytes, day: Day) -> None:
        """Replace one desk's line."""
        self._connection.execute("REPLACE INTO attendance VALUES (?, ?, ?)", (slot, day, line))

    def publish(self, slot: int, *, publication: Publication, day: Day) -> None:
        """Replace what a desk has on the board.

        The buckets of the publication before stay until the next, for visitors who have its index and not yet
        its bucket.
        """
        run = self._connection.execute
        run("DELETE FROM bucket WHERE slot = ? AND previous", (slot,))
        run("UPDATE bucket SET previous = 1 WHERE slot = ?", (slot,))
        run("REPLACE INTO board VALUES (?, ?, ?)", (slot, day, publication.index))
        self._connection.executemany(
            "REPLACE INTO bucket VALUES (?, ?, ?, 0, ?)",
            [(digest, slot, day, body) for digest, body in publication.buckets],
        )

    def offer_claim(self, setup_hash: bytes) -> None:
        """Keep the SHA-256 of the setup code under which this relay can be claimed, once."""
        self._keep("setup", setup_hash)

    def claim(self, setup_hash: bytes, *, capability_hash: bytes) -> None:
        """Make the relay the desks', and the setup code worthless.

        Raises:
            Refused: 401 another code, or already claimed.
        """
        row = self._connection.execute("SELECT value FROM kept WHERE name = 'setup'").fetchone()
        if row is None or not hmac.compare_digest(row[0], setup_hash):
            raise Refused(401, "wrong setup code")
        self._connection.execute("DELETE FROM kept WHERE name = 'setup'")
        self._keep("capability", capability_hash)

    def rotate(self, old_hash: bytes, *, capability_hash: bytes, parcel: bytes) -> None:
        """Replace the capability and the public parcel together.

        Raises:
            Refused: 401 somebody else has replaced the capability since this call was let in.
        """
        row = self._connection.execute("SELECT value FROM kept WHERE name = 'capability'").fetchone()
        if row is None or not hmac.compare_digest(row[0], old_hash):
            raise Refused(401, "no or wrong capability")
        self._keep("capability", capability_hash)
        self._keep("parcel", parcel)

    def expire(self, kept: FirstKept) -> None:
        """Remove what is older than it is kept."""
        run = self._connection.execute
        gone = run("DELETE FROM intake WHERE day < ? OR acknowledged < ?", (kept.intake, kept.acknowledged))
        self._uncount("intake", gone.rowcount)
        self._uncount("record", run("DELETE FROM record WHERE day < ?", (kept.record,)).rowcount)
        gone = run("DELETE FROM chunk WHERE day < ? OR acknowledged < ?", (kept.intake, kept.acknowledged))
        self._uncount("chunk", gone.rowcount)
        run("DELETE FROM attendance WHERE day < ?", (kept.attendance,))
        run("DELETE FROM board WHERE day < ?", (kept.board,))
        run("DELETE FROM bucket WHERE day < ?", (kept.board,))

    def _evict(self, kind: Kind, lane: Lane, *, day: Day, limit: int) -> bool:
        """Let go of what may go until a visitors' lane has room; return whether it has."""
        self.finish()
        if lane not in VISITOR_LANES:
            return False
        run = self._connection.execute
        while (gone := run(_EVICT[kind], {"many": _EVICTED_AT_ONCE[kind], "day": day}).rowcount) > 0:
            self._uncount(kind, gone)
            if self._counts(kind)[lane] < limit:
                return True
        return False

    def _keep(self, name: str, value: bytes) -> None:
        self._connection.execute("REPLACE INTO kept VALUES (?, ?)", (name, value))

    def _counts(self, kind: Kind) -> dict[Lane, int]:
        return {Lane(name): count for name, count in self._connection.execute(_COUNTS[kind])}

    def _uncount(self, kind: Kind, removed: int) -> None:
        if not removed:
            return
        self.finish()
        if kind == "record":
            self._connection.execute(_COUNT[kind], (Lane.DESK.value, -removed))
            return
        used = {lane: count for lane, count in self._counts(kind).items() if lane in VISITOR_LANES}
        self._connection.executemany(
            _COUNT[kind],
            [
                (lane.value, count - used[lane])
                for lane, count in share_removed(used, removed=removed).items()
            ],
        )


class Reader:
    """The reading side; one connection, used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def kept(self, name: Literal["capability", "setup", "sheet", "parcel"]) -> bytes | None:
        """Return one of the single things, or `None` where there is none."""
        row = self._connection.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def days(self, kind: Kind) -> list[Day]:
        """Return the days that hold slots, in order."""
        return [Day(day) for (day,) in self._connection.execute(_DAYS[kind])]

    def ids(self, kind: Kind, *, day: int) -> list[bytes]:
        """Return a day's ids, sorted."""
        return [slot_id for (slot_id,) in self._connection.execute(_IDS[kind], (day,))]

    def slots(self, kind: Kind, *, ids: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """Return id and bytes of those slots that exist, in the order asked for."""
        found = []
        for slot_id in ids:
            row = self._connection.execute(_BODY[kind], (slot_id,)).fetchone()
            if row is not None:
                found.append((slot_id, row[0]))
        return found

    def attendance(self) -> bytes:
        """Return sixteen lines in order of slots, zeros for a slot that never spoke."""
        lines = dict(self._connection.execute("SELECT slot, line FROM attendance").fetchall())
        return b"".join(lines.get(slot, bytes(ATTENDANCE_LINE_BYTES)) for slot in range(BOARD_SLOTS))

    def indexes(self) -> list[bytes]:
        """Return sixteen signed indexes in order of slots, empty for a slot without one."""
        found = dict(self._connection.execute("SELECT slot, signed_index FROM board").fetchall())
        return [found.get(slot, b"") for slot in range(BOARD_SLOTS)]

    def bucket(self, digest: bytes) -> bytes | None:
        """Return the bucket with this SHA-256, or `None`."""
        row = self._connection.execute("SELECT body FROM bucket WHERE hash = ? LIMIT 1", (digest,)).fetchone()
        return None if row is None else bytes(row[0])

    def used(self, kind: Kind) -> dict[Lane, int]:
        """Return how many slots, or chunks, are counted to each lane; record slots are the desks'."""
        return {Lane(name): count for name, count in self._connection.execute(_COUNTS[kind])}
