"""The OneRoster package, version 1.1 or 1.2, bulk, with the exact headers of the standard.

1.1 is written as Ed-Fi writes it: a user row for each school of a student, told apart by a hashed
sourcedId and joined by `identifier`. 1.2 has one row a person, joined by `userMasterIdentifier`,
with the schools in roles.csv.
"""

import csv
import hashlib
import io
import zipfile

from . import plan

STAMP = (2026, 8, 3, 6, 0, 0)  # of every member, so that the zip repeats byte for byte

HEADERS = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,"
    "parentSourcedId,schoolYear",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
    "orgSourcedId,subjects,subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,"
    "classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users1.1": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,"
    "userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,"
    "password",
    "users1.2": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,"
    "userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,"
    "primaryOrgSourcedId,pronouns",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,"
    "orgSourcedId,userProfileSourcedId",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,"
    "userSourcedId,role,primary,beginDate,endDate",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,"
    "americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,"
    "publicSchoolResidenceStatus",
}

RACES = HEADERS["demographics"].split(",")[5:12]

BULK = ["academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users"]
ABSENT = ["categories", "classResources", "courseResources", "lineItems", "resources", "results"]
ABSENT_12 = [
    "lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds",
    "resultScoreScales", "scoreScales", "userProfiles", "userResources",
]

YEAR, FALL, SPRING = "SY2027", "SY2027-S1", "SY2027-S2"
SUBJECTS = [
    "English", "Mathematics", "Science", "Social Studies", "Wellness", "World Language", "Elective",
]
WORK_COURSE = "Work-Based Learning: Career Practicum"
CLASS_SIZE = 25
JOBS_11 = {"principal": "administrator", "counselor": "administrator"}
JOBS_12 = {"principal": "principal", "counselor": "counselor"}


class Package:
    """The members of the zip, written one after the other."""

    def __init__(self, path, version):
        self.version = version
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def member(self, name, rows):
        info = zipfile.ZipInfo(f"{name}.csv", STAMP)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        header = HEADERS.get(name) or HEADERS.get(f"{name}{self.version}") or "propertyName,value"
        with self.zip.open(info, "w", force_zip64=True) as raw:
            with io.TextIOWrapper(raw, "utf-8", newline="") as text:
                writer = csv.writer(text, lineterminator="\r\n")
                writer.writerow(header.split(","))
                writer.writerows(rows)


def write(district, version, path):
    package = Package(path, version)
    with package.zip:
        package.member("manifest", manifest(version))
        package.member("orgs", orgs(district))
        package.member("academicSessions", sessions())
        package.member("courses", courses(district))
        package.member("classes", classes(district))
        if version == "1.1":
            package.member("users", users_11(district))
        else:
            package.member("users", users_12(district))
            package.member("roles", roles(district))
        package.member("enrollments", enrollments(district, version))
        package.member("demographics", demographics(district, version))


def manifest(version):
    modes = {name: "bulk" for name in BULK} | {name: "absent" for name in ABSENT}
    if version == "1.2":
        modes |= {name: "absent" for name in ABSENT_12} | {"roles": "bulk"}
    yield "manifest.version", "1.0"
    yield "oneroster.version", version
    for name in sorted(modes, key=str.lower):
        yield f"file.{name}", modes[name]
    yield "source.systemName", "make-district"
    yield "source.systemCode", "sample"


def org_id(school):
    return f"SCH-{school.nces}"


def orgs(district):
    district_id = f"LEA-{district.leaid}"
    yield district_id, "", "", district.name, "district", district.leaid, ""
    for school in district.schools:
        yield org_id(school), "", "", school.name, "school", school.nces, district_id


def sessions():
    yield YEAR, "", "", "2026-27", "schoolYear", "2026-08-05", "2027-05-28", "", "2027"
    yield FALL, "", "", "Fall 2026", "semester", "2026-08-05", "2026-12-19", YEAR, "2027"
    yield SPRING, "", "", "Spring 2027", "semester", "2027-01-05", "2027-05-28", YEAR, "2027"


def courses(district):
    owner = f"LEA-{district.leaid}"
    for grade in range(9, 13):
        for n, subject in enumerate(SUBJECTS):
            code = f"{grade}{n}"
            title, grades = f"{subject} {grade}", f"{grade:02}"
            yield f"CRS-{code}", "", "", YEAR, title, code, grades, owner, "", ""
    for n, program in enumerate(plan.PROGRAMS):
        yield f"CRS-P{n}", "", "", YEAR, program.name, f"P{n}", "11,12", owner, program.cluster, ""
    yield "CRS-WBL", "", "", YEAR, WORK_COURSE, "WBL", "10,11,12", owner, "", ""


def class_row(school, course, section, title, grades):
    code = f"{course}-{section}"
    return (
        f"CLS-{school.nces}-{code}", "", "", f"{title} ({section})", grades, f"CRS-{course}", code,
        "scheduled", "", org_id(school), f"{FALL},{SPRING}", "", "", str(1 + section % 7))


