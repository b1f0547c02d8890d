"""Secrets: from the environment, a file that only its owner may read, or the keyring; never from YAML.

A setting names where a secret is: `token_env`, `token_file` or `token_keyring`. Nothing here repeats a secret.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from connector.errors import SettingsError

_PLACES = ("env", "file", "keyring")
_LOOKS = re.compile(
    r"pat-[a-z]{2,4}\d?-|^na\d-[\w-]{20}|^eu\d-[\w-]{20}|00D\w{12,15}!|3MVG9\w{20}|eyJ[\w-]{10}|-----BEGIN|\b5Aep\w{20}"
    r"|://[^/\s:@]+:[^/\s@]+@"
)
_LONG = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+=-]{32,}")  # no name of a field: those have _


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        raise ValueError("write the name of an environment variable here, never the secret itself")
    return name


Variable = Annotated[str, AfterValidator(_variable)]


def looks_secret(text: str) -> bool:
    """Whether a text in YAML is a token, key or password by its looks."""
    return bool(_LOOKS.search(text) or _LONG.fullmatch(text))


class Secrets(BaseModel):
    """Settings of one way to log in; `secrets` are the names of what it needs, given as `<name>_env` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secrets: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _one_place_each(self) -> Secrets:
        for name in self.secrets:
            places = self.places(name)
            if len(places) != 1:
                known = ", ".join(
                    f"{name}_{place}" for place in _PLACES if f"{name}_{place}" in type(self).model_fields
                )
                raise ValueError(f"give exactly one of {known}")
        return self

    def places(self, name: str) -> list[str]:
        """Where a secret is said to be; one entry once the settings are valid."""
        return [place for place in _PLACES if getattr(self, f"{name}_{place}", None) is not None]


def read_secret(settings: Secrets, name: str, folder: Path) -> str:
    """The secret `name` of a way to log in; a file is looked for in the project `folder`.

    Raises:
        SettingsError: it is not where the settings say, or others can read it.
    """
    (place,) = settings.places(name)
    said = getattr(settings, f"{name}_{place}")
    match place:
        case "env":
            return from_environment(said)
        case "file":
            return _from_file(folder / Path(said).expanduser(), said)
        case _:
            return _from_keyring(said)


def save_secret(settings: Secrets, name: str, folder: Path, value: str) -> None:
    """Replace a secret that its owner has renewed, in its file or the keyring.

    Raises:
        SettingsError: the place cannot be written.
    """
    (place,) = settings.places(name)
    said = getattr(settings, f"{name}_{place}")
    if place == "keyring":
        import keyring  # noqa: PLC0415  (reaches for the desktop's services: only on demand)

        keyring.set_password(*_keyring_names(said), value)
        return
    if place == "env":
        return  # the environment cannot be changed for the next start; the vendor's old token stays valid
    path = folder / Path(said).expanduser()
    try:
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created with mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value + "\n")
        Path(fresh).replace(path)
    except OSError as error:
        raise SettingsError(f"the renewed secret cannot be written to {said}: {error.strerror}") from None


def from_environment(variable: str) -> str:
    """The value of an environment variable.

    Raises:
        SettingsError: it is not set.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        raise SettingsError(
            f"the environment variable {variable} is not set: export it before the run, "
            f"or name a file in connector.yaml with …_file instead of …_env"
        )
    return value


def _from_file(path: Path, said: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise SettingsError(f"{said} can be read by others (mode {mode:04o}): type `chmod 600 {said}`")
            value = file.read(100_000).strip()
    except FileNotFoundError:
        raise SettingsError(f"{said} does not exist: put the secret into it and type `chmod 600 {said}`") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{said} cannot be read: it must be a text file of the user who runs revloop") from None
    if not value:
        raise SettingsError(f"{said} is empty: put the secret into it")
    return value


def _from_keyring(said: str) -> str:
    import keyring  # noqa: PLC0415  (reaches for the desktop's services: only on demand)
    from keyring.errors import KeyringError  # noqa: PLC0415

    service, user = _keyring_names(said)
    try:
        value = keyring.get_password(service, user)
    except KeyringError:
        raise SettingsError("the keyring does not open: unlock it, or use …_env or …_file in connector.yaml") from None
    if not value:
        raise SettingsError(f"the keyring has no entry {said}: type `keyring set {service} {user}`")
    return value


def _keyring_names(said: str) -> tuple[str, str]:
    service, _, user = said.partition("/")
    return service, user or service
