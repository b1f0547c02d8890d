"""Writes `fields.md` from the field dictionary: `python docs/field_list.py`. A test fails when it is stale."""  # noqa: INP001 - run by hand as a file

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from connector.install.dx import default_rules  # noqa: E402 - beside the package, not in it
from connector.install.hubspot_words import TYPES as HUBSPOT_TYPES  # noqa: E402
from connector.install.metadata import field_metadata  # noqa: E402
from connector.install.wanted import WantedField  # noqa: E402
from connector.install.wanted_salesforce import OBJECTS, SalesforceWanted, wanted_salesforce  # noqa: E402
from connector.revops.carriers import CARRIERS, Carrier, CarrierField, hubspot_field, salesforce_field  # noqa: E402
from connector.revops.fields import SUMMARY, Option, OwnField, dictionary  # noqa: E402

BEGINNING = """\
# Fields, objects and rules of revloop

<!-- Made by docs/field_list.py out of connector/revops/fields.py and carriers.py: change it there. -->

What `revloop install` creates for the rules that `revloop init` writes. The rules decide: a part that is switched off
needs none of its fields, every clock under `sla` in `rules/lifecycle.yaml` has two, every reason in
`rules/rejection_reasons.yaml` is an option. `revloop install --plan` shows it for your own rules.

Names begin with `revops_` and `RevOps_`; `own_fields` in `connector.yaml` changes that. Labels are those of `locale`.
Fields written by **people** are kept in step like any other, the newest change wins. All others are written by
**revloop**: an edit is overwritten at the next run, and noted. A yes-or-no that is **judged** gets its no written, so
that an empty one in HubSpot is a deal that the rules have not seen; all others stay empty where the answer is no, which
is the normal state of nearly every record.

## The stamps

| HubSpot | on | Salesforce | on |
|---|---|---|---|
| `{hubspot}`: text, unique | contacts, companies, deals | `{salesforce}`: Text(64), External ID, unique \
| Lead, Contact, Account, Opportunity |
"""
PARTS = {
    "scoring": "Scoring",
    "lifecycle": "Lifecycle",
    "rejection": "Rejection",
    "attribution": "Attribution",
}
ON = {
    "person": "contacts · Lead, Contact",
    "company": "companies · Account",
    "deal": "deals · Opportunity",
}
FIELDS = """\
| HubSpot | Salesforce | on | type | written by | English · Deutsch |
|---|---|---|---|---|---|"""


def text() -> str:
    """The whole of `fields.md`."""
    agreement, wishes = default_rules()
    known = dictionary(agreement)
    lines = [BEGINNING.format(**wishes.stamps)]
    for part, title in PARTS.items():
        lines += [f"## {title}\n", FIELDS, *(_field(each, wishes.prefixes) for each in known if each.part == part)]
        if part == "attribution":
            lines.append(_summary(SUMMARY, wishes.prefixes["hubspot"]))
        lines += ["", *_options(each for each in known if each.part == part)]
    for carrier in CARRIERS:
        lines += _carrier(carrier, wishes.prefixes)
    lines += _rules(wanted_salesforce(agreement, wishes))
    return "\n".join(lines).rstrip() + "\n"


def _field(own: OwnField, prefixes: dict[str, str]) -> str:
    sobject = OBJECTS[own.objects[0]][0]
    salesforce = own.vendor_name("salesforce", prefixes["salesforce"])
    wanted = WantedField(sobject, salesforce, own.kind, own.en, length=own.length or 255)
    on = "; ".join(ON[each] for each in own.objects)
    cells = (
        f"`{own.vendor_name('hubspot', prefixes['hubspot'])}`",
        f"`{salesforce}`",
        on,
        f"{HUBSPOT_TYPES[own.kind][0]} · {_type(wanted)}" + (", judged" if own.judged else ""),
        f"**{own.writer}**" if own.writer == "people" else own.writer,
        own.en if own.en == own.de else f"{own.en} · {own.de}",
    )
    return f"| {' | '.join(cells)} |"


def _summary(own: OwnField, prefix: str) -> str:
    cells = (f"`{own.vendor_name('hubspot', prefix)}`", "", "deals, only without custom objects", "string", own.writer)
    return f"| {' | '.join(cells)} | {own.en} · {own.de} |"


def _type(wanted: WantedField) -> str:
    """A Salesforce type with its size."""
    told = field_metadata(wanted, "en")
    if "precision" in told:
        return f"{told['type']}({told['precision']}, {told['scale']})"
    return f"{told['type']}({told['length']})" if "length" in told else str(told["type"])


def _options(fields: Iterable[OwnField]) -> Iterator[str]:
    """The options of all picklists; one line for those that have the same."""
    found: dict[tuple[Option, ...], list[str]] = {}
    for each in fields:
        if each.options:
            found.setdefault(each.options, []).append(each.name)
    for options, names in found.items():
        yield f"{', '.join(f'`{each}`' for each in names)}: {', '.join(map(_option, options))}.\n"


def _option(option: Option) -> str:
    labels = option.en if option.en == option.de else f"{option.en} · {option.de}"
    return f"`{option.value}`" + ("" if labels == option.value else f" ({labels})")


def _carrier(carrier: Carrier, prefixes: dict[str, str]) -> Iterator[str]:
    hubspot, salesforce = prefixes["hubspot"], prefixes["salesforce"]
    yield f"## The custom object {carrier.en.lower()}\n"
    yield f"`{carrier.hubspot(hubspot)}` in HubSpot (Enterprise), `{carrier.salesforce(salesforce)}` in Salesforce."
    ends = ", ".join(each.to for each in carrier.references if each.to != "campaign")
    lookups = ", ".join(f"`{field}`" for each in carrier.references for _, field in each.salesforce)
    yield f"In HubSpot a row is associated with: {ends}; in Salesforce it has the lookups {lookups}.\n"
    yield "| HubSpot | Salesforce | type | English · Deutsch |\n|---|---|---|---|"
    for each in carrier.fields:
        yield _carried(each, hubspot)
    yield ""


def _carried(field: CarrierField, prefix: str) -> str:
    wanted = WantedField("", salesforce_field(field.name), field.kind, field.en, length=field.length)
    unique = ", unique" if wanted.unique else ""
    labels = field.en if field.en == field.de else f"{field.en} · {field.de}"
    types = f"{HUBSPOT_TYPES[field.kind][0]} · {_type(wanted)}{unique}"
    return f"| `{hubspot_field(field.name, prefix)}` | `{wanted.name}` | {types} | {labels} |"


def _rules(wanted: SalesforceWanted) -> Iterator[str]:
    yield "## Validation rules (Salesforce)\n"
    yield "They look at new leads and at changes of status, reason or comment: old leads can be edited as before.\n"
    for rule in wanted.rules:
        yield f"`{rule.name}` on {rule.object}, shown at `{rule.field}`: {rule.message}\n\n```\n{rule.formula}\n```\n"
    yield "## Permission sets (Salesforce)\n"
    yield "A field that no permission set shows is invisible, for administrators too.\n"
    for one in wanted.sets:
        objects = ", ".join(f"`{each.object}`" for each in one.objects)
        yield f"- `{one.name}`: {one.description} {len(one.fields)} fields; objects: {objects}."


if __name__ == "__main__":
    (ROOT / "docs" / "fields.md").write_text(text(), encoding="utf-8")
