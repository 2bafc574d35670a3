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

    def without(self, name, is_meant, n=1):
        """The roster without the first n roles that are meant, and the classes of those people there."""
        with zipfile.ZipFile(self.roster) as package:
            files = {name: package.read(name).decode() for name in package.namelist()}
        roles, classes = (list(csv.DictReader(io.StringIO(files[name])))
                          for name in ("roles.csv", "enrollments.csv"))
        gone = [row for row in roles if is_meant(row)][:n]
        places = {(row["userSourcedId"], row["orgSourcedId"]) for row in gone}
        roles = [row for row in roles if row not in gone]
        classes = [row for row in classes
                   if (row["userSourcedId"], row["schoolSourcedId"]) not in places]
        for name_of, rows in (("roles.csv", roles), ("enrollments.csv", classes)):
            out = io.StringIO()
            csv.DictWriter(out, rows[0]).writeheader()
            csv.DictWriter(out, rows[0]).writerows(rows)
            files[name_of] = out.getvalue()
        path = self.lab.folder / name
        with zipfile.ZipFile(path, "w") as package:
            for file, text in files.items():
                package.writestr(file, text)
        return path

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
    n_parts = 0  # seen, all of them sealed
    for failpoint in ("import_put:2", "import_push:9", "import_applied:2"):
        office.server.stop()
        before = office.mutations()
        office.server.start(failpoint=failpoint)
        code, _, err = office.station.call("import", "oneroster", office.roster, "--staged")
        assert code == lab.UNREACHABLE, (failpoint, code, err)
        office.server.wait_killed()
        assert office.server.sql("SELECT DISTINCT get_byte(rows, 0) FROM import_part") in ([], [["255"]])
        n_parts += office.server.number("SELECT count(*) FROM import_part")
        office.server.start()
        if "the plan is kept" in err:
            office.station.run("import", "send", err.split()[-1])
        out = wait_done(office, office.batch()["id"])
        assert out["applied"] == out["rows"] == office.mutations() - before, (failpoint, out)
        assert out["flaws"] == 0, (failpoint, out)
        office.forget()
    assert n_parts > 0, "no part was ever looked at"


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
    assert station.json("import", "list") == []  # its own, of which there are none
    station.run("import", "oneroster", office.roster, "--staged", code=lab.REFUSED)


def what_was_exported_changes_nothing_when_it_comes_back(office):
    for flavor in ([], ["--raw"]):
        folder = office.data / ("raw" if flavor else "all")
        office.station.run("export", "all", "--out", folder, *flavor)
        n_rows = 0
        for file in sorted(folder.iterdir()):
            record_type = file.name.split(".")[0]
            assert file.name.endswith(".raw.csv") == bool(flavor), file
            if record_type == "dictionary" or len(file.read_text().splitlines()) < 2:
                continue
            out = office.station.json("import", record_type, file, "--preview")
            assert out["counts"]["new"] == out["counts"]["changed"] == out["counts"]["refused"] \
                == 0, (file, out)
            n_rows += out["counts"]["unchanged"]
        assert n_rows >= sum(office.counts()), n_rows
    rows = list(csv.DictReader(open(office.data / "all/dictionary.csv", newline="")))
    field = next(row for row in rows if row["type"] == "student" and row["field"] == "birth_date")
    assert field["kind"] == "date" and field["personal"] != "none" and field["since"] == "1", field
    assert {row["type"] for row in rows} == {one["name"] for one in office.station.json("types")}


