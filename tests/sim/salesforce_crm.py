"""The simulated Salesforce: stripped texts, stamps to the second, silent answers, conversions and merges.

Duplicates are allowed. An answer to a write says that it was done, and nothing of what was stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crm import SimCrm
from fields import CUSTOM, FIRST_USER, QUEUE, Spec
from world import OWNERS, Author, Pages, Row, World

from connector.crm.port import Query, ValueChange, WriteKind
from connector.model import Done, Gone, Outcome, Owner, Page, Refused, Side, Write

_PREFIXES = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Opportunity": "006",
    "Task": "00T",
    **{name: f"a0{number}" for number, name in enumerate(CUSTOM["salesforce"].values())},
}
_CONVERTED = {
    "Email": "Email",
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Title": "Title",
    "City": "MailingCity",
    "OwnerId": "OwnerId",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk job's work: an upsert by `stamp`, or an update."""

    vendor_object: str
    stamp: str | None
    writes: tuple[Write, ...]


class SimSalesforce(SimCrm):
    """Salesforce behind the port."""

    side: Side = "salesforce"

    def __init__(self, world: World, skew: float = -7.5, overlap: float = 60.0) -> None:
        super().__init__(world, skew)
        self.overlap = timedelta(seconds=overlap)
        self.bulk = False
        self.inside: Callable[[], None] | None = None  # called between a bulk job's upload and its work
        self._jobs: dict[str, Job] = {}

    def owner(self, name: str) -> str:
        """Users have ids of their own; the first one is the connector's."""
        return f"{FIRST_USER[:3]}{sorted(OWNERS).index(name) + 2}"

    def owners(self) -> list[Owner]:
        """The first of the people leads the others; the connector's own user has no counterpart in HubSpot."""
        people = super().owners()
        lead = people[0].id
        led = [replace(owner, manager=None if owner.id == lead else lead) for owner in people]
        queue = Owner(QUEUE, None, active=True, queue=True, name="Inbound leads")
        return [*led, Owner(FIRST_USER, "sync@example.com", active=True), queue]

    def default(self, spec: Spec, by: Author) -> str | None:
        """A new record belongs to whoever made it."""
        return self.owner("ada") if spec.kind == "owner" and by == "human" else spec.default

    def new_id(self, vendor_object: str) -> str:
        """Eighteen characters."""
        return f"{_PREFIXES[vendor_object]}{self.world.next_id():012d}AAA"

    def stamped(self, moment: datetime) -> str:
        """Whole seconds."""
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def normal(self, spec: Spec, raw: Any) -> Any:
        """Texts without blanks around them; an empty text is null; a name that cannot be null stays out of here."""
        if spec.kind == "many":
            return list(raw or [])
        if isinstance(raw, str):
            return raw.strip() or None
        return raw

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """Four at once."""
        return 4

    def done(self, row: Row, write: Write, *, created: bool) -> Done:
        """Only the id."""
        return Done(row.id, {}, created)

    def objection(self, row: Row | None, vendor_object: str, fields: Mapping[str, Any]) -> Refused | None:
        """Required fields, lengths, and leads that were converted."""
        if row is not None and row.fields.get("IsConverted"):
            return Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        for name, spec in self.specs(vendor_object).items():
            value = self.normal(spec, fields.get(name))
            if spec.required and value is None and (row is None or name in fields):
                return Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]")
            if spec.length is not None and isinstance(value, str) and len(value) > spec.length:
                return Refused("STRING_TOO_LONG", f"{name}: data value too large (max length={spec.length})")
        return super().objection(row, vendor_object, fields)

    def put_list(self, row: Row, name: str, ids: list[str], by: Author, ref: str = "") -> None:
        """Contact roles are records of their own: the opportunity is read again, its stamp stays."""
        if ids != (row.fields.get(name) or []):
            self._note(row, name, ids, by, ref)
            self.bump(row, stamp=False)

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Upsert, as a bulk job where that is switched on."""
        return self._job(Job(vendor_object, stamp, tuple(writes)), on_job)

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write by id, as a bulk job where that is switched on."""
        return self._job(Job(vendor_object, None, tuple(writes)), on_job)

    def _job(self, work: Job, on_job: Callable[[str], None]) -> list[Outcome]:
        if not self.bulk:
            return self._work(work)
        job = f"750{self.world.next_id():012d}AAA"
        on_job(job)
        self._jobs[job] = work
        if self.inside is not None:
            self.inside()
        return self._work(self._jobs.pop(job))

    def _work(self, job: Job) -> list[Outcome]:
        if job.stamp is None:
            return [self._change(job.vendor_object, write) for write in job.writes]
        return [self._upsert(job.vendor_object, job.stamp, write) for write in job.writes]

    def finish_job(self, job: str) -> bool:
        """A job left behind goes on without us."""
        if job not in self._jobs:
            return False
        self._work(self._jobs.pop(job))
        return True

    def __getstate__(self) -> dict[str, Any]:
        """A kept world keeps its jobs, and forgets who was watching."""
        return {**self.__dict__, "inside": None}

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """None that may be relied on."""
        return {}

    def changes(self, query: Query, mark: str | None) -> Pages:
        """One query as of its start, the deleted rows included."""
        end = self.stamped(self.now())
        since = None if mark is None else datetime.strptime(mark, "%Y-%m-%dT%H:%M:%S.%f%z") - self.overlap
        rows = [row for row in self.rows.values() if row.vendor_object == query.vendor_object]
        rows = [row for row in rows if since is None or row.touched >= since]
        records = [self.record(row, query.fields) for row in rows if row.gone is None]
        gone = [row.gone for row in rows if row.gone is not None]
        return Pages(self._paged(records, gone), end, full=mark is None)

    def _paged(self, records: list[Any], gone: list[Gone]) -> Iterator[Page]:
        for start in range(0, len(records), self.per_page):
            yield Page(records[start : start + self.per_page])
        yield Page([], gone)

    # --- people only --------------------------------------------------------------------------------------

    def convert(self, lead: Row, account: Row | None, *, deal: str | None = None) -> tuple[Row, Row, Row | None]:
        """Convert a lead: a contact, its account (a new one where none is given) and, named `deal`, an opportunity.

        Fields of the lead are carried over with whoever wrote them; our custom field is not mapped.
        """
        if account is None:
            account = self.make("Account", {"Name": lead.fields["Company"]}, "human", self._employer(lead))
        who = lead.identities
        contact = Row(self.side, "Contact", self.new_id("Contact"), who, "human", self.world.next_seq(), who)
        self.rows[contact.id] = contact
        for old, new in _CONVERTED.items():
            if old in lead.authors:
                contact.fields[new], contact.authors[new] = lead.fields[old], lead.authors[old]
        self.put(contact, {"AccountId": account.id}, "human", always=True)
        opportunity = None
        if deal is not None:
            fields = {"Name": deal, "StageName": "Prospecting", "CloseDate": "2026-12-31", "AccountId": account.id}
            opportunity = self.make("Opportunity", fields, "human", frozenset({f"deal-{deal}"}))
            self.put_list(opportunity, "OpportunityContactRoles", [contact.id], "human")
        lead.fields.update(
            IsConverted=True,
            ConvertedContactId=contact.id,
            ConvertedAccountId=account.id,
            ConvertedOpportunityId=opportunity.id if opportunity else None,
        )
        self.bump(lead)
        self.hand_over({lead.id}, contact, again=True)
        return contact, account, opportunity

    def _employer(self, lead: Row) -> frozenset[str]:
        """The company a new account is made for: the one HubSpot knows for this person, if it has no account yet."""
        hubspot = self.world.crms["hubspot"]
        people = [row for row in hubspot.live("contacts") if row.identities & lead.identities]
        ids = [each for row in people for each in row.fields.get("associations.companies") or []]
        for company in (hubspot.rows[each].identities for each in ids):
            if not any(company & account.identities for account in self.live("Account")):
                return company
        return frozenset({f"company-of-{min(lead.identities)}"})

    def merge(self, master: Row, loser: Row) -> Row:
        """The loser goes to the bin and names its master; children move; the master keeps its values."""
        master.identities |= loser.identities
        loser.fields["MasterRecordId"] = master.id
        self.remove(loser, Gone(self.side, loser.vendor_object, loser.id, "merged", master.id))
        for row in self.live():
            for name, spec in self.specs(row.vendor_object).items():
                if spec.target != loser.vendor_object:
                    continue
                value = row.fields.get(name)
                if value == loser.id:
                    row.fields[name] = master.id
                    self.bump(row)
                elif isinstance(value, list) and loser.id in value:
                    row.fields[name] = list(dict.fromkeys(master.id if each == loser.id else each for each in value))
                    self.bump(row, stamp=False)
        self.bump(master)
        self.hand_over({loser.id}, master, again=True)
        return master
