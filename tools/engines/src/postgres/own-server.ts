import { randomBytes } from "node:crypto";
import { chown, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { withExclusiveLock } from "../cache/exclusive-lock.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { ensureInstalled } from "../install/install.ts";
import { findFreePorts } from "../process/free-ports.ts";
import { identifySelf, isAlive, ProcessIdentity } from "../process/identity.ts";
import { lastLines, runCommand } from "../process/run-command.ts";
import { startProcess } from "../process/start-process.ts";
import type { Progress } from "../progress.ts";
import { mayCreateDatabases } from "./databases.ts";
import { prepareServerHome, type ServerHome } from "./server-account.ts";
import { listServerUsers, registerServerUser, removeServerUser } from "./server-users.ts";

const SERVER_LOCK = "postgres-server";
const USER_NAME = "airfleet";
const START_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** Several engines with their pools want more than the shipped 100. */
const MAX_CONNECTIONS = 300;

const ServerState = z.object({ process: ProcessIdentity, url: z.string() });
type ServerState = z.infer<typeof ServerState>;

const stateFile = (layout: CacheLayout): string => path.join(layout.postgres, "server.json");

const readState = async (layout: CacheLayout): Promise<ServerState | undefined> => {
  const text = await readFile(stateFile(layout), "utf8").catch(() => undefined);
  const state = text === undefined ? undefined : ServerState.parse(JSON.parse(text));
  return state !== undefined && (await isAlive(state.process)) ? state : undefined;
};

const findPackages = async (environment: string): Promise<string> => {
  const versions = (await readdir(path.join(environment, "lib"))).filter((name) => name.startsWith("python"));
  return path.join(environment, "lib", versions[0] ?? "python3", "site-packages");
};

const initialise = async ({ programs, directory, account }: ServerHome): Promise<string> => {
  const data = path.join(directory, "data");
  const passwordFile = path.join(directory, "password");
  const isReady = await stat(path.join(directory, "initialised")).then(
    () => true,
    () => false,
  );
  if (!isReady) {
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(18).toString("base64url"), { mode: 0o600 });
    if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
    // With a password even on loopback: other users of this machine could otherwise run programs as us through COPY.
    const access = ["--username", USER_NAME, "--auth", "scram-sha-256", "--pwfile", passwordFile];
    const args = ["--pgdata", data, "--encoding", "UTF8", "--locale", "C", ...access];
    await runCommand({ command: path.join(programs, "initdb"), args, as: account, directory });
    await writeFile(path.join(directory, "initialised"), "");
  }
  return (await readFile(passwordFile, "utf8")).trim();
};

const start = async (layout: CacheLayout, progress: Progress): Promise<ServerState> => {
  const environment = await ensureInstalled(layout, "postgres", progress);
  const home = await prepareServerHome(layout, await findPackages(environment.directory));
  const password = await initialise(home);
  const [port] = await findFreePorts(1);
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    `port=${port}`,
    `max_connections=${MAX_CONNECTIONS}`,
  ];
  const logFile = path.join(layout.postgres, "server.log");
  const { identity } = await startProcess({
    command: path.join(home.programs, "postgres"),
    args: ["-D", path.join(home.directory, "data"), ...settings.flatMap((setting) => ["-c", setting])],
    environment: { PATH: process.env["PATH"], LC_ALL: "C" },
    directory: home.directory,
    logFile,
    as: home.account,
  });
  const url = `postgresql://${USER_NAME}:${password}@127.0.0.1:${port}/postgres`;
  for (
    const until = Date.now() + START_WITHIN_MS;
    !(await mayCreateDatabases(url).catch(() => false));
    await delay(LOOK_EVERY_MS)
  ) {
    if (Date.now() > until || !(await isAlive(identity))) {
      throw new EngineToolError("POSTGRES_DIED", {
        directory: home.directory,
        tail: lastLines(await readFile(logFile, "utf8")),
      });
    }
  }
  const state = { process: identity, url };
  await writeFile(stateFile(layout), JSON.stringify(state), { mode: 0o600 });
  progress(`started a PostgreSQL server on port ${port}`);
  return state;
};

/** Stops the server unless somebody still uses it. SIGINT is PostgreSQL's "fast" shutdown: clients are cut off, data is whole. */
export const stopUnusedServer = (layout: CacheLayout): Promise<void> =>
  withExclusiveLock(layout, SERVER_LOCK, async () => {
    const state = await readState(layout);
    if (state === undefined || (await listServerUsers(layout)).length > 0) return;
    process.kill(state.process.pid, "SIGINT");
    while (await isAlive(state.process)) await delay(LOOK_EVERY_MS);
    await rm(stateFile(layout), { force: true });
  });

/** The address of our own server while it runs. */
export const ownServerUrl = async (layout: CacheLayout): Promise<string | undefined> => (await readState(layout))?.url;

/** Removes the server of our own with all its databases, unless somebody uses it. */
export const removeOwnServer = async (layout: CacheLayout): Promise<void> => {
  await stopUnusedServer(layout);
  await withExclusiveLock(layout, SERVER_LOCK, async () => {
    if ((await readState(layout)) === undefined) await rm(layout.postgres, { recursive: true, force: true });
  });
};

/** Uses the server of our own until the release, starting it when nobody does. One server serves all processes of the checkout. */
export const useOwnServer = async (
  layout: CacheLayout,
  progress: Progress,
): Promise<{ readonly url: string; readonly release: () => Promise<void> }> => {
  const user = `process-${process.pid}-${randomBytes(4).toString("hex")}`;
  const state = await withExclusiveLock(layout, SERVER_LOCK, async () => {
    await registerServerUser(layout, user, [await identifySelf()]);
    return (await readState(layout)) ?? (await start(layout, progress));
  });
  const release = async (): Promise<void> => {
    await removeServerUser(layout, user);
    await stopUnusedServer(layout);
  };
  return { url: state.url, release };
};
