"""What `check` says when a CRM is not as the project needs it: one thing is broken per test."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.core.choices import Choices
from connector.errors import LaterError, SettingsError
from connector.install.check import check
from connector.install.fit import GOOD
from connector.model import SIDES, Account, FieldInfo, Owner, Usage, by_association
from connector.project import init, load

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

RULES_OFF = "\nrules: {scoring: off, lifecycle: off, rejection: off, attribution: off}\n"


@dataclass
class StillCrm:
    """A CRM that only describes itself: the part of the port that `check` reads."""

    side: str
    fields: dict[str, dict[str, FieldInfo]]
    people: list[Owner]
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    at: datetime = NOW
    calls: Usage = Usage(0, 1000, 1000)  # noqa: RUF009  (frozen)
    broken: dict[str, Exception] = field(default_factory=dict)

    def _ask(self, what, answer):
        if what in self.broken:
            raise self.broken[what]
        return answer

    def account(self):
        return self._ask("account", Account(self.side, "1", f"the {self.side} account", self.zone, self.currency))

    def now(self):
        return self.at

    def usage(self):
        return self._ask("usage", self.calls)

    def describe(self, vendor_object):
        return self._ask(vendor_object, self.fields[vendor_object])

    def owners(self):
        return self._ask("owners", self.people)


def column(mapped, side, name):
    """A column that suits a mapping line."""
    options = None
    if mapped.type in {"enum", "multi"}:
        options = tuple(sorted(mapped.values.of(side))) if isinstance(mapped.values, Choices) else ()
    type_ = min(GOOD[side][mapped.type])
    if name == "closedate":
        type_ = "datetime"
    return FieldInfo(name, type_, writable=True, createable=True, options=options, restricted=options is not None)


def suitable(project, side):
    described = {}
    for mapping in project.mappings:
        for vendor_object in mapping.vendor_objects(side):
            stamp = mapping.stamps[side]
            columns = {stamp: FieldInfo(stamp, "string", writable=True, createable=True, unique=True)}
            for mapped in mapping.fields:
                name = mapped.vendor_name(side, vendor_object)
                if name and not by_association(name):
                    columns[name] = column(mapped, side, name)
            if side == "hubspot":
                stages = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
                columns["lifecyclestage"] = FieldInfo("lifecyclestage", "enumeration", True, True, options=stages)
            described[vendor_object] = columns
    return described


class Scene:
    def __init__(self, project):
        self.project = project
        people = [Owner("1", "one@example.com", active=True)]
        self.hubspot, self.salesforce = (StillCrm(side, suitable(project, side), list(people)) for side in SIDES)

    def change(self, side, vendor_object, name, **changes):
        columns = getattr(self, side).fields[vendor_object]
        columns[name] = replace(columns[name], **changes)

    def found(self):
        findings = check(self.project, self.hubspot, self.salesforce, clock=lambda: NOW)
        assert all(each.do for each in findings if each.level != "info")
        return [each for each in findings if each.level != "info"]

    def only(self):
        (finding,) = self.found()
        return finding


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "project"
    init(made)
    settings = made / "connector.yaml"
    settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example") + RULES_OFF)
    return made


@pytest.fixture
def scene(folder):
    return Scene(load(folder))


def edited(folder, name, before, after):
    path = folder / "mappings" / name
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    return Scene(load(folder))


def test_nothing_wrong_is_nothing_found(scene):
    assert scene.found() == []


def test_a_clock_that_is_wrong(scene):
    scene.salesforce.at = NOW + timedelta(seconds=90)
    finding = scene.only()
    assert (finding.level, finding.where) == ("warning", "Salesforce")
    assert "90 seconds behind" in finding.what


def test_another_time_zone(scene):
    scene.hubspot.zone = "America/New_York"
    assert "America/New_York" in scene.only().what


def test_a_budget_that_is_spent(scene):
    scene.hubspot.calls = Usage(900, 1000, 100)
    assert scene.only().what == "100 of 1,000 calls of the day are left: the budget of 80% is spent"


def test_no_numbers_no_finding(scene):
    scene.hubspot.calls = Usage(900, None, None)
    assert scene.found() == []


def test_currencies_that_differ(scene):
    scene.salesforce.currency = "USD"
    assert "HubSpot EUR, Salesforce USD" in scene.only().what


def test_credentials_that_are_refused(scene):
    scene.hubspot.broken["account"] = SettingsError("HubSpot refused the token")
    finding = scene.only()
    assert (finding.level, finding.where, finding.what) == ("error", "HubSpot", "HubSpot refused the token")


def test_a_crm_that_is_down(scene):
    scene.salesforce.broken["usage"] = LaterError("Salesforce is down", after=30)
    assert scene.only().do == "type `revloop check` again in 30 seconds"


def test_an_object_that_may_not_be_seen(scene):
    scene.salesforce.broken["Lead"] = SettingsError("Salesforce shows no object Lead")
    assert scene.only().what == "Salesforce shows no object Lead"


def test_owners_that_cannot_be_read(scene):
    scene.hubspot.broken["owners"] = SettingsError("the scope crm.objects.owners.read is missing")
    assert scene.only().where == "HubSpot"


def test_owners_without_counterpart_are_counted_and_not_named(scene):
    scene.hubspot.people += [Owner("2", "two@example.com", active=True), Owner("3", "left@example.com", active=False)]
    scene.salesforce.people += [Owner("00G", None, active=True)]
    finding = scene.only()
    assert finding.what.startswith("1 of 2 active owners have no active user")
    assert "two@example.com" not in finding.what + finding.do


def test_a_field_that_is_not_there(scene):
    columns = scene.salesforce.fields["Lead"]
    columns["PhoneNo"] = replace(columns.pop("Phone"), name="PhoneNo")
    finding = scene.only()
    assert finding.level == "error"
    assert finding.where.startswith("mappings/person.yaml:")
    assert finding.what == "Salesforce shows no field Lead.Phone; did you mean 'PhoneNo'?"


def test_a_field_that_is_read_only(scene):
    scene.change("hubspot", "contacts", "jobtitle", writable=False, createable=False)
    finding = scene.only()
    assert (finding.level, "set `to: salesforce`" in finding.do) == ("error", True)


def test_a_field_that_is_read_only_where_nothing_is_written(folder):
    scene = edited(folder, "person.yaml", "salesforce: Title, winner: newest", "salesforce: Title, to: salesforce")
    scene.change("hubspot", "contacts", "jobtitle", writable=False, createable=False)
    assert scene.found() == []


def test_a_field_for_creates_only(scene):
    scene.change("salesforce", "Lead", "Title", writable=False)
    assert "on create only" in scene.only().what


def test_a_field_for_updates_only(scene):
    scene.change("salesforce", "Lead", "Title", createable=False)
    assert "cannot be set when Lead is created" in scene.only().what


@pytest.mark.parametrize(
    ("side", "vendor_object", "name", "type_", "level"),
    [
        ("hubspot", "deals", "amount", "string", "warning"),
        ("hubspot", "deals", "amount", "datetime", "error"),
        ("hubspot", "contacts", "email", "number", "error"),
        ("salesforce", "Opportunity", "CloseDate", "datetime", "error"),
        ("salesforce", "Opportunity", "Amount", "boolean", "error"),
        ("salesforce", "Lead", "Title", "picklist", "warning"),
        ("salesforce", "Lead", "Country", "picklist", None),
        ("salesforce", "Lead", "Street", "textarea", None),
    ],
)
def test_types_that_do_not_fit(scene, side, vendor_object, name, type_, level):
    scene.change(side, vendor_object, name, type=type_)
    assert [each.level for each in scene.found()] == ([level] if level else [])


def test_a_mapped_option_that_is_not_there(scene):
    options = scene.hubspot.fields["deals"]["dealstage"].options
    scene.change("hubspot", "deals", "dealstage", options=tuple(each for each in options if each != "closedwon"))
    finding = scene.only()
    assert (finding.level, "has no option 'closedwon'" in finding.what) == ("error", True)


def test_an_option_that_is_not_mapped(scene):
    options = scene.salesforce.fields["Opportunity"]["StageName"].options
    scene.change("salesforce", "Opportunity", "StageName", options=(*options, "On Hold"), restricted=False)
    finding = scene.only()
    assert (finding.level, "do not list 'On Hold'" in finding.what) == ("warning", True)


def test_a_long_list_of_options_is_cut(scene):
    options = scene.salesforce.fields["Opportunity"]["StageName"].options
    more = tuple(f"Stage {i}" for i in range(20))
    scene.change("salesforce", "Opportunity", "StageName", options=options + more)
    assert "and 12 more" in scene.only().what


def test_options_that_go_over_unnamed_must_be_there(folder):
    line = "  - {name: rating, hubspot: rating, salesforce: {lead: Rating}, type: enum, to: salesforce}\n  # Owners are"
    scene = edited(folder, "person.yaml", "  # Owners are", line)
    scene.change("hubspot", "contacts", "rating", options=("hot", "cold"))
    scene.change("salesforce", "Lead", "Rating", options=("hot",), restricted=True)
    assert "Lead.Rating has no option 'cold', which HubSpot has" in scene.only().what


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"unique": False}, "is not unique"), ({"writable": False}, "cannot be written")],
)
def test_stamps(scene, changes, expected):
    scene.change("hubspot", "companies", "revloop_salesforce_id", **changes)
    finding = scene.only()
    assert (finding.level, finding.where, expected in finding.what) == ("error", "mappings/company.yaml", True)


def test_a_stamp_that_is_missing(scene):
    del scene.salesforce.fields["Contact"]["Revloop_HubSpot_Id__c"]
    finding = scene.only()
    assert "could make twins" in finding.what
    assert "External ID, unique" in finding.do


def test_a_required_field_that_no_line_writes(scene):
    scene.salesforce.fields["Lead"]["Branch__c"] = FieldInfo("Branch__c", "string", True, True, required=True)
    finding = scene.only()
    assert finding.where.startswith("mappings/person.yaml:")
    assert "Lead cannot be created without Branch__c" in finding.what


def test_conditions_look_at_properties_that_exist(folder):
    scene = edited(folder, "person.yaml", "{lifecyclestage: [marketing", "{lifecylestage: [marketing")
    finding = scene.only()
    assert "lifecylestage, which HubSpot does not show; did you mean 'lifecyclestage'?" in finding.what


def test_conditions_compare_with_options_that_exist(folder):
    scene = edited(folder, "company.yaml", "[opportunity, customer]", "[oportunity, customer]")
    assert scene.only().what == "lifecyclestage has no option 'oportunity'; did you mean 'opportunity'?"
