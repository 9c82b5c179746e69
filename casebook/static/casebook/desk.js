// The answering desk: an item is fetched and saved without leaving the page; what is typed survives a lost connection.

const desk = document.querySelector(".desk");
const pane = document.querySelector("#item");
const said = document.querySelector(".desk-said");
const sheets = JSON.parse(document.querySelector("#sheets").textContent);
const FRAGMENT = { "X-Fragment": "1" };
const SVG = "http://www.w3.org/2000/svg";
let lastNumber = "";
let early = null; // a verdict's key, pressed while the item before was still being saved

const form = () => pane.querySelector(".answer-form");
const current = () => pane.querySelector("[data-id]")?.dataset.id;
const row = (id) => desk.querySelector(`[data-item="${id}"]`);
const kept = (id) => `answer-${desk.dataset.base}${id}`;

// ── showing an item ──────────────────────────────────────────────────────────

function put(html) {
  pane.innerHTML = html;
  shown();
}

function shown() {
  const id = current();
  desk.querySelectorAll("[data-item]").forEach((one) => one.toggleAttribute("aria-current", one.dataset.item === id));
  row(id)?.setAttribute("aria-current", "true");
  row(id)?.scrollIntoView({ block: "nearest" });
  pane.querySelectorAll("svg[data-picture]").forEach((svg) => draw(svg, svg.dataset.picture, svg.dataset.x, svg.dataset.y));
  restore(id);
  picture();
}

async function open(id, { remember = true } = {}) {
  try {
    const answer = await fetch(`${desk.dataset.base}items/${id}/`, { headers: FRAGMENT });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    put(await answer.text());
    if (remember) history.pushState({ id }, "", `${desk.dataset.base}answer/?item=${id}`);
    pane.focus({ preventScroll: innerWidth > 899 });
  } catch {
    location.href = `${desk.dataset.base}answer/?item=${id}`;
  }
}

function step(by) {
  const ids = [...desk.querySelectorAll("[data-item]")].map((one) => one.dataset.item);
  const next = ids[ids.indexOf(current()) + by];
  if (next) open(next);
}

// ── what is typed stays in this browser until it is saved ────────────────────

function keep() {
  const values = Object.fromEntries([...new FormData(form())].filter(([name, value]) =>
    typeof value === "string" && !["csrfmiddlewaretoken", "seen"].includes(name)));
  sessionStorage.setItem(kept(current()), JSON.stringify(values));
}

function restore(id) {
  const values = JSON.parse(sessionStorage.getItem(kept(id)) ?? "null");
  if (!values || !form()) return;
  for (const [name, value] of Object.entries(values)) {
    const field = form().elements[name];
    if (field) field.value = value;
  }
}

// ── saving ───────────────────────────────────────────────────────────────────

async function send(sent, button) {
  const body = new FormData(sent);
  if (button?.name) body.append(button.name, button.value);
  const id = current();
  pane.setAttribute("aria-busy", "true");
  pane.inert = true;
  try {
    const answer = await fetch(sent.action, { method: "POST", body, headers: FRAGMENT });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return saved(id, await answer.json());
    if (answer.status === 401) return say((await answer.json()).error, "error");
    if (answer.status !== 409 && answer.status !== 422) throw new Error(answer.status);
    put(await answer.text());
    pane.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
  } catch {
    say(desk.dataset.failed, "error");
  } finally {
    pane.removeAttribute("aria-busy");
    pane.inert = false;
    pane.focus({ preventScroll: innerWidth > 899 });
    if (early && verdict(early)) choose(verdict(early));
    early = null;
  }
}

function saved(id, told) {
  sessionStorage.removeItem(kept(id));
  lastNumber = form()?.elements.drawing_number?.value || lastNumber;
  const chip = row(id)?.querySelector(".state");
  if (chip) { chip.textContent = told.label; chip.className = `chip state ${told.state}`; }
  const seen = row(id)?.querySelector("[type=hidden]");
  if (seen && form()) seen.value = Number(seen.value) + 1;
  for (const [code, done, total] of told.progress) {
    const place = desk.querySelector(`[data-progress="${code}"]`);
    if (place) { place.querySelector("b").textContent = `${done} / ${total}`; place.querySelector("progress").value = done; }
  }
  say(told.said, "success");
  put(told.next);
  history.pushState({ id: current() }, "", `${desk.dataset.base}answer/?item=${current()}`);
}

function say(words, kind) {
  said.textContent = words;
  said.className = `desk-said message ${kind}`;
}

// ── the drawing's page, and a pin on it ──────────────────────────────────────

function sheet() {
  const { drawing_number: number, drawing_revision: revision } = form().elements;
  const same = (a, b) => a.trim().toLowerCase() === b.trim().toLowerCase();
  return sheets.filter(([n, r]) => same(n, number.value) && (!revision.value || same(r, revision.value))).at(-1);
}

