"""Grok's names for the messages of Cisco's ASA firewalls, by their numbers."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

PATTERNS: Final = r"""
CISCO_TAGGED_SYSLOG ^<%{POSINT:log.syslog.priority:int|syslog_pri}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:host.hostname|sysloghost})? ?: %%{CISCOTAG:cisco.asa.tag|ciscotag}:
CISCOTIMESTAMP %{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}
CISCOTAG [A-Z0-9]+-%{INT}-[A-Z0-9_]+
CISCO_ACTION (?:Built|Teardown|Deny|Denied|denied|requested|permitted|denied by ACL|discarded|est-allowed|Dropping|created|deleted)
CISCO_REASON (?:Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS Response|DNS Query|(?:%{WORD}\s*)*)
CISCO_DIRECTION (?:Inbound|inbound|Outbound|outbound)
CISCO_INTERVAL (?:first hit|%{INT}-second interval)
CISCO_XLATE_TYPE (?:static|dynamic)
CISCO_HITCOUNT_INTERVAL[ecs] hit-cnt %{INT:cisco.asa.hit_count:int} (?:first hit|%{INT:cisco.asa.interval:int}-second interval)
CISCO_HITCOUNT_INTERVAL[legacy] hit-cnt %{INT:hit_count} %{CISCO_INTERVAL:interval}

CISCO_UNIT \((?:Primary|Secondary)\)
CISCO_DO %{CISCO_ACTION:cisco.asa.outcome|action}
CISCO_WAY %{CISCO_DIRECTION:cisco.asa.network.direction|direction}
CISCO_TRANSPORT %{WORD:cisco.asa.network.transport|protocol}
CISCO_TYPE %{WORD:cisco.asa.network.type|protocol}
CISCO_ICMP \(type %{INT:cisco.asa.icmp_type:int|icmp_type}, code %{INT:cisco.asa.icmp_code:int|icmp_code}\)
CISCO_ON on interface %{NOTSPACE:observer.egress.interface.name|interface}
CISCO_HASHES \[%{DATA:|hashcode1}, %{DATA:|hashcode2}\]
CISCO_SRC %{IP:source.ip|src_ip}/%{INT:source.port:int|src_port}
CISCO_DST %{IP:destination.ip|dst_ip}/%{INT:destination.port:int|dst_port}
CISCO_SRC_USER (?:\(%{DATA:source.user.name|src_fwuser}\))?
CISCO_DST_USER (?:\(%{DATA:destination.user.name|dst_fwuser}\))?
CISCO_SRC_IF %{NOTSPACE:observer.ingress.interface.name|src_interface}
CISCO_DST_IF %{NOTSPACE:observer.egress.interface.name|dst_interface}
CISCO_SRC_IP_USER %{CISCO_SRC_IF}:%{IP:source.ip|src_ip}%{CISCO_SRC_USER}
CISCO_DST_IP_USER %{CISCO_DST_IF}:%{IP:destination.ip|dst_ip}%{CISCO_DST_USER}
CISCO_SRC_HOST_PORT_USER %{CISCO_SRC_IF}:(?:%{IP:source.ip|src_ip}|%{HOSTNAME:source.address|src_ip})(?:/%{INT:source.port:int|src_port})?%{CISCO_SRC_USER}
CISCO_DST_HOST_PORT_USER %{CISCO_DST_IF}:(?:%{IP:destination.ip|dst_ip}|%{HOSTNAME:destination.address|dst_ip})(?:/%{INT:destination.port:int|dst_port})?%{CISCO_DST_USER}

