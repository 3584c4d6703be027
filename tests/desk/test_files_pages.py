"""Files on the desk's pages: what is told of them, what is shown, and what is never served as it came."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from causeway.desk.viewer.shapes import Shape
from causeway.desk.web.file_names import disposition, saved_name
from causeway.desk.web.guard import FILE_POLICY
from causeway.desk.web.keeper import State
from causeway.wire.attachments import AttachmentKind
from causeway.wire.intake import Action
from tests.desk import material
from tests.desk.pages import FRAGMENT, SAME, Pages, words, wrote
from tests.desk_engine.town import PASSPHRASE, Person, Town

TRICK = "photo\u202egpj.exe"


def came(
    place: Town, pages: Pages, content: bytes, *, fetch: bool = True, **settings: Any
) -> tuple[Person, str]:
    """Somebody sent a file; the path of its page."""
    person = Person(place)
    person.send("look", files=(person.put_file(content, **settings),))
    pages.sync()
    if fetch:
        pages.keeper.desk.fetch_files()
    (file,) = pages.keeper.desk.conversation(person.id).messages[0].files
    return person, f"/c/{person.id}/f/{file.id}"


def test_a_picture_is_shown_drawn_anew_and_never_as_it_came(place: Town, pages: Pages) -> None:
    raw = material.photo()
    person, path = came(place, pages, raw, name="IMG_2041.jpg", media_type="image/jpeg")
    thread = pages.part(f"/c/{person.id}")
    assert "IMG_2041.jpg" in words(thread)
    assert "their browser says: image/jpeg" in words(thread)
    assert f'hx-get="{path}"' in thread.text
    shown = pages.part(path)
    (source,) = re.findall(r'<img src="([^"]+)" width="640" height="480"', shown.text)
    picture = pages.get(source)
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cache-control"] == "no-store"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-security-policy"] == FILE_POLICY["Content-Security-Policy"]
    assert picture.content != raw
    assert raw[100:200] not in picture.content
    assert material.PLACE.encode() not in picture.content
    drawn = Image.open(io.BytesIO(picture.content))
    assert drawn.size == (640, 480)
    assert not drawn.getexif()
    assert drawn.info == {}
    whole = pages.get(path)
    assert "Drawn anew from its pixels" in words(whole)
    assert material.PLACE not in whole.text


def test_a_voice_is_played_in_place_and_in_parts(place: Town, pages: Pages) -> None:
    raw = material.recorded("webm", "libopus")
    person, path = came(place, pages, raw, kind=AttachmentKind.VOICE, media_type="audio/webm")
    assert "1 file" in words(pages.get("/inbox"))
    assert "Voice, recorded at the door" in words(pages.part(f"/c/{person.id}"))
    shown = pages.part(path)
    assert f'preload="none" id="sound-{path[-32:]}" src="{path}/sound"' in shown.text
    assert "0:02 long." in words(shown)
    sound = pages.get(f"{path}/sound")
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.headers["accept-ranges"] == "bytes"
    assert sound.headers["cache-control"] == "no-store"
    assert material.PLACE.encode() not in sound.content
    assert sound.content[:4] == b"RIFF"
    part = pages.get(f"{path}/sound", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == sound.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(sound.content)}"
    rest = pages.get(f"{path}/sound", headers={"Range": f"bytes={len(sound.content) - 5}-"})
    assert rest.content == sound.content[-5:]
    beyond = pages.get(f"{path}/sound", headers={"Range": f"bytes={len(sound.content)}-"})
    assert beyond.status_code == 416
    odd = pages.get(f"{path}/sound", headers={"Range": "bytes=-5"})
    assert (odd.status_code, odd.content) == (200, sound.content)


def test_a_document_is_shown_page_by_page(place: Town, pages: Pages) -> None:
    _, path = came(place, pages, material.pages(3), name="letter.pdf", media_type="application/pdf")
    part = pages.part(path)
    assert "3 pages in all" in words(part)
    assert "Page 1 of 3, drawn anew" in part.text
    whole = pages.get(path)
    assert [f"{path}/page/{number}" in whole.text for number in range(4)] == [True, True, True, False]
    second = pages.get(f"{path}/page/1")
    assert second.headers["content-type"] == "image/png"
    assert b"%PDF" not in second.content
    for beyond in (3, 50, 10**20):
        assert pages.get(f"{path}/page/{beyond}").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "me.jpg", "image/jpeg"),
        (b"<!doctype html><script>alert(1)</script>", "me.jpg", "text/html"),
        (b"MZ\x90\x00" + bytes(99), TRICK, "image/png"),
        (b"PK\x03\x04" + bytes(99), "list.docx", "application/msword"),
    ],
)
def test_anything_else_is_named_and_not_served(
    place: Town, pages: Pages, content: bytes, name: str, media_type: str
) -> None:
    person, path = came(place, pages, content, name=name, media_type=media_type)
    thread = pages.part(f"/c/{person.id}")
    assert "This desk shows pictures, PDF documents and sounds." in words(thread)
    assert "\u202e" not in thread.text
    assert "hx-get" not in thread.text
    for address in (f"{path}/page/0", f"{path}/sound"):
        refused = pages.get(address)
        assert refused.status_code == 404
        assert content not in refused.content
    assert "none that it knows" in words(pages.get(path))


@pytest.mark.parametrize("content", [b"\xff\xd8\xff<svg onload=alert(1)>", material.photo()[:3_000]])
def test_what_is_broken_or_a_lie_is_unreadable(place: Town, pages: Pages, content: bytes) -> None:
    _, path = came(place, pages, content, name="me.jpg", media_type="image/jpeg")
    assert "This file can't be read." in words(pages.part(path))
    assert "<img" not in pages.part(path).text
    refused = pages.get(f"{path}/page/0")
    assert refused.status_code == 404
    assert content not in refused.content


def test_what_is_not_here_says_how_much_is(place: Town, pages: Pages) -> None:
    person, path = came(place, pages, bytes(600_000), fetch=False, name="a.bin")
    assert "Not here yet: 0 of 3 parts." in words(pages.part(f"/c/{person.id}"))
    assert '<progress max="3" value="0"' in pages.part(f"/c/{person.id}").text
    assert "1 file is still to be fetched." in words(pages.get("/now"))
    assert "Not here yet: 0 of 3 parts." in words(pages.get(path))
    assert "Not here yet: 0 of 3 parts." in words(pages.get(f"{path}/save"))
    broken = Person(place)
    broken.send("", files=(broken.put_file(bytes(600_000), but={1}),))
    pages.sync()
    pages.keeper.desk.fetch_files()
    assert "A part of this file did not arrive: 2 of 3 parts are here." in words(
        pages.part(f"/c/{broken.id}")
    )


def test_saving_warns_asks_and_gives_it_under_a_safe_name(place: Town, pages: Pages) -> None:
    raw = material.photo()
    person, path = came(place, pages, raw, name=TRICK, media_type="image/jpeg")
    asked = pages.get(f"{path}/save")
    for sentence in (
        "Opening it can run what somebody hid in it.",
        "It tells more than it shows.",
        "It lies on this laptop's disk for everybody who opens the laptop.",
        "photogpj.exe.jpg",
    ):
        assert sentence in words(asked)
    assert raw not in asked.content
    saved = pages.send(f"{path}/save")
    assert saved.content == raw
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith('attachment; filename="photogpj.exe.jpg"')
    assert saved.headers["cache-control"] == "no-store"
    assert saved.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert saved.headers["x-content-type-options"] == "nosniff"
    # A link alone gives nothing away: a page of ours has to send the form.
    assert pages.get(f"{path}/save").content == asked.content
    assert pages.client.post(f"{path}/save", headers=SAME | {"Origin": "null"}).status_code == 403
    # Nor does it count as somebody's file anywhere else.
    stranger = wrote(place, pages, "hello")
    assert pages.send(f"/c/{stranger.id}/f/{path[-32:]}/save").headers["location"] == f"/c/{stranger.id}"
    assert person.id in path


def test_a_file_is_taken_away_and_asked_for_again(place: Town, pages: Pages) -> None:
    person, path = came(place, pages, material.photo())
    assert "<img" in pages.part(path).text
    assert "The file is gone from this laptop." in words(pages.post(f"{path}/away"))
    assert "Taken away from this laptop." in words(pages.part(f"/c/{person.id}"))
    assert pages.get(f"{path}/page/0").status_code == 404
    assert "Asking the relay for the file." in words(pages.post(f"{path}/again"))
    pages.keeper.desk.fetch_files()
    assert "<img" in pages.part(path).text


def test_locking_drops_what_was_decoded(place: Town, pages: Pages) -> None:
    _, path = came(place, pages, material.photo())
    assert pages.get(f"{path}/page/0").status_code == 200
    previews = pages.keeper.previews
    assert previews._known
    pages.post("/lock")
    assert not previews._known
    assert pages.keeper.state is State.LOCKED
    for address in (path, f"{path}/page/0", f"{path}/sound", f"{path}/save"):
        assert pages.get(address, follow_redirects=False).headers["location"] == "/"
    pages.post("/unlock", passphrase=PASSPHRASE)
    pages.keeper.desk.stop_sync()
    assert pages.get(f"{path}/page/0").status_code == 200


def test_what_a_page_loads_by_itself_is_no_sign_of_life(place: Town, pages: Pages) -> None:
    _, path = came(place, pages, material.photo())
    for headers, counts in (
        ({"Sec-Fetch-Dest": "image"}, False),
        ({"Sec-Fetch-Dest": "document"}, True),
        (FRAGMENT, False),
    ):
        pages.keeper._last_activity = -1.0
        pages.client.get(f"{path}/page/0", headers=headers)
        assert (pages.keeper._last_activity != -1.0) is counts


def test_the_room_for_files_is_a_setting(place: Town, pages: Pages) -> None:
    assert "of the 2 GB that it may" in words(pages.get("/centre/laptop"))
    pages.post("/centre/files", room="5")
    assert "of the 5 GB that it may" in words(pages.get("/centre/laptop"))
    for typed in ("much", "-1", "", "9" * 9, "٣"):
        assert "Write a whole number of gigabytes" in words(pages.post("/centre/files", room=typed))
    assert "Files need room for at least 25 MB." in words(pages.post("/centre/files", room="0"))


@pytest.mark.parametrize(
    ("claimed", "shape", "saved"),
    [
        ("IMG_1.JPG", Shape.JPEG, "IMG_1.jpg"),
        ("me.jpeg", Shape.JPEG, "me.jpeg"),
        ("me.jpg", None, "me.jpg.bin"),
        ("me.jpg", Shape.PDF, "me.jpg.pdf"),
        ("setup.exe", None, "setup.exe.bin"),
        ("", None, "file.bin"),
        ("", Shape.OGG, "file.ogg"),
        ("con.png", Shape.PNG, "file-con.png"),
        ("../../.bashrc", None, "bashrc.bin"),
        (TRICK, None, "photogpj.exe.bin"),
        ("صورة.jpg", Shape.JPEG, "صورة.jpg"),
        ("x" * 79, Shape.PNG, "x" * 60 + ".png"),
    ],
)
def test_names_on_the_disk_run_nothing(claimed: str, shape: Shape | None, saved: str) -> None:
    assert saved_name(claimed, shape=shape) == saved


def test_a_name_breaks_out_of_no_header() -> None:
    header = disposition('a"\r\nSet-Cookie: x=1; é.jpg')
    assert "\r" not in header
    assert header.count('"') == 2
    assert header == (
        'attachment; filename="a_Set-Cookie_x_1_.jpg"; '
        "filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x%3D1%3B%20%C3%A9.jpg"
    )


# ---- Somebody was made to open it ----


def test_who_was_forced_stands_apart_until_it_is_closed(place: Town, pages: Pages) -> None:
    other = wrote(place, pages, "I wait.")
    person = wrote(place, pages, "They look at my phone.")
    place.clock.seconds += 60
    person.send(action=Action.FORCED)
    pages.sync()
    pages.post("/alarms/forced/dismiss")
    for path, title in (
        ("/now", "Made to open their conversation"),
        ("/inbox", "Made to open their conversation"),
    ):
        text = pages.get(path).text
        apart, rest = text.split(f"{title}</h")[1].split("Who waits</h")
        assert f"row-{person.id}" in apart
        assert "Forced to open it" in apart
        assert f"row-{other.id}" in rest
        assert f"row-{person.id}" not in rest
        assert 'class="danger' in text
    # Answered, it waits no more, and is still in sight.
    place.clock.seconds += 60
    pages.post(f"/c/{person.id}/answer", text="We are here.")
    assert f"row-{person.id}" in pages.get("/now").text
    assert f"row-{person.id}" in pages.get("/inbox").text
    only = pages.get("/inbox?state=forced").text
    assert f"row-{person.id}" in only
    assert f"row-{other.id}" not in only
    assert 'href="/inbox?state=forced"' in pages.part("/status").text
    pages.post(f"/c/{person.id}/close")
    assert "Made to open" not in words(pages.get("/now"))
    assert "Made to open" not in words(pages.get("/inbox"))
    assert pages.keeper.desk.counts()["forced"] == 0
    assert f"row-{person.id}" in pages.get("/inbox?state=forced").text


def test_many_who_were_forced_do_not_hide_who_waits(place: Town, pages: Pages) -> None:
    other = wrote(place, pages, "I wait.")
    for _ in range(10):
        Person(place).send(action=Action.FORCED)
    pages.sync()
    text = pages.get("/inbox").text
    assert text.count('class="row unread forced"') == 8
    assert "All of them" in text
    assert f"row-{other.id}" in text
