"""A second member comes in through the pages of two real desks, and what can go wrong on the way."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import pytest

from causeway.desk.member_views import JoiningStep
from causeway.desk.views import AlarmKind
from causeway.desk.web.keeper import State
from causeway.units import DAY_SECONDS
from tests.desk.pages import Pages, new_pages, words, wrote
from tests.desk_engine.town import PASSPHRASE, Town

PASSAGE = re.compile(r'<textarea class="passage"[^>]*>([^<]*)</textarea>')
OTHER_PASSPHRASE = "seven quiet ferries"


def passage(text: str) -> str:
    """The text to send that stands on a page."""
    (found,) = PASSAGE.findall(text)
    return html.unescape(found)


def six(text: str) -> list[str]:
    """The six words in the page's own list."""
    (shown,) = re.findall(r'<ol class="words large"[^>]*>(.*?)</ol>', text)
    found = re.findall(r"<li>([^<]+)</li>", shown)
    assert len(found) == 6
    return found


def invited(pages: Pages, *, name: str = "Jonas", role: str = "caseworker") -> tuple[str, str]:
    """Invite somebody; return the invitation's page and the first text."""
    shown = pages.post("/centre/invite", name=name, role=role)
    return str(shown.url.path), passage(shown.text)


@pytest.fixture
def joiner(place: Town) -> Iterator[Pages]:
    made = new_pages(place.folder / "other", clock=place.clock)
    made.enter()
    yield made
    made.keeper.close()


def answered(joiner: Pages, invitation: str) -> str:
    """Go through the first run with an invitation; return the text to send back."""
    joiner.post("/first/invited", invitation=invitation, socks="")
    joiner.post("/first/passphrase", passphrase=OTHER_PASSPHRASE, again=OTHER_PASSPHRASE)
    until = time.monotonic() + 60
    while joiner.keeper.state is State.MAKING:
        assert time.monotonic() < until
        time.sleep(0.02)
    shown = joiner.get("/first/making")
    assert shown.url.path == "/join"
    joiner.keeper.waiting._stop()  # the door is looked at by hand
    return passage(shown.text)


def admitted(pages: Pages, joiner: Pages, *, role: str = "caseworker") -> None:
    """All of it, as it goes when nothing is wrong."""
    path, invitation = invited(pages, role=role)
    compared = pages.post(f"{path}/answer", text=answered(joiner, invitation))
    here = joiner.post("/join/opening", text=passage(compared.text))
    assert six(compared.text) == six(here.text)
    joiner.post("/join/same")
    pages.post(f"{path}/same")
    pages.sync()
    assert joiner.keeper.waiting.look()
    assert joiner.get("/join").url.path == "/now"
    joiner.keeper.desk.stop_sync()


def test_a_second_member_comes_in_and_reads(pages: Pages, place: Town, joiner: Pages) -> None:
    person = wrote(place, pages, "They took my phone.")
    path, invitation = invited(pages)
    assert "I was invited" in words(joiner.get("/"))
    answer = answered(joiner, invitation)
    compared = pages.post(f"{path}/answer", text=f"Hello, here it is:\n{answer}\n\nSent from my phone")
    assert "They are the same" in words(compared)
    here = joiner.post("/join/opening", text=passage(compared.text))
    assert "Mira invites you, as Jonas, into Lantern House. Your role: Caseworker." in words(here)
    assert six(compared.text) == six(here.text)
    assert "Waiting to be let in" in words(joiner.post("/join/same"))
    assert "Let in" in words(pages.post(f"{path}/same"))
    pages.sync()
    assert joiner.keeper.waiting.look()
    assert "You are in." in words(joiner.get("/join"))
    joiner.keeper.desk.stop_sync()
    joiner.sync()
    pages.sync()
    joiner.sync()
    assert "They took my phone." in words(joiner.get(f"/c/{person.id}"))
    assert "Jonas" in words(pages.get("/centre"))
    joiner.sync()
    pages.sync()
    assert "All is done." in words(pages.get(path))
    log = words(pages.get(f"/centre/readlog?c={person.id}"))
    code_name = pages.keeper.desk.conversation(person.id).row.code_name
    assert f"Jonas {code_name}" in log
    seen = words(joiner.get("/centre"))
    assert "roles change, on the coordinator's laptop alone. That is with Mira." in seen
    assert "Invite somebody" not in seen


