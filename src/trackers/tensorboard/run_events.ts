import { assertNever } from "#lib/assert_never.ts";
import type { RunPlan } from "#results/run.ts";
import type { TrainEvent } from "#train/events.ts";
import { concat } from "#lib/bytes.ts";
import { EVENT } from "./fields.ts";
import { groupOf, hparamsOf } from "./hparams.ts";
import { encodeEvent, type EventContent, type SummaryValue } from "./messages.ts";
import { recordOf } from "./records.ts";
import { FIXED64 } from "./wire.ts";

/** Seconds since 1970 of the event with this number, counted from 0 over all events of a run. */
export type WallTime = (index: number) => number;

/**
 * The first records of a run's event file: its version, the step that it begins at, its settings and group.
 *
 * @param startS when the run was begun, in seconds since 1970.
 */
export function openingOf(plan: RunPlan, startS: number): Uint8Array<ArrayBuffer> {
  const hparams = { kind: "hparams start", hparams: hparamsOf(plan), group: groupOf(plan), startS } as const;
  const contents: EventContent[] = [
    { kind: "file version", writer: "lr-lab" },
    { kind: "session start" },
    { kind: "summary", values: [hparams] },
  ];
  const step = plan.first_step ?? 0;
  return concat(contents.map((content) => recordOf(encodeEvent({ wallTime: startS, step, content }))));
}

/** Records of {@link openingOf}. */
export const OPENING_RECORDS = 3;

/**
 * Events of a run as records of an event file: exactly one record an event, so that a file can be cut back with them.
 * Curves are `train/…`, `validation/…`, `test/…` and `probe/…` at the steps of the events; restarts, snapshots and the
 * end are texts.
 *
 * @param first number of the first of them among the run's events.
 */
export function encodeEvents(
  events: readonly TrainEvent[],
  wallTime: WallTime,
  first = 0,
): Uint8Array<ArrayBuffer> {
  return concat(events.map((event, index) => {
    const time = wallTime(first + index);
    const values = valuesOf(event, time);
    return recordOf(
      encodeEvent({ wallTime: time, step: event.step, content: { kind: "summary", values } }),
    );
  }));
}

function valuesOf(event: TrainEvent, wallTime: number): SummaryValue[] {
  switch (event.kind) {
    case "step": {
      const { loss, lr, momentum, gradient_norm, groups = [], loss_components: components = [] } = event;
      return [
        ...scalars("train", { loss, learning_rate: lr, momentum, gradient_norm }),
        ...scalars(
          "train/learning_rate",
          Object.fromEntries(groups.map((rate, at) => [`group_${at}`, rate])),
        ),
        ...scalars(
          "train/loss_weight",
          Object.fromEntries(components.map(({ name, weight }) => [name, weight])),
        ),
        // A component that is left out has no loss.
        ...scalars(
          "train/loss",
          Object.fromEntries(components.flatMap((each) => each.weight === 0 ? [] : [[each.name, each.loss]])),
        ),
      ];
    }
    case "eval": {
      const { split, weights, loss, accuracy, segmentation, text: written } = event;
      const { class_dice = [], ...scores } = segmentation ?? {};
      const place = weights === undefined ? split : `${split}/${weights}`;
      return [
        ...scalars(place, { loss, accuracy, ...scores, ...written }),
        ...scalars(
          `${place}/dice`,
          Object.fromEntries(class_dice.map((dice, label) => [`class_${label}`, dice])),
        ),
      ];
    }
    case "probe": {
      const { kind: _, step: __, ...figures } = event;
      return scalars("probe", figures);
    }
    case "restart":
      return [text("restart", `Warm restart: cycle ${event.cycle} begins at step ${event.step}.`)];
    case "snapshot":
      return [text("snapshot", `Weights at the end of cycle ${event.cycle}: \`${event.path}\`.`)];
    case "checkpoint":
      return [text("checkpoint", `Weights after ${event.step} steps: \`${event.path}\`.`)];
    case "path": {
      const { from, to, distance, positions, losses } = event;
      const table = positions.map((at, index) => `| ${at} | ${losses[index]} |`).join("\n");
      const title = `Validation loss on the line from ${from} to ${to}, ${distance} apart`;
      return [text("path", `${title}\n\n| position | loss |\n| --- | --- |\n${table}`)];
    }
    case "hessian": {
      const { eigenvalue, limit, residual } = event;
      return scalars("hessian", { eigenvalue, limit, residual });
    }
    case "sharpness":
      return scalars("sharpness", { loss: event.loss, rise: mean(event.rises) });
    case "ended": {
      const isSuccess = event.reason === "budget";
      const detail = event.detail === null ? "" : `: ${event.detail}`;
      return [
        text("end", `Ended after ${event.step} steps by ${event.reason}${detail}`),
        ...scalars("run", { ms_per_step: event.ms_per_step }),
        { kind: "hparams end", isSuccess, endS: wallTime },
      ];
    }
    default:
      return assertNever(event);
  }
}

/** A figure that was not measured has no point; one that is not finite has. */
function scalars(
  prefix: string,
  figures: Readonly<Record<string, number | null | undefined>>,
): SummaryValue[] {
  return Object.entries(figures).flatMap(([name, value]): SummaryValue[] =>
    value === null || value === undefined ? [] : [{ kind: "scalar", tag: `${prefix}/${name}`, value }]
  );
}

function text(tag: string, text: string): SummaryValue {
  return { kind: "text", tag: `${tag}/text_summary`, text };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The wall times that an event file's records hold, those of its opening left out; NaN for none.
 *
 * @param records data of its records, in order.
 */
export function wallTimesOf(records: Iterable<Uint8Array>): number[] {
  const times = Array.from(records, (data) => {
    // Every writer's first field.
    if (data.length < 9 || data[0] !== 8 * EVENT.wall_time + FIXED64) return NaN;
    return new DataView(data.buffer, data.byteOffset).getFloat64(1, true);
  });
  return times.slice(OPENING_RECORDS);
}
