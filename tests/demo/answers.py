"""Ask a demo account everything; as a script: open it twice, and say what that did to the process."""

import hashlib
import json
import logging
import os
import sys

from botocore.parsers import ResponseParserError
from moto.iam.responses import IamResponse
from moto.moto_api._internal import mock_random

from iamaudit.demo import demo_account

QUESTIONS = (
    "get_account_authorization_details",
    "get_account_summary",
    "get_account_password_policy",
    "list_account_aliases",
    "list_virtual_mfa_devices",
    "list_saml_providers",
    "list_open_id_connect_providers",
    "list_server_certificates",
    "list_instance_profiles",
    "list_roles",
    "list_users",
    "list_policies",
)


def answers(account):
    """Return every answer as text, request ids included, without the HTTP headers (they hold the time)."""
    iam, sts = account.session.client("iam"), account.session.client("sts")
    iam.generate_credential_report()
    found = {question: _call(getattr(iam, question)) for question in QUESTIONS}
    found["get_credential_report"] = _call(iam.get_credential_report)
    found["get_caller_identity"] = _call(sts.get_caller_identity)
    names = [user["UserName"] for user in iam.list_users()["Users"]]
    found["list_mfa_devices"] = [_call(iam.list_mfa_devices, UserName=name) for name in names]
    keys = [_call(iam.list_access_keys, UserName=name) for name in names]
    found["list_access_keys"] = keys
    ids = [key["AccessKeyId"] for page in keys for key in page["AccessKeyMetadata"]]
    found["get_access_key_last_used"] = [_call(iam.get_access_key_last_used, AccessKeyId=key) for key in ids]
    iam.close()
    sts.close()
    return {question: json.dumps(answer, default=str) for question, answer in found.items()}


def digests(account):
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in answers(account).items()}


def _call(method, **parameters):
    answer = method(**parameters)
    request = answer.pop("ResponseMetadata")["RequestId"]
    return {**answer, "RequestId": request}


def ask_the_impossible(account):
    """Call an operation that moto does not have: its traceback must not reach the reader's terminal."""
    client = account.session.client("iam")
    try:
        client.get_mfa_device(SerialNumber="arn:aws:iam::111122223333:mfa/x")
    except ResponseParserError:
        return "refused"
    finally:
        client.close()
    return "answered"


def _process():
    loggers = ("werkzeug", "moto.moto_server.werkzeug_app")
    return {
        "methods": {name: value for name, value in vars(IamResponse).items() if callable(value)},
        "environment": dict(os.environ),
        "log levels": [logging.getLogger(name).level for name in loggers],
        "random": mock_random.getstate(),
    }


def main():
    contacted = set()
    sys.addaudithook(lambda event, args: contacted.add(args[1][0]) if event == "socket.connect" else None)
    before = _process()
    with demo_account() as first:
        during = _process()
        once = digests(first)
        impossible = ask_the_impossible(first)
        with demo_account() as inner:
            shared = inner is first
    after = _process()
    with demo_account() as second:
        again = digests(second)
    facts = {
        "first": once,
        "second": again,
        "shared while open": shared,
        "impossible": impossible,
        "changed while open": sorted(name for name in before if during[name] != before[name]),
        "changed afterwards": sorted(name for name in before if after[name] != before[name]),
        "contacted": sorted(contacted),
    }
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
