"""All mistakes of a project at once, each as `file:line: what is wrong; did you mean 'x'?`.

pydantic's findings are put into our words here. No sentence repeats a value, since it could be a secret; only
keys and words out of a fixed list are shown.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from connector.project.secret import looks_secret
from connector.project.yaml_lines import Document, Mistake, Path_

M = TypeVar("M", bound=BaseModel)

_SHOWN = re.compile(r"[\w .;:/()*<>=-]{1,40}")
_QUOTED = re.compile(r"'([^']*)'")

_WORDS = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "float_parsing": "must be a number such as 0.8",
    "float_type": "must be a number such as 0.8",
    "list_type": "must be a list: [a, b] or lines that begin with -",
    "tuple_type": "must be a list: [a, b] or lines that begin with -",
    "dict_type": "must be a mapping: {key: value}",
    "model_type": "must be a mapping: {key: value}",
    "model_attributes_type": "must be a mapping: {key: value}",
    "too_short": "must not be empty",
}


def quoted(word: str) -> str:
    """A word of the file as it may be shown: keys and names, never long or strange text."""
    return f"'{word}'" if _SHOWN.fullmatch(word) and not looks_secret(word) else "this"


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` when a known word is near, else nothing."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean '{names[found[0]]}'?" if found else ""


class Mistakes:
    """Collects mistakes; `sorted` gives them in the order of the files."""

    def __init__(self) -> None:
        self._found: list[Mistake] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, document: Document, path: Path_, text: str) -> None:
        """Note a mistake at a place of a document."""
        self.take([Mistake(document.name, document.line(path), text)])

    def take(self, mistakes: Iterable[Mistake]) -> None:
        """Note mistakes found elsewhere; the same one is noted once."""
        self._found.extend(each for each in mistakes if each not in self._found)

    def sorted(self) -> list[str]:
        """Every mistake as a line of text."""
        return [str(each) for each in sorted(self._found, key=lambda each: (each.file, each.line))]

    def validated(self, model: type[M], document: Document) -> tuple[M | None, Document]:
        """The document as a model, and the part of it that is one.

        What is wrong is noted and left out, so that the rest can be checked too; None where no rest makes sense.
        """
        if not isinstance(document.data, dict):
            text = "the file is empty" if document.data is None else "the file must begin with keys such as `object:`"
            self.add(document, (), text)
            return None, document
        rest = document
        for first in (True, False):
            try:
                return model.model_validate(rest.data), rest
            except ValidationError as error:
                found = [
                    (_path(rest.data, each["loc"]), each)
                    for each in error.errors(include_url=False, include_input=False)
                ]
            if first:
                self._note(model, document, found)
            rest = rest.without({_unit(path, each["type"]) for path, each in found})
        return None, document

    def _note(self, model: type[BaseModel], document: Document, found: Sequence[tuple[Path_, Any]]) -> None:
        places = [path for path, _ in found]
        for path, error in found:
            inside = any(other[: len(path)] == path and len(other) > len(path) for other in places)
            word = _text_at(document.data, path)
            secret = looks_secret(word) or (bool(path) and looks_secret(str(path[-1])))  # said already, in other words
            if not secret and not (inside and error["type"] == "too_short"):
                self.add(document, path, _sentence(model, path, error, word))


def _unit(path: Path_, kind: str) -> Path_:
    """What is left out with a mistake: an unknown key alone, else the whole line of a list, else the section."""
    if kind == "extra_forbidden":
        return path
    first = next((i for i, part in enumerate(path) if isinstance(part, int)), 0)
    return path[: first + 1]


def _path(data: Any, loc: Sequence[str | int]) -> Path_:
    """A location of pydantic's without the names of union members, which are no places in the file."""
    path: list[str | int] = []
    for i, part in enumerate(loc):
        there, inner = _step(data, part)
        if there or i + 1 == len(loc):
            path.append(part)
            data = inner
    return tuple(path[:-1] if path[-1:] == ["*"] else path)


def _step(data: Any, part: str | int) -> tuple[bool, Any]:
    """Whether a key or position exists, and what stands there."""
    if isinstance(data, dict) and part in data:
        return True, data[part]
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return True, data[part]
    return False, data


def _text_at(data: Any, path: Path_) -> str:
    for part in path:
        _, data = _step(data, part)
    return data if isinstance(data, str) else ""


def _sentence(model: type[BaseModel], path: Path_, error: Any, word: str) -> str:
    kind, key = error["type"], str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        listed = f"; known here: {', '.join(known)}" if known and not nearest(key, known) else ""
        return f"unknown key {quoted(key)}{nearest(key, known)}{listed}"
    if kind == "missing":
        inside = f" in {quoted(str(path[-2]))}" if len(path) > 1 and isinstance(path[-2], str) else ""
        return f"the key '{key}' is missing{inside}"
    subject = f"'{key}'" if path and isinstance(path[-1], str) else "this entry"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return f"{subject} must be {expected}{nearest(word, _QUOTED.findall(expected))}"
    if kind == "value_error":
        return f"{subject}: {error['ctx']['error']}"
    if kind in {"greater_than_equal", "less_than_equal"}:
        (limit,) = error["ctx"].values()
        return f"{subject} must be at {'least' if kind[0] == 'g' else 'most'} {limit:g}"
    return f"{subject} {_WORDS.get(kind, 'is not understood')}"


def _known_keys(model: type[BaseModel], path: Path_) -> list[str]:
    at: Any = model
    for part in path:
        at = _inside(at, part)
    for candidate in _members(at):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return [field.alias or name for name, field in candidate.model_fields.items()]
    return []


def _inside(annotation: Any, part: str | int) -> Any:
    """The type that stands behind one key or position."""
    for candidate in _members(annotation):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel) and isinstance(part, str):
            for name, field in candidate.model_fields.items():
                if part in {name, field.alias}:
                    return field.annotation
        arguments = get_args(candidate)
        if isinstance(part, int) and arguments:
            return arguments[0]
        if isinstance(part, str) and len(arguments) > 1:
            return arguments[1]
    return None


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return [each for part in get_args(annotation) for each in _members(part)]
    return [annotation]
