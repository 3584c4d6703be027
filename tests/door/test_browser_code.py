"""The browser's code against ours: what one side seals or signs, the other opens and believes."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from causeway.sealed.board import CellToPublish, build_publication, choose_bucket, verify_indexes
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.receipt import Receipt
from causeway.sealed.sheet import sign_sheet
from causeway.sealed.words import ReceiptError, encode_fingerprint
from causeway.units import Day
from causeway.wire.answer import Answer, fit_answers
from causeway.wire.attachments import FILE_BYTES_MAX, FILES_MAX
from causeway.wire.board import join_indexes, split_publication
from causeway.wire.intake import Action, SendingPath
from causeway.wire.sheet import parse_sheet
from causeway.wire.sizes import SLOT_BYTES, TEXT_UNITS_MAX
from tests.door.pages_centre import BOARD_SLOT, CELL_ROOM, Centre, today

pytestmark = pytest.mark.slow

WEB = Path(__file__).parents[2] / "web"
STATIC = Path(__file__).parents[2] / "src/causeway/door/static"
PEER = Path(__file__).with_name("browser_peer.mjs")
ENTROPY = bytes(range(240, 251))
LISTS = [(STATIC / f"words-{language}.txt").read_text("utf-8") for language in ("en", "ru")]


def b64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def ask(*requests: Mapping[str, object]) -> list[Any]:
    """Have the browser's code do things; an answer has `value` or `refused`."""
    done = subprocess.run(
        ["node", str(PEER), str(WEB)], input=json.dumps(requests), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre()


def test_words_and_keys_are_the_same() -> None:
    entropies = [ENTROPY, bytes(11), b"\xff" * 11]
    own = [Receipt(entropy) for entropy in entropies]
    written = ask(
        *({"does": "words", "entropy": b64(one), "list": text} for one in entropies for text in LISTS),
        *({"does": "receipt", "entropy": b64(one)} for one in entropies),
    )
    words = [answer["value"] for answer in written[:6]]
    assert words == [list(one.words(language)) for one in own for language in ("en", "ru")]
    for receipt, answer in zip(own, written[6:], strict=True):
        keys = receipt.keys()
        assert {name: b64decode(value) for name, value in answer["value"].items()} == {
            "conversation": keys.conversation,
            "tag_key": keys.tag_key,
            "answer_key": bytes(keys.answer.public),
            "verify_key": keys.signing.public,
        }


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("{0}", "read"),
        ("{0}, ".upper(), "read"),
        ("1) {0}\n", "read"),
        ("{0} xqzv", "unknown_word"),
        ("able", "word_count"),
        ("", "word_count"),
        ("able able able able able able able able", "one_word_wrong"),
    ],
)
def test_typed_words_are_read_alike(typed: str, kind: str) -> None:
    text = typed.format(" ".join(Receipt(ENTROPY).words("ru")))
    (answer,) = ask({"does": "read_words", "typed": text, "lists": LISTS})
    assert answer["value"]["kind"] == kind
    if kind == "read":
        assert b64decode(answer["value"]["entropy"]) == ENTROPY
        assert Receipt.from_text(text).keys().conversation == Receipt(ENTROPY).keys().conversation
    else:
        with pytest.raises(ReceiptError):
            Receipt.from_text(text)


