"""Small records, links and actions to fill a store with."""

from connector.model import Action, Base, Change, Link


def row(side, id_, email="", *, vendor="contacts", print_=b"1", modified="2026-01-01T00:00:00.000Z"):
    """One row of `Mirror.see`."""
    keys = (("email", email),) if email else ()
    return (side, vendor, id_, {"email": email}, print_, modified, keys)


def link(id_="L1", hubspot="101", salesforce="00Q1", object_="person", base=None):
    return Link(id_, object_, hubspot, salesforce, "Lead", base or Base({}, {}))


def action(id_, *, kind="update", link_="L1", side="salesforce", record="00Q1", source=None, object_="person", **more):
    changes = (Change("email", None, "ada@example.com", "hubspot changed"),)
    return Action(id_, kind, object_, link_, side, "Lead", record, source, changes, **more)


def linked(store, number, *, object_="person"):
    """A mirrored, dirty pair with its link L<number>."""
    hubspot, salesforce = f"{100 + number}", f"00Q{number}"
    store.mirror.see(object_, [row("hubspot", hubspot, f"p{number}@example.com")])
    store.mirror.see(object_, [row("salesforce", salesforce, f"p{number}@example.com", vendor="Lead")])
    store.links.add(link(f"L{number}", hubspot, salesforce, object_), "run-1")
