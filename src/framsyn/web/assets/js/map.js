// A map of links is one stop of the Tab key; inside it, the arrow keys walk from municipality to municipality.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const middle = (link) => {
  const box = link.querySelector("path").getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
};

// The nearest in a direction: how far along it counts once, how far aside twice.
const next = (link, [right, down]) => {
  const [x, y] = middle(link);
  let best = null;
  let least = Infinity;
  for (const other of link.ownerSVGElement.querySelectorAll(".framsyn-place")) {
    const [there, below] = middle(other);
    const along = (there - x) * right + (below - y) * down;
    const aside = Math.abs((there - x) * down) + Math.abs((below - y) * right);
    if (other === link || along <= 0 || aside > 2 * along) continue;
    if (along + 2 * aside < least) [best, least] = [other, along + 2 * aside];
  }
  return best;
};

export function walkMaps() {
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest?.(".framsyn-place");
    if (!link) return;
    for (const other of link.ownerSVGElement.querySelectorAll(".framsyn-place")) {
      other.setAttribute("tabindex", other === link ? "0" : "-1");
    }
  });
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const link = step && event.target.closest?.(".framsyn-place");
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next(link, step)?.focus();
  });
}
