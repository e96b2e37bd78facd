"""Grok's names for the log of Nagios: a kind of event, its subject and what was said of it, parted by semicolons."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

KIND: Final = "nagios.log.type|nagios_type"
HOST: Final = "%{DATA:host.hostname|nagios_hostname}"
SERVICE: Final = "%{DATA:service.name|nagios_service}"
STATE: Final = "%{DATA:service.state|nagios_state}"
LEVEL: Final = "%{DATA:nagios.log.state_type|nagios_statelevel}"
CURRENT: Final = "%{DATA:nagios.log.state_type|nagios_statetype};%{INT:nagios.log.attempt:int|nagios_statecode}"
TRIES: Final = "%{INT:nagios.log.attempt:int|nagios_attempt}"
SAID: Final = "%{GREEDYDATA:message|nagios_message}"
COMMENT: Final = "%{GREEDYDATA:nagios.log.comment|nagios_comment}"
NOTIFIED: Final = "%{DATA:user.name|nagios_notifyname}"
BY: Final = "%{DATA:nagios.log.notification_command|nagios_contact}"
HANDLER: Final = "%{DATA:nagios.log.event_handler_name|nagios_event_handler_name}"
RESULT: Final = "%{GREEDYDATA:nagios.log.check_result|nagios_check_result}"
LAST_HOST: Final = "%{GREEDYDATA:host.hostname|nagios_hostname}"
LAST_SERVICE: Final = "%{GREEDYDATA:service.name|nagios_service}"

EVENTS: Final = {
    "CURRENT_SERVICE_STATE": (HOST, SERVICE, STATE, CURRENT, SAID),
    "CURRENT_HOST_STATE": (HOST, STATE, CURRENT, SAID),
    "SERVICE_NOTIFICATION": (NOTIFIED, HOST, SERVICE, STATE, BY, SAID),
    "HOST_NOTIFICATION": (NOTIFIED, HOST, STATE, BY, SAID),
    "SERVICE_ALERT": (HOST, SERVICE, STATE, LEVEL, TRIES, SAID),
    "HOST_ALERT": (HOST, STATE, LEVEL, TRIES, SAID),
    "SERVICE_FLAPPING_ALERT": (HOST, SERVICE, STATE, SAID),
    "HOST_FLAPPING_ALERT": (HOST, STATE, SAID),
    "SERVICE_DOWNTIME_ALERT": (HOST, SERVICE, STATE, COMMENT),
    "HOST_DOWNTIME_ALERT": (HOST, STATE, COMMENT),
    "PASSIVE_SERVICE_CHECK": (HOST, SERVICE, STATE, COMMENT),
    "PASSIVE_HOST_CHECK": (HOST, STATE, COMMENT),
    "SERVICE_EVENT_HANDLER": (HOST, SERVICE, STATE, LEVEL, HANDLER),
    "HOST_EVENT_HANDLER": (HOST, STATE, LEVEL, HANDLER),
    "TIMEPERIOD_TRANSITION": (
        SERVICE,
        "%{NUMBER:nagios.log.period_from:int|nagios_unknown1}",
        "%{NUMBER:nagios.log.period_to:int|nagios_unknown2}",
    ),
}
COMMANDS: Final = {
    "DISABLE_SVC_CHECK": (HOST, SERVICE),
    "ENABLE_SVC_CHECK": (HOST, SERVICE),
    "DISABLE_HOST_CHECK": (HOST,),
    "ENABLE_HOST_CHECK": (HOST,),
    "PROCESS_SERVICE_CHECK_RESULT": (HOST, SERVICE, STATE, RESULT),
    "PROCESS_HOST_CHECK_RESULT": (HOST, STATE, RESULT),
    "DISABLE_HOST_SVC_NOTIFICATIONS": (LAST_HOST,),
    "ENABLE_HOST_SVC_NOTIFICATIONS": (LAST_HOST,),
    "DISABLE_HOST_NOTIFICATIONS": (LAST_HOST,),
    "ENABLE_HOST_NOTIFICATIONS": (LAST_HOST,),
    "DISABLE_SVC_NOTIFICATIONS": (HOST, LAST_SERVICE),
    "ENABLE_SVC_NOTIFICATIONS": (HOST, LAST_SERVICE),
    "SCHEDULE_HOST_DOWNTIME": (
        HOST,
        "%{NUMBER:nagios.log.start_time|nagios_start_time}",
        "%{NUMBER:nagios.log.end_time|nagios_end_time}",
        "%{NUMBER:nagios.log.fixed|nagios_fixed}",
        "%{NUMBER:nagios.log.trigger_id|nagios_trigger_id}",
        "%{NUMBER:nagios.log.duration:int|nagios_duration}",
        "%{DATA:user.name|author}",
        "%{DATA:nagios.log.comment|comment}",
    ),
}
KINDS: Final = (*EVENTS, "EXTERNAL_COMMAND")
WORDS: Final = (*COMMANDS, "SCHEDULE_SERVICE_DOWNTIME")
ANY: Final = "|".join(
    ("%{NAGIOS_WARNING}", *(f"%{{NAGIOS_{n}}}" for n in EVENTS), *(f"%{{NAGIOS_EC_LINE_{n}}}" for n in COMMANDS))
)

PATTERNS: Final = "\n".join(
    (
        r"NAGIOSTIME \[%{NUMBER:timestamp|nagios_epoch}\]",
        *(f"NAGIOS_TYPE_{n} {n.replace('_', ' ')}" for n in KINDS),
        *(f"NAGIOS_EC_{n} {n}" for n in WORDS),
        f"NAGIOS_WARNING Warning:%{{SPACE}}{SAID}",
        *(f"NAGIOS_{n} %{{NAGIOS_TYPE_{n}:{KIND}}}: {';'.join(parts)}" for n, parts in EVENTS.items()),
        *(
            f"NAGIOS_EC_LINE_{n} %{{NAGIOS_TYPE_EXTERNAL_COMMAND:{KIND}}}: %{{NAGIOS_EC_{n}:nagios.log.command|nagios_command}};{';'.join(parts)}"
            for n, parts in COMMANDS.items()
        ),
        f"NAGIOSLOGLINE %{{NAGIOSTIME}} (?:{ANY})",
    )
)
