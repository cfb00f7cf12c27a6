/* The ballot of a secret vote: answers stay on this device, the token is made here, and each step can be taken
   again after a broken connection. What is kept is what the next step needs, and no answer once it is sent. */
import { finish, newToken, receipt, tokenId } from "./ballot-box.js";

const NO_OPINION = 254;
const form = document.getElementById("ballot");
const review = document.getElementById("review");
const done = document.getElementById("done");
const told = document.getElementById("told");

/* The address of this voter's page, so that two voters of one household do not meet. */
const place = `assemblee-vote ${form?.dataset.mark}`;

function read() {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
}

function keep(state) {
  localStorage.setItem(place, JSON.stringify(state));
}

function tell(text) {
  told.replaceChildren();
  if (!text) return;
  const note = document.createElement("div");
  note.className = "note late";
  note.append(Object.assign(document.createElement("p"), { textContent: text }));
  told.append(note);
}

function show(section) {
  for (const one of [form, review, done]) one.hidden = one !== section;
  if (section !== form) section.focus();
}

function answers() {
  const columns = Number(form.dataset.columns);
  return Array.from({ length: columns }, (_, column) => {
    const chosen = form.querySelector(`input[name="answer_${column}"]:checked`);
    return chosen ? Number(chosen.value) : NO_OPINION;
  });
}

function question(column) {
  return document.getElementById(`answer_${column}`);
}

function legend(column) {
  const box = question(column);
  const proposal = box.closest(".proposal")?.querySelector("h3")?.textContent;
  const asked = box.querySelector("legend").textContent.trim();
  return proposal ? `${proposal} — ${asked}` : asked;
}

function word(column, value) {
  const chosen = question(column).querySelector(`input[value="${value}"]`);
  const label = chosen && form.querySelector(`label[for="${chosen.id}"]`);
  return label ? label.textContent.trim() : form.dataset.none;
}

/* Marks what is missing as the server would, and returns the first of it. */
function missing(ballot) {
  let first = null;
  ballot.forEach((value, column) => {
    const box = question(column);
    box.querySelector(".problem")?.remove();
    box.classList.remove("wrong");
    box.removeAttribute("aria-describedby");
    if (!form.dataset.complete || value !== NO_OPINION || !box.querySelector(".scale")) return;
    const problem = Object.assign(document.createElement("p"), {
      className: "problem",
      id: `answer_${column}-problem`,
      textContent: form.dataset.missing,
    });
    box.querySelector("legend").after(problem);
    box.classList.add("wrong");
    box.setAttribute("aria-describedby", problem.id);
    first ??= box;
  });
  return first;
}

function look(ballot) {
  const list = document.getElementById("review-list");
  list.replaceChildren();
  const isBlank = ballot.every((value) => value === NO_OPINION);
  const rows = isBlank
    ? [[form.dataset.blank, ""]]
    : [...form.querySelectorAll("fieldset.question")].map((box) => {
        const column = Number(box.id.slice("answer_".length));
        return [legend(column), word(column, ballot[column])];
      });
  for (const [term, text] of rows) {
    const row = document.createElement("div");
    row.append(
      Object.assign(document.createElement("dt"), { textContent: term }),
      Object.assign(document.createElement("dd"), { textContent: text }),
    );
    list.append(row);
  }
  show(review);
}

/* Sends a document, and returns the answer; a refusal is an error that carries the server's own words. */
async function send(address, content, credentials, headers = {}) {
  const response = await fetch(address, {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    credentials,
    referrerPolicy: "no-referrer",
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail ?? ""), { code: answer.code ?? "refused" });
  return answer;
}

async function vote(ballot) {
  const key = { n: form.dataset.key, e: Number(form.dataset.exponent) };
  const state = read();
  /* Kept before it is sent: the same request may then be made again. */
  state.secret ??= await newToken(key);
  keep(state);
  if (!state.token) {
    const token = { "X-CSRFToken": form.elements.csrf_token.value };
    const answer = await send(form.dataset.mark, { blinded: state.secret.blinded }, "same-origin", token);
    state.token = await finish(key, state.secret, answer.signature);
    keep(state);
  }
  const bytes = ballot.map((value) => value.toString(16).padStart(2, "0")).join("");
  /* No cookie goes with the ballot: nothing in this request says whose it is. */
  const answer = await send(form.dataset.box, { ...state.token, ballot: bytes }, "omit");
  const own = await receipt(Number(form.dataset.consultation), await tokenId(state.token.prepared), ballot);
  if (own !== answer.receipt) throw Object.assign(new Error(""), { code: "receipt-differs" });
  delete state.answers;
  keep({ ...state, receipt: own, note: answer.note });
}

function finished(state) {
  document.getElementById("receipt").textContent = state.receipt;
  document.getElementById("note").textContent = state.note;
  show(done);
}

function explain(error) {
  if (error.code === "voter-already-marked") return form.dataset.elsewhere;
  return error.message && error.code ? error.message : form.dataset.broken;
}

function prepare() {
  const state = read();
  (state.answers ?? []).forEach((value, column) => {
    const chosen = form.querySelector(`input[name="answer_${column}"][value="${value}"]`);
    if (chosen) chosen.checked = true;
  });
  if (form.dataset.marked && !state.secret) tell(form.dataset.elsewhere);
  form.addEventListener("change", () => {
    keep({ ...read(), answers: answers() });
    document.getElementById("saved").textContent = form.dataset.saved;
  });
  let ballot = [];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell("");
    ballot = answers();
    if (event.submitter?.name === "blank") ballot = ballot.map(() => NO_OPINION);
    else {
      const first = missing(ballot);
      if (first) return first.querySelector("input").focus();
    }
    look(ballot);
  });
  document.getElementById("back").addEventListener("click", () => {
    show(form);
    form.querySelector("input[type=radio]").focus();
  });
  document.getElementById("again").addEventListener("click", () => {
    show(form);
    form.querySelector("input[type=radio]").focus();
  });
  const button = document.getElementById("send");
  button.addEventListener("click", async () => {
    button.disabled = true;
    tell("");
    told.textContent = form.dataset.sending;
    try {
      await vote(ballot);
      tell("");
      form.reset();
      finished(read());
    } catch (error) {
      tell(explain(error));
    }
    button.disabled = false;
  });
  if (state.receipt) finished(state);
  else show(form);
}

/* Without a secure address a browser has no such arithmetic: the voting code stays on offer. */
if (form && window.isSecureContext) {
  document.getElementById("by-code").hidden = true;
  prepare();
}
