#!/usr/bin/python3
"""usage: roles.py BUILD-FOLDER [CASE...]

What one role sees and another does not at the same station: fields that are withheld, students with cards, what
a supervisor confirmed; and the database's own roles behind it.
"""
import json
import os
import subprocess
import sys

import cases
import lab
import traces
from turns import ANN, BEN, PASSWORDS, WRONG, School


def begin(school):
    """Two coordinators have passwords and what the station has is sent."""
    for name in (ANN, BEN):
        school.high.login(name, PASSWORDS[name], "--code", school.codes[name])
    school.high.sync()
    for draft in school.high.json("drafts"):
        school.high.run("drafts", "discard", draft["id"])


def teacher(school):
    """Signed in; made once."""
    if school.server.number("SELECT count(*) FROM app_user WHERE login = 'tom.teach'") > 0:
        school.high.login("tom.teach", "chalk and sawdust")
        return
    code = school.server.add_user("tom.teach", "teacher", "--school", "H1")
    school.high.login("tom.teach", "chalk and sawdust", "--code", code)


def new_card(school):
    """Of the student, by a coordinator who stays signed in."""
    school.high.login(BEN, PASSWORDS[BEN])
    school.card, = school.high.json("card", "1001")
    return school.card


def card_of(school):
    return school.card if hasattr(school, "card") else new_card(school)


def submitted_sheet(school):
    high = school.high
    found = [sheet["id"] for sheet in high.json("list", "time_sheet") if sheet["state"] == "submitted"]
    if not found:
        found = [new_sheet(school)]
        high.sync()  # the server's word makes it submitted
    return found[0]


def new_sheet(school):
    high = school.high
    sheet = high.add("time_sheet", f"placement_id={school.placement}", "week_start=2026-09-27")
    high.add("time_entry", f"sheet_id={sheet}", "work_date=2026-09-28", "starts_at=15:30",
             "ends_at=17:00")
    high.run("do", "time_sheet", sheet, "submit")
    return sheet


def withholds_from_a_teacher_what_a_coordinator_sees(school):
    """In every command: what is there for one role is neither shown nor found nor changed by another."""
    high = school.high
    high.login(ANN, PASSWORDS[ANN])
    high.run("set", "student", school.student, "birth_date=2010-05-04", "emergency_phone=865-555-0100")
    assert high.json("show", "student", school.student)["birth_date"] == "2010-05-04"
    high.sync()
    teacher(school)
    shown = high.json("show", "student", school.student)
    assert shown["birth_date"] is None and shown["family_name"] == "Lee", shown
    assert {"birth_date", "emergency_phone"} <= set(shown["withheld"]), shown
    said = [high.run(*words) for words in (
        ("show", "student", school.student), ("list", "student"), ("export", "student"),
        ("export", "student", "--format", "json"), ("history", "student", school.student),
        ("exceptions",), ("conflicts",), ("drafts",))]
    assert not any("2010-05-04" in text or "865-555-0100" in text for text in said), said
    assert "withheld" in said[0] and "withheld" in said[2], said
    for words in (("list", "student", "birth_date=2010-05-04"), ("list", "student", "birth_date=")):
        refused = high.run(*words, code=lab.REFUSED)
        assert "your role does not see it" in refused, refused
    for word in ("birth_date=2010-05-05", "birth_date="):
        refused = high.run("set", "student", school.student, word, code=lab.REFUSED)
        assert "your role may not do that" in refused, refused


def says_to_a_teacher_that_a_rule_of_age_is_broken_and_not_which(school):
    """Its id would tell the age; in the sheet, too, and whatever a refusal quotes."""
    high, text = school.high, "a child-labor rule of the student's age: the coordinator sees which"
    high.login(ANN, PASSWORDS[ANN])
    high.run("set", "student", school.student, "birth_date=2011-05-04")
    high.run("set", "placement", school.placement, "pay=wage")
    sheet = high.add("time_sheet", f"placement_id={school.placement}", "week_start=2026-08-23")
    entry = high.json("add", "time_entry", f"sheet_id={sheet}", "work_date=2026-08-25",
                      "starts_at=13:00", "ends_at=21:01")
    assert "FED-14-PM-SUM" in [one["rule"] for one in entry["breaks"]], entry
    high.run("do", "time_sheet", sheet, "submit")
    high.sync()
    assert "FED-14-PM-SUM" in str(high.json("show", "time_sheet", sheet)["violations"])
    # What a refusal of a birth date would leave.
    high.write("UPDATE outbox SET draft = 1, field = 9 WHERE id = (SELECT min(id) FROM outbox WHERE"
               " type = 3)")
    assert high.json("drafts")[0]["text"] != "withheld"
    teacher(school)
    assert high.json("drafts")[0]["text"] == "withheld"
    high.write("UPDATE outbox SET draft = 0 WHERE draft = 1")
    shown = high.json("show", "time_entry", entry["id"])
    assert shown["breaks"] == [{"rule": "child-labor", "text": text}], shown
    assert high.json("show", "time_sheet", sheet)["violations"] is None
    said = [high.run(*words) for words in (
        ("show", "time_entry", entry["id"]), ("list", "time_entry", f"sheet_id={sheet}"),
        ("show", "time_sheet", sheet), ("history", "time_sheet", sheet), ("export", "time_sheet"),
        ("exceptions",))]
    assert text in said[0] and "child-labor" in said[1], said
    assert "does not see birth dates" in high.run("rules", "rejudge", code=lab.REFUSED)
    assert not any("FED-" in one or "TN-" in one for one in said), said


