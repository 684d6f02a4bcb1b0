import type { LegendEntry } from "../../model.ts";

/**
 * Colours of classes, the background first and then those of Okabe and Ito (2008), which stay apart with each kind of
 * colour blindness. The same in both themes: a picture is a file, and its background is dark in either.
 */
const BACKGROUND = "#1b1b1f";
const CLASSES = ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#f7f7f7"];

/** A colour for each class; from the ninth object on they come again. */
export function classColors(count: number): string[] {
  return Array.from(
    { length: count },
    (_, label) => label === 0 ? BACKGROUND : CLASSES[(label - 1) % CLASSES.length]!,
  );
}

/** The classes by colour; several of one colour share an entry. */
export function classLegend(classes: readonly string[]): LegendEntry[] {
  const colors = classColors(classes.length);
  return [...Map.groupBy(classes, (_, label) => colors[label]!)]
    .map(([color, names]) => ({ color, name: names.join(", ") }));
}

/** Kinds of pixels in a map of errors, by number. */
export const ERRORS = [
  { name: "right: background", color: BACKGROUND },
  { name: "right: object", color: "#6a6a72" },
  { name: "missed object", color: "#f7f7f7" },
  { name: "object where there is none", color: "#d55e00" },
  { name: "object of another class", color: "#cc79a7" },
] as const satisfies readonly LegendEntry[];

/** The number of the kind in {@link ERRORS} for each pixel. */
export function errorMap(truth: Uint8Array, mask: Uint8Array): Uint8Array {
  return truth.map((actual, pixel) => {
    const predicted = mask[pixel]!;
    if (actual === predicted) return actual === 0 ? 0 : 1;
    return predicted === 0 ? 2 : actual === 0 ? 3 : 4;
  });
}
