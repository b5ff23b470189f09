import { serve } from "../../src/index.ts";

/** A server process for tests that send signals: `serve-in-child.ts DIRECTORY [PORT] [ENVIRONMENT as JSON]`. */
const [directory = "", port = "0", environment = "{}"] = process.argv.slice(2);
process.exitCode = await serve({
  source: {
    cwd: directory,
    env: JSON.parse(environment) as Readonly<Record<string, string>>,
    flags: { port: Number(port), logLevel: "info" },
  },
  say: (text) => void process.stderr.write(text),
});
