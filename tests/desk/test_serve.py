"""The process: what a lock leaves in its memory, and how it ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2
import pytest

from causeway.units import day_of
from tests.desk.running import PASSPHRASE, Running, running_desk
from tests.desk_engine.town import Person, town
from tests.relay.running import Clock

pytestmark = pytest.mark.slow

PLANTED = "вересковый-холм-семнадцать"


def until(client: httpx2.Client, path: str, words: str) -> httpx2.Response:
    """Ask until a page has these words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = client.get(path, follow_redirects=True)
        if words in answer.text:
            return answer
    raise AssertionError(f"{path} never said {words}")


def make(desk: Running, client: httpx2.Client, *, door: dict[str, str]) -> None:
    client.post("/first/names", data={"centre": "Lime Street", "member": "Mira"})
    client.post("/first/passphrase", data={"passphrase": PASSPHRASE, "again": PASSPHRASE})
    client.post("/first/door", data=door)
    until(client, "/first/making", "Lime Street")


@pytest.mark.parametrize("how", ["by hand", "by itself"])
def test_a_lock_leaves_nothing_in_memory_and_lets_the_same_window_in_again(tmp_path: Path, how: str) -> None:
    options = ["--lock-after", "0.2" if how == "by itself" else "10", "--socks", "none"]
    today = Clock(day_of(time.time()))
    with (
        town(tmp_path, clock=today) as place,
        running_desk(tmp_path / "mine", *options) as desk,
        desk.browser() as client,
    ):
        make(desk, client, door={"door_url": place.url, "setup_code": place.codes[0], "socks": ""})
        until(client, "/centre", "Relay reached")
        person = Person(place)
        person.send(f"Они живут на улице {PLANTED}.")
        client.post("/sync")
        until(client, "/inbox", PLANTED)
        assert desk.memory_holds(PLANTED.encode())
        before = os.stat(f"/proc/{desk.process.pid}").st_ino

        if how == "by hand":
            answer = client.post("/lock")
            assert answer.status_code == 303
            assert "storage" in answer.headers["clear-site-data"]
            assert PLANTED not in client.get("/inbox", follow_redirects=True).text
        quiet = {"Desk-Quiet": "1"}
        deadline = time.monotonic() + 60
        while "Locked" not in client.get("/", headers=quiet, follow_redirects=True).text:
            assert time.monotonic() < deadline
        assert desk.process.poll() is None
        assert os.stat(f"/proc/{desk.process.pid}").st_ino == before
        planted = [PLANTED.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-32-le")]
        for secret in (*planted, PASSPHRASE.encode()):
            assert not desk.memory_holds(secret)
        command_line = Path(f"/proc/{desk.process.pid}/cmdline").read_bytes()
        assert client.cookies["desk"].encode() not in command_line

        assert httpx2.get(desk.origin + "/").status_code == 403
        client.post("/unlock", data={"passphrase": PASSPHRASE})
        assert PLANTED in client.get("/inbox").text


def test_a_passphrase_typed_and_left_is_dropped(tmp_path: Path) -> None:
    with running_desk(tmp_path / "mine", "--lock-after", "0.05") as desk, desk.browser() as client:
        client.post("/first/names", data={"centre": "Lime Street", "member": "Mira"})
        client.post("/first/passphrase", data={"passphrase": PASSPHRASE, "again": PASSPHRASE})
        assert desk.memory_holds(PASSPHRASE.encode())
        deadline = time.monotonic() + 30
        while desk.memory_holds(PASSPHRASE.encode()):
            assert time.monotonic() < deadline
        assert client.get("/first/names", headers={"Desk-Quiet": "1"}).status_code == 200


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order(tmp_path: Path, signal_number: signal.Signals) -> None:
    with running_desk(tmp_path / "mine") as desk:
        with desk.browser() as client:
            assert client.get("/first").status_code == 200
        desk.process.send_signal(signal_number)
        assert desk.process.wait(20) == 0
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(desk.origin)


def test_it_says_nothing_of_who_asked_for_what(tmp_path: Path) -> None:
    with running_desk(tmp_path / "mine") as desk:
        with desk.browser() as client:
            client.get("/first")
            client.get("/nothing-of-the-kind")
        httpx2.get(desk.origin, headers={"Host": "evil.example"})
        desk.process.send_signal(signal.SIGTERM)
        said, complained = desk.process.communicate(timeout=20)
    assert said == ""
    assert complained.splitlines() == ["This address opens the desk once. Ctrl+C ends the desk."]


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with running_desk(tmp_path / "mine") as desk:
        port = desk.origin.rsplit(":", 1)[1]
        with running_desk(tmp_path / "other", "--port", port) as second:
            assert second.process.wait(20) == 2
            assert second.process.stderr is not None
            assert "Another program listens on this port." in second.process.stderr.read()
