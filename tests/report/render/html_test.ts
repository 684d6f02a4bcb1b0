import assert from "node:assert/strict";
import { classColors, ERRORS } from "#report/sections/masks/colors.ts";
import { composeReport } from "#report/compose/experiment.ts";
import { renderPage } from "#report/render/html.ts";
import type { Report } from "#report/model.ts";
import { markup } from "#report/render/markup.ts";
import {
  channels,
  contrast,
  DARK,
  HEAT_LEVELS,
  LIGHT,
  seriesStyle,
  textOnHeat,
} from "#report/charts/palette.ts";
import { printable } from "#lib/printable.ts";
import { escapePlotly, inlineJson, shortened, shortenedWithin } from "#report/format/text.ts";
import { experimentFixture } from "../../support/experiment_fixture.ts";

const ASSETS = { css: "body { margin: 0; }", client: "drawAll();", plotly: "var Plotly;" };
const { summary, records } = experimentFixture({ steps: 100, stepsPerEpoch: 20 });
const report = composeReport(summary, records);

Deno.test("what is inserted into markup is escaped, unless it is markup", () => {
  assert.equal(
    markup`<p title="${`"'`}">${"<&>"}${markup`<br>`}${["a", null, 3]}</p>`.text,
    `<p title="&#34;&#39;">&#60;&#38;&#62;<br>a3</p>`,
  );
});

Deno.test("hostile names appear as text everywhere", async () => {
  const name = `</script><img src=x onerror=alert(1)>"'&\u2028`;
  const hostile = experimentFixture({ arms: [name, "b"], steps: 60, stepsPerEpoch: 20 });
  const page = await renderPage(composeReport({ ...hostile.summary, name }, hostile.records), ASSETS);
  assert.ok(!page.includes("<img"));
  assert.equal(page.split("</script").length - 1, 3, "only the page's own scripts end");
  const json = page.split(`id="figures">`)[1]!.split("</script>")[0]!;
  assert.ok(!json.includes("<") && !json.includes("\u2028"));
  assert.ok(JSON.parse(json).length > 5);
});

