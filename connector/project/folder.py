"""Reading a whole project folder: every mistake in every file, or a project that can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.core.plan import ORDER
from connector.errors import SettingsError
from connector.model import ObjectMapping
from connector.project.mapping import compile_mapping
from connector.project.mapping_checks import Read, check_mappings
from connector.project.mapping_file import MappingFile
from connector.project.meaning import hash_of
from connector.project.mistakes import Mistakes
from connector.project.own_fields import with_own_fields
from connector.project.rules.doubts import Doubt, doubts
from connector.project.rules.files import compile_rules, read_rules
from connector.project.rules.together import note_together, note_unknown_fields
from connector.project.secret import from_environment, looks_secret
from connector.project.settings import Settings
from connector.project.yaml_lines import Document, read_yaml
from connector.revops.agreement import Agreement

SETTINGS = "connector.yaml"

_OF_A_PERSON = ("person", "company")
"""The mappings whose fields the scoring rules may name."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder that was found to be right.

    `mappings` hold revloop's own fields and the rules' inputs too. `agreement` are the rules in force, `where` says at
    which `file:line` each part of them stands, `doubts` are what is allowed there and probably not meant.
    `hash` changes when the meaning of a mapping or rule changes, `rules_hash` when that of a rule does: not with
    comments, order of keys, or settings.
    """

    folder: Path
    settings: Settings
    mappings: tuple[ObjectMapping, ...]
    agreement: Agreement
    where: Mapping[str, str]
    doubts: tuple[Doubt, ...]
    hash: str
    rules_hash: str

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
    configured = _read(folder / SETTINGS, folder, mistakes)
    # a broken connector.yaml must not hide what is wrong in the other files
    written = _settings(configured, mistakes)
    settings = written or _ANY_SETTINGS
    rules = read_rules(_documents(folder, "rules", mistakes), settings, configured, mistakes)
    note_together(rules, settings.own_fields)
    agreement = compile_rules(rules, settings)
    documents = _documents(folder, "mappings", mistakes).values()
    found = [read for each in documents if each and (read := _mapping(each, settings, mistakes))]
    reads = with_own_fields(found, agreement, settings.own_fields, rules.where, mistakes)
    all_read = len(reads) == len(documents)
    check_mappings(reads, mistakes, all_read=all_read)
    mapped = sorted({name for read in reads if read.mapping.object in _OF_A_PERSON for name in read.names})
    if rules.scoring is not None and all_read:
        note_unknown_fields(rules.scoring, mapped)
    if mistakes or written is None:
        raise _refusal(folder, mistakes)
    mappings = tuple(sorted((read.mapping for read in reads), key=lambda each: ORDER.index(each.object)))
    whole = hash_of({"mappings": mappings, "rules": agreement})
    return Project(
        folder, written, mappings, agreement, rules.where, doubts(rules, mapped), whole, hash_of(agreement)
    )  # fmt: skip


def _refusal(folder: Path, mistakes: Mistakes) -> SettingsError:
    found = mistakes.sorted()
    count = "one mistake" if len(found) == 1 else f"{len(found)} mistakes"
    return SettingsError(f"{folder}: {count}; correct the files and type the command again", found)


def _documents(folder: Path, kind: str, mistakes: Mistakes) -> dict[str, Document | None]:
    """Every file of a kind by its path in the project; None where it is no YAML."""
    return {_name(path, folder): _read(path, folder, mistakes) for path in _files(folder, kind)}


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


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _read(path: Path, folder: Path, mistakes: Mistakes) -> Document | None:
    document, found = read_yaml(path, _name(path, folder))
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
