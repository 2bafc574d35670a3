"""The record types as plain objects, and every rule a record message must keep."""

import re

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Proto

GROUPS_MAX = 16
FIELDS_MAX = 64
STATES_MAX = 64
TEXT_MAX = 16384

# Columns that every record table has, then the words PostgreSQL does not take as column names.
TAKEN = set(
    """id scope seq group_seq deleted extra from_seq to_seq
    all analyze and any array as asc asymmetric authorization between binary both case cast
    check collate collation column concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in
    initially inner intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
    references returning right select session_user similar some symmetric table tablesample then to
    trailing true union unique user using variadic verbose when where window with""".split()
)

# What options.proto calls a kind, and the type and label its field must have.
DECLARED = {
    "DATE": Proto.TYPE_INT32,
    "TIME": Proto.TYPE_INT32,
    "MINUTES": Proto.TYPE_INT64,
    "CENTS": Proto.TYPE_INT64,
    "INSTANT": Proto.TYPE_INT64,
}
PLAIN = {
    Proto.TYPE_STRING: "TEXT",
    Proto.TYPE_INT64: "INT",
    Proto.TYPE_BOOL: "BOOL",
    Proto.TYPE_ENUM: "ENUM",
}


def snake(camel):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", camel).lower()


def worded(name):
    """starts_on -> Starts on, student_id -> Student"""
    words = re.sub(r"_id$", "", name).replace("_", " ")
    return words[:1].upper() + words[1:]


class Value:
    def __init__(self, number, name, label):
        self.number, self.name, self.label = number, name, label


class Group:
    def __init__(self, proto, index):
        self.number, self.name, self.index = proto.number, proto.name, index
        self.label = proto.label or worded(proto.name)
        self.is_set = proto.merge == 1
        self.fields = []


class Field:
    def __init__(self, proto, facts, index):
        self.number, self.name, self.index = proto.number, proto.name, index
        self.facts = facts
        self.label = facts.label or worded(proto.name)
        self.repeated = proto.label == Proto.LABEL_REPEATED
        self.kind = None
        self.values = []
        self.group = None
        self.ref_type = 0
        self.min = facts.min if facts.HasField("min") else None
        self.max = facts.max if facts.HasField("max") else None


class Action:
    def __init__(self, proto):
        self.number, self.name = proto.number, proto.name
        self.label = proto.label or worded(proto.name)
        self.help, self.district = proto.help, proto.district
        self.roles, self.guard_names, self.guards = list(proto.roles), list(proto.guards), []
        self.args = None
        self.from_mask = 0
        self.to = -1


class Guard:
    def __init__(self, proto, index):
        self.proto, self.name, self.index = proto, proto.name, index
        self.label = proto.label or worded(proto.name).lower()
        self.help = proto.help
        self.when, self.has, self.where, self.on = [], [], [], []
        self.ref = self.children = self.by = self.valid_from = self.valid_until = None
        self.states = 0


class Computed:
    def __init__(self, proto):
        self.proto, self.name = proto, proto.name
        self.label, self.help = proto.label or worded(proto.name), proto.help
        self.days = proto.days
        self.from_mask = 0
        self.since = self.until = None


class Type:
    """A record message, or the argument message of an action (then `facts` is None)."""

    def __init__(self, file, proto, facts, name):
        self.file, self.proto, self.facts, self.name = file, proto, facts, name
        self.number = facts.number if facts else 0
        self.label = (facts.label if facts else "") or worded(name)
        self.plural = (facts.plural if facts else "") or self.label + "s"
        self.fields, self.groups, self.actions = [], [], []
        self.guards, self.computed = [], []
        self.state = None
        self.frozen = 0
        self.owner_field = self.follow_field = self.frozen_with = None
        self.title, self.natural_key, self.columns, self.alike = [], [], [], []

    def field(self, name):
        return next((f for f in self.fields if f.name == name), None)


