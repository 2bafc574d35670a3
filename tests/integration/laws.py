#!/usr/bin/python3
"""usage: laws.py BUILD-FOLDER

Labor law with real processes: said while hours are typed with no network, refused for planned shifts,
by rule sets that the district makes, and judged anew when rules or calendar change.
"""
import sys

import cases
import lab

TUESDAY = "2026-08-25"


def begin(desk):
    """A student of 15 with a paid job and the sheet of the week of TUESDAY."""
    desk.office.run("set", "student", desk.student, "birth_date=2011-03-01")
    desk.high.run("set", "placement", desk.placement, "pay=wage")
    desk.sync(desk.office, desk.high)
    return desk.high.add("time_sheet", f"placement_id={desk.placement}", "week_start=2026-08-23")


def rules_of(found):
    return [one["rule"] for one in found["breaks"]]


def typed_hours_say_at_once_what_they_break_and_are_stored(desk):
    desk.sheet_of_week = begin(desk)
    desk.server.stop()
    added = desk.high.json("add", "time_entry", f"sheet_id={desk.sheet_of_week}",
                           f"work_date={TUESDAY}", "starts_at=13:00", "ends_at=21:01")
    assert rules_of(added) == ["FED-14-DAY-N", "FED-14-PM-SUM", "TN-14-NIGHT", "TN-14-DAY-N",
                               "TN-BREAK"], added
    shown = desk.high.json("show", "time_entry", added["id"])
    assert shown["breaks"] == added["breaks"] and shown["elapsed_minutes"] == 481, shown
    listed = desk.high.json("list", "time_entry", f"sheet_id={desk.sheet_of_week}")
    assert rules_of(listed[0]) == rules_of(added), listed
    said = desk.high.run("set", "time_entry", added["id"], "starts_at=15:00", "ends_at=18:01")
    assert "breaks" not in said, said
    assert rules_of(desk.high.json("show", "time_entry", added["id"])) == []
    desk.server.start()


def a_planned_shift_that_breaks_a_rule_is_refused_while_it_is_typed(desk):
    plan = ("shift_plan", f"placement_id={desk.placement}", "work_date=2026-08-27")
    said = desk.high.run("add", *plan, "starts_at=15:00", "ends_at=21:01", code=lab.REFUSED)
    assert "FED-14-PM-SUM" in said and "plan other times" in said, said
    desk.high.add(*plan, "starts_at=15:00", "ends_at=20:30")
    desk.high.sync()
    assert desk.high.status()["drafts"] == 0


def a_rule_of_the_district_binds_every_station(desk):
    office = desk.office
    assert any(one["state"] == "shipped, not installed" for one in office.json("rules", "list"))
    office.run("rules", "install")
    office.sync()
    assert not any(one["state"].startswith("shipped") for one in office.json("rules", "list"))
    said = office.run("rules", "change", "labor", "district", "--from", "2026-08-01", "--source",
                      "Board 2026-14", "DI-DAY=day-sum age:14-15 | Too short.", code=lab.REFUSED)
    assert "DI-DAY: a row of kind day-sum needs most:3h" in said, said
    office.run("rules", "change", "labor", "us-tn", "--from", "2026-08-01", "--source", "Board",
               "--drop", "TN-BREAK")
    draft = office.json("list", "rule_set", "source=Board")[0]["id"]
    said = office.run("do", "rule_set", draft, "approve", code=lab.REFUSED)
    assert "TN-BREAK is missing" in said and "departure=TEXT" in said, said
    office.run("rules", "change", "labor", "district", "--from", "2026-08-01", "--source",
               "Board 2026-14", "DI-DAY=day-sum age:14-15 most:4h | Four hours. | Board")
    draft = office.json("list", "rule_set", "domain=labor", "jurisdiction=district")[0]["id"]
    office.run("do", "rule_set", draft, "approve")
    desk.sync(office, desk.high)
    added = desk.high.json("add", "time_entry", f"sheet_id={desk.sheet_of_week}",
                           "work_date=2026-08-26", "starts_at=12:00", "ends_at=16:01")
    assert rules_of(added) == ["DI-DAY"], added
    desk.high.run("set", "time_entry", added["id"], "ends_at=16:00")


