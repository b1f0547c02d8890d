"""Two CRMs with the shipped rules: HubSpot goes forward only and keeps histories, both have users and tasks."""

from __future__ import annotations

import shutil
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attribution_crm import MemoryCrm, Row
from attribution_world import World

from connector.crm.port import ValueChange
from connector.model import Activity, Done, Outcome, Owner, TaskSeen, Write
from connector.project import Project, init, load
from connector.revops.lifecycle import HUBSPOT_ORDER

SELLER, MANAGER, COLLEAGUE = "anna@example.com", "chef@example.com", "ben@example.com"
INBOUND = "00GQ"
"""The id of a queue of Salesforce."""
BANT = {"revops_bant_budget": "planned", "revops_bant_authority": "decides", "revops_bant_need": "explicit"}
DEALS = {"deals": "dealstage", "Opportunity": "StageName"}
HISTORIC = {
    "hubspot": ("lifecyclestage", "hs_lead_status", "hubspot_owner_id", "revops_rejection_reason"),
    "salesforce": ("OwnerId",),
}
_FACTS = ("rows", "lost", "told", "journal", "histories", "opened", "changed", "_numbers", "_changes")


def shipped(folder: Path) -> Project:
    """A project as `init` makes it; nothing of it is asked over a network."""
    init(folder)
    file = folder / "connector.yaml"
    file.write_text(file.read_text().replace("YOUR-DOMAIN", "example"))
    return load(folder)


