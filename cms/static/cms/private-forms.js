// A form that names a person (`data-private`) is sent by fetch: a page that answers a posted form would leave what was
// typed in the browser's session file. The answer takes the place of the page's content; a redirect is followed as usual.

const HEADER = "X-Private-Form";
const GO = "X-Go";

// A refused form comes back with what was typed, but never with the chosen file: that is carried over.
function keepFiles(before, main) {
  for (const chosen of before.querySelectorAll("input[type=file]")) {
    const empty = chosen.files.length && main.querySelector(`input[type=file][name="${chosen.name}"]`);
    if (empty) empty.replaceWith(chosen);
  }
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  const before = document.querySelector("main");
  before.replaceWith(main);
  keepFiles(before, main);
  document.title = page.title;
  document.body.dataset.shown = String(Number(document.body.dataset.shown || 0) + 1);
  window.scrollTo(0, 0);
  (main.querySelector("[role=alert], [aria-invalid=true], [autofocus]") || main).focus?.();
  return true;
}

function tell(form, words) {
  const told = form.querySelector(".message.error[role=alert]") || document.createElement("div");
  told.className = "message error";
  told.setAttribute("role", "alert");
  told.textContent = words;
  form.prepend(told);
  told.scrollIntoView({ block: "center" });
}

async function send(form, button) {
  const address = form.getAttribute("action") || location.href; // a button named "action" hides form.action
  const answer = await fetch(address, { method: "POST", body: new FormData(form, button), headers: { [HEADER]: "1" } });
  if (answer.status === 401) { tell(form, (await answer.json()).error); return; } // what was typed stays where it is
  const next = answer.headers.get(GO);
  if (next) {
    unsaved = false;
    location.assign(next);
  } else if (!show(await answer.text())) location.reload();
}

// What was typed into a guarded form and not saved is not left without a question: it is kept nowhere on the device.
let unsaved = false;
document.addEventListener("input", (event) => { if (event.target.closest("[data-guard]")) unsaved = true; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-private]")) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await send(form, event.submitter);
  } catch {
    tell(form, document.body.dataset.offline); // what was typed stays where it is
  } finally {
    form.ariaBusy = "false";
  }
});
