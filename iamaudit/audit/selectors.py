"""Selectors: an answer for what was chosen, which the reader of a live notebook can choose again.

Headless there is nobody to choose: what the cell gives counts, and the answer alone is shown. The same holds
where ipywidgets is missing, which the extra ``lab`` brings.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import pandas as pd
from markupsafe import Markup

from iamaudit.audit.display import frame_table, is_live
from iamaudit.audit.dossiers.asked import Asked
from iamaudit.checks import SEVERITIES
from iamaudit.errors import ParameterError, UnknownNameError, did_you_mean
from iamaudit.tables import Html

_LISTED = 25
"""A list of more is one to type into, which then shows what fits."""


class Choice:
    """What ``answer`` gives for ``chosen``; ``options`` are what else may be chosen, by name."""

    def __init__(
        self,
        answer: Callable[[Mapping[str, str]], Any],
        options: Mapping[str, Sequence[str]],
        chosen: Mapping[str, str],
    ) -> None:
        for name, value in chosen.items():
            if value not in options[name]:
                hint = did_you_mean(value, options[name], f"it has {len(options[name]):,} other values")
                raise ParameterError(f"there is no {name} `{value}`: {hint}")
        self._answer, self._options, self.chosen = answer, options, chosen

    @property
    def answer(self) -> Any:
        """The answer for what the cell gives."""
        return self._answer(self.chosen)

    def __repr__(self) -> str:
        return repr(self.answer)

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415 - a notebook has it

        is_chosen_again = is_live() and find_spec("ipywidgets") is not None
        display(self._selectors() if is_chosen_again else self.answer)

    def _selectors(self) -> Any:
        import ipywidgets as w  # noqa: PLC0415 - the extra `lab` brings it
        from IPython.display import display  # noqa: PLC0415

        fields = {name: _field(w, name, self._options[name], value) for name, value in self.chosen.items()}
        shown = w.interactive_output(lambda **chosen: display(self._answer(chosen)), fields)
        return w.VBox([w.HBox(list(fields.values())), shown])


def rows_of(frame: pd.DataFrame, chosen: Mapping[str, str]) -> Choice:
    """Return the rows of a frame that have the chosen values; ``""`` chooses every row."""
    for name in chosen:
        if name not in frame.columns:
            hint = did_you_mean(name, frame.columns, f"it has {', '.join(frame.columns)}")
            raise UnknownNameError(f"the frame has no column `{name}`: {hint}")
    options = {name: ["", *_values(frame[name])] for name in chosen}
    return Choice(lambda picked: frame_table(_filtered(frame, picked)), options, chosen)


def asked_of(question: Asked[Any], chosen: Mapping[str, str]) -> Choice:
    """Return the answer about whatever was chosen, of all that the question knows by name."""
    if len(chosen) != 1:
        raise ParameterError(
            "a question is asked of one name: write `audit.choose(audit.principal, principal=...)`"
        )
    name, value = next(iter(chosen.items()))
    options = list(dict.fromkeys([*filter(None, [value]), *question.names()]))  # the question knows ARNs too
    if not options:
        nothing = Html(Markup('<p class="empty">There is no {} to choose.</p>').format(name))
        return Choice(lambda _: nothing, {}, {})
    return Choice(lambda picked: question(picked[name]), {name: options}, {name: value or options[0]})


def _values(column: "pd.Series[Any]") -> list[str]:
    """Return what a column holds: severities the gravest first, all else by its letters."""
    found = set(map(str, column.dropna().unique()))
    return [each for each in SEVERITIES if each in found] if found <= set(SEVERITIES) else sorted(found)


def _filtered(frame: pd.DataFrame, chosen: Mapping[str, str]) -> pd.DataFrame:
    for name, value in chosen.items():
        frame = frame[frame[name].astype("string").eq(value).fillna(False)] if value else frame
    return frame.reset_index(drop=True)


def _field(w: Any, name: str, options: Sequence[str], value: str) -> Any:
    if len(options) <= _LISTED:
        labels = [(each or "all", each) for each in options]
        return w.Dropdown(options=labels, value=value, description=name)
    given = {"value": value, "description": name, "placeholder": "all: type to choose"}
    return w.Combobox(options=[each for each in options if each], continuous_update=False, **given)
