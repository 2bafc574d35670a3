#!/usr/bin/python3
"""usage: turns.py BUILD-FOLDER [CASE...]

People who take turns at a station, by the programs themselves: what each enters is in that person's name
at the server, with or without the network, and nobody enters anything in nobody's name where the district
wants people to sign in.
"""
import base64
import hmac
import json
import struct
import sys
import time

import cases
import lab
import papers
import sealed

ANN, BEN, DEE = "ann.ray", "ben.lutz", "dee.office"
PASSWORDS = {ANN: "wild geese fly south", BEN: "nine blue buckets", DEE: "the office is open late"}
MINUTE_MS = 60 * 1000
DAY_MS = 24 * 60 * MINUTE_MS
WRONG = "name or password is wrong"


def now_ms():
    return int(time.time() * 1000)


class School(lab.District):
    """Two coordinators of the high school; everything is somebody's since the first was added."""

    def __init__(self, home):
        super().__init__(home)
        self.early = self.new_placement("Entered early")
        self.codes = {login: self.server.add_user(login, "coordinator", "--school", "H1")
                      for login in (ANN, BEN)}
        self.codes[DEE] = self.server.add_user(DEE, "district_coordinator")
        self.center.sync()
        assert self.center.json("whoami")["required"]
        self.user = dict(self.server.sql("SELECT login, id FROM app_user"))

    def forget_tries(self):
        """The waits after wrong tries are over, here and at the server."""
        self.high.write("DELETE FROM sign_in_try")
        self.server.sql("DELETE FROM sign_in_delay")

    def person_of(self, record):
        """Whose mutation made the record, as the server has it: login and verdict."""
        return self.server.sql(
            "SELECT coalesce(u.login, 'nobody'), m.verdict FROM mutation m LEFT JOIN app_user u "
            f"ON u.id = m.person WHERE m.record_id = '{record}' ORDER BY m.seq LIMIT 1")[0]

    def offline(self):
        return Offline(self.server)


