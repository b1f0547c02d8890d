"""The profiles of the org. Each owns a permission set with the user permissions that its users have.

A sandbox has four: the administrator's; one for an integration that also installs its parts; the one Salesforce
offers for integrations, which may install nothing; and one for salespeople.
"""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.store import known

ADMINISTRATOR, SETUP = "System Administrator", "Integration with Setup"
MINIMUM, STANDARD = "Minimum Access - API Only Integrations", "Standard User"
_SETUP = ("ApiEnabled", "ViewSetup", "CustomizeApplication", "ModifyMetadata", "AssignPermissionSets")
_PERMISSIONS = {
    ADMINISTRATOR: (*_SETUP, "ManageUsers", "ModifyAllData", "ViewAllData"),
    SETUP: _SETUP,
    MINIMUM: ("ApiEnabled",),
    STANDARD: ("ApiEnabled",),
}


def create_missing(batch: Batch) -> None:
    """Make the profiles that the org lacks, with their permission sets."""
    have = {name for (name,) in batch.store.db.execute("SELECT Name FROM Profile")}
    profile, permission_set = known(batch.store.schema, "Profile"), known(batch.store.schema, "PermissionSet")
    for name, permissions in _PERMISSIONS.items():
        if name in have:
            continue
        made = batch.fresh(profile, {"Name": name})
        given = {f"Permissions{one}": 1 for one in permissions}
        owned = {"Name": f"X{made['Id']}", "Label": name, "IsOwnedByProfile": 1, "IsCustom": 0, "Type": "Profile"}
        batch.fresh(permission_set, {**owned, "ProfileId": made["Id"], **given})


def give(batch: Batch, user: str, profile: str) -> None:
    """Put a user under the profile of this name.

    Raises:
        ValueError: there is no such profile.
    """
    found = batch.store.db.execute("SELECT Id FROM Profile WHERE Name = ?", (profile,)).fetchone()
    if found is None:
        raise ValueError(f"no profile is named {profile!r}; there are {', '.join(_PERMISSIONS)}")
    batch.touch("User", user, {"ProfileId": found[0]})
    follow(batch, user, found[0])


def follow(batch: Batch, user: str, profile: str) -> None:
    """Let a user hold the permission set of this profile and of no other."""
    batch.store.db.execute(
        "DELETE FROM PermissionSetAssignment WHERE AssigneeId = ? AND PermissionSetId IN "
        "(SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = 1)",
        (user,),
    )
    owned = batch.store.db.execute("SELECT Id FROM PermissionSet WHERE ProfileId = ?", (profile,)).fetchone()
    if owned:
        assignment = known(batch.store.schema, "PermissionSetAssignment")
        batch.fresh(assignment, {"AssigneeId": user, "PermissionSetId": owned[0]})
