"""A browser window of its own for the desk: its profile lasts as long as it does, in memory where possible.

In an everyday profile the desk's address would stay in the history, and what was typed might stay in the
session file; extensions would read along.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
import webbrowser
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

__all__ = ["NO_SANDBOX", "Window", "open_ordinary", "open_window", "sweep"]

NO_SANDBOX: Final = "CAUSEWAY_BROWSER_NO_SANDBOX"
"""Set to 1 in tests and demonstrations as root, where Chromium has no sandbox; never on a member's laptop."""

_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "brave-browser")
_FIREFOX: Final = ("firefox", "firefox-esr", "librewolf")
_CHROMIUM_FLAGS: Final = (
    "--incognito",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disk-cache-size=1",
    "--password-store=basic",
)
_PREFIX: Final = "causeway-desk-"
_END_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Window:
    """A browser that we started: its process, and the folder that goes with it."""

    pid: int
    profile: Path

    def wait(self) -> None:
        """Return when the browser has ended. Until `end` its number stays taken: nothing else is ended."""
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def end(self) -> None:
        """End the browser if it still runs, and remove its profile."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGTERM)
            until = time.monotonic() + _END_SECONDS
            while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    os.kill(self.pid, signal.SIGKILL)
                    os.waitpid(self.pid, 0)
                    break
                time.sleep(0.05)
        _remove(self.profile)


def open_window(url: str) -> Window | None:
    """Open the desk in a profile of its own, in the first browser that can have one; `None` where none can.

    The address goes to the browser through a file: every program on the machine can read arguments.
    """
    for names, arguments in ((_CHROMIUM, _chromium), (_FIREFOX, _firefox)):
        for name in names:
            program = shutil.which(name)
            if program is not None:
                profile = _profile()
                return _start([program, *arguments(profile, _first_page(profile, url))], profile)
    return None


def open_ordinary(url: str) -> bool:
    """Open the desk in whatever browser this machine calls its own; return whether there is one."""
    return webbrowser.open(url)


def sweep() -> None:
    """Remove profiles whose desk ended without doing so: a power cut, a kill."""
    for parent in _parents():
        for folder in parent.glob(f"{_PREFIX}*"):
            pid = folder.name.removeprefix(_PREFIX).split("-")[0]
            ours = folder.lstat().st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
            if ours and pid.isdecimal() and not _runs(int(pid)):
                _remove(folder)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _chromium(profile: Path, page: str) -> list[str]:
    flags = [*_CHROMIUM_FLAGS, f"--user-data-dir={profile}"]
    if os.environ.get(NO_SANDBOX) == "1":
        flags.append("--no-sandbox")
    return [*flags, page]


def _firefox(profile: Path, page: str) -> list[str]:
    return ["-profile", str(profile), "-no-remote", "-private-window", page]


def _start(command: list[str], profile: Path) -> Window:
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    # Not Popen: its object would not outlive a lock, and would warn that nobody waited.
    return Window(os.posix_spawn(command[0], command, os.environ, file_actions=silent), profile)


def _profile() -> Path:
    for parent in _parents():
        with contextlib.suppress(OSError):
            return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    raise FileNotFoundError("there is no folder for temporary files")


def _parents() -> list[Path]:
    # The first two are in memory: nothing of the window ever reaches the disk.
    named = (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm", tempfile.gettempdir())  # noqa: S108
    return [Path(name) for name in named if name and os.access(name, os.W_OK | os.X_OK)]


def _first_page(profile: Path, url: str) -> str:
    page = profile / "open.html"
    page.touch(mode=0o600)
    page.write_text(
        f'<!doctype html><title>Desk</title><meta http-equiv="refresh" content="0;url={escape(url)}">',
        "utf-8",
    )
    return page.as_uri()


def _remove(folder: Path) -> None:
    # A browser that is just ending may still write; the second time it has ended.
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
