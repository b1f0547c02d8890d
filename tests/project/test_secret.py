"""Where secrets come from, and that they stay secret."""

import stat

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from connector.errors import SettingsError
from connector.project.secret import looks_secret, read_secret, save_secret
from connector.project.settings import HubSpotAuth, HubSpotOAuth, SalesforceAuth, SalesforceRefresh

CANARY = "pat-eu1-canary-canary"


class DictKeyring(KeyringBackend):
    """A keyring in memory: the desktop's own is not there on a build machine."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def own_keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(DictKeyring())
    yield keyring.get_keyring()
    keyring.set_keyring(before)


def test_from_the_environment(tmp_path, monkeypatch):
    auth = HubSpotAuth(token_env="A_TOKEN")
    monkeypatch.delenv("A_TOKEN", raising=False)
    with pytest.raises(SettingsError, match="A_TOKEN is not set: export it"):
        read_secret(auth, "token", tmp_path)
    monkeypatch.setenv("A_TOKEN", f" {CANARY}\n")
    assert read_secret(auth, "token", tmp_path) == CANARY
    assert CANARY not in repr(auth)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    path = tmp_path / "token"
    path.write_text(CANARY)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600 token") as caught:
        read_secret(HubSpotAuth(token_file="token"), "token", tmp_path)
    assert CANARY not in str(caught.value)


def test_a_private_file_is_read(tmp_path):
    path = tmp_path / "token"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    assert read_secret(HubSpotAuth(token_file="token"), "token", tmp_path) == CANARY
    assert read_secret(HubSpotAuth(token_file=str(path)), "token", tmp_path / "elsewhere") == CANARY


@pytest.mark.parametrize(
    ("content", "expected"), [(None, "does not exist"), (b"", "is empty"), (b"\xff\xff", "must be a text file")]
)
def test_files_without_a_secret(tmp_path, content, expected):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
        (tmp_path / "token").chmod(0o600)
    with pytest.raises(SettingsError, match=expected):
        read_secret(HubSpotAuth(token_file="token"), "token", tmp_path)


def test_the_keyring(tmp_path, own_keyring):
    auth = HubSpotAuth(token_keyring="revloop/hubspot")
    with pytest.raises(SettingsError, match="type `keyring set revloop hubspot`"):
        read_secret(auth, "token", tmp_path)
    own_keyring.set_password("revloop", "hubspot", CANARY)
    assert read_secret(auth, "token", tmp_path) == CANARY


def test_a_renewed_token_is_kept_where_it_was(tmp_path, own_keyring):
    (tmp_path / "refresh").write_text("old")
    (tmp_path / "refresh").chmod(0o600)
    in_file = HubSpotOAuth(client_id_env="A", client_secret_env="B", refresh_token_file="refresh")
    save_secret(in_file, "refresh_token", tmp_path, "new")
    assert read_secret(in_file, "refresh_token", tmp_path) == "new"
    assert stat.S_IMODE((tmp_path / "refresh").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["refresh"]
    in_keyring = HubSpotOAuth(client_id_env="A", client_secret_env="B", refresh_token_keyring="revloop/refresh")
    save_secret(in_keyring, "refresh_token", tmp_path, "newer")
    assert read_secret(in_keyring, "refresh_token", tmp_path) == "newer"
    with pytest.raises(SettingsError, match="cannot be written"):
        save_secret(in_file, "refresh_token", tmp_path / "nowhere", "lost")


@pytest.mark.parametrize(
    "harmless",
    [
        "hs_v2_date_entered_marketingqualifiedlead_2",
        "Proposal/Price Quote",
        "https://example.my.salesforce.com",
        "HUBSPOT_CLIENT_SECRET",
        "secrets/salesforce-key.pem",
        "postgresql://revloop@db.example/revloop",
        "Opportunity__Revloop_HubSpot_Id_2026__c",
        "285119324",
    ],
)
def test_names_do_not_look_secret(harmless):
    assert not looks_secret(harmless)


class LockedKeyring(DictKeyring):
    """A keyring whose owner has not unlocked it."""

    def get_password(self, service, username):
        raise KeyringLocked


def test_a_locked_keyring(tmp_path, own_keyring):
    keyring.set_keyring(LockedKeyring())
    with pytest.raises(SettingsError, match="does not open: unlock it"):
        read_secret(HubSpotAuth(token_keyring="revloop/hubspot"), "token", tmp_path)


def test_a_renewed_token_cannot_go_into_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("A_TOKEN", "old")
    auth = SalesforceRefresh(client_id_env="A", refresh_token_env="A_TOKEN")
    save_secret(auth, "refresh_token", tmp_path, "new")
    assert read_secret(auth, "refresh_token", tmp_path) == "old"


@pytest.mark.parametrize(
    ("way", "settings"),
    [
        ("session", {"session_env": "A"}),
        ("client", {"client_id_env": "A", "client_secret_file": "b"}),
        ("jwt", {"jwt": {"client_id_env": "A", "username": "a@example.com", "private_key_file": "key.pem"}}),
        ("refresh", {"refresh": {"client_id_env": "A", "refresh_token_keyring": "revloop/refresh"}}),
    ],
)
def test_the_ways_into_salesforce(way, settings):
    assert SalesforceAuth.model_validate(settings).way == way
