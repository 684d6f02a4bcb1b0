/** Python for the functions of a formula: on numbers, or on arrays that a framework traces. */
export interface Style {
  readonly imports: readonly string[];
  /** `a` where the condition holds, else `b`. */
  where(condition: string, a: string, b: string): string;
  call(name: MathName, ...args: string[]): string;
  /** Lines that set `k` to the index of the last of `starts` that is at most t, and `start` and `end` to its bounds. */
  find(starts: readonly number[]): readonly string[];
  /** True where both branches of `where` are computed, so that each must be total. */
  readonly eager: boolean;
}

export type MathName = "cos" | "sqrt" | "exp" | "log" | "tanh" | "ceil" | "minimum" | "maximum";

/** A value as Python reads it; numbers to 15 digits, so that `0.1 * 0.1` does not end in noise. */
export function py(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(py).join(", ")}]`;
  return typeof value === "number" ? String(Number(value.toPrecision(15))) : String(value);
}

/** Keyword arguments: `lr=0.1, gamma=0.5`. */
export function kwargs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).map(([key, value]) => `${key}=${py(value)}`).join(", ");
}

/** `offset + slope * progress`, with the sign of the slope where it belongs. */
export function linearIn(offset: number, slope: number, progress: string): string {
  if (offset === 0) return `${py(slope)} * ${progress}`;
  return slope < 0
    ? `${py(offset)} - ${py(-slope)} * ${progress}`
    : `${py(offset)} + ${py(slope)} * ${progress}`;
}

/** Half a cosine from `start` (progress 0) to `end` (progress 1). */
export function halfCosine(start: number, end: number, progress: string, { call }: Style): string {
  return linearIn(end, start - end, `(1 + ${call("cos", `math.pi * ${progress}`)}) / 2`);
}

/** The time since `start`; an eager style computes it before `start` too, where it must stay >= 0. */
export function since(start: number, style: Style): string {
  return start === 0 ? "t" : style.eager ? style.call("maximum", `t - ${start}`, "0") : `t - ${start}`;
}
