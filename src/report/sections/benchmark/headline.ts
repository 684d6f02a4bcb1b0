import type { Standings } from "#study/benchmark/standings.ts";
import { counted, fixed } from "#lib/numbers.ts";

/** Names that a sentence has room for. */
const MOST_NAMES = 4;

/** Which families nothing separates at the top, and which end detectably worse, in one sentence. */
export function benchmarkHeadline({ families, ranks, order, settings }: Standings): string {
  const over = counted(settings.length, "setting");
  const best = families[order[0]!]!.name;
  const { criticalDifference, behind } = ranks;
  const first = `“${best}” has the best mean rank, ${fixed(ranks.families[order[0]!]!.rank, 1)}`;
  if (criticalDifference === null) return `${first}, over ${over}: too few to separate families`;
  const names = (places: readonly number[]) => listed(places.map((place) => `“${families[place]!.name}”`));
  const worse = order.filter((place) => behind.includes(place)).reverse();
  const top = order.filter((place) => !behind.includes(place));
  if (worse.length === 0) {
    return `${first}; ${over} separate it from none of the other ${families.length - 1} families`;
  }
  const ended = `${names(worse)} ${worse.length === 1 ? "ends" : "end"} detectably worse`;
  return top.length === 1
    ? `${first}, and all other families end detectably worse over ${over}`
    : `Over ${over} no evidence separates ${names(top)} at the top; ${ended}`;
}

/** What other seeds would show in these very settings, which are more than the settings can say of others. */
export function benchmarkSummary({ families, ranks, order, settings }: Standings): string {
  const here = order.filter((place) => ranks.behindHere.includes(place));
  const seeds = [...new Set(settings.map((setting) => setting.seeds.length))].sort((a, b) => a - b);
  const best = `“${families[order[0]!]!.name}”`;
  const runs = `${seeds.join(" or ")} ${seeds.length === 1 && seeds[0] === 1 ? "seed" : "seeds"} a setting`;
  if (here.length === 0) return `In these very settings, ${runs} put no family behind ${best}.`;
  const level = order.filter((place) => place !== order[0] && !here.includes(place));
  return `In these very settings, ${runs} put ${here.length} of the other ${
    families.length - 1
  } families behind ${best}` +
    (level.length === 0
      ? "."
      : `, but not ${listed(level.map((place) => `“${families[place]!.name}”`), 6)}.`);
}

/** `a, b and c`; of many, the first few and how many more. */
export function listed(names: readonly string[], most = MOST_NAMES): string {
  const shown = names.length <= most
    ? names
    : [...names.slice(0, most - 1), `${names.length - most + 1} more`];
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)!}`;
}
