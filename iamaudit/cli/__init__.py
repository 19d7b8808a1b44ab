"""The command line; the only place that prints and exits.

The commands are hung on ``main`` by importing the modules that hold them.
"""

from iamaudit.cli import collecting, comparing, keeping, questions, reviews, runs, starting
from iamaudit.cli.group import main

__all__ = ["collecting", "comparing", "keeping", "main", "questions", "reviews", "runs", "starting"]
