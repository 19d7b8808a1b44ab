"""The machine-facing form of ``authorize``: a dictionary in, one of four words out."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from iamaudit.iam.evaluate.authorize import authorize
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.principals import Principal
from iamaudit.iam.evaluate.request import Request, asks_trust_policy
from iamaudit.iam.policy import Document, PolicyKind, parse_document

_WORDS = {
    "allowed": "Allowed",
    "explicit deny": "ExplicitDeny",
    "implicit deny": "ImplicitDeny",
    "depends": "Unknown",
}


def simulate(query: Mapping[str, Any]) -> str:
    """Return ``Allowed``, ``ExplicitDeny``, ``ImplicitDeny`` or ``Unknown`` for one query.

    Parameters
    ----------
    query
        ``principalArn`` (a user, role, session, federated user or ``:root``; ``anonymous``; a service),
        ``accountId`` of the resource, ``action``, ``resource``, ``context`` (key to text or list of texts;
        a key that is not there is absent), and any of ``identityPolicies``, ``groupPolicies`` (lists of
        documents), ``boundary``, ``sessionPolicy``, ``resourcePolicy`` (a document each), ``scps``, ``rcps``
        (lists of levels, each a list of documents). What is not there is not attached.

    Raises
    ------
    ValueError
        ``principalArn`` is not a principal.
    KeyError
        One of the first four is not there.
    """
    is_trust = asks_trust_policy(query["action"], query["resource"])
    resource_kind: PolicyKind = "trust" if is_trust else "resource"
    request = Request(
        principal=Principal.of(query["principalArn"]),
        action=query["action"],
        resource=query["resource"],
        resource_account=query["accountId"],
        context=Context.of(query.get("context") or {}),
        identity=_documents(query.get("identityPolicies"), "identity"),
        groups=_documents(query.get("groupPolicies"), "identity"),
        boundary=_document(query.get("boundary"), "boundary"),
        session=_document(query.get("sessionPolicy"), "session"),
        resource_policy=_document(query.get("resourcePolicy"), resource_kind),
        scps=tuple(_documents(level, "scp") for level in query.get("scps") or ()),
        rcps=tuple(_documents(level, "rcp") for level in query.get("rcps") or ()),
    )
    return _WORDS[authorize(request).verdict]


def _documents(sources: Any, kind: PolicyKind) -> tuple[Document, ...]:
    return tuple(_parsed(source, kind) for source in sources or ())


def _document(source: Any, kind: PolicyKind) -> Document | None:
    return None if source is None else _parsed(source, kind)


def _parsed(source: Any, kind: PolicyKind) -> Document:
    return _parsed_text(source if isinstance(source, str) else json.dumps(source), kind)


@lru_cache(maxsize=16_384)
def _parsed_text(text: str, kind: PolicyKind) -> Document:
    return parse_document(text, kind=kind)
