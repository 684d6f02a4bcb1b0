import { z } from "zod";
import type { OptimizerSpec } from "#train/optimizer.ts";
import { OPTIMIZERS } from "#train/optimizers/catalog.ts";
import type { OptimizerEntry, OptimizerParam, OptimizerParams, Range } from "#train/optimizers/entry.ts";

type AnyEntry = OptimizerEntry<string, OptimizerParams, never>;
type Shape = Readonly<Record<string, z.ZodType>>;

/** The keys of each optimizer; `common` are those that every one has beside its own. */
export function optimizerShapes(common: Shape): Shape[] {
  return OPTIMIZERS.map((entry) => shapeOf(entry, common));
}

/** A spec's optimizer: one of the catalogue, with its own keys as its entry says, and those that every one has. */
export function optimizerSchema(common: Shape): z.ZodType<OptimizerSpec, { readonly name: string }> {
  const [first, ...rest] = OPTIMIZERS.map((entry) => schemaOf(entry, common));
  const checked: z.ZodType<Readonly<Record<string, unknown>>> = z.discriminatedUnion("name", [
    first!,
    ...rest,
  ]);
  // The type of a spec is derived from the same entries.
  return checked as z.ZodType<OptimizerSpec, { readonly name: string }>;
}

function shapeOf({ name, params, weightDecay }: AnyEntry, common: Shape): Shape {
  return {
    name: z.literal(name),
    ...Object.fromEntries(Object.entries(params).map(([key, param]) => [key, paramSchema(param)])),
    weight_decay: z.number().min(0).default(weightDecay).meta({
      description: "weight decay, of all parameters that no group says otherwise of",
    }),
    ...common,
  };
}

function schemaOf(entry: AnyEntry, common: Shape): z.ZodObject<Shape, z.core.$strict> {
  const schema = z.strictObject(shapeOf(entry, common)).meta({ description: entry.description });
  const { conflict } = entry;
  if (!conflict) return schema;
  return schema.superRefine((settings, context) => {
    const found = conflict(settings as never);
    if (found) context.addIssue({ code: "custom", path: [found.key], message: found.message });
  });
}

function paramSchema(param: OptimizerParam): z.ZodType {
  const { doc: description } = param;
  switch (param.kind) {
    case "number":
      return within(param.range).default(param.default).meta({ description });
    case "pair": {
      const each = within(param.range);
      return z.tuple([each, each]).default([...param.default]).meta({ description });
    }
    case "boolean":
      return z.boolean().default(param.default).meta({ description });
  }
}

function within({ min, above, below }: Range): z.ZodNumber {
  let schema = z.number();
  if (min !== undefined) schema = schema.min(min);
  if (above !== undefined) schema = schema.gt(above);
  if (below !== undefined) schema = schema.lt(below);
  return schema;
}
