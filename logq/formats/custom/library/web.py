"""Grok's names for web servers, proxies and caches: Apache, AWS, HAProxy, Rails, Squid."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

PATTERNS: Final = r"""
HTTPDUSER (?:%{EMAILADDRESS}|%{USER})
HTTPDERROR_DATE %{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}
HTTPD_REQUEST (?:%{WORD:http.request.method|verb} %{NOTSPACE:url.original|request}(?: HTTP/%{NUMBER:http.version|httpversion})?|%{DATA:|rawrequest})
HTTPD_COMMONLOG[ecs] %{IPORHOST:source.address} %{HTTPDUSER:apache.access.user.identity?} %{HTTPDUSER:user.name?} \[%{HTTPDATE:timestamp}\] "%{HTTPD_REQUEST}" %{INT:http.response.status_code?:int} %{INT:http.response.body.bytes?:int}
HTTPD_COMMONLOG[legacy] %{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\] "%{HTTPD_REQUEST}" %{NUMBER:response?} %{NUMBER:bytes?}
HTTPD_COMBINEDLOG[ecs] %{HTTPD_COMMONLOG} "%{DATA:http.request.referrer?}" "%{DATA:user_agent.original?}"
HTTPD_COMBINEDLOG[legacy] %{HTTPD_COMMONLOG} %{QS:referrer} %{QS:agent}
HTTPD20_ERRORLOG \[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:log.level|loglevel}\] (?:\[client %{IPORHOST:source.address|clientip}\] )?%{GREEDYDATA:message}
HTTPD24_ERRORLOG \[%{HTTPDERROR_DATE:timestamp}\] \[(?:%{WORD:apache.error.module|module})?:%{LOGLEVEL:log.level|loglevel}\] \[pid %{POSINT:process.pid:int|pid}(?::tid %{INT:process.thread.id:int|tid})?\](?: \(%{POSINT:apache.error.proxy.error.code|proxy_errorcode}\)%{DATA:apache.error.proxy.error.message|proxy_message}:)?(?: \[client %{IPORHOST:source.address|clientip}(?::%{POSINT:source.port:int|clientport})?\])?(?: %{DATA:error.code|errorcode}:)? %{GREEDYDATA:message}
HTTPD_ERRORLOG (?:%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG})
COMMONAPACHELOG %{HTTPD_COMMONLOG}
COMBINEDAPACHELOG %{HTTPD_COMBINEDLOG}

S3_REQUEST_LINE[ecs] %{WORD:http.request.method} %{NOTSPACE:url.original}(?: HTTP/%{NUMBER:http.version})?
S3_REQUEST_LINE[legacy] (?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})
S3_ACCESS_LOG %{WORD:aws.s3access.bucket_owner|owner} %{NOTSPACE:aws.s3access.bucket|bucket} \[%{HTTPDATE:timestamp}\] %{IP:client.ip?|clientip?} %{NOTSPACE:client.user.id?|requester} %{NOTSPACE:aws.s3access.request_id|request_id} %{NOTSPACE:aws.s3access.operation|operation} %{NOTSPACE:aws.s3access.key?|key} (?:-|"%{S3_REQUEST_LINE:aws.s3access.request_uri|}") %{INT:http.response.status_code?:int|response?:int} %{NOTSPACE:aws.s3access.error_code?|error_code?} %{INT:aws.s3access.bytes_sent?:int|bytes?:int} %{INT:aws.s3access.object_size?:int|object_size?:int} %{INT:aws.s3access.total_time?:int|request_time_ms?:int} %{INT:aws.s3access.turn_around_time?:int|turnaround_time_ms?:int} %{S3_AGENTS} %{NOTSPACE:aws.s3access.version_id?|version_id?}%{S3_REST}
S3_AGENTS[ecs] "%{DATA:http.request.referrer?}" "%{DATA:user_agent.original?}"
S3_AGENTS[legacy] %{QS:referrer?} (?:-|"?%{QS:agent}"?)
S3_REST[ecs] (?: %{NOTSPACE:aws.s3access.host_id?} %{NOTSPACE:aws.s3access.signature_version?} %{NOTSPACE:tls.cipher?} %{NOTSPACE:aws.s3access.authentication_type?} %{NOTSPACE:aws.s3access.host_header?} %{NOTSPACE:aws.s3access.tls_version?})?
S3_REST[legacy] (?:)

