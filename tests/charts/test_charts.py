"""Charts are tested by their numbers and their words, not by their pixels."""

from base64 import b64decode
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from iamaudit import charts
from iamaudit.frames import build_frame, empty_frame
from iamaudit.iam.actions import ACCESS_LEVELS
from iamaudit.report.pages import page_problems

mpl.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def keys(*ages, **fields):
    row = {"is_active": True, "is_gone": False, "never_used": False, "idle_days": 1, **fields}
    return build_frame("access_keys", [{**row, "age_days": age} for age in ages])


def users(*rows):
    base = {"has_password": True, "is_gone": False, "mfa_active": True, "password_idle_days": 1}
    return build_frame("users", [{**base, **row} for row in rows])


def permissions(*rows):
    """Return breadth and permission sets of roles, from rows of name, service, level, possible and known."""
    sets = [dict(zip(("permission_set", *SET_COLUMNS), row, strict=True)) for row in rows]
    people = {}
    for row in sets:
        one = people.setdefault(row["permission_set"], dict.fromkeys(("actions_possible", *LEVELS), 0))
        one["actions_possible"] += row["actions_possible"]
        one[row["access_level"].lower().replace(" ", "_")] += row["actions_possible"]
    breadth = [
        {"principal_type": "role", "principal_name": name, "permission_set": name, **counts}
        for name, counts in people.items()
    ]
    return build_frame("breadth", breadth), build_frame("permission_sets", sets)


SET_COLUMNS = ("service", "access_level", "actions_possible", "actions_in_service")
LEVELS = tuple(level.lower().replace(" ", "_") for level in ACCESS_LEVELS)
BROAD, BROAD_SETS = permissions(
    ("admin", "s3", "Write", 60, 100),
    ("admin", "s3", "Read", 40, 100),
    ("admin", "iam", "Permissions management", 50, 50),
    ("reader", "s3", "Read", 40, 100),
)
EMPTY = {
    "key age": lambda **o: charts.plot_key_age(empty_frame("access_keys"), **o),
    "status": lambda **o: charts.plot_credential_status(
        empty_frame("users"), empty_frame("access_keys"), **o
    ),
    "trust": lambda **o: charts.plot_trust_flow(empty_frame("trust"), empty_frame("role_access"), **o),
    "external": lambda **o: charts.plot_external_trust(empty_frame("trust"), **o),
    "escalation": lambda **o: charts.plot_escalation(empty_frame("escalation_paths"), **o),
    "chains": lambda **o: charts.plot_chains(empty_frame("escalation_paths"), **o),
    "use": lambda **o: charts.plot_permission_use(empty_frame("permission_use"), **o),
    "breadth": lambda **o: charts.plot_breadth(empty_frame("breadth"), actions_known=10, **o),
    "heatmap": lambda **o: charts.plot_service_heatmap(
        empty_frame("breadth"), empty_frame("permission_sets"), **o
    ),
}


def bars(ax):
    """Return the bars of a chart by their label."""
    names = [label.get_text() for label in ax.get_yticklabels()]
    return {name: bar.get_width() for name, bar in zip(names, ax.patches, strict=True)}


def shown_by(plot, monkeypatch):
    """Return what a notebook is handed when a chart is shown."""
    shown = []
    monkeypatch.setattr("iamaudit.charts.style.display", shown.append)
    charts.show(plot)
    return shown


def test_every_active_key_is_in_the_band_of_its_age_and_late_ones_are_hatched():
    ax = charts.plot_key_age(keys(1, 90, 91, 180, 181, 365, 366, 640), max_age_days=90)
    assert bars(ax) == {
        "0 to 90 days": 2,
        "91 to 180 days": 2,
        "181 to 365 days": 2,
        "more than a year": 2,
    }
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True, True, True]
    title = "6 of 8 active keys are older than 90 days, 2 of them older than a year"
    assert ax.figure.get_suptitle() == title


@pytest.mark.parametrize(
    ("limit", "bands"),
    [
        (30, ["0 to 30 days", "31 to 90 days", "91 to 180 days", "181 to 365 days", "more than a year"]),
        (180, ["0 to 180 days", "181 to 365 days", "more than a year"]),
        (365, ["0 to 365 days", "more than a year"]),
        (400, ["0 to 400 days", "more than 400 days"]),
    ],
)
def test_the_first_band_ends_at_the_limit(limit, bands):
    ax = charts.plot_key_age(keys(20_000), max_age_days=limit)
    assert bars(ax) == {**dict.fromkeys(bands, 0), bands[-1]: 1}


