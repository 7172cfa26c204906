// Lists that are walked with the arrow keys.

/** Arrow keys go from line to line of a list of links (`a.line`); up from the first goes to `above`. */
export function arrowKeys(container, above) {
  const lines = () => [...container.querySelectorAll("a.line")];
  container.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = lines(), here = all.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    (all[here + step] ?? (step < 0 ? above : null))?.focus();
  });
  above.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    lines()[0]?.focus();
  });
}
