"""Style and icon of the page, and the Content-Security-Policy that allows these two and nothing else."""

import base64
import hashlib
from typing import Final
from urllib.parse import quote

STYLE: Final = """
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --link: #79b8ff; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem 1.25rem 4rem;
background: Canvas; color: CanvasText; overflow-wrap: break-word; }
a { color: var(--link); } a:target, :target { scroll-margin-top: 1rem; }
h1 { margin: 0; } h2 { margin: 3rem 0 1rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { margin: 2.25rem 0 .5rem; overflow-wrap: anywhere; } p { margin: .6rem 0; }
code, pre { font: .875em/1.5 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: 6px; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; }
td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
td:first-child { min-width: 11rem; } td:first-child code { overflow-wrap: normal; }
td:nth-child(2):nth-last-child(2) { min-width: 13rem; } .scroll { overflow-x: auto; }
.verb { font-weight: 600; margin-right: .5rem; } .soft { opacity: .8; } .errors { font-size: .9em; }
ul.names { columns: 14rem; padding-left: 1.25rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .35rem 0; }
@media (max-width: 40rem) {
body { padding: 1rem 1rem 3rem; } h2 { margin-top: 2.25rem; }
tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
td { display: block; border: 0; padding: .1rem 0; } td:first-child code { overflow-wrap: anywhere; }
}
"""
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0550ae"/>'
    '<path d="M3 13V9h2v4zm4 0V6h2v7zm4 0V3h2v10z" fill="#fff"/></svg>'
)
ICON: Final = f"data:image/svg+xml,{quote(_ICON)}"
# No scripts, no external resources. The one style is allowed by its digest; a digest of an image cannot be given.
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
