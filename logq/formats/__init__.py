"""The formats logq knows: its own, the registered ones, and those that installed packages bring."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from threading import RLock
from types import MappingProxyType
from typing import Final

from logq.errors import FormatError, nearest
from logq.formats.apache_combined import APACHE_COMBINED
from logq.formats.apache_common import APACHE_COMMON
from logq.formats.apache_error import APACHE_ERROR
from logq.formats.apache_ssl_request import APACHE_SSL_REQUEST
from logq.formats.apache_vhost import APACHE_VHOST
from logq.formats.auth import AUTH
from logq.formats.aws_alb import AWS_ALB
from logq.formats.aws_cloudfront import AWS_CLOUDFRONT
from logq.formats.base import Format, Kind, Sample, Stamp
from logq.formats.cef import CEF
from logq.formats.cri import CRI
from logq.formats.csv import CSV
from logq.formats.docker_json import DOCKER_JSON
from logq.formats.elasticsearch_gc import ELASTICSEARCH_GC
from logq.formats.elasticsearch_json import ELASTICSEARCH_JSON
from logq.formats.elasticsearch_server import ELASTICSEARCH_SERVER
from logq.formats.envoy import ENVOY
from logq.formats.gelf import GELF
from logq.formats.generic import GENERIC
from logq.formats.glog import GLOG
from logq.formats.haproxy import HAPROXY
from logq.formats.iis_w3c import IIS_W3C
from logq.formats.java_util_logging import JAVA_UTIL_LOGGING
from logq.formats.java_wrapper import JAVA_WRAPPER
from logq.formats.journald_json import JOURNALD_JSON
from logq.formats.json import JSON
from logq.formats.kafka import KAFKA
from logq.formats.kernel import KERNEL
from logq.formats.leef import LEEF
from logq.formats.log4j import LOG4J
from logq.formats.logback import LOGBACK
from logq.formats.logcat import LOGCAT
from logq.formats.logfmt import LOGFMT
from logq.formats.mariadb_slow import MARIADB_SLOW
from logq.formats.mongodb import MONGODB
from logq.formats.mysql_error import MYSQL_ERROR
from logq.formats.mysql_slow import MYSQL_SLOW
from logq.formats.nginx_access import NGINX_ACCESS
from logq.formats.nginx_error import NGINX_ERROR
from logq.formats.nginx_ingress import NGINX_INGRESS
from logq.formats.openssh import OPENSSH
from logq.formats.openstack import OPENSTACK
from logq.formats.plain import PLAIN
from logq.formats.postgresql import POSTGRESQL
from logq.formats.postgresql_csv import POSTGRESQL_CSV
from logq.formats.python_logging import PYTHON_LOGGING
from logq.formats.redis import REDIS
from logq.formats.ruby_logger import RUBY_LOGGER
from logq.formats.rust_log import RUST_LOG
from logq.formats.syslog_rfc3164 import SYSLOG_RFC3164
from logq.formats.syslog_rfc5424 import SYSLOG_RFC5424
from logq.formats.traefik import TRAEFIK
from logq.formats.tsv import TSV
from logq.formats.uwsgi import UWSGI
from logq.formats.windows_event_json import WINDOWS_EVENT_JSON
from logq.formats.zap import ZAP
from logq.formats.zeek import ZEEK

__all__ = ["BUILT_IN", "FORMATS", "Format", "Kind", "Registry", "Sample", "Stamp", "get", "register"]

GROUP: Final = "logq.formats"


class Registry(Mapping[str, Format]):
    """Name → format, read-only, in the order in which detection breaks ties: the most specific first.

    Formats added later stand before the ones that were there. The entry points of the group
    `logq.formats` are loaded when the mapping is first looked into.
    """

    def __init__(self, *formats: Format, group: str | None = None) -> None:
        self._formats: Mapping[str, Format] = {f.name: f for f in formats}
        self._group = group
        self._loading = RLock()

    def add(self, added: Format, *, replace: bool) -> None:
        """Take `added` in; one of the same name is kept unless `replace`."""
        if not replace and added.name in self._formats:
            msg = f"format {added.name!r} is registered already; pass replace=True to put another in its place"
            raise FormatError(msg)
        before = self._formats if added.name in self._formats else {added.name: added, **self._formats}
        self._formats = {**before, added.name: added}

    def restore(self, formats: Mapping[str, Format]) -> None:
        """Have these alone."""
        self._formats, self._group = formats, None

    @property
    def now(self) -> Mapping[str, Format]:
        """What is in it, with no look at entry points."""
        return self._formats

    def _loaded(self) -> Mapping[str, Format]:
        with self._loading:
            self._load()
        return self._formats

    def _load(self) -> None:
        """Take in what entry points name, once: other threads wait for it, what they load may look in here meanwhile."""
        group, self._group = self._group, None
        for point in entry_points(group=group) if group else ():
            try:
                found = point.load()
                if not isinstance(found, Format):
                    msg = f"{point.value} is a {type(found).__name__}, not a logq Format"
                    raise FormatError(msg)  # noqa: TRY301 (one warning for every way to fail)
                self.add(found, replace=False)
            except Exception as error:  # noqa: BLE001 (whatever a foreign package does, the others are still usable)
                warnings.warn(f"entry point {point.name!r} of {group} left out: {error}", RuntimeWarning, stacklevel=4)

    def __getitem__(self, name: str) -> Format:
        return self._loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())


FORMATS: Final = Registry(
    CEF,
    LEEF,
    CRI,
    SYSLOG_RFC5424,
    NGINX_INGRESS,
    APACHE_COMMON,
    TRAEFIK,
    APACHE_COMBINED,
    NGINX_ACCESS,
    APACHE_VHOST,
    APACHE_SSL_REQUEST,
    UWSGI,
    APACHE_ERROR,
    NGINX_ERROR,
    ENVOY,
    AWS_ALB,
    ELASTICSEARCH_SERVER,
    ELASTICSEARCH_GC,
    POSTGRESQL,
    MYSQL_SLOW,
    MARIADB_SLOW,
    MYSQL_ERROR,
    REDIS,
    GLOG,
    KERNEL,
    KAFKA,
    RUST_LOG,
    OPENSTACK,
    PYTHON_LOGGING,
    LOG4J,
    LOGBACK,
    JAVA_UTIL_LOGGING,
    JAVA_WRAPPER,
    ZAP,
    RUBY_LOGGER,
    LOGCAT,
    HAPROXY,
    OPENSSH,
    AUTH,
    SYSLOG_RFC3164,
    DOCKER_JSON,
    JOURNALD_JSON,
    GELF,
    MONGODB,
    WINDOWS_EVENT_JSON,
    ELASTICSEARCH_JSON,
    JSON,
    AWS_CLOUDFRONT,
    IIS_W3C,
    ZEEK,
    POSTGRESQL_CSV,
    LOGFMT,
    TSV,
    CSV,
    GENERIC,
    PLAIN,
    group=GROUP,
)


BUILT_IN: Final[Mapping[str, Format]] = MappingProxyType(dict(FORMATS.now))
"""The formats that every logq of this version has."""


def register(format: Format, *, replace: bool = False) -> None:  # noqa: A002 (the word users know)
    """Make `format` known by its name, and to detection, before the formats there are.

    Parameters
    ----------
    format
        The format.
    replace
        Whether it may take the place of one of the same name.

    Raises
    ------
    FormatError
        The name is taken and `replace` is false.

    >>> register(Format(name="csv", title="mine", kind="csv"))
    Traceback (most recent call last):
    ...
    logq.errors.FormatError: format 'csv' is registered already; pass replace=True to put another in its place
    """
    len(FORMATS)
    FORMATS.add(format, replace=replace)


def get(name: str) -> Format:
    """Return the format called `name`.

    Raises
    ------
    FormatError
        There is none; the message lists the nearest names, or all of them.

    >>> get("nginx_access").title
    'nginx access log (combined, main)'
    >>> get("postgresq")
    Traceback (most recent call last):
    ...
    logq.errors.FormatError: no format 'postgresq'; did you mean 'postgresql', 'postgresql_csv'?
    """
    if name in FORMATS:
        return FORMATS[name]
    close = nearest(name, FORMATS)
    hint = f"did you mean {', '.join(map(repr, close))}?" if close else f"known formats: {', '.join(FORMATS)}"
    msg = f"no format {name!r}; {hint}"
    raise FormatError(msg)
