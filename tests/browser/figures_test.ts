/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import config from "../../deno.json" with { type: "json" };
import { CHROMIUM_NAMES } from "#app/pictures/chromium.ts";
import { contrast, DARK, LIGHT } from "#report/charts/palette.ts";
import { cli, type Ran } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { LONG } from "../support/long.ts";
import { experimentFolder } from "../support/experiment_folder.ts";
import { chromiumPath, requires } from "../support/requires.ts";
import { openTab, openWatched } from "./chromium.ts";

const HOSTILE = `</pre><script>alert(1)</script>"'&<b>😀`;
const WORDY = "a very long name of an arm that goes on and on and does not end where one would want it to "
  .repeat(2).trim();
const FIGURES = [
  "arms-at-a-glance",
  "difference-steps-to-target",
  "difference-test-accuracy",
  "difference-training-loss",
  "difference-validation-accuracy",
  "learning-rate",
  "sensitivity-parallel",
  "sensitivity",
  "training-loss",
  "tuning",
  "validation-accuracy",
];

Deno.test("the task may run a Chromium by its usual names, and nothing else", () => {
  const command = config.tasks.figures;
  assert.equal(/--allow-run=(\S+)/.exec(command)![1], CHROMIUM_NAMES.join(","));
  assert.doesNotMatch(command, /--allow-(all|net|ffi)| -A/);
});

