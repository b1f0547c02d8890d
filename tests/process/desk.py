"""The real command in a process, against both sandboxes in another one."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import requests

from connector.project import init
from connector.sandbox.generate import generate
from connector.sandbox.serve import SESSION, TOKEN

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import cli  # noqa: E402 - the commands stand beside the package, not in it

CLI = (sys.executable, "-W", "ignore::ResourceWarning", str(ROOT / "cli.py"))
LONG = 60
_STARTED = []


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out.splitlines()[-1])


@dataclass
class Desk:
    """Two running sandboxes of one process."""

    hubspot: str
    salesforce: str

    def order(self, side, door, body=None, method="POST"):
        answer = requests.request(method, f"{getattr(self, side)}/_sandbox/{door}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def fresh(self, persons=20, *, dirt=False):
        """Empty both, and fill them with made-up people."""
        for side in ("hubspot", "salesforce"):
            self.order(side, "reset", {})
            self.order(side, "faults", method="DELETE")
            self.order(side, "latency", {"seconds": 0})
        hubspot, salesforce = generate(persons, 5, overlap=0.6, dirt=dirt)
        self.order("hubspot", "owners", {"owners": list(hubspot.pop("owners")), "replace": True})
        for name, rows in hubspot.items():
            self.order("hubspot", "load", {"object": name, "rows": list(rows)})
        for name, rows in salesforce.items():
            self.order("salesforce", "load", {"sobject": name, "rows": list(rows)})
        for side in ("hubspot", "salesforce"):
            self.order(side, "counters", method="DELETE")

    def slow(self, seconds):
        for side in ("hubspot", "salesforce"):
            self.order(side, "latency", {"seconds": seconds})

    def counters(self, side):
        return self.order(side, "counters", method="GET")

    def contacts(self):
        return self.order("hubspot", "records?object=contacts", method="GET")

    def salesforce_records(self, sobject):
        return self.order("salesforce", f"records?sobject={sobject}", method="GET")["records"]

    def addresses(self):
        """Every e-mail address of both sides, in small letters, as often as it is there."""
        there = [one["properties"].get("email") for one in self.contacts().values() if not one["archived"]]
        people = self.salesforce_records("Contact") + [
            one for one in self.salesforce_records("Lead") if not one["IsConverted"]
        ]
        return (
            sorted(each.lower() for each in there if each),
            sorted(one["Email"].lower() for one in people if one["Email"]),
        )


@contextmanager
def desk(*options):
    """Sandboxes on free ports, ended with SIGTERM."""
    up = ("sandbox", "up", "--hubspot-port", "0", "--salesforce-port", "0", "--json", *options)
    with subprocess.Popen((*CLI, *up), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            told = json.loads(process.stdout.readline())
            yield Desk(told["hubspot"]["url"], told["salesforce"]["url"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LONG)


RULES_OFF = "rules: {scoring: off, lifecycle: off, rejection: off, attribution: off}"
"""For tests of the sync itself: the rules want fields that nobody has installed here."""


def project(folder, at, *, settings=RULES_OFF, token=TOKEN):
    """A project as `init` makes it, pointed at the sandboxes; the token stands in its file."""
    init(folder)
    (folder / "connector.yaml").write_text(
        f"hubspot: {{url: '{at.hubspot}', auth: {{token_file: secrets/hubspot}}}}\n"
        f"salesforce: {{url: '{at.salesforce}', auth: {{session_file: secrets/salesforce}}}}\n{settings}\n"
    )
    for name, secret in (("hubspot", token), ("salesforce", SESSION)):
        path = folder / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(secret)
    return folder


def begin(folder, *arguments):
    """Start a command in the project's folder."""
    process = subprocess.Popen(
        (*CLI, *arguments), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    _STARTED.append(process)
    return process


def end_all():
    """Leave no process behind, whatever became of the test that started it."""
    while _STARTED:
        process = _STARTED.pop()
        if process.poll() is None:
            process.kill()
        with process:
            process.wait(LONG)


def run(folder, *arguments):
    """Run a command in the project's folder to its end, in this process: `main` as the entry point calls it."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        before, sys.argv = sys.argv, ["revloop", *arguments]
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        finally:
            sys.argv = before
    return Ran(code, out.getvalue(), err.getvalue())


def spawn(folder, *arguments):
    """Run a command in a process of its own to its end."""
    return ended(begin(folder, *arguments))


def ended(process):
    """How a started command ended."""
    with process:
        out, err = process.communicate(timeout=LONG)
    return Ran(process.returncode, out, err)


def until(condition, what):
    """Wait until something has happened."""
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)
