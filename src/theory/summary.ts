import type { TheoryAnswer } from "./claim.ts";
import type { Study } from "./study.ts";

/** `summary.json` of exercise 0, from which its report can be made again. */
export interface TheorySummary {
  readonly version: 1;
  /** What tells it from the summary of an experiment that trains. */
  readonly kind: "theory";
  readonly name: string;
  readonly lede: string;
  readonly provenance: {
    readonly at: string;
    readonly command: string;
    readonly commit: string | null;
    readonly versions: Readonly<Record<string, string>>;
    readonly wall_s: number;
  };
  readonly answers: readonly TheoryAnswer[];
  readonly study: Study;
}
