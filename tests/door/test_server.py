from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from causeway.door.channels import READY
from causeway.sealed.receipt import Receipt
from tests.door.parts import (
    Centre,
    Door,
    Process,
    children_of,
    eventually,
    hidden,
    read_all,
    words_of,
)

MARKER = "Зейна прячется у старой мельницы"
FORM = "Content-Type: application/x-www-form-urlencoded"


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield every readable region of a process; a child that has ended has none."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)  # noqa: SIM115 (closed below)
    except (FileNotFoundError, ProcessLookupError):
        return
    with memory:
        for line in maps.splitlines():
            span, rights = line.split()[:2]
            if "r" not in rights or "[v" in line:
                continue
            start, end = (int(one, 16) for one in span.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue


def found_in(pid: int, *secrets: bytes) -> list[bytes]:
    return [secret for region in memory_of(pid) for secret in secrets if secret in region]


def spellings(text: str) -> list[bytes]:
    return [
        text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-32-le"),
        quote(text).encode(),
        quote(text).replace("%20", "+").encode(),
    ]


@pytest.mark.slow
def test_only_the_child_ever_holds_a_form(centre: Centre, door: Door) -> None:
    first = door.page("/start", language="ru").text
    words, ticket = words_of(first), hidden(first, "ticket")
    keys = Receipt.from_text(" ".join(words)).keys()
    body = f"language=ru&ticket={ticket}&text={quote(MARKER)}".encode()
    secrets = [
        *spellings(MARKER),
        *spellings(" ".join(words)),
        f"<li>{words[0]}</li><li>{words[1]}</li>".encode(),
        ticket.encode(),
        keys.signing.seed,
        keys.tag_key,
        keys.answer.seed,
    ]
    with door.connect() as sock:
        head = f"POST /send HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        sock.sendall(head.encode() + body)
        # While it waits for the last byte, a child holds the text, so the search finds it.
        assert eventually(lambda: any(found_in(child, *secrets) for child in door.children()))
        assert found_in(door.pid, *secrets) == []
        assert found_in(door.nursery, *secrets) == []
        sock.sendall(b".")
        redirect = read_all(sock).decode()
    place = re.search(r"location: (/r/\S+)", redirect)
    assert place
    # The result waits as ciphertext: neither its key nor its page is anywhere.
    more = [place[1].encode(), place[1][24:].encode()]
    assert found_in(door.pid, *secrets, *more) == []
    assert "<textarea" not in door.ask("GET", place[1]).text
    door.page("/read", language="ru", words=" ".join(words))
    assert len(centre.messages()) == 1
    assert eventually(lambda: len(door.children()) == 3)
    for process in (door.pid, door.nursery, *door.children(), centre.process.pid):
        assert found_in(process, *secrets, *more) == []
    talk = door.process.talk + centre.process.talk
    assert MARKER not in talk
    assert words[0] not in talk


@pytest.mark.parametrize("spelling", range(5))
def test_the_search_finds_each_spelling(spelling: int) -> None:
    code = "import sys; kept = bytes.fromhex(sys.stdin.readline()); print(len(kept), flush=True); input()"
    secret = spellings(MARKER)[spelling]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as canary:
        assert canary.stdin
        assert canary.stdout
        canary.stdin.write(secret.hex() + "\n")
        canary.stdin.flush()
        canary.stdout.readline()
        assert found_in(canary.pid, secret) != []
        canary.stdin.write("\n")


def test_nothing_can_be_written_to_a_file_by_a_child(tmp_path: Path) -> None:
    code = (
        "import sys; from causeway.door.plain.child import _limit_process; _limit_process()\n"
        "try:\n    with open(sys.argv[1], 'wb', buffering=0) as file: file.write(b'text')\n"
        "except OSError as error: print(error.errno)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "file")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "27"  # EFBIG
    assert (tmp_path / "file").read_bytes() == b""


SECURITY = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "connection": "close",
}


def test_every_answer_carries_the_headers(shared_door: Door) -> None:
    redirect = shared_door.form("/start", language="en")
    answers = [
        redirect,
        shared_door.ask("GET", redirect.headers["location"]),
        shared_door.ask("GET", redirect.headers["location"]),
        shared_door.ask("POST", "/start", body=b"{}"),
        *(
            shared_door.ask("GET", path)
            for path in (
                "/",
                "/en",
                "/en/return",
                "/static/x",
                "/nothing/here",
                "/exit",
                "/v1/board",
                "/v1/x",
            )
        ),
        shared_door.ask("PATCH", "/en"),
    ]
    for answer in answers:
        assert SECURITY.items() <= answer.headers.items(), answer.status
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert not {"set-cookie", "server", "date", "etag", "last-modified"} & set(answer.headers)


def test_the_exit_leads_away_and_clears(shared_door: Door) -> None:
    answer = shared_door.ask("GET", "/exit")
    assert answer.status == 303
    assert answer.headers["location"] == "https://www.wikipedia.org/"
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'


def processes_of(door: Door) -> list[int]:
    assert eventually(lambda: len(door.children()) >= 3)
    return [door.pid, door.nursery, *door.children()]


def gone(pids: list[int]) -> bool:
    """Return whether processes have ended; one that nobody has waited for yet has."""
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX":
                return False
        except (FileNotFoundError, ProcessLookupError):
            continue
    return True


def test_sigterm_ends_everything(door: Door) -> None:
    everyone = processes_of(door)
    with door.connect() as silent, door.connect() as slow:
        slow.sendall(b"GET /en HTTP/1.1\r\n")
        assert door.stop() == 0
        assert silent.recv(1) == b""
    assert gone(everyone)
    assert not door.onion.exists()


def test_somebody_at_work_is_given_a_moment(door: Door) -> None:
    everyone = processes_of(door)
    with door.connect() as sock:
        sock.sendall(f"POST /elsewhere HTTP/1.1\r\nHost: d\r\n{FORM}\r\nContent-Le".encode())
        assert eventually(lambda: len(door.children()) == 4)
        os.kill(door.pid, signal.SIGTERM)
        assert eventually(lambda: len(children_of(door.nursery)) == 1)
        sock.sendall(b"ngth: 0\r\n\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 404 ")
    assert door.process.wait() == 0
    assert gone(everyone)


def test_a_dead_nursery_shuts_the_door(door: Door) -> None:
    with door.connect() as somebody:
        somebody.sendall(b"POST /start HTTP/1.1\r\n")
        assert eventually(lambda: len(door.children()) == 4)
        everyone = processes_of(door)
        os.kill(door.nursery, signal.SIGKILL)
        assert door.process.wait() == 2
    assert eventually(lambda: gone(everyone))
    assert "the door is shut" in door.process.talk
    assert "Traceback" not in door.process.talk


def test_a_dead_web_process_ends_the_nursery(door: Door) -> None:
    everyone = processes_of(door)
    os.kill(door.pid, signal.SIGKILL)
    door.process.wait()
    assert eventually(lambda: gone(everyone))


def test_an_address_that_is_taken_is_said(shared_door: Door, folder: Path) -> None:
    port = shared_door.address[1]
    second = Process("door", "--relay", "/nowhere", "--listen", f"127.0.0.1:{port}", folder=folder)
    assert second.wait() == 2
    assert "can't be listened on" in second.talk
    assert "Traceback" not in second.talk


KEYS_THAT_TURN = """
import sys, socket, os
from causeway.door.plain.nursery import Nursery, Orders
ends = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
orders = Orders(
    relay="/nowhere", root=None, exit_label="weather.example", warm=2, busy_max=4,
    languages=("en",), own_texts={},
)
Nursery(connections=ends[0], results=ends[1], life=ends[2], orders=orders, key_seconds=0.2).run()
"""


@pytest.mark.slow
def test_a_new_ticket_key_brings_new_children_and_leaves_those_at_work(folder: Path) -> None:
    with ExitStack() as stack:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
        for sock in (end for pair in pairs for end in pair):
            stack.enter_context(sock)
        theirs = [their.fileno() for _, their in pairs]
        command = [sys.executable, "-c", KEYS_THAT_TURN, *map(str, theirs)]
        nursery = stack.enter_context(subprocess.Popen(command, pass_fds=theirs, cwd=folder))
        stack.callback(nursery.kill)
        connections, life = pairs[0][0], pairs[2][0]
        for _, their in pairs:
            their.close()
        life.settimeout(30)
        assert life.recv(1) == READY
        visitor, handed = map(stack.enter_context, socket.socketpair())
        socket.send_fds(connections, [b"p"], [handed.fileno()])
        handed.close()
        assert life.recv(1) == b"t"
        seen: set[int] = set()

        def turned_thrice() -> bool:
            seen.update(children_of(nursery.pid))
            return len(seen) >= 1 + 2 * 4

        assert eventually(turned_thrice)
        # Those before have ended: one at work, two warm, and perhaps two that are on their way out.
        assert eventually(lambda: len(children_of(nursery.pid)) <= 5, seconds=2)
        visitor.sendall(b"POST /elsewhere HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n")
        assert b" 404 " in read_all(visitor)
        life.close()
        assert nursery.wait(20) == 0
