"""The channel that writes messages to a file, one JSON object a line: for tests, for trying out, for other programs.

It is the one channel that knows what it has delivered: a message that is already in the file is not written again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

from connector.notify.channel import Message, test_message
from connector.revops.rejection_reasons import Locale

_BEGINNING = b'{"id":'
_BLOCK = 65_536


class FileChannel:
    """Appends to a file of mode 0600, made where it is missing; a line is on the disk when `deliver` returns."""

    def __init__(self, name: str, path: Path, only: frozenset[str] = frozenset()) -> None:
        self._name, self._path, self._only = name, path, only

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._name

    def takes(self, address: str) -> bool:
        """Whether messages to this address go through here."""
        return not self._only or address in self._only

    def deliver(self, message: Message, *, again: bool) -> str | None:
        """Append a message, unless it is there."""
        try:
            handle = self._opened()
        except OSError as error:
            return self._trouble(error)
        try:
            if (problem := _not_private(handle)) is not None:
                return problem
            _cut_torn_line(handle)
            if not (again and _holds(handle, message.id)):
                _append(handle, _line(message))
        except OSError as error:
            return self._trouble(error)
        finally:
            os.close(handle)
        return None

    def look(self) -> tuple[str | None, Sequence[str]]:
        """Whether the file can be written, or made."""
        if self._path.exists():
            if not self._path.is_file():
                return "its `file` is no file", ()
            if stat.S_IMODE(self._path.stat().st_mode) & 0o077:
                return _OPEN_TO_OTHERS, ()
            return (None if os.access(self._path, os.W_OK) else "its `file` cannot be written"), ()
        above = next(folder for folder in self._path.parents if folder.exists())
        return (None if above.is_dir() and os.access(above, os.W_OK) else "the folder of its `file` is closed"), ()

    def test(self, locale: Locale, at: datetime) -> str | None:
        """Append a line that says that it is a test."""
        return self.deliver(test_message("", locale, at), again=False)

    def _opened(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not make us wait for its reader
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            handle = os.open(self._path, flags | os.O_CREAT, 0o600)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # else the new name may not outlive a power failure
            finally:
                os.close(folder)
            return handle

    @staticmethod
    def _trouble(error: OSError) -> str:
        return f"its `file` cannot be written ({error.strerror or type(error).__name__})"


_OPEN_TO_OTHERS = "its `file` can be read by others: type `chmod 600` and its path"


def _not_private(handle: int) -> str | None:
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        return "its `file` is no file"
    return _OPEN_TO_OTHERS if stat.S_IMODE(mode) & 0o077 else None


def _line(message: Message) -> bytes:
    told = {
        "id": message.id,  # first: by it a line is found again
        "at": message.at.isoformat(),
        "to": message.to,
        "subject": message.subject,
        "lines": list(message.lines),
    }
    return orjson.dumps(told) + b"\n"


def _append(handle: int, line: bytes) -> None:
    """All of a line, on the disk.

    Raises:
        OSError: there is no room, or the disk failed; what was written of the line is cut by the next delivery.
    """
    written = 0
    while written < len(line):
        written += os.write(handle, line[written:])
    os.fsync(handle)


def _cut_torn_line(handle: int) -> None:
    """Remove the beginning of a line of ours that a kill or a full disk has left without its end."""
    size = os.fstat(handle).st_size
    tail, start = b"", size
    while start > 0 and b"\n" not in tail:
        step = min(_BLOCK, start)
        start -= step
        tail = os.pread(handle, step, start) + tail
    torn = tail[tail.rfind(b"\n") + 1 :]
    if not torn:
        return
    if torn.startswith(_BEGINNING[: len(torn)]):
        os.ftruncate(handle, size - len(torn))
    else:
        _append(handle, b"\n")  # somebody else's words: they keep their line


def _holds(handle: int, id_: str) -> bool:
    beginning = _BEGINNING + orjson.dumps(id_)
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        return any(line.startswith(beginning) for line in file)
