import { serve } from "../../src/index.ts";

/** A server process for tests that send signals: `serve-in-child.ts DIRECTORY`. */
const [directory = ""] = process.argv.slice(2);
process.exitCode = await serve({
  source: { cwd: directory, env: {}, flags: { port: 0, logLevel: "info" } },
  say: (text) => void process.stderr.write(text),
});
