"""The rules of the house that no linter knows: which way the arrows point, and what never enters a commit."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From top to bottom; a room may import from any floor below its own. A part of `connector` that stands in
# none of these and is not named below is a new room: give it its floor here.
FLOORS = (
    {"cli", "shell", "demo"},
    {"report"},
    {"engine", "install"},
    {"crm", "notify", "state"},
    {"core", "revops"},
    {"model"},
    {"errors"},
)
TOP = FLOORS[0]
READS_PROJECT = TOP | {"report", "engine", "install"}
PROJECT_READS = {"core", "revops", "model", "errors"}
PURE = {"core", "revops"}
PACKAGE = "connector"  # `import connector` itself, for its folder

# Network, database, clock, random, environment: none of these in a pure room.
IMPURE = {
    *("asyncio", "concurrent", "ftplib", "http", "httpx", "imaplib", "requests", "select", "simple_salesforce"),
    *("hubspot", "smtplib", "socket", "socketserver", "ssl", "starlette", "urllib3", "uvicorn"),
    *("alembic", "dbm", "shelve", "sqlalchemy", "sqlite3"),
    *("sched", "signal", "threading", "multiprocessing", "time"),
    *("random", "secrets", "uuid"),
    *("ctypes", "getpass", "glob", "io", "keyring", "locale", "os", "pathlib", "platform", "shutil", "subprocess"),
    *("sys", "tempfile"),
}
IMPURE_CALLS = {"now", "today", "utcnow", "open", "input", "print", "breakpoint"}


def floor(room):
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def allowed(importer, imported):
    """Whether the arrow from one room to another may be drawn."""
    if imported in (importer, PACKAGE):
        return True
    if imported == "sandbox":
        return importer in TOP
    if importer == "sandbox":
        return False
    if imported == "project":
        return importer in READS_PROJECT
    if importer == "project":
        return imported in PROJECT_READS
    if {importer, imported} <= TOP:
        return imported != "cli"
    return floor(importer) < floor(imported)


def room_of(path):
    """`connector/core/merge.py` -> core, `cli.py` -> cli."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == PACKAGE and parts[1] != "__init__" else parts[0]


def imports(tree):
    """Every module that a tree names, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide where they point"
            names = [node.module] if node.module != PACKAGE else [f"{PACKAGE}.{alias.name}" for alias in node.names]
            yield from ((name, node.lineno) for name in names)


def target(module):
    """The room that an import leads to; None outside of the house."""
    parts = module.split(".")
    if parts[0] == "cli":
        return "cli"
    if parts[0] != PACKAGE:
        return None
    return parts[1] if len(parts) > 1 else PACKAGE


def turned(room, source):
    """The arrows of one module that point the wrong way."""
    found = [(target(module), line) for module, line in imports(ast.parse(source))]
    return [(imported, line) for imported, line in found if imported and not allowed(room, imported)]


def impure(source):
    """What of the world a module reaches for: (name, line)."""
    tree = ast.parse(source)
    found = [(module, line) for module, line in imports(tree) if module.split(".")[0] in IMPURE]
    found += [(module, line) for module, line in imports(tree) if module.startswith("urllib.request")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in IMPURE_CALLS:
                found.append((f"{name}()", node.lineno))
    return found


MODULES = sorted([*(ROOT / PACKAGE).rglob("*.py"), *ROOT.glob("*.py")])


def test_there_are_modules_to_look_at():
    assert {"core", "crm", "engine", "model", "sandbox", "state"} <= {room_of(path) for path in MODULES}


def test_every_room_has_its_floor():
    rooms = {room_of(path) for path in MODULES} - {PACKAGE}
    assert rooms <= set().union(*FLOORS) | {"project", "sandbox"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_arrow_points_down(path):
    assert turned(room_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(path) in PURE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_pure_rooms_reach_for_nothing(path):
    assert impure(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("core", "from connector.state import Store"),
        ("crm", "import connector.state.store"),
        ("notify", "from connector.project import Project"),
        ("state", "from connector import engine"),
        ("model", "from connector.core.merge import merge"),
        ("errors", "from connector.model import Side"),
        ("engine", "from connector.report import run"),
        ("engine", "from connector.install import check"),
        ("engine", "from connector.sandbox.serve import serve"),
        ("report", "import cli"),
        ("sandbox", "from connector.errors import ConnectorError"),
        ("sandbox", "def late():\n    from connector.model import Side"),
        ("crm", "from connector.project import Project"),
        ("project", "from connector.crm.port import Crm"),
        ("shell", "import cli"),
    ],
)
def test_a_turned_arrow_is_found(room, source):
    assert turned(room, source)


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from time import monotonic",
        "import sqlalchemy as sa",
        "from datetime import datetime\nat = datetime.now()",
        "import datetime\nat = datetime.date.today()",
        "text = open('settings').read()",
        "import urllib.request",
        "def late():\n    import random",
    ],
)
def test_a_reach_into_the_world_is_found(source):
    assert impure(source)


# --- what never enters a commit -----------------------------------------------------------------------------

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = re.compile(
    "|".join(
        (
            "py" + r"pi\.org",
            "python" + r"hosted\.",
            r"registry\." + "npmjs",
            "deb" + r"\.debian",
            r"(?<![\w.~-])/" + r"(?:work|farm|tmp|root|Users|home/\w+|opt/\w+)/",
            "/bash" + "_jobs",
        )
    )
)


def committed():
    """The text of every file that git knows or would take in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout, so there is nothing to commit")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_bytes().decode("utf-8", errors="replace")


def test_no_registry_address_and_no_path_of_a_machine_is_committed():
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in committed()
        for match in FORBIDDEN.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["--index-url https://py" + "pi.org/simple", "see /work" + "/main/cli.py", "-f file:///opt" + "/wheels/x"]
)
def test_a_forbidden_line_is_found(line):
    assert FORBIDDEN.search(line)


# --- the lock files -----------------------------------------------------------------------------------------


def locked(name):
    """Package -> whether it has a hash, of one lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text)
    pins = [entry for entry in entries if not entry.startswith("#")]
    return {re.split("[=[]", pin)[0].strip().lower().replace("_", "-"): "--hash=sha256:" in pin for pin in pins if pin}


def named(requirements):
    return {re.split(r"[\[<>=!~; ]", each)[0].lower().replace("_", "-") for each in requirements}


def test_everything_that_is_asked_for_is_locked_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, everything = locked("requirements.lock"), locked("requirements-dev.lock")
    assert named(project["project"]["dependencies"]) <= set(runtime)
    wanted = {*project["dependency-groups"]["dev"], *project["build-system"]["requires"]}
    assert named(wanted) | set(runtime) <= set(everything)
    assert all(runtime.values())
    assert all(everything.values())


def test_both_locks_pin_the_same_versions():
    def pins(name):
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_says_nothing_of_where_packages_come_from(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"-|.*(?:@ |://|file:\S)", line)] == []
