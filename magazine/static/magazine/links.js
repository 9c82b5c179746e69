// While the worker asks for the links, the page follows; without script it is simply loaded again.
const place = document.querySelector("#links[data-address]");

async function look() {
  const answer = await fetch(`${place.dataset.address}?unattended`, { credentials: "same-origin" });
  if (answer.redirected) { location.reload(); return; }
  if (answer.ok) place.innerHTML = await answer.text();
  if (place.querySelector("progress")) setTimeout(look, 2000);
}

if (place?.querySelector("progress")) setTimeout(look, 2000);
