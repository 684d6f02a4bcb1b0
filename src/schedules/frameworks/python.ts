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

/** A value as Python reads it. Numbers are exact: one digit less can move a step across the end of a phase. */
export function py(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(py).join(", ")}]`;
  return String(value);
}

/**
 * A rate, or what multiplies one, as a float, never as an int: `1.0`, as a framework may compute in the type of the
 * first rate. Digits that are noise of a multiplication are left out: `0.01` for `0.1 * 0.1`.
 */
export function real(value: number): string {
  const [exact, short] = [py(value), py(Number(value.toPrecision(15)))];
  return asFloat(short.length + 3 < exact.length ? short : exact);
}

const asFloat = (text: string): string => /^-?\d+$/.test(text) ? `${text}.0` : text;

/** Arguments that count steps, epochs, evaluations or cycles: Python's int where they are whole. All others are floats. */
const COUNTS =
  /^(T_0|T_mult|T_max|t_initial|decay_t|warmup_t|cycle_limit|milestones|boundaries|step_size.*|total_.*|.*_steps|.*_step_size|n_epoch|epochs|n_cycles|num_cycles|cycle_len|cycle_mult|patience.*|cooldown.*|timescale|accumulation_size|first_decay_steps|window_size)$/;

/** Keyword arguments: `lr=0.1, step_size=10`. */
export function kwargs(values: Readonly<Record<string, unknown>>): string {
  const written = (key: string, value: unknown): string => {
    // A share of the run is a time.
    if (typeof value === "number" && key.startsWith("pct_")) return asFloat(py(value));
    if (typeof value === "number" && !COUNTS.test(key)) return real(value);
    if (!Array.isArray(value)) return py(value);
    return `[${value.map((item) => written(key, item)).join(", ")}]`;
  };
  return Object.entries(values).map(([key, value]) => `${key}=${written(key, value)}`).join(", ");
}

/** `offset + slope * progress`, with the sign of the slope where it belongs. */
export function linearIn(offset: number, slope: number, progress: string): string {
  if (offset === 0) return `${real(slope)} * ${progress}`;
  return slope < 0
    ? `${real(offset)} - ${real(-slope)} * ${progress}`
    : `${real(offset)} + ${real(slope)} * ${progress}`;
}

/** Half a cosine from `start` (progress 0) to `end` (progress 1). */
export function halfCosine(start: number, end: number, progress: string, { call }: Style): string {
  return linearIn(end, start - end, `(1 + ${call("cos", `math.pi * ${progress}`)}) / 2`);
}

/** The time since `start`; an eager style computes it before `start` too, where it must stay >= 0. */
export function since(start: number, style: Style): string {
  return start === 0 ? "t" : style.eager ? style.call("maximum", `t - ${start}`, "0") : `t - ${start}`;
}
