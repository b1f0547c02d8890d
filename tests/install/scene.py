"""A project with all default rules, and both sandboxes without any of revloop's parts."""

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import requests

sys.path.append(str(Path(__file__).parents[1] / "contract"))

import openapi
from servers import Sandbox, running

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.definitions import Definitions
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.crm.salesforce.definitions import OrgDefinitions
from connector.crm.salesforce.deploy import deploy
from connector.install import whole
from connector.install.wanted import Wishes
from connector.install.wishes import wishes_of
from connector.project import init, load
from connector.sandbox import hubspot as hubspot_sandbox
from connector.sandbox import salesforce as salesforce_sandbox
from connector.sandbox.clock import Clock
from connector.sandbox.serve import SESSION, TOKEN

ROOT = Path(__file__).parents[2]
ADMIN_TOKEN = SESSION
VERSION = "67.0"
STAMPS = {"hubspot": "revloop_salesforce_id", "salesforce": "Revloop_HubSpot_Id__c"}
PREFIXES = {"hubspot": "revops_", "salesforce": "RevOps_"}
DEFAULT = Wishes(STAMPS, PREFIXES)


def project(folder, *, hubspot="", salesforce="", edits=(), without=()):
    """A project folder as `init` makes it, `without` some rule files; `edits` are (file, before, after)."""
    init(folder)
    for name in without:
        (folder / "rules" / f"{name}.yaml").unlink()
    for name, before, after in edits:
        path = folder / name
        assert before in path.read_text(), (name, before)
        path.write_text(path.read_text().replace(before, after))
    settings = folder / "connector.yaml"
    if not hubspot:
        settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example"))
        return load(folder)
    settings.write_text(
        f"hubspot: {{url: '{hubspot}', auth: {{token_file: secrets/hubspot}}}}\n"
        f"salesforce: {{url: '{salesforce}', auth: {{session_file: secrets/salesforce}}}}\n"
    )
    for name, secret in (("hubspot", TOKEN), ("salesforce", SESSION)):
        path = folder / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret)
    return load(folder)


@dataclass
class Stage:
    """Both sandboxes, and revloop's way into them."""

    sandboxes: dict[str, Sandbox]
    hubspot: HubSpot
    salesforce: SalesforceCrm
    patience: float = 60.0

    @property
    def vendors(self):
        def deployed(package, check_only):
            org = self.salesforce.org
            return deploy(org, package, check_only=check_only, pause=short, patience=self.patience)

        return whole.Vendors(
            Definitions(self.hubspot.client, self.hubspot.paths), OrgDefinitions(self.salesforce.org), deployed, VERSION
        )

    def order(self, side, door, body=None, method="POST"):
        return self.sandboxes[side].order(door, body, method)

    def call(self, side, method, path, body=None, token=None):
        """A call as a person's script would send it."""
        base = "" if side == "hubspot" else f"/services/data/v{VERSION}"
        headers = {"Authorization": f"Bearer {token or (TOKEN if side == 'hubspot' else SESSION)}"}
        return requests.request(
            method, f"{self.sandboxes[side].url}{base}{path}", json=body, headers=headers, timeout=30
        )

    @contextmanager
    def adapters(self):
        """Two more adapters, which have asked nothing yet."""
        with both(self.sandboxes["hubspot"].url, self.sandboxes["salesforce"].url) as made:
            yield made

    def property(self, vendor_object, name):
        answer = self.call("hubspot", "GET", f"/crm/properties/2026-03/{vendor_object}/{name}")
        return answer.json() if answer.ok else None

    def changes(self):
        """Everything that was said and could change something, as `METHOD path`."""
        quiet = ("/search", "/batch/read", "/access-token-info")
        return [
            f"{said.method} {said.path}"
            for sandbox in self.sandboxes.values()
            for said in sandbox.talk
            if said.method != "GET" and not said.path.endswith(quiet)
        ]

    def fresh(self, tier="enterprise"):
        for side in ("hubspot", "salesforce"):
            self.order(side, "reset")
            self.order(side, "faults", method="DELETE")
            self.sandboxes[side].forget()
        self.order("hubspot", "tier", {"tier": tier})
        self.patience = 60.0
        return self


def short(seconds):
    time.sleep(min(seconds, 0.01))


@contextmanager
def both(hubspot_url, salesforce_url):
    hubspot = HubSpot(hubspot_url, FixedToken(TOKEN), pause=short)
    options = Options(version=VERSION)
    salesforce = SalesforceCrm(salesforce_url, FixedToken(SESSION), options, pause=short, monotonic=time.monotonic)
    try:
        yield hubspot, salesforce
    finally:
        hubspot.close()
        salesforce.close()


@contextmanager
def stage():
    """Bare sandboxes for as long as the block lasts; what was said to HubSpot is judged by its contract."""
    clock = Clock()
    portal = hubspot_sandbox.create_app(None, clock=clock, bare=True, enforce_rates=False)
    org = salesforce_sandbox.create_app(None, clock=clock, bare=True)
    with (
        running(portal, clock=clock, control=hubspot_sandbox.control_routes(portal)) as ours,
        running(org, clock=clock, control=salesforce_sandbox.control_routes(org)) as theirs,
        both(ours.url, theirs.url) as (hubspot, salesforce),
    ):
        yield Stage({"hubspot": ours, "salesforce": theirs}, hubspot, salesforce)
    for said in [*ours.earlier, *ours.talk] if openapi.available() else []:
        if not openapi.published(said.path):
            continue
        body = (
            dict(parse_qsl(said.body.decode()))
            if said.path.startswith("/oauth/")
            else orjson.loads(said.body or b"null")
        )
        openapi.validate_request(said.method, f"{said.path}?{said.query}", body)


def rules(tmp_path, **more):
    """The agreement of a project, and what there should be of it."""
    made = project(tmp_path / "rules-project", **more)
    return whole.wanted(made.agreement, wishes_of(made), made.where)
