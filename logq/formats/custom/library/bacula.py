"""Grok's names for the messages of the backup system Bacula."""

from __future__ import annotations

from typing import Final

__all__ = ["PATTERNS"]

VOLUME: Final = '"%{BACULA_VOLUME:bacula.volume.name|volume}"'
DEVICE: Final = '"%{BACULA_DEVICE:bacula.volume.device|device}"'
PLACE: Final = r"\(%{BACULA_DEVICEPATH:bacula.volume.path|}\)"
AT: Final = "%{BACULA_TIMESTAMP:bacula.timestamp|}"
ERROR: Final = "ERR=%{GREEDYDATA:error.message|berror}"
CLIENT: Final = "%{BACULA_HOST:bacula.client.name|client}"
JOB: Final = "%{BACULA_JOB:bacula.job.name|job}"
PEER: Final = (
    rf"\(?(?:Client: {CLIENT}|Storage daemon)\)? on %{{IPORHOST:client.address|}}:%{{POSINT:client.port:int|}}"
)
FATAL: Final = "Fatal [eE]rror:"

MESSAGES: Final = {
    "MAX_CAPACITY": rf"User defined maximum volume capacity %{{BACULA_CAPACITY:bacula.volume.max_capacity|}} exceeded on device {DEVICE} {PLACE}\.?",
    "END_VOLUME": rf"End of medium on Volume {VOLUME} Bytes=%{{BACULA_CAPACITY:bacula.volume.bytes|}} Blocks=%{{BACULA_CAPACITY:bacula.volume.blocks|}} at {AT}\.",
    "NEW_VOLUME": rf"Created new Volume {VOLUME} in catalog\.",
    "NEW_LABEL": rf"Labeled new Volume {VOLUME} on (?:file )?device {DEVICE} {PLACE}\.",
    "WROTE_LABEL": rf"Wrote label to prelabeled Volume {VOLUME} on device {DEVICE} {PLACE}",
    "NEW_MOUNT": rf"New volume {VOLUME} mounted on device {DEVICE} {PLACE} at {AT}\.",
    "NOOPEN": rf"\s*Cannot open %{{DATA}}: {ERROR}",
    "NOOPENDIR": rf'\s*Could not open directory "?%{{DATA:file.path|}}"?: {ERROR}',
    "NOSTAT": rf"\s*Could not stat %{{DATA:file.path|}}: {ERROR}",
    "NOJOBS": rf"There are no more Jobs associated with Volume {VOLUME}\. Marking it purged\.",
    "ALL_RECORDS_PRUNED": rf'.*?All records pruned from Volume {VOLUME}; marking it "Purged"',
    "BEGIN_PRUNE_JOBS": r"Begin pruning Jobs older than %{INT} month %{INT} days \.",
    "BEGIN_PRUNE_FILES": r"Begin pruning Files\.",
    "PRUNED_JOBS": rf"Pruned %{{INT}} Jobs* for client {CLIENT} from catalog\.",
    "PRUNED_FILES": rf"Pruned Files from %{{INT}} Jobs* for client {CLIENT} from catalog\.",
    "ENDPRUNE": r"End auto prune\.",
    "STARTJOB": rf"Start Backup JobId %{{INT}}, Job={JOB}",
    "STARTRESTORE": rf"Start Restore Job {JOB}",
    "USEDEVICE": rf"Using Device {DEVICE}",
    "DIFF_FS": r"\s*%{UNIXPATH} is a different filesystem\. Will not descend from %{UNIXPATH} into it\.",
    "JOBEND": r"Job write elapsed time = %{DATA:bacula.job.elapsed_time|elapsed}, Transfer rate = %{NUMBER} [KMG]? ?Bytes/second",
    "NOPRUNE_JOBS": r"No Jobs found to prune\.",
    "NOPRUNE_FILES": r"No Files found to prune\.",
    "VOLUME_PREVWRITTEN": r'Volume "?%{BACULA_VOLUME:bacula.volume.name|volume}"? previously written, moving to end of data\.',
    "READYAPPEND": rf"Ready to append to end of Volume {VOLUME} size=%{{INT:bacula.volume.size:int|}}",
    "CANCELLING": r"Cancelling duplicate JobId=%{INT:bacula.job.other_id|}\.",
    "MARKCANCEL": rf"JobId %{{INT:bacula.job.id|}}, Job {JOB} marked to be canceled\.",
    "CLIENT_RBJ": r'shell command: run ClientRunBeforeJob "%{GREEDYDATA:bacula.job.client_run_before_command|runjob}"',
    "VSS": r"(?:Generate )?VSS (?:Writer)?",
    "MAXSTART": rf"{FATAL} Job canceled because max start delay time exceeded\.",
    "DUPLICATE": rf"{FATAL} JobId %{{INT:bacula.job.other_id|duplicate}} already running\. Duplicate job not allowed\.",
    "NOJOBSTAT": rf"{FATAL} No Job status returned from FD\.",
    "FATAL_CONN": rf"{FATAL} bsock\.c:133 Unable to connect to {PEER}\. {ERROR}",
    "NO_CONNECT": rf"Warning: bsock\.c:127 Could not connect to {PEER}\. {ERROR}",
    "NO_AUTH": r'Fatal error: Unable to authenticate with File daemon at "?%{IPORHOST:client.address|}(?::%{POSINT:client.port:int|})?"?\. Possible causes:',
    "NOSUIT": r"No prior or suitable Full backup found in catalog\. Doing FULL backup\.",
    "JOB": r"(?:Error: )?Bacula %{BACULA_HOST} %{BACULA_VERSION} \(%{BACULA_VERSION}\):",
    "NOPRIOR": r"No prior Full backup Job record found\.",
}

PATTERNS: Final = "\n".join(
    (
        "BACULA_TIMESTAMP %{MONTHDAY}-%{MONTH}(?:-%{YEAR})? %{HOUR}:%{MINUTE}",
        "BACULA_HOST %{HOSTNAME}",
        "BACULA_VOLUME %{USER}",
        "BACULA_DEVICE %{USER}",
        "BACULA_DEVICEPATH %{UNIXPATH}",
        "BACULA_CAPACITY %{INT}(?:,[0-9]{3})*",
        "BACULA_VERSION %{USER}",
        "BACULA_JOB %{USER}",
        *(f"BACULA_LOG_{name} {text}" for name, text in MESSAGES.items()),
        f"BACULA_LOG %{{BACULA_TIMESTAMP:timestamp|bts}} %{{BACULA_HOST:host.hostname|hostname}}(?: JobId %{{INT:bacula.job.id|jobid}})?:? (?:{'|'.join(f'%{{BACULA_LOG_{name}}}' for name in MESSAGES)})",
        "BACULA_LOGLINE %{BACULA_LOG}",
    )
)
