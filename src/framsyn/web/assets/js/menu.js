// The menu of a small screen: a link that opens it by :target becomes a button that opens and closes it.
export function foldMenu() {
  const opener = document.querySelector("[data-menu-open]");
  const menu = opener && document.getElementById(opener.dataset.menuOpen);
  if (!menu) return;

  const show = (open) => {
    menu.toggleAttribute("data-open", open);
    menu.toggleAttribute("data-closed", !open);
    opener.setAttribute("aria-expanded", String(open));
  };

  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", menu.id);
  show(location.hash === `#${menu.id}`);

  const toggle = (event) => {
    event.preventDefault();
    show(!menu.hasAttribute("data-open"));
  };
  opener.addEventListener("click", toggle);
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") toggle(event);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.hasAttribute("data-open")) {
      show(false);
      opener.focus();
    }
  });
}
