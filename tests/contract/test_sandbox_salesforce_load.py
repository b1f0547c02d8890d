"""Taking over records: by the door, and from a folder of CSV files."""

import sqlite3
from contextlib import closing

import pytest
from salesforce_org import salesforce

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import LoadError, load_folder

ACCOUNT, CONTACT = "0015e00001abcdeAAA", "0035e00001abcdeAAA"


def folder(path, **files):
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_rows_keep_their_ids_and_dates(tmp_path):
    with salesforce() as org:
        row = {"Id": CONTACT, "LastName": "x", "AccountId": ACCOUNT, "CreatedDate": "2020-01-02T03:04:05Z"}
        assert org.order("load", sobject="Contact", rows=[row, {"LastName": "y"}]) == {"loaded": 2}
        read = org.read("Contact", CONTACT)
        assert (read["AccountId"], read["CreatedDate"]) == (ACCOUNT, "2020-01-02T03:04:05.000+0000")
        assert (read["Name"], read["SystemModstamp"]) == ("x", "2026-11-23T10:00:00.000+0000")
        org.order("load", sobject="Contact", rows=[{"Id": CONTACT, "FirstName": "z"}])
        assert org.read("Contact", CONTACT)["Name"] == "z x"
        error = org.refused("load", sobject="Contact", rows=[{"LastName": "new"}, {"Emial": "x@example.com"}])["error"]
        assert "Contact, row 2" in error
        assert "nearest known: Email" in error
        assert len(org.query("SELECT Id FROM Contact")) == 2


def test_a_folder_is_loaded_parents_first_with_foreign_ids(tmp_path):
    source = folder(
        tmp_path,
        Account=f"Id,Name,ParentId\nacc-2,Tochter,{ACCOUNT}\n{ACCOUNT},Mutter,\n",
        Contact="Id,LastName,AccountId\nper-1,Muster,acc-2\n",
        Opportunity="Name,AccountId,StageName,CloseDate,Amount\nDeal,acc-2,Closed Won,2026-01-31,12.5\n",
        OpportunityContactRole="OpportunityId,ContactId,IsPrimary\n",
        User="Id,Username,LastName,Email,IsActive,ManagerId\nu1,a@example.com,A,a@example.com,true,u2\n"
        "u2,b@example.com,B,b@example.com,false,\n",
    )
    data = tmp_path / "data"
    counts = load_folder(data, source, Clock())
    assert counts == {"User": 2, "Account": 2, "Contact": 1, "Opportunity": 1, "OpportunityContactRole": 0}
    with salesforce(data) as org:
        [row] = org.query("SELECT Account.Name, Account.Parent.Name FROM Contact")
        assert (row["Account"]["Name"], row["Account"]["Parent"]["Name"]) == ("Tochter", "Mutter")
        [row] = org.query("SELECT IsWon, Amount FROM Opportunity")
        assert (row["IsWon"], row["Amount"]) == (True, 12.5)
        [row] = org.query("SELECT Manager.Name FROM User WHERE Username = 'a@example.com'")
        assert row["Manager"]["Name"] == "B"
        assert org.create("Contact", LastName="new", AccountId=ACCOUNT)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"Contact": "LastName,Emial\nx,y\n"}, ["Contact.csv", "'Emial'", "Email"]),
        ({"Contakt": "LastName\nx\n"}, ["Contakt.csv", "Contact"]),
        ({"Contact": "LastName,AccountId\nx,acc-9\n"}, ["Contact.csv, line 2", "AccountId", "'acc-9'"]),
        ({"Contact": "LastName,FirstName\nx\n"}, ["Contact.csv, line 2", "cells"]),
        ({"Contact": "LastName,Email\nx,y\n"}, ["Contact, row 1", "INVALID_EMAIL_ADDRESS"]),
        ({}, ["holds no"]),
    ],
)
def test_a_wrong_folder_says_where_and_loads_nothing(tmp_path, files, words):
    source = tmp_path / "source"
    source.mkdir()
    if files:
        folder(source, Account="Name\nGood\n")
    with pytest.raises(LoadError) as caught:
        load_folder(tmp_path / "data", folder(source, **files), Clock())
    assert all(word in str(caught.value) for word in words), str(caught.value)
    with closing(sqlite3.connect(tmp_path / "data" / "salesforce.sqlite")) as db:
        assert db.execute("SELECT COUNT(*) FROM Account").fetchone() == (0,)
