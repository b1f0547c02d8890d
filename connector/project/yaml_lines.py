"""YAML as plain Python with the line of every key and entry.

Every scalar stays the text that was written (only `null` and nothing become None): `NO` is Norway, `0012` an id,
`2026-03` a version; what a text means is decided where it is used. Anchors, aliases and merge keys work; tags,
several documents in one file and keys that stand twice are mistakes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connector.project.yaml_nodes import compose

LARGEST_FILE = 1_000_000
"""Bytes; the largest sensible mapping file is a fiftieth of it."""

_MOST_NODES = 50_000
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)

Path_ = tuple[str | int, ...]
"""Keys and positions that lead to a place in a document."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a file: where, and what in one sentence."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: `data`, and the line of every place in it; `name` is shown in messages."""

    name: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        """The line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, path: Path_) -> str:
        """`file:line` of a place."""
        return f"{self.name}:{self.line(path)}"

    def without(self, places: Collection[Path_]) -> Document:
        """The document without some keys and list entries; the lines of the rest stay right."""
        lines: dict[Path_, int] = {}

        def copied(data: Any, old: Path_, new: Path_) -> Any:
            if old in self.lines:
                lines[new] = self.lines[old]
            if isinstance(data, dict):
                kept = [(key, value) for key, value in data.items() if (*old, key) not in places]
                return {key: copied(value, (*old, key), (*new, key)) for key, value in kept}
            if isinstance(data, list):
                left = [(i, value) for i, value in enumerate(data) if (*old, i) not in places]
                return [copied(value, (*old, i), (*new, j)) for j, (i, value) in enumerate(left)]
            return data

        return Document(self.name, copied(self.data, (), ()), lines)

    def texts(self) -> Iterator[tuple[Path_, str]]:
        """Every text in the document with its place, keys included."""
        yield from _texts(self.data, ())


class _FoundError(Exception):
    """A mistake that ends the reading of a place."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        super().__init__(text)


def read_yaml(path: Path, name: str) -> tuple[Document | None, list[Mistake]]:
    """Parse one file; `name` stands for it in messages.

    Gives None and the mistakes where nothing can be made of the file.
    """
    try:
        text = _decoded(path)
        node = _composed(text)
    except _FoundError as found:
        return None, [Mistake(name, found.line, found.text)]
    builder = _Builder()
    try:
        data = builder.build(node, ()) if node is not None else None
    except _FoundError as found:
        builder.found.append(found)
        return None, [Mistake(name, each.line, each.text) for each in builder.found]
    return Document(name, data, builder.lines), [Mistake(name, each.line, each.text) for each in builder.found]


def _decoded(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _FoundError(1, f"the file is larger than {LARGEST_FILE:,} bytes: it cannot be a revloop file")
        raw = path.read_bytes()
    except OSError as error:
        raise _FoundError(1, f"the file cannot be read: {error.strerror}") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _FoundError(1, "the file is saved as UTF-16: save it as UTF-8 in your editor")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _FoundError(line, "a character is not UTF-8: save the file as UTF-8 in your editor") from None


def _composed(text: str) -> yaml.Node | None:
    try:
        return compose(text)
    except yaml.MarkedYAMLError as error:
        raise _FoundError(*_explained(error)) from None
    except yaml.YAMLError:  # a control character: the reader knows no line
        line = next((text.count("\n", 0, i) + 1 for i, c in enumerate(text) if _is_control(c)), 1)
        raise _FoundError(line, "there is a control character in this line: delete it") from None
    except RecursionError:
        raise _FoundError(1, "the file is nested too deeply") from None


def _is_control(character: str) -> bool:
    return not character.isprintable() and character not in "\n\r\t"


def _explained(error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """A parser's complaint in words that say what to type."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    problem = error.problem or "it cannot be parsed"
    if "'\\t'" in problem or "\\t" in problem:
        return line, "a tab stands where only spaces may: replace it by spaces"
    if "another document" in problem or "single document" in str(error.context):
        return line, "a second document begins here (---): write one file per mapping"
    if "expected ',' or" in problem:
        return line, "a bracket or brace opened in this entry is not closed, or a comma is missing"
    if "mapping values are not allowed" in problem:
        return line, "a colon stands where none may: check the indentation, or put the text into quotes"
    if "undefined alias" in problem:
        return line, "an alias (*name) is used that no anchor (&name) defines above it"
    return line, f"this is not YAML: {problem}"


class _Builder:
    """Turns nodes into data and remembers lines; keys that stand twice are collected in `found`."""

    def __init__(self) -> None:
        self.lines: dict[Path_, int] = {}
        self.found: list[_FoundError] = []
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._count += 1
        if self._count > _MOST_NODES:
            raise _FoundError(line, "the file grows too large when its aliases are written out")
        if node.tag not in _PLAIN_TAGS:
            raise _FoundError(line, "a YAML tag (!…) is not understood here: write the plain value")
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NULLS else node.value
        if id(node) in self._open:
            raise _FoundError(line, "an alias contains itself")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(each, (*path, i)) for i, each in enumerate(node.value)]
            assert isinstance(node, yaml.MappingNode)
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _FoundError(line, "a key must be plain text")
            key = key_node.value
            if key == "<<":
                merged |= self._merged(value_node, path)
                continue
            if key in own:
                self.found.append(_FoundError(line, f"the key {_shown(key)} stands twice: keep one"))
                continue
            self.lines[*path, key] = line
            own[key] = self.build(value_node, (*path, key))
        return merged | own

    def _merged(self, node: yaml.Node, path: Path_) -> dict[str, Any]:
        value = self.build(node, path)
        parts = value if isinstance(value, list) else [value]
        result: dict[str, Any] = {}
        for part in reversed(parts):
            if not isinstance(part, dict):
                raise _FoundError(node.start_mark.line + 1, "<< must name a mapping (*anchor)")
            result |= part
        return result


def _shown(key: str) -> str:
    return f"'{key}'" if len(key) <= 40 and key.isprintable() else "in this line"  # noqa: PLR2004  (longer ones are values)


def _texts(data: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield (*path, key), key
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _texts(value, (*path, i))
