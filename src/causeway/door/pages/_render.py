"""Templates and catalogues become pages here; the style and the script go into the page itself.

Every connection of the door serves one request, so a file of its own costs the visitor two more round trips.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from causeway.door.pages._edition import EVERY, Edition
from causeway.door.pages._languages import LIST_LANGUAGES, day_name, direction, own_name
from causeway.errors import LocalError

__all__ = ["STATIC", "csp", "render"]

STATIC: Final = Path(__file__).parents[1] / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_SCRIPTED_VIEWS: Final = ("welcome", "write", "sent", "return", "answers", "done")
"""The views that the script shows by itself."""

_EMPTY: Final[dict[str, Any]] = {
    "addresses": (),
    "answers": (),
    "attendance": None,
    "closed": False,
    "document": False,
    "exit_label": None,
    "more": False,
    "problem_key": None,
    "script": False,
    "text": "",
    "ticket": "",
    "word": "",
    "words": (),
}


def render(view: str, *, language: str, edition: Edition = EVERY, **context: object) -> bytes:
    """Return a whole page.

    Args:
        view: Name of a view, see the package.
        language: One that the edition offers; another one, which a form may name, gives the first of them.
        edition: The languages and texts of this door.
        context: What the view shows. `document` makes it the one page in which the script does the rest.

    Raises:
        LocalError: A value that no view knows.
    """
    unknown = sorted(context.keys() - _EMPTY.keys())
    if unknown:
        raise LocalError("No page shows this.", names=", ".join(unknown))
    known = language if language in edition.languages else edition.languages[0]
    values = {**_EMPTY, **context, "view": view}
    return _page(known, edition).render(values).encode()


class _OnceCompiled(FileSystemLoader):
    """Compiles each template once for all languages: a second copy for each would take a megabyte."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._code: dict[str, CodeType] = {}

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """Return a template of one environment; all of ours have the same settings."""
        code = self._code.get(name)
        if code is None:
            source, filename, _ = self.get_source(environment, name)
            code = self._code[name] = environment.compile(source, name, filename)
        return environment.template_class.from_code(environment, code, environment.make_globals(globals))


_LOADER: Final = _OnceCompiled(_TEMPLATES)


@cache
def _page(language: str, edition: Edition) -> Template:
    environment = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = edition.texts(language)

    def one(text: str) -> Markup:
        # A catalogue is text, also where somebody wrote a tag into it.
        return escape(texts.get(text, text))

    def several(text: str, plural: str, count: int) -> Markup:
        return one(text if count == 1 else plural)

    environment.install_gettext_callables(one, several, newstyle=True)  # type: ignore[attr-defined]
    name_day: Callable[..., str] = day_name
    environment.globals.update(
        code=Markup(_code()),  # noqa: S704 (our own script, built from web/)
        day_name=lambda day: name_day(day, language=language),
        digits=language not in LIST_LANGUAGES,
        direction=direction(language),
        language=language,
        language_names=[(tag, own_name(tag)) for tag in edition.languages],
        list_languages=LIST_LANGUAGES,
        style=Markup(_style()),  # noqa: S704 (our own style sheet)
        views=_SCRIPTED_VIEWS,
    )
    return environment.get_template("page.html")


@cache
def _style() -> str:
    sheet = (_TEMPLATES / "door.css").read_text("utf-8")
    return re.sub(r"\s*([{};,])\s*", r"\1", sheet).strip()


@cache
def _code() -> str:
    # Ends an inline script early, or begins a comment in it; the bundler writes neither.
    code = (STATIC / "door.js").read_text("utf-8").strip()
    if re.search(r"</script|<!--", code, re.IGNORECASE):
        raise LocalError("The door's script can't stand in a page.")
    return code


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") + "'"


@cache
def csp() -> str:
    """Return the content security policy of every answer of the door."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {_hash(_code())}",
            f"style-src {_hash(_style())}",
            "connect-src 'self'",
            "img-src data:",
            "media-src blob:",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
