import { nearest } from "#lib/nearest.ts";
import type { Series } from "#trackers/series.ts";
import { UsageError } from "../../io.ts";

/** Names that an error lists. */
const LISTED = 40;

/** The series that is asked for, among those that the logs have: `eval/accuracy` is also `eval_accuracy`. */
export class Metric {
  readonly #seen = new Set<string>();

  constructor(private readonly asked: string | undefined) {}

  /** True for a series to keep; remembers its name. */
  isWanted(tag: string): boolean {
    this.#seen.add(tag);
    return this.asked !== undefined && plain(tag) === plain(this.asked);
  }

  /**
   * The name by which the logs have it.
   *
   * @throws {UsageError} where no run has it, or none was named: with those that there are.
   */
  chosen(): string {
    const all = [...this.#seen].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const listed = all.slice(0, LISTED).join(", ") +
      (all.length > LISTED ? ` and ${all.length - LISTED} more` : "");
    const there = all.length === 0 ? "The logs have no series of numbers." : `The logs have ${listed}.`;
    if (this.asked === undefined) throw new UsageError(`Name what is compared with --metric. ${there}`);
    const same = this.#same();
    if (same.length > 0) return same.includes(this.asked) ? this.asked : same[0]!;
    const near = nearest(this.asked, all);
    throw new UsageError(
      `No run has a metric ${this.asked}${
        near === null ? "" : `; did you mean ${JSON.stringify(near)}?`
      }. ${there}`
        .replace("?.", "?"),
    );
  }

  /** The series of a run; `null` where it has none. */
  of(series: ReadonlyMap<string, Series>): Series | null {
    const names = [this.asked!, ...this.#same()];
    for (const name of names) if (series.has(name)) return series.get(name)!;
    return null;
  }

  notes(): string[] {
    const others = this.#same().filter((tag) => tag !== this.asked);
    return others.length === 0 ? [] : [`${others.join(", ")} is taken for ${this.asked}`];
  }

  #same(): string[] {
    return [...this.#seen].filter((tag) => plain(tag) === plain(this.asked!));
  }
}

/** Trackers write the same name with other separators. */
function plain(tag: string): string {
  return tag.toLowerCase().replace(/[\s/_.:-]+/g, "/");
}
