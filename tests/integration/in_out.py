#!/usr/bin/python3
"""usage: in_out.py BUILD-FOLDER [--plain] [WORD...]

Files in and out with real processes: what an import moved comes back, every fault of a row is named,
an extract is written as it goes. --plain: what needs a build without sanitizers.
"""
import json
import sys

import cases
import imports
import lab

MEMORY = 32 * 1024 * 1024  # bytes that a process may hold


def moved_by(station, *words):
    """An import, the id of it and what takes it back."""
    out = station.json("import", "oneroster", *words)
    batch = out.get("import", out.get("id"))
    station.sync()

    def take_back():
        code, said, err = station.call("import", "reverse", batch, "--json")
        assert code == lab.DONE, err
        station.sync()
        return json.loads(said)

    return take_back


def an_enrollment_that_an_import_moved_is_again_as_it_was(office):
    """Ended and reopened, through the staging and through the outbox, with the planned end it had. Whose
    enrollment somebody moved since stays as they left it."""
    station, server = office.station, office.server
    left = office.without("away.zip", lambda row: row["role"] == "student" and row["roleType"] == "secondary", 3)
    gone = sorted(row["id"] for row in station.json("import", "oneroster", left, "--preview")["changes"]
                  if row["type"] == "enrollment")
    stays = f"SELECT state, ends_on FROM enrollment WHERE id IN {tuple(gone)} ORDER BY id"
    for how in ([], ["--staged"]):
        station.run("set", "enrollment", gone[0], "ends_on=2027-05-28")
        station.sync()
        begun = [["active", "2027-05-28"], ["active", ""], ["active", ""]]
        assert server.sql(stays) == begun, how
        take_back = moved_by(station, left, *how)
        ended = server.sql(stays)
        assert {state for state, _ in ended} == {"ended"} and "2027-05-28" not in ended[0], ended
        take_back()
        assert server.sql(stays) == begun, how
        moved_by(station, left)
        ended = server.sql(stays)
        take_back = moved_by(station, office.roster, *how)
        assert server.sql(stays) == [["active", ""]] * 3, how
        take_back()
        assert server.sql(stays) == ended, how
        moved_by(station, office.roster)
    assert server.number("SELECT count(*) FROM rejected") == server.number("SELECT count(*) FROM conflict") == 0
    take_back = moved_by(station, left, "--staged")
    station.run("do", "enrollment", gone[1], "reopen", "reason=still here")
    station.sync()
    assert [(row["id"], row["reason"]) for row in take_back()["list"]] == \
        [(gone[1], "it was changed since the import")]


def flaws_of(office, word, text, *more):
    """What the import of the text says: (line, column) of every fault, and its JSON."""
    file = office.data / "bad.csv"
    file.write_text(text, encoding="utf-8")
    code, out, err = office.station.call("import", word, file, "--preview", "--json", *more)
    assert code == lab.DONE, err
    out = json.loads(out)
    return [(flaw["line"], flaw["column"]) for flaw in out["flaws"]], out


