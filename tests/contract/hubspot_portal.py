"""A HubSpot sandbox with our adapter in front of it; every call of the adapter is held against the contract."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import openapi
import orjson
from servers import Sandbox, running

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.port import Query
from connector.model import Done, Write
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import control_routes, create_app

TOKEN = "pat-na1-sandbox"
STAMP = "revloop_salesforce_id"


@dataclass
class Portal:
    """The sandbox, the adapter, and how long the adapter would have slept."""

    sandbox: Sandbox
    crm: HubSpot
    waits: list[float] = field(default_factory=list)

    def people(self, count: int, **properties) -> list[str]:
        """Create contacts through the adapter; gives their ids."""
        writes = [
            Write(
                f"make-{number}",
                None,
                {STAMP: f"003{number}", "email": f"person{number}@example.com", "lastname": "Test", **properties},
            )
            for number in range(count)
        ]
        return ids(self.crm.create("contacts", STAMP, writes, refuse_job))

    def companies(self, count: int) -> list[str]:
        """Create companies through the adapter; gives their ids."""
        writes = [Write(f"make-{n}", None, {STAMP: f"001{n}", "name": f"Company {n}"}) for n in range(count)]
        return ids(self.crm.create("companies", STAMP, writes, refuse_job))

    def edit(self, vendor_object: str, number: str, **properties) -> None:
        """Change a record as a person in HubSpot does."""
        self.sandbox.order("edit", {"object": vendor_object, "id": number, "properties": properties})

    def read_all(self, fields=("email",), mark=None, vendor_object="contacts", expected=0):
        """A whole read: the reading, its records and what is gone."""
        reading = self.crm.changes(Query(vendor_object, tuple(fields), expected), mark)
        pages = list(reading)
        return reading, [r for page in pages for r in page.records], [g for page in pages for g in page.gone]


def refuse_job(job: str) -> None:
    """HubSpot has no jobs, so this is never called."""
    raise AssertionError(job)


def ids(outcomes) -> list[str]:
    """Ids of outcomes that are all done."""
    assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes
    return [outcome.id for outcome in outcomes]


@contextmanager
def serving(*, enforce_rates=False, **options):
    """Start a sandbox; what was said to it is judged by the contract when it stops."""
    clock = Clock()
    app = create_app(None, clock=clock, enforce_rates=enforce_rates, **options)
    with running(app, clock=clock, control=control_routes(app)) as sandbox:
        yield sandbox
    for said in [*sandbox.earlier, *sandbox.talk] if openapi.available() else []:
        if not openapi.published(said.path):
            continue
        form = said.path.startswith("/oauth/")
        body = dict(parse_qsl(said.body.decode())) if form else orjson.loads(said.body or b"null")
        openapi.validate_request(said.method, f"{said.path}?{said.query}", body)


@contextmanager
def adapted(sandbox: Sandbox, *, real_waits=False, **arguments):
    """Our adapter in front of a sandbox; `arguments` are further ones of HubSpot."""
    waits: list[float] = []
    crm = HubSpot(sandbox.url, FixedToken(TOKEN), pause=time.sleep if real_waits else waits.append, **arguments)
    try:
        yield Portal(sandbox, crm, waits)
    finally:
        crm.close()


@contextmanager
def portal(*, real_waits=False, adapter=None, **options):
    """A sandbox and an adapter of its own."""
    with serving(**options) as sandbox, adapted(sandbox, real_waits=real_waits, **(adapter or {})) as started:
        yield started


@contextmanager
def fresh(sandbox: Sandbox):
    """An adapter in front of an empty account of a sandbox that other tests have used."""
    sandbox.order("reset")
    sandbox.order("faults", method="DELETE")
    sandbox.order("latency", {"seconds": 0})
    sandbox.clock.set(None)
    sandbox.forget()
    with adapted(sandbox) as started:
        yield started
