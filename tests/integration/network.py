#!/usr/bin/python3
"""usage: network.py BUILD-FOLDER [CASE...] [--cuts N] [--seed S] [--slow]

Two servers on one database, and a network between stations and servers that fails. What one server
commits, a station of the other one sees at once; when a server dies or stalls, the other one goes on;
where a connection is cut, hangs or comes twice, nothing is lost or doubled.
"""
import argparse
import random
import re
import signal
import subprocess
import sys
import time

import cases
import lab
import ledger
import proxy

SOON_S = 1.0  # a look at the head every 2 s would take 2 to 4
SEED = 20260914


class Wires:
    """The high school reaches the first server, the career center the second, each by a proxy."""

    def __init__(self, district, options):
        self.district = district
        self.n_cuts, self.seed = options.cuts, options.seed
        self.first = district.server
        self.second = district.lab.server("second", self.first.cluster)
        self.second.join(self.first)
        self.second.start()
        self.ledger = ledger.Ledger(district)
        self.proxies = {}
        for station, server in zip(district.stations, (self.first, self.second)):
            self.proxies[station] = proxy.Proxy(server.port)
            station.turn_to(self.proxies[station].port)

    def send(self, station, server):
        """From now on its connections lead there; what it has is cut."""
        self.proxies[station].target = server.port
        self.proxies[station].cut()

    def start_sync(self, station):
        with open(station.log, "ab") as log:
            return subprocess.Popen(
                [station.lab.build / "practicum", "sync"], stdout=log, stderr=log,
                env=lab.environment(PRACTICUM_HOME=str(station.home)))

    def account(self):
        stations = (self.district.office, *self.district.stations)
        for _ in range(2):  # the second sees what the other station sent last
            self.district.sync(*stations)
        outcomes = ledger.check(self.ledger, self.first, stations)
        ledger.check_same(self.first, stations)
        return outcomes


def shows(station, value):
    return bool(station.read("SELECT 1 FROM time_entry WHERE task = ?", value))


def seconds_until_seen(wires, at, by):
    value = wires.ledger.add_entry(at)
    return lab.wait_for(f"{by.name} sees {value}", lambda: shows(by, value))


def watching(wires):
    """Both, surely connected."""
    high, center = wires.district.stations
    wires.district.unwatch()
    wires.district.watch()
    seconds_until_seen(wires, high, center)
    seconds_until_seen(wires, center, high)
    return high, center


def a_station_of_one_server_sees_at_once_what_the_other_committed(wires):
    high, center = watching(wires)
    seconds = [seconds_until_seen(wires, at, by)
               for at, by in 3 * [(high, center), (center, high)]]
    cases.say("seconds: " + " ".join(f"{one:.2f}" for one in seconds))
    assert max(seconds) < SOON_S, seconds


def what_is_said_while_a_server_does_not_listen_is_found(wires):
    """Its connection is lost, and another server commits before there is a new one."""
    high, center = watching(wires)
    for _ in range(3):
        wires.first.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                        " current_database() AND application_name = 'practicumd desk'")
        assert seconds_until_seen(wires, high, center) < 2 * SOON_S


def the_other_server_goes_on_while_one_that_holds_the_head_is_stopped(wires):
    """A stopped process keeps its connection open; PostgreSQL throws it off, and when it wakes it does
    no harm."""
    high, center = wires.district.stations
    wires.district.unwatch()
    wires.first.kill()
    wires.first.start("between_trips:1:stop")
    wires.ledger.add_entry(high)
    waiting = wires.start_sync(high)
    try:
        lab.wait_for("the server stops at its failpoint",
                     lambda: lab.state_of(wires.first.process.pid) == "T")
        wires.ledger.add_entry(center)
        begin = time.monotonic()
        center.sync()
        seconds = time.monotonic() - begin
        cases.say(f"the other server committed after {seconds:.2f} s")
        assert seconds < 3, f"the head row was held for {seconds:.1f} s"
        wires.first.process.send_signal(signal.SIGCONT)
        waiting.wait(40)
    finally:
        waiting.kill()
        waiting.wait()
    wires.account()


