"""The school year 2026-27: which days are school days, and when firms are closed."""

import datetime

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2026, 7, 1)  # first and last day of the calendar file
LAST = datetime.date(2027, 6, 30)
SCHOOL_FROM = datetime.date(2026, 8, 5)
SCHOOL_TO = datetime.date(2027, 5, 27)
CLASS_START, CLASS_END = "08:00", "15:00"

BREAKS = [  # first and last day without school
    ("2026-09-07", "2026-09-07"),  # Labor Day
    ("2026-10-05", "2026-10-09"),
    ("2026-11-25", "2026-11-27"),  # Thanksgiving
    ("2026-12-21", "2027-01-04"),
    ("2027-01-18", "2027-01-18"),  # Martin Luther King, Jr. Day
    ("2027-02-15", "2027-02-15"),  # Presidents' Day
    ("2027-03-15", "2027-03-19"),
    ("2027-03-26", "2027-03-26"),
]

FIRMS_CLOSED = {
    datetime.date(2026, 9, 7), datetime.date(2026, 11, 26), datetime.date(2026, 12, 25),
    datetime.date(2027, 1, 1),
}


def days(first, last):
    while first <= last:
        yield first
        first += DAY


NO_SCHOOL = {
    day
    for first, last in BREAKS
    for day in days(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
}


def is_school_day(day):
    return SCHOOL_FROM <= day <= SCHOOL_TO and day.weekday() < 5 and day not in NO_SCHOOL


def work_weeks():
    """The Sundays of the 36 weeks of a school-year placement: break weeks are left out."""
    sunday = datetime.date(2026, 8, 16)
    while sunday <= datetime.date(2027, 5, 16):
        if any(is_school_day(sunday + n * DAY) for n in range(1, 6)):
            yield sunday
        sunday += 7 * DAY
