"""A database's complaint in the words of an admin. It decides no reaction: every one is a `StateError`."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from connector.errors import StateError

_SENTENCES = (
    (
        "SQLITE_FULL",
        "the disk (or the file's size limit) is full: nothing of this step was kept; make room and run again",
    ),
    ("SQLITE_BUSY", "another program holds it locked: wait for that program to end and run again"),
    ("SQLITE_LOCKED", "another program holds it locked: wait for that program to end and run again"),
    (
        "SQLITE_NOTADB",
        "it is not a SQLite database: name another file under `state` in connector.yaml, or move it away",
    ),
    ("SQLITE_CORRUPT", "the file is damaged: move it away, then restore a backup or run `revloop rebuild`"),
    ("SQLITE_READONLY", "it cannot be written: give this user write permission on the file and its folder"),
    ("SQLITE_CANTOPEN", "it cannot be opened: check that the folder exists and that this user may write in it"),
    ("SQLITE_PERM", "it cannot be opened: give this user read and write permission"),
    ("SQLITE_IOERR", "reading or writing the file failed: check the disk, then run again"),
    ("SQLITE_CONSTRAINT", "a step contradicts what is stored and was taken back: please report this"),
    # PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
    ("23", "a step contradicts what is stored and was taken back: please report this"),
    ("08", "the connection was lost: check that the database server runs, then run again"),
    ("28", "the database refused the login: check user and password of the URL"),
    ("3D", "there is no such database: create it, or correct the name in the URL"),
    ("42501", "this user may not do that: let it create and write tables in its schema"),
    ("53", "the database server has no room or no connection left: make room and run again"),
    ("40", "another program wrote at the same time and this step was taken back: run again"),
    ("55P03", "another program holds it locked: wait for that program to end and run again"),
    ("57P", "the database server was stopped: start it and run again"),
)


def state_error(error: DBAPIError, name: str) -> StateError:
    """The `StateError` for a failed statement; it names the driver's error code and never a value."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    code = code or type(error.orig).__name__
    for beginning, sentence in _SENTENCES:
        if code.startswith(beginning):
            return StateError(f"state store {name}: {sentence} ({code})")
    return StateError(f"state store {name}: the database refused a statement or went away ({code}); run again")
