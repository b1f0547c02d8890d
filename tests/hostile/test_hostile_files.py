"""Folders and files that are no project: a sentence that says what to type, never a traceback, never a secret."""

import os
import re

import pytest

from connector.errors import SettingsError
from connector.project import load


def problems(folder):
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return caught.value.problems


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="is no folder: type `revloop init"):
        load(tmp_path / "nowhere")


def test_an_empty_folder(tmp_path):
    with pytest.raises(SettingsError, match=r"holds no connector\.yaml: type `revloop init"):
        load(tmp_path)


def test_a_project_without_mappings(project):
    for path in (project / "mappings").iterdir():
        path.unlink()
    with pytest.raises(SettingsError, match="nothing to keep in step: type `revloop init"):
        load(project)


def test_a_byte_order_mark_is_no_mistake(project):
    for path in (project / "mappings" / "person.yaml", project / "connector.yaml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load(project).mappings) == 3


def test_windows_line_ends_are_no_mistake(project):
    path = project / "mappings" / "person.yaml"
    before = load(project).hash
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(project).hash == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("object: person\n".encode("utf-16"), "1: the file is saved as UTF-16: save it as UTF-8 in your editor"),
        (b"object: person\nhubspot: M\xfcller\n", "2: a character is not UTF-8: save the file as UTF-8 in your editor"),
        (b"object: person\nhub\x00spot: x\n", "2: there is a control character in this line: delete it"),
        (b"object: person\nhub\x1bspot: x\n", "2: there is a control character in this line: delete it"),
        (b"#" * 1_000_001, "1: the file is larger than 1,000,000 bytes: it cannot be a revloop file"),
        (b"[" * 1_100, "1: the file is nested too deeply"),
        (b"a: [" * 300, "1: the file is nested too deeply"),
    ],
)
def test_bytes_that_are_no_yaml(project, content, expected):
    (project / "mappings" / "person.yaml").write_bytes(content)
    assert problems(project) == (f"mappings/person.yaml:{expected}",)


def test_two_files_of_one_object(project):
    copy = project / "mappings" / "people.yml"
    copy.write_bytes((project / "mappings" / "person.yaml").read_bytes())
    found = problems(project)
    assert len(found) == 2
    assert all("another file describes 'person' too: keep one" in each for each in found)


def test_rules_are_read_too(project):
    (project / "rules").mkdir(exist_ok=True)
    (project / "rules" / "broken.yaml").write_text("a: [1\nb: 2\n")
    assert problems(project) == (
        "rules/broken.yaml:2: a bracket or brace opened in this entry is not closed, or a comma is missing",
    )


def test_a_mistake_in_every_file_is_told_at_once(project):
    with (project / "connector.yaml").open("a") as file:
        file.write("colour: red\n")
    for name in ("person", "company"):
        with (project / "mappings" / f"{name}.yaml").open("a") as file:
            file.write("colour: red\n")
    assert [re.sub(r":\d+:.*", "", each) for each in problems(project)] == [
        "connector.yaml",
        "mappings/company.yaml",
        "mappings/person.yaml",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(project):
    (project / "connector.yaml").chmod(0)
    assert problems(project) == ("connector.yaml:1: the file cannot be read: Permission denied",)


@pytest.mark.parametrize(
    "secret",
    [
        "pat-eu1-11111111-2222-3333-4444-555555555555",
        "00D000000000001!AQEAQCanaryCanary.Canary",
        "3MVG9canarycanarycanarycanarycanary",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOiJSUzI1NiJ9.canary.canary",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
        "postgresql://revloop:canary@db.example/revloop",
    ],
)
@pytest.mark.parametrize("place", ["token_env", "token", "key"])
def test_a_secret_in_yaml_is_refused_and_not_repeated(project, secret, place):
    path = project / "connector.yaml"
    line = f'"{secret}": x' if place == "key" else f'{place}: "{secret}"'
    path.write_text(path.read_text().replace("token_env: HUBSPOT_TOKEN", line))
    with pytest.raises(SettingsError, match="looks like a token, key or password") as caught:
        load(project)
    assert secret not in str(caught.value)
    assert "canary" not in str(caught.value).lower()


def test_a_folder_in_the_place_of_a_file(project):
    (project / "connector.yaml").unlink()
    (project / "connector.yaml").mkdir()
    assert problems(project) == ("connector.yaml:1: the file cannot be read: Is a directory",)
