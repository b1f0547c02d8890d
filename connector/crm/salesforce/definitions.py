"""An org's definitions: custom fields and objects, validation rules, permission sets and who holds them.

A describe shows only what the user behind the credentials may see; the Tooling API lists everything, and needs the
permission «View Setup and Configuration». What should be there is decided in `install/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from simple_salesforce.format import format_soql

from connector.crm.salesforce.facts import user
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, Org
from connector.crm.salesforce.problems import message
from connector.crm.salesforce.soql import name as safe
from connector.crm.salesforce.soql import select
from connector.errors import LaterError, SettingsError

Json = Mapping[str, Any]
RIGHTS = ("ModifyMetadata", "ModifyAllData", "CustomizeApplication", "ViewSetup", "AssignPermissionSets")
_BATCH = 200
_COUNTS = 20
"""Counts of one query: it travels in the URL."""
_NOT_FOUND = 404


class OrgDefinitions:
    """The definitions of one org.

    Every method may raise `SettingsError` (a permission is missing, Salesforce refuses) and `LaterError`.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    # --- what there is -------------------------------------------------------------------------------------------

    def user(self, name: str = "") -> str:
        """The id of the user of this user name; of the one behind the credentials where none is given."""
        if not name:
            return user(self._org)
        where = format_soql("Username = {} AND IsActive = true", name)
        found = list(self._rows(select("User", ("Id",), where=where)))
        if not found:
            raise SettingsError("Salesforce has no active user of this user name: look under Setup > Users")
        return to18(found[0]["Id"])

    def rights(self, user_id: str) -> frozenset[str] | None:
        """Which of `RIGHTS` a user holds, by profile or permission set; None where this cannot be asked."""
        columns = [f"PermissionSet.Permissions{each}" for each in RIGHTS]
        where = format_soql("AssigneeId = {}", user_id)
        try:
            held = list(self._rows(select("PermissionSetAssignment", columns, where=where)))
        except SettingsError:
            return None
        given = [each["PermissionSet"] or {} for each in held]
        return frozenset(each for each in RIGHTS if any(one.get(f"Permissions{each}") for one in given))

    def described(self, sobject: str) -> dict[str, Json]:
        """The fields of an object that the user may see, by name; nothing where the object is not there."""
        try:
            told = self._org.ask(f"sobjects/{safe(sobject)}/describe", needs="fields")
        except Fault as fault:
            if fault.status == _NOT_FOUND:
                return {}
            raise _refused(fault, f"the description of {sobject}") from None
        return {str(each["name"]): each for each in told["fields"]}

    def custom_objects(self) -> frozenset[str]:
        """The API names of all custom objects that belong to no package."""
        found = self._tooling(select("CustomObject", ("DeveloperName", "NamespacePrefix")))
        return frozenset(f"{each['DeveloperName']}__c" for each in found if not each["NamespacePrefix"])

    def custom_fields(self, sobject: str) -> frozenset[str]:
        """The API names of all custom fields of an object, the invisible ones included."""
        found = self._tooling(select("CustomField", ("DeveloperName", "NamespacePrefix"), where=_of(sobject)))
        return frozenset(f"{each['DeveloperName']}__c" for each in found if not each["NamespacePrefix"])

    def rules(self, sobject: str, names: Sequence[str]) -> dict[str, Json]:
        """The metadata of those validation rules of an object that there are, by name."""
        where = f"{_of(sobject)} AND {format_soql('ValidationName IN {}', list(names))}"
        found = self._tooling(select("ValidationRule", ("Id", "ValidationName"), where=where))
        return {str(each["ValidationName"]): self._metadata("ValidationRule", each["Id"]) for each in found}

    def permission_set(self, name: str) -> str | None:
        """The id of a permission set."""
        where = format_soql("Name = {} AND IsOwnedByProfile = false", name)
        found = list(self._rows(select("PermissionSet", ("Id",), where=where)))
        return to18(found[0]["Id"]) if found else None

    def field_grants(self, set_id: str) -> dict[str, Json]:
        """The fields that a permission set shows, as records of FieldPermissions."""
        columns = ("Id", "Field", "PermissionsRead", "PermissionsEdit")
        asked = select("FieldPermissions", columns, where=format_soql("ParentId = {}", set_id))
        return {each["Field"]: each for each in self._rows(asked)}

    def object_grants(self, set_id: str) -> dict[str, Json]:
        """The objects that a permission set opens, as records of ObjectPermissions."""
        rights = (f"Permissions{each}" for each in ("Create", "Read", "Edit", "Delete", "ViewAllRecords"))
        columns = ("Id", "SobjectType", *rights)
        asked = select("ObjectPermissions", columns, where=format_soql("ParentId = {}", set_id))
        return {each["SobjectType"]: each for each in self._rows(asked)}

    def holders(self, set_id: str) -> dict[str, str]:
        """The users who hold a permission set -> their assignment."""
        where = format_soql("PermissionSetId = {}", set_id)
        asked = select("PermissionSetAssignment", ("Id", "AssigneeId"), where=where)
        return {to18(each["AssigneeId"]): to18(each["Id"]) for each in self._rows(asked)}

    def lead_statuses(self) -> tuple[str, ...]:
        """The values of `Lead.Status`, in order."""
        asked = select("LeadStatus", ("ApiName", "SortOrder"), order="SortOrder")
        return tuple(str(each["ApiName"]) for each in self._rows(asked))

    def field_metadata(self, sobject: str, field: str) -> tuple[str, Json]:
        """The id and metadata of a custom field.

        Raises:
            LaterError: it is gone since it was listed.
        """
        where = f"{_of(sobject)} AND {format_soql('DeveloperName = {}', field.removesuffix('__c'))}"
        found = self._tooling(select("CustomField", ("Id",), where=where))
        if not found:
            raise LaterError(f"{sobject}.{field} is gone: look again with `revloop install --plan`", 1.0)
        number = str(found[0]["Id"])
        return to18(number), self._metadata("CustomField", number)

    # --- changing ------------------------------------------------------------------------------------------------

    def set_field_metadata(self, field_id: str, metadata: Json) -> None:
        """Replace the metadata of a custom field."""
        path = f"tooling/sobjects/CustomField/{field_id}"
        self._change(path, "PATCH", "a custom field", json={"Metadata": dict(metadata)})

    def grant(self, bodies: Sequence[Json]) -> None:
        """Write records of FieldPermissions and ObjectPermissions: those with an `id` are changed, others added."""
        fresh = [each for each in bodies if "id" not in each]
        changed = [each for each in bodies if "id" in each]
        for method, part in (("POST", fresh), ("PATCH", changed)):
            for start in range(0, len(part), _BATCH):
                records = [dict(each) for each in part[start : start + _BATCH]]
                body = {"allOrNone": False, "records": records}
                _each_done(self._change("composite/sobjects", method, "permissions", json=body) or ())

    def assign(self, set_id: str, user_id: str) -> None:
        """Let a user hold a permission set."""
        body = {"AssigneeId": user_id, "PermissionSetId": set_id}
        self._change("sobjects/PermissionSetAssignment", "POST", "the assignment of the permission set", json=body)

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete a permission set or an assignment."""
        self._change(f"sobjects/{safe(sobject)}/{record_id}", "DELETE", f"the removal of a {sobject}")

    # --- counting ------------------------------------------------------------------------------------------------

    def filled(self, sobject: str, fields: Sequence[str]) -> dict[str, int]:
        """How many records hold something in each of these fields, which a describe must call aggregatable."""
        found: dict[str, int] = {}
        for start in range(0, len(fields), _COUNTS):
            part = fields[start : start + _COUNTS]
            columns = [f"COUNT({safe(each)}) c{place}" for place, each in enumerate(part)]
            row = next(self._rows(select(sobject, columns)))
            found |= {each: int(row[f"c{place}"]) for place, each in enumerate(part)}
        return found

    def records(self, sobject: str, ticked: str = "") -> int:
        """How many records an object has, or those with the checkbox `ticked`."""
        where = f"{safe(ticked)} = true" if ticked else ""
        return int(self._org.select(select(sobject, ("COUNT()",), where=where)).get("totalSize") or 0)

    # --- sending -------------------------------------------------------------------------------------------------

    def _rows(self, soql: str) -> Iterator[Json]:
        page = self._org.select(soql)
        yield from page["records"]
        while not page["done"]:
            page = self._org.more(page["nextRecordsUrl"])
            yield from page["records"]

    def _tooling(self, soql: str) -> list[Json]:
        path = f"tooling/query?q={quote(soql)}"
        found: list[Json] = []
        while path:
            try:
                page = self._org.ask(path, needs="records")
            except Fault as fault:
                raise _refused(fault, "what is installed in the org") from None
            found += page["records"]
            path = str(page.get("nextRecordsUrl") or "").partition(f"/v{self._org.sf_version}/")[2]
        return found

    def _metadata(self, kind: str, number: str) -> Json:
        try:
            told: Json = self._org.ask(f"tooling/sobjects/{kind}/{number}", needs="Metadata")["Metadata"]
        except Fault as fault:
            raise _refused(fault, f"a {kind}") from None
        return told

    def _change(self, path: str, method: str, what: str, **body: Any) -> Any:
        try:
            return self._org.ask(path, method, repeat=False, **body)
        except Fault as fault:
            if fault.problem.code == "DUPLICATE_VALUE" or (method == "DELETE" and fault.status == _NOT_FOUND):
                return None
            raise _refused(fault, what) from None


def _each_done(results: Iterable[Json]) -> None:
    """Raise for the first of several grants that was refused; one that was there already is fine."""
    for each in results:
        for error in each.get("errors") or ():
            if error.get("statusCode") != "DUPLICATE_VALUE":
                raise SettingsError(
                    f"Salesforce refuses a permission ({error.get('statusCode')}): the login needs «Manage Profiles "
                    "and Permission Sets»"
                )


def _of(sobject: str) -> str:
    return format_soql("EntityDefinition.QualifiedApiName = {}", sobject)


def _refused(fault: Fault, what: str) -> SettingsError:
    return SettingsError(f"Salesforce refuses {what} ({fault.problem.code}): {message(fault.problem)}")
