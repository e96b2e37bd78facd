"""The lines of the generated logs: what services of a web shop would write.

Each ``*_chunk(random, size)`` gives one minute of log, in time order; the minute itself is left as
``@@`` for the writer to fill in. Values follow the skew of real logs: few errors, few hot paths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random

LEVELS = ("INFO ", "WARN ", "ERROR", "DEBUG")
LEVEL_WEIGHTS = (93, 4, 1, 2)
SERVICES = ("cart", "checkout", "search", "catalog", "payment", "shipping", "users", "gateway")
SERVICE_WEIGHTS = (20, 8, 25, 22, 6, 5, 9, 30)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
METHOD_WEIGHTS = (86, 10, 2, 1, 1)
STATUSES = (200, 304, 404, 301, 206, 302, 403, 500, 502, 503)
STATUS_WEIGHTS = (820, 70, 45, 25, 15, 12, 5, 4, 2, 2)
SECTIONS = ("products", "cart", "orders", "img", "static", "api/v1/items", "api/v2/users", "search")
REFERRERS = (
    "-",
    "https://www.google.com/",
    "https://shop.example.com/",
    "https://shop.example.com/search?q=running+shoes&page=2",
    "https://news.example.org/2023/11/the-best-shoes-of-the-year",
    "android-app://com.google.android.googlequicksearchbox/",
)
REFERRER_WEIGHTS = (42, 14, 24, 12, 5, 3)
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.1"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK}",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/{}.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/7.{}.0",
    "python-requests/2.{}.0",
)
AGENT_WEIGHTS = (46, 14, 20, 8, 7, 3, 2)
CONTAINERS = ("web-1", "web-2", "db-1", "worker-10")
PHRASES = (
    "served from cache",
    "upstream answered",
    "after 1 retry",
    "with a stale price list",
    "for a returning customer",
    "in the background",
)

Line = Callable[[Random], str]
"""A line without its end, ``{}`` where the time stands."""


def log4j_chunk(random: Random, size: int, traces: float = 0.0) -> bytes:
    """Log4j entries; a share ``traces`` of them is followed by a Java stack trace."""

    def entry(random: Random) -> str:
        line = _log4j_line(random)
        return line + _trace(random) if random.random() < traces else line

    return _minute(random, size, "@@:{:02d},{:03d}", entry)


def containers_chunk(random: Random, size: int) -> bytes:
    """Log4j entries of four containers with stack traces, the lines of one between those of others."""
    share = size // len(CONTAINERS)
    left = {name: iter(log4j_chunk(random, share, 0.02).splitlines()) for name in CONTAINERS}
    found: list[bytes] = []
    while left:
        name = random.choice([*left])
        line = next(left[name], None)
        if line is None:
            del left[name]
        else:
            found.append(b"%s| %s\n" % (name.ljust(10).encode(), line))
    return b"".join(found)


def combined_chunk(random: Random, size: int) -> bytes:
    """Lines of the combined access log."""
    return _minute(random, size, "@@:{:02d} +0000", _combined_line)


def json_chunk(random: Random, size: int) -> bytes:
    """Lines of one JSON object each."""
    return _minute(random, size, "@@:{:02d}.{:03d}Z", _json_line)


def logfmt_chunk(random: Random, size: int) -> bytes:
    """Lines of ``key=value`` pairs."""
    return _minute(random, size, "@@:{:02d}.{:03d}Z", _logfmt_line)


def _minute(random: Random, size: int, time: str, line: Line) -> bytes:
    """At least ``size`` bytes of lines whose times are spread evenly over one minute."""
    texts: list[str] = []
    length = 0
    while length < size:
        texts.append(line(random))
        length += len(texts[-1]) + len(time)
    step = 60_000 / len(texts)
    stamped = (text.replace("{}", time.format(*divmod(int(row * step), 1000)), 1) for row, text in enumerate(texts))
    return ("\n".join(stamped) + "\n").encode()


def _log4j_line(random: Random) -> str:
    level = random.choices(LEVELS, LEVEL_WEIGHTS)[0]
    number = int(random.random() * 40)
    duration = int(random.expovariate(1 / 60))
    return (
        f"{{}} {level} [worker-{int(random.random() * 16)}] com.acme.shop.Service{number} - "
        f"request {random.getrandbits(48):012x} {_method(random)} {_path(random)} "
        f"in {duration} ms {random.choice(PHRASES)} user={int(random.random() ** 3 * 100_000)}"
    )


def _trace(random: Random) -> str:
    frames = (
        f"\n\tat com.acme.shop.Service{int(random.random() * 40)}.handle(Service.java:{int(random.random() * 400)})"
        for _ in range(random.randint(3, 20))
    )
    return f"\njava.lang.IllegalStateException: no answer{''.join(frames)}"


def _combined_line(random: Random) -> str:
    status = random.choices(STATUSES, STATUS_WEIGHTS)[0]
    sent = "-" if status == 304 else int(random.lognormvariate(8, 1.8))
    user = f"user{int(random.random() * 500)}" if random.random() < 0.03 else "-"
    client = random.choices(_clients(), cum_weights=_harmonic(len(_clients())))[0]
    return (
        f"{client} - {user} [{{}}] "
        f'"{_method(random)} {_path(random)} HTTP/{"2.0" if random.random() < 0.7 else "1.1"}" '
        f'{status} {sent} "{random.choices(REFERRERS, REFERRER_WEIGHTS)[0]}" "{_agent(random)}"'
    )


def _json_line(random: Random) -> str:
    level = random.choices(LEVELS, LEVEL_WEIGHTS)[0].strip().lower()
    return (
        f'{{"timestamp":"{{}}","level":"{level}","service":"{_service(random)}",'
        f'"message":"request {random.getrandbits(48):012x} {random.choice(PHRASES)}",'
        f'"duration_ms":{round(random.lognormvariate(3, 1), 1)},'
        f'"status":{random.choices(STATUSES, STATUS_WEIGHTS)[0]},'
        f'"user":{{"id":{int(random.random() * 100_000)},"plan":"{random.choice(("free", "pro"))}"}},'
        f'"path":"{_path(random)}"}}'
    )


def _logfmt_line(random: Random) -> str:
    level = random.choices(LEVELS, LEVEL_WEIGHTS)[0].strip().lower()
    return (
        f'time={{}} level={level} service={_service(random)} msg="{random.choice(PHRASES)}" '
        f'req_id={random.getrandbits(48):012x} method={_method(random)} path="{_path(random)}" '
        f"status={random.choices(STATUSES, STATUS_WEIGHTS)[0]} "
        f"duration_ms={round(random.lognormvariate(3, 1), 1)}"
    )


def _method(random: Random) -> str:
    return random.choices(METHODS, METHOD_WEIGHTS)[0]


def _service(random: Random) -> str:
    return random.choices(SERVICES, SERVICE_WEIGHTS)[0]


def _path(random: Random) -> str:
    return random.choices(_paths(), cum_weights=_harmonic(len(_paths())))[0]


def _agent(random: Random) -> str:
    agent = random.choices(AGENTS, AGENT_WEIGHTS)[0]
    return agent.format(100 + int(random.random() * 20))


@cache
def _paths() -> Sequence[str]:
    """Five thousand paths, the same for every seed, so that hot ones are hot everywhere."""
    random = Random("paths")
    return [
        f"/{random.choice(SECTIONS)}/{random.getrandbits(24):06x}"
        + (f"?page={random.randint(1, 9)}&sort=price" if random.random() < 0.2 else "")
        for _ in range(5_000)
    ]


@cache
def _clients() -> Sequence[str]:
    random = Random("clients")
    return [".".join(str(random.randint(1, 254)) for _ in range(4)) for _ in range(20_000)]


@cache
def _harmonic(count: int) -> Sequence[float]:
    """Cumulative weights 1, 1 + 1/2, 1 + 1/2 + 1/3, …: Zipf's law."""
    total = 0.0
    weights = []
    for rank in range(1, count + 1):
        total += 1 / rank
        weights.append(total)
    return weights
