"""SSH keys, credentials for one service, IAM Access Analyzer, and root users of member accounts."""

from tests.reperformance.procedures import procedure
from tests.reperformance.raw import moment, over, reaches


def arn_of(raw, name):
    unknown = f"arn:{raw.partition}:iam::{raw.account_id}:user/{name}"
    return next((user.arn for user in raw.users if user.name == name), unknown)


def shown(identifier):
    return f"{identifier[:4]}…{identifier[-4:]}"


def service_credentials(raw):
    """Each credential with its name, and whether it is active and has not expired."""
    told = raw.read("service_specific_credentials")
    for each in told.get("ServiceSpecificCredentials", ()):
        end = moment(each.get("ExpirationDate"))
        has_ended = end is not None and end <= raw.as_of
        name = arn_of(raw, each["UserName"]), shown(each["ServiceSpecificCredentialId"])
        yield name, each["Status"] == "Active" and not has_ended, each


@procedure("ssh-key-rotation", "ssh_public_keys")
def ssh_key_rotation(raw):
    for key in raw.read("ssh_public_keys").get("SSHPublicKeys", ()):
        age = raw.days_since(moment(key.get("UploadDate")))
        name = arn_of(raw, key["UserName"]), shown(key["SSHPublicKeyId"])
        yield name, key["Status"] == "Active", over(age, raw.settings.max_key_age_days)


@procedure("service-credential-rotation", "service_specific_credentials")
def service_credential_rotation(raw):
    for name, works, each in service_credentials(raw):
        age = raw.days_since(moment(each.get("CreateDate")))
        yield name, works, over(age, raw.settings.max_key_age_days)


@procedure("service-api-key", "service_specific_credentials")
def service_api_key(raw):
    for name, works, each in service_credentials(raw):
        takes_keys = each["ServiceName"] in ("bedrock.amazonaws.com", "logs.amazonaws.com")
        yield name, works, takes_keys or "ServiceCredentialAlias" in each


@procedure("service-credential-unused", "ssh_public_keys", "service_specific_credentials", "last_accessed")
def service_credential_unused(raw):
    for key in raw.read("ssh_public_keys")["SSHPublicKeys"]:
        name = arn_of(raw, key["UserName"]), shown(key["SSHPublicKeyId"])
        made = moment(key.get("UploadDate"))
        yield name, key["Status"] == "Active", is_of_no_use(raw, name[0], "codecommit", made, takes_git=True)
    for name, works, each in service_credentials(raw):
        service = each["ServiceName"].partition(".")[0]
        is_token = service in ("bedrock", "logs") or "ServiceCredentialAlias" in each
        made = moment(each.get("CreateDate"))
        yield name, works, is_of_no_use(raw, name[0], service, made, takes_git=not is_token)


def is_of_no_use(raw, arn, service, made, *, takes_git):
    """Whether a user may not use a service, or has not for long; of Git and the like the last is not told."""
    told = raw.read("last_accessed").get(arn, {})
    if told.get("JobStatus") != "COMPLETED":
        return None
    (use, *_) = [*(s for s in told["ServicesLastAccessed"] if s["ServiceNamespace"] == service), None]
    if use is None:
        return True
    times = [use.get("LastAuthenticated")]
    times += [action.get("LastAccessedTime") for action in use.get("TrackedActionsLastAccessed", ())]
    since = max((moment(time) for time in times if time), default=made)
    is_long = reaches(raw.days_since(since), raw.settings.max_unused_days)
    return None if is_long and takes_git else is_long


@procedure("external-access-analyzer", "access_analyzer")
def external_access_analyzer(raw):
    told = raw.read("access_analyzer")
    watched = {
        each["Region"]
        for each in told["Analyzers"]
        if each["status"] == "ACTIVE" and each["type"] in ("ACCOUNT", "ORGANIZATION")
    }
    for region in told["Regions"]:
        yield region, True, region not in watched
    for region in told.get("RegionsNotCollected", ()):
        yield region["Region"], True, None


@procedure("analyzer-tagged", "access_analyzer")
def analyzer_tagged(raw):
    told = raw.read("access_analyzer")
    for each in told["Analyzers"]:
        yield each["arn"], True, not [key for key in each.get("tags", {}) if not key.startswith("aws:")]
    for region in told.get("RegionsNotCollected", ()):
        yield f"arn:aws:access-analyzer:{region['Region']}:{raw.account_id}:analyzer/*", True, None


def outside(raw, of_roles):
    """Each finding of external access to roles, or to anything else."""
    for finding in raw.read("access_analyzer")["Findings"]:
        is_of_role = finding["resourceType"] == "AWS::IAM::Role"
        is_asked = finding["findingType"] == "ExternalAccess" and is_of_role is of_roles
        yield finding["id"], is_asked, finding["status"] == "ACTIVE"


@procedure("analyzer-external-role", "access_analyzer")
def analyzer_external_role(raw):
    yield from outside(raw, of_roles=True)


@procedure("analyzer-external-resource", "access_analyzer")
def analyzer_external_resource(raw):
    yield from outside(raw, of_roles=False)


@procedure("root-credentials-central", "organization_features")
def root_credentials_central(raw):
    enabled = raw.read("organization_features")["EnabledFeatures"]
    yield raw.account_id, True, "RootCredentialsManagement" not in enabled
