"""The section `notify` of `connector.yaml`: the channels by which people are told, each with a name.

The address of a channel is a secret as a whole (a mail password, the path of a webhook), so that the file only says
where it is.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, field_validator, model_validator

from connector.project.secret import Secrets, Variable
from connector.project.written import EMAIL, Name, Strict

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("write a short name in lower case, such as slack or sales-ops")
    return name


def _email(address: str) -> str:
    if not EMAIL.fullmatch(address):
        raise ValueError("write e-mail addresses, such as [head@example.com]")
    return address.lower()


Email = Annotated[str, AfterValidator(_email)]


class ChannelSettings(Secrets):
    """One channel: a service by its Apprise URL, or a file of JSON lines.

    `send` says to whom: `all` messages go to what the URL names, whoever they are for; with `recipient` each goes to
    the reader's own address, which takes the place of any in the URL. `only` lists whose messages come here.
    """

    secrets: ClassVar[tuple[str, ...]] = ("url",)

    name: Annotated[str, AfterValidator(_name)]
    url_env: Variable | None = None
    url_file: Name | None = None
    url_keyring: Name | None = None
    file: Name | None = None
    send: Literal["all", "recipient"] = "all"
    only: tuple[Email, ...] = ()

    @model_validator(mode="after")
    def _one_place_each(self) -> ChannelSettings:
        if len(self.places("url")) + (self.file is not None) != 1:
            raise ValueError("give exactly one of url_env, url_file, url_keyring, file")
        if self.file is not None and self.send == "recipient":
            raise ValueError("a file has no readers: leave out `send`")
        return self


class Messages(Strict):
    """Where messages go; without a channel nobody is told, and only the tasks in the CRMs remain."""

    to: tuple[ChannelSettings, ...] = ()

    @field_validator("to")
    @classmethod
    def _different_names(cls, channels: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
        names = [each.name for each in channels]
        if len(set(names)) != len(names):
            raise ValueError("two channels have the same name")
        return channels
