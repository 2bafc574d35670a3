#!/usr/bin/python3
"""usage: test_hours.py PRACTICUM

practicum hours check from outside: what it reads, prints and refuses, and its verdicts beside those
of a second implementation (tests/support/hours_oracle.py) over drawn years.
"""
import collections
import csv
import datetime
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
sys.dont_write_bytecode = True
import hours_oracle
import tap

PRACTICUM = ""
DAY = datetime.timedelta(days=1)
CALENDAR_HEAD = "date,kind,class_start,class_end"
ENTRY_HEAD = ("date,start,end,break_start,break_minutes,parental_consent,"
              "student_learner_agreement,ho")


def school_year():
    """Monday to Friday from 2026-08-05 to 2027-05-21 but Labor Day and the week of 2026-10-05."""
    day, last = datetime.date(2026, 5, 31), datetime.date(2027, 8, 14)
    while day <= last:
        free = datetime.date(2026, 10, 5) <= day <= datetime.date(2026, 10, 9)
        if not datetime.date(2026, 8, 5) <= day <= datetime.date(2027, 5, 21):
            yield day, "summer"
        elif day.isoweekday() >= 6 or free or day == datetime.date(2026, 9, 7):
            yield day, "break" if free else "holiday"
        else:
            yield day, "school"
        day += DAY


def calendar_text():
    return "\n".join([CALENDAR_HEAD] + [
        f"{day},{kind},{'08:00,15:00' if kind == 'school' else ','}"
        for day, kind in school_year()]) + "\n"


