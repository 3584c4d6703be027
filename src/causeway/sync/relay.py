"""What a round of syncing asks of a relay; `sync.client.RelayClient` is one."""

from __future__ import annotations

from typing import Protocol

from causeway.sync.store import Kind, Shelf
from causeway.units import Day

__all__ = ["Relay", "Visitor"]


class Visitor(Protocol):
    """What anybody may ask of a relay; `sync.client.RelayClient` is one."""

    def come_in(self) -> None: ...  # noqa: D102
    def sheet(self) -> bytes: ...  # noqa: D102
    def attendance(self) -> bytes: ...  # noqa: D102
    def board(self) -> bytes: ...  # noqa: D102
    def bucket(self, digest: bytes) -> bytes | None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Relay(Protocol):
    """What a desk asks of a relay; `sync.client.RelayClient` is one."""

    def visitor(self) -> Visitor: ...  # noqa: D102
    def claim(self, code: str, *, capability_hash: bytes) -> None: ...  # noqa: D102
    def parcel(self) -> bytes | None: ...  # noqa: D102
    def status(self) -> bytes: ...  # noqa: D102
    def days(self, kind: Shelf) -> bytes: ...  # noqa: D102
    def ids(self, kind: Shelf, *, day: Day) -> bytes: ...  # noqa: D102
    def slots(self, kind: Kind, *, ids: list[bytes]) -> bytes: ...  # noqa: D102
    def chunks(self, ids: list[bytes]) -> bytes: ...  # noqa: D102
    def put_record(self, slot_id: bytes, *, slot: bytes) -> None: ...  # noqa: D102
    def acknowledge(self, ids: list[bytes]) -> None: ...  # noqa: D102
    def put_capability(self, capability_hash: bytes, *, parcel: bytes) -> None: ...  # noqa: D102
    def put_sheet(self, sheet: bytes) -> None: ...  # noqa: D102
    def put_attendance(self, slot: int, *, line: bytes) -> None: ...  # noqa: D102
    def put_board(self, slot: int, *, publication: bytes) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
