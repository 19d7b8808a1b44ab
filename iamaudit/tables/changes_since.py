"""What changed since an older snapshot: the facts of the comparison, and the changes by area."""

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from iamaudit.tables.frame_table import table
from iamaudit.tables.markup import Html, fact_list

_NONE = "No older snapshot of this account lies beside this one, and none was named: nothing is compared."
_TITLES = {
    "permissions": "Effective permissions",
    "trust": "Trust",
    "credentials": "Keys, passwords and MFA",
    "observations": "Observations",
    "settings": "Settings of the account",
    "inventory": "Users, roles, groups and policies",
}
_COLUMNS = {"severity": "severity", "sentence": "change", "before": "before", "after": "after"}


def changes_since(changes: pd.DataFrame, facts: Iterable[tuple[str, str]], *, limit: int = 20) -> Html:
    """Return the frame ``changes`` in a table for each area, the gravest first.

    ``facts`` say what is compared (``Audit.comparison``); without them there is no older snapshot.
    """
    known = list(facts)
    if not known:
        return Html(Markup('<p class="empty">{}</p>').format(_NONE))
    if not len(changes):
        return Html(Markup('{}<p class="empty">Nothing changed.</p>').format(fact_list(known)))
    parts = [fact_list(known)]
    for area, title in _TITLES.items():
        rows = changes[changes.area == area]
        if len(rows):
            shown = table(rows, columns=_COLUMNS, limit=limit, file="changes.csv")
            parts.append(Markup("<h3>{}</h3>{}").format(title, shown.markup))
    return Html(Markup("").join(parts))
