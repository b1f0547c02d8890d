"""The adapter against the Salesforce sandbox: what its tests share.

Pauses are noted and cut to a hundredth, so that retries and polls take no time; everything else is real.
"""

import time
from contextlib import contextmanager

import pytest
from servers import Sandbox, running

from connector.crm.auth import FixedToken
from connector.crm.port import Query
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.model import Write
from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import control_routes, create_app

STAMP = "Revloop_HubSpot_Id__c"
SESSION = "00D000000000001EAA!sandbox"
CANARY = "canary.person@example.com"


class Org:
    """The sandbox with adapters on it; `person(...)` does what somebody in the CRM would do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pauses: list[float] = []
        self.jobs: list[str] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        time.sleep(min(seconds, 0.01))

    @contextmanager
    def crm(self, token=None, **options):
        crm = SalesforceCrm(
            self.sandbox.url,
            token or FixedToken(SESSION),
            Options(**options),
            pause=self.pause,
            monotonic=time.monotonic,
            timeout=(5.0, 30.0),
        )
        try:
            yield crm
        finally:
            crm.close()

    def load(self, sobject: str, rows: list[dict]) -> list[str]:
        self.sandbox.order("load", {"sobject": sobject, "rows": rows})
        return [row["Id"] for row in self.sandbox.order(f"records?sobject={sobject}", method="GET")["records"]]

    def create(self, sobject: str, **fields) -> str:
        return self.sandbox.order("create", {"sobject": sobject, "fields": fields})["id"]

    def edit(self, sobject: str, record: str, **fields) -> None:
        self.sandbox.order("edit", {"sobject": sobject, "id": record, "fields": fields})

    def delete(self, sobject: str, record: str) -> None:
        self.sandbox.order("delete", {"sobject": sobject, "id": record})

    def records(self, sobject: str) -> list[dict]:
        return self.sandbox.order(f"records?sobject={sobject}", method="GET")["records"]

    def fault(self, **fault) -> None:
        self.sandbox.order("faults", fault)

    def later(self, crm: SalesforceCrm, seconds: float = 3600) -> None:
        """Time passes, and the adapter hears of it by an answer."""
        self.sandbox.order("clock", {"advance": seconds})
        crm.read("Contact", ["003000000000001AAA"], ("LastName",))


@pytest.fixture(name="running_org", scope="module")
def running_org_fixture():
    clock = Clock()
    app = create_app(None, clock=clock)
    with running(app, clock=clock, control=control_routes(app)) as sandbox:
        yield sandbox


@pytest.fixture(name="org")
def org_fixture(running_org):
    running_org.order("faults", method="DELETE")
    running_org.order("reset")
    running_org.forget()
    return Org(running_org)


@pytest.fixture(name="crm")
def crm_fixture(org):
    with org.crm() as crm:
        yield crm


def everything(reading):
    """Records by id, signs by id."""
    pages = list(reading)
    records = {one.id: one for page in pages for one in page.records}
    gone = {one.id: one for page in pages for one in page.gone}
    return records, gone


def contacts(*fields: str) -> Query:
    return Query("Contact", fields or ("LastName", "Email"))


def write(key, record=None, **fields) -> Write:
    return Write(f"ref-{key}", record, fields)
