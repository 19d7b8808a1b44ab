"""AWS's decision on one request, for other programs: the public name of ``iamaudit.iam.evaluate``."""

from iamaudit.iam.evaluate import Context, Decision, Principal, Request, authorize, simulate

__all__ = ["Context", "Decision", "Principal", "Request", "authorize", "simulate"]
