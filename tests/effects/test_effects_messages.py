"""Messages as they are gathered, delivered, tried again and told of: one thing a test."""

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from effect_stage import ANNA, BOSS, NOW, PERSON, Failing, a_project, close_task, notice, open_task, reopen_task

from connector.engine import connect

sys.path.append(str(Path(__file__).parents[1] / "notify"))

from loopback import webhook

OTHER = "person:salesforce:00Q2"
TROUBLE = "the service refused it with 500"


def test_one_digest_a_person(stage):
    stage.decide(notice(), notice(person=OTHER, record="00Q2"), notice("level1", to=BOSS))
    assert stage.run().sent == 2
    anna, boss = stage.messages()
    assert (anna["to"], anna["subject"]) == (ANNA, "revloop: 2 open matters")
    assert anna["lines"] == ["Rejection reason missing: 1", "Rejection reason missing: 00Q2"]
    assert (boss["to"], boss["subject"]) == (BOSS, "revloop: one open matter")
    assert {each.note for each in stage.store.effects.of_person(PERSON)} == {"file"}


def test_the_language_of_the_project(stage):
    stage.decide(notice())
    stage.run(locale="de")
    assert stage.messages()[0]["subject"] == "revloop: ein offener Punkt"


def test_a_message_waits_for_the_opening_of_the_office(stage):
    stage.decide(notice(deliver_at=NOW + timedelta(hours=20)))
    carried = stage.run()
    assert (carried.sent, carried.waiting) == (0, 1)
    stage.now += timedelta(hours=20)
    assert stage.run().sent == 1


def test_what_is_settled_before_the_office_opens_is_not_told(stage):
    monday = NOW + timedelta(hours=60)
    stage.decide(open_task(), notice(deliver_at=monday), notice(person=OTHER, record="00Q2", deliver_at=monday))
    assert stage.run().sent == 0
    stage.now = monday
    stage.decide(close_task())
    carried = stage.run()
    assert (carried.sent, carried.dropped, carried.waiting) == (1, 1, 0)
    assert [each["lines"] for each in stage.messages()] == [["Rejection reason missing: 00Q2"]]
    assert "settled before anybody was told" in {each.note for each in stage.store.effects.of_person(PERSON)}


def test_a_matter_that_is_open_again_is_told(stage):
    stage.decide(open_task())
    stage.decide(close_task(), at=NOW + timedelta(hours=1))
    stage.decide(reopen_task(), notice("reason:o2"), at=NOW + timedelta(hours=2))
    stage.now = NOW + timedelta(hours=3)
    assert (stage.run().sent, len(stage.messages())) == (1, 1)


def test_every_channel_that_takes_it_gets_it(stage):
    everybody, mine, others = Failing("a", None), Failing("b", None, {ANNA}), Failing("c", None, {BOSS})
    stage.channels = [everybody, mine, others]
    stage.decide(notice())
    assert stage.run().sent == 1
    assert [len(each.took) for each in stage.channels] == [1, 1, 0]
    assert stage.store.effects.of_person(PERSON)[0].note == "a, b"


@pytest.mark.parametrize("channels", [[], [Failing("c", None, {BOSS})]])
def test_without_a_channel_nobody_is_told_and_nothing_is_called_sent(stage, channels):
    stage.channels = channels
    stage.decide(notice())
    carried = stage.run()
    assert (carried.sent, carried.dropped, carried.waiting) == (0, 1, 0)
    (stored,) = stage.store.effects.of_person(PERSON)
    assert (stored.state, stored.note) == ("dropped", "no channel takes it: see `notify` in connector.yaml")


# --- failures -----------------------------------------------------------------------------------------------


