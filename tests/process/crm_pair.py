"""Two running sandboxes, a project folder between them, and runs of the real engine over real HTTP.

What the CRMs hold is read through their own `/_sandbox/records` doors, never through revloop's store.
"""

import csv
import itertools
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import requests

from connector.engine import connect
from connector.engine.run import sync
from connector.engine.seams import Seams
from connector.engine.state_of import state_of
from connector.project import init, load
from connector.sandbox.serve import SESSION, TOKEN, Desk, running

HUBSPOT_TOKEN, SALESFORCE_SESSION = "CRM_PAIR_HUBSPOT_TOKEN", "CRM_PAIR_SALESFORCE_SESSION"


@dataclass
class CrmPair:
    """A HubSpot portal, a Salesforce org, and the project that keeps them in step."""

    desk: Desk
    folder: Path
    ids: Any = field(default_factory=itertools.count)
    pause: Any = time.sleep  # how the adapters wait

    # --- the CRMs ------------------------------------------------------------------------------------

    def hubspot(self, what, body=None, method="POST"):
        """Ask HubSpot's sandbox `/_sandbox/<what>`."""
        return order(self.desk.hubspot_url, what, body, method)

    def salesforce(self, what, body=None, method="POST"):
        """Ask Salesforce's sandbox `/_sandbox/<what>`."""
        return order(self.desk.salesforce_url, what, body, method)

    def hubspot_records(self, object_):
        """Id -> properties and associations of the living records."""
        found = self.hubspot(f"records?object={object_}", method="GET")
        return {id_: record for id_, record in found.items() if not record["archived"]}

    def salesforce_records(self, sobject):
        """Id -> fields of the living records."""
        return {row["Id"]: row for row in self.salesforce(f"records?sobject={sobject}", method="GET")["records"]}

    def owners(self):
        """HubSpot owner id -> e-mail address."""
        return {each["id"]: each["email"] for each in self.hubspot("owners", {"owners": []})["owners"]}

    def forget_calls(self):
        """Begin to count calls and writes anew."""
        self.hubspot("counters", method="DELETE")
        self.salesforce("counters", method="DELETE")

    def counted(self, name):
        """`calls` or `writes` since they were last forgotten: what HubSpot and what Salesforce counted."""
        return tuple(ask("counters", method="GET")[name] for ask in (self.hubspot, self.salesforce))

    def later(self, seconds=3600):
        """Let time pass in both CRMs and for the runs."""
        self.desk.clock.advance(seconds)

    # --- the project ---------------------------------------------------------------------------------

    def setting(self, text):
        """Append lines to `connector.yaml`."""
        with (self.folder / "connector.yaml").open("a") as file:
            file.write(text + "\n")

    def remap(self, name, before, after):
        """Replace a part of a mapping file that must be there."""
        path = self.folder / "mappings" / name
        text = path.read_text()
        assert before in text, f"{name} does not hold {before!r}"
        path.write_text(text.replace(before, after))

    def field_setting(self, name, mapped, key, value):
        """Set one key of a field that stands on one line of a mapping file."""
        path = self.folder / "mappings" / name
        lines = path.read_text().split("\n")
        start = next(i for i, line in enumerate(lines) if re.match(rf"\s*- \{{name: {mapped},", line))
        end = next(i for i in range(start, len(lines)) if lines[i].rstrip().endswith("}"))
        entry = re.sub(rf",\s*{key}: \w+", "", "\n".join(lines[start : end + 1])).rstrip()
        lines[start : end + 1] = [f"{entry[:-1]}, {key}: {value}}}"]
        path.write_text("\n".join(lines))

    @contextmanager
    def opened(self):
        """The project's state store."""
        with state_of(load(self.folder)) as store:
            yield store

    def sync(self, step=sync, **options):
        """One run: everything is opened for it and closed after it, as a command does."""
        project = load(self.folder)
        seams = Seams(self.desk.clock.now, lambda prefix: f"{prefix}-{next(self.ids):06}", self.pause, alive=_nobody)
        with state_of(project) as store, connect.crms(project, self.pause) as crms:
            return step(project, store, crms, seams, **options)


@contextmanager
def crm_pair(folder, monkeypatch, data=None, **options):
    """Start both sandboxes (`data`: a folder with their files) and lay out the default project below `folder`."""
    monkeypatch.setenv(HUBSPOT_TOKEN, TOKEN)
    monkeypatch.setenv(SALESFORCE_SESSION, SESSION)
    with running(data, **options) as desk:
        init(folder)
        (folder / "connector.yaml").write_text(
            f"hubspot: {{url: {desk.hubspot_url}, auth: {{token_env: {HUBSPOT_TOKEN}}}}}\n"
            f"salesforce: {{url: {desk.salesforce_url}, auth: {{session_env: {SALESFORCE_SESSION}}}}}\n"
            "rules: {scoring: off, lifecycle: off, rejection: off, attribution: off}\n"
        )
        yield CrmPair(desk, folder)


def order(url, what, body, method):
    """One call to a sandbox's own door; what it refuses is a mistake of the test."""
    answer = requests.request(method, f"{url}/_sandbox/{what}", json=body, timeout=60)
    assert answer.ok, f"/_sandbox/{what}: {answer.status_code} {answer.text[:300]}"
    return orjson.loads(answer.content)


def rows_of(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _nobody(_run):
    """Runs of a pair come one after the other: one that is not at its end will not come to it."""
    return False
