"""What the relay answers (docs/FORMAT.md, section 13), and the one table that says who may call."""

from __future__ import annotations

import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from causeway.relay.board import check_publication
from causeway.relay.body import BodySize
from causeway.relay.calls import Answer, Call
from causeway.relay.keeper import Keeper
from causeway.relay.lanes import VISITOR_LANES, Lane, Load
from causeway.relay.refusals import Refused
from causeway.relay.store import Kind
from causeway.relay.writer import Work
from causeway.units import day_of
from causeway.wire.sizes import (
    ACKNOWLEDGE_IDS_MAX,
    ATTENDANCE_LINE_BYTES,
    CHUNK_BYTES,
    HASH_BYTES,
    ID_BYTES,
    PARCEL_BYTES,
    PUBLICATION_BYTES_MAX,
    PUBLICATION_BYTES_MIN,
    SHEET_BYTES_MAX,
    SIGNATURE_BYTES,
    SLOT_BYTES,
    TAKE_CHUNKS_MAX,
    TAKE_IDS_MAX,
)

__all__ = ["RULES", "Rule", "Who", "put_work"]

_ATTENDANCE_VERSION = 1
_PARCEL_VERSION = 1


class Who(Enum):
    """Who may call a route."""

    ANYBODY = auto()
    CLAIMANT = auto()
    DESKS = auto()


