// Where one has been: the browser's own back and forward, and undo and redo beside the levers. Every rest is one step.
const QUIET = 400; // milliseconds between changes of the address while something moves; browsers refuse more

export class Steps {
  constructor(first, show) {
    this.show = show;
    this.all = [first];
    this.at = 0;
    this.open = false; // whether the step that is being taken has its place in the history already
    this.last = 0;
    this.undo = document.querySelector("[data-undo]");
    this.redo = document.querySelector("[data-redo]");
    this.undo?.addEventListener("click", () => this.#go(-1));
    this.redo?.addEventListener("click", () => this.#go(1));
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("popstate", () => {
      this.open = false;
      this.#enter(this.show(location.search.slice(1)));
    });
    this.#draw();
  }

  // While something moves the address follows, in the one place that the step will have.
  moving(query) {
    if (!this.open) {
      history.pushState(null, "", address(query));
      this.open = true;
      this.last = performance.now();
    } else if (performance.now() - this.last > QUIET) {
      history.replaceState(null, "", address(query));
      this.last = performance.now();
    }
  }

  rest(query) {
    if (this.open) history.replaceState(null, "", address(query));
    else if (query !== this.all[this.at]) history.pushState(null, "", address(query));
    this.open = false;
    this.#enter(query);
  }

  #enter(query) {
    if (query === this.all[this.at]) return;
    if (query === this.all[this.at - 1]) this.at -= 1;
    else if (query === this.all[this.at + 1]) this.at += 1;
    else {
      this.all.splice(this.at + 1, Infinity, query);
      this.at += 1;
    }
    this.#draw();
  }

  #go(by) {
    const query = this.all[this.at + by];
    if (query === undefined) return;
    this.at += by;
    history.pushState(null, "", address(query));
    this.#draw();
    this.show(query);
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches?.("textarea, input[type=search], input[type=text]")) return;
    const key = event.key.toLowerCase();
    if (key === "z") this.#go(event.shiftKey ? 1 : -1);
    else if (key === "y") this.#go(1);
    else return;
    event.preventDefault();
  }

  #draw() {
    for (const [button, off] of [[this.undo, this.at === 0], [this.redo, this.at === this.all.length - 1]]) {
      if (!button) continue;
      button.hidden = false;
      button.setAttribute("aria-disabled", String(off));
    }
  }
}

function address(query) {
  return query ? `?${query}` : location.pathname;
}
