// Suggestions below the search box. What is typed is posted, never part of an address; a later key ends the earlier asking.

import { combobox } from "../estates/combobox.js";

let running;

function suggest(box) {
  const form = box.form;
  async function find(text) {
    running?.abort();
    running = new AbortController();
    const body = new FormData();
    body.set("q", text);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(box.dataset.suggest, { method: "POST", body, signal: running.signal });
      return answer.ok ? (await answer.json()).options : [];
    } catch {
      return []; // ended by a later key, or no connection: the search itself works without
    }
  }
  combobox(box, find, (option) => location.assign(option.address));
}

const begin = (target) => {
  if (target.matches?.("[data-suggest]:not([role])")) suggest(target);
};
document.addEventListener("focusin", (event) => begin(event.target));
if (document.activeElement) begin(document.activeElement);
