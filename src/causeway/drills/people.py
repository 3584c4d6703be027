"""Invented people: what they are called, where they are, what they write, all of it made up from syllables.

No two share anything that is searched for, and nobody real can be meant.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from causeway.door.pages import LANGUAGES
from causeway.drills.needles import Secret
from causeway.sealed.receipt import Receipt
from causeway.sealed.words import DIGITS

__all__ = ["InventedPerson", "invent", "secrets_of"]

_WORD_JOINS: Final = (" ", "\n", ", ", "</li><li>", '","')
"""How eight words may stand in a row: typed, listed, on the page, in JSON."""

_WORDS_TOGETHER: Final = 4
"""Half of the words: a part of them in a page that was half overwritten is found, too."""

_WORD_LANGUAGES: Final = ("en", "ru", DIGITS)
"""In every list: a page in another language than the person's shows others, and all open the same."""


@dataclass(frozen=True, slots=True)
class _Tongue:
    """Syllables of invented names, and sentences to put them into."""

    language: str
    syllables: str
    address: str
    message: str
    sentence: str
    answer: str


_TONGUES: Final = (
    _Tongue(
        "en",
        "bra dun fel gor hal jes kir lom mav nor pel ros sed tav ul ves wyn zor",
        "{number} {place} Lane, {town}",
        "I am {name}. You can reach me at {phone}, in the mornings only. I stay at {address}. {sentence}",
        "Two men with a list asked the baker of {place} about me, and it's {number} days now since I slept.",
        "We have read about {place}. Don't go back there before day {number}, and tell nobody of us.",
    ),
    _Tongue(
        "ru",
        "ба ве гор дла жун зай кла лем мир нош пер рус сиг тём уш фен хол цев чир",
        "улица {place}, дом {number}, {town}",
        "Меня зовут {name}. Звоните на {phone}, но только утром. Я прячусь здесь: {address}. {sentence}",
        "Вчера к соседям из посёлка {place} приходили с фотографией и обещали вернуться через {number} дней.",
        "Мы прочитали про {place}. Не возвращайтесь туда {number} дней и никому не говорите о нас.",
    ),
    _Tongue(
        "fr",
        "bé dra fla gué jan lès mir noé pau quéa ris sel tré vau zon",
        "{number}, impasse {place}, {town}",
        "Je m'appelle {name}. Mon numéro : {phone}, jamais après midi. Je dors ici : {address}. {sentence}",
        "Ils ont pris l'aîné à la gare de {place}, où il réparait des vélos ; ça fait {number} jours déjà.",
        "Nous avons bien lu pour {place}. N'y retournez pas avant {number} jours, même si l'on vous appelle.",
    ),
    _Tongue(
        "ar",
        "با در سو طع كن مر نو هش وا يم زا لط قم جو فر",
        "شارع {place} رقم {number}، {town}",
        "اسمي {name}. هاتفي {phone} في الصباح فقط. أنا الآن في {address}. {sentence}",
        "سألوا عني في سوق {place} قبل {number} أيام، وأخذوا صورة أخي من البيت.",
        "قرأنا ما كتبته عن {place}. لا ترجع إلى هناك قبل {number} أيام، ولا تخبر أحدا.",
    ),
    _Tongue(
        "ka",
        "ბა გე დრო ვი ზუ თა ია კლ ლე მო ნი პა რუ სა ტყ უშ ქო",
        "{place} ქუჩა {number}, {town}",
        "მე მქვია {name}. ტელეფონი {phone}, მხოლოდ დილით. ახლა აქ ვარ: {address}. {sentence}",
        "გუშინ {place} ბაზართან მომძებნეს და მეზობელს ჰკითხეს ჩემი სახელი, უკვე {number} დღეა აღარ მძინავს.",
        "წავიკითხეთ {place} შესახებ. იქ ნუ დაბრუნდებით {number} დღის განმავლობაში.",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class InventedPerson:
    """Somebody who does not exist, and what they would lose if it were found.

    Attributes:
        label: By which a report names them.
        language: Of the text.
        page_language: Of the door's page and the words, which has fewer languages.
        message: The text that they write; holds name, telephone number, address and sentence.
        answer: What a desk writes to them.
    """

    label: str
    language: str
    page_language: str
    name: str
    phone: str
    address: str
    sentence: str
    message: str
    answer: str

    def __repr__(self) -> str:
        """Name the label alone, as for a real person."""
        return f"InventedPerson({self.label!r})"


def invent(count: int, *, seed: int) -> tuple[InventedPerson, ...]:
    """Return that many people, in turn of five languages and four scripts; the same ones for a seed."""
    rng = random.Random(seed)  # noqa: S311 (names, not keys)
    taken: set[str] = set()
    return tuple(_person(number, rng=rng, taken=taken) for number in range(1, count + 1))


def _person(number: int, *, rng: random.Random, taken: set[str]) -> InventedPerson:
    tongue = _TONGUES[(number - 1) % len(_TONGUES)]

    def word(length: int) -> str:
        while True:
            made = "".join(rng.choices(tongue.syllables.split(), k=length)).capitalize()
            if made not in taken:
                taken.add(made)
                return made

    name = f"{word(2)} {word(3)}"
    place = word(4)
    # +888 belongs to no country and to no network.
    phone = f"+888 {rng.randrange(10, 99)} {rng.randrange(100, 999)} {rng.randrange(1_000, 9_999)}"
    address = tongue.address.format(number=rng.randrange(2, 190), place=word(3), town=word(2))
    sentence = tongue.sentence.format(place=place, number=rng.randrange(3, 60))
    return InventedPerson(
        label=f"person {number} ({tongue.language})",
        language=tongue.language,
        page_language=tongue.language if tongue.language in LANGUAGES else LANGUAGES[0],
        name=name,
        phone=phone,
        address=address,
        sentence=sentence,
        message=tongue.message.format(name=name, phone=phone, address=address, sentence=sentence),
        answer=tongue.answer.format(place=place, number=rng.randrange(3, 60)),
    )


def secrets_of(person: InventedPerson, *, entropy: bytes | None = None) -> Iterator[Secret]:
    """Yield all that tells of a person.

    Args:
        person: Whom.
        entropy: The 11 bytes behind their receipt words: then also all that opens or links what they wrote.
    """

    def secret(what: str, *forms: str | bytes) -> Secret:
        return Secret(person.label, what, forms)

    yield secret("name", person.name)
    yield secret("telephone number", person.phone, person.phone.replace(" ", ""))
    yield secret("address", person.address)
    yield secret("sentence of the message", person.sentence)
    yield secret("answer", person.answer)
    if entropy is not None:
        receipt = Receipt(entropy)
        keys = receipt.keys()
        yield secret(
            "receipt words", *(form for lang in _WORD_LANGUAGES for form in _rows(receipt.words(lang)))
        )
        yield secret("entropy of the receipt words", entropy)
        yield secret("signature key", keys.signing.seed)
        yield secret("answer key", keys.answer.seed)
        yield secret("tag key", keys.tag_key)
        yield secret("conversation id", keys.conversation)


def _rows(words: Sequence[str]) -> Iterator[str]:
    halves = (words[:_WORDS_TOGETHER], words[_WORDS_TOGETHER:])
    for half, join in product(halves, _WORD_JOINS):
        yield join.join(half)
