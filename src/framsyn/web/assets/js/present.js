// Step by step: one step a screen. Keys go forwards and back; the address names the step, so that the browser's own ways work.
export function presentSteps() {
  const stage = document.querySelector("[data-present]");
  const slides = stage ? [...stage.querySelectorAll(".slide")] : [];
  if (slides.length < 2) return;

  const counter = stage.querySelector("[data-present-counter]");
  const place = () => Math.max(0, slides.findIndex((slide) => `#${slide.id}` === location.hash));

  const show = (announce) => {
    const now = slides[place()];
    for (const slide of slides) slide.toggleAttribute("data-shown", slide === now);
    scrollTo({ top: 0, behavior: "instant" });
    if (!announce) return;
    counter.textContent = now.dataset.slide;
    const heading = now.querySelector("h1, h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };

  const go = (to) => {
    const slide = slides[Math.min(Math.max(to, 0), slides.length - 1)];
    if (slide !== slides[place()]) location.hash = slide.id;
  };

  const keys = {
    ArrowRight: () => go(place() + 1),
    ArrowDown: () => go(place() + 1),
    PageDown: () => go(place() + 1),
    ArrowLeft: () => go(place() - 1),
    ArrowUp: () => go(place() - 1),
    PageUp: () => go(place() - 1),
    Home: () => go(0),
    End: () => go(slides.length - 1),
    Escape: () => location.assign(stage.dataset.leave),
  };

  stage.setAttribute("data-live", "");
  show(false);
  addEventListener("hashchange", () => show(true));
  addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key !== "Escape") {
      if (event.target.closest("input, textarea, select, [contenteditable]")) return;
      // A table that scrolls keeps the keys that scroll it.
      if (event.target.closest(".framsyn-scroll") && /Arrow|Page|Home|End/.test(event.key)) return;
    }
    event.preventDefault();
    act();
  });
}
