"""How fast a sync is and what it costs in calls, against the sandboxes.

Run by hand:

    python benchmarks/sync.py                      10,000 and 100,000 persons
    python benchmarks/sync.py --persons 20000      another size
    python benchmarks/sync.py --quota              300 ms per call and 190 HubSpot calls per 10 s

Both sandboxes run in a process of their own, every run in a fresh process of ours, so that CPU seconds and peak
memory are ours alone. Half of the persons are in both CRMs, a quarter in one of them each; after the first sync all
are in both. «minimum» is the number of calls that the vendors' page and batch sizes allow at best for the records
read and written, with one re-read per batch of updates and the history audit counted in, and the calls that every
run makes once (accounts, owners, descriptions, cursors).
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from connector.engine import connect
from connector.engine.run import sync
from connector.engine.seams import Seams
from connector.engine.state_of import state_of
from connector.project import load
from connector.sandbox.generate import generate
from connector.sandbox.serve import SESSION, TOKEN

LIST, BATCH, SEARCH, HISTORY = 100, 100, 200, 50  # HubSpot: records per page, write, search page, history read
QUERY, COLLECTION, JOB, JOB_CALLS = 2000, 200, 10_000, 8  # Salesforce: rows per page, write, bulk job; calls of a job
BULK_READ, BULK_PAGE, BULK_READ_CALLS = 20_000, 50_000, 3
ONCE = {"hubspot": 4, "salesforce": 7}  # account, owners, describe; org, currency, users, queues, user, describes
QUOTA, WINDOW, LATENCY = 190, 10.0, 0.3

MAPPING = """
object: person
hubspot: contacts
salesforce: {lead: Lead, contact: Contact}
keys: [email]
create:
  salesforce: [{as: lead, when: {last_name: present}}]
  hubspot: [{when: {email: present}}]
first_link: salesforce
fields:
  - {name: email, hubspot: email, salesforce: Email, type: email, winner: salesforce}
  - {name: first_name, hubspot: firstname, salesforce: FirstName, winner: newest}
  - {name: last_name, hubspot: lastname, salesforce: LastName, winner: newest}
  - {name: job_title, hubspot: jobtitle, salesforce: Title, winner: newest}
  - {name: phone, hubspot: phone, salesforce: Phone, type: phone, winner: salesforce}
  - {name: mobile, hubspot: mobilephone, salesforce: MobilePhone, type: phone, winner: salesforce}
  - {name: street, hubspot: address, salesforce: {lead: Street, contact: MailingStreet}, winner: newest}
  - {name: postal_code, hubspot: zip, salesforce: {lead: PostalCode, contact: MailingPostalCode}, winner: newest}
  - {name: city, hubspot: city, salesforce: {lead: City, contact: MailingCity}, winner: newest}
  - {name: country, hubspot: country, salesforce: {lead: Country, contact: MailingCountry}, type: country}
  - {name: company_name, hubspot: company, salesforce: {lead: Company}, to: salesforce}
  - {name: owner, hubspot: hubspot_owner_id, salesforce: OwnerId, type: owner, winner: salesforce}
"""


@dataclass(frozen=True)
class Step:
    """One measured run."""

    name: str
    wall: float
    cpu: float
    peak: int
    calls: dict[str, int]
    minimum: dict[str, int]
    most_in_flight: int
    plan: dict[str, Any]


@contextmanager
def sandboxes(*, enforce: bool) -> Iterator[tuple[str, str]]:
    """Both sandboxes in another process; their addresses."""
    program = (
        "from connector.sandbox.serve import serve\n"
        f"serve(None, hubspot_port=0, salesforce_port=0, hubspot_options={{'enforce_rates': {enforce}}},\n"
        "      ready=lambda desk: print(desk.hubspot_url, desk.salesforce_url, flush=True))\n"
    )
    folder = Path(__file__).resolve().parents[1]
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        assert process.stdout is not None
        hubspot, salesforce = process.stdout.readline().split()
        yield hubspot, salesforce
    finally:
        process.terminate()
        process.wait(20)


def order(url: str, what: str, body: Any = None, method: str = "POST") -> Any:
    """Ask a sandbox's control door."""
    answer = requests.request(method, f"{url}/_sandbox/{what}", json=body, timeout=600)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def fill(hubspot: str, salesforce: str, persons: int) -> None:
    """Load generated persons into both sandboxes."""
    ours, theirs = generate(persons, 1, overlap=0.5, dirt=False)
    for name in ("owners", "companies", "contacts"):
        for some in chunks(ours[name]):
            if name == "owners":
                order(hubspot, "owners", {"owners": some})
            else:
                order(hubspot, "load", {"object": name, "rows": some})
    for name in ("User", "Account", "Lead", "Contact"):
        for some in chunks(theirs[name]):
            order(salesforce, "load", {"sobject": name, "rows": some})