Deno.test("figures as pictures, by Chromium", await requires("chromium"), async (t) => {
  const root = await Deno.makeTempDir();
  const folder = await experimentFolder({
    folder: join(root, "first"),
    steps: 600,
    stepsPerEpoch: 120,
    arms: [WORDY, HOSTILE, "step ×0.2"],
    diverged: { arm: 2, seed: 3 },
  });
  // The tests' browser under a name that the task may run, wherever it is installed.
  await Deno.mkdir(join(root, ".bin"));
  await Deno.symlink(chromiumPath(), join(root, ".bin", "chromium"));
  const env = { CHROMIUM_PATH: "", PATH: `${join(root, ".bin")}:${Deno.env.get("PATH")}` };
  const figures = (...args: string[]) => cli("figures", args, { env });
  try {
    await t.step("SVG in dark colours: titles, legends and captions are in it, whole and apart", async () => {
      const out = join(root, "dark");
      const ran = await figures(folder, "--format", "svg", "--theme", "dark", "--out", out);
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(await names(out), FIGURES.map((name) => `${name}.svg`));
      const page = await openTab({ viewport: { width: 1000, height: 1200 } });
      for (const name of FIGURES) await checkSvg(page, join(out, `${name}.svg`));
      const loss = await texts(page, join(out, "training-loss.svg"));
      assert.ok(
        loss.includes("Training loss") && loss.includes("training loss (nats)"),
        String(loss),
      );
      assert.ok(loss.some((text) => text.startsWith("Mean over 4 steps")));
      assert.ok(loss.some((text) => text.startsWith(HOSTILE.slice(0, 15))), "a name is text");
      assert.ok(loss.some((text) => text.startsWith("a very long name")));
      const heatmap = await texts(page, join(out, "sensitivity.svg"));
      await page.close();
      assert.ok(
        heatmap.includes("validation accuracy (%)") && heatmap.some((text) => text.startsWith("71.0 ± 0.6")),
      );
    });

    const second = join(root, "second");
    await experimentFolder({ folder: second, arms: ["constant", "step ×0.2"] });
    if (LONG) {
      await t.step("a comparison's figures lie beside the first experiment, as PNG", async () => {
        const drawn = FIGURES.filter((name) =>
          !["sensitivity", "sensitivity-parallel", "tuning"].includes(name)
        );
        await checkPngs(await figures(folder, second), join(root, "comparison-figures"), drawn);
      });
      await t.step("an experiment's figures lie in its own folder, as PNG in light colours", async () => {
        await checkPngs(await figures(folder), join(folder, "figures"), FIGURES);
      });
    }

    await t.step("without a Chromium: how to get or name one, and nothing is written", async () => {
      const out = join(root, "none");
      const cases: [env: Record<string, string>, message: RegExp][] = [
        [{ CHROMIUM_PATH: "", PATH: root }, /no Chromium is installed.*apt install chromium.*CHROMIUM_PATH=/],
        [{ CHROMIUM_PATH: join(root, "x") }, /CHROMIUM_PATH names .*x, and there is no such file/],
        [
          { CHROMIUM_PATH: Deno.execPath() },
          /may run chromium, .* alone\. Allow this one: deno run .*--allow-run=/,
        ],
      ];
      for (const [index, [env, message]] of cases.entries()) {
        // The last is refused by the task's permissions.
        const run = index === cases.length - 1 ? cli : inProcess;
        const { code, stdout, stderr } = await run("figures", [folder, "--out", out], { env });
        assert.equal(code, 1, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, message);
        assert.doesNotMatch(stderr, /^\s+at /m, "a stack trace");
      }
      assert.deepEqual(await names(out).catch(() => []), []);
    });

    await t.step(
      "the pages of a comparison and of the index open without a complaint, in light and dark colours",
      async () => {
        assert.equal((await inProcess("report", [folder, second])).code, 0);
        assert.equal((await inProcess("report", ["--index", root])).code, 0);
        const addressOf = (name: string) => pathToFileURL(join(root, `${name}.html`)).href;
        const themes = ["light", "dark"] as const;
        for (const name of ["comparison", "index"]) {
          for (const colorScheme of LONG ? themes : [themes[name === "index" ? 0 : 1]!]) {
            const address = addressOf(name);
            const { page, complaints, requests } = await openWatched(address, { colorScheme });
            assert.deepEqual(complaints, []);
            assert.deepEqual(requests, [address]);
            const paper = await page.evaluate(() =>
              getComputedStyle(document.documentElement).getPropertyValue("--paper")
            );
            assert.equal(paper.trim(), (colorScheme === "dark" ? DARK : LIGHT).paper);
            await page.close();
          }
        }
        const { page } = await openWatched(addressOf("index"));
        assert.equal(await page.locator("a[href$='report.html']").count(), 0, "no report yet, no link");
        assert.equal((await inProcess("report", [folder])).code, 0);
        assert.equal((await inProcess("report", ["--index", root])).code, 0);
        await page.reload();
        await page.locator("a[href$='first/report.html']").click();
        await page.waitForURL(pathToFileURL(join(folder, "report.html")).href);
        assert.ok(await page.locator("#arms-at-a-glance").isVisible());
        await page.close();
      },
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Every figure and nothing else, wide enough to print, in the paper's colour. */
async function checkPngs(ran: Ran, out: string, figures: readonly string[]): Promise<void> {
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(await names(out), figures.map((name) => `${name}.png`), "and nothing else");
  assert.deepEqual(ran.stdout.trim().split("\n").sort(), figures.map((name) => join(out, `${name}.png`)));
  for (const name of figures) {
    const png = Buffer.from(await Deno.readFile(join(out, `${name}.png`)));
    assert.equal(png.subarray(1, 4).toString("latin1"), "PNG");
    assert.equal(png.readUInt32BE(16), name.startsWith("difference") ? 1280 : 1800, name);
    const { corner, colors } = await pixels(png);
    assert.equal(corner, LIGHT.paper, name);
    assert.ok(colors > 20, `${name} has ${colors} colours`);
  }
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

/** Colour of the first pixel, and how many colours there are. */
async function pixels(png: Buffer): Promise<{ corner: string; colors: number }> {
  const page = await openTab();
  const found = await page.evaluate(async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    canvas.drawImage(image, 0, 0);
    const values = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
    const [red, green, blue] = new Uint8Array(values.buffer);
    return {
      corner: "#" + [red, green, blue].map((value) => value!.toString(16).padStart(2, "0")).join(""),
      colors: new Set(values).size,
    };
  }, `data:image/png;base64,${png.toString("base64")}`);
  await page.close();
  return found;
}

async function texts(page: Page, path: string): Promise<string[]> {
  await page.goto(pathToFileURL(path).href);
  return await page.evaluate(() =>
    [...document.querySelectorAll("text")].map((text) => text.textContent ?? "")
  );
}

/** No text is cut off, none of the head lies over the plot, and all of it is legible on the paper. */
async function checkSvg(page: Page, path: string): Promise<void> {
  await page.goto(pathToFileURL(path).href);
  const { outside, headBottom, plotTop, paper, inks } = await page.evaluate(() => {
    const whole = document.documentElement.getBoundingClientRect();
    const shown = [...document.querySelectorAll("text")].filter((text) => text.textContent !== "");
    const boxes = shown.map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const bottom = (selector: string) =>
      Math.max(
        ...[...document.querySelectorAll(selector)].map((found) => found.getBoundingClientRect().bottom),
      );
    const top = (selector: string) =>
      Math.min(...[...document.querySelectorAll(selector)].map((found) => found.getBoundingClientRect().top));
    const hex = (color: string) =>
      "#" + (color.match(/\d+/g) ?? []).slice(0, 3).map((n) => (+n).toString(16).padStart(2, "0")).join("");
    return {
      outside: boxes.filter(({ box }) =>
        box.left < whole.left - 1 || box.right > whole.right + 1 || box.top < whole.top - 1 ||
        box.bottom > whole.bottom + 1
      ).map(({ text }) => text),
      headBottom: bottom(".head"),
      plotTop: top(".plot, .x2title, .x2tick, .cbtitle, .colorbar"),
      paper: document.querySelector("svg > rect")!.getAttribute("fill"),
      inks: [
        ...document.querySelectorAll<SVGElement>(".head, .legendtext, .xtitle, .ytitle"),
      ].map((
        text,
      ) => hex(getComputedStyle(text).fill)),
    };
  });
  assert.deepEqual(outside, [], path);
  assert.ok(
    headBottom > 20 && headBottom <= plotTop,
    `${path}: the head ends at ${headBottom}, the plot begins at ${plotTop}`,
  );
  assert.equal(paper, DARK.paper);
  assert.ok(inks.length >= 2);
  for (const ink of inks) assert.ok(contrast(ink, DARK.paper) >= 4.5, `${path}: ${ink}`);
}
