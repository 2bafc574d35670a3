"""The labor rules of RULES 5.2 a second time, minute by minute and without the program's shortcuts.

Entries are dicts as csv.DictReader reads them. judge() returns a list of (minutes, set of ids).
"""
import collections
import datetime
import zoneinfo

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
UTC = datetime.timezone.utc
LEARNER_ORDERS = {5, 8, 10, 12, 14, 16, 17}


def at(zone, date, text):
    return datetime.datetime.combine(date, datetime.time.fromisoformat(text), zone).astimezone(UTC)


def age(birth, date):
    years = date.year - birth.year
    return years - 1 if (date.month, date.day) < (birth.month, birth.day) else years


def week_of(date):
    return date - DAY * (date.isoweekday() % 7)


def labor_day(year):
    day = datetime.date(year, 9, 1)
    while day.isoweekday() != 1:
        day += DAY
    return day


def is_summer(date):
    return datetime.date(date.year, 6, 1) <= date <= labor_day(date.year)


class Shift:
    def __init__(self, entry, birth, zone):
        self.date = datetime.date.fromisoformat(entry["date"])
        self.age = age(birth, self.date)
        self.start = at(zone, self.date, entry["start"])
        later = DAY if entry["end"] < entry["start"] else DAY * 0
        self.end = at(zone, self.date + later, entry["end"])
        self.rest = int(entry["break_minutes"] or 0)
        self.rest_at = None
        if entry["break_start"]:
            later = DAY if entry["break_start"] < entry["start"] else DAY * 0
            self.rest_at = at(zone, self.date + later, entry["break_start"])
        self.consent = entry["parental_consent"] == "1"
        self.learner = entry["student_learner_agreement"] == "1"
        self.order = int(entry["ho"] or 0)
        self.ids = set()
        self.work = []  # (local date, minute of the day) of every minute worked
        self.counted = collections.Counter()  # minutes by date
        moment = self.start
        while moment < self.end:
            if self.rest_at is None or not self.rest_at <= moment < self.rest_at + MINUTE * self.rest:
                local = moment.astimezone(zone)
                self.work.append((local.date(), local.hour * 60 + local.minute))
                self.counted[local.date()] += 1
            moment += MINUTE
        left = self.rest if self.rest_at is None else 0
        for date in (self.date, self.date + DAY):
            off = min(left, self.counted[date])
            self.counted[date] -= off
            left -= off
        self.minutes = sum(self.counted.values())

    def exempt(self):
        return self.learner and 16 <= self.age <= 17


def judge_clock(shift, calendar, enrolled):
    def school(date):
        return calendar.get(date, (None,))[0] == "school"
    for date, minute in shift.work:
        in_class = school(date) and calendar[date][1] <= minute < calendar[date][2]
        evening = date if minute >= 720 else date - DAY  # the night this minute may belong to
        before_school = school(evening + DAY)
        if 14 <= shift.age <= 15:
            if in_class:
                shift.ids |= {"FED-14-SCHOOLHRS", "TN-14-SCHOOLHRS"}
            if minute < 420:
                shift.ids.add("FED-14-AM")
                if before_school:
                    shift.ids.add("TN-14-NIGHT-S")
            begun = shift.date if date > shift.date and minute < 420 else None
            if minute >= 1140 or begun:
                day = begun or date
                if not is_summer(day):
                    shift.ids.add("FED-14-PM")
                elif begun or minute >= 1260:
                    shift.ids.add("FED-14-PM-SUM")
            if minute >= 1140 and before_school:
                shift.ids.add("TN-14-NIGHT-S")
            if minute >= 1260 or minute < 360:
                shift.ids.add("TN-14-NIGHT")
        if 16 <= shift.age <= 17 and enrolled and not shift.exempt():
            if in_class:
                shift.ids.add("TN-16-CLASS")
            if before_school and evening.isoweekday() % 7 <= 4 and (
                    minute < 360 or minute >= 1320 and not shift.consent):
                shift.ids.add("TN-16-NIGHT")


def consent_evenings(shift, calendar, enrolled):
    if not (shift.consent and enrolled and 16 <= shift.age <= 17) or shift.exempt():
        return set()
    return {date for date, minute in shift.work if minute >= 1320 and date.isoweekday() % 7 <= 4
            and calendar.get(date + DAY, (None,))[0] == "school"}


def judge_sums(shifts, calendar):
    days, weeks = collections.Counter(), collections.Counter()
    school = {date for date, day in calendar.items() if day[0] == "school"}
    school_weeks = {week_of(date) for date in school}
    for shift in shifts:
        young = 14 <= shift.age <= 15
        by_week = collections.Counter()
        for date, minutes in shift.counted.items():
            limit, name = (180, "DAY-S") if date in school else (480, "DAY-N")
            if young and days[date] <= limit < days[date] + minutes:
                shift.ids |= {f"FED-14-{name}", f"TN-14-{name}"}
            days[date] += minutes
            by_week[week_of(date)] += minutes
        for week, minutes in by_week.items():
            limit, name = (1080, "WEEK-S") if week in school_weeks else (2400, "WEEK-N")
            if young and weeks[week] <= limit < weeks[week] + minutes:
                shift.ids |= {f"FED-14-{name}", f"TN-14-{name}"}
            weeks[week] += minutes


def judge_breaks(shifts):
    """Entries of one caller never overlap, so a chain is a run of neighbors."""
    chain = []
    for i, shift in enumerate(shifts):
        chain = chain + [shift] if chain and chain[-1].end == shift.start else [shift]
        goes_on = i + 1 < len(shifts) and shifts[i + 1].start == shift.end
        if goes_on or chain[0].age >= 18 or shift.exempt():
            continue
        start = chain[0].start
        rested = any(one.rest_at is not None and one.rest >= 30
                     and one.rest_at - start >= MINUTE * 60 for one in chain)
        if shift.end - start >= MINUTE * 360 and not rested:
            shift.ids.add("TN-BREAK")


def judge(entries, calendar, birth, zone_name, enrolled):
    zone = zoneinfo.ZoneInfo(zone_name)
    shifts = [Shift(entry, birth, zone) for entry in entries]
    ordered = sorted(shifts, key=lambda shift: shift.start)
    for shift in ordered:
        judge_clock(shift, calendar, enrolled)
        if shift.age < 14:
            shift.ids |= {"FED-MIN", "TN-MIN"}
        if shift.order and shift.age < 18 and not (
                shift.exempt() and shift.order in LEARNER_ORDERS):
            shift.ids.add(f"FED-HO-{shift.order}")
    evenings = set().union(*(consent_evenings(shift, calendar, enrolled) for shift in ordered), set())
    for shift in ordered:
        for evening in consent_evenings(shift, calendar, enrolled):
            if sum(week_of(other) == week_of(evening) and other <= evening for other in evenings) > 3:
                shift.ids.add("TN-16-NIGHT-CONSENT")
    judge_sums(ordered, calendar)
    judge_breaks(ordered)
    return [(shift.minutes, shift.ids) for shift in shifts]