def a_file_is_compared_before_it_is_stored(office):
    school = office.server.sql("SELECT code FROM school WHERE NOT deleted LIMIT 1")[0][0]
    file = office.data / "students.csv"
    file.write_bytes(b"\xef\xbb\xbfidentifier,school_id,given_name,family_name,shoe_size,grade\r\n"
                     + f"Z1,{school},\"Zo\u00eb \"\"Z\"\"\",Quill,9,11\r\n"
                       f"Z2,{school},Yan,,9,11\r\nZ3,{school},Xi,Reed,9,eleven\r\n".encode())
    code, out, err = office.station.call("import", "student", file, "--preview", "--json")
    out = json.loads(out)
    assert code == lab.DONE and not out["stored"], (code, err)
    assert err.count("shoe_size") == 1, err
    assert out["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "refused": 2}, out
    assert [(flaw["file"], flaw["line"], flaw["column"]) for flaw in out["flaws"]] == \
        [("students.csv", 3, "family_name"), ("students.csv", 4, "grade")], out
    err = office.station.run("import", "student", file, code=lab.REFUSED)
    assert "students.csv line 3 column family_name" in err and "nothing was stored" in err, err
    office.station.run("show", "student", "Z1", code=lab.REFUSED)
    office.station.run("import", "student", file, "--good-rows")
    assert 'Zo\u00eb "Z"' in office.station.run("show", "student", "Z1")
    office.station.run("show", "student", "Z3", code=lab.REFUSED)
    file.write_text(f"identifier,school_id,given_name\nZ1,{school},Zoe\n", encoding="utf-8")
    [change] = office.station.json("import", "student", file, "--preview")["changes"]
    assert change["change"] == "changed" and change["what"] == 'given_name: Zo\u00eb "Z" -> Zoe', \
        change
    file.write_text("identifier,school,Grade\nZ1,x,11\n", encoding="utf-8")
    err = office.station.call("import", "student", file, "--preview")[2]
    assert "column school: no field of student (is it school_id?)" in err and "(is it grade?)" in err, err
    for text, said in (("identifier;given_name\nZ1;Zoe\n", "separated by semicolons"),
                       ("a,b\n1,2\n", "no column of line 1 is a field of student")):
        file.write_text(text, encoding="utf-8")
        assert said in office.station.run("import", "student", file, code=lab.REFUSED)
    file.write_bytes(b"identifier,given_name\nZ1,Zo\xeb\n")
    assert "line 2: not UTF-8" in office.station.run("import", "student", file, code=lab.REFUSED)
    office.station.sync()


def a_file_of_more_than_5000_rows_is_a_batch(office):
    file = office.data / "organizations.csv"
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["name", "kind"])
        writer.writerows([f"Firm {i}", "employer"] for i in range(5001))
    before = office.mutations()
    out = office.station.json("import", "organization", file)
    assert out["stage"] == "done" and out["rows"] == 5001 and out["flaws"] == 0, out
    assert office.mutations() == before + 5001
    office.station.sync()
    out = office.station.json("import", "organization", file)
    assert out == {"stage": "done", "rows": 0}, out


def an_extract_says_what_its_mapping_says(office):
    student, home = office.server.sql(
        "SELECT id, school_id FROM student WHERE NOT deleted ORDER BY id LIMIT 1")[0]
    for title, kind, pay in (("Paid", "internship", "wage"), ("Free", "internship", "unpaid"),
                             ("Shadow", "job_shadowing", "unpaid")):
        office.station.add("placement", f"student_id={student}", f"school_id={home}",
                           f"title={title}", f"kind={kind}", f"pay={pay}",
                           "starts_on=2026-08-17", "ends_on=2027-05-21")
    mapping = json.loads((lab.ROOT / "deploy/extracts/ceds-placements.json").read_text())
    mapping["filter"] = [{"field": "title", "in": ["Paid", "Free", "Shadow"]}]
    file = office.data / "map.json"
    file.write_text(json.dumps(mapping))
    rows = list(csv.DictReader(io.StringIO(office.station.run("export", "--map", file))))
    number = office.server.sql(f"SELECT identifier FROM student WHERE id = '{student}'")[0][0]
    assert {row["LocalStudentIdentifier"] for row in rows} == {number}, rows
    assert sorted(row["WorkBasedLearningOpportunityType"] for row in rows) == \
        ["JobShadowing", "PaidInternship", "UnpaidInternship"], rows
    assert {row["EmploymentStartDate"] for row in rows} == {"2026-08-17"}, rows
    assert {row["RecordSource"] for row in rows} == {"Practicum"}, rows
    codes = next(one["codes"] for one in mapping["columns"] if "codes" in one)
    del codes["job_shadowing"]
    file.write_text(json.dumps(mapping))
    code, out, err = office.station.call("export", "--map", file)
    assert code == lab.REFUSED and out == "" and "job_shadowing has no code" in err, (out, err)
    mapping["columns"][0]["field"] = "student_id.shoe_size"
    file.write_text(json.dumps(mapping))
    err = office.station.run("export", "--map", file, code=lab.REFUSED)
    assert "student_id.shoe_size leads to no field" in err, err


