import type { Axis } from "#report/charts/axis.ts";
import type { Scale } from "#report/charts/scale.ts";

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

/** The content of a plot, in the units of its axes. */
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

/** The axes of a drawing and their place, in pixels from the plot's upper left corner. */
export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
