// Keeps a page of the development server fresh. It is in no bundle.
"use strict";
(() => {
  const own = document.currentScript;
  let version = own.dataset.version;
  let events, cover;

  const STYLE = `
    :host { all: initial }
    div { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; box-sizing: border-box; padding: 5vh 5vw;
      background: #1c1210fc; color: #f6ece6; font: 15px/1.5 system-ui, sans-serif }
    h1 { margin: 0 3rem .5rem 0; color: #ff9c80; font-size: 1.3rem }
    h2 { margin: 1.5rem 0 .2rem; font: bold 1rem/1.5 ui-monospace, monospace; color: #ffd479 }
    p { margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
    pre { margin: .4rem 0; padding: .5rem; overflow: auto; background: #0004; font: 14px/1.5 ui-monospace, monospace }
    mark { background: #7a2c1c; color: inherit; display: inline-block; min-width: 100% }
    button { position: fixed; top: 1rem; right: 1rem; padding: .3rem .8rem; font: inherit }`;

  const add = (parent, name, text) => {
    const el = parent.appendChild(document.createElement(name));
    if (text) el.textContent = text;
    return el;
  };

  function source(parent, lines) {
    const pre = add(parent, "pre");
    for (const line of lines) {
      add(pre, line.here ? "mark" : "span", `${String(line.n).padStart(4)} ${line.text}`);
      if (line !== lines[lines.length - 1]) pre.append("\n");
    }
  }

  function show(overlay) {
    hide();
    cover = document.createElement("picoweb-overlay");
    const root = cover.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const box = add(root, "div");
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-label", overlay.title);
    box.tabIndex = -1;
    add(box, "h1", overlay.title);
    if (overlay.error) add(box, "p", overlay.error);
    if (overlay.hint) add(box, "p", overlay.hint);
    for (const item of overlay.items) {
      add(box, "h2", item.place);
      if (item.message) add(box, "p", (item.warning ? "warning: " : "") + item.message);
      if (item.lines.length) source(box, item.lines);
    }
    add(box, "button", "Close").onclick = hide;
    document.documentElement.append(cover);
    box.focus();
  }

  function hide() {
    if (cover) cover.remove();
    cover = null;
  }

  const isSheet = (link) => link.relList.contains("stylesheet");
  const sheets = (doc) => [...doc.querySelectorAll("link[href]")].filter(isSheet);

  // Puts the page's new style sheets in place of its old ones; false when it has others than before.
  async function restyle() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    const fresh = sheets(new DOMParser().parseFromString(await answer.text(), "text/html"));
    const old = sheets(document);
    if (!answer.ok || fresh.length !== old.length) return false;
    old.forEach((link, i) => {
      const href = new URL(fresh[i].getAttribute("href"), document.baseURI);
      if (href.origin !== location.origin) return;
      href.searchParams.set("picoweb", version);
      const next = link.cloneNode();
      next.href = href;
      next.onload = next.onerror = () => link.remove();
      link.after(next);
    });
    return true;
  }

  function reload() {
    if (events) events.close();
    location.reload();
  }

  async function told(state) {
    const known = version;
    if (state.overlay) return show(state.overlay);
    if (state.version === known) return cover && own.dataset.overlay ? show(JSON.parse(own.dataset.overlay)) : hide();
    version = state.version;
    if (state.change !== "style" || state.before !== known || own.dataset.overlay) return reload();
    hide();
    if (!(await restyle().catch(() => false))) reload();
  }

  function listen() {
    if (events) events.close();
    events = null;
    if (document.hidden) return; // a browser has few connections to a server: those who are not seen leave them free
    events = new EventSource("/_picoweb/events");
    events.onmessage = (event) => told(JSON.parse(event.data));
  }

  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("visibilitychange", listen);
  if (own.dataset.overlay) show(JSON.parse(own.dataset.overlay));
  listen();
})();
