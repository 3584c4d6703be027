"""What syncing needs of the store that it is handed.

Every method that changes something has it on the disk when it returns, all of it or nothing: a round may be
cut off between any two calls, and the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.parcel import GivenAccess, RelayAccess
from causeway.sync.core import Finding, Published
from causeway.units import Day
from causeway.wire.intake import IntakeMessage
from causeway.wire.items import Item

__all__ = [
    "BoardToPublish",
    "FileStore",
    "Kind",
    "ParcelKeys",
    "Rotation",
    "Shelf",
    "Store",
    "WantedFile",
]

Kind: TypeAlias = Literal["intake", "record"]

Shelf: TypeAlias = Literal["intake", "record", "chunk"]
"""What the relay lists by days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParcelKeys:
    """What opens a parcel that a rotation of the capability left: see `sealed.parcel.open_parcel`."""

    device_key: bytes
    secrets: Sequence[HybridSecret]
    newer_than: int


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Rotation:
    """A new access that the relay does not have yet.

    Attributes:
        number: Of its parcel.
        access: What is to be in force.
        parcel: For the desks that remain.
        unconfirmed: Accesses of rotations before this one that may have arrived: their answers never came.
    """

    number: int
    access: RelayAccess
    parcel: bytes
    unconfirmed: tuple[RelayAccess, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardToPublish:
    """A publication, and what the store wants to be told again once the relay has it.

    Attributes:
        publication: Signed index and buckets.
        day: Of the index.
        mark: Stands for the content: two publications with one mark and day say the same.
        answers: Ids of the answers in it.
    """

    publication: bytes
    day: Day
    mark: bytes
    answers: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WantedFile:
    """A file of which this desk lacks something.

    Attributes:
        id: The store's own name for it.
        key: The attachment's key.
        size: Bytes of the whole file.
        lacking: Numbers of the chunks that are not here, those that only fill up included.
    """

    id: bytes
    key: bytes
    size: int
    lacking: tuple[int, ...]


class FileStore(Protocol):
    """A desk's store, as the fetching of files sees it."""

    def access(self) -> RelayAccess:
        """Return the access that is in force."""

    def wanted_files(self, *, again: bool, after: WantedFile | None) -> list[WantedFile]:
        """Return some files to fetch, the smallest first; none when there are no more.

        Args:
            again: Those, too, of which the relay did not have all when it was last asked.
            after: The last one of those that were returned before.
        """

    def take_piece(self, file: WantedFile, *, number: int, piece: bytes) -> None:
        """Keep a piece, and have its chunk acknowledged; on the disk when this returns."""

    def note_file(self, file: WantedFile, *, absent: int, broken: int) -> None:
        """Note how many chunks of a file the relay did not have, and how many it had altered."""


class Store(Protocol):
    """A desk's store, as syncing sees it."""

    # ---- Access ----

    def setup_code(self) -> str | None:
        """Return the code that claims the relay; `None` once it is claimed."""

    def claimed(self) -> None:
        """Note that the relay is this centre's."""

    def access(self) -> RelayAccess:
        """Return the access that is in force."""

    def parcel_keys(self) -> ParcelKeys:
        """Return what opens the next parcel."""

    def renew_access(self, given: GivenAccess) -> None:
        """Take the access of a parcel; what was packed under the old transport key is packed anew."""

    def signer_of(self, sheet: bytes) -> bytes | None:
        """Return the key of the device that signs for the centre now, if this door sheet shows that it does.

        A desk that was away while the root appointed another device can't know it from the roster yet.
        """

    def taken_off(self) -> None:
        """Note that the centre has taken this laptop off."""

    def rotation(self) -> Rotation | None:
        """Return the rotation that waits for the relay."""

    def rotated(self, number: int) -> None:
        """Note that the relay has it: its access is in force, and the roster is packed under it."""

    def first_slots(self) -> list[tuple[bytes, bytes]]:
        """Return `(id, slot)` of what has to be there before anything else: the roster of a rotation."""

    def heard_day(self, day: Day) -> None:
        """Note the relay's today: a second clock, before keys are destroyed by this laptop's."""

    # ---- In ----

    def first_day(self, kind: Kind) -> Day:
        """Return the day before which nothing is taken: what others took before this desk came."""

    def lacking(self, kind: Kind, *, ids: Sequence[bytes]) -> list[bytes]:
        """Return those that were never taken nor refused."""

    def intake_secrets(self) -> Sequence[HybridSecret]:
        """Return the intake keys that are held."""

    def transport_keys(self) -> Sequence[bytes]:
        """Return the transport keys, newest first."""

    def take_message(self, message: IntakeMessage, *, slot: bytes, day: Day) -> None:
        """Take a message once, or keep it aside where its keys are not its conversation's."""

    def take_items(self, items: Sequence[Item], *, slot_id: bytes, day: Day) -> None:
        """Take the items of a record slot; keep aside, with the reason, what can't be taken."""

    def take_slots(self, slots: Sequence[tuple[bytes, Sequence[Item]]], *, day: Day) -> None:
        """Take the items of many record slots of one day, each with its id; `settle` follows the last."""

    def settle(self) -> None:
        """Work out what many slots have touched."""

    def refuse(self, kind: Kind, *, slot_id: bytes, slot: bytes, reason: str, day: Day) -> None:
        """Keep a slot aside."""

    def to_acknowledge(self) -> list[bytes]:
        """Return intake ids that were taken or refused and that the relay has not been told of."""

    def acknowledged(self, ids: Sequence[bytes]) -> None:
        """Note that the relay was told."""

    # ---- Out ----

    def slots_to_send(self) -> list[tuple[bytes, bytes]]:
        """Return `(id, slot)` of what waits, packed and given its id before it is returned."""

    def slot_sent(self, slot_id: bytes) -> None:
        """Note that the relay has it."""

    def slot_id_taken(self, slot_id: bytes) -> None:
        """Pack it anew: the relay holds other bytes under its id."""

    def sheet_to_publish(self) -> bytes | None:
        """Return a signed door sheet that the relay has not confirmed."""

    def board_to_publish(self) -> BoardToPublish | None:
        """Return a new publication where the board has changed, or the day has."""

    def attendance_to_publish(self) -> bytes | None:
        """Return a signed line that the relay has not confirmed."""

    def sheet_published(self, sheet: bytes) -> None:
        """Note that the relay has it."""

    def board_published(self, board: BoardToPublish) -> None:
        """Note that the relay has it."""

    def attendance_published(self, line: bytes) -> None:
        """Note that the relay has it."""

    # ---- Looking ----

    def published(self) -> Published:
        """Return what visitors should get."""

    def visit_is_due(self) -> bool:
        """Return whether it is time to look at the door as a visitor, and through all days."""

    def visited(self) -> None:
        """Set a random time for the next look."""

    def report(self, finding: Finding) -> None:
        """Raise an alarm, and publish again what was found altered."""
