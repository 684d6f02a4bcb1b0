import plotly from "plotly.js-cartesian-dist-min/plotly-cartesian.min.js" with { type: "text" };
import client from "./client.js" with { type: "text" };
import css from "./page.css" with { type: "text" };
import liveClient from "./live.js" with { type: "text" };
import liveCss from "./live.css" with { type: "text" };
import pictures from "./pictures.js" with { type: "text" };
import explorer from "./programs/explorer.js" with { type: "text" };
import playground from "./programs/playground.js" with { type: "text" };
import programsCss from "./programs.css" with { type: "text" };
import type { PageAssets } from "../render/html.ts";
import type { PictureAssets } from "../render/picture_page.ts";

/** 1.8 MB of text: import this module only where a page is written, by `await import`. */
export const assets: PageAssets = {
  css,
  client,
  plotly,
  programs: { css: programsCss, scripts: { explorer, playground } },
};

/** The same for a page that grows while it is open. */
export const liveAssets: PageAssets = { ...assets, live: { client: liveClient, css: liveCss } };

/** Scripts of the page that saves pictures. */
export const pictureAssets: PictureAssets = { client: pictures, plotly };
