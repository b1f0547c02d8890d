"""Which of the properties that the rules read each CRM has: a portal or an org without one of them is no mistake.

They are asked for at the beginning of every run, since a property may be deleted, or shown to us, at any time; a
read that names a field which is not there fails on Salesforce as a whole.
"""

from __future__ import annotations

import hashlib

import orjson

from connector.engine.seams import Work
from connector.engine.shape import Inputs, Shapes
from connector.model import ROLE_NAMES, SIDES

_KEPT = "inputs"
"""Where the store remembers what the mirror was filled with."""


def shown_inputs(work: Work) -> Inputs:
    """The inputs of every vendor object that its CRM describes; no CRM is asked where the rules read nothing.

    Raises:
        SettingsError: an object does not exist or may not be seen.
        LaterError: a CRM cannot be asked now.
    """
    found = {}
    for mapping in work.project.mappings:
        for side in SIDES:
            for vendor_object in mapping.vendor_objects(side):
                wanted = mapping.inputs.get(vendor_object)
                if wanted:
                    described = work.crms[side].describe(vendor_object)
                    found[side, vendor_object] = tuple(
                        name for name in wanted if name in described or name == ROLE_NAMES
                    )
    return found


def changed_inputs(work: Work, shapes: Shapes) -> bool:
    """Whether the mirror was filled with other inputs: then every record has to be read again."""
    return (work.store.get(_KEPT) or "") != _print(shapes)


def keep_inputs(work: Work, shapes: Shapes) -> None:
    """Remember what the mirror is filled with, once everything is read."""
    if changed_inputs(work, shapes):
        work.store.put(_KEPT, _print(shapes))


def _print(shapes: Shapes) -> str:
    inputs = sorted([shape.side, shape.vendor_object, *sorted(shape.inputs)] for shape in shapes if shape.inputs)
    return hashlib.sha256(orjson.dumps(inputs)).hexdigest() if inputs else ""
