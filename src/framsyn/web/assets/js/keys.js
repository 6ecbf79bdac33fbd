// "/" goes to the search box, as on many sites, unless somebody is writing or uses it with another key.
export function listenToKeys() {
  const box = document.getElementById("site-search");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !box?.checkVisibility()) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
  });
}
