"""The validation rules of an object, compiled from what is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.salesforce.formula import Moment, condition
from connector.sandbox.salesforce.formula.names import FieldNames
from connector.sandbox.salesforce.metadata import components
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Store


@dataclass(frozen=True, slots=True)
class Rule:
    """One active rule: a record is refused when `fires` says so of it."""

    name: str
    message: str
    field: str | None
    fires: Callable[[Moment], bool]


def names_for(store: Store, sobject: SObject) -> FieldNames:
    """The names that formulas on an object may use."""
    found = store.db.execute("SELECT DeveloperName FROM CustomPermission").fetchall()
    return FieldNames(store.schema, sobject, {name for (name,) in found})


def rules_of(store: Store, sobject: SObject) -> list[Rule]:
    """The active rules of an object in the order of their names."""
    wanted = [
        one
        for one in components.listed(store, components.RULE)
        if one.parent.lower() == sobject.name.lower() and one.metadata.get("active")
    ]
    names = names_for(store, sobject) if wanted else None
    return [
        Rule(
            one.own_name,
            str(one.metadata["errorMessage"]),
            one.metadata.get("errorDisplayField"),
            condition(str(one.metadata["errorConditionFormula"]), names),
        )
        for one in sorted(wanted, key=lambda one: one.name)
        if names is not None
    ]
