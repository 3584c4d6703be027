from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from causeway.cli import centre_root, main
from causeway.cli.cmd_centre import command as centre
from causeway.desk.engine import Desk
from causeway.desk.member_views import ShareView
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.desk_engine.town import PASSPHRASE, Town, town
from tests.relay.running import Clock

NOW = int(time.time())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    # Commands read this laptop's clock, so the relay has to have the same day.
    with town(tmp_path, clock=Clock(NOW)) as made:
        monkeypatch.setenv("CAUSEWAY_DESK_DATA", str(tmp_path / "mira"))
        yield made


def run(*arguments: str, data: Path | None = None, typed: str = "") -> Result:
    """Run `causeway centre …` with a passphrase that is typed."""
    where = [] if data is None else ["--data", str(data)]
    name, *rest = arguments
    return CliRunner().invoke(
        main,
        ["centre", name, *where, *rest],
        input=f"{PASSPHRASE}\n{typed}",
        obj=CHEAP_FOR_TESTS,
        catch_exceptions=False,
    )


def done(*arguments: str, data: Path | None = None, typed: str = "") -> str:
    result = run(*arguments, data=data, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def text_in(output: str, kind: str) -> str:
    found = re.search(rf"causeway-{kind}\.[A-Za-z0-9+/]+\.", output)
    assert found is not None, output
    return found[0]


def made(place: Town) -> None:
    done(
        "make",
        "--centre",
        "Lantern House",
        "--member",
        "Mira",
        "--door",
        place.url,
        typed=f"{PASSPHRASE}\n{place.codes[0]}\n",
    )


def joined(place: Town, name: str, role: str) -> Path:
    """All of the way in on the command line."""
    data = place.folder / name
    invitation = text_in(done("invite", name, "--role", role), "invitation")
    answer = text_in(
        done("join", "--invitation", "-", data=data, typed=f"{PASSPHRASE}\n{invitation}"), "answer"
    )
    output = done("answer", typed=answer)
    opening, words = text_in(output, "opening"), output.strip().splitlines()[-1]
    there = done("join", "--opening", "-", data=data, typed=opening)
    assert there.strip().splitlines()[-1] == words
    assert len(words.split()) == 6
    (number,) = re.findall(r"^([0-9a-f]{8})  comparing", done("invitations"), re.MULTILINE)
    done("words", number, "--same")
    done("join", "--same", "--wait", "0", data=data)
    return data


@pytest.mark.slow
def test_a_coordinator_without_a_screen_invites_changes_and_takes_off(place: Town) -> None:
    made(place)
    jonas = joined(place, "Jonas", "caseworker")
    listed = json.loads(done("members", "--json"))
    assert [(one["name"], one["role"]) for one in listed] == [
        ("Mira", "coordinator"),
        ("Jonas", "caseworker"),
    ]
    assert "identity" in listed[1]["reads"]
    assert "Jonas" in done("members")

    status = json.loads(done("status", "--json"))
    assert status["coordinator"] is True
    assert (status["members"], status["laptops"], status["reached"]) == (2, 2, True)
    assert status["root_here"] is True
    assert "coordinator: yes" in done("status", "--no-sync")
    theirs = json.loads(done("status", "--json", data=jonas))
    assert (theirs["coordinator"], theirs["role"]) == (False, "caseworker")

    done("role", "jonas", "intake")
    assert json.loads(done("members", "--json"))[1]["role"] == "intake"

    refused = run("remove", "Jonas", typed="n\n")
    assert refused.exit_code == 1
    assert len(json.loads(done("members", "--json"))) == 2
    said = done("remove", "Jonas", "--yes")
    assert "can't be taken back" in said
    assert len(json.loads(done("members", "--json"))) == 1
    gone = run("status", data=jonas)
    assert gone.exit_code == 3
    assert "taken this laptop off" in gone.stderr
    assert Desk.was_revoked(jonas)


@pytest.mark.slow
def test_a_lost_laptop_is_revoked_by_its_number(place: Town) -> None:
    made(place)
    joined(place, "Jonas", "caseworker")
    (laptop,) = json.loads(done("members", "--json"))[1]["laptops"]
    said = done("revoke", laptop["id"][:10], "--yes")
    assert "can't be taken back" in said
    assert json.loads(done("members", "--json"))[1]["laptops"] == []


def test_a_wrong_word_destroys_what_was_made(place: Town) -> None:
    made(place)
    data = place.folder / "Jonas"
    invitation = text_in(done("invite", "Jonas", "--role", "intake"), "invitation")
    answer = text_in(
        done("join", "--invitation", "-", data=data, typed=f"{PASSPHRASE}\n{invitation}"), "answer"
    )
    opening = text_in(done("answer", typed=answer), "opening")
    done("join", "--opening", "-", data=data, typed=opening)
    early = run("join", data=data)
    assert early.exit_code == 2
    assert "six words" in early.stderr
    done("join", "--differ", data=data)
    assert list(data.iterdir()) == []
    (number,) = re.findall(r"^([0-9a-f]{8})  comparing", done("invitations"), re.MULTILINE)
    done("words", number, "--differ")
    assert done("invitations") == ""
    assert json.loads(done("status", "--json"))["alarms"] == ["words-differ"]


class Typist:
    """Somebody at the keyboard, who writes down the shares that are shown and types what is asked for."""

    def __init__(self) -> None:
        self.papers: list[str] = []
        self.wrong = ["not a share"]
        self.to_type: list[str] = []

    def see(self, share: ShareView) -> None:
        self.papers.append(" ".join(share.words))

    def prompt(self, asked: str, **_options: Any) -> str:
        match asked.split()[:2]:
            case ["Passphrase"]:
                return PASSPHRASE
            case ["Written", _]:
                return ""
            case ["Type", "share"]:
                return self.wrong.pop() if self.wrong else self.papers[int(asked.split()[2]) - 1]
            case ["A", "share"]:
                return self.to_type.pop(0)
        raise AssertionError(asked)


@pytest.mark.slow
def test_the_root_goes_onto_paper_and_comes_back(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    made(place)
    cut_off = run("shares", "2", "3", typed="\n")
    assert cut_off.exit_code == 1
    assert "Share 1 of 3; it takes 2." in cut_off.stdout
    assert json.loads(done("status", "--json"))["root_here"] is True

    typist = Typist()
    monkeypatch.setattr(click, "prompt", typist.prompt)
    monkeypatch.setattr(centre_root, "_show", typist.see)
    done("shares", "2", "3")
    assert [len(paper.split()) for paper in typist.papers] == [33, 33, 33]
    status = json.loads(done("status", "--json"))
    assert (status["root_here"], status["shares"]) == (False, "2 of 3")
    typist.to_type = ["not a share", typist.papers[2], typist.papers[0]]
    done("recover", "renew")
    assert typist.to_type == []
    assert json.loads(done("status", "--json"))["alarms"] == ["root-used"]


def test_a_passphrase_comes_by_a_file_descriptor_and_never_as_an_argument(place: Town) -> None:
    made(place)
    for line, code in ((PASSPHRASE, 0), ("not the passphrase at all", 2), ("", 2)):
        reading, writing = os.pipe()
        os.write(writing, f"{line}\n".encode())
        os.close(writing)
        result = CliRunner().invoke(
            main, ["centre", "members", "--passphrase-fd", str(reading)], obj=CHEAP_FOR_TESTS
        )
        assert result.exit_code == code, result.output
        assert PASSPHRASE not in result.output
    names = [name for one in centre.commands.values() for option in one.params for name in option.opts]
    assert not {name for name in names if "pass" in name} - {"--passphrase-fd"}


def test_what_was_asked_wrongly_is_said_plainly(place: Town) -> None:
    made(place)
    wrong: tuple[tuple[str, ...], ...] = (
        ("remove", "Nobody", "--yes"),
        ("remove", "Mira", "--yes"),
        ("revoke", "00", "--yes"),
        ("words", "00", "--same"),
        ("answer",),
        ("join",),
        ("recover", "choose"),
        ("grant", "Mira", "00" * 16, "--until", "2099-01-01"),
    )
    for arguments in wrong:
        result = run(*arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert (
            result.stderr.strip().splitlines()[-1].rstrip(")").endswith((".", "members", "invitations", "0"))
        )
    unfit: tuple[tuple[str, ...], ...] = (
        ("invite", "Jonas"),
        ("invite", "Jonas", "--role", "king"),
        ("role", "Mira", "king"),
    )
    for arguments in unfit:
        assert run(*arguments).exit_code == 2


@pytest.mark.slow
def test_a_change_that_the_relay_has_not_heard_of_says_so(tmp_path: Path) -> None:
    with town(tmp_path, clock=Clock(NOW)) as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUSEWAY_DESK_DATA", str(tmp_path / "mira"))
        made(place)
        joined(place, "Jonas", "intake")
    result = run("role", "Jonas", "documenter", data=tmp_path / "mira")
    assert result.exit_code == 3
    assert "It is done on this laptop, and waits to be sent." in result.stderr
    assert json.loads(done("members", "--json", data=tmp_path / "mira"))[1]["role"] == "documenter"
