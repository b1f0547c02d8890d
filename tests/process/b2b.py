"""Turns the public B2B pipeline (accounts, sales teams, products, deals) into Salesforce CSV files.

`convert` writes `salesforce/<SObject>.csv` with API names, ready for `sandbox load`. What the source lacks is
made up deterministically and says so by its look: buyers with names out of syllables, `.example` addresses,
list prices and close dates of deals that are still open. Spelling slips of the source are mended.

By hand: `python tests/process/b2b.py SOURCE TARGET`.
"""

import csv
import os
import re
import sys
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
FILES = ("accounts", "products", "sales_pipeline", "sales_teams")
MENDED = {"technolgy": "technology", "Philipines": "Philippines", "GTXPro": "GTX Pro"}
INDUSTRIES = {
    "employment": "Other",
    "entertainment": "Entertainment",
    "finance": "Finance",
    "marketing": "Media",
    "medical": "Healthcare",
    "retail": "Retail",
    "services": "Consulting",
    "software": "Technology",
    "technology": "Technology",
    "telecommunications": "Telecommunications",
}
STAGES = {
    "Prospecting": "Prospecting",
    "Engaging": "Qualification",
    "Won": "Closed Won",
    "Lost": "Closed Lost",
}
ROLES = {"Economic Buyer": "CFO", "Technical Buyer": "Head of IT", "Champion": "Team Lead"}
SALES_CYCLE = timedelta(days=120)
SHORTEST_OUTLOOK = timedelta(days=30)
MILLION = 1_000_000
STARTS = ("Al", "Bel", "Cor", "Dav", "El", "Fen", "Gil", "Hal", "Jol", "Kal", "Lor", "Mar", "Nel", "Pel", "Ras", "Sol")
FIRST_ENDS = ("ana", "ino", "oma", "ira", "eno", "imir", "ova", "uto", "ela", "ona")
LAST_STARTS = ("Sample", "Example", "Muster", "Probe", "Demo", "Fixture", "Mock", "Trial")
LAST_ENDS = ("mann", "berg", "field", "huber", "son", "ton", "wood", "smith")
CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def shared_folder():
    """Where the data lies: beside the repository, or where REVLOOP_SHARED says."""
    return Path(os.environ.get("REVLOOP_SHARED") or ROOT.parent / "shared") / "data" / "b2b-pipeline"


def convert(source, target):
    """Write the CSV files below `target` and give the number of rows of each sObject.

    Raises:
        FileNotFoundError: `source` lacks one of the four files.
        ValueError: a row names an agent, account or product that the other files do not have.
    """
    tables = {name: read(source / f"{name}.csv") for name in FILES}
    users = list(users_of(tables["sales_teams"]))
    accounts = list(accounts_of(tables["accounts"], tables["sales_pipeline"], users))
    contacts = list(contacts_of(accounts))
    deals = list(deals_of(tables, users, accounts))
    roles = list(roles_of(deals, contacts))
    folder = target / "salesforce"
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "User": users,
        "Account": accounts,
        "Contact": contacts,
        "Opportunity": deals,
        "OpportunityContactRole": roles,
    }
    for name, rows in written.items():
        write(folder / f"{name}.csv", rows)
    return {name: len(rows) for name, rows in written.items()}


def users_of(teams):
    """Managers first, then their agents."""
    managers = sorted({row["manager"] for row in teams})
    regions = {row["manager"]: row["regional_office"] for row in teams}
    ids = {name: record_id("005", number) for number, name in enumerate(managers)}
    for name in managers:
        yield user(ids[name], name, regions[name], "")
    for number, row in enumerate(teams, len(managers)):
        yield user(record_id("005", number), row["sales_agent"], row["regional_office"], ids[row["manager"]])


def user(number, name, region, manager):
    first, _, last = name.partition(" ")
    address = slug(name, ".") + "@b2b-pipeline.example"
    return {
        "Id": number,
        "Username": address,
        "Email": address,
        "FirstName": first,
        "LastName": last,
        "Name": name,
        "Alias": (first[0] + last).lower()[:8],
        "CommunityNickname": slug(name, "."),
        "Division": region,
        "IsActive": "true",
        "ManagerId": manager,
    }


