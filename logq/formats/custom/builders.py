"""The class methods of `Format` that build formats of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from logq.formats._names import LEVELS, MESSAGES, STAMP
from logq.formats._stamp import Stamp
from logq.formats.custom import apache, grok, nginx
from logq.formats.custom import python as logging
from logq.formats.custom.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from polars._typing import PolarsDataType

__all__ = ["Builders"]


def _many(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _stamp(stamp: str | Sequence[str] | Stamp) -> Stamp:
    return stamp if isinstance(stamp, Stamp) else Stamp(layouts=_many(stamp), fields=STAMP.fields)


def _named(kind: str, *texts: str | None) -> str:
    return f"{kind}_{crc32(repr(texts).encode()):08x}"


class Builders:
    """What `Format` can be built from."""

    if TYPE_CHECKING:

        def __init__(self, **parts: Any) -> None: ...  # noqa: ANN401 (the fields of Format)

    @classmethod
    def regex(
        cls,
        name: str,
        pattern: str | Sequence[str],
        *,
        stamp: str | Sequence[str] | Stamp | None = None,
        level: str | Sequence[str] = ("level",),
        message: str | Sequence[str] = ("message",),
        dtypes: Mapping[str, PolarsDataType] | None = None,
        start: str | None = None,
        severities: Mapping[str, int] | None = None,
        nulls: Sequence[str] = (),
    ) -> Self:
        r"""Build a format from one regex with named groups, or several tried in order.

        `stamp` gives the layouts of the group `timestamp` (or a `Stamp`, which names its fields). Groups not named in
        `dtypes` are Strings; texts in `nulls` are null.

        Raises
        ------
        PatternError
            A pattern holds what a linear-time engine cannot run; the construct is named.

        >>> import logq as lq
        >>> lq.Format.regex("shop", r"^(?P<level>\w+) (?P<cart>\d+) (?P<message>.*)$", nulls=("-",)).groups
        ('level', 'cart', 'message')
        """
        return cls(
            name=name,
            title=name,
            patterns=tuple(rewrite(p) for p in _many(pattern)),
            stamp=stamp if stamp is None or isinstance(stamp, Stamp) else Stamp(layouts=_many(stamp)),
            level=_many(level),
            message=_many(message),
            dtypes=dict(dtypes or {}),
            start=start,
            severities=dict(severities or {}),
            nulls=tuple(nulls),
        )

    @classmethod
    def from_nginx_log_format(
        cls, log_format: str, *, escape: nginx.Escape = "default", name: str | None = None
    ) -> Self:
        """Build a format from the text of nginx's `log_format`, or from the whole directive.

        Without `name` it is called after a checksum of the text. A quoted `$request` is split into `method`, `path` and
        `protocol`; `-` is null; times are in seconds. With `escape="json"` a format that writes an object is read as
        JSON lines, its fields called as the variables are; any other stays escaped as nginx wrote it. With
        `escape="none"` a quoted value may hold quotes. Both write nothing for no value: that is null.

        Raises
        ------
        FormatError
            No variable, one twice, or two with nothing between them; `escape="json"` of what begins like an object and
            is none.

        >>> import logq as lq
        >>> short = lq.Format.from_nginx_log_format('$remote_addr "$request" $status $request_time')
        >>> list(short.fields)
        ['client_ip', 'request', 'method', 'path', 'protocol', 'status', 'request_time_s']
        """
        return cls(
            name=name or _named("nginx", log_format, *((escape,) if escape != "default" else ())),
            title="nginx log_format",
            **nginx.parts(log_format, escape),
        )

    @classmethod
    def from_apache_log_format(cls, log_format: str, *, name: str | None = None) -> Self:
        """Build a format from the text of Apache's `LogFormat`, or the name of a usual one (`vhost_combined`).

        All directives and modifiers of mod_log_config are known. Columns are called as in `apache_combined`; headers
        are `http_…` and `sent_http_…`, as nginx has them, but `referrer`, `user_agent` and `forwarded_for`. Of several
        that would be called alike, those with `>` begin with `final_`, those with `<` with `original_`, and those for
        some statuses only end with these. A quoted `%r` is split into `method`, `path` and `protocol`; `-` is null; the
        parts of a time that is written in several become one `timestamp`. Values stay escaped as Apache wrote them.

        Raises
        ------
        FormatError
            No directive, an unknown one, one column twice, or two with nothing between them.

        >>> import logq as lq
        >>> list(lq.Format.from_apache_log_format('%v:%p %a %t "%r" %>s %{ms}T').fields)
        ['server_name', 'server_port', 'client_ip', 'request', 'method', 'path', 'protocol', 'status', 'request_time_ms', 'request_time_s']
        """
        return cls(name=name or _named("apache", log_format), title="Apache LogFormat", **apache.parts(log_format))

    @classmethod
    def python(cls, layout: str, *, datefmt: str | None = None, name: str | None = None) -> Self:
        """Build a format from the format string of a `logging.Formatter`, in any of its three styles.

        `asctime`, `levelname` and `name` become `timestamp`, `level` and `logger`. Lines that do not begin as an entry
        does continue the one before.

        Raises
        ------
        FormatError
            The string names no field.

        >>> import logq as lq
        >>> lq.Format.python("{asctime} {levelname:<8} {name} {lineno} {message}").fields
        {'logger': String, 'lineno': Int64}
        """
        return cls(
            name=name or _named("python", layout, datefmt),
            title="Python logging",
            **logging.parts(layout, datefmt=datefmt),
        )

    @classmethod
    def csv(
        cls,
        name: str,
        *,
        columns: Sequence[str] = (),
        separator: str = ",",
        header: bool | None = None,
        schema: Mapping[str, PolarsDataType] | None = None,
        stamp: str | Sequence[str] | Stamp = STAMP,
        level: str | Sequence[str] = LEVELS,
        message: str | Sequence[str] = MESSAGES,
        nulls: Sequence[str] = (),
        quoted: bool = True,
    ) -> Self:
        """Build a format for separated values; `header=None` lets the sample decide, `columns` names them without one.

        `schema` (column → dtype) says the types of those it names; the others are inferred. `stamp` gives the layouts
        of the usual names of times, or a `Stamp` that names its fields. Texts in `nulls` are null. Without `quoted` a
        quote is a character like any other.

        >>> import logq as lq
        >>> lq.Format.csv("mine", columns=("level", "message"), separator=";", header=False).columns
        ('level', 'message')
        """
        return cls(
            name=name,
            title=name,
            kind="csv",
            columns=tuple(columns),
            separator=separator,
            header=header,
            dtypes=dict(schema or {}),
            stamp=_stamp(stamp),
            level=_many(level),
            message=_many(message),
            nulls=tuple(nulls),
            quoted=quoted,
        )

    @classmethod
    def json(
        cls,
        name: str,
        *,
        schema: Mapping[str, PolarsDataType] | None = None,
        stamp: str | Sequence[str] | Stamp = STAMP,
        level: str | Sequence[str] = LEVELS,
        message: str | Sequence[str] = MESSAGES,
        renames: Mapping[str, str] | None = None,
        severities: Mapping[str, int] | None = None,
    ) -> Self:
        """Build a format for JSON lines; with a `schema` (field → dtype) nothing is inferred.

        `renames` gives fields, by their paths joined with dots, the names of columns. `stamp` gives the layouts of the
        usual names of times, or a `Stamp` that names its fields.

        >>> import logq as lq
        >>> lq.Format.json("mine", level="sev", message="what").level
        ('sev',)
        """
        return cls(
            name=name,
            title=name,
            kind="json",
            dtypes=dict(schema or {}),
            fixed=schema is not None,
            stamp=_stamp(stamp),
            level=_many(level),
            message=_many(message),
            renames=dict(renames or {}),
            severities=dict(severities or {}),
        )

    @classmethod
    def grok(cls, name: str, expression: str, *, patterns: grok.Own = (), ecs: bool = True) -> Self:
        """Build a format from a grok expression over the library of named patterns.

        `%{NAME:field:int}` types a field (`int`, `long`, `float`), `[nested][field]` becomes the column `nested.field`.
        An empty capture is null; of a field captured twice the first value counts. A field called as a column of every
        scan is gets an underscore behind (`source_`), but `timestamp`, `level` and `message`, which feed those.

        Parameters
        ----------
        patterns
            Definitions of one's own, over the library's: a mapping, or files of `NAME regex` lines, or folders of them.
        ecs
            Whether the library's names of whole lines give fields their ECS names (`source.ip`), with numbers typed and
            `-` as null; else the older ones (`clientip`), as Logstash before version 8. Hyphens in those are underscores.

        Raises
        ------
        FormatError
            An unknown name, one that refers to itself, or a field that cannot be a column.
        PatternError
            A definition holds what a linear-time engine cannot run; the construct is named.

        >>> import logq as lq
        >>> list(lq.Format.grok("web", "%{COMMONAPACHELOG}").fields)[-3:]
        ['http.version', 'http.response.status_code', 'http.response.body.bytes']
        >>> list(lq.Format.grok("web", "%{COMMONAPACHELOG}", ecs=False).fields)[-3:]
        ['rawrequest', 'response', 'bytes']
        """
        return cls(name=name, title=name, **grok.parts(expression, patterns, ecs=ecs))