class Offline:
    """While the server cannot be reached."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.stop()

    def __exit__(self, *what):
        self.server.start()


def sets_a_first_password_with_the_one_time_code(school):
    high = school.high
    said = high.login(ANN, "short", "--code", school.codes[ANN], code=lab.REFUSED)
    assert "at least 12 characters" in said, said
    school.forget_tries()
    said = high.login(ANN, PASSWORDS[ANN], "--code", school.codes[ANN])
    assert "Ann.Ray is signed in until" in said and "coordinator at High" in said, said
    who = high.json("whoami")
    assert who["login"] == ANN and who["with_server"] and who["id"] == school.user[ANN], who
    high.sync()
    said = high.login(BEN, PASSWORDS[BEN], "--code", school.codes[BEN])
    assert "Ann.Ray is signed out" in said, said


def keeps_input_from_before_people_signed_in_as_a_draft(school):
    """Entered before the first person was added: no attestation covers it."""
    drafts = school.high.json("drafts")
    assert [draft["reason"] for draft in drafts] == ["NOT_ALLOWED"], drafts
    school.high.run("drafts", "retry", drafts[0]["id"])
    school.high.sync()
    assert school.high.json("drafts") == []
    assert school.server.sql("SELECT title FROM placement WHERE title LIKE 'Entered%'") == [["Entered early"]]


def lets_nobody_enter_or_read_anything_while_nobody_is_signed_in(school):
    high = school.high
    high.run("logout", "--yes")
    waiting = high.status()["unsent"]
    for words in (("list", "placement"), ("add", "placement", "title=X"), ("drafts",),
                  ("exceptions",), ("export", "placement"), ("report", "hours")):
        said = high.run(*words, code=lab.REFUSED)
        assert "nobody is signed in here" in said and "practicum login" in said, said
    assert high.status()["unsent"] == waiting
    high.sync()
    for words in (("status",), ("types",), ("describe", "placement"), ("report", "list")):
        high.run(*words)
    assert high.json("whoami") == {"signed_in": False, "required": True}


def says_the_same_of_a_wrong_password_and_of_a_name_nobody_has(school):
    """And takes as long: within a few tens of milliseconds, a tenth of a second of Argon2id on each side."""
    said, took = {}, {}
    for name in (ANN, "nobody.here"):
        begin = time.monotonic()
        said[name] = school.high.login(name, "some other password", code=lab.REFUSED)
        took[name] = time.monotonic() - begin
    assert said[ANN] == said["nobody.here"] and WRONG in said[ANN], said
    assert min(took.values()) > 0.5 * max(took.values()), took
    school.high.write("DELETE FROM sign_in_try")
    school.server.sql("UPDATE sign_in_delay SET again = now() + interval '1 min'")
    again = school.high.login(ANN, PASSWORDS[ANN], code=lab.REFUSED)
    assert "the next one counts in 60 s" in again or "in 59 s" in again, again
    school.forget_tries()


def gives_each_of_two_people_their_own_work_when_it_is_sent_later(school):
    """Ann, then Ben, then nobody; the server comes back and gets both, each in the right name."""
    high = school.high
    with school.offline():
        said = high.login(ANN, PASSWORDS[ANN])
        assert "signed in without the server" in said, said
        of_ann = school.new_placement("By Ann")
        high.login(BEN, PASSWORDS[BEN])
        of_ben = school.new_placement("By Ben")
        said = high.run("logout", code=lab.REFUSED)
        assert "2 inputs wait for the server" in said and "--yes" in said, said
        high.run("logout", "--yes")
        assert high.json("whoami")["signed_in"] is False
        assert high.status()["unsent"] == 2
    high.sync()
    assert school.person_of(of_ann) == [ANN, "1"]
    assert school.person_of(of_ben) == [BEN, "1"]
    assert high.read("SELECT count(*) FROM attestation WHERE sent = 0") == [(0,)]


def keeps_who_typed_a_paper_and_who_checked_it(school):
    """Ann types a signed sheet, Ben compares it with the scan; the period closes over what was counted."""
    high = school.high
    scan = high.home.with_name("sheet.pdf")
    scan.write_bytes(b"%PDF-1.4 a signed time sheet")
    high.login(ANN, PASSWORDS[ANN])
    placement = school.new_placement("On paper")
    sheet = high.add("time_sheet", f"placement_id={placement}", f"week_start={lab.SUNDAY}")
    high.add("time_entry", f"sheet_id={sheet}", f"work_date={lab.MONDAY}", "elapsed_minutes=2h")
    high.run("do", "time_sheet", sheet, "submit")
    high.sync()
    approve = ("do", "time_sheet", sheet, "approve", "capacity=transcribed")
    said = high.run(*approve, code=lab.REFUSED)
    assert "practicum transcribe time_sheet" in said, said
    typed = high.json("transcribe", "time_sheet", sheet, scan, "signer_name=Dana Reyes",
                      f"signed_on={lab.MONDAY}")
    assert typed["version"] == 1, typed
    high.sync()
    said = high.run("do", "transcript", typed["id"], "confirm", code=lab.REFUSED)
    assert "ask a second person" in said, said
    mended = high.json("transcribe", "time_sheet", sheet, "because=the name was cut off")
    assert mended["version"] == 2, mended
    high.run(*approve)
    period = high.add("period_close", f"school_id={school.high_id}", f"starts_on={lab.SUNDAY}",
                      f"ends_on={lab.MONDAY}")
    high.run("do", "period_close", period, "begin")
    high.sync()
    high.login(BEN, PASSWORDS[BEN])
    high.run("do", "transcript", mended["id"], "confirm")
    high.sync()
    close = ("do", "period_close", period, "close", "n_sheets=1")
    said = high.run(*close, "total_minutes=3h", code=lab.REFUSED)
    assert "2h00m on 1 sheets" in said, said
    high.run(*close, "total_minutes=2h")
    high.sync()
    assert high.json("drafts") == []
    assert school.server.sql("SELECT counted_minutes, counted_sheets FROM period_close") == [["120", "1"]]
    assert school.server.sql("SELECT approver_name FROM approval") == [["Dana Reyes"]]
    assert school.server.sql(
        "SELECT t.login, c.login FROM transcript r JOIN app_user t ON t.id = r.typed_by_id "
        "JOIN app_user c ON c.id = r.checked_by_id") == [[ANN, BEN]]


def refuses_a_wrong_password_without_the_server_and_waits_twice_as_long_each_time(school):
    high = school.high
    with school.offline():
        begin = now_ms()
        for name in (ANN, "nobody.here"):
            said = high.login(name, "some other password", code=lab.REFUSED)
            assert WRONG in said and "the first sign-in at a station needs it" in said, said
        for failed, wait_ms in ((1, 1000), (2, 2000), (3, 4000)):
            [(n, again_ms)] = high.read("SELECT n_failed, again_ms FROM sign_in_try WHERE login = ?", ANN)
            assert n == failed and 0 < again_ms - begin <= wait_ms + (now_ms() - begin), failed
            high.write("UPDATE sign_in_try SET again_ms = ?", now_ms() + MINUTE_MS)
            said = high.login(ANN, PASSWORDS[ANN], code=lab.REFUSED)
            assert "counts in 60 s" in said or "in 59 s" in said, said
            high.write("UPDATE sign_in_try SET again_ms = ?", now_ms() - 1)
            begin = now_ms()
            high.login(ANN, "some other password", code=lab.REFUSED)
        high.write("UPDATE sign_in_try SET again_ms = ?", now_ms() - 1)
        high.login(ANN, PASSWORDS[ANN])
        assert high.read("SELECT count(*) FROM sign_in_try WHERE login = ?", ANN) == [(0,)]


def keeps_what_is_entered_in_the_name_of_somebody_who_did_not_sign_in(school):
    """A changed program: the outbox names somebody whom nothing at this device attests."""
    high = school.high
    record = school.new_placement("Forged")
    ann, dee = (bytes.fromhex(school.user[login].replace("-", "")) for login in (ANN, DEE))
    *where, payload = sealed.inputs(high, "type, record, incarnation, counter",
                                    "ORDER BY id DESC LIMIT 1")[0]
    assert payload.count(ann) == 1
    high.write("UPDATE outbox SET payload = ? WHERE id = (SELECT max(id) FROM outbox)",
               sealed.seal(sealed.key_of(high.home), sealed.place(sealed.PAYLOAD, *where),
                           payload.replace(ann, dee)))
    high.sync()
    assert school.person_of(record) == [DEE, "3"]
    drafts = high.json("drafts")
    assert [draft["reason"] for draft in drafts] == ["NOT_ALLOWED"], drafts
    assert "not signed in" in drafts[0]["text"], drafts
    high.run("drafts", "discard", drafts[0]["id"])


def opens_a_personal_device_only_while_one_of_its_people_is_signed_in(school):
    """Everything else is there, the folder and the server; what opens it is in nobody's file."""
    canary = "Xylem Dormouse"
    laptop = school.laptop = school.lab.enroll(
        school.server, "laptop", "--school", school.high_id, words=("--personal",))

    def is_shut(words="practicum login"):
        for command in (("list", "student"), ("sync",), ("set", "placement", school.placement,
                                                         "note=x")):
            code, out, err = laptop.call(*command)
            assert code == lab.REFUSED and out == "" and words in err, (command, out, err)

    is_shut()
    laptop.login(ANN, PASSWORDS[ANN])
    laptop.sync()
    laptop.run("set", "placement", school.placement, f"note={canary}")
    laptop.run("logout", "--yes")
    is_shut()
    assert laptop.status()["unsent"] == 1
    assert laptop.status()["opened_by"] == "password" and school.high.status()["opened_by"] == "key file"
    held = b"".join(file.read_bytes() for file in laptop.home.rglob("*") if file.is_file())
    assert canary.encode() not in held and b"Machining intern" in held
    said = laptop.login(BEN, PASSWORDS[BEN], code=lab.REFUSED)
    assert "personal device of somebody else" in said, said
    is_shut()
    with school.offline():
        laptop.login(ANN, PASSWORDS[ANN])
        assert canary in laptop.run("show", "placement", school.placement)
    laptop.login(BEN, PASSWORDS[BEN])  # while Ann is there
    laptop.write("UPDATE sign_in SET used_ms = used_ms - ?", 10 * MINUTE_MS)
    is_shut("10 minutes")
    laptop.write("UPDATE sign_in SET used_ms = ?", now_ms())  # the clock alone brings nothing back
    is_shut("personal device")
    laptop.login(BEN, PASSWORDS[BEN])
    laptop.sync()
    assert laptop.status()["unsent"] == 0
    school.forget_tries()


