// While the postman is at it, the numbers follow; without script the page is simply loaded again.
const place = document.querySelector("#progress[data-address]");

async function look() {
  const answer = await fetch(`${place.dataset.address}?unattended`, { credentials: "same-origin" });
  if (answer.redirected) { clearInterval(clock); location.reload(); }
  if (!answer.ok || answer.redirected) return;
  const before = place.textContent;
  place.innerHTML = await answer.text();
  if (before !== place.textContent && !place.querySelector("progress[value='100']")) return;
  if (place.querySelector("progress[value='100']")) { clearInterval(clock); location.reload(); }
}

const clock = place ? setInterval(look, 3000) : 0;
