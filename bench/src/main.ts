import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { authBackend } from "./auth-backend.ts";
import { changeVisible } from "./change-visible.ts";
import { cliStart } from "./cli-start.ts";
import { embedded } from "./embedded.ts";
import { etl } from "./etl.ts";
import { events } from "./events.ts";
import { fanout } from "./fanout.ts";
import { compile } from "./compile.ts";
import { dagList } from "./dag-list.ts";
import { hang } from "./hang.ts";
import { memory } from "./memory.ts";
import { observe } from "./observe.ts";
import { pollCost } from "./poll-cost.ts";
import { reportHooks } from "./report-hooks.ts";
import { reportLatency } from "./report-latency.ts";
import { reports } from "./reports.ts";
import { stop } from "./stop.ts";
import { subjectPage } from "./subject-page.ts";
import { trigger } from "./trigger.ts";
import { triggerCli } from "./trigger-cli.ts";
import { loadAverage } from "./measure.ts";
import { type Bench, toMarkdown } from "./result.ts";

const BENCHES: readonly Bench[] = [
  fanout,
  hang,
  dagList,
  memory,
  pollCost,
  observe,
  changeVisible,
  cliStart,
  events,
  stop,
  subjectPage,
  reportHooks,
  reportLatency,
  trigger,
  triggerCli,
  reports,
  authBackend,
  etl,
  embedded,
  compile,
];

const HELP = `usage: make bench [ARGS="NAME… [--quick]"]

${BENCHES.map((bench) => `  ${bench.name.padEnd(12)} ${bench.claim}`).join("\n")}

Each runs our code and its baseline in one go and prints the ratio. Results are also kept in .cache/bench/NAME.json.
`;

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(HELP);
  process.exit(0);
}
const quick = args.includes("--quick");
const names = args.filter((arg) => !arg.startsWith("-"));
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(", ")}.\n${HELP}`);
  process.exit(2);
}
mkdirSync(".cache/bench", { recursive: true });
for (const bench of BENCHES) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  process.stdout.write(
    `\n## ${bench.claim}\n\nNode ${process.version}, ${cpus().length} cores, load ${loadAverage()} at the start\n\n`,
  );
  const rows = await bench.run({ quick });
  process.stdout.write(`${toMarkdown(rows)}\n`);
  writeFileSync(
    `.cache/bench/${bench.name}.json`,
    `${JSON.stringify({ at: new Date().toISOString(), node: process.version, load: loadAverage(), rows }, null, 2)}\n`,
  );
}
