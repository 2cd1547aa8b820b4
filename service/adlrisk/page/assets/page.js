"use strict";
// Replaces the result as fields change, by the page of the same address (or of the same form, where it is sent in a body).
(() => {
  const form = document.getElementById("form");
  const result = document.getElementById("result");
  const errors = document.getElementById("errors");
  showBusyForms();
  if (errors) errors.focus();
  if (!form || !result) return;

  const isPosted = form.method === "post";
  const pause = 400; // milliseconds without a keystroke
  let timer = 0;
  let running = null; // the request in progress

  form.addEventListener("input", () => {
    clearTimeout(timer);
    result.setAttribute("aria-busy", "true");
    timer = setTimeout(update, pause);
  });
  form.addEventListener("submit", (event) => {
    if (isPosted) return;
    event.preventDefault(); // the address without what is empty
    location.assign(address() + "#outcome");
  });

  function address() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value.trim() || form.elements[name].required) query.append(name, value.trim());
    }
    const text = query.toString();
    return form.action.split("#")[0] + (text ? "?" + text : "");
  }

  async function update() {
    if (running) running.abort();
    running = new AbortController();
    const mine = running;
    const options = { signal: mine.signal, headers: { accept: "text/html" } };
    if (isPosted) Object.assign(options, { method: "POST", body: new FormData(form) });
    try {
      const missing = findMissing();
      if (missing.length) return hasAnswer() && tellOutdated(`Needed: ${missing.join(", ")}.`);
      const answered = await fetch(isPosted ? form.action.split("#")[0] : address(), options);
      const page = new DOMParser().parseFromString(await answered.text(), "text/html");
      if (mine !== running) return;
      if (!page.getElementById("result")) return tellOutdated(describe(answered, page));
      show(page);
      if (!isPosted) history.replaceState(null, "", address());
    } catch (error) {
      if (mine === running) tellOutdated("The service cannot be reached.");
    } finally {
      if (mine === running) result.removeAttribute("aria-busy");
    }
  }

  // While the needed fields are being filled in, nothing is asked and nothing is called wrong.
  function findMissing() {
    const empty = [...form.querySelectorAll("[required]")].filter((field) => !field.value.trim());
    return empty.map((field) => field.labels[0].textContent);
  }

  function hasAnswer() {
    return document.getElementById("answer") !== null;
  }

  // What the service says instead of a result, such as that it is busy.
  function describe(answered, page) {
    const title = page.querySelector("h1");
    const seconds = answered.headers.get("retry-after");
    const what = title ? title.textContent : "The service cannot answer";
    return `${what} (${answered.status}). Try again ${seconds ? `in ${seconds} s` : "later"}.`;
  }

  // The result of before stays in sight, but says that it is not of what is filled in.
  function tellOutdated(why) {
    const note = result.querySelector(":scope > .outdated") || document.createElement("p");
    note.className = "outdated notice";
    note.textContent = `${hasAnswer() ? "Not the answer to what is filled in now. " : ""}${why}`;
    result.prepend(note);
    result.dataset.outdated = "";
    say(note.textContent);
  }

  function show(page) {
    const open = new Set([...result.querySelectorAll("details[open] > summary")].map((each) => each.textContent));
    result.replaceChildren(...page.getElementById("result").childNodes);
    delete result.dataset.outdated;
    for (const summary of result.querySelectorAll("details > summary")) {
      if (open.has(summary.textContent)) summary.parentElement.open = true;
    }
    document.getElementById("glance").replaceChildren(...page.getElementById("glance").childNodes);
    replaceErrors(page);
    for (const field of form.querySelectorAll("[data-field]")) {
      replaceNotes(field, page.querySelector(`[data-field="${field.dataset.field}"]`));
    }
    document.title = page.title;
    const summary = document.getElementById("summary") || document.querySelector("#errors h2");
    say(summary ? summary.textContent : "");
  }

  function replaceErrors(page) {
    const old = document.getElementById("errors");
    const found = page.getElementById("errors");
    if (found) found.removeAttribute("role"); // it is said once, in the status
    if (old) old.parentElement.remove();
    if (found) document.querySelector(".columns").before(found.parentElement);
  }

  // Hints and errors of a field; its input stays as it is, with the focus that it may have.
  function replaceNotes(field, found) {
    if (!found) return;
    field.className = found.className;
    const input = field.querySelector("input, select");
    const answered = found.querySelector("input, select");
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (answered.hasAttribute(name)) input.setAttribute(name, answered.getAttribute(name));
      else input.removeAttribute(name);
    }
    for (const note of field.querySelectorAll(".hint, .error")) note.remove();
    for (const note of found.querySelectorAll(".error")) input.before(note);
    for (const note of found.querySelectorAll(".hint")) input.after(note);
  }

  function say(text) {
    document.getElementById("said").textContent = text;
  }

  // Forms with long work, such as a large book: they say that it is under way. Leaving the page ends it.
  function showBusyForms() {
    for (const each of document.querySelectorAll("form[data-busy]")) {
      each.addEventListener("submit", () => {
        each.setAttribute("aria-busy", "true");
        for (const note of each.querySelectorAll(".busy")) note.hidden = false;
      });
      addEventListener("pageshow", () => {
        each.removeAttribute("aria-busy");
        for (const note of each.querySelectorAll(".busy")) note.hidden = true;
      });
    }
  }
})();
