// A text field with suggestions (the ARIA combobox pattern). `find(text)` gives [{value, label, detail}].

let count = 0;

export function combobox(input, find, choose) {
  const list = document.createElement("ul");
  list.id = `options-${(count += 1)}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  input.after(list);
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false", autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));
  let options = [];
  let at = -1;

  function mark(next) {
    at = next;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function take(i) {
    input.value = options[i].label;
    choose(options[i]);
    close();
  }

  async function show() {
    const asked = input.value;
    const found = await find(asked);
    if (asked !== input.value || document.activeElement !== input) return;
    options = found;
    list.replaceChildren(...options.map((option, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.setAttribute("role", "option");
      const detail = document.createElement("span");
      detail.className = "soft small";
      detail.textContent = option.detail || "";
      item.append(option.label, detail);
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(i); });
      return item;
    }));
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  }

  let timer;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 150); });
  input.addEventListener("focus", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(Math.min(at + 1, options.length - 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(Math.max(at - 1, 0)); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); take(at); }
    if (event.key === "Escape") { event.preventDefault(); close(); } // a search box would lose its text
  });
}
