"""What a hostile relay does to desks: it alters, drops, replays, reorders, and serves what is old."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from causeway.drills.between import Asked, PassOn, Said
from causeway.drills.company import FIRST
from causeway.drills.fork_scene import PLAIN, SKIPPED, WITNESS, Scene
from causeway.wire.sizes import ID_BYTES, SLOT_BYTES

__all__ = ["altered", "dropped", "old_parcel", "old_sheet", "reordered", "replayed", "weeks_pass"]

_OK: Final = 200
_UNAUTHORISED: Final = 401


def altered(scene: Scene, number: int) -> None:
    """Change a bit in each record slot that one desk fetches."""

    def flip(asked: Asked, pass_on: PassOn) -> Said:
        said = pass_on()
        if not asked.path.startswith("/v1/slots/record"):
            return said
        step = ID_BYTES + SLOT_BYTES
        slots = [said.body[at : at + step] for at in range(0, len(said.body), step)]
        body = b"".join(one[:-1] + bytes([one[-1] ^ 1]) for one in slots)
        return Said(said.status, body, said.headers)

    scene.answer(FIRST, PLAIN, "written while slots were altered")
    scene.meet(FIRST)
    with scene.company.line(WITNESS).doing(flip):
        scene.meet(WITNESS)


def dropped(scene: Scene, number: int) -> None:
    """Keep from one desk what another one has sent, and take what that one sends without keeping it."""
    held = set(scene.company.traffic.record)

    def forget(asked: Asked, pass_on: PassOn) -> Said:
        if asked.method == "PUT" and asked.path.startswith("/v1/record/"):
            return Said(201, b"")
        said = pass_on()
        if not asked.path.startswith("/v1/ids/record/"):
            return said
        ids = [said.body[at : at + ID_BYTES] for at in range(0, len(said.body), ID_BYTES)]
        return Said(said.status, b"".join(one for one in ids if one in held), said.headers)

    with scene.company.line(WITNESS).doing(forget):
        scene.answer(FIRST, PLAIN, "kept from one desk")
        scene.answer(WITNESS, SKIPPED, "taken from one desk, and forgotten")
        scene.meet()


def weeks_pass(scene: Scene) -> None:
    """Let desks tell each other how far they are, once a week, and ask for what they lack."""
    for days in (8, 3, 3, 3):
        scene.company.pass_days(days)
        scene.meet(rounds=3)


def replayed(scene: Scene, number: int) -> None:
    """List every slot twice, and some under other ids as well."""
    fakes: dict[bytes, bytes] = {}

    def replay(asked: Asked, pass_on: PassOn) -> Said:
        if asked.path.startswith("/v1/ids/record/"):
            said = pass_on()
            for at in range(0, min(len(said.body), 4 * ID_BYTES), ID_BYTES):
                real = said.body[at : at + ID_BYTES]
                fakes[bytes([real[0] ^ 1]) + real[1:]] = scene.company.traffic.record.get(
                    real, bytes(SLOT_BYTES)
                )
            # And every genuine one twice.
            return Said(said.status, b"".join([*fakes, said.body, said.body]), said.headers)
        if asked.path.startswith("/v1/slots/record"):
            ids = [bytes.fromhex(one) for one in parse_qs(urlsplit(asked.path).query)["ids"][0].split(",")]
            if set(ids) <= set(fakes):
                return Said(_OK, b"".join(one + fakes[one] for one in ids))
        return pass_on()

    with scene.company.line(WITNESS).doing(replay):
        scene.meet(WITNESS)


def reordered(scene: Scene, number: int) -> None:
    """List and give slots in the opposite order."""

    def backwards(asked: Asked, pass_on: PassOn) -> Said:
        said = pass_on()
        step = {"/v1/ids/record": ID_BYTES, "/v1/slots/record": ID_BYTES + SLOT_BYTES}.get(asked.path[:14])
        step = step or {"/v1/slots/record": ID_BYTES + SLOT_BYTES}.get(asked.path[:16])
        if step is None:
            return said
        parts = [said.body[at : at + step] for at in range(0, len(said.body), step)]
        return Said(said.status, b"".join(reversed(parts)), said.headers)

    for text in ("first of three", "second of three", "third of three"):
        scene.answer(FIRST, PLAIN, text)
        scene.meet(FIRST, rounds=1)
    with scene.company.line(WITNESS).doing(backwards):
        scene.meet(WITNESS)


def old_sheet(scene: Scene, number: int) -> None:
    """Serve the first door sheet that there was."""
    sheet = scene.company.traffic.sheets[0]

    def old(asked: Asked, pass_on: PassOn) -> Said:
        return Said(_OK, sheet) if (asked.method, asked.path) == ("GET", "/v1/sheet") else pass_on()

    with scene.company.line(FIRST).doing(old):
        scene.desk(FIRST).sync_round(visit=True)


def old_parcel(scene: Scene, number: int) -> None:
    """Tell a desk that it is not let in, and give it the parcel of an access that was replaced."""
    before = scene.desk(WITNESS)._store.access()

    def refuse(asked: Asked, pass_on: PassOn) -> Said:
        if asked.path == "/v1/parcel":
            return Said(_OK, scene.company.traffic.parcels[0])
        return Said(_UNAUTHORISED, b"") if asked.by_desk else pass_on()

    with scene.company.line(WITNESS).doing(refuse):
        scene.meet(WITNESS)
    if scene.desk(WITNESS)._store.access() != before:
        scene.changed.append("an earlier access was taken")
