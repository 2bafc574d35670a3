"""Who is in the district: schools, students, staff and which students are placed.

Nothing large is kept: a school's people are made again, the same, each time they are asked for.
"""

import collections
import datetime
import random

from . import words, year

Size = collections.namedtuple(
    "Size", "high_schools centers students_each placements employers all_guardians")

# High schools, placements and employers are RULES 9.3; XL has some 500,000 users.
SIZES = {
    "S": Size(1, 1, 1586, 120, 80, True),
    "M": Size(16, 4, 1150, 1500, 900, True),
    "L": Size(60, 8, 1700, 10000, 4000, False),
    "XL": Size(400, 40, 1000, 32000, 24000, False),
}

Program = collections.namedtuple("Program", "cip name cluster soc minimum_age firms tasks")

# CIP 2020 and SOC 2018 codes; those offered from 14 on are office and shop work.
PROGRAMS = [
    Program("51.3902", "Nursing Assistant", "Health Science", "31-1131", 16,
            ["Family Clinic", "Nursing Home", "Rehabilitation Center"],
            ["Took vital signs", "Helped patients at lunch", "Made beds", "Stocked supplies"]),
    Program("48.0508", "Welding Technology", "Manufacturing", "51-4121", 16,
            ["Fabrication", "Steel Works", "Tank & Pipe"],
            ["Cut plate to size", "Practiced fillet welds", "Ground edges", "Read drawings"]),
    Program("11.1001", "Network Administration", "Information Technology", "15-1244", 16,
            ["Systems", "Data Services", "Network Group"],
            ["Set up laptops", "Labeled cables", "Answered help desk calls", "Patched servers"]),
    Program("12.0503", "Culinary Arts", "Hospitality & Tourism", "35-2014", 16,
            ["Kitchen", "Bakery", "Catering"],
            ["Prepared vegetables", "Worked the grill", "Plated desserts", "Took inventory"]),
    Program("48.0501", "Machine Tool Technology", "Manufacturing", "51-4041", 16,
            ["Machine Works", "Precision Parts", "Tool & Die"],
            ["Measured parts", "Set up a lathe", "Deburred parts", "Ran the mill"]),
    Program("47.0604", "Automotive Technology", "Transportation, Distribution & Logistics",
            "49-3023", 16, ["Auto Repair", "Tire & Brake", "Motors"],
            ["Changed oil", "Rotated tires", "Inspected brakes", "Replaced a battery"]),
    Program("46.0302", "Electrical Trades", "Architecture & Construction", "47-2111", 16,
            ["Electric", "Wiring Service", "Power & Light"],
            ["Pulled wire", "Mounted boxes", "Sorted fittings", "Bent conduit"]),
    Program("46.0201", "Carpentry", "Architecture & Construction", "47-2031", 16,
            ["Builders", "Cabinet Shop", "Home Repair"],
            ["Framed a wall", "Sanded cabinets", "Hung doors", "Measured trim"]),
    Program("13.1210", "Early Childhood Education", "Education & Training", "25-2011", 16,
            ["Child Care", "Preschool", "Learning Center"],
            ["Read to children", "Prepared crafts", "Supervised play", "Served snacks"]),
    Program("51.0805", "Pharmacy Technician", "Health Science", "29-2052", 16,
            ["Pharmacy", "Drug Store", "Compounding Pharmacy"],
            ["Counted stock", "Labeled bottles", "Served customers", "Filed prescriptions"]),
    Program("52.0302", "Accounting", "Finance", "43-3031", 14,
            ["Accounting", "Bookkeeping", "Tax Service"],
            ["Entered invoices", "Matched receipts", "Filed statements", "Balanced cash"]),
    Program("52.0901", "Hospitality Management", "Hospitality & Tourism", "43-4081", 14,
            ["Inn", "Event Hall", "Visitor Center"],
            ["Greeted guests", "Set up tables", "Answered calls", "Took reservations"]),
    Program("50.0409", "Graphic Design", "Arts, Audio/Video Technology & Communications",
            "27-1024", 14, ["Design", "Print Shop", "Sign Studio"],
            ["Drew a flyer", "Retouched photos", "Proofread copy", "Packed prints"]),
    Program("52.1801", "Retail and Marketing", "Marketing", "41-2031", 14,
            ["Hardware", "Books & Gifts", "Outdoor Store"],
            ["Stocked shelves", "Helped customers", "Priced goods", "Set up a display"]),
    Program("52.0401", "Office Management", "Business Management & Administration", "43-6014", 14,
            ["Insurance", "Law Office", "Realty"],
            ["Scanned files", "Answered the phone", "Sorted mail", "Scheduled visits"]),
]
OFFICE_PROGRAMS = [n for n, program in enumerate(PROGRAMS) if program.minimum_age == 14]

School = collections.namedtuple("School", "number name nces center first_student n_students")
Student = collections.namedtuple(
    "Student",
    "number given middle family birth sex ethnicity grade program center place_order doubled "
    "guardians")
Staff = collections.namedtuple("Staff", "number given family job school")
District = collections.namedtuple("District", "size seed leaid name schools")

