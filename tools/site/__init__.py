"""The builder of the site: static files that need no server, no account and no network.

    python -m tools.site [STEP …]

The steps, in their order: `results` (every method on every problem, its report, the replays),
`gallery` (each picture from its code), `pages` (Sphinx), `fixtures` (pages of rare cases, which
`make browser` opens), `lab` (JupyterLite). All by default. What a step needs of an earlier one it
takes from build/site.
"""
