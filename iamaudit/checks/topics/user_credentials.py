"""SSH public keys, and passwords and API keys of users that one service takes."""

from iamaudit.checks.catalogue import LONG_TERM, Frame, Mask, check
from iamaudit.settings import Settings

_NO_LAST_USE = (
    "The test does not see whether anybody uses it: AWS reports no last use of such a credential. "
    "`service-credential-unused` infers it where that is sound."
)
_CODECOMMIT = "id_credentials_ssh-keys.html"
_API_KEYS = "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html"


@check(
    "ssh-key-rotation",
    "Active SSH public keys are rotated within {max_key_age_days} days",
    severity="low",
    area="credentials",
    exposure=LONG_TERM,
    population="user_credentials",
    where="kind == 'SSH public key' and is_active",
    sources=("ssh_public_keys",),
    message="the SSH public key {credential_id} of {user} is {age_days} days old",
    remediation="`aws iam list-ssh-public-keys --user-name {user}`; the user uploads a new key, then "
    "`aws iam update-ssh-public-key --user-name {user} --ssh-public-key-id ID --status Inactive`",
    blind_spot=_NO_LAST_USE,
    documentation=_CODECOMMIT,
)
def ssh_key_rotation(user_credentials: Frame, settings: Settings) -> Mask:
    """An exception is an active SSH public key whose `UploadDate` is more than {max_key_age_days} days back.

    AWS CodeCommit takes these keys, and no other service does.
    """
    return user_credentials.age_days > settings.max_key_age_days


@check(
    "service-credential-rotation",
    "Active service-specific credentials are rotated within {max_key_age_days} days",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="user_credentials",
    where="kind == 'service-specific credential' and is_active and not is_expired",
    sources=("service_specific_credentials",),
    message="the credential {credential_id} of {user} for {service} is {age_days} days old",
    remediation="`aws iam list-service-specific-credentials --user-name {user}`; create the next one, put it "
    "where the old one is used, then `aws iam update-service-specific-credential --user-name {user} "
    "--service-specific-credential-id ID --status Inactive`",
    blind_spot=_NO_LAST_USE,
)
def service_credential_rotation(user_credentials: Frame, settings: Settings) -> Mask:
    """An exception is an active credential whose `CreateDate` is more than {max_key_age_days} days back.

    The population is passwords and API keys of users that one service takes, such as CodeCommit, Amazon
    Keyspaces or Amazon Bedrock. One that has expired (`ExpirationDate` before the as-of time) is left out.
    """
    return user_credentials.age_days > settings.max_key_age_days


@check(
    "service-api-key",
    "Programs call Amazon Bedrock and CloudWatch Logs with a role, not an API key",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="user_credentials",
    practice="long-term-credentials",
    where="kind == 'service-specific credential' and is_active and not is_expired",
    sources=("service_specific_credentials",),
    message="{user} has the API key {credential_id} for {service} (expires: {expires_at|never})",
    remediation="give the program a role, or short-term API keys that it makes from its role; then "
    "`aws iam delete-service-specific-credential --user-name {user} --service-specific-credential-id ID`",
    blind_spot="The test does not see short-term API keys, which are made from a session and end with it.",
    documentation=_API_KEYS,
)
def service_api_key(user_credentials: Frame) -> Mask:
    """An exception is an active service-specific credential that is an API key.

    Its `ServiceName` is `bedrock.amazonaws.com` or `logs.amazonaws.com`, or it has a
    `ServiceCredentialAlias`. An API key is a bearer token: a request carries it as it is, without a
    signature. One that has expired (`ExpirationDate` before the as-of time) is left out.
    """
    return user_credentials.is_api_key


@check(
    "service-credential-unused",
    "SSH keys and service-specific credentials belong to users who use the service",
    severity="medium",
    area="credentials",
    exposure=LONG_TERM,
    population="user_credentials",
    cause="credential",
    practice="unused-credentials",
    where="kind != 'certificate' and is_active and not is_expired",
    sources=("ssh_public_keys", "service_specific_credentials", "last_accessed"),
    message="{user} {why} {service}, and has the {kind} {credential_id} for it",
    remediation="ask {user} whether the credential is still needed. Deactivate it with `aws iam "
    "update-ssh-public-key --user-name {user} --ssh-public-key-id ID --status Inactive` or `aws iam "
    "update-service-specific-credential --user-name {user} --service-specific-credential-id ID --status "
    "Inactive`; after a month without complaints, delete it",
    blind_spot="The test does not see with which of several credentials a user reached the service. It does "
    "not see Git connections or queries to Amazon Keyspaces: AWS does not say whether its report counts "
    "them, so a credential for these is not evaluated when no recent use is reported.",
)
def service_credential_unused(user_credentials: Frame, settings: Settings) -> tuple[Frame, Mask]:
    """An exception is an active credential for a service that its user may not use or does not use.

    The user may not use a service that `ServicesLastAccessed` of AWS's report on the user does not list. A
    user does not use it when `LastAuthenticated` of the service, and `LastAccessedTime` of its actions, are
    {max_unused_days} or more days back; where there is no such time, when the credential is that old. Only
    API keys become exceptions because they are not used: Git credentials, SSH keys and credentials for
    Amazon Keyspaces are not evaluated in that case.
    """
    may_use, is_told = user_credentials.service_granted, user_credentials.service_granted.notna()
    idle_days = user_credentials.service_idle_days.fillna(user_credentials.age_days)
    is_idle = idle_days >= settings.max_unused_days
    is_idle = is_idle.mask(is_idle & ~(user_credentials.is_api_key & is_told))
    fails = ~may_use | is_idle
    days = idle_days.astype("string")
    why = ("has not used for " + days + " days").mask(~may_use, "may not use")
    rows = user_credentials.assign(why=why)
    return rows[fails.fillna(value=False)], fails.isna()
