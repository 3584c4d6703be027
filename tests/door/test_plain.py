from __future__ import annotations

import re
import time

import pytest

from causeway.sealed.board import CELL_ROOM, CellToPublish
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.units import Day
from causeway.wire.answer import Answer, fit_answers
from causeway.wire.intake import Action, SendingPath
from tests.door.parts import Centre, Door, eventually, hidden, today, words_of

TEXT = "Они знают мой адрес.\r\nЯ уехала к реке & жду <там>."


def answer_cell(keys: ConversationKeys, *texts: str) -> CellToPublish:
    answers = [Answer(n=n, day=today(), text=text) for n, text in enumerate(texts, 1)]
    content = fit_answers(answers, conversation=keys.conversation, closed=False, room=CELL_ROOM)
    return CellToPublish(tag_key=keys.tag_key, n=0, answer_key=keys.answer.public, content=content)


def test_a_whole_conversation(centre: Centre, door: Door) -> None:
    first = door.page("/start", language="ru")
    words = words_of(first.text)
    assert len(words) == 8
    assert '<html lang="ru"' in first.text
    sent = door.page("/send", language="ru", ticket=hidden(first.text, "ticket"), text=TEXT)
    assert "<textarea" not in sent.text

    (message,) = centre.messages()
    keys = Receipt.from_text(" ".join(words)).keys()
    assert message.text == TEXT.replace("\r\n", "\n")
    assert message.conversation == keys.conversation
    assert message.answer_key == bytes(keys.answer.public)
    assert (message.path, message.action, message.language) == (SendingPath.PLAIN, Action.WRITE, "ru")
    assert message.last_answer == 0

    centre.publish(answer_cell(keys, "Мы читаем.", "Завтра в <семь> утра."))
    found = door.page("/read", language="ru", words=" ".join(words).upper())
    assert "Мы читаем." in found.text
    assert "Завтра в &lt;семь&gt; утра." in found.text
    ticket = hidden(found.text, "ticket")
    done = door.page("/act", language="ru", ticket=ticket, action="read", text="")
    assert "<form" not in done.text
    door.page("/act", language="ru", ticket=ticket, action="write", text="Да, приду.")
    follow_ups = [one for one in centre.messages() if one.message != message.message]
    assert {(one.action, one.text, one.last_answer) for one in follow_ups} == {
        (Action.READ, "", 2),
        (Action.WRITE, "Да, приду.", 2),
    }
    assert {one.verify_key for one in follow_ups} == {message.verify_key}


@pytest.mark.parametrize("action", ["close", "forced"])
def test_the_other_buttons(centre: Centre, door: Door, action: str) -> None:
    words = " ".join(Receipt.generate().words("en"))
    page = door.page("/read", language="en", words=words)
    done = door.page("/act", language="en", ticket=hidden(page.text, "ticket"), action=action)
    (message,) = centre.messages()
    assert message.action == action
    # Whoever looks over a shoulder learns nothing from the page that follows.
    again = door.page("/act", language="en", ticket=hidden(page.text, "ticket"), action="read")
    assert done.body == again.body


def test_a_result_is_taken_once(shared_door: Door) -> None:
    place = shared_door.form("/start", language="en").headers["location"]
    first, second = shared_door.ask("GET", place), shared_door.ask("GET", place)
    assert (first.status, second.status) == (200, 404)
    assert len(words_of(first.text)) == 8
    assert "data-words" not in second.text


def test_a_result_needs_its_key(shared_door: Door) -> None:
    place = shared_door.form("/start", language="en").headers["location"]
    wrong = place[:-4] + ("AAAA" if not place.endswith("AAAA") else "BBBB")
    assert shared_door.ask("GET", wrong).status == 404


def test_a_retry_is_one_message(centre: Centre, door: Door) -> None:
    ticket = hidden(door.page("/start", language="en").text, "ticket")
    pages = [door.page("/send", language="en", ticket=ticket, text="By the mill.") for _ in range(2)]
    assert pages[0].body == pages[1].body
    assert len(centre.messages()) == 1


def test_a_text_that_was_changed_before_the_retry_is_delivered(centre: Centre, door: Door) -> None:
    ticket = hidden(door.page("/start", language="en").text, "ticket")
    for text in ("By the mill.", "By the mill, at nine."):
        door.page("/send", language="en", ticket=ticket, text=text)
    assert {one.text for one in centre.messages()} == {"By the mill.", "By the mill, at nine."}


def test_no_answer_looks_the_same_for_whoever_asks(shared_centre: Centre, shared_door: Door) -> None:
    mine, other = Receipt.generate(), Receipt.generate()
    shared_centre.publish(answer_cell(mine.keys(), "Come."))
    with_answer = shared_door.page("/read", language="en", words=" ".join(mine.words("en")))
    nobody = shared_door.page("/read", language="en", words=" ".join(other.words("en")))
    wrong = shared_door.page("/read", language="en", words="one two three")
    assert "Come." in with_answer.text
    assert "Come." not in nobody.text
    assert "no answer for these words" in nobody.text
    assert 'role="alert" data-problem hidden' in nobody.text
    assert len(with_answer.body) == len(nobody.body) == len(wrong.body)


