"""The agent of hosts that have any `python3` from 3.6 on: this one source, standard library only, piped to it.

It lists files and sends their bytes, whole or what can hold one of some texts, in the frames of `logq.run.wire.frames`
with bodies of JSON and of zlib. It opens no port, writes nothing, and ends with its input. Run as a file, as a forced
command does, it passes over the source that is piped to it.
"""

import argparse
import bz2
import glob
import hashlib
import io
import json
import lzma
import os
import queue
import re
import signal
import stat
import struct
import sys
import threading
import time
import zlib

MAGIC = b"\x00\xfflogq agent 1\n"
PROTOCOL = 2
HEADER = struct.Struct(">IBIIIII")
SEAL = struct.Struct(">I")
RECORD = struct.Struct(">QQII")
HELLO, PING, PONG, RESOLVE, MANIFEST, RUN, ROWS, UNIT_END, END, BEAT, ERROR = range(1, 12)
FIELDS = {
    "Look": {"sources", "sample"},
    "Check": {"files"},
    "Fetch": {"file", "start", "stop"},
    "Search": {"file", "texts", "begins", "cap"},
}
MAX_REQUEST = 32 << 20
HEAD = 4096
SAMPLE = 1 << 20
CHUNK = 1 << 18
SENT = 1 << 18
LONGEST = 16 << 20
FAR = 1 << 10
HUNG = 30
GZIP = 31
LEFT, LIMITED, BROKEN = 0, 3, 4


class SourceError(Exception):
    """A source that may not be read."""


class PlanDecodeError(Exception):
    """A request that is none."""


class LimitError(Exception):
    """A request that takes more than the agent may give."""


class ChangedError(OSError):
    """A file that is no longer what it was when the query was asked."""


class AbandonedError(Exception):
    """Nobody waits for the answer any more."""


# --- files


class Roots:
    """Folders below which files are read; none: all that the user may read."""

    def __init__(self, folders):
        self.folders = [os.path.realpath(os.fsencode(f)) for f in folders]
        self.names = [f.decode("utf-8", "replace") for f in self.folders]

    def holds(self, real):
        return not self.folders or any(real.startswith(f.rstrip(b"/") + b"/") for f in self.folders)

    def near(self, path, *, above=False):
        real = os.path.realpath(path)
        higher = above and any(f.startswith(real.rstrip(b"/") + b"/") for f in self.folders)
        return real in self.folders or self.holds(real) or higher

    def way_out(self, folder):
        """Which link on the way to a folder leads out of the roots, if it lies outside: what is there is not told."""
        if self.near(folder):
            return None
        parts = folder.split(b"/")
        ways = [b"/".join(parts[: n + 1]) for n in range(len(parts))]
        return next((way for way in ways if way and not self.near(way, above=True)), folder)

    def beyond(self):
        return "leads outside the roots %s" % self.names

    def check(self, source):
        path = os.path.abspath(os.path.expanduser(source))
        if self.holds(path) or path in self.folders or self.holds(os.path.realpath(path)):
            return
        raise SourceError("%r lies outside the roots %s of this agent" % (source.decode(), self.names))

    def open(self, path):
        """Open a regular file below the roots; whatever it is, opening it does not block."""
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        real = os.readlink(("/proc/self/fd/%d" % fd).encode())
        regular = stat.S_ISREG(os.fstat(fd).st_mode)
        if regular and self.holds(real):
            return fd
        os.close(fd)
        raise PermissionError(self.beyond() if regular else "no regular file")


def expand(source):
    """Path, folder or glob → (paths, those that are no regular files and what they are)."""
    path = os.path.expanduser(source)
    lost = []
    if os.path.isdir(path):
        walk = os.walk(path, onerror=lost.append)
        found = [os.path.join(folder, name) for folder, _, names in walk for name in names if name[:1] != b"."]
    elif os.path.lexists(path):
        found = [path]
    else:
        found = [p for p in glob.glob(path, recursive=True) if not os.path.isdir(p)]
    found = sorted(plainly(p) for p in found) if os.path.isdir(path) else sorted(found)
    others = [(p, kind_of(p)) for p in found]
    others = [(p, kind) for p, kind in others if kind is not None]
    regular = set(found).difference(p for p, _ in others)
    return sorted(regular) + [plainly(error.filename) for error in lost], others


