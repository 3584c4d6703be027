"""Files on both paths: from a form to chunks at the relay that only the message's keys open."""

from __future__ import annotations

import hashlib
import re
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from causeway.door.plain.child import UPLOADS_MAX
from causeway.sealed.chunks import chunk_id, open_chunk
from causeway.wire.attachments import CHUNK_ROOM, FILE_BYTES_MAX, Attachment, AttachmentKind, chunk_count
from causeway.wire.base64url import b64encode
from causeway.wire.intake import IntakeMessage
from causeway.wire.sizes import CHUNK_BYTES, ID_BYTES
from tests.door.parts import FINGERPRINT, Centre, Door, Reply, eventually, hidden, today

SMALL = hashlib.shake_256(b"small").digest(90_000)
LARGE = hashlib.shake_256(b"large").digest(3 * CHUNK_ROOM + 17)


def fetched(centre: Centre, file: Attachment) -> bytes:
    """What a desk would make of a file: its chunks, opened and joined."""
    whole = b""
    for number in range(chunk_count(file.size)):
        identity = chunk_id(file.key, number)
        slot = centre.get(f"/v1/slots/chunk?ids={identity.hex()}")
        assert slot[:ID_BYTES] == identity
        whole += open_chunk(slot[ID_BYTES:], file_key=file.key, number=number, size=file.size)
    return whole


def chunks_at(centre: Centre) -> int:
    return len(centre.get(f"/v1/ids/chunk/{today()}")) // ID_BYTES


def only_message(centre: Centre) -> IntakeMessage:
    (message,) = centre.messages()
    return message


# ---- Without script ----


def multipart(fields: dict[str, str], *files: tuple[str, str, bytes]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        + f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, kind, content in files
    ]
    return b"".join(parts) + b"--b--\r\n"


def send(door: Door, ticket: str, text: str, *files: tuple[str, str, bytes]) -> Reply:
    redirect = door.ask(
        "POST",
        "/send",
        body=multipart({"language": "en", "ticket": ticket, "text": text}, *files),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert redirect.status == 303, redirect
    return door.ask("GET", redirect.headers["location"])


def ticket_of(door: Door) -> str:
    return hidden(door.page("/start", language="en").text, "ticket")


def test_files_of_a_form_reach_a_desk(centre: Centre, door: Door) -> None:
    page = send(
        door,
        ticket_of(door),
        "Two papers.",
        ("C:\\папка\\снимок.jpg", "image/jpeg", SMALL),
        ("", "application/octet-stream", b""),
        ("scan.pdf", "application/pdf", LARGE),
    )
    assert "has arrived" in page.text
    message = only_message(centre)
    assert message.text == "Two papers."
    assert [(file.name, file.media_type, file.size, file.kind) for file in message.files] == [
        ("снимок.jpg", "image/jpeg", len(SMALL), AttachmentKind.FILE),
        ("scan.pdf", "application/pdf", len(LARGE), AttachmentKind.FILE),
    ]
    assert [fetched(centre, file) for file in message.files] == [SMALL, LARGE]
    assert chunks_at(centre) == 1 + chunk_count(len(LARGE))


def test_a_file_alone_is_a_message(centre: Centre, door: Door) -> None:
    send(door, ticket_of(door), "", ("a.ogg", "audio/ogg", SMALL))
    message = only_message(centre)
    assert (message.text, len(message.files)) == ("", 1)


def test_the_field_without_a_file_changes_nothing(centre: Centre, door: Door) -> None:
    ticket = ticket_of(door)
    for _ in range(2):
        send(door, ticket, "No file.", ("", "application/octet-stream", b""))
    assert only_message(centre).files == ()


def test_a_retry_is_one_message_and_another_file_is_another(centre: Centre, door: Door) -> None:
    ticket = ticket_of(door)
    for content in (SMALL, SMALL, LARGE):
        send(door, ticket, "See this.", ("a.jpg", "image/jpeg", content))
    messages = centre.messages()
    assert sorted(one.files[0].size for one in messages) == [len(SMALL), len(LARGE)]
    assert all(fetched(centre, one.files[0]) in {SMALL, LARGE} for one in messages)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([("a", "a/b", b"x")] * 9, "eight files"),
        ([("a.jpg", "image/jpeg", b"")], "larger than 25 megabytes"),
    ],
)
def test_a_file_that_can_not_go_does_not_lose_the_text(
    centre: Centre, door: Door, files: list[tuple[str, str, bytes]], problem: str
) -> None:
    page = send(door, ticket_of(door), "My text & all.", *files)
    assert problem in page.text
    assert "My text &amp; all." in page.text
    assert centre.messages() == []


@pytest.mark.slow
def test_a_file_too_large_does_not_lose_the_text(centre: Centre, door: Door) -> None:
    page = send(door, ticket_of(door), "My text.", ("a.mp4", "video/mp4", bytes(FILE_BYTES_MAX + 1)))
    assert "larger than 25 megabytes" in page.text
    assert "My text." in page.text
    assert centre.messages() == []


