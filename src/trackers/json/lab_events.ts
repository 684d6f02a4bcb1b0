import { numberOf } from "../columns.ts";
import type { Format } from "../format.ts";
import { textOf } from "../text.ts";
import { objectLines } from "./lines.ts";

/** Kinds of events of a run of the lab. */
const KINDS = /^\s*\{"kind":"(?:step|eval|probe|restart|snapshot|average|path|sharpness|hessian|ended)"/;

/** Figures of a step by the tags that they have here. */
const OF_A_STEP = {
  lr: "learning_rate",
  momentum: "momentum",
  loss: "training_loss",
  gradient_norm: "gradient_norm",
} as const;

/** `events.jsonl` of this lab. Evaluations are `validation_accuracy`, `test_loss`, `test_accuracy:ema`. */
export const labEvents: Format = {
  name: "lr-lab",
  label: "events.jsonl of this lab",
  isGeneral: false,
  recognise: (head) => KINDS.test(textOf(head) ?? ""),
  parser(output) {
    const add = (tag: string, step: number, value: unknown) =>
      output.series(null, tag, "step")?.add(step, NaN, numberOf(value) ?? NaN);
    return objectLines(output, (event) => {
      const { kind, step } = event;
      if (typeof step !== "number") return;
      if (kind === "step") {
        for (const [key, tag] of Object.entries(OF_A_STEP)) if (key in event) add(tag, step, event[key]);
      } else if (kind === "eval") {
        const weights = event.weights === undefined ? "" : `:${event.weights}`;
        for (const figure of ["accuracy", "loss"]) {
          add(`${event.split}_${figure}${weights}`, step, event[figure]);
        }
        for (const [figure, value] of Object.entries({ ...event.segmentation ?? {}, ...event.text ?? {} })) {
          if (typeof value === "number") add(`${event.split}_${figure}${weights}`, step, value);
        }
      } else if (kind === "probe") {
        add("probe/gradient_norm", step, event.gradient_norm);
      } else if (kind === "hessian") {
        add("hessian/eigenvalue", step, event.eigenvalue);
      } else if (kind === "ended") output.settings(null, { ended: String(event.reason) });
    });
  },
};