function picture() {
  const place = pane.querySelector("[data-pinning]");
  if (!place) return;
  const found = number_typed() && sheet();
  const page = Math.max(Number(form().elements.page.value) || 1, 1);
  place.hidden = !found || page > found[3];
  if (place.hidden) return;
  const { pin_x: x, pin_y: y } = form().elements;
  draw(place.querySelector("svg"), `${desk.dataset.base}drawings/${found[2]}/pages/${page}/`, x.value, y.value);
}

const number_typed = () => form()?.elements.drawing_number.value.trim();

function draw(svg, address, x, y) {
  if (svg.dataset.shown !== address) {
    svg.dataset.shown = address;
    const image = document.createElementNS(SVG, "image");
    image.setAttribute("href", address);
    image.setAttribute("width", "1000");
    svg.replaceChildren(image);
    const probe = new Image();
    probe.onload = () => {
      const high = Math.round(1000 * probe.naturalHeight / probe.naturalWidth);
      svg.setAttribute("viewBox", `0 0 1000 ${high}`);
      image.setAttribute("height", high);
      pin(svg, x, y);
    };
    probe.src = address;
  } else pin(svg, x, y);
}

function pin(svg, x, y) {
  svg.querySelector("circle")?.remove();
  if (x === "" || x === undefined || y === "") return;
  const circle = document.createElementNS(SVG, "circle");
  const { width, height } = svg.viewBox.baseVal;
  circle.setAttribute("cx", x * width);
  circle.setAttribute("cy", y * height);
  circle.setAttribute("r", "14");
  svg.append(circle);
}

function place(svg, x, y) {
  const { pin_x, pin_y, page } = form().elements;
  const share = (value) => Math.min(Math.max(value, 0), 1).toFixed(4);
  pin_x.value = share(x); pin_y.value = share(y);
  if (!page.value) page.value = 1;
  pin(svg, pin_x.value, pin_y.value);
  keep();
}

// ── events ───────────────────────────────────────────────────────────────────

const typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form()) { event.preventDefault(); form().requestSubmit(); return; }
  const svg = event.target.closest?.("[data-pinning] svg");
  const step_of = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (svg && step_of) {
    event.preventDefault();
    const { pin_x, pin_y } = form().elements;
    place(svg, Number(pin_x.value || 0.5) + step_of[0] / 100, Number(pin_y.value || 0.5) + step_of[1] / 100);
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target)) return;
  if (event.key === "j") step(1);
  if (event.key === "k") step(-1);
  if (pane.inert) { early = /^[123]$/.test(event.key) ? event.key : early; return; }
  const choice = verdict(event.key);
  if (choice) { event.preventDefault(); choose(choice); }
  if (event.key === "Enter" && event.target.matches("[name=verdict]")) { event.preventDefault(); form().requestSubmit(); }
});

const verdict = (key) => form()?.querySelectorAll("[name=verdict]")[Number(key) - 1];

function choose(choice) {
  choice.checked = true;
  const { drawing_number: number, note } = form().elements;
  const wanted = choice.value === "avoided" ? number : note;
  if (wanted === number && !number.value) number.value = lastNumber;
  wanted.focus();
  wanted.select();
  keep();
  picture();
}

pane.addEventListener("input", () => form() && keep());
pane.addEventListener("change", (event) => {
  if (event.target.name === "verdict") choose(event.target);
  if (["drawing_number", "drawing_revision", "page"].includes(event.target.name)) picture();
});
pane.addEventListener("click", (event) => {
  const svg = event.target.closest("[data-pinning] svg");
  if (!svg) return;
  const box = svg.getBoundingClientRect();
  place(svg, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
});
pane.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});
desk.querySelector(".desk-items")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open(link.closest("[data-item]").dataset.item);
});
addEventListener("popstate", (event) => event.state?.id ? open(event.state.id, { remember: false }) : location.reload());

document.querySelector("#upload")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const status = event.target.querySelector("[role=status]");
  const request = new XMLHttpRequest();
  request.open("POST", event.target.action);
  request.setRequestHeader("X-Fragment", "1");
  request.upload.onprogress = ({ loaded, total }) => { status.textContent = `${desk.dataset.uploading} ${Math.round(100 * loaded / total)} %`; };
  request.onerror = () => { status.textContent = desk.dataset.failed; };
  request.onload = () => {
    if (request.status === 200) { location.reload(); return; }
    try { status.textContent = JSON.parse(request.responseText).said; } catch { status.textContent = desk.dataset.failed; }
    status.className = "small message error";
  };
  request.send(new FormData(event.target));
});

if (current()) { history.replaceState({ id: current() }, ""); shown(); }
