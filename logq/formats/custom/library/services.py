"""Grok's names for Java, Exim, Redis, MongoDB, PostgreSQL, Ruby, Maven and MCollective."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

PATTERNS: Final = r"""
JAVACLASS (?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*
JAVAFILE [a-zA-Z$_0-9. -]+
JAVAMETHOD (?:<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*)
JAVASTACKTRACEPART %{SPACE}at %{JAVACLASS:java.log.origin.class.name|class}\.%{JAVAMETHOD:log.origin.function|method}\(%{JAVAFILE:log.origin.file.name|file}(?::%{INT:log.origin.file.line:int|line})?\)
JAVATHREAD [A-Z]{2}-Processor\d+
JAVALOGMESSAGE .*
CATALINA7_DATESTAMP %{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} (?:AM|PM)
CATALINA7_LOG %{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:java.log.origin.class.name|class}(?: %{JAVAMETHOD:log.origin.function|})?\s*(?:%{LOGLEVEL:log.level|}:)? %{JAVALOGMESSAGE:message|logmessage}
CATALINA8_DATESTAMP %{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}
CATALINA8_LOG %{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:log.level|level} \[%{DATA:java.log.origin.thread.name|thread}\] %{JAVACLASS:java.log.origin.class.name|class}\.(?:%{JAVAMETHOD:log.origin.function|method})? %{JAVALOGMESSAGE:message|logmessage}
CATALINA_DATESTAMP (?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP})
CATALINALOG (?:%{CATALINA8_LOG}|%{CATALINA7_LOG})
TOMCAT7_LOG %{CATALINA7_LOG}
TOMCAT8_LOG %{CATALINA8_LOG}
TOMCATLEGACY_DATESTAMP %{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND}(?: %{ISO8601_TIMEZONE})?
TOMCATLEGACY_LOG %{TOMCATLEGACY_DATESTAMP:timestamp} \| %{LOGLEVEL:log.level|level} \| %{JAVACLASS:java.log.origin.class.name|class} - %{JAVALOGMESSAGE:message|logmessage}
TOMCAT_DATESTAMP (?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}|%{TOMCATLEGACY_DATESTAMP})
TOMCATLOG (?:%{TOMCAT8_LOG}|%{TOMCAT7_LOG}|%{TOMCATLEGACY_LOG})

