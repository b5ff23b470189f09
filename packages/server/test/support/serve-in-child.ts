import { serve } from "../../src/index.ts";

/** A server process for tests that send signals: `serve-in-child.ts DIRECTORY [PORT]`. */
const [directory = "", port = "0"] = process.argv.slice(2);
process.exitCode = await serve({
  source: {
    cwd: directory,
    env: {},
    flags: { port: Number(port), logLevel: "info" },
  },
  say: (text) => void process.stderr.write(text),
});