ELB_URIHOST %{IPORHOST:url.domain|}(?::%{POSINT:url.port:int|port})?
ELB_URIPATHQUERY %{URIPATH:url.path|path}(?:\?%{URIQUERY:url.query|})?
ELB_URIPATHPARAM[ecs] %{ELB_URIPATHQUERY}
ELB_URIPATHPARAM[legacy] %{URIPATH:path}(?:%{URIPARAM:params})?
ELB_URI %{URIPROTO:url.scheme|proto}://(?:%{USER:url.username|}(?::[^@]*)?@)?(?:%{ELB_URIHOST:|urihost})?(?:%{ELB_URIPATHPARAM})?
ELB_REQUEST_LINE (?:%{WORD:http.request.method|verb} %{ELB_URI:url.original|request}(?: HTTP/%{NUMBER:http.version|httpversion})?|%{DATA:|rawrequest})
ELB_TIMES[ecs] (?:-1|%{NUMBER:aws.elb.request_processing_time.sec:float}) (?:-1|%{NUMBER:aws.elb.backend_processing_time.sec:float}) (?:-1|%{NUMBER:aws.elb.response_processing_time.sec:float})
ELB_TIMES[legacy] %{NUMBER:request_processing_time:float} %{NUMBER:backend_processing_time:float} %{NUMBER:response_processing_time:float}
ELB_V1_HTTP_LOG %{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:aws.elb.name|elb} %{IP:source.ip|clientip}:%{INT:source.port:int|clientport:int} (?:-|%{IP:aws.elb.backend.ip|backendip}:%{INT:aws.elb.backend.port:int|backendport:int}) %{ELB_TIMES} %{INT:http.response.status_code:int|response:int} %{INT:aws.elb.backend.http.response.status_code?:int|backend_response?:int} %{INT:http.request.body.bytes:int|received_bytes:int} %{INT:http.response.body.bytes:int|bytes:int} "%{ELB_REQUEST_LINE}"(?: "%{DATA:user_agent.original?|}" %{NOTSPACE:tls.cipher?|} %{NOTSPACE:aws.elb.ssl_protocol?|})?
ELB_ACCESS_LOG %{ELB_V1_HTTP_LOG}

CLOUDFRONT_ACCESS_LOG (?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\t%{TIME})\t%{WORD:aws.cloudfront.x_edge_location|x_edge_location}\t%{INT:destination.bytes?:int|sc_bytes?:int}\t%{IPORHOST:source.ip|clientip}\t%{WORD:http.request.method|cs_method}\t%{HOSTNAME:url.domain|cs_host}\t%{NOTSPACE:url.path|cs_uri_stem}\t%{CLOUDFRONT_STATUS}\t%{DATA:http.request.referrer?|referrer}\t%{DATA:user_agent.original|agent}\t%{DATA:url.query?|cs_uri_query}\t%{DATA:aws.cloudfront.http.request.cookie?|cookies}\t%{WORD:aws.cloudfront.x_edge_result_type|x_edge_result_type}\t%{NOTSPACE:aws.cloudfront.x_edge_request_id|x_edge_request_id}\t%{HOSTNAME:aws.cloudfront.http.request.host|x_host_header}\t%{URIPROTO:network.protocol|cs_protocol}\t%{INT:source.bytes?:int|cs_bytes?:int}\t%{NUMBER:aws.cloudfront.time_taken:float|time_taken:float}\t%{IP:network.forwarded_ip?|x_forwarded_for?}\t%{DATA:aws.cloudfront.ssl_protocol?|ssl_protocol}\t%{NOTSPACE:tls.cipher?|ssl_cipher}\t%{WORD:aws.cloudfront.x_edge_response_result_type|x_edge_response_result_type}%{CLOUDFRONT_REST}
CLOUDFRONT_STATUS[ecs] (?:000|%{INT:http.response.status_code:int})
CLOUDFRONT_STATUS[legacy] %{INT:sc_status:int}
CLOUDFRONT_REST[ecs] (?:\t(?:-|HTTP/%{NUMBER:http.version})\t%{DATA:aws.cloudfront.fle_status?}\t%{DATA:aws.cloudfront.fle_encrypted_fields?}\t%{INT:source.port:int}\t%{NUMBER:aws.cloudfront.time_to_first_byte:float}\t%{DATA:aws.cloudfront.x_edge_detailed_result_type?}\t%{NOTSPACE:http.request.mime_type?}\t%{INT:aws.cloudfront.http.request.size?:int}\t%{INT:aws.cloudfront.http.request.range.start?:int}\t%{INT:aws.cloudfront.http.request.range.end?:int})?
CLOUDFRONT_REST[legacy] (?:)

