// The levers: a slider and a number field that say the same, the scenario's own value, and the way back to it.
const KEYS_REST = 300; // milliseconds after the last key press until the lever rests

export class Levers {
  constructor(form, { moving, rested }) {
    this.moving = moving;
    this.rested = rested;
    this.frame = 0;
    this.next = null; // lever that has moved since the last frame
    this.rows = new Map();
    for (const row of document.querySelectorAll("[data-lever]")) this.#prepare(row);
    this.counted();
  }

  #prepare(row) {
    const lever = {
      name: row.dataset.lever,
      group: row.dataset.group,
      row,
      own: Number(row.dataset.own),
      step: Number(row.dataset.step),
      decimals: Number(row.dataset.decimals),
      slow: row.hasAttribute("data-slow"),
      slider: row.querySelector(".lever__slider"),
      field: row.querySelector(".lever__field"),
      back: row.querySelector("[data-back]"),
      limits: row.querySelector("[data-limits]"),
      keys: 0,
    };
    lever.low = Number(lever.field.min);
    lever.high = Number(lever.field.max);
    lever.value = Number(lever.field.value);
    lever.moved = row.classList.contains("lever--moved");
    this.rows.set(lever.name, lever);
    const { slider, field, back } = lever;
    slider.hidden = false;
    row.setAttribute("data-live", "");
    this.#draw(lever);

    slider.addEventListener("input", () => {
      const value = Math.round(Number(slider.value) / lever.step) * lever.step;
      // The scenario's own value has a place on the slider even where it lies between two steps.
      this.#set(lever, Math.abs(Number(slider.value) - lever.own) < lever.step / 3 ? lever.own : value);
      this.#soon(lever);
    });
    slider.addEventListener("change", () => this.#rest());
    slider.addEventListener("keydown", (event) => this.#key(lever, event));
    slider.addEventListener("dblclick", () => this.#return(lever));
    field.addEventListener("change", () => this.#typed(lever));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // the form is not sent: the lever moves
      this.#typed(lever);
    });
    back.addEventListener("click", (event) => {
      event.preventDefault();
      this.#return(lever);
      field.focus({ preventScroll: true });
    });
    row.querySelector(".lever__label").addEventListener("dblclick", () => this.#return(lever));
  }

  // At once, and then once a frame at most, however often the browser says that the hand has moved.
  #soon(lever) {
    this.next = lever;
    if (this.frame) return;
    this.next = null;
    this.moving({ slow: lever.slow });
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.next) this.#soon(this.next);
    });
  }

  #rest() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.next = null;
    this.rested();
  }

  #key(lever, event) {
    const { step, low, high } = lever;
    const big = Math.max(step, Math.round((high - low) / 10 / step) * step);
    const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step, PageUp: big, PageDown: -big }[event.key];
    const to = { Home: low, End: high }[event.key];
    if ((by === undefined && to === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#set(lever, to ?? lever.value + by);
    this.#soon(lever);
    clearTimeout(lever.keys);
    lever.keys = setTimeout(() => this.#rest(), KEYS_REST);
  }

  // A number field is read when it is left or Enter is pressed, never while somebody is writing in it.
  #typed(lever) {
    const { field, low, high, limits } = lever;
    const written = field.value.trim();
    const asked = written === "" ? lever.own : Number(written);
    limits.textContent = asked < low || asked > high || Number.isNaN(asked) ? limits.dataset.limits : "";
    const before = lever.value;
    this.#set(lever, Number.isNaN(asked) ? lever.value : asked);
    if (lever.value !== before) this.#rest();
  }

  #return(lever) {
    lever.limits.textContent = "";
    this.#set(lever, lever.own);
    this.#rest();
  }

  #set(lever, value) {
    lever.value = Number(Math.min(lever.high, Math.max(lever.low, value)).toFixed(6)) + 0;
    lever.moved = lever.value !== lever.own;
    this.#draw(lever);
    this.counted();
  }

  #draw(lever) {
    const { row, slider, field, back, value, moved } = lever;
    const said = value.toFixed(lever.decimals);
    slider.value = value;
    field.value = Number(said) === value ? said : String(value);
    const unit = slider.dataset.unit;
    slider.setAttribute("aria-valuetext", `${said.replace("-", "−")}${unit === "%" ? "\u202f%" : unit ? ` ${unit}` : ""}`);
    row.classList.toggle("lever--moved", moved);
    back.hidden = !moved;
  }

  // How many are moved, in all and in each group.
  counted() {
    const moved = [...this.rows.values()].filter((lever) => lever.moved);
    for (const sign of document.querySelectorAll("[data-moved-count]")) {
      const group = sign.dataset.movedCount;
      const count = group ? moved.filter((lever) => lever.group === group).length : moved.length;
      sign.textContent = count;
      sign.hidden = !count;
    }
    const reset = document.querySelector("[data-reset]");
    if (reset) reset.hidden = !moved.length;
  }

  said() {
    return [...this.rows.values()].filter(({ moved }) => moved).map(({ name, value }) => [name, String(value)]);
  }

  // Take what the address says; levers that it does not name stand where the scenario has them.
  read(query) {
    const said = new URLSearchParams(query);
    for (const lever of this.rows.values()) {
      lever.limits.textContent = "";
      const value = Number(said.get(lever.name) || NaN);
      this.#set(lever, Number.isNaN(value) ? lever.own : value);
      // Where another scenario comes with the state, what is its own is not known yet.
      lever.moved = !Number.isNaN(value);
    }
    this.counted();
  }

  // Take what stands in the fields.
  take() {
    for (const lever of this.rows.values()) {
      if (Number(lever.field.value) !== lever.value) this.#typed(lever);
    }
  }

  reset() {
    for (const lever of this.rows.values()) {
      lever.limits.textContent = "";
      this.#set(lever, lever.own);
    }
  }

  // Another scenario or another view: where it has each lever, and which can move anything there.
  become(facts) {
    for (const lever of this.rows.values()) {
      const told = facts[lever.name];
      if (!told) continue;
      const { row } = lever;
      lever.own = Number(told.own);
      row.querySelector("[data-note]").textContent = told.note;
      row.querySelector("[data-mark]").hidden = !told.unsourced;
      const [own, low, width] = told.at;
      row.querySelector(".lever__own").setAttribute("d", `M${own} 1v22`);
      const range = row.querySelector(".lever__range");
      range.setAttribute("x", low);
      range.setAttribute("width", width);
      const idle = row.querySelector("[data-idle]");
      idle.textContent = told.idle;
      idle.hidden = !told.idle;
      row.classList.toggle("lever--idle", Boolean(told.idle));
      if (!lever.moved) lever.value = lever.own;
      lever.moved = lever.value !== lever.own;
      this.#draw(lever);
    }
    this.counted();
  }
}
