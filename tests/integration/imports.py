#!/usr/bin/python3
"""usage: imports.py BUILD-FOLDER

Bulk imports through the server's staging, by the programs themselves: checked whole, applied once
whatever dies in between, taken back as a batch.
"""
import csv
import io
import json
import subprocess
import sys
import zipfile

import cases
import lab

MAKE_DISTRICT = lab.ROOT / "tests/data/make-district"
STUDENTS = "SELECT count(*) FROM student WHERE NOT deleted"


class Office:
    """A server and the district office, with an S roster to import."""

    def __init__(self, here):
        self.lab = here
        self.server = here.server()
        self.server.create()
        self.server.start()
        self.station = here.enroll(self.server, "district", "--district", "--person", "D. Lee")
        self.station.sync()
        self.data = here.folder / "data"
        subprocess.run([MAKE_DISTRICT, "--size", "S", "--seed", "1", "--out", self.data], check=True)
        self.roster = self.data / "roster.zip"
        self.n_users = sum(1 for _ in csv.reader(io.TextIOWrapper(
            zipfile.ZipFile(self.roster).open("users.csv")))) - 1

    def batch(self):
        """The newest import as the server lists it."""
        return self.station.json("import", "list")[0]

    def counts(self):
        return [self.server.number(f"SELECT count(*) FROM {table} WHERE NOT deleted")
                for table in ("school", "staff", "student", "enrollment", "guardian")]

    def mutations(self):
        return self.server.number("SELECT count(*) FROM mutation")

    def forget(self):
        """Takes the last import back, which the station has not seen yet."""
        self.station.run("import", "reverse", self.batch()["id"])


def a_roster_beyond_the_outbox_is_checked_and_applied_as_one_batch(office):
    out = office.station.json("import", "oneroster", office.roster, "--staged")
    assert out["stage"] == "done" and out["flaws"] == 0, out
    assert out["rows"] == out["checked"] == out["applied"] == sum(office.counts()), out
    office.station.sync()
    assert office.station.read("SELECT count(*) FROM outbox")[0][0] == 0
    assert office.server.number("SELECT count(*) FROM import_part") == 0


def the_same_roster_again_changes_nothing(office):
    before = office.mutations()
    out = office.station.json("import", "oneroster", office.roster, "--staged")
    assert out == {"stage": "done", "rows": 0}, out
    assert office.mutations() == before


def a_batch_is_taken_back_but_for_what_was_changed_or_used_since(office):
    [[student, school]] = office.server.sql(
        "SELECT id, school_id FROM student WHERE NOT deleted ORDER BY id LIMIT 1")
    [[used, home]] = office.server.sql(
        "SELECT id, school_id FROM student WHERE NOT deleted ORDER BY id OFFSET 1 LIMIT 1")
    office.station.run("set", "student", student, "email=new@example.org")
    office.station.add("placement", f"student_id={used}", f"school_id={home}", "title=Machinist",
                       "kind=internship", "starts_on=2026-08-17", "ends_on=2027-05-21")
    office.station.sync()
    out = office.station.json("import", "reverse", office.batch()["id"])
    assert out["stage"] == "done", out
    left = {row["id"]: row["reason"] for row in out["list"]}
    assert left.pop(student) == "it was changed since the import", left
    assert left.pop(used) == "other records refer to it", left
    assert left.pop(school) == left.pop(home, left.get(school, "other records refer to it")) \
        == "other records refer to it", left
    assert not left, left
    assert office.server.number(STUDENTS) == 2
    err = office.station.run("import", "reverse", office.batch()["reverses"], code=lab.REFUSED)
    assert "can be taken back" in err, err
    office.station.sync()


def a_plan_is_kept_without_a_network_and_sent_later(office):
    office.server.stop()
    err = office.station.run("import", "oneroster", office.roster, "--staged",
                             code=lab.UNREACHABLE)
    assert "the plan is kept: practicum import send" in err, err
    office.server.start()
    out = office.station.json("import", "send", err.split()[-1])
    assert out["stage"] == "done" and out["flaws"] == 0, out
    assert not any((office.station.home / "imports").iterdir())
    office.station.sync()


