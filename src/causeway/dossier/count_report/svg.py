"""Drawings in SVG: shapes with classes, coloured by the page they stand in or by themselves."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final

__all__ = ["Drawing", "Pen"]

# Ink on paper. On a page its style sheet colours the same classes, for light and for dark.
_ON_PAPER: Final = """
text { font-family: "Libertinus Serif"; font-size: 11px; fill: #1b1f22; }
.soft { fill: #50575c; }
.strong { font-weight: bold; }
.bar, .dot, .middle { fill: #1d5a85; }
.empty { fill: #dcdfde; }
.stripe { fill: #f1f1ef; }
.link, .limits { stroke: #1d5a85; stroke-width: 2; fill: none; }
.hill { fill: #c4d9e8; stroke: #1d5a85; stroke-width: 1; }
.unused { fill: none; stroke: #50575c; stroke-width: 1; stroke-dasharray: 3 2; }
.unused-limits { stroke: #50575c; stroke-width: 1.5; stroke-dasharray: 3 2; fill: none; }
.unused-middle { fill: #ffffff; stroke: #50575c; stroke-width: 1.5; }
.range { fill: #e0ecf5; }
.axis { stroke: #868b8e; stroke-width: 1; fill: none; }
.edge { stroke: #1b1f22; stroke-width: 1; stroke-dasharray: 2 3; fill: none; }
"""


@dataclass(frozen=True)
class Drawing:
    """A finished drawing.

    Args:
        width: Of its own coordinates, which are pixels where there is room.
        height: As well.
        shapes: Markup of the shapes, escaped.
    """

    width: float
    height: float
    shapes: str

    def on_paper(self) -> str:
        """Return it as a file of its own, with its colours."""
        box = f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><style>{_ON_PAPER}</style>{self.shapes}</svg>'


class Pen:
    """Collects shapes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._root = ET.Element("g")

    def rect(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        """Draw a rectangle."""
        self._add("rect", kind, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0))

    def dot(self, kind: str, x: float, y: float, radius: float) -> None:
        """Draw a dot."""
        self._add("circle", kind, cx=x, cy=y, r=radius)

    def line(self, kind: str, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw a straight line."""
        self._add("path", kind, d=f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}")

    def path(self, kind: str, points: list[tuple[float, float]], *, closed: bool = False) -> None:
        """Draw a line through points."""
        drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")
        self._add("path", kind, d=drawn)

    def text(
        self, words: str, x: float, y: float, *, kind: str = "", anchor: str = "start", turned: bool = False
    ) -> None:
        """Write words; `turned` ones run upwards from their place."""
        settings: dict[str, float | str] = {"x": x, "y": y, "text-anchor": anchor}
        if turned:
            settings["transform"] = f"rotate(-90 {x:.1f} {y:.1f})"
        self._add("text", kind, **settings).text = words

    def finish(self, width: float, height: float) -> Drawing:
        """Return the drawing."""
        shapes = "".join(ET.tostring(shape, encoding="unicode") for shape in self._root)
        return Drawing(width, height, shapes)

    def _add(self, shape: str, kind: str, **settings: float | str) -> ET.Element:
        attributes = {
            name: value if isinstance(value, str) else f"{value:.1f}" for name, value in settings.items()
        }
        if kind:
            attributes["class"] = kind
        return ET.SubElement(self._root, shape, attributes)