def goes_on_at_the_other_server_when_one_is_killed(wires):
    high, center = wires.district.stations
    wires.district.watch()
    for _ in range(3):
        for station in (high, center):
            wires.ledger.add_entry(station)
        wires.ledger.set_note(high)
    wires.first.kill()
    wires.send(high, wires.second)
    for station in (high, center):
        wires.ledger.add_entry(station)
    for station in (high, center):
        lab.wait_for(f"{station.name} has its verdicts", station.is_settled, 30)
    wires.district.unwatch()
    wires.first.start()
    wires.send(high, wires.first)
    wires.account()


def wrong_clocks_change_neither_order_nor_outcome(wires):
    """A month behind, before the server's certificate was made, and a day ahead: who writes last is last,
    whatever the clocks say."""
    high, center = wires.district.stations
    clocks = {high: lab.at_time("-30d"), center: lab.at_time("+1d")}
    before = wires.account()["conflict"]
    notes = []
    for station in (center, high, center, high):
        station.sync(prefix=clocks[station])
        wires.ledger.add_entry(station, prefix=clocks[station])
        notes.append(wires.ledger.set_note(station, prefix=clocks[station]))
        station.sync(prefix=clocks[station])
    outcomes = wires.account()
    assert outcomes["conflict"] == before, "a clock made a conflict"
    assert wires.first.sql("SELECT note FROM placement WHERE note LIKE 'value-%'") == [[notes[-1]]]
    months = wires.first.number(
        "SELECT count(*) FROM mutation WHERE client_time < received - interval '29 days'")
    assert months == 4, f"{months} mutations say that they are of a month ago"


def a_clock_two_years_back_loses_no_input(wires):
    """The dates that people enter are taken, whatever day the station thinks it is; what it keeps for
    35 days it counts by the server's clock, also when its own is set right."""
    high, center = wires.district.stations
    then = lab.at_time("-730d")
    high.sync(prefix=then)
    wires.ledger.add_entry(high, prefix=then)
    note = wires.ledger.set_note(high, prefix=then)
    high.sync(prefix=then)
    kept = high.read("SELECT count(*) FROM outbox WHERE state = 2")
    high.sync()
    assert high.read("SELECT count(*) FROM outbox WHERE state = 2") == kept, "judged input is forgotten"
    wires.ledger.add_entry(center)
    wires.account()
    assert wires.first.sql("SELECT note FROM placement WHERE note LIKE 'value-%'") == [[note]]
    years = wires.first.number(
        "SELECT count(*) FROM mutation WHERE client_time < received - interval '729 days'")
    assert years == 2, f"{years} mutations say that they are of two years ago"


def a_half_open_connection_is_noticed_by_both_sides(wires):
    """A cable was pulled and nobody heard. After 75 s without a byte a station connects anew, and a server
    has let go of one that is not there any more."""
    high, center = watching(wires)
    for station in (high, center):
        wires.proxies[station].hang()
    begin = time.monotonic()
    center.unwatch()
    wires.proxies[center].target = wires.first.port
    value = wires.ledger.add_entry(center)
    center.sync()
    lab.wait_for(f"{high.name} sees {value}", lambda: shows(high, value), 100)
    seen_s = time.monotonic() - begin
    lab.wait_for("the server notices", lambda: "reason=SILENT" in wires.second.last_words(), 30)
    cases.say(f"seen after {seen_s:.0f} s, let go after {time.monotonic() - begin:.0f} s")
    wires.district.unwatch()
    wires.account()


def a_first_load_that_is_cut_at_any_byte_comes_out_the_same(wires):
    """Chunks that are not whole are asked for again; the others go on meanwhile."""
    draw = random.Random(wires.seed)
    wires.ledger.add_entries(wires.district.high, 400)
    wires.district.high.sync()
    fresh = wires.district.lab.enroll(wires.first, "fresh", "--school", wires.district.high_id,
                                      "--person", "N. Ew")
    wires.proxies[fresh] = wire = proxy.Proxy(wires.first.port)
    fresh.turn_to(wire.port)
    for _ in range(5):
        sync_by_a_bad_wire(wires, fresh, proxy.Fault(down=draw.randint(500, 9000)))
        wires.ledger.add_entry(wires.district.center)
        wires.district.center.sync()
    fresh.sync()
    assert wire.n_faults >= 3, f"{wire.n_faults} cuts only"
    ledger.check_same(wires.first, (fresh, wires.district.center))
    wires.account()


