"""The same through Tor: an onion service before the door, desk and person come by SOCKS."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType

from causeway.desk.views import Delivery
from tests.line.person import look_for_answer, write_in
from tests.line.place import Place, until, waiting
from tests.tor_network import TorNetwork

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.tor]

TEXT = "Ключ лежит под синим камнем."
ANSWER = "Мы вас прочитали."


def test_a_message_goes_through_tor_and_the_answer_comes_back(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory(prefix="tor") as name:
        folder = Path(name)
        (folder / "tor").mkdir()
        with Place(folder) as place, TorNetwork(folder / "tor") as network:
            onion = network.add_onion(place.onion_socket)
            socks = f"127.0.0.1:{network.socks_port}"
            desk = place.make_desk(door_url=f"http://{onion}", socks=socks)
            try:
                desk.start_sync(1)
                until(lambda: desk.sync_view().reached, seconds=120)

                browser = browser_type.launch(
                    **browser_type_launch_args, proxy={"server": f"socks5://{socks}"}
                )
                page = browser.new_context(locale="ru-RU").new_page()
                page.goto(desk.centre().door_link, timeout=60_000)
                words = write_in(page, TEXT)

                row = waiting(desk, "синим")
                assert [one.text for one in desk.conversation(row.id).messages] == [TEXT]
                assert desk.conversation(row.id).messages[0].path == "script"
                desk.answer(row.id, ANSWER)
                until(lambda: desk.conversation(row.id).answers[0].delivery is Delivery.ON_BOARD, seconds=60)

                page = browser.new_context(locale="ru-RU").new_page()
                page.goto(desk.centre().door_link, timeout=60_000)
                look_for_answer(page, words, ANSWER)
                browser.close()
            finally:
                desk.close()
