"""Finds the commands that our documents tell somebody to type.

Two kinds of fenced block hold commands, told apart by the word after the fence:

- `console`: each line that begins with `$ ` is a command, run by tests/docs/test_commands.py in the folder
  of the project, one shell for each block; lines that end in a backslash go on in the next, which begins
  with `> `; all others are output, which is not compared. What is started in the background with `&` is
  ended with the block.
- `sh`: commands for a place that a test can't be (a server, an installed system). They are not run, but
  every `causeway` command in them must exist, with every option it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Block", "blocks", "documents", "parse"]

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=indent)```", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """One fenced block: where it is, of what kind, and the commands in it."""

    document: str
    line: int
    kind: str
    commands: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def documents() -> list[Path]:
    """Every document that tells somebody to type something."""
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]


def parse(text: str, *, document: str) -> list[Block]:
    """Find the blocks of commands in a document."""
    found = []
    for fence in _FENCE.finditer(text):
        kind = fence["kind"]
        if kind not in ("console", "sh"):
            continue
        lines = fence["body"].splitlines()
        typed = _typed(lines) if kind == "console" else _joined(lines)
        found.append(Block(document, text.count("\n", 0, fence.start()) + 1, kind, tuple(typed)))
    return found


def blocks(kind: str) -> list[Block]:
    """All blocks of one kind in all documents."""
    every = [parse(path.read_text(), document=str(path.relative_to(ROOT))) for path in documents()]
    return [block for document in every for block in document if block.kind == kind]


def _typed(lines: list[str]) -> list[str]:
    commands: list[str] = []
    for line in (line.strip() for line in lines):
        if commands and commands[-1].endswith("\\") and line.startswith("> "):
            commands[-1] = commands[-1].removesuffix("\\") + line[2:]
        elif line.startswith("$ "):
            commands.append(line[2:])
    return commands


def _joined(lines: list[str]) -> list[str]:
    text = "\n".join(line.strip() for line in lines).replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
