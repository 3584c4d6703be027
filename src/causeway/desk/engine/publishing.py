"""What a desk publishes at the door: the sheet, its part of the board, its attendance line."""

from __future__ import annotations

import hashlib
from typing import Final, final

from causeway.casework.conversation import Standing
from causeway.casework.publishing import REPUBLISH_DAYS, fill_cell, to_publish
from causeway.casework.rotation import sheet_is_due
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.engine.settings import PublishedBoard, SignedOnDay
from causeway.desk.engine.tables import LEAVING, PUBLISHED
from causeway.desk.views import AlarmKind
from causeway.errors import Error
from causeway.record.clock import first_clock
from causeway.sealed.attendance import sign_attendance
from causeway.sealed.board import CellToPublish, build_publication
from causeway.sealed.sheet import sign_sheet
from causeway.sync.core import Finding, Published
from causeway.sync.store import BoardToPublish
from causeway.units import week_of
from causeway.vault.errors import VaultDamaged
from causeway.wire.attendance import Attendance
from causeway.wire.board import split_publication
from causeway.wire.sheet import DoorSheet, IntakeKey
from causeway.wire.sizes import BUCKET_CELLS, BUCKETS_MAX, HASH_BYTES, INTAKE_WEEKS

__all__ = ["Publishing"]

_CELLS_MAX: Final = BUCKETS_MAX * BUCKET_CELLS


