import type { SettingScores } from "#results/benchmark_scores.ts";
import type { RankSlice, Robustness, Standing, Standings } from "#study/benchmark/standings.ts";
import { compact, counted, fixed, interval, MISSING } from "#lib/numbers.ts";
import type { Block } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { shareText } from "./figures.ts";

/** Mean rank and regret of each family, the best first. */
export function standingsTable({ families, ranks, order, settings }: Standings): Table {
  return tableOf(order, {
    caption: "Families over all settings",
    columns: [
      left("family", (place) => families[place]!.name),
      right(
        "mean rank",
        (place) => withInterval(ranks.families[place]!.rank, ranks.families[place]!.interval),
      ),
      right("mean regret (%)", (place) => {
        const { mean, interval: bounds } = families[place]!.regret;
        return sharesText(mean, bounds);
      }),
      right("worst regret (%)", (place) => {
        const { regret, interval: bounds } = families[place]!.regret.worst;
        return sharesText(regret, bounds);
      }),
      left("in", (place) => settingName(settings[families[place]!.regret.worst.setting]!)),
      right("failed", (place) => failedText(families[place]!.settings)),
    ],
    note:
      "Regret: the best family's mean minus this one's, of what the best gains over guessing. The mean is measured " +
      "against the family that the other seeds call best; the worst against the observed best, which is too good.",
  });
}

function failedText(settings: readonly Standing[]): string {
  const sum = (of: (one: Standing) => number) => settings.reduce((all, one) => all + of(one), 0);
  return `${sum(({ failed }) => failed)} of ${sum(({ runs }) => runs)}`;
}

/** `cnn 2×` */
export function settingName({ workload, length }: Pick<SettingScores, "workload" | "length">): string {
  return `${workload} ${length}×`;
}

/** A table for each setting: metric, chosen rate and regret of each family, the best first. */
export function settingTables({ families, settings }: Standings): Block[] {
  return settings.map((setting, index) => {
    const rows = families.map(({ name, settings }) => ({ name, own: settings[index]! }))
      .sort((a, b) => a.own.regret - b.own.regret);
    return tableOf(rows, {
      width: "half",
      caption: `${settingName(setting)}: ${metricName(setting)}, ${counted(setting.seeds.length, "seed")}`,
      columns: [
        left("family", ({ name }) => name),
        right(metricName(setting), ({ own }) => metricText(own, setting)),
        right("regret (%)", ({ own }) => shareText(own.regret)),
        right(
          "rate",
          ({ own }) => own.rate === null ? MISSING : compact(own.rate) + (own.atEdge ? " †" : ""),
        ),
        right("failed", ({ own }) => own.failed === 0 ? "" : `${own.failed} of ${own.runs}`),
      ],
      note: rows.some(({ own }) => own.atEdge) ? "† the smallest or the largest rate that was tried" : "",
    });
  });
}

/** A table for each workload: metric, chosen rate and failures of each family at each length. */
export function workloadTables({ families, order, settings }: Standings): Table[] {
  const numbered = settings.map((setting, index) => ({ setting, index }));
  return [...Map.groupBy(numbered, ({ setting }) => setting.workload)].map(([workload, own]) =>
    tableOf(order, {
      caption: `${workload}, ${metricName(own[0]!.setting)}`,
      columns: [
        left("family", (place) => families[place]!.name),
        ...own.map(({ setting, index }) =>
          right(
            `${setting.length}× (${counted(setting.steps, "step")})`,
            (place: number) => standingText(families[place]!.settings[index]!, setting),
          )
        ),
      ],
      note: "",
    })
  );
}

/** `58.5 [57.2, 59.9] at 0.1, 3 of 8 failed`; a dagger marks a rate at the edge of the grid. */
function standingText(own: Standing, setting: SettingScores): string {
  const rate = own.rate === null ? "no rate" : `at ${compact(own.rate)}${own.atEdge ? "†" : ""}`;
  return `${metricText(own, setting)} ${rate}` +
    (own.failed === 0 ? "" : `, ${own.failed} of ${own.runs} failed`);
}

