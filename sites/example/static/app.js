// Keeps the status page fresh. Everything works without it, only slower.
"use strict";

const EVERY = 5000;
const get = (id) => document.getElementById(id);
let timer, turn = 0;

function write(el, text) {
  if (el && el.textContent !== text) el.textContent = text;
}

function show(now) {
  for (const [key, value] of Object.entries(now)) {
    const el = get(key), meter = get(key + "-meter");
    if (meter) meter.value = value ?? 0;
    if (el) write(el, value === null ? "–" : el.dataset.digits ? value.toFixed(el.dataset.digits) : String(value));
  }
  if (get("line") && now.points) {
    get("line").setAttribute("points", now.points);
    get("hill").setAttribute("d", `M0 60V60L${now.points} 230,60z`);
  }
  get("sky").setAttribute("class", now.night ? "moon" : "sun");
  for (const { n, on } of now.relays) {
    const button = get("relay-" + n);
    button.setAttribute("aria-pressed", on);
    write(button.lastElementChild, on ? "on" : "off");
  }
  write(get("note"), `Measured at ${now.time}. Board up for ${now.uptime}.`);
}

// One request at a time; an answer that a later one has overtaken is dropped.
async function refresh() {
  clearTimeout(timer);
  const mine = ++turn;
  try {
    const answer = await fetch("/api/now", { signal: AbortSignal.timeout(EVERY) });
    const now = await answer.json();
    if (mine === turn) show(now);
  } catch {
    if (mine === turn) write(get("note"), "No answer from the board. Trying again.");
  }
  if (mine === turn && !document.hidden) timer = setTimeout(refresh, EVERY);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else refresh();
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch(form.action, { method: "POST", redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw 0;
    refresh();
  } catch {
    form.submit(); // the browser shows what went wrong
  }
});

timer = setTimeout(refresh, EVERY);
