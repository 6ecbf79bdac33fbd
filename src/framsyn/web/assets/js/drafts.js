// Long forms are kept as a draft while they are written: two seconds after the last keystroke, for their writer alone.
const PAUSE = 2000;
const AGAIN = 60000; // when the server asks to wait

export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) keepDraft(form);
}

// What is written, without what must never be stored: passwords and tokens.
function written(form) {
  const data = new FormData(form);
  for (const field of form.elements) {
    if (field.type === "password" || field.type === "file") data.delete(field.name);
    if (field.type === "hidden" && field.name !== "seen" && field.name !== "csrfmiddlewaretoken") data.delete(field.name);
  }
  return data;
}

// The same words again are nothing new.
const said = (data) => JSON.stringify([...data].filter(([name]) => name !== "csrfmiddlewaretoken"));

function keepDraft(form) {
  const says = form.querySelector("[data-draft-says]");
  let kept = said(written(form));
  let waiting = 0;
  let leaving = false;

  async function keep() {
    const data = written(form);
    const words = said(data);
    if (words === kept) return;
    data.set("draft-form", form.dataset.draft);
    try {
      const answer = await fetch(form.dataset.draftAddress, { method: "POST", body: data, credentials: "same-origin" });
      if (answer.status === 429) {
        waiting = setTimeout(keep, AGAIN);
        return;
      }
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.message);
      kept = words;
      says.textContent = `${form.dataset.draftSaved} ${told.saved}`;
    } catch {
      says.textContent = form.dataset.draftFailed;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && said(written(form)) !== kept) event.preventDefault();
  });
  // Back to a page that was left by its own button: the browser may show it as it was.
  window.addEventListener("pageshow", () => (leaving = false));
}
