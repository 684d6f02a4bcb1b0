import type { Axis } from "../axis.ts";
import type { Line, Mark } from "../lines/chart.ts";

/** Small multiples: for each arm one curve above another, over one x axis; all panels share their axes. */
export interface MultiplesChart {
  readonly kind: "multiples";
  readonly x: Axis;
  /** Axis of the upper curves: the learning rate. */
  readonly upper: Axis;
  /** Axis of the lower curves: the validation accuracy. */
  readonly lower: Axis;
  readonly panels: readonly Panel[];
  /** Horizontal lines through every lower curve, with a name: a target. */
  readonly levels: readonly Mark[];
}

export interface Panel {
  readonly label: string;
  /** Short remark beside the label: `2 of 12 failed`. Empty for none. */
  readonly remark: string;
  readonly upper: Line;
  readonly lower: Line;
}