def test_a_failed_delivery_is_kept_told_and_tried_again(stage):
    channel = Failing(trouble=TROUBLE)
    stage.channels = [channel]
    stage.decide(notice())
    carried = stage.run()
    assert (carried.sent, carried.failed, carried.waiting) == (0, 1, 1)
    (stored,) = stage.store.effects.of_person(PERSON)
    assert (stored.state, stored.not_before) == ("waiting", stage.now + timedelta(minutes=5))
    ((side, record, code, message),) = stage.inbox()
    assert (side, record, code) == ("salesforce", "00Q1", "NOTIFY")
    assert message == (f"a message was not delivered (failing: {TROUBLE}); tried once, next after 2026-11-23 09:20 UTC")
    stage.run()
    assert "tried 2 times" in stage.inbox()[0][3]
    channel.trouble = None
    assert stage.run().sent == 1
    assert stage.inbox() == []
    assert len({message.id for message, _ in channel.tried}) == 1, "it is the same message each time"
    assert [again for _, again in channel.tried] == [False, True, True]


def test_the_distance_between_tries_grows(stage):
    stage.channels = [Failing()]
    stage.decide(notice())
    waits = []
    for _ in range(12):
        stage.run()
        (stored,) = stage.store.effects.of_person(PERSON)
        waits.append((stored.not_before - stage.now).total_seconds() / 60)
        stage.now = max(stage.now, stored.not_before)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360, 360, 360, 360]


def test_what_one_channel_has_taken_it_does_not_get_again(stage):
    good, bad = Failing("good", None), Failing("bad", TROUBLE)
    stage.channels = [good, bad]
    stage.decide(notice())
    assert stage.run().sent == 0
    assert f"bad: {TROUBLE}" in stage.inbox()[0][3]
    bad.trouble = None
    assert stage.run().sent == 1
    assert (len(good.took), len(bad.took)) == (1, 1)
    assert good.took[0].id == bad.took[0].id


def test_a_channel_that_was_taken_out_is_missed_by_nobody(stage):
    stage.channels = [Failing("good", None), Failing("bad", TROUBLE)]
    stage.decide(notice())
    stage.run()
    stage.channels = stage.channels[:1]
    carried = stage.run()
    assert (carried.sent, len(stage.channels[0].took)) == (1, 1)
    assert stage.store.effects.of_person(PERSON)[0].state == "done"


def test_what_is_decided_later_is_another_message(stage):
    """What has been tried may have arrived: nothing is added to it."""
    channel = Failing(trouble=TROUBLE)
    stage.channels = [channel]
    stage.decide(notice("reason:o1"))
    stage.run()
    stage.decide(notice("reason:o2"))
    channel.trouble = None
    assert stage.run().sent == 2
    assert [len(each.lines) for each in channel.took] == [1, 1]


def test_a_dead_channel_is_left_alone_for_the_rest_of_the_run(stage):
    channel = Failing()
    stage.channels = [channel]
    stage.decide(*(notice(f"level{number}", to=f"boss{number}@example.com") for number in range(9)))
    carried = stage.run()
    assert (len(channel.tried), carried.failed, carried.waiting) == (3, 3, 9)
    channel.trouble = None
    assert stage.run().sent == 9


def test_one_bad_address_does_not_stop_the_others(stage):
    class Picky(Failing):
        def deliver(self, message, *, again):
            self.trouble = TROUBLE if message.to == "a@example.com" else None
            return super().deliver(message, again=again)

    stage.channels = [Picky()]
    stage.decide(*(notice(f"level{name}", to=f"{name}@example.com") for name in "abcdefgh"))
    carried = stage.run()
    assert (carried.sent, carried.failed) == (7, 1)


def test_a_channel_that_rests_beside_one_that_works(stage):
    good, bad = Failing("good", None), Failing("bad", TROUBLE)
    stage.channels = [good, bad]
    stage.decide(*(notice(f"level{number}", to=f"boss{number}@example.com") for number in range(5)))
    assert stage.run().failed == 5
    assert (len(good.took), len(bad.tried)) == (5, 3)
    assert "bad: left alone for this run, since it failed for others" in stage.store.effects.of_person(PERSON)[4].note
    bad.trouble = None
    assert stage.run().sent == 5
    assert (len(good.took), len(bad.took)) == (5, 5)


