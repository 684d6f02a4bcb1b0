import { printable } from "#lib/printable.ts";
import type { InspectedFile } from "#datasets/inspect.ts";

/** More columns than that no terminal shows. */
const MOST_COLUMNS = 20;

/** Images by file and class, as a table; of many classes the fewest and the most of any. */
export function countsText(
  { files, classes }: { readonly files: readonly InspectedFile[]; readonly classes: readonly string[] },
): string {
  const wide = classes.length > MOST_COLUMNS;
  const labels = wide ? [`fewest of ${classes.length} classes`, "most"] : classes.map(printable);
  const rows = files.map(({ name, images, perClass }) => ({
    name,
    cells: [images, ...wide ? [Math.min(...perClass), Math.max(...perClass)] : perClass],
  }));
  const widest = Math.max(4, ...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly (string | number)[]) =>
    [
      name.padEnd(widest),
      ...cells.map((cell, column) =>
        String(cell).padStart(column === 0 ? 6 : Math.max(5, labels[column - 1]!.length))
      ),
    ].join("  ");
  return [line("file", ["images", ...labels]), ...rows.map(({ name, cells }) => line(name, cells))].join(
    "\n",
  ) + "\n";
}
