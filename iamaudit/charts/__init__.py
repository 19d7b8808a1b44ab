"""Frame in, ``Axes`` out: pictures whose title is the finding.

Every chart takes its data first, draws into ``ax`` or a figure of its own, and returns the ``Axes``. The
sentence that says what the picture shows is the label of the ``Axes`` (``describe``); ``show`` displays the
picture with it as alt text. Without data a chart holds that sentence and nothing else.
"""

from iamaudit.charts.credentials import plot_credential_status, plot_key_age
from iamaudit.charts.escalation import plot_chains, plot_escalation
from iamaudit.charts.permission_use import plot_permission_use
from iamaudit.charts.permissions import plot_breadth, plot_service_heatmap
from iamaudit.charts.style import describe, show
from iamaudit.charts.trend import plot_administrator_trend, plot_key_age_trend, plot_observation_trend
from iamaudit.charts.trust import plot_external_trust, plot_trust_flow

__all__ = [
    "describe",
    "plot_administrator_trend",
    "plot_breadth",
    "plot_chains",
    "plot_credential_status",
    "plot_escalation",
    "plot_external_trust",
    "plot_key_age",
    "plot_key_age_trend",
    "plot_observation_trend",
    "plot_permission_use",
    "plot_service_heatmap",
    "plot_trust_flow",
    "show",
]
