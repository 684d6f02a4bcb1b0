import { compact } from "#lib/numbers.ts";
import { roundTicks, type Scale } from "#report/charts/scale.ts";
import type { Curve, Drawing, Frame } from "./drawing.ts";
import type { Add } from "./pool.ts";

/** Pixels from one label of an axis to the next. */
export const [X_APART, Y_APART] = [90, 40];
/** Farther out than any screen; a curve is clipped long before. */
const FAR = 20_000;

/** Names and labels of the axes, with a line across the plot at each label. */
export function drawGrid(
  add: Add,
  { x, y, left, right, top, bottom, title, above }: Frame & {
    readonly title: string;
    readonly above: { readonly title: string; readonly every: number } | undefined;
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

/** Levels, the cursor and the marked points that lie within the plot. */
export function drawMarks(
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
export function pathOf({ x: xs, y: ys, shape = "line" }: Curve, x: Scale, y: Scale, bottom: number): string {
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
