"""The relay's application: who may come in, by which lane, with how large a body; then the handler.

Nothing that was sent is logged or repeated. What goes wrong here is logged by its class and the route's name
alone: messages and tracebacks may hold what was sent.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from causeway.relay.body import NO_BODY, BodySize, check_declared
from causeway.relay.calls import Answer, Call, hash_bearer, setup_code, slot_id_of
from causeway.relay.gate import Gate
from causeway.relay.http import Reply, Request
from causeway.relay.keeper import Keeper, hash_setup_code
from causeway.relay.lanes import LANE_HEADER, Lane, Load, visitor_lane
from causeway.relay.puzzle import PUZZLE_HEADER, WORK_HEADER, bits_for
from causeway.relay.refusals import Refused
from causeway.relay.routes import RULES, Rule, Who, put_work
from causeway.relay.writer import Failed, Outcome
from causeway.wire.sizes import SLOT_BYTES

__all__ = ["App"]

_log = logging.getLogger(__name__)

_ROOT: Final = "/v1/"
_NOT_HERE: Final = Reply(404, b"no such thing here\n", close=True)
_STORED: Final = {True: Reply(201, media_type=b"application/octet-stream"), False: Reply(200)}


@dataclass(slots=True)
class _Admission:
    """A request that was let in, and what its call will need."""

    rule: Rule
    path: Mapping[str, str]
    query: bytes
    lane: Lane
    gate: Gate
    credential_hash: bytes
    wait: float
    body: BodySize
    body_seconds: float


@dataclass(frozen=True, slots=True)
class _Path:
    """One path of the table, with its methods."""

    names: tuple[str, ...]
    rules: dict[str, Rule]

    @property
    def allow(self) -> bytes:
        return ", ".join(sorted(self.rules)).encode()


class App:
    """Decides about requests, in the order of the price of each step.

    (1) path and method; (2) capability, by hash; (3) declared size; (4) lane; (5) body; (6) handler.

    Args:
        keeper: A keeper that was started.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._tasks: set[asyncio.Task[None]] = set()
        self._paths: dict[tuple[str, int], _Path] = {}
        for rule in RULES:
            first, *names = rule.path.removeprefix(_ROOT).split("/")
            found = self._paths.setdefault((first, len(names)), _Path(tuple(n[1:-1] for n in names), {}))
            found.rules[rule.method] = rule

    async def finish(self) -> None:
        """Wait for the calls that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def begin(self, request: Request) -> _Admission | Reply:
        """Let a request in by its head, or say why not."""
        first, *values = request.path.removeprefix(_ROOT).split("/")
        found = self._paths.get((first, len(values))) if request.path.startswith(_ROOT) else None
        if found is None or not all(values):
            return _NOT_HERE
        rule = found.rules.get(request.method)
        if rule is None:
            return Reply(405, b"method not allowed\n", extra=((b"allow", found.allow),), close=True)
        try:
            return self._let_in(rule, request, path=dict(zip(found.names, values, strict=True)))
        except Refused as refused:
            return self.refuse(refused)
        except Exception as error:  # deliberately all: a traceback may hold what was sent
            return _broken(rule, error)

    def call(self, admission: _Admission, body: bytes, answer: Callable[[Reply], None]) -> None:
        """Do what a request asks, and answer once."""
        rule = admission.rule
        try:
            if rule.who is Who.DESKS and not self._keeper.admits(admission.credential_hash):
                # Replaced while the body came: a removed desk must not write by having begun before.
                raise _not_admitted()
            call = Call(
                path=admission.path,
                query=admission.query,
                body=body,
                lane=admission.lane,
                credential_hash=admission.credential_hash,
            )
            if rule.puts is not None:
                self._put(admission, call, answer)
                return
        except Exception as error:  # deliberately all, as above
            self._end(admission, answer, error)
            return
        task = asyncio.get_running_loop().create_task(self._handle(admission, call, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self, admission: _Admission) -> None:
        """Let go of an admission that came to no call."""
        admission.gate.leave()

    def refuse(self, refused: Refused) -> Reply:
        """Return a refusal as an answer. The body may not have been read, so it is the last one."""
        extra: list[tuple[bytes, bytes]] = []
        if refused.retry_after is not None:
            extra.append((b"retry-after", str(refused.retry_after).encode()))
        if refused.puzzle is not None:
            extra.append((PUZZLE_HEADER, refused.puzzle))
        return Reply(refused.status, refused.what.encode() + b"\n", extra=tuple(extra), close=True)

    def _let_in(self, rule: Rule, request: Request, *, path: Mapping[str, str]) -> _Admission:
        keeper, headers = self._keeper, request.headers
        authorization = _take_authorization(headers)
        lane, gate, credential_hash = _lane_of(keeper, rule, headers, authorization)
        del authorization
        body = rule.body or NO_BODY
        check_declared(headers, size=body)
        if lane is Lane.CLEAR and rule.who is Who.ANYBODY and rule.load is not Load.READ:
            _check_work(keeper, headers, gate=gate, path=path)
        config = keeper.config
        return _Admission(
            rule=rule,
            path=path,
            query=request.query,
            lane=lane,
            gate=gate,
            credential_hash=credential_hash,
            wait=gate.enter(),
            body=body,
            body_seconds=config.publication_seconds if body.at_most > SLOT_BYTES * 8 else config.body_seconds,
        )

    def _put(self, admission: _Admission, call: Call, answer: Callable[[Reply], None]) -> None:
        """Store a slot, without a task of its own: this is what a crowd at the door asks for."""

        def tell(outcome: Outcome) -> None:
            if isinstance(outcome, Failed):
                self._end(admission, answer, outcome.error)
            else:
                admission.gate.leave()
                answer(_STORED[outcome.value])

        work = put_work(self._keeper, call, rule=admission.rule)
        self._keeper.submit(work, tell, for_desk=admission.lane is Lane.DESK)

    async def _handle(self, admission: _Admission, call: Call, answer: Callable[[Reply], None]) -> None:
        rule = admission.rule
        try:
            if rule.handler is None:
                raise Refused(500, "something went wrong here")
            done: Answer = await rule.handler(self._keeper, call)
        except Exception as error:  # deliberately all, as above
            if rule.who is Who.CLAIMANT and isinstance(error, Refused) and error.status == 401:
                await asyncio.sleep(self._keeper.config.wrong_code_seconds)
            self._end(admission, answer, error)
        else:
            admission.gate.leave()
            answer(Reply(done.status, done.body, done.media_type))

    def _end(self, admission: _Admission, answer: Callable[[Reply], None], error: Exception) -> None:
        admission.gate.leave()
        answer(self.refuse(error) if isinstance(error, Refused) else _broken(admission.rule, error))


def _broken(rule: Rule, error: Exception) -> Reply:
    _log.error("%s: %s", rule.name, _class_of(error))
    return Reply(500, b"something went wrong here\n", close=True)


def _not_admitted() -> Refused:
    return Refused(401, "no or wrong capability")


def _lane_of(
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