def test_inactive_and_gone_keys_are_left_out_and_unknown_ages_are_counted():
    frame = pd.concat([keys(5, None), keys(700, is_active=False), keys(700, is_gone=True)])
    ax = charts.plot_key_age(frame)
    assert sum(bars(ax).values()) == 1
    assert "Left out: 1 of unknown age." in charts.describe(ax)


def test_every_credential_is_in_exactly_one_bar():
    people = users(
        {}, {"mfa_active": False}, {"mfa_active": None}, {"password_idle_days": 45}, {"has_password": False}
    )
    held = pd.concat(
        [keys(1), keys(1, idle_days=45), keys(1, never_used=True, idle_days=90), keys(1, is_active=False)]
    )
    ax = charts.plot_credential_status(people, held, max_idle_days=45)
    assert bars(ax) == {
        "passwords with MFA, in use": 1,
        "passwords with MFA, idle 45 days": 1,
        "passwords without MFA": 1,
        "passwords, MFA unknown": 1,
        "active keys in use": 1,
        "active keys, idle 45 days": 1,
        "active keys, never used": 1,
        "inactive keys": 1,
    }
    assert ax.figure.get_suptitle() == "4 of 8 credentials are idle, never used or without MFA"


def test_a_state_that_no_credential_is_in_has_no_bar():
    ax = charts.plot_credential_status(users({}), empty_frame("access_keys"))
    assert bars(ax) == {"passwords with MFA, in use": 1}
    assert ax.figure.get_suptitle() == "0 of 1 credential is idle, never used or without MFA"


