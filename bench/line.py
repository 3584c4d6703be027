"""The way of one message: door, relay, desk, answer, board, and back to the person, with where the time goes.

Everything is real and on this machine: relay and door as processes, the desk's engine in this one, HTTP on
loopback without Tor. `--json` prints:

    bench       "line"
    messages    how many messages per path; all times are medians of them, in milliseconds
    script      the path on which the browser encrypts, here Python in the browser's place:
        whole_ms    from asking for words to having read the answer, the steps below in a row
        steps_ms
            derive_words    keys from the eight words (PBKDF2)
            sheet           fetch and verify the door sheet
            seal            sign and seal the message
            put             put it at the door, until the relay has it on its disk
            list_take       of the desk's round: list days and ids, take the slot
            open            of the desk's round: open and check it
            commit          of the desk's round: sign, seal and store it as entries, index it
            round           the desk's whole round, with the three above and what it publishes by itself
            search          find it by a piece of a Cyrillic word
            answer          sign, seal and store an answer
            board           of the next round: seal the board anew
            send            of it: put entries and board, until the relay has them on its disk; holds `board`
            look            of it: fetch sheet, board and bucket as a visitor, and compare
            publish         that whole round, until the answer is on the board and was looked at
            read_back       the person fetches indexes and bucket, and opens the answer
    plain       the path without script: `start` (the words), `send` and `read_back` are a form, its redirect
                and the page it leads to, with all that a child of the door does in between; the rest as above
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from causeway.desk.engine import Desk
from causeway.desk.engine.relaystore import RelayStore
from causeway.drills.centre import Centre, running_centre
from causeway.drills.visitors import PlainVisitor, ScriptVisitor
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.words import word_list
from causeway.sync import runner
from causeway.sync.client import RelayClient
from causeway.units import day_of
from causeway.wire.intake import Action

_INSIDE = {
    "list_take": ((RelayClient, "days"), (RelayClient, "ids"), (RelayClient, "slots")),
    "open": ((runner, "read_intake_slot"),),
    "commit": ((RelayStore, "take_message"),),
    "board": ((RelayStore, "board_to_publish"),),
    "send": ((runner, "_send"),),
    "look": ((runner, "_look"),),
}
_ROUND = ("list_take", "open", "commit")
_PUBLISH = ("board", "send", "look")
_PARTS = (*_ROUND, *_PUBLISH)


class Watch:
    """Times of steps, by name, in milliseconds."""

    def __init__(self) -> None:
        """Begin with none."""
        self.times: dict[str, list[float]] = defaultdict(list)
        self.inside: dict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        started = time.perf_counter()
        yield
        self.times[name].append((time.perf_counter() - started) * 1_000)

    @contextmanager
    def looking_inside(self) -> Iterator[None]:
        """Time the parts of a desk's round, which runs in a thread of its own."""
        before = []
        for name, places in _INSIDE.items():
            for holder, attribute in places:
                original = getattr(holder, attribute)
                before.append((holder, attribute, original))
                setattr(holder, attribute, self._timed(name, original))
        try:
            yield
        finally:
            for holder, attribute, original in before:
                setattr(holder, attribute, original)

    def _timed(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return original(*arguments, **named)
            finally:
                self.inside[name] += (time.perf_counter() - started) * 1_000

        return call

    def settle(self, *names: str) -> None:
        """Take over what was timed inside a round."""
        for name in names:
            self.times[name].append(self.inside[name])
        self.inside.clear()

    def summed_up(self) -> dict[str, Any]:
        """Return the medians, and that of the whole way."""
        ways = [sum(steps) for steps in zip(*(self.times[name] for name in self._in_a_row()), strict=True)]
        medians = {name: round(statistics.median(times), 3) for name, times in self.times.items()}
        return {"whole_ms": round(statistics.median(ways), 3), "steps_ms": medians}

    def _in_a_row(self) -> list[str]:
        return [name for name in self.times if name not in _PARTS]


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait closely."""
    until = time.monotonic() + 60
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError("the desk did not come to it")
        time.sleep(0.005)


def quiet(desk: Desk, *, since: float) -> bool:
    """Whether a round has ended after `since` and none is under way."""
    view = desk.sync_view()
    return not view.syncing and (view.last_reached or 0) > since and not view.waiting


def desk_takes_it(watch: Watch, centre: Centre) -> None:
    """Time one round of the desk."""
    since = centre.desk.sync_view().last_reached or 0
    watch.inside.clear()
    with watch.step("round"):
        centre.desk.sync_now()
        wait_for(lambda: quiet(centre.desk, since=since))
    watch.settle(*_ROUND)


def desk_answers(watch: Watch, centre: Centre, *, word: str, text: str) -> None:
    """Time search, answer and publishing."""
    with watch.step("search"):
        found = centre.desk.search(word[1:-1], limit=5)
    row = next(row for row in found if centre.desk.conversation(row.id).messages[0].text == text)
    since = centre.desk.sync_view().last_reached or 0
    watch.inside.clear()
    with watch.step("answer"):
        centre.desk.answer(row.id, f"Мы прочитали: {word}. Ответим завтра, и не раньше.")
    with watch.step("publish"):
        wait_for(lambda: quiet(centre.desk, since=since))
    watch.settle(*_PUBLISH)


def by_script(watch: Watch, centre: Centre, *, word: str, text: str) -> None:
    """Send one message as a browser with script does."""
    visitor = ScriptVisitor(
        centre.door.url, fingerprint=centre.fingerprint, today=day_of(time.time()), language="ru"
    )
    with watch.step("derive_words"):
        visitor.keys()
    with watch.step("sheet"):
        sheet = visitor.sheet()
    with watch.step("seal"):
        message, slot = visitor.seal(sheet, Action.WRITE, text)
    with watch.step("put"):
        visitor.put(message, slot)
    desk_takes_it(watch, centre)
    desk_answers(watch, centre, word=word, text=text)
    with watch.step("read_back"):
        answers = visitor.read()
    assert word in answers[-1]
    visitor.act(Action.READ)


def by_forms(watch: Watch, centre: Centre, *, word: str, text: str) -> None:
    """Send one message as a browser without script does."""
    visitor = PlainVisitor(centre.door.url, language="ru")
    with watch.step("start"):
        visitor.start()
    with watch.step("send"):
        visitor.send_first(text)
    desk_takes_it(watch, centre)
    desk_answers(watch, centre, word=word, text=text)
    with watch.step("read_back"):
        answers = visitor.read()
    assert word in answers[-1]
    visitor.act(Action.READ)


def measure(messages: int, console: Console) -> dict[str, Any]:
    """Run the line and return the numbers."""
    chance = random.Random(1)
    words = word_list("ru")
    watches = {"script": Watch(), "plain": Watch()}
    ways = {"script": by_script, "plain": by_forms}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_centre(
            Path(folder),
            passphrase="eleven empty benches",  # noqa: S106
            profile=CHEAP_FOR_TESTS,
        ) as centre,
    ):
        for number in track(range(2 * messages), description="messages", console=console, transient=True):
            path = ("script", "plain")[number % 2]
            word = "".join(chance.sample(words, 3))
            text = f"{word} " + " ".join(chance.choices(words, k=80))
            with watches[path].looking_inside():
                ways[path](watches[path], centre, word=word, text=text)
    return {
        "bench": "line",
        "messages": messages,
        **{path: watch.summed_up() for path, watch in watches.items()},
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.option("--quick", is_flag=True, help="A few messages, to see that it runs.")
def main(as_json: bool, quick: bool) -> None:
    """Measure the way of one message."""
    numbers = measure(3 if quick else 40, Console(stderr=True))
    if as_json:
        json.dump(numbers, sys.stdout, indent=2)
        print()
        return
    table = Table("path", "step", "median, ms")
    for path in ("script", "plain"):
        for name, value in {"whole way": numbers[path]["whole_ms"], **numbers[path]["steps_ms"]}.items():
            table.add_row(path, name, f"{value:,.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
