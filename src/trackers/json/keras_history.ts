import { isObject } from "#lib/json.ts";
import { numberOf } from "../columns.ts";
import type { Format } from "../format.ts";
import { textOf } from "../text.ts";
import { JsonElements } from "./elements.ts";

/**
 * `History.history` of Keras, saved by `json.dump`: `{"loss": [0.9, 0.5], "val_loss": [1.0, 0.6]}`, a value an epoch
 * from 0; or by pandas: `{"loss": {"0": 0.9, "1": 0.5}}`.
 */
export const kerasHistory: Format = {
  name: "keras-history",
  label: "Keras History as JSON",
  isGeneral: false,
  recognise: (head) =>
    /^\s*\{\s*"[^"]*"\s*:\s*(?:\[\s*(?:[-\d\]]|NaN|Infinity)|\{\s*"0"\s*:)/.test(textOf(head) ?? ""),
  parser: (output) =>
    new JsonElements(output, (key, index, value) => {
      if (key === null) return;
      const add = (epoch: number, figure: unknown) => {
        const number = numberOf(figure);
        if (number !== null) output.series(null, key, "epoch")?.add(epoch, NaN, number);
      };
      if (index >= 0) add(index, value);
      else if (isObject(value)) {
        for (const [epoch, figure] of Object.entries(value)) add(Number(epoch), figure);
      }
    }),
};
