"""Messages through Apprise to services on this machine: delivered, refused, too late, nowhere; and no secret told."""

import base64
import logging
import socket
import subprocess
import sys
from datetime import UTC, datetime
from email import message_from_string, policy

import pytest
from loopback import post, webhook

from connector.errors import SettingsError
from connector.notify.by_apprise import AppriseChannel
from connector.notify.channel import MOST_LINES, Message, message_id

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SECRET = "c4narypassword"
PATH = "services/c4naryhook"


def message(*lines, to="boss@example.com", locale="en"):
    lines = lines or ("Rejection reason missing: 00Q1",)
    return Message(message_id(to, lines), to, "revloop: one open matter", lines, AT, locale)


def channel(url, **options):
    return AppriseChannel("hook", lambda: url, **options)


def hook_url(port, more=""):
    return f"json://robot:{SECRET}@127.0.0.1:{port}/{PATH}?rto=5{more}"


@pytest.fixture
def hook():
    with webhook() as running:
        yield running


def test_a_message_arrives_as_it_is(hook):
    service, port = hook
    sent = message("Rejection reason missing: 00Q1", "Feedback overdue (level 1): 1")
    assert channel(hook_url(port)).deliver(sent, again=False) is None
    ((path, login, body),) = service.took
    assert path == f"/{PATH}"
    assert base64.b64decode(login.split()[1]).decode() == f"robot:{SECRET}"
    assert body["title"] == "revloop: one open matter"
    assert body["message"].splitlines() == [
        "For boss@example.com:",
        "- Rejection reason missing: 00Q1",
        "- Feedback overdue (level 1): 1",
        "",
        f"[revloop message {sent.id}]",
    ]


def test_a_message_in_german(hook):
    service, port = hook
    assert channel(hook_url(port)).deliver(message("Ablehnungsgrund fehlt: 00Q1", locale="de"), again=False) is None
    assert service.took[0][2]["message"].startswith("Für boss@example.com:\n- Ablehnungsgrund fehlt: 00Q1")


def test_a_very_long_message_says_how_much_it_leaves_out():
    text = message(*(f"Rejection reason missing: {number}" for number in range(MOST_LINES + 40))).text(addressed=False)
    assert text.count("missing") == MOST_LINES
    assert "… and 40 more, see the tasks in the CRM" in text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (500, "the service refused it with 500"),
        (403, "the service refused it with 403"),
        (404, "the service refused it with 404"),
        (302, "the service refused it with 302"),
    ],
)
def test_a_service_that_refuses(hook, answer, why):
    service, port = hook
    service.answer = answer
    assert channel(hook_url(port)).deliver(message(), again=False) == why


def test_a_redirect_gives_the_secret_to_nobody_else(hook):
    service, port = hook
    with webhook() as (other, elsewhere):
        service.answer, service.location = 307, f"http://localhost:{elsewhere}/caught"
        why = channel(hook_url(port, "&redirect=yes")).deliver(message(), again=False)
        assert why == "the service refused it with 307"
        assert other.took == []


def test_a_service_that_does_not_answer_in_time(hook):
    service, port = hook
    service.wait = 1.0
    why = channel(hook_url(port).replace("rto=5", "rto=0.2")).deliver(message(), again=False)
    assert why == "the service cannot be reached, or did not answer in time"


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        why = channel(hook_url(taken.getsockname()[1])).deliver(message(), again=False)
    assert why == "the service cannot be reached, or did not answer in time"


@pytest.mark.parametrize("url", ["nothing", "nope://host/x", "slack://", "json://", "https://example.com", " "])
def test_a_url_that_is_none(url):
    assert "appriseit.com" in channel(url).deliver(message(), again=False)
    assert "appriseit.com" in channel(url).look()[0]


def test_a_url_that_is_not_there():
    def missing():
        raise SettingsError("the environment variable NOTIFY_URL is not set")

    without = AppriseChannel("hook", missing)
    assert without.deliver(message(), again=False) == "the environment variable NOTIFY_URL is not set"
    assert without.look() == ("the environment variable NOTIFY_URL is not set", ())


def test_a_service_that_breaks():
    """Whatever is raised is a failed delivery, told by its kind."""
    broken = channel(5)
    assert broken.deliver(message(), again=False) == "the service failed (AttributeError)"
    assert broken.look() == ("the service failed (AttributeError)", ())


