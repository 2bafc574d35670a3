#!/usr/bin/python3
"""usage: copies.py BUILD-FOLDER [CASE...]

What becomes of a station's folder: copied and both used, restored from an old copy, brought to another
machine, on a full disk, without power, killed in the middle of its first load, read by whoever has it;
and of a record that two stations made. Nothing that was entered is lost or counted twice.
"""
import datetime
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys

import cases
import lab
import ledger

NEXT_SUNDAY, NEXT_MONDAY = "2026-09-20", "2026-09-21"
N_NOTES, NOTE_LEN = 1100, 3900  # a first load of five chunks


class Desk:
    """A district and its ledger. Folders that a case puts aside are still part of the account."""

    def __init__(self, place):
        self.district = lab.District(place)
        self.server = self.district.server
        self.ledger = ledger.Ledger(self.district)
        self.aside = []

    def put_aside(self, home):
        self.aside.append(self.district.lab.station(home.name, home))
        return self.aside[-1]

    def account(self):
        stations = (self.district.office, *self.district.stations)
        for _ in range(2):
            self.district.sync(*stations)
        ledger.check(self.ledger, self.server, (*stations, *self.aside))
        ledger.check_same(self.server, stations)


def copy(home, name):
    to = home.with_name(name)
    subprocess.run(["cp", "-a", home, to], check=True)
    return to


def incarnation(station):
    return station.read("SELECT incarnation FROM meta")[0][0]


def both_outboxes_of_a_copied_replica_survive(desk):
    high = desk.district.high
    desk.ledger.add_entry(high)
    high.sync()
    desk.ledger.add_entry(high)  # goes with both
    clone = desk.put_aside(copy(high.home, "high-clone"))
    desk.ledger.add_entry(high)
    for _ in range(3):
        desk.ledger.add_entry(clone)
    high.sync()
    clone.sync()
    assert incarnation(clone) != incarnation(high), "the copy has no life of its own"
    desk.ledger.add_entry(high)
    desk.ledger.add_entry(clone)
    high.sync()
    clone.sync()
    desk.account()


def a_replica_restored_from_an_old_copy_goes_on(desk):
    center = desk.district.center
    desk.ledger.add_entry(center)
    center.sync()
    old = copy(center.home, "center-old")
    before = incarnation(center)
    for _ in range(3):
        desk.ledger.add_entry(center)
    center.sync()
    desk.put_aside(center.home.rename(center.home.with_name("center-lost")))
    old.rename(center.home)
    for _ in range(2):
        desk.ledger.add_entry(center)
    center.sync()
    assert incarnation(center) != before, "counters that were used are used again"
    desk.account()


