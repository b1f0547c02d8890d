"""The converted B2B pipeline: counts and sums add up, ids are valid, references lead somewhere."""

import csv
from collections import Counter

import b2b
import pytest

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import load_folder
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.schema import standard_schema


@pytest.fixture(scope="module")
def source():
    folder = b2b.shared_folder()
    if not folder.is_dir():
        pytest.skip(f"the public B2B pipeline is not there: put it into {folder} or set REVLOOP_SHARED")
    return folder


@pytest.fixture(scope="module")
def target(source, tmp_path_factory):
    target = tmp_path_factory.mktemp("b2b")
    b2b.convert(source, target)
    return target


@pytest.fixture(scope="module")
def rows(target):
    return {path.stem: rows_of(path) for path in (target / "salesforce").glob("*.csv")}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_counts(rows, source):
    deals = rows_of(source / "sales_pipeline.csv")
    assert {name: len(entries) for name, entries in rows.items() if name != "OpportunityContactRole"} == {
        "Account": 85,
        "Contact": 255,
        "Opportunity": 8800,
        "User": 41,
    }
    assert Counter(row["StageName"] for row in rows["Opportunity"]) == {
        b2b.STAGES[stage]: count for stage, count in Counter(row["deal_stage"] for row in deals).items()
    }
    assert sum(not row["AccountId"] for row in rows["Opportunity"]) == 1425
    with_account = {row["Id"] for row in rows["Opportunity"] if row["AccountId"]}
    assert {row["OpportunityId"] for row in rows["OpportunityContactRole"]} == with_account
    primary = Counter(row["OpportunityId"] for row in rows["OpportunityContactRole"] if row["IsPrimary"] == "true")
    assert set(primary.values()) == {1}
    assert len(primary) == len(with_account)


def test_money_won_is_the_source_money(rows, source):
    won = sum(int(row["close_value"]) for row in rows_of(source / "sales_pipeline.csv") if row["deal_stage"] == "Won")
    assert sum(int(row["Amount"]) for row in rows["Opportunity"] if row["StageName"] == "Closed Won") == won > 0
    by_id = {row["Id"][7:15]: row for row in rows["Opportunity"]}
    assert by_id["1C1I7A6R"]["Amount"] == "1054"
    assert by_id["1C1I7A6R"]["CloseDate"] == "2017-03-01"
    assert by_id["1C1I7A6R"]["CreatedDate"] == "2016-10-20T09:00:00.000Z"


def test_slips_of_the_source_are_mended(rows):
    text = "\n".join(value for entries in rows.values() for row in entries for value in row.values())
    assert not [slip for slip in b2b.MENDED if slip in text]
    assert sum("GTX Pro" in row["Name"] for row in rows["Opportunity"]) == 1480
    assert {row["Industry"] for row in rows["Account"]} == set(b2b.INDUSTRIES.values())
    assert "Philippines" in {row["BillingCountry"] for row in rows["Account"]}


def test_open_deals_close_after_the_data_ends(rows):
    closed = {row["CloseDate"] for row in rows["Opportunity"] if row["StageName"].startswith("Closed")}
    still_open = {row["CloseDate"] for row in rows["Opportunity"] if not row["StageName"].startswith("Closed")}
    assert max(closed) == "2017-12-31"
    assert min(still_open) > max(closed)


def test_ids_and_references(rows):
    ids = {name: {row["Id"] for row in entries} for name, entries in rows.items()}
    for name, entries in rows.items():
        assert len(ids[name]) == len(entries)
        assert all(normal(one) == one and len(one) == 18 for one in ids[name])
    targets = {"OwnerId": "User", "ManagerId": "User", "AccountId": "Account", "ParentId": "Account",
               "OpportunityId": "Opportunity", "ContactId": "Contact"}  # fmt: skip
    for entries in rows.values():
        for row in entries:
            assert all(row[field] in ids[target] for field, target in targets.items() if row.get(field))
    assert sum(bool(row["ManagerId"]) for row in rows["User"]) == 35
    assert sum(bool(row["ParentId"]) for row in rows["Account"]) == 15


def test_buyers_work_for_the_account_of_the_deal(rows):
    account_of = {row["Id"]: row["AccountId"] for row in rows["Contact"]}
    deals = {row["Id"]: row["AccountId"] for row in rows["Opportunity"]}
    assert all(account_of[row["ContactId"]] == deals[row["OpportunityId"]] for row in rows["OpportunityContactRole"])
    assert {row["Role"] for row in rows["OpportunityContactRole"]} == set(b2b.ROLES)
    emails = [row["Email"] for row in rows["Contact"] + rows["User"]]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)


def test_columns_are_fields_and_values_fit(rows):
    schema = standard_schema()
    for name, entries in rows.items():
        fields = schema.sobject(name).fields
        for row in entries:
            for column, value in row.items():
                assert not fields[column].length or len(value) <= fields[column].length
                if fields[column].picklist and value and column != "Role":
                    assert value in {entry.value for entry in fields[column].picklist}


def test_the_sandbox_takes_it_over(rows, target, tmp_path):
    assert load_folder(tmp_path, target / "salesforce", Clock()) == {name: len(one) for name, one in rows.items()}


def test_twice_gives_the_same_bytes(source, target, tmp_path):
    b2b.convert(source, tmp_path)
    for path in (target / "salesforce").iterdir():
        assert path.read_bytes() == (tmp_path / "salesforce" / path.name).read_bytes()


def test_an_unknown_product_is_named(source, tmp_path):
    for name in b2b.FILES:
        text = (source / f"{name}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(text.replace(",MG Special,", ",MG Nope,"), encoding="utf-8")
    with pytest.raises(ValueError, match="no product is called 'MG Nope'"):
        b2b.convert(tmp_path, tmp_path)