def ends_a_turn_after_10_minutes_without_a_command(school):
    high = school.high
    high.write("UPDATE sign_in SET used_ms = used_ms - ?", 9 * MINUTE_MS)
    high.run("list", "placement")
    high.write("UPDATE sign_in SET used_ms = used_ms - ?", 9 * MINUTE_MS)
    high.run("list", "placement")
    high.write("UPDATE sign_in SET used_ms = used_ms - ?", 10 * MINUTE_MS)
    said = high.run("list", "placement", code=lab.REFUSED)
    assert "nobody was here for 10 minutes" in said, said
    assert high.json("whoami")["signed_in"] is False


def ends_sign_in_without_the_server_after_30_days_without_its_word(school):
    high = school.high
    with school.offline():
        high.write("UPDATE person SET known_ms = ?", now_ms() - 29 * DAY_MS)
        high.login(ANN, PASSWORDS[ANN])
        high.write("UPDATE person SET known_ms = ?", now_ms() - 30 * DAY_MS)
        said = high.login(ANN, PASSWORDS[ANN], code=lab.REFUSED)
        assert "no word of the server about you for 30 days" in said, said
    high.sync()  # the server tells that both still may
    high.write("DELETE FROM sign_in_try")
    with school.offline():
        high.login(BEN, PASSWORDS[BEN])


