"""What actions, guards and computed states of a record message must keep, and what they name."""

from model import STATES_MAX

ROLES = set(
    """coordinator teacher counselor principal district_coordinator cte_director data_clerk auditor
    administrator operator student supervisor""".split()
)


class Condition:
    """field=value of a guard: a record counts when one of its conditions holds."""

    def __init__(self, field, number):
        self.field, self.number = field, number


def check(catalog):
    for record in catalog.types:
        check_moves(catalog, record)


def check_moves(catalog, record):
    guards = {guard.name: guard for guard in record.guards}
    catalog.unique("guard names", record, [(g.name, g) for g in record.guards])
    catalog.unique("computed states", record, [(c.name, c) for c in record.computed])
    for guard in record.guards:
        check_guard(catalog, record, guard)
    for computed in record.computed:
        check_computed(catalog, record, computed)
    for action in record.actions:
        where = f"{record.proto.name} action {action.name}"
        if not action.help:
            catalog.fault(record.file, where, "help must be said")
        if action.guard_names and action.number >= STATES_MAX:
            catalog.fault(record.file, where, f"with guards its number must be below {STATES_MAX}")
        for role in action.roles:
            if role not in ROLES:
                catalog.fault(record.file, where, f"no role {role}")
        for name in action.guard_names:
            if name in guards:
                action.guards.append(guards[name])
            else:
                catalog.fault(record.file, where, f"no guard {name}")
    used = {guard.name for action in record.actions for guard in action.guards}
    for name in sorted(set(guards) - used):
        catalog.fault(record.file, f"{record.proto.name} guard {name}", "no action asks for it")


def check_guard(catalog, record, guard):
    proto = guard.proto
    where = f"{record.proto.name} guard {guard.name}"

    def fault(reason):
        catalog.fault(record.file, where, reason)

    def field_of(owner, name, kind=None):
        field = owner.field(name) if owner else None
        if field is None or (kind and field.kind != kind):
            fault(f"no {kind.lower() + ' ' if kind else ''}field {name}")
            return None
        return field

    if not guard.help:
        fault("help must be said")
    if not proto.has and not proto.ref and not proto.children:
        fault("it looks at nothing: say has, ref or children")
    if bool(proto.children) != bool(proto.by):
        fault("children and by belong together")
    guard.on = [field_of(record, name, "DATE") for name in proto.on]
    seen = parent = record
    if proto.ref:
        guard.ref = field_of(record, proto.ref, "REF")
        number = guard.ref.ref_type if guard.ref else 0
        seen = parent = next((t for t in catalog.types if t.number == number), None)
    if proto.children:
        guard.children = next((t for t in catalog.types if t.name == proto.children), None)
        if guard.children is None:
            fault(f"no record type {proto.children}")
        else:
            guard.by = field_of(guard.children, proto.by, "REF")
            if guard.by and parent and guard.by.ref_type != parent.number:
                fault(f"{proto.by} does not refer to {parent.name}")
        seen = guard.children
    guard.has = [field_of(seen, name) for name in proto.has]
    guard.when = conditions(record, proto.when, fault)
    guard.where = conditions(seen, proto.where, fault)
    guard.valid_from = field_of(seen, proto.valid_from, "DATE") if proto.valid_from else None
    guard.valid_until = field_of(seen, proto.valid_until, "DATE") if proto.valid_until else None
    for name in proto.states:
        guard.states |= 1 << state_of(seen, name, fault)


def conditions(owner, texts, fault):
    """field=value where the value is that of an enum, or yes or no."""
    found = []
    for text in texts:
        name, _, value = text.partition("=")
        field = owner.field(name) if owner else None
        words = {"no": 0, "yes": 1} if field is not None and field.kind == "BOOL" else {
            v.name: v.number for v in (field.values if field else [])}
        if value in words:
            found.append(Condition(field, words[value]))
        else:
            fault(f"{text!r} is no field=value")
    return found


def state_of(owner, name, fault):
    values = owner.state.values if owner and owner.state else []
    number = next((v.number for v in values if v.name == name), None)
    if number is None:
        fault(f"no state {name}")
    return min(number or 0, STATES_MAX - 1)


def check_computed(catalog, record, computed):
    where = f"{record.proto.name} computed {computed.name}"
    computed.since = record.field(computed.proto.since)
    computed.until = record.field(computed.proto.until)
    if not computed.help:
        catalog.fault(record.file, where, "help must be said")
    if record.state and any(v.name == computed.name for v in record.state.values):
        catalog.fault(record.file, where, "a stored state has this name")
    if computed.since is None or computed.since.kind != "DATE":
        catalog.fault(record.file, where, "since must name a date field")
    if computed.proto.until and (computed.until is None or computed.until.kind != "DATE"):
        catalog.fault(record.file, where, "until must name a date field")
    for name in getattr(computed.proto, "from"):
        computed.from_mask |= 1 << catalog.state_number(record, where, name)
