"""A strict reader of HTML for tests: what is opened is closed, ids are unique, and text is text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "img", "br"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "h1", "h2", "h3",
    "p",
    "ul", "ol", "li", "a", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
    "img", "details", "summary", "br",
}  # fmt: skip
NOT_IN_PARAGRAPH = {"p", "table", "ul", "ol", "figure", "h1", "h2", "h3", "details", "header", "main"}


@dataclass
class Page(HTMLParser):
    """What a page holds. Raises AssertionError where it is not well formed."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[dict[str, str | None]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    style: str = ""
    _open: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        HTMLParser.__init__(page)
        page.feed(html)
        page.close()
        assert not page._open, f"left open: {page._open}"
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in KNOWN, f"<{tag}>"
        assert not (tag in NOT_IN_PARAGRAPH and "p" in self._open), f"<{tag}> in a paragraph"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), attrs
        assert not [name for name in names if name.startswith("on")], attrs
        found = dict(attrs)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found["href"]))
        if tag == "img":
            self.images.append(found)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}>"
        assert self._open[-1] == tag, f"</{tag}> in {self._open}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
            return
        self.text.append(data)
        if self._open and self._open[-1] in {"h1", "h2", "h3"}:
            level, said = self.headings[-1]
            self.headings[-1] = (level, said + data)
