"""The pages of *Centre*: a crowd, nobody, trouble, and the root on paper."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from causeway.desk.member_views import MembersView, RecoveryView
from causeway.desk.views import AlarmKind
from causeway.units import day_of
from tests.desk.pages import Pages, words, wrote
from tests.desk.people import InventedMembers, crowd, forks, id_of
from tests.desk_engine.town import PASSPHRASE, Town

PARTS = (
    *("", "/reads", "/invite", "/settle", "/aside", "/readlog", "/compare", "/door", "/laptop"),
    *("/recovery", "/recovery/share", "/recovery/use"),
)
SHARE = re.compile(r'<ol class="words share-words"[^>]*>(.*?)</ol>')
Shown = Callable[..., MembersView]


@pytest.fixture
def shown(pages: Pages, place: Town, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Have the pages show an invented centre; a real one takes months to come into these states."""
    person = wrote(place, pages, "hello")

    def show(**changes: Any) -> MembersView:
        today = day_of(place.clock())
        view = dataclasses.replace(crowd(today=today, conversation=person.id), **changes)
        invented = InventedMembers(view, today=today, conversation=person.id)
        monkeypatch.setattr(pages.keeper.desk, "members", invented)
        return view

    return show


def raise_(pages: Pages, kind: AlarmKind) -> None:
    pages.keeper.desk._parts.alarms.raise_(kind)


def order(text: str, *sentences: str) -> None:
    places = [text.index(sentence) for sentence in sentences]
    assert places == sorted(places)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_crowd_and_nobody_are_shown_alike(pages: Pages, shown: Shown, part: str, language: str) -> None:
    pages.post("/language", language=language, back="/now")
    alone = words(pages.get(f"/centre{part}"))
    view = shown()
    many = pages.get(f"/centre{part}")
    assert many.status_code == 200
    for text in (alone, words(many)):
        assert "None" not in text
        assert "{" not in text
    fields = re.findall(r"<(?:form|input|textarea|select)\b[^>]*>", many.text)
    assert all('autocomplete="off"' in field or 'type="radio"' in field for field in fields)
    if not part:
        assert all(f"<bdi>{member.name}</bdi>" in many.text for member in view.members)


@pytest.mark.parametrize("number", [0, 3, 4, 5])
def test_every_member_has_a_page(pages: Pages, shown: Shown, number: int) -> None:
    member = shown().members[number]
    text = words(pages.get(f"/centre/m/{member.id}"))
    assert text.count("Words by which to know it") == len(member.devices)
    assert ("Look at what removing does" in text) is (number != 0)
    for path in (f"/centre/m/{member.id}/remove", f"/centre/d/{member.devices[-1].id}/lost"):
        assert "4,812 cases" in words(pages.get(path))


def test_a_laptop_of_the_coordinators_own_that_signs_has_no_button(pages: Pages, shown: Shown) -> None:
    member = shown().members[0]
    text = pages.get(f"/centre/m/{member.id}").text
    assert f"/centre/d/{member.devices[0].id}/lost" not in text
    assert f"/centre/d/{member.devices[1].id}/lost" in text


def test_what_is_alarming_comes_first(pages: Pages, shown: Shown, place: Town) -> None:
    shown(forks=forks(today=day_of(place.clock())), rotation_waits=True)
    for kind in (AlarmKind.HEADS_DIFFER, AlarmKind.ROOT_USED, AlarmKind.APPOINTMENT_ENDS):
        raise_(pages, kind)
    order(
        words(pages.get("/centre")),
        "There are two lists of members",
        "The root of the centre was used.",
        "Two desks do not have the same",
        "may sign for the centre ends soon",
        "New keys for everybody who remains",
        "Priya was invited.",
        "Six words wait to be compared with Priya.",
        "2 things were set apart by two members.",
        "14 entries of somebody who is gone",
        "2 laptops have been silent for long: Tomas, Lev.",
        "2 things were refused",
        "The root of the centre still lies on this laptop alone.",
        "30 members, 64 laptops",
    )
    assert "danger" not in pages.get("/centre").text.split("<main")[1]


def test_where_nothing_asks_it_says_so(pages: Pages, shown: Shown) -> None:
    view = shown()
    shares = dataclasses.replace(view.shares, root_here=False)
    shown(invitations=(), conflicts=(), aside=(), shares=shares, members=view.members[:3])
    assert "Nothing here asks for you." in words(pages.get("/centre"))


@pytest.mark.parametrize(
    "kind",
    [
        AlarmKind.ROOT_USED,
        AlarmKind.ROSTER_FORKED,
        AlarmKind.WORDS_DIFFER,
        AlarmKind.HEADS_DIFFER,
        AlarmKind.CHAIN_FORKED,
        AlarmKind.CAPABILITY_REFUSED,
        AlarmKind.REVOKED,
    ],
)
def test_each_grave_alarm_is_framed_on_the_centre_page(pages: Pages, kind: AlarmKind) -> None:
    raise_(pages, kind)
    assert re.search(r'<li class="alarm">\s*<p><strong>[A-Z]', pages.get("/centre").text)


def test_who_came_and_went_stands_below_the_alarms(pages: Pages) -> None:
    for kind in (AlarmKind.JOINED, AlarmKind.REMOVED, AlarmKind.BOARD_OLDER):
        raise_(pages, kind)
    text = words(pages.get("/now"))
    order(
        text,
        "The door shows older answers",
        "1 new laptop reads here from now on.",
        "1 member or laptop was taken off.",
    )


