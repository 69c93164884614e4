"""What the site takes over: a page of it links to nothing that is left out."""

import re

from tools.site.places import ROOT
from tools.site.staging import COPIED

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def test_every_link_between_pages_leads_to_what_is_taken_over():
    taken = {path for pattern in COPIED for path in ROOT.glob(pattern)}
    folders = {parent for path in taken for parent in path.parents}
    pages = [path for path in taken if path.suffix == ".md"]
    links = [
        (page, link)
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link)
    ]
    lost = [
        f"{page.relative_to(ROOT)}: {link}"
        for page, link in links
        if (page.parent / link).resolve() not in taken | folders
    ]
    assert len(links) > 100 and not lost, lost
