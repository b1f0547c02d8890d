"""A small org in a real SQLite store, as the SOQL tests read it."""

import sqlite3
from datetime import UTC, datetime

from connector.sandbox.salesforce import ids, tables
from connector.sandbox.salesforce.schema import Field, PicklistValue, standard_schema
from connector.sandbox.salesforce.soql import Result, run

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # a Monday
STAMP = "2026-11-20T08:00:00.000Z"

ANNA, BERND, QUEUE = ids.numbered("005", 1), ids.numbered("005", 2), ids.numbered("00G", 1)
ALPHA, BETA, GONE = (ids.numbered("001", number) for number in (1, 2, 3))
ADA, BOB, CEM, OLD = (ids.numbered("003", number) for number in (1, 2, 3, 4))
LEAD_OF_QUEUE, LEAD_OF_ANNA = (ids.numbered("00Q", number) for number in (1, 2))
WON, OPEN = (ids.numbered("006", number) for number in (1, 2))
CALL, MAIL = (ids.numbered("00T", number) for number in (1, 2))

ROWS = {
    "User": [
        {"Id": ANNA, "Name": "Anna Amsel", "Email": "anna@example.com", "IsActive": 1, "ManagerId": BERND},
        {"Id": BERND, "Name": "Bernd Biber", "Email": "bernd@example.com", "IsActive": 0},
    ],
    "Group": [{"Id": QUEUE, "Name": "Inbound", "Type": "Queue", "Email": "inbound@example.com"}],
    "Account": [
        {"Id": ALPHA, "Name": "Alpha AG", "OwnerId": ANNA, "AnnualRevenue": 1000000.0, "NumberOfEmployees": 12},
        {"Id": BETA, "Name": "Beta & Söhne", "OwnerId": BERND, "ParentId": ALPHA, "Tags__c": "A;B"},
        {"Id": GONE, "Name": "Gone", "OwnerId": ANNA, "IsDeleted": 1},
    ],
    "Contact": [
        {"Id": ADA, "LastName": "Über", "Name": "Ada Über", "Email": "ada@example.com", "AccountId": BETA,
         "OwnerId": ANNA, "MailingCity": "Köln", "MailingCountry": "Germany", "Birthdate": "1990-05-01",
         "SystemModstamp": "2026-11-22T10:00:00.000Z", "Title": "100% sure_thing", "Revloop_HubSpot_Id__c": "77"},
        {"Id": BOB, "LastName": "O'Neil", "Name": "Bob O'Neil", "Email": "BOB@Example.com", "AccountId": BETA,
         "OwnerId": ANNA, "SystemModstamp": "2026-11-23T00:00:00.000Z", "Title": "100 percent"},
        {"Id": CEM, "LastName": "Cem", "Name": "Cem", "OwnerId": BERND, "SystemModstamp": STAMP},
        {"Id": OLD, "LastName": "Old", "Name": "Old", "OwnerId": ANNA, "AccountId": ALPHA, "IsDeleted": 1},
    ],
    "Lead": [
        {"Id": LEAD_OF_QUEUE, "LastName": "Quelle", "Name": "Quelle", "OwnerId": QUEUE,
         "Status": "Working - Contacted"},
        {"Id": LEAD_OF_ANNA, "LastName": "Adler", "Name": "Adler", "OwnerId": ANNA, "IsConverted": 1,
         "Status": "Open - Not Contacted"},
    ],
    "Opportunity": [
        {"Id": WON, "Name": "Won", "AccountId": BETA, "Amount": 500.0, "CloseDate": "2026-11-23",
         "StageName": "Closed Won", "OwnerId": ANNA},
        {"Id": OPEN, "Name": "Open", "AccountId": BETA, "Amount": 1500.5, "CloseDate": "2026-12-01",
         "StageName": "Prospecting", "OwnerId": BERND},
    ],
    "Task": [
        {"Id": CALL, "Subject": "Call", "WhoId": ADA, "OwnerId": ANNA, "IsDeleted": 0},
        {"Id": MAIL, "Subject": "Mail", "WhoId": LEAD_OF_ANNA, "OwnerId": ANNA, "IsDeleted": 0},
    ],
}  # fmt: skip


class Org:
    """Schema, tables and the rows above; `query` runs SOQL as Anna at NOW."""

    def __init__(self):
        self.schema = standard_schema()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        contact, account = self.schema.sobject("Contact"), self.schema.sobject("Account")
        if contact.field("Revloop_HubSpot_Id__c") is None:
            self.schema.add_field(contact, Field("Revloop_HubSpot_Id__c", "HubSpot id", "string", 64, custom=True))
        tags = tuple(PicklistValue(value) for value in "ABC")
        self.schema.add_field(account, Field("Tags__c", "Tags", "multipicklist", 255, custom=True, picklist=tags))
        champion = Field(
            "Champion__c", "Champion", "reference", 18,
            custom=True, reference_to=("Contact",), relationship_name="Champion__r",
        )  # fmt: skip
        self.schema.add_field(self.schema.sobject("Opportunity"), champion, "Championed__r")
        for sobject in self.schema:
            tables.create_table(self.db, sobject)
        for name, rows in ROWS.items():
            for row in rows:
                self.insert(name, row)
        self.db.execute('UPDATE "Opportunity" SET "Champion__c" = ? WHERE "Id" = ?', (ADA, WON))

    def insert(self, name, row):
        fields = self.schema.sobject(name).fields
        stamps = {"CreatedDate": STAMP, "SystemModstamp": STAMP, "LastModifiedDate": STAMP, "IsDeleted": 0}
        row = {key: value for key, value in stamps.items() if key in fields} | row
        columns = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join("?" * len(row))
        self.db.execute(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', list(row.values()))

    def query(self, soql: str, **options) -> Result:
        return run(soql, schema=self.schema, db=self.db, now=NOW, user_id=ANNA, **options)

    def names(self, soql: str, **options):
        """The first selected column of every row."""
        return [row[0] for row in self.query(soql, **options).flat()]
