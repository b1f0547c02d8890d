"""Both parsers give the same nodes, and whatever is wrong is told in the words of the one that says more."""

from pathlib import Path

import pytest
import yaml

from connector.project import yaml_nodes
from connector.project.yaml_lines import read_yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("mappings", "rules", "tests") for path in (ROOT / folder).rglob("*.yaml"))


def read(path):
    document, mistakes = read_yaml(path, path.name)
    return document and (document.data, document.lines), [str(each) for each in mistakes]


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_a_python_without_libyaml_reads_the_same(monkeypatch):
    fast = [read(path) for path in FILES]
    monkeypatch.setattr(yaml_nodes, "_FAST", None)
    assert [read(path) for path in FILES] == fast
    assert len(FILES) > 50


@pytest.mark.parametrize("text", ["[" * 900_000, "- " * 450_000, "{a: " * 200_000], ids=["flow", "block", "mapping"])
def test_nesting_without_an_end_is_an_error_and_no_crash(tmp_path, text):
    path = tmp_path / "deep.yaml"
    path.write_text(text)
    assert read(path) == (None, ["deep.yaml:1: the file is nested too deeply"])
