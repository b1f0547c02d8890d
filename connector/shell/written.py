"""Writing a document to a file: whole or not at all, and for its owner's eyes only where it names records."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from connector.errors import SettingsError


def write(path: Path, text: str, *, private: bool) -> None:
    """Write a document; what stood there before stays until the new one is complete.

    Args:
        path: the file; its folder is made if it is missing.
        text: the document, its line ends as they are.
        private: mode 0600, whatever the file had before.

    Raises:
        SettingsError: the file cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):  # the folder itself may be what is wrong
            fresh.unlink(missing_ok=True)
        raise SettingsError(f"{path} cannot be written: {error.strerror}; choose another file") from None
