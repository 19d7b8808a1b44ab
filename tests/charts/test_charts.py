"""Charts are tested by their numbers and their words, not by their pixels."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from IPython.display import HTML, Image

from iamaudit import charts
from iamaudit.frames import build_frame, empty_frame
from iamaudit.iam.actions import ACCESS_LEVELS

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
    "breadth": lambda **o: charts.plot_breadth(empty_frame("breadth"), actions_known=10, **o),
    "heatmap": lambda **o: charts.plot_service_heatmap(
        empty_frame("breadth"), empty_frame("permission_sets"), **o
    ),
}


def heights(ax):
    return sum(patch.get_height() for patch in ax.patches)


def test_every_active_key_is_in_the_histogram_and_late_ones_are_hatched():
    ax = charts.plot_key_age(keys(1, 90, 91, 640), max_age_days=90)
    assert heights(ax) == 4
    late = [patch for patch in ax.patches if patch.get_hatch()]
    assert sum(patch.get_height() for patch in late) == 2
    assert min(patch.get_x() for patch in late if patch.get_height()) >= 90
    assert ax.figure.get_suptitle() == "2 of 4 active keys are older than 90 days"
    assert ax.lines[0].get_xdata()[0] == 90


def test_inactive_and_gone_keys_are_left_out_and_unknown_ages_are_counted():
    frame = pd.concat([keys(5, None), keys(700, is_active=False), keys(700, is_gone=True)])
    ax = charts.plot_key_age(frame)
    assert heights(ax) == 1
    assert "1 of unknown age are left out" in charts.describe(ax)


@pytest.mark.parametrize("oldest", [1, 95, 5000, 20_000])
def test_the_number_of_bars_stays_readable(oldest):
    ax = charts.plot_key_age(keys(oldest))
    assert heights(ax) == 1
    assert len(ax.patches) <= 2 * 65


def test_every_credential_is_in_exactly_one_bar():
    people = users(
        {}, {"mfa_active": False}, {"mfa_active": None}, {"password_idle_days": 45}, {"has_password": False}
    )
    held = pd.concat(
        [keys(1), keys(1, idle_days=45), keys(1, never_used=True, idle_days=90), keys(1, is_active=False)]
    )
    ax = charts.plot_credential_status(people, held, max_idle_days=45)
    bars = dict(
        zip([t.get_text() for t in ax.get_yticklabels()], [p.get_width() for p in ax.patches], strict=True)
    )
    assert bars == {
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


def test_breadth_is_stacked_by_access_level_the_broadest_first():
    ax = charts.plot_breadth(BROAD, actions_known=150)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["role/admin", "role/reader"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(ACCESS_LEVELS)
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == [50, 0, 60, 0, 0, 0, 40, 40, 0, 0]
    assert "role/admin all, role/reader 27% of 150 actions" in charts.describe(ax)
    assert ax.figure.get_suptitle() == "1 principal may use more than half of AWS's 150 actions"


def test_beside_another_chart_the_title_stands_over_its_own_axes():
    _, (left, _) = plt.subplots(1, 2)
    charts.plot_key_age(keys(5), ax=left)
    assert left.get_title(loc="left") == "0 of 1 active keys are older than 90 days"


def test_breadth_is_cut_at_the_top():
    rows = [(f"r{n:02}", "s3", "Read", n, 100) for n in range(1, 30)]
    ax = charts.plot_breadth(permissions(*rows)[0], actions_known=1000, top=3)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["role/r29", "role/r28", "role/r27"]


def test_the_heatmap_shows_shares_and_leaves_none_blank():
    ax = charts.plot_service_heatmap(BROAD, BROAD_SETS, services=["s3", "iam", "absent"])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["s3", "iam"]
    assert ax.images[0].get_array().tolist() == [[1.0, 1.0], [0.4, 0.0]]
    assert [t.get_text() for t in ax.texts] == ["all", "all", "40%"]
    assert "1 of them may use every action of all these services: role/admin" in charts.describe(ax)


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
    shown = []
    monkeypatch.setattr("iamaudit.charts.style.display", shown.append)
    ax = plot()
    assert not ax.has_data()
    assert [text.get_text() for text in ax.texts] == [charts.describe(ax)]
    charts.show(ax)
    assert [type(piece) for piece in shown] == [HTML]


@pytest.mark.parametrize("plot", EMPTY.values(), ids=EMPTY)
def test_a_chart_draws_into_the_axes_that_it_is_given(plot):
    _, ax = plt.subplots()
    assert plot(ax=ax) is ax


def test_show_displays_a_png_with_alt_text_and_closes_the_figure(monkeypatch):
    shown = []
    monkeypatch.setattr("iamaudit.charts.style.display", shown.append)
    ax = charts.plot_key_age(keys(5))
    charts.show(ax)
    picture, words = shown
    assert isinstance(picture, Image)
    assert picture.data.startswith(b"\x89PNG")
    assert picture.alt == charts.describe(ax)
    assert words.data == f'<p class="caption">{charts.describe(ax)}</p>'
    assert not plt.get_fignums()


def test_the_same_data_gives_the_same_bytes(monkeypatch):
    shown = []
    monkeypatch.setattr("iamaudit.charts.style.display", shown.append)
    charts.show(charts.plot_service_heatmap(BROAD, BROAD_SETS))
    charts.show(charts.plot_service_heatmap(BROAD, BROAD_SETS))
    assert shown[0].data == shown[2].data


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
    assert ax.figure.get_suptitle() == "1 of 201 roles is an administrator"
    assert "To administrator: anyone to boss. 1 administrator, 200 changes resources." in charts.describe(ax)


def test_external_trust_tells_what_asks_for_more_from_what_does_not():
    rows = [
        {"role": "a", "kind": "external account", "account": "444455556666", "has_external_id": True},
        {"role": "b", "kind": "external account", "account": "444455556666", "has_external_id": False},
        {"role": "c", "kind": "web identity", "provider": "idp", "subject_width": "organization"},
        {"role": "d", "kind": "web identity", "provider": "idp", "subject_width": "pinned"},
        {"role": "e", "kind": "same account", "account": "111122223333"},
    ]
    base = {"has_external_id": False, "has_mfa": False, "has_organization": False}
    ax = charts.plot_external_trust(build_frame("trust", [{**base, **row} for row in rows]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["444455556666", "idp"]
    assert [bar.get_width() for bar in ax.patches] == [1, 1, 1, 1]
    assert ax.figure.get_suptitle() == "2 roles let the outside in and ask for nothing more"


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
    assert ax.figure.get_suptitle() == "2 of 3 paths to administrator are certain"
    assert "1 hop 1 certain, 1 conditional; 2 hops 1 certain." in charts.describe(ax)


def test_a_chain_has_a_box_a_node_and_an_arrow_a_step_with_its_permissions():
    ax = charts.plot_chains(PATHS, top=2)
    words = [text.get_text() for text in ax.texts]
    assert words.count("a:B\nc:D\nand 2 more") == len(ax.patches) == 3
    assert {"user/\na", "administrator", "user/\nb", "role/\nc"} <= set(words)
    assert (
        ax.figure.get_suptitle()
        == "Paths to administrator: the first 2 of 3, the most certain and shortest first"
    )
    assert ax.has_data()
