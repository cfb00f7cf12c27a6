/* Two comforts, and nothing that a page needs: a waiting page that refreshes itself, and quotas that recount as they are typed. */
"use strict";

const INTERVAL = 2000;

async function fetchPage(address, more = {}) {
  const response = await fetch(address, { headers: { Accept: "text/html", ...more }, credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/* It says that nobody asked: a page that refreshes itself keeps no session of staff open.
   The element stays and its children change, so that a live region is announced. */
function refresh(region) {
  const again = () => setTimeout(tick, INTERVAL);
  async function tick() {
    if (document.hidden) return again();
    try {
      const page = await fetchPage(region.dataset.refresh || location.href, { "X-Refresh": "1" });
      const next = page.querySelector("[data-refresh]");
      if (next === null) return location.reload();
      region.replaceChildren(...next.childNodes);
    } catch {
      /* The network may come back: the next tick asks again. */
    }
    again();
  }
  region.setAttribute("aria-live", "polite");
  again();
}

function recount(form) {
  let timer = 0;
  let latest = 0;
  async function ask() {
    const asked = ++latest;
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrf_token") fields.append(name, value);
    }
    try {
      const page = await fetchPage(`${form.dataset.live}?${fields}`);
      const next = page.getElementById("live") || page.body;
      /* An earlier answer that arrives later must not undo a newer one. */
      if (asked === latest) document.getElementById("live").replaceChildren(...next.childNodes);
    } catch {
      /* The form still works without the recount. */
    }
  }
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

if (!navigator.connection?.saveData) {
  document.querySelectorAll("[data-refresh]").forEach(refresh);
  if (document.getElementById("live")) document.querySelectorAll("form[data-live]").forEach(recount);
}
