// Browsers that cannot open folds on paper by style get them opened for the print, and closed after; the tables of
// figures stay as the reader left them.
export function openForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    // Folds with a name shut each other, so the name steps aside while they are printed.
    opened = [...document.querySelectorAll("details:not([open], .figure__ways > *)")].map((fold) => [fold, fold.getAttribute("name")]);
    for (const [fold] of opened) fold.removeAttribute("name");
    for (const [fold] of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const [fold, name] of opened) {
      fold.open = false;
      if (name) fold.setAttribute("name", name);
    }
    opened = [];
  });
}
