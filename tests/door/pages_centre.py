"""A whole centre on loopback for tests of the pages: real keys, real sheets and boards, a store in memory."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from causeway.door.pages import LIST_LANGUAGES, Site, csp, render, routes
from causeway.sealed.attendance import sign_attendance
from causeway.sealed.board import CellToPublish, build_publication
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.sheet import appoint, root_fingerprint, sign_sheet
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.sealed.words import encode_receipt
from causeway.units import Day, Week, day_of, week_of
from causeway.wire.answer import Answer, fit_answers
from causeway.wire.attendance import Attendance
from causeway.wire.base64url import b64encode
from causeway.wire.board import join_indexes, split_publication
from causeway.wire.intake import IntakeMessage
from causeway.wire.sheet import DoorSheet, IntakeKey
from causeway.wire.sizes import ATTENDANCE_LINE_BYTES, BOARD_SLOTS

BOARD_SLOT = 5
CELL_ROOM = 6_000


def today() -> Day:
    return day_of(time.time())


def _board_keys() -> list[SigningKey]:
    return [SigningKey.generate() for _ in range(BOARD_SLOTS)]


@dataclass
class Centre:
    """Keys of an invented centre, and what its relay would hold."""

    root: HybridSigningKey = field(default_factory=HybridSigningKey.generate)
    device: SigningKey = field(default_factory=SigningKey.generate)
    boards: list[SigningKey] = field(
        default_factory=lambda: [SigningKey.generate() for _ in range(BOARD_SLOTS)]
    )
    intake: HybridSecret = field(default_factory=HybridSecret.generate)
    sheet: bytes = b""
    attendance: bytes = bytes(ATTENDANCE_LINE_BYTES * BOARD_SLOTS)
    board: bytes = bytes(4 * BOARD_SLOTS)
    buckets: dict[str, bytes] = field(default_factory=dict)
    slots: dict[bytes, bytes] = field(default_factory=dict)
    busy: int = 0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sheet = self.sheet_of(today())
        self.read_here(today())
        self.publish()

    @property
    def root_pq(self) -> bytes:
        return hashlib.sha256(self.root.pq_public).digest()

    @property
    def fingerprint(self) -> bytes:
        return root_fingerprint(self.root.classical.public, root_pq=self.root_pq)

    def sheet_of(self, day: Day, *, last_day: Day | None = None) -> bytes:
        week = week_of(day)
        appointment = appoint(
            self.device.public, root=self.root, last_day=last_day if last_day is not None else Day(day + 100)
        )
        sheet = DoorSheet(
            serial=1,
            day=day,
            root=self.root.classical.public,
            root_pq=self.root_pq,
            device=self.device.public,
            appointment=appointment,
            intake=tuple(
                IntakeKey(
                    week=Week(week + n),
                    key=bytes(self.intake.public if n == 0 else HybridSecret.generate().public),
                )
                for n in range(3)
            ),
            boards=tuple(key.public for key in self.boards),
            bundle=bytes(32),
            texts=bytes(32),
        )
        return sign_sheet(sheet, device=self.device)

    def read_here(self, day: Day) -> None:
        line = sign_attendance(Attendance(slot=BOARD_SLOT, day=day), board=self.boards[BOARD_SLOT])
        start = BOARD_SLOT * ATTENDANCE_LINE_BYTES
        block = bytearray(ATTENDANCE_LINE_BYTES * BOARD_SLOTS)
        block[start : start + ATTENDANCE_LINE_BYTES] = line
        self.attendance = bytes(block)

    def publish(self, *answers: tuple[IntakeMessage, list[Answer]]) -> None:
        cells = [
            CellToPublish(
                tag_key=message.tag_key,
                n=0,
                answer_key=HybridPublic(message.answer_key),
                content=fit_answers(texts, conversation=message.conversation, closed=False, room=CELL_ROOM),
            )
            for message, texts in answers
        ]
        body = build_publication(cells, slot=BOARD_SLOT, day=today(), board=self.boards[BOARD_SLOT])
        index, buckets = split_publication(body)
        self.board = join_indexes({BOARD_SLOT: index})
        self.buckets = {hashlib.sha256(bucket).hexdigest(): bucket for bucket in buckets}

    def messages(self) -> list[IntakeMessage]:
        return [
            open_intake(slot, slot_id=slot_id, secrets=[self.intake]) for slot_id, slot in self.slots.items()
        ]

    def link(self, base: str, path: str = "/") -> str:
        return f"{base}{path}#{b64encode(self.fingerprint)}"

    # ---- the relay's part of the interface ----

    async def relay_get(self, path: str) -> bytes | None:
        return {"/v1/sheet": self.sheet, "/v1/attendance": self.attendance, "/v1/board": self.board}.get(path)

    async def get(self, request: Request) -> Response:
        self.asked.append(f"GET {request.url.path}")
        body = await self.relay_get(request.url.path)
        if request.url.path.startswith("/v1/bucket/"):
            body = self.buckets.get(request.path_params["hash"])
        return Response(body) if body is not None else Response(status_code=404)

    async def put(self, request: Request) -> Response:
        self.asked.append("PUT /v1/intake")
        body = await request.body()
        if self.busy:
            self.busy -= 1
            return Response(status_code=429, headers={"retry-after": "2"})
        slot_id = bytes.fromhex(request.path_params["id"])
        status = 200 if slot_id in self.slots else 201
        if self.slots.setdefault(slot_id, body) != body:
            return Response(status_code=409)
        return Response(status_code=status)


SAMPLES: dict[str, dict[str, Any]] = {
    "write": {
        "words": ["harbour", "window", "copper", "eleven", "meadow", "basket", "lantern", "quiet"],
        "ticket": "t",
    },
    "write-again": {
        "ticket": "t",
        "text": "I wrote this before.",
        "problem_key": "unreachable",
    },
    "sent": {},
    "return-unknown": {"problem_key": "unknown_word", "word": "lanten"},
    "answers": {
        "answers": [
            {
                "n": 1,
                "day": 20_770,
                "text": "We have read you.\n\nDo not go to the old address.",
            },
            {"n": 2, "day": 20_772, "text": "Come to the square near the mill at noon on Friday. " * 12},
        ],
        "closed": True,
        "more": True,
        "ticket": "t",
    },
    "answers-none": {"ticket": "t"},
    "done": {},
    "gone": {},
    "problem": {"problem_key": "too_large"},
}
"""What the plain process would render, by a name that begins with the view's."""


