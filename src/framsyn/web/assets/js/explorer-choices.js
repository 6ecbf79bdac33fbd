// What is chosen above the levers: scenario, comparison, area, service area, year, month. The year becomes a slider.
export class Choices {
  constructor(form, { moving, rested }) {
    this.selects = [...form.querySelectorAll("select[name]")];
    this.slide = null;
    for (const select of this.selects) {
      if (select.name === "year") this.#slider(select, moving, rested);
      else select.addEventListener("change", () => rested({ panel: ["scenario", "place", "service"].includes(select.name) }));
    }
  }

  get scenario() {
    return this.selects.find((select) => select.name === "scenario").value;
  }

  #slider(select, moving, rested) {
    const years = [...select.options].map((option) => option.value);
    const slider = document.createElement("input");
    const output = document.createElement("output");
    const box = document.createElement("span");
    Object.assign(slider, { type: "range", min: years[0], max: years.at(-1), step: "1", id: "choice-year-slider" });
    output.htmlFor = slider.id;
    box.className = "year-slider";
    box.append(slider, output);
    this.slide = () => {
      slider.value = select.value;
      output.textContent = select.value;
    };
    slider.addEventListener("input", () => {
      select.value = slider.value;
      output.textContent = slider.value;
      moving();
    });
    slider.addEventListener("change", () => rested());
    select.hidden = true;
    select.after(box);
    select.closest(".field").querySelector("label").htmlFor = slider.id;
    this.slide();
  }

  said() {
    return this.selects
      .filter((select) => select.value !== select.dataset.usual)
      .map((select) => [select.name, select.value]);
  }

  read(query) {
    const said = new URLSearchParams(query);
    for (const select of this.selects) {
      const value = said.get(select.name) ?? select.dataset.usual;
      if ([...select.options].some((option) => option.value === value)) select.value = value;
    }
    this.slide();
  }
}
