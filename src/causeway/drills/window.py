"""A window of Chromium as a program uses it: DevTools messages over two pipes, no library and no port.

The browser is started by whoever is under test, with whatever flags and profile it chooses; a small script in
its place on PATH adds the pipes. Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import json
import os
import select
import shlex
import shutil
import time
from pathlib import Path
from typing import Any, Final, Self, final

from causeway.errors import LocalError

__all__ = ["BrowserWindow", "find_chromium"]

_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.05
_READ_BYTES: Final = 65_536


def find_chromium() -> Path:
    """Return the Chromium that is here, or the one that CAUSEWAY_CHROMIUM names.

    Raises:
        LocalError: There is none.
    """
    named = os.environ.get("CAUSEWAY_CHROMIUM") or shutil.which("chromium")
    if named is None:
        raise LocalError(
            "This drill looks at a browser's window. Install Chromium, or name one in CAUSEWAY_CHROMIUM."
        )
    return Path(named)


@final
class BrowserWindow:
    """The first page of a browser that was started through `script`."""

    def __init__(self, folder: Path) -> None:
        """Put pipes and the script into a folder, which is to be first on PATH of who starts the browser."""
        self.folder = folder
        self._orders, self._answers = folder / "orders", folder / "answers"
        for pipe in (self._orders, self._answers):
            os.mkfifo(pipe, 0o600)
        # Both ends, so that opening waits for nobody.
        self._out = os.open(self._orders, os.O_RDWR | os.O_CLOEXEC)
        self._in = os.open(self._answers, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        script = folder / "chromium"
        script.write_text(
            "#!/bin/sh\n"
            f"exec {shlex.quote(str(find_chromium()))} --headless=new --remote-debugging-pipe "
            f'"$@" 3<{shlex.quote(str(self._orders))} 4>{shlex.quote(str(self._answers))}\n'
        )
        script.chmod(0o700)
        self._number = 0
        self._received = b""
        self._session: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._in)

    def attach(self) -> None:
        """Find the page that was opened first.

        Raises:
            LocalError: None was.
        """
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            targets = self.ask("Target.getTargets")["targetInfos"]
            pages = [target["targetId"] for target in targets if target["type"] == "page"]
            if pages:
                answer = self.ask("Target.attachToTarget", targetId=pages[0], flatten=True)
                self._session = answer["sessionId"]
                return
            time.sleep(_LOOK_SECONDS)
        raise LocalError("The browser opened no window.")

    def new_tab(self, address: str) -> str:
        """Open another tab in front of the one that is there, and return the name of that one."""
        before = self._session or ""
        target = self.ask("Target.createTarget", url=address)["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return before

    def go(self, path: str) -> None:
        """Go to a path of the page's own site and wait for it."""
        self.run(f"location.href = {json.dumps(path)}")
        self.wait_for(f"document.readyState === 'complete' && location.pathname === {json.dumps(path)}")

    def type_into(self, selector: str, text: str) -> None:
        """Focus a field and have text typed into it."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.ask("Input.insertText", text=text)

    def press_keys(self, selector: str, text: str) -> None:
        """Focus a field and press a key for each letter, as somebody types."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        for letter in text:
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def choose_file(self, selector: str, path: Path) -> None:
        """Put a file into a field for files."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        field = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=field, files=[str(path)])

    def click(self, selector: str) -> None:
        """Click on something."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true.

        Raises:
            LocalError: It never was.
        """
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            try:
                if self.run(f"Boolean({condition})") is True:
                    return
            except LocalError:
                pass  # the page is just changing
            time.sleep(_LOOK_SECONDS)
        raise LocalError("The window never came to show what it should.", awaited=condition)

    def run(self, expression: str) -> Any:
        """Return what an expression gives on the page, or in the end, where it promises something.

        Raises:
            LocalError: It failed there.
        """
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise LocalError("A step in the window failed.")
        return answer["result"].get("value")

    def tell(self, method: str, **parameters: Any) -> None:
        """Have the browser do something, without waiting for what it says."""
        self._number += 1
        order: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None and not method.startswith(("Target.", "Browser.")):
            order["sessionId"] = self._session
        os.write(self._out, json.dumps(order).encode() + b"\0")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something, and return what it says.

        Raises:
            LocalError: It refused.
        """
        self.tell(method, **parameters)
        while True:
            answer = self._next()
            if answer.get("id") != self._number:
                continue  # an event, or the answer to what was given up
            if "error" in answer:
                raise LocalError("The browser refused a step.")
            result: dict[str, Any] = answer["result"]
            return result

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _SECONDS
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise LocalError("The browser does not answer.")
            self._received += os.read(self._in, _READ_BYTES)
        message, _, self._received = self._received.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
