"""Cases of checks that rest on what a thorough collection alone asks for."""

from iamaudit.snapshot import SourceResult
from tests.accounts import ACCOUNT, IAM, ago


def ssh_key(days, status="Active"):
    made = {"UserName": "ann", "SSHPublicKeyId": "APKAEXAMPLE0001", "Status": status}
    return {
        "ssh_public_keys": {"SSHPublicKeys": [made if days is None else {**made, "UploadDate": ago(days)}]}
    }


def credential(days, service="codecommit", status="Active", **fields):
    made = {
        "UserName": "ann",
        "ServiceSpecificCredentialId": "ACCAEXAMPLE0001",
        "ServiceName": f"{service}.amazonaws.com",
        "Status": status,
        **({} if days is None else {"CreateDate": ago(days)}),
        **fields,
    }
    return {"service_specific_credentials": {"ServiceSpecificCredentials": [made]}}


def analyzers(*types, status="ACTIVE", tags=None, findings=(), refused=()):
    arn = f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT}:analyzer/"
    there = [
        {"arn": arn + kind, "name": kind, "type": kind, "status": status, "Region": "eu-west-1"}
        | ({} if tags is None else {"tags": tags})
        for kind in types
    ]
    found = [
        {"id": f"f{number}", "resource": f"{IAM}:role/r{number}", "resourceType": "AWS::IAM::Role"}
        | {"AnalyzerArn": f"{arn}ACCOUNT", "Region": "eu-west-1", "createdAt": ago(3), **finding}
        for number, finding in enumerate(findings)
    ]
    told = {"Regions": ["eu-west-1"], "Analyzers": there, "Findings": found}
    if refused:
        told["RegionsNotCollected"] = [{"Region": name, "Reason": "AccessDenied"} for name in refused]
    return {"access_analyzer": told}


def outside(status="ACTIVE", kind="ExternalAccess"):
    return {"status": status, "findingType": kind}


def root_features(*names):
    return {"organization_features": {"OrganizationId": "o-example", "EnabledFeatures": list(names)}}


def unused(service="codecommit", days=None, *, told=True, granted=True, **more):
    """Return the last access of ann to one service, beside a use of another."""
    last = {} if days is None else {"LastAuthenticated": ago(days)}
    services = [{"ServiceNamespace": "s3", "LastAuthenticated": ago(1)}]
    if granted:
        services.append({"ServiceNamespace": service, **last})
    answer = {"JobStatus": "COMPLETED", "ServicesLastAccessed": services}
    failed = {"JobStatus": "FAILED", "Error": {"Code": "x", "Message": "y"}}
    empty = {
        "ssh_public_keys": {"SSHPublicKeys": []},
        "service_specific_credentials": {"ServiceSpecificCredentials": []},
    }
    return {**empty, **more, "last_accessed": {f"{IAM}:user/ann": answer if told else failed}}


