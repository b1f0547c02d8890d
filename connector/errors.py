"""Everything that can go wrong, grouped by what the caller does about it.

    ConnectorError
    ├── SettingsError   fix a file, a token or a permission, then run again        exit 2
    ├── LaterError      nothing is broken: run again, not before `after` seconds   exit 3
    ├── BrakeError      a person must look and then allow or repair                exit 4
    │   └── StateError  the state store cannot be trusted or written               exit 4
    └── RecordError     one record is held; the run goes on                        exit 1

Messages say what is wrong, where, and what to do. They never contain a token or a field value.
"""

from __future__ import annotations

from collections.abc import Sequence

UNEXPECTED = 70
"""The exit code of a mistake of ours, which is none of these (EX_SOFTWARE of sysexits.h)."""


class ConnectorError(Exception):
    """The root: catching it catches everything revloop raises on purpose."""

    exit_code = 1


class SettingsError(ConnectorError):
    """The project, a credential or a permission is wrong; `problems` lists every mistake found."""

    exit_code = 2

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  {problem}" for problem in self.problems)]))


class LaterError(ConnectorError):
    """A CRM or the network cannot serve us now; `after` is the number of seconds worth waiting."""

    exit_code = 3

    def __init__(self, message: str, after: float = 60.0) -> None:
        self.after = after
        super().__init__(message)


class BrakeError(ConnectorError):
    """The run stopped before its first write because something looks wrong."""

    exit_code = 4


class StateError(BrakeError):
    """The state store is foreign, damaged, full or of a newer version."""


class RecordError(ConnectorError):
    """One record cannot be processed; `code` is stable, the message is for the admin's inbox."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