def what_oneroster_leaves_out_comes_in_two_files(office):
    """RULES 1.8: flags of students by number, days of the calendar."""
    run, file, school = office.station.run, office.data / "in.csv", "X1"

    def deliver(what, text, *more, code=lab.DONE):
        file.write_text(text, encoding="utf-8")
        return run("import", what, file, *more, code=code)

    deliver("school", f"code,name,kind,zone\n{school},Extra High,high,America/New_York\n")
    deliver("program_of_study", "code,name,cip_code\nW1,Welding one,48.0508\nN1,Nursing,51.3902\n"
                                "N2,Nursing two,51.3902\n")
    deliver("student", "identifier,school_id,given_name,family_name,special_populations\n"
                       f"S1,{school},Ann,Reed,gifted; homeless\nS2,{school},Bo,Reed,\n")
    head = ("studentIdentifier,residentDistrictLeaid,cteProgramCip,careerCluster,cteConcentrator,"
            "concentratorDate,graduated,graduationDate,homeless,englishLearner,directoryOptOut\n")
    err = deliver("supplement", head + "S1,4703240,51.3902,,true,2026-05-20,false,,false,TRUE,1\n"
                  "S9,,,,,,,,,,\nS2,,,,maybe,,,,,,\nS2,,,,,,,,sometimes,,\n,,,,,,,,,,\nS2,,99.9999,,,,,,,,\n",
                  code=lab.REFUSED)
    for line, said in ((2, "column cteProgramCip: several programs"), (3, "there is no such student"),
                       (4, "column cteConcentrator: neither true nor false"), (5, "column homeless: neither true nor false"),
                       (6, "column studentIdentifier"), (7, "no program of study has the CIP code")):
        assert f"in.csv line {line}" in err and said in err, (line, err)
    assert err.count("careerCluster: follows from other records") == 1 and "nothing was stored" in err
    deliver("supplement", head + "S1,4703240,48.0508,,true,2026-05-20,false,,false,TRUE,1\n"
            "S2,,,,no,,yes,2026-05-22,,,\n")
    [one] = office.station.json("list", "student", "identifier=S1")
    one = office.station.json("show", "student", one["id"])
    assert one["special_populations"] == ["English learner", "gifted"], one
    assert one["concentrator"] and one["concentrator_on"] == "2026-05-20", one
    assert one["directory_opt_out"] and one["resident_leaid"] == "4703240", one
    assert office.station.json("show", "student", "S2")["state"] == "graduated"
    again = head + "S1,4703240,48.0508,,true,2026-05-20,false,,false,TRUE,1\nS2,,,,no,,yes,2026-05-22,,,\n"
    assert "0 changed, 2 as they were" in deliver("supplement", again)
    deliver("supplement", "studentIdentifier,englishLearner\nS1,no\n")
    deliver("student", "identifier,special_populations\nS1,(empty)\n")
    assert "special_populations" not in office.station.json("show", "student", "S1")
    days = ("leaid,date,isSchoolDay,schoolStart,schoolEnd\n4703240,2026-09-04,true,07:45,14:45\n"
            "4703240,2026-09-05,false,,\n4703240,2026-09-07,false,,\n")
    deliver("calendar", days + "1234567,2026-09-08,true,,\n4703240,2026-09-09,perhaps,,\n", code=lab.REFUSED)
    assert "2 new" in deliver("calendar", days)
    assert "2 as they were" in deliver("calendar", days)
    office.station.sync()
    assert office.server.sql(
        "SELECT day::text, kind, state FROM school_day WHERE school_id IS NULL AND NOT deleted "
        "AND day BETWEEN '2026-09-04' AND '2026-09-09' ORDER BY day") == [
            ["2026-09-04", "school", "published"], ["2026-09-07", "holiday", "published"]]


def what_the_program_brings_becomes_drafts_or_is_put_into_use(office):
    said = office.station.json("import", "shipped", "--preview")
    assert [flaw for one in said for flaw in one["flaws"]] == [] and len(said) == 6
    assert office.station.json("list", "rubric") == []
    office.station.run("import", "shipped", "rubric")
    drafts = office.station.json("list", "rubric")
    assert len(drafts) == 6 and {one["state"] for one in drafts} == {"draft"}, drafts
    office.station.run("set", "rubric", drafts[0]["id"], "lowest_score=0")
    office.station.run("import", "shipped", "--adopt")
    assert office.station.json("show", "rubric", drafts[0]["id"])["lowest_score"] == 0
    office.station.sync()
    assert office.server.number("SELECT count(*) FROM document_type WHERE state = 'in_use'") == 8
    assert office.server.number("SELECT count(*) FROM competency WHERE NOT deleted") == 15
    assert office.server.number("SELECT count(*) FROM activity_type WHERE state = 'in_use'") == 14
    err = office.station.run("import", "shipped", "student", code=lab.REFUSED)
    assert "nothing is shipped for student" in err, err


