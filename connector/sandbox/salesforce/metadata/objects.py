"""Custom objects and custom permissions of a package, put in place; and what a package deletes."""

from __future__ import annotations

from connector.sandbox.salesforce import customize
from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.metadata import components
from connector.sandbox.salesforce.metadata.fields import Placed, users_of
from connector.sandbox.salesforce.metadata.reading import Metadata, MetadataError, check_elements, need
from connector.sandbox.salesforce.rules import guard
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import known


def put_object(batch: Batch, name: str, metadata: Metadata) -> Placed:
    """Create a custom object or change its labels; of a standard object there is nothing to do here.

    Raises:
        MetadataError: something is missing, or the name is bad.
    """
    store = batch.store
    found = store.schema.sobject(name)
    if found is not None and not found.custom:
        return Placed(None)
    if found is None and not name.endswith("__c"):
        raise MetadataError(f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}")
    for element in ("label", "pluralLabel"):
        if not metadata.get(element):
            raise MetadataError(f"Must specify a nonempty {element} for the CustomObject")
    need(metadata, "nameField", "deploymentStatus", "sharingModel")
    if found is not None:
        return _change_object(batch, found, metadata)
    try:
        customize.create_object(
            store,
            name,
            str(metadata["label"]),
            str(metadata["pluralLabel"]),
            metadata["nameField"],
            owned=metadata["sharingModel"] != "ControlledByParent",
            secured=True,
        )
    except ApiError as error:
        raise MetadataError(error.message) from None
    return Placed(components.keep(store, components.OBJECT, name, metadata), created=True, changed=True)


def _change_object(batch: Batch, sobject: SObject, metadata: Metadata) -> Placed:
    before = components.find(batch.store, components.OBJECT, sobject.name)
    labels = (str(metadata["label"]), str(metadata["pluralLabel"]))
    if labels != (sobject.label, sobject.label_plural):
        sobject.label, sobject.label_plural = labels
        batch.store.update_object(sobject)
        customize.mark_changed(batch.store)
    number = components.keep(batch.store, components.OBJECT, sobject.name, metadata)
    return Placed(number, changed=before is None or before.metadata != metadata)


def put_permission(batch: Batch, name: str, metadata: Metadata) -> Placed:
    """Create a custom permission or change it.

    Raises:
        MetadataError: something is missing.
    """
    check_elements("CustomPermission", metadata)
    need(metadata, "label")
    sobject = known(batch.store.schema, "CustomPermission")
    values = {"MasterLabel": metadata["label"], "Description": metadata.get("description")}
    row = batch.store.rows(sobject, "DeveloperName = ?", (name,))
    if not row:
        made = batch.fresh(sobject, {"DeveloperName": name, **values})
        batch.store.schema.version += 1
        return Placed(made["Id"], created=True, changed=True)
    changed = any(row[0][key] != value for key, value in values.items())
    if changed:
        batch.touch("CustomPermission", row[0]["Id"], values)
    return Placed(row[0]["Id"], changed=changed)


def delete(batch: Batch, kind: str, name: str) -> Placed:
    """Delete a component that destructiveChanges.xml names.

    Raises:
        MetadataError: it is used elsewhere, or (a warning) it is not there.
    """
    deleting = {
        components.FIELD: _delete_field,
        components.OBJECT: _delete_object,
        components.RULE: _delete_rule,
        components.PERMISSION: _delete_permission,
        "PermissionSet": _delete_set,
    }.get(kind)
    if deleting is None:
        raise MetadataError(f"The sandbox does not delete components of type {kind}")
    number = deleting(batch, name)
    if number is None:
        raise MetadataError(f"No {kind} named: {name} found", warning=True)
    customize.mark_changed(batch.store)
    return Placed(number, deleted=True, changed=True)


def _delete_field(batch: Batch, full_name: str) -> str | None:
    name, _, own = full_name.partition(".")
    sobject = batch.store.schema.sobject(name)
    field = sobject.field(own) if sobject else None
    if sobject is None or field is None or not field.custom:
        return None
    used = users_of(batch.store, sobject.name, field.name)
    if used:
        raise MetadataError(
            f"This custom field is referenced elsewhere in salesforce.com. : Validation Formula - {', '.join(used)}."
        )
    number = components.keep(batch.store, components.FIELD, f"{sobject.name}.{field.name}", {})
    components.forget(batch.store, components.FIELD, f"{sobject.name}.{field.name}")
    batch.store.db.execute("DELETE FROM FieldPermissions WHERE Field = ?", (f"{sobject.name}.{field.name}",))
    batch.store.drop_field(sobject, field)
    return number


def _delete_object(batch: Batch, name: str) -> str | None:
    sobject = batch.store.schema.sobject(name)
    if sobject is None or not sobject.custom:
        return None
    users = [
        f"{one.name}.{field.name}"
        for one in batch.store.schema
        for field in one.fields.values()
        if sobject.name in field.reference_to and one.name != sobject.name
    ]
    if users:
        raise MetadataError(f"This custom object is referenced elsewhere in salesforce.com. : {', '.join(users)}.")
    number = components.keep(batch.store, components.OBJECT, sobject.name, {})
    components.forget(batch.store, components.OBJECT, sobject.name)
    for table in ("FieldPermissions", "ObjectPermissions"):
        batch.store.db.execute(f"DELETE FROM {table} WHERE SobjectType = ?", (sobject.name,))  # noqa: S608 - two names
    batch.store.drop_object(sobject)
    return number


def _delete_rule(batch: Batch, name: str) -> str | None:
    found = components.find(batch.store, components.RULE, name)
    if found is None:
        return None
    components.forget(batch.store, components.RULE, name)
    batch.store.schema.version += 1
    return found.id


def _delete_permission(batch: Batch, name: str) -> str | None:
    found = batch.store.rows(known(batch.store.schema, "CustomPermission"), "DeveloperName = ?", (name,))
    if not found:
        return None
    for rule in components.listed(batch.store, components.RULE):
        if f"$permission.{name}".lower() in str(rule.metadata["errorConditionFormula"]).lower():
            raise MetadataError(
                f"This custom permission is referenced elsewhere in salesforce.com. : Validation Formula - {rule.name}."
            )
    number = str(found[0]["Id"])
    batch.store.db.execute("DELETE FROM SetupEntityAccess WHERE SetupEntityId = ?", (number,))
    batch.store.db.execute("DELETE FROM CustomPermission WHERE Id = ?", (number,))
    batch.store.schema.version += 1
    return number


def _delete_set(batch: Batch, name: str) -> str | None:
    sobject = known(batch.store.schema, "PermissionSet")
    found = batch.store.rows(sobject, "Name = ? AND IsOwnedByProfile = 0", (name,))
    if not found:
        return None
    try:
        guard.before_delete(batch, sobject, found[0])
    except ApiError as error:
        raise MetadataError(error.message) from None
    batch.store.db.execute("DELETE FROM PermissionSet WHERE Id = ?", (found[0]["Id"],))
    return str(found[0]["Id"])