def chunks(rows: Iterator[Any], size: int = 2000) -> Iterator[list[Any]]:
    """Rows in lists."""
    while some := list(itertools.islice(rows, size)):
        yield some


def make_project(urls: tuple[str, str]) -> Path:
    """A project folder with persons alone."""
    folder = Path(tempfile.mkdtemp(prefix="revloop-benchmark-"))
    (folder / "mappings").mkdir()
    (folder / "mappings" / "person.yaml").write_text(MAPPING)
    (folder / "connector.yaml").write_text(
        f"hubspot: {{url: {urls[0]}, overlap: 0s, lag: 0s, auth: {{token_env: HUBSPOT_TOKEN}}}}\n"
        f"salesforce: {{url: {urls[1]}, overlap: 0s, auth: {{session_env: SALESFORCE_SESSION}}}}\n"
    )
    return folder


def measure(name: str, folder: Path, urls: tuple[str, str], *, full: bool, news: tuple[int, int] = (0, 0)) -> Step:
    """One run in a process of its own: its CPU seconds, memory and calls.

    `news` are the records that an incremental run has to read in HubSpot and in Salesforce.
    """
    for url in urls:
        order(url, "counters", method="DELETE")
    command = [sys.executable, __file__, "--child", str(folder), *(["--full"] if full else [])]
    secrets = {"HUBSPOT_TOKEN": TOKEN, "SALESFORCE_SESSION": SESSION}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **secrets})
    told = json.loads(done.stdout.splitlines()[-1])
    counters = [order(url, "counters", method="GET") for url in urls]
    calls = {"hubspot": counters[0]["calls"], "salesforce": counters[1]["calls"]}
    minimum = at_least(told["plan"], told["known"], news, full=full or name == "first sync")
    return Step(
        name, told["wall"], told["cpu"], told["peak"], calls, minimum, counters[0]["most_in_flight"], told["plan"]
    )


def child(folder: Path, *, full: bool) -> None:
    """The measured run; prints its numbers as JSON."""
    gc.set_threshold(100_000, 50, 50)  # as the command does: a run makes many small objects and few cycles
    numbers = itertools.count(int(time.time() * 1000))
    seams = Seams(lambda: datetime.now(UTC), lambda prefix: f"{prefix}-{next(numbers)}", time.sleep)
    wall, cpu = time.perf_counter(), time.process_time()
    project = load(folder)
    with state_of(project) as store, connect.crms(project) as crms:
        result = sync(project, store, crms, seams, full=full)
        known = store.links.count("person")
    assert result.exit_code in {0, 1}, result.reasons
    told = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": peak(),
        "plan": result.summary["plan"],
        "known": known,
    }
    print(json.dumps(told))


