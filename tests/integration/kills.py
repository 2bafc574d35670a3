#!/usr/bin/python3
"""usage: kills.py BUILD-FOLDER

kill -9 of the server, a station, PostgreSQL's backend and the postmaster, at named failpoints and at
random moments, while two stations enter hours. After each kill: what was acknowledged is there; at
the end the whole ledger. The longer form is `tests/integration/soak`.
"""
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import cases
import lab
import ledger

SEED = 20260913
NEXT_SUNDAY, NEXT_MONDAY = "2026-09-20", "2026-09-21"

SERVER_POINTS = ("after_receive", "between_trips", "after_commit_before_answer")
STATION_POINTS = ("after_verdict_received_before_stored",)
WRITER = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
          " AND application_name = 'practicumd writer'")


class Drill:
    """A district under work, and what can be killed in it."""

    def __init__(self, district, seed=SEED):
        self.district = district
        self.server = district.server
        self.ledger = ledger.Ledger(district)
        self.random = random.Random(seed)
        self.n_kills = 0

    def enter(self, n=2):
        """Each station enters something; both change the same fact."""
        for station in self.district.stations:
            for _ in range(n):
                self.ledger.add_entry(station)
        self.ledger.set_note(self.random.choice(self.district.stations))

    def pause(self, longest=0.3):
        time.sleep(self.random.uniform(0, longest))

    def healed(self):
        """Everything is judged again, and what was acknowledged is there."""
        for station in self.district.stations:
            if station.watcher is None or station.watcher.poll() is not None:
                station.watch()
        self.enter(1)  # whoever waits long by now tries again
        for station in self.district.stations:
            lab.wait_for(f"{station.name} has its verdicts", station.is_settled, 40)
        ledger.check_acknowledged(self.server, (self.district.office, *self.district.stations))

    def kill_server_at(self, point):
        self.server.kill()
        self.server.start(f"{point}:{self.random.randint(1, 2)}")
        for _ in range(40):  # an input may be answered before the next one comes
            if not self.server.is_up():
                break
            self.enter(1)
        self.server.wait_killed()
        self.enter(1)
        self.server.start()
        self.n_kills += 1

    def kill_server_ahead(self):
        """A backlog long enough that a batch was judged while the one before it was committed."""
        self.server.kill()
        self.ledger.add_entries(self.random.choice(self.district.stations), 700)
        self.server.start("judged_ahead:1")
        self.server.wait_killed()
        self.server.start()
        self.n_kills += 1

    def kill_server(self):
        self.enter()
        self.pause()
        self.server.kill()
        self.server.start()
        self.n_kills += 1

    def kill_station(self):
        station = self.random.choice(self.district.stations)
        self.enter()
        self.pause()
        station.unwatch(signal.SIGKILL)
        self.n_kills += 1

    def kill_station_at(self, point):
        station = self.random.choice(self.district.stations)
        station.unwatch()
        station.watch(f"{point}:1")
        self.ledger.add_entry(station)
        station.wait_watcher_killed()
        self.n_kills += 1

    def kill_command(self):
        """A command that dies right behind its commit: the input is stored, nobody was told."""
        station = self.random.choice(self.district.stations)
        value = self.ledger.add_entry(station, failpoint="after_outbox_commit:1")
        assert value in self.ledger.uncertain, "the command did not reach its failpoint"
        self.ledger.uncertain.remove(value)  # it is stored: the account must find it
        self.ledger.add_entry(station)  # tells the watcher of both
        self.n_kills += 1

    def kill_writer(self):
        """PostgreSQL restarts all its backends when one was killed."""
        self.enter(1)
        self.pause(0.1)
        for row in self.server.sql(WRITER):
            kill_backend(int(row[0]))
        self.enter(1)
        self.n_kills += 1

    def kill_postmaster(self):
        self.enter(1)
        self.pause(0.1)
        self.server.cluster.kill()
        self.enter(1)
        self.server.cluster.start_again()
        self.n_kills += 1

    def account(self):
        """Heals and checks everything. Returns outcome -> count."""
        self.healed()
        self.district.unwatch()
        for _ in range(2):  # the second sees what the other station sent last
            self.district.sync(*self.district.stations, self.district.office)
        stations = (self.district.office, *self.district.stations)
        outcomes = ledger.check(self.ledger, self.server, stations)
        ledger.check_same(self.server, stations)
        return outcomes


