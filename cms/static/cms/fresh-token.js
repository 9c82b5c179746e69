// Signing in renews the token that forms bear: a page that was open before takes the new one, so that what was typed on
// it can be sent after its reader signed in again in another tab.

function refresh() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
}

addEventListener("focus", refresh);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("submit", refresh, true);
