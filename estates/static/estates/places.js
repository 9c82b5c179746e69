// Estate and unit by type-ahead. Estates are in the page (they work without a signal); units are asked for.

import { combobox } from "./combobox.js";

function estateBox(select, words) {
  const options = [...select.options].filter((o) => o.value)
    .map((o) => ({ value: o.value, label: o.textContent, detail: o.dataset.code || "", keys: o.dataset.keys || "" }));
  const input = document.createElement("input");
  input.type = "text";
  input.id = "estate-text";
  input.placeholder = words.estate;
  const chosen = select.selectedOptions[0];
  input.value = chosen && chosen.value ? chosen.textContent : "";
  select.before(input);
  select.hidden = true;
  document.querySelector(`label[for="${select.id}"]`)?.setAttribute("for", input.id);
  const matches = (option, text) =>
    !text || option.label.includes(text) || option.keys.toLowerCase().split(" ").some((key) => key.startsWith(text.toLowerCase()));
  combobox(input, async (text) => options.filter((o) => matches(o, options.some((x) => x.label === text) ? "" : text.trim())), (option) => {
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    const found = options.filter((o) => matches(o, input.value.trim()));
    const value = input.value.trim() && found.length === 1 ? found[0].value : options.find((o) => o.label === input.value)?.value || "";
    if (value !== select.value) {
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (value) input.value = select.selectedOptions[0].textContent;
  });
  return { refresh: () => { const o = select.selectedOptions[0]; input.value = o && o.value ? o.textContent : ""; } };
}

function unitBox(input, select, address, note) {
  combobox(input, async (text) => {
    if (!select.value || !text.trim()) { note.textContent = ""; return []; }
    try {
      const answer = await (await fetch(`${address}?${new URLSearchParams({ estate: select.value, q: text })}`)).json();
      note.textContent = answer.note;
      return answer.options;
    } catch {
      note.textContent = "";
      return [];
    }
  }, () => input.dispatchEvent(new Event("input", { bubbles: true })));
}

export function places(form, words) {
  const select = form.querySelector("select[name=estate]");
  if (!select) return { ready: () => true, refresh: () => {} };
  const box = estateBox(select, words);
  const unit = form.querySelector("[name=unit_text]");
  unitBox(unit, select, form.dataset.units, document.querySelector("#unit-note"));
  return { ready: () => Boolean(select.value), refresh: box.refresh, select };
}
