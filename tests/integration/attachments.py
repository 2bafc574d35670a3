#!/usr/bin/python3
"""usage: attachments.py BUILD-FOLDER

Scans and photos with real processes: attached with no network, sent behind the records, fetched at
another station; killed in mid-upload, of a wrong kind, of a record that is nothing of the asker's.
"""
import hashlib
import os
import random
import signal
import sys

import cases
import lab

MIB = 1024 * 1024
PDF = b"%PDF-1.4\n"


def scan(desk, name, size, seed=1, head=PDF):
    path = desk.lab.folder / name
    path.write_bytes(head + random.Random(seed).randbytes(size - len(head)))
    return path


def attach(station, desk, path, *more):
    return station.json("attach", "placement", desk.placement, path, *more)["id"]


def fetched(station, attachment, name):
    path = station.lab.folder / name
    station.run("fetch", attachment, "--output", path)
    return path.read_bytes()


def n_complete(desk):
    return desk.server.number("SELECT count(*) FROM file WHERE completed IS NOT NULL")


def a_scan_attached_offline_is_fetched_at_another_station(desk):
    desk.server.stop()
    path = scan(desk, "agreement.pdf", 3 * MIB)
    attachment = attach(desk.high, desk, path, "note=signed by all three")
    assert desk.high.status()["files_unsent"] == 1
    assert desk.high.run("sync", code=lab.UNREACHABLE)
    assert fetched(desk.high, attachment, "own.pdf") == path.read_bytes()
    desk.server.start()
    desk.high.sync()
    assert desk.high.status()["files_unsent"] == 0
    desk.sync(desk.center, desk.office)
    for station in (desk.center, desk.office):
        assert fetched(station, attachment, f"{station.name}.pdf") == path.read_bytes()
    kept = hashlib.sha256(path.read_bytes()).hexdigest() + ".sealed"
    assert (desk.center.home / "files" / kept).exists()


def the_same_file_travels_once(desk):
    path = scan(desk, "twice.pdf", 200_000, seed=2)
    attach(desk.high, desk, path)
    second = attach(desk.center, desk, path)
    before = n_complete(desk)
    desk.sync(desk.high, desk.center)
    assert n_complete(desk) == before + 1
    desk.office.sync()
    assert fetched(desk.office, second, "first.pdf") == path.read_bytes()


def a_kill_in_mid_upload_goes_on_where_it_was(desk):
    path = scan(desk, "large.pdf", 10 * MIB, seed=3)
    attachment = attach(desk.high, desk, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    received = f"SELECT coalesce(max(received), 0) FROM file WHERE sha256 = '\\x{sha256}'"
    places = []
    for _ in range(2):
        begin = desk.server.number(received)
        desk.high.watch()
        lab.wait_for("a part arrived", lambda: desk.server.number(received) > begin)
        desk.high.unwatch(signal.SIGKILL)
        places.append(desk.server.number(received))
    assert 0 < places[0] < places[1] < 10 * MIB, places
    desk.high.watch()
    lab.wait_for("a part arrived", lambda: desk.server.number(received) > places[1])
    desk.server.kill()
    desk.server.start()
    lab.wait_for("the rest arrived", lambda: desk.server.number(received) == 10 * MIB, 60)
    desk.high.unwatch(signal.SIGTERM)
    desk.high.sync()
    desk.center.sync()
    assert fetched(desk.center, attachment, "whole.pdf") == path.read_bytes()


def an_upload_does_not_hold_up_input(desk):
    attach(desk.high, desk, scan(desk, "slow.pdf", 10 * MIB, seed=4))
    desk.high.watch()
    lab.wait_for("the upload began", lambda: desk.server.number(
        "SELECT count(*) FROM file WHERE completed IS NULL AND received > 0") == 1)
    sheet = desk.high.add("time_entry", f"sheet_id={desk.sheet}", f"work_date={lab.MONDAY}",
                          "elapsed_minutes=7")
    lab.wait_for("the entry is judged", desk.high.is_settled, 20)
    is_under_way = desk.server.number(
        "SELECT count(*) FROM file WHERE completed IS NULL") == 1
    desk.high.unwatch(signal.SIGTERM)
    desk.high.sync()
    assert is_under_way, "the file was sent before the entry"
    assert desk.server.number(f"SELECT count(*) FROM time_entry WHERE id = '{sheet}'") == 1


def what_cannot_be_attached_is_refused_in_one_sentence(desk):
    folder = desk.lab.folder
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "program.pdf").write_bytes(b"MZ" + bytes(1000))
    large = scan(desk, "too-large.pdf", 10 * MIB + 1)
    for name, words in (("empty.pdf", "0 bytes"), ("program.pdf", "no PDF, JPEG"),
                        ("missing.pdf", "No such file"), (large.name, "10 MiB"), (".", "not a file")):
        code, out, err = desk.high.call("attach", "placement", desk.placement, folder / name)
        assert code == lab.REFUSED and not out and words in err and len(err.splitlines()) == 1, \
            (name, code, out, err)
    err = desk.high.run("attach", "placement", "0000dead", large, code=lab.REFUSED)
    assert "0000dead" in err, err
    assert desk.high.status()["files_unsent"] == 0