HAPROXYTIME %{HOUR:|haproxy_hour}:%{MINUTE:|haproxy_minute}:%{SECOND:|haproxy_second}
HAPROXYDATE %{MONTHDAY:|haproxy_monthday}/%{MONTH:|haproxy_month}/%{YEAR:|haproxy_year}:%{HAPROXYTIME:|haproxy_time}\.%{INT:|haproxy_milliseconds}
HAPROXYCAPTUREDREQUESTHEADERS %{DATA:haproxy.http.request.captured_headers|captured_request_headers}
HAPROXYCAPTUREDRESPONSEHEADERS %{DATA:haproxy.http.response.captured_headers|captured_response_headers}
HAPROXYURI[ecs] (?:%{URIPROTO:url.scheme}://)?(?:%{USER:url.username}(?::[^@]*)?@)?(?:%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?)?(?:%{URIPATH:url.path}(?:\?%{URIQUERY:url.query})?)?
HAPROXYURI[legacy] (?:%{URIPROTO:http_proto}://)?(?:%{USER:http_user}(?::[^@]*)?@)?(?:%{URIHOST:http_host})?(?:%{URIPATHPARAM:http_request})?
HAPROXYHTTPREQUESTLINE (?:<BADREQ>|%{WORD:http.request.method|http_verb} %{HAPROXYURI:url.original|}(?: HTTP/%{NUMBER:http.version|http_version})?)
HAPROXYQUEUES %{NOTSPACE:haproxy.termination_state|termination_state} %{INT:haproxy.connections.active:int|actconn}/%{INT:haproxy.connections.frontend:int|feconn}/%{INT:haproxy.connections.backend:int|beconn}/%{INT:haproxy.connections.server:int|srvconn}/%{NOTSPACE:haproxy.connections.retries:int|retries} %{INT:haproxy.server_queue:int|srv_queue}/%{INT:haproxy.backend_queue:int|backend_queue}
HAPROXYPEERS %{IP:source.address|client_ip}:%{INT:source.port:int|client_port} \[%{HAPROXYDATE:haproxy.request_date|accept_date}\] %{NOTSPACE:haproxy.frontend_name|frontend_name} %{NOTSPACE:haproxy.backend_name|backend_name}/%{HAPROXYSERVER}
HAPROXYSERVER[ecs] (?:<NOSRV>|%{NOTSPACE:haproxy.server_name})
HAPROXYSERVER[legacy] %{NOTSPACE:server_name}
HAPROXYHTTPTIMES[ecs] (?:-1|%{INT:haproxy.http.request.time_wait_ms:int})/(?:-1|%{INT:haproxy.total_waiting_time_ms:int})/(?:-1|%{INT:haproxy.connection_wait_time_ms:int})/(?:-1|%{INT:haproxy.http.request.time_wait_without_data_ms:int})/%{NOTSPACE:haproxy.total_time_ms}
HAPROXYHTTPTIMES[legacy] %{INT:time_request}/%{INT:time_queue}/%{INT:time_backend_connect}/%{INT:time_backend_response}/%{NOTSPACE:time_duration}
HAPROXYTCPTIMES[ecs] (?:-1|%{INT:haproxy.total_waiting_time_ms:int})/(?:-1|%{INT:haproxy.connection_wait_time_ms:int})/%{NOTSPACE:haproxy.total_time_ms}
HAPROXYTCPTIMES[legacy] %{INT:time_queue}/%{INT:time_backend_connect}/%{NOTSPACE:time_duration}
HAPROXYHTTPBASE %{HAPROXYPEERS} %{HAPROXYHTTPTIMES} %{INT:http.response.status_code:int|http_status_code} %{NOTSPACE:source.bytes:int|bytes_read} %{DATA:haproxy.http.request.captured_cookie?|captured_request_cookie} %{DATA:haproxy.http.response.captured_cookie?|captured_response_cookie} %{HAPROXYQUEUES}(?: \{%{HAPROXYCAPTUREDREQUESTHEADERS}\}(?: \{%{HAPROXYCAPTUREDRESPONSEHEADERS}\})?)?(?: "(?:%{HAPROXYHTTPREQUESTLINE})?"?)?
HAPROXYLINE[ecs] (?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}) %{IPORHOST:host.hostname} %{SYSLOGPROG}:
HAPROXYLINE[legacy] (?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}:
HAPROXYHTTP %{HAPROXYLINE} %{HAPROXYHTTPBASE}
HAPROXYTCP %{HAPROXYLINE} %{HAPROXYPEERS} %{HAPROXYTCPTIMES} %{NOTSPACE:source.bytes:int|bytes_read} %{HAPROXYQUEUES}

RUUID [0-9A-Fa-f]{32}
RCONTROLLER (?<rails.controller.class|controller>[^#]+)#(?<rails.controller.action|action>\w+)
RAILS3HEAD Started %{WORD:http.request.method|verb} "%{URIPATHPARAM:url.original|request}" for %{IPORHOST:source.address|clientip} at (?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE})
RPROCESSING \W*Processing by %{RCONTROLLER} as (?<rails.request.format|format>\S+)(?:\W*Parameters: \{%{DATA:rails.request.params|params}\}\W*)?
RAILS3PROFILE (?:\(Views: %{NUMBER:rails.request.duration.view:float|viewms}ms \| ActiveRecord: %{NUMBER:rails.request.duration.active_record:float|activerecordms}ms|\(ActiveRecord: %{NUMBER:rails.request.duration.active_record:float|activerecordms}ms)?
RAILS3FOOT Completed %{POSINT:http.response.status_code:int|response}%{DATA} in %{NUMBER:rails.request.duration.total:float|totalms}ms %{RAILS3PROFILE}%{GREEDYDATA}
RAILS3 (?s:%{RAILS3HEAD}(?:%{RPROCESSING})?(?<rails.request.explain.original|context>(?:%{DATA}\n)*)(?:%{RAILS3FOOT})?)

SQUID3_STATUS (?:%{POSINT:http.response.status_code:int|status_code}|0|000)
SQUID3[ecs] %{NUMBER:timestamp}\s+%{NUMBER:squid.request.duration:int}\s%{IP:source.ip}\s%{WORD:event.action}/%{SQUID3_STATUS}\s%{INT:http.response.bytes:int}\s%{WORD:http.request.method}\s%{NOTSPACE:url.original}\s%{NOTSPACE:user.name?}\s%{WORD:squid.hierarchy_code}/%{IPORHOST:destination.address?}\s%{NOTSPACE:http.response.mime_type?}
SQUID3[legacy] %{NUMBER:timestamp}\s+%{NUMBER:duration}\s%{IP:client_address}\s%{WORD:cache_result}/%{NONNEGINT:status_code}\s%{NUMBER:bytes}\s%{WORD:request_method}\s%{NOTSPACE:url}\s%{NOTSPACE:user}\s%{WORD:hierarchy_code}/(?:%{IPORHOST:server}|-)\s%{NOTSPACE:content_type}
"""
