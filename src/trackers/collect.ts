import type { Settings, TrackerRecord } from "./model.ts";
import { type Series, SeriesCollector } from "./series.ts";

/** One training run, joined over its files. */
export interface TrackedRun {
  /** Name within its files; `null` where they are of one run and do not name it. */
  readonly name: string | null;
  readonly settings: Settings;
  /** Group of TensorBoard's hparams plugin; `null` for none. */
  readonly group: string | null;
  readonly series: ReadonlyMap<string, Series>;
}

export interface CollectOptions {
  /** True to keep every point where it stands in the file, also where steps go back; false if not given. */
  readonly keepsOrder?: boolean;
}

/**
 * Puts the records of the files of one run together, or of several runs in one file. Where steps go back, training had
 * begun again: the later points replace those of the same and later steps, and {@link Collector.notes} says so.
 */
export class Collector {
  readonly #runs = new Map<string | null, Collected>();
  readonly #notes = new Set<string>();

  constructor(private readonly options: CollectOptions = {}) {}

  /** @param prefix put before tags: `validation/` for what lies in the folder `validation`. */
  add(record: TrackerRecord, prefix = ""): void {
    switch (record.kind) {
      case "points": {
        const run = this.#run(record.run);
        const tag = prefix + record.tag;
        let series = run.series.get(tag);
        if (series === undefined) {
          series = new SeriesCollector(tag, record.unit, this.options.keepsOrder ?? false);
          run.series.set(tag, series);
        }
        series.add(record);
        return;
      }
      case "settings": {
        const run = this.#run(record.run);
        Object.assign(run.settings, record.settings);
        run.group = record.group ?? run.group;
        return;
      }
      case "restart":
        for (const series of this.#run(record.run).series.values()) series.cutFrom(record.step);
        return;
      case "note":
        this.#notes.add(record.text);
    }
  }

  runs(): TrackedRun[] {
    return [...this.#runs].map(([name, { settings, group, series }]) => ({
      name,
      settings,
      group,
      series: new Map([...series].map(([tag, one]) => [tag, one.series()])),
    }));
  }

  /** Sentences on what could not be used. */
  notes(): string[] {
    const joined = this.runs().flatMap(({ name, series }) => {
      const of = name === null ? "" : `Run ${name}: `;
      const all = [...series.values()];
      const replaced = all.filter((one) => one.replaced > 0);
      const thinned = all.filter((one) => one.every > 1);
      return [
        ...replaced.slice(0, 1).map((one) =>
          `${of}steps go back (it was resumed, or a step was logged twice): ${one.replaced} points of ${one.tag} ` +
          `were replaced by later ones${
            replaced.length > 1 ? `, and in ${replaced.length - 1} more series` : ""
          }`
        ),
        ...thinned.slice(0, 1).map((one) => `${of}${one.tag} is long: every ${one.every}th point is kept`),
      ];
    });
    return [...this.#notes, ...joined];
  }

  #run(name: string | null): Collected {
    let run = this.#runs.get(name);
    if (run === undefined) this.#runs.set(name, run = { settings: {}, group: null, series: new Map() });
    return run;
  }
}

interface Collected {
  settings: Record<string, Settings[string]>;
  group: string | null;
  series: Map<string, SeriesCollector>;
}