def test_wrong_words_say_what_is_wrong(shared_door: Door) -> None:
    # Words that the page itself does not use.
    words = list(Receipt(bytes(range(40, 51))).words("en"))
    swapped = [words[1], words[0], *words[2:]]
    for typed, expected in (
        (" ".join(words[:7]), "exactly eight"),
        (" ".join(["qqqqqq", *words[1:]]), "qqqqqq"),
        (" ".join(swapped), "changed places"),
    ):
        page = shared_door.page("/read", language="en", words=typed)
        assert expected in page.text
        # Words belong in no field: a browser would keep them.
        assert words[2] not in page.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [("  \r\n ", "no text"), ("ä" * 8_001, "too long"), ("\U0001f600" * 4_001, "too long")],
)
def test_a_text_that_can_not_go_comes_back(
    shared_centre: Centre, shared_door: Door, text: str, problem: str
) -> None:
    ticket = hidden(shared_door.page("/start", language="en").text, "ticket")
    page = shared_door.page("/send", language="en", ticket=ticket, text=text)
    assert problem in page.text
    assert text.strip() in page.text
    assert hidden(page.text, "ticket") == ticket
    assert shared_centre.messages() == []


def test_nothing_is_lost_when_the_relay_is_away(centre: Centre, door: Door) -> None:
    first = door.page("/start", language="en").text
    ticket = hidden(first, "ticket")
    centre.process.stop()
    page = door.page("/send", language="en", ticket=ticket, text="Behind the <mill>")
    assert "Behind the &lt;mill&gt;" in page.text
    assert hidden(page.text, "ticket") == ticket
    assert "Nothing is lost" in page.text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "the words are new"), ("fr", "les nombres sont nouveaux")]
)
def test_a_lost_ticket_keeps_the_text_and_brings_new_words(
    centre: Centre, door: Door, language: str, told: str
) -> None:
    page = door.page("/start", language=language).text
    first = words_of(page)
    for ticket in ("", "AAAA", "~" * 40, "A" * 2_000):
        page = door.page("/send", language=language, ticket=ticket, text="Behind the mill").text
        assert "Behind the mill" in page
        assert told in page
        assert len(words_of(page)) == 8
        assert words_of(page) != first
    assert centre.messages() == []
    door.page("/send", language=language, ticket=hidden(page, "ticket"), text="Behind the mill")
    (message,) = centre.messages()
    assert message.conversation == Receipt.from_text(" ".join(words_of(page))).keys().conversation


def test_a_lost_ticket_under_an_answer_keeps_the_text(shared_centre: Centre, shared_door: Door) -> None:
    """No new words here: those that the person has belong to the conversation."""
    page = shared_door.page("/act", language="en", action="write", ticket="AAAA", text="Behind the mill")
    assert "copy it, start again, and put it in" in page.text
    assert "Behind the mill" in page.text


def test_control_characters_and_broken_utf8_do_not_stop_a_message(centre: Centre, door: Door) -> None:
    ticket = hidden(door.page("/start", language="en").text, "ticket")
    body = f"language=en&ticket={ticket}&text=a%00b%07%09c%0D%0Ad%ED%A0%80e%FF".encode()
    redirect = door.ask(
        "POST", "/send", body=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert redirect.status == 303
    (message,) = centre.messages()
    assert re.fullmatch("ab\tc\nd\ufffd+e\ufffd", message.text)


def test_before_a_centre_opened_nothing_can_be_written(new_door: Door) -> None:
    assert "not open yet" in new_door.page("/start", language="en").text


def test_an_old_sheet_is_not_believed(new_centre: Centre, new_door: Door) -> None:
    new_centre.open_door(day=Day(today() - 15))
    page = new_door.page("/start", language="en")
    assert "could not be checked" in page.text
    assert "data-words" not in page.text


def test_a_child_ends_with_its_request(door: Door) -> None:
    assert eventually(lambda: len(door.children()) == 3)
    seen = door.children()
    started = time.monotonic()
    for _ in range(6):
        before = door.children()
        door.page("/start", language="en")
        assert eventually(lambda before=before: len(before - door.children()) >= 1)
    assert eventually(lambda: len(door.children()) == 3)
    assert not seen & door.children()
    assert time.monotonic() - started < 20


def test_forms_of_other_sites_are_refused(shared_centre: Centre, shared_door: Door) -> None:
    host = f"{shared_door.address[0]}:{shared_door.address[1]}"
    form = {"content-type": "application/x-www-form-urlencoded"}
    for extra, status in (
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://elsewhere.example"}, 403),
        ({"origin": "http://[broken"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": f"http://{host}"}, 303),
        ({}, 303),
    ):
        answer = shared_door.ask("POST", "/start", body=b"language=en", headers={**form, **extra})
        assert answer.status == status, extra
