"""The thin client: one call of docs/FORMAT.md, section 13, per method. Nothing is retried and nothing kept.

Without a capability it asks as a browser does: a door that told a desk from a visitor could serve the
truth to desks alone.

Addresses carry ids, so nothing here is logged: httpx2 would write every address at level INFO.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, final

import httpx2

from causeway.sync import browser
from causeway.sync.errors import RelayRefused, RelayUnreachable
from causeway.sync.store import Kind, Shelf
from causeway.sync.watch import Served
from causeway.units import KIB, MIB, Day
from causeway.wire.base64url import b64encode
from causeway.wire.sizes import (
    ATTENDANCE_BLOCK_BYTES,
    BUCKET_BYTES,
    CHUNK_BYTES,
    ID_BYTES,
    PARCEL_BYTES,
    SHEET_BYTES_MAX,
    SLOT_BYTES,
    TAKE_CHUNKS_MAX,
    TAKE_IDS_MAX,
)

__all__ = ["RelayClient"]

_CONNECT_SECONDS: Final = 60.0
"""A first connection to an onion service took 24 s on a quiet machine."""

_READ_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 900.0
"""For a whole answer: a relay that sends a byte a minute must not hold a desk for ever."""

_LISTING_BYTES_MAX: Final = 2 * MIB
_BOARD_BYTES_MAX: Final = MIB
_STATUS_BYTES_MAX: Final = 16 * KIB
_WORDS_BYTES_MAX: Final = 4 * KIB
_PAGE_BYTES_MAX: Final = MIB
_NOT_FOUND: Final = 404
_REFUSALS: Final = {
    401: "The relay does not accept this desk.",
    404: "What answers at this address is not a relay, or an older one.",
    429: "The relay is busy. This desk will try again.",
    502: "The relay behind the door does not answer. This desk will try again.",
    503: "The relay is not ready. This desk will try again.",
    507: "The relay's disk is full. Whoever runs it has to make room.",
}
"""The sentence that a member gets to read."""

for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def _proxy(socks: str) -> str:
    # Tor gives every user name a circuit of its own (IsolateSOCKSAuth, on by default; torrc(5)). `socks5h`:
    # Tor looks up the name, this machine never asks a resolver for it.
    return f"socks5h://{secrets.token_hex(8)}:{secrets.token_hex(8)}@{socks}"


@final
class RelayClient:
    """Calls one relay through its door."""

    def __init__(
        self,
        door_url: str,
        *,
        socks: str | None,
        capability: bytes | None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Take where the relay is; nothing is sent yet.

        Args:
            door_url: The public origin, such as `http://….onion`.
            socks: `host:port` of Tor's SOCKS port; `None` connects directly.
            capability: `None` calls as any visitor would.
            transport: In place of the network, a Unix socket for one.
        """
        self._door_url = door_url.rstrip("/")
        self._socks = socks
        self._transport = transport
        self._capability = capability
        self._scheme = "https" if self._door_url.startswith("https:") else "http"
        self._client = httpx2.Client(
            proxy=_proxy(socks) if socks is not None and transport is None else None,
            transport=transport,
            # The environment may name another proxy, or a file for keys of TLS.
            trust_env=False,
            timeout=httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            # The door ends every connection after one call; keeping one would only risk a call on a dead one.
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers={
                "User-Agent": "",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
        )

    def visitor(self) -> RelayClient:
        """Return a client that is a stranger to this one: no capability, a circuit of its own."""
        return RelayClient(self._door_url, socks=self._socks, capability=None, transport=self._transport)

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- As a browser ----

    def come_in(self) -> None:
        """Open the door's page and all that it loads, in the order of `web/src/door`; none is checked."""
        page = self._opened("", kind=browser.Kind.PAGE)
        self._opened("static/seal.js", kind=browser.Kind.SCRIPT)
        # Other lists are loaded only by somebody who types words of another language.
        own = browser.word_list(page)
        if own is not None:
            self._opened(f"static/words-{own}.txt", kind=browser.Kind.DATA)

    def _opened(self, path: str, *, kind: browser.Kind) -> bytes:
        with suppress(RelayRefused):
            return self._ask("GET", path, kind=kind, limit=_PAGE_BYTES_MAX)
        return b""

    def open(self, path: str, *, kind: browser.Kind, language: str) -> Served:
        """Open an address of the door as a browser in some language does; whatever is said, comes back.

        Raises:
            RelayUnreachable: No answer, or one without an end.
        """
        return self._exchange(
            "GET", path.removeprefix("/"), kind=kind, language=language, limit=_PAGE_BYTES_MAX
        )

    # ---- For anybody ----

    def sheet(self) -> bytes:
        """Take the door sheet."""
        return self._get("sheet", limit=SHEET_BYTES_MAX)

    def attendance(self) -> bytes:
        """Take the attendance lines."""
        return self._get("attendance", limit=ATTENDANCE_BLOCK_BYTES)

    def board(self) -> bytes:
        """Take all indexes."""
        return self._get("board", limit=_BOARD_BYTES_MAX)

    def bucket(self, digest: bytes) -> bytes | None:
        """Take one bucket; `None` where the relay has none of this hash."""
        try:
            return self._get(f"bucket/{digest.hex()}", limit=BUCKET_BYTES)
        except RelayRefused as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    def parcel(self) -> bytes | None:
        """Take the parcel of the last rotation; `None` where there was none."""
        try:
            return self._get("parcel", limit=PARCEL_BYTES)
        except RelayRefused as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    def put_intake(self, slot_id: bytes, *, slot: bytes) -> None:
        """Send a message, as a browser does; again the same is the same put."""
        self._call("PUT", f"intake/{slot_id.hex()}", body=slot)

    def put_chunk(self, chunk_id: bytes, *, chunk: bytes) -> None:
        """Send a chunk of an attachment, as a browser does; again the same is the same put."""
        self._call("PUT", f"chunk/{chunk_id.hex()}", body=chunk)

    # ---- For desks ----

    def claim(self, code: str, *, capability_hash: bytes) -> None:
        """Make the relay this centre's."""
        self._call("PUT", "claim", body=capability_hash, authorization=f"Setup {code}")

    def status(self) -> bytes:
        """Take the relay's counts; also tells whether the capability is accepted."""
        return self._get("status", limit=_STATUS_BYTES_MAX)

    def days(self, kind: Shelf) -> bytes:
        """List the days that hold slots."""
        return self._get(f"days/{kind}", limit=_LISTING_BYTES_MAX)

    def ids(self, kind: Shelf, *, day: Day) -> bytes:
        """List the ids of one day."""
        return self._get(f"ids/{kind}/{day}", limit=_LISTING_BYTES_MAX)

    def slots(self, kind: Kind, *, ids: list[bytes]) -> bytes:
        """Take up to 64 slots."""
        joined = ",".join(slot_id.hex() for slot_id in ids)
        return self._get(f"slots/{kind}?ids={joined}", limit=TAKE_IDS_MAX * (ID_BYTES + SLOT_BYTES))

    def chunks(self, ids: list[bytes]) -> bytes:
        """Take up to four chunks of attachments."""
        joined = ",".join(chunk_id.hex() for chunk_id in ids)
        return self._get(f"slots/chunk?ids={joined}", limit=TAKE_CHUNKS_MAX * (ID_BYTES + CHUNK_BYTES))

    def put_record(self, slot_id: bytes, *, slot: bytes) -> None:
        """Put one record slot; again the same is the same put."""
        self._call("PUT", f"record/{slot_id.hex()}", body=slot)

    def acknowledge(self, ids: list[bytes]) -> None:
        """Tell that intake slots, or chunks, were taken."""
        self._call("PUT", "acknowledged", body=b"".join(ids))

    def put_sheet(self, sheet: bytes) -> None:
        """Publish the door sheet."""
        self._call("PUT", "sheet", body=sheet)

    def put_attendance(self, slot: int, *, line: bytes) -> None:
        """Publish this desk's attendance line."""
        self._call("PUT", f"attendance/{slot}", body=line)

    def put_capability(self, capability_hash: bytes, *, parcel: bytes) -> None:
        """Replace the capability, and leave the parcel for the desks that remain."""
        self._call("PUT", "capability", body=capability_hash + parcel)

    def put_board(self, slot: int, *, publication: bytes) -> None:
        """Replace all that this desk has on the board."""
        self._call("PUT", f"board/{slot}", body=publication)

    # ---- How ----

    def _get(self, path: str, *, limit: int) -> bytes:
        return self._call("GET", path, limit=limit)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        limit: int = _WORDS_BYTES_MAX,
        authorization: str | None = None,
    ) -> bytes:
        return self._ask(method, f"v1/{path}", body=body, limit=limit, authorization=authorization)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        kind: browser.Kind = browser.Kind.DATA,
        body: bytes | None = None,
        limit: int,
        authorization: str | None = None,
    ) -> bytes:
        served = self._exchange(
            method, path, kind=kind, body=body, limit=limit, authorization=authorization, words=True
        )
        status = served.status
        if not 200 <= status < 300:
            raise RelayRefused(_REFUSALS.get(status, "The relay refused a call."), status=status)
        return served.body

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        kind: browser.Kind,
        language: str = "en",
        body: bytes | None = None,
        limit: int,
        authorization: str | None = None,
        words: bool = False,
    ) -> Served:
        """Send one request, and take the answer; `words` takes no more than some of them of a refusal."""
        if authorization is None and self._capability is not None:
            authorization = f"Bearer {b64encode(self._capability)}"
        if authorization is None:
            headers = browser.browser_headers(kind, scheme=self._scheme, language=language)
        else:
            headers = [*self._client.headers.items(), ("Authorization", authorization)]
        try:
            # A request of our own making: the client's would put its headers before ours.
            request = httpx2.Request(
                method,
                f"{self._door_url}/{path}",
                content=body,
                headers=headers,
                extensions={"timeout": self._client.timeout.as_dict()},
            )
            answer = self._client.send(request, stream=True)
            try:
                limit = _WORDS_BYTES_MAX if words and not answer.is_success else limit
                taken = browser.decoded(
                    self._body(answer, limit=limit),
                    encoding=answer.headers.get("content-encoding", ""),
                    limit=limit,
                )
                said = [(name.lower(), value) for name, value in answer.headers.multi_items()]
                return Served(status=answer.status_code, headers=said, body=taken)
            finally:
                answer.close()
        except RelayUnreachable:
            raise
        except Exception as error:
            # The SOCKS library also lets AssertionError and its own errors through when Tor hangs up on it.
            # None of their texts is passed on: they may name the address.
            raise RelayUnreachable("The relay could not be reached.", cause=type(error).__name__) from None

    @staticmethod
    def _body(answer: httpx2.Response, *, limit: int) -> bytes:
        parts = []
        size = 0
        until = time.monotonic() + _ANSWER_SECONDS
        for part in answer.iter_raw():
            size += len(part)
            if size > limit:
                raise RelayUnreachable("The relay sent more than it may.", limit=limit)
            if time.monotonic() > until:
                raise RelayUnreachable("The relay took too long to answer.", bytes=size)
            parts.append(part)
        return b"".join(parts)
