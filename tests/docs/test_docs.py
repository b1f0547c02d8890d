"""The documents say what the program does: every command, every setting, every command line of the README."""

import re
import shlex
import sys
import types
from pathlib import Path
from typing import Annotated, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from typer.main import get_command

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "docs"), str(ROOT / "tests" / "process")]

import commands  # noqa: E402 - docs/commands.py
import field_list  # noqa: E402 - docs/field_list.py
from desk import cli, desk, project, run  # noqa: E402 - shared with the process tests

from connector.project import Settings  # noqa: E402

LATER = {"undo"}
"""Commands that do not exist yet and must not be promised."""

PARSED_ONLY = {"demo", "sandbox", "explain", "score", "correct", "conflicts", "init", "apply"}
"""Commands that need ids, answers or a terminal of their own; they are run in `process/`."""


def test_commands_are_documented():
    stored = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert stored == commands.text(), "run: python docs/commands.py"


def test_fields_are_documented():
    stored = (ROOT / "docs" / "fields.md").read_text(encoding="utf-8")
    assert stored == field_list.text(), "run: python docs/field_list.py"


def test_only_what_exists_is_offered():
    names = {name.split()[1] for name, _ in commands.pages()}
    assert names == {
        "demo", "init", "schema", "check", "install", "plan", "apply", "sync", "status", "runs", "errors", "conflicts",
        "explain", "rebuild", "report", "sandbox", "score", "correct", "test",
    }  # fmt: skip
    assert not names & LATER


def test_every_command_has_help():
    for name, told in commands.pages():
        assert len(told.splitlines()) > 4, name


def settings_of(model, prefix=""):
    """Every setting by its dotted name, with its default as text."""
    for name, field in model.model_fields.items():
        inner = next((each for each in candidates(field.annotation) if is_model(each)), None)
        if inner is not None:
            yield from settings_of(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", "" if field.is_required() or field.default is None else str(field.default)


def candidates(annotation):
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return [each for arg in get_args(annotation) for each in candidates(arg)]
    return [annotation]


def is_model(annotation):
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def test_settings_are_documented_with_their_defaults():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (?:`([^`]*)`)? ?\|", text, re.MULTILINE)
    known = dict(settings_of(Settings))
    assert dict.fromkeys(name for name, _ in rows).keys() == known.keys()
    for name, default in rows:
        if not re.fullmatch(r"\d+[smhd]", default):
            assert default == known[name], name
        else:
            assert float(known[name]) == int(default[:-1]) * {"s": 1, "m": 60}[default[-1]], name


def readme_lines():
    """The command lines in the README's blocks marked `console`."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line, comments=True) for line in lines if re.match(r"revloop\b", line)]


def parsed(words):
    """Resolve a command and its options as the program would, without running it."""
    command, rest = get_command(cli.app), [word for word in words[1:] if word != "--debug"]
    while getattr(command, "commands", None):
        command = command.commands[rest.pop(0)]
    return command.make_context("revloop", rest)


@pytest.mark.parametrize("words", readme_lines(), ids=" ".join)
def test_readme_commands_exist(words):
    assert parsed(words).params is not None


def test_readme_commands_run(tmp_path):
    lines = readme_lines()
    assert ["revloop", "plan"] in lines
    with desk() as at:
        at.fresh(10)
        folder = project(tmp_path / "p", at, settings="")
        assert run(folder, "install").code == 0
        for words in lines:
            if words[1:] and words[1] not in PARSED_ONLY and "--every" not in words:
                arguments = words[1:]
                if "--project" in arguments:
                    place = arguments.index("--project")
                    del arguments[place : place + 2]
                done = run(folder, *arguments)
                assert done.code in (0, 1), (words, done.err)
