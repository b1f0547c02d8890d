"""The custom objects that carry attribution, as each CRM has them: their names, their columns, and what is missing.

HubSpot has custom objects on Enterprise only; elsewhere a text on the deal stands in for them (domain §4.5). Which of
both it is says the account itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from connector.core import plain
from connector.core.values import Unreadable, render
from connector.engine.seams import Work
from connector.model import SIDES, Field, FieldType, Side, Value
from connector.revops.carriers import CARRIERS, KEY, Carrier, CarrierKind, hubspot_field, salesforce_field
from connector.revops.fields import SUMMARY

_TYPES: Mapping[CarrierKind, FieldType] = {
    "key": "text",
    "text": "text",
    "long_text": "text",
    "datetime": "datetime",
    "bool": "bool",
    "integer": "number",
    "percent": "number",
    "money": "money",
    "picklist": "enum",
    "multi": "multi",
}
_CALLED: Mapping[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
CURRENCY = "CurrencyIsoCode"
"""The currency of a Salesforce record, where the org has several."""
CODE = "CARRIER"
"""The code of holds about rows of custom objects."""


class Carriers:
    """Which carriers each CRM offers; asked once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._prefixes = work.project.settings.own_fields

    @cached_property
    def _objects(self) -> dict[tuple[Side, str], str]:
        """Side and carrier -> what the port takes as `vendor_object`."""
        found = {}
        for side in SIDES:
            told = self._work.crms[side].custom_objects()
            for carrier in CARRIERS:
                name = self.name(side, carrier)
                if name in told:
                    found[side, carrier.name] = told[name]
        return found

    def name(self, side: Side, carrier: Carrier) -> str:
        """What the CRM calls a carrier."""
        if side == "hubspot":
            return carrier.hubspot(self._prefixes.hubspot)
        return carrier.salesforce(self._prefixes.salesforce)

    def vendor_object(self, side: Side, carrier: str) -> str | None:
        """A carrier as the port takes it; None where the CRM has none."""
        return self._objects.get((side, carrier))

    @cached_property
    def summarised(self) -> bool:
        """Whether HubSpot has no custom objects and a text on the deal in their place."""
        if any(side == "hubspot" for side, _ in self._objects):
            return False
        return self.summary_column in self._work.crms["hubspot"].describe("deals")

    @property
    def summary_column(self) -> str:
        """HubSpot's property for that text."""
        return SUMMARY.vendor_name("hubspot", self._prefixes.hubspot)

    def missing(self, side: Side) -> str | None:
        """What an admin has to do before anything can be written on a side; None where all is there."""
        absent = [self.name(side, each) for each in CARRIERS if self.vendor_object(side, each.name) is None]
        if not absent or (side == "hubspot" and self.summarised):
            return None
        return (
            f"{_CALLED[side]} shows no {' and no '.join(absent)}, so that no attribution is written there: type "
            "`revloop install`, or let the user behind the credentials see it; or switch the part off under `rules` "
            "in connector.yaml"
        )

    def print(self) -> str:
        """Everything above in one line: when it changes, every row is compared anew."""
        names = [f"{side}.{carrier}" for side, carrier in sorted(self._objects)]
        return " ".join([*names, *(["hubspot.summary"] if self.summarised else [])])

    # --- columns -------------------------------------------------------------------------------------

    def key_column(self, side: Side) -> str:
        """The unique column that rows are upserted by."""
        return hubspot_field(KEY, self._prefixes.hubspot) if side == "hubspot" else salesforce_field(KEY)

    def raw(self, side: Side, carrier: Carrier, row: Mapping[str, Value]) -> dict[str, object]:
        """A row by the vendor's names; a field that is None is emptied."""
        fields = self._fields[carrier.name]
        found = {}
        for name, value in row.items():
            field = fields[name]
            column = field.hubspot if side == "hubspot" else field.salesforce[carrier.name]
            assert column is not None
            found[column] = _rendered(field, side, value)
        if side == "salesforce" and row.get("currency") and self._has_currencies(carrier.name):
            found[CURRENCY] = row["currency"]
        return found

    @cached_property
    def _fields(self) -> dict[str, dict[str, Field]]:
        """Carrier -> its fields, in the words of the mappings, so that values are written as everywhere."""
        prefix = self._prefixes.hubspot
        return {
            carrier.name: {
                each.name: Field(
                    each.name,
                    _TYPES[each.kind],
                    hubspot_field(each.name, prefix),
                    {carrier.name: salesforce_field(each.name)},
                )
                for each in carrier.fields
            }
            for carrier in CARRIERS
        }

    def _has_currencies(self, carrier: str) -> bool:
        vendor_object = self.vendor_object("salesforce", carrier)
        return vendor_object is not None and CURRENCY in self._work.crms["salesforce"].describe(vendor_object)


def _rendered(field: Field, side: Side, value: Value) -> object:
    """A value as the CRM takes it; a number that JSON cannot carry goes as text, for the CRM to take or refuse."""
    if value is not None and field.type in ("number", "money"):
        value = plain.number(value, None)
    try:
        return render(field, side, value, _nothing)
    except Unreadable:
        return value


def _nothing(_field: Field, _side: Side, _value: str) -> None:
    """A row's columns hold no references: these are written by their own names."""