def waits(station):
    """How long it has waited behind each failure so far, in seconds."""
    log = station.log.read_text(encoding="utf-8", errors="replace")
    return [int(ms) / 1000 for ms in re.findall(r"link\.down .*wait_ms=(\d+)", log)]


def what_is_entered_ends_a_long_wait(wires):
    """The server was away for long; the coordinator enters hours and sees them go."""
    high = wires.district.high
    wires.district.unwatch()
    wires.first.kill()
    high.watch()
    lab.wait_for("it waits for long", lambda: waits(high)[-1:] > [6], 90)
    n_waits, long_s = len(waits(high)), waits(high)[-1]
    wires.ledger.add_entry(high)
    lab.wait_for("it tries again", lambda: len(waits(high)) > n_waits, long_s - 1)
    wires.district.unwatch()
    wires.first.start()
    wires.account()


def drawn_fault(draw):
    """At any byte: the first flight of TLS, a frame's header, or far into what is sent."""
    at = int(10 ** draw.uniform(0, 4.5))
    is_up = draw.random() < 0.5
    return proxy.Fault(up=at if is_up else None, down=None if is_up else at,
                       delay_s=draw.choice((0, 0, 0, 0.02)), hangs=draw.random() < 0.15,
                       twice=draw.random() < 0.1)


def sync_by_a_bad_wire(wires, station, fault):
    """Who hangs is given up by the person who waits for it."""
    wire = wires.proxies[station]
    wire.faults.append(fault)
    before, begin = wire.n_faults, time.monotonic()
    sync = wires.start_sync(station)
    while sync.poll() is None:
        if fault.hangs and wire.n_faults > before:
            sync.kill()
        assert time.monotonic() - begin < 60, f"{station.name} hangs at {fault}"
        time.sleep(0.01)
    wire.faults.clear()
    assert sync.returncode in (lab.DONE, lab.UNREACHABLE, lab.KILLED), (sync.returncode, fault)


def loses_and_doubles_nothing_where_connections_are_cut(wires):
    draw = random.Random(wires.seed)
    for _ in range(wires.n_cuts):
        station = draw.choice(wires.district.stations)
        for _ in range(draw.randint(1, 3)):
            wires.ledger.add_entry(station)
        if draw.random() < 0.3:
            wires.ledger.set_note(station)
        sync_by_a_bad_wire(wires, station, drawn_fault(draw))
        if draw.random() < 0.2:
            wires.proxies[station].target = draw.choice((wires.first.port, wires.second.port))
    outcomes = wires.account()
    n_faults = sum(one.n_faults for one in wires.proxies.values())
    cases.say(f"{n_faults} cuts, {len(wires.ledger.minutes)} inputs, 0 lost: {dict(outcomes)}")
    assert n_faults >= wires.n_cuts // 3, "hardly anything was cut"


CASES = [
    a_station_of_one_server_sees_at_once_what_the_other_committed,
    what_is_said_while_a_server_does_not_listen_is_found,
    the_other_server_goes_on_while_one_that_holds_the_head_is_stopped,
    goes_on_at_the_other_server_when_one_is_killed,
    wrong_clocks_change_neither_order_nor_outcome,
    a_clock_two_years_back_loses_no_input,
    loses_and_doubles_nothing_where_connections_are_cut,
    a_first_load_that_is_cut_at_any_byte_comes_out_the_same,
    what_is_entered_ends_a_long_wait,
]
SLOW_CASES = [
    a_half_open_connection_is_noticed_by_both_sides,
]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].removeprefix("usage: "))
    parser.add_argument("build")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--cuts", type=int, default=24)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--slow", action="store_true", help="only what waits for minutes")
    options = parser.parse_args()
    sys.argv[2:] = options.cases  # what cases.run() chooses by
    with lab.Lab(options.build) as place:
        failed = cases.run(SLOW_CASES if options.slow else CASES, Wires(lab.District(place), options))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
