"""What the documents tell somebody to type works. See blocks.py for how a document says so."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, blocks, documents, parse

BIN = Path(sys.prefix) / "bin"
SECONDS = 240

# Run here they would run this very test again, or install, or measure for minutes: for these targets, that
# they exist is all that is looked at. CI runs `make test`; `make demo` is run, and told to end by itself.
NOT_RUN = re.compile(r"^make (test|setup|lint|quick|bench|clean|requirements|web|format|fuzz)\b")


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSEWAY_", "XDG_"))}
    if chromium := os.environ.get("CAUSEWAY_CHROMIUM"):
        kept["CAUSEWAY_CHROMIUM"] = chromium
    return kept | {"HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}", "CAUSEWAY_DEMO_EXIT": "1"}


def script(block: Block) -> str:
    """The block as one shell script that says what it runs and stops at the first failure."""
    lines = ["set -euo pipefail"]
    for command in block.commands:
        if NOT_RUN.match(command):
            command = f"make --dry-run --silent {command.removeprefix('make ')} >/dev/null"
        lines += [f"printf '%s\\n' {shlex.quote('$ ' + command)}", command]
    return "\n".join(lines) + "\n"


def run(block: Block, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a block, then end whatever it left running. A file takes its output: a pipe could be held open."""
    with (home / ".output").open("w+") as output:
        shell = subprocess.Popen(
            ["bash", "-c", script(block)],
            cwd=ROOT,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = shell.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        output.seek(0)
        return subprocess.CompletedProcess(block.commands, code, output.read())


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_commands_in_console_blocks_run(block: Block, home: Path) -> None:
    assert block.commands, "a console block without a command"
    done = run(block, home)
    assert done.returncode == 0, f"{block} failed ({done.returncode}):\n{done.stdout}"


def named_commands() -> list[tuple[str, str]]:
    """Each (place, command) of ours in a `sh` block, from the word `causeway` to the end of the command."""
    found = []
    for block in blocks("sh"):
        for line in block.commands:
            for ours in re.findall(r"(?:^|\s|/)causeway ([^|;&>#]*)", line):
                found.append((str(block), ours.strip()))
    return found


def test_commands_in_sh_blocks_exist(home: Path) -> None:
    for place, command in named_commands():
        words = shlex.split(command)
        verbs = [word for word in words[: 1 + next_option(words)] if re.fullmatch(r"[a-z][a-z-]+", word)]
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        assert options <= known_options(verbs, home), f"{place}: causeway {command}"


def next_option(words: list[str]) -> int:
    return next((i for i, word in enumerate(words) if word.startswith("-")), len(words))


def known_options(verbs: list[str], home: Path) -> set[str]:
    """The options of the longest command that the words name; at least the first word must be one."""
    for length in range(len(verbs), 0, -1):
        asked = subprocess.run(
            [BIN / "causeway", *verbs[:length], "--help"],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if asked.returncode == 0:
            return set(re.findall(r"--[a-z][a-z-]*", asked.stdout))
    pytest.fail(f"no such command: causeway {' '.join(verbs)}")


def test_the_readme_needs_two_commands() -> None:
    named = [
        command for block in blocks("console") if block.document == "README.md" for command in block.commands
    ]
    assert {"make demo", "make test"} <= set(named)


def test_ci_runs_what_the_readme_says() -> None:
    assert re.search(r"^\s*make test\b", (ROOT / ".ci/run").read_text(), re.M)


def test_every_document_is_looked_at() -> None:
    assert ROOT / "README.md" in documents()


def test_no_other_block_hides_a_command_of_ours() -> None:
    for path in documents():
        for kind, body in re.findall(r"^ *```([\w-]*)[^\n]*\n(.*?)^ *```", path.read_text(), re.M | re.S):
            if kind not in ("console", "sh"):
                typed = re.findall(r"^(?:\$ |make [a-z]|causeway [a-z-]+ ).*", body, re.M)
                assert typed == [], f"{path.name}: these belong into a console or sh block"


# ---- The mechanism itself ----


def test_parse_tells_commands_from_output() -> None:
    text = "Say:\n\n```console\n$ one \\\n> two\nits output\n$ three\n```\n"
    text += "\n```sh\n# why\nfour \\\n  five\n```\n"
    assert parse(text, document="a.md") == [
        Block("a.md", 3, "console", ("one two", "three")),
        Block("a.md", 10, "sh", ("four  five",)),
    ]


@pytest.mark.parametrize(
    ("commands", "passes"),
    [
        (("true",), True),
        (("false", "true"), False),
        (("false | cat",), False),
        (("no-such-program",), False),
        (('test "$HOME" != ~root && test -f pyproject.toml',), True),
        (("sleep 1000 &",), True),
        (("make test",), True),
        (("make bench-and-more",), False),
    ],
)
def test_a_block_fails_when_a_command_does(commands: tuple[str, ...], passes: bool, home: Path) -> None:
    done = run(Block("a.md", 1, "console", commands), home)
    assert (done.returncode == 0) is passes, done.stdout
