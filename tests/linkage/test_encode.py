from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.count.people import Record, csv_of, invented_people, list_of
from causeway.linkage.encode import Scheme, encode_list, encode_rows
from causeway.linkage.errors import PersonListError
from causeway.linkage.filters import Filters
from causeway.linkage.hardening import FLIPS, keyed_flips, xor_folded
from causeway.linkage.key import LinkKey
from causeway.linkage.link import link_lists
from causeway.linkage.persons import PersonList, read_persons

KEY = LinkKey(bytes(range(32)))
RAW = Scheme(normalised=False)
UNHARDENED = Scheme(hardened=False)


def table(*rows: str) -> PersonList:
    return read_persons("\n".join(("family,given,patronymic,born,place", *rows)).encode())


def dice(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.float64]:
    dense = [np.unpackbits(rows.view(np.uint8), axis=1).astype(np.float32) for rows in (one, other)]
    return np.asarray(
        2 * (dense[0] @ dense[1].T) / (dense[0].sum(1)[:, None] + dense[1].sum(1)[None, :]), np.float64
    )


def best_f1(a: list[Record], b: list[Record], score: NDArray[np.float64]) -> tuple[float, float]:
    """F1 and recall at the threshold that is best with the truth in hand, pairs taken greedily one to one."""
    rows, columns = np.nonzero(score > np.quantile(score, 0.98))
    order = np.argsort(-score[rows, columns], kind="stable")
    left, right = set(range(len(a))), set(range(len(b)))
    right_so_far, best = 0, (0.0, 0.0)
    shared = len({record.person for record in a} & {record.person for record in b})
    taken = 0
    for i, j in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            taken += 1
            right_so_far += a[i].person == b[j].person
            best = max(best, (2 * right_so_far / (taken + shared), right_so_far / shared))
    return best


