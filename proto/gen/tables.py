"""Prints the model as C."""

import moves
from words import boolean, indexes, roles, text


def header(catalog):
    """Names for what the rules files speak of; everything else walks the tables."""
    names = {}
    out = ["/* Generated from proto/records. NAME is a field's index, NAME_NO its number. */",
           "#pragma once", "", '#include "common/catalog/catalog.h"', ""]

    def enum(pairs):
        out.append("enum {")
        for name, number in pairs:
            if name in names:
                raise SystemExit(f"proto/records: the name {name} would stand for two things")
            names[name] = number
            out.append(f"\t{name} = {number},")
        out.append("};")

    enum([(f"PRAC_{t.name.upper()}", t.number) for t in catalog.types])
    for record in catalog.types:
        prefix = f"PRAC_{record.name.upper()}"
        out.append("")
        out.append(f"extern const struct prac_type prac_type_{record.name};")
        enum(field_names(prefix, record))
        enum([(f"{prefix}_GROUP_{g.name.upper()}", g.number) for g in record.groups])
        if record.actions:
            enum([(f"{prefix}_DO_{a.name.upper()}", a.number) for a in record.actions])
        for action in record.actions:
            if action.args:
                enum(field_names(f"{prefix}_{action.name.upper()}", action.args))
    return "\n".join(out) + "\n"


def field_names(prefix, owner):
    for field in owner.fields:
        name = f"{prefix}_{field.name.upper()}"
        yield name, field.index
        yield f"{name}_NO", field.number
        for value in field.values:
            yield f"{name}_{value.name.upper()}", value.number


def rules(catalog):
    """Stands in common/rules' library, since the catalog knows nothing of rules."""
    ruled = [t for t in catalog.types if t.facts.rules]
    out = ["/* Generated from proto/records. */", '#include "common/rules/rules.h"', ""]
    out += [f"extern const struct prac_rules prac_rules_{t.name};" for t in ruled]
    out += ["", "const struct prac_rules *prac_rules_find(const struct prac_type *type)", "{",
            "\tswitch (type->number) {"]
    for record in ruled:
        out += [f"\tcase {record.number}:", f"\t\treturn &prac_rules_{record.name};"]
    out += ["\tdefault:", "\t\treturn 0;", "\t}", "}", ""]
    return "\n".join(out + moves.guard_loads(catalog)) + "\n"


def source(catalog):
    out = ["/* Generated from proto/records. */", '#include "catalog/types.h"', ""]
    for record in catalog.types:
        for action in record.actions:
            if action.args:
                out += type_tables(catalog, action.args, "static ")
        out += type_tables(catalog, record, "")
    return "\n".join(out) + "\n"


def listing(catalog):
    """A file of its own, so that the simulator can do with a shorter list of the same types."""
    out = ["/* Generated from proto/records. */", '#include "catalog/types.h"', "",
           "const struct prac_type *const prac_types[] = {"]
    out += [f"\t&prac_type_{t.name}," for t in catalog.types]
    out += ["};", f"const size_t prac_n_types = {len(catalog.types)};"]
    return "\n".join(out) + "\n"


def type_tables(catalog, record, linkage):
    name = record.name
    out = []
    for field in record.fields:
        out += field_tables(name, field)
    out.append(f"static const struct prac_field {name}_fields[] = {{")
    for field in record.fields:
        out += field_row(name, field)
    out.append("};")
    for group in record.groups:
        out += indexes(f"{name}_group_{group.number}", group.fields)
    if record.groups:
        out.append(f"static const struct prac_group {name}_groups[] = {{")
        for group in record.groups:
            merge = "PRAC_MERGE_SET" if group.is_set else "PRAC_MERGE_VALUE"
            out.append(f"\t{{ {group.number}, {text(group.name)}, {text(group.label)}, {merge}, "
                       f"{name}_group_{group.number}, {len(group.fields)} }},")
        out.append("};")
    out += moves.guard_tables(name, record)
    out += moves.computed_table(name, record)
    out += moves.action_table(name, record)
    for option in ("title", "natural_key", "columns"):
        out += indexes(f"{name}_{option}", getattr(record, option))
    for table, fields in record.alike:
        out += indexes(table, fields)
    if record.alike:
        out.append(f"static const struct prac_alike {name}_alike[] = {{")
        out += [f"\t{{ {table}, {len(fields)} }}," for table, fields in record.alike]
        out.append("};")
    return out + type_row(catalog, record, linkage)


