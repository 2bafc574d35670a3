"""Partners, placements and hours as CSV. The columns are the fields of the record types.

A reference is the one value that names the record among all of the file: the code of a school or a
program, the number of a student or of staff, the name of a firm or a site, the first and last name
of a supervisor, the title of an opportunity or a placement. A line of hours.csv belongs to the time
sheet of its placement and week.
"""

import csv
import random

from . import plan, words, year

ZONE = "America/New_York"
KINDS = ["internship", "cooperative", "on_the_job"]
SEATS = 4
ABSENT = 0.015  # of the lines
GOAL_MINUTES = 360 * 60

AFTERNOON, EVENING, MORNING, NOON = 15 * 60 + 30, 17 * 60, 9 * 60, 13 * 60
SUN, MON, TUE, WED, THU, FRI, SAT = range(7)


def shifts(start, minutes, *days):
    """(days after Sunday, start, minutes) each."""
    return [(day, start, minutes) for day in days]


# Four times a week, ten hours in all. In a school week nobody begins before 15:30 on a school day;
# RULES 5.2 bounds the rest: not yet 16, at most 3 h a school day, done by 19:00; under 18, a break
# in 6 hours, done by 22:00 before a school day.
ANY_AGE = [
    ("Mon Wed Fri afternoons, Sat",
     shifts(AFTERNOON, 140, MON, WED, FRI) + shifts(MORNING, 180, SAT)),
    ("Mon to Thu afternoons", shifts(AFTERNOON, 150, MON, TUE, WED, THU)),
    ("Tue Thu afternoons, weekend",
     shifts(NOON, 180, SUN) + shifts(AFTERNOON, 120, TUE, THU) + shifts(MORNING, 180, SAT)),
]
FROM_16 = ANY_AGE + [
    ("Mon Tue Thu afternoons, Sat",
     shifts(AFTERNOON, 90, MON, TUE, THU) + shifts(MORNING, 330, SAT)),
    ("Tue Wed Thu afternoons, Sat",
     shifts(AFTERNOON, 80, TUE, WED, THU) + shifts(MORNING, 360, SAT)),
    ("Mon Tue Thu evenings, Sat",
     shifts(EVENING, 160, MON, TUE, THU) + shifts(MORNING, 120, SAT)),
]
BESIDE_ANOTHER = ("Fri afternoon, Sat", shifts(AFTERNOON, 150, FRI) + shifts(MORNING, 240, SAT))
LONG_SHIFT = 345  # minutes; from here on half an hour's break at noon
BREAK_AT = 12 * 60