@final
class Publishing:
    """The way out to visitors."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def published(self) -> Published:
        """Return what visitors should get."""
        settings = self._parts.settings
        sheet, line, board = settings.sheet, settings.attendance, settings.board
        return Published(
            sheet=sheet.signed if sheet is not None and sheet.sent else None,
            index=None if board is None else board.index,
            attendance=line.signed if line is not None and line.sent else None,
            slot=self._parts.board_slot,
            board_key=self._parts.keys.board.public,
        )

    def _place(self) -> int | None:
        """Return this desk's place on the board; what was published in another one says nothing here."""
        slot, settings = self._parts.board_slot, self._parts.settings
        if slot != settings.board_slot:
            settings.board_slot = slot
            settings.attendance = None
            settings.board = None
        return slot

    # ---- The sheet ----

    def sheet_to_publish(self) -> bytes | None:
        """Return a door sheet that the relay has not confirmed; sign one where it is time.

        The coordinator's desk alone does; of a fork of the roster, none.
        """
        parts = self._parts
        if not parts.is_coordinator or parts.roster.fork() is not None:
            return None
        with parts.vault.transaction():
            newest = parts.settings.sheet
            if sheet_is_due(None if newest is None else newest.day, today=parts.today):
                serial = parts.settings.sheet_serial + 1
                signed = sign_sheet(self._sheet(serial), device=parts.keys.device.classical)
                newest = SignedOnDay(signed=signed, day=parts.today, sent=False)
                parts.settings.sheet = newest
                parts.settings.sheet_serial = serial
        return None if newest is None or newest.sent else newest.signed

    def _sheet(self, serial: int) -> DoorSheet:
        parts = self._parts
        held = parts.keys.intake()
        this_week = week_of(parts.today)
        roster = parts.roster.current()
        weeks = [week for week in sorted(held) if week >= this_week][:INTAKE_WEEKS]
        if len(weeks) < INTAKE_WEEKS:
            raise VaultDamaged("The intake keys of the coming weeks are not here.")
        bundle, texts = parts.settings.door_hashes
        return DoorSheet(
            serial=serial,
            day=parts.today,
            root=roster.root,
            root_pq=hashlib.sha256(roster.root_pq).digest(),
            device=parts.keys.device.public,
            appointment=roster.appointment,
            intake=tuple(IntakeKey(week=week, key=bytes(held[week].public)) for week in weeks),
            boards=parts.settings.boards,
            bundle=bundle,
            texts=texts,
        )

    def sheet_published(self, sheet: bytes) -> None:
        """Note that the relay has this sheet, unless it is no longer the newest."""
        with self._parts.vault.transaction():
            newest = self._parts.settings.sheet
            if newest is not None and newest.signed == sheet:
                self._parts.settings.sheet = SignedOnDay(signed=sheet, day=newest.day, sent=True)

    # ---- Attendance ----

    def attendance_to_publish(self) -> bytes | None:
        """Return a line that the relay has not confirmed; none where nobody has read here yet."""
        parts = self._parts
        with parts.vault.transaction():
            slot = self._place()
            day = parts.settings.read_day
            newest = parts.settings.attendance
            if day is None or slot is None:
                return None
            if newest is None or newest.day != day:
                attendance = Attendance(slot=slot, day=day)
                signed = sign_attendance(attendance, board=parts.keys.board)
                newest = SignedOnDay(signed=signed, day=day, sent=False)
                parts.settings.attendance = newest
        return None if newest.sent else newest.signed

    def attendance_published(self, line: bytes) -> None:
        """Note that the relay has this line, unless a newer one was signed meanwhile."""
        with self._parts.vault.transaction():
            newest = self._parts.settings.attendance
            if newest is not None and newest.signed == line:
                self._parts.settings.attendance = SignedOnDay(signed=line, day=newest.day, sent=True)

    # ---- The board ----

    def board_to_publish(self) -> BoardToPublish | None:
        """Return a new publication where its content or the day has changed; else `None`.

        What it holds counts as leaving from now on: it can no longer be held back or withdrawn.
        """
        parts = self._parts
        today = parts.today
        with parts.vault.transaction():
            slot = self._place()
            if slot is None:
                return None
            rows = self._open_answers()
            mark = self._mark(rows)
            board = parts.settings.board
            if board is not None and board.day == today and board.mark == mark:
                return None
            cells, answers = self._cells([conversation for conversation, _, _ in rows])
            parts.db.run_many(
                "INSERT INTO desk_answer (entry_id, held, state) VALUES (?, 0, ?) ON CONFLICT (entry_id) "
                "DO UPDATE SET state = max(state, excluded.state)",
                [(entry_id, LEAVING) for entry_id in answers],
            )
        publication = build_publication(
            cells, slot=slot, day=today, board=parts.keys.board, random=parts.random
        )
        return BoardToPublish(publication=publication, day=today, mark=mark, answers=answers)

    def _open_answers(self) -> list[tuple[bytes, bytes, bool]]:
        """Return `(conversation, entry id, closed by us)` of what belongs on the board, newest first."""
        rows = self._parts.db.rows(
            "SELECT answer.conversation, answer.entry_id, standing = ? FROM answer "
            "JOIN conversation ON conversation.id = answer.conversation "
            "LEFT JOIN desk_answer ON desk_answer.entry_id = answer.entry_id "
            "WHERE is_open = 1 AND day >= ? AND coalesce(held, 0) = 0 "
            "AND NOT (clock > ? AND clock <= ?) ORDER BY clock DESC, answer.entry_id",
            (Standing.CLOSED, self._parts.today - REPUBLISH_DAYS, *self._just_written()),
        )
        return [(bytes(about), bytes(entry_id), bool(closed)) for about, entry_id, closed in rows]

    def _just_written(self) -> tuple[int, int]:
        """Return the display clocks between which an answer is new enough to be taken back.

        Beyond the second the clock was set back since: such an answer must not wait for that time to come.
        """
        now = self._parts.clock()
        return first_clock(now - self._parts.undo_seconds), first_clock(now)

    @staticmethod
    def _mark(rows: list[tuple[bytes, bytes, bool]]) -> bytes:
        digest = hashlib.sha256()
        for conversation, entry_id, closed in rows:
            digest.update(conversation + entry_id + bytes([closed]))
        return digest.digest()

    def _cells(self, conversations: list[bytes]) -> tuple[list[CellToPublish], tuple[bytes, ...]]:
        parts = self._parts
        held = {
            bytes(row[0])
            for row in parts.db.rows(
                "SELECT entry_id FROM desk_answer WHERE held = 1 "
                "UNION SELECT entry_id FROM answer WHERE clock > ? AND clock <= ?",
                self._just_written(),
            )
        }
        cells: list[CellToPublish] = []
        answers: list[bytes] = []
        for conversation in list(dict.fromkeys(conversations))[:_CELLS_MAX]:
            folded = load_conversation(parts.db, conversation)
            chosen = to_publish(folded, today=parts.today, held=held)
            try:
                cells.append(fill_cell(folded, answers=chosen, today=parts.today))
            except Error:
                continue  # it stays in the outbox, in sight; the others must not wait for it
            answers += [one.entry_id for one in chosen]
        return cells, tuple(answers)

    def board_published(self, board: BoardToPublish) -> None:
        """Note that the relay has this publication."""
        parts = self._parts
        index, _ = split_publication(board.publication)
        with parts.vault.transaction():
            parts.settings.board = PublishedBoard(index=index, day=board.day, mark=board.mark)
            parts.db.run_many(
                "UPDATE desk_answer SET state = ? WHERE entry_id = ?",
                [(PUBLISHED, entry_id) for entry_id in board.answers],
            )

    # ---- After something was found altered ----

    def found(self, finding: Finding) -> None:
        """Raise an alarm, and publish again what was found altered."""
        with self._parts.vault.transaction():
            self._parts.alarms.raise_(AlarmKind(finding.value))
            self.publish_again(
                sheet=finding is Finding.SHEET_ALTERED,
                board=finding in {Finding.BOARD_ALTERED, Finding.BOARD_OLDER},
                attendance=finding is Finding.ATTENDANCE_ALTERED,
            )

    def publish_again(self, *, sheet: bool = False, board: bool = False, attendance: bool = False) -> None:
        """Have the next round publish these again."""
        settings = self._parts.settings
        with self._parts.vault.transaction():
            if sheet and settings.sheet is not None:
                newest = settings.sheet
                settings.sheet = SignedOnDay(signed=newest.signed, day=newest.day, sent=False)
            if attendance and settings.attendance is not None:
                line = settings.attendance
                settings.attendance = SignedOnDay(signed=line.signed, day=line.day, sent=False)
            if board and settings.board is not None:
                there = settings.board
                settings.board = PublishedBoard(index=there.index, day=there.day, mark=bytes(HASH_BYTES))
