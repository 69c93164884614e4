"""How Sphinx makes the site; `python -m tools.site` calls it."""

import vi_lab
from tools.site.docstrings import to_rst

project = "vi_lab"
author = "The vi_lab developers"
copyright = author
version = release = vi_lab.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["parts"]
templates_path = ["_templates"]
default_role = "code"
suppress_warnings = ["misc.highlighting_failure"]

nb_execution_mode = "off"
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "colon_fence"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "pydata_sphinx_theme"
html_title = "vi_lab"
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["colours.css", "site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {name: [] for name in ("index", "gallery", "replays", "results", "lab", "404")}
html_theme_options = {
    "navigation_with_keys": False,
    "navbar_start": ["navbar-logo"],
    "navbar_persistent": ["search-button"],
    "navbar_end": [],
    "header_links_before_dropdown": 8,
    "navigation_depth": 2,
    "secondary_sidebar_items": ["page-toc"],
    "article_header_end": ["lesson-doors"],
    "footer_start": ["about"],
    "footer_end": [],
    "show_prev_next": False,
    "article_footer_items": ["lesson-next"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app):
    """Docstrings are escaped before numpydoc reads them."""
    app.connect("autodoc-process-docstring", escape_docstring, priority=100)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("html-collect-pages", forget_sourceless, priority=100)


def skip_member(app, what, name, thing, skip, options):
    """Fields of named tuples are in the docstring of the class."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def escape_docstring(app, what, name, thing, options, lines):
    lines[:] = to_rst(lines)


def forget_sourceless(app):
    """Modules that have no Python source (`_operator`) get no page, and no link to one."""
    modules = getattr(app.env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if not entry]:
        del modules[name]
    return []
