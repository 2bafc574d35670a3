"""Cases that restores.py runs behind its own, on its district: records leave for good, by the rules that the
district has adopted, or one student's on written request. What was said about them stands nowhere
afterwards, and comes back neither from a station nor out of a backup.
"""
import functools
import json
import subprocess

import cases
import disposal_steps
import lab
import ledger
import sealed

CANARY = "Xanthocanary"  # in every text about the student who goes
BY = disposal_steps.BY
ROWS = ("DI-RT-STUDENT=keep class:student years:5 from:leaving school-year:1 | Five years. | Board 2026-20",
        "DI-RT-HOURS=keep class:hours years:3 from:placement | Three years. | Board 2026-20",
        "DI-RT-YEAR=keep class:year years:1 from:change | One year. | Board 2026-20",
        "DI-RT-DOCUMENT=keep class:document years:3 from:expiry | Three years. | Board 2026-20")


class Desk:
    def __init__(self, district):
        self.district, self.server = district, district.server
        self.stations = (district.office, *district.stations)
        self.scan = district.lab.folder / "scan.pdf"
        self.canary = CANARY

    def sync(self):
        for _ in range(2):
            self.district.sync(*self.stations)

    def dispose(self, *words, code=lab.DONE):
        return self.server.command("dispose", *words, code=code)

    def refusal(self, *words, **more):
        done = subprocess.run(
            [self.server.lab.build / "practicumd", "dispose", "--config", self.server.config, *words],
            check=False, capture_output=True, text=True, env=lab.environment(**more), timeout=60)
        assert done.returncode != lab.DONE, done.stdout
        return done.stderr

    def publish(self, name):
        """Returns the id of the run that is kept."""
        office = self.district.office
        before = {run["id"] for run in office.json("list", "report_run")}
        office.run("report", name, "--year", "2027", "--publish")
        return (({run["id"] for run in office.json("list", "report_run")}) - before).pop()

    def dump(self):
        return subprocess.run(["pg_dump", self.server.conninfo], check=True, capture_output=True).stdout

    def new_student(self, identifier):
        """With hours, a paper, a refused entry and a conflict, all of whose texts hold the canary."""
        high, school = self.district.high, self.district.high_id
        student = self.district.office.add(
            "student", f"school_id={school}", f"identifier={identifier}", f"given_name={CANARY}Ann",
            f"family_name={CANARY}Lee", f"career_goal={CANARY}goal", "grade=12", "birth_date=2009-03-05")
        self.district.office.add("enrollment", f"student_id={student}", f"school_id={school}",
                                 "kind=home", "starts_on=2026-08-10", "ends_on=2027-05-21")
        self.sync()
        placement = high.add("placement", f"student_id={student}", f"school_id={school}",
                             f"title={CANARY}title", "kind=internship", "starts_on=2026-08-17",
                             "ends_on=2027-05-20", f"note={CANARY}note")
        high.add("guardian", f"student_id={student}", f"school_id={school}", f"name={CANARY}Mother",
                 f"email={CANARY}@example.org")
        sheet = high.add("time_sheet", f"placement_id={placement}", "week_start=2026-09-13")
        entry = high.add("time_entry", f"sheet_id={sheet}", "work_date=2026-09-14", "starts_at=15:30",
                         "ends_at=17:30", f"note={CANARY}task")
        consent = high.add("consent", f"student_id={student}", f"school_id={school}", "purpose=media",
                           f"form_version={CANARY}form")
        high.run("do", "consent", consent, "grant", "valid_from=2026-08-10", "valid_until=2027-05-21",
                 "signed_by=guardian", "signed_on=2026-08-10")
        self.scan.write_bytes(b"%PDF-1.4\n" + CANARY.encode())
        high.run("attach", "placement", placement, self.scan, f"note={CANARY}scan")
        self.sync()
        high.run("set", "placement", placement, f"note={CANARY}mine")
        self.district.office.run("set", "placement", placement, f"note={CANARY}theirs")
        self.district.office.run("set", "student", student, f"career_goal={CANARY}other")
        for station in (high, self.district.office):  # the second one is refused and kept
            station.add("time_sheet", f"placement_id={placement}", "week_start=2026-09-20",
                        f"note={CANARY}week")
        self.sync()
        return student, placement, sheet, entry

    def add_about(self, student, placement, week):
        """At the high school; the sheet is refused and kept when the office has one of the week."""
        high = self.district.high
        high.add("guardian", f"student_id={student}", f"school_id={self.district.high_id}",
                 f"name={CANARY}Father")
        high.run("set", "placement", placement, f"note={CANARY}mine")
        high.add("time_sheet", f"placement_id={placement}", f"week_start={week}", f"note={CANARY}week")

    def assert_nothing_left(self, student):
        assert_no_canary(self)
        for record_type in ("student", "guardian", "time_sheet", "placement"):
            column = "id" if record_type == "student" else "student_id"
            assert self.server.number(
                f"SELECT count(*) FROM {record_type} WHERE {column} = '{student}'") == 0, record_type


