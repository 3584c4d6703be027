"""Letting somebody in: three texts to and fro, six words on a call, on the side of whoever invites."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from causeway.desk.member_views import InvitationStep, InvitationView
from causeway.desk.web.centre_frame import NotThere, show_centre, today_of
from causeway.desk.web.page import Page
from causeway.desk.web.pages_first import NAME_LENGTH_MAX
from causeway.record.invitation import Pasted

__all__ = ["ask", "differ", "forget", "invite", "invite_laptop", "same", "show", "take_answer", "wrong_text"]

_MARK: Final = re.compile("causeway-(" + "|".join(Pasted) + r")\b")


def wrong_text(page: Page, text: str, *, wanted: Pasted) -> str:
    """Return which other text was pasted, and which one is wanted; nothing if it may be that one."""
    marks = set(_MARK.findall(re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]", "", text)))
    if wanted in marks:
        return ""
    if not marks:
        return page.sentence("This is none of the three texts. Copy the whole message that you were sent.")
    match wanted:
        case Pasted.INVITATION:
            return page.sentence(
                "This is a later text. Wanted here is the first one, which begins with causeway-invitation."
            )
        case Pasted.ANSWER if Pasted.INVITATION in marks:
            return page.sentence(
                "This is the invitation that you sent yourself. Wanted here is what came back: "
                "it begins with causeway-answer."
            )
        case Pasted.ANSWER:
            return page.sentence(
                "This is a text that you send. Wanted here is what came back: it begins with causeway-answer."
            )
        case _ if Pasted.ANSWER in marks:
            return page.sentence(
                "This is the answer that you sent yourself. Wanted here is the text that they send after it: "
                "it begins with causeway-opening."
            )
        case _:
            return page.sentence(
                "This is the invitation again. Wanted here is the text that they send after your answer: "
                "it begins with causeway-opening."
            )


def ask(page: Page) -> Response:
    """A name and a role."""
    fields = {"name": "", "role": ""} | page.kept()
    return show_centre(
        page,
        "centre_invite.html",
        people=page.desk.members.view(),
        fields=fields,
        length_max=NAME_LENGTH_MAX,
    )


def invite(page: Page) -> Response:
    """Make the first text."""
    name, role = page.form.line("name"), page.form.line("role")
    page.keep("/centre/invite", {"name": name, "role": role})
    if not name or len(name) > NAME_LENGTH_MAX or not role:
        page.warn(page.sentence("Please write a name, and choose what they will do."))
        return page.go("/centre/invite")
    invitation = page.desk.members.invite(name, role=role)
    page.keep("/centre/invite", {})
    return page.go(f"/centre/i/{invitation.id}")


def invite_laptop(page: Page) -> Response:
    """Make the first text for a further laptop of a member."""
    return page.go(f"/centre/i/{page.desk.members.invite_device(page.part('id')).id}")


def show(page: Page) -> Response:
    """One invitation: the step that is its turn."""
    people = page.desk.members.view()
    one = _found(page, people.invitations)
    values = {"one": one, "later": page.asked("step") == "2"}
    if page.fragment:
        beside = {"sync": page.desk.sync_view(), "centre": page.desk.centre(), "today": today_of(page)}
        return page.show_part("centre_invitation_part.html", **values, **beside)
    reads = next((role.reads for role in people.roles if role.role == one.role), ())
    return show_centre(page, "centre_invitation.html", people=people, reads=reads, **values)


def take_answer(page: Page) -> Response:
    """Take what came back."""
    text, here = page.form.text("text"), f"/centre/i/{page.part('id')}"
    problem = wrong_text(page, text, wanted=Pasted.ANSWER)
    if problem:
        page.warn(problem)
        return page.go(f"{here}?step=2")
    taken = page.desk.members.take_answer(text)
    if taken.id != page.part("id"):
        page.say(page.sentence("This answers another invitation than the one that was on the screen."))
    return page.go(f"/centre/i/{taken.id}")


def same(page: Page) -> Response:
    """Let them in."""
    page.desk.members.words_same(page.part("id"))
    return page.go(f"/centre/i/{page.part('id')}")


def differ(page: Page) -> Response:
    """Throw all of it away."""
    if _found(page, page.desk.members.view().invitations).step is InvitationStep.COMPARING:
        page.desk.members.words_differ(page.part("id"))
    page.warn(
        page.sentence(
            "Nobody was let in. Tell them, on the same call, that their new desk has to begin again. Use "
            "another messenger, and take it that the first one is read along and altered."
        )
    )
    return page.go("/centre")


def forget(page: Page) -> Response:
    """Throw an invitation away that nobody has answered."""
    page.desk.members.forget_invitation(page.part("id"))
    page.say(page.sentence("The invitation is thrown away. An answer to it is no longer taken."))
    return page.go("/centre")


def _found(page: Page, invitations: tuple[InvitationView, ...]) -> InvitationView:
    for one in invitations:
        if one.id == page.part("id"):
            return one
    raise NotThere("There is no such invitation, or not any more.")
