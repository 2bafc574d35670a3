#!/usr/bin/python3
"""usage: signed.py BUILD-FOLDER [CASE...]   apt takes the packages that the district's key signed, and nothing else.

A key of the moment, packages of a few bytes, deploy/repository, and Debian's apt in a root of its own.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY = "updates@district.example"
CONTROL = "Package: practicum\nVersion: {}\nArchitecture: all\nMaintainer: {}\nDescription: nothing\n"


class Place:
    """Who signs, the repository, and a machine that trusts the key."""

    def __init__(self, folder):
        self.folder, self.packages, self.root = folder, folder / "packages", folder / "root"
        self.environment = dict(os.environ, GNUPGHOME=str(folder / "gpg"), LC_ALL="C")
        for name in ("gpg", "packages", "root/etc/apt/apt.conf.d", "root/etc/apt/preferences.d",
                     "root/var/lib/apt/lists/partial", "root/var/cache/apt/archives/partial", "root/var/lib/dpkg"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / "var/lib/dpkg/status").touch()
        self.run(ROOT / "deploy/install-packages", "sign")
        self.make_key(KEY)
        self.make_package("1.0")
        self.sign(KEY)
        shutil.copy(self.packages / "practicum.gpg", self.root / "etc/apt/practicum.gpg")
        (self.root / "etc/apt/sources.list").write_text(
            f"deb [signed-by={self.root}/etc/apt/practicum.gpg] copy:{self.packages} ./\n", "utf-8")

    def run(self, *words, code=0):
        done = subprocess.run(list(map(str, words)), env=self.environment, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=False)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def make_key(self, name):
        self.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "1d")

    def make_package(self, version):
        tree = self.folder / version
        (tree / "DEBIAN").mkdir(mode=0o755, parents=True)
        (tree / "DEBIAN/control").write_text(CONTROL.format(version, KEY), "utf-8")
        self.run("dpkg-deb", "--root-owner-group", "--build", tree, self.packages)

    def sign(self, key):
        return self.run(ROOT / "deploy/repository", self.packages, key)

    def apt(self, *words, code=0):
        return self.run("apt-get", "-o", f"Dir={self.root}", "-o", f"Dir::State::status={self.root}/var/lib/dpkg/status",
                        "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none", *words, code=code)

    def update(self, is_taken):
        """What apt says; a repository that it does not trust is an error, and the one of before stays."""
        return self.apt("-o", "APT::Update::Error-Mode=any", "update", code=0 if is_taken else 100)

    def offered(self):
        said = self.run("apt-cache", "-o", f"Dir={self.root}", "policy", "practicum")
        return next((line.split()[1] for line in said.splitlines() if "Candidate:" in line), None)


def change_byte(file):
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


def apt_takes_what_the_key_signed(place):
    place.update(True)
    assert place.offered() == "1.0"
    place.make_package("1.1")
    assert "signed by " in place.sign(KEY)
    place.update(True)
    assert place.offered() == "1.1"
    place.apt("download", "practicum=1.1")
    pathlib.Path("practicum_1.1_all.deb").unlink()


def apt_refuses_a_list_or_a_signature_in_which_a_byte_changed(place):
    for name in ("Packages", "InRelease"):
        place.make_package(f"2.{name}")
        place.sign(KEY)
        change_byte(place.packages / name)
        place.update(False)
        assert place.offered() == "1.1", name
        place.sign(KEY)
    place.update(True)


def apt_refuses_a_package_in_which_a_byte_changed(place):
    package = place.packages / "practicum_1.1_all.deb"
    whole = package.read_bytes()
    change_byte(package)
    said = place.apt("download", "practicum=1.1", code=100)
    assert "Hash Sum mismatch" in said, said
    package.write_bytes(whole)


def apt_refuses_another_key_and_no_key(place):
    place.make_key("somebody@else.example")
    place.sign("somebody@else.example")
    assert "NO_PUBKEY" in place.update(False)
    (place.packages / "InRelease").unlink()
    assert "a Release file" in place.update(False)


def nothing_is_signed_by_a_key_that_is_not_there(place):
    before = (place.packages / "Packages").read_bytes()
    place.make_package("3.0")
    place.run(ROOT / "deploy/repository", place.packages, "nobody@district.example", code=1)
    assert (place.packages / "Packages").read_bytes() == before


def of_two_keys_of_one_address_none_is_chosen(place):
    before = (place.packages / "Packages").read_bytes()
    place.make_key("Another one <" + KEY + ">")
    said = place.run(ROOT / "deploy/repository", place.packages, KEY, code=1)
    assert "2 keys" in said and "fingerprint" in said, said
    assert (place.packages / "Packages").read_bytes() == before


CASES = [
    apt_takes_what_the_key_signed,
    apt_refuses_a_list_or_a_signature_in_which_a_byte_changed,
    apt_refuses_a_package_in_which_a_byte_changed,
    apt_refuses_another_key_and_no_key,
    nothing_is_signed_by_a_key_that_is_not_there,
    of_two_keys_of_one_address_none_is_chosen,
]


def main():
    with tempfile.TemporaryDirectory(prefix="prac-signed.") as folder:
        os.chdir(folder)  # where apt leaves what it downloads
        place = Place(pathlib.Path(folder))
        try:
            return 1 if cases.run(CASES, place) else 0
        finally:
            place.run("gpgconf", "--kill", "all")


if __name__ == "__main__":
    sys.exit(main())
