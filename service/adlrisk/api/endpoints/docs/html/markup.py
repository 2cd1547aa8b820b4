"""Markup: text of the document as HTML."""

import html
import re
from collections.abc import Sequence


def escape(text: str) -> str:
    """Text without what HTML would take for markup."""
    return html.escape(text)


def render_inline(text: str) -> str:
    """Text with code between backquotes, in lines that do not begin with a per cent sign.

    >>> render_inline("`a` < `b`")
    '<code>a</code> &lt; <code>b</code>'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)).replace(" %", "&nbsp;%")


def render_paragraphs(text: str) -> str:
    """Text in paragraphs, which blank lines part."""
    return "".join(f"<p>{render_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def render_table(rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; on a narrow screen its rows are stacked."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table>{body}</table></div>'


def render_code(text: str) -> str:
    """A block of code, which scrolls by itself where it is too wide; reached with the keyboard as well."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def render_link(anchor: str, text: str) -> str:
    """A link within the page."""
    return f'<a href="#{escape(anchor)}">{escape(text)}</a>'
