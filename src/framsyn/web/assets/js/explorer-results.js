// The answers on the page: blocks that are changed one by one, without taking the reader's place or focus.
const WAITING = 100; // milliseconds until it shows that an answer is awaited
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
    this.since = 0;
  }

  // What the page came with is an answer already.
  keep() {
    for (const block of this.area.querySelectorAll("#results-now > [id], #results-later > [id]")) this.html.set(block.id, null);
  }

  changing() {
    this.waiting ||= setTimeout(() => this.area.setAttribute("data-waiting", ""), WAITING);
    this.area.setAttribute("aria-busy", "true");
    document.getElementById("results-later").setAttribute("data-before", "");
  }

  show(reply, part) {
    const fresh = this.#changed(reply.blocks);
    this.#settle();
    const box = document.getElementById(`results-${part}`);
    box.removeAttribute("data-before");
    const focus = this.#focused();
    let place = box.firstElementChild;
    for (const id of Object.keys(reply.blocks)) {
      const block = document.getElementById(id);
      if (!fresh.has(id)) {
        place = block.nextElementSibling;
        continue;
      }
      if (block === place && block) place = block.nextElementSibling;
      block?.remove();
      box.insertBefore(fresh.get(id), place);
    }
    while (place) {
      const next = place.nextElementSibling;
      this.html.delete(place.id);
      place.remove();
      place = next;
    }
    focus?.();
    if (part !== "now") return;
    this.finding.textContent = reply.sentence;
    this.finding.hidden = !reply.sentence;
    this.run.textContent = reply.run;
    this.faults.replaceChildren();
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
