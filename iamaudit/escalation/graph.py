"""The graph of who can become whom, and the shortest way to each end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import networkx as nx

from iamaudit.escalation.universe import Universe
from iamaudit.escalation.way import BLOCKED, CERTAIN, CONDITIONAL, LIVE, Way

ADMINISTRATOR = "administrator"
LEVELS = (CERTAIN, CONDITIONAL, LIVE)
"""How sure a way is, the surest first; a path is as sure as its weakest step."""

Node: TypeAlias = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: ``source`` and ``target`` are ARNs, names of outsiders or an end."""

    source: str
    way: Way
    target: str


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest path of a principal to an end, among the surest."""

    principal: str
    end: str
    verdict: str
    steps: tuple[Step, ...]


class Graph:
    """Principals, the sets that share ways, and the ways between them.

    Sets of sources and of targets are nodes of their own, so that a way of 5,000 principals to 5,000 roles is
    one node and not 25 million edges. ``ends`` maps each end, such as ``administrator``, to the principals
    that have reached it, by level; ``outsiders`` are ways into the account by the name of who takes them.
    """

    def __init__(
        self,
        universe: Universe,
        ways: Sequence[Way],
        ends: Mapping[str, Mapping[str, int]],
        outsiders: Sequence[tuple[str, Way]] = (),
    ) -> None:
        self.universe, self.ways, self.ends = universe, ways, ends
        self.outsiders = outsiders
        self._found: dict[str, Mapping[str, Path]] = {}

    def paths(self, end: str = ADMINISTRATOR) -> Mapping[str, Path]:
        """Return the shortest of the surest paths of each principal that is not at the end already."""
        found = self._found.get(end)
        if found is None:
            found = self._found[end] = self._paths(end)
        return found

    def reached(self, end: str = ADMINISTRATOR) -> int:
        """Return the set of principals that are at an end, or have a path to it."""
        at = 0
        for bits in self.ends[end].values():
            at |= bits
        return at | self.universe.bits(self.paths(end))

    def _paths(self, end: str) -> dict[str, Path]:
        graph: nx.DiGraph[Node] = nx.DiGraph()
        found: dict[str, Path] = {}
        there = self.ends[end].get(CERTAIN, 0)
        for level in LEVELS:
            self._extend(graph, level, end)
            following, distance = nx.dijkstra_predecessor_and_distance(graph, end, weight="weight")
            for node in sorted((n for n in distance if isinstance(n, str)), key=str):
                if node != end and node not in found and not self._is_in(node, there):
                    steps = tuple(self._walk(node, following, end))
                    if steps:  # one without a step is at the end under some condition
                        found[node] = Path(node, end, level, steps)
        return found

    def _is_in(self, node: str, bits: int) -> bool:
        number = self.universe.index.get(node)
        return number is not None and bool(bits >> number & 1)

    def _extend(self, graph: "nx.DiGraph[Node]", level: str, end: str) -> None:
        """Add what holds at one level; every edge is drawn backwards, from where it leads."""
        graph.add_node(end)
        for arn in self.universe.names(self.ends[end].get(level, 0)):
            graph.add_edge(end, arn, weight=0)
        for number, way in enumerate(self.ways):
            if way.verdict != level or not (way.is_takeover or end == ADMINISTRATOR):
                continue
            self._lead(graph, ("way", number), way, end)
            self._connect(graph, ("way", number), ("sources", way.sources), 1)
        for number, (name, way) in enumerate(self.outsiders):
            if way.verdict == level:
                self._lead(graph, ("outsider", number), way, end)
                graph.add_edge(("outsider", number), name, weight=1)

    def _lead(self, graph: "nx.DiGraph[Node]", node: Node, way: Way, end: str) -> None:
        if way.is_takeover:
            targets = ("targets", way.targets)
            if targets not in graph:
                graph.add_edges_from(
                    (arn, targets, {"weight": 0}) for arn in self.universe.names(way.targets)
                )
            graph.add_edge(targets, node, weight=0)
        else:
            graph.add_edge(end, node, weight=0)

    def _connect(self, graph: "nx.DiGraph[Node]", node: Node, sources: Node, weight: int) -> None:
        if sources not in graph:
            bits = int(sources[1])
            graph.add_edges_from((sources, arn, {"weight": 0}) for arn in self.universe.names(bits))
        graph.add_edge(node, sources, weight=weight)

    def _walk(self, start: str, following: Mapping[Node, Sequence[Node]], end: str) -> Iterator[Step]:
        source, node, way = start, following[start][0], None
        while True:
            if isinstance(node, tuple) and node[0] in ("way", "outsider"):
                way = self.ways[node[1]] if node[0] == "way" else self.outsiders[node[1]][1]
            elif isinstance(node, str) and way is not None:
                yield Step(source, way, node)
                source, way = node, None
            if node == end:
                return
            node = following[node][0]

    @cached_property
    def open_ways(self) -> list[Way]:
        """The ways that nothing blocks."""
        return [way for way in self.ways if way.verdict != BLOCKED]

    def onward(self, way: Way, source: str, end: str = ADMINISTRATOR) -> Path | None:
        """Return the path that begins with a way, continued the shortest; ``None`` if it leads nowhere."""
        if not way.is_takeover:
            return Path(source, end, way.verdict, (Step(source, way, end),)) if end == ADMINISTRATOR else None
        options = list(self._continued(way, source, end))
        return min(options, key=lambda p: (LEVELS.index(p.verdict), len(p.steps)), default=None)

    def _continued(self, way: Way, source: str, end: str) -> Iterator[Path]:
        paths = self.paths(end)
        for level, bits in self.ends[end].items():
            for target in self.universe.names(way.targets & bits & ~self.universe.bits([source])):
                yield Path(source, end, weakest([way.verdict, level]), (Step(source, way, target),))
                break
        for target in self.universe.names(way.targets & self.universe.bits(paths)):
            rest = paths[target]
            if target != source and all(step.source != source for step in rest.steps):
                verdict = weakest([way.verdict, rest.verdict])
                yield Path(source, end, verdict, (Step(source, way, target), *rest.steps))


def weakest(verdicts: Iterable[str]) -> str:
    """Return the least sure of some verdicts."""
    return max(verdicts, key=(*LEVELS, BLOCKED).index)