def every_fault_of_a_row_is_named_with_its_column(office):
    school = office.server.sql("SELECT code FROM school WHERE NOT deleted LIMIT 1")[0][0]
    head = "identifier,school_id,given_name,family_name,grade,birth_date,email,program_id,do,do.left_on\n"
    long = "x" * 300
    found, out = flaws_of(office, "student", head
                          + f"Q1,{school},Ann,Orr,11,2010-02-03,,,,\n"
                          f"Q2,nowhere,,Poe,eleven,2010-02-30,{long},,graduate,soon\n"
                          f"Q3,{school},Al,{long},11,,{long},01a20382-0d96-7279-a1f2-b2d11a205abd,,\n"
                          f",{school},Bo,,40,,,,dance,\n"
                          f"Q5,{school},Cy\n")
    assert found == [
        (3, "school_id"), (3, "grade"), (3, "birth_date"), (3, "do.left_on"), (3, "given_name"), (3, "email"),
        (4, "family_name"), (4, "program_id"), (4, "email"),
        (5, "do"), (5, "identifier"), (5, "family_name"), (5, "grade"),
        (6, "")], out["flaws"]
    assert out["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "refused": 4}, out["counts"]


def every_fault_of_a_delivered_row_is_named_as_the_file_calls_it(office):
    head = "studentIdentifier,cteProgramCip,cteConcentrator,concentratorDate,englishLearner,graduationDate\n"
    found, out = flaws_of(office, "supplement", head + "nobody,99.9999,maybe,2026-13-01,perhaps,never\n,,,,,x\n")
    assert found == [
        (2, "cteConcentrator"), (2, "concentratorDate"), (2, "graduationDate"), (2, "cteProgramCip"),
        (2, "englishLearner"), (2, "studentIdentifier"), (3, "graduationDate"), (3, "studentIdentifier")], found
    assert out["counts"]["refused"] == 2, out
    found, out = flaws_of(office, "calendar", "leaid,date,isSchoolDay,schoolStart,schoolEnd\n"
                          "4703240,2026-09-04,true,07:45,14:45\n1,2026-02-30,perhaps,7,25:00\n")
    assert found == [(3, "leaid"), (3, "isSchoolDay"), (3, "date"), (3, "schoolStart"), (3, "schoolEnd")], out


def a_cell_refers_as_a_person_does_by_number_name_or_id(office):
    """What is looked up for the whole file at once leads where `practicum show` does, or says why it does not."""
    [[number, one]] = office.server.sql("SELECT identifier, id FROM student WHERE NOT deleted ORDER BY 1 LIMIT 1")
    [[name, several]] = office.server.sql("SELECT family_name, count(*) FROM student WHERE NOT deleted GROUP BY 1 "
                                          "HAVING count(*) > 1 ORDER BY 1 LIMIT 1")
    file = office.data / "refers.csv"
    file.write_text("student_id,name,relation\n" + "".join(
        f"{word},G{line},parent\n" for line, word in enumerate((number, one, name.upper(), "nobody at all"), 2)),
        encoding="utf-8")
    out = office.station.json("import", "guardian", file, "--preview")
    said = {flaw["line"]: flaw["reason"] for flaw in out["flaws"] if flaw["column"] == "student_id"}
    assert said == {4: f"{several} student records match {name.upper()}; name one by its id:",
                    5: "no student is called nobody at all here; practicum list student shows those that are"}, (said, out["flaws"])


def an_extract_takes_no_more_memory_than_a_record_of_it(office):
    """Each row of this one is 40 KiB; together they are more than the process may hold."""
    file = office.data / "wide.json"
    file.write_text(json.dumps({"title": "Wide", "type": "student", "columns": [
        {"name": "number", "field": "identifier"}, {"name": "filler", "value": "x" * 40960}]}))
    n = office.server.number("SELECT count(*) FROM student WHERE NOT deleted")
    assert n * 40960 > 1.5 * MEMORY, n
    code, out, err = office.station.call("export", "--map", file, prefix=("prlimit", f"--data={MEMORY}"))
    assert code == lab.DONE and f"{n} rows" in err, err
    assert out.count("\n") == n + 1
    office.station.sync()
    assert office.server.number("SELECT count(*) FROM record_access WHERE kind = 'exported'") == n


def a_slip_in_a_mapping_file_or_in_the_words_writes_no_row(office):
    """A filter whose name is misspelt would let every record out, as would a folder that nobody looks at."""
    columns = [{"name": "number", "field": "identifier"}]
    file = office.data / "slip.json"
    for mapping, said in (
            ({"columns": columns, "filters": []}, "mapping: no member is called filters; there are title, type,"),
            ({"columns": columns, "filter": {"field": "grade"}}, "filter: want a list"),
            ({"columns": columns, "filter": [{"field": "grade", "on": ["9"]}]}, "filter: no member is called on"),
            ({"columns": [{"name": "number", "feild": "identifier"}]}, "columns: no member is called feild"),
            ({"columns": ["identifier"]}, "columns: want an object"),
            ({"columns": columns, "party": 5}, "mapping: party: want a text"),
            ({"columns": columns, "purpose": "x"}, "purpose: want party, purpose and basis together"),
            ({"columns": [{"name": "a", "value": 5}]}, "columns: value: want a text"),
            ({"columns": "identifier"}, "columns: want a list with at least one"),
            ({"columns": [{"name": "a", "field": "school_id.town"}]}, "a: school_id.town leads to no field")):
        file.write_text(json.dumps({"type": "student", **mapping}), encoding="utf-8")
        code, out, err = office.station.call("export", "--map", file)
        assert code == lab.REFUSED and out == "" and f"slip.json: {said}" in err, (mapping, err)
    file.write_text("[", encoding="utf-8")
    assert "line 1, column 1" in office.station.run("export", "--map", file, code=lab.REFUSED)
    assert "line" not in office.station.run("export", "--map", "/nowhere.json", code=lab.REFUSED)
    for words, said in ((("export", "student", "--out", office.data / "x"), "--out is for"),
                        (("export", "student", "--map", file), "leave student out"),
                        (("import", "student"), "name the file")):
        code, out, err = office.station.call(*words)
        assert code == lab.USAGE and out == "" and said in err, (words, err)
    assert "no record type frobnicate" in office.station.run("import", "frobnicate", code=lab.REFUSED)


def an_extract_with_a_gap_writes_no_row(office):
    file = office.data / "gap.json"
    file.write_text(json.dumps({"title": "Gap", "type": "student", "columns": [
        {"name": "number", "field": "identifier"}, {"name": "grade", "field": "grade", "codes": {"9": "A"}}]}))
    code, out, err = office.station.call("export", "--map", file)
    assert code == lab.REFUSED and out == "" and "has no code" in err and "nothing was written" in err, err


PLAIN_CASES = [
    an_extract_takes_no_more_memory_than_a_record_of_it,
]
CASES = [
    a_cell_refers_as_a_person_does_by_number_name_or_id,
    an_extract_with_a_gap_writes_no_row,
    a_slip_in_a_mapping_file_or_in_the_words_writes_no_row,
    every_fault_of_a_row_is_named_with_its_column,
    every_fault_of_a_delivered_row_is_named_as_the_file_calls_it,
    an_enrollment_that_an_import_moved_is_again_as_it_was,
]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    wanted = cases.chosen(CASES, PLAIN_CASES)
    with lab.Lab(sys.argv[1]) as here:
        office = imports.Office(here)
        office.station.run("import", "oneroster", office.roster, "--staged")
        office.station.sync()
        failed = cases.run(wanted, office)
        here.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