def wait_judged(desk):
    lab.wait_for("nothing left to judge anew", lambda: desk.server.number(
        "SELECT count(*) FROM rejudge WHERE ended IS NULL") == 0)


def sheet_becomes(desk, state):
    """Waits until the server has judged by itself, and returns the sheet as the school sees it."""
    wait_judged(desk)
    desk.high.sync()
    sheet = desk.high.json("show", "time_sheet", desk.sheet_of_week)
    assert sheet["state"] == state, sheet
    return sheet


def a_changed_calendar_judges_sheets_anew_at_the_server(desk):
    wait_judged(desk)
    desk.high.run("do", "time_sheet", desk.sheet_of_week, "submit")
    desk.sync(desk.high, desk.office)
    assert desk.office.json("rules", "rejudge", "--from", TUESDAY) == []
    day = desk.office.add("school_day", f"day={TUESDAY}", "kind=school", "class_starts_at=08:00",
                          "class_ends_at=15:00")
    desk.office.run("do", "school_day", day, "publish")
    broken = f"{TUESDAY} 15:00 FED-14-DAY-S; {TUESDAY} 15:00 TN-14-DAY-S"
    listed = desk.office.json("rules", "rejudge", "--from", TUESDAY)
    assert [one["newly_broken"] for one in listed] == [broken], listed
    desk.office.sync()
    sheet_becomes(desk, "flagged")
    listed = desk.high.json("rules", "changes", "--from", TUESDAY)
    assert [(one["newly_broken"], one["reason"]) for one in listed] == [
        (broken, f"Calendar of {TUESDAY} (school_day {day})")], listed
    before = desk.server.number("SELECT max(seq) FROM time_sheet")
    desk.high.run("do", "time_sheet", desk.sheet_of_week, "rejudge", "because=And again")
    desk.high.sync()
    assert desk.server.number("SELECT max(seq) FROM time_sheet") == before
    desk.office.run("do", "school_day", day, "withdraw")
    desk.office.sync()
    sheet_becomes(desk, "submitted")


def approve_limit(desk, limit):
    office = desk.office
    office.run("rules", "change", "labor", "district", "--from", "2026-08-01", "--source",
               f"Board {limit}", f"DI-DAY=day-sum age:14-15 most:{limit} | Less. | Board")
    rules = office.json("list", "rule_set", f"source=Board {limit}")[0]["id"]
    office.run("do", "rule_set", rules, "approve")
    office.sync()
    return rules


def a_stricter_set_flags_and_the_old_limit_heals_though_the_server_dies_between(desk):
    for failpoint, limit, state in (("rejudge_push", "3h", "flagged"),
                                    ("rejudged", "4h30m", "submitted")):
        desk.server.stop()
        desk.server.start(failpoint=f"{failpoint}:1")
        rules = approve_limit(desk, limit)
        desk.server.wait_killed()
        desk.server.start()
        sheet = sheet_becomes(desk, state)
        assert sheet["rejudged_because"].endswith(f"(rule_set {rules})"), sheet
    assert sheet["newly_clear"] == [f"{TUESDAY} 15:00 DI-DAY", "2026-08-26 12:00 DI-DAY"], sheet
    assert desk.high.status()["drafts"] == 0
    assert desk.server.number("SELECT count(*) FROM rejected WHERE NOT deleted") == 0


CASES = [
    typed_hours_say_at_once_what_they_break_and_are_stored,
    a_planned_shift_that_breaks_a_rule_is_refused_while_it_is_typed,
    a_rule_of_the_district_binds_every_station,
    a_changed_calendar_judges_sheets_anew_at_the_server,
    a_stricter_set_flags_and_the_old_limit_heals_though_the_server_dies_between,
]


def main():
    with lab.Lab(sys.argv[1]) as place:
        failed = cases.run(CASES, lab.District(place))
        place.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
