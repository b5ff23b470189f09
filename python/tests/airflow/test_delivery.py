"""The whole way, with the real sender process, to receivers that are dead, slow, busy, wrong or unreachable."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from airfleet.airflow import listener
from airfleet.airflow.reporting import reporter
from airfleet.airflow.sender.delivery import Delivery, SenderClock
from airfleet.airflow.sender.process import Sender
from airfleet.airflow.sender.start import ask_to_hand_over, ensure_sender
from airfleet.airflow.sender.target import Target
from airfleet.airflow.settings import read_settings
from airfleet.airflow.signing import SigningKey
from airfleet.airflow.spool.sender_lock import SenderLock, is_sender_alive
from airfleet.airflow.spool.status import SenderStatus, read_status, write_status
from airfleet.airflow.spool.writer import make_private
from tests.airflow.conftest import end_sender, wait_until
from tests.airflow.hook_objects import RuntimeTaskInstance, dag_run
from tests.airflow.receiver import Answer, BlackHole, Receiver, Request, accept, answering, dead_url, verifying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

CANARY = b"canary-secret-0123456789-abcdefgh"
CANARY_TEXT = base64.urlsafe_b64encode(CANARY).decode().rstrip("=")


@contextmanager
def receiving(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[Request], Answer] | None = None, port: int = 0
) -> Iterator[Receiver]:
    """A receiver to which everything is sent from now on."""
    with Receiver(answer, port) as receiver:
        monkeypatch.setenv("AIRFLEET_URL", receiver.url)
        yield receiver


def report_some(count: int, *, start: int = 0) -> list[str]:
    """Reports as many tasks and answers their names."""
    names = [f"task_{number}" for number in range(start, start + count)]
    for name in names:
        listener.on_task_instance_success(task_instance=RuntimeTaskInstance(task_id=name))
    return names


def task_ids(receiver: Receiver) -> list[str]:
    return [report["task"]["task_id"] for report in receiver.reports()]


def state_of(spool: Path) -> tuple[str, str]:
    status = read_status(spool)
    return ("", "") if status is None else (status.state, status.code)


def test_batches_hold_fifty_at_most_and_keep_the_order(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(monkeypatch) as receiver:
        names = report_some(130)
        wait_until(lambda: len(task_ids(receiver)) >= 130, what="all reports")
    assert task_ids(receiver) == names
    assert max(len(request.content["reports"]) for request in receiver.requests) <= 50
    assert len(receiver.requests) < 130


def test_what_was_reported_while_nobody_listened_arrives_when_somebody_does(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = dead_url()
    monkeypatch.setenv("AIRFLEET_URL", url)
    names = report_some(20)
    wait_until(lambda: state_of(spool) == ("waiting", "RECEIVER_UNREACHABLE"), what="the sender's word")
    with Receiver(port=int(url.rsplit(":", 1)[1])) as receiver:
        wait_until(lambda: len(receiver.requests) > 0 and len(task_ids(receiver)) >= 20, what="all reports")
        assert task_ids(receiver) == names
    wait_until(lambda: state_of(spool)[0] == "delivering", what="the sender's word")


def test_a_receiver_that_is_busy_or_broken_gets_every_report_once_it_is_not(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy: Answer = (429, {"Retry-After": "0"}, {"code": "RATE_LIMITED"})
    with receiving(monkeypatch, answering((500, {}, {}), (502, {}, {}), busy)) as receiver:
        report_some(3)
        wait_until(lambda: len(receiver.requests) >= 4, what="four tries")
        wait_until(lambda: state_of(spool)[0] == "delivering", what="success")
    accepted = [report["task"]["task_id"] for request in receiver.requests[3:] for report in request.content["reports"]]
    assert sorted(accepted) == ["task_0", "task_1", "task_2"]


def test_waits_as_long_as_the_receiver_asks(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(monkeypatch, answering((503, {"Retry-After": "2"}, {}))) as receiver:
        report_some(1)
        wait_until(lambda: len(receiver.requests) >= 2, what="a second try")
    assert receiver.requests[1].at - receiver.requests[0].at >= 2


def test_a_slow_receiver_gets_each_report_though_the_first_try_timed_out(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Answer:
        if len(receiver.requests) == 1:
            time.sleep(1.6)
        return accept(request)

    with receiving(monkeypatch, answer) as receiver:
        report_some(2)
        wait_until(lambda: len(receiver.requests) >= 2, what="a second try")
        first, second = (request.content["reports"][0]["event_id"] for request in receiver.requests[:2])
    assert first == second


def test_a_sender_that_is_killed_is_followed_by_another_that_loses_nothing(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = dead_url()
    monkeypatch.setenv("AIRFLEET_URL", url)
    names = report_some(5)
    wait_until(lambda: state_of(spool)[0] == "waiting", what="the first sender")
    end_sender(spool)
    (spool / "sender.started").unlink()
    with Receiver(port=int(url.rsplit(":", 1)[1])) as receiver:
        names += report_some(1, start=5)
        wait_until(lambda: len(receiver.requests) > 0 and len(set(task_ids(receiver))) >= 6, what="all reports")
    assert set(task_ids(receiver)) == set(names)


def test_a_clock_that_is_an_hour_off_is_corrected_by_the_answers_date(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for offset in (3600.0, -3600.0):
        with Receiver(
            verifying(CANARY, algorithm="HS256", instance="af-test", now=lambda offset=offset: time.time() + offset)  # type: ignore[misc]
        ) as receiver:
            receiver.date_offset_seconds = offset
            monkeypatch.setenv("AIRFLEET_URL", receiver.url)
            monkeypatch.setenv("AIRFLEET_REPORT_KEY", CANARY_TEXT)
            monkeypatch.setattr(reporter, "_reporter", None)
            report_some(1)
            wait_until(lambda: state_of(spool)[0] == "delivering", what=f"delivery by a clock {offset} s away")
            assert len(receiver.requests) == 2
            status = read_status(spool)
            assert status is not None
            assert abs(status.skew_seconds - offset) < 30
        end_sender(spool)
        (spool / "status.json").unlink()
        (spool / "sender.started").unlink()


def test_a_token_refused_for_its_time_is_made_anew_at_once() -> None:
    with Receiver(verifying(CANARY, algorithm="HS256", instance="eu-1", now=lambda: time.time() + 3600)) as receiver:
        receiver.date_offset_seconds = 3600
        target = Target(
            report_format="native",
            base_url=receiver.url,
            instance="eu-1",
            key=SigningKey(key=CANARY, algorithm="HS256"),
        )
        delivery = Delivery(timeout_seconds=5, ca_file=None, clock=SenderClock())
        assert delivery.post_native(target, [{}]).outcome == "accepted"
        assert delivery.post_native(target, [{}]).outcome == "accepted"
    assert len(receiver.requests) == 3


def test_a_refused_key_loses_nothing_and_is_said_once_without_the_key(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = [b"another-secret-0123456789-abcdefgh"]

    def answer(request: Request) -> Answer:
        return verifying(key[0], algorithm="HS256", instance="af-test")(request)

    with receiving(monkeypatch, answer) as receiver:
        monkeypatch.setenv("AIRFLEET_REPORT_KEY", CANARY_TEXT)
        report_some(2)
        wait_until(lambda: state_of(spool) == ("refused", "REPORT_SIGNATURE_INVALID"), what="the refusal")
        with caplog.at_level("WARNING", logger="airfleet.reports"):
            report_some(3, start=2)
        said = [record.getMessage() for record in caplog.records if record.name == "airfleet.reports"]
        assert len(said) == 1
        assert "REPORT_SIGNATURE_INVALID" in said[0]
        key[0] = CANARY
        wait_until(lambda: state_of(spool)[0] == "delivering", what="the right key")
        wait_until(lambda: {f"task_{number}" for number in range(5)} == set(task_ids(receiver)), what="every report")
    for path in [path for path in spool.rglob("*") if path.is_file()]:
        assert CANARY_TEXT not in path.read_text(errors="replace"), path
    assert CANARY_TEXT not in caplog.text


def test_a_key_file_that_is_replaced_after_a_refusal_is_read_again(
    spool: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(base64.urlsafe_b64encode(b"another-secret-0123456789-abcdefgh").decode())
    with receiving(monkeypatch, verifying(CANARY, algorithm="HS256", instance="af-test")):
        monkeypatch.setenv("AIRFLEET_REPORT_KEY_FILE", str(key_file))
        report_some(1)
        wait_until(lambda: state_of(spool)[0] == "refused", what="the refusal")
        key_file.write_text(CANARY_TEXT)
        wait_until(lambda: state_of(spool)[0] == "delivering", what="the new key")


def test_a_key_that_cannot_be_used_sends_nothing_at_all(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pem = f"-----BEGIN PRIVATE KEY-----\n{CANARY_TEXT}\n-----END PRIVATE KEY-----\n"
    with receiving(monkeypatch) as receiver:
        monkeypatch.setenv("AIRFLEET_REPORT_KEY", pem)
        report_some(1)
        wait_until(lambda: state_of(spool) == ("refused", "REPORT_KEY_UNUSABLE"), what="the complaint")
        report_some(1, start=1)
        assert receiver.requests == []
    assert "REPORT_KEY_UNUSABLE" in caplog.text
    assert CANARY_TEXT not in caplog.text + (spool / "status.json").read_text()


def test_one_report_that_cannot_be_used_does_not_hold_up_the_others(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Answer:
        if any(report["task"]["task_id"] == "task_7" for report in request.content["reports"]):
            return 422, {}, {"code": "VALIDATION_FAILED", "detail": "task_7"}
        return accept(request)

    with receiving(monkeypatch, answer) as receiver:
        with monkeypatch.context() as unsent:
            unsent.setattr(reporter, "ensure_sender", lambda _: None)
            report_some(20)
        ensure_sender(read_settings())

        def accepted() -> set[str]:
            good = [request for request in receiver.requests if b"task_7" not in request.body]
            return {report["task"]["task_id"] for request in good for report in request.content["reports"]}

        wait_until(lambda: accepted() == {f"task_{number}" for number in range(20) if number != 7}, what="the others")
        wait_until((spool / "refused.jsonl").exists, what="the one")
    aside = json.loads((spool / "refused.jsonl").read_text())
    assert aside["code"] == "VALIDATION_FAILED"
    assert aside["report"]["task"]["task_id"] == "task_7"


def test_the_sender_is_nobodys_child_and_holds_none_of_our_files(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)  # noqa: FBT003 (its only argument)
    with receiving(monkeypatch):
        report_some(1)
        wait_until(lambda: state_of(spool)[0] == "delivering", what="delivery")
        status = read_status(spool)
        assert status is not None
        assert os.getpgid(status.pid) != os.getpgid(0)
        assert os.getsid(status.pid) != os.getsid(0)
        parent = int(Path(f"/proc/{status.pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        assert parent != os.getpid()
    os.close(write_end)
    os.set_blocking(read_end, False)
    assert os.read(read_end, 1) == b""  # nobody holds the other end: Airflow 3 would wait for them
    os.close(read_end)


def test_the_sender_ends_when_it_is_idle_and_comes_back_when_it_is_needed(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLEET_SENDER_IDLE_SECONDS", "1")
    with receiving(monkeypatch) as receiver:
        report_some(1)
        wait_until(lambda: len(receiver.requests) == 1, what="the first report")
        wait_until(lambda: not is_sender_alive(spool), what="the sender's end")
        wait_until(lambda: time.time() - (spool / "sender.started").stat().st_mtime > 2, what="time to start again")
        report_some(1, start=1)
        wait_until(lambda: len(receiver.requests) == 2, what="the second report")


def test_a_sender_whose_spool_was_deleted_leaves(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_SENDER_IDLE_SECONDS", "3600")
    with receiving(monkeypatch):
        report_some(1)
        wait_until(lambda: state_of(spool)[0] == "delivering", what="delivery")
        status = read_status(spool)
        assert status is not None
        shutil.rmtree(spool)
        wait_until(lambda: not Path(f"/proc/{status.pid}").exists(), what="the sender's end")


def test_a_task_on_an_ephemeral_worker_waits_for_its_reports_no_longer_than_it_may(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLEET_FLUSH_SECONDS", "10")
    with receiving(monkeypatch) as receiver:
        report_some(1)
        assert task_ids(receiver) == ["task_0"]
    end_sender(spool)
    monkeypatch.setenv("AIRFLEET_FLUSH_SECONDS", "0.5")
    monkeypatch.setattr(reporter, "_reporter", None)
    with BlackHole() as url:
        monkeypatch.setenv("AIRFLEET_URL", url)
        began = time.monotonic()
        report_some(1, start=1)
        assert time.monotonic() - began >= 0.5


def test_a_certificate_that_nobody_vouches_for_is_not_believed(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from tests.airflow.certificate import make_certificate

    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    certificate = make_certificate(spool.parent)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("AIRFLEET_URL", f"https://127.0.0.1:{server.server_address[1]}")
    report_some(1)
    wait_until(lambda: state_of(spool)[0] == "waiting", what="distrust")
    status = read_status(spool)
    assert status is not None
    assert "CERTIFICATE_VERIFY_FAILED" in status.detail
    assert got == []
    end_sender(spool)
    (spool / "sender.started").unlink()
    monkeypatch.setenv("AIRFLEET_CA_FILE", str(certificate))
    report_some(1, start=1)
    wait_until(lambda: state_of(spool)[0] == "delivering", what="trust")
    server.shutdown()
    server.server_close()
    thread.join()
    assert len(got) > 0


def test_without_a_key_reports_go_unsigned_and_the_source_decides(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(monkeypatch) as receiver:
        listener.on_dag_run_success(dag_run=dag_run(), msg="success")
        wait_until(lambda: len(receiver.requests) == 1, what="a report")
    assert "authorization" not in receiver.requests[0].headers


def test_a_file_of_authorities_that_is_not_there_is_named(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_URL", dead_url())
    monkeypatch.setenv("AIRFLEET_CA_FILE", "/nonexistent.pem")
    report_some(1)
    wait_until(lambda: state_of(spool) == ("refused", "REPORT_CA_FILE_UNREADABLE"), what="the complaint")


def test_a_sender_whose_settings_are_of_yesterday_makes_room_for_one_with_todays(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLEET_URL", dead_url())
    names = report_some(1)
    wait_until(lambda: state_of(spool)[0] == "waiting", what="yesterday's sender")
    with receiving(monkeypatch) as receiver:
        names += report_some(1, start=1)
        assert not (spool / "handover").exists()  # it may have been started by one with today's settings just now
        monkeypatch.setattr("airfleet.airflow.sender.start._HANDOVER_SECONDS", 0)
        names += report_some(1, start=2)
        wait_until(lambda: not is_sender_alive(spool), what="yesterday's sender to leave")
        wait_until(lambda: time.time() - (spool / "sender.started").stat().st_mtime > 2, what="time to start again")
        names += report_some(1, start=3)
        wait_until(lambda: len(receiver.requests) > 0 and len(task_ids(receiver)) >= 4, what="all reports")
    assert task_ids(receiver) == names


def test_a_sender_of_a_later_time_makes_room_as_well(spool: Path) -> None:
    make_private(spool)
    later = time.time() + 7_200  # the clock was set back since
    write_status(spool, SenderStatus(state="waiting", pid=1, fingerprint="other-none", started_at=later, at=later))
    ask_to_hand_over(spool, "mine-none")
    assert (spool / "handover").exists()


def test_what_hooks_wrote_while_a_sender_ended_is_not_left_behind(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(monkeypatch) as receiver:
        monkeypatch.setenv("AIRFLEET_SENDER_IDLE_SECONDS", "1")
        settings = read_settings()
        make_private(spool)
        lock = SenderLock(spool)
        assert lock.take()
        sender = Sender(settings, dict(os.environ))
        give_back, take = lock.give_back, lock.take

        def give_back_late() -> None:
            # A hook that comes now finds the lock taken, and starts nobody.
            report_some(1)
            give_back()

        monkeypatch.setattr(lock, "give_back", give_back_late)
        monkeypatch.setattr(reporter, "ensure_sender", lambda _: None)
        monkeypatch.setattr(lock, "take", lambda: monkeypatch.setattr(lock, "give_back", give_back) is None and take())
        sender.run(lock)
    assert task_ids(receiver) == ["task_0"]