class RulesCrm(MemoryCrm):
    """One side, with what the rules ask for; `recognised`: the histories tell which entries are ours, as with an id of
    our app in the settings.
    """

    def __init__(self, side: Any, project: Project, clock: Any) -> None:
        super().__init__(side, project, clock)
        self.histories: dict[tuple[str, str], list[ValueChange]] = {}
        self.opened: dict[str, tuple[str, str, bool]] = {}  # id -> record, body, open
        self.ours = self.recognised = False
        self.changed: dict[tuple[str, str], datetime] = {}  # object, id -> when it changed last

    def put(self, vendor_object: str, id_: str | None = None, **fields: Any) -> Row:
        fields = {**self._follows(vendor_object, id_, fields), **fields}
        stage = fields.get("lifecyclestage")
        held = self.rows.get((vendor_object, id_ or ""))
        if self.ours and stage and held and _lower(stage, held.fields.get("lifecyclestage")):
            fields = {name: value for name, value in fields.items() if name != "lifecyclestage"}  # kept, silently
        row = super().put(vendor_object, id_, **fields)
        self.changed[vendor_object, row.id] = self.clock()
        for name in HISTORIC[self.side]:
            known = fields.get(name) or (row.id, name) in self.histories  # what was never set has no history
            if name in fields and known:
                at = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
                entry = ValueChange(fields[name] or None, at, self.ours)
                self.histories.setdefault((row.id, name), []).insert(0, entry)
        return row

    def _follows(self, vendor_object: str, id_: str | None, fields: dict[str, Any]) -> dict[str, Any]:
        """What the vendors make of a deal's stage themselves."""
        column = DEALS.get(vendor_object, "")
        held = self.rows.get((vendor_object, id_ or ""))
        stage = fields.get(column)
        if stage is None or (held is not None and stage == held.fields.get(column)):
            return {}
        at = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        won, lost = stage in ("closedwon", "Closed Won"), stage in ("closedlost", "Closed Lost")
        if vendor_object == "Opportunity":
            return {"IsClosed": won or lost, "IsWon": won, "LastStageChangeDate": at}
        flags = {"hs_is_closed": won or lost, "hs_is_closed_won": won, "hs_is_closed_lost": lost}
        told = {name: str(value).lower() for name, value in flags.items()}
        return {**told, "hs_v2_date_entered_current_stage": at}

    def owners(self) -> list[Owner]:
        if self.side == "hubspot":
            return [Owner(str(n), each, active=True) for n, each in enumerate((SELLER, MANAGER, COLLEAGUE), 1)]
        return [
            Owner("005A", SELLER, active=True, manager="005B"),
            Owner("005B", MANAGER, active=True),
            Owner("005C", COLLEAGUE, active=True, manager="005B"),
            Owner(INBOUND, None, active=True, queue=True, name="Inbound"),
        ]

    def history(self, vendor_object: str, ids: Any, fields: Any) -> dict[str, Any]:
        self._call("history")
        return {id_: {name: self._told(id_, name) for name in fields} for id_ in ids}

    def _told(self, id_: str, name: str) -> list[ValueChange]:
        entries = self.histories.get((id_, name), [])
        return [replace(each, ours=each.ours and self.recognised) for each in entries]

    def tasks(self, vendor_object: str, records: Any, marker: str) -> list[TaskSeen]:
        self._call("tasks")
        return [
            TaskSeen(id_, record, body, open_)
            for id_, (record, body, open_) in self.opened.items()
            if record in records and marker in body
        ]

    def open_tasks(self, drafts: Any) -> list[Outcome]:
        self._call("open_tasks")
        found: list[Outcome] = []
        for draft in drafts:
            id_ = f"task-{len(self.opened) + 1}"
            self.opened[id_] = (draft.record, draft.body, True)
            found.append(Done(id_, created=True))
        self.cross(f"{self.side} open_tasks done")
        return found

    def change_tasks(self, changes: Any) -> list[Outcome]:
        self._call("change_tasks")
        for each in changes:
            record, body, _ = self.opened[each.id]
            self.opened[each.id] = (record, body, each.state == "open")
        return [Done(each.id) for each in changes]

    def _stamp(self, row: Row) -> str:
        """When a record was changed, by the clock; of deals also in which order."""
        at, order = self.changed[row.vendor_object, row.id], row.changed % 1000 if row.vendor_object in DEALS else 0
        return at.astimezone(UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{order:03}Z")

    def _save(self, vendor_object: str, write: Write) -> Outcome:
        return self._as_us(super()._save, vendor_object, write)

    def _upsert(self, vendor_object: str, stamp: str, write: Write) -> Outcome:
        return self._as_us(super()._upsert, vendor_object, stamp, write)

    def _as_us(self, do: Any, *asked: Any) -> Outcome:
        self.ours = True
        try:
            return do(*asked)
        finally:
            self.ours = False


def _lower(stage: str, held: str | None) -> bool:
    order = HUBSPOT_ORDER
    return held in order and stage in order and order.index(stage) < order.index(held)


class Rules(World):
    """The stage, on a Monday morning, with rules that have been in force for long."""

    def __init__(self, path: Path, project: Project) -> None:
        super().__init__(path, project)
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
        self.hubspot = RulesCrm("hubspot", project, lambda: self.now)
        self.salesforce = RulesCrm("salesforce", project, lambda: self.now)
        with self.store() as store:
            store.put("rules.began", "2020-01-01T00:00:00+00:00")

    def copied(self, path: Path) -> Rules:
        """The same stage again, as it stands now, with a state file of its own."""
        shutil.copy(self.path, path)
        return self.forgotten(path)

    def forgotten(self, path: Path) -> Rules:
        """The same CRMs with another state file, which may know nothing yet."""
        made = Rules(path, self.project)
        made.now, made.runs = self.now, self.runs
        for side, crm in self.crms.items():
            facts = {name: deepcopy(getattr(crm, name)) for name in _FACTS}
            vars(made.crms[side]).update(facts)
        return made

    def writes(self) -> int:
        """What a further run writes, as the CRMs saw it; a write found by recovery is none."""
        before = sum(len(crm.journal) for crm in self.crms.values())
        self.run()
        return sum(len(crm.journal) for crm in self.crms.values()) - before

    def person(self, **fields: Any) -> str:
        """A contact whom marketing qualified and sales has; gives its id."""
        given = {
            "email": "buyer@example.com", "lastname": "Buyer", "company": "Example GmbH", "hubspot_owner_id": "1",
            "lifecyclestage": "marketingqualifiedlead", "hs_lead_status": "OPEN",
        }  # fmt: skip
        return self.hubspot.put("contacts", **{**given, **fields}).id

    def buyer(self, **fields: Any) -> str:
        """A contact whom nobody qualified yet, of a company that fits well; a contact form makes an MQL of it."""
        company = self.hubspot.put(
            "companies", name="Metall GmbH", domain="metall.example", numberofemployees="1450", industry="MACHINERY"
        ).id
        given = {
            "email": "buyer@metall.example", "lastname": "Buyer", "company": "Metall GmbH", "country": "Germany",
            "jobtitle": "Bereichsleiterin", "hubspot_owner_id": "1", "lifecyclestage": "lead",
            "associations.companies": [company],
        }  # fmt: skip
        return self.hubspot.put("contacts", **{**given, **fields}).id

    def lead(self) -> str:
        """The id of the one Salesforce lead."""
        (found,) = [row.id for row in self.salesforce.rows.values() if row.vendor_object == "Lead"]
        return found

    def asks(self, contact: str, number: str, minutes: int = 10) -> None:
        """A contact form, sent some minutes ago."""
        at = (self.now - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.form(contact, number, at, title="Kontaktformular")

    def calls(self, contact: str, number: str) -> None:
        """Sales reaches a contact by telephone, now."""
        at = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = {"hs_call_title": "Anruf", "hs_call_status": "COMPLETED", "hs_call_direction": "OUTBOUND"}
        self.hubspot.tell(Activity("hubspot", "call", number, "contacts", contact, at, fields))

    def assign(self, owner: str) -> None:
        """Somebody, or a queue, gets the lead in Salesforce."""
        self.salesforce.put("Lead", self.lead(), OwnerId=owner)

    def convert(self, created: str | None = None) -> str:
        """Sales converts the lead, into a contact that is made for it or is there since `created`; gives its id."""
        lead = self.lead()
        created = created or self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        given = {name: self.salesforce.rows["Lead", lead].fields.get(name) for name in ("Email", "LastName", "OwnerId")}
        made = self.salesforce.put("Contact", CreatedDate=created, **given)
        self.salesforce.put("Lead", lead, IsConverted=True, ConvertedContactId=made.id)
        return made.id

    def wait(self, **time: float) -> None:
        """Time goes by."""
        self.now += timedelta(**time)

    def rejects(self, contact: str, status: str = "UNQUALIFIED", reason: str | None = None) -> None:
        """Somebody turns a lead down in HubSpot, with a reason or without; the next run comes 5 minutes later."""
        if reason:
            self.hubspot.put("contacts", contact, revops_rejection_reason=reason)
        self.hubspot.put("contacts", contact, hs_lead_status=status)
        self.wait(minutes=5)

    def tasks(self) -> dict[str, bool]:
        """The body of every task's first line, and whether it is open."""
        found = [each for crm in self.crms.values() for each in crm.opened.values()]
        return {body: open_ for _, body, open_ in found}

    def field(self, contact: str, name: str) -> Any:
        """What HubSpot holds."""
        return self.hubspot.rows["contacts", contact].fields.get(name)

    def promise(self, contact: str, sla: str) -> tuple[str | None, str | None]:
        """When a promise is due and when it was broken, in UTC without seconds; None where the field is empty."""
        due, broken = (self.field(contact, f"revops_sla_{sla}_{what}_at") for what in ("due", "breached"))
        return (due or None) and due[:16], (broken or None) and broken[:16]


def later(world: Rules, **time: float) -> None:
    """Time passes, and a run sees what became of it."""
    world.now += timedelta(**time)
    world.settle()


def ruled_sql(world: Rules) -> str:
    """A person whom our own rule made an SQL."""
    contact = world.buyer(**BANT)
    world.asks(contact, "f1")
    world.settle()
    assert (world.field(contact, "revops_stage"), world.field(contact, "revops_sql_rule")) == ("SQL", "bant_positive")
    return contact


def edited(project: Project, tmp_path: Path, file: str, old: str, new: str) -> Project:
    """A copy of the project with one line of a rule file changed."""
    folder = tmp_path / "edited"
    if not folder.exists():
        shutil.copytree(project.folder, folder)
    rules = folder / "rules" / f"{file}.yaml"
    assert old in rules.read_text()
    rules.write_text(rules.read_text().replace(old, new))
    return load(folder)
