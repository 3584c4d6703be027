"""A private Tor network on loopback: three authorities, two relays, one service host and one client.

Needs Debian's `tor` and `tor-gencert` on PATH. Nothing of it talks to anything but 127.0.0.1: the authorities
are our own, and every address, OutboundBindAddress among them, is the loopback's.

    with TorNetwork(tmp_path) as network:
        onion = network.add_onion(8080)             # or a Unix socket's path
        httpx2.Client(proxy=f"socks5h://127.0.0.1:{network.socks_port}").get(f"http://{onion}/")

Onion services are added while the network runs: a block in the host's torrc and RELOAD (what SIGHUP does), as
an operator would. Every tor ends with the process that started it, even with one that was killed
(`__OwningControllerProcess`).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.tor_control import TorControl

__all__ = ["TorNetwork", "TorNetworkError"]

_AUTHORITIES = 3
_RELAYS = 2
_POLL_SECONDS = 0.1

_T = TypeVar("_T")

_EVERYWHERE = """\
TestingTorNetwork 1
RunAsDaemon 0
Address 127.0.0.1
OutboundBindAddress 127.0.0.1
AddressDisableIPv6 1
UseDefaultFallbackDirs 0
DirAllowPrivateAddresses 1
EnforceDistinctSubnets 0
ExtendAllowPrivateAddresses 1
ClientRejectInternalAddresses 0
ClientDNSRejectInternalAddresses 0
AssumeReachable 1
PathsNeededToBuildCircuits 0.25
VanguardsLiteEnabled 0
ShutdownWaitLength 0
DisableDebuggerAttachment 0
CookieAuthentication 1
SafeLogging 0
"""

# A consensus every ten seconds, the least that divides tor's half hour and leaves time to vote.
_VOTING = """\
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo nobody@example.org
TestingV3AuthInitialVotingInterval 10
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
V3AuthNIntervalsValid 2
TestingAuthDirTimeToLearnReachability 0
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
"""


class TorNetworkError(Exception):
    """The network did not come up; the message says which process and ends with its log."""


@dataclass(slots=True)
class _Node:
    name: str
    directory: Path
    control_port: int
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def torrc(self) -> Path:
        return self.directory / "torrc"

    @property
    def log(self) -> Path:
        return self.directory / "notice.log"

    def control(self) -> TorControl:
        """Connect to the control port."""
        return TorControl(self.control_port, directory=self.directory)

    def tail(self) -> str:
        """Return the end of the log, for an error message."""
        return "\n".join(self.log.read_text().splitlines()[-15:]) if self.log.exists() else "(no log)"


class TorNetwork:
    """The network as a context manager; entering takes about half a minute.

    Args:
        directory: An empty directory for keys, logs and sockets. It stays; its owner clears it away.
        deadline_seconds: The longest that starting, or publishing one service, may take.

    Attributes:
        socks_port: The client's SOCKS port on 127.0.0.1. A user name of its own gives a circuit of its own.
        start_seconds: How long starting took.
    """

    def __init__(self, directory: Path, *, deadline_seconds: float = 120) -> None:
        self._directory = directory
        self._empty = directory / "empty"  # stands for the machine's own torrc, which must not be read
        self._deadline_seconds = deadline_seconds
        self._nodes: list[_Node] = []
        self._services = 0
        self.socks_port = 0
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        begun = time.monotonic()
        try:
            self._make()
            for node in self._nodes:
                self._start(node)
            self._wait_until("bootstrapping", self._host_and_client_are_up)
        except BaseException:
            self._stop()
            raise
        self.start_seconds = time.monotonic() - begun
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of all seven."""
        return tuple(node.process.pid for node in self._nodes if node.process)

    def add_onion(self, target: int | Path, *, options: Iterable[str] = ()) -> str:
        """Publish an onion service on its port 80 and return its name, "….onion", once it can be found.

        Args:
            target: A port on 127.0.0.1, or the path of a Unix socket. It may be bound later.
            options: Further lines of the service's block, such as "HiddenServicePoWDefensesEnabled 1".

        Raises:
            TorNetworkError: Its descriptor did not reach every directory in time.
        """
        self._services += 1
        directory = self._host.directory / f"service-{self._services}"
        where = f"unix:{target}" if isinstance(target, Path) else f"127.0.0.1:{target}"
        self._host.lines += [f"HiddenServiceDir {directory}", f"HiddenServicePort 80 {where}", *options]
        self._write(self._host)
        deadline = time.monotonic() + self._deadline_seconds
        with self._host.control() as events, self._host.control() as commands:
            events.ask("SETEVENTS HS_DESC")
            commands.ask("SIGNAL RELOAD")
            onion = self._wait_until("the service's name", lambda: _read(directory / "hostname"))
            begun, done = set(), set()
            try:
                # HS_DESC UPLOAD address authentication directory …, then UPLOADED with the same.
                for _, action, address, _, store, *_ in events.events(deadline=deadline):
                    if f"{address}.onion" == onion and action == "UPLOAD":
                        begun.add(store)
                    elif f"{address}.onion" == onion and action == "UPLOADED":
                        done.add(store)
                        if begun <= done:
                            break
            except TimeoutError:
                raise TorNetworkError(f"descriptor not published; {self._host.tail()}") from None
        return onion

    @property
    def _host(self) -> _Node:
        return self._nodes[-2]

    @property
    def _client(self) -> _Node:
        return self._nodes[-1]

    def _make(self) -> None:
        """Write keys and configuration of all nodes."""
        for program in ("tor", "tor-gencert"):
            if shutil.which(program) is None:
                raise TorNetworkError(f"{program} is not installed")
        self._empty.touch()
        count = _AUTHORITIES + _RELAYS
        names = [f"authority{n}" for n in range(_AUTHORITIES)] + [f"relay{n}" for n in range(_RELAYS)]
        controls, or_ports, dir_ports = _free_ports(count + 2), _free_ports(count), _free_ports(_AUTHORITIES)
        [self.socks_port] = _free_ports(1)
        for name, control in zip([*names, "host", "client"], controls, strict=True):
            directory = self._directory / name
            directory.mkdir(mode=0o700, parents=True)
            self._nodes.append(_Node(name, directory, control))
        for node, or_port in zip(self._nodes[:count], or_ports, strict=True):
            node.lines += [f"Nickname {node.name}", f"ORPort 127.0.0.1:{or_port}"]
            node.lines += ["ExitRelay 0", "ExitPolicy reject *:*"]
        known = []
        for node, or_port, dir_port in zip(self._nodes[:_AUTHORITIES], or_ports, dir_ports, strict=False):
            identity = _make_authority(node, dir_port=dir_port)
            node.lines += [f"DirPort 127.0.0.1:{dir_port}", *_VOTING.splitlines()]
            fingerprint = _relay_fingerprint(node, empty=self._empty)
            known.append(
                f"DirAuthority {node.name} orport={or_port} no-v2 v3ident={identity} "
                f"127.0.0.1:{dir_port} {fingerprint}"
            )
        for node in self._nodes:
            node.lines += known
        self._host.lines.append("SocksPort 0")
        self._client.lines.append(f"SocksPort 127.0.0.1:{self.socks_port}")
        for node in self._nodes[:count]:
            node.lines.append("SocksPort 0")
        for node in self._nodes:
            self._write(node)

    def _write(self, node: _Node) -> None:
        own = [
            f"DataDirectory {node.directory}",
            f"ControlPort 127.0.0.1:{node.control_port}",
            f"Log notice file {node.log}",
            f"__OwningControllerProcess {os.getpid()}",
        ]
        node.torrc.write_text(_EVERYWHERE + "\n".join([*own, *node.lines]) + "\n")

    def _start(self, node: _Node) -> None:
        with (node.directory / "stdout").open("wb") as out:
            node.process = subprocess.Popen(
                ["tor", "-f", str(node.torrc), "--defaults-torrc", str(self._empty), "--hush"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def _stop(self) -> None:
        running = [node.process for node in self._nodes if node.process]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _host_and_client_are_up(self) -> bool:
        return all(_bootstrapped(node) for node in (self._host, self._client))

    def _wait_until(self, what: str, condition: Callable[[], _T]) -> _T:
        deadline = time.monotonic() + self._deadline_seconds
        while not (result := condition()):
            for node in self._nodes:
                if node.process and node.process.poll() is not None:
                    raise TorNetworkError(f"{node.name} ended while waiting for {what}:\n{node.tail()}")
            if time.monotonic() > deadline:
                raise TorNetworkError(f"no end of {what}; the client's log:\n{self._client.tail()}")
            time.sleep(_POLL_SECONDS)
        return result


def _bootstrapped(node: _Node) -> bool:
    with contextlib.suppress(OSError), node.control() as control:
        return "PROGRESS=100 " in control.ask("GETINFO status/bootstrap-phase")[0]
    return False


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago; tor has no way to be handed a bound one."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _make_authority(node: _Node, *, dir_port: int) -> str:
    """Make an authority's voting keys and return the fingerprint of its identity."""
    keys = node.directory / "keys"
    keys.mkdir(mode=0o700)
    subprocess.run(
        [
            "tor-gencert",
            *("--create-identity-key", "--passphrase-fd", "0", "-m", "12", "-a", f"127.0.0.1:{dir_port}"),
            *("-i", str(keys / "authority_identity_key"), "-s", str(keys / "authority_signing_key")),
            *("-c", str(keys / "authority_certificate")),
        ],
        input=b"private network\n",
        check=True,
        capture_output=True,
    )
    return _match(r"^fingerprint ([0-9A-F]{40})$", (keys / "authority_certificate").read_text())


def _relay_fingerprint(node: _Node, *, empty: Path) -> str:
    """Make a relay's identity key and return its fingerprint."""
    listed = subprocess.run(
        [
            *("tor", "--list-fingerprint", "--defaults-torrc", str(empty), "-f", str(empty), "--quiet"),
            *("--ORPort", "1", "--DataDirectory", str(node.directory)),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return _match(r"((?:[0-9A-F]{4} ?){10})\s*$", listed.stdout).replace(" ", "")


def _match(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise TorNetworkError(f"nothing in tor's answer matches {pattern}")
    return found[1]
