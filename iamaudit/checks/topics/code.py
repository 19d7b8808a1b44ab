"""Access keys that stand in code."""

from iamaudit.checks.catalogue import LONG_TERM, Frame, Mask, check


@check(
    "access-key-in-code",
    "Code contains no active access key of the account",
    severity="critical",
    area="code",
    exposure=LONG_TERM,
    population="code_keys",
    where="not is_example",
    message="key {key_id} of {user} stands in {path} line {line}",
    remediation="give the program a role, or a new key that is kept outside of code: `aws iam "
    "create-access-key --user-name {user}`; `aws iam update-access-key --user-name {user} --access-key-id "
    "KEY --status Inactive`; look up what the key was used for, in each Region: `aws cloudtrail "
    "lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=KEY`; `aws iam "
    "delete-access-key --user-name {user} --access-key-id KEY`",
    blind_spot="The test does not see code that was not scanned, or who has read the key already. A key "
    "that was removed from the history of a repository stays valid.",
)
def access_key_in_code(code_keys: Frame) -> Mask:
    """An exception is a place in code with the id of a key that AWS lists as `Active` for a user.

    Ids that start with `ASIA` belong to temporary credentials and are not exceptions. Ids of AWS's
    documentation are left out of the population.
    """
    is_session = code_keys.key_id.str.startswith("ASIA")  # temporary, and in no list
    return (code_keys.status == "Active").mask(is_session, False)