class Lab(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.calendar = calendar_text()

    def run_check(self, entries, birth="2011-03-01", *more, json_form=True):
        (self.folder / "days.csv").write_bytes(
            self.calendar if isinstance(self.calendar, bytes) else self.calendar.encode())
        (self.folder / "work.csv").write_bytes(
            entries if isinstance(entries, bytes) else entries.encode())
        return self.command("--birth-date", birth, "--calendar", "days.csv", "--entries",
                            "work.csv", *(["--json"] if json_form else []), *more)

    def command(self, *words):
        """Away from any replica: the command needs none."""
        return subprocess.run(
            [PRACTICUM, "hours", "check", "--rules", "us-tn", *words], cwd=self.folder,
            env={**os.environ, "PRACTICUM_HOME": str(self.folder / "none"), "LC_ALL": "C"},
            capture_output=True, text=True, timeout=60)

    def judged(self, *rows, birth="2011-03-01"):
        done = self.run_check("\n".join((ENTRY_HEAD, *rows)) + "\n", birth)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def refused(self, entries, words):
        done = self.run_check(entries)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(words, done.stderr)


A, B, C, THIRTEEN = "2011-03-01", "2010-05-20", "2009-05-20", "2013-03-01"

# RULES 5.6 by its numbers: birth date, entries, what the last one breaks. The week of 5 and 7 is filled up as the text says,
# "17" and "a free day" are given dates; of 19 the command has only the flag that the agreement is not complete.
VECTORS = {
    1: (A, ["2026-08-11,16:00,20:00,,,0,0,"], {"FED-14-DAY-S", "TN-14-DAY-S", "TN-14-NIGHT-S"}),
    3: (A, ["2026-09-18,16:00,19:30,,,0,0,"], {"FED-14-DAY-S", "TN-14-DAY-S", "FED-14-PM"}),
    5: (A, [f"2026-09-{day},15:00,{end},,,0,0," for day, end in
            ((14, "18:00"), (15, "18:00"), (16, "18:00"), (17, "17:00"))]
        + ["2026-09-19,08:00,16:30,12:00,30,0,0,"], {"FED-14-WEEK-S", "TN-14-WEEK-S"}),
    7: (A, [f"2026-10-{day:02},09:00,17:30,12:00,30,0,0," for day in range(5, 10)]
        + ["2026-10-10,10:00,11:00,,,0,0,"], {"FED-14-WEEK-N", "TN-14-WEEK-N"}),
    9: (A, ["2026-07-15,12:00,21:00,16:00,60,0,0,"], set()),
    11: (B, ["2026-10-14,18:00,22:30,,,1,0,"], set()),
    "11, a fourth evening": (B, [f"2026-10-{day},18:00,22:30,,,1,0," for day in range(11, 15)],
                             {"TN-16-NIGHT-CONSENT"}),
    13: (B, ["2026-10-18,18:00,22:15,,,0,0,"], {"TN-16-NIGHT"}),
    15: (C, ["2026-10-05,14:00,20:20,,,0,0,"], {"TN-BREAK"}),
    17: (THIRTEEN, ["2026-08-15,10:00,11:00,,,0,0,"], {"FED-MIN", "TN-MIN"}),
    19: (C, ["2026-10-05,10:00,11:00,,,0,0,8"], {"FED-HO-8"}),
}


def two_school_years():
    """The calendar that tests/data/hours_vectors.txt describes, until 2028-12-30."""
    day, rows = datetime.date(2026, 1, 1), [CALENDAR_HEAD]
    while day <= datetime.date(2028, 12, 30):
        text = str(day)
        in_year = "2026-01-05" <= text <= "2026-05-22" or "2026-08-05" <= text <= "2027-05-28"
        free = (day.isoweekday() >= 6 or text in ("2026-09-07", "2026-11-26", "2026-11-27")
                or "2026-10-05" <= text <= "2026-10-09" or "2026-12-21" <= text <= "2027-01-01")
        rows.append(f"{text},summer,," if not in_year
                    else f"{text},holiday,," if free else f"{text},school,08:00,15:00")
        day += DAY
    return "\n".join(rows) + "\n"


def entry_row(words):
    """The line of the entries' file for "2026-10-14 18:00-22:30 b=20:00/30 c l ho=8"."""
    day, times, *more = words.split()
    facts = dict(word.split("=") if "=" in word else (word, "1") for word in more)
    return ",".join((day, *times.split("-"), *facts.get("b", "/").split("/"), facts.get("c", "0"),
                     facts.get("l", "0"), facts.get("ho", "")))


def cases_by_hand():
    """Birth date, options, rows and (minutes, rules) of each case of hours_vectors.txt."""
    cases = []
    for line in (ROOT / "tests/data/hours_vectors.txt").read_text("ascii").splitlines():
        if line.startswith("    "):
            words, expected = line.split(" = ")
            minutes, *rules = expected.split()
            cases[-1][2].append(entry_row(words))
            cases[-1][3].append((int(minutes), sorted(rules)))
        elif not line.startswith("#"):
            birth, *options = line.split()
            cases.append((birth, options, [], []))
    return cases


class Check(Lab):
    def test_each_case_that_was_worked_out_by_hand(self):
        self.calendar = two_school_years()
        cases = cases_by_hand()
        self.assertGreaterEqual(len(cases), 100)
        for birth, options, rows, expected in cases:
            with self.subTest(birth=birth, rows=rows):
                done = self.run_check("\n".join((ENTRY_HEAD, *rows)) + "\n", birth, *options)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual([(one["minutes"], sorted(one["violations"]))
                                  for one in json.loads(done.stdout)], expected)

    def test_each_vector_of_the_rules_by_its_number(self):
        for number, (birth, rows, broken) in VECTORS.items():
            with self.subTest(number):
                *before, last = self.judged(*rows, birth=birth)
                self.assertEqual(set(last["violations"]), broken)
                self.assertEqual([one["violations"] for one in before], [[] for _ in before])

    def test_an_entry_has_number_minutes_violations_and_notes(self):
        self.assertEqual(self.judged("2026-08-11,16:00,20:00,,,0,0,"), [
            {"entry": 1, "minutes": 240, "notes": [],
             "violations": ["FED-14-DAY-S", "TN-14-NIGHT-S", "TN-14-DAY-S"]}])

    def test_entries_are_answered_in_their_order(self):
        answer = self.judged("2026-10-14,18:30,19:00,,,0,0,", "2026-10-14,15:00,17:45,,,0,0,")
        self.assertEqual([one["entry"] for one in answer], [1, 2])
        self.assertEqual([one["violations"] for one in answer],
                         [["FED-14-DAY-S", "TN-14-DAY-S"], []])

    def test_what_an_exemption_lifts_is_a_note(self):
        done = self.run_check(f"{ENTRY_HEAD}\n2026-10-05,10:00,16:00,,,0,1,8\n", "2009-05-20")
        answer = json.loads(done.stdout)[0]
        self.assertEqual(answer["violations"], [])
        self.assertEqual([note.split()[0] for note in answer["notes"]], ["FED-HO-8", "TN-BREAK"])

    def test_no_entries_is_an_empty_array(self):
        self.assertEqual(self.judged(), [])

    def test_marks_line_ends_blank_lines_and_column_order_do_not_matter(self):
        rows = "ho,start,end,date,break_minutes,break_start,parental_consent," \
               "student_learner_agreement\r\n\r\n,16:00,20:00,2026-08-11,,,0,0\r\n"
        self.calendar = self.calendar.replace("\n", "\r\n")
        done = self.run_check(b"\xef\xbb\xbf" + rows.encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)[0]["minutes"], 240)

    def test_a_further_column_is_named_once(self):
        done = self.run_check(f"{ENTRY_HEAD},note\n2026-08-11,16:00,17:00,,,0,0,,a\n"
                              "2026-08-12,16:00,17:00,,,0,0,,b\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, "practicum hours: work.csv: columns not read: note\n")

    def test_a_bad_row_is_refused_with_file_line_and_remedy(self):
        for row, words in (
                ("2026-8-11,16:00,20:00,,,0,0,",
                 'work.csv line 2, column date: "2026-8-11" is no day; write YYYY-MM-DD'),
                ("2026-02-30,16:00,20:00,,,0,0,", 'column date: "2026-02-30" is no day'),
                ("2026-08-11,9:00,20:00,,,0,0,", 'column start: "9:00" is no time of day'),
                ("2026-08-11,16:00,24:00,,,0,0,", 'column end: "24:00" is no time of day'),
                ("2026-08-11,16:00,,,,0,0,", 'column end: "" is no time of day'),
                ("2026-08-11,16:00,16:00,,,0,0,", "column end: nothing lies between"),
                ("2027-03-14,02:30,03:30,,,0,0,", "column end: nothing lies between"),
                ("2026-08-11,16:00,20:00,15:00,30,0,0,", "column break_start: the break does not"),
                ("2026-08-11,16:00,20:00,19:45,30,0,0,", "column break_start: the break does not"),
                ("2026-08-11,16:00,20:00,17:00,,0,0,", "column break_minutes: break_start is given"),
                ("2026-08-11,16:00,20:00,,-5,0,0,", 'column break_minutes: "-5" is no number'),
                ("2026-08-11,16:00,20:00,,,yes,0,", 'column parental_consent: "yes" is no flag'),
                ("2026-08-11,16:00,20:00,,,0,2,",
                 'column student_learner_agreement: "2" is no flag'),
                ("2026-08-11,16:00,20:00,,,0,0,18", 'column ho: "18" is no hazardous order'),
                ("2026-08-11,16:00,20:00,,,0,0,0", 'column ho: "0" is no hazardous order'),
                ("2026-08-11,16:00,20:00", "line 2: 3 cells, and the first line has 8"),
                ("2010-08-11,16:00,20:00,,,0,0,", "column date: is before the birth date")):
            with self.subTest(row):
                self.refused(f"{ENTRY_HEAD}\n{row}\n", words)

    def test_lines_are_counted_with_blank_ones_and_all_flaws_are_said(self):
        done = self.run_check(f"{ENTRY_HEAD}\n\n2026-08-11,x,20:00,,,0,0,\n\n"
                              "2026-08-12,16:00,y,,,0,0,\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("work.csv line 3, column start", done.stderr)
        self.assertIn("work.csv line 5, column end", done.stderr)

    def test_a_missing_column_and_an_empty_file_are_refused(self):
        self.refused("date,start,end\n", "line 1, column break_start, break_minutes, parental_consent, "
                     "student_learner_agreement, ho: are missing; the first line "
                     f"must be {ENTRY_HEAD}")
        self.refused(ENTRY_HEAD.replace(",ho", "") + "\n", "line 1, column ho: is missing")
        self.refused("", "line 1, column date, start, end, ")
        self.refused("\xef\xbb\xbf", "line 1, column date, start, end, ")

    def test_columns_between_semicolons_are_told_as_that(self):
        self.refused(ENTRY_HEAD.replace(",", ";") + "\n", "separated by semicolons; save the file with commas")

    def test_text_that_is_no_csv_is_refused(self):
        self.refused(f'{ENTRY_HEAD}\n"2026-08-11"x,16:00,20:00,,,0,0,\n',
                     "line 2: a quote is out of place")
        self.refused(b"\xff\xfed\0a\0", "not UTF-8 text")

    def test_a_bad_calendar_is_refused(self):
        row = f"{ENTRY_HEAD}\n2026-08-11,16:00,20:00,,,0,0,\n"
        for old, new, words in (
                ("2026-08-11,school,08:00,15:00", "2026-08-11,school,,",
                 "a school day needs class_start and class_end"),
                ("2026-08-11,school,08:00,15:00", "2026-08-11,school,15:00,08:00",
                 'column class_end: "08:00" must be later than class_start'),
                ("2026-08-11,school,", "2026-08-11,School,", 'column kind: "School" is no kind'),
                ("2026-08-11,school,", "2026-08-10,school,",
                 "column date: 2026-08-10 stands in line 73 already"),
                (CALENDAR_HEAD, "date,kind,class_start", "column class_end: is missing")):
            with self.subTest(new):
                self.calendar = calendar_text().replace(old, new)
                self.refused(row, words)
                self.assertIn("days.csv line", self.run_check(row).stderr)

    def test_the_calendar_has_the_week_and_the_day_after_it(self):
        row = f"{ENTRY_HEAD}\n2026-08-11,16:00,18:00,,,0,0,\n"
        week = [line for line in calendar_text().splitlines() if "2026-08-09" <= line < "2026-08-17"]
        self.calendar = "\n".join([CALENDAR_HEAD] + week)
        self.assertEqual(self.run_check(row).returncode, 0)
        for day in ("2026-08-09", "2026-08-12", "2026-08-15", "2026-08-16"):
            self.calendar = "\n".join([CALENDAR_HEAD] + [
                line for line in week if not line.startswith(day)])
            self.refused(row, f"work.csv line 2, column date: the calendar must have the whole "
                         f"week, Sunday to Saturday, and the day after it; add {day} to days.csv")

    def test_usage_is_64(self):
        for words in ((), ("--birth-date", "2011-3-1", "--calendar", "a", "--entries", "b"),
                      ("--birth-date", "2011-03-01", "--calendar", "a", "--entries", "b",
                       "--enrolled", "yes"),
                      ("--birth-date", "2011-03-01", "--calendar", "a", "--entries", "b",
                       "--zone", "Mars/Olympus"),
                      ("--birth-date", "2011-03-01", "--calendar", "a", "--entries", "b",
                       "--rules", "us-zz"), ("--wrong",)):
            with self.subTest(words):
                self.assertEqual(self.command(*words).returncode, 64)

    def test_a_missing_file_is_refused(self):
        done = self.command("--birth-date", "2011-03-01", "--calendar", "a.csv", "--entries", "b")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a.csv", done.stderr)

    def test_people_read_the_words_of_the_rule_and_its_source(self):
        done = self.run_check(f"{ENTRY_HEAD}\n2026-08-11,16:00,20:00,,,0,0,\n"
                              "2026-08-12,16:00,17:00,,,0,0,\n", json_form=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("At most 3 hours on a school day, Fridays too.", done.stdout)
        self.assertIn("29 CFR 570.35(a)(5)", done.stdout)
        self.assertIn("lawful", done.stdout)


def draw_time(draw):
    """Often one of the limits or next to it."""
    minute = draw.choice((0, 360, 420, 480, 900, 1140, 1260, 1320, draw.randrange(1440)))
    return (minute + draw.choice((0, 0, -1, 1, -30, 60))) % 1440


def text_of(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def draw_entry(draw, date):
    start, end = draw_time(draw), draw_time(draw)
    length = (end - start) % 1440
    row = {"date": str(date), "start": text_of(start), "end": text_of(end), "break_start": "",
           "break_minutes": "", "parental_consent": str(draw.randrange(2)),
           "student_learner_agreement": str(int(draw.random() < 0.2)),
           "ho": str(draw.randrange(1, 18)) if draw.random() < 0.1 else ""}
    if length > 130 and draw.random() < 0.5:
        row["break_minutes"] = str(draw.choice((15, 29, 30, 31, 60)))
        if draw.random() < 0.7:
            row["break_start"] = text_of((start + draw.randrange(30, length - 60)) % 1440)
    return row if length > 0 else None


def draw_year(draw):
    """Entries of a year that do not overlap, some of them touching."""
    entries, free, date = [], 0, datetime.date(2026, 6, 1)
    while date < datetime.date(2027, 7, 25):
        entry = draw_entry(draw, date)
        number = date.toordinal() * 1440
        start = number + int(entry["start"][:2]) * 60 + int(entry["start"][3:]) if entry else 0
        if entry and start >= free:
            entries.append(entry)
            length = (int(entry["end"][:2]) * 60 + int(entry["end"][3:]) - start) % 1440
            free = start + length
            if draw.random() < 0.3 and length < 900:
                cut = dict(entry, start=entry["end"], date=str(
                    datetime.date.fromordinal(free // 1440)), break_start="", break_minutes="")
                cut["end"] = text_of((free + draw.randrange(1, 400)) % 1440)
                if cut["end"] != cut["start"]:
                    entries.append(cut)
                    free += (int(cut["end"][:2]) * 60 + int(cut["end"][3:]) - free) % 1440
        date += DAY * draw.randrange(0, 4)
    draw.shuffle(entries)
    return [one for one in entries if not one["date"] in ("2026-11-01", "2027-03-14")
            or "03:30" <= one["start"]]


class Twin(Lab):
    """Both implementations over drawn years."""

    def test_the_second_implementation_agrees(self):
        calendar = {day: (kind, 480, 900) for day, kind in school_year()}
        for seed in range(12):
            draw = random.Random(seed)
            birth = datetime.date(2026, 12, 1) - DAY * draw.randrange(13 * 365, 19 * 365)
            zone = draw.choice(("America/New_York", "America/Chicago"))
            enrolled = draw.random() < 0.8
            entries = draw_year(draw)
            with open(self.folder / "drawn.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, ENTRY_HEAD.split(","))
                writer.writeheader()
                writer.writerows(entries)
            done = self.run_check((self.folder / "drawn.csv").read_bytes(), str(birth), "--zone",
                                  zone, "--enrolled", str(int(enrolled)))
            self.assertEqual(done.returncode, 0, done.stderr)
            answer = [(one["minutes"], set(one["violations"])) for one in json.loads(done.stdout)]
            wanted = hours_oracle.judge(entries, calendar, birth, zone, enrolled)
            for entry, got, expected in zip(entries, answer, wanted, strict=True):
                self.assertEqual(got, expected, (seed, birth, zone, enrolled, entry))


class District(Lab):
    """The years that tests/data/make-district writes are lawful."""

    def births(self, folder):
        with zipfile.ZipFile(folder / "roster.zip") as package:
            def members(name):
                return csv.DictReader(io.StringIO(package.read(name).decode("utf-8")))
            numbers = {row["sourcedId"]: row["identifier"] for row in members("users.csv")}
            return {numbers[row["sourcedId"]]: row["birthDate"]
                    for row in members("demographics.csv")}

    def rows(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def judge_district(self, seed):
        """How many placements and entries there are; none of them breaks a rule."""
        subprocess.run([ROOT / "tests/data/make-district", "--seed", str(seed), "--out",
                        self.folder / "d"], check=True)
        births = self.births(self.folder / "d")
        self.calendar = "\n".join([CALENDAR_HEAD] + [
            f"{row['date']},{'school' if row['isSchoolDay'] == 'true' else 'holiday'},"
            f"{row['schoolStart']},{row['schoolEnd']}"
            for row in self.rows(self.folder / "d/calendar.csv")])
        entries = collections.defaultdict(list)
        for row in self.rows(self.folder / "d/hours.csv"):
            entries[row["student_id"]].append(row)
        for student, lines in entries.items():
            answer = self.judged(*(
                ",".join((line["work_date"], line["starts_at"], line["ends_at"],
                          line["break_starts_at"], line["break_minutes"], "0", "0", ""))
                for line in lines), birth=births[student])
            self.assertEqual([one["violations"] for one in answer], [[]] * len(lines), student)
            self.assertEqual([one["minutes"] for one in answer],
                             [int(line["elapsed_minutes"]) for line in lines])
        return len(self.rows(self.folder / "d/placements.csv"))

    def test_a_year_of_500_lawful_placements_yields_no_violation(self):
        self.assertGreaterEqual(sum(self.judge_district(seed) for seed in range(1, 6)), 500)


if __name__ == "__main__":
    PRACTICUM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    tap.main()
