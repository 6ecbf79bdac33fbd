// Asks the server for answers. While something moves one question is under way at a time and the newest state is the next;
// a newer question always wins, whatever order the answers come in.
import { painted } from "./explorer-results.js";

const KEPT = 24; // answers that are not asked for twice
const FIRST_LOOK = 250; // milliseconds between looks at a desk that is being opened

export class Asker {
  constructor(form, results) {
    this.answer = form.dataset.answer;
    this.opening = form.dataset.opening;
    this.results = results;
    this.narrow = "(max-width: 47.5rem)";
    this.kept = new Map();
    this.number = 0; // of the newest question
    this.shown = 0; // of the newest answer on the page
    this.wanted = null; // state that moves and has not been asked for yet
    this.control = null; // of the question that is under way
    this.busy = false;
    this.way = null; // question of a state that moves that is under way: what was asked, and its answer to come
    this.drawn = ""; // width that was asked for last
  }

  width() {
    return matchMedia(this.narrow).matches ? "narrow" : "wide";
  }

  // A state on the way to another: asked for when the question before has its answer, and forgotten when a newer one comes.
  move(query) {
    this.wanted = query;
    if (!this.busy) this.#next();
  }

  async #next() {
    while (this.wanted !== null) {
      const query = this.wanted;
      this.wanted = null;
      const number = this.#begin();
      this.busy = true;
      try {
        const answer = this.#ask(query, "now", {}, number);
        this.way = { query, answer };
        const reply = await answer;
        if (reply && number > this.shown) {
          this.shown = number;
          this.results.show(reply, "now");
        }
      } catch (error) {
        this.#failed(error, number, () => this.move(query));
      } finally {
        if (this.way?.query === query) this.way = null;
      }
      if (number !== this.number) return; // a state that rests has taken over
      this.busy = false;
    }
  }

  // A state that rests: asked for at once, first what is seen first, then the rest.
  async rest(query, { panel = false, tell = () => {}, quiet = false } = {}) {
    this.wanted = null;
    this.busy = false;
    // A hand that lets go where it was a moment ago waits for the answer that is on its way, instead of asking anew.
    const way = !panel && this.way?.query === query ? this.way.answer : null;
    const number = way ? ++this.number : this.#begin();
    try {
      const now = (way && (await way)) ?? (await this.#ask(query, "now", { panel }, number));
      if (!now || number !== this.number) return;
      this.shown = number;
      // A hand that has begun to move since then still gets to know where another scenario has the levers.
      if (await this.results.show(now, "now")) tell(quiet ? { ...now, quiet } : now);
      if (number !== this.number) return;
      await painted(); // the charts go before what follows them
      if (number !== this.number) return;
      await this.#rest(query, number);
    } catch (error) {
      this.#failed(error, number, () => this.rest(query, { panel, tell, quiet }));
    }
  }

  // The page came with what is seen first; the rest follows.
  async follow(query) {
    const number = this.#begin();
    try {
      await this.#rest(query, number);
    } catch (error) {
      this.#failed(error, number, () => this.follow(query));
    }
  }

  async #rest(query, number) {
    const later = await this.#ask(query, "later", {}, number);
    if (!later || number !== this.number) return;
    await this.results.show(later, "later");
    this.results.rested();
  }

  // What was asked for before is not waited for any longer.
  #begin() {
    this.drawn = this.width();
    this.control?.abort();
    this.control = new AbortController();
    return ++this.number;
  }

  async #ask(query, part, { panel = false }, number) {
    const asked = new URLSearchParams(query);
    asked.set("part", part);
    asked.set("width", this.width());
    if (panel) asked.set("panel", "1");
    const key = asked.toString();
    const before = this.kept.get(key);
    if (before) return before;
    const { signal } = this.control;
    const response = await fetch(`${this.answer}?${key}`, { signal, headers: { Accept: "application/json" } });
    if (response.status === 202) {
      const { wait } = await response.json(); // its turn has not come yet, or the desk is not open
      await (wait ? pause(1000 * wait, signal) : this.#opened(query, number, signal));
      return number === this.number ? this.#ask(query, part, { panel }, number) : null;
    }
    if (response.status === 429) {
      await pause(1000 * Number(response.headers.get("Retry-After") ?? 1), signal);
      return number === this.number ? this.#ask(query, part, { panel }, number) : null;
    }
    const said = await response.json();
    if (!response.ok) throw Object.assign(new Error(said.detail), { told: said });
    this.kept.set(key, said);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return said;
  }

  // Wait until the desk is open, and show how far it is.
  async #opened(query, number, signal) {
    const address = query ? `${this.opening}?${query}` : this.opening;
    for (let wait = FIRST_LOOK; number === this.number; wait = Math.min(1000, wait * 1.2)) {
      const response = await fetch(address, { signal });
      const said = await response.json();
      if (said.trouble || !response.ok) throw Object.assign(new Error(), { told: { detail: said.trouble ?? said.detail } });
      if (said.open) break;
      this.results.opening(said.share);
      await pause(wait, signal);
    }
    this.results.opened();
  }

  #failed(error, number, again) {
    if (error.name === "AbortError" || number !== this.number) return;
    this.busy = false;
    this.results.failed(error.told?.detail, again);
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(end);
      reject(new DOMException("", "AbortError"));
    });
  });
}
