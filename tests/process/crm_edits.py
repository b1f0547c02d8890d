"""Three hundred edits by people on both sides of a pair of CRMs, drawn with a seed.

An edit names a field of a mapping; what a person types is not what the other side shows: other phone formats,
owners and stages by each CRM's own ids, a close date just after or before midnight.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from crm_picture import COLUMNS, OBJECTS

BOTH = {
    ("deal", "amount"): 8,
    ("deal", "close_date"): 4,
    ("deal", "stage"): 4,
    ("deal", "description"): 4,
    ("company", "phone"): 3,
    ("company", "owner"): 2,
    ("person", "job_title"): 3,
    ("person", "last_name"): 2,
}
"""How many pairs get a different value on each side, by field: 30, which are 60 edits."""

ONE_SIDED = {
    ("deal", "name"): 20,
    ("deal", "amount"): 36,
    ("deal", "close_date"): 30,
    ("deal", "stage"): 30,
    ("deal", "next_step"): 10,
    ("deal", "description"): 14,
    ("deal", "owner"): 14,
    ("deal", "company"): 10,
    ("deal", "contacts"): 6,
    ("company", "domain"): 4,
    ("company", "phone"): 8,
    ("company", "city"): 4,
    ("company", "employees"): 6,
    ("company", "revenue"): 6,
    ("company", "owner"): 4,
    ("person", "email"): 4,
    ("person", "job_title"): 10,
    ("person", "phone"): 8,
    ("person", "mobile"): 4,
    ("person", "country"): 4,
    ("person", "owner"): 4,
    ("person", "company"): 4,
}
"""How many edits on one side only, half of them in each CRM: 240."""

BUSY_DEALS = 160
"""Few enough that several people edit different fields of one deal, on the same and on different sides."""

EMPTIED = {("deal", "amount"): 4, ("deal", "description"): 4, ("person", "job_title"): 4, ("company", "employees"): 2}
"""How many of the one-sided edits empty the field; the project says `blank: clear` for these."""

SIDES = ("hubspot", "salesforce")
STAGES = {"qualifiedtobuy": "Qualification", "presentationscheduled": "Value Proposition",
          "contractsent": "Negotiation/Review", "closedwon": "Closed Won", "closedlost": "Closed Lost"}  # fmt: skip
TOWNS = ("Musterstadt", "Beispielhausen", "Probeburg", "Testville")
LANDS = ("Germany", "France", "Austria", "Japan")


@dataclass(frozen=True)
class Edit:
    """One person's edit: `value` as a picture shows it, None when the field was emptied."""

    side: str
    object: str
    pair: str
    field: str
    value: Any

    @property
    def place(self):
        """What was edited, whichever side it was on."""
        return self.object, self.pair, self.field


