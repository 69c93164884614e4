// A formula wider than its column scrolls: so it must be reachable by keyboard.
window.addEventListener("load", () =>
  window.MathJax?.startup?.promise.then(() => {
    for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
    }
  }),
);

// The theme folds a list of pages behind an arrow without a word: it is named after the list.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("summary:has(> .toctree-toggle)")) {
    const above = summary.closest("li")?.querySelector("a")?.textContent ?? "this part";
    summary.setAttribute("aria-label", `Pages of ${above}`);
  }
});
