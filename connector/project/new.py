"""A new project folder with the default files. What is there already is never touched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import connector
from connector.errors import SettingsError

_PACKAGE = Path(connector.__file__).parent
_PRIVATE = 0o700
_FOLDERS = ("mappings", "rules", "rules/cases")
_IGNORED = "# what belongs to this machine, not into version control\nstate/\nsecrets/\n"


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` did: files written, files that were there already, and what to type next."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    next: tuple[str, ...]


def defaults(part: str) -> list[Path]:
    """The default files of a part of the project folder: in the package, or beside it in a checkout."""
    for folder in (_PACKAGE / "defaults" / part, _PACKAGE.parent / part):
        found = sorted(folder.glob("*.yaml"))
        if found:
            return found
    return []


def init(folder: Path) -> Made:
    """Write `connector.yaml`, `mappings/`, `rules/` with their cases, and private folders for state and secrets.

    Raises:
        SettingsError: the folder cannot be made or written.
    """
    written: list[str] = []
    kept: list[str] = []
    try:
        for private in ("state", "secrets"):
            (folder / private).mkdir(parents=True, exist_ok=True)
            (folder / private).chmod(_PRIVATE)
        sources = [(_PACKAGE / "defaults" / "connector.yaml", "connector.yaml")]
        sources += [(path, f"{part}/{path.name}") for part in _FOLDERS for path in defaults(part)]
        contents = [(name, path.read_text(encoding="utf-8")) for path, name in sources]
        for name, content in (*contents, (".gitignore", _IGNORED)):
            (written if _write_new(folder / name, content) else kept).append(name)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written: {error.strerror}; choose another folder") from None
    return Made(tuple(written), tuple(kept), _next(folder))


def _write_new(path: Path, content: str) -> bool:
    """Create a file unless there is one; says whether it did."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
    return True


def _next(folder: Path) -> tuple[str, ...]:
    return (
        f"put your Salesforce My Domain and your logins into {folder / 'connector.yaml'}",
        f"type `revloop install --plan --project {folder}`: what both CRMs lack; without --plan it is created",
        f"type `revloop check --project {folder}`: it only reads, and says what is missing",
        f"type `revloop plan --project {folder}` to see what would be written",
    )
