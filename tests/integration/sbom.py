#!/usr/bin/python3
"""usage: sbom.py BUILD-FOLDER   what the programs are made of is told by them and by deploy/sbom."""
import json
import pathlib
import subprocess
import sys

import cases

ROOT = pathlib.Path(__file__).resolve().parents[2]


def output(*words):
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout


def programs_say_with_which_libraries_they_were_built(build):
    version = output("pkg-config", "--modversion", "libsodium").strip()
    for program in ("practicum", "practicumd"):
        lines = output(build / program, "--version").splitlines()
        assert lines[0].split()[0] == program and f"  libsodium {version}" in lines, lines


def the_bill_of_materials_names_every_package_that_is_loaded(build):
    bill = json.loads(output(ROOT / "deploy/sbom", build / "practicum", build / "practicumd"))
    found = {part["name"]: part["version"] for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX" and bill["metadata"]["component"]["version"][0].isdigit()
    for package in ("libpq5", "libssl3", "libsodium23", "libsqlite3-0", "libuv1", "libc6"):
        assert found.get(package) == output("dpkg-query", "-W", "-f", "${Version}", package), (package, found)


if __name__ == "__main__":
    sys.exit(1 if cases.run([programs_say_with_which_libraries_they_were_built,
                             the_bill_of_materials_names_every_package_that_is_loaded],
                            pathlib.Path(sys.argv[1])) else 0)
