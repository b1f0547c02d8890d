"""A Salesforce sandbox over HTTP for the tests: a client that speaks REST plainly, and the recorded answers."""

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import yaml
from servers import running

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import control_routes, create_app

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
STAMP = "2026-11-23T10:00:00.000+0000"
VERSION = "/services/data/v68.0"
TOKEN = "00D000000000001EAA!AQtoken"
EXTERNAL_ID = "Revloop_HubSpot_Id__c"
CONTRACTS = Path(
    os.environ.get("REVLOOP_CONTRACTS", Path(__file__).resolve().parents[2] / ".." / "shared" / "contracts")
)


class Client:
    """Calls of one API user; answers come back as `requests` gives them."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {TOKEN}"

    def call(self, method, path, body=None, **more):
        base = "" if path.startswith("/services") else VERSION
        return self.http.request(method, f"{self.sandbox.url}{base}{path}", json=body, timeout=30, **more)

    def create(self, sobject, **fields):
        answer = self.call("POST", f"/sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def read(self, sobject, record):
        answer = self.call("GET", f"/sobjects/{sobject}/{record}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def update(self, sobject, record, **fields):
        return self.call("PATCH", f"/sobjects/{sobject}/{record}", fields)

    def query(self, soql, every=False):
        answer = self.call("GET", f"/{'queryAll' if every else 'query'}?q={quote(soql)}")
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]

    def order(self, what, **body):
        return self.sandbox.order(what, body)

    def refused(self, what, **body):
        """The refusal of a control order that must not succeed."""
        answer = requests.post(f"{self.sandbox.url}/_sandbox/{what}", json=body, timeout=30)
        assert answer.status_code == 400, answer.text
        return answer.json()

    def user(self, email):
        return self.query(f"SELECT Id FROM User WHERE Email = '{email}'")[0]["Id"]

    def again(self):
        """Back to a fresh org at ten o'clock."""
        self.sandbox.order("clock", {"now": NOW.isoformat()})
        self.sandbox.order("faults", method="DELETE")
        self.order("reset")
        self.sandbox.forget()
        return self


@contextmanager
def salesforce(data=None, **options):
    """A running sandbox; yields its Client."""
    clock = Clock()
    clock.set(NOW)
    app = create_app(data, clock=clock, **options)
    with running(app, clock=clock, control=control_routes(app)) as sandbox:
        client = Client(sandbox)
        with client.http:
            yield client


def recorded(name):
    """The interactions of a recorded file as (method, path, request body, answer); skips where there is none."""
    path = CONTRACTS / "salesforce" / "recorded" / f"{name}.yaml"
    if not path.exists():
        pytest.skip(f"the recorded Salesforce answers are not here: {path.name}; set REVLOOP_CONTRACTS to their folder")
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = []
    for one in whole.get("interactions", [whole]):
        if "request" in one:
            asked, answer = one["request"], one["response"]["body"]["string"]
            path = asked["uri"].partition(".com")[2].replace("vxx.0", "v68.0")
            found.append((asked["method"], path, json.loads(asked["body"] or "null"), json.loads(answer)))
    return found
