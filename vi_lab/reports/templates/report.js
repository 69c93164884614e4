"use strict";
// The page is whole without this: it sorts the matrix, copies commands, opens all for print.
(() => {
  const select = document.getElementById("order");
  if (select) {
    select.parentElement.hidden = false;
    select.addEventListener("change", () => {
      const body = document.querySelector(".matrix tbody");
      const place = (row) => Number(row.dataset[select.value]);
      const rows = [...body.rows].sort((a, b) => place(a) - place(b));
      body.append(...rows);
      const words = select.options[select.selectedIndex].text;
      document.getElementById("said").textContent =
        `Ordered by ${words}: first is ${rows[0].querySelector("a").textContent}.`;
    });
  }
  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.previousElementSibling.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied: select the line";
      }
    });
  }
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details:not([open])")) {
      each.open = true;
      opened.push(each);
    }
  });
  addEventListener("afterprint", () => {
    for (const each of opened.splice(0)) each.open = false;
  });
  const reveal = () => {
    let part;
    try {
      part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    const closed = part && part.closest("details");
    if (closed) {
      closed.open = true;
      part.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
