type Range = readonly [number, number];

export const count = (value: number): string => value.toLocaleString("en-US");
/** Three significant digits with a true minus. */
export const short = (value: number): string => signed(Number(value.toPrecision(3)));
export const signed = (value: number): string => String(value).replace("-", "−");
export const range = (from: number, to: number): string => `${short(from)} … ${short(to)}`;

/** `0.982 [0.951, 1.014]`. */
export function withInterval(value: number, [low, high]: Range, decimals = 3): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : decimals;
  const figure = (one: number) => signed(Number(one.toFixed(digits)));
  return `${figure(value)} [${figure(low)}, ${figure(high)}]`;
}
