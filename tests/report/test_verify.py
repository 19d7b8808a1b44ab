import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iamaudit.cli import main
from iamaudit.report.bundle import run_report
from iamaudit.report.parameters import Parameters
from iamaudit.report.signature import read_private_key, sign_bundle, write_digest
from iamaudit.report.verify import verify_bundle
from tests.accounts import AS_OF, allow, details, inline, key, report, snapshot, user


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A report and the snapshot that it was made of."""
    folder = tmp_path_factory.mktemp("verify")
    taken = snapshot(
        folder / "snapshots",
        credential_report=report({"user": "<root_account>"}, {"user": "ann", **key(1, age=500)}),
        authorization_details=details(users=[user("ann", **inline("User", "all", allow("*")))]),
    )
    given = Parameters({"snapshot": str(taken), "max_key_age_days": 60}, {}, {"exports": "asff, ocsf"})
    return run_report(given, notebooks=[], reports=folder / "reports", progress=False), taken


@pytest.fixture
def bundle(made, tmp_path):
    return Path(shutil.copytree(made[0], tmp_path / "bundle"))


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """A report with changes, the snapshot that it was made of, and the older one."""
    folder, earlier = tmp_path_factory.mktemp("compared"), AS_OF - timedelta(days=31)
    ids = ["AKIAIOSFODNN7EXAMOLD", "AKIAIOSFODNN7EXAMNEW"]
    made = []
    for at, one, may in zip((earlier, AS_OF), ids, ("s3:*", "*"), strict=True):
        listed = [{"AccessKeyId": one, "UserName": "ann", "Status": "Active", "CreateDate": at.isoformat()}]
        taken = snapshot(
            folder / "snapshots",
            at=at,
            credential_report=report({"user": "<root_account>"}, {"user": "ann", **key(1, age=30)}),
            authorization_details=details(users=[user("ann", **inline("User", "all", allow(may)))]),
            access_keys={"AccessKeyMetadata": listed},
        )
        made.append(taken)
    given = Parameters({"snapshot": str(made[1])}, {})
    made.append(run_report(given, notebooks=[], reports=folder / "reports", progress=False))
    return made


def write_keys(folder, name="key"):
    private = Ed25519PrivateKey.generate()
    text = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(private.private_bytes(text, *plain))
    public = private.public_key().public_bytes(text, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pub").write_bytes(public)
    return folder / f"{name}.pem", folder / f"{name}.pub"


def call(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def hashes(bundle):
    return verify_bundle(bundle, hashes_only=True)


def flip(path, place=-2):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_report_that_nobody_touched_is_verified_and_judged_anew(made):
    code, out, said = call("verify", made[0])  # from the evidence that it carries
    assert (code, out) == (0, f"{made[0]}: nothing differs\n")
    assert "findings, observations and every other table were judged anew" in said
    assert "the report is not signed" in said


def test_the_changes_are_judged_anew_from_the_older_snapshot_that_a_report_carries(compared, tmp_path):
    bundle = Path(shutil.copytree(compared[2], tmp_path / "bundle"))
    carried = json.loads((bundle / "evidence/previous/20261001T080000Z/access_keys.json").read_text())
    assert carried["AccessKeyMetadata"][0]["AccessKeyId"] == "AKIA…MOLD"
    assert call("verify", bundle)[:2] == (0, f"{bundle}: nothing differs\n")
    path = bundle / "data" / "changes.parquet"
    changes = pd.read_parquet(path)
    assert len(changes) > 0
    changes.iloc[:-1].to_parquet(path, index=False)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["outputs"]["data/changes.parquet"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    write_digest(bundle)
    code, problem, said = call("verify", bundle)
    assert (code, "not judged anew" in said) == (4, False)
    assert problem.startswith("changes: judged anew, rows differ: 1 only now")


def test_a_report_on_the_evidence_of_a_report_is_verified(compared, tmp_path):
    taken = compared[2] / "evidence"  # ids are masked already, as in the demo account of the package
    given = Parameters({"snapshot": str(taken)}, {})
    bundle = run_report(given, notebooks=[], reports=tmp_path / "reports", progress=False)
    code, out, said = call("verify", bundle)
    assert (code, out) == (0, f"{bundle}: nothing differs\n")
    assert "judged anew from the evidence" in said
    assert "not judged anew" not in said


def test_changes_are_not_judged_anew_from_other_older_snapshots(compared, tmp_path):
    made = run_report(
        Parameters({"snapshot": str(compared[1])}, {}),
        notebooks=[],
        reports=tmp_path / "reports",
        progress=False,
        evidence=False,
    )
    assert not (made / "evidence").exists()
    apart = Path(shutil.copytree(compared[1], tmp_path / "s" / compared[1].name))
    found = verify_bundle(made, snapshot=apart)
    left_out = (
        "the changes since older snapshots are not judged anew: the snapshot 20261001T080000Z is not here"
    )
    assert (found.problems, left_out in found.notes) == ([], True)
    other = Path(shutil.copytree(compared[0], tmp_path / "s" / compared[0].name))
    assert verify_bundle(made, snapshot=apart).notes[2] != left_out
    flip(other / "credential_report.csv")
    said = verify_bundle(made, snapshot=apart).notes[2]
    assert said.endswith("the input credential_report.csv is not what was judged (sha-256 differs)")


def kinds(folder):
    """Return one file of each kind in a report, but for the digest and the manifest of it."""
    found = {"evidence": folder / "evidence" / "manifest.json"}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ("manifest.json", "manifest.sha256"):
            found.setdefault((path.parent.name, "".join(path.suffixes)), path)
    return list(found.values())


def test_one_byte_of_any_kind_of_file_is_found(bundle):
    files = kinds(bundle)
    assert {path.suffix for path in files} >= {".html", ".xlsx", ".json", ".csv", ".parquet"}
    for path in files:
        whole, name = path.read_bytes(), path.relative_to(bundle).as_posix()
        flip(path)
        assert hashes(bundle).problems == [f"{name} changed after the report was written (sha-256 differs)"]
        path.write_bytes(whole)
    assert hashes(bundle).problems == []


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256"])
def test_one_byte_of_the_manifest_or_its_digest_is_found(bundle, name):
    path = bundle / name
    flip(path, path.read_bytes().index(b"2026-11-01") if name == "manifest.json" else 0)
    found = hashes(bundle).problems
    assert found[0].startswith("manifest.json or manifest.sha256 changed")
    path.unlink()
    if name == "manifest.sha256":
        assert hashes(bundle).problems == ["manifest.sha256 is missing"]


def test_a_file_that_is_gone_or_new_is_named(bundle):
    (bundle / "findings.json").unlink()
    (bundle / "data" / "more.csv").write_text("x\n")
    assert hashes(bundle).problems == [
        "findings.json is missing",
        "data/more.csv was added after the report was written",
    ]


def test_findings_that_the_evidence_does_not_give_are_named_though_every_hash_fits(bundle, made, tmp_path):
    """Whoever forges a table can forge the hashes, but not what the evidence says."""
    path = bundle / "data" / "findings.parquet"
    findings = pd.read_parquet(path)
    findings.iloc[1:].to_parquet(path, index=False)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["outputs"]["data/findings.parquet"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["versions"]["iamaudit"] = "0.0.9"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    write_digest(bundle)
    code, problem, said = call("verify", bundle, "--snapshot", made[1])
    assert code == 4
    assert problem.startswith("findings: judged anew, rows differ: 1 only now (")
    assert findings.check[0] in problem
    assert "judged with other versions (iamaudit 0.0.9, here" in said


def test_evidence_that_is_not_what_was_judged_is_named(bundle, made, tmp_path):
    other = Path(shutil.copytree(made[1], tmp_path / "snapshot"))
    flip(other / "credential_report.csv")
    found = verify_bundle(bundle, snapshot=other)
    assert found.problems == ["the input credential_report.csv is not what was judged (sha-256 differs)"]
    assert found.notes[-1] == "nothing is judged anew: the evidence is not what was judged"


def test_a_signature_is_verified_with_its_key_and_no_other(bundle, tmp_path):
    key_file, public = write_keys(tmp_path)
    _, stranger = write_keys(tmp_path, "other")
    assert call("verify", bundle, "--hashes-only", "--public-key", public)[:2] == (
        4,
        "the report is not signed: manifest.sig is missing\n",
    )
    assert call("sign", bundle, "--key", key_file)[0] == 0
    assert call("verify", bundle, "--hashes-only", "--public-key", public)[0] == 0
    assert call("verify", bundle, "--hashes-only")[0] == 0
    code, out, _ = call("verify", bundle, "--hashes-only", "--public-key", stranger)
    assert code == 4
    assert out.startswith("the report is signed with another key")


@pytest.mark.parametrize("part", ["algorithm", "public_key", "signature"])
def test_one_byte_of_the_signature_is_found(bundle, tmp_path, part):
    signed = sign_bundle(bundle, read_private_key(write_keys(tmp_path)[0]))
    said = json.loads(signed.read_text())
    last = said[part][-1]
    said[part] = said[part][:-1] + ("0" if last != "0" else "1")
    signed.write_text(json.dumps(said, indent=2) + "\n")
    assert len(hashes(bundle).problems) == 1


def test_a_signed_manifest_cannot_be_replaced_by_who_has_no_key(bundle, tmp_path):
    sign_bundle(bundle, read_private_key(write_keys(tmp_path)[0]))
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps({**manifest, "headline": "All is well."}))
    write_digest(bundle)
    assert hashes(bundle).problems == ["the signature in manifest.sig is not one of this manifest.json"]


def test_what_cannot_be_used_is_refused_with_2(bundle, made, tmp_path):
    elliptic = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "ec.pem").write_bytes(elliptic.private_bytes(serialization.Encoding.PEM, *plain))
    (tmp_path / "none.pem").write_text("nothing\n")
    cases = [
        ("verify", tmp_path / "nowhere"),
        ("verify", made[1]),
        ("verify", bundle, "--snapshot", tmp_path / "nowhere"),
        ("verify", bundle, "--public-key", tmp_path / "none.pem"),
        ("verify", bundle, "--public-key", tmp_path / "nowhere.pem"),
        ("sign", bundle, "--key", tmp_path / "ec.pem"),
        ("sign", bundle, "--key", tmp_path / "none.pem"),
        ("sign", tmp_path, "--key", write_keys(tmp_path)[0]),
        ("sign", made[1], "--key", tmp_path / "key.pem"),
    ]
    for case in cases:
        code, _, said = call(*case)
        assert (code, said[:9]) == (2, "iamaudit:"), case
    assert call("verify", made[1])[2] == f"iamaudit: `{made[1]}` is a snapshot: give the folder of a report\n"
    assert not (made[1] / "manifest.sig").exists()