def test_nothing_is_offered_where_it_is_not_done(pages: Pages, shown: Shown) -> None:
    view = shown(coordinator=False)
    for path in ("/centre", "/centre/invite", f"/centre/m/{view.members[1].id}"):
        page = pages.get(path)
        assert "That is with Mira." in words(page)
        forms = re.findall(r'action="(/centre[^"]*)"', page.text)
        assert forms == []


def test_unknown_people_and_laptops_are_neutral(pages: Pages) -> None:
    for path in ("m/{}", "m/{}/remove", "d/{}/lost", "i/{}", "gone/{}"):
        assert pages.get(f"/centre/{path.format(id_of(12345))}").status_code == 404


def test_names_never_become_markup(pages: Pages, shown: Shown) -> None:
    view = shown()
    bad = dataclasses.replace(view.members[1], name="<img src=x>{{7*7}}%(x)s")
    shown(members=(view.members[0], bad))
    for path in ("/centre", f"/centre/m/{bad.id}", f"/centre/m/{bad.id}/remove", "/centre/reads"):
        text = pages.get(path).text
        assert "<img src=x" not in text
        assert "&lt;img src=x&gt;{{7*7}}%(x)s" in text


# ---- The root ----


def share_of(text: str) -> str:
    (found,) = SHARE.findall(text)
    listed = re.findall(r"<li>(\w+)</li>", found)
    assert len(listed) == 33
    return " ".join(listed)


def handed_out(pages: Pages) -> list[str]:
    """All three shares of a centre's root, each from the page that shows it alone."""
    shares = [share_of(pages.post("/centre/recovery/begin", of="2-3").text)]
    for number in (1, 2):
        shares.append(share_of(pages.post("/centre/recovery/next", number=str(number)).text))
    return shares


def asked_back(text: str) -> int:
    (found,) = re.findall(r"The words of share (\d)", text)
    return int(found)


def test_shares_are_shown_one_at_a_time_and_the_root_leaves(pages: Pages) -> None:
    assert "On this laptop, and nowhere else." in words(pages.get("/centre/recovery"))
    shares = handed_out(pages)
    assert len(set(shares)) == 3
    # A form that is sent twice, or an older page that is sent again, loses no share.
    assert share_of(pages.post("/centre/recovery/next", number="1").text) == shares[2]
    assert share_of(pages.get("/centre/recovery/share").text) == shares[2]
    asking = pages.post("/centre/recovery/next", number="3")
    assert SHARE.search(asking.text) is None
    number = asked_back(words(asking))
    wrong = pages.post("/centre/recovery/check", text=shares[number - 1].replace(" ", " x", 1))
    assert "a word is missing, or is another than on the paper" in words(wrong)
    other = pages.post("/centre/recovery/check", text=shares[number % 3])
    assert "not the one that is asked for" in words(other)
    assert pages.keeper.desk.members.view().shares.root_here
    done = words(pages.post("/centre/recovery/check", text=shares[number - 1]))
    assert "this laptop has it no longer" in done
    assert "3 shares, of which any 2 make it again" in done
    assert not pages.keeper.desk.members.view().shares.root_here


def test_a_lock_takes_the_share_from_the_screen(pages: Pages) -> None:
    first = share_of(pages.post("/centre/recovery/begin", of="2-3").text)
    pages.keeper.close()
    pages.post("/unlock", passphrase=PASSPHRASE)
    pages.keeper.desk.stop_sync()
    assert SHARE.search(pages.get("/centre/recovery/share").text) is None
    assert share_of(pages.post("/centre/recovery/begin", of="2-3").text) != first
    assert "Burn what was written" in words(pages.post("/centre/recovery/stop"))
    assert pages.keeper.share is None


def test_the_root_is_made_again_and_every_desk_is_told(pages: Pages) -> None:
    shares = handed_out(pages)
    number = asked_back(words(pages.post("/centre/recovery/next", number="3")))
    pages.post("/centre/recovery/check", text=shares[number - 1])
    assert "it takes no shares" not in words(pages.get("/centre/recovery/use"))
    one = pages.post(
        "/centre/recovery/share",
        text="\n".join(f"{at}. {word}" for at, word in enumerate(shares[0].split(), 1)),
    )
    assert "1 of 2 are typed" in words(one)
    assert "a word is missing" in words(pages.post("/centre/recovery/share", text="academic acid"))
    assert "What shall the root do?" in words(pages.post("/centre/recovery/share", text=shares[2]))
    assert "Please choose what the root shall do." in words(pages.post("/centre/recovery/use", do="nonsense"))
    assert "Done. Every desk is told" in words(pages.post("/centre/recovery/use", do="renew"))
    pages.sync()
    assert "Mira : renewed the appointment" in words(pages.get("/centre/recovery"))
    assert "The root of the centre was used" in words(pages.get("/now"))


def test_two_lists_are_told_apart_before_one_is_chosen(pages: Pages, shown: Shown, place: Town) -> None:
    both = forks(today=day_of(place.clock()))
    shown(forks=both, recovery=RecoveryView(typed=2, needed=2))
    assert "List 2 : signed on the laptop of Ilse" in words(pages.get("/centre/recovery"))
    use = pages.get("/centre/recovery/use").text
    assert all(f'value="choose-{one.hash}"' in use for one in both)
    assert "appoint" not in use.split("<fieldset")[1]


def test_wrong_choices_come_back_as_sentences(pages: Pages, place: Town) -> None:
    wrote(place, pages, "hello")
    assert "it takes no shares" in words(pages.get("/centre/recovery/use"))
    assert (
        pages.post("/centre/settle", conversation="x", register="labels", entry="y").url.path
        == "/centre/settle"
    )
    assert pages.post("/centre/aside", aside="x").url.path == "/centre/aside"
    assert pages.post("/centre/recovery/check", text="x").url.path == "/centre/recovery/share"
