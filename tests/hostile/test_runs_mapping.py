"""Mappings that do not fit the CRMs: said with file and line before anything is written, or held record by record."""

import pytest
from crm_pair import crm_pair
from crm_picture import picture
from small_world import COUNTS, account, brought_into_step, fill, held, settled, stopped

from connector.engine import connect
from connector.engine.run import apply
from connector.errors import SettingsError
from connector.install.check import check
from connector.project import load

NO_FIELD = "shows no field"
CHANGED = "the mapping or rule files changed since the last accepted run; look at the plan, then allow it"
READ_ONLY = "is calculated or read-only, but the mapping writes it: set `to:"


def add_line(pair, object_, line):
    """Append a field to a mapping file; gives its place, the text before, and the path."""
    path = pair.folder / "mappings" / f"{object_}.yaml"
    before = path.read_text()
    path.write_text(f"{before}  - {{{line}}}\n")
    return f"mappings/{path.name}:{len(before.splitlines()) + 1}", before, path


def errors_of_check(pair):
    """Where `revloop check` finds errors."""
    project = load(pair.folder)
    with connect.crms(project) as crms:
        return {each.where for each in check(project, crms["hubspot"], crms["salesforce"]) if each.level == "error"}


WRONG_LINES = [
    ("company", "name: fax, hubspot: no_such_property, salesforce: Fax", "companies.no_such_property", NO_FIELD),
    ("deal", "name: score, hubspot: hs_priority, salesforce: No_Such__c", "Opportunity.No_Such__c", NO_FIELD),
    (
        "deal",
        "name: open, hubspot: hs_is_closed, salesforce: IsPrivate, type: bool, to: hubspot",
        "deals.hs_is_closed",
        READ_ONLY,
    ),
    (
        "deal",
        "name: weighted, hubspot: hs_projected_amount, salesforce: Probability, type: number",
        "deals.hs_projected_amount",
        READ_ONLY,
    ),
    (
        "deal",
        "name: people, hubspot: num_associated_contacts, salesforce: ExpectedRevenue, type: number, to: salesforce",
        "Opportunity.ExpectedRevenue",
        READ_ONLY,
    ),
    (
        "deal",
        "name: born, hubspot: createdate, salesforce: CreatedDate, type: datetime, to: salesforce",
        "Opportunity.CreatedDate",
        READ_ONLY,
    ),
]


@pytest.mark.parametrize(("object_", "line", "field", "words"), WRONG_LINES)
def test_a_field_that_is_not_there_or_not_to_be_written(pair, object_, line, field, words):
    where, before, path = add_line(pair, object_, line)
    assert where in errors_of_check(pair)
    assert stopped(pair, SettingsError, f"{where}: ", field, words, "`revloop check` says more") == (0, 0)
    path.write_text(before)
    brought_into_step(pair)


def test_every_wrong_line_is_told_at_once(pair):
    wrong = [
        add_line(pair, "company", "name: fax, hubspot: no_such_property, salesforce: No_Such__c"),
        add_line(pair, "deal", "name: born, hubspot: createdate, salesforce: CreatedDate, type: datetime"),
    ]
    with pytest.raises(SettingsError) as caught:
        pair.sync()
    assert [problem.split(": ")[0] for problem in caught.value.problems] == [wrong[0][0]] * 2 + [wrong[1][0]] * 2
    for _, before, path in wrong:
        path.write_text(before)
    brought_into_step(pair)


def test_a_wrong_line_in_the_middle_of_life_touches_nothing(pair):
    """As in a first run; and the line put right needs nobody's leave, since nothing was accepted in between."""
    before_all = brought_into_step(pair)
    line = "name: fax, hubspot: no_such_property, salesforce: Fax, blank: clear"
    _, before, path = add_line(pair, "company", line)
    pair.salesforce("edit", {"sobject": "Account", "id": account(1), "fields": {"Fax": "+49 30 1"}})
    pair.later()
    assert stopped(pair, SettingsError, "companies.no_such_property") == (0, 0)
    assert {row["Fax"] for row in pair.salesforce_records("Account").values()} == {"+49 30 1", None}
    path.write_text(before)
    assert brought_into_step(pair) == before_all


