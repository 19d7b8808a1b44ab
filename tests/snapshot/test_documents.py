import json
from urllib.parse import quote

import pytest

from iamaudit.snapshot.documents import with_plain_documents

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "a b+%41"}],
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (POLICY, POLICY),
        (json.dumps(POLICY), POLICY),
        (quote(json.dumps(POLICY)), POLICY),
        (quote(json.dumps(POLICY, indent=2), safe=""), POLICY),
        (quote("[1]"), [1]),
        (quote("not json"), "not json"),
        ("not json, 100 % sure", "not json, 100 % sure"),
        ("", ""),
        ("5", "5"),
        ("null", "null"),
        ("%22text%22", '"text"'),
        ("%5B" * 200_000, "[" * 200_000),
        (None, None),
        (7, 7),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize("key", ["PolicyDocument", "AssumeRolePolicyDocument", "Document"])
def test_a_document_is_the_object_that_it_encodes_or_stays_decoded_text(key, given, expected):
    assert with_plain_documents({"Roles": [{key: given}]}) == {"Roles": [{key: expected}]}


def test_nothing_but_documents_is_changed():
    value = {
        "Description": "%7B%7D",
        "Tags": [{"Key": "Document", "Value": "%7B%7D"}],
        "Path": "/a%20b/",
        "n": 1,
    }
    assert with_plain_documents(value) == value
