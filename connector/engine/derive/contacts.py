"""Whose touches a deal gets: the persons that both CRMs show on it once the plan is applied, some or all of them.

A chunk of deals costs a fixed number of queries. Persons that the mapping's conditions leave out, and erased ones, are
not among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.engine.derive.owners import PERSON, erased
from connector.engine.derive.units import Half, Unit, Units
from connector.engine.seams import Work
from connector.engine.shape import pointed
from connector.model import ROLE_NAMES, SIDES, Side
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_path import contact_set


@dataclass(frozen=True, slots=True)
class _Pointing:
    """What one record of a deal points to.

    `ids` are records of its side, `before` and `after` the linked persons without and with the plan.
    """

    ids: tuple[str, ...]
    before: frozenset[str]
    after: frozenset[str]


class Contacts:
    """Finds the persons of deals."""

    def __init__(self, work: Work, units: Units, config: AttributionConfig) -> None:
        self._work, self._units, self._config = work, units, config

    def of(self, deals: Sequence[Unit]) -> dict[str, list[Unit]]:
        """Deal key -> persons, by key."""
        on, companies = self._on(deals), self._companies(deals)
        units = {person.key: person for some in on.values() for person, _ in some}
        units |= {person.key: person for some in companies.values() for person in some}
        gone = erased(self._work.store, list(units.values()))
        found = {}
        for deal in deals:
            roles: dict[str, str | None] = {}
            for person, role in on[deal.key]:
                roles[person.key] = roles.get(person.key) or role
            account = [person.key for person in companies.get(deal.key, ())]
            wanted = self._wanted(deal, roles, account)
            found[deal.key] = [units[key] for key in sorted(wanted) if key not in gone and units[key].takes_part]
        return found

    def _wanted(self, deal: Unit, roles: Mapping[str, str | None], account: Sequence[str]) -> frozenset[str]:
        if self._config.contact_roles is not None and "salesforce" not in deal.halves:
            return frozenset((*roles, *account))  # roles are Salesforce's: where it has no opportunity, nobody has one
        return contact_set(roles, account, self._config)

    # --- persons on the deal itself ------------------------------------------------------------------

    def _on(self, deals: Sequence[Unit]) -> dict[str, list[tuple[Unit, str | None]]]:
        halves = [(deal.key, side, half, _pointing(half)) for deal in deals for side, half in deal.halves.items()]
        ids: dict[Side, list[str]] = {side: [] for side in SIDES}
        for _, side, _, each in halves:
            ids[side] += each.ids
        by_record = {side: self._by_record(PERSON, side, some) for side, some in ids.items()}
        added = {key for _, _, _, each in halves for key in each.after - each.before}
        by_key = {unit.key: unit for unit in self._units.of_keys(PERSON, sorted(added))}
        found: dict[str, list[tuple[Unit, str | None]]] = {deal.key: [] for deal in deals}
        for deal, side, half, each in halves:
            persons = [by_record[side][id_] for id_ in each.ids if id_ in by_record[side]]
            staying = [one for one in persons if one.key not in each.before - each.after]
            found[deal] += [(one, self._role(half, one.record(side) or "")) for one in staying]
            found[deal] += [(by_key[key], None) for key in each.after - each.before if key in by_key]
        return found

    def _role(self, half: Half, record: str) -> str | None:
        """A person's role on a deal; of several one that counts."""
        told = (half.raw.get(ROLE_NAMES) or {}).get(record) or []
        wanted = self._config.contact_roles or ()
        return next((each for each in told if each in wanted), None)

    # --- persons of its company ----------------------------------------------------------------------

    def _companies(self, deals: Sequence[Unit]) -> dict[str, list[Unit]]:
        """Deal key -> everybody of its company, on either side."""
        if not self._config.account_wide or not self._units.mapped("company"):
            return {}
        pointing = [(deal.key, side, id_) for deal in deals for side, half in deal.halves.items() for id_ in _ids(half)]
        companies = {
            side: self._by_record("company", side, [id_ for _, where, id_ in pointing if where == side])
            for side in SIDES
        }
        units = {unit.key: unit for some in companies.values() for unit in some.values()}
        persons = {key: list(some) for key, some in self._persons(units)}
        found: dict[str, list[Unit]] = {}
        for deal, side, id_ in pointing:
            company = companies[side].get(id_)
            if company is not None:
                found.setdefault(deal, []).extend(persons.get(company.key, ()))
        return found

    def _persons(self, companies: Mapping[str, Unit]) -> Iterator[tuple[str, list[Unit]]]:
        """Company key -> the persons whose records point to one of its own."""
        found: dict[str, dict[str, Unit]] = {key: {} for key in companies}
        for side in SIDES:
            owners = {record: key for key, unit in companies.items() if (record := unit.record(side))}
            pointing = self._work.store.mirror.candidates(PERSON, side, ">company", list(owners))
            persons = self._by_record(PERSON, side, [id_ for some in pointing.values() for id_, *_ in some])
            for record, some in pointing.items():
                for id_, *_ in some:
                    if id_ in persons:
                        found[owners[record]][persons[id_].key] = persons[id_]
        for key, units in found.items():
            yield key, list(units.values())

    def _by_record(self, object_: str, side: Side, ids: Sequence[str]) -> dict[str, Unit]:
        units = self._units.of_records(object_, side, list(dict.fromkeys(ids)))
        return {record: unit for unit in units if (record := unit.record(side))}


def _pointing(half: Half) -> _Pointing:
    ids, before, after = list[str](), set[str](), set[str]()
    for field in half.shape.fields:
        if field.object == PERSON:
            ids += pointed(half.raw.get(half.shape.vendor_name(field)))
            before.update(filter(None, (half.stored.get(field.name) or "").split(";")))
            after.update(filter(None, (half.values.get(field.name) or "").split(";")))
    return _Pointing(tuple(ids), frozenset(before), frozenset(after))


def _ids(half: Half) -> list[str]:
    """The companies that a record points to."""
    columns = [half.shape.vendor_name(field) for field in half.shape.fields if field.object == "company"]
    return [id_ for column in columns for id_ in pointed(half.raw.get(column))]