def test_it_can_be_locked_at_every_step(pages: Pages, place: Town, joiner: Pages) -> None:
    path, invitation = invited(pages)
    answer = answered(joiner, invitation)
    joiner.keeper.close()
    assert joiner.keeper.state is State.LOCKED
    assert passage(joiner.post("/unlock", passphrase=OTHER_PASSPHRASE).text) == answer
    opening = passage(pages.post(f"{path}/answer", text=answer).text)
    pages.keeper.close()
    pages.post("/unlock", passphrase=PASSPHRASE)
    pages.keeper.desk.stop_sync()
    assert passage(pages.get(path).text) == opening
    shown = six(joiner.post("/join/opening", text=opening).text)
    joiner.keeper.close()
    assert six(joiner.post("/unlock", passphrase=OTHER_PASSPHRASE).text) == shown
    assert joiner.get("/now").url.path == "/join"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "none of the three texts"),
        ("causeway-answer.AAAA.", "This is a later text"),
        ("causeway-invitation.AAAA.", "altered on its way, or not copied whole"),
    ],
)
def test_the_wrong_text_at_first_run_is_named_and_stays_in_the_field(
    joiner: Pages, text: str, said: str
) -> None:
    shown = joiner.post("/first/invited", invitation=text, socks="")
    assert said in words(shown)
    assert f">{text}</textarea>" in shown.text
    assert joiner.get("/first/passphrase").url.path == "/first/names"