EXIM_MSGID [0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}
EXIM_FLAGS (?:<=|=>|->|\*>|\*\*|==|<>|>>)
EXIM_DATE %{YEAR:|exim_year}-%{MONTHNUM:|exim_month}-%{MONTHDAY:|exim_day} %{TIME:|exim_time}
EXIM_PID \[%{POSINT:process.pid:int|pid}\]
EXIM_QT (?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?
EXIM_EXCLUDE_TERMS (?:Message is frozen|(?:Start|End) queue run| Warning: | retry time not reached | no (?:IP address|host name) found for (?:IP address|host) | unexpected disconnection while reading SMTP command | no immediate delivery: |another process is handling this message)
EXIM_REMOTE_HOST H=(?:%{NOTSPACE:source.address|remote_hostname} )?(?:\(%{NOTSPACE:exim.log.remote_address|remote_heloname}\) )?\[%{IP:source.ip|remote_host}\](?::%{POSINT:source.port:int|remote_port})?
EXIM_INTERFACE I=\[%{IP:destination.ip|exim_interface}\](?::%{NUMBER:destination.port:int|exim_interface_port})?
EXIM_PROTOCOL P=%{NOTSPACE:network.protocol|protocol}
EXIM_MSG_SIZE S=%{NUMBER:exim.log.message.size:int|exim_msg_size}
EXIM_HEADER_ID id=%{NOTSPACE:exim.log.header_id|exim_header_id}
EXIM_QUOTED_CONTENT (?:\\.|[^\\"])*
EXIM_SUBJECT[ecs] T="%{EXIM_QUOTED_CONTENT:exim.log.message.subject}"
EXIM_SUBJECT[legacy] T=%{QS:exim_subject}
EXIM_UNKNOWN_FIELD [A-Za-z0-9]{1,4}=(?:%{QUOTEDSTRING}|%{NOTSPACE})
EXIM_NAMED_FIELDS (?: (?:%{EXIM_REMOTE_HOST}|%{EXIM_INTERFACE}|%{EXIM_PROTOCOL}|%{EXIM_MSG_SIZE}|%{EXIM_HEADER_ID}|%{EXIM_SUBJECT}|%{EXIM_UNKNOWN_FIELD}))*
EXIM_MESSAGE_ARRIVAL %{EXIM_DATE:timestamp} (?:%{EXIM_PID} )?%{EXIM_MSGID:exim.log.message.id|exim_msgid} (?<exim.log.flags|exim_flags><=) (?:(?<exim.log.status|exim_status>[a-z:]) )?%{EMAILADDRESS:exim.log.sender.email|exim_sender_email}%{EXIM_NAMED_FIELDS}(?:(?: from <?%{DATA:exim.log.sender.original|}>?)? for %{EMAILADDRESS:exim.log.recipient.email|exim_recipient_email})?
EXIM %{EXIM_MESSAGE_ARRIVAL}

REDISTIMESTAMP %{MONTHDAY} %{MONTH} %{TIME}
REDISLOG \[%{POSINT:process.pid:int|pid}\] %{REDISTIMESTAMP:timestamp} \*
REDISMONLOG %{NUMBER:timestamp} \[%{INT:redis.database.id|database} %{IP:client.ip|client}:%{POSINT:client.port:int|port}\] "%{WORD:redis.command.name|command}"\s?%{GREEDYDATA:redis.command.args|params}

MONGO_LOG %{SYSLOGTIMESTAMP:timestamp} \[%{WORD:mongodb.component|component}\] %{GREEDYDATA:message}
MONGO_QUERY \{ .* \}
MONGO_SLOWQUERY %{WORD:mongodb.profile.op|} %{MONGO_WORDDASH:mongodb.database|database}\.%{MONGO_WORDDASH:mongodb.collection|collection} %{WORD}: %{MONGO_QUERY:mongodb.query.original|query} ntoreturn:%{NONNEGINT:mongodb.profile.ntoreturn:int|ntoreturn} ntoskip:%{NONNEGINT:mongodb.profile.ntoskip:int|ntoskip} nscanned:%{NONNEGINT:mongodb.profile.nscanned:int|nscanned}.*? nreturned:%{NONNEGINT:mongodb.profile.nreturned:int|nreturned}.*? %{INT:mongodb.profile.duration:int|duration}ms
MONGO_WORDDASH \b[\w-]+\b
MONGO3_SEVERITY \w
MONGO3_COMPONENT[ecs] %{WORD}
MONGO3_COMPONENT[legacy] (?:%{WORD}|-)
MONGO3_LOG %{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:log.level|severity} %{MONGO3_COMPONENT:mongodb.component?|component}%{SPACE}(?:\[%{DATA:mongodb.context|context}\])? %{GREEDYDATA:message}

POSTGRESQL %{DATESTAMP:timestamp} %{TZ:event.timezone|} %{DATA:user.name|user_id} %{GREEDYDATA:postgresql.log.connection_id|connection_id} %{POSINT:process.pid:int|pid}

RUBY_LOGLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO)
RUBY_LOGGER [DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int|pid}\] *%{RUBY_LOGLEVEL:log.level|loglevel} -- +%{DATA:process.name|progname}: %{GREEDYDATA:message}

MAVEN_VERSION (?:\d+\.)?(?:\d+\.)?(?:\*|\d+)(?:[.-](?:RELEASE|SNAPSHOT))?

MCOLLECTIVE ., \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int|pid}\]%{SPACE}%{LOGLEVEL:log.level|event_level}
MCOLLECTIVEAUDIT %{TIMESTAMP_ISO8601:timestamp}:
"""