def an_import_is_judged_by_the_rights_of_who_sends_it(office):
    """Nobody's session, nobody's import; a CTE director may not end an enrollment, nor write what tells
    how to reach a family."""
    station, server = office.station, office.server
    codes = {login: server.add_user(login, role) for login, role in (
        ("dee.office", "cte_director"), ("cal.clerk", "data_clerk"))}
    station.sync()
    err = station.run("import", "oneroster", office.roster, "--staged", code=lab.REFUSED)
    assert "nobody is signed in" in err, err
    roster = office.without("moved.zip", lambda row: row.get("role") == "student"
                            and row.get("roleType") == "secondary")
    before = office.mutations()
    station.first_login("dee.office", "the office is open late", codes["dee.office"])
    code, out, err = station.call("import", "oneroster", roster, "--staged", "--json")
    assert code == lab.REFUSED and "nothing was applied" in err, err
    batch = json.loads(out)
    assert batch["stage"] == "refused", batch
    said = {flaw["type"]: flaw["reason"] for flaw in batch["list"]}
    assert set(said) == {"enrollment", "guardian"}, said
    assert "it is for: coordinator, counselor, district_coordinator, data_clerk" in said["enrollment"], said
    assert office.mutations() == before
    station.first_login("cal.clerk", "files in the cabinet", codes["cal.clerk"])
    out = station.json("import", "oneroster", roster, "--staged")
    assert out["stage"] == "done" and out["flaws"] == 0 and out["rows"] > 0, out
    assert server.sql("SELECT DISTINCT u.login FROM mutation m JOIN app_user u ON u.id = m.person "
                      f"WHERE m.seq > (SELECT max(seq) - {out['rows']} FROM mutation)") == [["cal.clerk"]]
    office.roster = roster  # what is there now
    server.command("user", "role", "cal.clerk", "data_clerk", "--remove")
    err = station.run("import", "reverse", office.batch()["id"], code=lab.REFUSED)
    assert "nobody is signed in" in err, err


