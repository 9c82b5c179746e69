// A form that names a person (`data-private`) is sent by fetch: a page that answers a posted form would leave what was
// typed in the browser's session file. The answer takes the place of the page's content; a redirect is followed as usual.

const HEADER = "X-Private-Form";
const GO = "X-Go";

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  document.body.dataset.shown = String(Number(document.body.dataset.shown || 0) + 1);
  window.scrollTo(0, 0);
  (main.querySelector("[role=alert], [aria-invalid=true], [autofocus]") || main).focus?.();
  return true;
}

async function send(form, button) {
  const address = form.getAttribute("action") || location.href; // a button named "action" hides form.action
  const answer = await fetch(address, { method: "POST", body: new FormData(form, button), headers: { [HEADER]: "1" } });
  const next = answer.headers.get(GO);
  if (next) location.assign(next);
  else if (!show(await answer.text())) location.reload();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-private]")) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await send(form, event.submitter);
  } catch {
    HTMLFormElement.prototype.submit.call(form); // no signal: the browser says so in its own way and keeps the page
  } finally {
    form.ariaBusy = "false";
  }
});
