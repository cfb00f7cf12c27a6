/* Security keys (WebAuthn): asks the browser for what a form needs, puts it into the form, and sends it. */
"use strict";

async function options(form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const response = await fetch(form.dataset.options, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

async function ask(form) {
  const asked = await options(form);
  if (form.dataset.key === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

function prepare(form) {
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify((await ask(form)).toJSON());
      form.submit();
    } catch {
      /* The person gave up, or the key did not answer: the button is there for another try. */
      failed.hidden = false;
    }
  });
  form.hidden = false;
}

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  document.querySelectorAll("form[data-key]").forEach(prepare);
  document.querySelectorAll("[data-without-key]").forEach((note) => { note.hidden = true; });
}
