"""The desk's small values by name, each with its type."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final, final

import msgspec

from causeway.desk.engine.errors import NotMade
from causeway.errors import LocalError
from causeway.sealed.hybrid import PUBLIC_SIZE
from causeway.sync.said import DoorSaid
from causeway.units import Day
from causeway.vault import Vault
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.sizes import BOARD_SLOTS, HASH_BYTES, ID_BYTES, PARCEL_BYTES

__all__ = ["DeskSettings", "DoorAddress", "PublishedBoard", "SignedOnDay"]

_NO_FILES: Final = hashlib.sha256(b"").digest()
"""Hash over no files at all (docs/FORMAT.md, section 12): what a sheet says before the door's are known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorAddress:
    """Where the door is: its public origin, "" until somebody says it, and `host:port` of Tor's SOCKS port.

    Without a SOCKS port ("") the desk connects directly.
    """

    url: str
    socks: str

    @classmethod
    def checked(cls, url: str, *, socks: str | None) -> DoorAddress:
        """Return an address as it is used everywhere.

        Raises:
            LocalError: It is no web address.
        """
        tidy = url.strip().rstrip("/")
        if not tidy:
            return cls(url="", socks=(socks or "").strip())
        scheme, separator, rest = tidy.partition("://")
        if not separator or scheme not in {"http", "https"} or not rest or set(tidy) & set(" \t\r\n#?@"):
            raise LocalError("The door's address starts with http:// or https:// and has a name after it.")
        return cls(url=tidy, socks=(socks or "").strip())


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOnDay:
    """Something signed, the day that stands in it, and whether the relay has confirmed it."""

    signed: bytes
    day: Day
    sent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedBoard:
    """What the relay has confirmed of the board: the signed index, its day, and the mark of its content."""

    index: bytes
    day: Day
    mark: bytes


FILES_ROOM_BYTES: Final = 2 * 10**9
"""What files may take where nobody has said otherwise."""


