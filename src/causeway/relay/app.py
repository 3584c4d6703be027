"""The relay as an ASGI application: who may come in, by which lane, with how large a body; then the handler.

Nothing that was sent is logged or repeated. What goes wrong here is logged by its class and the route's name
alone: messages and tracebacks may hold what was sent.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from causeway.relay.body import BodyCut, check_declared, read_body
from causeway.relay.calls import Answer, Call, hash_bearer, setup_code, slot_id_of
from causeway.relay.config import Config
from causeway.relay.gate import Gate
from causeway.relay.keeper import Keeper, announce_on_stderr, hash_setup_code, open_keeper
from causeway.relay.lanes import LANE_HEADER, Lane, Load, visitor_lane
from causeway.relay.puzzle import PUZZLE_HEADER, WORK_HEADER, bits_for
from causeway.relay.refusals import Refused
from causeway.relay.routes import RULES, Rule, Who
from causeway.wire.sizes import SLOT_BYTES

__all__ = ["assemble", "create_app"]

_log = logging.getLogger(__name__)

_NO_STORE = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")
_TEXT = b"text/plain; charset=utf-8"


def create_app(
    config: Config,
    *,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    announce: Callable[[str], None] = announce_on_stderr,
) -> Starlette:
    """Return a relay that opens its store when the server starts it and closes it at the end.

    Args:
        config: Folder and limits.
        clock: Unix seconds; only the UTC day is used.
        monotonic: Seconds for the lanes.
        announce: Told the setup code when the store is new.
    """
    return assemble(lambda: open_keeper(config, clock=clock, monotonic=monotonic, announce=announce))


def assemble(opened: Callable[[], AbstractContextManager[Keeper]]) -> Starlette:
    """Return the application round a keeper, which is opened when the server starts."""
    held: list[Keeper] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with opened() as keeper:
            keeper.start()
            held.append(keeper)
            try:
                yield
            finally:
                held.clear()
                await keeper.stop()

    by_path: dict[str, dict[str, Rule]] = {}
    for rule in RULES:
        by_path.setdefault(rule.path, {})[rule.method] = rule
    app = Starlette(
        routes=[Route(path, _Endpoint(methods, held=held)) for path, methods in by_path.items()],
        lifespan=lifespan,
        exception_handlers={HTTPException: _not_in_table},
    )
    app.router.redirect_slashes = False
    return app


async def _not_in_table(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse(
        "no such thing here\n", 404, {"Cache-Control": "no-store", "Connection": "close"}
    )


class _Endpoint:
    """One path of the table, with its methods.

    The order of its steps is the order of their price: (1) method; (2) capability, by hash; (3) declared
    size; (4) lane; (5) body; (6) handler.
    """

    def __init__(self, rules: dict[str, Rule], *, held: list[Keeper]) -> None:
        self._rules = rules
        self._held = held
        self._allow = ", ".join(sorted(rules)).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing escapes but cancellation."""
        rule = self._rules.get(scope["method"])
        if rule is None:
            await _send(send, 405, b"method not allowed\n", _TEXT, (b"allow", self._allow), _CLOSE)
            return
        try:
            answer = await self._answer(rule, scope, receive)
        except Refused as refused:
            # The body may not have been read, so the connection can't be used again.
            extra = [_CLOSE]
            if refused.retry_after is not None:
                extra.append((b"retry-after", str(refused.retry_after).encode()))
            if refused.puzzle is not None:
                extra.append((PUZZLE_HEADER, refused.puzzle))
            await _send(send, refused.status, refused.what.encode() + b"\n", _TEXT, *extra)
        except BodyCut:
            return
        except Exception as error:  # deliberately all: a traceback may hold what was sent
            _log.error("%s: %s", rule.name, _class_of(error))
            await _send(send, 500, b"something went wrong here\n", _TEXT, _CLOSE)
        else:
            await _send(send, answer.status, answer.body, answer.media_type)

    async def _answer(self, rule: Rule, scope: Scope, receive: Receive) -> Answer:
        if not self._held:
            raise Refused(503, "the relay is not ready", retry_after=1)
        keeper = self._held[0]
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        authorization = _take_authorization(headers)
        lane, gate, credential_hash = _let_in(keeper, rule, headers, authorization)
        del authorization
        if rule.body is not None:
            check_declared(headers, size=rule.body)
        if lane is Lane.CLEAR and rule.who is Who.ANYBODY and rule.load is not Load.READ:
            _check_work(keeper, headers, gate=gate, path=scope["path_params"])
        async with gate:
            body = b""
            if rule.body is not None:
                seconds = keeper.config.body_seconds
                if rule.body.at_most > SLOT_BYTES * 8:
                    seconds = keeper.config.publication_seconds
                body = await read_body(receive, size=rule.body, seconds=seconds)
                if rule.who is Who.DESKS and not keeper.admits(credential_hash):
                    # Replaced while the body came: a removed desk must not write by having begun before.
                    raise _not_admitted()
            call = Call(
                path=scope["path_params"],
                query=scope["query_string"],
                body=body,
                lane=lane,
                credential_hash=credential_hash,
            )
            try:
                return await rule.handler(keeper, call)
            except Refused as refused:
                if rule.who is Who.CLAIMANT and refused.status == 401:
                    await asyncio.sleep(keeper.config.wrong_code_seconds)
                raise


def _not_admitted() -> Refused:
    return Refused(401, "no or wrong capability")


def _let_in(
    keeper: Keeper, rule: Rule, headers: list[tuple[bytes, bytes]], authorization: bytes | None
) -> tuple[Lane, Gate, bytes]:
    """Return lane, gate and credential hash of a call; `Refused` 401 for who may not call."""
    if rule.who is Who.DESKS:
        credential_hash = hash_bearer(authorization)
        if credential_hash is None or not keeper.admits(credential_hash):
            raise _not_admitted()
        return Lane.DESK, keeper.gate(Lane.DESK, rule.load), credential_hash
    lane = visitor_lane(next((value for name, value in headers if name == LANE_HEADER), None))
    if rule.who is Who.CLAIMANT:
        # A missing code goes the way of a wrong one.
        return lane, keeper.claims, hash_setup_code(setup_code(authorization) or b"")
    return lane, keeper.gate(lane, rule.load), b""


def _check_work(
    keeper: Keeper, headers: list[tuple[bytes, bytes]], *, gate: Gate, path: Mapping[str, str]
) -> None:
    """Set a puzzle where a lane is crowded; who solves it takes their turn at the gate like everybody.

    Raises:
        Refused: 429 with a puzzle; nothing was taken from the lane.
    """
    bits = bits_for(gate.fullness)
    if not bits:
        return
    work = next((value for name, value in headers if name == WORK_HEADER), b"")
    if not keeper.puzzles.is_solved(work, slot_id=slot_id_of(path), bits=bits):
        raise Refused(
            429, "this way in is busy, solve the puzzle", retry_after=0, puzzle=keeper.puzzles.ask(bits)
        )


def _take_authorization(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """Take the header out of the request, so that a capability stays no longer than it takes to hash it."""
    found: bytes | None = None
    for position in range(len(headers) - 1, -1, -1):
        if headers[position][0] == b"authorization":
            found = headers.pop(position)[1]
    return found


def _class_of(error: Exception) -> str:
    if isinstance(error, sqlite3.Error):
        return f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '')}".rstrip()
    return type(error).__name__


async def _send(send: Send, status: int, body: bytes, media_type: bytes, *extra: tuple[bytes, bytes]) -> None:
    headers: list[Any] = [_NO_STORE, *extra]
    if status != 204:
        headers += [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
