import type { Frozen } from "#lib/frozen.ts";
import type { OwnModel } from "./model_schema.ts";
import type { Spec } from "./schema.ts";

/** The models of a spec's arms, each once. */
export function modelsText(spec: Pick<Spec, "model" | "arms">): string {
  return [...new Set(spec.arms.map(({ model }) => modelText(model ?? spec.model)))].join(", ");
}

type LayerText = Frozen<OwnModel["layers"][number]>;

/**
 * A model as reports, records and checkpoints name it: the lab's own by their names, others by every layer and setting, so
 * that two texts are the same where the networks are.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { modelText } from "#spec/model_text.ts";
 *
 * const layers = [{ kind: "global_average_pool" }, { kind: "dense", units: 10 }] as const;
 * assert.equal(modelText("cnn-small"), "cnn-small");
 * assert.equal(modelText({ name: "small", layers }), "small: global_average_pool, dense 10");
 * ```
 */
export function modelText(model: string | Frozen<OwnModel>): string {
  if (typeof model === "string") return model;
  return `${model.name ?? "own network"}: ${layersText(model.layers)}`;
}

const layersText = (layers: readonly LayerText[]): string => layers.map(layerText).join(", ");

function layerText(layer: LayerText): string {
  const { kind, ...settings } = layer;
  const parts = Object.entries(settings).flatMap(([key, value]) => {
    if (USUAL[key] === value) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : `${key} (${layersText(value)})`;
    if (key === "name") return `called ${value}`;
    return MAIN.includes(key) ? String(value) : `${key} ${value}`;
  });
  return [kind, ...parts].join(" ");
}

/** Values that go without saying. */
const USUAL: Readonly<Record<string, unknown>> = { stride: 1, padding: "same", bias: true, causal: false };
/** Keys that need no name: a layer has one of them at most. */
const MAIN = ["filters", "size", "rate", "units"];
