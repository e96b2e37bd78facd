"""The other end of an installation: this one source, standard library only, piped to a host's `python3`.

It takes files by their hashes into a folder of the user's cache, all or none. It opens no port and runs nothing.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
import zlib

MAGIC = b"\x00\xfflogq agent 1\n"
CHUNK = 1 << 20
MOST = 4 << 30


class RefusedError(Exception):
    """What came is not what was announced."""


class Input:
    """Bytes of standard input: a line, then what a zlib stream unfolds to."""

    def __init__(self, source):
        self.source, self.held, self.unfold = source, b"", zlib.decompressobj()

    def line(self):
        while b"\n" not in self.held:
            data = os.read(self.source, CHUNK)
            if not data:
                raise RefusedError("the input ended")
            self.held += data
        line, _, self.held = self.held.partition(b"\n")
        return json.loads(line.decode())

    def some(self, most):
        """At most so many unfolded bytes, and at least one."""
        while True:
            data = self.held or os.read(self.source, CHUNK)
            if not data:
                raise RefusedError("the input ended in the middle of a file")
            unfolded = self.unfold.decompress(data, most)
            self.held = self.unfold.unconsumed_tail
            if unfolded:
                return unfolded


def say(sink, told):
    data = json.dumps(told).encode() + b"\n"
    while data:
        data = data[os.write(sink, data) :]


def about():
    libc = "glibc" if platform.libc_ver()[0] == "glibc" else "musl"
    return {
        "python": list(sys.version_info[:2]),
        "implementation": sys.implementation.name,
        "system": sys.platform,
        "machine": platform.machine(),
        "libc": libc,
    }


def checked(asked):
    """Refuse a list of files that is not what its name says, or that leads out of the folder."""
    listing = "".join("%s %d %s\n" % (digest, size, path) for path, digest, size in asked["files"])
    if hashlib.sha256(listing.encode()).hexdigest() != asked["digest"]:
        raise RefusedError("the list of files is not what its hash says")
    for path, _, _ in asked["files"]:
        parts = path.split("/")
        if not path or "\0" in path or ".." in parts or "" in parts or "." in parts:
            raise RefusedError("a file would be written outside the folder: %r" % path)
    if sum(size for _, _, size in asked["files"]) > MOST:
        raise RefusedError("more than %d bytes" % MOST)
    return asked["files"], asked["digest"]


def whole(folder, files):
    """Whether a folder has all files as they should be."""
    for path, digest, size in files:
        name = os.path.join(folder, path)
        try:
            if os.path.getsize(name) != size or sum_of(name) != digest:
                return False
        except OSError:
            return False
    return True


def sum_of(name):
    digest = hashlib.sha256()
    with open(name, "rb") as file:
        for data in iter(lambda: file.read(CHUNK), b""):
            digest.update(data)
    return digest.hexdigest()


def take(source, folder, files):
    """Write files as they come, each checked."""
    for path, digest, size in files:
        name, known, left = os.path.join(folder, path), hashlib.sha256(), size
        os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
        with open(name, "xb") as file:
            while left:
                data = source.some(min(left, CHUNK))
                known.update(data)
                file.write(data)
                left -= len(data)
        if known.hexdigest() != digest:
            raise RefusedError("%s is not what its hash says" % path)


def received(source, sink, cache):
    """Take an installation; return where it is."""
    files, digest = checked(source.line())
    folder = os.path.join(cache, digest)
    if whole(folder, files):
        say(sink, {"have": True})
        return folder
    say(sink, {"have": False})
    os.makedirs(cache, mode=0o700, exist_ok=True)
    fresh = os.path.join(cache, ".%s.%d" % (digest, os.getpid()))
    old = fresh + ".old"
    try:
        os.mkdir(fresh, 0o700)
        take(source, fresh, files)
        if os.path.isdir(folder):  # damaged
            os.rename(folder, old)
        try:
            os.rename(fresh, folder)
        except OSError:
            if not whole(folder, files):  # else somebody else was faster
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return folder


def main(source, sink, cache):
    os.write(sink, MAGIC)
    say(sink, about())
    try:
        say(sink, {"folder": received(Input(source), sink, cache)})
    except (RefusedError, OSError, ValueError, KeyError, TypeError, zlib.error) as error:
        say(sink, {"error": str(error)})


if __name__ == "__main__":  # pragma: no cover (it is piped to an interpreter)
    main(0, 1, os.path.join(os.path.expanduser("~"), ".cache", "logq"))
