"""Who gets an answer, and what no answer goes without. Every route of the table is walked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from causeway.desk.web.forms import BODY_BYTES_MAX
from causeway.desk.web.guard import HEADERS
from causeway.desk.web.keeper import State
from causeway.desk.web.routes import ROUTES
from tests.desk.pages import AUTHORITY, ORIGIN, SAME, Pages, new_pages

ADDRESSES = [
    (
        route.method,
        re.sub(r"{(?:id|file):id}", "0" * 32, route.path)
        .replace("{kind:kind}", "forced")
        .replace("{number:int}", "0"),
    )
    for route in ROUTES
]
ALL = [*ADDRESSES, ("GET", "/open"), ("GET", "/static/desk.css"), ("GET", "/nothing"), ("POST", "/nothing")]
CHANGING = [path for method, path in ADDRESSES if method == "POST"]


@pytest.fixture
def shut(tmp_path: Path) -> Pages:
    """A desk that is not made yet; somebody was let in."""
    made = new_pages(tmp_path / "desk")
    made.enter()
    return made


def ask(client: TestClient, method: str, path: str, **headers: str | None) -> int:
    request = client.build_request(method, path, headers={**SAME})
    for name, value in headers.items():
        key = name.replace("_", "-")
        if value is None:
            request.headers.pop(key, None)
        else:
            request.headers[key] = value
    return client.send(request, follow_redirects=False).status_code


@pytest.mark.parametrize(("method", "path"), ALL)
def test_no_answer_goes_without_its_headers(shut: Pages, method: str, path: str) -> None:
    for client in (shut.client, shut.another_browser()):
        answer = client.request(method, path, headers=SAME, follow_redirects=False)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "server" not in answer.headers


def test_the_policy_allows_nothing_but_our_own() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}
    assert {"frame-ancestors", "base-uri", "form-action"} <= set(rules)


@pytest.mark.parametrize(("method", "path"), ALL)
@pytest.mark.parametrize(
    "host",
    [f"localhost:{AUTHORITY.split(':')[1]}", "127.0.0.1", "127.0.0.1:1", "evil.example", f"{AUTHORITY}."],
)
def test_another_host_is_refused(shut: Pages, method: str, path: str, host: str) -> None:
    assert ask(shut.client, method, path, host=host) == 421


@pytest.mark.parametrize(("method", "path"), [pair for pair in ALL if pair[1] != "/open"])
def test_without_the_cookie_nothing_is_shown(shut: Pages, method: str, path: str) -> None:
    stranger = shut.another_browser()
    assert ask(stranger, method, path) == 403
    assert ask(stranger, method, path, cookie="desk=guess") == 403
    assert ask(stranger, method, path, cookie='desk="\x01;;=') == 403


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "", f"{ORIGIN}/"]
)
def test_what_changes_something_needs_our_origin(shut: Pages, path: str, origin: str | None) -> None:
    assert ask(shut.client, "POST", path, origin=origin) == 403


@pytest.mark.parametrize(("method", "path"), [pair for pair in ALL if pair[1] != "/open"])
@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_other_pages_can_ask_for_nothing(shut: Pages, method: str, path: str, site: str) -> None:
    assert ask(shut.client, method, path, sec_fetch_site=site) == 403


def test_the_token_opens_once(tmp_path: Path) -> None:
    pages = new_pages(tmp_path / "desk")
    assert pages.get("/open?token=wrong").status_code == 403
    assert pages.get("/open").status_code == 403
    assert pages.get("/", follow_redirects=False).status_code == 403
    pages.enter()
    assert pages.get("/").status_code == 200
    second = pages.another_browser()
    spent = second.get(f"/open?token={pages.token}", follow_redirects=False)
    assert spent.status_code == 403
    assert "used already" in spent.text
    assert pages.get(f"/open?token={pages.token}", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("site", ["none", "cross-site"])
def test_the_cookie_is_for_this_window_alone(tmp_path: Path, site: str) -> None:
    pages = new_pages(tmp_path / "desk")
    headers = {"Sec-Fetch-Site": site}
    answer = pages.client.get(f"/open?token={pages.token}", headers=headers, follow_redirects=False)
    # From a file, where a strict cookie does not go along with a redirect, the page itself goes on.
    assert answer.status_code == (303 if site == "none" else 200)
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("desk=")
    assert {flag.lower() for flag in flags} == {"httponly", "samesite=strict", "path=/"}


def test_only_hashes_of_token_and_cookie_are_kept(tmp_path: Path) -> None:
    pages = new_pages(tmp_path / "desk")
    pages.enter()
    token, cookie = pages.session.kept
    assert token is None
    assert cookie is not None
    assert pages.client.cookies["desk"].encode() not in cookie


@pytest.mark.parametrize(
    ("method", "path"),
    [pair for route, pair in zip(ROUTES, ADDRESSES, strict=True) if State.NEW not in route.states],
)
def test_a_desk_that_is_not_open_shows_nothing_of_one(shut: Pages, method: str, path: str) -> None:
    answer = shut.client.request(method, path, headers=SAME, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    part = shut.client.request(method, path, headers=SAME | {"HX-Request": "true"}, follow_redirects=False)
    assert part.headers["hx-redirect"] == "/"


def test_every_route_of_the_table_says_when() -> None:
    assert len(set(ADDRESSES)) == len(ADDRESSES)
    assert all(route.states for route in ROUTES)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"centre=x", "multipart/form-data; boundary=x"),
        (b"centre=x", "text/plain"),
        (b"centre=%ff", "application/x-www-form-urlencoded"),
        (b"\xff=x", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(100)), "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * BODY_BYTES_MAX, "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_of_ours_is_refused(shut: Pages, body: bytes, kind: str) -> None:
    answer = shut.client.post("/first/names", content=body, headers=SAME | {"Content-Type": kind})
    assert answer.status_code == 400


def test_a_fault_of_ours_tells_nothing_of_the_content(
    shut: Pages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_named: object) -> str:
        raise KeyError("what somebody wrote")

    monkeypatch.setattr("causeway.desk.web.render.Renderer.render", broken)
    answer = shut.get("/first")
    assert answer.status_code == 500
    assert "somebody wrote" not in answer.text
    said = capsys.readouterr().err
    assert "KeyError" in said
    assert "somebody wrote" not in said


def test_typing_counts_as_activity_and_a_quiet_poll_does_not(tmp_path: Path) -> None:
    now = [0.0]
    pages = new_pages(tmp_path / "desk", uptime=lambda: now[0], lock_after_seconds=60)
    pages.enter()
    now[0] = 50
    pages.part("/")
    now[0] = 61
    assert pages.keeper.is_forsaken()
    pages.post("/active")
    assert not pages.keeper.is_forsaken()
    now[0] = 130
    assert ask(pages.another_browser(), "POST", "/active") == 403
    assert pages.keeper.is_forsaken()
