"""What an install would do, or has done, in words: one line per thing, the same for both CRMs.

What a person has to do by hand is a `Finding`: an `error` where a run would fail or do harm without it, a `warning`
where something would be left out, an `info` where nobody can see from outside whether it is done already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.model import Side

StepKind = Literal[
    "property group",
    "property",
    "options",
    "custom object",
    "association",
    "field",
    "validation rule",
    "permission set",
    "permission",
    "assignment",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is missing or different: `where` is the vendor's object, `what` says more."""

    side: Side
    kind: StepKind
    where: str
    name: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that a removal takes away, and what stands in it.

    `filled` are the values of a field, or the rows of a custom object; None: the CRM cannot count them.
    """

    side: Side
    kind: StepKind
    where: str
    name: str
    filled: int | None = 0
