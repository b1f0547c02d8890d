"""Reading a whole project folder: every mistake in every file, or a project that can run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from connector.core.choices import Choices
from connector.core.plan import ORDER
from connector.errors import SettingsError
from connector.model import ObjectMapping
from connector.project.mapping import compile_mapping
from connector.project.mapping_checks import Read, check_mappings
from connector.project.mapping_file import MappingFile
from connector.project.mistakes import Mistakes
from connector.project.secret import from_environment, looks_secret
from connector.project.settings import Settings
from connector.project.yaml_lines import Document, read_yaml

SETTINGS = "connector.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder that was found to be right.

    `hash` changes when the meaning of a mapping or rule changes: not with comments, order of keys, or settings.
    `rules` are the rule files as data, by file name.
    """

    folder: Path
    settings: Settings
    mappings: tuple[ObjectMapping, ...]
    rules: Mapping[str, Any]
    hash: str

    def state(self) -> str | Path:
        """Where the state store is: a database URL, or the path of an SQLite file.

        Raises:
            SettingsError: the variable that should hold the URL is not set.
        """
        if self.settings.state_env is not None:
            return from_environment(self.settings.state_env)
        place = self.settings.state
        return place if "://" in place else self.folder / Path(place).expanduser()

    def mapping(self, object_: str) -> ObjectMapping | None:
        """The mapping of an object."""
        return next((each for each in self.mappings if each.object == object_), None)


def load(folder: Path) -> Project:
    """Read and check a project folder.

    Raises:
        SettingsError: something is wrong; `problems` names every mistake as `file:line: what`.
    """
    _there(folder)
    mistakes = Mistakes()
    documents = {
        kind: [_read(path, folder, mistakes) for path in _files(folder, kind)] for kind in ("mappings", "rules")
    }
    configured = _read(folder / SETTINGS, folder, mistakes)
    settings = _settings(configured, mistakes)
    # a broken connector.yaml must not hide what is wrong in the mapping files
    reads = [_mapping(each, settings or _ANY_SETTINGS, mistakes) for each in documents["mappings"] if each]
    all_read = len(reads) == len(documents["mappings"]) and None not in reads
    check_mappings([read for read in reads if read], mistakes, all_read=all_read)
    if mistakes or settings is None:
        found = mistakes.sorted()
        count = "one mistake" if len(found) == 1 else f"{len(found)} mistakes"
        raise SettingsError(f"{folder}: {count}; correct the files and type the command again", found)
    mappings = tuple(sorted((read.mapping for read in reads if read), key=lambda each: ORDER.index(each.object)))
    rules = {Path(each.name).name: each.data for each in documents["rules"] if each}
    return Project(folder, settings, mappings, rules, _hash(mappings, rules))


def _there(folder: Path) -> None:
    """Say what to type where there is no project.

    Raises:
        SettingsError: the folder, `connector.yaml` or every mapping file is missing.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder: type `revloop init {folder}` to make a project there")
    if not (folder / SETTINGS).exists():
        raise SettingsError(
            f"{folder} holds no {SETTINGS}: type `revloop init {folder}` to make a project there, "
            "or name the folder of your project with --project"
        )
    if not _files(folder, "mappings"):
        raise SettingsError(
            f"{folder / 'mappings'} holds no .yaml file, so there is nothing to keep in step: "
            f"type `revloop init {folder}`, which adds the default files and changes nothing else"
        )


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted(
        path
        for path in (folder / kind).glob("*")
        if path.suffix in {".yaml", ".yml"} and path.is_file() and not path.name.startswith(".")
    )


def _read(path: Path, folder: Path, mistakes: Mistakes) -> Document | None:
    document, found = read_yaml(path, path.relative_to(folder).as_posix())
    mistakes.take(found)
    if document is not None:
        for place, text in document.texts():
            if looks_secret(text):
                mistakes.add(
                    document,
                    place,
                    "this looks like a token, key or password: take it out of the file and revoke it; "
                    "name an environment variable (…_env) or a file of mode 0600 (…_file) instead",
                )
    return document


def _settings(document: Document | None, mistakes: Mistakes) -> Settings | None:
    if document is None:
        return None
    settings, _ = mistakes.validated(Settings, document)
    return settings


def _mapping(document: Document, settings: Settings, mistakes: Mistakes) -> Read | None:
    file, rest = mistakes.validated(MappingFile, document)
    if file is None:
        return None
    return Read(rest, file, compile_mapping(file, rest, settings), frozenset(_names(document.data)))


def _names(data: Any) -> Iterator[str]:
    """The names of all fields of a mapping file, those of unreadable lines included."""
    lines = data.get("fields") if isinstance(data, dict) else None
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and isinstance(line.get("name"), str):
            yield line["name"]


_ANY_SETTINGS = Settings.model_validate(
    {
        "hubspot": {"auth": {"token_env": "HUBSPOT_TOKEN"}},
        "salesforce": {"url": "https://example.my.salesforce.com", "auth": {"session_env": "SALESFORCE_SESSION"}},
    }
)


def _hash(mappings: tuple[ObjectMapping, ...], rules: Mapping[str, Any]) -> str:
    meaning = {"mappings": [_meaning(each) for each in mappings], "rules": rules}
    return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _meaning(value: Any) -> Any:
    """Data without the places it was read from."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _meaning(getattr(value, name)) for name in value.__dataclass_fields__ if name != "where"}
    if isinstance(value, Choices):
        return {"first": dict(value), "also": dict(value.also)}
    if isinstance(value, Mapping):
        return {key: _meaning(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_meaning(each) for each in value]
    return value
