"""The accessibility tree: what a screen reader is told about the open page."""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def announced_rows(page: Any) -> list[list[tuple[str, str]]]:
    """Return the rows of the page's tables from Chromium's own tree, each as the roles and names of its cells."""
    devtools = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in devtools.send("Accessibility.getFullAXTree")["nodes"]}
    devtools.detach()
    return [
        [(_role(cell), cell["name"]["value"]) for cell in _children(row, nodes)]
        for row in nodes.values()
        if _role(row) == "row"
    ]


def _children(parent: Node, nodes: dict[str, Node]) -> Iterator[Node]:
    """Yield the children that are told; those of ignored ones take their place."""
    for key in parent.get("childIds", ()):
        if (child := nodes[key]).get("ignored"):
            yield from _children(child, nodes)
        else:
            yield child


def _role(node: Node) -> str:
    return str(node.get("role", {}).get("value", ""))
