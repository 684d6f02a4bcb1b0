/** Colours by role. The page declares them as custom properties, and charts name them as `@role`. */
export interface Theme {
  readonly paper: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly accent: string;
  readonly good: string;
  readonly bad: string;
  readonly open: string;
  /** Background of a notice. */
  readonly notice: string;
  /** One a series; at least 0.099 apart in OKLab with full colour vision and with each kind of dichromacy. */
  readonly series: readonly string[];
  /** Low to high, one hue, the value shows in lightness alone. */
  readonly heat: readonly [string, string, string];
}

export const LIGHT: Theme = {
  paper: "#fdfcfa",
  panel: "#f4f2ec",
  ink: "#1d1c1a",
  muted: "#5d5a54",
  rule: "#dcd8ce",
  accent: "#0b5c94",
  good: "#0b6b4f",
  bad: "#a8321a",
  open: "#6b5600",
  notice: "#fbeed3",
  series: ["#2866c0", "#9f3204", "#019b83", "#883d88", "#bc7706", "#43354b"],
  heat: ["#eef3f8", "#79a8d0", "#0b3d6b"],
};

export const DARK: Theme = {
  paper: "#141518",
  panel: "#1e2024",
  ink: "#eae8e3",
  muted: "#a8a59d",
  rule: "#3a3c42",
  accent: "#78bdf2",
  good: "#4fcfa0",
  bad: "#ff9277",
  open: "#e3bf52",
  notice: "#3a2f14",
  series: ["#00c5ff", "#de7b3c", "#36aa87", "#bb70cc", "#ede45d", "#c8beb6"],
  heat: ["#1f2a36", "#3d74a8", "#c3e2fb"],
};

/** Look of the n-th series: 30 combinations of colour and dash before one repeats. */
export interface SeriesStyle {
  readonly color: string;
  readonly dash: (typeof DASHES)[number]["name"];
  /** Dash for SVG's `stroke-dasharray`, at a line width of 2; empty for solid. */
  readonly dashArray: string;
  readonly symbol: string;
}

const DASHES = [
  { name: "solid", array: "" },
  { name: "dash", array: "9 4" },
  { name: "dot", array: "2 3" },
  { name: "dashdot", array: "9 3 2 3" },
  { name: "longdash", array: "16 4" },
] as const;

// No star: that marks what was chosen.
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "pentagon"];

export function seriesStyle(index: number): SeriesStyle {
  const dash = DASHES[index % DASHES.length]!;
  return {
    color: `@series-${index % LIGHT.series.length}`,
    dash: dash.name,
    dashArray: dash.array,
    symbol: SYMBOLS[index % SYMBOLS.length]!,
  };
}

/** Steps of the heat scale for which {@link customProperties} declares a legible text colour. */
export const HEAT_LEVELS = 17;

/** Start of the heat scale for lines of parallel coordinates: below it, they would not show on the paper. */
const FAINTEST_LINE = 0.4;

/** The colour of a thin line for a value at a share of its range. */
function lineOnHeat(theme: Theme, share: number): string {
  const mixed = heatAt(theme, FAINTEST_LINE + (1 - FAINTEST_LINE) * share);
  return `#${mixed.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("")}`;
}

/** Red, green and blue of the heat scale at a share of its range, 0 … 255. */
function heatAt({ heat }: Theme, share: number): number[] {
  const [from, to] = share < 0.5 ? [heat[0], heat[1]] : [heat[1], heat[2]];
  const within = share < 0.5 ? 2 * share : 2 * share - 1;
  return channels(from).map((channel, i) => channel + within * (channels(to)[i]! - channel));
}

/** Black or white, whichever stands out more from the heat scale at a share of its range: at least 4.5:1. */
export function textOnHeat(theme: Theme, share: number): string {
  return luminance(heatAt(theme, share)) > 0.179 ? "#000000" : "#ffffff";
}

/** WCAG 2 contrast of two colours, 1 … 21. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(channels(one)), luminance(channels(other))].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

/** Red, green and blue of `#rrggbb`, 0 … 255. */
export function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** Relative luminance of sRGB (WCAG 2), 0 … 1. */
function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** The colour of each role, lists numbered from 0: `ink`, `series-0`, `heat-text-16`. */
export function rolesOf(theme: Theme): Map<string, string> {
  const { series, heat, ...single } = theme;
  return new Map([
    ...Object.entries(single),
    ...series.map((color, index): [string, string] => [`series-${index}`, color]),
    ...heat.map((color, index): [string, string] => [`heat-${index}`, color]),
    ...Array.from(
      { length: HEAT_LEVELS },
      (_, level): [string, string] => [`heat-text-${level}`, textOnHeat(theme, level / (HEAT_LEVELS - 1))],
    ),
    ...Array.from(
      { length: HEAT_LEVELS },
      (_, level): [string, string] => [`heat-line-${level}`, lineOnHeat(theme, level / (HEAT_LEVELS - 1))],
    ),
  ]);
}

/** Declarations of custom properties: `--ink: #1d1c1a; …`. */
export function customProperties(theme: Theme): string {
  return [...rolesOf(theme)].map(([role, color]) => `--${role}: ${color};`).join(" ");
}
