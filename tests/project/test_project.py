"""What a project folder becomes, and what makes a new one."""

import stat

import jsonschema
import pytest
import yaml

from connector.errors import SettingsError
from connector.project import init, load, schema
from connector.project.new import defaults


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "project"
    init(made)
    edit(made, "connector.yaml", "YOUR-DOMAIN", "example")
    return made


def edit(folder, name, before, after):
    path = folder / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def named(mapping, name):
    return next(field for field in mapping.fields if field.name == name)


def test_the_defaults_are_a_project(folder):
    project = load(folder)
    assert [mapping.object for mapping in project.mappings] == ["company", "person", "deal"]
    company, person, deal = project.mappings
    assert (company.keys, person.keys, deal.keys) == (("domain", "name"), ("email",), ("name",))
    assert (person.hubspot, person.salesforce) == ("contacts", ("Lead", "Contact"))
    assert person.stamps == {"hubspot": "revloop_salesforce_id", "salesforce": "Revloop_HubSpot_Id__c"}
    assert [(rule.vendor_object, dict(rule.when)) for rule in person.create["salesforce"]] == [
        ("Contact", {"company": ("linked",)}),
        ("Lead", {"lifecyclestage": ("marketingqualifiedlead", "salesqualifiedlead")}),
    ]
    assert person.sync == {"hubspot": {}, "salesforce": {}}
    assert dict(named(person, "street").salesforce) == {"Lead": "Street", "Contact": "MailingStreet"}
    assert dict(named(person, "company").salesforce) == {"Contact": "AccountId"}
    assert named(person, "phone").region == "DE"
    assert named(person, "email").where.startswith("mappings/person.yaml:")
    assert named(deal, "stage").values.also == {
        "Needs Analysis": "qualifiedtobuy",
        "Perception Analysis": "decisionmakerboughtin",
        "Negotiation/Review": "contractsent",
    }
    lines = [[field for field in mapping.fields if not field.derived and not field.own] for mapping in project.mappings]
    assert [len(each) for each in lines] == [12, 14, 9]
    assert project.mapping("deal") is deal
    assert project.mapping("ticket") is None


def test_the_template_says_what_the_defaults_are(folder):
    written = load(folder).settings
    (folder / "connector.yaml").write_text(
        "hubspot: {auth: {token_env: HUBSPOT_TOKEN}}\n"
        "salesforce: {url: https://example.my.salesforce.com,\n"
        "  auth: {client_id_env: SALESFORCE_CLIENT_ID, client_secret_env: SALESFORCE_CLIENT_SECRET}}\n"
    )
    assert load(folder).settings == written


def test_settings_become_numbers_and_words(folder):
    project = load(folder)
    settings = project.settings
    assert (settings.hubspot.overlap, settings.hubspot.version, settings.audit.history) == (900.0, "2026-03", True)
    assert settings.salesforce.auth.way == "client"
    assert (settings.brakes.limits.archives, settings.brakes.limits.archives_share) == (5, 0.01)
    assert project.state() == folder / "state" / "revloop.sqlite"


def test_the_state_may_be_a_database(folder, monkeypatch):
    edit(folder, "connector.yaml", "state: state/revloop.sqlite", "state: postgresql://revloop@db.example/revloop")
    assert load(folder).state() == "postgresql://revloop@db.example/revloop"
    edit(folder, "connector.yaml", "state: postgresql", "state_env: REVLOOP_STATE\nstate: postgresql")
    monkeypatch.delenv("REVLOOP_STATE", raising=False)
    with pytest.raises(SettingsError, match="REVLOOP_STATE is not set"):
        load(folder).state()
    monkeypatch.setenv("REVLOOP_STATE", "postgresql://other.example/revloop")
    assert load(folder).state() == "postgresql://other.example/revloop"


def test_yaml_words_stay_what_was_written(folder):
    """`NO` is Norway and no truth value, 0012 an id and no number, 2026-03 a version and no date."""
    edit(folder, "mappings/deal.yaml", "appointmentscheduled: Prospecting", "0012: NO\n      7.50: 2026-03-01")
    values = named(load(folder).mapping("deal"), "stage").values
    assert (values["0012"], values["7.50"]) == ("NO", "2026-03-01")


def test_anchors_and_merge_keys_work(folder):
    edit(
        folder,
        "mappings/person.yaml",
        "- {name: job_title, hubspot: jobtitle, salesforce: Title, winner: newest}",
        "- &usual {name: job_title, hubspot: jobtitle, salesforce: Title, winner: newest}\n"
        "  - {<<: *usual, name: department, hubspot: department, salesforce: {contact: Department}}",
    )
    field = named(load(folder).mapping("person"), "department")
    assert (field.hubspot, field.winner, dict(field.salesforce)) == ("department", "newest", {"Contact": "Department"})


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("mappings/person.yaml", "winner: salesforce}", "winner: salesforce}  # still"),
        ("mappings/person.yaml", "keys: [email]", "keys:\n  - email"),
        ("mappings/person.yaml", "type: email, winner: salesforce", "winner: salesforce, type: email, blank: keep"),
        ("connector.yaml", "level: info", "level: debug"),
    ],
)
def test_the_hash_does_not_move_with_the_looks(folder, name, before, after):
    known = load(folder).hash
    edit(folder, name, before, after)
    assert load(folder).hash == known


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("mappings/person.yaml", "type: email, winner: salesforce", "type: email, winner: hubspot"),
        ("mappings/person.yaml", "delete: ignore", "delete: archive"),
        ("mappings/deal.yaml", "[Qualification, Needs Analysis]", "[Needs Analysis, Qualification]"),
        ("connector.yaml", "region: DE", "region: AT"),
        ("connector.yaml", "salesforce: Revloop_HubSpot_Id__c", "salesforce: Other_Id__c"),
    ],
)
def test_the_hash_moves_with_the_meaning(folder, name, before, after):
    known = load(folder).hash
    edit(folder, name, before, after)
    assert load(folder).hash != known


def test_init_never_overwrites(folder):
    (folder / "connector.yaml").write_text("mine\n")
    (folder / "mappings" / "deal.yaml").unlink()
    (folder / "rules" / "signals.yaml").unlink()
    made = init(folder)
    assert made.written == ("mappings/deal.yaml", "rules/signals.yaml")
    assert "connector.yaml" in made.kept
    assert (folder / "connector.yaml").read_text() == "mine\n"


def test_init_keeps_state_and_secrets_private(folder):
    for private in ("state", "secrets"):
        assert stat.S_IMODE((folder / private).stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "connector.yaml").stat().st_mode) == 0o600
    assert "secrets/" in (folder / ".gitignore").read_text()
    assert any("check" in step for step in init(folder).next)


def test_init_says_when_it_cannot(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="choose another folder"):
        init(tmp_path / "file" / "project")


def test_the_schemas_accept_the_defaults(folder):
    jsonschema.Draft202012Validator.check_schema(schema("mapping"))
    jsonschema.Draft202012Validator.check_schema(schema("connector"))
    for path in defaults("mappings"):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema("mapping"))
    for path in defaults("rules"):
        of = schema(path.stem.removeprefix("rejection_"))
        jsonschema.Draft202012Validator.check_schema(of)
        jsonschema.validate(yaml.safe_load(path.read_text()), of)
    settings = yaml.safe_load((folder / "connector.yaml").read_text())
    jsonschema.validate(settings, schema("connector"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**settings, "colour": "red"}, schema("connector"))
