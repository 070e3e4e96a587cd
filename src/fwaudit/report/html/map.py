"""The map of a service as SVG: ribbons from its entry points through the event loop to what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from fwaudit.model.context import LOOP_CONTEXTS, Context
from fwaudit.report.html.flow import BLOCKERS, CALLEES, CALLERS, ENTRIES, NO_ROUTE, OTHERS, PLACES, STARTUP, Node, ServiceFlow
from fwaudit.report.html.markup import EMPTY, Markup, element, joined, name, number, text
from fwaudit.report.words import count

_WIDTH = 1150
_LEFT = {ENTRIES: 196, PLACES: 340, CALLERS: 486, BLOCKERS: 724, CALLEES: 954}
"""Where the bars of a column begin."""
_THICK = {ENTRIES: 8, PLACES: 26, CALLERS: 8, BLOCKERS: 8, CALLEES: 8}
_TITLES = {ENTRIES: "entry points", PLACES: "run on", CALLERS: "async code in", BLOCKERS: "calls sync code in", CALLEES: "which waits in"}
PASSAGE = ""
"""The name of the bar that only keeps room."""
_LAST = {OTHERS: 1, NO_ROUTE: 2, STARTUP: 3, PASSAGE: 4}
"""What stands below the other bars of a column."""
_TOP = 64
_GAP = 13
_LEAST = 5.0
_LONGEST = {ENTRIES: 25, CALLERS: 30, BLOCKERS: 30, CALLEES: 25}
"""Characters of a label."""
_WORDS = {
    Context.EVENT_LOOP: "the event loop",
    Context.LOOP_STARTUP: "the loop at startup",
    Context.PRIVATE_LOOP: "loops of their own",
    Context.THREADPOOL: "threads",
    Context.WSGI_WORKER: "WSGI workers",
    Context.GREENLET: "greenlets",
    Context.TASK_QUEUE: "task queues",
    Context.PROCESS: "processes",
}


@dataclass(slots=True)
class _Bar:
    """A node in its place; `used_*` says how much of a side has links already."""

    node: Node
    taken: int
    given: int
    top: float = 0.0
    height: float = 0.0
    routes: int = 0
    """Routes that run there, or lead there."""
    used_left: float = 0.0
    used_right: float = 0.0

    @property
    def weight(self) -> int:
        return max(self.taken, self.given)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(slots=True)
class _Layout:
    """Bars by node, ribbons by their ends."""

    bars: dict[Node, _Bar] = field(default_factory=dict)
    links: list[tuple[_Bar, _Bar, str, int]] = field(default_factory=list)
    height: float = 0.0


def draw(flow: ServiceFlow, title: str, target_of: Callable[[Node], str]) -> Markup:
    """The picture; nothing where there is nothing to show. `target_of` says where a node leads to, "" for nowhere."""
    if not flow.links:
        return EMPTY
    layout = _lay_out(flow)
    width = _WIDTH if any(bar.node.column > PLACES for bar in layout.bars.values()) else _LEFT[CALLERS] + 60
    folder = _shared_folder(node.name for node in layout.bars if node.column in (CALLERS, BLOCKERS) and node.name not in (OTHERS, PASSAGE))
    numbers = {node: index for index, node in enumerate(layout.bars)}
    ribbons = [_ribbon(start, end, kind, weight, (numbers[start.node], numbers[end.node])) for start, end, kind, weight in layout.links]
    bars = [_bar(bar, numbers[bar.node], target_of(bar.node), folder) for bar in layout.bars.values() if bar.node.name != PASSAGE]
    heads = [
        element("text", _TITLES[column], x=_label_x(column), y=22, class_="column", text_anchor=_anchor(column))
        for column in sorted({bar.node.column for bar in layout.bars.values() if bar.node.name != PASSAGE})
    ]
    return element(
        "svg",
        element("title", title),
        element("g", *heads),
        element("g", *ribbons, class_="ribbons"),
        element("g", *bars),
        viewBox=f"0 0 {width} {number(layout.height)}",
        class_="map" if width == _WIDTH else "map small",
        role="group",
        aria_label=title,
    )


def _lay_out(flow: ServiceFlow) -> _Layout:
    layout = _Layout()
    taken: dict[Node, int] = {}
    given: dict[Node, int] = {}
    links = _with_passages(flow.links)
    for (start, end, _), weight in links.items():
        given[start] = given.get(start, 0) + weight
        taken[end] = taken.get(end, 0) + weight
    nodes = sorted({*taken, *given})
    columns = {column: [node for node in nodes if node.column == column] for column in range(CALLEES + 1)}
    widest = max(len(column) for column in columns.values())
    room = max(120.0, 30.0 * widest)
    layout.bars = {node: _Bar(node, taken.get(node, 0), given.get(node, 0)) for node in nodes}
    for column, members in columns.items():
        ordered = _ordered(column, members, layout, links)
        _stack([layout.bars[node] for node in ordered], room, least=34.0 if column == PLACES else _LEAST)
    for (start, end, _), weight in links.items():
        if start.column == ENTRIES and start.name not in (STARTUP, NO_ROUTE):
            layout.bars[start].routes += weight
            layout.bars[end].routes += weight
    layout.height = max(bar.top + bar.height for bar in layout.bars.values()) + 24
    layout.links = [(layout.bars[start], layout.bars[end], kind, weight) for (start, end, kind), weight in links.items()]
    layout.links.sort(key=lambda link: (link[0].top, link[1].top, link[2]))
    return layout


def _with_passages(links: dict[tuple[Node, Node, str], int]) -> dict[tuple[Node, Node, str], int]:
    """The links, each from one column to the next: in a column that it passes by it has room, a bar that is not drawn."""
    result: dict[tuple[Node, Node, str], int] = {}
    for (start, end, kind), weight in links.items():
        stops = [start, *(Node(column, PASSAGE, f"{end.name} {end.kind}") for column in range(start.column + 1, end.column)), end]
        for one, other in pairwise(stops):
            result[one, other, kind] = result.get((one, other, kind), 0) + weight
    return result


def _ordered(column: int, members: list[Node], layout: _Layout, links: dict[tuple[Node, Node, str], int]) -> list[Node]:
    """The nodes of a column from top to bottom: near to where their ribbons come from, or the heaviest first."""
    pull: dict[Node, float] = {}
    for node in members:
        sources = [(layout.bars[start].middle, weight) for (start, end, _), weight in links.items() if end == node]
        total = sum(weight for _, weight in sources)
        pull[node] = sum(middle * weight for middle, weight in sources) / total if total else 0.0
    if column in (ENTRIES, CALLERS):
        return sorted(members, key=lambda node: (_LAST.get(node.name, 0), -layout.bars[node].weight, node))
    if column == PLACES:
        contexts = [*LOOP_CONTEXTS, *(context for context in Context if context not in LOOP_CONTEXTS)]
        return sorted(members, key=lambda node: contexts.index(Context(node.kind)) if node.kind in contexts else len(contexts))
    return sorted(members, key=lambda node: (pull[node], node))


def _stack(bars: list[_Bar], room: float, *, least: float) -> None:
    """Gives each bar of a column its height, by its weight, and its place."""
    free = room - _GAP * (len(bars) - 1)
    total = sum(bar.weight for bar in bars) or 1
    heights = [max(free * bar.weight / total, least) for bar in bars]
    scale = min(1.0, free / sum(heights)) if bars else 1.0
    top = float(_TOP)
    for bar, height in zip(bars, heights, strict=True):
        bar.top, bar.height = top, max(height * scale, _LEAST)
        top += bar.height + (_GAP if bar.node.column != PLACES else 3 * _GAP)


def _ribbon(start: _Bar, end: _Bar, kind: str, weight: int, numbers: tuple[int, int]) -> Markup:
    """A band from the right side of one bar to the left side of another, as thick at each end as its share of that side."""
    thick_start = start.height * weight / start.given
    thick_end = end.height * weight / end.taken
    x0 = _LEFT[start.node.column] + (0 if start.node.name == PASSAGE else _THICK[start.node.column])
    x1 = _LEFT[end.node.column]
    y0, y1 = start.top + start.used_right, end.top + end.used_left
    start.used_right += thick_start
    end.used_left += thick_end
    bend0, bend1 = x0 + (x1 - x0) * 0.5, x1 - (x1 - x0) * 0.5
    line = (
        f"M{number(x0)} {number(y0)}C{number(bend0)} {number(y0)} {number(bend1)} {number(y1)} {number(x1)} {number(y1)}"
        f"V{number(y1 + thick_end)}C{number(bend1)} {number(y1 + thick_end)} {number(bend0)} {number(y0 + thick_start)} "
        f"{number(x0)} {number(y0 + thick_start)}Z"
    )
    return element("path", d=line, class_=f"waits-{kind}" if kind else "free", data_from=str(numbers[0]), data_to=str(numbers[1]))


def _bar(bar: _Bar, index: int, target: str, folder: str) -> Markup:
    node = bar.node
    left, thick = _LEFT[node.column], _THICK[node.column]
    title = f"{_words(node)}: {_amount(bar)}"
    kind = f"waits-{node.kind}" if node.column == CALLEES and node.kind else f"runs-{node.kind}" if node.column == PLACES else "code"
    shape = element("rect", x=left, y=bar.top, width=thick, height=bar.height, rx=min(4 if thick < 20 else 9, bar.height / 2), class_=kind)
    label = _label(bar, folder)
    content = joined([element("title", title), shape, label])
    drawn = element("a", content, href=f"#{target}") if target else content
    find = node.name if node.column in (CALLERS, BLOCKERS) and node.name != OTHERS else None
    return element("g", drawn, class_="node", data_node=str(index), data_find=find)


def _amount(bar: _Bar) -> str:
    """How much a bar stands for, in words."""
    return count(bar.routes, "route") if bar.routes else count(bar.weight, "finding")


def _label(bar: _Bar, folder: str) -> Markup:
    node = bar.node
    shown = _words(node)
    weight = element("tspan", f" {bar.weight:,}", class_="weight")
    if node.column == PLACES:
        x = _LEFT[PLACES] + _THICK[PLACES] / 2
        routes = element("tspan", _amount(bar), class_="weight", x=x, dy=13)
        return element("text", text(shown), routes, x=x, y=bar.top - 19, text_anchor="middle", class_="place")
    return element(
        "text",
        text(_short(shown.removeprefix(folder), _LONGEST[node.column])),
        weight,
        x=_label_x(node.column),
        y=bar.middle + 4,
        text_anchor=_anchor(node.column),
    )


def _words(node: Node) -> str:
    if node.column == PLACES:
        return _WORDS.get(Context(node.kind), node.name) if node.kind in set(Context) else name(node.name)
    return name(node.name)


def _short(words: str, most: int) -> str:
    """The end of a path that has no room."""
    shown = name(words)
    return shown if len(shown) <= most else "…" + shown[-most + 1 :]


def _shared_folder(paths: Iterable[str]) -> str:
    """The folder that all paths begin with, which need not be said of each."""
    folders = sorted(path.split("/")[:-1] for path in paths)
    if not folders:
        return ""
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(folders[0], folders[-1], strict=False))
    return "".join(f"{part}/" for part, _ in shared)


def _label_x(column: int) -> float:
    if column == ENTRIES:
        return _LEFT[ENTRIES] - 8
    return _LEFT[PLACES] + _THICK[PLACES] / 2 if column == PLACES else _LEFT[column] + _THICK[column] + 6


def _anchor(column: int) -> str:
    return "end" if column == ENTRIES else "middle" if column == PLACES else "start"


def kinds_of(flow: ServiceFlow) -> Iterable[str]:
    """What is waited for in the picture, for its legend."""
    return sorted({kind for _, _, kind in flow.links if kind})