def found_in(text):
    low, found = text.lower(), []
    for form in (CANARY.lower().encode(), CANARY.encode().hex().encode()):
        at = low.find(form)
        if at >= 0:
            found.append(text[max(0, at - 200):at + 80])
    return found


def opened(desk):
    """What the database has sealed and may say it, in the clear."""
    values = [payload for _, _, payload in ledger.judged_by(desk.server).values()]
    for table, column, field in (("rejected", "payload", sealed.REJECTED_PAYLOAD),
                                 ("conflict", "mine", sealed.CONFLICT_MINE)):
        for record, value in desk.server.sql(
                f"SELECT replace(id::text, '-', ''), encode({column}, 'hex') FROM {table}"):
            values.append(sealed.of_server(desk.server, sealed.RECORD, field, bytes.fromhex(record),
                                           bytes.fromhex(value)))
    return b"\n".join(values)


def assert_no_canary(desk):
    found = found_in(desk.dump()) + found_in(opened(desk))
    assert not found, f"the database still says it: {found}"
    for station in desk.stations:
        for file in station.home.rglob("*"):
            found = found_in(file.read_bytes()) if file.is_file() else []
            assert not found, f"{station.name}: {file} still says it: {found}"


def counts(text):
    return {row["type"]: row["n"] for row in json.loads(text) if not row["held"]}


def assert_said_everywhere(desk):
    """What is searched for can be found, where it is."""
    assert len(found_in(opened(desk))) > 0
    for table in ("conflict", "rejected"):  # sealed
        assert desk.server.number(f"SELECT count(*) FROM {table}") > 0, table
    for table in ("mutation", "placement_past", "student_past", "file_piece", "guardian"):
        count = desk.server.number(
            f"SELECT count(*) FROM {table} x WHERE x::text ~* '{CANARY}|{CANARY.encode().hex()}'")
        assert count > 0, f"{table} does not say it"
    for station in desk.stations[:2]:
        assert any(found_in(file.read_bytes()) for file in station.home.glob("replica.db*")), \
            station.name


def nothing_goes_by_rules_that_the_district_has_not_adopted(desk):
    assert "adopted no retention rules" in desk.refusal("plan")
    assert "adopted no retention rules" in desk.refusal("run", *BY, "--reason", "schedule", "--yes")
    out = desk.district.office.run("rules", "change", "retention", "district", *ROWS, "--from",
                                   "2026-07-01", "--source", "Board 2026-20")
    desk.district.office.run("do", "rule_set", out.split("rule_set ")[1].split()[0], "approve")
    desk.sync()
    assert json.loads(desk.dispose("plan", "--json")) == []


