// On a phone the levers are a drawer: a link that opens it by :target becomes a button that opens and closes it.
export function openDrawer() {
  const opener = document.querySelector("[data-levers-open]");
  const closer = document.querySelector("[data-levers-close]");
  const levers = document.getElementById("levers");
  if (!opener || !closer || !levers) return;

  const show = (open) => {
    levers.toggleAttribute("data-open", open);
    levers.toggleAttribute("data-closed", !open);
    opener.setAttribute("aria-expanded", String(open));
  };
  for (const link of [opener, closer]) link.setAttribute("role", "button");
  opener.setAttribute("aria-controls", levers.id);
  document.getElementById("levers-title").tabIndex = -1;
  show(location.hash === "#levers");

  const toggle = (event) => {
    event.preventDefault();
    const open = !levers.hasAttribute("data-open");
    show(open);
    (open ? document.getElementById("levers-title") : opener).focus({ preventScroll: true });
  };
  for (const link of [opener, closer]) {
    link.addEventListener("click", toggle);
    link.addEventListener("keydown", (event) => event.key === " " && toggle(event));
  }
  levers.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && levers.hasAttribute("data-open")) toggle(event);
  });
}
