"""A deployment: one package worked off component by component, all or nothing unless told otherwise.

Source: Metadata API guide, «deploy()», «DeployOptions», «DeployResult».
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.sandbox.salesforce import access, times
from connector.sandbox.salesforce.batch import Actor, Batch
from connector.sandbox.salesforce.metadata import fields, objects, permissions
from connector.sandbox.salesforce.metadata.fields import Placed
from connector.sandbox.salesforce.metadata.package import MANIFEST, Package, Part, unpack
from connector.sandbox.salesforce.metadata.reading import MetadataError
from connector.sandbox.salesforce.store import Undo

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

_ORDER = ("CustomObject", "CustomPermission", "CustomField", "ValidationRule", "PermissionSet")
"""What is put in place first, since others name it."""
_NO_RIGHT = "insufficient access rights on cross-reference id"
Message = dict[str, Any]


@dataclass(slots=True)
class Deployment:
    """One deploy request and what has become of it; `data` is its zip until it has been worked off."""

    id: str
    user: str
    created: str
    options: dict[str, Any]
    data: bytes = field(repr=False)
    status: str = "Pending"
    started: str | None = None
    completed: str | None = None
    cancelled_by: str | None = None
    error: str | None = None
    messages: list[Message] = field(default_factory=list, repr=False)
    polled: bool = False

    def option(self, name: str) -> bool:
        """A truth value of the deploy options."""
        return bool(self.options.get(name))

    @property
    def failures(self) -> list[Message]:
        """The components that were refused."""
        return [one for one in self.messages if not one["success"]]

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self.completed is not None


async def work(org: Org, deployment: Deployment) -> None:
    """Work off a deploy request as one transaction."""
    async with org.lock:
        deployment.started = org.store.stamp()
        if deployment.status == "Pending":
            deployment.status = "InProgress"
    await asyncio.sleep(0)
    async with org.lock:
        if deployment.done:
            return
        try:
            with org.store.transaction():
                _run(org, deployment)
        except BaseException:
            deployment.status, deployment.error = "Failed", "UNKNOWN_EXCEPTION: the deploy broke off"
            org.store.reload_schema()
            raise
        finally:
            deployment.data = b""
            deployment.completed = org.store.stamp()


def _run(org: Org, deployment: Deployment) -> None:
    batch = org.batch(Actor(deployment.user))
    undone = False
    with org.store.attempt():
        try:
            _all(batch, deployment, unpack(deployment.data))
        except MetadataError as error:
            deployment.messages.append(_message(deployment, batch, Part("", MANIFEST, MANIFEST), error))
        if deployment.option("checkOnly") or (deployment.failures and deployment.option("rollbackOnError")):
            undone = True
            raise Undo
    if undone:
        org.store.reload_schema()
    if not deployment.failures:
        deployment.status = "Succeeded"
    else:
        deployment.status = "Failed" if deployment.option("rollbackOnError") else "SucceededPartial"


def _all(batch: Batch, deployment: Deployment, package: Package) -> None:
    parts = sorted(package.parts, key=lambda part: _ORDER.index(part.type) if part.type in _ORDER else len(_ORDER))
    steps = [*((part, True) for part in package.first), *((part, False) for part in parts)]
    for part, deleting in [*steps, *((part, True) for part in package.last)]:
        outcome: Placed | MetadataError
        try:
            outcome = _one(batch, deployment, part, deleting=deleting)
        except MetadataError as error:
            outcome = error
        deployment.messages.append(_message(deployment, batch, part, outcome))
    deployment.messages.append(_message(deployment, batch, Part("", MANIFEST, MANIFEST), Placed(None, changed=True)))


def _one(batch: Batch, deployment: Deployment, part: Part, *, deleting: bool) -> Placed:
    if part.refused:
        raise part.refused
    if not any(access.allowed(batch.store, deployment.user, one) for one in ("CustomizeApplication", "ModifyAllData")):
        raise MetadataError(_NO_RIGHT)
    if deleting:
        return objects.delete(batch, part.type, part.name)
    if part.type == "CustomField":
        return fields.put_field(batch.store, part.name, part.content)
    if part.type == "ValidationRule":
        return fields.put_rule(batch.store, part.name, part.content)
    put = {
        "CustomObject": objects.put_object,
        "CustomPermission": objects.put_permission,
        "PermissionSet": permissions.put_set,
    }[part.type]
    return put(batch, part.name, part.content)


def _message(deployment: Deployment, batch: Batch, part: Part, outcome: Placed | MetadataError) -> Message:
    """A DeployMessage as details list it."""
    placed = outcome if isinstance(outcome, Placed) else Placed(None)
    message: Message = {
        "changed": placed.changed,
        "componentType": part.type,
        "created": placed.created,
        "createdDate": times.answered(batch.store.stamp()),
        "deleted": placed.deleted,
        "fileName": part.file,
        "fullName": part.name,
        "id": placed.id,
        "knownPackagingProblem": False,
        "requiresProductionTestRun": False,
        "success": True,
        "warning": False,
    }
    if isinstance(outcome, MetadataError):
        warning = outcome.warning and not deployment.option("failOnWarning")
        message |= {
            "problem": outcome.message,
            "problemType": "Warning" if warning else "Error",
            "success": warning,
            "warning": warning,
        }
    return message
