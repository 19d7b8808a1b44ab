"""In which order findings are worth reading."""

import pandas as pd

from iamaudit.checks.catalogue import CATALOGUE

_SEVERITY = {"critical": 1000.0, "high": 300.0, "medium": 100.0, "low": 30.0, "informational": 10.0}


def risk_order(findings: pd.DataFrame, breadth: pd.DataFrame, users: pd.DataFrame) -> pd.Series:
    """Return a number per finding: the higher, the sooner it should be read.

    ``severity x permission x exposure x age``:

    - severity: 1000 critical, 300 high, 100 medium, 30 low, 10 informational;
    - permission of the principal that the finding is about: 4 for root, 3 for an administrator (by effective
      permission), 2 for who is one under some condition, else 1 to 2 by the share of all actions that it may
      possibly do; 1 for what is not a principal;
    - exposure of the check: 2 for what strangers or a stolen password alone reach (root, trust in others,
      console without MFA), 1.5 for long-term credentials, else 1;
    - age: 1 to 2, by the days that the principal has been idle, two years or more counting as two.
    """
    severity = findings.severity.map(_SEVERITY).astype("float64")
    by_principal = breadth.set_index("principal")
    share = findings.resource.map(by_principal.share_possible).astype("float64").fillna(0.0)
    administrator = findings.resource.map(by_principal.administrator)
    permission = 1 + share
    permission = permission.mask(administrator.eq("perhaps").fillna(value=False).astype(bool), 2.0)
    permission = permission.mask(administrator.eq("yes").fillna(value=False).astype(bool), 3.0)
    permission = permission.mask(
        findings.resource.str.endswith(":root").fillna(value=False).astype(bool), 4.0
    )
    exposures = {check.id: check.exposure for check in CATALOGUE.values()}
    exposure = findings["check"].map(exposures).astype("float64").fillna(1.0)
    idle = findings.resource.map(users.drop_duplicates("arn").set_index("arn").days_idle)
    age = 1 + idle.astype("float64").fillna(0.0).clip(0, 730) / 730
    return (severity * permission * exposure * age).round(1)
