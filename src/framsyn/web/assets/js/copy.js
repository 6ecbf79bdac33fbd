// Copy the address of a thing; the button shows itself only where copying works.
export function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const words = button.querySelector("span") ?? button;
    const usual = words.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(new URL(button.dataset.copy || location.href, location.href).href);
      words.textContent = button.dataset.copied;
      words.setAttribute("role", "status");
      setTimeout(() => {
        words.textContent = usual;
        words.removeAttribute("role");
      }, 2500);
    });
  }
}
