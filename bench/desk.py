"""A desk that many have written to: opening, listing, searching, answering. `--json` prints:

bench               "desk"
conversations       how many, two messages of about sixty words each, two thirds of them answered
vault_bytes         size of the encrypted store
derivation_ms       stretching the passphrase with the profile of real desks, in its child process
open_ms             opening the desk once the passphrase is stretched
inbox_ms            the first page of the inbox
search_ms           a piece of a Cyrillic word, median of many, as the desk shows it: rows with excerpts
bare_ms             the same pieces in the bare SQL query on the same connection: ids alone
search_ratio        search_ms / bare_ms, of the same run
two_letters_ms      a piece of two letters, which no index serves
answer_ms           writing one answer: signed, sealed, stored, indexed
rss_bytes           memory of the process after all of this
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from causeway.desk.engine import Desk
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, SALT_SIZE, STANDARD, derive
from causeway.sealed.receipt import conversation_id
from causeway.sealed.signing import SigningKey
from causeway.sealed.words import word_list
from causeway.units import day_of
from causeway.wire.intake import Action, IntakeMessage, SendingPath

_PASSPHRASE = "nineteen grey herons"  # noqa: S105
_SEARCHES = 60


def words_of(chance: random.Random, count: int) -> str:
    """Return a text, two thirds of it in Russian."""
    lists = (word_list("ru"), word_list("ru"), word_list("en"))
    return " ".join(chance.choice(chance.choice(lists)) for _ in range(count))


def fill(where: Path, conversations: int, console: Console) -> None:
    """Make a desk and have it take messages, as a round of syncing would hand them over."""
    chance = random.Random(1)
    desk = Desk.create(
        where,
        passphrase=_PASSPHRASE,
        centre="Harbour Desk",
        member="Mira",
        door_url="http://127.0.0.1:9",
        setup_code="none",
        socks=None,
        profile=CHEAP_FOR_TESTS,
    )
    answer_key = bytes(HybridSecret.generate().public)
    today = day_of(time.time())
    for number in track(range(conversations), description="filling", console=console, transient=True):
        verify_key = SigningKey.generate().public
        conversation = conversation_id(verify_key)
        for _ in range(2):
            message = IntakeMessage(
                conversation=conversation,
                message=os.urandom(16),
                tag_key=verify_key,
                answer_key=answer_key,
                verify_key=verify_key,
                path=SendingPath.SCRIPT,
                language="ru",
                action=Action.WRITE,
                last_answer=0,
                text=words_of(chance, 60),
            )
            desk._store.take_message(message, slot=b"", day=today)
        if number % 3:
            desk.answer(conversation.hex(), words_of(chance, 40))
    desk.close()


def median_ms(call: Callable[[], object], repeat: int = 15) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1_000)
    return round(statistics.median(times), 3)


def once_ms(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the time of one call, and what it gave."""
    started = time.perf_counter()
    result = call()
    return round((time.perf_counter() - started) * 1_000, 3), result


def bare(desk: Desk, piece: str) -> list[Any]:
    """Ask the index for a piece, with nothing round it."""
    return desk._parts.db.rows(
        "SELECT doc FROM search_text WHERE position IN "
        "(SELECT rowid FROM search_index WHERE search_index MATCH ?) ORDER BY position DESC LIMIT 50",
        [" AND ".join(f'"{piece[at : at + 3]}"' for at in range(len(piece) - 2))],
    )


def measure(conversations: int, console: Console) -> dict[str, Any]:
    """Fill a desk in a process of its own, open it here and return the numbers."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "desk"
        command = [sys.executable, __file__, "--fill", str(where), "--conversations", str(conversations)]
        subprocess.run(command, check=True)
        derivation_ms, _ = once_ms(lambda: derive(_PASSPHRASE, salt=bytes(SALT_SIZE), profile=STANDARD))
        cheap_ms, _ = once_ms(lambda: derive(_PASSPHRASE, salt=bytes(SALT_SIZE), profile=CHEAP_FOR_TESTS))
        open_ms, desk = once_ms(lambda: Desk.open(where, passphrase=_PASSPHRASE, profile=CHEAP_FOR_TESTS))
        try:
            inbox_ms, rows = once_ms(desk.inbox)
            chance = random.Random(2)
            long = [word for word in word_list("ru") if len(word) > 6]
            pieces = [chance.choice(long)[1:6] for _ in range(_SEARCHES)]
            bare(desk, pieces[0])
            searches, bares = [], []
            for piece in track(pieces, description="searching", console=console, transient=True):
                bares.append(once_ms(lambda piece=piece: bare(desk, piece))[0])
                searches.append(once_ms(lambda piece=piece: desk.search(piece))[0])
            search_ms, bare_ms = statistics.median(searches), statistics.median(bares)
            return {
                "bench": "desk",
                "conversations": conversations,
                "vault_bytes": sum(path.stat().st_size for path in where.iterdir()),
                "derivation_ms": derivation_ms,
                "open_ms": round(max(open_ms - cheap_ms, 0.0), 3),
                "inbox_ms": inbox_ms,
                "search_ms": round(search_ms, 3),
                "bare_ms": round(bare_ms, 3),
                "search_ratio": round(search_ms / bare_ms, 2),
                "two_letters_ms": median_ms(lambda: desk.search("ой")),
                "answer_ms": median_ms(lambda: desk.answer(rows[0].id, words_of(chance, 40))),
                "rss_bytes": rss_bytes(),
            }
        finally:
            desk.close()


def rss_bytes() -> int:
    """Return the memory that this process takes now (proc(5)), or where there is no /proc, took at most."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
    return pages * resource.getpagesize()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="300 conversations, to see that it runs.")
@click.option("--conversations", type=click.IntRange(1), help="How many; 5,000 unless told.")
@click.option("--fill", "to_fill", type=click.Path(path_type=Path), hidden=True)
def main(as_json: bool, quick: bool, conversations: int | None, to_fill: Path | None) -> None:
    """Measure a desk with many conversations."""
    console = Console(stderr=True)
    count = conversations or (300 if quick else 5_000)
    if to_fill is not None:
        fill(to_fill, count, console)
        return
    numbers = measure(count, console)
    if as_json:
        json.dump(numbers, sys.stdout, indent=2)
        print()
        return
    table = Table("what", "value")
    for name, value in numbers.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    Console().print(table)


if __name__ == "__main__":
    main()