def test_accounts_without_the_stamps(tmp_path, monkeypatch):
    with crm_pair(tmp_path / "project", monkeypatch, bare=True, hubspot_options={"enforce_rates": False}) as pair:
        fill(pair)
        stamps = ("deals.revloop_salesforce_id", "Account.Revloop_HubSpot_Id__c", "Lead.Revloop_HubSpot_Id__c")
        assert stopped(pair, SettingsError, *stamps, "revloop install") == (0, 0)


def allowed(pair):
    """Carry out the latest plan, which the brakes refused because a mapping had changed."""
    with pair.opened() as store:
        plan = store.plans.latest().id
    return pair.sync(lambda *parts: apply(*parts, plan, allow=True))


KIND = "name: kind, hubspot: industry, salesforce: Industry, type: enum, values: "
NO_OPTION = (
    "hubspot refused create of companies: property industry has no such option: `revloop install` adds it if the "
    "property is revloop's own; else add the option in HubSpot, or map it to another one; `revloop check` compares the "
    "options"
)
NOT_LISTED = (
    "kind: its Salesforce option is not among `values` ({where}); add a line for it there, or choose another option "
    "in the CRM"
)


@pytest.mark.parametrize(
    ("values", "message"), [("{NO_SUCH_OPTION: Technology}", NO_OPTION), ("{BANKING: Banking}", NOT_LISTED)]
)
def test_an_option_that_does_not_exist_holds_only_its_record(pair, values, message):
    pair.salesforce("edit", {"sobject": "Account", "id": account(1), "fields": {"Industry": "Technology"}})
    where, before, path = add_line(pair, "company", KIND + values)
    assert pair.sync().exit_code == 1
    ((object_, side, _, text),) = held(pair)
    assert (object_, side, text) == ("company", "salesforce", message.format(where=where))
    seen = picture(pair)
    assert len(seen.hubspot["company"]) >= 3
    assert {object_: len(rows) for object_, rows in seen.salesforce.items()} == COUNTS

    pair.later()
    path.write_text(f"{before}  - {{{KIND}{{COMPUTER_SOFTWARE: Technology}}}}\n")
    assert pair.sync().reasons == (CHANGED,)
    assert pair.sync().exit_code == 4  # asking again is no answer
    assert allowed(pair).exit_code == 0
    assert held(pair) == []
    brought_into_step(pair)
    found = [row["properties"] for row in pair.hubspot_records("companies").values()]
    assert [each["name"] for each in found if each.get("industry") == "COMPUTER_SOFTWARE"] == ["Sample 1 GmbH"]


def test_an_option_that_a_strict_salesforce_picklist_does_not_have(pair):
    options = {"sorted": False, "value": [{"fullName": "Bank", "default": False, "label": "Bank"}]}
    kind = {"type": "Picklist", "label": "Kind", "valueSet": {"restricted": True, "valueSetDefinition": options}}
    pair.salesforce("field", {"sobject": "Account", "name": "Kind__c", **kind})
    pair.hubspot("edit", {"object": "companies", "id": 11, "properties": {"industry": "BANKING"}})
    line = "name: kind, hubspot: industry, salesforce: Kind__c, type: enum, values: {BANKING: Banks}"
    _, before, path = add_line(pair, "company", line)
    assert pair.sync().exit_code == 1
    ((object_, side, code, text),) = held(pair)
    assert (object_, side, code) == ("company", "hubspot", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert (
        "Kind__c: the value is none of the picklist's: `revloop install` adds it if the field is revloop's own, "
        in text
    )
    path.write_text(before)
    pair.later()
    assert pair.sync().reasons == (CHANGED,)
    assert allowed(pair).exit_code == 0
    settled(pair)
