"""What only a person can do, by the rules in force: no hint ends in the middle of its sentence."""

import pytest
import scene

from connector.install.by_hand import by_hand
from connector.install.hubspot_compare import HubSpotPresent
from connector.install.metadata import Parts
from connector.install.salesforce_compare import SalesforceLack, SalesforcePresent
from connector.install.wanted_salesforce import wanted_salesforce
from connector.install.wishes import wishes_of

NOTHING = SalesforcePresent("", None, frozenset(), {}, {}, {}, {})
RULES = {"scoring", "lifecycle", "rejection", "attribution"}


@pytest.mark.parametrize(
    ("part", "do"),
    [
        ("attribution", "assign it to sales and marketing"),
        (
            "rejection",
            (
                "assign it to sales and marketing, and put on the layouts of Lead and Contact what they fill in: "
                "RevOps_Objection__c, RevOps_Rejection_Reason__c, "
                "RevOps_Rejection_Reason_2__c, RevOps_Rejection_Comment__c"
            ),
        ),
    ],
)
def test_the_permission_set_by_hand(tmp_path, part, do):
    folder = tmp_path / "p"
    off = ", ".join(f"{each}: off" for each in sorted(RULES - {part}))
    edit = ("connector.yaml", "locale: de", f"rules: {{{off}}}\nlocale: de")
    project = scene.project(folder, edits=[edit])
    wanted = wanted_salesforce(project.agreement, wishes_of(project))
    found = list(by_hand(project.agreement, {}, wanted, HubSpotPresent({}, {}), NOTHING, SalesforceLack(Parts())))
    (hint,) = [each.do for each in found if "permission set" in each.what]
    assert hint == do