CISCOFW104001 %{CISCO_UNIT} Switching to ACTIVE - %{GREEDYDATA:event.reason|switch_reason}
CISCOFW104002 %{CISCO_UNIT} Switching to STANDBY - %{GREEDYDATA:event.reason|switch_reason}
CISCOFW104003 %{CISCO_UNIT} Switching to FAILED\.
CISCOFW104004 %{CISCO_UNIT} Switching to OK\.
CISCOFW105003 %{CISCO_UNIT} Monitoring on [Ii]nterface %{NOTSPACE:network.interface.name|interface_name} waiting
CISCOFW105004 %{CISCO_UNIT} Monitoring on [Ii]nterface %{NOTSPACE:network.interface.name|interface_name} normal
CISCOFW105005 %{CISCO_UNIT} Lost Failover communications with mate on [Ii]nterface %{NOTSPACE:network.interface.name|interface_name}
CISCOFW105008 %{CISCO_UNIT} Testing [Ii]nterface %{NOTSPACE:network.interface.name|interface_name}
CISCOFW105009 %{CISCO_UNIT} Testing on [Ii]nterface %{NOTSPACE:network.interface.name|interface_name} (?:Passed|Failed)
CISCOFW106001 %{CISCO_WAY} %{CISCO_TRANSPORT} connection %{CISCO_DO} from %{CISCO_SRC} to %{CISCO_DST} flags %{DATA:cisco.asa.tcp_flags|tcp_flags} %{CISCO_ON}
CISCOFW106006_106007_106010 %{CISCO_DO} %{CISCO_WAY} %{CISCO_TRANSPORT} (?:from|src) %{CISCO_SRC}%{CISCO_SRC_USER} (?:to|dst) %{CISCO_DST}%{CISCO_DST_USER} (?:%{CISCO_ON}|due to %{CISCO_REASON:event.reason|reason})
CISCOFW106014 %{CISCO_DO} %{CISCO_WAY} %{CISCO_TRANSPORT} src %{CISCO_SRC_IP_USER} dst %{CISCO_DST_IP_USER}\s?%{CISCO_ICMP}
CISCOFW106015 %{CISCO_DO} %{CISCO_TRANSPORT} \(%{DATA:cisco.asa.rule_name|policy_id}\) from %{CISCO_SRC} to %{CISCO_DST} flags %{DATA:cisco.asa.tcp_flags|tcp_flags} %{CISCO_ON}
CISCOFW106021 %{CISCO_DO} %{CISCO_TRANSPORT} reverse path check from %{IP:source.ip|src_ip} to %{IP:destination.ip|dst_ip} %{CISCO_ON}
CISCOFW106023 %{CISCO_DO}(?: protocol)? %{CISCO_TRANSPORT} src %{CISCO_SRC_HOST_PORT_USER} dst %{CISCO_DST_HOST_PORT_USER}(?: %{CISCO_ICMP})? by access-group "?%{DATA:cisco.asa.rule_name|policy_id}"? %{CISCO_HASHES}
CISCOFW106100_2_3 access-list %{NOTSPACE:cisco.asa.rule_name|policy_id} %{CISCO_DO} %{CISCO_TRANSPORT} for user '%{DATA:user.name|src_fwuser}' %{DATA:observer.ingress.interface.name|src_interface}/%{IP:source.ip|src_ip}\(%{INT:source.port:int|src_port}\) -> %{DATA:observer.egress.interface.name|dst_interface}/%{IP:destination.ip|dst_ip}\(%{INT:destination.port:int|dst_port}\) %{CISCO_HITCOUNT_INTERVAL} %{CISCO_HASHES}
CISCOFW106100 access-list %{NOTSPACE:cisco.asa.rule_name|policy_id} %{CISCO_DO} %{CISCO_TRANSPORT} %{DATA:observer.ingress.interface.name|src_interface}/%{IP:source.ip|src_ip}\(%{INT:source.port:int|src_port}\)%{CISCO_SRC_USER} -> %{DATA:observer.egress.interface.name|dst_interface}/%{IP:destination.ip|dst_ip}\(%{INT:destination.port:int|dst_port}\)%{CISCO_SRC_USER} hit-cnt %{INT:cisco.asa.hit_count:int|hit_count} %{CISCO_INTERVAL:|interval} %{CISCO_HASHES}
CISCOFW110002 %{CISCO_REASON:event.reason|reason} for %{CISCO_TRANSPORT} from %{DATA:observer.ingress.interface.name|src_interface}:%{CISCO_SRC} to %{CISCO_DST}
CISCOFW302010 %{INT:cisco.asa.connections.in_use:int|connection_count} in use, %{INT:cisco.asa.connections.most_used:int|connection_count_max} most used
CISCOFW302013_302014_302015_302016 %{CISCO_DO}(?: %{CISCO_WAY})? %{CISCO_TRANSPORT} connection %{INT:cisco.asa.connection_id|connection_id} for %{CISCO_SRC_IF}:%{CISCO_SRC}(?: \(%{IP:source.nat.ip|src_mapped_ip}/%{INT:source.nat.port:int|src_mapped_port}\))?%{CISCO_SRC_USER} to %{CISCO_DST_IF}:%{CISCO_DST}(?: \(%{IP:destination.nat.ip|dst_mapped_ip}/%{INT:destination.nat.port:int|dst_mapped_port}\))?%{CISCO_DST_USER}(?: duration %{TIME:cisco.asa.duration|duration} bytes %{INT:network.bytes:int|bytes})?(?: %{CISCO_REASON:event.reason|reason})?(?: \(%{DATA:user.name|user}\))?
CISCOFW302020_302021 %{CISCO_DO}(?: %{CISCO_WAY})? %{CISCO_TRANSPORT} connection for faddr %{IP:destination.ip|dst_ip}/%{INT:cisco.asa.icmp_seq:int|icmp_seq_num}(?:\(%{DATA:destination.user.name|fwuser}\))? gaddr %{IP:source.nat.ip|src_xlated_ip}/%{INT:cisco.asa.icmp_type:int|icmp_code_xlated} laddr %{IP:source.ip|src_ip}/%{INT:|icmp_code}(?: \(%{DATA:source.user.name|user}\))?
CISCOFW304001 %{IP:source.ip|src_ip}%{CISCO_SRC_USER} Accessed URL %{IP:destination.ip|dst_ip}:%{GREEDYDATA:url.original|dst_url}
CISCOFW305011[ecs] %{CISCO_DO} %{CISCO_XLATE_TYPE} %{CISCO_TRANSPORT} translation from %{DATA:observer.ingress.interface.name}:%{IP:source.ip}(?:/%{INT:source.port:int})?%{CISCO_SRC_USER} to %{DATA:observer.egress.interface.name}:%{CISCO_DST}
CISCOFW305011[legacy] %{CISCO_DO} %{CISCO_XLATE_TYPE:xlate_type} %{CISCO_TRANSPORT} translation from %{DATA:src_interface}:%{IP:src_ip}(?:/%{INT:src_port})?%{CISCO_SRC_USER} to %{DATA:src_xlated_interface}:%{IP:src_xlated_ip}/%{INT:src_xlated_port}
CISCOFW313001_313004_313008 %{CISCO_DO} %{CISCO_TRANSPORT} type=%{INT:cisco.asa.icmp_type:int|icmp_type}, code=%{INT:cisco.asa.icmp_code:int|icmp_code} from %{IP:source.ip|src_ip} %{CISCO_ON}(?: to %{IP:destination.ip|dst_ip})?
CISCOFW313005 %{CISCO_REASON:event.reason|reason} for %{CISCO_TRANSPORT} error message: %{WORD:|err_protocol} src %{NOTSPACE:observer.ingress.interface.name|err_src_interface}:%{IP:source.ip|err_src_ip}(?:\(%{DATA:source.user.name|err_src_fwuser}\))? dst %{NOTSPACE:observer.egress.interface.name|err_dst_interface}:%{IP:destination.ip|err_dst_ip}(?:\(%{DATA:destination.user.name|err_dst_fwuser}\))? \(type %{INT:cisco.asa.icmp_type:int|err_icmp_type}, code %{INT:cisco.asa.icmp_code:int|err_icmp_code}\) on %{NOTSPACE:|interface} interface\.\s+Original IP payload: %{WORD:cisco.asa.original_ip_payload.network.transport|orig_protocol} src %{IP:cisco.asa.original_ip_payload.source.ip|orig_src_ip}/%{INT:cisco.asa.original_ip_payload.source.port:int|orig_src_port}(?:\(%{DATA:cisco.asa.original_ip_payload.source.user.name|orig_src_fwuser}\))? dst %{IP:cisco.asa.original_ip_payload.destination.ip|orig_dst_ip}/%{INT:cisco.asa.original_ip_payload.destination.port:int|orig_dst_port}(?:\(%{DATA:cisco.asa.original_ip_payload.destination.user.name|orig_dst_fwuser}\))?
CISCOFW321001 Resource '%{DATA:cisco.asa.resource.name|resource_name}' limit of %{POSINT:cisco.asa.resource.limit:int|resource_limit} reached for system
CISCOFW402117 %{CISCO_TYPE}: Received a non-IPSec packet \(protocol=\s?%{WORD:cisco.asa.network.transport|orig_protocol}\) from %{IP:source.ip|src_ip} to %{IP:destination.ip|dst_ip}\.?
CISCOFW402119 %{CISCO_TYPE}: Received an %{WORD:cisco.asa.ipsec.protocol|orig_protocol} packet \(SPI=\s?%{DATA:cisco.asa.ipsec.spi|spi}, sequence number=\s?%{DATA:cisco.asa.ipsec.seq_num|seq_num}\) from %{IP:source.ip|src_ip} \(user=\s?%{DATA:source.user.name|user}\) to %{IP:destination.ip|dst_ip} that failed anti-replay checking\.?
CISCOFW419001 %{CISCO_DO} %{CISCO_TRANSPORT} packet from %{CISCO_SRC_IF}:%{CISCO_SRC} to %{CISCO_DST_IF}:%{CISCO_DST}, reason: %{GREEDYDATA:event.reason|reason}
CISCOFW419002 %{CISCO_REASON:event.reason|reason} from %{DATA:observer.ingress.interface.name|src_interface}:%{CISCO_SRC} to %{DATA:observer.egress.interface.name|dst_interface}:%{CISCO_DST} with different initial sequence number
CISCOFW500004 %{CISCO_REASON:event.reason|reason} for protocol=%{CISCO_TRANSPORT}, from %{CISCO_SRC} to %{CISCO_DST}
CISCOFW602303_602304 %{CISCO_TYPE}: An %{CISCO_WAY} %{DATA:cisco.asa.ipsec.tunnel_type|tunnel_type} SA \(SPI=\s?%{DATA:cisco.asa.ipsec.spi|spi}\) between %{IP:source.ip|src_ip} and %{IP:destination.ip|dst_ip} \(user=\s?%{DATA:source.user.name|user}\) has been %{CISCO_DO}
CISCOFW710001_710002_710003_710005_710006 %{CISCO_TRANSPORT} (?:request|access) %{CISCO_DO} from %{CISCO_SRC} to %{DATA:observer.egress.interface.name|dst_interface}:%{CISCO_DST}
CISCOFW713172 Group = %{DATA:cisco.asa.source.group|group}, IP = %{IP:source.ip|src_ip}, Automatic NAT Detection Status:\s+Remote end\s*%{DATA:|is_remote_natted}\s*behind a NAT device\s+This\s+end\s*%{DATA:|is_local_natted}\s*behind a NAT device
CISCOFW733100 \[\s*%{DATA:cisco.asa.burst.object|drop_type}\s*\] drop %{DATA:cisco.asa.burst.id|drop_rate_id} exceeded\. Current burst rate is %{INT:cisco.asa.burst.current_rate:int|drop_rate_current_burst} per second, max configured rate is %{INT:cisco.asa.burst.configured_rate:int|drop_rate_max_burst}; Current average rate is %{INT:cisco.asa.burst.avg_rate:int|drop_rate_current_avg} per second, max configured rate is %{INT:cisco.asa.burst.configured_avg_rate:int|drop_rate_max_avg}; Cumulative total count is %{INT:cisco.asa.burst.cumulative_count:int|drop_total_count}
"""
