"""Writes `commands.md` from the commands themselves: `python docs/commands.py`. A test fails when it is stale."""  # noqa: INP001 - run by hand as a file

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cli  # noqa: E402 - the commands stand beside the package, not in it

WIDTH = 100
BEGINNING = """\
# Commands

<!-- Made by docs/commands.py out of the commands' own help: change it there. -->

Every command takes `--project DIR` (default: the folder you are in). With `--json`, the last line on stdout is one JSON
object, errors included: `{"error": "…", "exit_code": 2}`. Progress and the log go to stderr: short lines on a terminal,
JSON lines elsewhere, with the run's id in each, ids and counts, and never a value. The status of the last run is in
`state/status.json`.

| exit code | means | the scheduler should |
|---|---|---|
| 0 | done | go on |
| 1 | done, some records are held or a conflict waits: `revloop errors`, `revloop conflicts list` | go on |
| 2 | a setting, a token or a permission is wrong | tell an admin |
| 3 | try later: a CRM is down, calls are spent, another run is going on | run again |
| 4 | the brakes stopped it before the first write, a person has to look: `revloop plan` | tell a person |
| 70 | a mistake in revloop; nothing is lost | report it |
| 130 | stopped by Ctrl-C or SIGTERM after the batch in flight; a second signal quits at once | nothing |
"""


def pages() -> Iterator[tuple[str, str]]:
    """Every command's name as typed, and its help."""
    yield from _below(get_command(cli.app), "revloop", None)


def _below(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    context = typer.Context(command, info_name=name.rsplit(maxsplit=1)[-1], parent=parent, terminal_width=WIDTH)
    below = getattr(command, "commands", {})
    if not below:
        yield name, command.get_help(context)
    for each in below.values():
        yield from _below(each, f"{name} {each.name}", context)


def text() -> str:
    """The whole of `commands.md`."""
    parts = [BEGINNING]
    parts += [f"## {name}\n\n```text\n{told.strip()}\n```\n" for name, told in pages()]
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs" / "commands.md").write_text(text(), encoding="utf-8")
