"""The first table of the demo account, in a kernel that has judged nothing before."""

import pytest

from tests.benchmarks.first_table import first_table
from tests.benchmarks.pace import Pace

pytestmark = pytest.mark.benchmark


def test_the_first_table_of_the_demo_is_there_in_two_seconds(own_cache):
    near = Pace()
    kernel, seconds = first_table("00_start.ipynb")
    print(f"\nkernel {kernel:.1f} s, first table of the demo {seconds:.2f} s; {near}")
    assert seconds < 2
