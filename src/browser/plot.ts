/// <reference lib="dom" />
import { compact } from "#report/format/numbers.ts";
import type { Axis } from "#report/charts/axis.ts";
import { roundTicks, type Scale, scaleOf } from "#report/charts/scale.ts";
import { setAttributes, setText, svg } from "./dom.ts";

/** A line over the axes; `bars` holds each value until the next x and is filled down to the lower end. */
export interface Curve {
  /** Classes that give it its look: a series and a role. */
  readonly look: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly shape?: "line" | "bars";
  /** SVG's `stroke-dasharray`; solid if not given. */
  readonly dash?: string;
}

/** What a plot shows, in the units of its axes. */
export interface Drawing {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Scale of the y axis where it is another one than the plot's own. */
  readonly scale?: Axis["scale"];
  /** From the ground up. */
  readonly curves: readonly Curve[];
  /** Horizontal lines with a name. */
  readonly levels?: readonly { readonly value: number; readonly label: string }[];
  /** Place of a vertical line; none if not given. */
  readonly cursor?: number;
  /** Points that are marked. */
  readonly dots?: readonly { readonly look: string; readonly x: number; readonly y: number }[];
}

export interface PlotOptions {
  readonly x: Axis;
  readonly y: Axis;
  /** Description for readers who do not see it. */
  readonly alt: string;
  /** True for labels alone, without lines across the plot. */
  readonly bare?: boolean;
  /** A second axis on top, in units of `every` of the lower one. */
  readonly above?: { readonly title: string; readonly every: number };
}

export interface Plot {
  readonly element: SVGSVGElement;
  draw(drawing: Drawing): void;
  /** Calls with the place under the pointer, in units of the x axis, and whether it is pressed. */
  onPoint(pointed: (x: number, isPressed: boolean) => void): void;
}

const [LEFT, RIGHT, TOP, BOTTOM, ABOVE] = [50, 20, 8, 38, 30];
/** Pixels from one label to the next. */
const [X_APART, Y_APART] = [90, 40];
/** Farther out than any screen; a curve is clipped long before. */
const FAR = 20_000;

let count = 0;

/** Curves on two axes, as SVG of the size that it has on the page. A new drawing moves the elements of the last one. */
export function plot({ x: xAxis, y: yAxis, alt, bare = false, above }: PlotOptions): Plot {
  const id = `clip-${count++}`;
  const clip = svg("rect");
  const grid = svg("g", { class: "grid" });
  const curves = svg("g", { "clip-path": `url(#${id})` });
  const marks = svg("g", {});
  const element = svg(
    "svg",
    { class: bare ? "program-plot bare" : "program-plot", role: "img", "aria-label": alt },
    svg("clipPath", { id }, clip),
    grid,
    curves,
    marks,
  );
  const top = TOP + (above ? ABOVE : 0);
  const gridPool = pool(grid);
  const curvePool = pool(curves);
  const markPool = pool(marks);
  let toValue = (_pixel: number): number => NaN;
  let last: Drawing | null = null;
  let [width, height] = [0, 0];
  const draw = (drawing: Drawing) => {
    last = drawing;
    if (width < LEFT + RIGHT + 20) return;
    const bottom = height - BOTTOM;
    const right = width - RIGHT;
    const x = scaleOf(xAxis, drawing.x, { range: [LEFT, right], count: (right - LEFT) / X_APART });
    const y = scaleOf({ ...yAxis, scale: drawing.scale ?? yAxis.scale }, drawing.y, {
      range: [bottom, top],
      count: (bottom - top) / Y_APART,
    });
    toValue = inverse(drawing.x, [LEFT, right], xAxis.scale);
    setAttributes(clip, { x: LEFT, y: top - 1, width: right - LEFT, height: bottom - top + 2 });
    gridPool((add) => drawGrid(add, { x, y, left: LEFT, right, top, bottom, title: xAxis.title, above }));
    curvePool((add) => {
      for (const curve of drawing.curves) {
        add("path", {
          class: curve.look,
          "stroke-dasharray": curve.dash ?? "",
          d: pathOf(curve, x, y, bottom),
        });
      }
    });
    markPool((add) => drawMarks(add, drawing, { x, y, left: LEFT, right, top, bottom }));
  };
  // Asked for its size between two changes, the browser would lay out the page each time.
  new ResizeObserver(([entry]) => {
    ({ width, height } = entry!.contentRect);
    if (last !== null) draw(last);
  }).observe(element);
  const onPoint: Plot["onPoint"] = (pointed) => {
    const point = (event: PointerEvent) => {
      const value = toValue(event.clientX - element.getBoundingClientRect().left);
      if (Number.isFinite(value)) pointed(value, event.buttons > 0);
    };
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerdown", point);
  };
  return { element, draw, onPoint };
}

type Add = (
  tag: "line" | "text" | "path" | "circle",
  attributes: Record<string, string | number>,
  text?: string,
) => void;

interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function drawGrid(
  add: Add,
  { x, y, left, right, top, bottom, title, above }: Frame & {
    readonly title: string;
    readonly above: PlotOptions["above"];
  },
): void {
  for (const tick of y.ticks) {
    const at = y.at(tick);
    add("line", { class: "rule", x1: left, x2: right, y1: at, y2: at });
    add("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, compact(tick));
  }
  for (const tick of x.ticks) {
    const at = x.at(tick);
    add("line", { class: "rule", x1: at, x2: at, y1: top, y2: bottom });
    add("text", { x: at, y: bottom + 16, "text-anchor": "middle" }, compact(tick, 6));
  }
  add("text", { x: right, y: bottom + 32, "text-anchor": "end" }, title);
  if (above === undefined) return;
  const [first, last] = x.ends.map((end) => end / above.every) as [number, number];
  for (const tick of roundTicks(first, last, (right - left) / X_APART)) {
    add("text", { x: x.at(tick * above.every), y: top - 6, "text-anchor": "middle" }, compact(tick, 6));
  }
  add("text", { x: right, y: top - 22, "text-anchor": "end" }, above.title);
}

function drawMarks(
  add: Add,
  { levels = [], cursor, dots = [] }: Drawing,
  { x, y, left, right, top, bottom }: Frame,
): void {
  for (const { value, label } of levels) {
    const at = y.at(value);
    if (!(at >= top && at <= bottom)) continue;
    add("line", { class: "level", x1: left, x2: right, y1: at, y2: at });
    add("text", { class: "level-name", x: right - 4, y: at - 5, "text-anchor": "end" }, label);
  }
  if (cursor !== undefined && Number.isFinite(x.at(cursor))) {
    const at = x.at(cursor);
    add("line", { class: "cursor", x1: at, x2: at, y1: top, y2: bottom });
  }
  for (const { look, x: across, y: up } of dots) {
    const [cx, cy] = [x.at(across), y.at(up)];
    if (cx >= left && cx <= right && cy >= top && cy <= bottom) add("circle", { class: look, cx, cy, r: 5 });
  }
}

/** SVG's path of a curve; what is not finite, or not on a log axis, is a gap. */
function pathOf({ x: xs, y: ys, shape = "line" }: Curve, x: Scale, y: Scale, bottom: number): string {
  let path = "";
  let isDown = false;
  let start = 0;
  let [lastLeft, lastTop] = [NaN, NaN];
  for (let index = 0; index < xs.length; index++) {
    const [left, top] = [x.at(xs[index]!), y.at(ys[index]!)];
    if (!Number.isFinite(left) || !Number.isFinite(top)) {
      isDown = false;
      continue;
    }
    // Less than half a pixel from the last point, it would not show.
    if (isDown && index < xs.length - 1 && Math.abs(left - lastLeft) < 0.5 && Math.abs(top - lastTop) < 0.5) {
      continue;
    }
    [lastLeft, lastTop] = [left, top];
    const place = `${near(left)} ${near(top)}`;
    if (!isDown) {
      path += `M${place}`;
      start = left;
    } else path += shape === "bars" ? `H${near(left)}L${place}` : `L${place}`;
    isDown = true;
  }
  return shape === "bars" && path !== "" ? `${path}V${bottom}H${near(start)}Z` : path;
}

const near = (pixel: number) => Math.round(10 * Math.max(-FAR, Math.min(FAR, pixel))) / 10;

function inverse(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  scale: Axis["scale"],
): (pixel: number) => number {
  const shareOf = (pixel: number) => Math.max(0, Math.min(1, (pixel - from) / (to - from)));
  return scale === "log"
    ? (pixel) => low * (high / low) ** shareOf(pixel)
    : (pixel) => low + (high - low) * shareOf(pixel);
}

interface Pooled {
  readonly tag: string;
  readonly element: SVGElement;
  readonly attributes: Map<string, string | number>;
}

/** Elements of a group that are used again at each drawing: what is unchanged costs nothing. */
function pool(group: SVGGElement): (fill: (add: Add) => void) => void {
  const pooled: Pooled[] = [];
  return (fill) => {
    let used = 0;
    fill((tag, attributes, text) => {
      let one = pooled[used];
      if (one?.tag !== tag) {
        const fresh = { tag, element: svg(tag), attributes: new Map() };
        if (one === undefined) group.append(fresh.element);
        else one.element.replaceWith(fresh.element);
        one = pooled[used] = fresh;
      }
      used++;
      for (const [name, value] of Object.entries({ class: "", ...attributes })) {
        if (one.attributes.get(name) === value) continue;
        one.attributes.set(name, value);
        one.element.setAttribute(name, String(value));
      }
      if (text !== undefined) setText(one.element, text);
    });
    for (const { element } of pooled.splice(used)) element.remove();
  };
}