def signs_out_at_its_next_contact_who_may_not_sign_in_any_more(school):
    high = school.high
    school.server.command("user", "disable", BEN)
    high.sync()
    assert high.json("whoami")["signed_in"] is False
    school.server.command("user", "enable", BEN)
    with school.offline():
        said = high.login(BEN, PASSWORDS[BEN], code=lab.REFUSED)
        assert WRONG in said, said
    school.forget_tries()
    high.login(BEN, PASSWORDS[BEN])


def forgets_a_password_that_was_replaced_elsewhere(school):
    """Ben's password was seen, so he gets a new one at another station; the old one opens nothing here."""
    code = school.server.command("user", "reset", BEN).split()[0]
    school.center.login(BEN, "ten green buckets", "--code", code)
    school.high.sync()
    assert school.high.json("whoami")["signed_in"] is False
    with school.offline():
        assert WRONG in school.high.login(BEN, PASSWORDS[BEN], code=lab.REFUSED)
    school.forget_tries()
    school.high.login(BEN, "ten green buckets")
    laptop, former = school.laptop, school.lab.folder / "former"
    laptop.run("logout", "--yes")
    said = laptop.login(BEN, "ten green buckets", code=lab.REFUSED)
    assert "the password you had before" in said, said
    former.write_text(PASSWORDS[BEN] + "\n", encoding="utf-8")
    laptop.login(BEN, "ten green buckets", "--former-password-file", former)
    laptop.run("list", "student")


def is_signed_in_wholly_or_not_at_all_after_a_kill(school):
    high = school.high
    high.run("logout", "--yes")
    for point, signed_in in (("before_sign_in_stored", False), ("after_sign_in_stored", True)):
        school.forget_tries()
        code = high.call("login", ANN, "--password-file", "-", failpoint=f"{point}:1",
                         text=PASSWORDS[ANN] + "\n")[0]
        assert code == lab.KILLED, code
        assert high.json("whoami")["signed_in"] is signed_in, point
    record = school.new_placement("After the kill")
    high.sync()
    assert school.person_of(record) == [ANN, "1"]


