"""What stands below the one key of a rule file: read line by line, with the place of everything in it.

Every reader of `rules/` begins here. A mistake is left out of `lines`, so that the rest can be checked too; a section
that is not `right` is good for checking only, never for running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.written import Strict
from connector.project.yaml_lines import Document, Path_

M = TypeVar("M", bound=Strict)

Found = Iterator[tuple[Path_, str]]
"""Mistakes as a check finds them: a place in the section, and what is wrong in one sentence."""


@dataclass
class Section(Generic[M]):
    """One rule file.

    `lines` are what could be read, `document` says where each of them stands, `data` is everything as it was written.
    """

    lines: M
    document: Document
    data: Any
    right: bool
    _mistakes: Mistakes

    def note(self, found: Iterable[tuple[Path_, str]]) -> None:
        """Note mistakes that only several lines together show."""
        for path, text in found:
            self._mistakes.add(self.document, path, text)
            self.right = False

    def where(self, *path: str | int) -> str:
        """`file:line` of a place."""
        return self.document.where(path)


def read_section(document: Document, root: str | None, model: type[M], mistakes: Mistakes) -> Section[M] | None:
    """Read a rule file.

    Args:
        document: the file as `read_yaml` gives it.
        root: the key below which everything stands; None where the file itself is the section.
        model: what may stand there.
        mistakes: takes everything that is wrong, each with its line.

    Returns:
        None where no rest makes sense.
    """
    written = document if root is None else _below(document, root, model, mistakes)
    if written is None:
        return None
    read, rest = mistakes.validated(model, written)
    if read is None:
        return None
    alone = root is None or set(document.data) == {root}
    return Section(read, rest, written.data, alone and rest is written, mistakes)


def _below(document: Document, root: str, model: type[Strict], mistakes: Mistakes) -> Document | None:
    """What stands below the one key of a file, as a document of its own whose lines are right."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get(root), dict):
        mistakes.add(document, (root,), f"the file must begin with the key `{root}:` and hold everything below it")
        return None
    for key in data:
        if key != root:
            near = "" if key in model.model_fields else nearest(key, (root, *model.model_fields))
            mistakes.add(document, (key,), f"unknown key {quoted(key)}{near}; everything stands below `{root}:`")
    lines = {path[1:]: line for path, line in document.lines.items() if path[:1] == (root,)}
    return Document(document.name, data[root], lines)


def under(path: Path_, found: Iterable[tuple[Path_, str]]) -> Found:
    """The same mistakes, seen from further out."""
    for inner, text in found:
        yield (*path, *inner), text


def twice(path: Path_, names: Iterable[str], key: str, text: str) -> Found:
    """Entries of a list that say the same as one above, under the key `key`; `{}` in `text` is the word."""
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield (*path, i, key), text.format(quoted(name))
        seen.add(name)


def words_of(lines: Any, key: str) -> list[str]:
    """The words behind a key of every entry of a list, those of unreadable entries included."""
    entries = lines if isinstance(lines, list) else []
    return [each[key] for each in entries if isinstance(each, dict) and isinstance(each.get(key), str)]


def listed(name: str, known: Iterable[str]) -> str:
    """The nearest known word, else all of them."""
    words = list(known)
    return nearest(name, words) or (f"; there are: {', '.join(words)}" if words else "")
