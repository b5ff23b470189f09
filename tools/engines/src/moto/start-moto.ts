import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { ensureInstalled } from "../install/install.ts";
import { findFreePorts } from "../process/free-ports.ts";
import { isAlive } from "../process/identity.ts";
import { lastLines } from "../process/run-command.ts";
import { startProcess } from "../process/start-process.ts";
import { type Progress, silentProgress } from "../progress.ts";

/** A stand-in for AWS: moto's own server, which answers the real AWS clients. What is in it is gone when it stops. */
export interface RunningMoto extends AsyncDisposable {
  /** Address for the clients' `endpoint`, without a slash at the end. */
  readonly url: string;
}

interface StartMoto {
  readonly layout?: CacheLayout;
  readonly progress?: Progress;
}

const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * Starts a server of its own for the caller, on a free port of loopback.
 * @throws MOTO_DIED, INSTALL_FAILED
 */
export const startMoto = async ({
  layout = cacheLayout(),
  progress = silentProgress,
}: StartMoto = {}): Promise<RunningMoto> => {
  const environment = await ensureInstalled(layout, "moto", progress);
  const [port] = await findFreePorts(1);
  const directory = path.join(layout.root, "moto");
  await mkdir(directory, { recursive: true });
  const logFile = path.join(directory, `server-${port}.log`);
  const { identity, ended } = await startProcess({
    command: environment.executable("moto_server"),
    args: ["-H", "127.0.0.1", "-p", String(port)],
    environment: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
    directory,
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + START_WITHIN_MS; !(await answers(url)); await delay(LOOK_EVERY_MS)) {
    if (Date.now() > until || !(await isAlive(identity))) {
      throw new EngineToolError("MOTO_DIED", { directory, tail: lastLines(await readFile(logFile, "utf8")) });
    }
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      if (await isAlive(identity)) process.kill(identity.pid, "SIGTERM");
      await ended;
    },
  };
};
