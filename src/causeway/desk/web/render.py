"""Templates, in each language."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from babel.core import Locale
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from causeway.desk.web import times
from causeway.desk.web.language import LANGUAGES, Language
from causeway.sentences import Sentence
from causeway.units import Day

__all__ = ["TEMPLATES", "Renderer"]

TEMPLATES: Final = Path(__file__).parent.parent / "templates"


class Renderer:
    """Renders templates in every language that was loaded."""

    def __init__(self, languages: dict[str, Language], *, clock: Callable[[], float] = time.time) -> None:
        """Make one environment a language: texts are looked up while a template runs."""
        self._clock = clock
        self._environments = {tag: self._environment(language) for tag, language in languages.items()}

    def render(self, template: str, *, language: Language, **values: Any) -> str:
        """Return a template filled in."""
        return self._environments[language.tag].get_template(template).render(**values)

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]

        environment.globals.update(language=language, languages=LANGUAGES)

        def waiting(since: float) -> str:
            return times.waiting(max(0.0, self._clock() - since), language=language)

        def ago(when: float) -> str:
            return times.ago(max(0.0, self._clock() - when), language=language)

        def moment(when: float) -> str:
            return times.moment(when, now=self._clock(), language=language)

        def day_words(day: int) -> str:
            return times.day_words(Day(day), language=language)

        # A sentence from below: looked up, and escaped like all text. `_()` would take it for markup.
        environment.filters["translated"] = language.texts.gettext

        def said(sentence: Sentence) -> str:
            return sentence.in_language(language.texts.gettext)

        environment.filters["said"] = said

        def number(count: int) -> str:
            return format_decimal(count, locale=language.locale)

        def size(count: int) -> str:
            return times.size(count, language=language)

        def language_name(tag: str) -> str:
            return Locale.parse(tag).get_language_name(language.tag) or tag

        environment.filters.update(size=size, span=times.span, language_name=language_name)
        environment.filters.update(
            waiting=waiting, ago=ago, moment=moment, day_words=day_words, number=number
        )
        return environment
