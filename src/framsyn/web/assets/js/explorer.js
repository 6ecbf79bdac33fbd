// The explorer: a moved lever is answered while the hand is on it. Without this script the page is one form.
import { Asker } from "./explorer-asking.js";
import { Levers } from "./explorer-levers.js";
import { Choices } from "./explorer-choices.js";
import { Results } from "./explorer-results.js";
import { Steps } from "./explorer-steps.js";
import { openDrawer } from "./explorer-drawer.js";

export function explore() {
  const form = document.getElementById("explorer");
  if (!form) return;

  const results = new Results(form);
  const levers = new Levers(form, { moving, rested });
  const choices = new Choices(form, { moving, rested });
  const asker = new Asker(form, results);
  const steps = new Steps(query(), show);
  openDrawer();

  // What an address would say: the same words in the same order as the server writes them.
  function query() {
    return new URLSearchParams([...choices.said(), ...levers.said()]).toString();
  }

  // Something is being moved: the newest state is asked for as soon as the one before has come.
  function moving({ slow = false } = {}) {
    const said = query();
    steps.moving(said);
    results.changing();
    if (!slow) asker.move(said);
  }

  // It rests: this is what the address, the way back and the sentence that is read aloud are about.
  function rested({ panel = false } = {}) {
    const said = query();
    steps.rest(said);
    linked(said);
    results.changing();
    asker.rest(said, { panel, tell: (reply) => told(reply) });
  }

  function told(reply) {
    if (reply.levers) levers.become(reply.levers);
    results.say(reply);
  }

  // Another state as a whole: one step back or forward, or everything returned.
  function show(address) {
    choices.read(address);
    levers.read(address);
    const said = query();
    linked(said);
    results.changing();
    asker.rest(said, { panel: true, tell: (reply) => told(reply) });
    return said;
  }

  function linked(said) {
    for (const link of document.querySelectorAll("[data-with-state]")) {
      link.search = said;
    }
    for (const link of document.querySelectorAll("[data-with-scenario]")) {
      link.search = new URLSearchParams({ scenario: choices.scenario }).toString();
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    levers.take();
    rested({ panel: true });
  });
  const reset = document.querySelector("[data-reset]");
  reset?.addEventListener("click", (event) => {
    event.preventDefault();
    levers.reset();
    rested();
    document.getElementById("levers-title").focus();
  });

  form.setAttribute("data-live", "");
  const again = () => asker.rest(query(), { tell: (reply) => told(reply), quiet: true });
  if (form.hasAttribute("data-answered") && form.dataset.width === asker.width()) {
    results.keep();
    asker.drawn = form.dataset.width;
    if (!form.hasAttribute("data-whole")) asker.follow(query());
  } else {
    again();
  }
  matchMedia(asker.narrow).addEventListener("change", () => asker.drawn !== asker.width() && again());
}
