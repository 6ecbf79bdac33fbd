// The answers on the page: blocks that are changed one by one, without taking the reader's place or focus.
const WAITING = 300; // milliseconds until it shows that an answer is awaited
const STALE = 250; // milliseconds until what follows later is marked as being of the state before
const FRAME = 100; // milliseconds that a frame is waited for: a window that is covered has none
const PROGRESS = 1000; // milliseconds until a bar shows how far a desk is

export class Results {
  constructor(form) {
    this.form = form;
    this.area = document.getElementById("results");
    this.finding = document.getElementById("finding");
    this.aloud = document.getElementById("finding-said");
    this.bar = document.getElementById("opening");
    this.faults = document.getElementById("explorer-faults");
    this.run = document.getElementById("run-id");
    this.html = new Map();
    this.waiting = 0;
    this.stale = 0;
    this.newest = null; // answer of which the numbers are on the page
    this.since = 0;
  }

  // What the page came with is an answer already.
  keep() {
    for (const block of this.area.querySelectorAll("#results-now > [id], #results-later > [id]")) this.html.set(block.id, null);
  }

  changing() {
    this.waiting ||= setTimeout(() => this.area.setAttribute("data-waiting", ""), WAITING);
    this.stale ||= setTimeout(() => document.getElementById("results-later").setAttribute("data-before", ""), STALE);
    this.area.setAttribute("aria-busy", "true");
  }

  // Numbers first: what is read is painted before what has to be drawn. Tells whether the whole answer came on the page,
  // or a newer one took its place.
  async show(reply, part) {
    this.#settle();
    if (part === "later") {
      clearTimeout(this.stale);
      this.stale = 0;
      document.getElementById("results-later").removeAttribute("data-before");
      this.#put(reply.blocks, part);
      return true;
    }
    this.newest = reply;
    const [first] = Object.entries(reply.blocks);
    this.#put(Object.fromEntries([first]), part, { whole: false });
    this.finding.textContent = reply.sentence;
    this.finding.hidden = !reply.sentence;
    this.run.textContent = reply.run;
    this.faults.replaceChildren();
    await painted();
    if (this.newest !== reply) return false;
    this.#put(reply.blocks, part);
    return true;
  }

  // Put blocks in place one by one; what is not among the whole of them goes.
  #put(blocks, part, { whole = true } = {}) {
    const fresh = this.#changed(blocks);
    const box = document.getElementById(`results-${part}`);
    const focus = this.#focused();
    let place = box.firstElementChild;
    for (const id of Object.keys(blocks)) {
      const block = document.getElementById(id);
      if (!fresh.has(id)) {
        place = block.nextElementSibling;
        continue;
      }
      if (block === place && block) place = block.nextElementSibling;
      block?.remove();
      box.insertBefore(fresh.get(id), place);
    }
    while (place && whole) {
      const next = place.nextElementSibling;
      this.html.delete(place.id);
      place.remove();
      place = next;
    }
    focus?.();
  }

  // New elements of the blocks that differ. Whatever of the old ones has to be measured is measured here, before anything on
  // the page changes: in between the browser would lay the page out anew for each of them.
  #changed(blocks) {
    const fresh = new Map();
    const back = [];
    for (const [id, html] of Object.entries(blocks)) {
      const block = document.getElementById(id);
      if (block && this.html.get(id) === html) continue;
      fresh.set(id, made(html));
      if (block) back.push(...takeOver(block, fresh.get(id)));
      this.html.set(id, html);
    }
    if (back.length) {
      requestAnimationFrame(() => back.forEach(([box, left, top]) => box.scrollTo({ left, top, behavior: "instant" })));
    }
    return fresh;
  }

  rested() {
    this.area.setAttribute("aria-busy", "false");
  }

  // Read aloud when a lever rests, not at every step on its way.
  say(reply) {
    if (!reply.quiet) this.aloud.textContent = reply.sentence;
    this.area.setAttribute("data-run", reply.run);
  }

  opening(share) {
    this.since ||= performance.now();
    if (performance.now() - this.since < PROGRESS && this.bar.hidden) return;
    this.bar.hidden = false;
    const bar = this.bar.querySelector("progress");
    if (bar) bar.value = share;
  }

  opened() {
    this.since = 0;
    this.bar.hidden = true;
  }

  failed(detail, again) {
    this.#settle();
    this.rested();
    this.opened();
    const { wordsGone, wordsAgain } = this.form.dataset;
    const notice = document.createElement("div");
    const text = document.createElement("p");
    notice.className = "notice notice--warning";
    text.textContent = detail ?? wordsGone;
    notice.append(text);
    if (!detail) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "link-button", textContent: wordsAgain });
      button.addEventListener("click", () => {
        this.faults.replaceChildren();
        again();
      });
      notice.append(button);
    }
    this.faults.replaceChildren(notice);
  }

  #settle() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.area.removeAttribute("data-waiting");
  }

  // Who stands on a link or a fold of a block stands on the same one of the block that takes its place.
  #focused() {
    const at = document.activeElement;
    const block = at?.closest("#results-now > [id], #results-later > [id]");
    if (!block || at === block) return null;
    const place = reachable(block).indexOf(at);
    return () => {
      if (document.contains(at)) return;
      const now = document.getElementById(block.id);
      const there = now && (reachable(now)[place] ?? reachable(now)[0]);
      there?.focus({ preventScroll: true });
    };
  }
}

// When what is on the page now has been painted.
export function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(resolve, FRAME);
    requestAnimationFrame(() => {
      clearTimeout(late);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
  });
}

function made(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content.firstElementChild;
}

function reachable(block) {
  return [...block.querySelectorAll("a[href], button, summary, input, select, [tabindex]")];
}

// Folds stay as they were, and boxes stay scrolled to where they were: those that were scrolled are returned with where to.
function takeOver(before, after) {
  const folds = [...after.querySelectorAll("details")];
  [...before.querySelectorAll("details")].forEach((fold, place) => {
    if (folds[place]) folds[place].open = fold.open;
  });
  const boxes = [...after.querySelectorAll(".framsyn-scroll, .scroll")];
  return [...before.querySelectorAll(".framsyn-scroll, .scroll")]
    .map((box, place) => [boxes[place], box.scrollLeft, box.scrollTop])
    .filter(([box, left, top]) => box && (left || top));
}
