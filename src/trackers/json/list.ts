import { isObject } from "#lib/json.ts";
import type { Format } from "../format.ts";
import { textOf } from "../text.ts";
import { JsonElements } from "./elements.ts";
import { Rows } from "./rows.ts";

/** A JSON list of objects, one a row: `[{"step": 1, "loss": 0.5}, …]`. */
export const jsonList: Format = {
  name: "json",
  label: "JSON list of objects",
  isGeneral: true,
  recognise: (head) => /^\s*\[\s*\{/.test(textOf(head) ?? ""),
  parser(output) {
    const rows = new Rows(output);
    return new JsonElements(output, (_key, _index, value) => {
      if (isObject(value)) rows.add(value);
    });
  },
};
