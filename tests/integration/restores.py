#!/usr/bin/python3
"""usage: restores.py BUILD-FOLDER

The server comes back from a backup that is older than what stations know, or on a standby that is not. It
does not serve until the operator has decided; then the stations send again what the backup lost, and
nothing that was ever acknowledged is missing.
"""
import os
import pathlib
import subprocess
import sys
import time

import cases
import disposals
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


def place_of(station):
    """Which life of the data it follows, how many loads it has begun, up to where it has read."""
    return station.read("SELECT epoch, last_mark, seq FROM meta")[0]


def check_reads_nothing_from(standby, desk):
    """A standby may lack what was acknowledged, so that who read there would take it for lost."""
    config = desk.server.config.read_text(encoding="utf-8")
    primary = f"host={desk.server.cluster.folder}"
    assert primary in config, config
    try:
        desk.server.config.write_text(config.replace(primary, f"host={standby.folder}"), encoding="utf-8")
        desk.server.command("status", code=lab.UNREACHABLE)
        desk.server.config.write_text(
            config.replace(primary, f"host={standby.folder},{desk.server.cluster.folder}"), encoding="utf-8")
        desk.server.command("status")
    finally:
        desk.server.config.write_text(config, encoding="utf-8")


def a_standby_that_has_everything_goes_on_where_the_primary_ended(desk):
    """The primary dies while both stations work. Who decides is the operator, also for a server that
    runs and finds itself on another database."""
    cluster = desk.server.cluster
    desk.enter(1)
    desk.sync()
    standby = cluster.start_standby("standby")
    desk.district.lab.clusters.append(standby)
    check_reads_nothing_from(standby, desk)
    desk.district.watch()
    places = {station: place_of(station) for station in desk.district.stations}
    desk.enter(2)
    cluster.kill()
    desk.enter(1)  # waits
    before = {(sent.device, sent.incarnation, sent.counter) for station in desk.stations
              for sent in ledger.sent_by(station) if sent.state == 2}
    standby.promote()
    cluster.replace_by(standby)
    assert desk.server.process.wait(30) == lab.CONFIG, desk.server.last_words()
    assert "epoch no-loss" in desk.server.last_words(), desk.server.last_words()
    desk.check_refuses_to_serve()
    desk.server.command("user", "add", "too.soon", "--name", "Too Soon", code=lab.UNREACHABLE)
    desk.server.command("epoch", "no-loss")
    desk.server.start()
    desk.district.unwatch()
    desk.account(before, desk.stations)
    for station, place in places.items():
        now = place_of(station)
        assert now[:2] == place[:2] and now[2] > place[2], f"{station.name} begins again: {now}"