def shows_a_student_only_what_is_about_that_student(school):
    """And lets nobody do what the server would refuse: said before anything is stored."""
    high = school.high
    high.login(ANN, PASSWORDS[ANN])
    other = high.add("student", f"school_id={school.high_id}", "identifier=1002",
                     "given_name=Bo", "family_name=Kim")
    high.add("placement", f"student_id={other}", f"school_id={school.high_id}", "title=Of Bo Kim",
             "kind=internship", "starts_on=2026-08-17", "ends_on=2027-05-21")
    high.sync()
    assert len(high.json("list", "student")) == 2
    code = school.server.add_user("ann.lee", "student", "--school", "H1", "--student", "1001")
    high.login("ann.lee", "a student has one too", "--code", code)
    assert [student["id"] for student in high.json("list", "student")] == [school.student]
    titles = [placement["title"] for placement in high.json("list", "placement")]
    assert "Machining intern" in titles and "Of Bo Kim" not in titles, titles
    high.run("show", "student", other, code=lab.REFUSED)
    waiting = high.status()["unsent"]
    for words in (("set", "placement", school.placement, "title=Better"),
                  ("do", "placement", school.placement, "submit")):
        said = high.run(*words, code=lab.REFUSED)
        assert "your role may not do that" in said, said
    assert high.status()["unsent"] == waiting
    entry = high.add("time_entry", f"sheet_id={school.sheet}", f"work_date={lab.MONDAY}",
                     "starts_at=15:30", "ends_at=17:00")
    high.sync()
    assert school.person_of(entry) == ["ann.lee", "1"]
    high.run("show", "student", "1001")
    high.run("disclose", "1001", "--to", "State college", "--purpose", "admission", "--basis",
             "parent", "--out", school.lab.folder / "for-the-college")
    assert high.json("disclosures", "1001")[0]["party"] == "State college"
    high.sync()
    own = [event for event in readings(school, "access") if event["who"] == "ann.lee"]
    assert own == [], own  # the own record


def readings(school, kind):
    """Events about the student in the server's audit."""
    listed = json.loads(school.server.command("audit", "list", "--student", school.student,
                                              "--json"))
    return [event for event in listed if event["kind"] == kind]


def writes_down_without_the_network_who_looked_and_what_went_out(school):
    high, folder = school.high, school.lab.folder / "for-the-mother"
    high.login(ANN, PASSWORDS[ANN])
    high.run("set", "student", "1001", "career_goal=A shop with Bo Kim, as KIM, BO said")
    high.sync()
    with school.offline():
        high.run("show", "student", "1001")
        high.run("show", "student", "1001")
        high.run("history", "placement", school.placement)
        high.run("disclose", "1001", "--to", "Maria Lee, mother", "--purpose", "inspection",
                 "--basis", "parent", "--out", folder)
    assert len(readings(school, "disclosure")) == 1
    high.sync()
    looked = [event["detail"].split(",")[0] for event in readings(school, "access")]
    assert looked == ["shown", "shown"] and readings(school, "access")[0]["who"] == ANN, looked
    gone = readings(school, "disclosure")
    assert [event["party"] for event in gone] == ["State college", "Maria Lee, mother"], gone
    told = high.json("disclosures", "1001")[1:]
    assert told[0]["legitimate_interest"] == "inspection" and "exempt" in told[0]["record"], told
    assert high.json("disclosures", "1001", "--staff") == []  # not for coordinators
    assert "1 student" in told[0]["records"] and "enrollment" in told[0]["records"], told


