import type { Provenance } from "#results/provenance.ts";
import type { Section } from "../../model.ts";
import { left, right, tableUnlessEmpty } from "../../table.ts";

/** Runs that the workers of a queue gave up; nothing where there are none. */
export function deadLettersSection({ dead_letters = [] }: Pick<Provenance, "dead_letters">): Section[] {
  const blocks = tableUnlessEmpty(dead_letters, {
    caption: "Runs that the workers of the queue gave up",
    columns: [
      left("run", ({ run }) => run),
      right("begun", ({ attempts }) => `${attempts}`),
      left("last error", ({ reason }) => reason),
    ],
    note: "They are in no figure. The same command with --resume and --queue tries them again.",
  });
  return blocks.length === 0 ? [] : [{ id: "dead-letters", title: "Dead letters", brief: true, blocks }];
}