def plainly(path):
    """A path without what means nothing in it."""
    parts = [part for part in path.split(b"/") if part not in (b"", b".")]
    return (b"/" if path.startswith(b"/") else b"") + b"/".join(parts)


def kind_of(path):
    """What it is if no file; None for one that can be read, or a name that leads nowhere, which is told as lost."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        return None
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def entry_of(path, roots, sample):
    """Path → (what the manifest says of it, the bytes that it begins with)."""
    told = nothing_of(path)
    try:
        if told["name"].encode() != path:
            raise OSError("its name is no UTF-8")
        fd = roots.open(path)
    except OSError as error:
        told["error"] = error.strerror or str(error)
        return told, b""
    try:
        status = os.fstat(fd)
        told.update(device=status.st_dev, inode=status.st_ino, size=status.st_size, head=head_of(fd, status.st_size))
        return told, os.pread(fd, min(sample, status.st_size), 0)
    finally:
        os.close(fd)


def nothing_of(path):
    return {"name": path.decode("utf-8", "replace"), "device": 0, "inode": 0, "size": 0, "head": "", "error": None}


def head_of(fd, size):
    return hashlib.blake2b(os.pread(fd, min(size, HEAD), 0), digest_size=8).hexdigest()


def found(entry, roots):
    """Open an entry's inode: under its name, or under that which rotation gave it."""
    name, refused = entry["name"].encode(), None
    for path in [name, *neighbours(name, entry["inode"])]:
        try:
            fd = roots.open(path)
        except FileNotFoundError:
            continue
        except OSError as error:  # what has its name now need not be a file that may be read
            refused = error
            continue
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) == (entry["device"], entry["inode"]):
            if status.st_size >= entry["size"] and head_of(fd, entry["size"]) == entry["head"]:
                return fd
            os.close(fd)
            raise ChangedError("changed since the query was asked: %s was cut or written over" % entry["name"])
        os.close(fd)
    if refused is not None:
        raise refused
    raise ChangedError("changed since the query was asked: %s is gone" % entry["name"])


def neighbours(name, inode):
    """Files beside a name's that have the inode."""
    try:
        return [one.path for one in os.scandir(os.path.dirname(os.path.realpath(name))) if one.inode() == inode]
    except OSError:
        return []


class Stored(io.RawIOBase):
    """The bytes [start, stop) of an open file."""

    def __init__(self, fd, start, stop, name):
        self.fd, self.at, self.stop, self.name = fd, start, stop, name

    def readable(self):
        return True

    def readinto(self, buffer):
        data = os.pread(self.fd, min(len(buffer), self.stop - self.at), self.at)
        if not data and self.at < self.stop:
            raise OSError("changed while read: %s ended %d bytes early" % (self.name, self.stop - self.at))
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


def unfolded(stored, name, cap):
    """Bytes of a file as they unfold; what precedes damage comes first, then OSError."""
    seen = 0
    for data in opened(stored, name):
        seen += len(data)
        if cap is not None and seen > cap:
            yield data[: cap - seen]
            raise OSError("decompression bomb: unfolds to more than %d bytes" % cap)
        yield data


def opened(stored, name):
    if name.endswith(".gz"):
        yield from gunzip(stored)
        return
    modules = {".bz2": bz2, ".xz": lzma, ".lzma": lzma}
    module = modules.get(os.path.splitext(name)[1])
    stream = stored if module is None else module.open(stored)
    try:
        while True:
            data = stream.read(CHUNK) if module is None else stream.read1(1 << 16)
            if not data:
                return
            yield data
    except (EOFError, lzma.LZMAError, OSError) as error:
        if module is None:
            raise
        raise OSError("damaged: %s" % error)


