"""Answers of the sandbox's SOQL: which rows a condition finds, and what a record looks like."""

from itertools import islice

import pytest
from soql_org import ADA, ALPHA, ANNA, BERND, BETA, BOB, CALL, CEM, LEAD_OF_ANNA, OLD, QUEUE, WON, Org

from connector.sandbox.salesforce import ids


@pytest.fixture(scope="module")
def org():
    org = Org()
    yield org
    org.db.close()


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Email = 'ADA@example.COM'", "Ada Über"),
        ("LastName = 'über'", "Ada Über"),
        ("LastName LIKE 'üB%'", "Ada Über"),
        ("LastName IN ('ÜBER', 'cem')", "Ada Über, Cem"),
        (r"LastName = 'O\'Neil'", "Bob O'Neil"),
        ("LastName LIKE 'o_neil'", "Bob O'Neil"),
        (r"Title LIKE '100\%%'", "Ada Über"),
        (r"Title LIKE '%sure\_t%'", "Ada Über"),
        ("Title LIKE '100%'", "Ada Über, Bob O'Neil"),
        (r"LastName = '\u00fcber'", "Ada Über"),
        (r"LastName = '\ud83d'", ""),
        ("LastName = 'Cem' LIMIT 99999999999999999999", "Cem"),
        ("Email = null", "Cem"),
        ("Email = ''", "Cem"),
        ("Email != null", "Ada Über, Bob O'Neil"),
        ("Email != 'ada@example.com'", "Bob O'Neil, Cem"),
        ("Email <> 'ada@example.com'", "Bob O'Neil, Cem"),
        ("Email NOT IN ('ada@example.com')", "Bob O'Neil, Cem"),
        ("Email NOT IN ('ada@example.com', null)", "Bob O'Neil"),
        ("Email IN ('ada@example.com', null)", "Ada Über, Cem"),
        ("NOT Email LIKE 'ada%'", "Bob O'Neil, Cem"),
        ("NOT (Email = 'ada@example.com' OR LastName = 'Cem')", "Bob O'Neil"),
        ("(LastName = 'Cem' OR LastName = 'Über') AND Email = null", "Cem"),
        ("Account.Name = 'beta & söhne' AND LastName > 'P'", "Ada Über"),
        ("Account.Name = null", "Cem"),
        ("Account.Parent.Owner.Manager.Name = 'Bernd Biber'", "Ada Über, Bob O'Neil"),
        (f"Id = '{ADA[:15]}'", "Ada Über"),
        (f"Id IN ('{ADA}', '{CEM[:15]}')", "Ada Über, Cem"),
        (f"Id > '{ADA}'", "Bob O'Neil, Cem"),
        ("IsDeleted = false", "Ada Über, Bob O'Neil, Cem"),
        ("IsDeleted = TRUE", ""),
        ("SystemModstamp >= 2026-11-22T10:00:00Z", "Ada Über, Bob O'Neil"),
        ("SystemModstamp > 2026-11-22T11:00:00.000+01:00", "Bob O'Neil"),
        ("SystemModstamp = 2026-11-22T04:00:00-06:00", "Ada Über"),
        ("SystemModstamp = TODAY", "Bob O'Neil"),
        ("SystemModstamp < TODAY", "Ada Über, Cem"),
        ("SystemModstamp <= yesterday", "Ada Über, Cem"),
        ("SystemModstamp > YESTERDAY", "Bob O'Neil"),
        ("SystemModstamp != TODAY", "Ada Über, Cem"),
        ("SystemModstamp IN (TODAY, N_DAYS_AGO:3)", "Bob O'Neil, Cem"),
        ("SystemModstamp = LAST_N_DAYS:1", "Ada Über, Bob O'Neil"),
        ("SystemModstamp = THIS_WEEK", "Bob O'Neil"),
        ("SystemModstamp = LAST_WEEK", "Ada Über, Cem"),
        ("SystemModstamp = LAST_90_DAYS", "Ada Über, Bob O'Neil, Cem"),
        ("Birthdate < 1990-05-02", "Ada Über"),
        ("Birthdate = null", "Bob O'Neil, Cem"),
        ("Id IN (SELECT Champion__c FROM Opportunity WHERE Amount > 100)", "Ada Über"),
        ("Id NOT IN (SELECT Champion__c FROM Opportunity)", "Bob O'Neil, Cem"),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Name LIKE 'Beta%')", "Cem"),
        ("AccountId IN (SELECT AccountId FROM Opportunity WHERE Owner.Name = 'Bernd Biber')", "Ada Über, Bob O'Neil"),
    ],
)
def test_where(org, where, found):
    names = org.names(f"SELECT Name FROM Contact WHERE {where}")
    assert sorted(names) == [name for name in found.split(", ") if name]