def peak() -> int:
    """The process's largest resident memory so far in MiB; `getrusage` would count the parent's before the exec."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def at_least(plan: dict[str, Any], known: int, news: tuple[int, int], *, full: bool) -> dict[str, int]:
    """The fewest calls that page and batch sizes allow for one run.

    The generated Salesforce persons are leads and contacts in equal parts, and what is created there is leads.
    """
    create, update = plan["create"], plan["update"]
    before = {side: known - create[side] for side in ("hubspot", "salesforce")}
    half = update["salesforce"] // 2
    hubspot = pages(before["hubspot"], LIST) if full else max(1, pages(news[0], SEARCH))
    hubspot += pages(create["hubspot"], BATCH) + 2 * pages(update["hubspot"], BATCH)
    hubspot += pages(min(update["hubspot"], max(500, update["hubspot"] // 10)), HISTORY)
    read = before["salesforce"] if full else news[1]
    salesforce = 2 * (query_calls(read // 2) + 1)  # each object, and its deleted records
    salesforce += write_calls(create["salesforce"]) + 2 * (write_calls(half) + pages(half, QUERY))
    return {"hubspot": ONCE["hubspot"] + hubspot, "salesforce": ONCE["salesforce"] + salesforce}


def pages(records: int, size: int) -> int:
    """Calls for so many records."""
    return math.ceil(records / size)


def query_calls(records: int) -> int:
    """The cheaper of REST pages and a bulk query, which is created, polled and deleted."""
    return min(pages(records, QUERY), BULK_READ_CALLS + pages(records, BULK_PAGE)) if records else 1


def write_calls(records: int) -> int:
    """The cheaper of Collections and bulk jobs."""
    return min(pages(records, COLLECTION), JOB_CALLS * pages(records, JOB))


def edit(urls: tuple[str, str], share: float) -> int:
    """People change a share of the persons' job titles, half in each CRM."""
    contacts = list(order(urls[0], "records?object=contacts", method="GET"))
    count = int(len(contacts) * share / 2)
    for number in contacts[:count]:
        order(urls[0], "edit", {"object": "contacts", "id": number, "properties": {"jobtitle": f"Lead of {number}"}})
    people = order(urls[1], "records?sobject=Contact", method="GET")["records"]
    ids = [each["Id"] for each in people][-count:] if isinstance(people, list) else list(people)[-count:]
    for number in ids:
        order(urls[1], "edit", {"sobject": "Contact", "id": number, "fields": {"Title": f"Head of {number[-6:-3]}"}})
    return 2 * count


def one_size(persons: int, *, quota: bool) -> list[Step]:
    """All steps for one number of persons."""
    with sandboxes(enforce=quota) as urls:
        fill(*urls, persons)
        folder = make_project(urls)
        time.sleep(2)  # so that the vendors' stamps of the load lie behind the first marks
        if quota:
            for url in urls:
                order(url, "latency", {"seconds": LATENCY})
        steps = [measure("first sync", folder, urls, full=False)]
        if quota:
            return [*steps, measure("all read, nothing changed", folder, urls, full=True)]
        created = steps[0].plan["create"]
        back = (created["hubspot"], created["salesforce"] + steps[0].plan["update"]["salesforce"])
        steps.append(measure("own writes come back", folder, urls, full=False, news=back))
        steps.append(measure("nothing changed", folder, urls, full=False))
        steps.append(measure("all read, nothing changed", folder, urls, full=True))
        edited = edit(urls, 0.01)
        steps.append(measure("1 % changed", folder, urls, full=False, news=(edited // 2, edited // 2)))
        return steps


def floor(step: Step) -> float:
    """Seconds that the HubSpot quota needs for the minimum: a full first window, then the rolling rate."""
    return max(0, step.minimum["hubspot"] - QUOTA) / QUOTA * WINDOW + LATENCY


def show(persons: int, steps: list[Step], *, quota: bool) -> None:
    """The table of one size."""
    print(f"\n{persons:,} persons")
    head = f"{'':28}{'wall s':>9}{'CPU s':>8}{'pairs/s':>9}{'pairs/CPU s':>13}{'peak MiB':>10}"
    print(
        head
        + f"{'HubSpot calls':>22}{'Salesforce calls':>22}"
        + (f"{'quota floor s':>15}{'wall/floor':>12}" if quota else "")
    )
    for step in steps:
        line = f"{step.name:28}{step.wall:9.2f}{step.cpu:8.2f}{persons / step.wall:9,.0f}"
        line += f"{persons / step.cpu:13,.0f}{step.peak:10}"
        for side in ("hubspot", "salesforce"):
            calls, least = step.calls[side], step.minimum[side]
            line += f"{f'{calls:,} / {least:,} = {calls / least:.2f}':>22}"
        if quota:
            line += f"{floor(step):15.1f}{step.wall / floor(step):12.2f}"
        print(line)


def main() -> None:
    """Run the sizes, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, nargs="*", default=[])
    parser.add_argument("--quota", action="store_true")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, full=options.full)
        return
    for persons in options.persons or ([20_000] if options.quota else [10_000, 100_000]):
        show(persons, one_size(persons, quota=options.quota), quota=options.quota)


if __name__ == "__main__":
    main()
