"""Dossiers: all that an audit knows of one principal, group, policy, action or account, on one screen."""

from iamaudit.audit.dossiers.action import ActionDossier
from iamaudit.audit.dossiers.asked import Asked, asked
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.dossiers.group import GroupDossier
from iamaudit.audit.dossiers.named import (
    account_names,
    find_account,
    find_group,
    find_policy,
    find_principal,
    group_names,
    kinds_of,
    policy_names,
    principal_names,
)
from iamaudit.audit.dossiers.outside_account import AccountDossier
from iamaudit.audit.dossiers.policy import PolicyDossier
from iamaudit.audit.dossiers.principal import PrincipalDossier

__all__ = [
    "AccountDossier",
    "ActionDossier",
    "Asked",
    "Dossier",
    "GroupDossier",
    "PolicyDossier",
    "PrincipalDossier",
    "account_names",
    "asked",
    "find_account",
    "find_group",
    "find_policy",
    "find_principal",
    "group_names",
    "kinds_of",
    "policy_names",
    "principal_names",
]