def writes_down_how_many_were_listed_once_a_day(school):
    """Of lists, conflicts and exceptions: how many records, and none that was shown before."""
    high = school.high

    def found(kind, record_type):
        return school.server.sql(
            "SELECT n_records, person_id, school_id FROM listing WHERE made_on >= current_date - 1 AND"
            f" kind = '{kind}' AND record_type {record_type} ORDER BY seq")
    ann = [school.user[ANN], school.high_id]
    with school.offline():
        n_enrolled = len(high.json("list", "enrollment"))
        high.run("list", "enrollment")
        high.run("list", "school")  # about no student
        high.run("exceptions")
        high.run("conflicts")
    high.sync()
    assert found("list", "= 4") == [[str(n_enrolled), *ann]], found("list", "= 4")
    assert found("list", "= 1") == [] and len(found("exceptions", "IS NULL")) == 1
    high.add("enrollment", "student_id=1001", f"school_id={school.high_id}", "kind=host",
             "starts_on=2026-08-11")
    high.run("list", "enrollment")
    high.sync()
    assert found("list", "= 4")[1:] == [["1", *ann]], found("list", "= 4")
    events = json.loads(school.server.command("audit", "list", "--who", school.user[ANN], "--json"))
    said = [event["detail"] for event in events if "in a list" in event["detail"]]
    assert any(f"{n_enrolled} records in a list (list, type 4)" in one for one in said), said


def hands_out_one_student_without_a_word_of_another(school):
    folder = school.lab.folder / "for-the-mother"
    names = sorted(file.name for file in folder.iterdir())
    assert {"student.csv", "student.json", "placement.csv", "dictionary.csv",
            "README.txt", "history.csv"} <= set(names), names
    assert "record_access.csv" not in names, names
    every = {file.name: file.read_text() for file in folder.iterdir()}
    assert "A shop with [another student], as [another student] said" in every["student.csv"]
    for name, text in every.items():
        assert "Kim" not in text and "KIM" not in text, name


def lets_go_only_what_a_consent_names_and_while_it_holds(school):
    high, folder = school.high, school.lab.folder

    def disclose(name, basis, *words, **how):
        return high.run("disclose", *words, "--to", "Ridge Works", "--purpose", "a place",
                        "--basis", basis, "--out", folder / name, **how)
    said = disclose("r1", "consent", "all", code=lab.REFUSED)
    assert "no consent names this party" in said and not (folder / "r1").exists(), said
    consent = high.add("consent", "student_id=1001", f"school_id={school.high_id}",
                       "purpose=employer_data", "records=student;placement", "party=Ridge Works")
    grant = ("do", "consent", consent, "grant", "valid_from=2026-08-01", "signed_on=2026-08-01")
    said = high.run(*grant, code=lab.REFUSED)
    assert "signed_by" in said, said
    said = high.run(*grant, "signed_by=student", code=lab.REFUSED)
    assert "birth date is missing" in said, said
    high.run(*grant, "signed_by=guardian")
    said = high.run("set", "consent", consent, "party=Somebody else", code=lab.REFUSED)
    disclose("r2", "consent", "all")
    names = {file.name for file in (folder / "r2").iterdir()}
    assert {"student.csv", "placement.csv"} <= names and "enrollment.csv" not in names, names
    assert "Bo" not in (folder / "r2" / "student.csv").read_text()
    high.run("do", "consent", consent, "revoke", "reason=changed their mind")
    said = disclose("r3", "consent", "1001", code=lab.REFUSED)
    assert "was taken back" in said, said
    high.run("set", "student", "1001", "directory_opt_out=yes")
    disclose("r4", "directory", "all")
    text = (folder / "r4" / "student.csv").read_text()
    assert "Kim" in text and "Lee" not in text and "career_goal" in text, text
    high.sync()
    assert school.server.number("SELECT count(*) FROM mutation WHERE record_type IN "
                                "(150, 151) AND verdict <> 1") == 0


