// What every workbench page does: search by `/`, move by `j` `k`, sign out without leaving drafts behind.

import "./fresh-token.js";
import "./private-forms.js";
import { countDrafts, eraseAll, eraseOld } from "./draft-store.js";

const user = document.body.dataset.user;
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

function moveTo(step) {
  const cards = [...document.querySelectorAll(".case-card h2 a")];
  if (!cards.length) return;
  const at = cards.indexOf(document.activeElement);
  cards[Math.min(Math.max(at + step, 0), cards.length - 1)].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const box = document.querySelector("#q");
  if (event.key === "/" && box) { event.preventDefault(); box.focus(); box.select(); }
  if (event.key === "j") moveTo(1);
  if (event.key === "k") moveTo(-1);
});

document.querySelectorAll("[data-autosubmit]").forEach((select) =>
  select.addEventListener("change", () => select.form.submit()));

const facets = document.querySelector("#facets");
if (facets && matchMedia("(min-width: 900px)").matches) facets.open = true;

document.querySelectorAll("[data-fragment]").forEach(async (place) => {
  const answer = await fetch(place.dataset.fragment);
  if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
});

const signOut = document.querySelector("#sign-out");
signOut?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    if ((await countDrafts(user)) && !confirm(signOut.dataset.unsent)) return;
    await eraseAll(user);
  } catch { /* a browser that keeps nothing has nothing to forget */ }
  const names = "caches" in window ? await caches.keys() : [];
  await Promise.all(names.map((name) => caches.delete(name)));
  signOut.submit();
});

if (user) eraseOld(user).catch(() => {});
if (user && "serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");