@pytest.mark.parametrize(
    ("soql", "found"),
    [
        ("SELECT Name FROM Account WHERE Tags__c INCLUDES ('A;B', 'C')", ["Beta & Söhne"]),
        ("SELECT Name FROM Account WHERE Tags__c INCLUDES ('a;c')", []),
        ("SELECT Name FROM Account WHERE Tags__c EXCLUDES ('B')", ["Alpha AG"]),
        ("SELECT Name FROM Account WHERE AnnualRevenue >= 1e6", ["Alpha AG"]),
        ("SELECT Name FROM Account WHERE NumberOfEmployees = +12.0", ["Alpha AG"]),
        ("SELECT Name FROM Lead WHERE Owner.Name = 'INBOUND'", ["Quelle"]),
        ("SELECT Name FROM Lead WHERE Owner.Type = 'Queue'", ["Quelle"]),
        ("SELECT Name FROM Lead WHERE IsConverted = true", ["Adler"]),
        ("SELECT Subject FROM Task WHERE Who.Name = 'ada über'", ["Call"]),
        ("SELECT Subject FROM Task WHERE Who.Type = 'Lead'", ["Mail"]),
        ("SELECT Name FROM Opportunity WHERE CloseDate = NEXT_MONTH", ["Open"]),
        ("SELECT Name FROM Opportunity WHERE CloseDate = THIS_QUARTER ORDER BY Amount DESC", ["Open", "Won"]),
        ("SELECT Name FROM Opportunity WHERE Champion__r.Account.Name LIKE 'beta%'", ["Won"]),
        ("select c.name from contact c, c.account a where a.name like 'b%' order by c.Name desc limit 1",
         ["Bob O'Neil"]),
        ("SELECT Contact.Name FROM Contact WHERE Contact.LastName = 'Cem'", ["Cem"]),
        ("SELECT Name FROM Lead USING SCOPE mine", ["Adler"]),
        ("SELECT Name FROM Lead USING SCOPE everything ORDER BY Name", ["Adler", "Quelle"]),
        ("SELECT Name FROM Lead WITH SECURITY_ENFORCED ORDER BY Name LIMIT 1 OFFSET 1 FOR VIEW", ["Quelle"]),
        ("SELECT Name FROM Contact ORDER BY Email, Name", ["Cem", "Ada Über", "Bob O'Neil"]),
        ("SELECT Name FROM Contact ORDER BY Email NULLS LAST", ["Ada Über", "Bob O'Neil", "Cem"]),
        ("SELECT Name FROM Contact ORDER BY Email DESC", ["Cem", "Bob O'Neil", "Ada Über"]),
        ("SELECT Name FROM Contact ORDER BY Email DESC NULLS LAST", ["Bob O'Neil", "Ada Über", "Cem"]),
        ("SELECT Name FROM Contact ORDER BY Account.Name ASC NULLS LAST, Name DESC LIMIT 2",
         ["Bob O'Neil", "Ada Über"]),
        ("SELECT Name FROM Contact WHERE IsDeleted = true ALL ROWS", ["Old"]),
        ("SELECT Name FROM Contact LIMIT 0", []),
    ],
)  # fmt: skip
def test_clauses(org, soql, found):
    assert org.names(soql) == found


def test_deleted_rows_show_in_query_all_only(org):
    soql = "SELECT Id FROM Contact WHERE IsDeleted = true"
    assert org.query(soql).total_size == 0
    assert org.names(soql, include_deleted=True) == [OLD]


def test_a_record_as_the_rest_api_writes_it(org):
    soql = (
        "SELECT id, lastname, IsDeleted, SystemModstamp, Birthdate, mailingaddress, Account.Name, Email, "
        f"account.Owner.IsActive, ReportsTo.Name FROM Contact WHERE Id = '{ADA}'"
    )
    result = org.query(soql, version="61.0")
    at = "/services/data/v61.0/sobjects"
    assert list(result.rows) == [
        {
            "attributes": {"type": "Contact", "url": f"{at}/Contact/{ADA}"},
            "Id": ADA,
            "LastName": "Über",
            "IsDeleted": False,
            "SystemModstamp": "2026-11-22T10:00:00.000+0000",
            "Birthdate": "1990-05-01",
            "MailingAddress": {
                "city": "Köln", "country": "Germany", "geocodeAccuracy": None, "latitude": None,
                "longitude": None, "postalCode": None, "state": None, "street": None,
            },
            "Account": {
                "attributes": {"type": "Account", "url": f"{at}/Account/{BETA}"},
                "Name": "Beta & Söhne",
                "Owner": {"attributes": {"type": "User", "url": f"{at}/User/{BERND}"}, "IsActive": False},
            },
            "Email": "ada@example.com",
            "ReportsTo": None,
        }
    ]  # fmt: skip
    assert result.total_size == 1