def test_a_stop_between_two_messages(stage):
    stage.decide(notice(), notice("level1", to=BOSS))
    stage.stop_at = 2
    stage.run()
    assert len(stage.messages()) == 1
    stage.stop_at = None
    assert stage.run().sent == 1
    assert [each["to"] for each in stage.messages()] == [ANNA, BOSS]


# --- over HTTP ----------------------------------------------------------------------------------------------

SETTINGS = """
notify:
  to:
    - {name: slack, url_file: secrets/hook}
    - {name: file, file: out/messages.jsonl, only: [anna@example.com]}
"""


@pytest.fixture
def service(stage, tmp_path):
    with webhook() as (hook, port):
        stage.project = a_project(tmp_path / "over-http", SETTINGS)
        secret = stage.project.folder / "secrets" / "hook"
        secret.write_text(f"json://robot:c4narypassword@127.0.0.1:{port}/c4naryhook?rto=0.5\n")
        secret.chmod(0o600)
        yield hook


def test_a_real_service(stage, service):
    stage.decide(notice(), notice("level1", to=BOSS))
    assert stage.run().sent == 2
    texts = [body["message"].splitlines()[0] for _, _, body in service.took]
    assert texts == [f"For {ANNA}:", f"For {BOSS}:"]
    assert [each["to"] for each in stage.messages()] == [ANNA]
    assert stage.messages()[0]["id"] in service.took[0][2]["message"]


def test_a_real_service_that_fails_and_comes_back(stage, service, caplog):
    stage.decide(notice(to=BOSS))
    service.answer = 500
    assert stage.run().failed == 1
    service.answer, service.wait = 200, 1.0
    assert stage.run().failed == 1
    service.wait = 0.0
    assert stage.run().sent == 1
    ids = {json.dumps(body["message"]) for _, _, body in service.took}
    assert (len(service.took), len(ids)) == (3, 1), "a double is known by the id in its text"
    told = [record for record in caplog.records if record.name.startswith("revloop")]
    assert [record.reason for record in told] == [TROUBLE, "the service cannot be reached, or did not answer in time"]
    text = " ".join(str(vars(record)) for record in told) + str(stage.inbox())
    kept = stage.path.read_bytes()
    assert [each for each in ("c4nary", "robot") if each in text or each.encode() in kept] == []
    assert BOSS not in text


def test_a_secret_that_is_not_there(stage, service):
    (stage.project.folder / "secrets" / "hook").chmod(0o644)
    stage.decide(notice(to=BOSS))
    assert stage.run().failed == 1
    assert "secrets/hook can be read by others (mode 0644): type `chmod 600 secrets/hook`" in stage.inbox()[0][3]
    (stage.project.folder / "secrets" / "hook").unlink()
    stage.run()
    assert "secrets/hook does not exist" in stage.inbox()[0][3]


def test_the_channels_of_a_project(tmp_path, monkeypatch):
    settings = """
notify:
  to:
    - {name: slack, url_env: SLACK_URL}
    - {name: mail, url_env: MAIL_URL, send: recipient, only: [Boss@Example.com]}
    - {name: file, file: out/messages.jsonl}
"""
    slack, mail, file = connect.channels(a_project(tmp_path / "p", settings))
    assert [each.name for each in (slack, mail, file)] == ["slack", "mail", "file"]
    assert (slack.takes(ANNA), mail.takes(ANNA), mail.takes(BOSS)) == (True, False, True)
    assert slack.look()[0].startswith("the environment variable SLACK_URL is not set")
    monkeypatch.setenv("MAIL_URL", "mailtos://user:pass@mail.example.com?from=revloop@example.com")
    assert mail.look() == (None, [])
    assert file.look() == (None, ())
