"""Persons living through several runs: each is planned by the real engine, and what it decided is remembered."""

from itertools import count

from connector.engine.adopt import adopt
from connector.engine.cases.crm import CaseCrm
from connector.engine.derive.memory import from_body
from connector.engine.derive.remember import remember
from connector.engine.run import plan
from connector.engine.seams import Seams, Work
from connector.engine.shape import Shapes
from connector.model import SIDES
from connector.project import load
from connector.project.case_file import CaseLine

SELLER = {"side": "hubspot", "id": "7", "email": "anna@example.com"}
CONTACT = {
    "id": "1", "email": "wanda.weit@probe.example", "lastname": "Weit", "lifecyclestage": "marketingqualifiedlead",
    "hubspot_owner_id": "7", "hubspot_owner_assigneddate": "2026-10-05T08:00:00Z",
    "hs_v2_date_entered_marketingqualifiedlead": "2026-10-05T08:00:00Z",
    "hs_analytics_source": "PAID_SEARCH", "hs_analytics_source_data_1": "Herbst", "numemployees": "75",
    "industry": "MACHINERY", "hs_country_region_code": "DE",
}  # fmt: skip
HISTORY = {
    "hubspot 1": {
        "hs_lead_status": [["UNQUALIFIED", "2026-10-06T14:00:00Z"], ["OPEN", "2026-10-05T08:00:00Z"]],
        "revops_rejection_reason": [["budget_none", "2026-10-06T14:00:00Z"]],
    }
}
REJECTED = CONTACT | {"hs_lead_status": "UNQUALIFIED", "revops_rejection_reason": "budget_none"}
_NUMBERS = count(1)


def run(folder, store, as_of, **case):
    """One run at an instant over these records, up to the last decision; gives the run for whoever goes on."""
    project = load(folder)
    line = CaseLine.model_validate({"name": "life", "as_of": as_of, "owners": [SELLER], **case})
    shapes = Shapes(project.mappings, project.settings.time_zone)
    crms = {side: CaseCrm(side, line, shapes) for side in SIDES}
    number = next(_NUMBERS)
    seams = Seams(
        clock=lambda: line.as_of, new_id=lambda kind: f"{kind}-{number}-{next(_NUMBERS)}", pause=lambda _seconds: None
    )
    made = plan(project, store, crms, seams)
    work = Work(project, store, crms, seams, made.run)
    for kind, carry_out in (("adopt", adopt), ("decide", remember)):
        for chunk in store.plans.actions(made.plan, kind=kind):
            carry_out(work, made.plan, chunk)
    return work


def memories(store):
    """What is remembered of each person."""
    return {key: from_body(body) for chunk in store.standings.all("person") for key, body in chunk}


def only(store):
    """The memory of the one person there is."""
    (found,) = memories(store).values()
    return found