def staff_whom_a_roster_names_no_more_lose_access_until_it_is_taken_back_or_names_them(office):
    """Their sessions end and their stations hear of it within 5 s; what they had in hand is listed. Who is
    to be kept stays, and so does the last administrator."""
    station, server = office.station, office.server
    rows = server.sql("SELECT identifier, id, school_id FROM staff WHERE job = 'teacher' AND NOT deleted AND "
                      "school_id = (SELECT school_id FROM staff WHERE job = 'principal' AND NOT deleted LIMIT 1) "
                      "ORDER BY 1 LIMIT 3")
    (leaver, kept, chief), school = (row[0] for row in rows), rows[0][2]
    codes = {login: server.add_user(login, role, *words) for login, role, *words in (
        ("dora.lead", "district_coordinator"), ("cam.clerk", "data_clerk"),
        ("lea.vers", "teacher", "--school", school, "--staff", leaver),
        ("kay.kept", "teacher", "--school", school, "--staff", kept),
        ("chief.admin", "administrator", "--staff", chief))}
    station.sync()
    station.first_login("dora.lead", "all of the district", codes["dora.lead"])
    station.run("set", "staff", rows[1][1], "kept=yes")
    station.sync()
    station.first_login("cam.clerk", "more files in there", codes["cam.clerk"])
    assert "for: district_coordinator, cte_director" in \
        station.run("set", "staff", rows[0][1], "kept=yes", code=lab.REFUSED)
    high = office.lab.enroll(server, "high", "--school", school)
    high.sync()
    high.first_login("lea.vers", "away by the summer", codes["lea.vers"])
    high.watch()
    numbers = {leaver, kept, chief}
    roster = office.without("left.zip", lambda row: row["userSourcedId"][4:] in numbers, 3)
    out = station.json("import", "oneroster", roster, "--staged")
    assert out["stage"] == "done" and out["rows"] == 2, out
    lab.wait_for("the station hears of it", lambda: not high.json("whoami")["signed_in"], 5)
    assert server.number("SELECT count(*) FROM user_session s JOIN app_user u ON u.id = s.user_id "
                         "WHERE u.login = 'lea.vers' AND s.ended IS NULL") == 0
    holds = ("SELECT u.login FROM live_membership m JOIN app_user u ON u.id = m.user_id WHERE u.login IN "
             "('lea.vers', 'kay.kept', 'chief.admin') AND coalesce(m.valid_until, 'infinity') > now() ORDER BY 1")
    assert server.sql(holds) == [["chief.admin"], ["kay.kept"]]
    assert "no role" in high.login("lea.vers", "away by the summer", code=lab.REFUSED)
    out = station.json("import", "reverse", office.batch()["id"])
    assert out["stage"] == "done" and out["flaws"] == 0, out
    assert len(server.sql(holds)) == 3
    station.json("import", "oneroster", roster, "--staged")
    station.sync()
    assert len(server.sql(holds)) == 2
    ended = server.number("SELECT count(*) FROM enrollment WHERE state = 'ended' AND NOT deleted")
    whole = station.json("import", "oneroster", office.data / "roster.zip", "--preview")
    assert (whole["counts"]["staff"]["returned"], whole["counts"]["enrollment"]["returned"]) == (2, ended), whole
    assert [row["change"] for row in whole["changes"]].count("reopened") == ended, whole
    station.run("import", "oneroster", office.data / "roster.zip")
    station.sync()
    assert len(server.sql(holds)) == 3
    assert server.number("SELECT count(*) FROM enrollment WHERE state = 'ended' AND NOT deleted") == 0
    high.unwatch()
    high.write("DELETE FROM sign_in_try")
    server.sql("DELETE FROM sign_in_delay")
    high.login("lea.vers", "away by the summer")


def whoever_enters_a_likely_duplicate_is_told_until_somebody_says_which_it_is(office):
    """One partner in five spellings. `different` is kept for everybody, `same` merges at the district only."""
    run, file = office.station.run, office.data / "partners.csv"
    file.write_text("name,kind,postal_code,phone\nTwin Mills,employer,37404,423-555-0100\n"
                    "\"TWIN  MILLS, Inc.\",employer,37404-1234,\nThird,employer,37404,\n", encoding="utf-8")
    said = office.station.json("import", "organization", file, "--preview")["alike"]
    assert [(row["file"], row["line"]) for row in said] == [("partners.csv", 3)], said
    assert "Twin Mills: the same legal name and ZIP code" in said[0]["text"], said
    run("import", "organization", file)
    [like] = office.station.json("add", "organization", "name=Twin Mills LLC", "kind=employer",
                                 "phone=+1 423 555 0100")["alike"]
    assert (like["title"], like["by"]) == ("Twin Mills", "legal name and phone"), like
    home = office.station.add("school", "code=TM1", "name=Mill High", "kind=high", "zone=America/New_York")
    office.station.sync()

    def doubles(station):
        return [one for one in station.json("exceptions") if one["cause"] == "likely_duplicate"
                and one["type"] == "organization"]

    pairs = [one["remedy"].split()[4:6] for one in doubles(office.station)]
    assert len(pairs) == 2, pairs
    school = office.lab.enroll(office.server, "mill", "--person", "B. Ray", "--school", home)
    school.sync()
    assert len(doubles(school)) == 2
    err = school.run("exceptions", "same", "organization", *pairs[0], "reason=seen", code=lab.REFUSED)
    assert "for the district only" in err, err
    assert len(doubles(school)) == 2 and school.json("list", "likeness") == []
    school.run("exceptions", "different", "organization", *pairs[0], "reason=two firms of one house")
    assert len(doubles(school)) == 1
    school.sync()
    office.station.sync()
    assert [one["remedy"].split()[4:6] for one in doubles(office.station)] == pairs[1:]
    assert "counts for Twin Mills" in run("exceptions", "same", "organization", *pairs[1], "reason=called them")
    assert doubles(office.station) == []
    office.station.sync()
    assert office.server.sql("SELECT o.name, m.name FROM organization o JOIN organization m ON m.id = o.merged_into_id") \
        == [["Twin Mills LLC", "Twin Mills"]]
    [kept] = [one for one in office.station.json("list", "likeness") if one["verdict"] != "same"]
    run("do", "likeness", kept["id"], "withdraw")
    assert len(doubles(office.station)) == 1


