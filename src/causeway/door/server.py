"""The door: listeners, the web process's application, and the nursery, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from causeway.door.acceptor import Acceptor
from causeway.door.config import Address, DoorConfig, Lane
from causeway.door.forward import Forwarder, ShortWay
from causeway.door.handover import Handover
from causeway.door.headers import always
from causeway.door.nursery_line import NurseryLine
from causeway.door.pages import Site, render, routes
from causeway.door.results import ResultService, ResultStore
from causeway.door.web import HttpServer
from causeway.errors import LocalError
from causeway.units import day_of

__all__ = ["application", "run_door"]

_GRACE_SECONDS = 5.0
_FORMS = ("/start", "/send", "/read", "/act")


def application(config: DoorConfig, *, forwarder: Forwarder) -> ASGIApp:
    """Return what the web process serves: pages, the exit, and `/v1/` by way of the forwarder."""
    site = Site(
        relay_get=forwarder.get,
        today=lambda: day_of(time.time()),
        exit_label=config.exit_label,
        addresses=config.addresses,
        edition=config.edition,
    )

    def leave(request: Request) -> Response:
        return Response(
            status_code=303,
            headers={"location": config.exit_url, "clear-site-data": '"cache", "cookies", "storage"'},
        )

    def back_to_start(request: Request) -> Response:
        # Somebody reloaded where a form had been sent to: nothing of the form is here, so begin again.
        return Response(status_code=303, headers={"location": "/"})

    pages = Starlette(
        routes=[
            Route("/exit", leave, methods=["GET"]),
            *(Route(path, back_to_start, methods=["GET"]) for path in _FORMS),
            *routes(site),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/v1/"):
            await forwarder(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app


def _busy_answer(config: DoorConfig) -> bytes:
    """Return the whole answer for somebody whose form can't be read now. Their language is not known here."""
    page = render(
        "problem",
        language=config.edition.languages[0],
        edition=config.edition,
        problem_key="busy",
        exit_label=config.exit_label,
    )
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-length", str(len(page))),
        ("retry-after", "60"),
        *always(),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 503 Service Unavailable\r\n{lines}\r\n".encode() + page


def _limit_process() -> None:
    """Make room for many connections, and leave no memory behind in a file after a crash."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(config: DoorConfig, *, nursery: NurseryLine, announce: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    gone = False

    def on_gone() -> None:
        nonlocal gone
        gone = True
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await nursery.ready()
    busy = _busy_answer(config)
    forwarder = Forwarder(config.relay)
    short = ShortWay(forwarder.upstream, headers=always())
    server = HttpServer(application(config, forwarder=forwarder), headers=always(), short=short)
    handover = Handover(nursery.connections, busy=lambda: busy)
    results = ResultService(nursery.results, store=ResultStore())
    acceptor = Acceptor(serve=server.serve, handover=handover)
    nursery.listen(on_taken=handover.taken, on_gone=on_gone)
    # What is here now stays until the end: no need to look through it for garbage again and again.
    gc.freeze()
    try:
        for address, lane in ((config.listen, Lane.CLEAR), (config.onion_listen, Lane.ONION)):
            if address is not None:
                listener = address.listen()
                acceptor.listen(listener, lane=lane)
                announce(Address.of(listener))
        await ended.wait()
    finally:
        acceptor.close()
        handover.close()
        await asyncio.gather(
            server.close(grace_seconds=_GRACE_SECONDS), short.close(grace_seconds=_GRACE_SECONDS)
        )
        results.close()
        forwarder.close()
        for address in (config.listen, config.onion_listen):
            if address is not None:
                address.release()
    if gone:
        raise LocalError("The process that serves forms ended by itself, so the door is shut.")


def run_door(config: DoorConfig, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        config: Checked settings.
        announce: Told of every address that is open, once it is.

    Raises:
        LocalError: An address is taken, or the processes that serve forms don't start or end.
    """
    _limit_process()
    nursery = NurseryLine(config)
    try:
        asyncio.run(_serve(config, nursery=nursery, announce=announce))
    finally:
        nursery.stop()