def test_keys_keep_the_order_of_the_field_list(org):
    record = next(org.query("SELECT Name, Account.Name, Id FROM Contact LIMIT 1").rows)
    assert list(record) == ["attributes", "Name", "Account", "Id"]


def test_numbers_are_numbers(org):
    record = next(org.query(f"SELECT AnnualRevenue, NumberOfEmployees FROM Account WHERE Id = '{ALPHA}'").rows)
    assert (record["AnnualRevenue"], record["NumberOfEmployees"]) == (1000000.0, 12)
    assert isinstance(record["NumberOfEmployees"], int)


def test_polymorphic_owners(org):
    records = list(org.query("SELECT Owner.Name, Owner.Email, Owner.Type FROM Lead ORDER BY Name").rows)
    owners = [record["Owner"] for record in records]
    assert [owner["attributes"]["type"] for owner in owners] == ["Name", "Name"]
    assert owners[0]["attributes"]["url"].endswith(f"/User/{ANNA}")
    assert owners[1]["attributes"]["url"].endswith(f"/Group/{QUEUE}")
    assert [owner["Email"] for owner in owners] == ["anna@example.com", "inbound@example.com"]
    assert [owner["Type"] for owner in owners] == ["User", "Queue"]


def test_polymorphic_who(org):
    records = list(org.query("SELECT Id, Who.Name FROM Task ORDER BY Id").rows)
    assert records[0]["Id"] == CALL
    assert records[1]["Who"]["attributes"]["url"].endswith(f"/Lead/{LEAD_OF_ANNA}")


def test_child_queries(org):
    soql = (
        "SELECT Name, (SELECT Id, Account.Name FROM Contacts WHERE Email != null ORDER BY Name DESC LIMIT 1), "
        "(SELECT Name, (SELECT Id FROM OpportunityContactRoles) FROM Opportunities ORDER BY Amount) "
        "FROM Account ORDER BY Name"
    )
    alpha, beta = org.query(soql).rows
    assert alpha["Contacts"] is None
    assert alpha["Opportunities"] is None
    assert beta["Contacts"]["totalSize"] == 1
    assert beta["Contacts"]["done"] is True
    assert beta["Contacts"]["records"][0]["Id"] == BOB
    assert beta["Contacts"]["records"][0]["Account"]["Name"] == "Beta & Söhne"
    assert [one["Name"] for one in beta["Opportunities"]["records"]] == ["Won", "Open"]
    assert beta["Opportunities"]["records"][0]["OpportunityContactRoles"] is None


def test_child_query_over_a_custom_relationship(org):
    (ada,) = org.query(f"SELECT Id, (SELECT Id FROM Championed__r) FROM Contact WHERE Id = '{ADA}'").rows
    assert [one["Id"] for one in ada["Championed__r"]["records"]] == [WON]


def test_count_without_field_is_a_size_only(org):
    result = org.query("SELECT count() FROM Contact")
    assert (result.total_size, list(result.rows)) == (3, [])
    assert org.query("SELECT COUNT() FROM Contact WHERE Account.Name LIKE 'B%' LIMIT 1").total_size == 1
    assert org.query("SELECT COUNT() FROM Contact", include_deleted=True).total_size == 4


def test_aggregates(org):
    soql = (
        "SELECT Account.Name, COUNT(Id), SUM(Amount) total, MAX(CreatedDate), COUNT_DISTINCT(OwnerId) owners, "
        "AVG(Amount), MIN(CloseDate) FROM Opportunity GROUP BY Account.Name HAVING COUNT(Id) > 1"
    )
    result = org.query(soql)
    assert result.total_size == 1
    assert next(result.rows) == {
        "attributes": {"type": "AggregateResult"},
        "Name": "Beta & Söhne",
        "expr0": 2,
        "total": 2000.5,
        "expr1": "2026-11-20T08:00:00.000+0000",
        "owners": 2,
        "expr2": 1000.25,
        "expr3": "2026-11-23",
    }
    assert result.aggregate
    assert result.grouped


