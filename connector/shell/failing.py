"""What an error looks like from outside: a sentence, an exit code, and never a value or a local variable."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import orjson

import connector
from connector.errors import UNEXPECTED, ConnectorError

logger = logging.getLogger("revloop")

_PACKAGE = Path(connector.__file__).parent


def told(error: Exception, *, as_json: bool, frames: bool) -> int:
    """Print an error, JSON on stdout or text on stderr, and give the exit code."""
    known = isinstance(error, ConnectorError)
    code = error.exit_code if isinstance(error, ConnectorError) else UNEXPECTED
    message = str(error) if known else _unexpected(error)
    if not known:
        logger.error("unexpected error", extra={"error": type(error).__name__, "frames": _frames(error)})
    if as_json:
        sys.stdout.write(orjson.dumps({"error": message, "exit_code": code}).decode() + "\n")
    else:
        sys.stderr.write(message + "\n")
    if frames:
        sys.stderr.write("".join(f"  {line}\n" for line in _frames(error)))
    return code


def _unexpected(error: Exception) -> str:
    return (
        f"revloop made a mistake: {type(error).__name__} at {_where(error)}. Nothing is lost: run again, and report "
        "this with what `revloop --debug …` shows"
    )


def _where(error: BaseException) -> str:
    """The innermost place of our own code."""
    ours = [line for line in _frames(error) if line.startswith("connector/")]
    return ours[-1] if ours else "a place outside of revloop"


def _frames(error: BaseException) -> list[str]:
    """Every frame, cause before effect, as `file:line in function`; no source text, no values."""
    lines = []
    for each in _chain(error):
        lines.append(type(each).__name__)
        lines += _lines(each.__traceback__)
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
    yield error


def _lines(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        yield f"{_short(frame.f_code.co_filename)}:{line} in {frame.f_code.co_name}"


def _short(name: str) -> str:
    path = Path(name)
    if path.is_relative_to(_PACKAGE):
        return path.relative_to(_PACKAGE.parent).as_posix()
    return "/".join(path.parts[-2:])
