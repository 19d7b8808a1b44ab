"""Whether the account gave a user, role or analyzer a tag."""

import json

from iamaudit.checks.catalogue import Mask


def untagged(tags: Mask) -> Mask:
    """Return who has no tag of the account's own: AWS sets tags whose keys start with ``aws:`` by itself."""
    return tags.fillna("{}").map(_only_of_aws).astype("boolean")


def _only_of_aws(tags: str) -> bool:
    return all(key.startswith("aws:") for key in json.loads(tags))
