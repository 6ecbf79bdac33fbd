// A map of many years: the links become a slider. Markup: .years > ul.years__pick + .years__item[data-year] …
export function slideYears() {
  for (const box of document.querySelectorAll(".years")) {
    const items = [...box.querySelectorAll(".years__item[data-year]")];
    const pick = box.querySelector(".years__pick");
    if (items.length < 2 || !pick) continue;

    const years = items.map((item) => item.dataset.year);
    const asked = items.findIndex((item) => `#${item.id}` === location.hash);
    const usual = items.findIndex((item) => item.hasAttribute("data-default"));
    const start = asked >= 0 ? asked : Math.max(usual, 0);

    const label = document.createElement("label");
    const words = document.createElement("span");
    const slider = document.createElement("input");
    const output = document.createElement("output");
    label.className = "years__slider";
    words.textContent = box.dataset.label ?? "";
    Object.assign(slider, { type: "range", min: "0", max: String(items.length - 1), step: "1", value: String(start) });
    label.append(words, slider, output);

    const show = () => {
      const index = Number(slider.value);
      items.forEach((item, place) => item.toggleAttribute("data-shown", place === index));
      output.textContent = years[index];
      slider.setAttribute("aria-valuetext", years[index]);
    };
    slider.addEventListener("input", show);
    pick.replaceWith(label);
    box.setAttribute("data-live", "");
    show();
  }
}