REFUSED = SourceResult("denied", reason="AccessDenied")
FOUND = [outside(), outside("ARCHIVED"), outside("RESOLVED")]
BUCKET = {**outside(), "resource": "arn:aws:s3:::b", "resourceType": "AWS::S3::Bucket"}
SOURCE_CASES = [
    ("ssh-key-rotation", ssh_key(90.9), "met", []),
    ("ssh-key-rotation", ssh_key(91), "not met", ["ann"]),
    ("ssh-key-rotation", ssh_key(91, "Inactive"), "met", []),
    ("ssh-key-rotation", ssh_key(None), "not evaluated", []),
    ("ssh-key-rotation", {"ssh_public_keys": {"SSHPublicKeys": []}}, "met", []),
    ("ssh-key-rotation", {"ssh_public_keys": REFUSED}, "not evaluated", []),
    ("service-credential-rotation", credential(90.9), "met", []),
    ("service-credential-rotation", credential(91), "not met", ["ann"]),
    ("service-credential-rotation", credential(91, status="Inactive"), "met", []),
    ("service-credential-rotation", credential(91, ExpirationDate=ago(0)), "met", []),
    ("service-credential-rotation", credential(91, ExpirationDate=ago(-1)), "not met", ["ann"]),
    ("service-credential-rotation", credential(None), "not evaluated", []),
    ("service-credential-rotation", ssh_key(91), "not evaluated", []),  # of which nobody told
    ("service-api-key", credential(1), "met", []),
    ("service-api-key", credential(1, "bedrock"), "not met", ["ann"]),
    ("service-api-key", credential(1, "logs", ExpirationDate=ago(-9)), "not met", ["ann"]),
    ("service-api-key", credential(1, "new", ServiceCredentialAlias="ann-at-1"), "not met", ["ann"]),
    ("service-api-key", credential(1, "bedrock", "Inactive"), "met", []),
    ("service-api-key", credential(9, "bedrock", ExpirationDate=ago(1)), "met", []),  # has ended
    ("service-api-key", {"service_specific_credentials": REFUSED}, "not evaluated", []),
    ("service-credential-unused", unused(days=89, **ssh_key(900)), "met", []),
    ("service-credential-unused", unused(days=90, **ssh_key(900)), "not evaluated", []),  # perhaps by Git
    ("service-credential-unused", unused(**ssh_key(900)), "not evaluated", []),
    ("service-credential-unused", unused(**ssh_key(89)), "met", []),
    ("service-credential-unused", unused(granted=False, **ssh_key(1)), "not met", ["ann"]),
    ("service-credential-unused", unused(granted=False, **ssh_key(1, "Inactive")), "met", []),
    ("service-credential-unused", unused(told=False, **ssh_key(900)), "not evaluated", []),
    ("service-credential-unused", unused(told=False, **credential(900, "bedrock")), "not evaluated", []),
    ("service-credential-unused", unused("bedrock", 89, **credential(900, "bedrock")), "met", []),
    ("service-credential-unused", unused("bedrock", 90, **credential(900, "bedrock")), "not met", ["ann"]),
    ("service-credential-unused", unused("bedrock", **credential(90, "bedrock")), "not met", ["ann"]),
    ("service-credential-unused", unused("bedrock", **credential(89, "bedrock")), "met", []),
    (
        "service-credential-unused",
        unused("cassandra", 400, **credential(900, "cassandra")),
        "not evaluated",
        [],
    ),
    ("service-credential-unused", unused("bedrock", **credential(None, "bedrock")), "not evaluated", []),
    ("service-credential-unused", {**unused(), "last_accessed": REFUSED}, "not evaluated", []),
    ("external-access-analyzer", analyzers("ACCOUNT"), "met", []),
    ("external-access-analyzer", analyzers("ORGANIZATION", "ACCOUNT_UNUSED_ACCESS"), "met", []),
    ("external-access-analyzer", analyzers(), "not met", ["*"]),
    ("external-access-analyzer", analyzers("ACCOUNT_UNUSED_ACCESS"), "not met", ["*"]),
    ("external-access-analyzer", analyzers("ACCOUNT", status="FAILED"), "not met", ["*"]),
    ("external-access-analyzer", analyzers("ACCOUNT", refused=["us-east-1"]), "not evaluated", []),
    ("external-access-analyzer", analyzers(refused=["us-east-1"]), "not met", ["*"]),
    ("external-access-analyzer", {"access_analyzer": REFUSED}, "not evaluated", []),
    ("analyzer-tagged", analyzers("ACCOUNT", tags={"owner": "ann"}), "met", []),
    ("analyzer-tagged", analyzers("ACCOUNT", tags={"owner": ""}), "met", []),
    ("analyzer-tagged", analyzers("ACCOUNT", tags={}), "not met", ["ACCOUNT"]),
    ("analyzer-tagged", analyzers("ACCOUNT", "ORGANIZATION"), "not met", ["ACCOUNT", "ORGANIZATION"]),
    (
        "analyzer-tagged",
        analyzers("ACCOUNT", tags={"aws:cloudformation:stack-name": "s"}),
        "not met",
        ["ACCOUNT"],
    ),
    ("analyzer-tagged", analyzers("ACCOUNT", status="FAILED", tags={}), "not met", ["ACCOUNT"]),
    ("analyzer-tagged", analyzers("ACCOUNT", tags={"a": "b"}, refused=["us-east-1"]), "not evaluated", []),
    ("analyzer-tagged", analyzers(), "met", []),
    ("analyzer-tagged", {"access_analyzer": REFUSED}, "not evaluated", []),
    ("analyzer-external-role", analyzers("ACCOUNT", findings=FOUND), "not met", ["r0"]),
    ("analyzer-external-role", analyzers("ACCOUNT", findings=[outside("ARCHIVED")]), "met", []),
    ("analyzer-external-role", analyzers("ACCOUNT", findings=[outside(kind="UnusedIAMRole")]), "met", []),
    ("analyzer-external-role", analyzers("ACCOUNT", findings=[BUCKET]), "met", []),
    ("analyzer-external-role", {"access_analyzer": REFUSED}, "not evaluated", []),
    ("analyzer-external-resource", analyzers("ACCOUNT", findings=[BUCKET]), "not met", ["b"]),
    (
        "analyzer-external-resource",
        analyzers("ACCOUNT", findings=[{**BUCKET, "status": "ARCHIVED"}]),
        "met",
        [],
    ),
    ("analyzer-external-resource", analyzers("ACCOUNT", findings=FOUND), "met", []),
    ("analyzer-external-resource", {"access_analyzer": REFUSED}, "not evaluated", []),
    ("root-credentials-central", root_features("RootCredentialsManagement", "RootSessions"), "met", []),
    ("root-credentials-central", root_features("RootSessions"), "not met", ["root"]),
    ("root-credentials-central", {"organization_features": REFUSED}, "not evaluated", []),
]
