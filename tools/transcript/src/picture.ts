import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

/** Usage: picture.ts [URL of a running Airfleet]. Draws what the command line shows of it into docs/images/status.svg. */
const [url = "http://127.0.0.1:3000"] = process.argv.slice(2);
const ROOT = path.resolve(import.meta.dirname, "../../..");
const COMMANDS = [["status"], ["dags", "list", "--state", "failed"]];
const FONT_PX = 13;
const LINE_PX = 19;
const COLUMN_PX = 7.82;
const MARGIN_PX = 20;
const LONGEST_OUTPUT = 12;

const run = (args: readonly string[]): readonly string[] => {
  const cli = path.join(ROOT, "packages/cli/dist/main.js");
  const printed = execFileSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, AIRFLEET_URL: url, NO_COLOR: "1" },
  });
  return printed.trimEnd().split("\n").slice(0, LONGEST_OUTPUT);
};

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const lines = COMMANDS.flatMap((args) => [`$ airfleet ${args.join(" ")}`, ...run(args), ""]).slice(0, -1);
const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * COLUMN_PX) + 2 * MARGIN_PX;
const height = lines.length * LINE_PX + 2 * MARGIN_PX;
const colourOf = (line: string): string =>
  line.startsWith("$") ? "#8ab4f8" : /^[A-Z][A-Z ]+ {2}/.test(line) ? "#9aa0a6" : "#e8eaed";
const rows = lines.map(
  (line, index) =>
    `<text x="${MARGIN_PX}" y="${MARGIN_PX + (index + 1) * LINE_PX - 5}" fill="${colourOf(line)}" xml:space="preserve">${escapeXml(line)}</text>`,
);
writeFileSync(
  path.join(ROOT, "docs/images/status.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT_PX}">\n<rect width="100%" height="100%" rx="8" fill="#202124"/>\n${rows.join("\n")}\n</svg>\n`,
);
