"""The colours of charts, told apart by luminance too, and the names by which a page can change them."""

INK, MUTED, GRID, PAPER = "#1d2733", "#5b6b7b", "#e3e8ee", "#ffffff"
BAD, WARN, OK, NONE = "#b3261e", "#c77700", "#2f6f9f", "#9fb0c0"
LATE = {"hatch": "///", "edgecolor": PAPER, "linewidth": 0}
"""How bars are drawn that count what is wrong: hatched, so that nobody has to tell red from blue."""

LEVELS = ("#7a1f3d", "#c96a1b", "#b8a04a", "#5b8fb9", "#b9cfe0")
"""The access levels, from permissions management to list."""
REACHES = (BAD, "#c4532d", WARN, OK, "#7fa6c4", NONE)
"""What a role may do, from administrator to nothing."""
SHARES = ("#eaf1f8", "#bcd3e8", "#7fb0d6", "#3f7fb5", "#0f4477")
"""Shares of a whole: up to a tenth, a third, two thirds, nearly all, all; ink reads on the first three."""
ON_LIGHT, ON_DARK = "#16202b", "#fefefe"
"""Text on what has the same colour on both papers."""
FULL = "#8c1d18"
"""A bar that carries a text, of whoever may do nearly everything."""

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    PAPER: "--paper",
    BAD: "--chart-bad",
    WARN: "--chart-warn",
    OK: "--chart-ok",
    NONE: "--chart-none",
    LEVELS[0]: "--chart-permissions",
    REACHES[1]: "--chart-grave",
}
"""The CSS variable of each colour that changes in the dark; the others are seen on both papers."""
