from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from causeway.cli.door_hashes import bundle_hash, hash_of_files, texts_hash
from causeway.cli.door_texts import DoorTexts, given_options, said_of, text_options
from causeway.desk.lock import DoorOptions
from causeway.errors import LocalError


def test_every_name_and_every_byte_counts_and_order_does_not() -> None:
    files = {"a.js": b"one", "b.js": b"two"}
    assert hash_of_files(files) == hash_of_files(dict(reversed(files.items())))
    others = [{"a.js": b"one"}, {"a.js": b"one", "c.js": b"two"}, {"a.js": b"two", "b.js": b"one"}]
    assert len({hash_of_files(some) for some in [files, *others]}) == 4


def test_the_documented_form() -> None:
    name, content = hashlib.sha256(b"x").digest(), hashlib.sha256(b"y").digest()
    assert hash_of_files({"x": b"y"}) == hashlib.sha256(name + content).digest()


def of(**changes: Any) -> bytes:
    whole: dict[str, Any] = {
        "offered": ["en", "ru"],
        "own": {},
        "exit_url": "https://weather.example/",
        "addresses": ["one"],
    }
    return texts_hash(**(whole | changes))


def test_the_installed_door_has_both() -> None:
    empty = hashlib.sha256().digest()
    assert len({bundle_hash(), of(), empty}) == 3


def test_all_that_the_centre_says_counts() -> None:
    own = {"ru.po": b"one"}
    some = [
        of(),
        of(offered=["en"]),
        of(own=own),
        of(own={"ru.po": b"two"}),
        of(own={"uk.po": b"one"}),
        of(exit_url="https://other.example/"),
        of(addresses=[]),
        of(addresses=["one", "two"]),
        of(addresses=["two", "one"]),
    ]
    assert len(set(some)) == len(some)
    assert of(offered=["ru", "en"], own=own) == of(offered=["en", "ru"], own=own)


# ---- The options of door and desk ----


def told(*arguments: str, env: dict[str, str] | None = None) -> DoorOptions | None:
    found: list[DoorOptions | None] = []

    @click.command
    @text_options
    @click.pass_context
    def command(context: click.Context, /, **options: Any) -> None:
        found.append(given_options(context, **options))

    result = CliRunner().invoke(command, arguments, env=env, standalone_mode=False)
    assert result.exception is None, result.exception
    return found[0]


def test_a_desk_that_is_told_nothing_goes_by_what_it_remembers() -> None:
    assert told() is None


@pytest.mark.parametrize(
    "arguments", [("--offer", ""), ("--also-at", "here"), ("--exit-url", "https://www.wikipedia.org/")]
)
def test_one_option_replaces_all_that_was_remembered(arguments: tuple[str, ...]) -> None:
    options = told(*arguments)
    assert options is not None
    assert options.texts == ""


def test_the_environment_counts_as_told() -> None:
    options = told(env={"CAUSEWAY_DOOR_OFFER": "ru,uk"})
    assert options is not None
    assert said_of(options).offer == ("ru", "uk")


def test_door_and_desk_that_are_told_the_same_sign_the_same(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text('msgid "Send"\nmsgstr "Envoyez"\n')
    options = told("--offer", "fr, ru", "--texts", str(tmp_path), "--also-at", "b", "--also-at", "a")
    assert options is not None
    door = DoorTexts(said_of(options))
    assert door.languages == ("en", "fr", "ru")
    assert door.texts == texts_hash(
        offered=door.languages,
        own=door.said.own,
        exit_url="https://www.wikipedia.org/",
        addresses=("b", "a"),
    )


@pytest.mark.parametrize("arguments", [("--exit-url", "javascript:x"), ("--offer", "xx")])
def test_what_can_not_be_said_is_refused_at_the_start(arguments: tuple[str, ...]) -> None:
    options = told(*arguments)
    assert options is not None
    with pytest.raises(LocalError):
        DoorTexts(said_of(options))