def gunzip(stored):
    """Members one after another; a break in one is approached byte by byte: zlib drops all of a failing step."""
    inflate, fresh, ended = zlib.decompressobj(GZIP), True, False
    try:
        while True:
            data = stored.read(1 << 16)
            if not data:
                break
            while data:
                if inflate.eof:
                    inflate, fresh, ended = zlib.decompressobj(GZIP), True, True
                if fresh and ended:
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                fresh, before = False, inflate.copy()
                try:
                    yield inflate.decompress(data)
                except zlib.error:
                    for i in range(len(data)):
                        yield before.decompress(data[i : i + 1])
                    raise  # pragma: no cover (the byte that failed fails again)
                data = inflate.unused_data
    except zlib.error as error:
        raise OSError("damaged gzip: %s" % error)
    if not inflate.eof and not fresh:
        raise OSError("truncated gzip: the file ends inside a member")


# --- the search


class Search:
    """Bytes → records: (lines and entries passed over, the text that begins such an entry, entries as they are).

    What can hold one of the texts is in the records whole. `begins`: regex of an entry's first line; None: each line
    is one. A first line that it does not know makes an entry longer, which is safe.
    """

    def __init__(self, texts, begins):
        self.one = texts[0] if len(texts) == 1 else None
        self.any = re.compile(b"|".join(map(re.escape, texts)))
        self.begins = None if begins is None else re.compile(begins, re.MULTILINE)
        self.anchored = begins is not None and begins.startswith(b"^") and b"|" not in begins
        self.inside, self.failure = True, None

    def records(self, chunks):
        """Yield records; what cannot be read is `failure` afterwards."""
        held = b""
        try:
            for chunk in chunks:
                held += chunk
                cut = self.last(held)
                if cut <= 0 and len(held) > LONGEST:
                    cut = held.rfind(b"\n") + 1
                    if cut:
                        yield 0, 0, b"", held[:cut]
                        held, self.inside = held[cut:], True
                elif cut > 0:
                    for record in self.chosen(held[:cut]):
                        yield record
                    held = held[cut:]
        except OSError as error:
            self.failure = error
        for record in self.chosen(held):
            yield record

    def last(self, held):
        """Where the last entry begins, which may go on; where the last line does, if each is one."""
        at = held.rfind(b"\n") + 1
        if self.begins is None:
            return at
        while at > 0 and not self.starts(held, at):
            at = held.rfind(b"\n", 0, at - 1) + 1
        return at

    def starts(self, held, at):
        """Whether an entry begins at `at`, as far as the beginning of its line tells."""
        stop = held.find(b"\n", at, at + FAR)
        return self.begins is None or self.begins.search(held, at, at + FAR if stop < 0 else stop)

    def after(self, held, at):
        """Where the first entry begins that does so behind `at`."""
        while True:
            at = held.find(b"\n", at) + 1
            if at <= 0 or at >= len(held):
                return len(held)
            if self.starts(held, at):
                return at

    def before(self, held, at, low):
        """Where the entry begins that holds `at`."""
        while True:
            at = held.rfind(b"\n", low, at) + 1
            if at <= low or self.starts(held, at):
                return max(at, low)
            at -= 1

    def count(self, part, low, high):
        """How many entries begin in [low, high)."""
        if self.anchored:
            return len(self.begins.findall(part, low, high))
        return len({part.rfind(b"\n", 0, m.start()) for m in self.begins.finditer(part, low, high)})

    def chosen(self, part):
        """Whole entries → their records."""
        if not part:
            return
        passed, low, high = 0, 0, self.after(part, 0) if self.inside else 0
        self.inside = False
        while True:
            hit = part.find(self.one, high) if self.one is not None else self.where(part, high)
            if hit < 0:
                break
            start = self.before(part, hit, high)
            if start > high:
                yield self.record(part, passed, low, high)
                passed, low = high, start
            high = self.after(part, hit)
        yield self.record(part, passed, low, high)
        if high < len(part):
            yield self.record(part, high, len(part), len(part))

    def where(self, part, at):
        hit = self.any.search(part, at)
        return -1 if hit is None else hit.start()

    def record(self, part, passed, low, high):
        """The entries of [passed, low) counted, those of [low, high) as they are."""
        lines = part.count(b"\n", passed, low) + (low > passed and part[low - 1 : low] != b"\n")
        if self.begins is None or not lines:
            return lines, lines, b"", part[low:high]
        prefix = self.starts(part, passed).group()
        alike = part.count(b"\n" + prefix, passed, low) + part.startswith(prefix, passed)
        entries = lines
        if alike != lines or b"\n" in prefix:
            entries = self.count(part, passed, low)
        return lines, entries, prefix, part[low:high]


