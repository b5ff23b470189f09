import { existsSync } from "node:fs";
import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** A real Chromium without a window. */
export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

/** Where systems put theirs. */
const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
];

/** Nothing calls home, and pages are drawn alike on every machine. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--force-color-profile=srgb",
  "--font-render-hinting=none",
];

/**
 * Starts the browser that `CHROMIUM_PATH` names, else the system's, else one that comes as an npm package and needs
 * neither root nor a download.
 */
export const openBrowser = async (): Promise<OpenBrowser> => {
  const named = process.env["CHROMIUM_PATH"];
  const found = named ?? USUAL.find((file) => existsSync(file));
  const browser = await chromium.launch({
    executablePath: found ?? (await sparticuz.executablePath()),
    // Not the package's own arguments: they put everything into one process and switch web security off.
    args: ARGUMENTS,
    headless: true,
  });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
};