def a_plan_says_what_is_due_and_changes_nothing(desk):
    desk.student = desk.new_student("7001")
    before = desk.server.number("SELECT head FROM sync_head")
    # The student left on 2027-05-21: through June 30, 2032. The hours: through 2030-05-20.
    assert "time_entry" not in counts(desk.dispose("plan", "--as-of", "2030-05-20", "--json"))
    due = counts(desk.dispose("plan", "--as-of", "2030-05-21", "--json"))
    assert due["time_entry"] == 1 and due["time_sheet"] == 2 and "placement" not in due, due
    assert "student" not in counts(desk.dispose("plan", "--as-of", "2032-06-30", "--json"))
    due = counts(desk.dispose("plan", "--as-of", "2032-07-01", "--json"))
    assert due["student"] == 1 and due["placement"] == 1 and due["guardian"] == 1, due
    assert "DI-RT-HOURS" in desk.dispose("plan", "--as-of", "2032-07-01")
    assert desk.server.number("SELECT head FROM sync_head") == before
    assert desk.server.number("SELECT count(*) FROM disposal") == 0
    assert "can be planned only" in desk.refusal("run", *BY, "--reason", "early", "--as-of",
                                                 "2032-07-01", "--yes")


def a_run_takes_what_is_due_and_holds_what_something_rests_on(desk):
    """Both left on 2019-05-20: through June 30, 2024. A credit on the transcript is kept for good."""
    office, school = desk.district.office, desk.district.high_id
    gone, kept = (office.add("student", f"school_id={school}", f"identifier={number}",
                             f"given_name={CANARY}{number}", "family_name=Past")
                  for number in ("8001", "8002"))
    for student in (gone, kept):
        office.add("enrollment", f"student_id={student}", f"school_id={school}", "kind=home",
                   "starts_on=2018-08-10", "ends_on=2019-05-20")
    course = office.add("course", "name=Welding I", "code=W1")
    # The end of a center's enrollment is no leaving; and a paper stays as long as whom it is about.
    stays = office.add("student", f"school_id={school}", "identifier=8003", "given_name=Still",
                       "family_name=Here")
    office.add("enrollment", f"student_id={stays}", f"school_id={school}", "kind=center",
               "starts_on=2018-08-10", "ends_on=2019-05-20")
    paper = desk.district.lab.folder / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4\n%%EOF\n")
    office.run("attach", "student", kept, paper)
    desk.sync()
    desk.district.high.add("credit", f"student_id={kept}", f"school_id={school}",
                           f"course_id={course}", "credits_attempted=1")
    desk.sync()
    certificate = json.loads(desk.dispose("run", *BY, "--reason", "schedule", "--yes", "--json"))
    rows = {(row["type"], row["held"]): row["disposed"] for row in certificate["types"]}
    held = "a credit that is kept refers to it"
    assert rows == {("student", ""): 1, ("student", held): 0, ("attachment", held): 0,
                    ("enrollment", ""): 2}, rows
    assert certificate["rules"].startswith("retention district"), certificate
    assert certificate["records"] == "3" and certificate["list"] == "as it was hashed", certificate
    desk.sync()
    assert desk.server.number(f"SELECT count(*) FROM student WHERE id IN ('{gone}', '{kept}')") == 1
    assert desk.district.high.json("show", "student", kept)["identifier"] == "8002"
    desk.dispose("student", "8002", *BY, "--request", "letter of 2026-11-21", "--yes")
    assert json.loads(desk.dispose("certificate", certificate["id"][:12], "--json")) == certificate
    assert desk.dispose("certificate").count("R. Super") == 2
    desk.sync()


