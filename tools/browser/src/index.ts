export { type OpenBrowser, openBrowser } from "./open-browser.ts";
