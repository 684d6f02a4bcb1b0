// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The page's own script: draws the figures that are in sight in the colours of the theme in force, and keeps the legend,
// the tools, the folds and the print version in step. It is inlined after Plotly.
(() => {
  "use strict";

  /**
   * @typedef {{ series?: number, seed?: number, seeds?: number[], part?: string, line?: number }} Meta
   * @typedef {{ meta?: Meta, x: number[], y: number[], [name: string]: unknown }} Trace
   * @typedef {Record<string, any>} Layout
   * @typedef {{ id: string, data: Trace[], layout: Layout, layouts?: { below: number, layout: Layout }[] }} FigureData
   * @typedef {HTMLElement & { on(event: string, handler: (event: any) => unknown): void }} PlotElement
   */

  /**
   * @type {{ react(element: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<PlotElement>,
   *   relayout(element: HTMLElement, changes: unknown): Promise<PlotElement> }}
   */
  const Plotly = /** @type {any} */ (globalThis).Plotly;
  const root = document.documentElement;
  /** @template {HTMLElement} T @param {string} id @returns {T} */
  const byId = (id) => /** @type {any} */ (document.getElementById(id));
  /** @type {FigureData[]} */
  const figures = JSON.parse(byId("figures").textContent ?? "[]");
  /** @type {HTMLInputElement[]} */
  const switches = /** @type {any} */ ([...document.querySelectorAll("input[data-series]")]);
  /** @type {HTMLInputElement | null} */
  const seeds = byId("seeds");
  /** @type {HTMLInputElement | null} */
  const smoothing = byId("smoothing");
  const config = {
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
  // Without a script the tables of figures are open and no chart is there.
  root.classList.add("scripted");
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const tables = document.querySelectorAll("figure details");
  for (const details of tables) details.open = false;
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const folds = document.querySelectorAll("details.fold");

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

  // 1. Colours

  /** The theme's colour for `@role`, or for `@role/opacity`. @param {string} name */
  function colorOf(name) {
    const [role, opacity] = name.slice(1).split("/");
    const color = getComputedStyle(root).getPropertyValue(`--${role}`).trim();
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

  // 2. Smoothing: every run is smoothed, then the mean and the band over the runs are taken anew, as the report does.

  /**
   * Exponential average with bias correction over unevenly spaced steps: a value weighs half after `halfLife` steps.
   * @param {Trace} trace @param {number} halfLife
   */
  function averaged({ x, y }, halfLife) {
    let [sum, weight] = [0, 0];
    const at = (/** @type {number} */ i) => /** @type {number} */ (x[i]);
    return y.map((value, i) => {
      // The first value stands for as many steps as the next one.
      const gap = i === 0 ? (x.length > 1 ? at(1) - at(0) : 1) : at(i) - at(i - 1);
      const past = 2 ** (-gap / halfLife);
      sum = past * sum + (1 - past) * value;
      weight = past * weight + (1 - past);
      return sum / weight;
    });
  }

  /** Mean, lowest and highest of several curves at each step that any has. @param {Trace[]} curves */
  function joined(curves) {
    /** @type {Map<number, number[]>} */
    const at = new Map();
    for (const { x, y } of curves) {
      x.forEach((step, i) => at.set(step, [...at.get(step) ?? [], /** @type {number} */ (y[i])]));
    }
    const rows = [...at].sort(([a], [b]) => a - b);
    return {
      x: rows.map(([step]) => step),
      mean: rows.map(([, values]) => values.reduce((sum, value) => sum + value, 0) / values.length),
      low: rows.map(([, values]) => Math.min(...values)),
      high: rows.map(([, values]) => Math.max(...values)),
    };
  }

  /** @param {FigureData} figure @param {number} share half-life as a share of the longest run @returns {Trace[]} */
  function smoothedData({ data }, share) {
    const runs = data.filter(({ meta }) => meta?.part === "seed");
    if (share === 0 || runs.length === 0) return data;
    const halfLife = share * Math.max(...runs.map(({ x }) => x.at(-1) ?? 0));
    const smooth = new Map(runs.map((trace) => [trace, { ...trace, y: averaged(trace, halfLife) }]));
    return data.map((trace) => {
      const { part, line } = trace.meta ?? {};
      if (smooth.has(trace)) return /** @type {Trace} */ (smooth.get(trace));
      if (part !== "mean" && part !== "band") return trace;
      const { x, mean, low, high } = joined([...smooth.values()].filter(({ meta }) => meta?.line === line));
      if (x.length === 0) return trace;
      return part === "mean"
        ? { ...trace, x, y: mean, customdata: low.map((value, i) => [value, high[i]]) }
        : { ...trace, x: [...x, ...x.toReversed()], y: [...low, ...high.toReversed()] };
    });
  }

  // 3. Drawing

  /** @param {FigureData} figure @param {number} width */
  const variant = ({ layouts = [] }, width) => layouts.find(({ below }) => width < below);

  /** @param {FigureData} figure @param {number} width */
  function layoutFor(figure, width) {
    const copy = /** @type {Layout} */ (painted(variant(figure, width)?.layout ?? figure.layout));
    if (printing) {
      copy.autosize = false;
      copy.width = width;
      if (!figure.layouts) copy.height = Math.round(0.8 * copy.height);
    }
    if (width < NARROW) narrowed(copy, figure);
    return copy;
  }

  /** Fits a layout to a phone, on which a finger that drags scrolls. @param {Layout} copy @param {FigureData} figure */
  function narrowed(copy, { data, layouts }) {
    copy.font.size = 11;
    copy.dragmode = false;
    for (const { font } of copy.annotations ?? []) font.size = 11;
    if (layouts) return;
    copy.margin = { ...copy.margin, l: 40, r: 8 };
    for (const axis of [copy.xaxis, copy.xaxis2]) {
      if (axis && !axis.tickvals && axis.visible !== false) axis.nticks = 6;
    }
    if (!copy.legend || copy.showlegend === false) return;
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

  /** @param {Trace} trace */
  function visibilityOf({ meta = {} }) {
    if (meta.series !== undefined && !isShown(meta.series)) return "legendonly";
    return meta.part !== "seed" || (seeds?.checked ?? false);
  }

  /** @param {FigureData} figure */
  const plotOf = ({ id }) => /** @type {PlotElement} */ (byId(`${id}-plot`));

  /**
   * What each figure was last drawn from: a switch concerns some figures, and the others need no redraw.
   * @type {WeakMap<HTMLElement, { figure: FigureData, state: string, width: number }>}
   */
  const drawnFrom = new WeakMap();

  /** All that a drawing depends on but the figure and its width. @param {FigureData} figure @param {number} width */
  function stateOf(figure, width) {
    const isSmoothed = figure.data.some(({ meta }) => meta?.part === "seed");
    return JSON.stringify([
      printing,
      width < NARROW,
      variant(figure, width)?.below ?? null,
      colorOf("@paper"),
      isSmoothed ? smoothing?.value ?? null : null,
      figure.data.map(visibilityOf),
    ]);
  }

  /** Draws a figure if it is in sight: one in a closed fold has no width. @param {FigureData} figure */
  async function draw(figure) {
    const element = plotOf(figure);
    if (!element.checkVisibility()) return;
    const [width, last] = [printing ? PRINT_WIDTH : element.clientWidth, drawnFrom.get(element)];
    const state = stateOf(figure, width);
    const isSame = last?.figure === figure && last.state === state;
    if (isSame && last.width === width) return;
    drawnFrom.set(element, { figure, state, width });
    if (isSame) {
      // Keeps what the reader has zoomed to.
      await Plotly.relayout(element, { autosize: true });
      return;
    }
    const share = Number(smoothing?.value ?? 0) / 100;
    const data = smoothedData(figure, share).map((trace) => ({
      .../** @type {object} */ (painted(trace)),
      visible: visibilityOf(trace),
    }));
    const isNew = !element.classList.contains("js-plotly-plot");
    await Plotly.react(element, data, layoutFor(figure, width), config);
    // The label of the group says what is to be seen; a list of tick labels would only get in its way.
    for (const svg of element.querySelectorAll("svg.main-svg")) svg.setAttribute("aria-hidden", "true");
    if (isNew) listen(element);
  }

  const drawAll = () => Promise.all(figures.map(draw));

  // A page that grows while it is open has other figures, or the same with more points.
  document.addEventListener("figures", (event) => {
    figures.splice(0, figures.length, .../** @type {CustomEvent<FigureData[]>} */ (event).detail);
    drawAll();
  });

  let waits = false;
  /** Draws once before the next frame, however often it is asked to: a slider moves more often than that. */
  function drawSoon() {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      drawAll();
    });
  }

  // A figure that got wider or narrower is drawn once its window rests.
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  addEventListener("resize", () => {
    clearTimeout(resting);
    resting = setTimeout(drawAll, 100);
  });

  // 4. The legend: a click hides or shows a series everywhere, a double click shows it alone, or all again.

  /** @param {HTMLInputElement} only */
  function showAlone(only) {
    const isAlone = switches.every((input) => input.checked === (input === only));
    for (const input of switches) input.checked = isAlone || input === only;
    drawSoon();
  }

  switches.forEach((input, series) => {
    input.addEventListener("change", drawSoon);
    const label = /** @type {HTMLElement} */ (input.closest("label"));
    label.addEventListener("dblclick", () => showAlone(input));
    label.addEventListener("pointerenter", () => highlight({ series }));
    label.addEventListener("pointerleave", () => highlight(null));
    input.addEventListener("focus", () => input.matches(":focus-visible") && highlight({ series }));
    input.addEventListener("blur", () => highlight(null));
  });
  seeds?.addEventListener("change", drawSoon);
  smoothing?.addEventListener("input", () => {
    byId("smoothed").textContent = smoothing.value === "0" ? "none" : `${smoothing.value} % of the run`;
    drawSoon();
  });

  // 5. What is pointed at stands out in every chart.

  /** Plotly keeps a trace's data on the element that draws it. @param {Element} element @returns {any} */
  const datum = (element) => /** @type {any} */ (element).__data__;

  /** @param {{ series?: number | undefined, seed?: number | undefined } | null} pointed */
  function highlight(pointed) {
    for (const group of document.querySelectorAll(".plot .scatterlayer > .trace")) {
      /** @type {Meta} */
      const meta = datum(group)?.[0]?.trace?.meta ?? {};
      const isOther = pointed?.series !== undefined && meta.series !== undefined &&
        meta.series !== pointed.series;
      const isSeed = pointed?.seed !== undefined && meta.seed === pointed.seed;
      const isOtherSeed = pointed?.seed !== undefined && meta.seed !== undefined &&
        meta.seed !== pointed.seed;
      // A seed stands out in all arms; without one, an arm with all its seeds.
      group.classList.toggle(
        "dim",
        isOtherSeed || (isOther && !isSeed && !meta.seeds?.includes(pointed?.seed ?? NaN)),
      );
      group.classList.toggle("lit", isSeed);
      if (!meta.seeds) continue;
      for (const point of group.querySelectorAll(".point")) {
        const seed = meta.seeds[datum(point)?.i];
        point.classList.toggle("dim", pointed?.seed !== undefined && seed !== pointed.seed);
        point.classList.toggle("lit", pointed?.seed !== undefined && seed === pointed.seed);
      }
    }
    for (const label of document.querySelectorAll(".switch")) {
      const isPointed = /** @type {HTMLElement} */ (label).dataset.of === String(pointed?.series);
      label.classList.toggle("lit", isPointed);
    }
  }

  /** The point of a hover that is nearest to the pointer: a unified one names a point of every line. @param {any} event */
  function nearest({ points, yvals }) {
    /** @param {any} point */
    const away = ({ y, yaxis }) => Math.abs((yaxis?.d2c?.(y) ?? y) - yvals?.[0]);
    return points.length === 1
      ? points[0]
      : points.toSorted((/** @type {any} */ a, /** @type {any} */ b) => away(a) - away(b))[0];
  }

  /** @param {PlotElement} element */
  function listen(element) {
    element.on("plotly_hover", (event) => {
      const { data, pointNumber } = nearest(event) ?? {};
      /** @type {Meta} */
      const { series, seed, seeds } = data?.meta ?? {};
      if (series !== undefined) highlight({ series, seed: seed ?? seeds?.[pointNumber] });
    });
    element.on("plotly_unhover", () => highlight(null));
    /** @param {any} event */
    const switchOf = (event) => switches[event.data[event.curveNumber]?.meta?.series];
    // Legends of charts with several lines an arm act as the page's own.
    element.on("plotly_legendclick", (event) => {
      const input = switchOf(event);
      if (!input) return true;
      input.checked = !input.checked;
      drawSoon();
      return false;
    });
    element.on("plotly_legenddoubleclick", (event) => {
      const only = switchOf(event);
      if (!only) return true;
      showAlone(only);
      return false;
    });
  }

  // 6. Folds: what comes into sight is drawn, and a link opens the fold that its target lies in.

  for (const fold of folds) {
    fold.addEventListener("toggle", () => {
      if (fold.open) figures.filter((figure) => fold.contains(plotOf(figure))).forEach(draw);
    });
  }
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target?.querySelector("details.fold") ?? target?.closest("details.fold");
    if (!target || !fold) return;
    /** @type {HTMLDetailsElement} */ (fold).open = true;
    target.scrollIntoView();
    target.focus();
  }
  addEventListener("hashchange", unfold);
  // A link to where the address points already changes no hash.
  for (const link of document.querySelectorAll("a[href^='#']")) {
    link.addEventListener("click", () => setTimeout(unfold));
  }

  // 7. Theme and paper

  const THEMES = ["auto", "light", "dark"];
  /** @type {HTMLButtonElement} */
  const button = byId("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length] ?? "auto";
    root.dataset.theme = next;
    button.textContent = `Theme: ${next}`;
    drawSoon();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawSoon);

  // Paper is light, the charts take its width, and nothing is folded. `beforeprint` comes before the paper is laid out;
  // the media query also covers print preview by emulation.
  let onScreen = root.dataset.theme ?? "auto";
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  /** @param {boolean} starts */
  function setPrinting(starts) {
    if (printing === starts) return;
    printing = starts;
    if (starts) {
      onScreen = root.dataset.theme ?? "auto";
      opened = [...folds].filter(({ open }) => !open);
    }
    for (const fold of opened) fold.open = starts;
    root.dataset.theme = starts ? "light" : onScreen;
    // At once: the paper is laid out next.
    drawAll();
  }
  addEventListener("beforeprint", () => setPrinting(true));
  addEventListener("afterprint", () => setPrinting(false));
  matchMedia("print").addEventListener("change", ({ matches }) => setPrinting(matches));

  drawAll().then(unfold);
})();