def signs_a_student_in_with_a_card_and_a_pin(school):
    """Made by a coordinator of the school and nobody else; at the station also without the server."""
    high = school.high
    teacher(school)
    said = high.run("card", "1001", code=lab.REFUSED)
    assert "your role may not do that" in said, said
    card = new_card(school)
    assert card["name"] == "Ann Lee" and len(card["pin"]) == 6, card
    assert "1001" not in card["code"], card
    login(school, card)
    who = high.json("whoami")
    assert who["name"] == "Ann Lee" and [role["role"] for role in who["roles"]] == ["student"], who
    assert [student["id"] for student in high.json("list", "student")] == [school.student]
    sheet = new_sheet(school)
    said = high.run("do", "time_sheet", sheet, "approve", "capacity=coordinator", "evidence=x",
                    code=lab.REFUSED)
    assert "your role may not do that" in said, said
    said = high.run("card", "1001", code=lab.REFUSED)
    assert "your role may not do that" in said, said
    high.sync()
    assert school.person_of(sheet)[1] == "1"
    with school.offline():
        assert "signed in without the server" in login(school, card)
        high.write("UPDATE person SET known_ms = known_ms - 86400000 WHERE login LIKE 'card-%'")
        said = login(school, card, code=lab.REFUSED)
        assert "a card works for 24 hours after this station last reached the server" in said, said
        assert high.read("SELECT count(*) FROM sign_in_try") == [(0,)], "a right PIN is no wrong try"
    high.login(BEN, PASSWORDS[BEN])
    high.sync()  # which names who is known
    with school.offline():
        assert "signed in without the server" in login(school, card)
    secrets = [card["code"], card["pin"], card["code"].replace("-", "")]
    dump = str(school.server.sql("SELECT * FROM app_user")) + str(school.server.sql(
        "SELECT * FROM identity")) + str(school.server.sql("SELECT detail FROM audit_event"))
    assert not any(secret in dump for secret in secrets), dump


def login(school, card, pin=None, code=0):
    return school.high.run("login", "--card", card["code"], "--password-file", "-",
                           text=(pin or card["pin"]) + "\n", code=code)


def blocks_a_card_after_five_wrong_pins_until_a_coordinator_frees_it(school):
    card = card_of(school)
    wrong = "000000" if card["pin"] != "000000" else "000001"
    for _ in range(5):
        school.forget_tries()
        assert WRONG in login(school, card, wrong, lab.REFUSED)
    school.forget_tries()
    said = login(school, card, code=lab.REFUSED)
    assert "blocked after five wrong PINs" in said, said
    school.high.login(BEN, PASSWORDS[BEN])
    assert "free again" in school.high.run("card", "--free", "1001")
    assert school.server.sql("SELECT detail FROM audit_event WHERE kind = 'card' ORDER BY number "
                             "DESC LIMIT 1") == [["card freed"]]
    school.forget_tries()
    login(school, card)
    with school.offline():
        school.high.write("INSERT INTO sign_in_try SELECT login, 5, 0 FROM person "
                          "WHERE login LIKE 'card-%'")
        said = login(school, card, code=lab.REFUSED)
        assert "blocked here after five wrong PINs" in said, said
    school.forget_tries()


def takes_a_lost_card_for_nothing_once_it_is_revoked_or_replaced(school):
    high, old = school.high, card_of(school)
    n_before = school.server.number("SELECT count(*) FROM audit_event WHERE kind = 'card'")
    new = new_card(school)
    assert WRONG in login(school, old, code=lab.REFUSED)
    school.forget_tries()
    login(school, new)
    high.login(BEN, PASSWORDS[BEN])
    assert "revoked" in high.run("card", "--revoke", "1001")
    assert WRONG in login(school, new, code=lab.REFUSED)
    high.sync()
    school.forget_tries()
    with school.offline():
        said = login(school, new, code=lab.REFUSED)
        assert "card or PIN is wrong" in said, said
    events = [detail for detail, in school.server.sql(
        f"SELECT detail FROM audit_event WHERE kind = 'card' ORDER BY number OFFSET {n_before}")]
    assert events == ["card made", "card revoked"], events
    del school.card


