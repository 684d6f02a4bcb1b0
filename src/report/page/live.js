// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The script of a page that grows while its study is trained. It is inlined after the page's own script, and asks nobody
// but the server that the page came from.
(() => {
  "use strict";

  /**
   * @typedef {{ id: string }} FigureData
   * @typedef {{ title: string, head: string, overview: string, figures: FigureData[] }} Screen
   * @typedef {{ figures: FigureData[], alt: string }} Curves
   * @typedef {{ html: string }} Masks
   * @typedef {{ text: string, share: number }} Progress
   * @typedef {{ text: string }} Over
   */

  /** @template {HTMLElement} T @param {string} id @returns {T} */
  const byId = (id) => /** @type {any} */ (document.getElementById(id));
  const text = byId("live-text");
  /** @type {HTMLProgressElement} */
  const bar = byId("live-bar");
  /** @type {HTMLButtonElement} */
  const stop = byId("live-stop");

  // 1. The token is in the part of the address that is never sent. It is put away, so that an address that is copied
  // from the browser gives the page and not the button.
  const TOKEN = "lr-lab-stop";
  const [, given] = /^#stop=(\w+)$/.exec(location.hash) ?? [];
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, "", location.pathname);
  }
  const token = sessionStorage.getItem(TOKEN);
  stop.hidden = token === null;

  stop.addEventListener("click", async () => {
    stop.disabled = true;
    const answer = await fetch("/stop", { method: "POST", headers: { authorization: `Bearer ${token}` } })
      .catch(() => null);
    if (answer?.ok) return;
    stop.disabled = false;
    text.textContent = answer ? await answer.text() : "The study cannot be reached.";
  });

  // 2. What the server sends. After a cut the browser connects again and says what it has seen last.
  const source = new EventSource("/events");

  /** @template T @param {string} name @param {(data: T) => void} handle */
  const on = (name, handle) =>
    source.addEventListener(name, (event) => {
      handle(JSON.parse(/** @type {MessageEvent<string>} */ (event).data));
    });

  /** @type {FigureData[]} */
  let figures = [];
  const draw = () => document.dispatchEvent(new CustomEvent("figures", { detail: figures }));

  on("screen", (/** @type {Screen} */ screen) => {
    document.title = screen.title;
    const head = /** @type {HTMLElement} */ (document.querySelector("header.head"));
    head.outerHTML = screen.head;
    let overview = byId("overview");
    if (!overview) {
      overview = document.createElement("div");
      overview.id = "overview";
      overview.className = "overview";
      byId("main").append(overview);
    }
    overview.innerHTML = screen.overview;
    figures = screen.figures;
    draw();
  });
  on("curves", (/** @type {Curves} */ { figures: grown, alt }) => {
    figures = figures.map((figure) => grown.find(({ id }) => id === figure.id) ?? figure);
    for (const { id } of grown) document.getElementById(`${id}-plot`)?.setAttribute("aria-label", alt);
    draw();
  });
  on("masks", (/** @type {Masks} */ { html }) => {
    let masks = byId("live-masks");
    if (!masks) {
      masks = document.createElement("div");
      masks.id = "live-masks";
      byId("main").append(masks);
    }
    masks.innerHTML = html;
  });
  on("progress", (/** @type {Progress} */ progress) => {
    text.classList.remove("lost");
    text.textContent = progress.text;
    bar.value = progress.share;
  });
  on("over", async (/** @type {Over} */ over) => {
    source.close();
    sessionStorage.removeItem(TOKEN);
    text.textContent = over.text;
    stop.hidden = true;
    // The report stands where this page stood, as long as the study's process waits for it.
    const isThere = await fetch("/", { method: "HEAD" }).then(({ ok }) => ok, () => false);
    if (isThere) location.reload();
  });
  source.addEventListener("error", () => {
    text.classList.add("lost");
    text.textContent = source.readyState === EventSource.CLOSED
      ? "The connection ended. Reload the page to try again."
      : "The connection was lost; trying again …";
  });
  source.addEventListener("open", () => text.classList.remove("lost"));
})();