class Catalog:
    def __init__(self, files, options):
        self.options = options
        self.faults = []
        self.enums = {}
        self.types = []
        for file in files:
            self.read_enums(file)
        for file in files:
            for message in file.message_type:
                self.read_record(file, message)
        self.types.sort(key=lambda t: t.number)
        self.check_types()
        for record in self.types:
            self.check_record(record)

    def fault(self, file, where, reason):
        self.faults.append(f"proto/{file.name}: {where}: {reason}")

    def read_enums(self, file):
        prefix = "." + file.package
        for enum in file.enum_type:
            self.read_enum(file, prefix, enum)
        for message in file.message_type:
            for enum in message.enum_type:
                self.read_enum(file, f"{prefix}.{message.name}", enum)

    def read_enum(self, file, prefix, enum):
        start = snake(enum.name).upper() + "_"
        values = []
        for value in enum.value:
            where = f"{enum.name}.{value.name}"
            if not value.name.startswith(start):
                self.fault(file, where, f"the name must begin with {start}")
            if not 1 <= value.number <= 65535:
                self.fault(file, where, "the number must be from 1 to 65535")
            name = value.name[len(start):].lower()
            label = value.options.Extensions[self.options.v].label
            values.append(Value(value.number, name, label or worded(name)))
        self.enums[f"{prefix}.{enum.name}"] = values

    def read_record(self, file, message):
        if not message.options.HasExtension(self.options.record):
            self.fault(file, message.name, "a top-level message here needs option (record)")
            return
        facts = message.options.Extensions[self.options.record]
        record = Type(file, message, facts, snake(message.name))
        for index, proto in enumerate(facts.group):
            record.groups.append(Group(proto, index))
        self.read_fields(record)
        self.read_actions(record)
        record.guards = [Guard(proto, index) for index, proto in enumerate(facts.guard)]
        record.computed = [Computed(proto) for proto in facts.computed]
        self.types.append(record)

    def read_fields(self, owner):
        protos = sorted(owner.proto.field, key=lambda f: f.number)
        for index, proto in enumerate(protos):
            facts = proto.options.Extensions[self.options.f]
            field = Field(proto, facts, index)
            field.kind = self.kind_of(owner, proto, facts)
            if field.kind == "ENUM":
                field.values = self.enums.get(proto.type_name, [])
            owner.fields.append(field)
            if facts.state:
                if owner.state is not None:
                    self.fault(owner.file, f"{owner.proto.name}.{field.name}", "a second state field")
                owner.state = field

    def kind_of(self, owner, proto, facts):
        where = f"{owner.proto.name}.{proto.name}"
        declared = self.options.Kind.Name(facts.kind)
        repeated = proto.label == Proto.LABEL_REPEATED
        if repeated and proto.type != Proto.TYPE_STRING:
            self.fault(owner.file, where, "only strings may be repeated")
        if proto.label == Proto.LABEL_REQUIRED:
            self.fault(owner.file, where, "say optional; what must be there has `required: true`")
        if proto.HasField("oneof_index") or proto.HasField("default_value"):
            self.fault(owner.file, where, "no oneof and no default in records")
        if declared != "FROM_TYPE":
            if DECLARED[declared] != proto.type:
                want = "int32" if DECLARED[declared] == Proto.TYPE_INT32 else "int64"
                self.fault(owner.file, where, f"kind {declared} needs {want}")
            return declared
        if repeated:
            return "TEXT_LIST"
        if proto.type == Proto.TYPE_BYTES:
            return "REF" if facts.ref else "BLOB"
        if proto.type not in PLAIN:
            self.fault(owner.file, where, "a field is a string, bytes, int64, bool or enum, or has a kind")
        return PLAIN.get(proto.type, "INT")

    def read_actions(self, record):
        for proto in record.facts.action:
            action = Action(proto)
            where = f"{record.proto.name} action {proto.name}"
            if proto.args:
                message = next((m for m in record.proto.nested_type if m.name == proto.args), None)
                if message is None:
                    self.fault(record.file, where, f"no nested message {proto.args}")
                else:
                    action.args = Type(record.file, message, None, f"{record.name}_{proto.name}")
                    self.read_fields(action.args)
            for name in getattr(proto, "from"):
                action.from_mask |= 1 << self.state_number(record, where, name)
            if proto.to:
                action.to = self.state_number(record, where, proto.to)
            record.actions.append(action)

    def state_number(self, record, where, name):
        values = record.state.values if record.state else []
        found = next((v.number for v in values if v.name == name), None)
        if found is None:
            self.fault(record.file, where, f"no state {name}")
            return 0
        return min(found, STATES_MAX - 1)

    # What the messages promise to each other and to the tables.

    def check_types(self):
        self.unique("record types", None, [(t.number, t) for t in self.types])
        self.unique("record types", None, [(t.name, t) for t in self.types])

    def unique(self, what, record, pairs):
        seen = {}
        for key, owner in pairs:
            if key in seen:
                holder = record or owner
                self.fault(holder.file, holder.proto.name, f"{what}: {key} stands twice")
            seen[key] = owner

    def check_record(self, record):
        facts = record.facts

        def fault(reason):
            self.fault(record.file, record.proto.name, reason)

        if not 1 <= record.number <= 65535:
            fault("the type number must be from 1 to 65535")
        if not facts.HasField("owner"):
            fault("owner is missing")
        if not facts.help or not facts.retention:
            fault("help and retention must be said")
        if not record.fields or len(record.fields) > FIELDS_MAX:
            fault(f"a type has 1 to {FIELDS_MAX} fields")
        if not record.groups or len(record.groups) > GROUPS_MAX:
            fault(f"a type has 1 to {GROUPS_MAX} groups")
        self.unique("group numbers", record, [(g.number, g) for g in record.groups])
        self.unique("group names", record, [(g.name, g) for g in record.groups])
        self.unique("action numbers", record, [(a.number, a) for a in record.actions])
        self.unique("action names", record, [(a.name, a) for a in record.actions])
        if any(g.number == 0 for g in record.groups) or any(a.number == 0 for a in record.actions):
            fault("groups and actions are numbered from 1")
        self.check_state(record, fault)
        self.check_names(record, fault)
        for field in record.fields:
            self.check_field(record, field, record.groups)
        for group in record.groups:
            if not group.fields:
                fault(f"group {group.name} has no field")
            if group.is_set and (len(group.fields) != 1 or group.fields[0].kind != "TEXT_LIST"):
                fault(f"group {group.name}: merge SET needs exactly one repeated string")
        for action in record.actions:
            self.check_args(record, action)
        self.check_owner(record, fault)
        self.check_roles(record, fault)
        self.check_masks(record, fault)

    def access_of(self, record):
        facts = record.facts
        if facts.access:
            return self.options.Access.Name(facts.access)
        by_owner = {"REFERENCE": "PARTNER" if facts.proposable else "COMMON", "ASSIGNED": "CASE"}
        return by_owner.get(self.options.Owner.Name(facts.owner), "WORK")

    def check_roles(self, record, fault):
        known = {name[len("ROLE_"):].lower() for name in self.options.Role.keys()} - {"none"}
        for action in record.actions:
            for role in set(action.roles) - known:
                fault(f"action {action.name}: no role {role}")
        for field in record.fields:
            for role in set(field.facts.writers) - known:
                fault(f"{field.name}: writers: no role {role}")

    def check_masks(self, record, fault):
        """What everybody's copy of a record must have is masked from nobody."""
        dates = {name for computed in record.computed
                 for name in (computed.proto.since, computed.proto.until)}
        bare = {field.name for field in record.title + record.natural_key} | dates
        bare |= {record.facts.owner_field, record.facts.follows, record.facts.frozen_with}
        for field in record.fields:
            facts = field.facts
            if facts.mask and (facts.state or facts.hashed or field.name in bare):
                fault(f"{field.name}: mask: a state, a hash, a title, a key or a date rests on it")
            if self.options.Mask.Name(facts.mask) == "CONTENT" and not record.field("record_type"):
                fault(f"{field.name}: mask CONTENT needs fields record_type and record_id")

    def check_state(self, record, fault):
        if record.state is None:
            if record.actions or record.facts.frozen:
                fault("actions and frozen states need a field with `state: true`")
            return
        if record.state.kind != "ENUM" or record.state.repeated:
            fault("the state field must be an enum")
        if any(v.number >= STATES_MAX for v in record.state.values):
            fault(f"state numbers must be below {STATES_MAX}")
        for name in record.facts.frozen:
            record.frozen |= 1 << self.state_number(record, f"{record.proto.name} frozen", name)

    def check_names(self, record, fault):
        for option in ("title", "natural_key", "columns"):
            for name in getattr(record.facts, option):
                field = record.field(name)
                if field is None:
                    fault(f"{option}: no field {name}")
                else:
                    getattr(record, option).append(field)
        for index, alike in enumerate(record.facts.alike):
            fields = [record.field(name) for name in alike.fields]
            if not fields or any(f is None or f.repeated or f.facts.state for f in fields):
                fault(f"alike: {', '.join(alike.fields)}: wants fields with one value, no state")
            record.alike.append((f"{record.name}_alike_{index}", fields))
        if not record.title or not record.columns:
            fault("title and columns must name fields")
        for field in record.natural_key:
            if field.facts.sealed:
                fault(f"natural_key: {field.name} is sealed, and a replica looks up by it")
        if record.facts.unique:
            self.check_unique(record, fault)

    def check_unique(self, record, fault):
        if not record.natural_key or not record.natural_key[0].facts.required:
            fault("unique needs a natural_key whose first field is required")
        args = {arg.name for action in record.actions if action.args
                for arg in action.args.fields}
        for field in record.natural_key:
            if field.repeated or field.facts.state or field.name in args:
                fault(f"unique: {field.name} is a list or moved by actions")

    def check_field(self, owner, field, groups):
        where = f"{owner.proto.name}.{field.name}"
        facts = field.facts

        def fault(reason):
            self.fault(owner.file, where, reason)

        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", field.name) or field.name in TAKEN:
            fault("the name must be snake case and free as a column name")
        if groups is not None:
            group = next((g for g in groups if g.name == facts.group), None)
            if group is None:
                fault(f"no group {facts.group!r}")
            else:
                field.group = group
                group.fields.append(field)
        if facts.ref and field.kind != "REF":
            fault("ref needs a bytes field")
        if facts.ref and facts.ref != "*":
            target = next((t for t in self.types if t.name == facts.ref), None)
            if target is None:
                fault(f"no record type {facts.ref} to refer to")
            field.ref_type = target.number if target else 0
        if facts.sealed and (facts.indexed or facts.state or facts.ref):
            fault("a replica looks up by it, so it cannot be sealed")
        self.check_limits(field, fault)

    def check_limits(self, field, fault):
        facts = field.facts
        sized = field.kind in ("TEXT", "TEXT_LIST", "BLOB")
        ranged = field.kind in ("INT", "MINUTES", "CENTS")
        if (field.min is not None or field.max is not None) and not sized and not ranged:
            fault(f"min and max do not belong to kind {field.kind}")
        if field.min is not None and field.max is not None and field.min > field.max:
            fault("min is larger than max")
        if sized and (field.min or 0) < 0:
            fault("a length is not negative")
        if field.kind in ("TEXT", "TEXT_LIST") and not 1 <= (field.max or 0) <= TEXT_MAX:
            fault(f"a text says max, from 1 to {TEXT_MAX} bytes")
        if field.kind == "BLOB" and field.max is None:
            fault("a blob says max")
        if facts.state and (facts.required or facts.immutable):
            fault("a state is always there and only actions change it")
        if facts.required and facts.since > 1:
            fault("a later field cannot be required: older programs do not send it")

    def check_args(self, record, action):
        if action.args is None:
            return
        for arg in action.args.fields:
            self.check_field(action.args, arg, None)
            field = record.field(arg.name)
            if field is not None and field.kind != arg.kind:
                self.fault(record.file, f"{record.proto.name}.{action.args.proto.name}.{arg.name}",
                           "named as a field of the record, so it must have its kind")

    def check_owner(self, record, fault):
        facts = record.facts
        by_field = self.options.Owner.Name(facts.owner) == "BY_FIELD"
        if by_field != bool(facts.owner_field):
            fault("owner_field belongs to owner BY_FIELD, and BY_FIELD needs it")
        if facts.owner_field:
            record.owner_field = record.field(facts.owner_field)
            field = record.owner_field
            if field is None or not (field.facts.ref == "school" and field.facts.required
                                     and field.facts.immutable):
                fault("owner_field must be a required, immutable reference to a school")
        if self.options.Owner.Name(facts.owner) == "TARGET":
            about = [record.field(name) for name in ("record_type", "record_id")]
            if not all(field and field.facts.required and field.facts.immutable
                       for field in about):
                fault("owner TARGET needs required, immutable fields record_type and record_id")
            elif about[0].group is not about[1].group:
                fault("record_type and record_id must be of one group")
            if not facts.rules:
                fault("owner TARGET needs rules that load the target")
        if facts.follows:
            record.follow_field = record.field(facts.follows)
            if record.follow_field is None or record.follow_field.facts.ref != "student":
                fault("follows must name a reference to a student")
        if facts.frozen_with:
            record.frozen_with = record.field(facts.frozen_with)
            number = record.frozen_with.ref_type if record.frozen_with else 0
            parent = next((t for t in self.types if t.number == number), None)
            if parent is None or not parent.facts.frozen or number >= record.number:
                fault("frozen_with must refer to a type with a lower number and frozen states")
        if facts.proposable and (self.options.Owner.Name(facts.owner) != "REFERENCE"
                                 or record.state is None):
            fault("proposable needs owner REFERENCE and states")