def test_aggregates_without_groups_and_in_order(org):
    (row,) = org.query("SELECT COUNT(Email) filled, COUNT(Id) FROM Contact").rows
    assert (row["filled"], row["expr0"]) == (2, 3)
    soql = "SELECT AccountId, COUNT(Id) people FROM Contact GROUP BY AccountId ORDER BY COUNT(Id) DESC, AccountId"
    assert [record["people"] for record in org.query(soql).rows] == [2, 1]
    soql = "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)"
    assert [(record["y"], record["n"]) for record in org.query(soql).rows] == [(2026, 2)]


def test_fields_function(org):
    contact = org.schema.sobject("Contact")
    custom = org.query("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 200")
    assert [column.name for column in custom.columns] == ["Revloop_HubSpot_Id__c"]
    everything = next(org.query("SELECT FIELDS(ALL) FROM Contact LIMIT 1").rows)
    assert set(everything) == {"attributes", *contact.fields}
    standard = org.query("SELECT FIELDS(STANDARD) FROM Contact")
    assert len(standard.columns) == len(contact.fields) - 1


def test_flat_cells_for_csv(org):
    result = org.query(f"SELECT Id, Email, IsDeleted, SystemModstamp, Account.Name FROM Contact WHERE Id = '{CEM}'")
    assert [column.name for column in result.columns] == ["Id", "Email", "IsDeleted", "SystemModstamp", "Account.Name"]
    assert list(result.flat()) == [[CEM, "", "false", "2026-11-20T08:00:00.000Z", ""]]


def test_columns_tell_what_bulk_queries_refuse(org):
    result = org.query("SELECT MailingAddress, Account.Name, (SELECT Id FROM Tasks) FROM Contact")
    assert [(column.name, column.type) for column in result.columns] == [
        ("MailingAddress", "address"),
        ("Account.Name", "string"),
        ("Tasks", "subquery"),
    ]
    assert result.columns[1].sobject.name == "Account"


def test_pages_keep_their_place_while_others_write():
    org = Org()
    for number in range(5000):
        row = {"Id": ids.numbered("00Q", 100 + number), "LastName": f"L{number:05}", "OwnerId": ANNA}
        org.insert("Lead", row)
    result = org.query("SELECT LastName FROM Lead WHERE LastName LIKE 'L0%' ORDER BY LastName DESC")
    assert result.total_size == 5000
    first = [record["LastName"] for record in islice(result.rows, 2000)]
    org.db.execute("BEGIN")
    org.db.execute("UPDATE \"Lead\" SET LastName = 'L0zzz' WHERE LastName = 'L02000'")
    org.db.execute("DELETE FROM \"Lead\" WHERE LastName = 'L01000'")
    org.db.execute("COMMIT")
    later = [record["LastName"] for record in result.rows]
    assert first == [f"L{number:05}" for number in range(4999, 2999, -1)]
    assert later == ["L0zzz" if n == 2000 else f"L{n:05}" for n in range(2999, -1, -1) if n != 1000]
    assert sum(1 for _ in result.flat()) == 4999
    org.db.close()


def test_long_chains_and_lists(org):
    chain = " OR ".join(f"Email = 'x{number}@example.com'" for number in range(2500))
    assert org.query(f"SELECT Id FROM Contact WHERE {chain} OR LastName = 'Cem'").total_size == 1
    listed = ", ".join(f"'{ids.numbered('003', number)}'" for number in range(4000))
    assert org.query(f"SELECT Id FROM Contact WHERE Id IN ({listed})").total_size == 3


@pytest.mark.parametrize(
    ("soql", "index"),
    [
        ("SELECT Id FROM Contact WHERE SystemModstamp >= 2026-11-22T10:00:00Z ORDER BY SystemModstamp, Id",
         "SystemModstamp"),
        ("SELECT Id FROM Contact WHERE Email IN ('a@example.com', 'b@example.com')", "Email"),
        ("SELECT Id FROM Contact WHERE Email = 'ä@example.com'", "Email"),
        (f"SELECT Id FROM Contact WHERE Id > '{ADA}' ORDER BY Id LIMIT 5", "sqlite_autoindex_Contact_1"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name = 'Beta')", "AccountId"),
    ],
)  # fmt: skip
def test_conditions_are_served_by_indexes(org, soql, index):
    plans = []
    org.db.set_trace_callback(plans.append)
    try:
        org.query(soql)
    finally:
        org.db.set_trace_callback(None)
    (statement,) = (one for one in plans if one.startswith("SELECT"))
    steps = [row[3] for row in org.db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert any(step.startswith("SEARCH") and index in step for step in steps), steps
