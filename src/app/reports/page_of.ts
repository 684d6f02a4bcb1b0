import type { Report } from "#report/model.ts";

/** The report as one HTML file. What makes it is loaded late: it carries the chart library. */
export async function pageOf(report: Report): Promise<string> {
  const [{ renderPage }, { assets }] = await Promise.all([
    import("#report/render/html.ts"),
    import("#report/page/assets.ts"),
  ]);
  return await renderPage(report, assets);
}
