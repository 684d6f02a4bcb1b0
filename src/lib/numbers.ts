/** Text of a missing value. */
export const MISSING = "–";

const MINUS = "−";

/**
 * A number for an axis or a sentence: at most `digits` significant digits, thousands separated, an exponent only
 * where the plain form would be long: `0.05`, `12,500`, `3e-7`.
 */
export function compact(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e9) {
    return Number(value.toPrecision(digits)).toExponential().replace("e+", "e").replace("-", MINUS).replace(
      "e−",
      "e-",
    );
  }
  return significant(value, Math.max(digits, Math.ceil(Math.log10(size + 1))));
}

/** A number as it is, thousands separated, with a true minus: `12,500`, `−0.25`. */
export function plain(value: number): string {
  return minus(formatter(0, 20).format(value));
}

/** A number of at most `digits` significant digits, never with an exponent: `−0.0031`, `1,200`. */
export function significant(value: number, digits: number): string {
  return plain(rounded(value, digits));
}

/** A number of at most `digits` significant digits, for what is written as it is: a spec, a message. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/** Fixed decimals with a true minus: `3.10`, `−0.25`; a dash for a missing value. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const text = formatter(decimals, decimals).format(value);
  // A value that rounds to zero has no sign.
  return minus(/[1-9]/.test(text) ? text : text.replace("-", ""));
}

/** As {@link fixed}, with a plus sign before values above zero: for differences. */
export function signed(value: number | null | undefined, decimals: number): string {
  const text = fixed(value, decimals);
  return /[1-9]/.test(text) && !text.startsWith(MINUS) ? `+${text}` : text;
}

/** An interval as text: `[1.9, 4.2]`. */
export function interval(bounds: readonly [number, number] | null, decimals: number, scale = 1): string {
  if (bounds === null) return MISSING;
  return `[${fixed(bounds[0] * scale, decimals)}, ${fixed(bounds[1] * scale, decimals)}]`;
}

/** `1 seed`, `3 seeds`. */
export function counted(count: number, noun: string): string {
  return `${plain(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const formatters = new Map<string, Intl.NumberFormat>();

/** Made once: to make one takes as long as to format dozens of numbers, and the first one of a process thousands. */
function formatter(minimumFractionDigits: number, maximumFractionDigits: number): Intl.NumberFormat {
  const key = `${minimumFractionDigits} ${maximumFractionDigits}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat("en-US", { minimumFractionDigits, maximumFractionDigits });
  formatters.set(key, made);
  return made;
}

function minus(text: string): string {
  return text.startsWith("-") ? MINUS + text.slice(1) : text;
}

/** Whole numbers as a list in which runs of three and more are ranges: `1 to 16, 20`. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.flatMap(([first, last]) =>
    last > first + 1 ? [`${first} to ${last}`] : [...new Set([first, last])].map(String)
  ).join(", ");
}
