"""The policies of the organization above the account: levels of SCPs and RCPs (rules A3, A4, D1 to D5)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iamaudit.account.stored_policy import Policy, stored_policy
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import Grants, Level, level_grants
from iamaudit.iam.policy import Document

_FILE = "organization_policies.json"
_KINDS = (("ServiceControlPolicies", "SCP"), ("ResourceControlPolicies", "RCP"))


@dataclass(frozen=True, slots=True)
class Organization:
    """The levels above the account, the organization's root first; of the management account there are none.

    ``is_known`` is false when nobody handed the policies over: then SCPs and RCPs may limit anything.
    ``is_management`` says that they name this account as the one that manages the organization.
    """

    scps: tuple[Level, ...] = ()
    rcps: tuple[Level, ...] = ()
    policies: tuple[Policy, ...] = ()
    is_known: bool = False
    is_management: bool = False

    def scp_grants(self, catalogue: Catalogue, read: Callable[[Document], Grants]) -> tuple[Grants, ...]:
        """Return each SCP level as action sets; ``read`` says what one document says."""
        return tuple(level_grants(level, catalogue, "scp", read) for level in self.scps)

    def rcp_grants(self, catalogue: Catalogue, read: Callable[[Document], Grants]) -> tuple[Grants, ...]:
        """Return each RCP level as action sets; ``read`` says what one document says."""
        return tuple(level_grants(level, catalogue, "rcp", read) for level in self.rcps)


def read_organization(source: Mapping[str, Any] | None, account_id: str) -> Organization:
    """Return the levels that the stored ``organization_policies`` holds; ``None`` says that nobody knows.

    The management account is exempt from SCPs, and its resources from RCPs (rules D1, D4).
    """
    if source is None:
        return Organization()
    policies = tuple(_policies(source))
    if source.get("ManagementAccountId") == account_id:
        return Organization(policies=policies, is_known=True, is_management=True)
    by_name = {policy.policy: policy for policy in policies}
    scps, rcps = (
        tuple(
            tuple(by_name[_name(kind, level, p)].document for p in level["Policies"])
            for level in source.get(key, ())
        )
        for key, kind in _KINDS
    )
    return Organization(scps, rcps, policies, is_known=True)


def _policies(source: Mapping[str, Any]) -> Iterator[Policy]:
    for key, kind in _KINDS:
        for level in source.get(key, ()):
            for policy in level["Policies"]:
                yield stored_policy(
                    _name(kind, level, policy),
                    policy["Name"],
                    arn=policy.get("Arn"),
                    kind=kind,
                    owner=level["Target"],
                    raw=policy["Content"],
                    evidence=f"{_FILE} {key} {level['Target']} {policy['Name']}",
                )


def _name(kind: str, level: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    return f"{kind} {policy['Name']} on {level['Target']}"
