/// <reference lib="dom" />
import type { Axis } from "#report/charts/axis.ts";
import { scaleOf } from "#report/charts/scale.ts";
import { setAttributes, svg } from "../dom.ts";
import type { Drawing, Frame } from "./drawing.ts";
import { drawGrid, drawMarks, pathOf, X_APART, Y_APART } from "./parts.ts";
import { pool } from "./pool.ts";

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

let count = 0;

/** Curves on two axes, as SVG of the size that it has on the page. A new drawing moves the elements of the last one. */
export function plot(options: PlotOptions): Plot {
  const { element, drawIn } = layers(options);
  let last: Drawing | null = null;
  let [width, height] = [0, 0];
  const draw = (drawing: Drawing) => {
    last = drawing;
    // Too narrow for its axes, it is folded or not on the page yet.
    if (width > LEFT + RIGHT + 20) drawIn(frameOf(drawing, options, width, height), drawing);
  };
  // Asked for its size between two changes, the browser would lay out the page each time.
  new ResizeObserver(([entry]) => {
    ({ width, height } = entry!.contentRect);
    if (last !== null) draw(last);
  }).observe(element);
  const onPoint: Plot["onPoint"] = (pointed) => {
    const point = (event: PointerEvent) => {
      if (last === null) return;
      const [low, high] = last.x;
      const share = (event.clientX - element.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT);
      pointed(low + (high - low) * Math.max(0, Math.min(1, share)), event.buttons > 0);
    };
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerdown", point);
  };
  return { element, draw, onPoint };
}

function frameOf(drawing: Drawing, { x, y, above }: PlotOptions, width: number, height: number): Frame {
  const [right, top, bottom] = [width - RIGHT, TOP + (above ? ABOVE : 0), height - BOTTOM];
  const scale = drawing.scale ?? y.scale;
  return {
    x: scaleOf(x, drawing.x, { range: [LEFT, right], count: (right - LEFT) / X_APART }),
    y: scaleOf({ ...y, scale }, drawing.y, { range: [bottom, top], count: (bottom - top) / Y_APART }),
    left: LEFT,
    right,
    top,
    bottom,
  };
}

/** The groups of a plot from the ground up, and what fills them. */
function layers({ x, alt, bare = false, above }: PlotOptions) {
  const id = `clip-${count++}`;
  const clip = svg("rect");
  const grid = svg("g");
  const curves = svg("g", { "clip-path": `url(#${id})` });
  const marks = svg("g");
  const look = bare ? "program-plot bare" : "program-plot";
  const element = svg(
    "svg",
    { class: look, role: "img", "aria-label": alt },
    svg("clipPath", { id }, clip),
    grid,
    curves,
    marks,
  );
  const [gridPool, curvePool, markPool] = [pool(grid), pool(curves), pool(marks)];
  const drawIn = (frame: Frame, drawing: Drawing) => {
    const { left, right, top, bottom } = frame;
    setAttributes(clip, { x: left, y: top - 1, width: right - left, height: bottom - top + 2 });
    gridPool((add) => drawGrid(add, { ...frame, title: x.title, above }));
    curvePool((add) => {
      for (const curve of drawing.curves) {
        const path = pathOf(curve, frame.x, frame.y, bottom);
        add("path", { class: curve.look, "stroke-dasharray": curve.dash ?? "", d: path });
      }
    });
    markPool((add) => drawMarks(add, drawing, frame));
  };
  return { element, drawIn };
}
