// Signing in renews the token that forms bear: a page that was open before takes the new one, so that what was typed on
// it can be sent after its reader signed in again in another tab.

let borne = "";

function refresh() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token || token === borne) return;
  borne = token;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
}

refresh();
["focusin", "pointerdown", "keydown", "input", "submit"].forEach((name) => document.addEventListener(name, refresh, true));
document.addEventListener("visibilitychange", refresh);
addEventListener("focus", refresh);
