"""Whose rows of custom objects are whose: under which keys a person or deal may have them, and who has none any more.

A key is that of a link, or of a single record. Linking two records, or merging them, leaves rows behind that are
written under the key of one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from connector.engine.derive.units import Unit
from connector.model import SIDES
from connector.state.store import Store

PERSON = "person"


def owner_keys(store: Store, units: Sequence[Unit]) -> dict[str, str]:
    """Every key under which rows of these units may stand -> the unit's key of now."""
    found = {key: unit.key for unit in units for key in unit.own_keys()}
    for side in SIDES:
        by_object: dict[str, dict[str, str]] = {}
        for unit in units:
            record = unit.record(side)
            if record:
                by_object.setdefault(unit.object, {})[record] = unit.key
        for object_, mine in by_object.items():
            for old, now in store.links.replaced_by(side, list(mine), object_).items():
                found.setdefault(f"{object_}:{side}:{old}", mine[now])
    return {**found, **{unit.key: unit.key for unit in units}}


def erased(store: Store, units: Sequence[Unit]) -> frozenset[str]:
    """The persons of whom one CRM erased its record: from the one that is left nothing is derived any more."""
    lonely = [unit.key for unit in units if unit.object == PERSON and len(unit.halves) < len(SIDES)]
    links = store.links.get(lonely)
    return frozenset(
        key
        for key, link in links.items()
        if any(store.mirror.why_gone(side, link.record_id(side), PERSON) == "erased" for side in SIDES)
    )
