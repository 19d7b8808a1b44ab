"""Access keys that stand in code."""

from iamaudit.checks.catalogue import LONG_TERM, Frame, Mask, check


@check(
    "access-key-in-code",
    "No active access key of the account stands in code",
    severity="critical",
    area="code",
    exposure=LONG_TERM,
    population="code_keys",
    where="not is_example",
    message="key {key_id} of {user} stands in {path} line {line}",
    remediation="`aws iam create-access-key --user-name {user}` and keep the new key out of code; "
    "`aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive`; look at what it "
    "did in CloudTrail; `aws iam delete-access-key --user-name {user} --access-key-id KEY`",
    blind_spot="Code that was not scanned, and whoever has read it already: rewriting the history of a "
    "repository does not take a key back.",
)
def access_key_in_code(code_keys: Frame) -> Mask:
    """A key in code is known to all who can read the code; an exception is a user's key that still works."""
    is_session = code_keys.key_id.str.startswith("ASIA")  # temporary, and in no list
    return (code_keys.status == "Active").mask(is_session, False)