def while_somebody_asks_for_the_records_nothing_of_them_goes(desk):
    """34 CFR 99.10(e). What the family says about a record stays beside it (99.21)."""
    student, placement, *_ = desk.student
    high = desk.district.high
    asked = ("records_request", f"student_id={student}", f"asked_by={CANARY}Mother",
             f"words={CANARY}all", "asked_on=2026-11-20")
    request = high.add(*asked, "kind=inspection")
    assert high.json("show", "records_request", request)["due_on"] == "2027-01-04"
    desk.sync()
    told = desk.refusal("student", "7001", *BY, "--request", "letter", "--yes")
    assert "this is open: inspection asked for on 2026-11-20" in told, told
    assert desk.server.number("SELECT count(*) FROM disposal WHERE kind = 'request'") == 1
    assert "student" not in counts(desk.dispose("plan", "--as-of", "2032-07-01", "--json"))
    assert "held: inspection" in desk.dispose("plan", "--as-of", "2032-07-01")
    high.run("do", "records_request", request, "lift", "decision=x", "decided_on=2026-11-21", code=1)
    high.run("do", "records_request", request, "close")
    amend = high.add(*asked, "kind=amendment", "record_type=12", f"record_id={placement}")
    high.run("do", "records_request", amend, "deny", f"decision={CANARY}no", "decided_on=2026-11-21")
    high.run("do", "records_request", amend, "comment", f"statement={CANARY}differs")
    assert f"The family: {CANARY}differs" in high.run("show", "placement", placement)
    out = desk.server.folder / "for-the-auditor"
    high.run("disclose", "7001", "--to", "State auditor", "--purpose", "audit", "--basis", "audit",
             "--records", "placement", "--out", out)
    said = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert f"{CANARY}differs".encode() in said and f"{CANARY}title".encode() in said
    assert request.replace("-", "").encode() not in said.replace(b"-", b"")
    desk.sync()
    assert "student" in counts(desk.dispose("plan", "--as-of", "2032-07-01", "--json"))


def a_paper_stays_for_the_period_of_its_own_kind(desk):
    """The rule keeps papers three years from their end; this kind eight, with its scan and whom it is about."""
    office, school = desk.district.office, desk.district.high_id
    kind = office.add("document_type", "code=long", "version=1", "name=Exposure log", "document_kind=safety",
                      "gate=none", "retention_years=8")
    student = disposal_steps.past_student(desk, "8401")
    desk.sync()
    papers = [desk.district.high.add("document", f"school_id={school}", f"student_id={student}", "kind=safety",
                                     "valid_from=2019-03-01", "valid_until=2020-02-29", *words)
              for words in ((f"document_type_id={kind}",), ())]
    scan = desk.district.lab.folder / "log.pdf"
    scan.write_bytes(b"%PDF-1.4\n%%EOF\n")
    for paper in papers:
        desk.district.high.run("attach", "document", paper, scan)
    desk.sync()

    def plan(day):
        rows = json.loads(desk.dispose("plan", "--as-of", day, "--json"))
        return {(row["type"], row["held"]): row["n"] for row in rows
                if row["type"] in ("document", "attachment", "student")}

    file_held, student_held = "the document that it is of is kept", "a document that is kept refers to it"
    assert plan("2026-11-21") == {("document", ""): 1, ("attachment", ""): 1, ("attachment", file_held): 1,
                                  ("student", student_held): 1}, plan("2026-11-21")
    assert plan("2028-02-29") == plan("2026-11-21"), plan("2028-02-29")
    assert plan("2028-03-01") == {("document", ""): 2, ("attachment", ""): 2, ("student", ""): 1}, \
        plan("2028-03-01")
    desk.dispose("student", "8401", *BY, "--request", "letter of 2026-11-21", "--yes")
    desk.sync()


