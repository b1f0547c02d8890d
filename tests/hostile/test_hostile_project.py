"""Every way to write a project wrongly: all mistakes at once, each in words that say what to type.

A file of `mapping/` takes the place of the default mapping of its object, a file of `settings/` the place of
`connector.yaml`. What it must be told stands in the file itself, in its last lines: `#! 7: what is wrong`.
A mapping file that begins with `# alone` is the only one of its project.
"""

import shutil
from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.project import init, load

HERE = Path(__file__).parent
MARK = "#! "
REPLACED = {"mapping": "mappings/person.yaml", "settings": "connector.yaml"}


def a_project(folder):
    init(folder)
    settings = folder / "connector.yaml"
    settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example"))
    return folder


def problems_of(kind, case, folder):
    """The problems of a project with one bad file, without the name of that file."""
    a_project(folder)
    if case.read_text().startswith("# alone"):
        for other in (folder / "mappings").glob("*.yaml"):
            other.unlink()
    shutil.copy(case, folder / REPLACED[kind])
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return [problem.removeprefix(REPLACED[kind] + ":") for problem in caught.value.problems]


CASES = [(kind, case) for kind in REPLACED for case in sorted((HERE / kind).glob("*.yaml"))]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}-{case.stem}" for kind, case in CASES])
def test_every_mistake_is_told(kind, case, tmp_path):
    expected = [line.removeprefix(MARK) for line in case.read_text().splitlines() if line.startswith(MARK)]
    assert expected
    assert problems_of(kind, case, tmp_path / "project") == expected
