"""Cases that disposals.py runs among its own: what the schools enter between the list of a disposal and its steps,
and while a step waits for its turn.
"""
import concurrent.futures
import contextlib
import json
import subprocess

import lab

BY = ("--by", "R. Super")
NOT_DUE = "changed since it was listed, and not due now"


def past_student(desk, identifier):
    """Left on 2019-05-20: the record and an enrollment are due."""
    office, school = desk.district.office, desk.district.high_id
    student = office.add("student", f"school_id={school}", f"identifier={identifier}",
                         f"given_name=Past{identifier}", "family_name=Student")
    office.add("enrollment", f"student_id={student}", f"school_id={school}", "kind=home",
               "starts_on=2018-08-10", "ends_on=2019-05-20")
    return student


def come_back(desk, station, student):
    station.add("enrollment", f"student_id={student}", f"school_id={desk.district.high_id}", "kind=home",
                "starts_on=2026-08-10")


def rows_of(certificate):
    return {(row["type"], row["held"]): row["n"] for row in json.loads(certificate)["types"]}


def is_there(desk, record_type, record):
    return desk.server.number(f"SELECT count(*) FROM {record_type} WHERE id = '{record}'") == 1


@contextlib.contextmanager
def head_row(desk):
    """While it lasts nobody draws a number."""
    with subprocess.Popen(["psql", desk.server.conninfo, "-Xq"], stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL) as psql:
        psql.stdin.write("BEGIN; SELECT head FROM sync_head FOR UPDATE; SET application_name = 'has it';\n")
        psql.stdin.flush()
        lab.wait_for("the head row", lambda: desk.server.number(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'has it'") == 1)
        yield
        psql.stdin.write("COMMIT;\n")
        psql.stdin.close()


def wait_for_turn(desk, name):
    """Until a connection of this name waits for a lock."""
    lab.wait_for(f"{name} waits", lambda: desk.server.number(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        f" AND application_name = 'practicumd {name}'") == 1, seconds=4)


def dispose_behind(desk, station, *words):
    """Runs practicumd dispose, whose first step waits behind what the station sends; returns what it printed."""
    with concurrent.futures.ThreadPoolExecutor() as threads:
        with head_row(desk):
            sent = threads.submit(station.sync)
            wait_for_turn(desk, "writer")
            disposed = threads.submit(desk.dispose, *words)
            wait_for_turn(desk, "disposal")
        sent.result()
        return disposed.result()


def who_came_back_after_the_list_was_made_stays(desk):
    back, credited, gone = (past_student(desk, number) for number in ("8101", "8102", "8103"))
    course = desk.district.office.add("course", "name=Welding II", "code=W2")
    desk.sync()
    desk.refusal("run", *BY, "--reason", "schedule", "--yes", failpoint="dispose_begun:1")
    come_back(desk, desk.district.high, back)
    desk.district.high.add("credit", f"student_id={credited}", f"school_id={desk.district.high_id}",
                           f"course_id={course}", "credits_attempted=1")
    desk.sync()
    rows = rows_of(desk.dispose("resume", "--json"))
    assert rows == {("student", ""): 1, ("enrollment", ""): 2, ("student", NOT_DUE): 1,
                    ("enrollment", NOT_DUE): 1, ("student", "a credit that is kept refers to it"): 1}, rows
    assert is_there(desk, "student", back) and is_there(desk, "student", credited)
    assert not is_there(desk, "student", gone)
    assert desk.server.number(f"SELECT count(*) FROM enrollment WHERE student_id = '{back}'") == 2


def who_comes_back_while_a_step_waits_stays(desk):
    back, gone = past_student(desk, "8201"), past_student(desk, "8202")
    desk.sync()
    come_back(desk, desk.district.high, back)
    rows = rows_of(dispose_behind(desk, desk.district.high, "run", *BY, "--reason", "schedule", "--yes",
                                  "--json"))
    assert rows[("student", NOT_DUE)] == 1 and rows[("student", "")] == 1, rows
    assert is_there(desk, "student", back) and not is_there(desk, "student", gone)
    desk.sync()


def a_hold_that_comes_while_a_step_waits_is_kept(desk):
    asked, gone = past_student(desk, "8301"), past_student(desk, "8302")
    desk.sync()
    desk.district.high.add("records_request", f"student_id={asked}", "kind=inspection", "asked_by=Mother",
                           "words=all", "asked_on=2026-11-20")
    rows = rows_of(dispose_behind(desk, desk.district.high, "run", *BY, "--reason", "schedule", "--yes",
                                  "--json"))
    held = [held for name, held in rows if name == "student" and "inspection asked for on 2026-11-20" in held]
    assert len(held) == 1 and rows[("student", held[0])] == 1 and rows[("enrollment", held[0])] == 1, rows
    assert is_there(desk, "student", asked) and not is_there(desk, "student", gone)
    desk.sync()


def a_paper_whose_kind_is_kept_longer_since_the_list_was_made_stays(desk):
    office, school = desk.district.office, desk.district.high_id
    kind = office.add("document_type", "code=fumes", "version=1", "name=Fume log", "document_kind=safety", "gate=none")
    student = past_student(desk, "8501")
    desk.sync()
    paper, other = [desk.district.high.add("document", f"school_id={school}", f"student_id={student}", "kind=safety",
                                           "valid_from=2019-03-01", "valid_until=2020-02-29", *words)
                    for words in ((f"document_type_id={kind}",), ())]
    desk.sync()
    desk.refusal("run", *BY, "--reason", "schedule", "--yes", failpoint="dispose_begun:1")
    office.run("set", "document_type", kind, "retention_years=75")
    desk.sync()
    rows = rows_of(desk.dispose("resume", "--json"))
    assert rows[("document", NOT_DUE)] == 1 and rows[("document", "")] == 1, rows
    assert is_there(desk, "document", paper) and not is_there(desk, "document", other)
    assert is_there(desk, "student", student)
    desk.dispose("student", "8501", *BY, "--request", "letter of 2026-11-21", "--yes")
    desk.sync()


def what_is_entered_about_a_student_after_the_list_goes_too(desk):
    """CANARY of disposals.py is in everything about the student; one entry is refused and kept."""
    student, placement, *_ = desk.new_student("7002")
    words = ("student", "7002", *BY, "--request", "letter of 2026-11-21", "--yes")
    desk.refusal(*words, failpoint="dispose_begun:1")
    desk.add_about(student, placement, "2026-09-27")
    desk.sync()
    desk.dispose("resume")
    desk.sync()
    desk.assert_nothing_left(student)


def what_is_entered_about_a_student_while_a_step_waits_goes_too(desk):
    student, placement, *_ = desk.new_student("7003")
    high, office = desk.district.high, desk.district.office
    office.add("time_sheet", f"placement_id={placement}", "week_start=2026-10-04", f"note={desk.canary}")
    office.sync()
    desk.add_about(student, placement, "2026-10-04")
    dispose_behind(desk, high, "student", "7003", *BY, "--request", "letter of 2026-11-21", "--yes")
    desk.sync()
    desk.assert_nothing_left(student)


BY_RULES = [
    who_came_back_after_the_list_was_made_stays,
    who_comes_back_while_a_step_waits_stays,
    a_hold_that_comes_while_a_step_waits_is_kept,
    a_paper_whose_kind_is_kept_longer_since_the_list_was_made_stays,
]
ON_REQUEST = [
    what_is_entered_about_a_student_after_the_list_goes_too,
    what_is_entered_about_a_student_while_a_step_waits_goes_too,
]
