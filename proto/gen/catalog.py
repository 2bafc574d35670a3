#!/usr/bin/env python3
"""Checks proto/records and writes the record catalog as const C tables.

usage: catalog.py --protoc PROTOC --proto FOLDER --out FOLDER

FOLDER/records/*.proto become, under OUT/catalog:
  types.h   numbers and field indexes by name
  tables.c  what common/catalog/catalog.h declares, but for
  list.c    the list of all types
  rules.c   which type has which rules (common/rules/rules.h)
Every fault is printed as file: message.field: reason; then nothing is written and the exit is 1.
"""

import argparse
import importlib
import pathlib
import subprocess
import sys
import tempfile

import model
import promises
import tables


def load(protoc, root):
    """The files below records/ as descriptors whose options are readable."""
    files = sorted(str(p.relative_to(root)) for p in root.glob("records/*.proto"))
    with tempfile.TemporaryDirectory() as work:
        image = pathlib.Path(work, "records.bin")
        command = [protoc, f"--proto_path={root}"]
        run(command + [f"--python_out={work}", "options.proto"])
        run(command + ["--include_imports", f"--descriptor_set_out={image}", *files])
        sys.path.insert(0, work)
        # Registers the extensions, which must happen before the image is parsed.
        options = importlib.import_module("options_pb2")
        from google.protobuf import descriptor_pb2

        image_set = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    return [f for f in image_set.file if f.name in files], options


def run(command):
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(1)


def write(path, text):
    """Leaves an unchanged file alone, so that nothing is compiled for it."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protoc", default="protoc")
    parser.add_argument("--proto", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()

    files, options = load(args.protoc, args.proto)
    catalog = model.Catalog(files, options)
    promises.check(catalog)
    if catalog.faults:
        print("\n".join(catalog.faults), file=sys.stderr)
        sys.exit(1)
    out = args.out / "catalog"
    write(out / "types.h", tables.header(catalog))
    write(out / "tables.c", tables.source(catalog))
    write(out / "list.c", tables.listing(catalog))
    write(out / "rules.c", tables.rules(catalog))


if __name__ == "__main__":
    main()