# --- the conversation


class Agent:
    """Answers requests one after another; threads of its own read the input and send the heartbeat."""

    def __init__(self, source, sink, roots, limits):
        self.source, self.sink, self.roots, self.limits = source, sink, roots, limits
        self.lock, self.requests = threading.Lock(), queue.Queue()
        self.current, self.begun, self.seq = None, 0.0, 0
        self.spent = self.reading = 0

    def serve(self):
        self.write(MAGIC)
        self.send(HELLO, json.dumps(self.hello()).encode())
        for work in (self.listen, self.beat, self.live):
            threading.Thread(target=work, daemon=True).start()
        while True:
            self.answer(self.requests.get())

    def hello(self):
        told = {"type": "Hello", "protocol": PROTOCOL, "logq": "", "polars": "", "pid": os.getpid()}
        told.update(python="%d.%d.%d" % sys.version_info[:3], machine=machine(), roots=self.roots.names)
        return told

    def answer(self, request):
        self.current, self.begun, self.seq = request, time.monotonic(), 0
        kind, body = request[0], request[-1]
        try:
            if kind == PING:
                self.reply(PONG, {"type": "Pong", "clock": time.time()})
            elif kind in (RESOLVE, RUN):
                self.work(kind, body)
            else:
                raise PlanDecodeError("an agent is not asked for kind %d" % kind)
        except AbandonedError:
            pass
        except Exception as error:  # whatever a request does, it is answered, and the next one can be
            text = (getattr(error, "strerror", None) or str(error)).encode("utf-8", "replace").decode()
            self.send_answer(ERROR, failure(type(error).__name__, text))
        finally:
            self.current = None

    def work(self, kind, body):
        asked = understood(body)
        name = asked["type"]
        if (kind == RESOLVE) != (name == "Look"):
            raise PlanDecodeError("%s is asked for in another frame" % name)
        if name == "Look":
            self.look(asked)
        elif name == "Check":
            self.reply(UNIT_END, {"type": "Checked", "files": [self.check(one) for one in asked["files"]]})
            self.send_answer(END, b"")
        else:
            self.read(asked)

    def look(self, asked):
        files, missing, skipped, out = {}, [], {}, {}
        self.spent = self.reading = 0
        for source in asked["sources"]:
            self.roots.check(source.encode())
            paths, others = expand(source.encode())
            for folder in {os.path.dirname(path) for path in paths + [p for p, _ in others]}:
                out[folder] = self.roots.way_out(folder or b".")
            skipped.update((p.decode("utf-8", "replace"), kind) for p, kind in others if not out[os.path.dirname(p)])
            if others and not paths:
                missing.append({"source": source, "special": True})
            elif not paths:
                missing.append({"source": source, "special": False})
            for path in paths:
                told, sample = self.told_of(path, out[os.path.dirname(path)], min(asked["sample"], SAMPLE))
                if told["name"] not in files:
                    self.send_answer(ROWS, zlib.compress(sample, 1), len(files))
                    files[told["name"]] = told
        found = {"files": list(files.values()), "missing": missing, "skipped": list(skipped.items())}
        self.reply(MANIFEST, dict(found, type="Found"))

    def told_of(self, path, way, sample):
        """As `entry_of`; of what lies outside the roots only the `way` there."""
        if way is None:
            return entry_of(path, self.roots, sample)
        return dict(nothing_of(way), error=self.roots.beyond()), b""

    def check(self, entry):
        try:
            fd = found(entry, self.roots)
        except OSError as error:
            return {"error": error.strerror or str(error), "changed": isinstance(error, ChangedError), "modified": 0.0}
        try:
            return {"error": None, "changed": False, "modified": os.fstat(fd).st_mtime}
        finally:
            os.close(fd)

    def read(self, asked):
        """Send what is asked for of a file, then how that went."""
        entry, read, why = asked["file"], 0, None
        self.spent, self.reading = self.spent + self.reading, 0
        try:
            fd = found(entry, self.roots)
        except OSError as error:
            why = error
        else:
            try:
                sender = self.fetch if asked["type"] == "Fetch" else self.search
                read, why = sender(asked, fd)
            finally:
                os.close(fd)
        text = None if why is None else why.strerror or str(why)
        told = {"type": "Fetched", "bytes": read, "error": text, "changed": isinstance(why, ChangedError)}
        self.reply(UNIT_END, told)
        self.send_answer(END, b"")

    def fetch(self, asked, fd):
        stored, read = Stored(fd, asked["start"], asked["stop"], asked["file"]["name"]), 0
        try:
            while True:
                data = stored.read(CHUNK)
                if not data:
                    return read, None
                read += len(data)
                self.spend(read)
                self.send_answer(ROWS, zlib.compress(data, 1))
        except OSError as error:
            return read, error

    def search(self, asked, fd):
        name, size, self.read_so_far = asked["file"]["name"], asked["file"]["size"], 0
        stored = io.BufferedReader(Stored(fd, 0, size, name), CHUNK)
        texts = [text.encode() for text in asked["texts"]]
        search = Search(texts, None if asked["begins"] is None else asked["begins"].encode())
        held, size = [], 0
        for lines, entries, prefix, data in search.records(self.counted(unfolded(stored, name, asked["cap"]))):
            if lines or data:
                held += [RECORD.pack(lines, entries, len(prefix), len(data)), prefix, data]
                size += RECORD.size + len(prefix) + len(data)
            if size >= SENT:
                self.send_answer(ROWS, zlib.compress(b"".join(held), 1))
                held, size = [], 0
        if held:
            self.send_answer(ROWS, zlib.compress(b"".join(held), 1))
        return self.read_so_far, search.failure

    def counted(self, chunks):
        for chunk in chunks:
            self.read_so_far += len(chunk)
            self.spend(self.read_so_far)
            yield chunk

    def spend(self, read):
        """Go on only if the answer is still wanted and may be had."""
        if not self.requests.empty():
            raise AbandonedError
        self.reading = read
        why = self.exceeded()
        most = self.limits.max_scan_bytes
        if most is not None and self.spent + read > most:
            why = "max_scan_bytes: more than %d bytes to read; narrow the scan or raise the limit" % most
        if why is not None:
            raise LimitError(why)

    def exceeded(self):
        limits = self.limits
        if limits.max_seconds is not None and time.monotonic() - self.begun > limits.max_seconds:
            return "max_seconds: not done after %s s" % limits.max_seconds
        if limits.max_memory is not None:
            used = memory()
            if used > limits.max_memory:
                return "max_memory: %d bytes in use, %d allowed" % (used, limits.max_memory)
        return None

    def reply(self, kind, told):
        self.send_answer(kind, json.dumps(told).encode())

    def send_answer(self, kind, body, unit=0):
        _, query, epoch, _, _, _ = self.current
        self.send(kind, body, query, epoch, unit, self.seq)
        self.seq += 1

    def send(self, kind, body, query=0, epoch=0, unit=0, seq=0):
        header = HEADER.pack(len(body), kind, query, epoch, unit, seq, zlib.crc32(body))
        self.write(SEAL.pack(zlib.crc32(header)) + header + body)

    def write(self, data):
        with self.lock:
            left = memoryview(data)
            while left:
                try:
                    left = left[os.write(self.sink, left) :]
                except OSError:
                    os._exit(BROKEN)

    def listen(self):
        """Queue requests; leave when there can be no more."""
        held = b""
        while True:
            try:
                data = os.read(self.source, 1 << 16)
            except OSError:
                data = b""
            if not data:
                os._exit(LEFT)
            held += data
            try:
                held = self.queued(held)
            except PlanDecodeError as error:
                self.send(ERROR, failure("CorruptFrameError", str(error)))
                os._exit(BROKEN)

    def queued(self, held):
        """Take whole requests off the bytes that have come; return the rest."""
        ahead = SEAL.size + HEADER.size
        while len(held) >= ahead:
            header = held[SEAL.size : ahead]
            if SEAL.unpack(held[: SEAL.size])[0] != zlib.crc32(header):
                raise PlanDecodeError("a frame's header is not what its checksum says")
            length, kind, query, epoch, unit, seq, crc = HEADER.unpack(header)
            if length > MAX_REQUEST:
                raise PlanDecodeError("a request of %d bytes is over the limit of %d" % (length, MAX_REQUEST))
            if len(held) < ahead + length:
                break
            body = held[ahead : ahead + length]
            if zlib.crc32(body) != crc:
                raise PlanDecodeError("a frame's body is not what its checksum says")
            self.requests.put((kind, query, epoch, unit, seq, body))
            held = held[ahead + length :]
        return held

    def live(self):
        """Put off the end of the process, which comes if a regex holds the interpreter and no thread runs any more."""
        while True:
            signal.alarm(HUNG)
            time.sleep(HUNG / 6)

    def beat(self):
        """Say every second that it lives, and give up what takes too much."""
        while True:
            time.sleep(1.0)
            self.send(BEAT, b"")
            request = self.current
            why = self.exceeded() if request is not None else None
            if why is not None:
                self.send(ERROR, failure("LimitError", why), request[1], request[2])
                os._exit(LIMITED)