def totp(secret):
    """Six digits of RFC 6238 for now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    told = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = told[-1] & 15
    return f"{(int.from_bytes(told[at:at + 4], 'big') & 0x7FFFFFFF) % 1000000:06}"


def takes_out_more_than_the_ceiling_only_with_a_fresh_second_factor(school):
    office = school.office
    office.sync()
    said = office.call("login", DEE, "--password-file", "-", "--code", school.codes[DEE], "--json",
                       text=PASSWORDS[DEE] + "\n")[1]
    secret = json.loads(said)["factor_secret"]
    office.login(DEE, PASSWORDS[DEE], "--factor", totp(secret))
    office.run("rules", "change", "privacy", "us", "DI-BULK=bulk most:3", "--from",
               time.strftime("%Y-%m-%d"), "--source", "board policy 6.600")
    office.run("do", "rule_set", office.json("list", "rule_set")[0]["id"], "approve")
    office.sync()
    office.run("export", "student")  # two
    school.server.sql("UPDATE user_session SET factor = now() - interval '6 minutes'")
    said = office.run("export", "placement", code=lab.REFUSED)
    assert "more than 3 a day" in said and "authenticator" in said, said
    said = office.run("list", "placement", code=lab.REFUSED)  # into a pipe is out, too
    assert "more than 3 a day" in said, said
    with school.offline():
        said = office.run("export", "placement", code=lab.UNREACHABLE)
        assert "server's leave" in said, said
    school.server.sql("UPDATE user_session SET factor = now()")
    office.run("export", "placement")
    office.sync()
    events = school.server.sql("SELECT outcome FROM audit_event WHERE kind = 'bulk_read' ORDER BY 1")
    assert events == [["done"], ["refused"], ["refused"]], events
    found = [one for one in office.json("exceptions") if one["cause"] == "bulk_export"]
    assert [school.user[DEE] in one["text"] for one in found].count(True) == 1, found


def renews_a_certificate_that_is_over_for_staff_who_sign_in_and_for_nobody_else(school):
    """After a summer: the station itself is nobody, and a student is not staff."""
    high = school.high
    high.run("logout", "--yes")
    papers.backdate(papers.Desk(school), high, -120, -30)
    said = high.run("sync", code=lab.REFUSED)
    assert "staff signs in" in said and "practicum login" in said, said
    high.login("ann.lee", "a student has one too")
    said = high.run("sync", code=lab.REFUSED)
    assert "your role may not renew it" in said, said
    with school.offline():
        high.login(ANN, PASSWORDS[ANN])
    high.run("sync", code=lab.REFUSED)  # the server knows of no sign-in
    high.login(ANN, PASSWORDS[ANN])
    high.sync()
    assert papers.facts(high)[1] > 89 * papers.DAY_S
    assert school.server.number("SELECT count(*) FROM audit_event WHERE kind = 'renewal'") == 1


CASES = [
    sets_a_first_password_with_the_one_time_code,
    keeps_input_from_before_people_signed_in_as_a_draft,
    lets_nobody_enter_or_read_anything_while_nobody_is_signed_in,
    says_the_same_of_a_wrong_password_and_of_a_name_nobody_has,
    gives_each_of_two_people_their_own_work_when_it_is_sent_later,
    keeps_who_typed_a_paper_and_who_checked_it,
    refuses_a_wrong_password_without_the_server_and_waits_twice_as_long_each_time,
    keeps_what_is_entered_in_the_name_of_somebody_who_did_not_sign_in,
    opens_a_personal_device_only_while_one_of_its_people_is_signed_in,
    ends_a_turn_after_10_minutes_without_a_command,
    ends_sign_in_without_the_server_after_30_days_without_its_word,
    signs_out_at_its_next_contact_who_may_not_sign_in_any_more,
    forgets_a_password_that_was_replaced_elsewhere,
    is_signed_in_wholly_or_not_at_all_after_a_kill,
    shows_a_student_only_what_is_about_that_student,
    writes_down_without_the_network_who_looked_and_what_went_out,
    writes_down_how_many_were_listed_once_a_day,
    hands_out_one_student_without_a_word_of_another,
    lets_go_only_what_a_consent_names_and_while_it_holds,
    takes_out_more_than_the_ceiling_only_with_a_fresh_second_factor,
    renews_a_certificate_that_is_over_for_staff_who_sign_in_and_for_nobody_else,
]


def main():
    with lab.Lab(sys.argv[1]) as home:
        failed = cases.run(CASES, School(home))
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
