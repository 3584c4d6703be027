"""Each page with nothing, with much, with scripts that run the other way, and what its forms do."""

from __future__ import annotations

import html
import re

import pytest

from causeway.desk.views import AlarmKind, Delivery
from causeway.desk.web.listing import PAGE_ROWS
from causeway.wire.intake import Action, SendingPath
from tests.desk.pages import ORIGIN, Pages, words, wrote
from tests.desk_engine.town import PASSPHRASE, Person, Town

CENTRE = ("/centre", "/centre/door", "/centre/laptop")
PLACES = ("/now", "/inbox", "/inbox?state=all", "/outbox", *CENTRE, "/help")
ARABIC = "مرحبا، أخاف من أخي. هل يمكنكم المساعدة؟"


@pytest.mark.parametrize("path", PLACES)
def test_pages_of_an_empty_desk(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert "<title>Desk</title>" in answer.text
    assert "None" not in words(answer)


def test_an_empty_desk_says_so(pages: Pages) -> None:
    assert "Nobody waits for an answer." in words(pages.get("/now"))
    assert "Nothing waits: all that you wrote has left." in words(pages.get("/outbox"))
    assert "Nothing here yet." in words(pages.get("/inbox?state=all"))


def test_now_shows_who_waits_and_whether_the_relay_is_reached(pages: Pages, place: Town) -> None:
    first = wrote(place, pages, "I was first.")
    place.clock.seconds += 4 * 3_600
    second = wrote(place, pages, "I came later.")
    shown = pages.get("/now")
    assert shown.text.index(first.id) < shown.text.index(second.id)
    assert "4 h waiting" in words(shown)
    assert "just came" in words(shown)
    place.clock.seconds += 130
    assert "Relay reached 2 minutes ago." in words(pages.get("/now"))


def test_a_problem_with_the_relay_is_a_sentence(place: Town, pages: Pages) -> None:
    pages.post("/centre/door", door_url="http://127.0.0.1:9", socks="")
    with pytest.raises(Exception, match="relay"):
        pages.sync()
    text = words(pages.get("/now"))
    assert "The relay could not be reached." in text
    assert "You can go on working; the desk catches up by itself." in text


def test_what_somebody_wrote_never_becomes_markup(pages: Pages, place: Town) -> None:
    attack = '<img src=x onerror=alert(1)><b hx-get="/x" hx-trigger="load">%(x)s {{ 7*7 }}'
    person = wrote(place, pages, attack)
    pages.post(f"/c/{person.id}/label", add='<i>"label')
    key = pages.post("/search", q='<b>"').url
    for path in ("/now", "/inbox", f"/c/{person.id}", str(key)):
        text = pages.get(path).text
        assert "<img src=x" not in text
        assert "<b hx-get" not in text
        assert "<i>" not in text
    assert html.escape(attack).replace("&quot;", "&#34;") in pages.get(f"/c/{person.id}").text


def test_nothing_of_the_content_stands_in_an_address(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hidden words")
    pages.post(f"/c/{person.id}/label", add="passport")
    found = pages.post("/search", q="hidden")
    assert "hidden" not in str(found.url)
    for path in ("/now", "/inbox?state=all", f"/c/{person.id}"):
        for href in re.findall(r'(?:href|action|hx-get)="([^"]*)"', pages.get(path).text):
            assert "passport" not in href
            assert "hidden" not in href


def test_a_conversation_tells_who_reads_it_and_how_it_was_encrypted(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, ARABIC, language="ar", path=SendingPath.PLAIN)
    answer = pages.get(f"/c/{person.id}")
    text = words(answer)
    assert "Read by Mira." in text
    assert "without script: the door's server saw the text for a moment" in text
    assert 'dir="auto" lang="ar"' in answer.text
    assert ARABIC in answer.text
    place.clock.seconds += 60
    person.send("and again")
    pages.sync()
    assert "encrypted in their browser" in words(pages.get(f"/c/{person.id}"))


def test_a_forced_conversation_is_told_at_once(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "They look at my phone.")
    place.clock.seconds += 60
    person.send(action=Action.FORCED)
    pages.sync()
    assert 'class="alarm danger" role="alert"' in pages.get(f"/c/{person.id}").text
    assert "Forced to open it" in words(pages.get("/inbox"))
    now = pages.get("/now")
    assert now.text.index('class="alarm danger"') < now.text.index("Who waits")
    assert "1 person was forced to open their conversation" in words(pages.part("/status"))
    pages.post("/alarms/forced/dismiss")
    assert 'class="alarm danger"' not in pages.get("/now").text
    assert "Forced to open it" in words(pages.get("/inbox"))


def test_danger_is_for_people_only(pages: Pages) -> None:
    pages.keeper.desk._parts.alarms.raise_(AlarmKind.BOARD_OLDER)
    now = pages.get("/now")
    assert "The door shows older answers" in words(now)
    assert "danger" not in now.text.split("<main")[1]


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_its_sentence(pages: Pages, kind: AlarmKind) -> None:
    pages.keeper.desk._parts.alarms.raise_(kind)
    section = words(pages.get("/now")).split("Look at this first")[1].split("I have looked at it")[0]
    assert len(section.split()) > 12


def test_answer_queue_take_back_and_send(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    queued = pages.post(f"/c/{person.id}/answer", text="We have read you.\r\n\r\nMore tomorrow.")
    assert "waiting to be sent" in words(queued)
    assert "Take it back" in words(queued)
    (row,) = [row for row in pages.keeper.desk.outbox() if row.conversation]
    back = pages.post(f"/outbox/{row.id}/withdraw")
    assert "it was not sent" in words(back)
    assert ">We have read you.\n\nMore tomorrow.</textarea>" in back.text
    assert "Its words are in the field" not in words(pages.get(f"/c/{person.id}"))
    pages.post(f"/c/{person.id}/answer", text="We have read you.")
    pages.sync()
    assert "at the door, not read yet" in words(pages.get(f"/c/{person.id}"))
    assert person.texts() == ["We have read you."]
    assert "It has left meanwhile" in words(pages.post(f"/outbox/{row.id}/withdraw"))


def test_a_held_answer_stays(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    pages.post(f"/c/{person.id}/answer", text="Not yet.")
    (row,) = [row for row in pages.keeper.desk.outbox() if row.conversation]
    assert "held back" in words(pages.post(f"/outbox/{row.id}/hold"))
    pages.sync()
    assert person.texts() == []
    assert "held back on this laptop" in words(pages.get(f"/c/{person.id}"))
    assert "goes out as soon as" in words(pages.post(f"/outbox/{row.id}/release"))
    pages.sync()
    assert person.texts() == ["Not yet."]


def test_a_refused_answer_keeps_its_words(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    long = "очень длинно " * 600
    refused = pages.post(f"/c/{person.id}/answer", text=long)
    assert "too long for one page" in words(refused)
    assert long.strip() in refused.text
    assert pages.keeper.desk.conversation(person.id).answers == ()
    assert long.strip() not in pages.get(f"/c/{person.id}").text


def test_an_empty_answer_is_not_queued(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    assert "nothing in the answer yet" in words(pages.post(f"/c/{person.id}/answer", text=" \r\n "))
    assert pages.keeper.desk.conversation(person.id).answers == ()


def test_prepared_words_go_into_the_field_without_script(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "привет")
    shown = pages.get(f"/c/{person.id}")
    assert "Не присылайте чужих имён" in words(shown)
    inserted = pages.post(f"/c/{person.id}/insert", text="Здравствуйте!", words="ru/no-names")
    assert ">Здравствуйте!\n\nПожалуйста, не присылайте имена" in inserted.text
    assert pages.keeper.desk.conversation(person.id).answers == ()


def test_labels_go_on_and_off_and_filter(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    other = wrote(place, pages, "another")
    changed = pages.post(f"/c/{person.id}/label", add="  passport ")
    assert pages.keeper.desk.conversation(person.id).row.labels == ("passport",)
    (link,) = re.findall(r'href="(/inbox\?label=[0-9a-f]{12})"', changed.text)
    filtered = pages.get(link).text
    assert person.id in filtered
    assert other.id not in filtered
    pages.post(f"/c/{person.id}/label", remove="passport")
    assert pages.keeper.desk.conversation(person.id).row.labels == ()
    pages.post(f"/c/{person.id}/label", exactly="1", label=["passport", "city"])
    assert pages.keeper.desk.conversation(person.id).row.labels == ("city", "passport")


def test_close_and_open_again(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    closed = pages.post(f"/c/{person.id}/close")
    assert "Closed by us. Open it again to answer." in words(closed)
    assert person.id in pages.get("/inbox?state=closed").text
    assert person.id not in pages.get("/inbox").text
    assert "<textarea" in pages.post(f"/c/{person.id}/reopen").text


def test_what_the_person_closed_takes_no_answer(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    place.clock.seconds += 60
    person.send(action=Action.CLOSE)
    pages.sync()
    shown = pages.get(f"/c/{person.id}")
    assert "an answer would reach nobody" in words(shown)
    assert "<textarea" not in shown.text
    assert person.id in pages.get("/inbox?state=closed").text


def test_a_long_inbox_has_pages(pages: Pages, place: Town) -> None:
    people = [Person(place) for _ in range(PAGE_ROWS + 3)]
    for person in people:
        person.send("one of many")
    pages.sync()
    first, second = pages.get("/inbox"), pages.get("/inbox?page=1")
    seen = [re.findall(r'id="row-([0-9a-f]{32})"', page.text) for page in (first, second)]
    assert [len(rows) for rows in seen] == [PAGE_ROWS, 3]
    assert {*seen[0], *seen[1]} == {person.id for person in people}
    assert "Further down the list" in words(first)
    assert "Earlier in the list" in words(second)
    assert pages.get("/inbox?page=99999999999999").status_code == 200
    assert pages.get("/inbox?page=-1&state=nonsense&label=x&found=y").status_code == 200


@pytest.mark.parametrize("query", ["па", "паспорт", "ПАСПОРТ"])
def test_search_in_any_script(pages: Pages, place: Town, query: str) -> None:
    person = wrote(place, pages, "У меня забрали паспорт.")
    wrote(place, pages, "Nothing of the kind.")
    found = pages.post("/search", q=query)
    assert re.findall(r'id="row-([0-9a-f]{32})"', found.text) == [person.id]
    part = pages.client.post("/search", data={"q": query}, headers={"HX-Request": "true", "Origin": ORIGIN})
    assert person.id in part.text
    assert "<html" not in part.text


def test_a_search_is_forgotten_with_the_process(pages: Pages) -> None:
    assert "This search was forgotten" in words(pages.get("/inbox?found=0123456789abcdef"))


def test_next_opens_who_waits_longest(pages: Pages, place: Town) -> None:
    first = wrote(place, pages, "first")
    place.clock.seconds += 60
    second = wrote(place, pages, "second")
    assert pages.get("/next", follow_redirects=False).headers["location"] == f"/c/{first.id}"
    assert pages.get(f"/next?but={first.id}", follow_redirects=False).headers["location"] == f"/c/{second.id}"


def test_opening_marks_as_read_and_a_quiet_poll_does_not(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    assert pages.part(f"/c/{person.id}").status_code == 200
    assert pages.keeper.desk.conversation(person.id).row.unread
    pages.get(f"/c/{person.id}")
    assert not pages.keeper.desk.conversation(person.id).row.unread


@pytest.mark.parametrize("path", ["/now", "/inbox", "/outbox", "/status"])
def test_one_view_answers_page_and_part(pages: Pages, path: str) -> None:
    part = pages.part(path)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["vary"]
    assert pages.part(path, **{"Desk-Have": part.headers["desk-version"]}).status_code == 204
    assert "<html" in pages.get(path).text


def test_the_centre_page_gives_link_words_and_picture(pages: Pages, place: Town) -> None:
    centre = pages.keeper.desk.centre()
    shown = pages.get("/centre/door")
    assert centre.door_link in words(shown)
    for listed in centre.fingerprint_words.values():
        assert all(f"<li>{word}</li>" in shown.text for word in listed)
    picture = pages.get("/centre/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "<svg" in picture.text


def test_another_door_is_kept_and_a_wrong_one_stands_there_again(pages: Pages) -> None:
    before = pages.keeper.desk.centre().door_url
    refused = pages.post("/centre/door", door_url="https://door.example/path", socks="127.0.0.1:9050")
    assert "Write the door's address as it stands in a browser" in words(refused)
    assert 'value="https://door.example/path"' in refused.text
    assert pages.keeper.desk.centre().door_url == before
    pages.post("/centre/door", door_url="door.example", socks="127.0.0.1:9050")
    centre = pages.keeper.desk.centre()
    assert (centre.door_url, centre.socks) == ("https://door.example", "127.0.0.1:9050")


def test_the_passphrase_is_changed(pages: Pages) -> None:
    new = "eleven slow wagons"
    assert "not the same" in words(pages.post("/centre/passphrase", old=PASSPHRASE, new=new, again="x"))
    assert "does not open" in words(pages.post("/centre/passphrase", old="wrong one", new=new, again=new))
    assert "only the new" in words(pages.post("/centre/passphrase", old=PASSPHRASE, new=new, again=new))
    pages.post("/lock")
    assert "Locked" in words(pages.post("/unlock", passphrase=PASSPHRASE))
    assert "Now" in words(pages.post("/unlock", passphrase=new))


def test_unknown_addresses_are_neutral(pages: Pages) -> None:
    assert pages.get("/nonsense").status_code == 404
    missing = pages.get(f"/c/{'0' * 32}")
    assert missing.status_code == 404
    assert "There is no such conversation here." in words(missing)
    assert pages.client.delete("/now", headers={"Origin": ORIGIN}).status_code == 405


def test_the_language_is_chosen_on_the_page(pages: Pages, place: Town) -> None:
    wrote(place, pages, "hello")
    place.clock.seconds += 3 * 3_600
    shown = pages.post("/language", language="ru", back="/now")
    assert str(shown.url).endswith("/now")
    assert "ждёт 3 ч" in words(shown)
    assert '<html lang="ru" dir="ltr"' in shown.text
    elsewhere = pages.send("/language", language="en", back="//evil.example/")
    assert elsewhere.headers["location"] == "/"


@pytest.mark.parametrize("path", PLACES)
def test_every_field_is_without_autocomplete(pages: Pages, place: Town, path: str) -> None:
    person = wrote(place, pages, "hello")
    pages.post(f"/c/{person.id}/label", add="one")
    for text in (pages.get(path).text, pages.get(f"/c/{person.id}").text):
        fields = re.findall(r"<(?:form|input|textarea)\b[^>]*>", text)
        assert fields
        assert all('autocomplete="off"' in field for field in fields)


def test_answers_show_how_far_they_have_come(pages: Pages, place: Town) -> None:
    person = wrote(place, pages, "hello")
    pages.post(f"/c/{person.id}/answer", text="one")
    pages.sync()
    place.clock.seconds += 60
    person.send(action=Action.READ, last_answer=1)
    pages.sync()
    (answer,) = pages.keeper.desk.conversation(person.id).answers
    assert answer.delivery is Delivery.READ
    assert "your answers and removed them" in words(pages.get(f"/c/{person.id}"))
