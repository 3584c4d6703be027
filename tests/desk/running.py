"""The command itself, in a process of its own, without a window."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

PASSPHRASE = "nineteen grey herons"


@dataclass(frozen=True)
class Running:
    """A desk's process, and the address that it printed."""

    process: subprocess.Popen[str]
    url: str

    @property
    def origin(self) -> str:
        return self.url.split("/open")[0]

    @contextlib.contextmanager
    def browser(self) -> Iterator[httpx2.Client]:
        """Somebody who was let in."""
        with httpx2.Client(base_url=self.origin, headers={"Origin": self.origin}, timeout=30) as client:
            assert client.get(self.url).status_code == 303
            yield client

    def memory_holds(self, needle: bytes) -> bool:
        """Whether these bytes stand anywhere in the process's memory."""
        found = False
        proc = Path(f"/proc/{self.process.pid}")
        with (proc / "maps").open() as maps, (proc / "mem").open("rb", 0) as memory:
            for line in maps:
                span, rights, *_ = line.split()
                if "r" not in rights or line.rstrip().endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                with contextlib.suppress(OSError):
                    found = found or needle in memory.read(end - start)
        return found


@contextlib.contextmanager
def running_desk(folder: Path, *options: str) -> Iterator[Running]:
    """Run `causeway desk`; its end is the test's."""
    command = [sys.executable, "-m", "causeway.cli", "desk", "--data", str(folder), "--no-browser", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline().strip())
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def environment() -> dict[str, str]:
    source = str(Path(__file__).parents[2] / "src")
    return {name: value for name, value in os.environ.items() if not name.startswith("CAUSEWAY_")} | {
        "PYTHONPATH": source
    }
