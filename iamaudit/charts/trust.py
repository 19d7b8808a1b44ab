"""Whom roles trust and what they may do, and which roles the outside can enter."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from iamaudit.charts import colours
from iamaudit.charts.colours import BAD, GRID, INK, LATE, MUTED, OK, PAPER
from iamaudit.charts.style import drawing, empty_chart, in_short, write_beside, write_legend, write_title

REACHES = ("administrator", "permissions", "changes", "reads data", "reads", "nothing")
_COLOURS = dict(zip(REACHES, colours.REACHES, strict=True))
_WORDS = {
    "administrator": "administrator",
    "permissions": "manages permissions",
    "changes": "changes resources",
    "reads data": "reads data",
    "reads": "reads",
    "nothing": "nothing",
}
_KINDS = (
    *("anyone", "external account", "known account", "web identity", "SAML", "Identity Center"),
    *("same account", "service", "deleted", "other"),
)
_STRANGERS = ("external account", "known account", "anyone", "web identity", "SAML")
_NO_ADMINISTRATOR = "No role is an administrator"
_OUTSIDE = (*_STRANGERS, "Identity Center")


def plot_trust_flow(
    trust: pd.DataFrame, role_access: pd.DataFrame, *, top: int = 16, ax: Axes | None = None
) -> Axes:
    """Draw who is trusted, by which role, and what the role may do, the ``top`` gravest roles by name.

    The other roles are one node a reach, so that the picture of 200 roles has as many lines as that of 20.
    """
    own = role_access[~role_access.is_service_linked]
    if not len(own):
        return empty_chart("No role of the account is known.", ax)
    flows = _flows(trust, own, top)
    left = [kind for kind in _KINDS if kind in {flow[0] for flow in flows}]
    middle = list(dict.fromkeys(role for _, role, _ in flows))
    right = [reach for reach in REACHES if reach in {flow[2] for flow in flows}]
    grave = int((own.reach == "administrator").sum())
    are = "is an administrator" if grave == 1 else "are administrators"
    roles = "role" if len(own) == 1 else "roles"
    gravest = [f"{kind} to {role}" for kind, role, reach in flows if reach == "administrator"]
    counts = own.reach.value_counts()
    text = (
        f"Lines from the trusted principals over {len(own)} {roles} to what they may do. To administrator: "
        + ("; ".join(gravest) or "none")
        + ". Roles by the most that they may do: "
        + ", ".join(f"{_WORDS[reach]} {counts[reach]}" for reach in right)
        + "."
    )
    with drawing(ax, 1.2 + 0.3 * max(len(middle), len(left)), text) as axes:
        places = {
            **{("left", name): (0.0, y) for name, y in _spread(left)},
            **{("middle", name): (1.0, y) for name, y in _spread(middle)},
            **{("right", name): (2.0, y) for name, y in _spread(right)},
        }
        for kind, role, reach in flows:
            _line(axes, places["left", kind], places["middle", role], _COLOURS[reach])
            _line(axes, places["middle", role], places["right", reach], _COLOURS[reach])
        for (column, name), (x, y) in places.items():
            label = _WORDS[name] if column == "right" else in_short(name, 36)
            axes.text(
                x, y, label, ha="center", va="center", fontsize=8.5, color=INK,
                bbox={"boxstyle": "round,pad=0.25", "fc": PAPER, "ec": GRID, "lw": 0.8},
            )  # fmt: skip
        for x, heading in enumerate(("trusted principals", "role", "permissions")):
            axes.text(x, 1.02, heading, ha="center", va="bottom", fontsize=9, color=MUTED)
        axes.set_xlim(-0.35, 2.35)
        axes.set_ylim(0, 1.06)
        axes.set_axis_off()
        write_title(
            axes,
            f"{grave:,} of {len(own):,} {roles} {are}{_entered(trust, own)}" if grave else _NO_ADMINISTRATOR,
        )
    return axes


def _entered(trust: pd.DataFrame, own: pd.DataFrame) -> str:
    """Say which administrators principals outside of the account may become."""
    grave = own[(own.reach == "administrator") & own.role.isin(_entered_from_outside(trust))]
    if not len(grave):
        return "; none trusts principals outside of the account"
    names = ", ".join(in_short(name, 24) for name in sorted(grave.role_name))
    trusts = "trusts" if len(grave) == 1 else "trust"
    return f"; {names if len(grave) <= 2 else f'{len(grave):,}'} {trusts} principals outside of the account"


def _entered_from_outside(trust: pd.DataFrame) -> set[str]:
    return set(trust.role[trust.kind.isin(_STRANGERS)])


def plot_external_trust(trust: pd.DataFrame, *, top: int = 12, ax: Axes | None = None) -> Axes:
    """Draw the roles that the outside can enter, by account or provider, with and without condition."""
    outside = trust[trust.kind.isin(_OUTSIDE)]
    if not len(outside):
        return empty_chart("No role is known that trusts anybody outside of this account.", ax)
    names = outside.kind.where(outside.kind == "anyone", outside.account.fillna(outside.provider))
    names = names.mask(outside.provider.notna(), outside.provider)
    guarded = outside.has_external_id | outside.has_mfa | outside.has_organization
    guarded |= outside.kind.isin(["SAML", "Identity Center"]) | outside.subject_width.isin(
        ["pinned", "ref", "project"]
    )
    entered = pd.DataFrame({"who": names, "guarded": guarded, "role": outside.role}).drop_duplicates()
    counts = pd.DataFrame(
        {
            "open": entered[~entered.guarded].groupby("who").size(),
            "asking": entered[entered.guarded].groupby("who").size(),
        }
    )
    counts = counts.fillna(0).astype(int).sort_values(["open", "asking"], ascending=False)
    more, counts = max(0, len(counts) - top), counts.head(top)
    open_roles, known = int(outside.role[~guarded].nunique()), outside.role.nunique()
    roles = "role" if known == 1 else "roles"
    text = (
        "Bars of the roles that each account or provider may assume: "
        + "; ".join(
            f"{who} {row.open} not limited and {row.asking} limited" for who, row in counts.iterrows()
        )
        + (f"; {more} more are in trust.csv." if more else ".")
    )
    with drawing(ax, 1.15 + 0.3 * len(counts), text) as axes:
        rows = np.arange(len(counts))
        axes.barh(rows, counts.open, color=BAD, height=0.6, label="not limited", **LATE)
        axes.barh(rows, counts.asking, left=counts.open, color=OK, height=0.6, label="limited")
        for row, total in enumerate(counts.open + counts.asking):
            write_beside(axes, total, row, f"{total:,}")
        axes.set_yticks(rows, [in_short(who) for who in counts.index])
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("roles")
        axes.tick_params(length=0)
        axes.grid(axis="x", color=GRID)
        write_legend(axes)
        are = "is" if 1 in (open_roles, known) else "are"
        write_title(
            axes,
            f"{open_roles:,} of {known:,} {roles} that outsiders may assume {are} not limited "
            "by an external id, MFA, the organization or a subject",
        )
    return axes


def _flows(trust: pd.DataFrame, own: pd.DataFrame, top: int) -> list[tuple[str, str, str]]:
    """Return each kind of principal, role (or how many more there are) and reach, the gravest first."""
    inner = ~own.role.isin(_entered_from_outside(trust))
    order = own.assign(rank=own.reach.map({name: n for n, name in enumerate(REACHES)}), inner=inner)
    order = order.sort_values(["rank", "inner", "role_name"], kind="stable")
    named = order.role.isin(order.role.head(top))
    rest = order[~named].groupby("reach").size()
    more = order.reach.map(lambda reach: f"{rest.get(reach, 0):,} more: {_WORDS[reach]}")
    shown = order.assign(shown=order.role_name.where(named, more), last=~named)
    kinds = trust[["role", "kind"]].drop_duplicates()
    joined = kinds.merge(shown[["role", "shown", "reach", "rank", "inner", "last"]], on="role")
    joined = joined.sort_values(["rank", "last", "inner", "shown"], kind="stable")
    found = joined[["kind", "shown", "reach"]].drop_duplicates().to_dict("records")
    return [(str(row["kind"]), str(row["shown"]), str(row["reach"])) for row in found]


def _spread(names: list[str]) -> list[tuple[str, float]]:
    return [(name, 1 - (number + 0.5) / len(names)) for number, name in enumerate(names)]


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    middle = (start[0] + end[0]) / 2
    curve = Curve(
        [start, (middle, start[1]), (middle, end[1]), end],
        [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4],
    )
    axes.add_patch(PathPatch(curve, fill=False, edgecolor=colour, linewidth=1.4, alpha=0.65))