def what_the_check_finds_is_listed_by_line_and_nothing_is_applied(office):
    with zipfile.ZipFile(office.roster) as package:
        files = {name: package.read(name) for name in package.namelist()}
    users = list(csv.DictReader(io.StringIO(files["users.csv"].decode())))
    line = next(i for i, user in enumerate(users) if user["grades"] == "11") + 2
    users[line - 2]["email"] = "somebody@example.org"
    out = io.StringIO()
    writer = csv.DictWriter(out, users[0].keys())
    writer.writeheader()
    writer.writerows(users)
    files["users.csv"] = out.getvalue().encode()
    changed = office.data / "changed"
    changed.mkdir()
    for name, content in files.items():
        (changed / name).write_bytes(content)
    office.server.stop()
    err = office.station.run("import", "oneroster", changed, "--staged", code=lab.UNREACHABLE)
    plan = err.split()[-1]
    office.server.start()
    office.station.run("import", "reverse", office.batch()["id"])
    before = office.mutations()
    code, out, err = office.station.call("import", "send", plan, "--json")
    out = json.loads(out)
    assert code == lab.REFUSED and out["stage"] == "refused" and out["applied"] == 0, out
    assert [(row["file"], row["line"], row["type"], row["reason_code"]) for row in out["list"]] \
        == [("users.csv", line, "student", "UNKNOWN_RECORD")], out
    assert "nothing was applied" in err, err
    assert office.mutations() == before
    office.station.sync()


def wait_done(office, batch):
    lab.wait_for("the import ends", lambda: office.station.json(
        "import", "status", batch)["stage"] == "done")
    return office.station.json("import", "status", batch)


def a_server_that_dies_in_an_import_finishes_it_once(office):
    for failpoint in ("import_put:2", "import_push:9", "import_applied:2"):
        office.server.stop()
        before = office.mutations()
        office.server.start(failpoint=failpoint)
        code, _, err = office.station.call("import", "oneroster", office.roster, "--staged")
        assert code == lab.UNREACHABLE, (failpoint, code, err)
        office.server.wait_killed()
        office.server.start()
        if "the plan is kept" in err:
            office.station.run("import", "send", err.split()[-1])
        out = wait_done(office, office.batch()["id"])
        assert out["applied"] == out["rows"] == office.mutations() - before, (failpoint, out)
        assert out["flaws"] == 0, (failpoint, out)
        office.forget()


def a_station_that_dies_in_mid_upload_goes_on_where_it_stopped(office):
    before = office.mutations()
    code, _, _ = office.station.call("import", "oneroster", office.roster, "--staged",
                                     failpoint="import_sent:3")
    assert code == lab.KILLED, code
    plan = next((office.station.home / "imports").iterdir()).name
    assert office.batch()["stage"] == "sending"
    out = office.station.json("import", "send", plan)
    assert out["stage"] == "done" and out["rows"] == office.mutations() - before, out
    office.station.sync()


def a_school_neither_imports_nor_looks(office):
    school = office.server.sql("SELECT id FROM school WHERE NOT deleted LIMIT 1")[0][0]
    station = office.lab.enroll(office.server, "school", "--school", school, "--person", "A. Ray")
    station.sync()
    station.run("import", "list", code=lab.REFUSED)
    station.run("import", "oneroster", office.roster, "--staged", code=lab.REFUSED)


CASES = [
    a_roster_beyond_the_outbox_is_checked_and_applied_as_one_batch,
    the_same_roster_again_changes_nothing,
    a_batch_is_taken_back_but_for_what_was_changed_or_used_since,
    a_plan_is_kept_without_a_network_and_sent_later,
    what_the_check_finds_is_listed_by_line_and_nothing_is_applied,
    a_server_that_dies_in_an_import_finishes_it_once,
    a_station_that_dies_in_mid_upload_goes_on_where_it_stopped,
    a_school_neither_imports_nor_looks,
]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with lab.Lab(sys.argv[1]) as here:
        failed = cases.run(CASES, Office(here))
        here.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
