"""Grok's names for firewalls, routers and name servers: iptables, Shorewall, SuSE, NetScreen, Junos, BIND."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

PATTERNS: Final = r"""
NETSCREEN_SUBJECT[ecs] %{NOTSPACE:observer.name}: (?<observer.product>NetScreen) device_id=%{WORD:netscreen.device_id} .*?(?:system-\w+-%{NONNEGINT:event.code}\(%{WORD:netscreen.session.type}\))?
NETSCREEN_SUBJECT[legacy] %{NOTSPACE}: NetScreen device_id=%{WORD:device_id}%{DATA}
NETSCREEN_START[ecs] "%{DATA:netscreen.session.start_time}"
NETSCREEN_START[legacy] %{QUOTEDSTRING:start_time}
NETSCREENSESSIONLOG %{SYSLOGTIMESTAMP:timestamp|date} %{IPORHOST:observer.hostname|device} %{NETSCREEN_SUBJECT}: start_time=%{NETSCREEN_START} duration=%{INT:netscreen.session.duration:int|duration} policy_id=%{INT:netscreen.policy_id|policy_id} service=%{DATA:netscreen.service|service} proto=%{INT:netscreen.protocol_number:int|proto} src zone=%{WORD:observer.ingress.zone|src_zone} dst zone=%{WORD:observer.egress.zone|dst_zone} action=%{WORD:event.action|action} sent=%{INT:source.bytes:int|sent} rcvd=%{INT:destination.bytes:int|rcvd} src=%{IPORHOST:source.address|src_ip} dst=%{IPORHOST:destination.address|dst_ip}(?: src_port=%{INT:source.port:int|src_port} dst_port=%{INT:destination.port:int|dst_port})?(?: src-xlated ip=%{IP:source.nat.ip|src_xlated_ip} port=%{INT:source.nat.port:int|src_xlated_port} dst-xlated ip=%{IP:destination.nat.ip|dst_xlated_ip} port=%{INT:destination.nat.port:int|dst_xlated_port})?(?: session_id=%{INT:netscreen.session.id|session_id} reason=%{GREEDYDATA:netscreen.session.reason|reason})?

IPTABLES_TCP_FLAGS (?:(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN) )*
IPTABLES_TCP_PART (?:SEQ=%{INT:iptables.tcp.seq:int|nf_tcp_seq}\s+)?(?:ACK=%{INT:iptables.tcp.ack:int|nf_tcp_ack}\s+)?WINDOW=%{INT:iptables.tcp.window:int|nf_tcp_window}\s+RES=0x%{BASE16NUM:iptables.tcp_reserved_bits|nf_tcp_reserved_bits}\s+%{IPTABLES_TCP_FLAGS:iptables.tcp.flags|nf_tcp_flags}
IPTABLES4_FRAG (?:CE|DF|MF)(?: (?:CE|DF|MF))*
IPTABLES_TOS (?:0|0x%{BASE16NUM:iptables.tos|nf_tos})?
IPTABLES4_PART SRC=%{IPV4:source.ip|nf_src_ip}\s+DST=%{IPV4:destination.ip|nf_dst_ip}\s+LEN=(?:%{INT:iptables.length:int|nf_len})?\s+TOS=%{IPTABLES_TOS}\s+PREC=(?:0x%{BASE16NUM:iptables.precedence_bits|nf_prec})?\s+TTL=(?:%{INT:iptables.ttl:int|nf_ttl})?\s+ID=(?:%{INT:iptables.id|nf_id})?(?:\s+%{IPTABLES4_FRAG:iptables.fragment_flags|nf_fragment_flags})?(?:\s+FRAG: %{INT:iptables.fragment_offset:int|nf_fragment_offset})?
IPTABLES6_PART SRC=%{IPV6:source.ip|nf_src_ip}\s+DST=%{IPV6:destination.ip|nf_dst_ip}\s+LEN=(?:%{INT:iptables.length:int|nf_len})?\s+TC=%{IPTABLES_TOS}\s+HOPLIMIT=(?:%{INT:iptables.ttl:int|nf_ttl})?\s+FLOWLBL=(?:%{INT:iptables.flow_label|nf_flow_label})?
IPTABLES_MAC MAC=(?:%{COMMONMAC:destination.mac|nf_dst_mac})?(?::%{COMMONMAC:source.mac|nf_src_mac})?(?::[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2})?
IPTABLES IN=(?:%{NOTSPACE:observer.ingress.interface.name|nf_in_interface})?\s+OUT=(?:%{NOTSPACE:observer.egress.interface.name|nf_out_interface})?\s+(?:%{IPTABLES_MAC}\s+)?(?:%{IPTABLES4_PART}|%{IPTABLES6_PART}).*?PROTO=(?:%{WORD:network.transport|nf_protocol})?\s+SPT=(?:%{INT:source.port:int|nf_src_port})?\s+DPT=(?:%{INT:destination.port:int|nf_dst_port})?\s+(?:%{IPTABLES_TCP_PART})?