class Table:
    """One CSV file; rows are dicts of some of its columns."""

    def __init__(self, folder, name, columns):
        self.file = open(folder / f"{name}.csv", "w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(columns.split())

    def __enter__(self):
        return self.writer.writerow

    def __exit__(self, *_):
        self.file.close()


def write(district, folder):
    write_schools(district, folder)
    write_programs(folder)
    write_calendar(district, folder)
    write_partners(district, folder)
    write_work(district, folder)


def write_schools(district, folder):
    """A center has the grades of those who attend it (plan.choose()), as the roster says them."""
    with Table(folder, "schools", "code name nces_id kind zone lowest_grade highest_grade") as row:
        for school in district.schools:
            kind, lowest = ("center", 11) if school.center else ("high", 9)
            row([school.nces, school.name, school.nces, kind, ZONE, lowest, 12])


def write_programs(folder):
    with Table(folder, "programs", "code name cluster cip_code level minutes_per_credit") as row:
        for n, program in enumerate(plan.PROGRAMS):
            row([f"P{n}", program.name, program.cluster, program.cip, "program", 10800])


def write_calendar(district, folder):
    with Table(folder, "calendar", "leaid date isSchoolDay schoolStart schoolEnd") as row:
        for day in year.days(year.FIRST, year.LAST):
            if year.is_school_day(day):
                row([district.leaid, day.isoformat(), "true", year.CLASS_START, year.CLASS_END])
            else:
                row([district.leaid, day.isoformat(), "false", "", ""])


class Firm:
    """The n-th employer; it offers work in one program. Its names are its own."""

    def __init__(self, n):
        self.program = n % len(plan.PROGRAMS)
        self.n = n
        nouns = plan.PROGRAMS[self.program].firms
        rest = n // len(plan.PROGRAMS)
        noun, rest = nouns[rest % len(nouns)], rest // len(nouns)
        family = words.FAMILY[(rest * 37 + self.program * 11) % len(words.FAMILY)]
        rounds = rest // len(words.FAMILY)
        place = f" of {words.PLACES[rounds - 1].replace('_', ' ')}" if rounds else ""
        self.name = f"{family} {noun}{place}"
        self.title = f"{plan.PROGRAMS[self.program].name} at {self.name}"

    def supervisor(self):
        """First and last name, not shared with any other supervisor."""
        rest, given = divmod(self.n, len(words.GIVEN))
        rounds, family = divmod(rest, len(words.FAMILY))
        initial = f" {chr(ord('A') + rounds)}." if rounds else ""
        return words.GIVEN[given] + initial, words.FAMILY[(family * 41 + given) % len(words.FAMILY)]


def firms(district):
    return (Firm(n) for n in range(district.size.employers))


def firm_for(district, program, n):
    """The employer of the n-th placement in a program."""
    step = len(plan.PROGRAMS)
    n_firms = -(-(district.size.employers - program) // step)
    return Firm(program + n % n_firms * step)


def write_partners(district, folder):
    with (
        Table(folder, "organizations", "name kind sector n_employees contact_name email phone "
              "street city region postal_code") as organization,
        Table(folder, "sites", "organization_id name street city region postal_code zone capacity "
              "phone") as site,
        Table(folder, "supervisors", "organization_id given_name family_name site_id job_title "
              "email phone") as supervisor,
        Table(folder, "opportunities", "organization_id site_id title kind program_id "
              "occupation_code duties seats schedule weekly_minutes pay wage_cents minimum_age "
              "opens_on closes_on") as opportunity,
    ):
        rng = random.Random(f"{district.seed}/partners")
        for firm in firms(district):
            program = plan.PROGRAMS[firm.program]
            phone = f"865-555-{firm.n % 10000:04}"
            mail = f"office{firm.n}@example.com"
            city = words.place(rng)
            street = f"{rng.randrange(1, 980)} {rng.choice(words.STREETS)} St"
            place = [street, city, "TN", f"37{rng.randrange(700, 999)}"]
            given, family = firm.supervisor()
            wage, pay = pay_of(firm)
            organization([firm.name, "employer", program.cluster, rng.choice([6, 14, 35, 80, 240]),
                          f"{given} {family}", mail, phone, *place])
            site([firm.name, site_name(firm), *place, ZONE, SEATS, phone])
            supervisor([firm.name, given, family, site_name(firm), "Supervisor", mail, phone])
            opportunity([firm.name, site_name(firm), firm.title, KINDS[firm.n % 3],
                         f"P{firm.program}", program.soc, "; ".join(program.tasks), SEATS,
                         "Four times a week", 600, pay, wage, program.minimum_age, "2026-08-03",
                         "2027-05-28"])


def site_name(firm):
    return f"{firm.name}, main site"


def pay_of(firm):
    """Two in three are paid."""
    if firm.n % 3 == 2:
        return "", "unpaid"
    return f"{9 + firm.n % 7}.{firm.n % 4 * 25:02}", "wage"


class Placement:
    """One student at one firm: where, when in the week, and under which title."""

    def __init__(self, district, student, school, firm, pattern):
        self.student = student
        self.school = school
        self.firm = firm
        self.pattern, self.shifts = pattern
        self.title = f"{firm.title}, {student.number}"
        self.rng = random.Random(f"{district.seed}/hours/{self.title}")
        self.is_only_one = not student.doubled


def pattern_of(student):
    if student.doubled:
        return ANY_AGE[1]
    patterns = ANY_AGE if plan.is_young(student.birth) else FROM_16
    return patterns[int(student.number) % len(patterns)]


def placements(district):
    """A shared student is placed by the center; the second placement is the high school's."""
    n_in_program = [0] * len(plan.PROGRAMS)

    def next_firm(program):
        n_in_program[program] += 1
        return firm_for(district, program, n_in_program[program] - 1)

    for school in plan.high_schools(district):
        for student in plan.students(district, school):
            if student.place_order is None:
                continue
            at = plan.center_of(district, school) if student.center else school
            firm = next_firm(student.program)
            yield Placement(district, student, at, firm, pattern_of(student))
            if student.doubled:
                other = second_program(student)
                yield Placement(district, student, school, next_firm(other), BESIDE_ANOTHER)


def second_program(student):
    others = [program for program in plan.OFFICE_PROGRAMS if program != student.program]
    return others[int(student.number) % len(others)]


def write_work(district, folder):
    with (
        Table(folder, "placements", "student_id school_id title kind opportunity_id "
              "organization_id site_id supervisor_id coordinator_id program_id course_code "
              "starts_on ends_on weekly_minutes weekly_pattern target_minutes pay wage_cents") as place,
        Table(folder, "time_sheets", "school_id student_id placement_id week_start") as sheet,
        Table(folder, "hours", "school_id student_id placement_id week_start work_date starts_at "
              "ends_at break_starts_at break_minutes zone elapsed_minutes method task") as line,
    ):
        coordinators = {
            school.nces: [plan.coordinator(district, school, n).number for n in range(2)]
            for school in district.schools
        }
        weeks = list(year.work_weeks())
        for n, placement in enumerate(placements(district)):
            place(placement_row(placement, coordinators[placement.school.nces][n % 2]))
            key = [placement.school.nces, placement.student.number, placement.title]
            for sunday in weeks:
                sheet([*key, sunday])
                for entry in week_of(placement, sunday):
                    line([*key, sunday, *entry])


def placement_row(placement, coordinator):
    firm = placement.firm
    wage, pay = pay_of(firm)
    minutes = sum(shift[2] for shift in placement.shifts)
    return [
        placement.student.number, placement.school.nces, placement.title, KINDS[firm.n % 3],
        firm.title, firm.name, site_name(firm), " ".join(firm.supervisor()), coordinator,
        f"P{firm.program}", "WBL", "2026-08-16", "2027-05-22", minutes, placement.pattern,
        GOAL_MINUTES * minutes // 600, pay, wage]


def week_of(placement, sunday):
    """The lines of a week: (date, start, end, break, minutes of it, zone, worked, method, task)."""
    rng = placement.rng
    method = "clocked" if placement.firm.n % 3 == 0 else "declared"
    tasks = plan.PROGRAMS[placement.firm.program].tasks
    taken = {shift[0] for shift in placement.shifts}
    for after_sunday, start, minutes in placement.shifts:
        day = sunday + after_sunday * year.DAY
        if day in year.FIRMS_CLOSED:
            day = other_day(placement, sunday, taken)
        # Every draw is made for every line, so that one line does not move the others.
        is_absent = rng.random() < ABSENT
        start += rng.choice((0, 0, 0, 5, 10, 15))
        minutes += rng.choice((-10, -5, 0, 0, 5, 10))
        task = rng.choice(tasks)
        if day is None or is_absent:
            continue
        if day.weekday() < 5 and not year.is_school_day(day):
            start -= AFTERNOON - 10 * 60 if start < EVENING else 0
        pause = 30 if minutes >= LONG_SHIFT else 0
        yield (
            day, clock(start), clock(start + minutes + pause), clock(BREAK_AT) if pause else "",
            pause or "", ZONE, minutes, method, task)


def other_day(placement, sunday, taken):
    """A working day of the same week without a shift; none beside a second placement."""
    if not placement.is_only_one:
        return None
    for after_sunday in range(1, 6):
        day = sunday + after_sunday * year.DAY
        if after_sunday not in taken and day not in year.FIRMS_CLOSED:
            taken.add(after_sunday)
            return day
    return None


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"
