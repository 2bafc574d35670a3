#!/usr/bin/python3
"""usage: gates.py BUILD-FOLDER

What a placement rests on, with real processes: a policy that ends suspends at a station without a line, on the day,
what was worked is stored all the same, and a renewal heals the days that it covers.
"""
import datetime
import sys

import cases
import lab

TODAY = datetime.date.today()
LAST = TODAY + datetime.timedelta(days=1)  # of the policy


def in_days(days):
    """How a command is run then."""
    return {"prefix": lab.at_time(f"+{days}d")}


def move(station, record_type, record, action, *words, **how):
    return station.run("do", record_type, record, action, *words, **how)


def pass_trainings(office, about):
    for topic in ("orientation", "safety"):
        one = office.add("training", *about, f"topic={topic}")
        move(office, "training", one, "attend", f"attended_on={TODAY}")
        move(office, "training", one, "pass")


def waive_papers(office, about):
    for kind in ("learning_plan", "agreement", "emergency", "safety", "transportation"):
        move(office, "document", office.add("document", *about, f"kind={kind}"), "waive", "reason=Known")


def add_people(office):
    """Supervisor and coordinator, as a placement asks for them."""
    works = office.add("organization", "name=Ridge Works", "kind=employer")
    mentor = office.add("supervisor", f"organization_id={works}", "given_name=Sam", "family_name=Hill")
    move(office, "supervisor", mentor, "verify")
    staff = office.add("staff", "identifier=7", "given_name=Pat", "family_name=Stone")
    certificate = office.add("staff_qualification", f"staff_id={staff}", "kind=wbl_certificate", "issued_on=2020-01-01")
    move(office, "staff_qualification", certificate, "confirm")
    return works, mentor, staff


def begin(desk):
    """An active placement on a policy that ends tomorrow; the school knows it."""
    office, about = desk.office, (f"student_id={desk.student}", f"school_id={desk.high_id}")
    works, mentor, staff = add_people(office)
    office.run("set", "student", desk.student, "birth_date=2009-03-02")
    pass_trainings(office, about)
    waive_papers(office, about)
    desk.policy = office.add("insurance", f"organization_id={works}", "kind=workers_compensation",
                             "carrier=Valley Mutual", "starts_on=2026-01-01", f"ends_on={LAST}")
    move(office, "insurance", desk.policy, "verify", "evidence=Certificate")
    desk.job = office.add("placement", *about, "title=Machining", "kind=internship", "pay=wage",
                          f"organization_id={works}", f"supervisor_id={mentor}", f"coordinator_id={staff}",
                          "alignment=aligned", f"starts_on={TODAY}", "ends_on=2099-05-21")
    for action in ("submit", "endorse", "approve", "ready", "start"):
        move(office, "placement", desk.job, action)
    desk.sync(office, desk.high)


def suspended_by(desk, days):
    out = desk.high.run("show", "placement", desk.job, **in_days(days))
    return next((line for line in out.splitlines() if line.startswith("suspended_by")), None)


def a_policy_that_ends_suspends_without_a_line_on_the_day_after(desk):
    begin(desk)
    desk.server.stop()
    assert suspended_by(desk, 1) is None
    said = suspended_by(desk, 2)
    assert said and f"insurance of Ridge Works expires {LAST}" in said, said


def what_was_worked_then_is_stored_and_waits(desk):
    worked = TODAY + datetime.timedelta(days=2)
    sunday = worked - datetime.timedelta(days=worked.isoweekday() % 7)
    desk.week = desk.high.add("time_sheet", f"placement_id={desk.job}", f"week_start={sunday}")
    desk.high.add("time_entry", f"sheet_id={desk.week}", f"work_date={worked}", "elapsed_minutes=60")
    move(desk.high, "time_sheet", desk.week, "submit")
    desk.server.start()
    desk.sync(desk.high, desk.office)
    assert desk.office.json("show", "time_sheet", desk.week)["state"] == "submitted"
    desk.approval = ("approve", "capacity=coordinator", "evidence=e-mail")
    desk.server.stop()
    for station in (desk.high, desk.office):
        said = move(station, "time_sheet", desk.week, *desk.approval, code=lab.REFUSED)
        assert f"the hours of {worked}: workers' compensation insurance of Ridge Works expires {LAST}" in said, said
    desk.server.start()


def a_renewal_heals_the_days_that_it_covers(desk):
    until = LAST + datetime.timedelta(days=30)
    move(desk.office, "insurance", desk.policy, "renew", f"ends_on={until}", "evidence=Renewed")
    assert suspended_by(desk, 2) is not None
    desk.sync(desk.office, desk.high)
    desk.server.stop()
    assert suspended_by(desk, 2) is None
    move(desk.high, "time_sheet", desk.week, *desk.approval)
    desk.server.start()
    desk.sync(desk.high, desk.office)
    assert desk.office.json("show", "time_sheet", desk.week)["state"] == "approved"
    assert desk.server.number("SELECT count(*) FROM rejected WHERE NOT deleted") == 0


CASES = [
    a_policy_that_ends_suspends_without_a_line_on_the_day_after,
    what_was_worked_then_is_stored_and_waits,
    a_renewal_heals_the_days_that_it_covers,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, lab.District(place))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