CENTER_SHARE = 0.4  # of the placed students
DOUBLE_SHARE = 0.04  # placements that are a student's second one, at the other school


def make(size_name, seed):
    size = SIZES[size_name]
    leaid = "4703240" if size_name == "S" else "4799990"
    schools = []
    for n in range(size.high_schools):
        schools.append(School(
            n, school_name(size, n, "High School"), f"{leaid}{n + 1:05}", False,
            n * size.students_each, size.students_each))
    for n in range(size.centers):
        number = size.high_schools + n
        schools.append(School(
            number, school_name(size, n, "Career Center"), f"{leaid}{90001 + n:05}", True, 0, 0))
    name = "Oak Ridge Schools" if size_name == "S" else f"Sample District {size_name}"
    return District(size, seed, leaid, name, schools)


def school_name(size, n, kind):
    place = words.PLACES[n % len(words.PLACES)].replace("_", " ")
    round_number = n // len(words.PLACES)
    return f"{place} {kind}" if round_number == 0 else f"{place} {kind} {round_number + 1}"


def high_schools(district):
    return district.schools[: district.size.high_schools]


def center_of(district, school):
    """The career center that serves a high school."""
    return district.schools[district.size.high_schools + school.number % district.size.centers]


def placements_at(district, school):
    """Placements of a high school's students; the first schools take the remainder."""
    each, rest = divmod(district.size.placements, district.size.high_schools)
    return each + (1 if school.number < rest else 0)


def birth_date(rng, grade):
    """Grade 9 begins at 14, or at 15 for a few who started late or repeated a year."""
    first = datetime.date(2026 - 5 - grade - 1, 8, 16)
    late = 365 if rng.random() < 0.06 else 0
    return first + (rng.randrange(365) - late) * year.DAY


def is_young(birth):
    """Not yet 16 when the placements begin: office work only, and short days."""
    return birth > datetime.date(2010, 8, 16)


def ethnicity(rng):
    flags, weights = zip(*words.ETHNICITIES)
    return rng.choices(flags, weights)[0]


def choose(district, school, rng):
    """Which students are placed, in order; which of them twice; which attend the center."""
    n_placements = placements_at(district, school)
    n_doubled = round(n_placements * DOUBLE_SHARE)
    n_placed = n_placements - n_doubled
    n_center = max(round(n_placements * CENTER_SHARE), n_doubled)
    order = list(range(school.n_students))
    rng.shuffle(order)
    eligible = [n for n in order if grade_of(n, school) >= 11]
    younger = [n for n in order if grade_of(n, school) == 10][: n_placements // 20]
    placed = younger + eligible[: n_placed - len(younger)]
    only_taught = eligible[n_placed : n_placed + n_placed // 4]
    return (
        {n: i for i, n in enumerate(placed)},
        set(placed[-n_doubled:]) if n_doubled else set(),
        set(placed[-n_center:]) | set(only_taught))


def students(district, school):
    """The students of a high school, in order of their numbers."""
    rng = random.Random(f"{district.seed}/students/{school.number}")
    place_order, doubled, at_center = choose(district, school, rng)
    for n in range(school.n_students):
        yield student(
            district, school, n, rng, (place_order.get(n), n in doubled, n in at_center))


def grade_of(n, school):
    return 9 + n * 4 // school.n_students


def student(district, school, n, rng, work):
    place_order, doubled, at_center = work
    sex = rng.choice(["female", "male"])
    grade = grade_of(n, school)
    birth = birth_date(rng, grade)
    program = rng.choice(OFFICE_PROGRAMS) if is_young(birth) else rng.randrange(len(PROGRAMS))
    family = rng.choice(words.FAMILY)
    if rng.random() < 0.01:
        family += ", Jr."
    has_guardians = district.size.all_guardians or place_order is not None
    n_guardians = 1 + (rng.random() < 0.4) if has_guardians else 0
    return Student(
        str(100000001 + school.first_student + n), rng.choice(words.GIVEN),
        rng.choice(words.GIVEN) if rng.random() < 0.6 else "", family, birth, sex,
        ethnicity(rng), grade, program, at_center, place_order, doubled,
        guardians(rng, family.removesuffix(", Jr."), n_guardians))


def guardians(rng, family, count):
    return [
        (rng.choice(words.GIVEN), family if rng.random() < 0.7 else rng.choice(words.FAMILY),
         rng.choices(["parent", "guardian", "relative"], [80, 15, 5])[0])
        for _ in range(count)
    ]


def staff(district, school):
    """Principal, counselor, two coordinators, then teachers; the number says which."""
    rng = random.Random(f"{district.seed}/staff/{school.number}")
    jobs = ["principal", "counselor", "coordinator", "coordinator"]
    jobs += ["teacher"] * (len(PROGRAMS) if school.center else 4 + school.n_students // 20)
    for n, job in enumerate(jobs):
        yield Staff(
            f"{700000 + school.number * 200 + n}", rng.choice(words.GIVEN),
            rng.choice(words.FAMILY), job, school)


def coordinator(district, school, order):
    """The coordinator who looks after the order-th placed student of a school."""
    return list(staff(district, school))[2 + order % 2]
