"""`causeway centre status`, `members`, `role`, `remove`, `revoke`, `grant` and `end-grant`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from causeway.cli.centre_desk import Centre, find_device, find_member, pass_centre
from causeway.desk.engine import Desk
from causeway.desk.member_views import DeviceView, MembersView, RemovalView
from causeway.record.roster import Role
from causeway.units import Day, day_from_date, day_to_date

__all__ = ["end_grant", "grant", "members", "remove", "revoke", "role", "status"]


def _day(day: Day | None) -> str | None:
    return None if day is None else day_to_date(day).isoformat()


# ---- Looking ----


@click.command("status")
@pass_centre
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--sync/--no-sync", default=True, show_default=True, help="Reach the relay first.")
def status(centre: Centre, *, as_json: bool, sync: bool) -> None:
    """Say how the centre stands: alarms, what waits, what has to be settled."""
    with centre.open() as desk:
        if sync:
            desk.sync_round()
        found = _status(desk)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' ')}: {_plain(value)}")


def _plain(value: Any) -> str:
    match value:
        case list():
            return ", ".join(value) or "none"
        case bool():
            return "yes" if value else "no"
        case None:
            return "-"
        case _:
            return str(value)


def _status(desk: Desk) -> dict[str, Any]:
    view, sync = desk.members.view(), desk.sync_view()
    return {
        "centre": desk.centre().name,
        "role": view.my_role,
        "coordinator": view.coordinator,
        "roster_version": view.version,
        "members": len(view.members),
        "laptops": sum(len(one.devices) for one in view.members),
        "invitations": len(view.invitations),
        "alarms": sorted({alarm.kind.value for alarm in sync.alarms}),
        "waiting": sync.waiting,
        "aside": sync.aside,
        "conflicts": len(view.conflicts),
        "roster_forked": bool(view.forks),
        "rotation_waits": view.rotation_waits,
        "root_here": view.shares.root_here,
        "shares": f"{view.shares.k} of {view.shares.n}" if view.shares.made else None,
        "reached": sync.reached,
    }


@click.command("members")
@pass_centre
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def members(centre: Centre, *, as_json: bool) -> None:
    """List members, what each reads, and their laptops."""
    with centre.open() as desk:
        view = desk.members.view()
    if as_json:
        click.echo(json.dumps(_listed(view), indent=2, ensure_ascii=False))
        return
    for member in view.members:
        click.echo(f"{member.id[:8]}  {member.name} ({member.role}) reads: {', '.join(member.reads)}")
        for one in member.devices:
            mark = " (this one)" if one.mine else ""
            signs = " (signs the list of members)" if one.coordinator else ""
            click.echo(f"    {one.id[:8]}  {one.health}, last seen {_day(one.last_seen) or '-'}{mark}{signs}")
        for one_grant in member.grants:
            until = _day(one_grant.last_day) or "without end"
            click.echo(f"    may read {one_grant.code_name or one_grant.case[:8]} until {until}")


def _listed(view: MembersView) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": one.name,
            "role": one.role,
            "reads": list(one.reads),
            "laptops": [_laptop(device) for device in one.devices],
            "grants": [
                {"case": grant.case, "code_name": grant.code_name, "last_day": _day(grant.last_day)}
                for grant in one.grants
            ],
        }
        for one in view.members
    ]


def _laptop(device: DeviceView) -> dict[str, Any]:
    return {
        "id": device.id,
        "mine": device.mine,
        "coordinator": device.coordinator,
        "health": device.health.value,
        "last_seen": _day(device.last_seen),
        "last_checkpoint": _day(device.last_checkpoint),
        "behind": device.behind,
    }


# ---- Changing ----


def _say(removal: RemovalView) -> None:
    for sentence in removal.said:
        click.echo(str(sentence))


@click.command("role")
@pass_centre
@click.argument("member")
@click.argument("new", metavar="ROLE", type=click.Choice([one.value for one in Role]))
def role(centre: Centre, *, member: str, new: str) -> None:
    """Give MEMBER another role."""
    with centre.changing() as desk:
        removal = desk.members.change_role(find_member(desk.members.view(), member).id, new)
        if removal is not None:
            _say(removal)


@click.command("remove")
@pass_centre
@click.argument("member")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(centre: Centre, *, member: str, yes: bool) -> None:
    """Take MEMBER and all of their laptops off, and say what they have had open."""
    with centre.changing() as desk:
        found = find_member(desk.members.view(), member)
        _say(desk.members.preview_removal(found.id))
        if not yes:
            click.confirm(f"Take {found.name} off?", abort=True, err=True)
        done = desk.members.remove_member(found.id)
        said = f"{done.name} is off, with {done.devices} laptops. {done.bytes_queued:,} bytes leave."
        click.echo(said, err=True)


@click.command("revoke")
@pass_centre
@click.argument("laptop")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(centre: Centre, *, laptop: str, yes: bool) -> None:
    """Take a lost LAPTOP off; it destroys what it holds when it next looks."""
    with centre.changing() as desk:
        member, device = find_device(desk.members.view(), laptop)
        _say(desk.members.preview_revocation(device.id))
        if not yes:
            click.confirm(f"Take this laptop of {member.name} off?", abort=True, err=True)
        done = desk.members.revoke_device(device.id)
        click.echo(f"It is off. {done.bytes_queued:,} bytes leave.", err=True)


@click.command("grant")
@pass_centre
@click.argument("member")
@click.argument("conversation")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day, in UTC.")
def grant(centre: Centre, *, member: str, conversation: str, until: datetime) -> None:
    """Let MEMBER read one CONVERSATION (its 32 digits) until a day."""
    with centre.changing() as desk:
        found = find_member(desk.members.view(), member)
        desk.members.grant(found.id, conversation=conversation, last_day=day_from_date(until.date()))


@click.command("end-grant")
@pass_centre
@click.argument("member")
@click.argument("case")
def end_grant(centre: Centre, *, member: str, case: str) -> None:
    """Take a grant on CASE (see `members --json`) back from MEMBER."""
    with centre.changing() as desk:
        desk.members.end_grant(find_member(desk.members.view(), member).id, case=case)
