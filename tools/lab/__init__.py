"""The lab in the browser: JupyterLite with Python, vi_lab and the lessons, as static files.

Python itself and every pure wheel are served by the site. The compiled ones (NumPy, SciPy,
matplotlib, contourpy, kiwisolver, pillow) come from the CDN that the lock of Pyodide names.
`jupyter lite build` is called without jupyterlite-sphinx, which has every page of a site ask
fonts.googleapis.com for a font.
"""