def one_student_goes_on_request_though_the_run_is_killed(desk):
    student, placement, sheet, entry = desk.student
    assert_said_everywhere(desk)
    # Frozen as approved hours are, which lets nobody but disposal through.
    desk.server.sql("UPDATE sync_head SET xact = pg_current_xact_id();"
                    f" UPDATE time_sheet SET state = 'approved' WHERE id = '{sheet}'")
    published = [desk.publish(name) for name in ("hours", "participation", "pipeline", "growth")]
    hours = desk.server.sql("SELECT sum(elapsed_minutes) FROM time_entry_history"
                            " WHERE from_seq <= (SELECT head FROM sync_head)")
    words = ("student", "7001", *BY, "--request", "letter of 2026-11-20", "--yes")
    desk.refusal(*words, failpoint="dispose_begun:1")
    assert "has not ended" in desk.refusal(*words)
    desk.refusal("resume", failpoint="dispose_step:1")
    assert "has not ended" in desk.refusal(*words)
    out = desk.dispose("resume")
    assert "CERTIFICATE OF DISPOSAL" in out and "letter of 2026-11-20" in out, out
    assert "as it was hashed" in out and CANARY not in out, out
    # Entered offline before the word came: refused in one way, kept by whoever entered it, nowhere else.
    high = desk.district.high
    high.run("set", "placement", placement, f"note={CANARY}late")
    high.add("time_entry", f"sheet_id={sheet}", "work_date=2026-09-15", "starts_at=15:30",
             "ends_at=17:30", f"note={CANARY}later")
    desk.sync()
    drafts = high.json("drafts")
    assert {draft["what"].split()[0] for draft in drafts if draft["reason"] == "DISPOSED"} \
        >= {"placement", "time_entry"}, drafts
    assert_no_canary(desk)
    for record_type, record in (("student", student), ("placement", placement), ("time_entry", entry)):
        assert desk.server.number(f"SELECT count(*) FROM {record_type} WHERE id = '{record}'") == 0
        for station in desk.stations:
            station.run("show", record_type, record, code=1)
    assert desk.server.number("SELECT count(*) FROM file") == 0
    assert desk.server.sql("SELECT sum(elapsed_minutes) FROM time_entry_history"
                           f" WHERE from_seq <= (SELECT head FROM sync_head)") == hours
    for run in published:
        desk.district.office.run("report", "verify", run)
    # What is coded hangs together as before, under keys that nothing leads to.
    assert desk.server.number("SELECT count(*) FROM time_entry_past e JOIN placement_past p"
                              " ON p.id = e.placement_id AND p.student_id = e.student_id"
                              " JOIN student_past s ON s.id = e.student_id AND s.grade = 12"
                              " WHERE s.given_name IS NULL OR s.given_name = ''") > 0
    for table in ("time_entry", "placement", "student"):
        assert desk.server.number(f"SELECT count(*) FROM {table}_past p JOIN disposal_item i"
                                  " ON i.record_id = p.id AND i.seq IS NOT NULL") == 0
    out = desk.server.command("audit", "verify")
    assert out.count(" 0 faults") == 2, out
    assert "disposal" in desk.server.command("audit", "list")


def what_was_disposed_of_does_not_come_back_out_of_an_older_backup(desk):
    """Here the database `lost`, which a case of restores.py left. Older than the student: what the stations send again would bring all of it back."""
    listed = desk.dispose("list")
    assert "3 " + desk.student[0].replace("-", "") in listed.splitlines(), listed
    file = desk.server.folder / "disposed.txt"
    file.write_text(listed + "no line\n", encoding="utf-8")
    desk.server.stop()
    for name, becomes in (("practicum", "after_disposal"), ("lost", "practicum")):
        desk.server.sql(f"ALTER DATABASE {name} RENAME TO {becomes}", database="postgres")
    desk.server.command("epoch", "new")
    assert f"line {len(listed.splitlines()) + 1} is not" in desk.refusal("replay", str(file), *BY)
    file.write_text(listed, encoding="utf-8")
    out = desk.dispose("replay", str(file), *BY)
    assert "CERTIFICATE OF DISPOSAL" in out, out
    desk.server.start()
    desk.sync()
    desk.sync()
    assert desk.server.number(f"SELECT count(*) FROM student WHERE id = '{desk.student[0]}'") == 0
    assert desk.server.number(f"SELECT count(*) FROM student WHERE id = '{desk.district.student}'") == 1
    assert_no_canary(desk)
    out = desk.server.command("audit", "verify")
    assert out.count(" 0 faults") == 2, out


CASES = [
    nothing_goes_by_rules_that_the_district_has_not_adopted,
    a_plan_says_what_is_due_and_changes_nothing,
    a_run_takes_what_is_due_and_holds_what_something_rests_on,
    while_somebody_asks_for_the_records_nothing_of_them_goes,
    a_paper_stays_for_the_period_of_its_own_kind,
    *disposal_steps.BY_RULES,
    one_student_goes_on_request_though_the_run_is_killed,
    *disposal_steps.ON_REQUEST,
    what_was_disposed_of_does_not_come_back_out_of_an_older_backup,
]


def cases_of(district):
    """For cases.run() behind those of restores.py, whose programs go on."""
    desk = Desk(district)
    return [functools.wraps(case)(functools.partial(lambda case, _: case(desk), case)) for case in CASES]
