"""The evidence of a finding leads to what is there, in the files alone and with no code of ours."""

import csv
import json
import re

import pytest

import iamaudit
from iamaudit.checks import proofs
from iamaudit.demo.collected import demo_snapshot

_STATEMENT = re.compile(r"(arn:\S+?)(?: (v\d+))? Statement\[(\d+)\](?: \((.+)\))?")
_IN_REPORT = re.compile(r"credential_report\.csv user = ([^,]+)((?:, \w+(?: = [^,]+)?)*)")
_IN_DETAILS = (
    re.compile(r"authorization_details\.json (?:\w+DetailList )?(?:\w+ = )?(?P<named>\S+)"),
    re.compile(r"authorization_details\.json Policies (?P<named>\S+)"),
    re.compile(r"authorization_details\.json (?P<named>\S+) \w+PolicyList (?P<policy>\S+)"),
)
_ELSEWHERE = re.compile(r"(?P<file>\w+\.json) (?:\w+ )?(?P<key>\w+) = (?P<value>.+)")


class Files:
    """The files of a snapshot, and where something stands in them."""

    def __init__(self, folder):
        self.folder = folder
        with (folder / "credential_report.csv").open(newline="") as file:
            self.report = {row["user"]: row for row in csv.DictReader(file)}
        self.details = self.json("authorization_details.json")
        entries = [entry for entries in self.details.values() for entry in entries]
        self.by_name = {
            entry[key]: entry for entry in entries for key in entry if key == "Arn" or "Name" in key
        }

    def json(self, name):
        return json.loads((self.folder / name).read_text())

    def statement(self, place, version, index):
        owner, _, inline = place.removesuffix("@trust").partition("#")
        entry = self.by_name[owner]
        if place.endswith("@trust"):
            document = entry["AssumeRolePolicyDocument"]
        elif inline:
            document = self.inline(entry, inline)["PolicyDocument"]
        else:
            versions = {each["VersionId"]: each for each in entry["PolicyVersionList"]}
            document = versions[version or entry["DefaultVersionId"]]["Document"]
        statements = document["Statement"]
        return (statements if isinstance(statements, list) else [statements])[index]

    def inline(self, entry, name):
        lists = [entries for key, entries in entry.items() if key.endswith("PolicyList")]
        return next(each for entries in lists for each in entries if each["PolicyName"] == name)

    def leads(self, place):
        """Say whether a place of the evidence leads to something."""
        if found := _STATEMENT.fullmatch(place):
            said = self.statement(found[1], found[2], int(found[3]))
            return found[4] in (None, said.get("Sid"))
        if found := _IN_REPORT.fullmatch(place):
            row, told = self.report[found[1]], [each.partition(" = ") for each in found[2].split(", ")[1:]]
            return all(
                row[column].startswith(value) if value else any(name.startswith(column) for name in row)
                for column, _, value in told
            )
        if place.endswith("@trust"):
            return "AssumeRolePolicyDocument" in self.by_name[place.removesuffix("@trust")]
        for pattern in _IN_DETAILS:
            if found := pattern.fullmatch(place):
                entry = self.by_name[found["named"]]
                return "policy" not in found.groupdict() or bool(self.inline(entry, found["policy"]))
        if found := _ELSEWHERE.fullmatch(place):
            return f'"{found["key"]}": {json.dumps(found["value"], ensure_ascii=False)}' in masked(
                json.dumps(self.json(found["file"]), ensure_ascii=False)
            )
        return (self.folder / place).is_file()


def masked(text):
    """Return a file as a bundle carries it: with the ids of credentials masked."""
    return re.sub(r'"((?:APKA|ACCA|AKIA)\w*|ACCA)(\w{4})"', lambda id_: f'"{id_[1][:4]}…{id_[2]}"', text)


@pytest.fixture(scope="module")
def audit():
    return iamaudit.open_snapshot()


@pytest.fixture(scope="module")
def files():
    return Files(demo_snapshot())


def test_the_evidence_of_every_finding_leads_to_what_is_there(audit, files):
    rows = audit.findings[audit.findings.check != "access-key-in-code"]  # stands in a repository
    places = {place for evidence in rows.evidence for place in evidence.split("; ")}
    assert len(places) > 150
    assert sorted(place for place in places if not files.leads(place)) == []


def test_the_proof_of_every_exception_leads_to_the_values_that_it_names(audit, files):
    papers = [paper for name, paper in audit.workpapers.items() if name != "access-key-in-code"]
    said = [
        line
        for paper in papers
        for proof in proofs(paper.check, paper.exceptions)
        for line in proof.split("\n")
    ]
    places = {place for line in said for place in re.sub(r"^hop \d+, .+?: ", "", line).split("; ")}
    assert len(places) > 150
    assert sorted(place for place in places if not files.leads(place)) == []


@pytest.mark.parametrize(
    "place",
    [
        "credential_report.csv user = alice.moreau, mfa_active = false",
        "mfa_devices.json UserName = marcus.lund",
        "arn:aws:iam::111122223333:policy/DeployAnything v1 Statement[0] (Nothing)",
        "account_summary.csv",
    ],
)
def test_what_leads_nowhere_is_found(files, place):
    assert not files.leads(place)
