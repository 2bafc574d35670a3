"""C text for the smallest things."""


def indexes(name, fields):
    if not fields:
        return []
    numbers = ", ".join(str(f.index) for f in fields)
    return [f"static const uint16_t {name}[] = {{ {numbers} }};"]


def text(words):
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def boolean(value):
    return "1" if value else "0"


def roles(names):
    return " | ".join(f"1u << PRAC_ROLE_{name.upper()}" for name in names) or "0"
