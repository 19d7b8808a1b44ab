"""Collect a small account that answers in this process, and be killed at one of the moments of its writes.

Each line of the standard input, ``["FOLDER", MOMENT]`` or ``["FOLDER", MOMENT, "SNAPSHOT"]``, is done in
a process of its own; the answer is a line ``[EXIT CODE, OUTPUT]``. Moment 0 is never; a snapshot is resumed.
Each write has four moments: before it, half written, before it takes its place, and after.
"""

import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import boto3

from iamaudit import atomic
from iamaudit.aws import collect_account, last_accessed
from iamaudit.snapshot.shapes import REPORT_COLUMNS
from tests.aws import recorded

ACCOUNT = "444455556666"
NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
USERS = [f"user-{number}" for number in range(6)]


def _arn(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def _report():
    rows = [
        {
            **dict.fromkeys(REPORT_COLUMNS, "N/A"),
            "user": name,
            "arn": _arn(name),
            "access_key_1_active": "true",
        }
        for name in USERS
    ]
    lines = [",".join(REPORT_COLUMNS), *(",".join(row[name] for name in REPORT_COLUMNS) for row in rows)]
    return "\n".join(lines).encode()


def _answers(given):
    name = given.get("UserName", "")
    return {
        "GetCallerIdentity": {"Account": ACCOUNT, "Arn": _arn("auditor")},
        "GenerateCredentialReport": {"State": "COMPLETE"},
        "GetCredentialReport": {"Content": _report(), "GeneratedTime": NOW},
        "GetAccountAuthorizationDetails": {
            "UserDetailList": [{"UserName": user, "Arn": _arn(user)} for user in USERS],
            **{key: [] for key in ("GroupDetailList", "RoleDetailList", "Policies")},
        },
        "GetAccountSummary": {"SummaryMap": {"Users": len(USERS)}},
        "GetAccountPasswordPolicy": {"PasswordPolicy": {}},
        "ListAccountAliases": {"AccountAliases": []},
        "ListVirtualMFADevices": {"VirtualMFADevices": []},
        "ListMFADevices": {"MFADevices": [{"UserName": name, "SerialNumber": f"{name}-device"}]},
        "ListAccessKeys": {
            "AccessKeyMetadata": [
                {"UserName": name, "AccessKeyId": f"{name}-key-id-long", "Status": "Active"}
            ]
        },
        "ListSAMLProviders": {"SAMLProviderList": []},
        "ListOpenIDConnectProviders": {"OpenIDConnectProviderList": []},
        "ListServerCertificates": {"ServerCertificateMetadataList": []},
        "ListInstanceProfiles": {"InstanceProfiles": []},
        "GenerateServiceLastAccessedDetails": {"JobId": given.get("Arn", "")[-6:].rjust(36, "0")},
        "GetServiceLastAccessedDetails": recorded.last_accessed("arn"),
        "GetLoginProfile": {"LoginProfile": {"UserName": name}},
        "ListSSHPublicKeys": {"SSHPublicKeys": []},
        "ListServiceSpecificCredentials": {"ServiceSpecificCredentials": []},
        "ListSigningCertificates": {"Certificates": []},
        "GetAccessKeyLastUsed": {
            "UserName": "",
            "AccessKeyLastUsed": {"ServiceName": "iam", "Region": "us-east-1"},
        },
        "ListOrganizationsFeatures": recorded.FEATURES,
        "ListAnalyzers": {"analyzers": [recorded.ANALYZER]},
        "ListFindingsV2": {"findings": [recorded.FINDING]},
    }


def _answer(model, params, **_):
    body = params.get("body")
    parsed = _answers(body if isinstance(body, dict) else {})[model.name]
    return SimpleNamespace(status_code=200), {**parsed, "ResponseMetadata": {"RequestId": "r"}}


def _die_at(moment):
    """Count the moments of all writes, and end like a power cut at one of them; return the counter."""
    state, lock = SimpleNamespace(count=0), threading.Lock()
    write, place = Path.write_text, atomic.put_in_place

    def pass_moment():
        with lock:
            state.count += 1
            if state.count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    def write_text(self, text, **options):
        pass_moment()
        write(self, text[: len(text) // 2], **options)
        pass_moment()
        return write(self, text, **options)

    def put_in_place(made, target):
        pass_moment()
        place(made, target)
        pass_moment()

    Path.write_text, atomic.put_in_place = write_text, put_in_place
    return state


def main(folder, moment, snapshot=None):
    last_accessed._JOBS = 2
    state = _die_at(moment)
    session = boto3.Session("a", "b", region_name="us-east-1")
    session.events.register("before-call", _answer)
    taken = collect_account(
        session,
        Path(folder),
        clock=lambda: NOW,
        progress=False,
        preset="thorough",
        resume=Path(snapshot) if snapshot else None,
    )
    return [str(taken), state.count]


def serve():
    """Copy this process for each line, so that what it imports is imported once."""
    for line in sys.stdin:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            os.write(into, json.dumps(main(*json.loads(line))).encode())
            os._exit(0)
        os.close(into)
        with os.fdopen(out) as said:
            text = said.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), text and json.loads(text)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
