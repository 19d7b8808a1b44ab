"""Policy documents as a snapshot keeps them: URL-decoded, and otherwise as AWS gave them."""

import json
from typing import Any
from urllib.parse import unquote

_KEYS = {"PolicyDocument", "AssumeRolePolicyDocument", "Document", "Content"}


def with_plain_documents(value: Any) -> Any:
    """Return ``value``, in which each policy document that is text has become the object it encodes.

    AWS sends documents URL-encoded, and its tools decode them where they can. One that is not JSON even then
    stays text, URL-decoded: the frames report it as a policy that cannot be read.
    """
    if isinstance(value, list):
        return [with_plain_documents(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _plain(item) if key in _KEYS and isinstance(item, str) else with_plain_documents(item)
        for key, item in value.items()
    }


def _plain(text: str) -> Any:
    decoded = unquote(text)
    for candidate in (text, decoded):  # text first: a document in plain JSON may hold a percent sign
        try:
            document = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, (dict, list)):
            return document
    return decoded
