"""The desk's watch: a real desk looks at a real door, with somebody in between who may alter things."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from causeway.cli.door_texts import DoorTexts
from causeway.desk.engine import Desk
from causeway.desk.views import AlarmKind
from causeway.door.pages import LANGUAGES
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sync.errors import RelayRefused, RelayUnreachable
from causeway.sync.said import DoorSaid
from causeway.sync.watch import Difference, Wrong
from causeway.units import DAY_SECONDS, day_of
from tests.desk_engine.between import Answer, Between, between
from tests.desk_engine.town import PASSPHRASE
from tests.door.parts import Centre, Door

pytestmark = pytest.mark.slow

OWN = 'msgid "Write to us"\nmsgstr "Écrivez à la maison"\n'.encode()
EXIT = "https://weather.example/today"
ALSO = ("http://elsewhere.example", "Lantern on some messenger")
SAID = DoorSaid(offer=LANGUAGES, own={"fr.po": OWN}, exit_url=EXIT, addresses=ALSO)


class Shifted:
    """This machine's clock, some days off."""

    days = 0.0

    def __call__(self) -> float:
        return time.time() + self.days * DAY_SECONDS


@dataclass
class Place:
    desk: Desk
    door: Between
    clock: Shifted
    centre: Centre

    def look(self) -> dict[AlarmKind, int]:
        """Compare once; return the alarms of this look alone."""
        for alarm in self.desk.sync_view().alarms:
            self.desk.dismiss_alarm(alarm.kind)
        self.desk.look_at_door()
        return {alarm.kind: alarm.count for alarm in self.desk.sync_view().alarms}

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.desk.door_watch().differences


@pytest.fixture(scope="module")
def whole() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="door") as name:
        folder = Path(name)
        texts = folder / "texts"
        texts.mkdir()
        (texts / "fr.po").write_bytes(OWN)
        centre = Centre(folder)
        more = ["--texts", str(texts), "--exit-url", EXIT]
        door = Door(folder, centre.socket, *more, *(part for one in ALSO for part in ("--also-at", one)))
        clock = Shifted()
        with between(door.address) as middle:
            desk = Desk.create(
                folder / "desk",
                passphrase=PASSPHRASE,
                centre="Lantern House",
                member="Mira",
                door_url=middle.url,
                setup_code=centre._setup_code,
                socks=None,
                profile=CHEAP_FOR_TESTS,
                clock=clock,
            )
            try:
                desk.watch_door(DoorTexts, said=SAID)
                desk.sync_round()
                yield Place(desk, middle, clock, centre)
            finally:
                desk.close()
                door.stop()
                centre.process.stop()


@pytest.fixture
def place(whole: Place) -> Iterator[Place]:
    yield whole
    whole.door.tamper = lambda _answer: None
    whole.clock.days = 0.0
    whole.desk.watch_door(DoorTexts, said=SAID)
    whole.desk.sync_round()


def test_an_honest_door_raises_no_alarm_in_any_language(place: Place) -> None:
    assert place.desk.door_watch().last_look is None
    place.door.paths.clear()
    place.door.heads.clear()
    assert place.look() == {}  # nobody has read yet: every page carries the warning and the other addresses
    assert place.differences == ()
    asked = set(place.door.paths)
    assert {f"/{tag}" for tag in LANGUAGES} | {f"/{tag}/return" for tag in LANGUAGES} <= asked
    assert {f"/static/{name}" for name in DoorTexts(SAID).files} <= asked
    assert {"/", "/exit", "/v1/sheet", "/v1/attendance"} <= asked
    assert len(place.door.paths) == place.desk.door_watch().answers
    spoken = {dict(head)["Accept-Language"].partition(",")[0].partition("-")[0] for head in place.door.heads}
    assert spoken == set(LANGUAGES)
    assert all("authorization" not in dict(head) for head in place.door.heads)


@pytest.mark.parametrize("days_ago", [0, 1, 5])
def test_whatever_day_the_honest_page_names_is_no_alarm(place: Place, days_ago: int) -> None:
    place.clock.days = -days_ago
    place.desk._parts.settings.read_day = day_of(place.clock())
    place.desk.sync_round()
    place.clock.days = 0.0
    assert place.look() == {}
    assert place.differences == ()


def test_full_lanes_are_no_alarm(place: Place) -> None:
    refused = 0
    for number in range(400):
        answer = place.centre.put(f"/v1/intake/{number:032x}", bytes(32_768))
        refused += answer.status != 201 and answer.status != 204
        if refused > 3:
            break
    assert place.look() == {}


def on(path: str, change: Callable[[Answer], None]) -> Callable[[Answer], None]:
    def tamper(answer: Answer) -> None:
        if answer.path == path:
            change(answer)

    return tamper


