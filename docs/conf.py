"""The documentation as a site: `make docs` builds it, and a warning is an error."""

from importlib.metadata import version as version_of

project = "iamaudit"
copyright = "the iamaudit authors, Apache-2.0"  # noqa: A001 - the name that Sphinx reads
release = version = version_of("iamaudit")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"iamaudit {version}"
html_last_updated_fmt = None  # the same pages give the same site
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
suppress_warnings = ["myst.header"]  # a page that is included begins below the heading of its host
