"""A laptop's year: 5,000 letters of about 600 characters, 20,000 entries. The limits are the design's."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from causeway.vault import search
from tests.vault.material import append_next, new_vault, open_vault

SYLLABLES = (
    "ба ве го ди жу за ки ло ме ну по ра со ту фа хо ци чу ша ще эл ю я на но ст пре при ко ов ый ет".split()
)
LETTERS = 5_000
ENTRIES = 20_000


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.slow
def test_a_year_of_letters_opens_and_answers_at_once(folder: Path) -> None:
    writing = random.Random(1)  # noqa: S311
    words = ["".join(writing.choices(SYLLABLES, k=writing.randint(2, 5))) for _ in range(20_000)]
    before = resident_mib()
    with new_vault(folder) as vault, vault.transaction():
        for number in range(LETTERS):
            picked = (words[min(int(writing.paretovariate(0.5)), len(words)) - 1] for _ in range(80))
            search.index(vault.db, number.to_bytes(16, "big"), " ".join(picked)[:600])
        for number in range(ENTRIES):
            append_next(vault, device=bytes([number % 20]) * 16, text=writing.randbytes(1_400))

    started = time.process_time()
    with open_vault(folder) as vault:
        assert len(vault.entries.heads()) == 20
        assert time.process_time() - started < 1
        for query in (
            words[15_000],
            words[3_000][1:6],
            words[0][:4],
            words[9][:4] + " " + words[10][:4],
            "ъъ",
            "ъ",
        ):
            started = time.process_time()
            search.find(vault.db, query)
            assert time.process_time() - started < 0.05
        assert resident_mib() - before < 150
