import { specJsonSchema } from "./json_schema.ts";
import { SPEC_EXAMPLES } from "./spec_examples.ts";

/** The parts of JSON Schema that a spec's schema uses. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly $ref?: string;
  readonly pattern?: string;
}

/** One key of a spec, as its table shows it. */
export interface SpecKey {
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
  /** YAML of a value. */
  readonly example: string;
}

/** The keys of one mapping in a spec. */
export interface SpecSection {
  readonly title: string;
  readonly summary: string;
  readonly keys: readonly SpecKey[];
}

const LOSS_SUMMARY = "The training loss. Components of a `sum` have a `weight` beside these keys.";

/** Every mapping of a spec with its keys, from the schema that checks specs. */
export function specSections(): SpecSection[] {
  const top = specJsonSchema() as Schema;
  const at = (key: string): Schema => mapping(top.properties![key]!);
  const [arm, staged] = variants(top.properties!["arms"]!.items!);
  const optimizers = variants(at("optimizer"));
  const ownModel = variants(top.properties!["model"]!).find(({ properties }) => properties !== undefined)!;
  return [
    section("The spec", "Keys at the top of the file.", top),
    section("dataset", "The images of an experiment.", at("dataset")),
    section("model", "A network of one's own.", ownModel),
    ...variants(ownModel.properties!["layers"]!.items!).map((each) =>
      section(`model.layers[]: ${String(each.properties!["kind"]!.const)}`, each.description!, each)
    ),
    ...optimizers.map((each) =>
      section(`optimizer: ${String(each.properties!["name"]!.const)}`, each.description!, each)
    ),
    section(
      "optimizer.groups[]",
      "Parameters with settings of their own.",
      optimizers[0]!.properties!["groups"]!.items!,
    ),
    ...variants(at("loss")).map((each) =>
      section(`loss: ${String(each.properties!["name"]!.const)}`, LOSS_SUMMARY, each)
    ),
    ...variants(top.properties!["averages"]!.items!).map((each) =>
      section(`averages[]: ${String(each.properties!["kind"]!.const)}`, "An average of the weights.", each)
    ),
    section("snapshots", "Weights at the end of each cycle.", at("snapshots")),
    section("probe", "Update statistics.", at("probe")),
    section("hessian", "Sharpness over the run.", at("hessian")),
    section("looks", "Seeds added until the evidence decides.", at("looks")),
    section("margin", "Differences that do not matter.", at("margin")),
    section("tune", "Rates chosen before the comparison.", at("tune")),
    section("sweep", "A grid of one arm's settings.", at("sweep")),
    section("arms[]", "One of the settings to compare.", arm!),
    section(
      "arms[] with stages",
      "An arm that is several runs, each starting from the end of the one before.",
      staged!,
    ),
    section(
      "arms[].stages[]",
      "One of them; the last is compared.",
      staged!.properties!["stages"]!.items!,
    ),
  ];
}

/** `docs/spec.md`: every key of a spec with its type, default, meaning and an example. */
export function specMarkdown(): string {
  return [
    "# Keys of a spec",
    "",
    "A spec is a YAML file. A duration is a number with its unit: `30 epochs`, `500 steps`, or `10%` of the run. " +
    "Schedules and their keys are in [schedules.md](schedules.md); their rate may be `tuned`, the best of `tune`, " +
    "or `tuned ARM`. Editors check a spec by [spec.schema.json](spec.schema.json). This page is generated from the " +
    "schema that checks specs.",
    "",
    ...specSections().flatMap(({ title, summary, keys }) => [
      `## ${title}`,
      "",
      summary,
      "",
      "| key | type | default | meaning | example |",
      "| --- | --- | --- | --- | --- |",
      ...keys.map(({ key, type, default: value, meaning, example }) =>
        `| ${[`\`${key}\``, type, value, meaning, `\`${example}\``].map(cell).join(" | ")} |`
      ),
      "",
    ]),
  ].join("\n");
}

const cell = (text: string) => text.replaceAll("|", "\\|");

function section(title: string, summary: string, { properties = {}, required = [] }: Schema): SpecSection {
  const keys = Object.entries(properties).map(([key, schema]): SpecKey => {
    const { default: value } = schema;
    const own = schema.const ?? value ?? null;
    const example = SPEC_EXAMPLES[title]?.[key] ??
      (own === null ? SPEC_EXAMPLES["any"]![key]! : yamlOf(own));
    return {
      key,
      type: typeOf(schema),
      default: required.includes(key) ? "required" : defaultOf(value),
      meaning: meaningOf(schema),
      example,
    };
  });
  return { title, summary, keys };
}

const defaultOf = (value: unknown): string =>
  value === undefined || value === null ? "none" : `\`${yamlOf(value)}\``;

/** Plain data as YAML writes it on a line; texts here need no quotes. */
function yamlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value).map(([key, each]) => `${key}: ${yamlOf(each)}`).join(", ")} }`;
}

function meaningOf(schema: Schema): string {
  if (schema.const !== undefined) return "chooses this one";
  // A reference has no description of its own.
  const named = schema.$ref === undefined ? "" : "the schedule of the rate";
  return schema.description ?? withoutNull(schema).description ?? named;
}

/** The schema of the values that are not null. */
function withoutNull(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
}

const mapping = (schema: Schema): Schema => withoutNull(schema);
const variants = (schema: Schema): readonly Schema[] => schema.oneOf ?? schema.anyOf ?? [schema];

function typeOf(schema: Schema): string {
  const one = withoutNull(schema);
  if (one.const !== undefined) return `\`${String(one.const)}\``;
  if (one.enum) return one.enum.map((each) => `\`${String(each)}\``).join(", ");
  if (one.$ref !== undefined) return one.$ref.includes("layer") ? "layer" : "schedule";
  if (one.oneOf !== undefined || one.properties !== undefined) return "mapping";
  if (one.prefixItems) return `[${one.prefixItems.map(typeOf).join(", ")}]`;
  if (one.type === "array") return one.items === undefined ? "list" : `list of ${typeOf(one.items)}`;
  if (one.type === "object") return "mapping";
  const [type] = [one.type].flat();
  if (type === "string") return one.pattern?.includes("epochs") ? "duration" : "text";
  return [type === "integer" ? "whole number" : type ?? "mapping", rangeOf(one)].join(" ").trim();
}

/** JSON Schema's bound for whole numbers that no spec comes near. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Schema): string {
  return [
    exclusiveMinimum === undefined ? null : `> ${exclusiveMinimum}`,
    minimum === undefined || minimum === -UNBOUNDED ? null : `>= ${minimum}`,
    exclusiveMaximum === undefined ? null : `< ${exclusiveMaximum}`,
    maximum === undefined || maximum === UNBOUNDED ? null : `<= ${maximum}`,
  ].filter((bound) => bound !== null).join(" and ");
}