async def _sample(request: Request) -> Response:
    name, language = request.path_params["name"], request.path_params["language"]
    shown = dict(SAMPLES[name])
    if "words" in shown and language not in LIST_LANGUAGES:
        shown["words"] = encode_receipt(bytes(range(11)), lang=language)
    page = render(name.partition("-")[0], language=language, exit_label="weather.example", **shown)
    return Response(page, media_type="text/html")


class _Headers:
    """The headers that the door puts on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"content-security-policy", csp().encode()),
                    (b"cache-control", b"no-store"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


def app_of(centre: Centre, site: Site | None = None) -> Starlette:
    async def left(request: Request) -> Response:
        return Response("Fair, 12 degrees.", media_type="text/plain")

    shown = site or Site(relay_get=centre.relay_get, today=today, exit_label="weather.example")
    return Starlette(
        routes=[
            Route("/exit", left),
            Route("/v1/bucket/{hash}", centre.get),
            Route("/v1/intake/{id}", centre.put, methods=["PUT"]),
            Route("/v1/{name}", centre.get),
            Route("/sample/{language}/{name}", _sample),
            *routes(shown),
        ],
        middleware=[Middleware(_Headers)],
    )


@contextlib.contextmanager
def serving(centre: Centre, site: Site | None = None) -> Iterator[str]:
    """Serve a centre's door on a free port; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app_of(centre, site), log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
