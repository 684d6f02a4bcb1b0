import { plain, significant } from "#lib/numbers.ts";

type Range = readonly [number, number];

/** Three significant digits. */
export const short = (value: number): string => significant(value, 3);
export const range = (from: number, to: number): string => `${short(from)} … ${short(to)}`;

/** `0.982 [0.951, 1.014]`. */
export function withInterval(value: number, [low, high]: Range, decimals = 3): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : decimals;
  const figure = (one: number) => plain(Number(one.toFixed(digits)));
  return `${figure(value)} [${figure(low)}, ${figure(high)}]`;
}