class Vault:
    """deploy/practicum-backup, with a pair of keys; the private one is what the server has not."""

    def __init__(self, folder):
        self.folder, self.key, self.recipients = folder / "backups", folder / "key", folder / "recipients"
        self.folder.mkdir(mode=0o711)
        self.recipients.write_text(self.keygen(self.key), encoding="ascii")

    @staticmethod
    def keygen(path):
        """Makes a private key; returns the public one."""
        subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
        return subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True).stdout

    def call(self, verb, *words, code=lab.DONE):
        done = subprocess.run([lab.ROOT / "deploy/practicum-backup", verb, *map(str, words)], check=False,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == code, f"{verb}: exit {done.returncode}, want {code}: {done.stderr}"
        return done.stdout.strip() if code == lab.DONE else done.stderr

    def make(self, db, recipients=None, code=lab.DONE):
        return self.call("make", "--to", self.folder, "--recipients", recipients or self.recipients, "--db", db,
                         code=code)

    def check_refuses(self, path, what, key=None):
        """Nothing of it is restored, either."""
        into = self.folder.with_name("refused")
        words = self.call("restore", path, "--key", key or self.key, "--into", into, code=lab.REFUSED)
        assert "use another backup" in words, f"{what}: {words}"
        left = [path.name for path in into.parent.glob("refused*")]
        assert not left, f"{what}: {left}"


def check_backup(vault, sealed):
    """What was sealed opens with its key only, and only as it was."""
    whole = sealed.read_bytes()
    assert whole.startswith(b"age-encryption.org/v1\n"), "it is not sealed"
    damaged = vault.folder.with_name("damaged")
    for what, content in (("cut", whole[:-1]), ("changed", whole[:-5000] + bytes([whole[-5000] ^ 1]) + whole[-4999:])):
        damaged.write_bytes(content)
        vault.check_refuses(damaged, what)
    other = vault.folder.with_name("other-key")
    vault.keygen(other)
    vault.check_refuses(sealed, "another key", other)
    assert "is whole" in vault.call("check", sealed, "--key", vault.key)


def a_server_restored_from_a_sealed_backup_gets_back_what_it_lost(desk):
    cluster = desk.server.cluster
    data = cluster.folder / "data"
    db = f"host={cluster.folder} user=practicum_backup"
    vault = Vault(desk.district.lab.folder)
    desk.server.tell_backups(vault.folder)
    desk.enter(3)
    desk.sync()
    assert "no backup" in desk.server.command("status")
    assert "private key" in vault.make(db, vault.key, code=lab.CONFIG)
    assert "no backup was made" in vault.make(db + "x", code=lab.UNREACHABLE)
    assert not list(vault.folder.iterdir()), "it left what is no backup"
    sealed = pathlib.Path(vault.make(db))
    assert "0 hours ago" in desk.server.command("status")
    os.utime(vault.folder / "last", (time.time() - 27 * 3600,) * 2)
    assert "27 hours old" in desk.server.command("status")
    check_backup(vault, sealed)
    desk.enter(5)
    desk.sync()
    before = ledger.judged_by(desk.server)
    desk.enter(1)  # entered, and not sent when it happens
    desk.server.stop()
    cluster.stop()
    subprocess.run(["mv", data, cluster.folder / "lost"], check=True)
    vault.call("restore", sealed, "--key", vault.key, "--into", data)
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", "postgres:", data], check=True)
    cluster.start()
    assert len(ledger.judged_by(desk.server)) < len(before), "the backup lost nothing"
    desk.check_refuses_to_serve()
    desk.go_on(before)


WORDS = "merlin fell from a ladder"


def has_words(dump):
    """As text, or in the form in which a dump has bytes."""
    return WORDS.encode() in dump or WORDS.encode().hex().encode() in dump


def a_server_restored_from_a_dump_gets_back_what_it_lost(desk):
    high = desk.district.high
    incident = high.add("incident", f"student_id={desk.district.student}", f"school_id={desk.district.high_id}",
                        f"happened_on={lab.MONDAY}", "kind=injury", f"description={WORDS}")
    desk.enter(2)
    desk.sync()
    dump = subprocess.run(["pg_dump", desk.server.conninfo], check=True, capture_output=True).stdout
    assert incident.encode() in dump and not has_words(dump), "a dump tells of the incident"
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
    assert WORDS in desk.district.office.run("show", "incident", incident), "it does not open any more"


def without_the_key_of_its_records_a_server_does_not_serve(desk):
    server = desk.server
    key = server.folder / "state/records.key"
    kept = key.read_bytes()
    desk.enter(1)
    desk.sync()
    server.stop()
    key.rename(key.with_name("aside"))
    assert "records.key is missing: put back" in server.refusal()
    key.write_bytes(bytes(32))
    key.chmod(0o400)
    assert "records.key is not the file" in server.refusal()
    server.command("check-config", code=lab.CONFIG)
    server.command("seal", code=lab.REFUSED)
    key.with_name("aside").rename(key)
    server.command("setup", "--new-records-key")
    assert key.read_bytes()[:32] == kept and len(key.read_bytes()) == 64
    assert "run practicumd seal" in server.refusal()
    assert "under records key 2" in server.command("seal")
    server.start()
    desk.enter(1)
    desk.sync()
    newest = "SELECT count(*) FROM incident WHERE get_byte(description, 1) = 2"
    assert server.number(newest) == server.number("SELECT count(*) FROM incident") > 0
    sides = "SELECT count(*) FROM conflict WHERE get_byte(mine, 1) = 2"
    assert server.number(sides) > 0


def a_new_key_takes_over_when_every_server_has_stopped(desk):
    """One that runs would go on with the keys that it has read; one that starts meanwhile does not serve."""
    server, district = desk.server, desk.district
    beside = lab.Server(district.lab, "beside", server.cluster)
    beside.join(server)
    beside.start()
    server.stop()
    server.command("setup", "--new-records-key")
    server.command("seal", code=lab.REFUSED)
    beside.stop()
    with subprocess.Popen(["psql", server.conninfo, "-Xqt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as sealing:
        sealing.stdin.write("SELECT pg_advisory_lock(7443002);\n\\echo locked\n")
        sealing.stdin.flush()
        while sealing.stdout.readline() != "locked\n":
            pass
        assert "practicumd seal is at work" in server.refusal(code=lab.UNREACHABLE)  # starts again when it is done
        sealing.stdin.close()
    server.command("seal")
    server.start()
    desk.enter(1)
    desk.sync()


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
    a_standby_that_has_everything_goes_on_where_the_primary_ended,
    a_server_restored_from_a_sealed_backup_gets_back_what_it_lost,
    a_server_restored_from_a_dump_gets_back_what_it_lost,
    without_the_key_of_its_records_a_server_does_not_serve,
    a_new_key_takes_over_when_every_server_has_stopped,
    what_a_former_incarnation_had_judged_is_sent_again,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        desk = Desk(place)
        failed = cases.run([*CASES, *disposals.cases_of(desk.district)], desk)
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
