"""Whether mapping files make sense: within a file, and among each other. What the CRMs say is `install/check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from connector.core.choices import Choices, home
from connector.core.plan import ORDER
from connector.model import SIDES, Field, ObjectMapping, Side, by_association, opposite
from connector.project.flow import loops, written_twice
from connector.project.mapping_file import FieldLine, MappingFile, When
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.yaml_lines import Document, Path_

_KEY_TYPES = frozenset({"text", "email", "phone", "domain", "url", "number", "enum"})
_LINKS = frozenset({"reference", "references"})
_WORDS = ("linked", "present", "missing")


@dataclass(frozen=True, slots=True)
class Read:
    """A mapping file as it stands, and what was made of it.

    `names` are those of all its fields, unreadable ones included, `options` what revloop's own picklists hold.
    """

    document: Document
    file: MappingFile
    mapping: ObjectMapping
    names: frozenset[str]
    options: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check_mappings(reads: list[Read], mistakes: Mistakes, *, all_read: bool) -> None:
    """Note every contradiction in and among the mapping files; `all_read` when no file is missing from `reads`."""
    objects = Counter(read.file.object for read in reads)
    known: Collection[str] = set(objects) if all_read else ORDER
    hubspot: dict[str, str] = {read.file.object: read.file.hubspot for read in reads}
    for read in reads:
        if objects[read.file.object] > 1:
            mistakes.add(read.document, ("object",), f"another file describes '{read.file.object}' too: keep one")
        _Checker(read, known, hubspot, mistakes).check()


class _Checker:
    def __init__(self, read: Read, objects: Collection[str], hubspot: Mapping[str, str], mistakes: Mistakes) -> None:
        self._document, self._file, self._mapping = read.document, read.file, read.mapping
        self._objects, self._hubspot, self._mistakes = objects, hubspot, mistakes
        self._names, self._options = read.names, read.options
        # a name with a dot is the rules' own word for a field of a CRM, and none that a file may use
        self._fields = {field.name: field for field in read.mapping.fields if "." not in field.name}

    def check(self) -> None:
        """Note what is wrong in one file."""
        names = Counter(line.name for line in self._file.fields)
        for i, line in enumerate(self._file.fields):
            if names[line.name] > 1 and line is not next(each for each in self._file.fields if each.name == line.name):
                self._note(("fields", i, "name"), f"a second field is called '{line.name}': choose another name")
            for key, text in self._of_line(line):
                self._note(("fields", i, *((key,) if key else ())), text)
        self._keys()
        self._conditions()
        for i, text in (*written_twice(self._mapping), *loops(self._mapping)):
            self._note(("fields", i), text)

    def _note(self, path: Path_, text: str) -> None:
        self._mistakes.add(self._document, path, text)

    # --- fields --------------------------------------------------------------------------------------

    def _of_line(self, line: FieldLine) -> Iterator[tuple[str, str]]:
        yield from self._sides(line)
        yield from _settings_of_type(line)
        yield from _values(line)
        yield from _directions(line) if line.hubspot and line.salesforce else _one_sided(line)
        if line.type in _LINKS:
            yield from self._link(line)
        elif line.object is not None:
            yield "object", "only a reference has `object`: set `type: reference`, or delete `object`"
        elif _associated(line) or any(by_association(name) for name in line.salesforce.values()):
            yield "type", "an association is no column: set `type: reference` or `references`, with `object`"

    def _sides(self, line: FieldLine) -> Iterator[tuple[str, str]]:
        for short in line.salesforce:
            if short != "*" and short not in self._file.salesforce:
                known = ", ".join(self._file.salesforce)
                hint = nearest(short, self._file.salesforce) or f"; this file knows {known}"
                yield "salesforce", f"{quoted(short)} is no Salesforce object of this file{hint}"
        stamps = self._mapping.stamps
        if line.hubspot == stamps["hubspot"] or stamps["salesforce"] in line.salesforce.values():
            yield "", "this is the stamp that revloop keeps itself (see `stamps` in connector.yaml): do not map it"

    def _link(self, line: FieldLine) -> Iterator[tuple[str, str]]:
        if line.object is None:
            yield "object", "a reference needs `object:` company, person or deal"
        elif line.object not in self._objects:
            yield "object", f"there is no mapping file for '{line.object}': add one, or delete this field"
        expected = f"associations.{self._hubspot.get(line.object or '', '')}"
        if line.object in self._hubspot and _associated(line) and line.hubspot != expected:
            yield "hubspot", f"a '{line.object}' is associated in HubSpot as {expected}"
        roles = "OpportunityContactRoles" in line.salesforce.values()
        if roles and (line.type != "references" or line.object != "person"):
            yield "type", "OpportunityContactRoles are `type: references` with `object: person`"
        if line.type == "references" and not roles:
            yield (
                "salesforce",
                "only OpportunityContactRoles holds several records in Salesforce: set `type: reference`",
            )
        if line.type == "references" and not _associated(line):
            yield "hubspot", "several records are an association in HubSpot: write associations.contacts"

    # --- keys and conditions -------------------------------------------------------------------------

    def _keys(self) -> None:
        for i, key in enumerate(self._file.keys):
            field = self._fields.get(key)
            if field is None and key in self._names:
                continue
            if field is None:
                self._note(("keys", i), f"{quoted(key)} is no field of this file{nearest(key, self._fields)}")
            elif field.hubspot is None or not field.salesforce:
                self._note(("keys", i), f"'{key}' is read on one side only: nobody can be recognised by it")
            elif field.type not in _KEY_TYPES:
                self._note(("keys", i), f"'{key}' is of type {field.type}, which says nothing about identity")

    def _conditions(self) -> None:
        for side in SIDES:
            for i, rule in enumerate(getattr(self._file.create, side)):
                self._as(side, i, rule.as_)
                self._when(opposite(side), ("create", side, i, "when"), rule.when)
            self._when(side, ("sync", side, "when"), getattr(self._file.sync, side).when)

    def _as(self, side: Side, i: int, short: str | None) -> None:
        known = self._file.salesforce if side == "salesforce" else {}
        path = ("create", side, i, "as")
        if short is None:
            if len(known) > 1:
                self._note(path[:-1], f"the rule needs `as:` one of {', '.join(known)}")
        elif side == "hubspot":
            self._note(path, "HubSpot has one object for this: delete `as`")
        elif short not in known:
            hint = nearest(short, known) or f"; this file knows {', '.join(known)}"
            self._note(path, f"{quoted(short)} is no Salesforce object of this file{hint}")

    def _when(self, side: Side, path: Path_, when: When) -> None:
        """`side` is where the record is that the condition looks at."""
        for name, words in when.items():
            field = self._fields.get(name)
            if field is None and name in self._names:
                continue
            if field is None:
                if (name == name.lower()) != (side == "hubspot"):
                    vendor = "HubSpot property (lower case)" if side == "hubspot" else "Salesforce field (API name)"
                    hint = nearest(name, self._fields)
                    self._note((*path, name), f"{quoted(name)} is neither a field of this file nor a {vendor}{hint}")
                if "linked" in words:
                    hint = nearest(name, self._fields)
                    self._note(
                        (*path, name), f"{quoted(name)} is no reference of this file, so it is never linked{hint}"
                    )
                continue
            if "linked" in words and field.type not in _LINKS:
                self._note((*path, name), f"only a reference can be linked, and '{name}' is of type {field.type}")
            self._words(field, (*path, name), words)

    def _words(self, field: Field, path: Path_, words: tuple[str, ...]) -> None:
        options = _canonical_options(field) or self._options.get(field.name)
        if not options:
            return
        for i, word in enumerate(words):
            if word not in options and word not in _WORDS:
                hint = nearest(word, options) or f"; {field.name} has {', '.join(sorted(options)[:12])}"
                self._note((*path, i), f"{quoted(word)} is no option of '{field.name}'{hint}")


def _associated(line: FieldLine) -> bool:
    return line.hubspot is not None and by_association(line.hubspot)


def _canonical_options(field: Field) -> frozenset[str]:
    if not isinstance(field.values, Choices) or not field.values:
        return frozenset()
    return frozenset(field.values.of(home(field)))


def _settings_of_type(line: FieldLine) -> Iterator[tuple[str, str]]:
    if line.values and line.type not in {"enum", "multi"}:
        yield "values", f"`values` belong to type enum or multi, and this field is {line.type}"
    if line.region is not None and line.type != "phone":
        yield "region", "`region` belongs to type phone"
    if line.decimals is not None and line.type not in {"number", "money"}:
        yield "decimals", "`decimals` belong to type number or money"


def _values(line: FieldLine) -> Iterator[tuple[str, str]]:
    """Each option must have exactly one counterpart in every direction that is written."""
    if line.to == "salesforce":
        if any(len(options) > 1 for options in line.values.values()):
            yield (
                "values",
                "this field is written to Salesforce only: name one Salesforce option for each HubSpot option",
            )
        return
    holders: Mapping[str, int] = Counter(option for options in line.values.values() for option in options)
    for option, count in holders.items():
        if count > 1:
            several = f"{count} HubSpot options mean {quoted(option)} in Salesforce"
            yield "values", f"{several}: which one to write back to HubSpot? Keep one, or set `to: salesforce`"


def _one_sided(line: FieldLine) -> Iterator[tuple[str, str]]:
    """A line that names one side is read there and goes nowhere."""
    if not line.hubspot and not line.salesforce:
        yield "", "the line names neither a `hubspot` nor a `salesforce` field: name both, or the one to be read"
        return
    for key in sorted({"to", "winner", "blank", "drift", "values"} & line.model_fields_set):
        text = f"the line names one side only, so nothing is written and `{key}` says nothing: delete it, or name both"
        yield key, text
    if line.type in _LINKS:
        yield "type", "a reference needs both sides: name the other one too"


def _directions(line: FieldLine) -> Iterator[tuple[str, str]]:
    if line.to == "both":
        if line.drift == "restore":
            yield "drift", "`drift` is for fields that flow one way; this one flows both ways: delete it or set `to`"
    elif line.winner == line.to:
        other = opposite(line.to)
        yield (
            "winner",
            f"the value comes from {other} (to: {line.to}), so {line.to} cannot win: delete `winner` or `to`",
        )
