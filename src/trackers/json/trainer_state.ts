import { isObject } from "#lib/json.ts";
import type { Format } from "../format.ts";
import type { Setting } from "../model.ts";
import { textOf } from "../text.ts";
import { JsonElements } from "./elements.ts";
import { Rows } from "./rows.ts";

/** Settings beside the log; Trainer writes some twenty. */
const MOST_SETTINGS = 1000;

/** `trainer_state.json` of Hugging Face's Trainer: the list `log_history`, and what the run was to be. */
export const trainerState: Format = {
  name: "trainer-state",
  label: "trainer_state.json of Hugging Face's Trainer",
  isGeneral: false,
  recognise: (head) => /^\s*\{/.test(textOf(head) ?? "") && textOf(head)!.includes('"log_history"'),
  parser(output) {
    const rows = new Rows(output);
    const settings: Record<string, Setting> = {};
    let count = 0;
    const elements = new JsonElements(output, (key, _index, value) => {
      if (key === "log_history" && isObject(value)) rows.add(value);
      else if (key !== null && ["number", "string", "boolean"].includes(typeof value)) {
        if (++count <= MOST_SETTINGS) settings[key] = value as Setting;
      }
    });
    return {
      push: (chunk) => elements.push(chunk),
      end() {
        elements.end();
        output.settings(null, settings);
      },
    };
  },
};
