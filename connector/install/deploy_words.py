"""What stands in the way of a deploy, in words an admin can act on: missing permissions, refused components."""

from __future__ import annotations

from collections.abc import Iterable

from connector.crm.salesforce.deploy import Component, Deployed
from connector.errors import SettingsError

NEEDED = ("ModifyMetadata", "CustomizeApplication", "AssignPermissionSets")
_CALLED = {
    "ModifyMetadata": "«Modify Metadata Through Metadata API Functions»",
    "CustomizeApplication": "«Customize Application»",
    "AssignPermissionSets": "«Assign Permission Sets»",
    "ViewSetup": "«View Setup and Configuration»",
}
_INSTEAD = {"ModifyMetadata": "ModifyAllData", "CustomizeApplication": "ModifyAllData"}
_KINDS = {
    "CustomField": "field",
    "CustomObject": "custom object",
    "ValidationRule": "validation rule",
    "PermissionSet": "permission set",
}
_MEANINGS = (
    ("insufficient access rights", "the login may not change this: it needs «Customize Application»"),
    ("maximum number of", "the org's limit is reached ({problem}): remove what nobody uses, or have the limit raised"),
    ("Cannot change type", "a field of this name and another type is there: rename or delete it ({problem})"),
    ("referenced elsewhere", "something else in the org uses it: take it out there first ({problem})"),
    ("does not exist. Check spelling", "the formula names a field that the org does not have ({problem})"),
)
_MOST = 20


def listed(permissions: Iterable[str]) -> str:
    """Permissions as Setup calls them."""
    return ", ".join(_CALLED[each] for each in permissions)


def lacking(held: frozenset[str] | None, *, deploying: bool) -> list[str]:
    """The permissions that an install needs and the login does not have; none where that is not known."""
    if held is None:
        return []
    needed = NEEDED if deploying else ("AssignPermissionSets",)
    return [each for each in needed if each not in held and _INSTEAD.get(each) not in held]


def refuse_without(held: frozenset[str] | None, *, deploying: bool) -> None:
    """Let a login pass that may do everything an install needs.

    Raises:
        SettingsError: names the missing permissions.
    """
    missing = lacking(held, deploying=deploying)
    if missing:
        raise SettingsError(
            f"this Salesforce login may not change the org: it lacks {listed(missing)}. Nothing was changed in "
            "Salesforce. Install with the login of an admin, give it the permissions for as long as the install takes, "
            "or let an admin deploy the folder salesforce/ of revloop (docs/admin.md, Install)"
        )


def refuse_failed(deployed: Deployed) -> None:
    """Let a deploy pass that succeeded.

    Raises:
        SettingsError: names each refused component and why; nothing was changed.
    """
    if deployed.success:
        return
    problems = [told(each) for each in deployed.failed[:_MOST]]
    more = len(deployed.failed) - _MOST
    problems += [f"and {more} more: Setup > Deployment Status, {deployed.id}"] if more > 0 else []
    raise SettingsError("Salesforce refuses the package, so nothing was changed there:", problems)


def told(component: Component) -> str:
    """One refused component in a sentence."""
    words = next(
        (meaning for part, meaning in _MEANINGS if part.lower() in component.problem.lower()), "{problem}"
    ).format(problem=component.problem)
    return f"{_KINDS.get(component.kind, component.kind)} {component.name}: {words}".strip()