class People:
    """Draws edits and carries them out as people in the CRMs would."""

    def __init__(self, pair, before, seed=300):
        self._pair, self._before, self._random = pair, before, Random(seed)
        self._owners = {email: id_ for id_, email in pair.owners().items()}
        self._users = {row["Email"]: id_ for id_, row in pair.salesforce_records("User").items()}
        self._sellers = sorted({row["owner"] for row in before.salesforce["deal"].values()})
        self._pairs = {object_: sorted(before.salesforce[object_]) for object_ in OBJECTS}
        self._serial = 0

    def draw(self):
        """The edits of one side only, and those of both sides as pairs (HubSpot's, Salesforce's)."""
        contested = {
            (object_, name): self._random.sample(self._pairs[object_], count) for (object_, name), count in BOTH.items()
        }
        taken = {pair for pairs in contested.values() for pair in pairs}
        deals = self._random.sample([each for each in self._pairs["deal"] if each not in taken], BUSY_DEALS)
        pools = {**self._pairs, "deal": sorted(deals)}
        both = [self._contest(*kind, pair, pairs) for kind, pairs in contested.items() for pair in pairs]
        one_sided = []
        for (object_, name), count in ONE_SIDED.items():
            free = [pair for pair in pools[object_] if pair not in taken]
            if name == "contacts":
                free = [pair for pair in free if "company" in self._before.salesforce["deal"][pair]]
            blanks = EMPTIED.get((object_, name), 0)
            if blanks:
                free = [pair for pair in free if name in self._before.salesforce[object_][pair]]
            for place, pair in enumerate(self._random.sample(free, count)):
                value = None if place < blanks else self._value(object_, name, pair)
                one_sided.append(Edit(SIDES[place % 2], object_, pair, name, value))
        return one_sided, both

    def _contest(self, object_, name, pair, pairs):
        """Two edits of one field; of the last pair of a field that may be emptied, HubSpot's person empties it."""
        values = [self._value(object_, name, pair) for _ in SIDES]
        if (object_, name) in EMPTIED and pair == pairs[-1]:
            values[0] = None
        return tuple(Edit(side, object_, pair, name, value) for side, value in zip(SIDES, values, strict=True))

    def _value(self, object_, name, pair):
        """A value that this field does not have on any side, nor gets in another edit."""
        held = self._before.salesforce[object_][pair].get(name)
        self._serial += 1
        number = self._serial
        if name == "contacts":
            return self._other_buyers(pair, held)
        options = {"owner": self._sellers, "company": self._pairs["company"], "stage": STAGES, "country": LANDS}
        if name in options:
            # Counted on, so that two values drawn in a row for one pair are never the same.
            others = [each for each in options[name] if each != held]
            return others[number % len(others)]
        return {
            "number": Decimal(10_000 + number) + (Decimal(number % 100) / 100 if name == "amount" else 0),
            "date": f"2027-{1 + number % 12:02}-{1 + number % 28:02}",
            "phone": f"+4930555{number:04}",
            "domain": f"new-{number}.example",
        }.get(
            COLUMNS[object_][name][0], f"{TOWNS[number % 4]} {number}" if name == "city" else self._text(name, number)
        )

    @staticmethod
    def _text(name, number):
        return f"new.{number}@people.example" if name == "email" else f"Edited {name} {number}"

    def _other_buyers(self, deal, held):
        """One buyer fewer, or where there is only one, one more of the same company."""
        if len(held) > 1:
            return held - {min(held)}
        company = self._before.salesforce["deal"][deal]["company"]
        people = self._before.salesforce["person"]
        return held | {
            next(each for each in self._pairs["person"] if people[each]["company"] == company and each not in held)
        }

    # --- carrying out --------------------------------------------------------------------------------

    def carry_out(self, edit):
        """Type the edit into its CRM."""
        (self._in_hubspot if edit.side == "hubspot" else self._in_salesforce)(edit)

    def _in_hubspot(self, edit):
        plural, _ = OBJECTS[edit.object]
        kind, column, _ = COLUMNS[edit.object][edit.field]
        record = {"object": plural, "id": self._before.ids[edit.object][edit.pair]}
        if kind in {"company", "contacts"}:
            self._associate(edit, kind, record)
            return
        value = "" if edit.value is None else str(edit.value)
        if kind == "owner":
            value = self._owners[value]
        elif kind == "phone":
            value = f"{value[:3]} ({value[3:5]}) {value[5:]}"
        elif kind == "date":
            # HubSpot's days begin in the account's own time zone: an hour earlier it would still be the day before.
            value = f"{value}T00:30:00+{'02' if '2027-03-28' <= value < '2027-10-31' else '01'}:00"
        self._pair.hubspot("edit", {**record, "properties": {column: value}})

    def _associate(self, edit, kind, record):
        other = "companies" if kind == "company" else "contacts"
        target = "company" if kind == "company" else "person"
        held = self._before.hubspot[edit.object][edit.pair].get(edit.field)
        before, after = (
            ({each} if each else set()) if kind == "company" else (each or set()) for each in (held, edit.value)
        )
        for what, ids in (("disassociate", before - after), ("associate", after - before)):
            for each in ids:
                end = {"object": other, "id": self._before.ids[target][each]}
                self._pair.hubspot(what, {"from": record, "to": end, "primary": kind == "company"})

    def _in_salesforce(self, edit):
        _, sobject = OBJECTS[edit.object]
        kind, _, column = COLUMNS[edit.object][edit.field]
        value = edit.value
        if kind == "contacts":
            self._roles(edit)
            return
        if kind == "owner":
            value = self._users[value]
        elif kind == "stage":
            value = STAGES[value]
        elif kind == "number" and value is not None:
            value = float(value)
        elif kind == "phone":
            value = f"{value[:3]} {value[3:5]}/{value[5:8]}-{value[8:]}"
        elif kind == "domain":
            value = f"https://www.{value}"
        self._pair.salesforce("edit", {"sobject": sobject, "id": edit.pair, "fields": {column: value}})

    def _roles(self, edit):
        roles = self._pair.salesforce_records("OpportunityContactRole")
        there = {row["ContactId"]: id_ for id_, row in roles.items() if row["OpportunityId"] == edit.pair}
        for contact in there.keys() - edit.value:
            self._pair.salesforce("delete", {"sobject": "OpportunityContactRole", "id": there[contact]})
        for contact in edit.value - there.keys():
            fields = {"OpportunityId": edit.pair, "ContactId": contact, "Role": "Champion"}
            self._pair.salesforce("create", {"sobject": "OpportunityContactRole", "fields": fields})