def test_breadth_is_stacked_by_access_level_the_broadest_first():
    ax = charts.plot_breadth(BROAD, actions_known=1000)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["role/admin", "role/reader"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(ACCESS_LEVELS)
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == [50, 0, 60, 0, 0, 0, 40, 40, 0, 0]
    assert [t.get_text() for t in ax.texts] == ["150 (15%)", "40 (4.0%)"]
    assert "role/admin 15%, role/reader 4.0% of 1,000 actions" in charts.describe(ax)
    assert ax.figure.get_suptitle() == "The broadest of 2 principals is role/admin, 15%"


def test_whoever_may_use_nearly_everything_is_one_line_and_whoever_is_alike_another():
    breadth, _ = permissions(*[(f"boss{n}", "s3", "Read", 1000 - n, 1000) for n in range(10)])
    middle, _ = permissions(("dev", "s3", "Read", 100, 1000), ("ops", "s3", "Read", 50, 1000))
    many = pd.concat([breadth, middle, *[middle.head(1).assign(principal_name=f"dev{n}") for n in range(3)]])
    ax = charts.plot_breadth(many, actions_known=1000)
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["10 principals", "role/dev + 3 alike", "role/ops"]
    assert ax.texts[-1].get_text() == "99% to all of 1,000 actions, bar cut"
    assert ax.patches[-1].get_width() == 100
    title = "10 of 15 principals may use over 90% of AWS's actions; the next is role/dev + 3 alike, 10%"
    assert ax.figure.get_suptitle().replace("\n", " ") == title


def test_when_all_may_use_everything_no_bar_is_cut():
    ax = charts.plot_breadth(permissions(("boss", "s3", "Read", 10, 10))[0], actions_known=10)
    assert [t.get_text() for t in ax.texts] == ["all of 10 actions: boss"]
    assert [bar.get_width() for bar in ax.patches] == [10]
    assert ax.figure.get_suptitle() == "1 of 1 principal may use over 90% of AWS's actions"


def test_beside_another_chart_the_title_stands_over_its_own_axes():
    _, (left, _) = plt.subplots(1, 2)
    charts.plot_key_age(keys(5), ax=left)
    assert left.get_title(loc="left") == "0 of 1 active key is older than 90 days"


def test_breadth_is_cut_at_the_top():
    rows = [(f"r{n:02}", "s3", "Read", n, 100) for n in range(1, 30)]
    ax = charts.plot_breadth(permissions(*rows)[0], actions_known=1000, top=3)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["role/r29", "role/r28", "role/r27"]
    assert ax.get_xlabel().endswith("26 more principals with at most 26 actions: breadth.csv")


def test_the_heatmap_shows_shares_and_leaves_none_blank():
    ax = charts.plot_service_heatmap(BROAD, BROAD_SETS, services=["s3", "iam", "absent"])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["s3", "iam"]
    assert [(cell.get_x() + 0.47, cell.get_y() + 0.45) for cell in ax.patches] == [(0, 0), (1, 0), (0, 1)]
    assert [t.get_text() for t in ax.texts] == ["all", "all", "40%"]
    title = "1 of 2 principals may use every action of these 2 services"
    assert ax.figure.get_suptitle() == title
    assert "for role/admin, role/reader." in charts.describe(ax)


def test_rows_that_would_look_alike_are_one_whatever_policies_they_come_from():
    sets = permissions(*[(f"r{n:03}", "s3", "Read", 4, 10) for n in range(300)])
    ax = charts.plot_service_heatmap(*sets, services=["s3"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["role/r000 + 299 alike"]
    ax = charts.plot_breadth(sets[0], actions_known=100)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["role/r000 + 299 alike"]


def test_the_title_of_the_heatmap_is_its_conclusion():
    sets = permissions(("a", "s3", "Read", 9, 9), ("a", "iam", "Read", 1, 9), ("b", "s3", "Read", 9, 9))
    ax = charts.plot_service_heatmap(*sets, services=["iam", "s3"])
    assert ax.figure.get_suptitle() == "2 of 2 principals may use every action of s3"
    ax = charts.plot_service_heatmap(*sets, services=["iam"])
    assert ax.figure.get_suptitle() == "No principal may use every action of a service shown here"


def test_nearly_all_is_never_shown_as_all_and_little_never_as_none():
    ax = charts.plot_service_heatmap(
        *permissions(("a", "s3", "Read", 999, 1000), ("b", "s3", "Read", 1, 1000))
    )
    assert [t.get_text() for t in ax.texts] == ["99%", "1%"]


def test_a_long_name_is_shortened_on_the_axis_only():
    name = "n" * 30 + "x" * 34
    ax = charts.plot_breadth(permissions((name, "s3", "Read", 5, 10))[0], actions_known=10)
    assert len(ax.get_yticklabels()[0].get_text()) == 40
    assert name in charts.describe(ax)


@pytest.mark.parametrize("plot", EMPTY.values(), ids=EMPTY)
def test_an_empty_frame_gives_a_sentence_not_an_empty_picture(plot, monkeypatch):
    ax = plot()
    assert not ax.has_data()
    assert [text.get_text() for text in ax.texts] == [charts.describe(ax)]
    (piece,) = shown_by(ax, monkeypatch)
    assert piece._repr_html_() == f'<p class="empty">{charts.describe(ax)}</p>'


@pytest.mark.parametrize("plot", EMPTY.values(), ids=EMPTY)
def test_a_chart_draws_into_the_axes_that_it_is_given(plot):
    _, ax = plt.subplots()
    assert plot(ax=ax) is ax


def test_a_chart_is_shown_as_svg_and_as_png_with_its_words_and_its_figure_is_closed(monkeypatch):
    ax = charts.plot_key_age(keys(5))
    (chart,) = shown_by(ax, monkeypatch)
    piece, more = chart._repr_mimebundle_()
    assert set(piece) == {"image/svg+xml", "image/png", "text/plain"}
    assert b64decode(piece["image/png"]).startswith(b"\x89PNG")
    assert more == {"image/png": {"alt": charts.describe(ax)}}
    assert piece["text/plain"] == charts.describe(ax)
    picture = ElementTree.fromstring(piece["image/svg+xml"])  # noqa: S314 - our own
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == charts.describe(ax)
    assert not plt.get_fignums()


def test_the_text_of_a_picture_is_text_and_its_colours_are_the_pages(monkeypatch):
    (chart,) = shown_by(charts.plot_key_age(keys(5, 400)), monkeypatch)
    picture = chart.svg
    assert ">more than a year</text>" in picture
    assert "var(--ink, #1d2733)" in picture
    assert "var(--chart-bad, #b3261e)" in picture
    assert len(picture) < 12_000


HOSTILE = "</text></svg><script>alert(1)</script>&amp;\"'"


def test_a_hostile_name_is_text_in_a_picture(monkeypatch):
    frames = permissions((HOSTILE, "s3", "Read", 5, 10))
    (chart,) = shown_by(charts.plot_breadth(frames[0], actions_known=100), monkeypatch)
    picture = ElementTree.fromstring(chart.svg)  # noqa: S314 - our own
    tags = {element.tag.partition("}")[2] for element in picture.iter()}
    assert tags <= {"svg", "g", "path", "text", "defs", "clipPath", "rect", "pattern", "use"}
    assert "<script" not in chart.markup
    assert page_problems(chart.markup) == []


def test_the_same_data_gives_the_same_bytes(monkeypatch):
    one, other = (shown_by(charts.plot_external_trust(trusted_from_outside()), monkeypatch) for _ in range(2))
    assert one == other


def test_a_dollar_sign_in_a_name_is_no_mathematics():
    ax = charts.plot_breadth(permissions(("a$b_{c}$", "s3", "Read", 5, 10))[0], actions_known=10)
    assert not ax.get_yticklabels()[0].get_parse_math()


def trusting(count, reach="changes"):
    """Return ``trust`` and ``role_access`` of an administrator and of that many other roles."""
    names = ["boss", *(f"r{n:03}" for n in range(count))]
    trust = [{"role": n, "role_name": n, "kind": "service" if n != "boss" else "anyone"} for n in names]
    access = [
        {
            "role": n,
            "role_name": n,
            "is_service_linked": False,
            "reach": reach if n != "boss" else "administrator",
        }
        for n in names
    ]
    return build_frame("trust", trust), build_frame("role_access", access)


def test_the_flow_names_the_gravest_roles_and_counts_the_others():
    ax = charts.plot_trust_flow(*trusting(200), top=5)
    words = [text.get_text() for text in ax.texts]
    assert {"boss", "r000", "r003", "196 more: changes resources", "anyone", "service"} <= set(words)
    assert "r004" not in words
    assert len(ax.patches) == 2 * 6  # a line to and a line from each role that stands there
    assert (
        ax.figure.get_suptitle()
        == "1 of 201 roles is an administrator; boss trusts principals outside of the account"
    )
    said = charts.describe(ax)
    assert "To administrator: anyone to boss." in said
    assert said.endswith("Roles by the most that they may do: administrator 1, changes resources 200.")


def trusted_from_outside():
    rows = [
        {"role": "a", "kind": "external account", "account": "444455556666", "has_external_id": True},
        {"role": "b", "kind": "external account", "account": "444455556666", "has_external_id": False},
        {"role": "c", "kind": "web identity", "provider": "idp", "subject_width": "organization"},
        {"role": "d", "kind": "web identity", "provider": "idp", "subject_width": "pinned"},
        {"role": "e", "kind": "same account", "account": "111122223333"},
    ]
    base = {"has_external_id": False, "has_mfa": False, "has_organization": False}
    return build_frame("trust", [{**base, **row} for row in rows])


def test_administrators_that_outsiders_may_become_are_named_first_and_counted():
    trust, access = trusting(30, reach="administrator")
    trust.loc[trust.role.isin(["r028", "r029"]), "kind"] = "web identity"
    ax = charts.plot_trust_flow(trust, access, top=3)
    words = [text.get_text() for text in ax.texts]
    assert {"boss", "r028", "r029", "28 more: administrator"} <= set(words)
    title = "31 of 31 roles are administrators; 3 trust principals outside of the account"
    assert ax.figure.get_suptitle() == title


def test_external_trust_tells_what_asks_for_more_from_what_does_not():
    ax = charts.plot_external_trust(trusted_from_outside())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["444455556666", "idp"]
    assert [bar.get_width() for bar in ax.patches] == [1, 1, 1, 1]
    assert ax.figure.get_suptitle().replace("\n", " ") == (
        "2 of 4 roles that outsiders may assume are not limited by an external id, MFA, the organization or "
        "a subject"
    )


def escalations(*rows):
    base = {"end": "administrator", "verdict": "certain"}
    made = [
        {**base, "hops": len(nodes) - 1, "nodes": nodes, "arrows": ["a:B, c:D, e:F, g:H"] * (len(nodes) - 1)}
        | more
        for nodes, more in rows
    ]
    return build_frame("escalation_paths", [{"path": " → ".join(row["nodes"]), **row} for row in made])


PATHS = escalations(
    (["user/a", "administrator"], {}),
    (["user/b", "role/c", "administrator"], {}),
    (["user/d", "administrator"], {"verdict": "conditional"}),
    (["user/e", "role/r"], {"end": "data in s3"}),
)


def test_escalation_is_counted_by_hops_and_how_surely():
    ax = charts.plot_escalation(PATHS)
    assert [bar.get_width() for bar in ax.patches] == [1, 1, 1, 0, 0, 0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1 hop", "2 hops"]
    assert ax.figure.get_suptitle() == "2 of 3 paths to administrator are certain, 1 of them in one hop"
    assert "1 hop 1 certain, 1 conditional; 2 hops 1 certain." in charts.describe(ax)


def test_a_chain_has_a_box_a_node_and_an_arrow_a_step_with_its_permissions():
    ax = charts.plot_chains(PATHS, top=2)
    words = [text.get_text() for text in ax.texts]
    assert words.count("a:B\nc:D\nand 2 more") == len(ax.patches) == 3
    assert {"user/\na", "administrator", "user/\nb", "role/\nc"} <= set(words)
    title = "user/a can become an administrator in one hop; the first 2 of 3 paths"
    assert ax.figure.get_suptitle() == title
    assert ax.has_data()


def trend(*rows):
    base = {
        "max_key_age_days": 90,
        **dict.fromkeys(("critical", "high", "medium", "low", "informational"), 0),
    }
    return build_frame(
        "trend",
        [{**base, "as_of": f"2026-{10 + number}-01", **row} for number, row in enumerate(rows)],
    )


def test_trends_say_where_figures_went():
    figures = {"oldest_key_age_days": 300, "median_key_age_days": 80, "late_keys": 4, "administrators": 5}
    later = {**figures, "oldest_key_age_days": 331, "late_keys": 3, "administrators": 6, "critical": 2}
    rows = trend(figures, later)
    ages = charts.plot_key_age_trend(rows)
    assert "the oldest from 300 to 331; the limit is 90. All are in days." in charts.describe(ages)
    assert [line.get_ydata().tolist() for line in ages.lines[:2]] == [[300, 331], [80, 80]]
    people = charts.plot_administrator_trend(rows)
    assert people.figure.get_suptitle() == "6 users and roles are administrators (5 in October 2026)"
    observed = charts.plot_observation_trend(rows)
    assert "critical 0 to 2" in charts.describe(observed)
    assert sum(patch.get_height() for patch in observed.patches) == 2


@pytest.mark.parametrize(
    "plot", [charts.plot_key_age_trend, charts.plot_administrator_trend, charts.plot_observation_trend]
)
def test_one_snapshot_is_no_trend(plot):
    axes = plot(trend({"administrators": 1}))
    assert charts.describe(axes) == (
        "A trend needs two snapshots of the account in which these figures are known."
    )
    assert not axes.has_data()


def use(name, granted, used, unused, state="evaluated"):
    """Return a row of the frame ``permission_use``."""
    counts = {"actions_granted": granted, "actions_used": used, "actions_unused": unused}
    who = {"principal_type": "role", "principal_name": name, "state": state}
    return {**who, **counts, "actions_untracked": granted - used - unused}


def test_the_gap_between_granted_and_used_is_a_bar_for_those_who_are_alike():
    rows = [use("a", 100, 5, 95), use("b", 100, 5, 95), use("c", 10, 2, 4), use("young", 9, 0, 9, "left out")]
    ax = charts.plot_permission_use(build_frame("permission_use", [*rows, use("none", 0, 0, 0)]))
    title = "2 of 4 principals left at least 90% of the granted actions unused for 400 days"
    assert ax.figure.get_suptitle() == title
    assert [label.get_text() for label in ax.get_yticklabels()] == ["role/a + 1 alike", "role/c"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([5, 20, 0, 40, 95, 40])
    assert [text.get_text() for text in ax.texts] == ["95 of 100 unused", "4 of 10 unused"]
    assert "role/c used 2 of 10 and left 4 unused" in charts.describe(ax)


def test_ten_thousand_principals_fit_a_chart_of_use():
    frame = build_frame("permission_use", [use(f"r{n}", 20_000 + n, 5, 10_000 + n) for n in range(10_000)])
    ax = charts.plot_permission_use(frame)
    assert (len(ax.patches), ax.get_xlabel()) == (
        45,
        "share of the granted actions; 9,985 more bars left out",
    )
    assert ax.get_yticklabels()[0].get_text() == "role/r9999"


def test_without_the_source_the_chart_says_how_to_collect_it():
    words = charts.describe(charts.plot_permission_use(empty_frame("permission_use")))
    assert "iamaudit collect --preset thorough" in words
    left_out = build_frame("permission_use", [use("young", 9, 0, 9, "left out")])
    assert charts.describe(charts.plot_permission_use(left_out)) == "No principal was evaluated."


def test_a_legend_fits_the_figure_however_long_the_names_are():
    names = [f"a-role-with-a-very-long-name-{n}-in-the-team-of-analytics" for n in range(3)]
    rows = [(name, "s3", "Read", 9 - n, 10) for n, name in enumerate(names)]
    axes = charts.plot_breadth(permissions(*rows)[0], actions_known=1000)
    axes.figure.draw_without_rendering()
    drawn = axes.figure.get_tightbbox()
    assert (drawn.x0 >= 0, drawn.x1 <= axes.figure.get_figwidth()) == (True, True)
