import { launch } from "./launch.ts";
const [file, out, width] = Deno.args as [string, string, string];
const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: Number(width), height: 900 } })).newPage();
const errors: string[] = [];
page.on("pageerror", (e) => errors.push(String(e)));
await page.goto(`file://${file}`);
await page.waitForTimeout(2500);
await page.screenshot({ path: `${out}-first.png`, fullPage: true });
await page.evaluate(() => { for (const d of (globalThis as any).document.querySelectorAll("details")) d.open = true; });
await page.waitForTimeout(2500);
for (const id of (Deno.args[3] ?? "").split(",").filter(Boolean)) {
  const el = page.locator(`#${id}`).first();
  await el.scrollIntoViewIfNeeded();
  await page.waitForTimeout(600);
  await el.screenshot({ path: `${out}-${id}.png` });
}
console.log(await page.evaluate(() => [(globalThis as any).document.documentElement.scrollWidth, (globalThis as any).innerWidth]), errors);
await browser.close();
