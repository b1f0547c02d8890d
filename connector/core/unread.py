"""Why a raw value has no canonical form; `core/values` raises these and collects them per record.

Messages name the mapping line and never the value: they end in the inbox and in logs.
"""

from __future__ import annotations


class Unreadable(ValueError):  # noqa: N818  (a state of a value that callers collect)
    """The CRM holds something that is not of the mapping's type; the field is held until somebody repairs it."""


class Unmapped(Unreadable):
    """An option that the mapping's `values` do not list."""


class Waiting(ValueError):  # noqa: N818  (nothing is wrong: it ends by itself)
    """A reference or owner whose counterpart is not known yet; it ends by itself once that is linked.

    `partial` is the canonical value of those of several references that are known.
    """

    def __init__(self, message: str, partial: str | None = None) -> None:
        super().__init__(message)
        self.partial = partial
