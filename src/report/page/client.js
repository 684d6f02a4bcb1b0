// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The page's own script: draws the figures in the colours of the theme in force, and keeps the switches, the legends
// and the print version in step. It is inlined after Plotly.
(() => {
  "use strict";

  /**
   * @typedef {{ meta?: { series?: number }, [name: string]: unknown }} Trace
   * @typedef {{ id: string, data: Trace[], layout: Record<string, unknown> }} FigureData
   * @typedef {HTMLElement & { on(event: string, handler: (event: any) => unknown): void }} PlotElement
   */

  /** @type {{ react(element: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<PlotElement> }} */
  const Plotly = /** @type {any} */ (globalThis).Plotly;
  /** @type {FigureData[]} */
  const figures = JSON.parse(
    /** @type {HTMLElement} */ (document.getElementById("figures")).textContent ?? "[]",
  );
  /** @type {HTMLInputElement[]} */
  const switches = [...document.querySelectorAll("input[data-series]")].map((
    input,
  ) => /** @type {HTMLInputElement} */ (input));
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    modeBarButtonsToRemove: [
      "sendChartToCloud",
      "select2d",
      "lasso2d",
      "autoScale2d",
      "zoomIn2d",
      "zoomOut2d",
    ],
    toImageButtonOptions: { format: "svg" },
  };
  // Without a script all tables are open and no chart is there.
  document.documentElement.classList.add("scripted");
  for (const details of document.querySelectorAll("details")) details.open = false;

  const NARROW = 560;
  /** Entries of a legend that a phone has room for; with more, the switches above say which line is which. */
  const MOST_ENTRIES = 4;
  /** Least height of the drawing on a phone, and of what is around it and of each entry of a legend below. */
  const [DRAWING, AROUND, ENTRY] = [240, 110, 20];
  /** Width of the drawing on A4 and Letter paper between usual margins, in CSS pixels. */
  const PRINT_WIDTH = 660;
  let printing = false;

  /** @param {number} series */
  const isShown = (series) => switches[series]?.checked ?? true;

  /** The theme's colour for `@role`, or for `@role/opacity`. @param {string} name */
  function colorOf(name) {
    const [role, opacity] = name.slice(1).split("/");
    const color = getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();
    if (opacity === undefined) return color;
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
  }

  /** A copy in which every `@role` is a colour. @param {unknown} value @returns {unknown} */
  function painted(value) {
    if (typeof value === "string") return /^@[a-z-]+(-\d+)?(\/[\d.]+)?$/.test(value) ? colorOf(value) : value;
    if (Array.isArray(value)) return value.map(painted);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, painted(inner)]));
  }

  /** @param {FigureData} figure @param {number} width */
  function layoutFor({ data, layout }, width) {
    const copy = /** @type {Record<string, any>} */ (painted(layout));
    if (printing) {
      copy.autosize = false;
      copy.width = PRINT_WIDTH;
      copy.height = Math.round(0.8 * copy.height);
    }
    if (width < NARROW) {
      copy.font.size = 11;
      copy.margin = { ...copy.margin, l: 40, r: 8 };
      for (const axis of [copy.xaxis, copy.xaxis2]) {
        if (axis && !axis.tickvals && axis.visible !== false) axis.nticks = 6;
      }
      if (copy.legend) {
        const named = data.filter((trace) => trace.showlegend !== false);
        const series = new Set(named.map(({ meta }) => meta?.series));
        const areSwitched = series.size === named.length && [...series].every((one) => switches[one ?? -1]);
        const isHidden = areSwitched && named.length > MOST_ENTRIES;
        copy.height = Math.max(copy.height, DRAWING + AROUND + (isHidden ? 0 : ENTRY * named.length));
        if (isHidden) {
          copy.showlegend = false;
          delete copy.legend;
        } else Object.assign(copy.legend, { font: { ...copy.legend.font, size: 11 }, y: -0.25 });
      }
      for (const { font } of copy.annotations ?? []) font.size = 11;
    }
    return copy;
  }

  /** @param {FigureData} figure */
  async function draw(figure) {
    const element = /** @type {PlotElement} */ (document.getElementById(`${figure.id}-plot`));
    const data = figure.data.map((trace) => ({
      .../** @type {object} */ (painted(trace)),
      visible: trace.meta?.series === undefined || isShown(trace.meta.series) ? true : "legendonly",
    }));
    const isNew = !element.classList.contains("js-plotly-plot");
    await Plotly.react(element, data, layoutFor(figure, element.clientWidth), config);
    // The label of the group says what is to be seen; a list of tick labels would only get in its way.
    for (const svg of element.querySelectorAll("svg.main-svg")) svg.setAttribute("aria-hidden", "true");
    if (isNew) listen(element);
  }

  const drawAll = () => Promise.all(figures.map(draw));

  /** A click in any legend acts on the series everywhere; a double click shows it alone, or all again. */
  function listen(/** @type {PlotElement} */ element) {
    /** @param {any} event */
    const seriesOf = (event) => event.data[event.curveNumber]?.meta?.series;
    element.on("plotly_legendclick", (event) => {
      const input = switches[seriesOf(event)];
      if (!input) return true;
      input.checked = !input.checked;
      drawAll();
      return false;
    });
    element.on("plotly_legenddoubleclick", (event) => {
      const only = switches[seriesOf(event)];
      if (!only) return true;
      const isAlone = switches.every((input) => input.checked === (input === only));
      for (const input of switches) input.checked = isAlone || input === only;
      drawAll();
      return false;
    });
  }

  const THEMES = ["auto", "light", "dark"];
  const root = document.documentElement;
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("theme"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length] ?? "auto";
    root.dataset.theme = next;
    button.textContent = `Theme: ${next}`;
    drawAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia(`(max-width: ${NARROW}px)`).addEventListener("change", drawAll);
  for (const input of switches) input.addEventListener("change", drawAll);

  // Paper is light, and the charts take its width. `beforeprint` comes before the paper is laid out; the media query
  // also covers print preview by emulation.
  let onScreen = root.dataset.theme ?? "auto";
  /** @param {boolean} starts */
  function setPrinting(starts) {
    if (printing === starts) return;
    printing = starts;
    if (starts) onScreen = root.dataset.theme ?? "auto";
    root.dataset.theme = starts ? "light" : onScreen;
    drawAll();
  }
  addEventListener("beforeprint", () => setPrinting(true));
  addEventListener("afterprint", () => setPrinting(false));
  matchMedia("print").addEventListener("change", ({ matches }) => setPrinting(matches));

  drawAll();
})();
