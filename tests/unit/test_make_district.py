#!/usr/bin/python3
"""usage: test_make_district.py ROSTER_CHECK

What tests/data/make-district writes is whole, repeats and is lawful. The limits are read off the
tables of RULES 5.2 and not from the generator.
"""
import collections
import csv
import datetime
import filecmp
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import tap
CHECK = ""


def make(folder, *options):
    subprocess.run([ROOT / "tests/data/make-district", "--out", folder, *options], check=True)
    return pathlib.Path(folder)


def rows(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def births(folder):
    """Student number -> birth date, from the 1.2 package."""
    with zipfile.ZipFile(folder / "roster.zip") as package:
        def members(name):
            return csv.DictReader(io.StringIO(package.read(name).decode("utf-8")))
        number = {row["sourcedId"]: row["identifier"] for row in members("users.csv")}
        return {
            number[row["sourcedId"]]: datetime.date.fromisoformat(row["birthDate"])
            for row in members("demographics.csv")}


def age(birth, day):
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def minutes(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


class Line:
    def __init__(self, row, birth):
        self.student = row["student_id"]
        self.day = datetime.date.fromisoformat(row["work_date"])
        self.week = row["week_start"]
        self.start, self.end = minutes(row["starts_at"]), minutes(row["ends_at"])
        self.break_start = minutes(row["break_starts_at"]) if row["break_starts_at"] else None
        self.pause = int(row["break_minutes"] or 0)
        self.worked = int(row["elapsed_minutes"])
        self.age = age(birth, self.day)


class MakeDistrict(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        top = pathlib.Path(cls.temporary.name)
        cls.new = make(top / "new", "--seed", "7", "--version", "1.2")
        cls.again = make(top / "again", "--seed", "7", "--version", "1.2")
        cls.old = make(top / "old", "--seed", "7", "--version", "1.1")
        cls.other = make(top / "other", "--seed", "8")
        cls.births = births(cls.new)
        cls.lines = [Line(row, cls.births[row["student_id"]]) for row in rows(cls.new, "hours")]
        cls.school_days = {
            datetime.date.fromisoformat(row["date"])
            for row in rows(cls.new, "calendar") if row["isSchoolDay"] == "true"}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def read(self, folder):
        done = subprocess.run(
            [CHECK, folder / "roster.zip"], stdout=subprocess.PIPE, check=False, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return dict(line.split() for line in done.stdout.splitlines())

    def test_both_versions_pass_the_strict_reader_and_name_the_same_people(self):
        new, old = self.read(self.new), self.read(self.old)
        for what in ("persons", "memberships", "guardianships", "enrollments"):
            self.assertEqual(new[what], old[what], what)
        self.assertGreater(int(old["users"]), int(new["users"]))
        self.assertEqual(new["users"], new["persons"])

    def test_the_same_seed_gives_the_same_bytes(self):
        names = sorted(path.name for path in self.new.iterdir())
        self.assertEqual(names, sorted(path.name for path in self.again.iterdir()))
        self.assertEqual(filecmp.cmpfiles(self.new, self.again, names, False)[0], names)

    def test_another_seed_gives_another_district(self):
        self.assertFalse(filecmp.cmp(self.new / "hours.csv", self.other / "hours.csv", False))

    def test_size_s_is_oak_ridge(self):
        self.assertEqual(len(rows(self.new, "placements")), 120)
        self.assertEqual(len(rows(self.new, "organizations")), 80)
        self.assertEqual(len(self.births), 1586)
        self.assertTrue(16400 <= len(self.lines) <= 17300, len(self.lines))
        self.assertEqual({row["kind"] for row in rows(self.new, "schools")}, {"high", "center"})

    def test_some_students_are_placed_by_both_schools(self):
        schools = collections.defaultdict(set)
        for row in rows(self.new, "placements"):
            schools[row["student_id"]].add(row["school_id"])
        self.assertEqual(sum(len(at) == 2 for at in schools.values()), 5)

    def test_every_reference_names_one_record(self):
        keys = {
            "organization_id": [row["name"] for row in rows(self.new, "organizations")],
            "site_id": [row["name"] for row in rows(self.new, "sites")],
            "supervisor_id": [
                f"{row['given_name']} {row['family_name']}"
                for row in rows(self.new, "supervisors")],
            "opportunity_id": [row["title"] for row in rows(self.new, "opportunities")],
            "placement_id": [row["title"] for row in rows(self.new, "placements")],
            "program_id": [row["code"] for row in rows(self.new, "programs")],
            "school_id": [row["code"] for row in rows(self.new, "schools")],
            "student_id": list(self.births),
        }
        for name, values in keys.items():
            self.assertEqual(len(values), len(set(values)), name)
        for name in ("sites", "supervisors", "opportunities", "placements", "hours", "time_sheets"):
            for row in rows(self.new, name):
                for column in keys.keys() & row.keys():
                    self.assertIn(row[column], keys[column], f"{name}.{column}")

    def test_times_of_day_and_minutes_agree(self):
        for line in self.lines:
            self.assertEqual(line.end - line.start - line.pause, line.worked)
            since_sunday = datetime.timedelta((line.day.weekday() + 1) % 7)
            self.assertEqual(line.week, str(line.day - since_sunday))

    def test_nobody_works_twice_at_once(self):
        days = collections.defaultdict(list)
        for line in self.lines:
            days[line.student, line.day].append((line.start, line.end))
        for shifts in days.values():
            shifts.sort()
            for (_, end), (start, _) in zip(shifts, shifts[1:]):
                self.assertLess(end, start)

    def test_nobody_under_18_works_in_class_hours(self):
        for line in self.lines:
            if line.age < 18 and line.day in self.school_days:
                self.assertGreaterEqual(line.start, 15 * 60)

    def test_14_and_15_keep_short_days_and_weeks(self):
        days, weeks = collections.Counter(), collections.Counter()
        young = [line for line in self.lines if line.age < 16]
        self.assertTrue(young)
        for line in young:
            self.assertGreaterEqual(line.age, 14)
            days[line.student, line.day] += line.worked
            weeks[line.student, line.week] += line.worked
            self.assertGreaterEqual(line.start, 7 * 60)
            self.assertLessEqual(line.end, 19 * 60)
        for (_, day), worked in days.items():
            self.assertLessEqual(worked, (3 if day in self.school_days else 8) * 60)
        self.assertLessEqual(max(weeks.values()), 18 * 60)

    def test_16_and_17_are_home_by_22_before_a_school_day(self):
        for line in self.lines:
            if line.age < 18:
                self.assertTrue(6 * 60 <= line.start and line.end <= 22 * 60)

    def test_six_hours_on_end_have_a_break_after_the_first_hour(self):
        long = [line for line in self.lines if line.age < 18 and line.end - line.start >= 360]
        self.assertTrue(long)
        for line in long:
            self.assertGreaterEqual(line.pause, 30)
            self.assertGreaterEqual(line.break_start, line.start + 60)

    def test_the_calendar_has_every_day_and_class_times(self):
        days = rows(self.new, "calendar")
        self.assertEqual(len(days), 365)
        for day in days:
            is_open = day["isSchoolDay"] == "true"
            self.assertEqual((day["schoolStart"], day["schoolEnd"]),
                             ("08:00", "15:00") if is_open else ("", ""))


if __name__ == "__main__":
    CHECK = sys.argv.pop()
    tap.main()
