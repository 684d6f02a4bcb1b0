import type { z } from "zod";
import { suggestKey } from "#lib/nearest.ts";
import type { Problem } from "./error.ts";
import { LAYER_KEYS, MODEL_KEYS } from "./model_schema.ts";
import type { Path } from "./path.ts";
import { ARM_KEYS, DATASET_KEYS, specSchema } from "./schema.ts";
import { LOSS_KEYS } from "./loss_schema.ts";
import { OPTIMIZER_KEYS } from "./settings_schema.ts";

/** A validation issue in words: the value and the allowed ones. */
export function explain(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key; ${suggestKey(key, known)}`,
    }));
  }
  if (issue.code === "invalid_union") {
    // Of the variants, the one whose kind of value is there: a mapping, not a text.
    const meant = issue.errors.find((each) =>
      !each.some(({ code, path }) => code === "invalid_type" && path.length === 0)
    );
    if (meant) return meant.flatMap((each) => explain({ ...each, path: [...path, ...each.path] }));
  }
  if (issue.code === "invalid_value") {
    return [{
      path,
      message: `${shown(issue.input)}expected ${
        issue.values.map((value) => JSON.stringify(value)).join(" or ")
      }`,
    }];
  }
  return [{ path, message: issue.message.replace(/^Invalid input: /, "") }];
}

const shown = (input: unknown) => input === undefined ? "" : `got ${JSON.stringify(input)}; `;

function knownKeys(path: Path): string[] {
  const top = specSchema.shape;
  const keys: Record<string, string[]> = {
    "": Object.keys(top),
    dataset: DATASET_KEYS,
    optimizer: OPTIMIZER_KEYS,
    loss: LOSS_KEYS,
    model: path.length > 1 ? LAYER_KEYS : MODEL_KEYS,
    arms: path.includes("optimizer") ? OPTIMIZER_KEYS : path.includes("loss") ? LOSS_KEYS : ARM_KEYS,
    averages: ["kind", "name", "decay", "from", "every"],
    snapshots: ["limit"],
    probe: ["for", "every"],
    forensics: ["seeds"],
    hessian: ["for", "every", "images", "products", "seeds"],
    tune: path.includes("budgets") ? ["seeds"] : ["rates", "seeds", "extend", "budgets"],
    sweep: ["over", "seeds"],
  };
  return keys[String(path[0] ?? "")] ?? [];
}