@pytest.mark.parametrize(
    "tail", ["", "x", "[::1", "%zz", "a:b@c:99999/", "a@b/c/d?to=x&from=y&mode=z", "@@@", "ä:ö@ü/ß"]
)
def test_no_kind_of_url_breaks_anything(tail):
    for scheme in ("json", "mailto", "slack", "msteams", "kodi", "xmpp", "ses", "rsyslog", "mqtt", "nope"):
        for personal in (False, True):
            problem, _ = channel(f"{scheme}://{tail}", personal=personal).look()
            assert problem is None or not problem.startswith("the service failed")


# --- mail ---------------------------------------------------------------------------------------------------


def mail_url(port, more=""):
    return f"mailto://127.0.0.1:{port}?from=revloop@example.com&mode=insecure{more}"


def test_mail_goes_to_the_reader():
    with post() as (kept, port):
        sent = message("Ablehnungsgrund fehlt: 00Q1", to="chefin@example.com", locale="de")
        mail = channel(mail_url(port, "&to=somebody@example.com"), personal=True)
        assert mail.deliver(sent, again=False) is None
        ((to, text),) = kept.took
    assert to == ["chefin@example.com"]
    parsed = message_from_string(text, policy=policy.default)
    assert parsed["Subject"] == "revloop: one open matter"
    body = parsed.get_body(("plain",)).get_content()
    assert "Ablehnungsgrund fehlt: 00Q1" in body
    assert f"[revloop message {sent.id}]" in body
    assert "Für chefin" not in body, "who reads it knows whom it is for"


def test_an_address_that_the_mail_server_refuses():
    with post() as (kept, port):
        kept.refuse = "gone@example.com"
        mail = channel(mail_url(port), personal=True)
        assert mail.deliver(message(to="gone@example.com"), again=False) == "the service did not take it"
        assert mail.deliver(message(to="here@example.com"), again=False) is None


def test_a_service_without_addresses_cannot_be_personal(hook):
    _, port = hook
    why = channel(hook_url(port), personal=True).deliver(message(), again=False)
    assert why == "its service does not take the reader's address: use a mail URL, or `send: all`"


# --- looking and testing ------------------------------------------------------------------------------------


def test_looking_sends_nothing(hook):
    service, port = hook
    assert channel(hook_url(port)).look() == (None, [])
    assert service.took == []


def test_what_looks_doubtful():
    _, doubts = channel("mailto://user:x@mail.example.com?from=a@example.com&verify=no").look()
    assert [each.split(":")[0] for each in doubts] == [
        "its URL sends in the clear",
        "its URL does not check the service's certificate (verify=no)",
    ]
    assert channel("mailtos://user:x@mail.example.com?from=a@example.com").look() == (None, [])
    assert channel("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sales").look() == (None, [])


def test_a_test_message(hook):
    service, port = hook
    assert channel(hook_url(port)).test("de", AT) is None
    assert service.took[0][2]["title"] == "revloop: Testnachricht"
    assert service.took[0][2]["message"].startswith("- Dieser Kanal funktioniert.")
    with post() as (kept, mail_port):
        assert channel(mail_url(mail_port), personal=True).test("en", AT) is None
        assert [to for to, _ in kept.took] == [["revloop@example.com"]], "to its own sender"


def test_whom_a_channel_is_for():
    south = channel("json://localhost", only=frozenset({"south@example.com"}))
    assert south.takes("south@example.com")
    assert not south.takes("north@example.com")
    assert channel("json://localhost").takes("north@example.com")


# --- what is told to nobody ---------------------------------------------------------------------------------


class Heard(logging.Handler):
    """Everything that reaches the root logger; pytest's own ear also listens to loggers that end before it."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record):
        self.text += record.getMessage() + "\n"


@pytest.fixture
def heard():
    root, handler = logging.getLogger(), Heard()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_secret_and_no_address_in_any_log(hook, heard):
    """Even where somebody listens to every log."""
    service, port = hook
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # it repeats paths on DEBUG; our log never shows it
    answers = []
    for answer in (200, 500):
        service.answer = answer
        answers.append(channel(hook_url(port)).deliver(message(), again=False))
        answers.append(channel(f"json://{SECRET}@/x y").look()[0])
    with post() as (kept, mail_port):
        kept.refuse = "boss@example.com"
        answers.append(channel(mail_url(mail_port), personal=True).deliver(message(), again=False))
    told = heard.text + str(answers)
    assert [each for each in (SECRET, "c4nary", "boss@example.com", "robot") if each in told] == []


def test_apprise_is_loaded_only_when_a_message_goes_out():
    code = "import sys, cli, connector.engine.run, connector.engine.connect; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