def field_tables(name, field):
    out = []
    if field.values:
        out.append(f"static const struct prac_enum_value {name}_{field.name}_values[] = {{")
        out += [f"\t{{ {v.number}, {text(v.name)}, {text(v.label)} }}," for v in field.values]
        out.append("};")
    return out


FLAGS = ("required", "immutable", "state", "hashed", "sealed", "indexed")


def field_row(name, field):
    flags = [f"PRAC_{flag.upper()}" for flag in FLAGS if getattr(field.facts, flag)]
    if field.facts.state:
        flags.append("PRAC_REQUIRED")
    row = {
        "number": field.number,
        "index": field.index,
        "group": field.group.index if field.group else 0,
        "kind": f"PRAC_{field.kind}",
        "flags": " | ".join(flags) or 0,
        "since": field.facts.since,
        "personal": field.facts.personal,
        "mask": field.facts.mask,
        "ref_type": field.ref_type,
        "min": "INT64_MIN" if field.min is None else f"{field.min}LL",
        "max": "INT64_MAX" if field.max is None else f"{field.max}LL",
        "name": text(field.name),
        "label": text(field.label),
        "help": text(field.facts.help),
        "unit": text(field.facts.unit),
    }
    if field.values:
        row["values"] = f"{name}_{field.name}_values"
        row["n_values"] = len(field.values)
    if field.facts.writers:
        row["writers"] = roles(field.facts.writers)
    return ["\t{"] + [f"\t\t.{key} = {value}," for key, value in row.items()] + ["\t},"]


def type_row(catalog, record, linkage):
    name, facts = record.name, record.facts
    row = {
        "number": record.number,
        "name": text(name),
        "label": text(record.label),
        "plural": text(record.plural),
        "help": text(facts.help if facts else ""),
        "retention": text(facts.retention if facts else ""),
        "owner_field": -1 if record.owner_field is None else record.owner_field.index,
        "follow_field": -1 if record.follow_field is None else record.follow_field.index,
        "state_field": -1 if record.state is None else record.state.index,
        "frozen_with": -1 if record.frozen_with is None else record.frozen_with.index,
        "fields": f"{name}_fields",
        "n_fields": len(record.fields),
    }
    if facts:
        row["owner"] = f"PRAC_OWNER_{catalog.options.Owner.Name(facts.owner)}"
        row["access"] = f"PRAC_ACCESS_{catalog.access_of(record)}"
        row["append_only"] = boolean(facts.append_only)
        row["reported"] = boolean(facts.reported)
        row["unique"] = boolean(facts.unique)
        row["proposable"] = boolean(facts.proposable)
        row["frozen"] = f"{record.frozen:#x}ull"
        row["groups"] = f"{name}_groups"
        row["n_groups"] = len(record.groups)
    for option in ("actions", "guards", "computed", "alike"):
        if getattr(record, option):
            row[option] = f"{name}_{option}"
            row[f"n_{option}"] = len(getattr(record, option))
    for option in ("title", "natural_key", "columns"):
        if getattr(record, option):
            row[option] = f"{name}_{option}"
            row[f"n_{option}"] = len(getattr(record, option))
    out = [f"{linkage}const struct prac_type prac_type_{name} = {{"]
    return out + [f"\t.{key} = {value}," for key, value in row.items()] + ["};", ""]