def understood(body):
    """JSON → a request of known type and fields."""
    try:
        asked = json.loads(body.decode())
        fields = set(asked) - {"type"}
        known = FIELDS[asked["type"]] == fields
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PlanDecodeError("not a request: %s" % error)
    if not known:
        raise PlanDecodeError("not a %s: it has the fields %s" % (asked["type"], sorted(fields)))
    return asked


def failure(kind, text):
    return json.dumps({"type": "Failure", "kind": kind, "text": text}).encode()


def machine():
    for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        try:
            with open(path, "rb") as told:
                return hashlib.blake2b(told.read(), digest_size=8).hexdigest()
        except OSError:
            continue
    return os.uname()[1]


def memory():
    try:
        with open("/proc/self/status") as told:
            return next((int(line.split()[1]) << 10 for line in told if line.startswith("RssAnon:")), 0)
    except OSError:
        return 0


def main(arguments, piped):
    """Read the arguments of a command line, perhaps one forced by `authorized_keys`, and serve until the input ends."""
    parser = argparse.ArgumentParser(prog="logq-agent")
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("--max-memory", type=int)
    parser.add_argument("--max-seconds", type=float)
    parser.add_argument("--max-scan-bytes", type=int)
    parser.add_argument("--nice", type=int, default=10)
    known = parser.parse_args(arguments)
    try:
        os.nice(known.nice)
    except OSError:
        pass
    while not piped and os.read(0, 1) not in (b"\0", b""):
        pass
    out = os.dup(1)
    os.dup2(2, 1)
    Agent(0, out, Roots(known.root), known).serve()


if __name__ == "__main__":
    main(sys.argv[1:], "__file__" not in globals())
