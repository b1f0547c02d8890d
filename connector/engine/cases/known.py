"""What may stand in a record of a case: everything that the mappings or the rules read of it."""

from __future__ import annotations

from collections.abc import Iterator

from connector.engine.shape import Shape, Shapes
from connector.model import Side
from connector.project import Project
from connector.project.case_fields import Known
from connector.revops.fields import every
from connector.revops.inputs import every_input

ID: dict[Side, str] = {"hubspot": "id", "salesforce": "Id"}


def known_fields(project: Project) -> Known:
    """The names of each object of each side.

    What a part that is switched off would read is known too: a case may hold it, and decides nothing.
    """
    found: Known = {"hubspot": {}, "salesforce": {}}
    for shape in Shapes(project.mappings, project.settings.time_zone):
        found[shape.side].setdefault(shape.vendor_object, set()).update(_read(project, shape))
    return found


def _read(project: Project, shape: Shape) -> Iterator[str]:
    yield ID[shape.side]
    yield from shape.names
    yield from every_input(project.agreement).get(shape.vendor_object, ())
    prefixes = project.settings.own_fields
    prefix = prefixes.hubspot if shape.side == "hubspot" else prefixes.salesforce
    for own in every(project.agreement):
        if shape.mapping.object in own.objects:
            yield own.vendor_name(shape.side, prefix)