def leaves_no_card_and_no_password_in_memory(school):
    """Neither at the server, which goes on, nor where the card was shown."""
    high, server = school.high, school.server
    high.login(BEN, PASSWORDS[BEN])

    def secrets_of(output):
        card, = json.loads(output)
        return [card["pin"].encode(), card["code"].encode(), card["code"].replace("-", "").encode()]

    output, found = traces.left_at_exit(
        [high.lab.build / "practicum", "card", "1001", "--json"],
        lab.environment(PRACTICUM_HOME=str(high.home)), secrets_of)
    assert not found, f"at the station: {found}"
    school.card, = json.loads(output)
    login(school, school.card)
    wanted = [*secrets_of(output), PASSWORDS[BEN].encode()]
    if os.getuid() == 0:  # nobody else looks into these
        for process in (server.process, server.signer):
            found = traces.found_in(process.pid, wanted)
            assert not found, f"at the server: {found}"
        assert traces.found_in(server.process.pid, [b"practicumd desk"]), "nothing was searched"


def moves_a_card_to_a_new_pepper_at_its_next_sign_in(school):
    card, server = card_of(school), school.server
    under = "SELECT c.pepper FROM user_password c JOIN card k ON k.user_id = c.user_id"
    assert server.number(under) == 1
    server.command("pepper", "new")
    server.stop_signer()
    server.start_signer()
    assert "1 cards" in server.command("pepper", "status")
    login(school, card)
    assert server.number(under) == 2
    assert " 0 cards" in server.command("pepper", "status")
    login(school, card)


def approves_what_the_supervisor_confirmed_and_says_how(school):
    """No password of the supervisor's: whoever captures it needs a registered one and evidence."""
    high = school.high
    high.login(ANN, PASSWORDS[ANN])
    sheet = submitted_sheet(school)
    shown = json.loads(high.run("confirm", sheet, "--json"))
    assert shown["sheet"]["id"] == sheet and shown["minutes"] == sum(
        entry["elapsed_minutes"] for entry in shown["entries"]) > 0, shown
    said = high.run("confirm", sheet)
    assert "2026-09-28" in said and "together 1 h 30 min" in said and "names none" in said, said
    said = high.run("confirm", sheet, "--by", "call", "--evidence", "called at 3", code=lab.REFUSED)
    assert "must be the one whom the placement names" in said, said
    shop = high.add("organization", "name=Ridge Machine Works", "kind=employer")
    kim = high.add("supervisor", f"organization_id={shop}", "given_name=Kim", "family_name=Oak")
    high.run("set", "placement", school.placement, f"supervisor_id={kim}")
    said = high.run("confirm", sheet, "--by", "call", "--evidence", "called at 3", code=lab.REFUSED)
    assert "is not registered" in said, said


def serves_as_a_role_that_cannot_become_the_owner_of_the_tables(school):
    """And not at all as one that is, as an earlier installation made it, until the same words have mended that."""
    server = school.server

    def psql(conninfo, words):
        return subprocess.run(["psql", conninfo, "-Xqc", words], check=False, capture_output=True, text=True).stderr
    for words in ("ALTER TABLE time_sheet DISABLE TRIGGER ALL", "DROP TABLE feed", "TRUNCATE mutation",
                  "SET ROLE practicum_owner", "SET ROLE practicum_migrate"):
        said = psql(server.login, words)
        assert "permission denied" in said or "does not exist" in said, (words, said)
    server.stop()
    assert psql(server.conninfo, "REASSIGN OWNED BY practicum_owner TO practicum_server") == ""
    assert "practicum_server may do too much" in server.refusal()
    server.make_database()
    server.start()
    server.command("migrate")
    school.high.sync()


def writes_a_list_down_for_a_school_for_which_the_station_may(school):
    """The shared student is the high school's, for which the center's station writes nothing down: a list of it
    there is the center's, whoever asks. At the high school's own station it is the student's school."""
    server, places = school.server, {school.center: school.center_id, school.high: school.high_id}
    for login, station, role, *words in (
            ("cora.center", school.center, "coordinator", "--school", "C1"),
            ("dan.district", school.center, "district_coordinator"),
            ("dot.district", school.high, "district_coordinator")):
        code = server.add_user(login, role, *words)
        station.sync()
        station.first_login(login, "lists of the district", code)
        assert school.student in {one["id"] for one in station.json("list", "student")}
        station.sync()
        assert server.sql("SELECT l.school_id, l.n_records FROM listing l JOIN app_user u ON u.id = l.person_id "
                          f"WHERE l.record_type = 3 AND u.login = '{login}'") == [[places[station], "1"]], login


PLAIN_CASES = [
    leaves_no_card_and_no_password_in_memory,
]
CASES = [
    withholds_from_a_teacher_what_a_coordinator_sees,
    says_to_a_teacher_that_a_rule_of_age_is_broken_and_not_which,
    signs_a_student_in_with_a_card_and_a_pin,
    blocks_a_card_after_five_wrong_pins_until_a_coordinator_frees_it,
    takes_a_lost_card_for_nothing_once_it_is_revoked_or_replaced,
    moves_a_card_to_a_new_pepper_at_its_next_sign_in,
    approves_what_the_supervisor_confirmed_and_says_how,
    writes_a_list_down_for_a_school_for_which_the_station_may,
    serves_as_a_role_that_cannot_become_the_owner_of_the_tables,
]


def main():
    wanted = cases.chosen(CASES, PLAIN_CASES)
    with lab.Lab(sys.argv[1]) as home:
        school = School(home)
        begin(school)
        failed = cases.run(wanted, school)
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