@final
class DeskSettings:
    """Typed access to the vault's settings."""

    def __init__(self, vault: Vault) -> None:
        self._settings = vault.settings

    def _put(self, key: str, value: Any) -> None:
        if value is None:
            self._settings.remove(key)
        else:
            self._settings.put(key, value=value)

    def _bytes(self, key: str, *, size: int) -> bytes:
        value = self._settings.get(key)
        if value is None:
            raise NotMade
        return b64decode(value, size=size)

    # ---- Who and where ----

    @property
    def member(self) -> bytes:
        """The member whose desk this is."""
        return self._bytes("member", size=ID_BYTES)

    @member.setter
    def member(self, value: bytes) -> None:
        self._put("member", b64encode(value))

    @property
    def admitted(self) -> Day | None:
        """The day on which this desk came into a centre that others had made."""
        value = self._settings.get("admitted")
        return None if value is None else Day(value)

    @admitted.setter
    def admitted(self, value: Day) -> None:
        self._put("admitted", value)

    @property
    def revoked(self) -> Day | None:
        """The day on which this desk read that it was taken off."""
        value = self._settings.get("revoked")
        return None if value is None else Day(value)

    @revoked.setter
    def revoked(self, value: Day) -> None:
        self._put("revoked", value)

    @property
    def rotation(self) -> tuple[int, bytes] | None:
        """Number and parcel of the rotation that waits for the relay; its access is with the keys."""
        value = self._settings.get("rotation")
        if value is None:
            return None
        return int(value["number"]), b64decode(value["parcel"], size=PARCEL_BYTES)

    @rotation.setter
    def rotation(self, value: tuple[int, bytes] | None) -> None:
        self._put("rotation", None if value is None else {"number": value[0], "parcel": b64encode(value[1])})

    @property
    def taken_off(self) -> tuple[bytes, ...]:
        """Wrapping keys of devices that were taken off, the newest first: parcels tell them so."""
        joined = self._settings.get("taken-off", default=[])
        return tuple(b64decode(one, size=PUBLIC_SIZE) for one in joined)

    @taken_off.setter
    def taken_off(self, value: tuple[bytes, ...]) -> None:
        self._put("taken-off", [b64encode(one) for one in value])

    @property
    def door(self) -> DoorAddress:
        """Where the door is."""
        value = self._settings.get("door", default={"url": "", "socks": ""})
        return DoorAddress(url=value["url"], socks=value["socks"])

    @door.setter
    def door(self, value: DoorAddress) -> None:
        self._put("door", {"url": value.url, "socks": value.socks})

    @property
    def setup_code(self) -> str | None:
        """The code that claims the relay; gone once it is claimed."""
        value = self._settings.get("setup-code")
        return None if value is None else str(value)

    @setup_code.setter
    def setup_code(self, value: str | None) -> None:
        self._put("setup-code", value)

    @property
    def last_reached(self) -> float | None:
        """Unix seconds of the last complete round."""
        value = self._settings.get("last-reached")
        return None if value is None else float(value)

    @last_reached.setter
    def last_reached(self, value: float) -> None:
        self._put("last-reached", value)

    @property
    def relay_day(self) -> Day | None:
        """The relay's today at the last round."""
        value = self._settings.get("relay-day")
        return None if value is None else Day(value)

    @relay_day.setter
    def relay_day(self, value: Day) -> None:
        self._put("relay-day", value)

    @property
    def next_visit(self) -> float:
        """Unix seconds from when on the door is to be looked at as a visitor."""
        return float(self._settings.get("next-visit", default=0))

    @next_visit.setter
    def next_visit(self, value: float) -> None:
        self._put("next-visit", value)

    @property
    def files_room(self) -> int:
        """Bytes that files of people may take on this laptop."""
        return int(self._settings.get("files-room", default=FILES_ROOM_BYTES))

    @files_room.setter
    def files_room(self, value: int) -> None:
        self._put("files-room", value)

    # ---- The sheet ----

    @property
    def boards(self) -> tuple[bytes, ...]:
        """The sixteen board keys, always in the same places."""
        joined = self._bytes("boards", size=BOARD_SLOTS * HASH_BYTES)
        return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))

    @boards.setter
    def boards(self, value: tuple[bytes, ...]) -> None:
        self._put("boards", b64encode(b"".join(value)))

    @property
    def board_slot(self) -> int | None:
        """The one that this desk publishes in; `None` where its role does not answer."""
        value = self._settings.get("board-slot")
        return None if value is None else int(value)

    @board_slot.setter
    def board_slot(self, value: int | None) -> None:
        self._put("board-slot", value)

    @property
    def door_hashes(self) -> tuple[bytes, bytes]:
        """Hashes of the door's bundle and of its texts."""
        joined = self._settings.get("door-hashes")
        if joined is None:
            return _NO_FILES, _NO_FILES
        both = b64decode(joined, size=2 * HASH_BYTES)
        return both[:HASH_BYTES], both[HASH_BYTES:]

    @door_hashes.setter
    def door_hashes(self, value: tuple[bytes, bytes]) -> None:
        self._put("door-hashes", b64encode(b"".join(value)))

    @property
    def door_said(self) -> DoorSaid:
        """What the door was told to say, as somebody last told this desk."""
        value = self._settings.get("door-said")
        return DoorSaid() if value is None else msgspec.convert(value, type=DoorSaid)

    @door_said.setter
    def door_said(self, value: DoorSaid) -> None:
        self._put("door-said", msgspec.to_builtins(value))

    @property
    def next_look(self) -> float:
        """Unix seconds from when on all that the door serves is to be compared."""
        return float(self._settings.get("next-look", default=0))

    @next_look.setter
    def next_look(self, value: float) -> None:
        self._put("next-look", value)

    @property
    def last_look(self) -> float | None:
        """Unix seconds of the last whole comparison."""
        value = self._settings.get("last-look")
        return None if value is None else float(value)

    @last_look.setter
    def last_look(self, value: float) -> None:
        self._put("last-look", value)

    @property
    def look_answers(self) -> int:
        """How many answers were compared then."""
        return int(self._settings.get("look-answers", default=0))

    @look_answers.setter
    def look_answers(self, value: int) -> None:
        self._put("look-answers", value)

    @property
    def differences(self) -> list[dict[str, Any]]:
        """What differed then; see `engine.watching`."""
        found: list[dict[str, Any]] = self._settings.get("differences", default=[])
        return found

    @differences.setter
    def differences(self, value: list[dict[str, Any]]) -> None:
        self._put("differences", value)

    @property
    def sheet_serial(self) -> int:
        """Serial of the newest sheet; 0 before the first."""
        return int(self._settings.get("sheet-serial", default=0))

    @sheet_serial.setter
    def sheet_serial(self, value: int) -> None:
        self._put("sheet-serial", value)

    @property
    def sheet(self) -> SignedOnDay | None:
        """The newest door sheet; `None` before the first, and where its content has changed."""
        return self._signed("sheet")

    @sheet.setter
    def sheet(self, value: SignedOnDay | None) -> None:
        self._put_signed("sheet", value)

    # ---- Attendance and board ----

    @property
    def read_day(self) -> Day | None:
        """The last day on which a member read here."""
        value = self._settings.get("read-day")
        return None if value is None else Day(value)

    @read_day.setter
    def read_day(self, value: Day) -> None:
        self._put("read-day", value)

    @property
    def attendance(self) -> SignedOnDay | None:
        """The newest attendance line."""
        return self._signed("attendance")

    @attendance.setter
    def attendance(self, value: SignedOnDay | None) -> None:
        self._put_signed("attendance", value)

    @property
    def board(self) -> PublishedBoard | None:
        """What the relay has of the board."""
        value = self._settings.get("board")
        if value is None:
            return None
        return PublishedBoard(
            index=b64decode(value["index"], size=value["bytes"]),
            day=Day(value["day"]),
            mark=b64decode(value["mark"], size=HASH_BYTES),
        )

    @board.setter
    def board(self, value: PublishedBoard | None) -> None:
        stored = value and {
            "index": b64encode(value.index),
            "bytes": len(value.index),
            "day": value.day,
            "mark": b64encode(value.mark),
        }
        self._put("board", stored)

    def _signed(self, key: str) -> SignedOnDay | None:
        value = self._settings.get(key)
        if value is None:
            return None
        signed = b64decode(value["signed"], size=value["bytes"])
        return SignedOnDay(signed=signed, day=Day(value["day"]), sent=value["sent"])

    def _put_signed(self, key: str, value: SignedOnDay | None) -> None:
        if value is None:
            self._put(key, None)
            return
        stored = {
            "signed": b64encode(value.signed),
            "bytes": len(value.signed),
            "day": value.day,
            "sent": value.sent,
        }
        self._put(key, stored)
