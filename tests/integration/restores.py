#!/usr/bin/python3
"""usage: restores.py BUILD-FOLDER

The server comes back from a backup that is older than what stations know. It does not serve until the
operator has decided; then the stations send again what the backup lost, and nothing that was ever
acknowledged is missing.
"""
import subprocess
import sys

import cases
import lab
import ledger


class Desk:
    def __init__(self, place):
        self.district = lab.District(place)
        self.server = self.district.server
        self.ledger = ledger.Ledger(self.district)
        self.stations = (self.district.office, *self.district.stations)

    def enter(self, n):
        for _ in range(n):
            for station in self.district.stations:
                self.ledger.add_entry(station)
        self.ledger.set_note(self.district.high)
        self.ledger.set_note(self.district.center)  # on what the other has not seen: a conflict

    def sync(self):
        for _ in range(2):
            self.district.sync(*self.stations)

    def check_refuses_to_serve(self):
        self.server.launch()
        code = self.server.process.wait(30)
        assert code not in (0, lab.KILLED), f"it serves another life of the data: {code}"
        words = self.server.last_words()
        assert "epoch" in words, f"it does not say what to do: {words}"

    def go_on(self, before):
        """Stations send again; before: the keys that were judged when the backup was newest."""
        self.server.command("epoch", "new")
        self.server.start()
        self.account(before, self.stations)

    def account(self, before, stations):
        self.enter(1)
        self.sync()
        self.sync()
        missing = set(before) - set(ledger.judged_by(self.server))
        assert not missing, f"{len(missing)} acknowledged mutations are missing"
        outcomes = ledger.check(self.ledger, self.server, stations)
        ledger.check_same(self.server, self.stations)
        cases.say(f"{len(before)} acknowledged, 0 missing: {dict(outcomes)}")


def a_server_restored_from_a_base_backup_gets_back_what_it_lost(desk):
    cluster = desk.server.cluster
    data, backup = cluster.folder / "data", cluster.folder / "backup"
    desk.enter(3)
    desk.sync()
    cluster.as_owner("/usr/lib/postgresql/15/bin/pg_basebackup", "-h", str(cluster.folder), "-U",
                     "practicum", "-D", str(backup), "-c", "fast", "-X", "stream")
    desk.enter(5)
    desk.sync()
    before = ledger.judged_by(desk.server)
    desk.enter(1)  # entered, and not sent when it happens
    desk.server.stop()
    cluster.stop()
    subprocess.run(["mv", data, cluster.folder / "lost"], check=True)
    subprocess.run(["mv", backup, data], check=True)
    with open(data / "postgresql.auto.conf", "a", encoding="ascii") as file:
        file.write("restore_command = 'false'\n")
    cluster.as_owner("touch", str(data / "recovery.signal"))
    cluster.start()
    assert len(ledger.judged_by(desk.server)) < len(before), "the backup lost nothing"
    desk.check_refuses_to_serve()
    desk.go_on(before)


def a_server_restored_from_a_dump_gets_back_what_it_lost(desk):
    desk.enter(2)
    desk.sync()
    dump = subprocess.run(["pg_dump", desk.server.conninfo], check=True, capture_output=True).stdout
    desk.enter(4)
    desk.sync()
    before = ledger.judged_by(desk.server)
    desk.server.stop()
    desk.server.cluster.stop()
    desk.server.cluster = desk.district.lab.cluster("pg2")
    desk.server.make_database()
    subprocess.run(["psql", desk.server.conninfo, "-Xq", "-v", "ON_ERROR_STOP=1"], input=dump,
                   check=True, stdout=subprocess.DEVNULL)
    desk.server.configure()
    assert len(ledger.judged_by(desk.server)) < len(before), "the dump lost nothing"
    desk.check_refuses_to_serve()
    desk.go_on(before)


def what_a_former_incarnation_had_judged_is_sent_again(desk):
    """A school's folder was copied and its copy used first, so that the school goes on under another
    incarnation; then the server loses work of both of them."""
    high, server = desk.district.high, desk.server
    desk.enter(1)
    desk.sync()
    dump = subprocess.run(["pg_dump", server.conninfo], check=True, capture_output=True).stdout
    desk.enter(1)
    desk.sync()
    home = high.home.with_name("high-clone")
    subprocess.run(["cp", "-a", high.home, home], check=True)
    clone = desk.district.lab.station("high-clone", home)
    for station in (clone, high):
        desk.ledger.add_entry(station)
        station.sync()
    told = {key for key in ledger.judged_by(server)
            if key in {(sent.device, sent.incarnation, sent.counter)
                       for sent in ledger.sent_by(high)}}
    assert len({incarnation for _, incarnation, _ in told}) == 2, "one incarnation only"
    before = ledger.judged_by(server)
    server.stop()
    server.sql("ALTER DATABASE practicum RENAME TO lost", database="postgres")
    server.sql("CREATE DATABASE practicum", database="postgres")
    subprocess.run(["psql", server.conninfo, "-Xq", "-v", "ON_ERROR_STOP=1"], input=dump,
                   check=True, stdout=subprocess.DEVNULL)
    server.command("epoch", "new")
    server.start()
    high.sync()
    missing = told - set(ledger.judged_by(server))
    assert not missing, f"{len(missing)} mutations of the school are missing: {missing}"
    clone.sync()
    desk.account(before, (*desk.stations, clone))


CASES = [
    a_server_restored_from_a_base_backup_gets_back_what_it_lost,
    a_server_restored_from_a_dump_gets_back_what_it_lost,
    what_a_former_incarnation_had_judged_is_sent_again,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, Desk(place))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