def pages(change: Callable[[Answer], None]) -> Callable[[Answer], None]:
    def tamper(answer: Answer) -> None:
        if answer.is_page:
            change(answer)

    return tamper


def one_bit(answer: Answer) -> None:
    middle = len(answer.body) // 2
    answer.body = answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1 :]


def in_language(tag: str, change: Callable[[Answer], None]) -> Callable[[Answer], None]:
    return lambda answer: change(answer) if answer.language.startswith(tag) else None


def swap(old: str, new: str) -> Callable[[Answer], None]:
    return lambda answer: answer.replace(old.encode(), new.encode())


def header(name: str, value: str | None) -> Callable[[Answer], None]:
    def change(answer: Answer) -> None:
        answer.headers = [one for one in answer.headers if one[0] != name]
        if value is not None:
            answer.headers.append((name, value))

    return change


def elsewhere(answer: Answer) -> None:
    answer.status, answer.body = 302, b""
    answer.headers.append(("location", "https://other.example/"))


HOSTILE: dict[str, tuple[Callable[[Answer], None], Wrong, str]] = {
    "one byte of the sealing script": (on("/static/seal.js", one_bit), Wrong.FILE, "/static/seal.js"),
    "one byte of the puzzle's worker": (on("/static/work.js", one_bit), Wrong.FILE, "/static/work.js"),
    "one byte of the part for files": (on("/static/files.js", one_bit), Wrong.FILE, "/static/files.js"),
    "a word of the list": (on("/static/words-ru.txt", one_bit), Wrong.FILE, "/static/words-ru.txt"),
    "a script as text": (
        on("/static/seal.js", header("content-type", "text/plain")),
        Wrong.HEADER,
        "/static/seal.js",
    ),
    "one byte of the script in the page": (pages(swap("fetch(", "fetcH(")), Wrong.SCRIPT, "/"),
    "a script tag": (
        pages(swap("</main>", "</main><script src=/static/more.js></script>")),
        Wrong.SCRIPT,
        "/",
    ),
    "a script tag on the way back alone": (
        on("/tr/return", swap("</main>", "</main><script>0</script>")),
        Wrong.SCRIPT,
        "/tr/return",
    ),
    "a handler": (pages(swap("<main ", '<main onclick="x()" ')), Wrong.SCRIPT, "/"),
    "something behind the end": (
        pages(lambda answer: setattr(answer, "body", answer.body + b"<script>0</script>")),
        Wrong.SCRIPT,
        "/",
    ),
    "a text": (in_language("fa", on("/", one_bit)), Wrong.TEXT, "/"),
    "another address for the form": (
        pages(swap('action="/start"', 'action="/begin"')),
        Wrong.MARKUP,
        "/",
    ),
    "a language less": (pages(swap('hreflang="uk" data-language-link', "")), Wrong.LANGUAGES, "/"),
    "another address of the centre": (pages(swap(ALSO[0], "http://elsewhere.test")), Wrong.TEXT, "/"),
    "a weaker policy": (
        pages(header("content-security-policy", "default-src *")),
        Wrong.HEADER,
        "/",
    ),
    "a page that stays in the cache": (pages(header("cache-control", None)), Wrong.HEADER, "/"),
    "a mark in the browser": (pages(header("set-cookie", "a=b")), Wrong.HEADER, "/"),
    "a way elsewhere": (in_language("ar", on("/", elsewhere)), Wrong.REFUSED, "/"),
    "another exit": (on("/exit", header("location", "https://other.example/")), Wrong.EXIT, "/exit"),
    "an exit that clears nothing": (on("/exit", header("clear-site-data", None)), Wrong.HEADER, "/exit"),
    "only in Turkish": (
        in_language("tr", on("/", swap("</main>", "</main><script>0</script>"))),
        Wrong.SCRIPT,
        "/",
    ),
    "only in Ukrainian, by its link": (on("/uk", swap("</body>", "<p>x</p></body>")), Wrong.MARKUP, "/uk"),
    "a file for Arabic alone": (
        in_language("ar", on("/static/seal.js", one_bit)),
        Wrong.FILE,
        "/static/seal.js",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_door_is_an_alarm_that_says_what_differs(place: Place, name: str) -> None:
    tamper, wrong, path = HOSTILE[name]
    place.door.tamper = tamper
    assert place.look() == {AlarmKind.DOOR_ALTERED: 1}
    assert (wrong, path) in {(one.wrong, one.path) for one in place.differences}


def test_the_difference_names_the_language_the_line_and_both_texts(place: Place) -> None:
    place.door.tamper = in_language("fr", on("/", swap("Écrivez à la maison", "Écrivez à la police")))
    assert place.look() == {AlarmKind.DOOR_ALTERED: 1}
    (one,) = place.differences
    assert (one.wrong, one.path, one.language) == (Wrong.TEXT, "/", "fr")
    assert one.place is not None
    assert "maison" in one.place.expected
    assert "police" in one.place.served
    assert one.place.line > 1
    place.door.tamper = lambda _answer: None
    assert place.look() == {}
    assert place.differences == ()


def test_an_older_sheet_is_an_alarm(place: Place) -> None:
    with_sheet: list[bytes] = []
    place.door.tamper = on("/v1/sheet", lambda answer: with_sheet.append(answer.body))
    place.look()
    older = with_sheet[0]
    place.desk._parts.settings.sheet = None  # a new one is signed
    place.desk.sync_round()
    place.door.tamper = on("/v1/sheet", lambda answer: setattr(answer, "body", older))
    assert place.look() == {AlarmKind.SHEET_ALTERED: 1}


def test_a_day_on_which_nobody_read_is_an_alarm(place: Place) -> None:
    """The lines are genuine, and the page names a better day: only a browser without script believes it."""
    place.clock.days = -5
    place.desk._parts.settings.read_day = day_of(place.clock())
    place.desk.sync_round()
    place.clock.days = 0.0
    today = {
        tag: DoorTexts(SAID).page(
            "welcome", language=tag, newest=day_of(time.time()), known=True, today=day_of(time.time())
        )
        for tag in LANGUAGES
    }

    def tamper(answer: Answer) -> None:
        tag = answer.path.removeprefix("/")
        if tag in today:
            answer.body = today[tag]

    place.door.tamper = tamper
    found = place.look()
    assert found == {AlarmKind.ATTENDANCE_ALTERED: 1}, place.differences
    assert place.differences == ()


def test_somebody_who_reads_between_two_requests_is_no_alarm(place: Place) -> None:
    """The page was made before the line that a later request brings."""
    place.clock.days = -6
    place.desk._parts.settings.read_day = day_of(place.clock())
    place.desk.sync_round()
    place.clock.days = 0.0
    before: dict[str, bytes] = {}

    def note(answer: Answer) -> None:
        if answer.is_page:
            before[answer.path] = answer.body

    place.door.tamper = note
    assert place.look() == {}
    place.desk._parts.settings.read_day = day_of(place.clock())
    place.desk.sync_round()
    late = set(before)

    def once(answer: Answer) -> None:
        if answer.path in late:
            late.remove(answer.path)
            answer.body = before[answer.path] if answer.path != "/" else answer.body

    place.door.tamper = once
    assert place.look() == {}


def test_a_door_started_with_other_texts_is_an_alarm(place: Place) -> None:
    place.desk.watch_door(DoorTexts, said=DoorSaid(exit_url=EXIT, addresses=ALSO))
    place.desk.sync_round()
    assert place.look() == {AlarmKind.DOOR_ALTERED: 1}
    assert {one.wrong for one in place.differences} == {Wrong.LANGUAGES}
    place.desk.watch_door(DoorTexts, said=DoorSaid(offer=LANGUAGES, exit_url=EXIT, addresses=ALSO))
    place.desk.sync_round()
    assert place.look() == {AlarmKind.DOOR_ALTERED: 1}
    assert {(one.wrong, one.language) for one in place.differences} == {(Wrong.TEXT, "fr")}


def test_a_door_that_gives_no_answer_is_said_and_no_alarm(place: Place) -> None:
    def cut(answer: Answer) -> None:
        answer.headers.append(("content-encoding", "br"))

    place.door.tamper = in_language("es", cut)
    before = place.desk.door_watch().last_look
    with pytest.raises(RelayUnreachable):
        place.look()
    assert place.desk.door_watch().last_look == before
    assert place.desk.door_watch().problem.startswith("The door packs its answers")


def test_what_was_said_once_is_remembered(place: Place) -> None:
    before = place.desk._parts.settings.door_hashes
    place.desk.watch_door(DoorTexts, said=None)
    assert place.desk._parts.settings.door_hashes == before
    assert place.desk._parts.settings.door_said == SAID
    assert place.look() == {}


def test_texts_that_no_longer_fit_leave_the_desk_open_and_are_said(place: Place) -> None:
    before = place.desk._parts.settings.door_hashes
    place.desk.watch_door(DoorTexts, said=DoorSaid(offer=("ce",)))
    assert place.desk.door_watch().problem.startswith("A language lacks texts")
    assert not place.desk.door_watch().watched
    assert place.desk._parts.settings.door_hashes == before


def test_a_relay_that_is_away_is_said_and_no_alarm(place: Place) -> None:
    def away(answer: Answer) -> None:
        if answer.path.startswith("/v1/"):
            answer.status, answer.body = 502, b""

    place.door.tamper = away
    with pytest.raises(RelayRefused):
        place.look()
    assert place.desk.sync_view().alarms == ()
    assert "behind the door does not answer" in place.desk.door_watch().problem