def test_what_the_browser_seals_a_desk_opens(centre: Centre) -> None:
    longest = "\u6c34" * TEXT_UNITS_MAX
    largest = {
        "key": b64(bytes(32)).replace("=", ""),
        "kind": "voice",
        "name": "\u6c34" * 80,
        "type": f"{'a' * 40}/{'b' * 40}",
        "size": FILE_BYTES_MAX,
    }
    messages = [
        {
            "action": "write",
            "language": "ru",
            "firstAnswer": 0,
            "lastAnswer": 0,
            "text": "Привет\r\nمرحبا \U0001f33e\u0007",
        },
        {
            "action": "write",
            "language": "en",
            "firstAnswer": 1,
            "lastAnswer": 2,
            "text": longest,
            "files": [largest] * FILES_MAX,
        },
        {
            "action": "write",
            "language": "en",
            "firstAnswer": 1,
            "lastAnswer": 2,
            "text": '"\\' * (TEXT_UNITS_MAX // 2),
        },
        {"action": "forced", "language": "en", "firstAnswer": 9, "lastAnswer": 9, "text": ""},
    ]
    key = b64(bytes(centre.intake.public))
    slots = ask(
        *(
            {"does": "seal", "entropy": b64(ENTROPY), "message": {"files": [], **one}, "key": key}
            for one in messages
        )
    )
    opened = []
    for slot in slots:
        sealed = b64decode(slot["value"]["bytes"])
        assert len(sealed) == SLOT_BYTES
        opened.append(open_intake(sealed, slot_id=b64decode(slot["value"]["id"]), secrets=[centre.intake]))
    keys = Receipt(ENTROPY).keys()
    assert [one.text for one in opened] == ["Привет\nمرحبا \U0001f33e", longest, messages[2]["text"], ""]
    assert [one.action for one in opened] == [Action.WRITE, Action.WRITE, Action.WRITE, Action.FORCED]
    assert [(one.first_answer, one.last_answer) for one in opened] == [(0, 0), (1, 2), (1, 2), (9, 9)]
    assert {one.path for one in opened} == {SendingPath.SCRIPT}
    assert {one.conversation for one in opened} == {keys.conversation}
    assert {one.answer_key for one in opened} == {bytes(keys.answer.public)}
    assert len({one.message for one in opened}) == 4
    assert [len(one.files) for one in opened] == [0, FILES_MAX, 0, 0]
    assert {one.name for one in opened[1].files} == {"\u6c34" * 80}


def test_the_browser_believes_our_sheets_and_no_others(centre: Centre) -> None:
    now, other = today(), Centre()
    forged = bytearray(centre.sheet)
    forged[-3] ^= 1
    sheet = parse_sheet(centre.sheet[64:])
    stranger = sign_sheet(dataclasses.replace(sheet, device=other.device.public), device=other.device)
    cases: list[tuple[bytes, Day, Centre | None, str | None]] = [
        (centre.sheet, now, centre, None),
        (centre.sheet, now, None, None),
        (centre.sheet, Day(now + 14), centre, None),
        (centre.sheet, Day(now + 15), centre, "sheet_day"),
        (centre.sheet, Day(now - 2), centre, "sheet_day"),
        (centre.sheet, now, other, "sheet_root"),
        (centre.sheet_of(now, last_day=Day(now - 1)), now, centre, "sheet_day"),
        (bytes(forged), now, centre, "sheet"),
        (stranger, now, centre, "sheet"),
        (centre.sheet + bytes(9_000), now, centre, "sheet"),
        (b"", now, centre, "sheet"),
    ]
    answers = ask(
        *(
            {
                "does": "sheet",
                "blob": b64(blob),
                "day": day,
                "fingerprint": b64(root.fingerprint) if root else None,
            }
            for blob, day, root, _ in cases
        )
    )
    assert [answer.get("refused") for answer in answers] == [refused for *_, refused in cases]
    assert b64decode(answers[0]["value"]["intake_key"]) == bytes(centre.intake.public)
    assert [b64decode(key) for key in answers[0]["value"]["boards"]] == [key.public for key in centre.boards]


def test_the_browser_believes_our_attendance(centre: Centre) -> None:
    boards = [b64(key.public) for key in centre.boards]
    centre.read_here(Day(today() - 2))
    given = {"does": "attendance", "boards": boards, "day": today()}
    answers = ask(
        {**given, "block": b64(centre.attendance)},
        {**given, "block": b64(bytes(1_120))},
        {**given, "block": b64(Centre().attendance)},
    )
    assert answers == [{"value": today() - 2}, {"value": None}, {"refused": "attendance"}]


def test_the_browser_reads_our_board(centre: Centre) -> None:
    keys, stranger = Receipt(ENTROPY).keys(), Receipt(bytes(11)).keys()
    texts = [Answer(n=n, day=Day(today() - 3 + n), text=f"Answer {n}: идите к мельнице.") for n in (1, 2)]

    def cell(receipt: Any, n: int, told: list[Answer]) -> CellToPublish:
        content = fit_answers(told, conversation=receipt.conversation, closed=True, room=CELL_ROOM)
        return CellToPublish(tag_key=receipt.tag_key, n=n, answer_key=receipt.answer.public, content=content)

    published = build_publication(
        [
            cell(keys, 0, texts[:1]),
            cell(keys, 1, texts),
            *(cell(Receipt(bytes([n] * 11)).keys(), 0, texts) for n in range(20, 40)),
        ],
        slot=BOARD_SLOT,
        day=today(),
        board=centre.boards[BOARD_SLOT],
    )
    index, buckets = split_publication(published)
    hashes = [index[-32 * (len(buckets) - at) :][:32] for at in range(len(buckets))]
    given = {
        "does": "board",
        "block": b64(join_indexes({BOARD_SLOT: index})),
        "boards": [b64(key.public) for key in centre.boards],
        "day": today(),
        "entropy": b64(ENTROPY),
        "buckets": {one.hex(): b64(bucket) for one, bucket in zip(hashes, buckets, strict=True)},
    }
    nothing = {"answers": [], "closed": False, "more": False, "doubtful": False}
    other = CellToPublish(
        tag_key=stranger.tag_key,
        n=0,
        answer_key=HybridSecret.generate().public,
        content=fit_answers(texts, conversation=stranger.conversation, closed=False, room=CELL_ROOM),
    )
    wrong = build_publication([other], slot=BOARD_SLOT, day=today(), board=centre.boards[BOARD_SLOT])
    wrong_index, (wrong_bucket,) = split_publication(wrong)
    answers = ask(
        given,
        {**given, "entropy": b64(bytes(11))},
        {**given, "buckets": {one.hex(): b64(bytes(len(buckets[0]))) for one in hashes}},
        {**given, "block": b64(join_indexes({BOARD_SLOT: index})[:-1])},
        {
            **given,
            "entropy": b64(bytes(11)),
            "block": b64(join_indexes({BOARD_SLOT: wrong_index})),
            "buckets": {wrong_index[-32:].hex(): b64(wrong_bucket)},
        },
    )
    told = [{"n": one.n, "day": one.day, "text": one.text} for one in texts]
    assert answers == [
        {"value": {"answers": told, "closed": True, "more": False, "doubtful": False}},
        {"value": nothing},
        {"refused": "bucket"},
        {"refused": "board"},
        {"refused": "cell"},
    ]


def test_both_take_the_same_bucket(centre: Centre) -> None:
    entropies = [bytes([n] * 11) for n in range(40)]
    people = [Receipt(entropy).keys() for entropy in entropies]
    cells = [
        CellToPublish(
            tag_key=keys.tag_key,
            n=0,
            answer_key=keys.answer.public,
            content=fit_answers([], conversation=keys.conversation, closed=False, room=CELL_ROOM),
        )
        for keys in people[:30]
    ]
    signed = {}
    for slot, published in ((1, cells[:10]), (4, []), (5, cells[:2]), (15, cells[10:])):
        body = build_publication(published, slot=slot, day=today(), board=centre.boards[slot])
        signed[slot], _ = split_publication(body)
    block, boards = join_indexes(signed), [key.public for key in centre.boards]
    genuine = verify_indexes(block, boards=boards, today=today()).genuine
    given = {"does": "choice", "block": b64(block), "boards": [b64(key) for key in boards], "day": today()}
    answers = ask(*({**given, "entropy": b64(entropy)} for entropy in entropies))
    choices = [choose_bucket(genuine, tag_key=keys.tag_key) for keys in people]
    assert [answer["value"] for answer in answers] == [
        {"bucket": choice.bucket.hex(), "cell": choice.cell} for choice in choices if choice
    ]
    assert [choice is not None and choice.cell is not None for choice in choices] == [True] * 30 + [
        False
    ] * 10


def test_the_words_of_a_place_are_the_same(centre: Centre) -> None:
    given = {"does": "fingerprint_words", "fingerprint": b64(centre.fingerprint)}
    answers = ask(*({**given, "list": text} for text in LISTS))
    assert [answer["value"] for answer in answers] == [
        list(encode_fingerprint(centre.fingerprint, lang=language)) for language in ("en", "ru")
    ]
