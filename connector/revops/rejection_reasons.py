"""The reasons a lead may be rejected for: stable codes, labels in both languages, category, and when to come back.

Codes are what the CRMs store; labels are for people. A retired reason stays readable and may no longer be chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Locale = Literal["de", "en"]

BANT = ("budget", "authority", "need", "timeline")
DATA_QUALITY = "data_quality"
OTHER = "other"
CATEGORIES = (*BANT, "fit", DATA_QUALITY, "engagement", "compliance", OTHER)
"""In the order in which reports list them."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    `recycle_days` None: the person does not come back. `comment` is the fewest characters that explain it.
    `task` names what somebody has to do besides (`merge` two records); `suppress` stops marketing to the person.
    """

    code: str
    en: str
    de: str
    category: str
    recycle_days: int | None = None
    comment: int = 0
    task: Literal["merge"] | None = None
    suppress: bool = False
    retired: bool = False

    def label(self, locale: Locale) -> str:
        """What a person reads."""
        return self.de if locale == "de" else self.en


@dataclass(frozen=True, slots=True)
class Reasons:
    """All reasons by code, in the order of the file."""

    by_code: Mapping[str, Reason] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Reason]:
        return iter(self.by_code.values())

    def get(self, code: str | None) -> Reason | None:
        """A reason, retired ones included; None where the code is not known."""
        return self.by_code.get(code) if code else None

    def choosable(self) -> tuple[Reason, ...]:
        """The options of the picklist."""
        return tuple(each for each in self if not each.retired)

    def explains(self, code: str | None, comment: str | None) -> bool:
        """Whether a rejection is explained: the code is known and its comment long enough.

        A retired code explains too, since it was chosen when it could be.
        """
        reason = self.get(code)
        return reason is not None and len((comment or "").strip()) >= reason.comment
