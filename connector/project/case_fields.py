"""Names in the records of a case that nothing reads: each is a mistake, since the case would pass without it."""

from __future__ import annotations

from typing import Any

from connector.model import SIDES, Side
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.yaml_lines import Document, Path_

Known = dict[Side, dict[str, set[str]]]
"""Side and object -> the names that its records may hold."""


def note_unknown(document: Document, at: Path_, case: Any, known: Known, mistakes: Mistakes) -> None:
    """Note every object and field of a case's records that is not known; `case` is what stands at `at`."""
    for side in SIDES:
        for vendor_object, rows in getattr(case, side).items():
            here = (*at, side, vendor_object)
            fields = known[side].get(vendor_object)
            if fields is None:
                near = nearest(vendor_object, known[side])
                mistakes.add(document, here, f"no mapping reads {quoted(vendor_object)} of {side}{near}")
                continue
            for number, row in enumerate(rows):
                _note(document, (*here, number), row, vendor_object, fields, mistakes)
    _note_history(document, at, case, known, mistakes)


def _note_history(document: Document, at: Path_, case: Any, known: Known, mistakes: Mistakes) -> None:
    """Likewise the fields whose past a case tells."""
    for record, row in case.history.items():
        side, _, id_ = record.partition(" ")
        for vendor_object, rows in getattr(case, side).items():
            fields = known[side].get(vendor_object)
            if fields is not None and any(str(each.get("id", each.get("Id"))) == id_ for each in rows):
                _note(document, (*at, "history", record), row, vendor_object, fields, mistakes)


def _note(
    document: Document, at: Path_, row: dict[str, Any], vendor_object: str, known: set[str], mistakes: Mistakes
) -> None:
    for name in row:
        if name not in known:
            near = nearest(name, sorted(known))
            text = f"neither the mappings nor the rules read {quoted(name)} of {vendor_object}{near}"
            mistakes.add(document, (*at, name), text)
