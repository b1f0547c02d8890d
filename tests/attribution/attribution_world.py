"""Two CRMs in memory, a project, a state file, and what marketing and sales do: the stage of the attribution tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from attribution_crm import MemoryCrm
from sqlalchemy import event
from sqlalchemy.engine import Engine

from connector.engine.run import sync
from connector.engine.seams import Result, Seams
from connector.errors import LaterError
from connector.model import Activity, Side
from connector.project import Project, load
from connector.revops.carriers import CARRIERS, hubspot_field, salesforce_field
from connector.state.store import Store

FOLDER = Path(__file__).parent / "project"
CAMPAIGN = "701000000000001AAA"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Boundaries:
    """Counts calls and commits, and strikes at one of them: kills, or lets the CRM be down; `seen` names all."""

    at: int | None = None
    down: bool = False
    seen: list[str] = field(default_factory=list)
    dead: bool = False

    def cross(self, name: str) -> None:
        if self.dead:
            raise Killed
        self.seen.append(name)
        if len(self.seen) == self.at and self.down:
            raise LaterError("down for maintenance", 5.0)
        if len(self.seen) == self.at:
            self.dead = True
            raise Killed

    @contextmanager
    def commits(self) -> Iterator[None]:
        """Inside, every COMMIT of the store is a boundary."""

        def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement == "COMMIT":
                self.cross("commit")
            elif self.dead and statement != "ROLLBACK":
                raise Killed

        event.listen(Engine, "before_cursor_execute", listen)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", listen)


def some(places: Iterable[int]) -> list[int]:
    """A part of all places for each seed (`REVLOOP_SIM_SEEDS`, as in the simulation)."""
    seeds = int(os.environ.get("REVLOOP_SIM_SEEDS", "1"))
    return [at for number, at in enumerate(places) if number % 8 < seeds]


def with_rules(folder: Path, lines: str) -> Project:
    """The project of these tests with further lines in its rule file, laid out in a folder."""
    shutil.copytree(FOLDER, folder)
    rules = folder / "rules" / "attribution.yaml"
    rules.write_text(rules.read_text() + lines)
    return load(folder)


def project(**changed: Any) -> Project:
    """The project of these tests, with other rules of attribution if wanted."""
    made = load(FOLDER)
    if not changed:
        return made
    attribution = replace(made.agreement.attribution, **changed)
    return replace(made, agreement=replace(made.agreement, attribution=attribution), hash=f"{made.hash}{changed}")


class World:
    """The stage."""

    def __init__(self, path: Path, made: Project | None = None) -> None:
        self.project = made or project()
        self.now = NOW
        self.path = path
        self.hubspot = MemoryCrm("hubspot", self.project, lambda: self.now)
        self.salesforce = MemoryCrm("salesforce", self.project, lambda: self.now)
        self.runs = 0

    @property
    def crms(self) -> Mapping[Side, MemoryCrm]:
        return {"hubspot": self.hubspot, "salesforce": self.salesforce}

    def store(self) -> Store:
        """The state, to be closed by whoever asks."""
        return Store.open(self.path)

    def run(
        self, boundaries: Boundaries | None = None, engine: Callable[..., Result] = sync, **options: Any
    ) -> Result | None:
        """One run; None where it was killed or a CRM was down."""
        self.runs += 1
        for crm in self.crms.values():
            crm.cross = boundaries.cross if boundaries else lambda _name: None
        store = self.store()
        try:
            if boundaries is None:
                return engine(self.project, store, dict(self.crms), self._seams(), **options)
            with boundaries.commits():
                return engine(self.project, store, dict(self.crms), self._seams(), **options)
        except (Killed, LaterError):
            return None
        finally:
            store.close()
            self.now += timedelta(minutes=15)

    def writes(self) -> int:
        """What a further run writes, as the CRMs saw it."""
        before = sum(len(crm.journal) for crm in self.crms.values())
        result = self.run()
        done = sum(len(crm.journal) for crm in self.crms.values()) - before
        assert result is not None
        assert sum(result.summary["writes"].values()) == 0 or done > 0
        return done

    def settle(self) -> None:
        """Run until nothing is written any more."""
        for _ in range(6):
            if self.writes() == 0:
                return
        raise AssertionError("it does not come to rest")

    def _seams(self) -> Seams:
        run, numbers = self.runs, iter(range(1, 100_000))
        return Seams(
            clock=lambda: self.now,
            new_id=lambda kind: f"{kind}-{run}-{next(numbers)}",
            pause=lambda _seconds: None,
            alive=lambda _run: False,
        )

    # --- what people do ------------------------------------------------------------------------------

    def contact(self, name: str, **fields: Any) -> str:
        """A HubSpot contact who agreed to tracking; gives its id."""
        given = {
            "email": f"{name}@example.com", "lastname": name.title(), "company": "Example GmbH",
            "tracking_consent": "true", "createdate": "2026-08-01T08:00:00Z",
        }  # fmt: skip
        return self.hubspot.put("contacts", **{**given, **fields}).id

    def deal(self, name: str, *contacts: str, amount: str | None = "48000", won: bool = True, **fields: Any) -> str:
        """A HubSpot deal with contacts, closed on 20 November unless it is open."""
        given: dict[str, Any] = {
            "dealname": name, "amount": amount, "deal_currency_code": "EUR", "createdate": "2026-11-06T09:00:00Z",
            "associations.contacts": list(contacts), "hs_is_closed_won": "true" if won else "false",
            "hs_is_closed": "true" if won else "false",
            "closedate": "2026-11-20T12:00:00Z" if won else "2027-01-31T12:00:00Z",
        }  # fmt: skip
        return self.hubspot.put("deals", **{**given, **fields}).id

    def form(
        self, contact: str, number: str, at: str, url: str = "https://example.com/demo", title: str = "Demo"
    ) -> None:
        """A form that a contact sent; `url` may carry UTM values."""
        fields = {"conversionId": number, "submittedAt": at, "pageUrl": url, "title": title}
        self.hubspot.tell(Activity("hubspot", "form", number, "contacts", contact, at, fields))

    def click(self, contact: str, number: str, at: str) -> None:
        """A click in a marketing e-mail."""
        fields = {"id": number, "type": "CLICK", "created": at, "url": "https://example.com/news?utm_campaign=News"}
        self.hubspot.tell(Activity("hubspot", "email_click", number, "contacts", contact, at, fields))

    def view(self, contact: str, number: str, at: str, url: str = "https://example.com/pricing") -> None:
        """A visited page."""
        fields = {"id": number, "occurredAt": at, "properties": {"hs_url": url, "hs_referrer": "https://google.com"}}
        self.hubspot.tell(Activity("hubspot", "page_view", number, "contacts", contact, at, fields))

    def meeting(self, number: str, at: str, *contacts: str) -> None:
        """A meeting that took place: an activity of each of its contacts, as HubSpot's adapter tells it."""
        fields = {"hs_object_id": number, "hs_meeting_outcome": "COMPLETED", "hs_meeting_start_time": at,
                  "hs_meeting_title": "Talk"}  # fmt: skip
        for each in contacts:
            self.hubspot.tell(Activity("hubspot", "meeting", f"{number}-{each}", "contacts", each, at, fields))

    def response(
        self,
        record: str,
        number: str,
        day: str,
        campaign: str = "Autumn",
        kind: str = "Webinar",
        *,
        responded: bool = True,
    ) -> None:
        """A lead or contact that answered to a campaign."""
        vendor_object = "Lead" if record.startswith("00Q") else "Contact"
        fields = {
            "Id": number, "HasResponded": responded, "FirstRespondedDate": day if responded else None,
            "Status": "Attended", "CampaignId": CAMPAIGN, "Campaign": {"Id": CAMPAIGN, "Name": campaign, "Type": kind},
        }  # fmt: skip
        self.salesforce.tell(Activity("salesforce", "campaign_member", number, vendor_object, record, day, fields))

    def rows(self, side: Side, carrier: str) -> list[dict[str, Any]]:
        """The rows of a carrier by the names of its fields, references under the vendor's names."""
        fields = {each.name: each for each in CARRIERS}[carrier].fields
        names = {
            (hubspot_field(each.name, "revops_") if side == "hubspot" else salesforce_field(each.name)): each.name
            for each in fields
        }
        found = self.crms[side].carried(carrier).values()
        return [{names.get(column, column): value for column, value in row.items()} for row in found]

    def credits(self, side: Side = "hubspot", model: str = "w_shape") -> dict[str, str | None]:
        """Channel -> amount of one model; the amounts of one channel are listed."""
        found: dict[str, list[str]] = {}
        for row in self.rows(side, "credit"):
            if row["model"] == model:
                amount = row.get("amount")
                found.setdefault(row["channel"], []).append(
                    "-" if amount in (None, "") else f"{Decimal(str(amount)):.2f}"
                )
        return {channel: ", ".join(sorted(amounts)) for channel, amounts in sorted(found.items())}

    def inbox(self, code: str = "CARRIER") -> list[tuple[str, str, str]]:
        """(object, side, message) of everything held for one reason."""
        with self.store() as store:
            return [(each.object, each.side, each.message) for each in store.inbox.of_code(code)]
