"""Dossiers: all that an audit knows of one principal, policy, action or outside account, on one screen."""

from iamaudit.audit.dossiers.action import ActionDossier
from iamaudit.audit.dossiers.asked import Asked, asked
from iamaudit.audit.dossiers.dossier import Dossier
from iamaudit.audit.dossiers.named import (
    account_names,
    find_account,
    find_policy,
    find_principal,
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
    "PolicyDossier",
    "PrincipalDossier",
    "account_names",
    "asked",
    "find_account",
    "find_policy",
    "find_principal",
    "kinds_of",
    "policy_names",
    "principal_names",
]
