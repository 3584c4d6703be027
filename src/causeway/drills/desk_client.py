"""Somebody at a desk's own pages without a browser: unlocks it and reads everything that it shows."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, final
from urllib.parse import urlencode, urlsplit

from causeway.drills.children import Child, causeway, wait_until
from causeway.errors import LocalError

__all__ = ["DeskClient", "opened_desk"]

_SECONDS: Final = 60.0
_ENTRANCE: Final = re.compile(r"http://127\.0\.0\.1:\d+/open\?token=\w+")
_CONVERSATION: Final = re.compile(r"/c/[0-9a-f]{32}")
_PAGES: Final = ("/now", "/inbox?state=all", "/outbox", "/centre")


@final
class DeskClient:
    """The one browser that a desk lets in."""

    def __init__(self, entrance: str) -> None:
        """Take the address that the desk has printed; it works once.

        Raises:
            LocalError: The desk did not let this in.
        """
        parts = urlsplit(entrance)
        self._host = parts.netloc
        self._cookie = ""
        _, headers, _ = self._ask("GET", f"{parts.path}?{parts.query}")
        self._cookie = headers.get("set-cookie", "").partition(";")[0]
        if not self._cookie:
            raise LocalError("The desk did not let the drill in.")

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(self._host, timeout=_SECONDS)
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{self._host}"}
        if self._cookie:
            headers["Cookie"] = self._cookie
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def unlock(self, passphrase: str) -> bool:
        """Type a passphrase; say whether the desk opened."""
        _, headers, _ = self._ask("POST", "/unlock", urlencode({"passphrase": passphrase}))
        return headers.get("location") == "/now"

    def read_everything(self) -> Iterator[bytes]:
        """Yield every page that leads to people, and every conversation."""
        listed: list[str] = []
        for path in _PAGES:
            _, _, page = self._ask("GET", path)
            yield page
            listed += _CONVERSATION.findall(page.decode("utf-8", "replace"))
        for path in dict.fromkeys(listed):
            _, _, page = self._ask("GET", path)
            yield page


@contextlib.contextmanager
def opened_desk(vault: Path, *, passphrase: str, log: Path) -> Iterator[tuple[Child, DeskClient]]:
    """Run a desk's process on a vault, and unlock it.

    Raises:
        LocalError: It did not start, or did not open.
    """
    command = causeway("desk", "--data", str(vault), "--socks", "none", "--no-browser")
    with Child("desk", command, log=log) as child:
        wait_until(lambda: _ENTRANCE.search(child.said()) is not None, what="the desk was there", child=child)
        found = _ENTRANCE.search(child.said())
        client = DeskClient(found[0] if found else "")
        if not client.unlock(passphrase):
            raise LocalError("The desk did not open in the drill.")
        yield child, client
