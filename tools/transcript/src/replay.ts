import { execFileSync } from "node:child_process";
import { presentBody } from "./shorten.ts";

/** One command with what it printed. */
export interface Replayed {
  readonly command: string;
  readonly status: number;
  readonly body: string;
}

/** The address that the guide's lines name. */
const GUIDE_URL = "http://localhost:3000";

const runIdIn = (body: string): string | undefined => /"dag_run_id":"([^"]+)"/.exec(body)?.[1];

/** `+` and `:` of a run id stand for themselves in a path; the rest of what it may hold does too. */
const inPath = (runId: string): string => encodeURIComponent(runId);

const run = (command: string, runId: string): Replayed => {
  const sent = command.replace(/^curl /, String.raw`curl -sS -w '\n%{http_code}' `);
  const printed = execFileSync("sh", ["-c", sent], {
    encoding: "utf8",
    env: { ...process.env, RUN_ID: inPath(runId) },
  });
  const end = printed.lastIndexOf("\n");
  return { command, status: Number(printed.slice(end + 1)), body: printed.slice(0, end) };
};

/**
 * Runs every command as written, but against `url`. `$RUN_ID` is the run that the last `run` line started; before a line
 * that names it, the run is given time to end.
 */
export const replay = async (
  commands: readonly string[],
  options: { readonly url: string; readonly settle: (runId: string) => Promise<void> },
): Promise<readonly Replayed[]> => {
  const done: Replayed[] = [];
  let runId = "";
  let isSettled = true;
  for (const command of commands) {
    if (command.includes("$RUN_ID") && !isSettled) {
      await options.settle(runId);
      isSettled = true;
    }
    const replayed = run(command.replaceAll(GUIDE_URL, options.url), runId);
    done.push({ ...replayed, command });
    if (command.includes("/disaster-recovery/run/")) {
      runId = runIdIn(replayed.body) ?? runId;
      isSettled = false;
    }
  }
  return done;
};

/** The transcript as a page. */
export const toPage = (replayed: readonly Replayed[], about: string): string => {
  const parts = replayed.map(
    ({ command, status, body }) =>
      `\`\`\`bash\n${command}\n\`\`\`\n\nHTTP ${status}\n\n\`\`\`json\n${presentBody(body)}\n\`\`\`\n`,
  );
  return `# The multi-client calls, answered by real servers\n\n${about}\n\n${parts.join("\n")}`;
};
