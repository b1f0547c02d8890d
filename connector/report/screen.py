"""Printing: tables and sentences on stdout for a person, one JSON object for a program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.model import Value

WIDE = 160
"""Columns when nobody says how wide the paper is: a log file, a pipe."""

LONGEST = 48
"""Characters of a value in a table."""

Cell = str | Text


class Screen:
    """Where a command prints. With `as_json` only `data` does."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() else WIDE
        self._console = Console(width=width, highlight=False, soft_wrap=False)

    def say(self, text: str = "", style: str = "") -> None:
        """One sentence."""
        if not self.as_json:
            self._console.print(Text(text, style=style), soft_wrap=not sys.stdout.isatty())

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, more: int = 0) -> None:
        """A table, and how many rows were left out; nothing where there are no rows."""
        listed = list(rows)
        if self.as_json or not listed:
            return
        made = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            made.add_column(column, overflow="fold")
        for row in listed:
            made.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
        self._console.print(made)
        if more > 0:
            self._console.print(Text(f"… and {more:,} more\n", style="dim"))

    def document(self, text: str) -> None:
        """A whole document, as it is."""
        if not self.as_json:
            sys.stdout.write(text)
            sys.stdout.flush()

    def data(self, value: Any) -> None:
        """The JSON object that a program reads: one line."""
        if self.as_json:
            sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
            sys.stdout.flush()


def shown(value: Value, longest: int = LONGEST) -> str:
    """A value as it may stand in a table: one line, printable, not too long; a dash for an empty one."""
    if value is None or value == "":
        return "-"
    text = "".join(each if each.isprintable() else "·" for each in value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