def sections(school):
    return -(-school.n_students // 4 // CLASS_SIZE) + 1


def classes(district):
    for school in district.schools:
        if school.center:
            for n, program in enumerate(plan.PROGRAMS):
                yield class_row(school, f"P{n}", 1, program.name, "11,12")
        else:
            for grade in range(9, 13):
                for n, subject in enumerate(SUBJECTS):
                    for section in range(sections(school)):
                        yield class_row(
                            school, f"{grade}{n}", section, f"{subject} {grade}", f"{grade:02}")
        yield class_row(school, "WBL", 1, WORK_COURSE, "10,11,12")


def student_id(version, student, school):
    if version == "1.2":
        return f"STU-{student.number}"
    return hashlib.md5(f"STU-{student.number}-{school.nces}".encode()).hexdigest()


def guardian_id(student, n):
    return f"GUA-{student.number}-{n + 1}"


def staff_mail(person):
    name = f"{person.given}.{person.family}".lower()
    plain = "".join(letter for letter in name if letter.isascii() and letter not in "' ")
    return f"{plain}.{person.number}@example.org"


def schools_of(district, school, student):
    return [school, plan.center_of(district, school)] if student.center else [school]


def agents_of(student):
    return ",".join(guardian_id(student, n) for n in range(len(student.guardians)))


def guardian_phone(student, n):
    return f"865-555-{(int(student.number) * 7 + n) % 10000:04}"


def users_11(district):
    for school in district.schools:
        for person in plan.staff(district, school):
            mail = staff_mail(person)
            yield (
                f"STA-{person.number}", "", "", "true", org_id(school),
                JOBS_11.get(person.job, "teacher"), mail, "", person.given, person.family, "",
                person.number, mail, "", "", "", "", "")
        for student in plan.students(district, school):
            for at in schools_of(district, school, student):
                yield (
                    student_id("1.1", student, at), "", "", "true", org_id(at), "student",
                    f"s{student.number}", f"{{State:{student.number}}}", student.given,
                    student.family, student.middle, student.number,
                    f"s{student.number}@example.org", "", "", agents_of(student),
                    f"{student.grade:02}", "")
            for n, (given, family, relation) in enumerate(student.guardians):
                gid = guardian_id(student, n)
                yield (
                    gid, "", "", "true", org_id(school), relation, gid.lower(), "", given, family,
                    "", gid, f"{gid.lower()}@example.org", "", guardian_phone(student, n), "", "",
                    "")


def users_12(district):
    for school in district.schools:
        for person in plan.staff(district, school):
            mail = staff_mail(person)
            yield (
                f"STA-{person.number}", "", "", "true", mail, "", person.given, person.family, "",
                person.number, mail, "", "", "", "", "", person.number, "", "", "",
                org_id(school), "")
        for student in plan.students(district, school):
            yield (
                student_id("1.2", student, school), "", "", "true", f"s{student.number}",
                f"{{State:{student.number}}}", student.given, student.family, student.middle,
                student.number, f"s{student.number}@example.org", "", "", agents_of(student),
                f"{student.grade:02}", "", student.number, "", "", "", org_id(school), "")
            for n, (given, family, _) in enumerate(student.guardians):
                gid = guardian_id(student, n)
                yield (
                    gid, "", "", "true", gid.lower(), "", given, family, "", gid,
                    f"{gid.lower()}@example.org", "", guardian_phone(student, n), "", "", "", gid,
                    "", "", "", org_id(school), "")


def role_row(user, school, role, kind="primary"):
    return (
        f"ROL-{user}-{school.number}", "", "", user, kind, role, "2026-08-05", "", org_id(school),
        "")


def roles(district):
    for school in district.schools:
        for person in plan.staff(district, school):
            yield role_row(f"STA-{person.number}", school, JOBS_12.get(person.job, "teacher"))
        for student in plan.students(district, school):
            user = student_id("1.2", student, school)
            yield role_row(user, school, "student")
            if student.center:
                yield role_row(user, plan.center_of(district, school), "student", "secondary")
            for n, (_, _, relation) in enumerate(student.guardians):
                yield role_row(guardian_id(student, n), school, relation)


def enrollment_row(school, code, user, role):
    class_id = f"CLS-{school.nces}-{code}"
    primary = "true" if role == "teacher" else ""
    return (
        f"ENR-{school.nces}-{code}-{user}", "", "", class_id, org_id(school), user, role, primary,
        "2026-08-05", "2027-05-28")


def student_classes(district, school, student, n):
    """(school, class code) of the n-th student: seven at home, or four and two at the center."""
    section = n % sections(school)
    taken = 4 if student.center else 7 - (student.place_order is not None)
    for subject in range(taken):
        yield school, f"{student.grade}{subject}-{section}"
    at = plan.center_of(district, school) if student.center else school
    if student.center:
        yield at, f"P{student.program}-1"
    if student.place_order is not None:
        yield at, "WBL-1"


def enrollments(district, version):
    for school in district.schools:
        people = list(plan.staff(district, school))
        teachers = [person for person in people if person.job == "teacher"]
        for n, row in enumerate(classes_of(school)):
            teacher = people[2] if row == "WBL-1" else teachers[n % len(teachers)]
            yield enrollment_row(school, row, f"STA-{teacher.number}", "teacher")
        for n, student in enumerate(plan.students(district, school)):
            for at, code in student_classes(district, school, student, n):
                yield enrollment_row(at, code, student_id(version, student, at), "student")


def classes_of(school):
    if school.center:
        yield from (f"P{n}-1" for n in range(len(plan.PROGRAMS)))
    else:
        yield from (
            f"{grade}{subject}-{section}"
            for grade in range(9, 13)
            for subject in range(len(SUBJECTS))
            for section in range(sections(school)))
    yield "WBL-1"


def demographics(district, version):
    for school in district.schools:
        for student in plan.students(district, school):
            raised = ["true" if race == student.ethnicity else "false" for race in RACES]
            at_schools = schools_of(district, school, student)
            for at in at_schools[: 1 if version == "1.2" else None]:
                yield (
                    student_id(version, student, at), "", "", student.birth.isoformat(),
                    student.sex, *raised, "", "", "", "")
