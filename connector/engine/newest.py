"""When each side last changed a field, for the conflicts that `newest` decides."""

from __future__ import annotations

from collections.abc import Sequence

from connector.core.merge import Times
from connector.engine.seams import Work
from connector.engine.shape import Shape
from connector.state.records import Seen


def times_of(work: Work, shape: Shape, hubspot: Seen, salesforce: Seen, names: Sequence[str]) -> dict[str, Times]:
    """HubSpot's property history, and the Salesforce record's own stamp: Salesforce keeps none per field.

    Args:
        work: the run.
        shape: the HubSpot shape, which knows the property names.
        hubspot: the HubSpot record.
        salesforce: the Salesforce record.
        names: the mapping fields in question.
    """
    properties = {name: shape.vendor_name(shape.by_name[name]) for name in names}
    histories = work.crms["hubspot"].history(shape.vendor_object, [hubspot.id], list(properties.values()))
    history = histories.get(hubspot.id, {})
    times = {}
    for name, property_ in properties.items():
        changes = history.get(property_)
        times[name] = Times(changes[0].at if changes else None, salesforce.modified or None)
    return times