SHOREWALL[ecs] %{SYSLOGTIMESTAMP:timestamp} %{WORD:observer.hostname} .*Shorewall:(?:%{WORD:shorewall.firewall.type})?:(?:%{WORD:shorewall.firewall.action})?.*%{IPTABLES}
SHOREWALL[legacy] %{SYSLOGTIMESTAMP:timestamp} %{WORD:nf_host} .*Shorewall:(?:%{WORD:nf_action1})?:(?:%{WORD:nf_action2})?.*IN=(?:%{USERNAME:nf_in_interface})?.*(?:OUT= *MAC=%{COMMONMAC:nf_dst_mac}:(?:%{COMMONMAC:nf_src_mac})?|OUT=%{USERNAME:nf_out_interface}).*SRC=%{IPV4:nf_src_ip}.*DST=%{IPV4:nf_dst_ip}.*LEN=%{WORD:nf_len}.?*TOS=%{WORD:nf_tos}.?*PREC=%{WORD:nf_prec}.?*TTL=%{INT:nf_ttl}.?*ID=%{INT:nf_id}.?*PROTO=%{WORD:nf_protocol}.?*SPT=(?:%{INT:nf_src_port})?.*DPT=(?:%{INT:nf_dst_port})?.*
SFW2_LOG_PREFIX SFW2-INext-%{NOTSPACE:suse.firewall.action|nf_action}
SFW2[ecs] (?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\s*%{HOSTNAME:observer.hostname}.*?%{SFW2_LOG_PREFIX:suse.firewall.log_prefix}\s*%{IPTABLES}
SFW2[legacy] (?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\s*%{HOSTNAME}\s*kernel\S+\s*(?:\[%{NUMBER:nagios_epoch}\]\s*)?%{SFW2_LOG_PREFIX}\s*IN=%{USERNAME:nf_in_interface}.*OUT=(?:\s*%{USERNAME:nf_out_interface})?\s*MAC=(?:%{COMMONMAC:nf_dst_mac}:%{COMMONMAC:nf_src_mac}|\s*).*SRC=%{IP:nf_src_ip}\s*DST=%{IP:nf_dst_ip}.*PROTO=%{WORD:nf_protocol}(?:.*SPT=%{INT:nf_src_port}.*DPT=%{INT:nf_dst_port}.*)?

RT_FLOW_TAG (?:RT_FLOW_SESSION_CREATE|RT_FLOW_SESSION_CLOSE|RT_FLOW_SESSION_DENY)
RT_FLOW_EVENT %{RT_FLOW_TAG}
RT_FLOW_ENDS %{IP:source.ip|src_ip}/%{INT:source.port:int|src_port}->%{IP:destination.ip|dst_ip}/%{INT:destination.port:int|dst_port} %{DATA:juniper.srx.service_name|service}
RT_FLOW_NAT %{IP:source.nat.ip|nat_src_ip}/%{INT:source.nat.port:int|nat_src_port}->%{IP:destination.nat.ip|nat_dst_ip}/%{INT:destination.nat.port:int|nat_dst_port} %{RT_FLOW_RULES} %{INT:network.iana_number|protocol_id}
RT_FLOW_RULES[ecs] (?:None|%{DATA:juniper.srx.src_nat_rule_name}) (?:None|%{DATA:juniper.srx.dst_nat_rule_name})
RT_FLOW_RULES[legacy] %{DATA:src_nat_rule_name} %{DATA:dst_nat_rule_name}
RT_FLOW_ZONES %{DATA:rule.name|policy_name} %{DATA:observer.ingress.zone|from_zone} %{DATA:observer.egress.zone|to_zone}
RT_FLOW1 %{RT_FLOW_TAG:juniper.srx.tag|event}: %{GREEDYDATA:juniper.srx.reason|close_reason}: %{RT_FLOW_ENDS} %{RT_FLOW_NAT} %{RT_FLOW_ZONES} %{INT:juniper.srx.session_id|session_id} \d+\(%{INT:source.bytes:int|sent}\) \d+\(%{INT:destination.bytes:int|received}\) %{INT:juniper.srx.elapsed_time:int|elapsed_time} .*
RT_FLOW2 %{RT_FLOW_TAG:juniper.srx.tag|event}: session created %{RT_FLOW_ENDS} %{RT_FLOW_NAT} %{RT_FLOW_ZONES} %{INT:juniper.srx.session_id|session_id} .*
RT_FLOW3 %{RT_FLOW_TAG:juniper.srx.tag|event}: session denied %{RT_FLOW_ENDS} %{INT:network.iana_number|protocol_id}\(\d\) %{RT_FLOW_ZONES} .*

BIND9_TIMESTAMP %{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}
BIND9_DNSTYPE (?:AAAA|A|CAA|CDNSKEY|CDS|CERT|CNAME|CSYNC|DLV|DNAME|DNSKEY|DS|HINFO|LOC|MX|NAPTR|NSEC3|NSEC|NS|OPENPGPKEY|PTR|RRSIG|RP|SIG|SMIMEA|SOA|SRV|TSIG|TXT|URI)
BIND9_CATEGORY queries
BIND9_QUERYLOGBASE client(?: @0x[0-9A-Fa-f]+)? %{IP:client.ip|clientip}#%{POSINT:client.port:int|clientport} \(%{GREEDYDATA:bind.log.question.name|query}\): query: %{GREEDYDATA:dns.question.name|query} (?<dns.question.class|>IN) %{BIND9_ASKED} \(%{IP:server.ip|dns}\)
BIND9_ASKED[ecs] %{BIND9_DNSTYPE:dns.question.type}(?: %{DATA:bind.log.question.flags})?
BIND9_ASKED[legacy] %{GREEDYDATA:querytype}
BIND9_QUERYLOG %{BIND9_TIMESTAMP:timestamp} %{BIND9_CATEGORY:bind.log.category|}: %{LOGLEVEL:log.level|loglevel}: %{BIND9_QUERYLOGBASE}
BIND9 %{BIND9_QUERYLOG}
"""
