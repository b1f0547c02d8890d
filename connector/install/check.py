"""Whether a project can run against its two CRMs. It only reads, and every finding says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from connector.crm.port import Crm
from connector.errors import LaterError, SettingsError
from connector.install.check_agreement import check_agreement
from connector.install.check_fields import CALLED, Described, check_mapping
from connector.install.check_own import carrier_names, check_own, vendor_objects
from connector.install.finding import Finding
from connector.install.wishes import wishes_of
from connector.model import SIDES, Account, FieldInfo, Owner, Side, Usage, opposite
from connector.project import Project

SKEW = 60.0
"""Seconds that our clock may differ from a vendor's."""

T = TypeVar("T")


def check(
    project: Project, hubspot: Crm, salesforce: Crm, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Finding]:
    """Look at credentials, scopes, clocks, limits, fields, options, stamps, owners and what an install makes.

    `clock` is our own present.
    """
    return _Check(project, {"hubspot": hubspot, "salesforce": salesforce}, clock).findings()


class _Check:
    def __init__(self, project: Project, crms: dict[Side, Crm], clock: Callable[[], datetime]) -> None:
        self._project, self._crms, self._clock = project, crms, clock
        self._found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Everything found, the side's basics first."""
        accounts = {side: account for side in SIDES if (account := self._account(side))}
        for side in accounts:
            usage = self._asked(side, self._crms[side].usage)
            if usage is not None:
                self._found.extend(_limits(side, usage, getattr(self._project.settings, side).budget))
        self._found.extend(_currencies(self._project, accounts))
        agreement, wishes = self._project.agreement, wishes_of(self._project)
        described = self._described(list(accounts), vendor_objects(agreement, wishes))
        for mapping in self._project.mappings:
            self._found.extend(check_mapping(mapping, described))
        objects = self._objects(list(accounts))
        inside = self._inside(objects, carrier_names(agreement, wishes))
        room = self._asked("hubspot", self._crms["hubspot"].custom_objects_room) if "hubspot" in objects else None
        self._found.extend(check_own(agreement, wishes, {**described, **inside}, objects, room))
        self._found.extend(check_agreement(self._project, described))
        if len(accounts) == len(SIDES):
            self._owners()
        return self._found

    def _asked(self, side: Side, ask: Callable[[], T]) -> T | None:
        """What a CRM answers; None after noting why it does not."""
        try:
            return ask()
        except SettingsError as error:
            do = f"correct `{side}.auth` in connector.yaml, or give its user what is missing"
            self._found.append(Finding("error", CALLED[side], str(error), do))
        except LaterError as error:
            do = f"type `revloop check` again in {max(1, round(error.after))} seconds"
            self._found.append(Finding("error", CALLED[side], str(error), do))
        return None

    def _account(self, side: Side) -> Account | None:
        account = self._asked(side, self._crms[side].account)
        if account is None:
            return None
        tier = f", {account.tier}" if account.tier else ""
        self._found.append(Finding("info", CALLED[side], f"{account.name} ({account.id}{tier})"))
        zone = self._project.settings.time_zone
        if account.time_zone and account.time_zone != zone:
            what = f"the account keeps the time of {account.time_zone}, the project that of {zone}"
            do = "set `time_zone` in connector.yaml to the account's, or dates near midnight fall on other days"
            self._found.append(Finding("warning", CALLED[side], what, do))
        skew = (self._crms[side].now() - self._clock()).total_seconds()
        if abs(skew) > SKEW:
            what = (
                f"this machine's clock is {abs(skew):.0f} seconds {'behind' if skew > 0 else 'ahead of'} {CALLED[side]}"
            )
            self._found.append(Finding("warning", CALLED[side], what, "switch on time synchronisation (NTP)"))
        return account

    def _objects(self, sides: Sequence[Side]) -> dict[Side, dict[str, str]]:
        """The custom objects of each side, where attribution needs them."""
        if self._project.agreement.attribution is None:
            return {}
        asked = {side: self._asked(side, self._crms[side].custom_objects) for side in sides}
        return {side: found for side, found in asked.items() if found is not None}

    def _inside(
        self, objects: Mapping[Side, Mapping[str, str]], own: Mapping[Side, Sequence[str]]
    ) -> dict[tuple[Side, str], dict[str, FieldInfo]]:
        """What the custom objects of revloop hold, by their names."""
        found: dict[tuple[Side, str], dict[str, FieldInfo]] = {}
        for side, known in objects.items():
            for name in own[side]:
                columns = self._asked(side, partial(self._crms[side].describe, known[name])) if name in known else None
                if columns is not None:
                    found[side, name] = columns
        return found

    def _described(self, sides: Sequence[Side], own: Mapping[Side, Sequence[str]]) -> Described:
        described: dict[tuple[Side, str], dict[str, FieldInfo]] = {}
        for side in sides:
            crm = self._crms[side]
            mapped = (each for mapping in self._project.mappings for each in mapping.vendor_objects(side))
            for vendor_object in dict.fromkeys((*mapped, *own[side])):
                columns = self._asked(side, partial(crm.describe, vendor_object))
                if columns is not None:
                    described[side, vendor_object] = columns
        return described

    def _owners(self) -> None:
        """Owners whose e-mail address nobody active has on the other side; counted, never named."""
        if not any(field.type == "owner" for mapping in self._project.mappings for field in mapping.fields):
            return
        people: dict[Side, list[Owner]] = {}
        for side in SIDES:
            owners = self._asked(side, self._crms[side].owners)
            if owners is None:
                return
            people[side] = owners
        addresses = {side: {each.email for each in people[side] if each.active and each.email} for side in SIDES}
        for side in SIDES:
            other = CALLED[opposite(side)]
            alone = len(addresses[side] - addresses[opposite(side)])
            if alone:
                what = (
                    f"{alone} of {len(addresses[side])} active owners have no active user with their address in {other}"
                )
                do = f"give them the same address in {other}; until then their records keep the owner they have there"
                self._found.append(Finding("warning", CALLED[side], what, do))


def _limits(side: Side, usage: Usage, share: float) -> Iterator[Finding]:
    if usage.limit is None or usage.left is None:
        return
    ours = int(usage.limit * share) - (usage.limit - usage.left)
    what = f"{usage.left:,} of {usage.limit:,} calls of the day are left"
    if ours > 0:
        yield Finding("info", CALLED[side], f"{what}, {ours:,} of them within the budget")
    else:
        do = "wait for the next day, raise `budget` in connector.yaml, or see which other app spends the calls"
        yield Finding("warning", CALLED[side], f"{what}: the budget of {share:.0%} is spent", do)


def _currencies(project: Project, accounts: dict[Side, Account]) -> Iterator[Finding]:
    currencies = {account.currency for account in accounts.values() if account.currency}
    money = any(field.type == "money" for mapping in project.mappings for field in mapping.fields)
    if money and len(currencies) > 1:
        told = ", ".join(f"{CALLED[side]} {account.currency}" for side, account in accounts.items())
        what = f"the accounts count in different currencies ({told}): amounts are copied, not converted"
        yield Finding("warning", "connector.yaml", what, "use one company currency, or map no field of type money")
