"""The versions of one managed policy as a frame."""

import pandas as pd

from iamaudit.account import Policy
from iamaudit.frames.columns import build_frame
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import document_grants, effective_permissions


def versions_frame(policy: Policy, catalogue: Catalogue) -> pd.DataFrame:
    """Return a row per version whose document was collected, the default one first.

    ``actions_possible`` are those that it allows by itself, less what it denies. ``actions_more`` counts
    those that the default version does not allow (``more`` names them), ``actions_less`` those that only the
    default version allows.
    """
    documents = [(policy.version, policy.document), *zip(policy.older_ids, policy.older, strict=True)]
    sets = [effective_permissions([document_grants(each, catalogue)]).possible for _, each in documents]
    rows = [
        {
            "version": version,
            "is_default": number == 0,
            "actions_possible": possible.bit_count(),
            "actions_more": (possible & ~sets[0]).bit_count(),
            "actions_less": (sets[0] & ~possible).bit_count(),
            "more": catalogue.names_of(possible & ~sets[0]),
        }
        for number, ((version, _), possible) in enumerate(zip(documents, sets, strict=True))
    ]
    return build_frame("versions", rows if policy.is_collected and policy.version else ())
