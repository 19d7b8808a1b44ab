"""What charts say in titles, labels and descriptions is plain English, for one of a thing and for many."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from iamaudit import charts, open_snapshot
from iamaudit.frames import build_frame
from tests.prose import disagreeing_in, forbidden_in

mpl.use("Agg")
OPEN = dict.fromkeys(("critical", "high", "medium", "low", "informational"), 1)
FIGURES = {
    **OPEN,
    "max_key_age_days": 90,
    "oldest_key_age_days": 91,
    "median_key_age_days": 1,
    "late_keys": 1,
    "administrators": 1,
}
TREND = [{**FIGURES, "as_of": "2026-10-01"}, {**FIGURES, "as_of": "2026-11-01"}]
OUTSIDE = {
    "role": "a",
    "kind": "external account",
    "account": "444455556666",
    "has_external_id": False,
    "has_mfa": False,
    "has_organization": False,
}
KEY = {"is_active": True, "is_gone": False, "never_used": False, "idle_days": 1, "age_days": 91}
USER = {"has_password": True, "is_gone": False, "mfa_active": False, "password_idle_days": 1}
DRAWN = {
    "key age": lambda a: charts.plot_key_age(a.access_keys),
    "status": lambda a: charts.plot_credential_status(a.users, a.access_keys),
    "trust": lambda a: charts.plot_trust_flow(a.trust, a.role_access),
    "external": lambda a: charts.plot_external_trust(a.trust),
    "escalation": lambda a: charts.plot_escalation(a.escalation_paths),
    "one path": lambda a: charts.plot_escalation(a.escalation_paths.head(1)),
    "chains": lambda a: charts.plot_chains(a.escalation_paths),
    "one chain": lambda a: charts.plot_chains(a.escalation_paths.head(1)),
    "use": lambda a: charts.plot_permission_use(a.permission_use),
    "one use": lambda a: charts.plot_permission_use(a.permission_use.head(1)),
    "breadth": lambda a: charts.plot_breadth(a.breadth, actions_known=len(a.catalogue.names)),
    "one breadth": lambda a: charts.plot_breadth(a.breadth.head(1), actions_known=len(a.catalogue.names)),
    "heatmap": lambda a: charts.plot_service_heatmap(a.breadth, a.permission_sets),
    "one key age": lambda _: charts.plot_key_age(build_frame("access_keys", [KEY])),
    "one status": lambda _: charts.plot_credential_status(
        build_frame("users", [USER]), build_frame("access_keys", [])
    ),
    "one external": lambda _: charts.plot_external_trust(build_frame("trust", [OUTSIDE])),
    "key trend": lambda _: charts.plot_key_age_trend(build_frame("trend", TREND)),
    "administrator trend": lambda _: charts.plot_administrator_trend(build_frame("trend", TREND)),
    "observation trend": lambda _: charts.plot_observation_trend(build_frame("trend", TREND)),
}


@pytest.fixture(scope="module")
def audit():
    return open_snapshot("demo")


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())
def test_what_a_chart_says_is_plain_english(draw, audit):
    axes = draw(audit)
    legend = axes.get_legend()
    said = [
        axes.figure.get_suptitle(),
        charts.describe(axes),
        axes.get_xlabel(),
        axes.get_ylabel(),
        *(text.get_text() for text in (*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts)),
        *(text.get_text() for text in (legend.get_texts() if legend else [])),
    ]
    plt.close("all")
    assert said[0]
    assert said[1].endswith(".")
    assert [word for text in said for word in forbidden_in(text)] == []
    assert [words for text in said for words in disagreeing_in(text)] == []


def test_titles_count_those_as_well_who_may_do_nothing():
    audit = open_snapshot()
    assert (audit.breadth.actions_possible == 0).any()
    everybody, evaluated = len(audit.breadth), int((audit.permission_use.state == "evaluated").sum())
    drawn = {
        everybody: [
            charts.plot_breadth(audit.breadth, actions_known=len(audit.catalogue.names)),
            charts.plot_service_heatmap(audit.breadth, audit.permission_sets),
        ],
        evaluated: [charts.plot_permission_use(audit.permission_use)],
    }
    for number, several in drawn.items():
        for axes in several:
            assert f" of {number} principals" in axes.figure.get_suptitle()
            plt.close(axes.figure)
