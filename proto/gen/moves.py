"""Prints actions, guards and computed states as C."""

from words import boolean, indexes, roles, text


def action_table(name, record):
    if not record.actions:
        return []
    out = []
    for action in record.actions:
        if action.guards:
            guards = ", ".join(f"&{name}_guards[{guard.index}]" for guard in action.guards)
            out.append(f"static const struct prac_guard *const {name}_{action.name}_guards[] = "
                       f"{{ {guards} }};")
    out.append(f"static const struct prac_action {name}_actions[] = {{")
    for action in record.actions:
        args = f"&prac_type_{action.args.name}" if action.args else "0"
        guards = f"{name}_{action.name}_guards" if action.guards else "0"
        out.append(f"\t{{ {action.number}, {text(action.name)}, {text(action.label)}, "
                   f"{text(action.help)}, {action.from_mask:#x}ull, {action.to}, {args}, "
                   f"{boolean(action.district)}, {roles(action.roles)}, {guards}, "
                   f"{len(action.guards)} }},")
    return out + ["};"]


def conditions(name, found):
    if not found:
        return []
    rows = ", ".join(f"{{ {c.field.index}, {c.number} }}" for c in found)
    return [f"static const struct prac_condition {name}[] = {{ {rows} }};"]


def guard_tables(name, record):
    out = []
    rows = []
    for guard in record.guards:
        start = f"{name}_guard_{guard.index}"
        row = {
            "name": text(guard.name),
            "label": text(guard.label),
            "help": text(guard.help),
            "ref": number_of(guard.ref),
            "children": guard.children.number if guard.children else 0,
            "by": guard.by.number if guard.by else 0,
            "states": f"{guard.states:#x}ull",
            "every": boolean(guard.proto.every),
            "valid_from": number_of(guard.valid_from),
            "valid_until": number_of(guard.valid_until),
        }
        for option in ("when", "where"):
            if getattr(guard, option):
                out += conditions(f"{start}_{option}", getattr(guard, option))
                row[option] = f"{start}_{option}"
                row[f"n_{option}"] = len(getattr(guard, option))
        for option in ("has", "on"):
            if getattr(guard, option):
                out += indexes(f"{start}_{option}", getattr(guard, option))
                row[option] = f"{start}_{option}"
                row[f"n_{option}"] = len(getattr(guard, option))
        rows += ["\t{"] + [f"\t\t.{key} = {value}," for key, value in row.items()] + ["\t},"]
    if rows:
        out += [f"static const struct prac_guard {name}_guards[] = {{", *rows, "};"]
    return out


def number_of(field):
    return -1 if field is None else field.index


def computed_table(name, record):
    if not record.computed:
        return []
    out = [f"static const struct prac_computed {name}_computed[] = {{"]
    for state in record.computed:
        out.append(f"\t{{ {text(state.name)}, {text(state.label)}, {text(state.help)}, "
                   f"{state.from_mask:#x}ull, {number_of(state.since)}, {state.days}, "
                   f"{number_of(state.until)} }},")
    return out + ["};"]


def guard_loads(catalog):
    """What judging the guards of a type's actions takes, in the terms of rules files."""
    out = []
    for record in catalog.types:
        loads = {}
        for action in record.actions:
            for guard in action.guards:
                for load in loads_of(guard):
                    loads[load] = loads.get(load, 0) | 1 << action.number
        if loads:
            record.has_loads = True
            out.append(f"static const struct prac_load {record.name}_loads[] = {{")
            out += [f"\t{{ .kind = {kind}, .type = {child}, .field = {field}, .actions = {mask:#x}ull, "
                    f".via = {via} }},"
                    for (kind, child, field, via), mask in loads.items()]
            out.append("};")
    out += ["", "size_t prac_guard_loads(const struct prac_type *type, const struct prac_load **loads_out)",
            "{", "\tswitch (type->number) {"]
    for record in catalog.types:
        if getattr(record, "has_loads", False):
            out += [f"\tcase {record.number}:", f"\t\t*loads_out = {record.name}_loads;",
                    f"\t\treturn sizeof({record.name}_loads) / sizeof({record.name}_loads[0]);"]
    return out + ["\tdefault:", "\t\t*loads_out = 0;", "\t\treturn 0;", "\t}", "}"]


def loads_of(guard):
    if guard.ref:
        yield "PRAC_LOAD_PARENT", 0, guard.ref.number, 0
    if guard.children:
        via = guard.ref.number if guard.ref else 0
        yield "PRAC_LOAD_CHILDREN", guard.children.number, guard.by.number, via