def linked(
    style_a: str, style_b: str, scheme: Scheme, *, seed: int, people: int = 1200
) -> tuple[float, float]:
    everyone = invented_people(people, seed=seed)
    a = list_of(everyone[: 2 * people // 3], style=style_a, seed=seed + 1)
    b = list_of(everyone[people // 3 :], style=style_b, seed=seed + 2)
    rows = [
        encode_rows(read_persons(csv_of(records, style=style)), key=KEY, scheme=scheme)
        for records, style in ((a, style_a), (b, style_b))
    ]
    return best_f1(a, b, dice(rows[0], rows[1]))


@pytest.mark.parametrize(
    ("style_a", "style_b"),
    [("russian", "latin"), ("russian", "chechen"), ("chechen", "latin"), ("russian", "chechen_latin")],
)
def test_lists_in_two_scripts_are_linked(style_a: str, style_b: str) -> None:
    f1, recall = linked(style_a, style_b, Scheme(), seed=7001)
    assert f1 > 0.95
    assert recall > 0.93


def test_as_typed_they_are_not() -> None:
    f1, recall = linked("russian", "latin", RAW, seed=7001)
    assert f1 < 0.3
    assert recall < 0.3


def test_hardening_costs_little_recall() -> None:
    _, hardened = linked("russian", "latin", Scheme(), seed=7002)
    _, plain = linked("russian", "latin", UNHARDENED, seed=7002)
    assert hardened > plain - 0.03


def test_one_person_in_many_spellings_is_one_encoding() -> None:
    persons = table(
        "Магомедова,Аминат,Исаевна,12.03.1985,с. Гойра",
        "Magomedova,Aminat,Isaevna,1985-03-12,Goyra",
        "Магомедова,Амина Исаевна,,12 марта 1985,Гойра",
        "Аминат,Магомедова,Исаевна,12/3/85,Goyra village",
    )
    rows = encode_rows(persons, key=KEY)
    assert (rows == rows[0]).all()


def test_others_are_far() -> None:
    persons = table("Магомедова,Аминат,Исаевна,12.03.1985,Гойра", "Шамов,Юсуп,Русланович,01.11.1961,Жемти")
    rows = encode_rows(persons, key=KEY)
    assert dice(rows, rows)[0, 1] < 0.55


def test_another_key_or_scheme_gives_other_bits() -> None:
    persons = table("Магомедова,Аминат,Исаевна,12.03.1985,Гойра")
    rows = encode_rows(persons, key=KEY)
    for other in (
        encode_rows(persons, key=LinkKey(bytes(32))),
        encode_rows(persons, key=KEY, scheme=UNHARDENED),
        encode_rows(persons, key=KEY, scheme=RAW),
    ):
        # As alike as two random rows of that many bits.
        assert dice(rows, other)[0, 0] < 0.55


def test_rows_come_in_the_order_of_tickets_and_lines_follow() -> None:
    persons = table(*(f"Family{letter},Given,,," for letter in "abcdefgh"))
    tickets = np.random.default_rng(1).bytes(16 * 8)
    encoding = encode_list(persons, key=KEY, name="north", tickets=tickets)
    in_file = encode_rows(persons, key=KEY)
    assert sorted(encoding.lines.tolist()) == list(range(2, 10))
    assert encoding.lines.tolist() != list(range(2, 10))
    assert (encoding.encoded.bits == in_file[encoding.lines - 2]).all()
    own = [tickets[16 * at : 16 * at + 16] for at in encoding.lines - 2]
    assert [row.tobytes() for row in encoding.encoded.tickets] == own
    with pytest.raises(PersonListError):
        encode_list(persons, key=KEY, name="north", tickets=tickets[:-1])


def test_what_could_not_be_used_is_named_by_line() -> None:
    persons = table("Шамов,Юсуп,,soon,", "—,,,01.11.1961,Жемти", "Шамов,,,??,")
    encoding = encode_list(persons, key=KEY, name="north", tickets=bytes(range(48)))
    assert encoding.unread_dates == (2,)
    assert encoding.left_out == (3, 4)


THIN = (
    ",,,,—",
    "—,,,01.11.1961,Жемти",
    "Шамов,,,,",
    ",Юсуп,,,",
    "Неизвестно,Неизвестно,Нет,01.11.1961,Жемти",
    "unknown,N/A,,1961,Zhemti",
    "(неизвестный),NaN,null,,неизвестно",
    ",Юсуп,неизвестно,,UNKNOWN",
)


@pytest.mark.parametrize("scheme", [Scheme(), UNHARDENED], ids=str)
def test_rows_that_hold_too_little_are_left_out(scheme: Scheme) -> None:
    kept = ("Шамов,Юсуп,,,", "Шамов,,,1961,", ",Юсуп,,,Жемти", "Null,Юсуп,,,")
    persons = table(*THIN, *kept)
    tickets = np.random.default_rng(1).bytes(16 * len(persons))
    encoding = encode_list(persons, key=KEY, name="north", tickets=tickets, scheme=scheme)
    assert encoding.left_out == tuple(range(2, 2 + len(THIN)))
    assert sorted(encoding.lines.tolist()) == list(range(2 + len(THIN), 2 + len(persons)))
    assert len(encoding.encoded) == encoding.encoded.scripts.total == len(kept)


def test_rows_without_a_name_link_nobody() -> None:
    """All that say nothing are the same row: left in, the two lists' would be taken for one person."""
    rng = np.random.default_rng(5)
    both = invented_people(300, seed=5)
    lists = []
    for at in range(2):
        own = csv_of(list_of(both[100 * at : 200 + 100 * at], style="latin", seed=at), style="latin")
        blank = b"".join(b"unknown" + b"," * own.split(b"\n", 1)[0].count(b",") + b"\n" for _ in range(40))
        persons = read_persons(own + blank)
        assert len(persons) == 240
        tickets = rng.bytes(16 * len(persons))
        lists.append(encode_list(persons, key=KEY, name=f"list {at}", tickets=tickets))
    assert [len(one.left_out) for one in lists] == [40, 40]
    linkage = link_lists([one.encoded for one in lists], seed=1, draws=20)
    assert abs(int(linkage.counts[3]) - 100) <= 8


def test_script_mix_counts_rows() -> None:
    persons = table("Шамов,Юсуп,,,", "Shamov,Yusup,,,", "Шамов,Yusup,,,", ",,,1985,", "ХIамидов,Юсуп,,,")
    mix = encode_list(
        persons, key=KEY, name="north", tickets=np.random.default_rng(1).bytes(80)
    ).encoded.scripts
    assert (mix.cyrillic, mix.latin, mix.mixed, mix.other) == (2, 1, 1, 0)


def test_year_month_and_day_may_have_columns() -> None:
    one = read_persons("family,year,month,day\nШамов,1985,3,12\nШамов,1985,,\n".encode())
    other = read_persons("family,born\nШамов,12.03.1985\nШамов,1985\n".encode())
    assert (encode_rows(one, key=KEY) == encode_rows(other, key=KEY)).all()


def test_zero_characters_do_no_harm() -> None:
    persons = table("Ша\0мов,Юсуп,,12.0\x003.1985,Гой\0ра")
    for scheme in (Scheme(), RAW):
        assert encode_rows(persons, key=KEY, scheme=scheme).any()


def test_an_empty_list() -> None:
    for scheme in (Scheme(), RAW, UNHARDENED):
        encoding = encode_list(table(), key=KEY, name="north", tickets=b"", scheme=scheme)
        assert len(encoding.encoded) == 0


def test_a_filter_of_many_texts_is_that_of_each() -> None:
    texts = ["magomed", "", "a", "محمد", "longlonglonglonglong", "aa"]
    filters = Filters(key=bytes(32), bits=2048)
    rows = filters.table_of_pairs(texts, kind="k", weight=9)
    for text, row in zip(texts, rows, strict=True):
        edged = f"^{text}$" if text else ""
        pieces = [("k", edged[at : at + 2], 9) for at in range(len(edged) - 1)]
        assert (Filters(key=bytes(32), bits=2048).table([pieces])[0] == row).all(), text


def test_a_piece_sets_its_weight_of_positions() -> None:
    rows = Filters(key=bytes(32), bits=2048).table([[("k", f"{n}", 40)] for n in range(200)])
    counts = np.bitwise_count(rows).sum(axis=1)
    assert counts.max() <= 40
    assert counts.mean() > 39
    narrow = Filters(key=bytes(32), bits=1024).table([[("k", f"{n}", 40)] for n in range(200)])
    assert 19 < np.bitwise_count(narrow).sum(axis=1).mean() <= 20


def test_folding_is_an_xor_of_halves() -> None:
    rows = np.random.default_rng(2).integers(0, 2**63, size=(5, 32), dtype=np.uint64)
    assert (xor_folded(rows) == (rows[:, :16] ^ rows[:, 16:])).all()


def test_noise_is_small_and_repeats_only_under_its_key() -> None:
    rows = np.random.default_rng(3).integers(0, 2**63, size=(300, 16), dtype=np.uint64)
    noisy = keyed_flips(rows, key=bytes(32))
    flipped = np.bitwise_count(noisy ^ rows).sum(axis=1)
    assert flipped.max() <= FLIPS
    assert flipped.min() >= FLIPS - 6
    assert (keyed_flips(rows, key=bytes(32)) == noisy).all()
    assert not (keyed_flips(rows, key=bytes([1] * 32)) == noisy).any(axis=1).all()
    # Spread over all positions.
    hits = np.unpackbits((noisy ^ rows).view(np.uint8), axis=1).sum(axis=0)
    assert hits.max() < 30
