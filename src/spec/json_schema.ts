import { z } from "zod";
import type { Entry, Registry } from "#schedules/entry.ts";
import type { Param, Range } from "#schedules/param_types.ts";
import { CATALOGUE, COMMON_PARAMS } from "#schedules/entries.ts";
import { specFileSchema } from "./schema.ts";
import { scheduleDuration } from "./settings_schema.ts";

type Json = Record<string, unknown>;

/**
 * The JSON Schema (draft 2020-12) of a spec file, for editors: completion, descriptions, marks under what is wrong.
 * Schedules come from the catalogue, so a new one is in it by itself.
 */
export function specJsonSchema({ names, entries }: Registry = CATALOGUE): Json {
  const schema = z.toJSONSchema(specFileSchema, { io: "input", unrepresentable: "any" }) as Json;
  const definitions = schema["$defs"] as Json;
  definitions["schedule"] = {
    description: "a schedule from the catalogue",
    oneOf: names.map((name) => entrySchema(entries[name]!)),
  };
  return schema;
}

function entrySchema({ name, summary, params, exactlyOne, loadedParams }: Entry): Json {
  const all = { ...params, ...COMMON_PARAMS };
  const required = Object.entries(params).filter(([, param]) => param.default === undefined).map(([key]) =>
    key
  );
  return {
    type: "object",
    description: summary,
    properties: {
      name: { const: name },
      ...Object.fromEntries(Object.entries(all).map(([key, param]) => [key, paramSchema(key, param)])),
    },
    required: ["name", ...required],
    ...(exactlyOne && { oneOf: exactlyOne.map((key) => ({ required: [key] })) }),
    // A module declares keys of its own.
    ...(loadedParams === undefined && { additionalProperties: false }),
  };
}

const SCHEDULE = { $ref: "#/$defs/schedule" };

function paramSchema(key: string, param: Param): Json {
  const shape = { description: param.doc, ...kindSchema(param) };
  const whole: Json = param.default === null ? { anyOf: [shape, { type: "null" }] } : shape;
  if (key === "lr" || key === "max_lr") {
    return { anyOf: [whole, { type: "string", pattern: "^tuned( .+)?$" }] };
  }
  return param.default === undefined ? whole : { ...whole, default: param.default };
}

function kindSchema(param: Param): Json {
  switch (param.kind) {
    case "number":
      return { type: param.range.whole ? "integer" : "number", ...bounds(param.range) };
    case "duration":
      return durationSchema();
    case "durations":
      return { type: "array", items: durationSchema() };
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: param.options };
    case "text":
      return { type: "string" };
    case "schedule":
      return SCHEDULE;
    case "schedules":
      return { type: "array", items: SCHEDULE };
    case "parts":
      return {
        type: "array",
        items: {
          type: "object",
          properties: { for: durationSchema(), schedule: SCHEDULE },
          required: ["schedule"],
          additionalProperties: false,
        },
      };
  }
}

function durationSchema(): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(scheduleDuration) as Json;
  return schema;
}

function bounds({ min, above, max, below }: Range): Json {
  return {
    ...(min !== undefined && { minimum: min }),
    ...(above !== undefined && { exclusiveMinimum: above }),
    ...(max !== undefined && { maximum: max }),
    ...(below !== undefined && { exclusiveMaximum: below }),
  };
}