def a_small_import_is_taken_back_as_a_whole_or_says_who_is_in_the_way(office):
    """Offline what the server never heard of goes; of what it has, all or nothing."""
    run, file = office.station.run, office.data / "small.csv"
    office.station.sync()

    def deliver(text):
        file.write_text(text, encoding="utf-8")
        return office.station.json("import", "organization", file)["import"]

    def names():
        return sorted(one["name"] for one in office.station.json("list", "organization") if one["name"].startswith("Un"))

    two = "name,kind,city\nUnA,employer,Oak\nUnB,employer,Oak\n"
    office.server.stop()
    batch = deliver(two)
    assert "server never heard" in run("import", "reverse", batch) and names() == []
    assert office.station.status()["unsent"] == 0
    assert batch not in {row["id"] for row in json.loads(office.station.call("import", "list", "--json")[1])}
    batch = deliver(two)
    run("add", "organization", "name=UnC", "kind=employer")  # behind it, so that its counters stay
    assert "sent with the next sync" in run("import", "reverse", batch) and names() == ["UnC"]
    office.server.start()
    office.station.sync()
    assert office.server.sql("SELECT name, deleted FROM organization WHERE name ~ '^Un' ORDER BY 1") == \
        [["UnA", "t"], ["UnB", "t"], ["UnC", "f"]]
    assert office.station.status()["conflicts"] == 0
    batch = deliver(two)
    office.station.sync()
    # Ids begin with a time, so a few digits are those of every import of the day.
    err = run("import", "reverse", "01", code=lab.REFUSED)
    assert "several imports begin with 01" in err, err
    changed = deliver(two.replace("Oak", "Elm"))
    office.station.sync()
    err = run("import", "reverse", batch, code=lab.REFUSED)
    assert err.count("it was changed since the import") == 2 and "UnA" in err and "UnB" in err, err
    run("import", "reverse", changed[:13])
    assert {one["city"] for one in office.station.json("list", "organization", "name=UnA")} == {"Oak"}
    office.station.sync()
    assert office.server.sql("SELECT DISTINCT city FROM organization WHERE name ~ '^Un[AB]' AND NOT deleted") == [["Oak"]]
    assert "taken back already" in run("import", "reverse", changed, code=lab.REFUSED)
    batch = deliver("name,kind\nUnD,employer\nUnE,employer\n")
    office.station.sync()
    site = office.station.add("site", "organization_id=UnE", "name=Yard")
    err = run("import", "reverse", batch, code=lab.REFUSED)
    assert "UnE: other records refer to it" in err and "UnD" not in err and "nothing was taken back" in err, err
    assert names() == ["UnA", "UnB", "UnC", "UnD", "UnE"] and site
    stages = {row["id"]: row["stage"] for row in office.station.json("import", "list")}
    assert (stages[changed], stages[batch]) == ("taken back", "stored here"), stages
    office.station.sync()


CASES = [
    a_roster_beyond_the_outbox_is_checked_and_applied_as_one_batch,
    the_same_roster_again_changes_nothing,
    a_batch_is_taken_back_but_for_what_was_changed_or_used_since,
    a_plan_is_kept_without_a_network_and_sent_later,
    what_the_check_finds_is_listed_by_line_and_nothing_is_applied,
    a_server_that_dies_in_an_import_finishes_it_once,
    a_station_that_dies_in_mid_upload_goes_on_where_it_stopped,
    what_was_exported_changes_nothing_when_it_comes_back,
    a_file_is_compared_before_it_is_stored,
    a_file_of_more_than_5000_rows_is_a_batch,
    an_extract_says_what_its_mapping_says,
    what_oneroster_leaves_out_comes_in_two_files,
    what_the_program_brings_becomes_drafts_or_is_put_into_use,
    a_school_neither_imports_nor_looks,
    a_small_import_is_taken_back_as_a_whole_or_says_who_is_in_the_way,
    whoever_enters_a_likely_duplicate_is_told_until_somebody_says_which_it_is,
    an_import_is_judged_by_the_rights_of_who_sends_it,
    staff_whom_a_roster_names_no_more_lose_access_until_it_is_taken_back_or_names_them,
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
