// Keeps the values fresh. Everything works without it, only slower.
"use strict";

const EVERY = 2000;
const get = (id) => document.getElementById(id);
let timer;

function show(now) {
  for (const id of ["low", "high", "value"]) get(id).textContent = now[id].toFixed(1);
  for (const id of ["label", "note"]) get(id).textContent = now[id];
  get("note").className = now.above ? "above" : "fine";
  get("line").setAttribute("points", now.points);
  get("hill").setAttribute("d", now.hill);
  get("led").setAttribute("aria-pressed", now.on);
  get("led").lastElementChild.textContent = now.on ? "on" : "off";
}

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/api/now", { signal: AbortSignal.timeout(5000) });
    show(await answer.json());
  } catch {
    get("note").textContent = "No answer. Trying again.";
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, EVERY);
}

document.addEventListener("visibilitychange", refresh);

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await fetch("/switch", { method: "POST", redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw 0;
    refresh();
  } catch {
    event.target.submit(); // the browser shows what went wrong
  }
});

timer = setTimeout(refresh, EVERY);
