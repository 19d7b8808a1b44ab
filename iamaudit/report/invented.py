"""The files that are handed to an audit, under invented names: waivers, answers, owners, scans of code.

Whatever names somebody or something is translated like the snapshot. Free text cannot be: it is withheld.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from iamaudit.account import read_account
from iamaudit.checks import CATALOGUE
from iamaudit.checks.signoff.attestations import read_attestations
from iamaudit.checks.signoff.owners import read_owners
from iamaudit.checks.signoff.waivers import read_waivers
from iamaudit.codescan import read_scan
from iamaudit.iam.policy import has_wildcard
from iamaudit.snapshot import Pseudonyms, Snapshot, canonical_json

WITHHELD = "withheld: the names in this report are invented"
_OF_ARNS = {"arn", "aws", "aws-cn", "aws-us-gov", "iam", "user", "role", "group", "policy", "root"}
_TYPE = r"\.\w{1,6}$"


def patterns_in(given: Mapping[str, Path]) -> Iterator[str]:
    """Yield every text with a wildcard that names somebody: names are invented so that it matches as before.

    Raises
    ------
    ParameterError
        A file cannot be used.
    """
    texts: list[str] = []
    if "waivers" in given:
        texts += [waiver.resource for waiver in read_waivers(given["waivers"], CATALOGUE)]
    if "owners" in given:
        texts += read_owners(given["owners"]).patterns
    yield from filter(has_wildcard, texts)


def write_invented(
    given: Mapping[str, Path], folder: Path, names: Pseudonyms, snapshot: Snapshot
) -> dict[str, Path]:
    """Write each given file again under invented names, and return where; ``snapshot`` is the real one.

    Raises
    ------
    ParameterError
        A file cannot be used.
    """
    makers: Mapping[str, Callable[[Path], str]] = {
        "waivers": lambda path: _yaml({"waivers": [*_waivers(path, names)]}),
        "attestations": lambda path: _yaml({"attestations": [*_answers(path, names)]}),
        "owners": lambda path: _yaml(_owners(path, names)),
        "code_scan": lambda path: canonical_json(_scan(path, names, snapshot)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, path in given.items():
        made[name] = folder / f"{name}{'.json' if name == 'code_scan' else '.yaml'}"
        made[name].write_text(makers[name](path), encoding="utf-8")
    return made


def principal(text: str, names: Pseudonyms) -> str:
    """Return who a file names: an ARN, ``user/name``, ``role/name``, or a name; each may be a pattern."""
    if text == "root" or ":" in text:
        return resource(text, names)
    kind, slash, name = text.partition("/")
    return f"{kind}/{names.name(name)}" if slash and kind in ("user", "role") else names.name(text)


def resource(text: str, names: Pseudonyms) -> str:
    """Return an ARN or a pattern of one; one that is cut short keeps the words of its form."""
    if text.startswith("arn:") and text.count(":") >= 5:
        return names.arn(text)
    pieces = re.split("([:/])", text)
    return "".join(piece if piece in _OF_ARNS else names.name(piece) for piece in pieces)


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


def _waivers(path: Path, names: Pseudonyms) -> Iterator[dict[str, Any]]:
    for waiver in read_waivers(path, CATALOGUE):
        made = {
            "check": waiver.check,
            "resource": resource(waiver.resource, names),
            "owner": names.name(waiver.owner),
            "approver": names.name(waiver.approver),
            "reason": WITHHELD,
            "expires": waiver.expires,
            "ticket": waiver.ticket and names.name(waiver.ticket),
            "compensating_control": waiver.compensating_control and WITHHELD,
        }
        yield {name: value for name, value in made.items() if value}


def _answers(path: Path, names: Pseudonyms) -> Iterator[dict[str, Any]]:
    for answer in read_attestations(path).values():
        proof = f"; its evidence has sha-256 {answer.sha256}" if answer.sha256 else ""
        yield {
            "control": answer.control,
            "by": names.name(answer.by),
            "signed": answer.signed,
            "text": f"{WITHHELD}{proof}",
        }


def _owners(path: Path, names: Pseudonyms) -> dict[str, Any]:
    read = read_owners(path)
    default = {"default": names.name(read.default)} if read.default else {}
    entries = [
        {"principal": principal(pattern, names), "owner": names.name(owner)}
        for pattern, owner in read.patterns.items()
    ]
    return {**default, "owners": entries}


def _scan(path: Path, names: Pseudonyms, snapshot: Snapshot) -> dict[str, Any]:
    read_scan(path)  # it says what is wrong with a file that is none
    stored = json.loads(path.read_text(encoding="utf-8"))
    ids = [key.key_id for key in read_account(snapshot).listed_keys]
    keys = {_masked(each): _masked(names.name(each)) for each in ids}
    return {
        "account_id": names.account(stored["account_id"]),
        "files": stored["files"],
        "scanned": [_scanned(each, names) for each in stored.get("scanned", ())],
        "sightings": [_sighting(each, names, keys) for each in stored["sightings"]],
    }


def _scanned(each: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    repository, revision = each["repository"], each["revision"]
    return {
        "path": _place(each["path"], names),
        "repository": repository and "".join(map(names.name, re.split("([:/]+)", repository))),
        "revision": revision and names.digits(revision),
        "is_changed": each["is_changed"],
        "scanned_at": each["scanned_at"],
    }


def _sighting(each: Mapping[str, Any], names: Pseudonyms, keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: each[name] for name in ("line", "where", "is_example", "status")},
        "key_id": keys.get(each["key_id"]) or names.name(each["key_id"]),
        "path": _place(each["path"], names),
        "commit": each["commit"] and names.digits(each["commit"]),
        "user": each["user"] and names.name(each["user"]),
        "account": each["account"] and names.account(each["account"]),
    }


def _place(path: str, names: Pseudonyms) -> str:
    """Return the path of a file; how it ends stays, and says of what type it is."""
    end = PurePosixPath(path).suffix if re.search(_TYPE, path) else ""
    return "".join(map(names.name, re.split("(/)", path.removesuffix(end)))) + end


def _masked(key_id: str) -> str:
    return f"{key_id[:4]}…{key_id[-4:]}"
