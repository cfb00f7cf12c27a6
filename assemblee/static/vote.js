/* The ballot of a secret vote: answers stay on this device, the token is made here, and each step can be taken
   again after a broken connection. What is kept is what the next step needs, and no answer once it is sent. */
import { finish, newToken, receipt, tokenId } from "./ballot-box.js";

const NO_OPINION = 254;
const PATIENCE = 30_000;
const form = document.getElementById("ballot");
const review = document.getElementById("review");
const done = document.getElementById("done");
const byCode = document.getElementById("by-code");
const told = document.getElementById("told");
const sent = document.getElementById("sent");

/* The address of this voter's page, so that two voters of one household do not meet. */
const place = `assemblee-vote ${form?.dataset.mark}`;

/* What stopped the vote, in words for the voter. */
class Stopped extends Error {}

function read() {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {};
  }
}

/* Says whether the device kept it: it may be full, or forbidden to. Nothing of what another tab wrote is lost. */
function keep(changes) {
  try {
    localStorage.setItem(place, JSON.stringify({ ...read(), ...changes }));
    return true;
  } catch {
    return false;
  }
}

/* Erases the answers; the token stays, for whoever votes again. */
function forget() {
  const { secret, token } = read();
  localStorage.removeItem(place);
  keep({ secret, token });
}

function tell(region, text, kind = "late") {
  region.replaceChildren();
  if (!text) return;
  const note = document.createElement("div");
  note.className = `note ${kind}`;
  note.append(Object.assign(document.createElement("p"), { textContent: text }));
  region.append(note);
}

function show(section) {
  for (const one of [form, review, done]) one.hidden = one !== section;
}

function go(section) {
  show(section);
  section.querySelector("h2").focus();
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
  tell(sent, "");
  go(review);
}

/* Sends a document, and returns the answer; a refusal carries the server's own words. */
async function send(address, content, credentials, headers = {}) {
  const response = await fetch(address, {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    credentials,
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout?.(PATIENCE),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Stopped(answer.code === "voter-already-marked" ? form.dataset.elsewhere : answer.detail);
}

/* The token of this voter: made once, and kept before it is sent, so that the same request can be made again. */
async function ownToken(key) {
  const { secret = await newToken(key), token } = read();
  if (token) return token;
  if (!keep({ secret })) {
    byCode.hidden = false;
    throw new Stopped(form.dataset.unkept);
  }
  const forgery = { "X-CSRFToken": form.elements.csrf_token.value };
  const answer = await send(form.dataset.mark, { blinded: secret.blinded }, "same-origin", forgery);
  const made = await finish(key, secret, answer.signature);
  keep({ token: made });
  return made;
}

/* Returns what the voter keeps: the code of the receipt, and the signature under it. */
async function vote(ballot) {
  const token = await ownToken({ n: form.dataset.key, e: Number(form.dataset.exponent) });
  const bytes = ballot.map((value) => value.toString(16).padStart(2, "0")).join("");
  /* No cookie goes with the ballot: nothing in this request says whose it is. */
  const answer = await send(form.dataset.box, { ...token, ballot: bytes }, "omit");
  const own = await receipt(Number(form.dataset.consultation), await tokenId(token.prepared), ballot);
  if (own !== answer.receipt) throw new Stopped(form.dataset.wrong);
  forget();
  keep({ receipt: own, note: answer.note });
  return { receipt: own, note: answer.note };
}

function finished({ receipt: code, note }) {
  document.getElementById("receipt").textContent = code;
  document.getElementById("note").textContent = note;
}

/* A code that is not ours to explain is a broken proof; the rest is the network, where trying again helps. */
function explain(error) {
  if (error instanceof Stopped) return error.message || form.dataset.broken;
  return error.name === "BallotBoxError" ? form.dataset.wrong : form.dataset.broken;
}

function fill(chosen) {
  chosen.forEach((value, column) => {
    const one = form.querySelector(`input[name="answer_${column}"][value="${value}"]`);
    if (one) one.checked = true;
  });
}

function begin() {
  const state = read();
  fill(state.answers ?? []);
  if (state.receipt && !state.answers) {
    finished(state);
    return show(done);
  }
  if (form.dataset.marked && !state.secret) {
    tell(told, form.dataset.elsewhere);
    return show(null);
  }
  if (state.secret) tell(told, form.dataset.begun);
  show(form);
}

function prepare() {
  let ballot = [];
  const button = document.getElementById("send");
  form.addEventListener("change", () => {
    const isKept = keep({ answers: answers() });
    document.getElementById("saved").textContent = isKept ? form.dataset.saved : form.dataset.unsaved;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(told, "");
    ballot = answers();
    if (event.submitter?.name === "blank") ballot = ballot.map(() => NO_OPINION);
    const first = event.submitter?.name === "blank" ? null : missing(ballot);
    if (first) return first.querySelector("input").focus();
    look(ballot);
  });
  for (const name of ["back", "again"]) {
    document.getElementById(name).addEventListener("click", () => go(form));
  }
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    tell(sent, form.dataset.sending, "");
    try {
      finished(await vote(ballot));
      tell(sent, "");
      form.reset();
      ballot = [];
      document.getElementById("saved").textContent = "";
      go(done);
    } catch (error) {
      tell(sent, explain(error));
    }
    button.removeAttribute("aria-disabled");
  });
}

/* Two tabs of one voter would each make a token, and only one of them is signed: the tab opened last goes on. */
function alone(act) {
  if (!navigator.locks) return act();
  const untilClosed = () => {
    act();
    return new Promise(() => {});
  };
  navigator.locks.request(place, { steal: true }, untilClosed).catch(() => {
    show(null);
    tell(told, form.dataset.tab);
  });
}

/* Without a secure address a browser has no such arithmetic: the voting code stays on offer. */
if (form && window.isSecureContext) {
  byCode.hidden = true;
  prepare();
  alone(begin);
}