def accounts_of(rows, pipeline, users):
    """Each account belongs to the agent who has most of its deals."""
    ids = {row["account"]: record_id("001", number) for number, row in enumerate(rows)}
    agents = {row["Name"]: row["Id"] for row in users}
    deals = Counter((row["account"], row["sales_agent"]) for row in pipeline)
    for row in rows:
        name = row["account"]
        owner = min(agents, key=lambda agent: (-deals[name, agent], agent))
        yield {
            "Id": ids[name],
            "Name": name,
            "Industry": INDUSTRIES[row["sector"]],
            "AnnualRevenue": round(float(row["revenue"]) * MILLION),
            "NumberOfEmployees": row["employees"],
            "YearStarted": row["year_established"],
            "BillingCountry": row["office_location"],
            "Website": f"https://www.{slug(name)}.example",
            "ParentId": known(ids, row["subsidiary_of"], "account") if row["subsidiary_of"] else "",
            "OwnerId": agents[owner],
        }


def contacts_of(accounts):
    """One made-up buyer for each account and role."""
    for number, (account, role) in enumerate((account, role) for account in accounts for role in ROLES):
        draw = Random(number)
        first = draw.choice(STARTS) + draw.choice(FIRST_ENDS)
        last = draw.choice(LAST_STARTS) + draw.choice(LAST_ENDS)
        yield {
            "Id": record_id("003", number),
            "AccountId": account["Id"],
            "FirstName": first,
            "LastName": last,
            "Email": f"{first}.{last}.{number + 1}@{slug(account['Name'])}.example".lower(),
            "Title": ROLES[role],
            "MailingCountry": account["BillingCountry"],
            "OwnerId": account["OwnerId"],
        }


def deals_of(tables, users, accounts):
    """Amount is what was closed, for open deals the list price; open deals get a close date to come."""
    agents = {row["Name"]: row["Id"] for row in users}
    ids = {row["Name"]: row["Id"] for row in accounts}
    products = {row["product"]: row for row in tables["products"]}
    pipeline = tables["sales_pipeline"]
    last = max(day(row["close_date"]) for row in pipeline if row["close_date"])
    for row in pipeline:
        product = known(products, row["product"], "product")
        engaged = day(row["engage_date"]) if row["engage_date"] else None
        yield {
            "Id": to18(f"006B2B0{row['opportunity_id']}"),
            "Name": f"{row['product']} {row['account'] or 'without account'} {row['opportunity_id']}",
            "AccountId": known(ids, row["account"], "account") if row["account"] else "",
            "StageName": STAGES[row["deal_stage"]],
            "Amount": row["close_value"] or product["sales_price"],
            "CloseDate": (day(row["close_date"]) if row["close_date"] else outlook(engaged, last)).isoformat(),
            "CreatedDate": f"{engaged.isoformat()}T09:00:00.000Z" if engaged else "",
            "Description": f"Product {row['product']}, series {product['series']}",
            "OwnerId": known(agents, row["sales_agent"], "sales agent"),
        }


def outlook(engaged, last):
    """When an open deal should close: a sales cycle after it began, and not before the data ends."""
    return max((engaged or last) + SALES_CYCLE, last + SHORTEST_OUTLOOK)


def roles_of(deals, contacts):
    """One to three buyers for each deal with an account; the first is the primary one."""
    buyers = {}
    for contact in contacts:
        buyers.setdefault(contact["AccountId"], []).append(contact["Id"])
    names = tuple(ROLES)
    for deal in deals:
        if not deal["AccountId"]:
            continue
        pick = sha256(deal["Id"].encode()).digest()
        for place in range(1 + pick[0] % len(names)):
            role = (pick[1] + place) % len(names)
            yield {
                "Id": to18(f"00KB2B{place}{deal['Id'][7:15]}"),
                "OpportunityId": deal["Id"],
                "ContactId": buyers[deal["AccountId"]][role],
                "Role": names[role],
                "IsPrimary": "true" if place == 0 else "false",
            }


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [{key: mended(value) for key, value in row.items()} for row in csv.DictReader(lines)]


def mended(value):
    return MENDED.get(value.strip(), value.strip())


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def known(names, name, kind):
    if name not in names:
        raise ValueError(f"sales data: no {kind} is called {name!r}; check the four files belong together")
    return names[name]


def day(text):
    month, number, year = text.split("/")
    return date(int(year), int(month), int(number))


def slug(text, between="-"):
    return re.sub(r"[^a-z0-9]+", between, text.lower()).strip(between)


def record_id(prefix, number):
    return to18(f"{prefix}B2B0{number:08}")


def to18(short):
    """The 18-character id: three characters say which of the 15 are capitals."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(CASES[sum(1 << n for n, c in enumerate(group) if c.isupper())] for group in groups)


def main():
    source, target = map(Path, sys.argv[1:])
    counts = convert(source, target)
    sys.stdout.write("".join(f"{name}: {count}\n" for name, count in counts.items()))


if __name__ == "__main__":
    main()