def test_the_wrong_text_on_either_side_is_named(pages: Pages, joiner: Pages) -> None:
    path, invitation = invited(pages)
    assert "the invitation that you sent yourself" in words(pages.post(f"{path}/answer", text=invitation))
    assert "none of the three" in words(pages.post(f"{path}/answer", text="see you"))
    answer = answered(joiner, invitation)
    assert "the answer that you sent yourself" in words(joiner.post("/join/opening", text=answer))
    assert "the invitation again" in words(joiner.post("/join/opening", text=invitation))
    assert joiner.keeper.waiting.view().step is JoiningStep.ANSWERED
    cut = answer[: len(answer) // 2] + "."
    assert "not copied whole" in words(pages.post(f"{path}/answer", text=cut))
    shown = pages.post(f"{path}/answer", text=answer)
    assert "They are the same" in words(shown)


def test_words_that_differ_let_nobody_in(pages: Pages, joiner: Pages) -> None:
    path, invitation = invited(pages)
    compared = pages.post(f"{path}/answer", text=answered(joiner, invitation))
    joiner.post("/join/opening", text=passage(compared.text))
    shown = pages.post(f"{path}/differ")
    assert "Nobody was let in." in words(shown)
    assert shown.text.index("the six words were not the same") < shown.text.index("1 member")
    assert AlarmKind.WORDS_DIFFER in {alarm.kind for alarm in pages.keeper.desk.sync_view().alarms}
    assert pages.get(path).status_code == 404
    begun_anew = joiner.post("/join/differ")
    assert "The keys of this desk are destroyed" in words(begun_anew)
    assert begun_anew.url.path == "/first"
    assert joiner.keeper.state is State.NEW


def test_an_invitation_runs_out(pages: Pages, place: Town, joiner: Pages) -> None:
    path, invitation = invited(pages)
    place.clock.seconds += 8 * DAY_SECONDS
    shown = words(pages.get(path))
    assert "ran out on" in shown
    assert "Invite again" in shown
    assert "has run out" in words(joiner.post("/first/invited", invitation=invitation, socks=""))
    pages.post(f"{path}/forget")
    assert pages.get(path).status_code == 404


def test_a_name_and_a_role_are_needed_and_stay(pages: Pages) -> None:
    shown = pages.post("/centre/invite", name="  Jonas ", role="")
    assert "Please write a name" in words(shown)
    assert 'value="Jonas"' in shown.text
    assert "in the centre already" in words(pages.post("/centre/invite", name="mira", role="intake"))


def test_a_member_goes_and_what_they_had_is_said(pages: Pages, place: Town, joiner: Pages) -> None:
    person = wrote(place, pages, "We sleep in the station.")
    admitted(pages, joiner)
    (member,) = [one for one in pages.keeper.desk.members.view().members if not one.mine]
    asked = pages.get(f"/centre/m/{member.id}/remove")
    assert "1 case was open to them" in words(asked)
    assert "Nobody was removed" in words(pages.post(f"/centre/m/{member.id}/remove", name="Somebody"))
    done = pages.post(f"/centre/m/{member.id}/remove", name="jonas")
    assert "Jonas is removed" in words(done)
    assert person.id in done.text
    assert "Jonas is removed" in words(pages.get(str(done.url.path)))
    assert pages.get(f"/centre/m/{member.id}").status_code == 404
    pages.keeper.close()
    pages.post("/unlock", passphrase=PASSPHRASE)
    pages.keeper.desk.stop_sync()
    assert "forgotten when the desk was locked" in words(pages.get(str(done.url.path)))


def test_a_lost_laptop_goes_in_one_action(pages: Pages, joiner: Pages) -> None:
    admitted(pages, joiner)
    (member,) = [one for one in pages.keeper.desk.members.view().members if not one.mine]
    (device,) = member.devices
    assert "Take this laptop off now" in words(pages.get(f"/centre/d/{device.id}/lost"))
    assert "is taken off" in words(pages.post(f"/centre/d/{device.id}/lost"))
    assert "no laptop: reads nothing" in words(pages.get("/centre"))


def test_one_case_is_opened_to_a_partner_for_a_while(pages: Pages, place: Town, joiner: Pages) -> None:
    person = wrote(place, pages, "Please ask the doctor.")
    admitted(pages, joiner, role="partner")
    path = f"/c/{person.id}/readers"
    before = words(pages.get(path))
    assert "1 member Mira Coordinator · you by the role" in before
    (member,) = [one for one in pages.keeper.desk.members.view().members if not one.mine]
    assert "Please choose to whom." in words(pages.post(path, member="", days="7"))
    given = words(pages.post(path, member=member.id, days="30"))
    assert "2 members" in given
    assert "Jonas Partner opened by name, until" in given
    shown = pages.get(f"/centre/m/{member.id}")
    (case,) = re.findall(r'name="case" value="([0-9a-f]{32})"', shown.text)
    pages.post(f"/centre/m/{member.id}/end-grant", case=case)
    assert "1 member" in words(pages.get(path))


def test_another_role_says_what_was_open(pages: Pages, place: Town, joiner: Pages) -> None:
    wrote(place, pages, "hello")
    admitted(pages, joiner)
    (member,) = [one for one in pages.keeper.desk.members.view().members if not one.mine]
    path = f"/centre/m/{member.id}"
    assert "same as before" in words(pages.post(f"{path}/role", role="caseworker"))
    less = pages.post(f"{path}/role", role="analyst")
    assert less.url.path.startswith("/centre/gone/")
    assert "Jonas has another role" in words(less)
    assert "The role is changed." in words(pages.post(f"{path}/role", role="intake"))


def test_two_desks_that_have_the_same_show_the_same_words(pages: Pages, joiner: Pages) -> None:
    admitted(pages, joiner)
    for one in (joiner, pages, joiner, pages, joiner):
        one.sync()
    begun = pages.post("/centre/compare", begin="1")
    salt, mine = re.findall(r'<ol class="words large"[^>]*>(.*?)</ol>', begun.text)
    spoken = " ".join(re.findall(r"<li>([^<]+)</li>", salt))
    heard = joiner.post("/centre/compare", salt=spoken)
    assert six(heard.text) == re.findall(r"<li>([^<]+)</li>", mine)
    assert spoken.split()[0] not in str(heard.url)
    assert "Type the two words" in words(joiner.post("/centre/compare", salt="one"))
    assert heard.url.path == "/centre/compare"


def test_what_two_members_set_apart_is_settled(pages: Pages, place: Town, joiner: Pages) -> None:
    person = wrote(place, pages, "Which city?")
    admitted(pages, joiner)
    for one in (joiner, pages, joiner):
        one.sync()
    joiner.post(f"/c/{person.id}/label", add="north")
    pages.post(f"/c/{person.id}/label", add="south")
    for one in (joiner, pages, joiner):
        one.sync()
    assert "1 thing was set apart by two members." in words(pages.get("/centre"))
    assert "1 thing was set apart by two members." in words(pages.get("/now"))
    shown = pages.get("/centre/settle")
    assert {"north", "south"} <= set(re.findall(r'<p class="text" dir="auto">([^<]+)</p>', shown.text))
    (form,) = [
        one for one in re.findall(r"<form.*?</form>", shown.text, re.S) if "Keep this one: north" in one
    ]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert "Settled" in words(pages.post("/centre/settle", **fields))
    for one in (pages, joiner):
        one.sync()
        assert one.keeper.desk.conversation(person.id).row.labels == ("north",)
        assert "Nothing is set apart." in words(one.get("/centre/settle"))