Handler = Callable[[Keeper, Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: what is not in it is refused. A rule has a handler, or puts slots of a kind."""

    method: str
    path: str
    who: Who
    handler: Handler | None = None
    body: BodySize | None = None
    puts: Kind | None = None

    @property
    def load(self) -> Load:
        """Which of a lane's tokens a call takes."""
        if self.method == "GET":
            return Load.READ
        return Load.CHUNK if self.body == _CHUNK else Load.STORE

    @property
    def name(self) -> str:
        """The only thing that a log may say about a call."""
        return f"{self.method} {self.path}"


async def _get_sheet(keeper: Keeper, _call: Call) -> Answer:
    sheet = await keeper.read(lambda reader: reader.kept("sheet"), for_desk=False)
    if sheet is None:
        raise Refused(503, "no door sheet yet", retry_after=60)
    return Answer(200, sheet)


async def _get_attendance(keeper: Keeper, _call: Call) -> Answer:
    return Answer(200, await keeper.read(lambda reader: reader.attendance(), for_desk=False))


async def _get_board(keeper: Keeper, _call: Call) -> Answer:
    indexes = await keeper.read(lambda reader: reader.indexes(), for_desk=False)
    return Answer(200, b"".join(struct.pack(">I", len(index)) + index for index in indexes))


async def _get_bucket(keeper: Keeper, call: Call) -> Answer:
    digest = call.digest()
    bucket = await keeper.read(lambda reader: reader.bucket(digest), for_desk=False)
    if bucket is None:
        raise Refused(404, "no such bucket")
    return Answer(200, bucket)


async def _get_parcel(keeper: Keeper, _call: Call) -> Answer:
    parcel = await keeper.read(lambda reader: reader.kept("parcel"), for_desk=False)
    if parcel is None:
        raise Refused(404, "no parcel yet")
    return Answer(200, parcel)


def put_work(keeper: Keeper, call: Call, *, rule: Rule) -> Work:
    """Return the work of a rule that puts slots; its result is whether the slot is new.

    Raises:
        Refused: 400 a malformed id, 503 nobody reads here yet.
    """
    if rule.puts is None:
        raise ValueError("this rule puts no slots")
    kind, slot_id, body, lane = rule.puts, call.slot_id(), call.body, call.lane
    if not keeper.claimed:
        raise Refused(503, "nobody reads here yet", retry_after=60)
    limits = keeper.config.limits(lane)
    limit = limits.chunks if kind == "chunk" else limits.slots
    return lambda store, day: store.put_slot(
        kind, slot_id=slot_id, body=body, day=day, lane=lane, limit=limit
    )


async def _claim(keeper: Keeper, call: Call) -> Answer:
    await keeper.write(
        lambda store, _day: store.claim(call.credential_hash, capability_hash=call.body), for_desk=False
    )
    keeper.replace_capability(call.body)
    return Answer(204)


async def _get_days(keeper: Keeper, call: Call) -> Answer:
    kind = call.kind()
    days = await keeper.read(lambda reader: reader.days(kind), for_desk=True)
    return Answer(200, struct.pack(f">{len(days)}I", *days))


async def _get_ids(keeper: Keeper, call: Call) -> Answer:
    kind, day = call.kind(), call.day()
    return Answer(200, b"".join(await keeper.read(lambda reader: reader.ids(kind, day=day), for_desk=True)))


async def _get_slots(keeper: Keeper, call: Call) -> Answer:
    kind = call.kind()
    ids = call.query_ids(at_most=TAKE_CHUNKS_MAX if kind == "chunk" else TAKE_IDS_MAX)
    slots = await keeper.read(lambda reader: reader.slots(kind, ids=ids), for_desk=True)
    return Answer(200, b"".join(part for slot in slots for part in slot))


async def _acknowledge(keeper: Keeper, call: Call) -> Answer:
    if len(call.body) % ID_BYTES:
        raise Refused(400, "ids are 16 bytes each")
    ids = [call.body[start : start + ID_BYTES] for start in range(0, len(call.body), ID_BYTES)]
    await keeper.write(lambda store, day: store.acknowledge(ids, day=day), for_desk=True)
    return Answer(204)


async def _delete_slot(keeper: Keeper, call: Call) -> Answer:
    kind, slot_id = call.kind(), call.slot_id()
    await keeper.write(lambda store, _day: store.delete_slot(kind, slot_id=slot_id), for_desk=True)
    return Answer(204)


async def _put_sheet(keeper: Keeper, call: Call) -> Answer:
    await keeper.write(lambda store, _day: store.put_sheet(call.body), for_desk=True)
    return Answer(204)


async def _put_attendance(keeper: Keeper, call: Call) -> Answer:
    slot = call.board_slot()
    if call.body[SIGNATURE_BYTES] != _ATTENDANCE_VERSION or call.body[SIGNATURE_BYTES + 1] != slot:
        raise Refused(400, "line of another version or board slot")
    await keeper.write(lambda store, day: store.put_attendance(slot, line=call.body, day=day), for_desk=True)
    return Answer(204)


async def _put_board(keeper: Keeper, call: Call) -> Answer:
    slot = call.board_slot()
    publication = await keeper.compute(lambda: check_publication(call.body, slot=slot))
    await keeper.write(
        lambda store, day: store.publish(slot, publication=publication, day=day), for_desk=True
    )
    return Answer(204)


async def _put_capability(keeper: Keeper, call: Call) -> Answer:
    capability_hash, parcel = call.body[:HASH_BYTES], call.body[HASH_BYTES:]
    if parcel[SIGNATURE_BYTES] != _PARCEL_VERSION:
        raise Refused(400, "unknown version of parcel")
    await keeper.write(
        lambda store, _day: store.rotate(
            call.credential_hash, capability_hash=capability_hash, parcel=parcel
        ),
        for_desk=True,
    )
    keeper.replace_capability(capability_hash)
    return Answer(204)


async def _get_status(keeper: Keeper, _call: Call) -> Answer:
    used = await keeper.read(lambda reader: reader.used("intake"), for_desk=True)
    chunks = await keeper.read(lambda reader: reader.used("chunk"), for_desk=True)
    status = {
        "day": day_of(keeper.clock()),
        "slots": {"intake": sum(used[lane] for lane in VISITOR_LANES), "record": used[Lane.DESK]},
        "free": {lane.value: max(0, keeper.config.limits(lane).slots - used[lane]) for lane in Lane},
        "free_chunks": {
            lane.value: max(0, keeper.config.limits(lane).chunks - chunks[lane]) for lane in VISITOR_LANES
        },
    }
    return Answer(200, json.dumps(status).encode(), b"application/json")


_SLOT = BodySize(SLOT_BYTES, SLOT_BYTES)
_CHUNK = BodySize(CHUNK_BYTES, CHUNK_BYTES)

RULES = (
    Rule("GET", "/v1/sheet", Who.ANYBODY, _get_sheet),
    Rule("GET", "/v1/attendance", Who.ANYBODY, _get_attendance),
    Rule("GET", "/v1/board", Who.ANYBODY, _get_board),
    Rule("GET", "/v1/bucket/{digest}", Who.ANYBODY, _get_bucket),
    Rule("GET", "/v1/parcel", Who.ANYBODY, _get_parcel),
    Rule("PUT", "/v1/intake/{id}", Who.ANYBODY, body=_SLOT, puts="intake"),
    Rule("PUT", "/v1/chunk/{id}", Who.ANYBODY, body=_CHUNK, puts="chunk"),
    Rule("PUT", "/v1/claim", Who.CLAIMANT, _claim, BodySize(HASH_BYTES, HASH_BYTES)),
    Rule("GET", "/v1/days/{kind}", Who.DESKS, _get_days),
    Rule("GET", "/v1/ids/{kind}/{day}", Who.DESKS, _get_ids),
    Rule("GET", "/v1/slots/{kind}", Who.DESKS, _get_slots),
    Rule("PUT", "/v1/record/{id}", Who.DESKS, body=_SLOT, puts="record"),
    Rule(
        "PUT", "/v1/acknowledged", Who.DESKS, _acknowledge, BodySize(ID_BYTES, ID_BYTES * ACKNOWLEDGE_IDS_MAX)
    ),
    Rule("DELETE", "/v1/slots/{kind}/{id}", Who.DESKS, _delete_slot),
    Rule("PUT", "/v1/sheet", Who.DESKS, _put_sheet, BodySize(SIGNATURE_BYTES + 1, SHEET_BYTES_MAX)),
    Rule(
        "PUT",
        "/v1/attendance/{slot}",
        Who.DESKS,
        _put_attendance,
        BodySize(ATTENDANCE_LINE_BYTES, ATTENDANCE_LINE_BYTES),
    ),
    Rule(
        "PUT",
        "/v1/board/{slot}",
        Who.DESKS,
        _put_board,
        BodySize(PUBLICATION_BYTES_MIN, PUBLICATION_BYTES_MAX),
    ),
    Rule(
        "PUT",
        "/v1/capability",
        Who.DESKS,
        _put_capability,
        BodySize(HASH_BYTES + PARCEL_BYTES, HASH_BYTES + PARCEL_BYTES),
    ),
    Rule("GET", "/v1/status", Who.DESKS, _get_status),
)