Deno.test("the policy allows nothing but the page's own scripts and styles", async () => {
  const page = await renderPage(report, ASSETS);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
  assert.match(
    policy,
    /^default-src 'none'; script-src 'sha256-[^ ]{44}' 'sha256-[^ ]{44}'; style-src 'sha256-/,
  );
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|http|\*/);
  assert.doesNotMatch(page, /(?:src|href)="(?!#|data:)/, "nothing is loaded from elsewhere");
  assert.doesNotMatch(page, /\sstyle="/, "no style attributes");
});

Deno.test("a script that would end its own element is refused", async () => {
  for (const client of ["'</script>'", "'</SCRIPT '", "'<!--'"]) {
    await assert.rejects(renderPage(report, { ...ASSETS, client }), /would end early/);
  }
});

Deno.test("ids must be unique and plain", async () => {
  const twice: Report = { ...report, sections: [...report.sections, report.sections[0]!] };
  await assert.rejects(renderPage(twice, ASSETS), /id "answers"/);
  const odd: Report = { ...report, sections: [{ ...report.sections[0]!, id: "a b" }] };
  await assert.rejects(renderPage(odd, ASSETS), /id "a b"/);
});

Deno.test("every figure has a title, a text for those who do not see it, a table and its data", async () => {
  const page = await renderPage(report, ASSETS);
  const figures = page.split("<figure ").slice(1);
  assert.ok(figures.length >= 8, `${figures.length} figures`);
  for (const figure of figures) {
    assert.match(figure, /<h3 [^>]*>[^<]+<\/h3>/);
    assert.match(figure, /role="group" aria-label="[^"]{20,}"/);
    assert.match(figure, /<details open>[^]*<tbody><tr>[^]*<\/details>/);
    assert.match(figure, /download="[a-z-]+\.csv" href="data:text\/csv/);
  }
});

Deno.test("text is legible in both themes: contrast of at least 4.5, of lines and marks at least 3", () => {
  for (const theme of [LIGHT, DARK]) {
    const { paper, panel, notice, series, rule: _, heat: __, ...text } = theme;
    for (const color of Object.values(text)) assert.ok(contrast(color, paper) >= 4.5, `${color} on ${paper}`);
    assert.ok(contrast(theme.ink, panel) >= 4.5 && contrast(theme.ink, notice) >= 4.5);
    for (const color of series) assert.ok(contrast(color, paper) >= 3, `${color} on ${paper}`);
    for (let level = 0; level < HEAT_LEVELS; level++) {
      const share = level / (HEAT_LEVELS - 1);
      const background = mixed(theme.heat, share);
      assert.ok(contrast(textOnHeat(theme, share), background) >= 4.5, `${share} of the heat scale`);
    }
  }
});

function mixed(heat: readonly [string, string, string], share: number): string {
  const [from, to] = share < 0.5 ? [heat[0], heat[1]] : [heat[1], heat[2]];
  const within = share < 0.5 ? 2 * share : 2 * share - 1;
  return "#" + [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((color) => parseInt(color.slice(at, at + 2), 16));
    return Math.round(a! + within * (b! - a!)).toString(16).padStart(2, "0");
  }).join("");
}

/** Linear sRGB as seen with each dichromacy (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION = {
  full: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [
    -0.003882,
    -0.048116,
    1.051998,
  ]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [
    -0.01182,
    0.04294,
    0.968881,
  ]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [
    0.004733,
    0.691367,
    0.3039,
  ]],
};

/** OKLab (Ottosson 2020) of a colour as seen. */
function seen(color: string, vision: readonly (readonly number[])[]): number[] {
  const linear = channels(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const times = (matrix: readonly (readonly number[])[], vector: readonly number[]) =>
    matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * vector[i]!, 0));
  const rgb = times(vision, linear).map((value) => Math.min(1, Math.max(0, value)));
  const cones = times(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [
      0.0883024619,
      0.2817188376,
      0.6299787005,
    ]],
    rgb,
  ).map(Math.cbrt);
  return times(
    [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [
      0.0259040371,
      0.7827717662,
      -0.808675766,
    ]],
    cones,
  );
}

for (const [name, vision] of Object.entries(VISION)) {
  const how = name === "full" ? "full colour vision" : name;
  const assertApart = (colors: readonly string[], least: number) =>
    colors.map((color) => seen(color, vision)).forEach((one, i, all) =>
      all.slice(i + 1).forEach((other, j) => {
        const distance = Math.hypot(...one.map((value, axis) => value - other[axis]!));
        assert.ok(distance >= least, `${colors[i]} and ${colors[i + 1 + j]}: ${distance}`);
      })
    );

  Deno.test(`series colours are told apart with ${how}`, () => {
    for (const { series } of [LIGHT, DARK]) assertApart(series, 0.099);
  });

  Deno.test(`colours of masks and of errors are told apart with ${how}`, () => {
    assertApart(classColors(9), 0.05);
    assertApart(ERRORS.map(({ color }) => color), 0.099);
  });
}

Deno.test("30 series differ in colour or dash", () => {
  const styles = Array.from({ length: 30 }, (_, index) => seriesStyle(index));
  assert.equal(new Set(styles.map(({ color, dash }) => `${color} ${dash}`)).size, 30);
});

Deno.test("texts: for JSON in a script, for Plotly, for a terminal, and short", () => {
  assert.deepEqual(JSON.parse(inlineJson({ a: "</script>", b: 1 / 3, c: 123456789 })), {
    a: "</script>",
    b: 0.3333333,
    c: 123456789,
  });
  assert.equal(escapePlotly("<b>&amp;"), "&lt;b&gt;&amp;amp;");
  assert.equal(printable("a\x1b[31mb\u202ec\n"), "a�[31mb�c�");
  assert.equal(shortened("😀😀😀😀", 3), "😀😀…");
  assert.equal(shortenedWithin("one-cycle, cosine, 10 % up", 16), "one-cycl…10 % up");
  assert.equal(shortenedWithin("😀😀😀😀", 4), "😀😀😀😀");
  assert.equal(shortenedWithin("😀😀😀😀🦕", 4), "😀😀…🦕");
});