const isAccuracy = ({ metric }: Pick<SettingScores, "metric">) => metric === "test_accuracy";

/** The setting's metric with its unit. */
export function metricName(setting: Pick<SettingScores, "metric">): string {
  return isAccuracy(setting) ? "accuracy (%)" : "perplexity";
}

/** A family's metric in a setting with its interval. */
function metricText(
  { metric, interval: bounds }: Standing,
  setting: Pick<SettingScores, "metric">,
): string {
  const [scale, decimals] = isAccuracy(setting) ? [100, 1] : [1, 2];
  return `${fixed(scale * metric, decimals)} ${interval(bounds, decimals, scale)}`;
}

/** What half and twice the chosen rate cost; nothing where no grid has them. */
export function robustnessTables({ families, order, settings }: Standings): Table[] {
  const factors = [...new Set(families.flatMap(({ robustness }) => robustness.map(({ factor }) => factor)))];
  if (factors.length === 0) return [];
  const at = (place: number, factor: number) =>
    families[place]!.robustness.find((one) => one.factor === factor);
  return [tableOf(order, {
    caption: "Loss at half and at twice the chosen rate",
    columns: [
      left("family", (place: number) => families[place]!.name),
      ...factors.flatMap((factor) => [
        right(`loss at ${factorText(factor)} (%)`, (place: number) => lossText(at(place, factor))),
        right(`failed at ${factorText(factor)}`, (place: number) => failuresText(at(place, factor))),
        right("settings", (place: number) => `${at(place, factor)?.settings ?? 0} of ${settings.length}`),
      ]),
    ],
    note:
      "Of what the setting's best family gains over guessing, failed runs as guessing, the same seeds at both rates. " +
      "Failed: at the other rate, at the chosen one, and the interval of the difference in points. A setting whose grid " +
      "ends at the chosen rate says nothing.",
  })];
}

/** `÷2`, `×2` */
export const factorText = (factor: number) => factor < 1 ? `÷${compact(1 / factor)}` : `×${compact(factor)}`;

/** The mean loss with its interval. */
export function lossText(one: Robustness | undefined): string {
  return one === undefined ? MISSING : sharesText(one.loss, one.interval);
}

/** Failed runs at another rate and at the chosen one. */
function failuresText(one: Robustness | undefined): string {
  if (one === undefined) return MISSING;
  const { chosen, other, runs, interval: bounds } = one.failures;
  if (chosen === 0 && other === 0) return `0 of ${runs}`;
  return `${other}, ${chosen} of ${runs} ${interval(bounds, 0, 100)}`;
}

/** Mean ranks by length and by workload. */
export function slicesTables({ families, order, byLength, byWorkload }: Standings): Table[] {
  const table = (caption: string, slices: readonly RankSlice[]) =>
    slices.length === 0 ? [] : [tableOf(order, {
      caption,
      columns: [
        left("family", (place: number) => families[place]!.name),
        ...slices.map(({ label, settings, ranks }) =>
          right(
            `${label} (${counted(settings, "setting")})`,
            (place: number) => withInterval(ranks.families[place]!.rank, ranks.families[place]!.interval),
          )
        ),
      ],
    })];
  return [...table("Mean rank by length", byLength), ...table("Mean rank by workload", byWorkload)];
}

function withInterval(rank: number, bounds: readonly [number, number] | null): string {
  return bounds === null ? fixed(rank, 1) : `${fixed(rank, 1)} ${interval(bounds, 1)}`;
}

/** A share and its interval as per cent, without the unit. */
function sharesText(share: number, bounds: readonly [number, number] | null): string {
  return shareText(share) + (bounds === null ? "" : ` [${shareText(bounds[0])}, ${shareText(bounds[1])}]`);
}