def keeps_what_was_stored_when_the_disk_is_full(desk):
    """A tmpfs with little room in a mount namespace of its own, so that nothing else sees it."""
    center = desk.district.center
    room = center.lab.folder / "room"
    room.mkdir()
    used = sum(file.stat().st_size for file in center.home.iterdir()) >> 10
    maps = [] if os.getuid() == 0 else ["--map-root-user"]
    with subprocess.Popen(
            ["unshare", *maps, "--mount", "--propagation", "unchanged", "sh", "-c",
             # A chroot's root is no mount point; it has nobody to share with either.
             'mount --make-rprivate / 2>&-; mount -t tmpfs -o size="$1"k none "$2" && cp -a "$3/." "$2/" && echo ready &&'
             " exec sleep 600", "sh", str(used + 240), room, center.home],
            stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "ready\n", "no tmpfs"
            enter = ["nsenter", "-t", str(holder.pid), "--mount", "--root"] + \
                ([] if os.getuid() == 0 else ["--user", "--preserve-credentials"])
            fill(desk, desk.district.lab.station("room", room), enter)
            subprocess.run([*enter, "mount", "-o", "remount,size=64m", room], check=True)
            crowded = desk.district.lab.station("room", room)
            crowded.run("sync", prefix=enter)
            shutil.rmtree(center.home)
            subprocess.run([*enter, "cp", "-a", room, center.home], check=True)
        finally:
            holder.kill()
    desk.account()


def fill(desk, station, enter):
    """Adds until it is refused; then what was taken is in the file and the refusal is one sentence."""
    n_stored = 0
    while True:
        value = desk.ledger.value()
        code, _, err = station.call(
            "add", "time_entry", f"sheet_id={desk.district.sheet}", f"work_date={lab.MONDAY}",
            "elapsed_minutes=7", f"task={value}", prefix=enter)
        if code != lab.DONE:
            break
        desk.ledger.minutes[value] = 7
        n_stored += 1
        assert n_stored < 500, "the disk does not get full"
    assert code == lab.REFUSED and len(err.splitlines()) == 1, (code, err)
    assert "disk" in err and "full" in err, err
    assert n_stored > 0
    code, _, err = station.call("list", "time_entry", prefix=enter)
    assert code == lab.DONE, f"reading on a full disk: {err}"


def what_was_taken_survives_a_loss_of_power(desk):
    """Nothing of what was written and not synced is there. Alone, a command checkpoints and removes the log as
    it ends, and the removal has reached the disk or not; beside another program it leaves the log."""
    center = desk.district.center
    center.sync()
    before = incarnation(center)
    for is_alone, is_removed in ((True, False), (True, True), (False, False)):
        image = copy(center.home, "center-image")
        other = sqlite3.connect(center.home / "replica.db")
        if not is_alone:
            other.execute("SELECT * FROM meta").fetchall()
        power = ("env", "ASAN_OPTIONS=verify_asan_link_order=0",
                 f"LD_PRELOAD={center.lab.build / 'tests/support/power-cut.so'}",
                 f"POWER_CUT_FOLDER={center.home}", f"POWER_CUT_IMAGE={image}")
        desk.ledger.add_entry(center, prefix=power)
        desk.ledger.set_note(center, prefix=power)
        assert (center.home / "replica.db-wal").exists() != is_alone
        other.close()
        cut_power(center.home, image, is_removed)
        assert center.status()["unsent"] == 2, center.status()
        center.sync()
        assert center.status()["unsent"] == 0
    assert incarnation(center) == before
    desk.account()


def cut_power(home, image, is_removed):
    """The folder is as the disk has it; is_removed: what was removed is gone there, too."""
    for file in image.iterdir():
        if file.name.endswith((".nameless", "-shm")) or (
                is_removed and not (home / file.name).exists()):
            file.unlink()
    shutil.rmtree(home)
    image.rename(home)


def a_first_load_that_breaks_goes_on_where_it_was(desk):
    rng = random.Random(1)
    lines = ["student_id,school_id,title,kind,starts_on,ends_on,note"]
    for n in range(N_NOTES):
        note = f"{rng.getrandbits(4 * NOTE_LEN):0{NOTE_LEN}x}"
        lines.append(f"{desk.district.student},{desk.district.high_id},Placement {n},internship,"
                     f"2026-08-17,2027-05-21,{note}")
    path = desk.district.lab.folder / "placements.csv"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    desk.district.high.run("import", "placement", path)
    desk.district.high.sync()
    fresh = desk.district.lab.enroll(desk.server, "fresh", "--school", desk.district.high_id,
                                     "--person", "N. Ew")
    loads = []
    for chunks in (3, 1):  # the first is that of the reference data
        fresh.call("sync", failpoint=f"after_chunk_stored:{chunks}")
        loads.append(fresh.read("SELECT snapshot, chunk FROM scope WHERE state = 0")[0])
    fresh.sync()
    assert loads[0][0] != 0 and loads[0][0] == loads[1][0], f"another load was begun: {loads}"
    assert loads[1][1] == loads[0][1] + 1, f"chunks were loaded twice: {loads}"
    desk.account()
    ledger.check_same(desk.server, (fresh, desk.district.high), "placement")


def hours_entered_on_a_second_sheet_of_the_week_go_into_the_first(desk):
    """Both schools open the sheet of the same placement and week with no network."""
    high, center = desk.district.stations
    week = (f"placement_id={desk.district.placement}", f"week_start={NEXT_SUNDAY}")
    first = high.add("time_sheet", *week)
    second = center.add("time_sheet", *week, "note=from the paper")
    entry = center.add("time_entry", f"sheet_id={second}", f"work_date={NEXT_MONDAY}",
                       "elapsed_minutes=31")
    center.run("set", "time_entry", entry, "task=milling")
    high.sync()
    center.sync()
    drafts = center.json("drafts")
    assert [draft["reason"] for draft in drafts] == \
        ["DUPLICATE", "DEPENDS_ON_REFUSED", "DEPENDS_ON_REFUSED"], drafts
    assert first in drafts[0]["text"] and "there is one already" in drafts[0]["text"], drafts
    err = center.run("add", "time_sheet", *week, code=lab.REFUSED)
    assert first in err, err
    said = center.run("drafts", "retry", drafts[0]["id"])
    assert "with 2 that build on it" in said, said
    center.sync()
    assert center.json("drafts") == []
    assert desk.server.sql(f"SELECT sheet_id, elapsed_minutes, task FROM time_entry"
                           f" WHERE id = '{entry}' AND NOT deleted") == [[first, "31", "milling"]]
    assert desk.server.sql(f"SELECT id, note FROM time_sheet WHERE week_start = '{NEXT_SUNDAY}'") \
        == [[first, "from the paper"]]
    desk.account()


def bytes_held(station):
    """Every byte of every file in the station's folder: free pages and the log with it."""
    return b"".join(file.read_bytes() for file in station.home.rglob("*") if file.is_file())


def what_is_sealed_can_be_read_in_no_folder(desk):
    """Remarks in every place they come to: input that waits, records, a conflict, and its decision."""
    secret, birthday = "Xenon Marmoset", "2009-03-04"
    office, high, center = desk.district.office, *desk.district.stations
    opened = [sqlite3.connect(station.home / "replica.db") for station in desk.district.stations]
    for one in opened:
        one.execute("SELECT * FROM meta").fetchall()  # so that the log stays
    value, _ = desk.ledger.add_record(
        high, "time_entry", "task", f"sheet_id={desk.district.sheet}", f"work_date={lab.MONDAY}",
        "elapsed_minutes=5", f"note={secret} entry")
    desk.ledger.minutes[value] = 5
    placement = desk.district.new_placement("Open Title")
    assert secret.encode() not in bytes_held(high)
    high.sync()
    center.sync()
    office.run("set", "student", desk.district.student, f"birth_date={birthday}",
               f"career_goal={secret} goal", f"emergency_name={secret}")
    for station in (high, center):
        station.run("set", "placement", placement, f"note={secret} {station.name}")
    desk.district.sync(office, high, center, high, office)
    conflict = center.json("conflicts")[0]
    assert secret in json.dumps(conflict), conflict
    assert secret in high.run("show", "student", desk.district.student)
    for station in (office, high, center):
        held = bytes_held(station)
        assert b"Open Title" in held or station is office
        assert secret.encode() not in held, station.name
    for one in opened:
        one.close()


def begin_month(school, school_id, number, canary):
    """A student and a placement of this school alone."""
    student = school.add("student", f"school_id={school_id}", f"identifier={number}",
                         f"given_name={canary}", f"family_name={canary}")
    school.add("enrollment", f"student_id={student}", f"school_id={school_id}", "kind=home",
               "starts_on=2026-08-10")
    return school.add("placement", f"student_id={student}", f"school_id={school_id}",
                      f"title={canary} intern", "kind=internship", "starts_on=2026-08-17",
                      "ends_on=2027-05-21", f"note={canary}")


def work_a_week(school, placement, canary, sunday):
    """Hours and two corrections, of which one takes the words away."""
    day = sunday + datetime.timedelta(days=1)
    sheet = school.add("time_sheet", f"placement_id={placement}", f"week_start={sunday}",
                       f"note={canary}")
    entries = [school.add("time_entry", f"sheet_id={sheet}", f"work_date={day}",
                          f"elapsed_minutes={7 + n}", f"task={canary} {n}") for n in range(2)]
    school.run("set", "time_entry", entries[0], f"task={canary} again")
    school.run("set", "time_entry", entries[1], "task=nothing")


def a_month_of_work_leaves_no_byte_of_a_school_at_another(desk):
    """Also in free pages and in the log, and in what the stations say while they synchronize. What the
    schools share, the student of both, is not marked."""
    high, center = desk.district.stations
    canaries = {high: "Obsidian Marmot", center: "Tangerine Newt"}
    opened = [sqlite3.connect(station.home / "replica.db") for station in canaries]
    for one in opened:
        one.execute("SELECT * FROM meta").fetchall()  # so that the log stays
    placements = {}
    for number, (station, school_id) in enumerate(
            ((high, desk.district.high_id), (center, desk.district.center_id))):
        placements[station] = begin_month(station, school_id, 7001 + number, canaries[station])
        station.watch()
    for week in range(4):
        for station, canary in canaries.items():
            work_a_week(station, placements[station], canary,
                        datetime.date.fromisoformat(lab.SUNDAY) + datetime.timedelta(weeks=week))
    for station in canaries:
        lab.wait_for("all is sent", station.is_settled)
        station.unwatch(signal.SIGTERM)
    desk.district.sync(high, center, high)
    for station, other in ((high, center), (center, high)):
        held = bytes_held(station)
        said = "".join(station.said) + station.log.read_text(encoding="utf-8", errors="replace")
        assert held.count(canaries[station].encode()) > 2 and "link.up" in said
        assert canaries[other].encode() not in held, station.name
        assert not any(canary in said for canary in canaries.values()), station.name
    for one in opened:
        one.close()


def a_replica_on_another_machine_says_so_and_keeps_everything(desk):
    high = desk.district.high
    desk.ledger.add_entry(high)
    moved = desk.put_aside(copy(high.home, "high-moved"))
    elsewhere = ("env", f"PRACTICUM_KEYS={high.home.parent / 'elsewhere'}")
    for words in (("list", "student"), ("sync",), ("add", "student", "family_name=A")):
        code, out, err = moved.call(*words, prefix=elsewhere)
        assert code == lab.CONFIG and out == "" and len(err.splitlines()) == 1, (code, out, err)
        assert "wrapped to another machine" in err and "enroll anew" in err, err
    assert moved.status()["unsent"] == 1  # with its key it is what it was
    shutil.rmtree(moved.home)
    desk.aside.remove(moved)
    desk.account()


CASES = [
    both_outboxes_of_a_copied_replica_survive,
    a_replica_restored_from_an_old_copy_goes_on,
    keeps_what_was_stored_when_the_disk_is_full,
    what_was_taken_survives_a_loss_of_power,
    a_first_load_that_breaks_goes_on_where_it_was,
    hours_entered_on_a_second_sheet_of_the_week_go_into_the_first,
    a_replica_on_another_machine_says_so_and_keeps_everything,
    what_is_sealed_can_be_read_in_no_folder,
    a_month_of_work_leaves_no_byte_of_a_school_at_another,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, Desk(place))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