def test_a_file_in_a_form_that_takes_none_is_refused(shared_door: Door) -> None:
    answer = shared_door.ask(
        "POST",
        "/read",
        body=multipart({"language": "en", "words": "a"}, ("a", "a/b", b"x")),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert answer.status == 400


def permits_taken(door: Door) -> int:
    """How many record locks the door's children hold."""
    holders = {
        int(line.split()[4]) for line in Path("/proc/locks").read_text().splitlines() if "POSIX" in line
    }
    return len(holders & door.children())


def test_slow_files_leave_room_for_those_who_write(centre: Centre, door: Door) -> None:
    """Whoever holds all permits for files holds up files, and no text."""
    body = multipart({"language": "en", "ticket": "t", "text": ""}, ("a", "a/b", bytes(400_000)))
    head = (
        b"POST /send HTTP/1.1\r\nHost: d\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    ticket = ticket_of(door)
    held: list[socket.socket] = []
    try:
        for _ in range(UPLOADS_MAX):
            connection = door.connect()
            connection.sendall(head + body[:1_000])
            held.append(connection)
        assert eventually(lambda: permits_taken(door) == UPLOADS_MAX)
        refused = send(door, ticket, "Large.", ("large", "a/b", LARGE))
        assert "Too many files" in refused.text
        assert "Large." in refused.text
        assert "has arrived" in send(door, ticket, "Only text.").text
    finally:
        for connection in held:
            connection.close()
    # The kernel gives each permit back as its holder ends.
    assert eventually(lambda: permits_taken(door) == 0)
    assert "has arrived" in send(door, ticket, "Large.", ("large", "a/b", LARGE)).text


# ---- With script ----


def link(door: Door) -> str:
    host, port = door.address
    return f"http://{host}:{port}/en#{b64encode(FINGERPRINT)}"


def begin(page: Page, door: Door) -> None:
    page.goto(link(door))
    page.get_by_role("button", name="I want to write", exact=True).click()
    expect(page.locator("[data-words] li")).to_have_count(8)


def test_files_chosen_in_a_browser_reach_a_desk(
    browser: Browser, centre: Centre, door: Door, tmp_path: Path
) -> None:
    (tmp_path / "снимок 1.jpg").write_bytes(SMALL)
    (tmp_path / "scan.pdf").write_bytes(LARGE)
    (tmp_path / "wrong.txt").write_bytes(b"chosen by mistake")
    (tmp_path / "empty.txt").write_bytes(b"")
    page = browser.new_page()
    begin(page, door)
    page.locator("#text").fill("With two files.")
    page.locator("#file").set_input_files([tmp_path / "снимок 1.jpg", tmp_path / "wrong.txt"])
    rows = page.locator("[data-file-row]")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("снимок 1.jpg")
    expect(rows.nth(0)).to_contain_text("0.1 megabytes")
    assert page.locator("#file").input_value() == ""
    rows.nth(1).get_by_role("button", name="Remove").click()
    page.locator("#file").set_input_files(tmp_path / "empty.txt")
    expect(page.get_by_role("alert")).to_contain_text("larger than 25 megabytes")
    page.locator("#file").set_input_files(tmp_path / "scan.pdf")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert page.locator("#text").input_value() == "With two files."
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has arrived")
    message = only_message(centre)
    assert [(file.name, file.media_type) for file in message.files] == [
        ("снимок 1.jpg", "image/jpeg"),
        ("scan.pdf", "application/pdf"),
    ]
    assert [fetched(centre, file) for file in message.files] == [SMALL, LARGE]
    assert chunks_at(centre) == 1 + chunk_count(len(LARGE))
    page.close()


def test_an_upload_that_broke_goes_on_and_nothing_is_sent_twice(
    browser: Browser, centre: Centre, door: Door, tmp_path: Path
) -> None:
    (tmp_path / "scan.pdf").write_bytes(LARGE)
    page = browser.new_page()
    begin(page, door)
    page.locator("#file").set_input_files(tmp_path / "scan.pdf")
    expect(page.locator("[data-file-row]")).to_have_count(1)
    puts: list[str] = []

    def on_chunk(route, request) -> None:
        puts.append(request.url)
        if len(puts) == 3:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile(r"/v1/chunk/"), on_chunk)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-progress]:not(:empty)")).to_contain_text("goes on by itself")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has arrived")
    assert len(puts) == chunk_count(len(LARGE)) + 1
    assert len(set(puts)) == chunk_count(len(LARGE))
    assert fetched(centre, only_message(centre).files[0]) == LARGE
    page.close()


def test_a_voice_is_recorded_heard_and_sent(
    browser_type: BrowserType, browser_type_launch_args: dict[str, object], centre: Centre, door: Door
) -> None:
    arguments = [
        *browser_type_launch_args.get("args", []),  # type: ignore[misc]
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
    ]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})  # type: ignore[arg-type]
    page = browser.new_page()
    begin(page, door)
    page.get_by_role("button", name="Record your voice").click()
    stop = page.get_by_role("button", name="Stop recording")
    expect(stop).to_contain_text("0:02")
    stop.click()
    row = page.locator("[data-file-row]")
    expect(row).to_contain_text("Your voice")
    assert row.locator("audio").evaluate("audio => audio.src.startsWith('blob:')")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has arrived")
    (file,) = only_message(centre).files
    assert (file.kind, file.media_type, file.name) == (AttachmentKind.VOICE, "audio/webm", "")
    assert fetched(centre, file).startswith(b"\x1a\x45\xdf\xa3")  # EBML, as WebM begins
    assert chunks_at(centre) * CHUNK_BYTES >= file.size
    browser.close()


def test_a_microphone_that_is_refused_is_said(browser: Browser, door: Door) -> None:
    page = browser.new_page()
    begin(page, door)
    page.get_by_role("button", name="Record your voice").click()
    expect(page.get_by_role("alert")).to_contain_text("no microphone")
    page.close()
