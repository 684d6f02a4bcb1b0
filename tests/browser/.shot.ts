import { chromium } from "playwright-core";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
for (const name of Deno.args) {
  for (const [w, scheme] of [[390, "light"], [1280, "dark"]] as const) {
    const page = await browser.newPage({ viewport: { width: w, height: 1000 }, colorScheme: scheme });
    const file = name.startsWith("/") ? name : `/tmp/l/D/${name}/report.html`;
    await page.goto("file://" + await Deno.realPath(file));
    await page.waitForTimeout(2500);
    await page.screenshot({ path: `/tmp/l/${name.replaceAll("/", "_")}_${w}.png` });
    console.log(name, w, await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]));
    await page.close();
  }
}
await browser.close();
