// The form that files a case: nothing entered is lost, whatever happens to the signal or the tab.

import { eraseDraft, readDraft, writeDraft } from "../cms/draft-store.js";
import { PhotoQueue } from "./photo-queue.js";
import { places } from "../estates/places.js";

const form = document.querySelector("#case-form");
const words = JSON.parse(document.querySelector("#words").textContent);
const user = document.body.dataset.user;
const key = form.dataset.case || "new";
const sync = document.querySelector("#sync");
const problems = document.querySelector("#problems");
const KEPT = (name) => !["csrfmiddlewaretoken", "photo", "files", "loaded_revision", "action"].includes(name);
let touched = false;
let wanted = "";
let device = ""; // what became of the last writing to this device: "" (not yet), "kept" or "failed"

const place = places(form, words);
const queue = new PhotoQueue(form, form.querySelector(".photo-grid"), {
  user, key, words, placed: place.ready,
  changed: () => { touched = true; keep(); say(); },
});

function values() {
  return [...new FormData(form)].filter(([name, value]) => KEPT(name) && typeof value === "string");
}

// Only what was written is said to be kept.
const kept = (text) => (device === "failed" || queue.unkept ? words.unkept : text);

function say(text) {
  if (text) { sync.textContent = text; return; }
  if (wanted && !navigator.onLine) { sync.textContent = kept(words.later); return; }
  const left = queue.pending();
  if (left && !queue.unkept && device !== "failed") {
    sync.textContent = (place.ready() ? words.left : words.choosePlace).replace("{n}", left);
  } else sync.textContent = touched && device ? kept(navigator.onLine ? words.kept : words.keptOffline) : "";
}

async function store() {
  try {
    await writeDraft(user, key, { values: values(), wanted, revision: form.elements.loaded_revision?.value });
    device = "kept";
  } catch {
    device = "failed";
  }
}

let timer;
function keep() {
  clearTimeout(timer);
  timer = setTimeout(() => store().then(() => say()), 250);
}

function fill(kept) {
  kept.forEach(([name, value]) => {
    const field = form.elements[name];
    if (!field) return;
    if (field.type === "checkbox") field.checked = true;
    else field.value = value;
  });
  form.querySelectorAll("input[type=checkbox]").forEach((box) => {
    box.checked = kept.some(([name]) => name === box.name);
  });
  place.refresh();
}

async function restore() {
  let draft;
  try { draft = await readDraft(user, key); } catch { device = "failed"; }
  if (draft) {
    device = "kept";
    fill(draft.values);
    if (draft.revision && form.elements.loaded_revision) form.elements.loaded_revision.value = draft.revision;
    touched = true;
    wanted = draft.wanted || "";
    document.querySelector("#restored").hidden = false;
  }
  await queue.restore();
  say();
  await queue.send();
  if (wanted && navigator.onLine) send(wanted);
}

// Every refusal leads to what it is about: a press on it opens the part of the form and puts the cursor there.
const spot = (name) => document.getElementById(`field-${name}`) || form.elements[name]?.closest?.(".field") || null;

function lead(event) {
  const link = event.target.closest("a[href^='#']");
  const place = link && document.getElementById(link.hash.slice(1));
  if (!place) return;
  event.preventDefault();
  const folded = place.closest("details");
  if (folded) folded.open = true;
  place.scrollIntoView({ block: "center" });
  const first = place.matches("input, textarea, select, button")
    ? place : place.querySelector(".combo input:not([type=hidden]), textarea, select:not([hidden]), input:not([type=hidden]), button");
  first?.focus({ preventScroll: true });
}
document.querySelector("#main").addEventListener("click", lead);

function problem(message, target) {
  const item = document.createElement("li");
  const text = target ? document.createElement("a") : item;
  if (target) { text.href = `#${target}`; item.append(text); }
  text.textContent = message;
  return item;
}

function showList(items) {
  const list = document.createElement("ul");
  list.append(...items);
  problems.replaceChildren(list);
  problems.hidden = false;
  problems.scrollIntoView({ block: "center" });
  (list.querySelector("a") || problems).focus?.();
}