def nobody_fetches_what_is_not_theirs_or_was_withdrawn(desk):
    other_id = desk.office.add("school", "name=Other", "code=O1", "kind=high",
                               "zone=America/New_York")
    desk.office.sync()
    other = desk.school("other", other_id)
    path = scan(desk, "private.pdf", 100_000, seed=5)
    attachment = attach(desk.high, desk, path)
    desk.high.sync()
    other.sync()
    err = other.run("fetch", attachment, code=lab.REFUSED)
    assert "no attachment" in err, err
    assert not (other.home / "files").exists()
    desk.center.sync()
    desk.high.run("do", "attachment", attachment, "withdraw", "reason=wrong student")
    desk.high.sync()
    # The center does not know yet; the server does.
    err = desk.center.run("fetch", attachment, code=lab.REFUSED)
    assert "no such file" in err, err
    desk.sync(desk.center, desk.center)
    assert "withdrawn" in desk.center.run("fetch", attachment, code=lab.REFUSED)


def a_withdrawn_file_leaves_the_stations(desk):
    path = scan(desk, "wrong.pdf", 1000, seed=8)
    attachment = attach(desk.high, desk, path)
    desk.sync(desk.high, desk.center)
    assert fetched(desk.center, attachment, "wrong-center.pdf") == path.read_bytes()
    desk.high.run("do", "attachment", attachment, "withdraw", "reason=another student's")
    desk.sync(desk.high, desk.center, desk.high, desk.center)
    name = hashlib.sha256(path.read_bytes()).hexdigest()
    for station in desk.stations:
        assert not list((station.home / "files").glob(f"{name}*")), station.name


def a_restored_server_gets_its_files_again(desk):
    path = scan(desk, "again.pdf", 100_000, seed=6)
    attachment = attach(desk.high, desk, path)
    desk.high.sync()
    desk.server.stop()
    desk.server.sql(f"DELETE FROM file WHERE sha256 = '\\x"
                    f"{hashlib.sha256(path.read_bytes()).hexdigest()}'")
    desk.server.command("epoch", "new")
    desk.server.start()
    desk.sync(desk.high, desk.office)
    assert fetched(desk.office, attachment, "again-office.pdf") == path.read_bytes()


def a_file_that_is_there_is_not_written_over(desk):
    attachment = attach(desk.high, desk, scan(desk, "keep.pdf", 1000, seed=7))
    place = desk.lab.folder / "mine.pdf"
    place.write_bytes(b"mine")
    err = desk.high.run("fetch", attachment, "--output", place, code=lab.REFUSED)
    assert "--output" in err and place.read_bytes() == b"mine", err
    assert os.stat(desk.high.home / "files").st_mode & 0o777 == 0o700


def what_a_person_asks_for_leaves_the_watcher_connected(desk):
    """A report and a file come over connections of their own."""
    attachment = attach(desk.center, desk, scan(desk, "aside.pdf", 100_000, seed=9))
    desk.sync(desk.center, desk.office)
    opened = lambda: desk.server.log.read_text().count("event=station.open")
    before = opened()
    desk.office.watch()
    lab.wait_for("the watcher is connected", lambda: opened() > before)
    for turn in range(6):
        desk.office.run("report", "hours")
        desk.office.run("fetch", attachment, "--output", desk.lab.folder / f"aside-{turn}.pdf")
    desk.office.unwatch(signal.SIGTERM)
    log = desk.office.log.read_text()
    assert log.count("link.up") == 1 and "link.down" not in log, log
    assert opened() - before >= 8


CASES = [
    a_scan_attached_offline_is_fetched_at_another_station,
    the_same_file_travels_once,
    a_kill_in_mid_upload_goes_on_where_it_was,
    an_upload_does_not_hold_up_input,
    what_cannot_be_attached_is_refused_in_one_sentence,
    nobody_fetches_what_is_not_theirs_or_was_withdrawn,
    a_withdrawn_file_leaves_the_stations,
    a_restored_server_gets_its_files_again,
    a_file_that_is_there_is_not_written_over,
    what_a_person_asks_for_leaves_the_watcher_connected,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, lab.District(place))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
