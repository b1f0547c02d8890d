"""Record ids as they stand in paths and bodies."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9]{1,18}")


def number(given: object) -> int | None:
    """The number of an id; None for anything that cannot be one."""
    text = str(given)
    return int(text) if _ID.fullmatch(text) else None