function showProblems(errors) {
  showList(Object.entries(errors).flatMap(([name, found]) => {
    const field = form.elements[name];
    if (field && field.setAttribute) field.setAttribute("aria-invalid", "true");
    return found.map(({ message }) => problem(message, spot(name)?.id));
  }));
}

function showUnusable() {
  showList(queue.refused().map((photo) => problem(
    words.unusable.replace("{photo}", photo.error.includes(photo.name) ? photo.error : `${photo.name}：${photo.error}`),
    `photo-${photo.id}`)));
}

let busy = false;
async function send(action) {
  if (busy) return;
  busy = true;
  wanted = action;
  touched = true;
  await store();
  form.querySelectorAll(".bar button").forEach((button) => { button.disabled = true; });
  try {
    await deliver(action);
  } finally {
    busy = false;
    form.querySelectorAll(".bar button").forEach((button) => { button.disabled = false; });
  }
}

async function deliver(action) {
  problems.hidden = true;
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  say(words.sending);
  await queue.send();
  if (queue.pending() && place.ready()) { say(navigator.onLine ? words.photosLeft : kept(words.later)); return; }
  if (action === "submit" && queue.refused().length) {
    wanted = "";
    keep();
    showUnusable();
    return;
  }
  const data = new FormData(form);
  data.delete("files");
  data.set("action", action);
  let response;
  try {
    response = await fetch(location.pathname, { method: "POST", body: data, headers: { Accept: "application/json" } });
  } catch {
    say(kept(words.later));
    return;
  }
  const signedOut = response.redirected || [401, 403].includes(response.status);
  if (signedOut) { say(kept(words.signedOut)); return; }
  if (response.ok) {
    clearTimeout(timer);
    const { address, slug } = await response.json();
    try {
      await eraseDraft(user, key);
      if (slug) await queue.hand(slug);
    } catch { /* what this device could not keep, it need not forget */ }
    location.assign(address);
    return;
  }
  wanted = "";
  keep();
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  showProblems(isJson ? (await response.json()).errors : { "": [{ message: kept(words.serverError) }] });
  say(kept(words.kept));
}

form.addEventListener("input", () => { touched = true; keep(); });
form.addEventListener("change", (event) => {
  if (event.target.name === "files") { const files = [...event.target.files]; event.target.value = ""; queue.add(files); return; }
  touched = true;
  keep();
  if (event.target.name === "estate") queue.send();
});
form.addEventListener("submit", (event) => { event.preventDefault(); send(event.submitter?.value || "draft"); });
document.querySelector("#forget").addEventListener("click", async () => { clearTimeout(timer); touched = false; await eraseDraft(user, key); location.reload(); });

const photos = document.querySelector("#photos");
["dragenter", "dragover"].forEach((name) => photos.addEventListener(name, (event) => { event.preventDefault(); photos.classList.add("dropping"); }));
["dragleave", "drop"].forEach((name) => photos.addEventListener(name, (event) => { event.preventDefault(); photos.classList.remove("dropping"); }));
photos.addEventListener("drop", (event) => queue.add([...event.dataTransfer.files]));
document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  if (files.length) { event.preventDefault(); queue.add(files); }
});

document.querySelectorAll("[data-remove-text]").forEach((button) => button.addEventListener("click", () => {
  const field = form.elements[button.dataset.field];
  if (field) { field.value = field.value.replaceAll(button.dataset.removeText, "***"); field.dispatchEvent(new Event("input", { bubbles: true })); }
  button.closest("li").remove();
}));

let typed;
form.elements.description.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(async () => {
    const data = new FormData();
    data.append("description", form.elements.description.value);
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(form.dataset.similar, { method: "POST", body: data });
      if (answer.ok && !answer.redirected) document.querySelector("#similar").innerHTML = await answer.text();
    } catch { /* without a signal there is nothing to compare with */ }
  }, 700);
});

function resume() {
  say();
  queue.send().then(() => { if (wanted && navigator.onLine) send(wanted); });
}
window.addEventListener("online", resume);
window.addEventListener("offline", () => say());
document.addEventListener("visibilitychange", () => { if (!document.hidden) resume(); });
window.addEventListener("pagehide", () => { if (touched) store(); });

restore();