def kill_backend(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # the writer had just gone by itself


# How to kill, and how often in tests/run. Behind each the account is looked at.
KILLS = {
    **{f"the_server_{point}": (lambda drill, point=point: drill.kill_server_at(point), 5)
       for point in SERVER_POINTS},
    "the_server_judged_ahead": (Drill.kill_server_ahead, 2),
    "the_server_at_any_moment": (Drill.kill_server, 7),
    **{f"a_station_{point}": (lambda drill, point=point: drill.kill_station_at(point), 4)
       for point in STATION_POINTS},
    "a_command_behind_its_commit": (Drill.kill_command, 5),
    "a_station_at_any_moment": (Drill.kill_station, 5),
    "the_writers_backend": (Drill.kill_writer, 2),
    "the_postmaster": (Drill.kill_postmaster, 2),
}


def survives_kill_of(name):
    kill, times = KILLS[name]

    def case(drill):
        drill.district.watch()
        try:
            for _ in range(times):
                kill(drill)
                drill.healed()
        finally:
            drill.district.unwatch()
    case.__name__ = f"survives_kill_of_{name}"
    return case


def loses_and_doubles_nothing(drill):
    outcomes = drill.account()
    cases.say(f"{drill.n_kills} kills, {len(drill.ledger.minutes)} inputs, 0 lost: {dict(outcomes)}")
    assert outcomes["accepted"] > 0


def enter_what_is_refused(drill):
    """Both schools open a sheet of one week and enter a student of one number; the center's come second,
    and its hours build on its sheet. 2 accepted and 3 refused."""
    week = (f"placement_id={drill.district.placement}", f"week_start={NEXT_SUNDAY}")
    for school, station in ((drill.district.high_id, drill.district.high),
                            (drill.district.center_id, drill.district.center)):
        _, sheet = drill.ledger.add_record(station, "time_sheet", "note", *week)
        drill.ledger.add_record(station, "student", "given_name", f"school_id={school}",
                                "identifier=2002", "family_name=Diaz")
    drill.ledger.add_entry(drill.district.center, sheet, NEXT_MONDAY)


def share_a_second_student(district):
    """Returns the center's enrollment, a placement and a sheet."""
    add = district.office.add
    student = add("student", f"school_id={district.high_id}", "identifier=1002", "given_name=Bo",
                  "family_name=Diaz")
    add("enrollment", f"student_id={student}", f"school_id={district.high_id}", "kind=home",
        "starts_on=2026-08-10")
    shared = add("enrollment", f"student_id={student}", f"school_id={district.center_id}", "kind=center",
                 "starts_on=2026-08-10")
    district.sync(district.office, district.high)
    placement = district.high.add(
        "placement", f"student_id={student}", f"school_id={district.high_id}", "title=Welder",
        "kind=internship", "starts_on=2026-08-17", "ends_on=2027-05-21")
    sheet = district.high.add("time_sheet", f"placement_id={placement}", f"week_start={lab.SUNDAY}")
    district.sync(district.high, district.center)
    return shared, placement, sheet


def accounts_for_whatever_can_become_of_an_input(drill):
    """The server dies with everything judged and nothing told, then the station with everything told and
    nothing stored."""
    district, book, server = drill.district, drill.ledger, drill.server
    high, center = district.stations
    district.unwatch()
    district.sync(high, center)
    before = set(book.minutes)
    shared, placement, sheet = share_a_second_student(district)
    for station in (high, center):
        book.add_entry(station)
        book.set_note(station)  # the center's comes second, on what it has not seen: a conflict
    enter_what_is_refused(drill)
    book.add_entry(center, sheet)
    book.set_note(center, placement)
    district.office.run("do", "enrollment", shared, "end", f"ends_on={lab.MONDAY}")
    district.sync(district.office, high)

    server.kill()
    server.start("after_commit_before_answer:1")
    center.watch("after_verdict_received_before_stored:1")
    server.wait_killed()
    server.start()
    center.wait_watcher_killed()
    center.sync()
    drafts = center.json("drafts")
    assert [draft["reason"] for draft in drafts] == \
        ["DUPLICATE", "DUPLICATE", "DEPENDS_ON_REFUSED", "RIGHTS_LOST", "RIGHTS_LOST"], drafts
    center.run("drafts", "discard", drafts[1]["id"])
    server.kill()
    server.start()
    drill.n_kills += 3

    district.sync(*district.stations, district.office)
    stations = (district.office, high, center)
    ledger.check(book, server, stations)
    found = ledger.where_inputs_are(book, server, stations)
    entered = set(book.minutes) - before
    assert len(entered) == 11
    assert Counter(found[value][0] for value in entered) == \
        {"accepted": 5, "conflict": 1, "refused": 2, "quarantined": 2, "discarded": 1}
    ledger.check_same(server, stations)


def throws_off_a_stopped_server_that_holds_the_head(drill):
    """A stopped process keeps its connection open; PostgreSQL must not wait for it."""
    server = drill.server
    server.kill()
    server.start("between_trips:1:stop")
    drill.ledger.add_entry(drill.district.high)
    with open(drill.district.high.log, "ab") as log:
        waiting = subprocess.Popen(
            [server.lab.build / "practicum", "sync"], stdout=log, stderr=log,
            env=lab.environment(PRACTICUM_HOME=str(drill.district.high.home)))
    try:
        lab.wait_for("the server stops at its failpoint", lambda: lab.state_of(server.process.pid) == "T")
        begin = time.monotonic()
        server.sql("SELECT head FROM sync_head FOR UPDATE")
        seconds = time.monotonic() - begin
        assert seconds < 3, f"the head row was held for {seconds:.1f} s"
        server.process.send_signal(signal.SIGCONT)
        waiting.wait(40)
    finally:
        waiting.kill()
        waiting.wait()
    drill.district.sync(*drill.district.stations)
    ledger.check_acknowledged(server, (drill.district.office, *drill.district.stations))


def keeps_waiting_while_postgresql_has_no_room(drill):
    """What cannot be stored waits and is told to nobody as done; others read meanwhile."""
    if os.getuid() != 0:
        cases.say("not tried: only root can take the room away from PostgreSQL alone")
        return
    high, center = drill.district.stations
    drill.district.unwatch()
    drill.server.cluster.stop()
    drill.server.cluster.start_crowded(1024)
    drill.ledger.add_entries(high, 3000)
    with open(high.log, "ab") as log:
        waiting = subprocess.Popen(
            [drill.server.lab.build / "practicum", "sync", "--wait", "30"], stdout=log, stderr=log,
            env=lab.environment(PRACTICUM_HOME=str(high.home)))
    try:
        lab.wait_for("PostgreSQL has no room", lambda: "status=RESOURCE_EXHAUSTED" in
                     drill.server.log.read_text(encoding="utf-8", errors="replace"))
        center.sync()
        ledger.check_acknowledged(drill.server, (drill.district.office, high, center))
        assert not high.is_settled(), "everything was stored all the same"
        drill.server.cluster.make_room()
        waiting.wait(40)
    finally:
        waiting.kill()
        waiting.wait()
    assert drill.server.is_up(), drill.server.last_words()
    high.sync()
    assert high.is_settled()
    ledger.check_acknowledged(drill.server, (drill.district.office, high, center))


def finishes_what_it_has_in_hand_at_sigterm(drill):
    drill.district.watch()
    drill.enter()
    code = drill.server.stop()
    assert code == 0, f"practicumd ended with {code}: {drill.server.last_words()}"
    drill.enter(1)
    drill.server.start()
    drill.healed()
    drill.district.unwatch()


CASES = [
    *map(survives_kill_of, KILLS),
    finishes_what_it_has_in_hand_at_sigterm,
    accounts_for_whatever_can_become_of_an_input,
    throws_off_a_stopped_server_that_holds_the_head,
    keeps_waiting_while_postgresql_has_no_room,  # behind whatever starts PostgreSQL again
    loses_and_doubles_nothing,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, Drill(lab.District(place)))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
